"""How long lifters take for their way down, for what stands out in a first set, and which measures agree between views.

Each lifter does good reps before several cameras, and the median of each set is what livecoach would measure, with the
pose estimator's errors. A measure is of use where these medians differ by the lifter more than by the camera. Squats
and lunges are those of ten recorded people (`livecoach.lab.scorer.real_motion`), all other lifts are synthetic.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from livecoach.coaching.first_set import LEAST_REPS
from livecoach.config import exercise as exercises
from livecoach.frame.quantiles import median
from livecoach.judging.fault_model import OUTSIDE
from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.scorer.real_motion import RecordedPerson, a_camera, film, recorded_people
from livecoach.lab.synthetic import READ_DEG, window_of, with_boundary_errors
from livecoach.model_files.model_folder import FORMAT
from livecoach.rep.features import rep_features
from livecoach.rep.measures import FaultTable, load_faults
from livecoach.rep.tempo import pace
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep
from livecoach.synth import noise
from livecoach.synth.motion.tokens import GOOD
from livecoach.synth.sets import SetRequest, random_set_arrays
from livecoach.types import RepWindow

RECORDED = {"squat": "m01", "lunge": "m03"}
"""Exercise → the movement of UI-PRMD that is the same one: the deep squat and the inline lunge."""
DROPPED = ("snatch", "clean_and_jerk")
"""Lifts whose bar lifters drop: the synthetic lifter's slow way down is no measure. All eight real sets of a coach who
snatches a stick would stand out."""
DOWN = "eccentric_s"
CAMERAS, VIEWS, REPS = 24, 4, 4
"""Cameras that film each recorded person, of which those in the exercise's views count; sets and good reps of each
synthetic lifter."""
FPS = 30.0
LEAST_AGREEMENT = 0.5
"""Least share of the variance between sets that is between lifters, and not between cameras. Our choice."""
KNOWN = 0.9
"""Least share of the sets in which a measure is known."""
BEYOND = 0.01
"""Share of further lifters who lie beyond either limit."""
USUAL = (0.05, 0.95)
"""Quantiles of the lifters between which the usual lies."""


class MeasuredSet(NamedTuple):
    """A set of good reps of one lifter before one camera."""

    lifter: str
    medians: Mapping[str, float]
    """Measure → median of the reps, logarithms for a duration; missing where fewer than LEAST_REPS are known."""


def train_ranges(
    motion: Path, lifters: int, seed: int, jobs: int, training: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return the content of ranges.json.

    motion: folder of UI-PRMD. lifters: synthetic ones of each exercise. training: the command that is kept with the
    result. Raises SourceError.
    """
    found: dict[str, dict[str, Any]] = {}
    agreement: dict[str, dict[str, float]] = {}
    for name in exercises.names():
        recorded = name in RECORDED
        sets = recorded_sets(motion, name, seed) if recorded else synthetic_sets(name, lifters, seed, jobs, progress)
        measures = dict.fromkeys(measure for one in sets for measure in one.medians)
        agreement[name] = {measure: round(agreement_of(sets, measure), 2) for measure in measures}
        if agreement[name].get(DOWN, -1.0) >= LEAST_AGREEMENT and name not in DROPPED:
            people = len({one.lifter for one in sets}) if recorded else None
            found[name] = {**usual_descent(sets), "people": people}
    return {"format": FORMAT, "exercises": found, "training": {**training, "agreement": agreement}}


def agreement_of(sets: Sequence[MeasuredSet], measure: str) -> float:
    """Return the intraclass correlation of a measure's medians, one-way: the share of their variance that is between
    lifters. Below 0 where sets of one lifter differ more than those of different ones, or it is often unknown."""
    by_lifter: dict[str, list[float]] = {}
    for one in sets:
        if measure in one.medians:
            by_lifter.setdefault(one.lifter, []).append(one.medians[measure])
    values = np.array([value for of_one in by_lifter.values() for value in of_one])
    free = len(values) - len(by_lifter)
    if len(values) < KNOWN * len(sets) or free < 1:
        return -1.0
    within = sum(float(((np.array(of_one) - np.mean(of_one)) ** 2).sum()) for of_one in by_lifter.values()) / free
    return float(1 - within / values.var(ddof=1))


