"""How far the view is from the truth of rendered clips, as Markdown.

    python scripts/measure_view.py CLIPS [CLIPS ...] --cache DIR [--model lite --model full]

CLIPS: folders of clips with landmarks in their truth (`livecoach synth render`), bodies for judging; DIR keeps what the
pose estimator saw in them. Frames count in which the lifter truly stands and has faced one way for a second; every clip
weighs the same.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from noise_tracks import Track, read_track
from real_reps import observations

from livecoach import landmark
from livecoach.errors import LivecoachError, SourceError
from livecoach.frame.body import body, measure
from livecoach.frame.view import ViewEstimate
from livecoach.synth.noise.pose import azimuth_rad
from livecoach.types import Observation, View

BANDS_DEG = ((0, 20), (20, 40), (40, 60), (60, 75), (75, 90), (90, 181), (0, 90))
CORE = [*landmark.SHOULDERS, *landmark.HIPS]
STEADY_S, STEADY_DEG = 1.0, 10.0
STANDS = 0.97
"""Of the greatest height of the hips over the ankles in the clip: from there on the lifter truly stands."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Clip:
    """A rendered clip as it was seen, and its truth."""

    name: str
    exercise: str
    seen: list[Observation]
    azimuth_deg: np.ndarray
    """(T,) true, of the camera's place as the lifter faces."""
    stands: np.ndarray
    """(T,) bool"""
    off: np.ndarray
    """(T,) how far the worst of shoulders and hips is seen from where it is, torsos; NaN: nobody."""


def difference_deg(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
    """a - b, -180..180."""
    return (np.asarray(a) - np.asarray(b) + 180) % 360 - 180


def read_clips(folders: Sequence[Path], cache: Path, models: Sequence[str]) -> Iterator[Clip]:
    """The clips of the folders, seen by each of the models. Raises SourceError where there are none."""
    videos = [
        video for folder in folders for video in sorted(folder.glob("*.mp4")) if video.with_suffix(".json").exists()
    ]
    if not videos:
        raise SourceError(
            f"{', '.join(map(str, folders))}: no clip with its truth. Make some with livecoach synth render"
        )
    for video in videos:
        for model in models:
            yield _clip(read_track(video, cache, model), video, observations(video, cache, model))


def _clip(track: Track, video: Path, seen: list[Observation]) -> Clip:
    off_px = (track.seen.image[..., :2] - track.image[..., :2]) * track.size_px
    height = np.array([measure(points).hip_height for points in track.world])
    return Clip(
        name=track.name,
        exercise=track.exercise,
        seen=seen,
        azimuth_deg=difference_deg(np.degrees(azimuth_rad(track.world)), _ray_deg(track, video)),
        stands=height > STANDS * np.percentile(height, 98),
        off=np.linalg.norm(off_px[:, CORE], axis=-1).max(1) / track.scale.torso_px,
    )


def _ray_deg(track: Track, video: Path) -> np.ndarray:
    """(T,) how far the lifter is to the right of the camera's axis: world landmarks are turned as the camera is."""
    camera = json.loads(video.with_suffix(".json").read_text(encoding="utf-8"))["camera"]
    focal_px = 0.5 * camera["height_px"] / math.tan(math.radians(camera["fov_deg"]) / 2)
    bent = (track.image[:, 23:25, 0].mean(1) - 0.5) * camera["width_px"] / focal_px
    distortion = camera["distortion"]
    return np.degrees(np.arctan(np.tan(bent * distortion) / distortion if distortion else bent))


def steady(clip: Clip) -> np.ndarray:
    """(T,) the lifter stands and has faced one way for a second, as far back as the clip goes."""
    times = np.array([observation.t_s for observation in clip.seen])
    first = np.searchsorted(times, times - STEADY_S)
    facing = np.array(
        [np.abs(difference_deg(clip.azimuth_deg[a : i + 1], clip.azimuth_deg[i])).max() for i, a in enumerate(first)]
    )
    return clip.stands & (facing < STEADY_DEG)


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """What came of a clip: the frames that count."""

    azimuth_deg: float
    errors_deg: np.ndarray
    """Of the view, signed."""
    uncertainty_deg: np.ndarray


def judge(clip: Clip) -> Judged | None:
    """Run the estimates over a clip; None where the lifter never stands in it with a view."""
    view, counts = ViewEstimate(), steady(clip)
    views: list[tuple[int, View]] = []
    for i, observation in enumerate(clip.seen):
        seen = body(observation)
        if seen is None:
            continue
        told = view.step(seen, observation)
        if told is not None and counts[i]:
            views.append((i, told))
    if not views:
        return None
    frames = [i for i, _ in views]
    return Judged(
        azimuth_deg=float(np.median(np.abs(clip.azimuth_deg[frames]))),
        errors_deg=difference_deg(np.array([v.azimuth_deg for _, v in views]), clip.azimuth_deg[frames]),
        uncertainty_deg=np.array([v.uncertainty_deg for _, v in views]),
    )


def view_table(judged: Sequence[Judged]) -> str:
    """By azimuth."""
    lines = [
        "| azimuth | clips | mean error | p90 | within 1 uncertainty | within 2 | mean uncertainty |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for low, high in BANDS_DEG:
        chosen = [clip for clip in judged if low <= clip.azimuth_deg < high]
        if not chosen:
            continue
        errors = [float(np.abs(clip.errors_deg).mean()) for clip in chosen]
        within = [
            np.mean([(np.abs(clip.errors_deg) <= times * clip.uncertainty_deg).mean() for clip in chosen])
            for times in (1, 2)
        ]
        uncertainty = np.mean([clip.uncertainty_deg.mean() for clip in chosen])
        cells = [f"{low}–{high}°", f"{len(chosen)}", f"{np.mean(errors):.1f}°", f"{np.percentile(errors, 90):.1f}°"]
        cells += [f"{within[0]:.0%}", f"{within[1]:.0%}", f"{uncertainty:.1f}°"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Print the tables; returns the exit status."""
    parser = argparse.ArgumentParser(description="Error of the view on rendered clips, as Markdown.")
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", action="append", choices=("lite", "full"))
    args = parser.parse_args()
    try:
        clips = list(read_clips(args.clips, args.cache, args.model or ("lite", "full")))
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        return err.exit_code
    results = [judge(clip) for clip in clips]
    judged = [result for result in results if result is not None]
    print(f"{len(clips)} clips and models; in {len(clips) - len(judged)} the lifter never stands with a view.\n")
    print(view_table(judged))
    return 0


if __name__ == "__main__":
    sys.exit(main())
