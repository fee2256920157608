"""Which movements out and back are lifts: what a model says of them, or feet, scale and hands."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from livecoach.config.exercise import RepRules
from livecoach.counting import features, samples
from livecoach.counting.candidate import Candidate
from livecoach.counting.evidence import Evidence, EvidenceRules
from livecoach.counting.mistaken import Looked
from livecoach.counting.outcome import Times
from livecoach.counting.samples import Sample

BAR_HELD, BAR_STAYS = 3.0, -3.0
"""Log likelihood ratio of a lift where the hands move the bar up and down, and where it stays on the floor: twenty to
one. Our choice: in none of 41 rendered lifts whose bar was seen did it stay, and little else lifts one."""


class LiftModel(Protocol):
    """Tells a lift from other movements out and back."""

    @property
    def rules(self) -> EvidenceRules:
        """How what it says is weighed."""
        ...

    def own(self, candidate: Candidate) -> float:
        """Log likelihood ratio of a lift against any other movement. candidate: with its description."""
        ...

    def alike(self, candidate: Candidate, before: Sequence[Candidate]) -> float:
        """Log likelihood ratio of reps of one set against other movements. before: one or more, the latest last."""
        ...


class LiftFilter:
    """Tells lifts from walking, say, or picking something up; it knows the movements before."""

    def __init__(self, rules: RepRules, model: LiftModel | None) -> None:
        """model: None where the exercise has none; with one, samples bring `points_px` and `world`."""
        self._rules, self._model = rules, model
        self._evidence = None if model is None else Evidence[Candidate](model.rules, model.alike)
        self.latest: Looked | None = None
        """The latest movement that the model has looked at."""

    def counted(self, candidate: Candidate, of: Sequence[Sample], times: Times, let_go: bool) -> tuple[Candidate, ...]:
        """The movements that count now that this one has come, itself the last; none where it is in doubt.

        of: samples of the movement and of what is around it. times: where its curve turns. let_go: the bar was dropped
        at the top, which the model has not learned.
        """
        if self._model is None or self._evidence is None or let_go:
            return (candidate,) if self._within_rules(of, times, let_go) else ()
        start_s, _, end_s = times
        candidate = replace(candidate, described=features.describe(samples.movement_of(of, start_s, end_s)))
        own = self._model.own(candidate) + self._by_bar(of, start_s, end_s)
        counted = self._evidence.step(candidate, own)
        self.latest = Looked(candidate.start_s, candidate.end_s, own, bool(counted))
        return counted

    def _by_bar(self, of: Sequence[Sample], start_s: float, end_s: float) -> float:
        """Log likelihood ratio of a lift by whether the hands move the bar. Only what rests on the floor is told by it:
        a squat may do without a bar."""
        if self._rules.rest != "down":
            return 0.0
        seen = samples.bar_evidence(of, start_s, end_s)
        held = None if seen is None else seen.held
        return 0.0 if held is None else BAR_HELD if held else BAR_STAYS

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
