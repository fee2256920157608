"""Accuracy of the followed bar: its path and speed against the truth of rendered sets, false detections, time a frame.

Each set shows one judging body from one view of 30 to 90 degrees on either side, 640x480 at 25 frames a second: two or
three good reps of deadlift and squat in turn, with a barbell of any make.

Reps are counted and judged as usual, on observations with the followed bar. The true speed is that of the rendered bar
over the whole true rep, by the same rule (mean of the way up); paths are compared frame by frame, both around their
means.
"""

import dataclasses
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from livecoach import assembly
from livecoach.bar.detector import Detector
from livecoach.bar.follower import Follower
from livecoach.counting.bar_evidence import evidence_of
from livecoach.documents import codec
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.rendered_sets import MAIN_LIFTS
from livecoach.lab.measure.table import Cell, Progress, Rounded, SeveralNumbers, Share, Table
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.observer import Observer
from livecoach.rep.bar_path import BarPath, bar_path, pace_of_bar, smoothed
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep
from livecoach.run.every_frame import steps
from livecoach.synth.clip import SyntheticClip, make_clip, random_clip_settings
from livecoach.synth.clip import bar_path as true_bar_path
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.motion.tokens import parse
from livecoach.types import Frame, Observation, Rep, RepWindow, View

FPS, SIZE_PX = 25.0, (640, 480)
VIEWS_DEG = (30.0, 90.0)
QUALITY = 92


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarSet:
    """A rendered set with the truth of its bar."""

    name: str
    exercise: str
    view_deg: float
    """Signed azimuth of the camera."""
    pictures: Path
    """Motion JPEG."""
    observations: tuple[Observation, ...]
    """Observations by the pose estimator, without the bar."""
    path: np.ndarray
    """(T, 3) the bar's middle, m: x forward, y left, z up."""
    plates: np.ndarray
    """(T, 2, 3) both plates as SyntheticClip.plate_positions gives them; NaN without plates."""
    radius_m: float
    """Radius of the largest plate; 0 without a plate or a bar."""
    reps: tuple[tuple[float, float], ...]
    """Start and end of each true rep, s."""

    def frames(self) -> Iterator[np.ndarray]:
        """Yield its pictures."""
        video = cv2.VideoCapture(str(self.pictures))
        while True:
            there, picture = video.read()
            if not there:
                break
            yield picture
        video.release()


def bar_set(seed: int, number: int, cache: Cache, *, bar: bool = True) -> BarSet:
    """Return set `number` of a seed, rendered unless the cache has it. bar: False for empty hands."""
    name = f"{'bar' if bar else 'none'}_{seed}_{number:03d}"
    pictures, truth_path = (cache.folder / f"{name}{ending}" for ending in (".avi", ".npz"))
    clip = _clip(seed, number, bar)
    observations = cache.kept(f"{name}.obs", lambda: _observe(clip, pictures))
    if not truth_path.is_file():
        plates = clip.plate_positions()
        nothing = np.full((clip.frames, 2, 3), np.nan)
        np.savez(truth_path, way=true_bar_path(clip.movement.posture), plates=nothing if plates is None else plates)
    truth = np.load(truth_path)
    make = clip.appearance.make
    return BarSet(
        name=name,
        exercise=clip.settings.exercise,
        view_deg=clip.settings.camera.azimuth_deg,
        pictures=pictures,
        observations=tuple(observations),
        path=truth["way"],
        plates=truth["plates"],
        radius_m=make.radius_m if bar and make is not None else 0.0,
        reps=tuple((rep.start_s, rep.end_s) for rep in clip.movement.reps),
    )


