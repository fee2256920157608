"""Detects dips of the shoulders, down and most of the way up again, whatever the exercise, and warns if none counts."""

from collections.abc import Callable
from typing import NamedTuple

from livecoach.core.documents import WarningEvent
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting import tuning
from livecoach.perception.body.body import Body, lengths


class Dip(NamedTuple):
    """A movement of the shoulders down and up, and the number of such movements in a row that are alike."""

    times: MovementTimes
    depth: float  # Way down, in lengths of torso and legs
    turn: Body  # Body with the lowest shoulders
    alike: int  # Number of movements like this, in one place, of which this is the last


class DipDetector:
    """Detects dips, and how many in a row are alike. Bodies come in the order of time."""

    def __init__(self) -> None:
        self._start: Body | None = None  # highest body since the last dip
        self._turn: Body | None = None  # lowest body of the dip under way
        self.last: Dip | None = None

    def step(self, body: Body) -> Dip | None:
        """Add the next body, and return the dip that ends with it, if any."""
        start, turn, last, height = self._start, self._turn, self.last, body.measures.shoulder_height
        if start is None or (turn is None and height >= start.measures.shoulder_height):
            self._start = body
            return None
        depth = start.measures.shoulder_height - (turn or body).measures.shoulder_height
        if turn is None or height < turn.measures.shoulder_height:
            self._turn = body if depth >= tuning.DIP else None
            return None
        if height < turn.measures.shoulder_height + tuning.DIP_ENDS * depth:
            return None
        is_alike = (
            last is not None
            and turn.t_s - last.turn.t_s <= tuning.SOON_S
            and max(depth, last.depth) <= tuning.DIPS_ALIKE * min(depth, last.depth)
            and lengths(turn.feet_px - last.turn.feet_px) <= tuning.DIPS_APART * turn.size_px
        )
        times = MovementTimes(start.t_s, turn.t_s, body.t_s)
        self.last = Dip(times, depth, turn, alike=last.alike + 1 if last is not None and is_alike else 1)
        self._start, self._turn = body, None
        return self.last


class NothingCountedWarning:
    """Warns that similar movements do not count, until one differs or counts, or INACTIVE_S after the last one."""

    def __init__(self, why: Callable[[Dip], str | None]) -> None:
        """Start before the first frame. `why` says why a dip and those before it do not count; None if too few dips."""
        self._why, self._dips = why, DipDetector()
        self.text: str | None = None  # Text of the active warning; None without a warning

    def step(self, t_s: float, body: Body | None, *, counts: bool) -> tuple[WarningEvent, ...]:
        """Update the warning for a frame, and return its event on a change. A set or a partial rep `counts`."""
        before, last = self.text, self._dips.last
        dip = None if body is None else self._dips.step(body)
        if counts or (dip is None and last is not None and t_s - last.times.end_s > tuning.INACTIVE_S):
            self._dips, self.text = DipDetector(), None
        elif dip is not None and (dip.alike == 1 or before is None):
            self.text = self._why(dip)
        return WarningEvent.of_change(t_s, "nothing_counted", before, self.text)
