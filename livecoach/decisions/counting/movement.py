"""A movement out and back that may be a rep, and what becomes of it."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.types import PartialReason
from livecoach.decisions.counting import features, samples
from livecoach.decisions.counting.features import MovementFeatures
from livecoach.perception.body.body import Body
from livecoach.perception.body.quantiles import median

BAR_HELD, BAR_STAYS = 3.0, -3.0
"""Log likelihood ratio of a lift where the hands move the bar up and down, and where it stays on the floor. Our choice:
hardly any lift leaves a visible bar on the floor, and few other movements lift one."""


class Times(NamedTuple):
    """Of a rep, seconds."""

    start_s: float
    turn_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    reps: tuple[Times, ...]  # in order; those before the last one were in doubt until it was completed


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A rep that was begun and does not count."""

    times: Times  # turn: of its farthest point, or of its lockout; end: of its last observation
    reason: PartialReason


Outcome = Completed | Abandoned | None  # of a rep that the lifter began


class Movement:
    """A movement out and back that may be a rep, with the samples of it and around it."""

    def __init__(self, of: Sequence[Body], turns: Times, times: Times, *, span: float, released: bool = False) -> None:
        """turns: turning points of its curve. times: boundaries by the whole body. span: of the distance from rest.
        released: the bar at the top."""
        self.samples, self.turns, self.times, self.span, self.released = of, turns, times, span, released

    @cached_property
    def feet_px(self) -> np.ndarray:
        """(2,) of mid-ankle."""
        return median(np.array([s.feet_px for s in self._inside]))

    @cached_property
    def size_px(self) -> float:
        """Length of torso and legs."""
        return float(median(np.array([s.size_px for s in self._inside])))

    @cached_property
    def hang(self) -> np.ndarray:
        """(3,) see `bar.Hands.at_lockout`."""
        return samples.hands(self.samples).at_lockout()

    @cached_property
    def features(self) -> MovementFeatures:
        return features.extract(samples.moments_of(self.samples, self.turns.start_s, self.turns.end_s))

    @property
    def _inside(self) -> list[Body]:
        return [s for s in self.samples if self.turns.start_s <= s.t_s <= self.turns.end_s]

    def compact(self) -> "Movement":
        """With all that is derived from its samples, and without these, which take a hundred times the room."""
        _ = self.features, self.feet_px, self.size_px, self.hang
        found = copy.copy(self)
        found.samples = ()
        return found

    def by_bar(self, rules: RepRules) -> float:
        """Log likelihood ratio of a lift from whether the hands move the bar; 0 where the bar does not rest on the
        floor, because it was not measured there."""
        if not rules.bar_on_floor:
            return 0.0
        held = samples.bar_held(self.samples, self.turns.start_s, self.turns.end_s)
        return 0.0 if held is None else BAR_HELD if held else BAR_STAYS

    def is_within(self, rules: RepRules) -> bool:
        """Whether feet, scale and hands stay within simple limits. A body that released the bar is at the top, where it
        looks larger."""
        start_s, turn_s, end_s = self.turns
        feet_shift, scale_change = samples.compare_ends(self.samples, start_s, end_s)
        # At the bottom the hands are level: on the bar, or in front of the chest. At lockout a thigh may hide one hand
        # and falsify its landmark.
        lowest_s = [start_s, end_s] if rules.rest == "down" else [turn_s]
        return (
            feet_shift <= rules.max_feet_shift
            and (self.released or scale_change <= rules.max_scale_change)
            and max(samples.hand_tilt(self.samples, at_s) for at_s in lowest_s) <= rules.max_hand_tilt
        )
