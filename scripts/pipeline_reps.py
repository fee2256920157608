"""Rep tensors as they are at run time: sets go through the real pipeline, whose boundaries they have.

Sets of the parts differ in lifter, camera and noise: their seeds are disjoint. Training and judging have no body in
common.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach import boundary_model, lift, stage
from livecoach.exercise import Exercise
from livecoach.form.measures import load_faults
from livecoach.paths import models_dir
from livecoach.pipeline import Pipeline
from livecoach.scoring import Score, Scorer
from livecoach.skelemotion import WINDOW_S, rep_tensor
from livecoach.synth.motion.faults import FAULTS
from livecoach.synth.motion.tokens import GOOD, Deviation, Token, faulty
from livecoach.synth.sets import SyntheticSet, Wanted, random_set
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation, Rep
from livecoach.verdict import ScorerReferee

VIEWS_DEG = (-105.0, 105.0)
"""Wider than a random set's: most real clips are seen from the side, about 90 degrees."""
SHIFTED = 2
SHIFT_S = 0.15
"""Copies of a training rep with other boundaries, and how far they are moved: the pipeline's own differ by as much."""
LEAST_KNOB = 0.5
"""Of the faults that judge."""
MATCH_S = 0.3
"""How far outside a true rep the pipeline's turn may lie."""
PARTS = {"train": 0, "calibration": 1, "test": 2, "faulty": 3}
BODIES = {"train": "training", "calibration": "judging", "test": "judging", "faulty": "judging"}


class PipelineRep(NamedTuple):
    """A rep that the pipeline judged."""

    rep: Rep
    tensor: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reps:
    """Rep tensors of many sets."""

    tensors: np.ndarray
    """(n, *skelemotion.SHAPE) float32."""
    faults: np.ndarray
    """(n,) names; "good" for none, "shifted" for a good rep with moved boundaries."""
    severities: np.ndarray
    """(n,) 0…1, measured on the noise-free motion, of the rep's fault; 0 for a good rep."""
    sets: np.ndarray
    """(n,) number of the set."""

    def of(self, fault: str) -> np.ndarray:
        """The tensors of one fault."""
        return self.tensors[self.faults == fault]

    def sha256(self) -> str:
        """Digest of the tensors."""
        return hashlib.sha256(self.tensors.tobytes()).hexdigest()


class _Keeper:
    """A scorer that keeps the tensors and finds nothing anomalous."""

    tensor: np.ndarray

    def score(self, tensor: np.ndarray) -> Score:
        self.tensor = tensor
        return Score(value=0.0, joints=())


def scored_by(exercise: Exercise, scorer: Scorer) -> Pipeline:
    """A pipeline in which a scorer alone judges."""
    referee = ScorerReferee(scorer, load_faults(exercise.name))
    folder = models_dir() / exercise.model
    return Pipeline(
        exercise,
        stage.load(folder / "stage.json"),
        referee,
        lift=lift.load(folder / "lift.json"),
        boundaries=boundary_model.load(folder / "boundaries.json"),
    )


def pipeline_reps(observations: Sequence[Observation], exercise: Exercise) -> Iterator[PipelineRep]:
    """The reps that the pipeline finds and judges, in order."""
    if not observations:
        return
    keeper = _Keeper()
    pipeline = scored_by(exercise, keeper)
    for observation in observations:
        yield from _judged(pipeline.step(observation).rep, keeper)
    yield from _judged(pipeline.finish(observations[-1]).rep, keeper)


def _judged(rep: Rep | None, keeper: _Keeper) -> Iterator[PipelineRep]:
    if rep is not None and rep.score is not None:
        yield PipelineRep(rep, keeper.tensor)


def synthetic_reps(exercise: Exercise, part: str, sets: int, seed: int) -> Reps:
    """Reps of `sets` random sets of one of PARTS. Where the pipeline counts what was no rep, that is left out."""
    rows: list[tuple[np.ndarray, str, float, int]] = []
    for number in range(sets):
        rng = np.random.default_rng((seed, PARTS[part], number, 1))
        view_deg = float(rng.uniform(*VIEWS_DEG))
        tokens = _tokens(rng, exercise.name, part)
        wanted = Wanted(exercise=exercise.name, bodies=BODIES[part], tokens=tokens, view_deg=view_deg)
        made = random_set((seed, PARTS[part], number), wanted)
        for found in pipeline_reps(made.observations, exercise):
            true = _true_rep(made, found.rep)
            if true is None:
                continue
            severity = max((fault.severity or 0.0 for fault in true.faults), default=0.0)
            rows.append((found.tensor, true.fault, severity, number))
            if part == "train":
                rows += [(_shifted(rng, made, found.rep), "shifted", 0.0, number) for _ in range(SHIFTED)]
    tensors, faults, severities, numbers = zip(*rows, strict=True)
    return Reps(
        tensors=np.stack(tensors),
        faults=np.array(faults),
        severities=np.array(severities),
        sets=np.array(numbers),
    )


def _tokens(rng: np.random.Generator, exercise: str, part: str) -> tuple[Token, ...]:
    """Good reps; for judging faults, each fault once after a good rep."""
    if part != "faulty":
        return (GOOD,) * int(rng.integers(4, 8))
    faults = FAULTS[exercise]
    knobs = rng.uniform(LEAST_KNOB, 1.0, len(faults))
    tokens = [faulty(Deviation(fault, "", float(knob))) for fault, knob in zip(faults, knobs, strict=True)]
    return (GOOD, *(tokens[i] for i in rng.permutation(len(tokens))))


def _true_rep(made: SyntheticSet, rep: Rep) -> TrueRep | None:
    """The rep that the lifter did when the pipeline saw one turn."""
    near = [true for true in made.reps if true.start_s - MATCH_S <= rep.turn_s <= true.end_s + MATCH_S]
    return near[0] if len(near) == 1 else None


def _shifted(rng: np.random.Generator, made: SyntheticSet, rep: Rep) -> np.ndarray:
    start_s, end_s = (float(t + rng.uniform(-SHIFT_S, SHIFT_S)) for t in (rep.start_s, rep.end_s))
    near = [o for o in made.observations if start_s - WINDOW_S <= o.t_s <= end_s + WINDOW_S]
    return rep_tensor(near, start_s, end_s)
