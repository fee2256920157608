"""Describes single reps, their verdicts and their faults, for reports and for the terminal."""

from calendar import month_abbr
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from livecoach.core.charts import wrap_in_message
from livecoach.core.language import format_duration
from livecoach.core.step import RepCompleted, RepCorrected
from livecoach.core.types import Fault, Form, PartialReason, PartialRep, Rep, RepWindow, View
from livecoach.core.types.bounds import NO_PROFILE, UNNAMED, profile_words
from livecoach.core.types.message import Message, capitalise, in_words, join_texts, quantity_words
from livecoach.core.types.reps import LIKE_FIRST
from livecoach.decisions.coaching.rep_figures import REP_LABELS, count_forms, label_counts
from livecoach.decisions.judging.corrections import reps_to_confirm
from livecoach.decisions.judging.own_reps import LEAST_ALIKE
from livecoach.decisions.judging.primary import shortcomings, unseen_main_faults
from livecoach.decisions.judging.verdict import BY_POSE, BY_VIEW, NOT_JUDGED, NOT_TRAINED
from livecoach.decisions.judging.wording import common_label, correction_words, fault_words, reps_correction_words
from livecoach.feedback.key_moment import KeyMoment
from livecoach.pages.history import history_words as figures
from livecoach.perception.body.visibility import NO_BAR, NO_MASK, NO_TOES
from livecoach.records.session import layout
from livecoach.records.session.stored import Session

MARK: dict[Form, str] = {
    "good": "good",
    "alike": "alike",
    "anomalous": "wrong",
    "different": "different",
    "unsure": "unsure",
}
"""Symbol of each form: a tick, an equals sign, a cross, an unequal sign or a dash."""
PARTIAL: dict[PartialReason, str] = {
    "no_lowering": "the way down was not seen",
    "no_return": "not finished: you did not come back",
    "short": "too short: you turned too early",
    "shallow": "too shallow to count",
    "from_below": "seen from too far below: the camera was lower than for your good reps",
    "begun": "not seen from its beginning",
    "cut": "cut off by the end of the recording",
    "lost": "lost from sight on the way",
}
REASONS = {
    BY_VIEW: "Not visible from where the camera stood",
    BY_POSE: "The pose model cannot see from any side",
    NOT_TRAINED: "The model does not know it yet",
    NOT_JUDGED: "not judged",
    "frame_rate": "Too few frames per second",
    "unknown": "Could not be measured, or too few of your reps were known",
    NO_TOES: join_texts("; ", "The pose model gives no heels and toes", "lite and full do"),
    NO_BAR: "No bar was seen that goes with your hands",
    NO_MASK: join_texts("; ", "The pose model makes no mask of the person", "lite and full do"),
}
"""Text for each reason why a fault could not be checked. A reason that is not listed is the name of a hidden joint."""
UNANSWERED = "Until you confirm them, they are “alike” in this session, not “good”."
UNCONFIRMED = "Nobody had confirmed these then: livecoach took them as good, because they were alike."
LISTED = 6  # Most reps that a list names


def label_rows(reps: Sequence[Rep]) -> tuple[tuple[str, int, str], ...]:
    """Return a row (name of the symbol, number, label) for each label of the reps that count, good reps first."""
    return tuple((MARK[REP_LABELS[label]], number, label) for label, number in label_counts(count_forms(reps)).items())


