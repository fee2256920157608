"""BlazePose by LiteRT beside BlazePose by MediaPipe, in the same clips: how far apart they are, and what becomes of it.

Where a person is followed, each picture's region comes from the landmarks of the one before, so that the least
difference grows, up to the estimator's own noise. To tell how large that is, MediaPipe stands beside itself, too, with
one pixel of the first picture lighter by one level.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from livecoach import assembly, landmark
from livecoach.config import exercise as exercises
from livecoach.frame.joints import angles_rad
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.pose import ANGLES, JOINTS
from livecoach.lab.measure.real_data import clip_rows, clips_folder
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.pose.bundles import MEDIAPIPE, open_back_end
from livecoach.pose.dorsal import back_edge
from livecoach.pose.observer import Observer
from livecoach.pose.opening import open_estimator
from livecoach.run.stepping import steps
from livecoach.source.file import VideoFile
from livecoach.types import Frame, Observation, Rep

ALONE_EVERY = 15
"""Every so many pictures one is looked at by itself."""
LITERT, ITSELF = "LiteRT and MediaPipe", "MediaPipe and itself, one pixel changed"
ALONE, FOLLOWED = "pictures by themselves", "clips"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedClip:
    """A clip in which both see the same."""

    path: Path
    exercise: str | None
    """The exercise that is counted in it; None where it is none that livecoach knows."""
    reps: int | None
    """Number of true reps, where it is known."""


@dataclass(slots=True)
class Differences:
    """Differences between two that see the same pictures."""

    joints: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in JOINTS})
    """Joint → torso lengths."""
    pixels: list[float] = field(default_factory=list)
    """Of all 33 landmarks; the median of each picture."""
    angles_deg: list[float] = field(default_factory=list)
    """Hip and knee angles in the world."""
    visibility: list[float] = field(default_factory=list)
    edge_px: list[float] = field(default_factory=list)
    """Of the back's edge."""
    pictures: int = 0
    one_alone: int = 0
    """Pictures in which only one of the two sees somebody."""

    def add(self, one: Observation, other: Observation) -> None:
        """Add what both made of a picture."""
        self.pictures += 1
        if one.landmarks is None or other.landmarks is None or one.world is None or other.world is None:
            self.one_alone += (one.landmarks is None) != (other.landmarks is None)
            return
        size = np.array([one.width_px, one.height_px])
        points, others = one.landmarks[:, :2] * size, other.landmarks[:, :2] * size
        far = np.linalg.norm(points - others, axis=1)
        shoulders, hips = (others[list(pair)].mean(0) for pair in (landmark.SHOULDERS, landmark.HIPS))
        torso = np.linalg.norm(shoulders - hips)
        for name, places in JOINTS.items():
            self.joints[name] += (far[list(places)] / max(float(torso), 1.0)).tolist()
        self.pixels.append(float(np.median(far)))
        self.angles_deg += np.abs(_angles_deg(one.world) - _angles_deg(other.world)).tolist()
        self.visibility += np.abs(one.landmarks[:, 3] - other.landmarks[:, 3]).tolist()
        if one.back is not None and other.back is not None:
            apart = np.abs(one.back - other.back) * one.height_px
            self.edge_px += apart[np.isfinite(apart)].tolist()


def real_clips() -> list[ComparedClip]:
    """Return all real clips."""
    known = exercises.names()
    return [
        ComparedClip(
            path=clips_folder() / row["file"],
            exercise=row["exercise"] if row["exercise"] in known else None,
            reps=int(row["reps"]) if row["reps"] else None,
        )
        for row in clip_rows()
    ]


def rendered_clips(folder: Path) -> list[ComparedClip]:
    """Return the rendered clips of a folder, which have their truth beside them."""
    clips = []
    for path in sorted(folder.glob("*.mp4")):
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        clips.append(ComparedClip(path=path, exercise=truth["exercise"], reps=len(truth["reps"])))
    return clips


def measure(clips: Sequence[ComparedClip], models: Sequence[str], cache: Cache, progress: Progress) -> list[Table]:
    """Compare LiteRT with MediaPipe, each with these models: `lite`, `full`."""
    tables = []
    for model in models:
        apart = {
            (what, pair): Differences() for what, pair in ((ALONE, LITERT), (FOLLOWED, LITERT), (FOLLOWED, ITSELF))
        }
        counted: dict[str, list[tuple[ComparedClip, list[Rep], list[Rep]]]] = {LITERT: [], ITSELF: []}
        for number, clip in enumerate(clips):
            progress(f"{model}: {clip.path.name}", number / len(clips))
            seen = _seen(clip.path, model, cache)
            for one, other in zip(seen["alone"], seen["alone by MediaPipe"], strict=True):
                apart[ALONE, LITERT].add(one, other)
            for pair, name in ((LITERT, "followed"), (ITSELF, "followed by MediaPipe, changed")):
                for one, other in zip(seen[name], seen["followed by MediaPipe"], strict=True):
                    apart[FOLLOWED, pair].add(one, other)
                if clip.exercise is not None:
                    one_counts, other_counts = (
                        _reps(clip.exercise, seen[which], model) for which in (name, "followed by MediaPipe")
                    )
                    counted[pair].append((clip, one_counts, other_counts))
        title = f"{len(clips)} clips, {model}"
        tables += [_differences(apart, title), _joints(apart, title), _outcomes(counted, title)]
    return tables


