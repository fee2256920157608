"""Notes for the summary of a set that come from learning the lifter's reference."""

from collections.abc import Sequence


def learning_note(number: int, words: str) -> str:
    """Note a fault in a rep that entered the reference, detected when looking back. words: `Fault.words` of the
    table."""
    return f"rep {number}, while learning: {words}"


def habit_note(joints: Sequence[str]) -> str:
    """Note that all reps of a lifter differ from nearly everybody's. joints: landmarks by name, worst first."""
    return f"all your reps differ from most people's: {', '.join(joint.replace('_', ' ') for joint in joints)}"
