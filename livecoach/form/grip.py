"""Was the bar let go at the top? Told from the hands alone, since nobody looks for the bar.

On a bar both hands hang from the shoulders as far as the arms are long and as far from each other as they grip, through
the whole pull and at lockout. When the bar is let go at lockout both come up, and mostly apart, at once. A lifter who
stands up without the bar may hold the hands just so as well: what is not clear is no letting go.
"""

from dataclasses import dataclass

import numpy as np

HELD_S = 0.4
"""Lockout that the hands must have held before: a lifter who stands up without the bar moves on sooner."""
OPENING_S = 0.25
"""Both hands leave within this time. Hands that go to the hips take .45 s and more."""
STEADY = 0.03
"""How far hands on a bar wander at lockout, in lengths of torso and legs. 95 % of synthetic reps stay under .03."""
PULL_HEIGHT = 0.12
PULL_WIDTH = 0.08
"""How far they may seem higher and wider during the pull than at lockout: perspective, and hidden wrists. About nine in
ten of synthetic reps stay under each; hands that hang free, or push off the knees, mostly do not."""
AS_BEFORE = 0.02
"""How far hands at lockout may hang from where they hung at the lockouts of the set's reps so far. Two in three
synthetic lockouts pass, and one in four of the lifters who stand up without the bar."""
RISE = 0.03
OPENED = 0.06
"""How far both hands come up, and up and apart together: twice what wanders."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hands:
    """Hands over n moments."""

    t_s: np.ndarray
    """(n,)."""
    wrists_px: np.ndarray
    """(n, 2, 2) left and right."""
    shoulders_px: np.ndarray
    """(n, 2, 2) left and right."""
    size_px: np.ndarray
    """(n,) length of torso and legs."""

    def hang(self, size_px: float) -> np.ndarray:
        """(n, 3) left and right hand under its shoulder, and the way across from hand to hand; lengths of `size_px`."""
        below_px = (self.wrists_px - self.shoulders_px)[:, :, 1]
        across_px = (self.wrists_px[:, 0] - self.wrists_px[:, 1])[:, :1]
        return np.concatenate([below_px, across_px], 1) / max(size_px, 1e-6)

    def held(self, from_s: float, to_s: float) -> np.ndarray | None:
        """(3,) how the hands hang between two times: the median of `hang`; None where there is no moment."""
        inside = (self.t_s >= from_s) & (self.t_s <= to_s)
        return np.median(self.hang(_median(self.size_px[inside]))[inside], axis=0) if inside.any() else None


def let_go(hands: Hands, start_s: float, lockout_s: float, before: np.ndarray | None) -> bool:
    """Whether the last of the moments is one in which a bar that was pulled and held has just been let go.

    before: (3,) `Hands.held` at the lockouts of the set so far, None where there was none.
    """
    t_s, held_until_s = hands.t_s, hands.t_s[-1] - OPENING_S
    held = (t_s >= lockout_s) & (t_s <= held_until_s)
    if not held.any() or t_s[held][-1] - lockout_s < HELD_S:
        return False
    hang = hands.hang(_median(hands.size_px[held]))
    usual = np.median(hang[held], axis=0)
    from_usual = hang - usual
    rise = -from_usual[-1, :2].max()
    pull = _most(from_usual[(t_s >= start_s) & (t_s <= lockout_s)])
    return bool(
        rise >= RISE
        and np.hypot(rise, from_usual[-1, 2]) >= OPENED
        and _most(from_usual[held]).max() <= STEADY
        and pull[:2].max() <= PULL_HEIGHT
        and pull[2] <= PULL_WIDTH
        and (before is None or np.abs(usual - before).max() <= AS_BEFORE)
    )


def _median(sizes_px: np.ndarray) -> float:
    return float(np.median(sizes_px)) if len(sizes_px) else 0.0


def _most(distance: np.ndarray) -> np.ndarray:
    """(n, 3) → (3,): nine in ten are nearer."""
    return np.percentile(np.abs(distance), 90, axis=0)
