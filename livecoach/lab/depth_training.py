"""Trains and measures the model of squat depth (livecoach.decisions.rep.depth) on rendered bodies.

Every set has eight squats of a body; three in five of them stop short. The pose estimator sees the pictures, and
counting detects the reps. The mesh is the truth: the top of the thigh's skin in front of the hip joint is the crease.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict

from livecoach.core.errors import ConfigError
from livecoach.core.model_files.model_folder import FORMAT
from livecoach.core.types import RepWindow, Standards
from livecoach.core.types.reps import StandardVerdict
from livecoach.decisions import assembly
from livecoach.decisions.rep.depth import FILE, INPUTS, DepthModel, Referee, depth_inputs, mahalanobis_distances
from livecoach.lab.counting import accept_every_movement, find_rep_event, judge_observations
from livecoach.lab.measure.cache import FPS, Cache, render_observations, settings_without_frame_loss
from livecoach.lab.measure.real_clips import data_folder, table_rows
from livecoach.lab.measure.table import Cell, Rounded, Share, Table
from livecoach.lab.model_files import new_files
from livecoach.lab.processes import JobRunner, ReportProgress
from livecoach.lab.synth.figure.body_mesh import HEIGHT_M, SIDES, BodyModel
from livecoach.lab.synth.figure.posture import solve_joints
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_set import SyntheticSet, make_set
from livecoach.lab.synth.synthetic_sets import BodyGroup
from livecoach.lab.train.recipes import DepthRecipe
from livecoach.lab.truth import TrueRep

SQUATS = 8  # Number of squats of a set
VIEWS_DEG = (20.0, 108.0)  # Range of azimuths, in degrees
STOPS_SHORT = 0.6  # Share of squats that stop short
WAYS = ("fear", "strength")  # Variants of the fault "shallow"
LEANS = ("forward_lean.sits_back", "forward_lean.folds", "good_morning.hips_rise", "good_morning.chest_falls")
DEPTH_ALONE, LEANING = 60, 0.5
"""Number of the first sets, whose only fault is depth; share of reps in the other sets in which the trunk leans far."""
CREASE_M, KNEE_M = (0.05, 0.11), 0.05
"""Along the thigh: range of distances from hip joint to crease; greatest distance from knee joint to the knee's top."""
AROUND_TURN_S = 0.3  # The truth is the lowest crease and seat within this time of the turn, in seconds
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)  # Penalties on standardised inputs; the best is chosen on left-out bodies
SHRINKAGE = 0.02  # Shrinkage of the covariance of the standardised inputs towards the identity
NEAREST = 0.98  # Share of the training reps within the distance beyond which no rep is measured
SAME_TURN_S = 1.0  # Largest time between a labelled turn and the turn of the counted rep, in seconds
LEAST_ERROR = 0.002
"""Floor of the errors in the fit of their growth, in leg lengths: logarithms of chance hits would weigh most."""
FOLDS = 7  # Number of groups of bodies that are left out in turn
KNOTS_DEG = (30.0, 50.0, 70.0, 90.0, 105.0)  # Azimuths at which the spread of the errors is stored
BIN_DEG = 15.0  # Largest distance of reps from a knot at which their errors count for its spread, in degrees
FEWEST = 10  # Least number of reps for the spread at a knot; with fewer, the spread of all reps is used
ONE_SIGMA = 68.3  # Percentile of the absolute error that is one standard deviation of a normal distribution


class DepthSample(NamedTuple):
    """A counted rep of a rendered set, with its true depth, from which the depth model learns."""

    body: str  # Name of the rendered body
    height_cm: float  # Height of the lifter
    leg_m: float  # Length of thigh and shin
    azimuth_deg: float  # Absolute azimuth of the camera
    crease_m: float  # Least height of the hip crease above the top of the knee, near the turn
    seat_m: float  # Least height of the seat above the floor, near the turn
    window: RepWindow


def measure_rendered_squats(bodies: BodyGroup, seed: int, sets: int, runner: JobRunner) -> list[DepthSample]:
    """Render sets of squats, and return their counted reps with true depths.

    The cache keeps the observations of each set. Raises ConfigError if the cache lacks a set that this machine can't
    draw.
    """
    work = partial(_reps_of, bodies, seed, Cache(runner.cache))
    return [rep for of_set in runner.map(work, range(sets), "rendered squats", fresh=True) for rep in of_set]


