"""A measured value beside the reference that it deviates from, and both of them in numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from livecoach.rep.tempo import TYPICAL_HEIGHT_CM

MOST_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Deviation:
    """A value and the reference that it is compared with."""

    value: float
    ref: float
    own: bool
    height_cm: float | None

    @property
    def name(self) -> str:
        """Words before the reference's number."""
        return "your good reps" if self.own else "usual"

    @property
    def than(self) -> str:
        """Words after a comparative."""
        return "than in your good reps" if self.own else "than usual"

    @property
    def change(self) -> float:
        """The difference; above 0 where the value is above its reference."""
        return self.value - self.ref

    @property
    def about(self) -> str:
        """Word before a distance that is an estimate."""
        return "about " if self.height_cm is None else ""

    def in_cm(self, of_stature: float) -> "Deviation":
        """Return value and reference in centimetres. of_stature: the body length that is their unit, over stature."""
        scale = of_stature * (TYPICAL_HEIGHT_CM if self.height_cm is None else self.height_cm)
        return Deviation(scale * self.value, scale * self.ref, self.own, self.height_cm)


Style = Callable[[Deviation], str]
"""A function from value and reference to the words behind the colon of an explanation."""


def beside(off: Deviation, digits: int, unit: str, before: str = "", of: str = "") -> str:
    """Give both numbers with the fewest digits that distinguish them. before: goes first; of: follows the first one."""
    for places in range(digits, MOST_DIGITS + 1):
        value, ref = (f"{round(x, places) + 0.0:.{places}f}" for x in (off.value, off.ref))  # + 0.0: never "-0"
        if value != ref:
            break
    return f"{before}{value}{unit}{of}, {off.name} {ref}{unit}"


def plain(unit: str, digits: int = 2) -> Style:
    """Return the style that gives both numbers with a unit."""
    return lambda off: beside(off, digits, unit)
