"""The faults by exercise: their names, as in configs/faults, and the ways in which they are done."""

from livecoach.errors import ConfigError
from livecoach.synth.motion import deadlift_faults, squat_faults
from livecoach.synth.motion.fault_variants import FaultVariant, FaultVariants

FAULT_VARIANTS: dict[str, FaultVariants] = {
    "deadlift": deadlift_faults.FAULT_VARIANTS,
    "squat": squat_faults.FAULT_VARIANTS,
}
EXERCISES = tuple(FAULT_VARIANTS)
FAULTS = {exercise: tuple(ways) for exercise, ways in FAULT_VARIANTS.items()}
"""Names by exercise."""


def check_exercise(exercise: str) -> str:
    """The exercise itself; raises ConfigError where the synthetic lifter does not do it."""
    if exercise not in FAULT_VARIANTS:
        raise ConfigError(f"exercise {exercise!r}: unknown to the synthetic lifter. It does: {', '.join(EXERCISES)}")
    return exercise


def variant_names(exercise: str, fault: str) -> tuple[str, ...]:
    """The ways in which a fault of the exercise is done."""
    return tuple(FAULT_VARIANTS[exercise][fault])


def fault_variant(exercise: str, fault: str, name: str) -> FaultVariant:
    """One of them."""
    return FAULT_VARIANTS[exercise][fault][name]