def usual_descent(sets: Sequence[MeasuredSet]) -> dict[str, list[float]]:
    """Return usual_s and limits_s of UsualDescent: the limits by Student's t for one more lifter, whose sets differ by
    the camera as these do."""
    known = [one for one in sets if DOWN in one.medians]
    logs, count = np.array([one.medians[DOWN] for one in known]), len({one.lifter for one in known})
    far = float(-stats.t.ppf(BEYOND, count - 1)) * math.sqrt(1 + 1 / count) * float(logs.std(ddof=1))
    limits = np.exp([logs.mean() - far, logs.mean() + far])
    usual = np.exp(np.quantile(logs, USUAL))
    return {"usual_s": np.round(usual, 3).tolist(), "limits_s": np.round(limits, 3).tolist()}


def recorded_sets(folder: Path, exercise: str, seed: int) -> list[MeasuredSet]:
    """Return the correct reps of recorded people as sets before cameras. folder: of UI-PRMD. Raises SourceError."""
    table, motion = load_faults(exercise), exercises.load(exercise).motion
    people = [one for one in recorded_people(folder, motion) if one.movement == RECORDED[exercise] and one.correct]
    sets = [_filmed(person, table, seed, camera) for person in people for camera in range(CAMERAS)]
    return [one for one in sets if one is not None]


def _filmed(person: RecordedPerson, table: FaultTable, seed: int, number: int) -> MeasuredSet | None:
    whose = int(person.person[1:])
    rng = np.random.default_rng((seed, whose, number))
    camera = a_camera(rng)
    if not table.view_deg[0] <= abs(camera.azimuth_deg) <= table.view_deg[1]:
        return None
    read_deg = camera.azimuth_deg + float(rng.normal(0, READ_DEG))
    windows = film(rng, person.correct, camera, read_deg, noise.NoiseSeeds(whose, 1000 * whose + number))
    return _measured(person.person, windows, table, mirrored=camera.azimuth_deg < 0)


def synthetic_sets(exercise: str, lifters: int, seed: int, jobs: int, progress: Progress) -> list[MeasuredSet]:
    """Return sets of good reps of synthetic lifters, VIEWS each."""
    every = in_order(
        partial(_synthetic, exercise, seed), range(lifters), jobs, share_of(progress, f"lifters: {exercise}", lifters)
    )
    return [one for of_lifter in every for one in of_lifter]


def _synthetic(exercise: str, seed: int, lifter: int) -> list[MeasuredSet]:
    table, motion = load_faults(exercise), exercises.load(exercise).motion
    sets = []
    for number in range(VIEWS):
        rng = np.random.default_rng((seed, lifter, number))
        view_deg = float(rng.uniform(*table.view_deg) * rng.choice((-1, 1)))
        session = VIEWS * lifter + number
        wanted = SetRequest(
            exercise=motion,
            bodies="training",
            lifter=lifter,
            session=session,
            view_deg=view_deg,
            fps=FPS,
            lost=0.0,
            noise=0.0,
            tokens=(GOOD,) * REPS,
            typical=True,
        )
        made = random_set_arrays((seed, lifter, number), wanted)
        filming = view_deg, FPS, (made.settings.width_px, made.settings.height_px), 1.0
        noisy = noise.shipped()(rng, made.image[..., :3], made.world, *filming, noise.NoiseSeeds(lifter, session))
        seen, read_deg = (noisy.image, noisy.world, noisy.lost), view_deg + float(rng.normal(0, READ_DEG))
        windows = [window_of(made, seen, with_boundary_errors(rng, rep), read_deg) for rep in made.reps]
        sets.append(_measured(str(lifter), windows, table, mirrored=view_deg < 0))
    return sets


def _measured(lifter: str, windows: Sequence[RepWindow | None], table: FaultTable, *, mirrored: bool) -> MeasuredSet:
    turned = [normalised_rep(window, mirrored) for window in windows if window is not None]
    reps = [_values(one, table) for one in turned if one is not None]
    medians = {}
    for measure in dict.fromkeys(name for rep in reps for name in rep):
        known = [rep[measure] for rep in reps if math.isfinite(rep.get(measure, math.nan))]
        if len(known) >= LEAST_REPS:
            medians[measure] = float(median(np.array(known)))
    return MeasuredSet(lifter, medians)


def _values(rep: NormalisedRep, table: FaultTable) -> dict[str, float]:
    """Return the logarithms of the durations of a rep, and the measures by which its faults are told."""
    features = rep_features(rep, None, table)
    found = None if features.phases is None else pace(features.motion, features.phases, travel=table.travel)
    both_ways = {} if found is None else {DOWN: found.eccentric_s, "concentric_s": found.concentric_s}
    logs = {name: math.log(duration_s) for name, duration_s in both_ways.items() if duration_s > 0}
    signs = {name: of_name[0] for name, of_name in table.signs.items() if name not in OUTSIDE}
    return {**logs, **{name: sign.scaled(features.values[name]) for name, sign in signs.items()}}
