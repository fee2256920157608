"""Makes the document of the history and renders its page: one self-contained HTML file without network access.

How far a lifter's usual rep moved is measured between the first and the newest session with a stored reference.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from livecoach.charts import template
from livecoach.config import paths
from livecoach.config.changes import replace_private
from livecoach.config.files import read_limited
from livecoach.curves import CURVE_KINDS, curve_of
from livecoach.documents import CurveShiftDocument, ExerciseTrend, HistoryDocument, UsualDocument
from livecoach.errors import ConfigError, SourceError
from livecoach.history import words
from livecoach.history.figures import exercise_trends
from livecoach.history.page_plots import Opens, plots, usual_rep_plots
from livecoach.history.reading import PastSession, PastSessions, by_exercise, without_duplicates
from livecoach.history.words import is_estimated, speed_cell, speed_unit
from livecoach.language.units import percent
from livecoach.profile import rep_file
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep
from livecoach.session import layout
from livecoach.types import RepWindow
from livecoach.types.message import Message, capital

LEAST = 3
"""Fewest stored reps of a view that define a usual rep."""
CURVES = ("hip_height", "trunk_lean", "knee_angle")
"""Curves that exist for most exercises and are reliable in every view."""
OF_RAISED_BAR = ("bar_height", "trunk_lean", "elbow_angle")
"""Curves of a lift in which the arms raise the bar."""
MOST_CACHE_BYTES = 4 << 20
"""Largest file of measured shifts; one has 10 kB. Our choice."""
TEMPLATE = Path(__file__).with_name("page.html.j2")
BESTS = 16
"""Most personal bests to list; the JSON has all. Our choice."""
OPEN = 12
"""Most sessions whose table is expanded initially; our choice."""
NO_PROFILE = "-"
"""Stands for sessions without a profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _CachedShift:
    """How far the usual rep of an exercise and profile moved, and between which references."""

    ends: str
    shift: UsualDocument | None


_CACHE = TypeAdapter(dict[str, _CachedShift])


def usual_rep_shift(sessions: Sequence[PastSession]) -> UsualDocument | None:
    """Return how the usual rep moved; None unless two sessions have a reference.

    sessions: of one exercise and profile, oldest first.
    """
    having = [one for one in sessions if one.reference >= LEAST]
    if len(having) < 2:
        return None
    first, last = having[0], having[-1]
    key = f"{first.exercise}/{first.profile or ''}"
    ends = " ".join(f"{one.name}:{_looks(one)}" for one in (first, last))
    cache = _cached()
    if key not in cache or cache[key].ends != ends:
        cache[key] = _CachedShift(ends=ends, shift=_between(having))
        with suppress(OSError):  # it is measured again next time
            replace_private(_cache_file(), _CACHE.dump_json(cache).decode())
    return cache[key].shift


def _cached() -> "dict[str, _CachedShift]":
    """Return the stored measurements: reading and aligning 40 reps takes half a second."""
    try:
        return _CACHE.validate_json(read_limited(_cache_file(), MOST_CACHE_BYTES))
    except (OSError, ValidationError):
        return {}


def _cache_file() -> Path:
    return paths.user_data_dir() / "usual_reps.json"


def _looks(one: PastSession) -> str:
    try:
        return str(os.stat(paths.sessions_dir() / one.name / layout.REFERENCE).st_mtime_ns)
    except OSError:
        return "-"


def _between(sessions: Sequence[PastSession]) -> UsualDocument | None:
    """Compare the view with the most reps in the newest reference among those with enough reps in the first one."""
    begun, now = _first_with_reference(sessions), _first_with_reference(sessions[::-1])
    if begun is None or now is None or begun[0] is now[0]:
        return None
    (first, before), (last, after) = begun, now
    both = [view for view, reps in after.items() if min(len(reps), len(before[view])) >= LEAST]
    if not both:
        return None
    view = max(both, key=lambda name: len(after[name]))
    curves = [_shift(name, before[view], after[view]) for name in _curves_of(first.exercise)]
    return UsualDocument(
        view=view,
        first_day=first.day.isoformat(),
        last_day=last.day.isoformat(),
        reps_before=len(before[view]),
        reps_after=len(after[view]),
        curves=tuple(one for one in curves if one is not None),
    )


