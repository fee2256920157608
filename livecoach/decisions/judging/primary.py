"""The primary fault of a rep, which the cue names, and what to fix first in several reps, which every page names.

configs/faults/<exercise>.yaml lists faults by priority, risk of injury before efficiency. The first of a rep's faults
in that order is primary, unless another is a whole MARGIN worse. A missed standard of depth counts as the fault
"shallow".
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from livecoach.core.errors import ConfigError
from livecoach.core.types import Fault, Rep
from livecoach.core.types.message import joined
from livecoach.decisions.rep.measures import NamedFault, load_faults

MARGIN = 0.5  # of severity (0 at the limit, 1 at three margins)
SHALLOW = "shallow"
HIGH_CM = 6.0  # margin of a missed depth: the smallest change of the fault "shallow", .15 of a thigh of 41 cm


@cache
def faults_of(exercise: str) -> Mapping[str, NamedFault]:
    """By risk; none of an unknown exercise, so that severity alone decides."""
    try:
        return load_faults(exercise).faults
    except ConfigError:
        return {}


def unseen_main(rep: Rep) -> tuple[str, ...]:
    """The faults that a coach checks first and that a rep could not show, by risk. Those that are compared within the
    set alone, as depth is, do not count: the first rep of a set never shows them."""
    first = (name for name, fault in faults_of(rep.exercise).items() if fault.main and not fault.own_set_only)
    return tuple(name for name in first if rep.hides(name) and name not in rep.fault_names)


def primary_first(faults: Iterable[Fault], order: Iterable[str]) -> tuple[Fault, ...]:
    """The primary one, then the others, worst first. order: names of the exercise's faults, by risk; any other fault
    comes last."""
    rank = {name: place for place, name in enumerate(order)}
    listed = sorted(faults, key=lambda fault: -fault.severity)
    severe = [fault for fault in listed if fault.severity > listed[0].severity - MARGIN]
    primary = min(severe, key=lambda fault: rank.get(fault.name, len(rank)), default=None)
    return tuple(sorted(listed, key=lambda fault: fault is not primary))


def size(fault: Fault) -> tuple[float, float]:
    """How large a fault is beside the same one of another rep: by severity, at whose end by its deviation."""
    return fault.severity, abs(fault.measure - fault.ref)


def missed_depth(rep: Rep) -> Fault | None:
    """None where it was met, close or not measured, or where a person called the rep good."""
    high = next((one for one in rep.standards if one.name == "depth" and one.verdict == "missed"), None)
    if high is None or (rep.correction is not None and rep.correction.label == "good"):
        return None
    return Fault(
        name=SHALLOW,
        severity=min(max((high.off / HIGH_CM - 1) / 2, 0.0), 1.0),
        at_s=rep.turn_s,
        phase="bottom",
        measure=high.off,
        ref=0.0,
        margin=HIGH_CM,
        unit=high.unit,
        text=joined(": ", "not deep enough", high.words),
    )


def shortcomings(rep: Rep) -> tuple[Fault, ...]:
    """What is to be fixed in a rep, each once: the faults that count, the primary one first, then a missed depth.
    Nothing where a person called it no rep."""
    if rep.correction is not None and not rep.counts:
        return ()
    counted = rep.as_counted()
    found: dict[str, Fault] = {}
    for fault in () if counted.verdict == "good" else counted.faults:
        found.setdefault(fault.name, fault)
    high = missed_depth(rep)
    if high is not None:
        found.setdefault(SHALLOW, high)
    return tuple(found.values())


def to_fix(reps: Sequence[Sequence[Fault]], order: Iterable[str]) -> tuple[str, ...]:
    """Return the names of all shortcomings, the most important first: what comes first in most reps, where one far past
    the limit weighs up to twice as much; then what more reps have, then the riskiest. What never comes first in one is
    last. reps: `shortcomings` of each. order: as in `primary_first`."""
    rank = {name: place for place, name in enumerate(order)}
    weights: dict[str, float] = {}
    for first, *_ in filter(None, reps):
        weights[first.name] = weights.get(first.name, 0.0) + 1.0 + first.severity
    counts = Counter(one.name for found in reps for one in found)
    places = {name: (-weights.get(name, 0.0), -count, rank.get(name, len(rank))) for name, count in counts.items()}
    return tuple(sorted(counts, key=lambda name: (*places[name], name)))
