"""The faults by exercise: their names, as in configs/faults, and their variants."""

from livecoach.errors import ConfigError
from livecoach.synth.motion import deadlift_faults, squat_faults
from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants

FAULT_VARIANTS: dict[str, FaultVariants] = {
    "deadlift": deadlift_faults.FAULT_VARIANTS,
    "squat": squat_faults.FAULT_VARIANTS,
}
EXERCISES = tuple(FAULT_VARIANTS)
FAULTS = {exercise: tuple(ways) for exercise, ways in FAULT_VARIANTS.items()}
"""Fault names by exercise."""


def check_exercise(exercise: str) -> str:
    """Return the exercise. Raises ConfigError if the synthetic lifter does not know it."""
    if exercise not in FAULT_VARIANTS:
        raise ConfigError(f"exercise {exercise!r}: unknown to the synthetic lifter. It does: {', '.join(EXERCISES)}")
    return exercise


def variant_names(exercise: str, fault: str) -> tuple[str, ...]:
    """Return the names of a fault's variants."""
    return tuple(FAULT_VARIANTS[exercise][fault])


def fault_variant(exercise: str, fault: str, name: str) -> FaultVariant:
    """Return a variant of a fault by name."""
    return FAULT_VARIANTS[exercise][fault][name]
