"""Was the bar let go at the top? Told from the hands alone, since nobody looks for the bar.

On a bar both hands hang from the shoulders as far as the arms are long and as far from each other as they grip, through
the whole pull and at lockout. When the bar is let go at lockout both come up, and mostly apart, at once. A lifter who
stands up without the bar may hold the hands just so as well: what is not clear is no letting go. Of 80 synthetic pulls
whose bar is let go 30 are told so; of 80 lifters who stand up without it and then stand or walk none, and of 160 who
then put both hands on their hips 3.
"""

from dataclasses import dataclass

import numpy as np

HELD_S = 0.5
"""Lockout that the hands must have held before: a lifter who stands up without the bar moves on sooner."""
OPENING_S = 0.25
"""Both hands leave within this time. Hands that go to the hips take .45 s and more."""
STEADY = 0.03
"""How far hands on a bar wander at lockout, in lengths of torso and legs. 95 % of synthetic reps stay under .03."""
PULL_HEIGHT = 0.12
PULL_WIDTH = 0.08
"""How far they may seem higher and wider during the pull than at lockout: perspective, and hidden wrists. Nine in ten
synthetic reps stay under each; hands that push off the knees do not."""
AS_BEFORE = 0.03
"""How far hands at lockout may hang from where they hung at the lockouts of the set's reps so far. 87 % of synthetic
lockouts pass, and half of the lifters who stand up without the bar, or a sixth with their hands on the hips."""
AT_END = 0.025
"""Share of the way up by which a body at rest, or at lockout, may be off it: the pull lies between."""
MOMENT_S = 0.2
"""How the hands hang at a lockout is taken over this time."""
RISE = 0.03
OPENED = 0.06
"""How far both hands come up, and up and apart together: twice what wanders."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hands:
    """Hands over n moments."""

    t_s: np.ndarray
    """(n,)."""
    away: np.ndarray
    """(n,) how far the body is from rest."""
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

    def pull_s(self) -> tuple[float, float]:
        """When the pull began and when lockout was reached."""
        peak = int(np.argmax(self.away))
        lowest = int(np.argmin(self.away[: peak + 1]))
        off = AT_END * (self.away[peak] - self.away[lowest])
        lockout = lowest + int(np.argmax(self.away[lowest:] >= self.away[peak] - off))
        start = int(np.flatnonzero(self.away[: lockout + 1] <= self.away[lowest] + off)[-1])
        return float(self.t_s[start]), float(self.t_s[lockout])

    def at_lockout(self) -> np.ndarray:
        """(3,) how the hands hang when lockout is reached: the median of `hang`."""
        lockout_s = self.pull_s()[1]
        inside = (self.t_s >= lockout_s) & (self.t_s <= lockout_s + MOMENT_S)
        held: np.ndarray = np.median(self.hang(_median(self.size_px[inside]))[inside], axis=0)
        return held


def let_go(hands: Hands, before: np.ndarray | None) -> bool:
    """Whether the last of the moments is one in which a bar that was pulled and held has just been let go.

    hands: from before the pull to now. before: (3,) `Hands.at_lockout` of the set so far, None where there was none.
    """
    start_s, lockout_s = hands.pull_s()
    t_s, held_until_s = hands.t_s, hands.t_s[-1] - OPENING_S
    held = (t_s >= lockout_s) & (t_s <= held_until_s)
    if not held.any() or t_s[held][-1] - lockout_s < HELD_S:
        return False
    hang = hands.hang(_median(hands.size_px[held]))
    usual = np.median(hang[held], axis=0)
    from_usual = hang - usual
    # From where they have hung, and from where they hung a moment ago: not bit by bit.
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
    """Way of both hands, up and apart, of a move (3,) as `Hands.hang` has it; 0 where they do not both rise."""
    rise = -float(moved[:2].max())
    return float(np.hypot(rise, moved[2])) if rise >= RISE else 0.0


def _median(sizes_px: np.ndarray) -> float:
    return float(np.median(sizes_px)) if len(sizes_px) else 0.0


def _most(distance: np.ndarray) -> np.ndarray:
    """(n, 3) → (3,): nine in ten are nearer."""
    return np.percentile(np.abs(distance), 90, axis=0)
