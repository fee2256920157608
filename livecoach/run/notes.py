"""What a live run says by itself: of the camera, of the computer, and of keys without effect."""

from dataclasses import replace

from livecoach.types import Notice

LOST = Notice(kind="camera_lost", active=True, text="camera lost: trying again")
BACK = replace(LOST, active=False, text="the camera is back")
SLOW = Notice(kind="slow", active=True, text="too slow: close other programs")
NO_REP_YET, NOTHING_TO_UNDO = "no rep to correct yet", "no correction to undo"
NOTE_S = 2.5
"""How long the note about a key without effect stays on screen, in seconds of the frames' time."""


class TimedNote:
    """A note that is shown for a while."""

    def __init__(self) -> None:
        self._note, self._until_s = "", 0.0

    def show(self, note: str, t_s: float) -> None:
        """Show a note from a time on."""
        self._note, self._until_s = note, t_s + NOTE_S

    def at(self, t_s: float) -> str | None:
        """Return the note at a time, if there is one."""
        return self._note if t_s < self._until_s else None
