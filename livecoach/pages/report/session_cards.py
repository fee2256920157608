"""Draws the lifter at a moment of a rep, and describes a session in a few lines, for pages with several sessions."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from livecoach.core.charts import load_template
from livecoach.core.config import exercise
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.types import Rep, ignore
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message, capitalise, in_words, join_texts
from livecoach.decisions.coaching.rep_figures import attempts_as_counted, count_forms, faults_to_fix, label_counts
from livecoach.decisions.coaching.set_summary import uncounted_notes
from livecoach.decisions.judging.primary import faults_of
from livecoach.decisions.judging.wording import fault_cue
from livecoach.feedback.two_reps import find_crop, make_figure
from livecoach.pages.addresses import report_link
from livecoach.pages.history import history_words as words
from livecoach.pages.history.session_index import IndexedPart
from livecoach.pages.report.overview import DIFFERENT
from livecoach.pages.report.report_page import day_and_time
from livecoach.pages.report.report_pictures import LifterFigure, ReportPictures
from livecoach.pages.report.report_words import (
    correction_form,
    film_name,
    label_rows,
    lifter_name,
    profile_label,
    rep_name,
    running_words,
)
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

SHAPE = 4 / 3  # Smallest ratio of width to height of a thumbnail
MOST_SEARCHED = 300  # Observations that are searched for a person if there are no reps: ten seconds. Our choice.
Card = dict[str, Any]  # Values for a template
LINES_OF_LABELS = {
    "to check": "{text} unlike good ones, without a named fault",
    "bad": "{text} marked bad by you",
    "different": DIFFERENT,
}
"""Label of reps without a named fault → id of the line about these reps on a card; the most important label first."""
PICTURE = Path(__file__).with_name("figure.svg.j2")


def read_thumbnail(folder: Path, profile: str | None, exercise: str) -> LifterFigure | None:
    """Read a session, and draw its lifter in an exercise; None if the session is unreadable, or the lifter not visible.

    The result is cached. Damage is not reported here: the report of the session lists the damage.
    """
    return _figure(folder, profile, exercise, layout.session_stamp(folder))


@lru_cache(maxsize=8)
def _figure(folder: Path, profile: str | None, exercise: str, _: layout.SessionStamp) -> LifterFigure | None:
    try:
        return draw_thumbnail(open_session(folder, ignore).select_lifter(profile).select_exercise(exercise))
    except SessionError:
        return None


def draw_thumbnail(session: Session, rep: Rep | None = None, at_s: float | None = None) -> LifterFigure | None:
    """Draw the lifter at a moment of a rep, or return None if nobody was seen.

    If the observations are damaged, this is reported through the session's `say`, and the result is None.

    Args:
        rep: Rep to show; None for the first good rep, or else the first rep. Without reps, the beginning of the session
            is searched for the lifter.
        at_s: Time to show, in seconds; None for the turn of the rep or, without reps, a time in the middle.
    """
    rep = rep or _rep_to_show(session)
    try:
        if rep is None:
            observations = list(islice(session.read_observations(), MOST_SEARCHED))
        else:
            observations = list(session.read_observations(rep.start_s, rep.end_s))
    except (SourceError, ValueError, TypeError) as err:
        session.say(str(err))
        return None
    people = [observation for observation in observations if observation.landmarks is not None]
    if not people:
        return None
    words = "the lifter at the turn of a rep" if rep and at_s is None else "the lifter"
    if at_s is None:
        at_s = people[len(people) // 2].t_s if rep is None else rep.turn_s
    shown = min(people, key=lambda observation: abs(observation.t_s - at_s))
    crop = find_crop(people)
    if crop is None:
        return None
    width = max(crop.width, SHAPE * crop.height)
    crop = replace(crop, left=crop.left - (width - crop.width) / 2, width=width)
    with ReportPictures(session, blur_faces=False) as pictures:
        picture = pictures.still_uri(shown, crop)
    name = "" if rep is None else rep_name(rep)
    return LifterFigure(cropped=make_figure(shown, crop), crop=crop, words=words, picture=picture, name=name)


def render_thumbnail(session: Session, rep: Rep) -> str:
    """Return the thumbnail of a rep as SVG, blank if nobody was seen."""
    return load_template(PICTURE).render(f=draw_thumbnail(session, rep))


def _rep_to_show(session: Session) -> Rep | None:
    """Return the first good rep, or else the first rep; None without reps. A late rep would take long to read."""
    return next(chain((rep for rep in session.counted_reps if rep.form == "good"), session.counted_reps), None)


def session_card(session: Session, figure: LifterFigure | None = None, others: Sequence[str | None] = ()) -> Card:
    """Return the values of the template of a card about a lifter's session.

    Args:
        figure: Picture of the lifter; None if the page does not show it, or loads the picture of a rep.
        others: Profiles of the session's other lifters.
    """
    parts, shown, running = session.parts, _rep_to_show(session), capitalise(running_words(session))
    return {
        "name": session.name,
        "running": running,
        "key": part_key(parts[0]) if parts else "",
        "title": running or join_texts(", ", *(exercise_title(part.exercise) for part in parts)),
        "when": day_and_time(session.start_time, "%a", "%b"),
        "who": profile_label(session.profile),
        "film": film_name(session.about.session, is_live=session.is_live),
        "others": join_texts(", ", *map(lifter_name, others)),
        "counts": [] if running else label_rows(session.completed_reps),
        "line": "" if running else _line(session, parts),
        "loads": words.load_range([load_kg for load_kg, _ in session.loaded_sets]),
        "report": report_link(session.name, session.profile),
        "first_set": min((session_set.number for session_set in session.counted_sets), default=None),
        "figure": figure,
        "picture": None if shown is None else f"{quote(session.name, safe='')}/{shown.set}/{shown.number}.svg",
        "profile": session.profile or NO_PROFILE,
        "corrected": correction_form(session.completed_reps),
    }


def part_key(part: Session | IndexedPart) -> str:
    """Return the key of a lifter's exercise in a session, SESSION/PROFILE/EXERCISE, for the addresses of pages."""
    return "/".join((part.name, part.profile or NO_PROFILE, part.exercise))