def _reps_of(bodies: BodyGroup, seed: int, cache: Cache, number: int) -> list[DepthSample]:
    clip = _clip(bodies, seed, number)
    observations = cache.load_or_observe(
        f"depth/{bodies}_{seed}_{number:03d}_lite.obs", lambda: render_observations(clip)
    )
    coach = accept_every_movement(assembly.load("squat", standards=False))
    judged = judge_observations(coach.make_pipeline((), pose="lite"), observations)
    found = []
    for true_rep in clip.reps:
        event = find_rep_event(true_rep, judged)
        if event is not None and event.window is not None:
            found.append(measure_true_depth(clip, true_rep, event.window))
    return found


def _clip(bodies: BodyGroup, seed: int, number: int) -> SyntheticSet:
    rng = np.random.default_rng((seed, number, 77))
    view_deg = round(float(rng.uniform(*VIEWS_DEG)), 1) * (1 if rng.random() < 0.5 else -1)
    tokens = [
        f"shallow.{WAYS[int(rng.integers(len(WAYS)))]}:{rng.uniform(0.1, 1):.2f}"
        if rng.random() >= 1 - STOPS_SHORT
        else "good"
        for _ in range(SQUATS)
    ]
    if number >= DEPTH_ALONE:
        tokens = [
            f"{rng.choice(LEANS)}:{rng.uniform(0.3, 1):.2f}" if rng.random() < LEANING else token for token in tokens
        ]
    parsed = parse_tokens(",".join(tokens), "squat")
    return make_set(settings_without_frame_loss([seed, number, 77], "squat", parsed, view_deg, bodies))


def measure_true_depth(clip: SyntheticSet, true_rep: TrueRep, window: RepWindow) -> DepthSample:
    """Measure the true depth of a rep on the mesh of the rendered lifter. The result keeps the counted `window`."""
    mesh, turn, around = clip.movement.performer.body, true_rep.turn_frame, round(AROUND_TURN_S * FPS)
    first, last = max(true_rep.start_frame, turn - around), min(true_rep.end_frame, turn + around)
    posture = clip.posture.at_frames(slice(first, last + 1))
    heights = [_heights(mesh, *joints) for joints in zip(*solve_joints(mesh, posture), strict=True)]
    return DepthSample(
        body=mesh.name,
        height_cm=100 * HEIGHT_M[mesh.name] * mesh.scale,
        leg_m=mesh.thigh_m + mesh.shin_m,
        azimuth_deg=abs(clip.settings.camera.azimuth_deg),
        crease_m=min(crease for crease, _ in heights),
        seat_m=min(seat for _, seat in heights),
        window=window,
    )


def _heights(mesh: BodyModel, rotations: np.ndarray, positions: np.ndarray) -> tuple[float, float]:
    """Return the heights of the crease (mean of both legs) above the top of the knee, and of the seat, in a frame."""
    skin, dominant = mesh.skin(rotations, positions), mesh.dominant
    crease = []
    for side in SIDES:
        hip, knee = positions[mesh.joint[f"thigh.{side}"]], positions[mesh.joint[f"shin.{side}"]]
        leg = skin[np.isin(dominant, [mesh.joint[f"thigh.{side}"], mesh.joint[f"shin.{side}"]])]
        along = (leg - hip) @ (knee - hip) / np.linalg.norm(knee - hip)
        near_hip = (along > CREASE_M[0] * mesh.scale) & (along < CREASE_M[1] * mesh.scale)
        near_knee = np.abs(along - np.linalg.norm(knee - hip)) < KNEE_M * mesh.scale
        crease.append(leg[near_hip, 2].max() - leg[near_knee, 2].max())
    return float(np.mean(crease)), float(skin[dominant == mesh.joint["pelvis"], 2].min())


def train(recipe: DepthRecipe, folder: Path, runner: JobRunner) -> dict[str, Any]:
    """Render squats, train the depth model on them, write the model into a folder, and return the training's record.

    Raises ConfigError if the sets show too few bodies, or if this machine can't draw.
    """
    reps = measure_rendered_squats("training", recipe.seed, recipe.sets, runner)
    training = {"command": recipe.command(), "seed": recipe.seed, "sets": recipe.sets}
    content = fit_depth_model(reps, training)
    with new_files(folder, FILE) as made:
        (made / FILE).write_text(json.dumps(content) + "\n", encoding="utf-8")
    return content["training"]


