"""How much good reps vary within a set and between sets: each measure of the faults, real beside synthetic (Markdown).

    python scripts/measure_variation.py deadlift --cache DIR

All are taken from the pose estimator's landmarks (of synthetic sets: from the modelled ones) as the pipeline finds the
reps, so that both contain the estimator's errors. A good synthetic set must not be tighter than a real one. Real reps
are those of the clips of LIVECOACH_DATA (default ../shared/data) and, for the deadlift, the depth camera's good lifts,
one each, of one lifter, on the judging bodies. What the pose estimator saw in the clips is kept in DIR.
"""

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from real_clips import labelled_reps
from real_reps import data_folder, run
from scipy.stats import chi2
from width import found_reps, good_set, middle, own_frame

from livecoach import landmark
from livecoach.config import exercise as exercises
from livecoach.config.exercise import Exercise
from livecoach.rep.measures import MEASURES, RepMotion, load_faults, measured
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.retarget import depth_camera_sets
from livecoach.types import Observation, Rep

MARGIN_S = 1.0
"""Shown to the measures before and after a rep."""
LEAST_REPS = 10
"""Of a measure that is told."""
BACK = ("dorsal_sagitta", "pelvic_tuck")
FEET_STAND = ("ankle_displacement", "bar_lost", "heel_rise_deadlift", "heel_rise_squat")
"""Measures that world landmarks can't give, whose origin is between the hips, or that are nothing in a good rep."""
DEPTH_CAMERA = Path("landmarks") / "kinect_deadlift.npz"
Values = dict[str, float]
Groups = Sequence[Sequence[float]]
"""Values of one measure by set."""


class Spread(NamedTuple):
    """Standard deviations of one measure; NaN where they can't be had."""

    mean: float
    within: float
    low: float
    """Lower end of the 95 % interval of `within`."""
    freedom: int
    """Degrees of freedom of `within`."""
    between: float
    sets: int


def measures_of(observations: Sequence[Observation], rep: Rep, exercise: str) -> Values:
    """Measure → value of a rep that the pipeline found."""
    near = [o for o in observations if o.world is not None and rep.start_s - MARGIN_S <= o.t_s <= rep.end_s + MARGIN_S]
    t_s = np.array([o.t_s for o in near])
    inside = (t_s >= rep.start_s) & (t_s <= rep.end_s)
    points, torso_m, _ = own_frame(np.stack([o.world for o in near if o.world is not None]), inside)
    on_feet = points - middle(points, landmark.ANKLES)[:, None]  # the feet are planted, the landmarks' origin moves
    first, last = (int(i) for i in np.flatnonzero(inside)[[0, -1]])
    motion = RepMotion(points=on_feet, t_s=t_s, torso=torso_m, start=first, end=last + 1)
    found = measured(motion, load_faults(exercise))
    return {name: value for name, value in found.items() if name not in BACK + FEET_STAND and math.isfinite(value)}


def of_clips(exercise: Exercise, cache: Path, model: str) -> list[list[Values]]:
    """Measures of the clips' good reps, by clip."""
    clips = defaultdict(list)
    for found in labelled_reps(exercise, cache, model):
        if found.label == "good" and found.rep.score is not None:
            clips[found.clip].append(measures_of(found.observations, found.rep, exercise.name))
    return list(clips.values())


def of_synthetic(seed: int, exercise: str, number: int) -> list[Values]:
    """Measures of the reps of a synthetic good set."""
    made = good_set(exercise, "judging", seed, number)
    reps = found_reps(made.observations, exercises.load(exercise))
    return [measures_of(made.observations, rep, exercise) for rep in reps if rep.score is not None]


def of_depth_camera(exercise: Exercise, path: Path, seed: int) -> list[list[Values]]:
    """Measures of the depth camera's good lifts."""
    lifts = [lift for lift in depth_camera_sets(path, JUDGING, seed) if not lift.fault]
    return [
        [measures_of(lift.observations, rep, exercise.name)]
        for lift in lifts
        for rep in found_reps(lift.observations, exercise)
    ]


