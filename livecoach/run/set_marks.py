"""What the lifter reads after a word on where a set begins or ends."""

from livecoach.feedback.window import Action
from livecoach.types import SetMark, Step

MARK_OF_ACTION: dict[Action, SetMark] = {Action.START_SET: "start", Action.END_SET: "end"}
UNDER_WAY, NONE_UNDER_WAY = "a set is under way: end it first", "no set is under way"
BEGINS, ENDS = "the next rep begins a new set", "the set ends after this rep"


def mark_note(mark: SetMark, step: Step, *, possible: bool) -> str | None:
    """Return the note after a mark; None where the end of the set shows at once. possible: whether it was taken."""
    if mark == "start":
        return BEGINS if possible else UNDER_WAY
    if not possible:
        return NONE_UNDER_WAY
    return None if step.progress is None else ENDS
