"""Makes the home page, which shows sessions, trends and profiles at a glance, with links to the reports."""

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
from livecoach.core.types.message import Message, capital, in_words, join_texts
from livecoach.decisions.coaching.rep_figures import attempts, counts, faults_to_fix
from livecoach.decisions.coaching.set_summary import tried_notes
from livecoach.decisions.judging.primary import faults_of
from livecoach.decisions.judging.wording import fault_cue
from livecoach.feedback.two_reps import crop_of, figure_at
from livecoach.pages import offered
from livecoach.pages.addresses import HISTORY, served_report
from livecoach.pages.history import history_words as words
from livecoach.pages.history.history_page import main_plot
from livecoach.pages.history.reading import Past
from livecoach.pages.report.overview import DIFFERENT
from livecoach.pages.report.report_page import day_and_time
from livecoach.pages.report.report_pictures import LifterFigure, ReportPictures
from livecoach.pages.report.report_words import correction_of, form_counts, lifter_name, profile_label, rep_name
from livecoach.records.knowledge import Knowledge
from livecoach.records.profile import Profile, profile_names
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import NO_PROFILE, Session

SHAPE = 4 / 3  # Smallest ratio of width to height of a thumbnail
MOST_SEARCHED = 300  # Observations that are searched for a person if there are no reps: ten seconds. Our choice.
NEWEST = 24  # Most sessions on the page: two screens. The history lists all. Our choice.
Card = dict[str, Any]  # Values for the template: of a session, a trend or a profile
TEMPLATE, PICTURE = (Path(__file__).with_name(name) for name in ("home.html.j2", "figure.svg.j2"))


def figure_of(folder: Path, profile: str | None, exercise: str | None = None) -> LifterFigure | None:
    """Return the thumbnail of a lifter's session, or of an exercise in it; None without a visible lifter.

    Damage is not reported here: the report of the session lists it.
    """
    return _figure(folder, profile, exercise, layout.stamp(folder))


@lru_cache(maxsize=4 * NEWEST)
def _figure(folder: Path, profile: str | None, exercise: str | None, _: layout.Stamp) -> LifterFigure | None:
    try:
        session = open_session(folder, ignore).of_lifter(profile)
        return thumbnail(session if exercise is None else session.of_exercise(exercise))
    except SessionError:
        return None


