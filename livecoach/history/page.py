"""Makes the document of the history and renders its page: one self-contained HTML file without network access."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from livecoach.charts import template
from livecoach.documents import ExerciseTrend, HistoryDocument
from livecoach.history import words
from livecoach.history.figures import exercise_trends
from livecoach.history.page_plots import Opens, plots
from livecoach.history.reading import PastSession, PastSessions, by_exercise, without_duplicates
from livecoach.history.words import is_estimated, speed_cell, speed_unit
from livecoach.language import percent
from livecoach.plot import inline_script
from livecoach.types.message import Message, capital

TEMPLATE = Path(__file__).with_name("page.html.j2")
BESTS = 16
"""Most personal bests to list; the JSON has all. Our choice."""
OPEN = 12
"""Most sessions whose table is expanded initially; our choice."""
NO_PROFILE = "-"
"""Stands for sessions without a profile."""


def render_page(document: HistoryDocument, folder: Path | None, home: str = "") -> str:
    """Return the HTML.

    folder: the page's folder, whose reports it links; None for a served page, which links all. home: link to the served
    home page; empty without one.
    """

    def opens(name: str) -> str | None:
        return f"{name}.html" if folder is None or (folder / f"{name}.html").is_file() else None

    sections = [_section(number, trend, opens) for number, trend in enumerate(document.courses)]
    return template(TEMPLATE).render(
        served=folder is None,
        script=inline_script(),
        home=home,
        document=document,
        courses=sections,
        words=words,
        opens=opens,
        open=OPEN,
        bests=BESTS,
        percent=percent,
        speed_cell=speed_cell,
        speed_unit=speed_unit(),
    )


def _section(number: int, trend: ExerciseTrend, opens: Opens) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "title": capital(words.title(trend)),
        "of": trend,
        "plots": plots(trend, opens),
        "volume_load": words.volume_loads(trend)[0],
        "heaviest": words.volume_loads(trend)[1],
        "estimates": any(one.speed is not None and is_estimated(one.speed.unit) for one in trend.sessions),
        "loss": any(one.speed is not None and one.speed.loss is not None for one in trend.sessions),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChoice:
    """Which sessions count. None: all."""

    exercise: str | None = None
    profile: str | None = None
    """Name of a profile, or NO_PROFILE."""
    first: date | None = None
    """First day that counts."""

    def takes(self, one: PastSession) -> bool:
        return (
            self.exercise in {None, one.exercise}
            and self.profile in {None, one.profile or NO_PROFILE}
            and (self.first is None or one.day >= self.first)
        )


def distinct_sessions(past: PastSessions) -> tuple[list[PastSession], list[str]]:
    """Return the sessions by exercise, each recording once, and notes on what is damaged or left out."""
    kept, again = without_duplicates(by_exercise(past.sessions))
    notes = list(past.notes)
    if again:
        copies = tuple(dict.fromkeys(one.name for one in again))
        one = "{name}: duplicates of other sessions' recordings, counted once"
        more = "{name} and {n} more: duplicates of other sessions' recordings, counted once"
        notes.append(Message(one if len(copies) == 1 else more, name=copies[0], n=len(copies) - 1))
    return kept, notes


def history_document(
    kept: Sequence[PastSession], notes: Sequence[str], choice: HistoryChoice, today: date
) -> HistoryDocument:
    """Return the figures of the chosen sessions. kept, notes: as distinct_sessions returns them."""
    return HistoryDocument(
        today=today.isoformat(),
        since=None if choice.first is None else choice.first.isoformat(),
        courses=exercise_trends([one for one in kept if choice.takes(one)]),
        notes=tuple(notes),
    )


def past_document(past: PastSessions, choice: HistoryChoice, today: date) -> HistoryDocument:
    return history_document(*distinct_sessions(past), choice, today)
