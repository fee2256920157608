"""Comparison of pose models on rendered clips: errors, tremble, repeatability, counts and verdicts.

Errors in the picture are in torso lengths of the standing lifter, less the median offset of each joint over the clip,
which is the model's own definition of the joint and no error of movement. The world landmarks of every model are scaled
to the true torso, because no model knows how tall the lifter is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache as remembered
from pathlib import Path

import numpy as np

from livecoach import assembly, landmark
from livecoach.assembly import Coach
from livecoach.frame.body import angles_rad
from livecoach.lab.counting import counting_every_movement, rep_steps
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.rendered_clips import RenderedTrack, read_track
from livecoach.lab.measure.rendered_sets import SHOWN_DEG, rep_of
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.lab.measure.verdict import BAD
from livecoach.pose.keypoints import BODY
from livecoach.synth.truth import TrueRep
from livecoach.synth.truth_file import read_truth
from livecoach.types import Observation, Rep

VERDICTS = ("clips counted exactly", "reps counted", "reps judged", "alarms in good reps", "alarms in bad reps, shown")
JOINTS = {
    "nose": (0,),
    "shoulder": landmark.SHOULDERS,
    "elbow": landmark.ELBOWS,
    "wrist": landmark.WRISTS,
    "hip": landmark.HIPS,
    "knee": landmark.KNEES,
    "ankle": landmark.ANKLES,
}
BANDS_DEG = ((0, 30), (30, 60), (60, 90), (90, 181))
ANGLES = ((11, 23, 25), (12, 24, 26), (23, 25, 27), (24, 26, 28))
"""Hips and knees, the joint in the middle."""
GROSS = 0.5
"""Error in torso lengths from which a joint counts as misplaced."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ClipVerdicts:
    """The reps of one clip, true and counted."""

    exercise: str
    view_deg: float
    true: tuple[TrueRep, ...]
    reps: tuple[Rep, ...]
    turns: tuple[int, ...]
    """Frames at which the true reps turn."""

    def shown(self, true: TrueRep) -> bool:
        """Return whether a rep is bad and its fault visible from the camera."""
        worst = max(true.severities, key=lambda name: true.severities[name], default="")
        low, high = SHOWN_DEG.get(self.exercise, {}).get(worst, (0, 0))
        return max(true.severities.values(), default=0.0) >= BAD and low <= self.view_deg <= high


def clip_verdicts(clip: Path, observations: Sequence[Observation], model: str) -> ClipVerdicts:
    """Count and judge a clip that has its truth beside it, without a profile of the lifter."""
    truth = read_truth(clip)
    pipeline = _coach(truth.exercise).pipeline(pose=model)
    steps = rep_steps(pipeline, observations)
    return ClipVerdicts(
        exercise=truth.exercise,
        view_deg=abs(truth.view_deg),
        true=truth.reps,
        reps=tuple(step.rep for step in steps if step.rep is not None),
        turns=tuple(rep.turn_frame for rep in truth.reps),
    )


@remembered
def _coach(exercise: str) -> Coach:
    return counting_every_movement(assembly.load(exercise))


