"""Defines a lifter's plan for the sets of an exercise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlan:
    """The plan of one or several equal sets."""

    sets: Annotated[int, Field(ge=1, le=99)] | None = None
    """Number of the sets; None if the number is open."""
    reps: Annotated[int, Field(ge=1, le=999)] | None = None
    """Reps of each set; None if the number is open."""
    load_kg: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Load in kilograms, including the bar; None if no load is planned."""
    rest_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Rest after each set, in seconds; None if no rest is planned."""
    stop_at_loss: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Speed loss, as a share of the speed of the set's fastest rep, at which a set should end; None for no limit."""

    def fill_from(self, other: "SetPlan") -> "SetPlan":
        """Return this plan with its gaps filled from another plan.

        Sets, reps and load come together from this plan if it has a number of reps, and otherwise from the other plan.
        """
        sets = self if self.reps is not None else other
        return SetPlan(
            sets=sets.sets,
            reps=sets.reps,
            load_kg=sets.load_kg,
            rest_s=other.rest_s if self.rest_s is None else self.rest_s,
            stop_at_loss=other.stop_at_loss if self.stop_at_loss is None else self.stop_at_loss,
        )


SetPlans = Sequence[SetPlan]  # plan of one exercise, in order, such as a heavy set and then lighter sets
Plans = Mapping[str, SetPlans]  # exercise → its plan
NO_PLAN = SetPlan()  # stands for no plan: every number is open


def group_sets(sets: Iterable[tuple[int, float | None]]) -> tuple[SetPlan, ...]:
    """Return sets in the form of a plan: equal sets in a row become one entry.

    Args:
        sets: Number of reps, and load in kilograms (None if unknown), of each set, in order.
    """
    groups = ((*reps_and_load, len(list(group))) for reps_and_load, group in groupby(sets))
    return tuple(SetPlan(sets=count, reps=reps, load_kg=load_kg) for reps, load_kg, count in groups)
