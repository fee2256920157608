"""The position of the player in a session, and how it moves. Pure: readings of the clock are arguments."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

JUMP_S = 2.0
"""Seconds that the arrow keys jump, about a rep. Our choice."""
SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
REP_LEAD_S = 0.5
"""A rep is shown from this long before its start. Going back skips a rep that started less than this ago."""


class Playhead:
    """Position at one of several frames; at first the first frame, playing."""

    def __init__(self, times_s: Sequence[float], reps_s: Sequence[float], speed: float, now_s: float) -> None:
        """times_s: of the frames, at least one, not falling. reps_s: start times of reps. speed: 1 for the original
        speed."""
        self._times_s, self._reps_s = times_s, sorted(reps_s)
        self.index = 0
        self.paused = False
        self.speed = speed
        self._set_off(now_s)

    @property
    def t_s(self) -> float:
        """Time of the current frame."""
        return self._times_s[self.index]

    @property
    def at_end(self) -> bool:
        """Whether the current frame is the last one."""
        return self.index == len(self._times_s) - 1

    def due(self, now_s: float) -> int:
        """Return the frame that is due: the last one whose time has come."""
        if self.paused:
            return self.index
        played_s = self._from_t_s + (now_s - self._from_s) * self.speed
        # Half a microsecond of tolerance: the two times are sums of different floating-point numbers.
        return max(self.index, bisect_right(self._times_s, played_s + 5e-7) - 1)

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until the next frame is due; None while paused and at the end."""
        if self.paused or self.at_end:
            return None
        ahead_s = self._times_s[self.index + 1] - self._from_t_s
        return max(0.0, self._from_s + ahead_s / self.speed - now_s)

    def go(self, index: int, now_s: float) -> None:
        """Move to a frame, clipped to the first and last one, and continue from there."""
        self.index = min(max(index, 0), len(self._times_s) - 1)
        self._set_off(now_s)

    def reach(self, index: int) -> None:
        """Advance to a frame that is due."""
        self.index = index

    def go_to(self, t_s: float, now_s: float) -> None:
        """Move to the first frame at or after a time."""
        self.go(bisect_left(self._times_s, t_s), now_s)

    def pause(self, paused: bool, now_s: float) -> None:
        """Pause, or continue."""
        self.paused = paused
        self._set_off(now_s)

    def faster(self, steps: int, now_s: float) -> None:
        """Move `steps` speeds up (down, where negative), as far as there are any."""
        near = min(range(len(SPEEDS)), key=lambda n: abs(SPEEDS[n] - self.speed))
        self.speed = SPEEDS[min(max(near + steps, 0), len(SPEEDS) - 1)]
        self._set_off(now_s)

    def rep(self, step: int, now_s: float) -> None:
        """Move to just before the next rep (1) or the previous one (-1); where there is none, to the end or the
        start."""
        begins = [rep_s - REP_LEAD_S for rep_s in self._reps_s]
        if step > 0:
            later = [begin for begin in begins if begin > self.t_s + 1e-6]
            self.go_to(later[0] if later else self._times_s[-1], now_s)
        else:
            earlier = [begin for begin in begins if begin < self.t_s - REP_LEAD_S]
            self.go_to(earlier[-1] if earlier else self._times_s[0], now_s)

    def _set_off(self, now_s: float) -> None:
        self._from_s, self._from_t_s = now_s, self.t_s