def spread(groups: Groups) -> Spread:
    """Variance components of a one-way layout with unequal groups (Searle, Casella and McCulloch 1992, 3.6)."""
    arrays = [np.asarray(group) for group in groups if len(group)]
    sizes = np.array([len(group) for group in arrays])
    total, sets = int(sizes.sum()), len(arrays)
    freedom = total - sets
    everything = np.concatenate(arrays) if sets else np.array([math.nan])
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in arrays) / freedom if freedom else math.nan
    if sets < 2:
        return Spread(float(everything.mean()), math.sqrt(within), math.nan, freedom, math.nan, sets)
    around = sum(n * (group.mean() - everything.mean()) ** 2 for n, group in zip(sizes, arrays, strict=True))
    usual = (total - (sizes**2).sum() / total) / (sets - 1)
    of_means = (around / (sets - 1) - within) / usual if freedom else everything.var(ddof=1)
    low = math.sqrt(within * freedom / chi2.ppf(0.975, freedom)) if freedom else math.nan
    return Spread(float(everything.mean()), math.sqrt(within), low, freedom, math.sqrt(max(float(of_means), 0.0)), sets)


def show(
    exercise: Exercise, real: list[list[Values]], depth: list[list[Values]], synthetic: list[list[Values]]
) -> None:
    """The table."""
    print(f"# {exercise.title}: spread of good reps (standard deviations), real beside synthetic\n")
    heads = ("measure", "unit", "real, within (95 % from, d.f.)", "real, between", "sets", "depth camera, all")
    heads += ("synthetic, within", "between", "all", "sets", "means: real, synthetic", "synthetic is tighter")
    print(f"| {' | '.join(heads)} |\n| {' | '.join('---' for _ in heads)} |")
    for name in load_faults(exercise.name).signs:
        of_real, of_depth, made = (spread(_groups(reps, name)) for reps in (real, depth, synthetic))
        if of_real.freedom + of_real.sets < LEAST_REPS:
            continue
        everything = math.hypot(made.within, made.between)
        cells = (f"`{name}`", MEASURES[name].unit, _within(of_real), _number(of_real.between), of_real.sets)
        cells += (_number(of_depth.between), *map(_number, (made.within, made.between, everything)), made.sets)
        cells += (f"{_number(of_real.mean)}, {_number(made.mean)}", _tighter(of_real, made))
        print(f"| {' | '.join(map(str, cells))} |")


def _within(real: Spread) -> str:
    return f"{_number(real.within)} ({_number(real.low)}, {real.freedom})"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3g}"


def _tighter(real: Spread, made: Spread) -> str:
    """What of a synthetic set is tighter than of a real one."""
    found = [
        ("within, beyond chance", made.within < real.low),
        ("within", real.low <= made.within < real.within),
        ("between", made.between < real.between),
    ]
    return ", ".join(what for what, true in found if true)


def _groups(reps: Iterable[Iterable[Values]], name: str) -> Groups:
    return [known for of_set in reps if (known := [values[name] for values in of_set if name in values])]


def report(asked: argparse.Namespace) -> None:
    """Measure and print."""
    exercise = exercises.load(asked.exercise)
    real = of_clips(exercise, asked.cache, asked.pose)
    lifts = data_folder().parent / DEPTH_CAMERA
    has_lifts = exercise.name == "deadlift" and lifts.is_file()
    depth = of_depth_camera(exercise, lifts, asked.seed) if has_lifts else []
    with ProcessPoolExecutor(asked.workers) as pool:
        synthetic = list(pool.map(partial(of_synthetic, asked.seed, exercise.name), range(asked.sets)))
    show(exercise, real, depth, synthetic)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was seen in the clips")
    parser.add_argument("--pose", default="lite", help="pose model")
    parser.add_argument("--sets", type=int, default=120, help="synthetic ones")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    return run(lambda: report(asked))


if __name__ == "__main__":
    sys.exit(main())
