"""What the home page shows: the newest sessions, the trends of each exercise and profile, and the profiles."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from livecoach.config import exercise
from livecoach.documents import CourseDocument, HistoryDocument
from livecoach.history import words
from livecoach.history.figures import fault_counts
from livecoach.history.records import PastRep, PastSession, by_exercise
from livecoach.home import pages
from livecoach.profile import Profile, profile_names
from livecoach.report.lifter_figure import LifterFigure
from livecoach.types import Verdict

CLEAR = ("rarer", "more often")
"""Trends of a fault that are told."""
NEWEST = 24
"""Sessions that are shown. The history lists all. Our choice: two screens, and reports of a minute or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCard:
    """A session on the page."""

    name: str
    title: str
    when: str
    who: str | None
    counts: tuple[tuple[str, int, str], ...]
    """Verdict, number of reps, and the verdict in words."""
    line: str
    """What to fix first, or that nothing is."""
    loads: str
    """Lightest and heaviest load; empty where none is known."""
    report: str | None
    """Link target; None where no report could be made."""
    figure: LifterFigure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendCard:
    """How one exercise of one profile goes."""

    title: str
    link: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCard:
    """A profile."""

    name: str
    exercises: tuple[tuple[str, int], ...]
    """Titles of the exercises, with the number of good reps that are kept of each."""


def newest(sessions: Sequence[PastSession]) -> Sequence[PastSession]:
    """Return the sessions that are shown, newest first. sessions: as they were recorded, oldest first."""
    return sessions[: -NEWEST - 1 : -1]


def session_card(session: PastSession, figure: LifterFigure | None) -> SessionCard:
    """Return the card of a session, with a link to its report if there is one."""
    parts = by_exercise([session])
    verdicts = Counter(rep.verdict for rep in session.reps)
    counts = (("good", verdicts["good"], "good"), ("wrong", verdicts["anomalous"], "to look at"))
    name = session.name
    there = name not in {pages.HOME, pages.HISTORY} and pages.page_file(name).is_file()
    return SessionCard(
        name=name,
        title=", ".join(title_of(part.exercise) for part in parts),
        when=f"{session.started:%a}, {session.started.day} {session.started:%b %Y, %H:%M}",
        who=session.profile,
        counts=tuple(one for one in (*counts, ("unsure", verdicts["unsure"], "not judged")) if one[1]),
        line=_line(session.reps, verdicts),
        loads=words.load_range([load_kg for load_kg, _ in session.loaded_sets]),
        report=f"{name}.html" if there else None,
        figure=figure,
    )


def _line(reps: Sequence[PastRep], verdicts: Mapping[Verdict, int]) -> str:
    if not reps:
        return "No reps"
    first = next(iter(fault_counts(reps).items()), None)
    if first is not None:
        return f"To fix first: {words.plain(first[0])}, in {words.count(first[1], 'rep')}"
    if verdicts["anomalous"]:
        return f"{words.count(verdicts['anomalous'], 'rep')} unlike good ones, without a named fault"
    return "No fault was seen" if verdicts["good"] else "No rep could be judged"


def trend_cards(document: HistoryDocument) -> list[TrendCard]:
    """Return a card for each exercise and profile, as the history page numbers them."""
    return [
        TrendCard(
            title=_course_title(course),
            link=f"{pages.HISTORY}.html#c{number}",
            lines=tuple(_trends(course, document.today)),
        )
        for number, course in enumerate(document.courses)
    ]


def _course_title(course: CourseDocument) -> str:
    who = "" if course.profile is None else f" · {course.profile}"
    return f"{title_of(course.exercise)}{who}"


def _trends(course: CourseDocument, today: str) -> list[str]:
    lines = [words.volume(course, today).partition(";")[0]]
    heaviest = next((one for one in course.bests if one.kind == "heaviest_rep"), None)
    if heaviest is not None:
        lines.append(words.best(heaviest))
    most = course.one_rep_max
    if most is not None and most.load_kg is not None:
        lines.append(f"Estimated 1RM: about {words.whole(most.load_kg)}")
    if course.counts.alarms.value is not None:
        lines.append(f"Alarms: {words.of(course.counts.alarms)}")
    lines += [f"{words.plain(one.name)}: {one.trend} lately" for one in course.faults if one.trend in CLEAR]
    if course.streak.current > 1:
        lines.append(f"{course.streak.current} weeks in a row")
    return [words.capital(line) for line in lines]


def profile_cards(say: Callable[[str], object]) -> list[ProfileCard]:
    """Return a card for each profile. say: called with a line about each damaged rep."""
    found = []
    for name in profile_names():
        profile = Profile(name, say)
        kept = tuple((title_of(one), len(profile.entries(one))) for one in profile.exercises())
        if kept:
            found.append(ProfileCard(name=name, exercises=kept))
    return found


def title_of(name: str) -> str:
    """Return the title of an exercise; for one that is not installed, its name as words."""
    return exercise.load(name).title if name in exercise.names() else words.capital(words.plain(name))
