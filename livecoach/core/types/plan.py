"""What a lifter plans for the sets of an exercise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from pydantic import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlan:
    """Of sets that are alike."""

    sets: Annotated[int, Field(ge=1, le=99)] | None = None
    """Number of the sets; None where it is open."""
    reps: Annotated[int, Field(ge=1, le=999)] | None = None
    """Reps of each set; None where it is open."""
    load_kg: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Load in kilograms, the bar included; None where none is planned."""
    rest_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Rest after each set, in seconds; None where none is planned."""
    stop_at_loss: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Velocity loss, as a share of the set's fastest rep, at which a set should end; None for none."""

    def over(self, other: "SetPlan") -> "SetPlan":
        """Return this plan, and the other one where it says nothing: sets, reps and load belong together."""
        sets = self if self.reps is not None else other
        return SetPlan(
            sets=sets.sets,
            reps=sets.reps,
            load_kg=sets.load_kg,
            rest_s=other.rest_s if self.rest_s is None else self.rest_s,
            stop_at_loss=other.stop_at_loss if self.stop_at_loss is None else self.stop_at_loss,
        )


SetPlans = Sequence[SetPlan]  # of one exercise, in order: a heavy set, then lighter ones
Plans = Mapping[str, SetPlans]  # by exercise
NO_PLAN = SetPlan()


def alike(sets: Iterable[tuple[int, float | None]]) -> tuple[SetPlan, ...]:
    """Return sets as a plan has them: those that are alike together, in order. sets: reps and load of each."""
    groups = ((*what, len(list(of))) for what, of in groupby(sets))
    return tuple(SetPlan(sets=count, reps=reps, load_kg=load_kg) for reps, load_kg, count in groups)


def planned_set(plans: SetPlans, number: int) -> SetPlan:
    """Return the plan of a set by its number among the planned ones, with the number of all of them. After them, the
    last one's goes on. plans: at least one."""
    counts = [one.sets for one in plans if one.sets is not None]
    total, left, of = sum(counts) if len(counts) == len(plans) else None, number, plans[0]
    for of in plans:
        left -= of.sets or left
        if left <= 0:
            break
    return replace(of, sets=total)
