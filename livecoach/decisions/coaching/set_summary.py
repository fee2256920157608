"""Summarises a finished set, and writes the notes on it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from statistics import median
from typing import Any, TypeVar

from livecoach.core.types import Pace, PartialReason, Rep, SetSummary
from livecoach.core.types.message import Message, in_words, join_texts, quantity_words
from livecoach.core.types.reps import UNSEEN_FAULTS, Conditions
from livecoach.decisions.coaching import rep_figures
from livecoach.decisions.judging.own_reps import Unlearned
from livecoach.decisions.judging.primary import shortcomings
from livecoach.decisions.rep.measures import FaultKind

Measured = TypeVar("Measured", Pace, Conditions)
TIRED = 0.2  # Least speed loss that counts as fatigue (docs/experience.md)
TIRED_REPS = "tired: last reps {text} slower"  # Id of the note on fatigue
COMMON_DIFFERENCE = "mostly: {text}"  # Id of the note on a difference without a name
UNCOUNTED_NOTES: dict[PartialReason, tuple[str, str]] = {
    "shallow": ("1 too shallow: not counted", "{n} too shallow: not counted"),
    "short": ("1 half rep: not counted", "{n} half reps: not counted"),
    "from_below": ("1 not counted: the camera was too low", "{n} not counted: the camera was too low"),
}
"""Reason why a finished movement does not count → ids of the notes on a single movement, and on several."""
# Ids of the notes on one movement, and on several movements, of a set that did not look like reps
UNLIKE_NOTES = "1 movement did not look like a rep: not counted", "{n} movements did not look like reps: not counted"
NOTHING_LEARNED = "nothing learned for next time: {text}"
WAY_OUT = "{text}. If these are your good reps: y, a raised right hand, or `livecoach sessions correct last:{n} good`"
"""Ids of notes on why nothing is learned, and on how to learn from the set."""
UNLEARNED: dict[Unlearned, tuple[str, str]] = {
    "shallow": ("1 too shallow", "{n} too shallow"),
    "flagged": ("1 not good", "{n} not good"),
    "unclear": ("1 not seen clearly", "{n} not seen clearly"),
    "unusual": ("1 unlike usual good reps", "{n} unlike usual good reps"),
    "uneven": ("1 a little unlike the others", "{n} a little unlike the others"),
}
"""Reason for which the profile does not learn a rep → ids of the words for a single rep, and for several."""
LEAST_FOR_FATIGUE = 4  # Least number of reps with a speed for a note on fatigue: one slow rep may be an error


def summarise_set(
    index: int,
    reps: Sequence[Rep],
    fault_cues: Mapping[str, str],
    notes: Sequence[str] = (),
    exercise: str | None = None,
) -> SetSummary:
    """Summarise a finished set, whose number in the session is `index`.

    Among the faults that a person named, or that are at least as frequent as anomalous reps without a named fault, the
    summary names the fault to fix first.

    Args:
        reps: All completed reps of the set, with their corrections, in order.
        fault_cues: Cue of each fault by name, in order of risk.
        notes: Notes on the set, which follow the notes on fatigue and on a common difference.
        exercise: Name of the exercise; None if unknown.
    """
    counted, timed_paces = rep_figures.counted_reps(reps), [pace for _, pace in rep_figures.timed_reps(reps)]
    best, loss = rep_figures.best_rep(reps), rep_figures.largest_loss(reps)
    clear_loss = loss if loss is not None and loss.share >= rep_figures.LEAST_LOSS else None
    paces = [rep.pace for rep in counted if rep.pace is not None]
    faults = rep_figures.faults_to_fix(reps, tuple(fault_cues))
    unnamed = [rep for rep in counted if rep.verdict == "anomalous" and not (rep.correction or shortcomings(rep))]
    by_person = {rep.correction.fault for rep in counted if rep.correction is not None}
    seen = [rep.conditions for rep in counted if rep.conditions is not None]
    medians: dict[str, Any] = {field.name: _median(seen, attrgetter(field.name)) for field in fields(Conditions)}
    fault = next((name for name, count in faults.items() if name in by_person or count.having >= len(unnamed)), None)
    common = _common_difference(unnamed) if fault is None else ()
    return SetSummary(
        index=index,
        **rep_figures.count_forms(reps),
        reference=rep_figures.main_reference(reps),
        fault=fault,
        fault_cue=None if fault is None else fault_cues.get(fault, in_words(fault)),
        fault_reps=len(unnamed) if fault is None else faults[fault].having,
        eccentric_s=_median(paces, lambda pace: pace.eccentric_s),
        pause_s=_median(paces, lambda pace: pace.pause_s),
        concentric_s=_median(paces, lambda pace: pace.concentric_s),
        speed=_median(timed_paces, lambda pace: pace.speed),
        speed_unit=timed_paces[0].speed_unit if timed_paces else None,
        velocity_loss=None if loss is None else loss.share,
        best=None if best is None else best.number,
        slowest=None if clear_loss is None else clear_loss.rep.number,
        fastest=None if clear_loss is None else clear_loss.fastest.number,
        notes=(*_fatigue([pace.speed for pace in timed_paces]), *common, *notes),
        exercise=exercise,
        conditions=Conditions(**medians) if seen else None,
        marked=sum(rep.correction is not None and rep.verdict == "anomalous" and not rep.faults for rep in counted),
    )


def depth_note(reps: Sequence[Rep]) -> tuple[str, ...]:
    """Return the note on depth, such as "7 of 8 to depth", as a tuple; empty if no depth was measured."""
    depth = rep_figures.depth_count(reps)
    return () if depth is None else (depth.words,)


def unseen_note(reps: Sequence[Rep], faults: Mapping[str, FaultKind]) -> tuple[str, ...]:
    """Return a tuple with a note on the main faults that at least half of the judged reps could not show, if any."""
    hidden = rep_figures.mostly_unseen_faults(reps)
    unseen = [fault.words for name, fault in faults.items() if fault.main and name in hidden]
    return (Message(UNSEEN_FAULTS, text=join_texts(", ", *unseen)),) if unseen else ()


def unlearned_note(counts: Mapping[Unlearned, int], address: str) -> tuple[str, ...]:
    """Return the note on why livecoach learned nothing from a set, as a tuple; empty without a reason.

    The note also names the ways in which the lifter can confirm the set.

    Args:
        counts: Number of reps that were not learned, by reason.
        address: The set as commands name it, such as "2", or "2@ben" among several lifters.
    """
    reasons = [quantity_words(counts[reason], *texts) for reason, texts in UNLEARNED.items() if counts.get(reason)]
    if not reasons:
        return ()
    return (Message(NOTHING_LEARNED, text=Message(WAY_OUT, text=join_texts(", ", *reasons), n=address)),)


def uncounted_notes(tried: Mapping[PartialReason, int]) -> tuple[str, ...]:
    """Return a note for each reason in UNCOUNTED_NOTES that occurs in `tried`, the number of movements by reason."""
    return tuple(quantity_words(tried[why], *texts) for why, texts in UNCOUNTED_NOTES.items() if tried.get(why))


def unlike_note(movements: int) -> tuple[str, ...]:
    """Return the note on large movements that did not look like reps, as a tuple; empty without such movements."""
    return (quantity_words(movements, *UNLIKE_NOTES),) if movements else ()


def _fatigue(speeds: Sequence[float]) -> tuple[str, ...]:
    """Return a note if both last reps are much slower than two earlier reps: a single slow rep may be an error."""
    if len(speeds) < LEAST_FOR_FATIGUE:
        return ()
    loss = 1.0 - max(speeds[-2:]) / sorted(speeds[:-2])[-2]
    return (Message(TIRED_REPS, text=Message("{n}%", n=f"{100 * loss:.0f}")),) if loss >= TIRED else ()


def _common_difference(unnamed: Sequence[Rep]) -> tuple[str, ...]:
    """Return a note on the most common difference of the anomalous reps without a named fault."""
    found = Counter(rep.why.text for rep in unnamed if rep.why is not None)
    return tuple(Message(COMMON_DIFFERENCE, text=text) for text, _ in found.most_common(1))


def _median(measured: Sequence[Measured], of: Callable[[Measured], float | None]) -> float | None:
    known = [value for rep in measured if (value := of(rep)) is not None]
    return median(known) if known else None