def session_title(session: Session) -> str:
    """Return the title of a session, such as "Squat · Mon, 1 Jun 2026, 18:00 · anna, ben"."""
    title = join_texts(", ", *dict.fromkeys(exercise_title(part.exercise) for part in session.parts))
    who = join_texts(", ", *map(profile_label, session.profiles))
    return join_texts(" · ", title or "No exercise", day_and_time(session.start_time, "%a", "%b"), who)


def _line(session: Session, parts: Sequence[Session]) -> str:
    verdicts = count_forms(session.completed_reps)
    labelled = label_counts(verdicts)
    first = [_to_fix_first(part, several=len(parts) > 1) for part in parts]
    if any(first):
        return Message("To fix first: {text}", text=join_texts("; ", *first))
    if not verdicts["reps"]:
        return Message("No reps")
    for label, odd in LINES_OF_LABELS.items():
        if label in labelled:
            return Message(odd, text=words.reps(labelled[label]))
    shallow = parts[0].shallow_count if parts else 0
    if shallow:
        return capitalise(next(iter(uncounted_notes({"shallow": shallow}))))
    asked = "Are these your good reps?" if verdicts["alike"] else "No rep could be judged"
    return Message("No fault was seen" if verdicts["good"] else asked)


def _to_fix_first(part: Session, *, several: bool) -> str:
    """Describe the fault to fix first in an exercise, such as "“stay tall”, in 2 reps"; empty without a fault."""
    faults = faults_to_fix(part.completed_reps, faults_of(part.exercise))
    name = next(iter(faults), None)
    if name is None:
        return ""
    in_reps = faults[name].in_words(len(attempts_as_counted(part.completed_reps)))
    what = Message("“{text}”, in {text2}", text=fault_cue(name, part.exercise), text2=in_reps)
    return join_texts(": ", exercise_title(part.exercise) if several else "", what)


def exercise_title(name: str) -> str:
    """Return the title of an exercise or, for an exercise that is not installed, the name in words."""
    return exercise.load(name).title if name in exercise.names() else capitalise(in_words(name))
