"""The faults by exercise: their names, as in configs/faults, and their variants."""

from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants
from livecoach.synth.motion.lifts import LIFTS

FAULT_VARIANTS: dict[str, FaultVariants] = {name: lift.faults for name, lift in LIFTS.items()}
EXERCISES = tuple(FAULT_VARIANTS)
FAULTS = {exercise: tuple(ways) for exercise, ways in FAULT_VARIANTS.items()}
"""Fault names by exercise."""


def variant_names(exercise: str, fault: str) -> tuple[str, ...]:
    """Return the names of a fault's variants."""
    return tuple(FAULT_VARIANTS[exercise][fault])


def fault_variant(exercise: str, fault: str, name: str) -> FaultVariant:
    """Return a variant of a fault by name."""
    return FAULT_VARIANTS[exercise][fault][name]