def fit_depth_model(reps: Sequence[DepthSample], training: dict[str, Any]) -> dict[str, Any]:
    """Fit the depth model to reps, and return the content of depth.json, with `training` in the record of the training.

    Cross-validation over bodies gives the ridge penalty and the spread of the errors. Raises ConfigError if the reps
    show too few bodies.
    """
    known = [(rep, depth_inputs(rep.window)) for rep in reps]
    shown = [(rep, inputs) for rep, inputs in known if inputs is not None]
    x = np.array([inputs for _, inputs in shown])
    y = np.array([(rep.crease_m, rep.seat_m) for rep, _ in shown]) / np.array([[rep.leg_m] for rep, _ in shown])
    groups = [rep.body for rep, _ in shown]
    if len(set(groups)) < FOLDS:
        raise ConfigError(f"depth: reps of {len(set(groups))} bodies are too few, {FOLDS} are needed. Use more --sets.")
    mean, deviation = x.mean(0), np.maximum(x.std(0), 1e-6)
    scaled = (x - mean) / deviation
    folds = GroupKFold(FOLDS)
    errors = {ridge: cross_val_predict(Ridge(ridge), scaled, y, groups=groups, cv=folds) - y for ridge in RIDGES}
    best = min(RIDGES, key=lambda ridge: float(np.abs(errors[ridge][:, 0]).mean()))
    fitted = Ridge(best).fit(scaled, y)
    precision = _precision(scaled) / np.outer(deviation, deviation)
    far = np.empty(len(scaled))
    for others, left_out in folds.split(scaled, groups=groups):
        far[left_out] = mahalanobis_distances(scaled[left_out] - scaled[others].mean(0), _precision(scaled[others]))
    azimuth, off = np.array([rep.azimuth_deg for rep, _ in shown]), np.abs(errors[best])
    growth = np.polyfit(far, np.log(np.maximum(off, LEAST_ERROR)), 1)[0]
    central = off / np.exp(growth * far[:, None])
    near = [np.abs(azimuth - at) <= BIN_DEG for at in KNOTS_DEG]
    used = [mask if mask.sum() >= FEWEST else np.ones_like(mask) for mask in near]
    spread = [[float(np.percentile(of_height[mask], ONE_SIGMA)) for mask in used] for of_height in central.T]
    return {
        "format": FORMAT,
        "synthetic": True,
        "mean": np.round(mean, 6).tolist(),
        "precision": np.round(precision, 3).tolist(),
        "farthest": round(float(np.quantile(mahalanobis_distances(x - mean, precision), NEAREST)), 3),
        "weights": np.round(fitted.coef_ / deviation, 6).tolist(),
        "bias": np.round(fitted.intercept_, 6).tolist(),
        "azimuth_deg": list(KNOTS_DEG),
        "deviation": np.round(spread, 5).tolist(),
        "growth": np.round(growth, 4).tolist(),
        "training": {
            **training,
            "reps": len(shown),
            "ridge": best,
            "off_left_out": [round(float(np.quantile(off[:, 0], share)), 4) for share in (0.5, 0.9)],
        },
    }


def _precision(scaled: np.ndarray) -> np.ndarray:
    return np.linalg.inv((1 - SHRINKAGE) * np.cov(scaled.T) + SHRINKAGE * np.eye(INPUTS))


def measure_depth_errors(model: DepthModel, reps: Sequence[DepthSample], title: str) -> list[Table]:
    """Return a list of one table: errors and verdicts of a depth model on reps filmed from 30 to 105°, by azimuth."""
    rows = []
    for low, high in ((30, 60), (60, 90), (90, 105.01), (30, 105.01)):
        mine = [rep for rep in reps if low <= rep.azimuth_deg < high]
        rows.append((f"{low}–{high:.0f}°", len(mine), *_figures(model, mine)))
    return [
        Table(
            title=title,
            columns=(
                *("view", "reps", "crease off (cm), median", "crease, 90 %", "seat off (cm), median", "seat, 90 %"),
                *("not said", "said and right", "said high"),
            ),
            rows=tuple(rows),
            notes=("Heights are of the hip crease over the top of the knee; lifters have typed their height.",),
        )
    ]


