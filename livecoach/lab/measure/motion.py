"""Detection of real people's incorrect movements by several encoders, and its loss when the camera moves.

The people are those of UI-PRMD (livecoach.lab.scorer.real_motion), before virtual cameras. Encoders are trained without
the people that they are measured on. A person's first correct reps are the reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np

from livecoach import assembly
from livecoach.errors import ModelError
from livecoach.judging.judge import Judge
from livecoach.judging.reference import ReferenceRep, reference_of
from livecoach.judging.scorer import Encoder, ReferenceKind, Scorer
from livecoach.lab.dataset import Dataset, Reps
from livecoach.lab.intervals import auroc, auroc_interval
from livecoach.lab.measure.table import Cell, Estimate, Progress, Rounded, Share, Table
from livecoach.lab.scorer.metric import NUMBERS, everybody_mean, learned_metric, principal_basis
from livecoach.lab.scorer.real_motion import RecordedPerson, a_camera, film, real_reps, recorded_people
from livecoach.lab.scorer.training import real_sets, synthetic_sets
from livecoach.lab.synthetic import READ_DEG, SAME_PLACE_READ_DEG
from livecoach.rep.measures import FaultTable
from livecoach.rep.view_normalised import can_be_normalised
from livecoach.synth import noise
from livecoach.synth.camera import VirtualCamera
from livecoach.types import RepWindow

OWN = 5
"""Number of correct reps in the reference."""
LEAST_OWN = 3
FOLDS = 5
CAMERAS = 3
"""Number of virtual cameras for each person."""
PRINCIPAL = 32
PLAIN, OF_BASIS = "all numbers alike", f"{PRINCIPAL} principal directions"
OF_SYNTHETIC, WITH_REAL = "learned from synthetic lifters", "and from other people"
ENCODERS = (PLAIN, OF_BASIS, OF_SYNTHETIC, WITH_REAL)
TITLES = {"m01": "deep squat", "m03": "inline lunge", "m05": "sit to stand"}
"""Movements of UI-PRMD."""
Move: TypeAlias = tuple[float, float, float]
"""Movement of a camera: degrees of azimuth, metres of height, factor on the distance."""
STILL: Move = (0.0, 0.0, 1.0)
MOVES: dict[str, Move] = {
    "not moved": STILL,
    "5° to a side": (5.0, 0.0, 1.0),
    "10° to a side": (10.0, 0.0, 1.0),
    "15° to a side": (15.0, 0.0, 1.0),
    "20 cm higher": (0.0, 0.2, 1.0),
    "20 cm lower": (0.0, -0.2, 1.0),
    "20 % farther": (0.0, 0.0, 1.2),
    "20 % nearer": (0.0, 0.0, 0.8),
}
LEAST_HEIGHT_M = 0.1


class MatrixEncoder(Encoder):
    """An encoder in memory. matrix: (K, NUMBERS)."""

    def __init__(self, matrix: np.ndarray) -> None:
        self._matrix = matrix

    def encode(self, points: np.ndarray) -> np.ndarray:
        """Return the latent (K,) of a trajectory, as livecoach.judging.scorer.Encoder does."""
        latent: np.ndarray = self._matrix @ points.ravel()
        return latent


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """Reps with their distances divided by the limit."""

    movement: str
    correct: tuple[float, ...]
    incorrect: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filming:
    """One person before one camera, which can be moved."""

    person: RecordedPerson
    camera: int
    """Its number."""
    errors: float = 1.0
    """Factor on the pose estimator's errors."""

    def reps(
        self, table: FaultTable, move: Move = STILL, day: int = 0
    ) -> tuple[list[ReferenceRep], list[ReferenceRep]]:
        """Return the correct reps and the incorrect ones, as far as their poses are known.

        day: each day has errors of its own. On day 0 the camera has not been moved.
        """
        numbers = int(self.person.movement[1:]), int(self.person.person[1:]), self.camera
        rng = np.random.default_rng(numbers)
        first = a_camera(rng)
        read_off_deg = self.errors * float(rng.normal(0, READ_DEG))
        rng = np.random.default_rng((*numbers, day))
        camera = _moved(first, move)
        read_deg = camera.azimuth_deg + read_off_deg + self.errors * float(rng.normal(0, SAME_PLACE_READ_DEG))
        whose = noise.NoiseSeeds(numbers[1], int(np.dot(numbers, (10_000, 100, 1))))
        of_kinds = []
        for points in (self.person.correct, self.person.incorrect):
            windows = film(rng, points, camera, read_deg, whose, self.errors) if points else []
            own_reps = (
                None if one is None else _own_rep(one, table, mirrored=first.azimuth_deg < 0) for one in windows
            )
            of_kinds.append([one for one in own_reps if one is not None])
        return of_kinds[0], of_kinds[1]


