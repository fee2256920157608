"""Ranks the shortcomings of a rep, and of several reps.

The first fault of a rep is its primary fault, which the cue names (verdict.choose_named_faults). configs/faults
lists the faults of an exercise by priority, risk of injury before efficiency, which decides between equals in several
reps. A missed standard of depth counts as the fault "shallow".
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from livecoach.core.errors import ConfigError
from livecoach.core.types import Fault, Rep
from livecoach.core.types.message import join_texts
from livecoach.decisions.rep.measures import FaultKind, load_faults

SHALLOW = "shallow"  # Name of the fault that stands for a missed depth
HIGH_CM = 6.0  # Margin of a missed depth: the smallest change of the fault "shallow", .15 of a thigh of 41 cm


@cache
def faults_of(exercise: str) -> Mapping[str, FaultKind]:
    """Return the faults of an exercise in order of risk; empty if their file is missing or wrong."""
    try:
        return load_faults(exercise).faults
    except ConfigError:
        return {}


def unseen_main_faults(rep: Rep) -> tuple[str, ...]:
    """Return the names of the main faults for which a rep could not be checked, in order of risk.

    Faults that the rep has are left out, and so are faults that are compared only within a set, such as "shallow": the
    first rep of a set is never checked for them.
    """
    first = (name for name, fault in faults_of(rep.exercise).items() if fault.main and not fault.own_set_only)
    return tuple(name for name in first if rep.is_unchecked_for(name) and name not in rep.fault_names)


def severity_key(fault: Fault) -> tuple[float, float]:
    """Return a key to sort reps by the extent of a fault: its severity, which is capped, and then its deviation."""
    return fault.severity, abs(fault.measure - fault.ref)


def missed_depth(rep: Rep) -> Fault | None:
    """Return a missed depth as a fault; None if the rep did not miss the depth, or if a person called the rep good."""
    high = next((result for result in rep.standards if result.name == "depth" and result.verdict == "missed"), None)
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
        text=join_texts(": ", "not deep enough", high.words),
    )


def shortcomings(rep: Rep) -> tuple[Fault, ...]:
    """Return the shortcomings of a rep: its faults, each once and the primary fault first, and then a missed depth.

    The result is empty if a person called the rep good or "no rep".
    """
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


def rank_shortcomings(reps: Sequence[Sequence[Fault]], order: Iterable[str]) -> tuple[str, ...]:
    """Return the names of all shortcomings of several reps, the most important first.

    The first is the shortcoming that comes first in most reps, where a rep far past the limit weighs up to twice as
    much. Equals are ordered by the number of reps, and then by risk. Shortcomings that come first in no rep are last.

    Args:
        reps: Shortcomings of each rep, from `shortcomings`.
        order: Names of the exercise's faults, by risk; any other fault comes last.
    """
    rank = {name: place for place, name in enumerate(order)}
    weights: dict[str, float] = {}
    for first, *_ in filter(None, reps):
        weights[first.name] = weights.get(first.name, 0.0) + 1.0 + first.severity
    counts = Counter(fault.name for found in reps for fault in found)
    places = {name: (-weights.get(name, 0.0), -count, rank.get(name, len(rank))) for name, count in counts.items()}
    return tuple(sorted(counts, key=lambda name: (*places[name], name)))
