"""Shows the reps that form a lifter's references, as text and as a page."""

from collections.abc import Sequence
from pathlib import Path

from livecoach.core.charts import load_template
from livecoach.core.config import exercise
from livecoach.core.config.paths import sessions_dir
from livecoach.core.errors import SessionError
from livecoach.core.types import ignore
from livecoach.core.types.message import Message
from livecoach.pages.history.history_words import reps as reps_words
from livecoach.pages.history.history_words import start_words
from livecoach.pages.offered import CHOICE_GONE
from livecoach.pages.report.report_page import Sent, sent_text
from livecoach.records.knowledge import CachedRep, LifterReferences, ReferenceSet, group_by_view_and_set
from livecoach.records.session.opening import open_session

TEMPLATE = Path(__file__).with_name("known.html.j2")
EVIDENCE = {
    "confirmed": "confirmed",
    "first": "of the first session, not confirmed",
    "alike": "like the others",
    "kept": "kept without their session",
}
"""Text for each reason why reps belong to a lifter's reference, by the name of the reason."""
FRONT_DEG = 10.0  # Largest azimuth, in degrees, that is called "in front", as in reports. Our choice.


def side_heading(title: str, azimuth_deg: float, sets: Sequence[ReferenceSet]) -> Message:
    """Return a heading with a title, the camera's azimuth (above 0 on the lifter's left), and the number of reps."""
    values = {
        "text": title,
        "n": f"{abs(azimuth_deg):.0f}",
        "text2": reps_words(sum(len(known_set.reps) for known_set in sets)),
    }
    if abs(azimuth_deg) < FRONT_DEG:
        return Message("{text}, from in front of you: {text2}", **values)
    if azimuth_deg > 0:
        return Message("{text}, from {n}° on your left: {text2}", **values)
    return Message("{text}, from {n}° on your right: {text2}", **values)


def find_lifter_set_number(folder: Path, number: int, profile: str) -> int:
    """Return a set's number among the lifter's sets; `number`, its number in the session, if the set can't be found."""
    try:
        sets = open_session(folder, ignore).select_lifter(profile).sets
    except SessionError:
        sets = ()
    return next((session_set.lifter_set_number for session_set in sets if session_set.number == number), number)


def known_set_words(known: ReferenceSet, profile: str) -> Message:
    """Describe a set of known reps with day and evidence, such as "2, reps 1-5 (2026-11-26): confirmed"."""
    return Message(
        "{n}, reps {text} ({text2}): {text3}",
        n=find_lifter_set_number(sessions_dir() / known.session, known.set, profile),
        text=join_ranges([rep.number for rep in known.reps]),
        text2=known.day or "?",
        text3=EVIDENCE[known.evidence],
    )


def join_ranges(numbers: Sequence[int]) -> str:
    """Return a list of numbers as text, in order, with consecutive numbers as ranges, such as "1-5, 7"."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


NOTHING = "nothing is known yet. livecoach learns from a good set."


def known_page(references: LifterReferences, profiles: Sequence[str]) -> str:
    """Return the HTML page of a lifter's references, with forms to forget reps, and links to pages of `profiles`."""
    there = {session.name: start_words(session.about.started) for session in references.sessions}
    sides = [
        {
            "words": side_heading(exercise.load(done).title, side_deg, sets),
            "exercise": done,
            "sets": sets,
            "reps": reps_words(len(known)),
        }
        for done, known in references.find_latest_references()
        for side_deg, sets in group_by_view_and_set(known)
    ]
    return load_template(TEMPLATE).render(
        profile=references.profile.name,
        profiles=profiles,
        sides=sides,
        reps_words=reps_words,
        there=there,
        evidence=EVIDENCE,
        number_of=lambda known_set: find_lifter_set_number(
            sessions_dir() / known_set.session, known_set.set, references.profile.name
        ),
    )


def find_reps_of_form(sent: Sent, references: LifterReferences) -> list[CachedRep]:
    """Return the reps of the lifter's references that a form of `known_page` names: a rep, or a set if no rep is named.

    Raises SessionError if the references no longer contain such a rep.
    """
    session, of_set, number = (sent_text(sent, name) for name in ("session", "set", "number"))
    found = [
        rep
        for done, known in references.find_latest_references()
        for rep in known
        if (done, rep.session, str(rep.set)) == (sent_text(sent, "exercise"), session, of_set)
        and number in {"", str(rep.number)}
    ]
    if not found:
        raise SessionError(CHOICE_GONE)
    return found
