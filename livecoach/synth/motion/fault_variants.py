"""Variants of faults: each changes a rep's timing, its form, or both.

A knob of 0..1 sets the strength; the effect on the measures of faults is measured (livecoach.synth.severity).
"""

from collections.abc import Callable
from typing import NamedTuple

from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.timing import Timing


class FaultVariant(NamedTuple):
    """One variant of a fault."""

    form: Callable[[FormBuilder, float], None] | None = None
    """Adds to the form that the builder holds, given the knob."""
    timing: Callable[[Timing, float], None] | None = None
    """Changes the rep's timing, given the knob."""


FaultVariants = dict[str, dict[str, FaultVariant]]
"""Fault → name of the variant → the variant."""


def one_side(builder: FormBuilder, left: str, right: str) -> str:
    """Return the channel of the side on which this lifter's asymmetric faults show."""
    return left if builder.side > 0 else right