def measure(exercise: str, data: Dataset, folder: Path, progress: Progress) -> list[Table]:
    """Measure the movements of an exercise. data: synthetic lifters to learn from. folder: as recorded_people's.

    Raises ModelError if nobody was recorded doing the exercise, and SourceError.
    """
    coach = assembly.load(exercise)
    table = coach.scorer.faults.table
    real = real_reps(folder, coach.exercise.motion, table, cameras=CAMERAS, seed=0)
    if real is None:
        raise ModelError(f"exercise {exercise!r}: no real person does it. Choose squat or lunge.")
    people = recorded_people(folder, coach.exercise.motion)
    encoders = _Encoders(coach.scorer, data)
    areas: list[tuple[str, float, Scored]] = []
    moved: list[tuple[str, Scored]] = []
    names = sorted({one.person for one in people})
    for fold in range(FOLDS):
        progress("people held out", fold / FOLDS)
        held_out = names[fold::FOLDS]
        scorers = encoders.scorers(real.some(~np.isin(_person_of(real), held_out)))
        mine = [one for one in people if one.person in held_out]
        for person, camera in product(mine, range(CAMERAS)):
            for errors in (0.0, 1.0):
                correct, incorrect = Filming(person=person, camera=camera, errors=errors).reps(table)
                for name, scorer in scorers.items():
                    scored = _scored(scorer, person.movement, correct, correct[OWN:], incorrect, "session")
                    areas.append((name, errors, scored))
            first, _ = Filming(person=person, camera=camera).reps(table)
            for day, (name, move) in enumerate(MOVES.items(), 1):
                correct, incorrect = Filming(person=person, camera=camera).reps(table, move, day)
                scored = _scored(scorers[WITH_REAL], person.movement, first, correct[OWN:], incorrect, "day")
                moved.append((name, scored))
    return [_table_of_encoders(areas), _table_of_moves(moved)]


class _Encoders:
    """Encoders to replace the shipped one. Encoders that do not learn from real people are trained once."""

    def __init__(self, scorer: Scorer, data: Dataset) -> None:
        self._scorer, self._train = scorer, data.part("train")
        self._everybody = everybody_mean(self._train)
        self._synthetic = synthetic_sets(self._train, self._everybody)
        basis = principal_basis([self._synthetic])[:PRINCIPAL]
        self._made = {
            PLAIN: np.eye(NUMBERS) / np.sqrt(NUMBERS),
            OF_BASIS: basis / np.sqrt(NUMBERS),
            OF_SYNTHETIC: learned_metric([self._synthetic]).encoder,
        }

    def scorers(self, others: Reps) -> dict[str, Scorer]:
        """Return a scorer with each encoder. others: reps of the people who are not measured."""
        both = [self._synthetic, real_sets(others, self._everybody)]
        made = {**self._made, WITH_REAL: learned_metric(both).encoder}
        return {name: replace(self._scorer, encoder=MatrixEncoder(matrix)) for name, matrix in made.items()}


def _scored(
    scorer: Scorer,
    movement: str,
    first: Sequence[ReferenceRep],
    correct: Sequence[ReferenceRep],
    incorrect: Sequence[ReferenceRep],
    kind: ReferenceKind,
) -> Scored:
    """Score reps against the first reps with the same leg in front."""
    judge, references = Judge(scorer), {}
    for front in {rep.front for rep in first}:
        own = [rep for rep in first[:OWN] if rep.front == front]
        if len(own) >= LEAST_OWN:
            references[front] = reference_of(scorer, own, kind)
    of_correct, of_incorrect = (
        tuple(judge.distance(rep.measured, references[rep.front]) for rep in reps if rep.front in references)
        for reps in (correct, incorrect)
    )
    return Scored(movement=movement, correct=of_correct, incorrect=of_incorrect)


def _own_rep(window: RepWindow, table: FaultTable, *, mirrored: bool) -> ReferenceRep | None:
    if not can_be_normalised(window):
        return None
    return ReferenceRep(window, table, mirrored=mirrored)


def _moved(camera: VirtualCamera, move: Move) -> VirtualCamera:
    azimuth_deg, higher_m, farther = move
    outwards = azimuth_deg if camera.azimuth_deg >= 0 else -azimuth_deg
    turn = np.radians(outwards)
    x, y, z = camera.target
    return replace(
        camera,
        azimuth_deg=camera.azimuth_deg + outwards,
        height_m=max(camera.height_m + higher_m, LEAST_HEIGHT_M),
        distance_m=camera.distance_m * farther,
        target=(float(x * np.cos(turn) - y * np.sin(turn)), float(x * np.sin(turn) + y * np.cos(turn)), z),
    )


def _person_of(reps: Reps) -> np.ndarray:
    return np.array([name.rpartition("-")[2] for name in reps.lifters.tolist()])


def _table_of_encoders(areas: Sequence[tuple[str, float, Scored]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    movements = dict.fromkeys(scored.movement for _, _, scored in areas)
    for movement, errors in product(movements, (0.0, 1.0)):
        cells: list[Cell] = []
        for encoder in ENCODERS:
            mine = [one for name, of, one in areas if (name, of, one.movement) == (encoder, errors, movement)]
            estimate = auroc_interval(*_all(mine), seed=0)
            cells.append(Estimate(float(estimate["value"]), float(estimate["low"]), float(estimate["high"])))
        rows.append((TITLES[movement], "as recorded" if errors == 0 else "by virtual cameras", *cells))
    return Table(
        title="Area under the ROC of the distance, by encoder; people held out",
        columns=("movement", "seen", *ENCODERS),
        rows=tuple(rows),
    )


def _table_of_moves(moved: Sequence[tuple[str, Scored]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name in MOVES:
        correct, incorrect = _all([one for of, one in moved if of == name])
        area = Rounded(auroc(correct, incorrect), 3)
        hits, alarms = Share(int((incorrect > 1).sum()), len(incorrect)), Share(int((correct > 1).sum()), len(correct))
        rows.append((name, hits, alarms, area))
    return Table(
        title="Another day, the camera moved; by the distance alone, people held out",
        columns=("camera", "incorrect reps flagged", "correct reps flagged", "area"),
        rows=tuple(rows),
    )


def _all(scored: Sequence[Scored]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([one.correct for one in scored]), np.concatenate([one.incorrect for one in scored])
