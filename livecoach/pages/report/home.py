"""The home page: sessions, trends and profiles at a glance, with links to the reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from livecoach.core.charts import template
from livecoach.core.config import exercise, load_settings
from livecoach.core.config.paths import sessions_dir
from livecoach.core.documents import RepEvent
from livecoach.core.documents.history import ExerciseTrend, HistoryDocument
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.types import Rep, ignore
from livecoach.core.types.message import Message, capital, in_words, joined
from livecoach.decisions.coaching.figures import attempts, counts, faults_to_fix
from livecoach.decisions.coaching.set_summary import tried_notes
from livecoach.decisions.judging.primary import faults_of
from livecoach.decisions.judging.wording import fault_cue
from livecoach.feedback.two_reps import crop_of, figure_at
from livecoach.pages import offered
from livecoach.pages.addresses import HISTORY, served_report
from livecoach.pages.history import words
from livecoach.pages.history.page import main_plot
from livecoach.pages.history.reading import Past
from livecoach.pages.report.overview import DIFFERENT
from livecoach.pages.report.page import day_and_time
from livecoach.pages.report.pictures import LifterFigure, ReportPictures
from livecoach.pages.report.words import correction_of, form_counts, lifter, named, rep_name
from livecoach.records.knowledge import Knowledge
from livecoach.records.profile import Profile, profile_names
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import NO_PROFILE, Session

SHAPE = 4 / 3  # Least width over height
MOST_SEARCHED = 300  # Most observations searched for a person in a session without reps: ten seconds. Our choice.
NEWEST = 24  # Most sessions on the page; the history lists all. Our choice: two screens.
Card = dict[str, Any]  # What the template shows of a session, a trend or a profile
TEMPLATE, PICTURE = (Path(__file__).with_name(name) for name in ("home.html.j2", "figure.svg.j2"))


def figure_of(folder: Path, profile: str | None, exercise: str | None = None) -> LifterFigure | None:
    """Return the thumbnail of a lifter's session, or of an exercise in it, if any. Damage is listed on its report."""
    return _figure(folder, profile, exercise, layout.stamp(folder))


@lru_cache(maxsize=4 * NEWEST)
def _figure(folder: Path, profile: str | None, exercise: str | None, _: layout.Stamp) -> LifterFigure | None:
    try:
        session = open_session(folder, ignore).of_lifter(profile)
        return thumbnail(session if exercise is None else session.of_exercise(exercise))
    except SessionError:
        return None


