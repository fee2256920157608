"""What a report says of single reps, in a coach's words."""

import re

from livecoach.feedback.rep_picture import words as rep_words
from livecoach.judging.population import Population
from livecoach.rep.measures import FaultTable
from livecoach.report.content import SessionRep
from livecoach.report.key_moment import KeyMoment
from livecoach.report.priority import deviation_in_margins
from livecoach.types import Fault, PartialReason, Rep, Verdict

MARK: dict[Verdict, str] = {"good": "good", "anomalous": "wrong", "unsure": "unsure"}
"""Verdict → the shape that stands for it: a tick, a cross, a dash."""
PARTIAL: dict[PartialReason, str] = {
    "no_lowering": "pulled, and not lowered in view",
    "no_return": "not come back from",
    "short": "turned too early",
    "cut": "cut off by the end of the recording",
    "lost": "lost from sight on the way",
}
_ANGLE = re.compile(r"(?:[a-z]+ )?(?P<figure>\d+°),")
"""An angle that is told beside its reference, as it is on a curve."""
FAR = 2.95
"""Margins from which on no more is told than that: severity ends at three."""


def clock(t_s: float) -> str:
    """ "1:05" into the session; with hours where there are any."""
    minutes, seconds = divmod(int(max(t_s, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def plural(count: int, noun: str) -> str:
    """ "1 rep", "2 reps"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def rep_name(lifted: SessionRep, *, sets: int) -> str:
    """How a rep is called: by its number in its set, and the set where there are several."""
    return f"rep {lifted.number}" if sets == 1 else f"set {lifted.set_index}, rep {lifted.number}"


def capital(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def fault_words(fault: Fault, table: FaultTable) -> str:
    """What the rep showed: "hips rose first"."""
    known = table.faults.get(fault.name)
    return known.words if known is not None else fault.name.replace("_", " ")


def correction(fault: Fault, table: FaultTable) -> str:
    """What is said of it: "chest up"."""
    known = table.faults.get(fault.name)
    return known.cue if known is not None else fault.name.replace("_", " ")


def measurement_words(fault: Fault) -> str:
    """What it was against what it should be: "66°, your good reps 44°"; empty where that is not known."""
    return fault.text.partition(": ")[2]


def deviation_words(fault: Fault) -> str:
    """How far off what is usual it may be, and how far it is."""
    far = deviation_in_margins(fault)
    times = "3 times as far off as allowed, or more" if far >= FAR else f"{far:.1f} times as far off as allowed"
    sign = {"deg": "°", "s": " s"}.get(fault.unit)
    if sign is None:
        return times
    digits = 0 if fault.unit == "deg" else 1
    return f"allowed ±{fault.margin:.{digits}f}{sign}: {times}"


def phase_words(fault: Fault, then: KeyMoment | None) -> str:
    """In which part of the rep it is told from, and the moment of it that is shown, if one is."""
    part = fault.phase.replace("_", " ")
    return part if then is None else f"{then.part or part}; shown {then.told}"


def estimate_note(fault: Fault, value: str, population: Population) -> str:
    """Why the figure of a fault is another than the one at the ring beside it; empty where nobody would ask.

    value: what the curve shows there, if anything is marked.
    """
    told = _ANGLE.match(measurement_words(fault))
    figure = "" if told is None else told["figure"]
    if not figure or figure == value or not value.endswith("°"):
        return ""
    known = population.table.faults.get(fault.name)
    if known is None or all(sign.measure not in population.measures for sign in known.signs):
        return ""
    return f"{figure} is an estimate from the whole rep; the curve shows what was seen: {value} at the ring"


def verdict_words(lifted: SessionRep, table: FaultTable) -> str:
    """In a few words; where somebody says something else, that too."""
    if lifted.judged is None or lifted.judged.correction is None:
        return _judged(lifted.rep, lifted, table)
    return f"{_judged(lifted.judged, lifted, table)} — you said: {lifted.judged.correction.words}"


def _judged(rep: Rep, lifted: SessionRep, table: FaultTable) -> str:
    if rep.verdict == "unsure":
        return f"not judged: {rep.unsure}" if rep.unsure else "not judged"
    if rep.faults:
        return fault_words(rep.faults[0], table)
    return "good" if rep.verdict == "good" else "unlike your good reps" if lifted.against else "unlike usual good reps"


def score_reason(lifted: SessionRep) -> str:
    """Where the score comes from; empty where a fault says more, or nobody knows."""
    rep = lifted.rep
    if rep.why is None or rep.faults:
        return ""
    return rep_words(rep, own=bool(lifted.against))[1]


def reference_words(lifted: SessionRep) -> str:
    """Whose good reps it was judged against."""
    if (lifted.judged or lifted.rep).verdict == "unsure":
        return ""
    if lifted.rep.reference == "population":
        return "judged by what is usual for everybody (synthetic lifters): too little was known of yours"
    settled = "" if lifted.rep.reference == "own" else ", still few"
    return (
        f"judged by {plural(len(lifted.against), 'good rep')} of your own{settled}"
        if lifted.against
        else ("judged by good reps of your own, which are not there any more")
    )
