"""Finds the reps of a reference: they come from the first source in SOURCES that has enough reps.

The order anchors the reference: a lifter's form is compared with its first state, not with its latest. During a set
only the lifter's corrections change the reference. A rep that is called good always belongs to the reference, and
decides in a first set which other reps do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from livecoach.core.types import ReferenceName
from livecoach.decisions.judging.own_reps import At, OwnReps
from livecoach.decisions.judging.scorer import LimitName
from livecoach.decisions.rep.measured import MeasuredRep

MOST_OF_SET = 20  # Most reps of an earlier set in the reference, the newest; a profile keeps no more of a view


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSource:
    """A source of the reps of a reference, with its consequences."""

    name: ReferenceName
    """Name of the reference for the lifter, unless the lifter has confirmed one of its reps: then they are "own"."""
    find: Callable[[OwnReps, At], Sequence[MeasuredRep]]  # Returns the reps of the source that judge a rep
    least: int = 1  # Least number of reps that suffice
    limit: LimitName  # Name of the limit of the distance in Scorer.limits
    apart: Literal["nothing", "sets", "days"]
    """What lies between its reps and the judged rep. The camera may have been moved; after days, more has changed."""


def _of_earlier_days(own: OwnReps, at: At) -> list[MeasuredRep]:
    kept = own.comparable_from_here(own.kept, at)
    return [*kept, *_confirmed(own, at)] if kept else []


def _of_earlier_set(own: OwnReps, at: At) -> list[MeasuredRep]:
    """Return the good reps of the first set that judges others, and all confirmed reps."""
    found = (own.comparable_from_here(own_set.good_reps, at) for own_set in own.earlier_sets)
    good = next(filter(None, found), [])[-MOST_OF_SET:]
    return [*good, *(rep for rep in _confirmed(own, at) if rep not in good)] if good else []


def _of_confirmed(own: OwnReps, at: At) -> list[MeasuredRep]:
    """Return the confirmed reps if at least one belongs to another set. Without it, the other set judges no reps."""
    confirmed = _confirmed(own, at)
    return confirmed if any(rep.window.set_name != own.now.name for rep in confirmed) else []


def _confirmed(own: OwnReps, at: At) -> list[MeasuredRep]:
    return own.comparable_from_here([rep for rep in own.all_reps if rep.called_good], at)


EARLIER_DAYS = RepSource(name="own", find=_of_earlier_days, limit="session", apart="days")
EARLIER_SET = RepSource(name="session", find=_of_earlier_set, limit="session", apart="sets")
CONFIRMED = RepSource(name="own", find=_of_confirmed, limit="session", apart="sets")
THIS_SET = RepSource(name="none", find=lambda own, at: own.now.first_reference(at), limit="set", apart="nothing")
EVERYBODY = RepSource(name="none", find=lambda _own, _at: (), least=0, limit="everybody", apart="nothing")
SOURCES = (EARLIER_DAYS, EARLIER_SET, CONFIRMED, THIS_SET, EVERYBODY)


def first_sufficient_source(own: OwnReps, at: At) -> tuple[RepSource, tuple[MeasuredRep, ...]]:
    """Return the first source with enough reps to judge a rep, and the reps of that source."""
    found = ((source, tuple(source.find(own, at))) for source in SOURCES)
    return next((source, reps) for source, reps in found if len(reps) >= source.least)