def _curves_of(exercise: str) -> tuple[str, ...]:
    """Return the names of the curves that show the usual rep of an exercise."""
    try:
        return OF_RAISED_BAR if load_faults(exercise).travel == "raised_bar" else CURVES
    except ConfigError:  # a session of an exercise that is not installed
        return CURVES


def _first_with_reference(sessions: Sequence[PastSession]) -> tuple[PastSession, dict[str, list[RepWindow]]] | None:
    """Return the first session with enough reps of its exercise in one view, and its stored reps by view.

    A session in which exercises were recognised stores the reps of all of them.
    """
    for one in sessions:
        by_view = _by_view(paths.sessions_dir() / one.name / layout.REFERENCE, one.exercise)
        if any(len(reps) >= LEAST for reps in by_view.values()):
            return one, by_view
    return None


def _by_view(folder: Path, exercise: str) -> dict[str, list[RepWindow]]:
    """Return the stored reps of an exercise by the name of their view; damaged ones are left out, as in judging."""
    by_view: dict[str, list[RepWindow]] = defaultdict(list)
    for path in sorted(folder.glob(f"*{layout.KEPT_REP}")):
        try:
            rep = rep_file.read(path)
        except SourceError:
            continue
        if rep.exercise == exercise:
            by_view[rep.known_view.name].append(rep)
    return by_view


def _shift(name: str, before: Sequence[RepWindow], after: Sequence[RepWindow]) -> CurveShiftDocument | None:
    """Measure how far the median of a curve moved; None if too little of it is known."""
    then, now = _curves(name, before), _curves(name, after)
    if min(len(then), len(now)) < LEAST:
        return None
    usual_then, usual_now = np.median(then, axis=0), np.median(now, axis=0)
    at = int(np.argmax(np.abs(usual_now - usual_then)))
    return CurveShiftDocument(
        words=CURVE_KINDS[name].words,
        unit=CURVE_KINDS[name].unit,
        before=tuple(usual_then.tolist()),
        after=tuple(usual_now.tolist()),
        spread=max(float(np.std(then, axis=0, ddof=1).mean()), CURVE_KINDS[name].least),
        at=at,
    )


def _curves(name: str, reps: Sequence[RepWindow]) -> list[np.ndarray]:
    first = normalised_rep(reps[0])
    normalised = [normalised_rep(rep, None if first is None else first.mirrored) for rep in reps]
    return [curve for one in normalised if one is not None and (curve := curve_of(CURVE_KINDS[name], one)) is not None]


def render_page(document: HistoryDocument, folder: Path | None, home: str = "") -> str:
    """Return the HTML.

    folder: the page's folder, whose reports it links; None for a served page, which links all. home: link to the served
    home page; empty without one.
    """

    def opens(name: str) -> str | None:
        return f"{name}.html" if folder is None or (folder / f"{name}.html").is_file() else None

    sections = [_section(number, trend, document.today, opens) for number, trend in enumerate(document.courses)]
    return template(TEMPLATE).render(
        served=folder is None,
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


def _section(number: int, trend: ExerciseTrend, today: str, opens: Opens) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "title": capital(words.title(trend)),
        "of": trend,
        "plots": plots(trend, opens),
        "volume": words.volume(trend, today),
        "volume_load": words.volume_loads(trend)[0],
        "heaviest": words.volume_loads(trend)[1],
        "moved": [
            *(list(words.moved(one)) for one in trend.moved),
            *([] if trend.usual is None else [list(words.usual(trend.usual))]),
        ],
        "usual": [] if trend.usual is None else usual_rep_plots(trend.usual),
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
        """Return whether a session of one exercise counts."""
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
        courses=exercise_trends([one for one in kept if choice.takes(one)], today, usual_rep_shift),
        notes=tuple(notes),
    )


def past_document(past: PastSessions, choice: HistoryChoice, today: date) -> HistoryDocument:
    """Return the figures of the chosen sessions, each recording counted once."""
    return history_document(*distinct_sessions(past), choice, today)