def _seen(path: Path, model: str, cache: Cache) -> dict[str, list[Observation]]:
    """Return what each way to look at a clip gives."""
    reference = f"{MEDIAPIPE}{model}"
    ways: dict[str, Callable[[], Iterator[Observation]]] = {
        "alone": lambda: _alone(path, model),
        "alone by MediaPipe": lambda: _alone(path, reference),
        "followed": lambda: _followed(path, model),
        "followed by MediaPipe": lambda: _followed(path, reference),
        "followed by MediaPipe, changed": lambda: _followed(path, reference, changed=True),
    }
    return {name: cache.kept(f"back_ends/{model}/{name}/{path.stem}.obs", look) for name, look in ways.items()}


def _followed(path: Path, model: str, *, changed: bool = False) -> Iterator[Observation]:
    """Yield a clip's observations, as livecoach makes them. changed: one pixel of the first picture is."""
    with closing(open_estimator(model)) as estimator:
        observer = Observer(estimator)
        for number, (frame, picture) in enumerate(_frames(path)):
            if changed and number == 0:
                middle = picture[picture.shape[0] // 2, picture.shape[1] // 2]
                middle[:] = np.where(middle < 255, middle + 1, middle - 1)
            yield observer.observe(replace(frame, picture=picture))


def _alone(path: Path, model: str) -> Iterator[Observation]:
    """Yield observations of single pictures: whoever is seen best is detected anew in each."""
    with closing(open_back_end(model, threads=1)) as back_end:
        for frame, picture in _frames(path):
            if frame.index % ALONE_EVERY:
                continue
            height, width = picture.shape[:2]
            pose = back_end.tracker.go_to(picture, frame.t_s, (slice(0, height), slice(0, width)))
            yield Observation(
                index=frame.index,
                t_s=frame.t_s,
                landmarks=None if pose is None else pose.landmarks,
                world=None if pose is None else pose.world,
                people=int(pose is not None),
                brightness=0.0,
                width_px=width,
                height_px=height,
                dropped=0,
                back=None if pose is None or pose.mask is None else back_edge(pose.mask, pose.landmarks),
            )


def _frames(path: Path) -> Iterator[tuple[Frame, np.ndarray]]:
    """Yield a clip's frames, and their pictures in a width that is a multiple of 4. Others MediaPipe gets to see with
    black columns beside them (livecoach.pose.graph)."""
    with closing(VideoFile(path)) as video:
        while (frame := video.read()) is not None:
            if frame.picture is not None:
                width = frame.picture.shape[1]
                yield frame, np.ascontiguousarray(frame.picture[:, : width - width % 4])


def _reps(exercise: str, observations: Sequence[Observation], model: str) -> list[Rep]:
    pipeline = assembly.load(exercise).pipeline(pose=model)
    return [step.rep for step in steps(pipeline, observations) if step.rep is not None]


def _angles_deg(world: np.ndarray) -> np.ndarray:
    a, b, c = (world[list(ends)] for ends in zip(*ANGLES, strict=True))
    return np.degrees(angles_rad(a - b, c - b))


def _both(values: Sequence[float], digits: int) -> list[Cell]:
    """Return the median and the 95th percentile."""
    if not values:
        return [None, None]
    return [Rounded(float(np.percentile(values, at)), digits) for at in (50, 95)]


def _differences(apart: dict[tuple[str, str], Differences], title: str) -> Table:
    measures = ("landmarks, px", "hip and knee angles, °", "visibility", "back's edge, px")
    return Table(
        title=f"Differences, median and 95th percentile: {title}",
        columns=("seen", "between", "pictures", "seen by one", *(f"{m}{p}" for m in measures for p in ("", ", p95"))),
        rows=tuple(
            (
                *names,
                of.pictures,
                of.one_alone,
                *_both(of.pixels, 3),
                *_both(of.angles_deg, 2),
                *_both(of.visibility, 4),
                *_both(of.edge_px, 2),
            )
            for names, of in apart.items()
        ),
    )


def _joints(apart: dict[tuple[str, str], Differences], title: str) -> Table:
    return Table(
        title=f"Differences in the picture, torso lengths, median and 95th percentile: {title}",
        columns=("seen", "between", *(f"{name}{p}" for name in JOINTS for p in ("", ", p95"))),
        rows=tuple(
            (*names, *(cell for name in JOINTS for cell in _both(of.joints[name], 4))) for names, of in apart.items()
        ),
    )


def _outcomes(counted: dict[str, list[tuple[ComparedClip, list[Rep], list[Rep]]]], title: str) -> Table:
    def row(pair: str) -> tuple[Cell, ...]:
        clips = counted[pair]
        same = [(one, other) for _, one, other in clips if len(one) == len(other)]
        reps = [reps for one, other in same for reps in zip(one, other, strict=True)]
        known = [found for found in clips if found[0].reps is not None]
        return (
            pair,
            Share(len(same), len(clips)),
            Share(sum(len(one) == clip.reps for clip, one, _ in known), len(known)),
            Share(sum(len(other) == clip.reps for clip, _, other in known), len(known)),
            Share(sum(one.verdict == other.verdict for one, other in reps), len(reps)),
            Share(sum(_faults(one) == _faults(other) for one, other in reps), len(reps)),
        )

    return Table(
        title=f"Counts and verdicts: {title}",
        columns=(
            "between",
            "clips with the same count",
            "counted exactly by the first",
            "counted exactly by the second",
            "reps of these with the same verdict",
            "reps of these with the same faults",
        ),
        rows=tuple(row(pair) for pair in counted),
    )


def _faults(rep: Rep) -> tuple[str, ...]:
    return tuple(fault.name for fault in rep.faults)
