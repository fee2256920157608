"""The summary of a set that is over."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from livecoach.core.types import Pace, PartialReason, Rep, SetSummary
from livecoach.core.types.message import Message, counted, in_words, joined
from livecoach.decisions.judging.own_reference import Unlearned
from livecoach.decisions.judging.primary import first_to_fix, shortcomings
from livecoach.decisions.rep.tempo import comparable, velocity_loss

TIRED = 0.2  # velocity loss that is fatigue (docs/faults.md)
DEPTH_HIDDEN = "depth does not show from here"
TRIED: dict[PartialReason, tuple[str, str]] = {
    "shallow": ("1 too shallow: not counted", "{n} too shallow: not counted"),
    "short": ("1 half rep: not counted", "{n} half reps: not counted"),
}
"""Reason why a finished movement does not count → ids of the notes on one, and on several."""
NOTHING_LEARNED = "nothing learned for next time: {text}"
UNLEARNED: dict[Unlearned, tuple[str, str]] = {
    "shallow": ("1 too shallow", "{n} too shallow"),
    "flagged": ("1 not good", "{n} not good"),
    "unclear": ("1 not seen clearly", "{n} not seen clearly"),
    "unusual": ("1 unlike usual good reps", "{n} unlike usual good reps"),
    "uneven": ("1 a little unlike the others", "{n} a little unlike the others"),
}
"""Reason why the profile does not learn a rep → ids of the words for one, and for several."""
LEAST_FOR_FATIGUE = 4  # reps of a set whose fatigue is noted: a single slow one may be an error (docs/faults.md)


def summarize(
    index: int,
    reps: Sequence[Rep],
    fault_cues: Mapping[str, str],
    notes: Sequence[str] = (),
    exercise: str | None = None,
    disallowed: Sequence[Rep] = (),
) -> SetSummary:
    """index: of the set. reps: those that count, with their standing verdicts, in order; numbers in the set run from 1.
    fault_cues: fault → its cue, in order of risk. notes: appended to those made here. exercise: its name. disallowed:
    reps that missed a standard and so do not count; they show what to fix as the others do."""
    paces = [rep.pace for rep in reps if rep.pace is not None]
    to_mend = [shortcomings(rep) for rep in (*reps, *disallowed)]
    fault = first_to_fix(to_mend, tuple(fault_cues))
    alike = comparable(paces)
    speeds = [pace.speed for pace in alike]
    verdicts = [rep.verdict for rep in reps]
    return SetSummary(
        index=index,
        reps=len(reps),
        good=verdicts.count("good"),
        anomalous=verdicts.count("anomalous"),
        unsure=verdicts.count("unsure"),
        fault=fault,
        fault_cue=None if fault is None else fault_cues.get(fault, in_words(fault)),
        fault_reps=sum(fault == one.name for found in to_mend for one in found),
        eccentric_s=_median(paces, lambda pace: pace.eccentric_s),
        pause_s=_median(paces, lambda pace: pace.pause_s),
        concentric_s=_median(paces, lambda pace: pace.concentric_s),
        speed=_median(alike, lambda pace: pace.speed),
        speed_unit=alike[0].speed_unit if alike else None,
        velocity_loss=velocity_loss(speeds) if len(speeds) > 1 else None,
        best=best(reps),
        slowest=slowest(reps),
        notes=(*_fatigue(speeds), *notes),
        exercise=exercise,
        marked=sum(rep.correction is not None and rep.verdict == "anomalous" and not rep.fault_names for rep in reps),
    )


def standard_notes(reps: Sequence[Rep], *, hidden: bool = False) -> tuple[str, ...]:
    """As "7 of 8 to depth". reps: all of the set, disallowed ones too. hidden: the view does not show what it needs."""
    verdicts = [result.verdict for rep in reps for result in rep.standards]
    if not verdicts:
        return (DEPTH_HIDDEN,) if hidden else ()
    return (depth_note(verdicts.count("met"), verdicts.count("close"), len(verdicts)),)


def depth_note(met: int, close: int, measured: int) -> str:
    """As "6 of 8 to depth, 1 close"."""
    said = Message("{n} of {n2} to depth", n=met, n2=measured)
    return joined(", ", said, Message("{n} close", n=close)) if close else said


def unseen_note(reps: Sequence[Rep], words: Mapping[str, str]) -> tuple[str, ...]:
    """Of the faults that a coach checks first and that half of the reps or more did not show: a set without them is not
    known to be free of them. words: fault → its words, of those faults."""
    unseen = [text for name, text in words.items() if 2 * sum(rep.hides(name) for rep in reps) >= len(reps) > 0]
    return (Message("{text}: not seen from here", text=joined(", ", *unseen)),) if unseen else ()


def unlearned_note(why: Mapping[Unlearned, int]) -> tuple[str, ...]:
    """Of a set that looks good and teaches nothing. why: reason → how many reps."""
    reasons = [counted(why[reason], *texts) for reason, texts in UNLEARNED.items() if why.get(reason)]
    return (Message(NOTHING_LEARNED, text=joined(", ", *reasons)),) if reasons else ()


def tried_notes(tried: Mapping[PartialReason, int]) -> tuple[str, ...]:
    """Of movements that were tried as reps and do not count. tried: reason → how many."""
    return tuple(counted(tried[reason], *texts) for reason, texts in TRIED.items() if tried.get(reason))


def best(reps: Sequence[Rep]) -> int | None:
    """Number of the good rep with the lowest score that misses no standard."""
    good = [(rep.score, number) for number, rep in enumerate(reps, 1) if rep.score is not None and rep.is_exemplary]
    return min(good)[1] if good else None


def slowest(reps: Sequence[Rep]) -> int | None:
    """Number of the rep with the lowest concentric speed; None where there are not two to compare."""
    alike = comparable([rep.pace for rep in reps if rep.pace is not None])
    kinds = {pace.kind for pace in alike}
    paces = [(rep.pace, number) for number, rep in enumerate(reps, 1)]
    speeds = [(pace.speed, number) for pace, number in paces if pace is not None and pace.kind in kinds]
    return min(speeds)[1] if len(speeds) > 1 else None


def _fatigue(speeds: Sequence[float]) -> tuple[str, ...]:
    """Where both of the last two reps are much slower than two before them: one alone may be an error."""
    if len(speeds) < LEAST_FOR_FATIGUE:
        return ()
    loss = 1.0 - max(speeds[-2:]) / sorted(speeds[:-2])[-2]
    slower = Message("{n}%", n=f"{100 * loss:.0f}")
    return (Message("tired: last reps {text} slower", text=slower),) if loss >= TIRED else ()


def _median(paces: Sequence[Pace], of: Callable[[Pace], float | None]) -> float | None:
    known = [value for pace in paces if (value := of(pace)) is not None]
    return median(known) if known else None