def describe_correction(outcomes: Sequence[RepCorrected], number: int | None, kept: int = 0, odd: int = 0) -> str:
    """Describe the correction of several reps, such as "Set 2: 8 reps are good. livecoach judged: …".

    Args:
        outcomes: The correction of each rep; at least one.
        number: Number of the set among the lifter's sets; None for a whole session.
        kept: Number of other reps of the set or session, which keep an earlier correction.
        odd: Number of other reps that were not confirmed as good, since they differ or were not judged.
    """
    undone = [outcome for outcome in outcomes if outcome.undone]
    reps = [outcome.rep for outcome in undone or outcomes]
    correction = reps[0].correction
    if not undone and correction is None:
        return capitalise("no correction to undo")
    label = None if undone or correction is None else correction.label
    of_set = "" if number is None else Message("set {n}", n=number)
    done = join_texts(": ", of_set, reps_correction_words(len(reps), label))
    judged = reps if undone else [replace(rep, correction=None) for rep in reps]
    numbers: list[str] = [Message("{n} {text}", n=count, text=words) for _, count, words in label_rows(judged)]
    if out := sum(not rep.counts for rep in judged):
        numbers.append(reps_correction_words(out, "no-rep"))
    words = "{Text}. Now: {text2}." if undone else "{Text}. livecoach judged: {text2}."
    line = Message(words, Text=done, text2=join_texts(", ", *numbers))
    own = quantity_words(kept, "1 rep keeps its own correction.", "{n} reps keep their own corrections.")
    single = "1 rep that differs is not confirmed: correct it by itself if it is good."
    differ = quantity_words(
        odd, single, "{n} reps that differ are not confirmed: correct them by themselves if they are good."
    )
    return join_texts(" ", line, own if kept else "", differ if odd else "")


def correction_form(reps: Iterable[Rep]) -> dict[str, object]:
    """Return the values of a form that corrects several reps at once.

    Returns:
        "label": "good" if all `reps_to_confirm` were corrected to "good", or else the label to which all reps that
        count were corrected; None without such a label. "undo": whether any rep has a correction.
    """
    every = tuple(reps)
    confirmed = common_label(reps_to_confirm([rep for rep in every if rep.counts]))
    label = confirmed if confirmed == "good" else common_label(every)
    return {"label": label, "undo": any(rep.correction is not None for rep in every)}


def rep_name(rep: Rep) -> Message:
    """Return the name of a rep in words, such as "set 2, rep 4"."""
    return Message("set {n}, rep {n2}", n=rep.lifter_set_number, n2=rep.number)


def rep_names(reps: Iterable[Rep]) -> str:
    """Return the names of reps, such as "set 1, reps 8 and 9; set 2, rep 1". The reps must be sorted by set."""
    sets = groupby(reps, lambda rep: rep.lifter_set_number)
    return join_texts(
        "; ", *(join_texts(", ", Message("set {n}", n=number), rep_numbers([*own])) for number, own in sets)
    )


def rep_numbers(reps: Sequence[Rep]) -> Message:
    """Name the reps (at least one) of a set, such as "rep 8", "reps 8 and 9" or "reps 1, 2, 3, 4, 5, 6 and 3 more"."""
    *names, last = [f"{rep.number}" for rep in reps[:LISTED]]
    if len(reps) > LISTED:
        more = len(reps) - LISTED
        return Message("reps {name} and {n} more", name=", ".join([*names, last]), n=more)
    if not names:
        return Message("rep {n}", n=last)
    return Message("reps {name} and {name2}", name=", ".join(names), name2=last)


def running_words(session: Session) -> str:
    """Return "still being recorded" or "still being analysed" if this is true of a session; otherwise empty."""
    if not layout.is_recording(session.folder):
        return ""
    return "still being recorded" if session.is_live else "still being analysed"


def profile_label(name: str | None) -> str:
    """Return the name of a profile as it is shown; empty for None."""
    return "" if name is None else profile_words(name)


def film_name(recording: str, *, is_live: bool) -> str:
    """Return the name of a film from the identity of its recording; empty for a live session."""
    name = "" if is_live else recording.rpartition(":")[0]
    return Message("{name}", name=name) if name else ""


def lifter_name(profile: str | None) -> str:
    """Return the name of a lifter as it is shown; "no profile" for None and for NO_PROFILE."""
    return Message("no profile") if profile in {None, NO_PROFILE} else profile_label(profile)


def rep_and_set_counts(reps: int, sets: int) -> str:
    """Return the number of reps and sets in words, such as "8 reps · 2 sets" or "no reps"."""
    return join_texts(" · ", figures.reps(reps), figures.sets(sets)) if reps else Message("no reps")


