"""When a run was too slow to be trusted: it left out so many frames that reps or faults may have been missed.

The eight stored clips of `tests/recorded_events/` (15 to 30 frames a second) were judged again with frames left out:

- evenly, as by a machine that needs as long for each frame: at 15 frames a second all counts and verdicts were the
  same; at 12 one of the eight sets changed (a rep missed), at 10 and at 8 three (a rep or a fault missed, reps not
  judged), at 6 five of seven.
- in one gap a rep, at a random place, in three of the sets. Of 30 frames a second, gaps of 0.35 and 0.5 s changed
  nothing, one of 0.7 s hid a fault and made one up, 1 s cost a rep, and 1.5 s cost three of five. A second with a gap
  of 0.5 s holds 15 frames, one with 0.7 s holds 9. Of 15 frames a second, a gap of 0.5 s leaves 8; it hid a fault.

Both say the same: seconds with 15 frames can be trusted, seconds with 12 can't. The share of frames that is left out
does not tell: half of 30 frames a second harmed nothing, a third of 15 did.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

SLOWEST_FPS = 13
"""Fewest frames a second with which counts and verdicts can be trusted, between the 12 and 15 that were measured."""
WINDOW_S = 1.0
"""Time over which frames are counted, in seconds."""
JOINED_S = 2.0
"""Longest time between two slow stretches that are named as one, in seconds. Our choice."""
MOST_NAMED = 3
"""Most stretches that are named by their times."""


@dataclass(slots=True)
class SlowStretches:
    """Finds the stretches of a run in which the machine was too slow. A source that delivers few frames is none."""

    found: list[tuple[float, float]] = field(default_factory=list)
    """Begin and end of each stretch so far, in seconds."""
    _frames: deque[tuple[float, int, bool]] = field(default_factory=deque)
    _dropped: int = 0
    """Frames left out before one of `_frames`."""
    _people: int = 0
    """Frames of `_frames` with a person."""

    def add(self, t_s: float, dropped: int, *, with_pose: bool) -> None:
        """Take the next frame. dropped: frames left out before it. with_pose: a person is in it."""
        self._frames.append((t_s, dropped, with_pose))
        self._dropped, self._people = self._dropped + dropped, self._people + with_pose
        # The frame at the edge of the window stays, so that the window spans a second also after a long gap.
        while len(self._frames) > 2 and t_s - self._frames[1][0] >= WINDOW_S:
            _, gone, person = self._frames.popleft()
            self._dropped, self._people = self._dropped - gone, self._people - person
        from_s, dropped_before, _ = self._frames[0]
        if t_s - from_s < WINDOW_S or not self._people:
            return
        later = len(self._frames) - 1
        if later >= SLOWEST_FPS * (t_s - from_s) or self._dropped == dropped_before:
            return
        if self.found and from_s - self.found[-1][1] <= JOINED_S:
            self.found[-1] = self.found[-1][0], t_s
        else:
            self.found.append((from_s, t_s))


def too_slow_words(stretches: Sequence[tuple[float, float]], read: int, dropped: int) -> str | None:
    """Return when a run was too slow, and what that means; None where it never was.

    stretches: begin and end of each in seconds. read, dropped: frames that were processed and left out.
    """
    if not stretches:
        return None
    named = [f"{_clock(begin_s)}–{_clock(end_s)}" for begin_s, end_s in stretches[:MOST_NAMED]]
    more = len(stretches) - len(named)
    when = f"{', '.join(named)}{f' and {more} more times' if more else ''}"
    return (
        f"too slow to be trusted at {when}: {dropped} of {read + dropped} frames were left out, and reps or faults may "
        "have been missed there"
    )


def _clock(t_s: float) -> str:
    minutes, seconds = divmod(round(t_s), 60)
    return f"{minutes}:{seconds:02}"
