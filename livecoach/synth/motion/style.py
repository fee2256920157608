"""What only one lift has to know of its lifter, such as the grip of a press or the stride of a lunge."""

from dataclasses import dataclass, fields, replace
from typing import ClassVar, TypeVar

import numpy as np

S = TypeVar("S", bound="Style")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The base of styles: a lift derives from it a frozen dataclass with its own fields.

    Fields that end with `_s` are durations of a rep.
    """

    DAY: ClassVar[dict[str, float]] = {}
    """Standard deviation of fields between sets of one lifter."""

    def another_day(self: S, rng: np.random.Generator) -> S:
        """Return the style as in another set."""
        return replace(self, **{name: getattr(self, name) + amount * rng.normal() for name, amount in self.DAY.items()})

    def at_tempo(self: S, tempo: float) -> S:
        """Return the style with all durations multiplied by `tempo`."""
        times = {f.name: getattr(self, f.name) * tempo for f in fields(self) if f.name.endswith("_s")}
        return replace(self, **times)
