"""Renders the report page: the sections of a session in the order in which a coach reads them.

A session of several exercises has a part for each, with its own model, reference and faults.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.assembly import Coach
from livecoach.charts import template
from livecoach.language.page import translated
from livecoach.report import header, visibility, words
from livecoach.report.content import ReportContent
from livecoach.report.exercise_part import ExercisePart, PartInput, exercise_part
from livecoach.report.pictures import ReportPictures
from livecoach.session.stored import Session

MARKER = '<meta name="generator" content="livecoach report">'
"""Line near the top of a page that identifies it as a report."""
TEMPLATE = Path(__file__).with_name("report.html.j2")


@dataclass(frozen=True, kw_only=True)
class PageInput:
    """Everything that a page is rendered from."""

    session: Session
    coaches: Mapping[str, Coach]
    """Coach of each exercise of the session, by its name, in the order of the exercises."""
    gathered: ReportContent
    pictures: ReportPictures
    damage: Sequence[str]
    """One line for each damaged part of the session."""
    called: Mapping[int, str] = field(init=False)
    """Index of a rep → its display name."""
    rep_done: Callable[[], object] = tuple
    """Called after each rep, which takes the most time."""

    def __post_init__(self) -> None:
        reps = (*self.gathered.reps, *self.gathered.not_counted)
        names = {entry.rep.index: words.rep_name(entry) for entry in reps}
        object.__setattr__(self, "called", names)


def render_page(making: PageInput) -> str:
    """Return the HTML of a report."""
    gathered = making.gathered
    parts = [_part(making, name) for name in making.coaches]
    content = {
        "session": making.session.name,
        "top": header.header(making.session, gathered, [part.title for part in parts]),
        "parts": parts,
        "partials": [] if parts else [words.partial_words(one, None) for one in gathered.partials],
        "warnings": visibility.warnings(making.session.events),
        "filmed": any(part.duo is not None and part.duo.filmed for part in parts),
        "clips": any(part.duo is not None and part.duo.clip is not None for part in parts),
        "about": header.session_facts(making.session, gathered),
        # Without the folder's path: pages are passed on to other people.
        "damage": list(dict.fromkeys(line.replace(f"{making.session.folder}/", "") for line in making.damage)),
    }
    return translated(template(TEMPLATE).render(content))


def _part(making: PageInput, name: str) -> ExercisePart:
    session, gathered = making.session, making.gathered
    return exercise_part(
        PartInput(
            coach=making.coaches[name],
            gathered=gathered.of(name),
            several_sets=len(gathered.sets) > 1,
            called=making.called,
            pictures=making.pictures,
            events=session.events,
            height_cm=session.about.settings.height_cm,
            logs=session.set_logs,
            rep_done=making.rep_done,
        )
    )