def partial_lines(partials: Iterable[PartialRep], exercise: str | None) -> list[str]:
    """Return a line about each partial rep: when it began, why it does not count, and its faults.

    Lines that are equal, because several exercises counted the same movement, are returned once. Faults are left out
    without an exercise.
    """
    return list(dict.fromkeys(_partial_line(partial, exercise) for partial in partials))


def _partial_line(partial: PartialRep, exercise: str | None) -> Message:
    found = () if exercise is None else partial.faults
    parts = ((fault_words(fault.name, exercise), measurement_words(fault)) for fault in found)
    described = join_texts("; ", *(join_texts(": ", *both) for both in parts))
    why = join_texts(" – ", PARTIAL[partial.reason], described)
    return Message("at {time}: {text}", time=format_duration(partial.start_s), text=why)


def measurement_words(fault: Fault) -> str:
    """Describe the measurement of a fault and its reference, such as "66°, your good reps 44°"; empty if unknown."""
    return wrap_in_message(fault.finding_and_values[1])


def phase_words(fault: Fault, moment: KeyMoment | None) -> str:
    """Describe where in a rep a fault shows: in which part and, if the moment is known, at which place."""
    part = in_words(fault.phase)
    return part if moment is None else join_texts(", ", moment.part or part, moment.where)


def verdict_words(rep: Rep) -> str:
    """Describe livecoach's verdict on a rep in a few words, followed by the correction, if any."""
    return with_correction(original_verdict(rep), rep)


def with_correction(verdict: str, rep: Rep) -> str:
    """Return a verdict in words, followed by the correction of the rep, if any."""
    if rep.correction is None:
        return verdict
    correction = correction_words(rep.correction, rep.exercise)
    return Message("{text} — you said: {text2}", text=verdict, text2=correction)


def original_verdict(rep: Rep) -> str:
    """Describe livecoach's verdict on a rep in a few words, without the effects of a correction."""
    if rep.verdict == "unsure":
        return join_texts(": ", "not judged", rep.unsure or "")
    uncorrected = replace(rep, correction=None)
    if rep.own_verdict == "good":
        unseen = join_texts(", ", *(fault_words(name, rep.exercise) for name in unseen_main_faults(uncorrected)))
        return join_texts("; ", _like(uncorrected), figures.unchecked_faults_words(unseen))
    found = shortcomings(uncorrected)
    what = fault_words(found[0].name, rep.exercise) if found else rep.difference_words
    return join_texts(": ", rep.comparison_words, what)


def _like(rep: Rep) -> str:
    if rep.form == "good":
        return "good"
    return LIKE_FIRST if rep.reference == "session" else "like your first reps" if rep.own_reps else "counted"


def describe_difference(rep: Rep) -> str:
    """Describe where an anomalous rep without a fault differs most from its reference; otherwise empty."""
    if rep.why is None or rep.verdict == "good" or shortcomings(rep):
        return ""
    return Message("mostly: {text}", text=rep.why.text)


def describe_unchecked(reason: str) -> str:
    """Describe why a fault could not be checked. The reason is a key of REASONS, or the name of a hidden joint."""
    hidden = Message("{Text} not clearly visible: hidden, out of the picture, or unsteady", Text=in_words(reason))
    return REASONS.get(reason, hidden)


def camera_place(view: View) -> Message:
    """Describe the place of the camera, such as "at 45° (±8°) from your front, on your left"."""
    angles = {"n": f"{abs(view.azimuth_deg):.0f}", "n2": f"{view.uncertainty_deg:.0f}"}
    left, right = "at {n}° (±{n2}°) from your front, on your left", "at {n}° (±{n2}°) from your front, on your right"
    front = "in front of you, {n}° (±{n2}°)"
    return Message(front if abs(view.azimuth_deg) < 10 else left if view.azimuth_deg > 0 else right, **angles)


