"""Is a movement out and back a lift? What a model says of it, or feet, scale and hands."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from livecoach.exercise import RepRules
from livecoach.form import movement, samples
from livecoach.form.boundaries import Times
from livecoach.form.movement import Described
from livecoach.form.samples import Sample

SET_REPS = 5
"""Lifts of a set that the next movement is compared with."""


class LiftModel(Protocol):
    """Tells a lift from other movements out and back."""

    def is_lift(self, described: Described, before: Sequence[Described]) -> bool:
        """before: the set's lifts so far, the latest last."""
        ...


class Lifts:
    """Tells lifts from walking, say, or picking something up; it knows the lifts before."""

    def __init__(self, rules: RepRules, model: LiftModel | None) -> None:
        """model: None where the exercise has none; with one, samples bring `points_px` and `world`."""
        self._rules, self._model = rules, model
        self._before: deque[Described] = deque(maxlen=SET_REPS)

    def is_lift(self, of: Sequence[Sample], times: Times, let_go: bool) -> bool:
        """let_go: the bar was dropped at the top, which the model has not learned."""
        model, (start_s, _, end_s) = self._model, times
        if model is None or let_go:
            return self._within_rules(of, times, let_go)
        described = movement.describe(samples.movement_of(of, start_s, end_s))
        lift = model.is_lift(described, tuple(self._before))
        if lift:
            self._before.append(described)
        return lift

    def _within_rules(self, of: Sequence[Sample], times: Times, let_go: bool) -> bool:
        """Feet, scale and hands are a lift's. let_go: it ended at the top, where a body looks larger than bent over."""
        rules, (start_s, turn_s, end_s) = self._rules, times
        ends = samples.compare(of, start_s, end_s)
        # Where the body is down the hands are level: on the bar, or in front of the chest. At lockout a near thigh may
        # hide one, and it is seen anywhere.
        lowest_s = [start_s, end_s] if rules.rest == "down" else [turn_s]
        return (
            ends.feet_shift <= rules.max_feet_shift
            and (let_go or ends.scale_change <= rules.max_scale_change)
            and max(samples.hand_tilt(of, at_s) for at_s in lowest_s) <= rules.max_hand_tilt
        )
