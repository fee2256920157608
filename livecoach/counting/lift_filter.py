"""Decide which movements out and back are lifts, by a model or by simple limits on feet, scale and hands."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from livecoach.config.exercise import RepRules
from livecoach.counting import features, samples
from livecoach.counting.evidence import Evidence, EvidenceRules
from livecoach.counting.outcome import Candidate, Times
from livecoach.counting.samples import Sample

BAR_HELD, BAR_STAYS = 3.0, -3.0
"""Log likelihood ratio of a lift where the hands move the bar up and down, and where it stays on the floor. Our choice:
hardly any lift leaves a visible bar on the floor, and few other movements lift one."""


class LiftScorer(Protocol):
    @property
    def rules(self) -> EvidenceRules: ...

    def own(self, candidate: Candidate) -> float:
        """Log likelihood ratio of a lift against any other movement. candidate: with its features."""
        ...

    def alike(self, candidate: Candidate, before: Sequence[Candidate]) -> float:
        """Log likelihood ratio of reps of one set against other movements. before: one or more, the latest last."""
        ...

    def named(self, log_odds: float) -> "LiftScorer":
        """The classifier for a lifter who has named the exercise. log_odds: added to those of a rep."""
        ...


class LiftFilter:
    """Tells lifts from other movements, with memory of those before."""

    def __init__(self, rules: RepRules, model: LiftScorer | None) -> None:
        """With a model, samples must have `points_px` and `world`."""
        self._rules, self._model = rules, model
        self._evidence = None if model is None else Evidence(model.rules, model.alike)
        self._named = False
        self.refused = 0

    def name(self, log_odds: float) -> None:
        """The lifter has named the exercise, which adds this to the log odds of a rep."""
        if self._model is not None and self._evidence is not None and not self._named:
            self._named = True
            self._model = self._model.named(log_odds)
            self._evidence.rules = self._model.rules

    def accept(self, candidate: Candidate, of: Sequence[Sample], times: Times, released: bool) -> tuple[Candidate, ...]:
        """Return the movements that count with this one, which is the last; empty where it is in doubt.

        of: samples of the movement and around it. times: turning points of its curve. released: the bar at the top, on
        which the model was not trained.
        """
        counted = self._counted(candidate, of, times, released)
        self.refused += 1 - len(counted)
        return counted

    def _counted(
        self, candidate: Candidate, of: Sequence[Sample], times: Times, released: bool
    ) -> tuple[Candidate, ...]:
        if self._model is None or self._evidence is None or released:
            return (candidate,) if self._within_rules(of, times, released) else ()
        start_s, _, end_s = times
        candidate = replace(candidate, features=features.extract(samples.movement_of(of, start_s, end_s)))
        own = self._model.own(candidate) + self._by_bar(of, start_s, end_s)
        return self._evidence.step(candidate, own)

    def counted_by_plate(self, times: Times) -> None:
        """Doubtful movements before a rep that counted by the plate alone no longer count."""
        if self._evidence is not None:
            self._evidence.discard_before(times[2])

    def is_like_a_lift(self, candidate: Candidate, of: Sequence[Sample], times: Times) -> bool:
        """Whether a movement would count by itself; it is then forgotten. of, times: as in `accept`."""
        if self._model is None:
            return self._within_rules(of, times, released=False)
        start_s, _, end_s = times
        candidate = replace(candidate, features=features.extract(samples.movement_of(of, start_s, end_s)))
        return self._model.rules.prior + self._model.own(candidate) + self._by_bar(of, start_s, end_s) > 0

    def _by_bar(self, of: Sequence[Sample], start_s: float, end_s: float) -> float:
        """Log likelihood ratio of a lift from whether the hands move the bar; 0 where the bar does not rest on the
        floor, because it was not measured there."""
        if not self._rules.bar_on_floor:
            return 0.0
        held = samples.bar_held(of, start_s, end_s)
        return 0.0 if held is None else BAR_HELD if held else BAR_STAYS

    def _within_rules(self, of: Sequence[Sample], times: Times, released: bool) -> bool:
        """released: it ended at the top, where a body looks larger."""
        rules, (start_s, turn_s, end_s) = self._rules, times
        ends = samples.compare_ends(of, start_s, end_s)
        # At the bottom the hands are level: on the bar, or in front of the chest. At lockout a thigh may hide one hand
        # and falsify its landmark.
        lowest_s = [start_s, end_s] if rules.rest == "down" else [turn_s]
        return (
            ends.feet_shift <= rules.max_feet_shift
            and (released or ends.scale_change <= rules.max_scale_change)
            and max(samples.hand_tilt(of, at_s) for at_s in lowest_s) <= rules.max_hand_tilt
        )