def describe_reference(
    reps: Sequence[RepCompleted], profile: str | None, set_numbers: Mapping[str, int], *, moved: bool = False
) -> str:
    """Describe the reference against which the last judged rep of a set was judged; empty if no rep was judged.

    Args:
        set_numbers: Number of each set in the session, as text → number of the set among its lifter's sets.
        moved: Whether the set was assigned to the lifter after it was judged, and not judged again.
    """
    judged = [entry for entry in reps if entry.rep.verdict != "unsure"]
    if not judged:
        return ""
    if moved:
        return Message("Judged before livecoach knew that this set is yours, so not against your own good reps.")
    last = judged[-1]
    sources = join_texts("; ", *_sources(last.against, set_numbers))
    if last.rep.reference == "own" and not sources:  # as for a set that was moved: its session lacks these reps
        return Message("Judged again, against good reps of yours from other sessions.")
    if last.rep.reference == "own":
        text = "Judged against good reps of profile {name}: {text}."
        if profile in {None, UNNAMED}:
            text = "Judged against good reps of yours: {text}."
        judged_by = Message(text, text=sources, name=profile or "")
        is_confirmed = any(rep.chosen or rep.day is None for rep in last.against)
        return judged_by if is_confirmed else join_texts(" ", judged_by, UNCONFIRMED)
    if last.rep.reference == "standard":
        return Message("Judged by the standard that you count by, because no good rep of yours was known yet.")
    if last.rep.reference == "session":
        first = Message("Compared with an earlier set that nobody has confirmed as good: {text}.", text=sources)
    elif last.against:
        first = Message(
            "Compared with the first reps of this set, because no earlier rep of yours from this side was known."
        )
    else:
        first = Message(
            "Compared with typical (synthetic) lifters, and only for big faults, "
            "because no earlier rep of yours from this side was known."
        )
    return join_texts(" ", first, _confirmation_words([entry.rep for entry in judged]))


def _sources(own: Sequence[RepWindow], set_numbers: Mapping[str, int]) -> Iterator[Message]:
    """Yield the number of reference reps from each earlier day, and from each set of this session."""
    for (day, of_set), number in Counter((rep.day, "" if rep.day else rep.set_name) for rep in own).items():
        if day is None:
            yield Message("{n} of set {n2} of this session", n=number, n2=set_numbers.get(of_set, of_set))
            continue
        month, of_month = (int(part) for part in day.split("-")[1:])
        yield Message("{n} from {n2} {text}", n=number, n2=of_month, text=month_abbr[month])


def kept_rep_caption(kept: RepWindow) -> Message:
    """Return a kept rep's caption: "Your good rep of 12 Nov", or "Your rep of …" if unconfirmed or below a standard."""
    is_good = kept.chosen and not kept.misses_standard
    if kept.day is None:
        return Message("Your good rep from another day" if is_good else "Your rep from another day")
    month, of_month = (int(part) for part in kept.day.split("-")[1:])
    words = "Your good rep of {n} {text}" if is_good else "Your rep of {n} {text}"
    return Message(words, n=of_month, text=month_abbr[month])


def _confirmation_words(reps: Sequence[Rep]) -> str:
    """State that the lifter called the corrected reps good, or ask whether its reps are good; otherwise empty."""
    called = [rep.correction.label for rep in reps if rep.correction is not None]
    if called:
        good = called.count("good")
        return Message("You called {n} of {n2} reps good.", n=good, n2=len(reps)) if good else ""
    alike = sum(rep.verdict == "good" for rep in reps)
    if alike < LEAST_ALIKE or 2 * alike <= len(reps):
        return ""
    return join_texts(" ", "Are these your good reps?", UNANSWERED)


def left_out_words(rep: Rep) -> str:
    """Name the joints that the score of a rep leaves out; empty without such joints, or if the rep is not judged."""
    names = join_texts(", ", *rep.left_out)
    return "" if rep.verdict == "unsure" or not rep.left_out else Message("left out: {text}", text=names)
