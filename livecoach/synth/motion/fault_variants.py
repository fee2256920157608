"""What a fault is made of: each way that people do it changes a rep's timing, its form, or both.

A knob of 0..1 says how much; what it does to the measures of faults is measured (livecoach.synth.severity), not given.
"""

from collections.abc import Callable
from typing import NamedTuple

from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.timing import Timing


class FaultVariant(NamedTuple):
    """One way of doing a fault."""

    form: Callable[[FormBuilder, float], None] | None = None
    """Adds to the builder's form, given the knob."""
    timing: Callable[[Timing, float], None] | None = None
    """Changes the rep's timing, given the knob."""


FaultVariants = dict[str, dict[str, FaultVariant]]
"""Fault -> name of the way -> the way."""


def one_side(builder: FormBuilder, left: str, right: str) -> str:
    """The channel of the side on which this lifter's lopsided faults show."""
    return left if builder.side > 0 else right