def verdict_cells(clips: Sequence[ClipVerdicts]) -> list[Cell]:
    """Return the figures of VERDICTS."""
    pairs = [(clip, true, rep_of(true, clip.reps)) for clip in clips for true in clip.true]
    judged = [(clip, true, rep) for clip, true, rep in pairs if rep is not None and rep.score is not None]
    good = [rep for _, true, rep in judged if not true.faults]
    bad = [rep for clip, true, rep in judged if clip.shown(true)]
    return [
        Share(sum(len(clip.reps) == len(clip.true) for clip in clips), len(clips)),
        Share(sum(rep is not None for *_, rep in pairs), len(pairs)),
        Share(len(judged), len(pairs)),
        Share(sum(rep.verdict == "anomalous" for rep in good), len(good)),
        Share(sum(rep.verdict == "anomalous" for rep in bad), len(bad)),
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class ClipErrors:
    """A model's errors on one clip."""

    model: str
    view_deg: float
    lost: float
    """Share of frames without a pose."""
    joints: dict[str, float]
    """Joint → mean error in the picture, torso lengths."""
    gross: float
    """Share of joints more than GROSS away."""
    tremble: float
    """Median of the second difference of the errors, torso lengths."""
    between_reps: float
    """Standard deviation over the reps of the clip of the mean error at the turn, torso lengths; mean over joints."""
    world_cm: float
    """Mean error of the world landmarks from shoulder to ankle, of a body with a torso of half a metre."""
    angles_deg: float
    """Mean error of hip and knee angles in the world."""


def measure(folder: Path, models: Sequence[str], cache: Cache, progress: Progress) -> list[Table]:
    """Measure the clips of a folder, each with each of the models. Raises SourceError where a clip has no truth."""
    clips = sorted(folder.glob("*.mp4"))
    errors: dict[str, list[ClipErrors]] = {model: [] for model in models}
    verdicts: dict[str, list[ClipVerdicts]] = {model: [] for model in models}
    for number, clip in enumerate(clips):
        for model in models:
            progress(f"{model} on {clip.name}", number / len(clips))
            made = clip_verdicts(clip, cache.observed(clip, model), model)
            verdicts[model].append(made)
            errors[model].append(errors_of(read_track(clip, cache, model), model, made.turns))
    title = f"{len(clips)} rendered clips"
    return [
        Table(
            title=f"Errors in the picture, torso lengths: {title}",
            columns=("model", *JOINTS, "joints elsewhere", "tremble", "from rep to rep", "frames lost"),
            rows=tuple((model, *_picture_cells(of_model)) for model, of_model in errors.items()),
        ),
        Table(
            title=f"By azimuth, shoulder to ankle: {title}",
            columns=("model", *(f"{low}–{min(high, 180)}°" for low, high in BANDS_DEG)),
            rows=tuple((model, *_azimuth_cells(of_model)) for model, of_model in errors.items()),
        ),
        Table(
            title=f"World landmarks: {title}",
            columns=("model", "joints", "hip and knee angles"),
            rows=tuple((model, *_world_cells(of_model)) for model, of_model in errors.items()),
        ),
        Table(
            title=f"Counts and verdicts: {title}",
            columns=("model", *VERDICTS),
            rows=tuple((model, *verdict_cells(of_model)) for model, of_model in verdicts.items()),
        ),
    ]


def errors_of(track: RenderedTrack, model: str, turns: Sequence[int]) -> ClipErrors:
    """Return the errors of a clip. turns: frames at which its reps turn."""
    detected = track.estimated.detected
    off = (track.estimated.image[..., :2] - track.image[..., :2]) * track.size_px / track.scale.torso_px[:, None, None]
    judged = [0, *BODY]
    off[:, judged] -= np.nanmedian(off[detected][:, judged], axis=0)
    far = np.linalg.norm(off, axis=-1)
    body = off[:, BODY]
    around = [body[max(turn - 2, 0) : turn + 3] for turn in turns]
    means = np.array([np.nanmean(part, 0) for part in around if np.isfinite(part).any()])
    world, true = _scaled(track.estimated.world[detected]), _scaled(track.world[detected])
    return ClipErrors(
        model=model,
        view_deg=abs(track.view_deg),
        lost=float(1 - detected.mean()),
        joints={name: float(np.nanmean(far[detected][:, places])) for name, places in JOINTS.items()},
        gross=float((far[detected][:, BODY] > GROSS).mean()),
        tremble=float(np.nanmedian(np.linalg.norm(np.diff(body, 2, axis=0), axis=-1))),
        between_reps=float(np.linalg.norm(means.std(0, ddof=1), axis=-1).mean()) if len(means) > 1 else np.nan,
        world_cm=100 * float(np.linalg.norm(world - true, axis=-1)[:, BODY].mean()),
        angles_deg=float(np.abs(_angles_deg(world) - _angles_deg(true)).mean()),
    )


def _scaled(world: np.ndarray) -> np.ndarray:
    """Return world landmarks (n, 33, 3) of a body whose torso is half a metre long."""
    trunk = landmark.middle(world, landmark.SHOULDERS) - landmark.middle(world, landmark.HIPS)
    return world * (0.5 / np.median(np.linalg.norm(trunk, axis=1)))


def _angles_deg(world: np.ndarray) -> np.ndarray:
    a, b, c = (world[:, list(ends)] for ends in zip(*ANGLES, strict=True))
    return np.degrees(angles_rad(a - b, c - b))


def _picture_cells(clips: Sequence[ClipErrors]) -> list[Cell]:
    joints: list[Cell] = [Rounded(float(np.mean([clip.joints[name] for clip in clips])), 3) for name in JOINTS]
    return [
        *joints,
        Rounded(100 * float(np.mean([clip.gross for clip in clips])), 1, " %"),
        Rounded(float(np.mean([clip.tremble for clip in clips])), 4),
        Rounded(float(np.nanmean([clip.between_reps for clip in clips])), 3),
        Rounded(100 * float(np.mean([clip.lost for clip in clips])), 1, " %"),
    ]


def _azimuth_cells(clips: Sequence[ClipErrors]) -> list[Cell]:
    cells: list[Cell] = []
    near = [name for name in JOINTS if name != "nose"]
    for low, high in BANDS_DEG:
        here = [np.mean([clip.joints[name] for name in near]) for clip in clips if low <= clip.view_deg < high]
        cells.append(Rounded(float(np.mean(here)), 3, f" ({len(here)})") if here else None)
    return cells


def _world_cells(clips: Sequence[ClipErrors]) -> list[Cell]:
    return [
        Rounded(float(np.mean([clip.world_cm for clip in clips])), 1, " cm"),
        Rounded(float(np.mean([clip.angles_deg for clip in clips])), 1, "°"),
    ]
