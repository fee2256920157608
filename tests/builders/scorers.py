"""A small scorer made by hand, with round figures, whose latents are the trajectories. Nothing of it is trained."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from builders.kept_reps import a_normalised_rep
from builders.stick_figure import Lift
from livecoach.decisions.judging.fault_model import CENTRES_DEG, AmountFunction, FaultModel, function_measures
from livecoach.decisions.judging.scorer import CameraShift, Limits, Population, Scorer, WidthPrior
from livecoach.decisions.rep.measures import MEASURES, FaultSign, FaultTable, load_faults
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE, compute_trajectory, sampled_moments_s

NUMBERS = int(np.prod(TRAJECTORY_SHAPE))
USUAL = 0.01
"""Root mean square distance of a good rep from its set, torso lengths; a stick figure's is .003."""
PRIOR = WidthPrior(usual=USUAL, freedom=4.0, of_rep=5.0)
LIMITS: Limits = {"set": 2.0, "session": 2.5, "everybody": 3.0}
ANOTHER_DAY = CameraShift(day=0.005, per_deg=0.001, per_tilt_deg=0.002, per_size=0.1, most=0.05)
AMONG_PEOPLE = 0.1
"""Root mean square distance of lifters from everybody's mean, torso lengths."""
REACH = 1.0
"""How far a joint may be from where everybody has it for the decoder to give it back, torso lengths."""
CHANGE_OF = {"deg": 16.0, "torso": 0.16, "s": 0.4, "1": 0.4, "torso/s²": 1.6}
"""Unit of a measure without a smallest change → the change at which its fault has an amount of 1."""


class PlainEncoder:
    """Stands in for an encoder that learned nothing: a latent is the trajectory itself, so that distances are root mean
    squares. The decoder gives back what is near a human's movement."""

    def __init__(self, human: np.ndarray) -> None:
        """human: a trajectory."""
        self._human = human

    def encode(self, points: np.ndarray) -> np.ndarray:
        return points.ravel() / np.sqrt(points.size)

    def decoding_error(self, points: np.ndarray) -> float:
        moved = self.encode(points).reshape(points.shape) * np.sqrt(points.size) - self._human
        made = self._human + np.clip(moved, -REACH, REACH)
        return float(np.sqrt(((made - points) ** 2).mean()))


def a_scorer(table: FaultTable | None = None, **changes: object) -> Scorer:
    """A scorer whose everybody lifts as the stick figure does. Each fault's amount is the change of its first measure,
    over the smallest change worth saying; it is flagged at 1."""
    table = table or load_faults("deadlift")
    mean = _mean("deadlift" if table.travel == "bar" else "squat")
    encoder = PlainEncoder(mean)
    scorer = Scorer(
        encoder=encoder,  # type: ignore[arg-type]
        population=Population(mean=mean, latents=_people(encoder.encode(mean)), deviation=AMONG_PEOPLE),
        faults=a_fault_model(table),
        width=PRIOR,
        limits=LIMITS,
        camera=ANOTHER_DAY,
        decoder_error=0.05,
    )
    return replace(scorer, **changes)  # type: ignore[arg-type]


def a_fault_model(
    table: FaultTable, *, effects: Mapping[str, float] | None = None, latent: int = NUMBERS
) -> FaultModel:
    """Return the model of `a_scorer`. effects: of faults in every view, if not 3."""
    measures = function_measures(table)
    size = latent + 2 + 2 * len(measures)
    scale, weights = np.ones(size), np.zeros((len(table.faults), size))
    for row, fault in zip(weights, table.faults.values(), strict=True):
        shown = next((sign for sign in fault.signs if sign.measure in measures), None)
        if shown is not None:
            column = latent + 2 + measures.index(shown.measure)
            row[[column, column + len(measures)]] = -1.0 if shown.side == "less" else 1.0
    for place, name in enumerate(measures):
        scale[[latent + 2 + place, latent + 2 + place + len(measures)]] = _change(table.signs[name][0])
    return FaultModel(
        table=table,
        measures=measures,
        function=AmountFunction(
            scale=scale,
            linear=np.concatenate([weights, np.zeros((len(weights), 2 * size))], 1),
            hidden=np.zeros((1, size + 2)),
            hidden_bias=np.zeros(1),
            out=np.zeros((len(weights), 1)),
            out_bias=np.zeros(len(weights)),
            seen=np.tile([[(effects or {}).get(name, 3.0)] for name in table.faults], len(CENTRES_DEG)),
        ),
        limits=np.ones(len(weights)),
    )


def _change(sign: FaultSign) -> float:
    return sign.least_change or CHANGE_OF[MEASURES[sign.measure].unit]


def _people(middle: np.ndarray) -> np.ndarray:
    """(8, K) latents of lifters around the middle, in directions of their own."""
    off = np.random.default_rng(0).normal(size=(8, len(middle)))
    return middle + AMONG_PEOPLE * off / np.linalg.norm(off, axis=1, keepdims=True)


@cache
def _mean(lift: Lift) -> np.ndarray:
    """Return the trajectory of the stick figure's own rep."""
    rep = a_normalised_rep(lift=lift)
    found = compute_trajectory(rep, sampled_moments_s(rep, "bar" if lift == "deadlift" else "hips"))
    found.setflags(write=False)
    return found
