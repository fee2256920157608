"""A referee that judges by the anomaly scorer alone. Pure, but for the scorer that it is handed."""

from dataclasses import replace
from typing import Protocol

import numpy as np

from livecoach import landmark
from livecoach.anomaly.skelemotion import JOINTS, WINDOW_S, camera_at_right, rep_tensor
from livecoach.judging import attribution
from livecoach.judging.gate import gate
from livecoach.judging.referee import NO_VIEW, Ruling, unjudged, unseen
from livecoach.judging.reference_corrections import CorrectionEffect
from livecoach.rep.measures import FaultTable
from livecoach.rep.view_normalised import normalised_rep
from livecoach.types import Fault, Learning, Rep, RepWindow, View, Why


class Score(Protocol):
    """How anomalous a rep is."""

    @property
    def value(self) -> float:
        """Score; above 1 is anomalous."""
        ...

    @property
    def joints(self) -> tuple[str, ...]:
        """Landmarks that stand out, worst first, in a tensor whose camera is at the lifter's left."""
        ...

    @property
    def shares(self) -> np.ndarray | None:
        """(blocks of moments, skelemotion.JOINTS) contributions to the score; None where they are not known."""
        ...


class Scorer(Protocol):
    """Scores rep tensors."""

    def score(self, tensor: np.ndarray) -> Score:
        """tensor: skelemotion.SHAPE float32."""
        ...


class AnomalyReferee:
    """Judges reps by the model of good reps alone, without the lifter's own reps."""

    def __init__(self, scorer: Scorer, table: FaultTable) -> None:
        """table: the exercise's faults; none of them is named."""
        self._scorer, self.table = scorer, table

    def rep(self, found: Rep, _number: int, window: RepWindow) -> Ruling:
        """Judge a rep that is complete."""
        rep = replace(found, confidence=window.confidence, not_visible=unseen(self.table, NO_VIEW))
        unsure = gate(window, normalised_rep(window)).unsure
        if unsure is not None:
            return unjudged(rep, self.table, window, unsure)
        return Ruling(rep=self._scored(rep, window), window=window)

    def _scored(self, rep: Rep, window: RepWindow) -> Rep:
        from_s, to_s = window.start_s - WINDOW_S, window.end_s + WINDOW_S
        near = [o for o in window.observations if from_s <= o.t_s <= to_s]
        score = self._scorer.score(rep_tensor(near, window.start_s, window.end_s))
        mirrored = camera_at_right(np.stack([o.world for o in near if o.world is not None]))
        anomalous = score.value > 1
        return replace(
            rep,
            verdict="anomalous" if anomalous else "good",
            score=score.value,
            top_joints=_own_sides(score.joints, mirrored) if anomalous else (),
            why=self._why(score.shares, mirrored, window),
        )

    def _why(self, shares: np.ndarray | None, mirrored: bool, window: RepWindow) -> Why | None:
        """shares: as Score's; its blocks lie evenly over the rep."""
        if shares is None:
            return None
        middles = (np.arange(len(shares)) + 0.5) / len(shares)
        moments_s = window.start_s + middles * (window.end_s - window.start_s)
        joints = [landmark.OTHER_SIDE[i] if mirrored else i for i in JOINTS]
        phases = attribution.phases(self.table.travel, {}, window.start_s, window.turn_s, window.end_s)
        return attribution.why(shares, joints, moments_s, phases)

    def partial(self, _window: RepWindow) -> tuple[Fault, ...]:
        """Name no faults."""
        return ()

    def learning(self, _view: View | None) -> Learning | None:
        """Learn nothing."""
        return None

    def set_over(self) -> tuple[tuple[str, ...], tuple[RepWindow, ...]]:
        """Return no notes, and nothing learned."""
        return (), ()

    def correct(self, _rep: Rep) -> CorrectionEffect:
        """Learn nothing from a correction."""
        return CorrectionEffect()


def _own_sides(joints: tuple[str, ...], mirrored: bool) -> tuple[str, ...]:
    """Name landmarks of a tensor by the lifter's own sides."""
    return tuple(landmark.NAMES[landmark.OTHER_SIDE[landmark.NAMES.index(j)]] for j in joints) if mirrored else joints
