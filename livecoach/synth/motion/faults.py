"""The faults by exercise: their names, as in configs/faults, and the ways in which they are done."""

from livecoach.errors import ConfigError
from livecoach.synth.motion import deadlift_faults, squat_faults
from livecoach.synth.motion.fault_variants import Way, Ways

WAYS: dict[str, Ways] = {"deadlift": deadlift_faults.WAYS, "squat": squat_faults.WAYS}
EXERCISES = tuple(WAYS)
FAULTS = {exercise: tuple(ways) for exercise, ways in WAYS.items()}
"""Names by exercise."""


def exercise_known(exercise: str) -> str:
    """The exercise itself; raises ConfigError where the synthetic lifter does not do it."""
    if exercise not in WAYS:
        raise ConfigError(f"exercise {exercise!r}: unknown to the synthetic lifter. It does: {', '.join(EXERCISES)}")
    return exercise


def ways_of(exercise: str, fault: str) -> tuple[str, ...]:
    """The ways in which a fault of the exercise is done."""
    return tuple(WAYS[exercise][fault])


def way(exercise: str, fault: str, name: str) -> Way:
    """One of them."""
    return WAYS[exercise][fault][name]