def thumbnail(session: Session, rep: Rep | None = None, at_s: float | None = None) -> LifterFigure | None:
    """Draw the lifter at a moment of a rep, by default at the turn of a good one; None if nobody was seen. The
    session's `say` hears of damage."""
    rep = rep or _rep_to_show(session.corrected_reps)
    try:
        if rep is None:
            observations = list(islice(session.observations(), MOST_SEARCHED))
        else:
            observations = list(session.observations(rep.start_s, rep.end_s))
    except (SourceError, ValueError, TypeError) as err:
        session.say(str(err))
        return None
    people = [one for one in observations if one.landmarks is not None]
    if not people:
        return None
    if at_s is None:
        at_s = people[len(people) // 2].t_s if rep is None else rep.turn_s
    shown = min(people, key=lambda one: abs(one.t_s - at_s))
    crop = crop_of(people)
    if crop is None:
        return None
    width = max(crop.width, SHAPE * crop.height)
    crop = replace(crop, left=crop.left - (width - crop.width) / 2, width=width)
    with ReportPictures(session, without_faces=False) as pictures:
        picture = pictures.still(shown, crop)
    words = "the lifter at the turn of a rep" if rep else "the lifter"
    name = "" if rep is None else rep_name(rep)
    return LifterFigure(moment=figure_at(shown, crop), crop=crop, words=words, picture=picture, name=name)


def rep_picture(session: Session, rep: RepEvent) -> str:
    return template(PICTURE).render(f=thumbnail(session, rep.rep))


def _rep_to_show(reps: Sequence[RepEvent]) -> Rep | None:
    """Return the first good rep, or else the first one: reading an hour of observations up to it is quick."""
    counting = [event.rep for event in reps if event.rep.counts]
    good = (rep for rep in counting if rep.form == "good")
    return next(chain(good, counting), None)


def newest(sessions: Sequence[Session]) -> Sequence[Session]:
    return sessions[: -NEWEST - 1 : -1]


def session_card(session: Session, figure: LifterFigure | None, others: Sequence[str | None] = ()) -> Card:
    """others: profiles of the other lifters of the session."""
    parts = session.parts
    return {
        "name": session.name,
        "key": session_key(parts[0]) if parts else "",
        "title": joined(", ", *(title_of(part.exercise) for part in parts)),
        "when": day_and_time(session.started, "%a", "%b"),
        "who": session.profile,
        "others": joined(", ", *map(lifter, others)),
        "counts": form_counts(session.completed),
        "line": _line(session, parts),
        "loads": words.load_range([load_kg for load_kg, _ in session.loaded_sets]),
        "report": served_report(session.name, session.profile),
        "first_set": min((one.number for one in session.sets if one.counted), default=None),
        "figure": figure,
        "profile": session.profile or NO_PROFILE,
        "corrected": correction_of(session.completed),
    }


def session_key(part: Session) -> str:
    """Name an exercise of a lifter in a session in an address."""
    return "/".join((part.name, part.profile or NO_PROFILE, part.exercise))


def session_title(session: Session) -> str:
    """Name a session in a line: "Squat · Mon, 1 Jun 2026, 18:00 · anna, ben"."""
    title = joined(", ", *dict.fromkeys(title_of(part.exercise) for part in session.parts))
    who = joined(", ", *map(named, session.profiles))
    return joined(" · ", title or "No exercise", day_and_time(session.started, "%a", "%b"), who)


def _line(session: Session, parts: Sequence[Session]) -> str:
    """Say in a line how a session was. parts: those of its exercises."""
    verdicts = counts(session.completed)
    first = [_to_fix_first(part, several=len(parts) > 1) for part in parts]
    if any(first):
        return Message("To fix first: {text}", text=joined("; ", *first))
    if not verdicts["reps"]:
        return Message("No reps")
    for form, odd in (("anomalous", "{text} unlike good ones, without a named fault"), ("different", DIFFERENT)):
        if verdicts[form]:
            return Message(odd, text=words.reps(verdicts[form]))
    shallow = parts[0].too_shallow if parts else 0
    if shallow:
        return capital(next(iter(tried_notes({"shallow": shallow}))))
    asked = "Are these your good reps?" if verdicts["alike"] else "No rep could be judged"
    return Message("No fault was seen" if verdicts["good"] else asked)


def _to_fix_first(part: Session, *, several: bool) -> str:
    """Return what the report tells to fix first in an exercise, "“stay tall”, in 2 reps"; empty if that is nothing.

    several: the session has other exercises, so this one is named.
    """
    faults = faults_to_fix(part.completed, faults_of(part.exercise))
    name = next(iter(faults), None)
    if name is None:
        return ""
    in_reps = faults[name].in_words(len(attempts(part.completed)))
    what = Message("“{text}”, in {text2}", text=fault_cue(name, part.exercise), text2=in_reps)
    return joined(": ", title_of(part.exercise) if several else "", what)


def trend_cards(document: HistoryDocument) -> list[Card]:
    """Return a card for each exercise and profile, in the order in which the history page numbers them."""
    return [
        {
            "title": joined(" · ", title_of(trend.exercise), named(trend.profile)),
            "link": f"{HISTORY}.html#c{number}",
            "lines": _trends(trend),
            "plot": main_plot(trend),
        }
        for number, trend in enumerate(document.courses)
    ]


def _trends(trend: ExerciseTrend) -> list[str]:
    lines = [words.totals(trend), *trend.back]
    heaviest = next((one for one in trend.bests if one.kind == "heaviest_rep"), None)
    if heaviest is not None:
        lines.append(words.best(heaviest))
    most = trend.one_rep_max
    if most is not None:
        lines.append(Message("estimated 1RM: about {text}", text=words.whole(most.load_kg)))
    return [capital(line) for line in lines]


def profile_cards(lifters: Sequence[str], say: Callable[[str], object]) -> list[Card]:
    every = [(name, Knowledge(Profile(name, say), say)) for name in sorted(profile_names(lifters))]
    return [
        {"name": name, "exercises": [(one, title_of(one), len(reps)) for one, reps in known.latest()]}
        for name, known in every
    ]


def title_of(name: str) -> str:
    """Return the title of an exercise; for one that is not installed, its name as words."""
    return exercise.load(name).title if name in exercise.names() else capital(in_words(name))


def home_page(
    past: Past,
    document: HistoryDocument,
    say: Callable[[str], object],
    *,
    whose: str | None = None,
    deleted: Mapping[str, str] = MappingProxyType({}),
    starts: bool = False,
) -> str:
    """Return the HTML of the home page.

    document: the figures of the sessions that it shows. say: called with a line about each damaged rep of a profile.
    whose: the only lifter to show, a profile or NO_PROFILE; None for everybody. deleted: names of the sessions whose
    deletion can be undone, with their titles. starts: whether a button opens the start screen.
    """
    cards = []
    sessions = [one for one in past.sessions if whose is None or whose in {of or NO_PROFILE for of in one.profiles}]
    for one in newest(sessions):
        folder = sessions_dir() / one.name
        for profile in one.profiles if whose is None else [None if whose == NO_PROFILE else whose]:
            others = [name for name in one.profiles if name != profile]
            cards.append(session_card(one.of_lifter(profile), figure_of(folder, profile), others))
    return template(TEMPLATE).render(
        sessions=cards,
        trends=trend_cards(document),
        profiles=profile_cards(past.people, say),
        count=len(sessions),
        notes=document.notes,
        history=f"{HISTORY}.html",
        people={lifter(name): (name, name == whose) for name in past.people},
        planners=offered.profiles(load_settings({})),
        deleted=deleted,
        starts=starts,
    )
