"""Notes on a set, for its summary, that come out of learning the lifter's reference."""

from collections.abc import Sequence


def learning_note(number: int, words: str) -> str:
    """A fault in a rep that the lifter was learned from, seen when looking back. words: `Fault.words` of the table."""
    return f"rep {number}, while learning: {words}"


def habit_note(joints: Sequence[str]) -> str:
    """All reps of a lifter are unlike nearly everybody's. joints: landmarks by name, worst first."""
    return f"all your reps differ from most people's: {', '.join(joint.replace('_', ' ') for joint in joints)}"