def _clip(seed: int, number: int, bar: bool) -> SyntheticClip:
    rng = np.random.default_rng((seed, number, 23))
    exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
    view_deg = round(float(rng.uniform(*VIEWS_DEG)), 1)
    settings = random_clip_settings(
        [seed, number, 23],
        exercise,
        parse(f"good*{2 + number // 2 % 2}", exercise),
        view_deg=view_deg if rng.random() < 0.5 else -view_deg,
        bodies=JUDGING,
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(dataclasses.replace(settings, lost=0.0, late_s=0.0, bar=bar, any_make=True))


def _observe(clip: SyntheticClip, pictures: Path) -> Iterator[Observation]:
    """Render a clip to a file, and estimate the pose in each frame."""
    video = cv2.VideoWriter(str(pictures), cv2.VideoWriter.fourcc(*"MJPG"), FPS, SIZE_PX)
    video.set(cv2.VIDEOWRITER_PROP_QUALITY, QUALITY)
    with closing(BlazePose("lite")) as estimator, clip.renderer() as renderer:
        observer = Observer(estimator)
        for i in range(clip.frames):
            picture = renderer.draw(i)
            video.write(picture)
            yield observer.observe(Frame(index=i, t_s=i / FPS, picture=picture))
    video.release()


MARGIN_S = 1.0
FULL_M = 0.22
"""Radius from which a plate is a full one."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarRep:
    """A rep with the measured and the true path of its bar."""

    path: BarPath
    truth: BarPath
    speed: float
    """Mean speed of the way up, m/s."""
    true_speed: float
    travel_m: float
    true_travel_m: float

    @property
    def off_cm(self) -> np.ndarray:
        """(n,) distances from the true path, both around their means; along the picture's plane and up."""
        within = slice(self.path.start, self.path.stop)
        lines = [self.path.up_m - self.truth.up_m]
        if self.path.forward_m is not None and self.truth.forward_m is not None:
            lines.append(self.path.forward_m - self.truth.forward_m)
        off = np.stack(lines)[:, within] * 100
        off = off - off.mean(1, keepdims=True)
        distances: np.ndarray = np.hypot(*off) if len(off) > 1 else np.abs(off[0])
        return distances


def follow_bar(made: BarSet, detector: Detector) -> tuple[list[Observation], list[float]]:
    """Return the observations with the bar, and the time to follow it in each frame, ms."""
    follower = Follower(detector)
    observations, took_ms = [], []
    for observation, picture in zip(made.observations, made.frames(), strict=True):
        began_s = time.perf_counter()
        bar = follower.follow(picture, observation.landmarks)
        took_ms.append((time.perf_counter() - began_s) * 1e3)
        observations.append(codec.rounded(dataclasses.replace(observation, bar=bar)))
    return observations, took_ms


def judged_reps(exercise: str, observations: Sequence[Observation]) -> list[tuple[Rep, View | None]]:
    """Return the counted reps, judged, with the view at their end."""
    pipeline = assembly.load(exercise).pipeline(learn=False)
    return [(step.rep, step.view) for step in steps(pipeline, observations) if step.rep is not None]


def measured_rep(made: BarSet, observations: Sequence[Observation], rep: Rep, view: View | None) -> BarRep | None:
    """Return a rep with its true path; None if livecoach measured no path of the bar."""
    if view is None:
        return None
    around = tuple(o for o in observations if rep.start_s - MARGIN_S <= o.t_s <= rep.end_s + MARGIN_S)
    window = RepWindow(
        observations=around,
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=view,
        set_name="1",
        pose="lite",
    )
    normalised = normalised_rep(window)
    path = None if normalised is None else bar_path(normalised)
    if path is None:
        return None
    frames = [o.index for o in around if o.landmarks is not None]
    true = made.path[frames] - made.path[frames[path.start]]
    forward_m, up_m = (smoothed(path.t_s, true[:, axis]) for axis in (0, 2))
    travel = load_faults(made.exercise).travel
    speed, true_speed = (pace_of_bar(one, travel) for one in (path, _true_path(made, rep)))
    if speed is None or true_speed is None:
        return None
    return BarRep(
        path=path,
        truth=dataclasses.replace(path, forward_m=forward_m, up_m=up_m),
        speed=speed.speed,
        true_speed=true_speed.speed,
        travel_m=speed.travel,
        true_travel_m=true_speed.travel,
    )


def _true_path(made: BarSet, rep: Rep) -> BarPath:
    """Return the bar's path in the nearest true rep, with the margin of rep windows."""
    start_s, end_s = min(made.reps, key=lambda true: abs(true[0] - rep.start_s) + abs(true[1] - rep.end_s))
    last = min(len(made.path), round((end_s + MARGIN_S) * FPS))
    frames = np.arange(max(0, round((start_s - MARGIN_S) * FPS)), last)
    up_m = smoothed(frames / FPS, made.path[frames, 2])
    start, stop = (int(np.searchsorted(frames, round(t_s * FPS))) for t_s in (start_s, end_s))
    return BarPath(t_s=frames / FPS, forward_m=None, up_m=up_m, start=start, stop=stop)


AT_PLATE = 0.3
"""Largest distance from the near plate's true centre, in its radii, of a correct detection."""
COLUMNS = (
    "set",
    "exercise",
    "view",
    "plate, cm",
    "true reps",
    "reps",
    "with a path",
    "frames with a bar",
    "frames at the plate",
    "off, radii",
    "size off",
    "speed off",
    "travel off, cm",
    "path rms, cm",
    "path max, cm",
    "speed from the body",
    "reps whose bar is held",
    "ms a frame",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetFigures:
    """The bar in one set, measured and true."""

    made: BarSet
    reps: int
    paths: Sequence[BarRep]
    row: tuple[Cell, ...]

    @property
    def has_full_plates(self) -> bool:
        """Whether its plates have the size of competition plates."""
        return round(200 * self.made.radius_m) >= 200 * FULL_M


def measure(seed: int, sets: int, empty_sets: int, cache: Cache, progress: Progress) -> list[Table]:
    """Measure sets with a bar, and sets of empty hands."""
    cv2.setNumThreads(1)
    detector, figures = Detector(), []
    for number in range(sets):
        progress("sets with a bar", number / sets)
        figures.append(figures_of(bar_set(seed, number, cache), detector))
    finds: list[bool] = []
    took_ms: list[float] = []
    for number in range(empty_sets):
        progress("empty hands", number / empty_sets)
        observations, of_set_ms = follow_bar(bar_set(seed, number, cache, bar=False), detector)
        finds += [observation.bar is not None for observation in observations]
        took_ms += of_set_ms
    false_finds = Rounded(float(np.mean(took_ms)) if took_ms else float("nan"), 2)
    return [
        Table(title=f"Sets with a bar, seed {seed}", columns=COLUMNS, rows=tuple(one.row for one in figures)),
        Table(title="Sets with full plates", columns=("figure", "value"), rows=_summary(figures)),
        Table(
            title="Empty hands",
            columns=("sets", "frames with a bar", "ms a frame"),
            rows=((empty_sets, Share(sum(finds), len(finds)), false_finds),),
        ),
    ]


def figures_of(made: BarSet, detector: Detector) -> SetFigures:
    """Follow the bar through a set."""
    observations, took_ms = follow_bar(made, detector)
    reps = judged_reps(made.exercise, observations)
    paths = [path for rep, view in reps if (path := measured_rep(made, observations, rep, view)) is not None]
    held = [evidence_of(tuple(o for o in observations if rep.start_s <= o.t_s <= rep.end_s)).held for rep, _ in reps]
    row: tuple[Cell, ...] = (
        made.name,
        made.exercise,
        Rounded(made.view_deg, 1, "°"),
        round(200 * made.radius_m),
        len(made.reps),
        len(reps),
        len(paths),
        *_detection_cells(made, observations),
        SeveralNumbers(tuple(path.speed / path.true_speed - 1 for path in paths), 3),
        SeveralNumbers(tuple(100 * (path.travel_m - path.true_travel_m) for path in paths), 1),
        SeveralNumbers(tuple(_rms_cm(path) for path in paths), 2),
        SeveralNumbers(tuple(float(path.off_cm.max()) for path in paths), 2),
        sum(rep.pace is not None and rep.pace.measured_from == "body" for rep, _ in reps),
        Share(held.count(True), len(held) - held.count(None)),
        Rounded(float(np.mean(took_ms)), 2),
    )
    return SetFigures(made=made, reps=len(reps), paths=paths, row=row)


def _detection_cells(made: BarSet, observations: Sequence[Observation]) -> tuple[Cell, ...]:
    """Return the shares of frames with a bar and with a correct one, and the medians of its errors in place and
    size."""
    bars = np.stack([np.full(4, np.nan) if o.bar is None else o.bar for o in observations])
    size_px = observations[0].width_px, observations[0].height_px
    true = made.plates[:, 0]
    off = np.hypot(*(bars[:, :2] * size_px - true[:, :2]).T) / true[:, 2]
    size_off = bars[:, 2] * size_px[1] / true[:, 2] - 1
    inside = ((true[:, :2] > 0) & (true[:, :2] < size_px)).all(1)
    at_plate = off < AT_PLATE
    return (
        Share(int(np.isfinite(bars[:, 0]).sum()), len(bars)),
        Share(int(at_plate[inside].sum()), int(inside.sum())),
        Rounded(float(np.nanmedian(off)) if np.isfinite(off).any() else float("nan"), 3),
        Rounded(float(np.nanmedian(size_off[at_plate])) if at_plate.any() else float("nan"), 3),
    )


def _summary(figures: Sequence[SetFigures]) -> tuple[tuple[Cell, ...], ...]:
    full, other = ([one for one in figures if one.has_full_plates is is_full] for is_full in (True, False))
    paths = [path for one in full for path in one.paths]
    speed = np.abs([path.speed / path.true_speed - 1 for path in paths]).round(3)
    rms, highest = (np.array([size(path) for path in paths]).round(2) for size in (_rms_cm, _max_cm))
    travel = np.abs([100 * (path.travel_m - path.true_travel_m) for path in paths])
    return (
        ("sets", len(full)),
        ("reps with a path", Share(len(paths), sum(one.reps for one in full))),
        ("speed within 5 %", Share(int((speed <= 0.05).sum()), len(paths))),
        ("rms of the path within 2 cm", Share(int((rms <= 2).sum()), len(paths))),
        ("largest distance within 2 cm", Share(int((highest <= 2).sum()), len(paths))),
        ("speed off: median, 90 %", _median_and_tail(speed, 3)),
        ("rms of the path, cm: median, 90 %", _median_and_tail(rms, 2)),
        ("largest distance, cm: median, 90 %", _median_and_tail(highest, 2)),
        ("travel off, cm: median, 90 %", _median_and_tail(travel, 2)),
        ("reps with a path in other sets", Share(sum(len(one.paths) for one in other), sum(one.reps for one in other))),
    )


def _rms_cm(path: BarRep) -> float:
    return float(np.sqrt((path.off_cm**2).mean()))


def _max_cm(path: BarRep) -> float:
    return float(path.off_cm.max())


def _median_and_tail(values: np.ndarray, digits: int) -> SeveralNumbers:
    return SeveralNumbers(tuple(np.percentile(values, (50, 90))) if len(values) else (), digits)