def _figures(model: DepthModel, reps: Sequence[DepthSample]) -> tuple[Cell, ...]:
    off_cm, verdicts = [], []
    for rep in reps:
        depth = model.measure(rep.window)
        if depth is not None:
            cm = depth.in_cm(rep.height_cm)
            off_cm.append((abs(cm.crease - 100 * rep.crease_m), abs(cm.seat - 100 * rep.seat_m)))
        results = Referee(Standards(), model, rep.height_cm).check_rep(rep.window)
        verdicts += [(result.verdict, rep.crease_m > 0) for result in results if result.verdict != "close"]
    right = sum((verdict == "missed") == high for verdict, high in verdicts)
    return (
        *(Rounded(float(value), 1) for value in np.quantile(off_cm or [(np.nan,) * 2], (0.5, 0.9), axis=0).T.ravel()),
        Share(len(reps) - len(verdicts), len(reps)),
        Share(right, len(verdicts)),
        sum(verdict == "missed" for verdict, _ in verdicts),
    )


def measure_real_squats(model: DepthModel, labels: Path, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Return a list of one table: how many verdicts on depth agree with labels made by eye, on reps of real clips.

    A label is left out if no counted rep turns within SAME_TURN_S of the labelled turn.

    Args:
        labels: CSV file with the columns clip, turn_s (seconds) and label. Reps with a label other than "deep" or
            "high" are only counted.

    Raises:
        ConfigError: The labels can't be read, or a clip is missing.
        SourceError: A clip can't be read.
    """
    reps = list(_real_reps(model, _labels(labels), cache, progress))
    known = [(label, verdict) for label, verdict in reps if label in {"deep", "high"}]
    with_verdict = [(label, verdict) for label, verdict in known if verdict in {"met", "missed"}]
    of_deep = [verdict for label, verdict in known if label == "deep"]
    row: tuple[Cell, ...] = (
        len(reps),
        len(known),
        Share(len(known) - len(with_verdict), len(known)),
        Share(sum((label == "high") == (verdict == "missed") for label, verdict in with_verdict), len(with_verdict)),
        Share(of_deep.count("missed"), len(of_deep)),
    )
    columns = ("labelled", "deep or high", "not said", "said and right", "deep reps said high")
    return [Table(title=f"Depth: real reps with labels by eye, {labels.name}", columns=columns, rows=(row,))]


def _real_reps(
    model: DepthModel, labels: Mapping[str, Sequence[tuple[float, str]]], cache: Cache, progress: ReportProgress
) -> Iterator[tuple[str, StandardVerdict | None]]:
    """Yield the label and the verdict, if any, of each counted rep. Raises ConfigError for a missing clip."""
    folder = data_folder() / "clips"
    clips = {path.stem: path for path in folder.rglob("*.mp4")}
    referee, coach = Referee(Standards(), model, None), assembly.load("squat", standards=False)
    for done, (clip, reps) in enumerate(labels.items()):
        progress("real squats", done / len(labels))
        if clip not in clips:
            raise ConfigError(f"{folder}: has no clip {clip}. Is the data complete?")
        judged = judge_observations(coach.make_pipeline((), pose="lite"), cache.observations_of(clips[clip]))
        windows = [rep.window for rep in judged if rep.window is not None]
        for turn_s, label in reps:
            window = min(windows, key=lambda item: abs(item.turn_s - turn_s), default=None)
            if window is not None and abs(window.turn_s - turn_s) <= SAME_TURN_S:
                result = next(iter(referee.check_rep(window)), None)
                yield label, None if result is None else result.verdict


def _labels(path: Path) -> dict[str, list[tuple[float, str]]]:
    """Return clip → time of the turn and label of each rep. Raises ConfigError if the labels can't be read."""
    labels: dict[str, list[tuple[float, str]]] = {}
    for where, row in table_rows(path, ("clip", "turn_s", "label")):
        try:
            labels.setdefault(row["clip"], []).append((float(row["turn_s"]), row["label"]))
        except ValueError as err:
            raise ConfigError(f"{where}: turn_s: expected seconds, got {row['turn_s']!r}.") from err
    if not labels:
        raise ConfigError(f"{path}: has no labels. Expected the columns clip, turn_s and label.")
    return labels