def thumbnail(session: Session, rep: Rep | None = None, at_s: float | None = None) -> LifterFigure | None:
    """Draw the lifter at a moment of a rep. Return None if nobody was seen.

    Damage is reported through the session's `say`.

    Args:
        rep: Rep to show; None for the first good rep.
        at_s: Time to show, in seconds; None for the turn of the rep.
    """
    rep = rep or _rep_to_show(session.corrected_reps)
    try:
        if rep is None:
            observations = list(islice(session.observations(), MOST_SEARCHED))
        else:
            observations = list(session.observations(rep.start_s, rep.end_s))
    except (SourceError, ValueError, TypeError) as err:
        session.say(str(err))
        return None
    people = [observation for observation in observations if observation.landmarks is not None]
    if not people:
        return None
    if at_s is None:
        at_s = people[len(people) // 2].t_s if rep is None else rep.turn_s
    shown = min(people, key=lambda observation: abs(observation.t_s - at_s))
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
    """Return the thumbnail of a rep as SVG."""
    return template(PICTURE).render(f=thumbnail(session, rep.rep))


def _rep_to_show(reps: Sequence[RepEvent]) -> Rep | None:
    """Return the first good rep, or else the first rep, because reading an hour of observations up to it is quick."""
    counting = [event.rep for event in reps if event.rep.counts]
    good = (rep for rep in counting if rep.form == "good")
    return next(chain(good, counting), None)


def newest_sessions(sessions: Sequence[Session]) -> Sequence[Session]:
    """Return the newest sessions, newest first."""
    return sessions[: -NEWEST - 1 : -1]


def session_card(session: Session, figure: LifterFigure | None, others: Sequence[str | None] = ()) -> Card:
    """Return the card of a lifter's session."""
    parts = session.parts
    return {
        "name": session.name,
        "key": session_key(parts[0]) if parts else "",
        "title": join_texts(", ", *(title_of(part.exercise) for part in parts)),
        "when": day_and_time(session.started, "%a", "%b"),
        "who": session.profile,
        "others": join_texts(", ", *map(lifter_name, others)),
        "counts": form_counts(session.completed_reps),
        "line": _line(session, parts),
        "loads": words.load_range([load_kg for load_kg, _ in session.loaded_sets]),
        "report": served_report(session.name, session.profile),
        "first_set": min(
            (session_set.number for session_set in session.sets if session_set.counted_reps), default=None
        ),
        "figure": figure,
        "profile": session.profile or NO_PROFILE,
        "corrected": correction_of(session.completed_reps),
    }


def session_key(part: Session) -> str:
    """Return the key of a lifter's exercise in a session, for an address."""
    return "/".join((part.name, part.profile or NO_PROFILE, part.exercise))


def session_title(session: Session) -> str:
    """Return the title of a session, such as "Squat · Mon, 1 Jun 2026, 18:00 · anna, ben"."""
    title = join_texts(", ", *dict.fromkeys(title_of(part.exercise) for part in session.parts))
    who = join_texts(", ", *map(profile_label, session.profiles))
    return join_texts(" · ", title or "No exercise", day_and_time(session.started, "%a", "%b"), who)


def _line(session: Session, parts: Sequence[Session]) -> str:
    """Describe a session in a line."""
    verdicts = counts(session.completed_reps)
    first = [_to_fix_first(part, several=len(parts) > 1) for part in parts]
    if any(first):
        return Message("To fix first: {text}", text=join_texts("; ", *first))
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
    """Describe the fault to fix first in an exercise, such as "“stay tall”, in 2 reps"; empty without a fault.

    Args:
        several: Whether the session has several exercises, and the exercise must be named.
    """
    faults = faults_to_fix(part.completed_reps, faults_of(part.exercise))
    name = next(iter(faults), None)
    if name is None:
        return ""
    in_reps = faults[name].in_words(len(attempts(part.completed_reps)))
    what = Message("“{text}”, in {text2}", text=fault_cue(name, part.exercise), text2=in_reps)
    return join_texts(": ", title_of(part.exercise) if several else "", what)


def trend_cards(document: HistoryDocument) -> list[Card]:
    """Return the card of each trend, in the order in which the history page numbers them."""
    return [
        {
            "title": join_texts(" · ", title_of(trend.exercise), profile_label(trend.profile)),
            "link": f"{HISTORY}.html#c{number}",
            "lines": _trends(trend),
            "plot": main_plot(trend),
        }
        for number, trend in enumerate(document.courses)
    ]


def _trends(trend: ExerciseTrend) -> list[str]:
    lines = [words.totals(trend), *trend.back]
    heaviest = next((best for best in trend.bests if best.kind == "heaviest_rep"), None)
    if heaviest is not None:
        lines.append(words.best_words(heaviest))
    most = trend.one_rep_max
    if most is not None:
        lines.append(Message("estimated 1RM: about {text}", text=words.rounded_load(most.load_kg)))
    return [capital(line) for line in lines]


def profile_cards(lifters: Sequence[str], say: Callable[[str], object]) -> list[Card]:
    """Return the card of each profile, with the number of reps in each reference.

    Args:
        lifters: Names of lifters, in addition to the profiles.
        say: Called with a line about each damaged rep of a profile.
    """
    every = [(name, Knowledge(Profile(name, say), say)) for name in sorted(profile_names(lifters))]
    return [
        {
            "name": name,
            "exercises": [
                (exercise_name, title_of(exercise_name), len(reps)) for exercise_name, reps in known.latest_references()
            ],
        }
        for name, known in every
    ]


def title_of(name: str) -> str:
    """Return the title of an exercise; if it is not installed, its name in words."""
    return exercise.load(name).title if name in exercise.names() else capital(in_words(name))


def home_page(
    past: Past,
    document: HistoryDocument,
    say: Callable[[str], object],
    *,
    shown_lifter: str | None = None,
    deleted: Mapping[str, str] = MappingProxyType({}),
    starts: bool = False,
) -> str:
    """Return the HTML of the home page.

    Args:
        document: Figures of the sessions on the page.
        say: Called with a line about each damaged rep of a profile.
        shown_lifter: Profile or NO_PROFILE of the only lifter to show; None for everybody.
        deleted: Titles of the deleted sessions that can be restored, by name.
        starts: Whether a button opens the start screen.
    """
    cards = []
    sessions = [
        session
        for session in past.sessions
        if shown_lifter is None or shown_lifter in {of or NO_PROFILE for of in session.profiles}
    ]
    for session in newest_sessions(sessions):
        folder = sessions_dir() / session.name
        for profile in (
            session.profiles if shown_lifter is None else [None if shown_lifter == NO_PROFILE else shown_lifter]
        ):
            others = [name for name in session.profiles if name != profile]
            cards.append(session_card(session.of_lifter(profile), figure_of(folder, profile), others))
    return template(TEMPLATE).render(
        sessions=cards,
        trends=trend_cards(document),
        profiles=profile_cards(past.people, say),
        count=len(sessions),
        notes=document.notes,
        history=f"{HISTORY}.html",
        people={lifter_name(name): (name, name == shown_lifter) for name in past.people},
        planners=offered.profiles(load_settings({})),
        deleted=deleted,
        starts=starts,
    )
