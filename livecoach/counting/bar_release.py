"""Detect the release of the bar at lockout from the hands alone, because the bar is often not visible.

On a bar both hands hang below the shoulders at the distance of the grip, through the whole pull. Released at lockout,
both come up at once, and usually apart. A lifter without a bar may hold the hands like this, too, so a doubtful case is
no release.
"""

from dataclasses import dataclass

import numpy as np

from livecoach.frame.quantiles import median, percentile

HELD_S = 0.5
"""Least time at lockout before a release: a lifter without the bar moves on sooner."""
OPENING_S = 0.25  # time within which both hands leave; to the hips they take .45 s
STEADY = 0.03
"""How far hands on a bar wander at lockout, in lengths of torso and legs."""
PULL_HEIGHT = 0.12
PULL_WIDTH = 0.08
"""How much higher and wider the hands may look during the pull than at lockout, because of perspective and hidden
wrists; hands that push off the knees look more."""
AS_BEFORE = 0.03
"""Largest difference between how the hands hang at this lockout and at those of the set's reps so far."""
AT_END = 0.025
"""Share of the way up within which a body counts as at rest, or at lockout."""
MOMENT_S = 0.2  # time over which the hang of the hands at lockout is measured
RISE = 0.03
OPENED = 0.06
"""Least way of both hands up, and up and apart together; twice as far as hands on a bar wander."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hands:
    t_s: np.ndarray
    distance_from_rest: np.ndarray
    wrists_px: np.ndarray  # (n, 2, 2) left and right wrist
    shoulders_px: np.ndarray  # (n, 2, 2)
    size_px: np.ndarray  # (n,) length of torso and legs

    def hang(self, size_px: float) -> np.ndarray:
        """Return (n, 3): left and right hand below its shoulder, and the distance across, in lengths of `size_px`."""
        below_px = (self.wrists_px - self.shoulders_px)[:, :, 1]
        across_px = (self.wrists_px[:, 0] - self.wrists_px[:, 1])[:, :1]
        return np.concatenate([below_px, across_px], 1) / max(size_px, 1e-6)

    def pull_s(self) -> tuple[float, float]:
        peak = int(np.argmax(self.distance_from_rest))
        lowest = int(np.argmin(self.distance_from_rest[: peak + 1]))
        off = AT_END * (self.distance_from_rest[peak] - self.distance_from_rest[lowest])
        lockout = lowest + int(np.argmax(self.distance_from_rest[lowest:] >= self.distance_from_rest[peak] - off))
        start = int(np.flatnonzero(self.distance_from_rest[: lockout + 1] <= self.distance_from_rest[lowest] + off)[-1])
        return float(self.t_s[start]), float(self.t_s[lockout])

    def at_lockout(self) -> np.ndarray:
        """Return (3,): the median of `hang` at the beginning of lockout."""
        lockout_s = self.pull_s()[1]
        inside = (self.t_s >= lockout_s) & (self.t_s <= lockout_s + MOMENT_S)
        return median(self.hang(_median(self.size_px[inside]))[inside])


def is_released(hands: Hands, before: np.ndarray | None) -> bool:
    """Whether the lifter, after a pull and a held lockout, has just released the bar. before: (3,) `Hands.at_lockout`
    of the set so far."""
    start_s, lockout_s = hands.pull_s()
    t_s, held_until_s = hands.t_s, hands.t_s[-1] - OPENING_S
    held = (t_s >= lockout_s) & (t_s <= held_until_s)
    if not held.any() or t_s[held][-1] - lockout_s < HELD_S:
        return False
    hang = hands.hang(_median(hands.size_px[held]))
    usual = median(hang[held])
    from_usual = hang - usual
    # Relative to the usual hang and to that of a moment ago, so that a gradual drift does not count.
    left = min(_opened(from_usual[-1]), _opened(hang[-1] - hang[held][-1]))
    pull = _most(from_usual[(t_s >= start_s) & (t_s <= lockout_s)])
    return bool(
        left >= OPENED
        and _most(from_usual[held]).max() <= STEADY
        and pull[:2].max() <= PULL_HEIGHT
        and pull[2] <= PULL_WIDTH
        and (before is None or np.abs(usual - before).max() <= AS_BEFORE)
    )


def _opened(moved: np.ndarray) -> float:
    """Way of both hands up and apart for a change (3,) of `Hands.hang`; 0 unless both rise."""
    rise = -float(moved[:2].max())
    return float(np.hypot(rise, moved[2])) if rise >= RISE else 0.0


def _median(sizes_px: np.ndarray) -> float:
    return float(median(sizes_px)) if len(sizes_px) else 0.0


def _most(distance: np.ndarray) -> np.ndarray:
    """90th percentiles (3,) of absolute distances (n, 3)."""
    return percentile(np.abs(distance), 90)
