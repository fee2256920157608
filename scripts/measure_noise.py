"""Hold the noise model beside what BlazePose does on rendered and on real clips, as Markdown.

    python scripts/measure_noise.py --rendered clips --cache /tmp/observed     # real clips: LIVECOACH_DATA

Without truth, for real, rendered and modelled clips: jitter (second difference in the world, by torso length), change
of bone lengths within three seconds, swaps of left and right, loss; each as the median over clips and their 10th and
90th percentile. With truth, for rendered and modelled ones: size of the errors in the world by joint and azimuth.
`Modelled` puts the model on the truth of the rendered clips. Real clips judge it only; nothing is fitted to them.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from noise_stats import GROUPS, without_truth, world_errors
from noise_tracks import Sighting, Track, as_seen, modelled, read_tracks
from real_reps import data_folder, observations

from livecoach.errors import LivecoachError
from livecoach.synth.noise import Noise, read, shipped

EXERCISES = ("deadlift", "squat")
AZIMUTHS_DEG = (0, 20, 40, 60, 75, 90, 110)
DRAWS = 3
"""Of the model for each rendered clip."""


def real_clips(cache: Path, model: str) -> Iterator[Sighting]:
    """The real clips of the two exercises."""
    folder = data_folder()
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] in EXERCISES]
    for row in rows:
        yield as_seen(observations(folder / row["file"], cache, model), float(row["fps"]))


def spread(values: Sequence[float]) -> str:
    """Median and, in brackets, 10th and 90th percentile."""
    if not values:
        return "–"
    low, mid, high = np.percentile(values, (10, 50, 90))
    return f"{mid:.3f} ({low:.3f}–{high:.3f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_clips(clips: dict[str, list[Sighting]]) -> str:
    """What needs no truth: a column for each origin."""
    found = {origin: [without_truth(seen) for seen in group] for origin, group in clips.items()}
    names = dict.fromkeys(name for group in found.values() for clip in group for name in clip)
    rows = [[name, *(spread([c[name] for c in group if name in c]) for group in found.values())] for name in names]
    lossless = [f"{np.mean([clip['lost, share of frames'] < 0.01 for clip in group]):.2f}" for group in found.values()]
    rows.append(["clips that lose less than 1 %, share", *lossless])
    return table(["", *(f"{origin} (n = {len(group)})" for origin, group in clips.items())], rows)


def of_errors(pairs: dict[str, list[tuple[Track, Sighting]]]) -> str:
    """Median and 90th percentile over frames of the error in the world."""
    rows = []
    for low, high in pairwise(AZIMUTHS_DEG):
        sizes = {origin: _pooled(group, low, high) for origin, group in pairs.items()}
        count = sum(low <= abs(track.view_deg) < high for track, _ in pairs["rendered"])
        for joint in GROUPS:
            cells = [_of_joint(by_joint[joint]) for by_joint in sizes.values()]
            rows.append([f"{low}–{high}° ({count})", joint, *cells])
    return table(["azimuth (clips)", "joint", *pairs], rows)


def _pooled(group: Sequence[tuple[Track, Sighting]], low: float, high: float) -> dict[str, list[np.ndarray]]:
    """Error sizes by joint of the clips seen from between two azimuths, one array a clip."""
    chosen = [world_errors(track, seen) for track, seen in group if low <= abs(track.view_deg) < high]
    return {joint: [clip[joint] for clip in chosen if len(clip[joint])] for joint in GROUPS}


def _of_joint(sizes: Sequence[np.ndarray]) -> str:
    if not sizes:
        return "–"
    middle, high = np.percentile(np.concatenate(sizes), (50, 90))
    between = np.percentile([np.median(clip) for clip in sizes], (10, 90))
    return f"{middle:.2f}, p90 {high:.2f}; clips' medians {between[0]:.2f}–{between[1]:.2f}"


def read_options() -> argparse.Namespace:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rendered", type=Path, required=True, help="folder of clips with truth")
    options.add_argument("--cache", type=Path, required=True, help="folder for what BlazePose sees")
    options.add_argument("--pose", choices=("lite", "full"), default="lite")
    options.add_argument("--model", type=Path, help="npz of another noise model than the shipped one")
    return options.parse_args()


def main() -> None:
    given = read_options()
    noise = shipped() if given.model is None else Noise(read(given.model))
    tracks = list(read_tracks(given.rendered, given.cache, [given.pose]))
    made = [(track, modelled(noise, track, DRAWS * k + i)) for k, track in enumerate(tracks) for i in range(DRAWS)]
    real = list(real_clips(given.cache, given.pose)) if data_folder().is_dir() else []
    clips = {"real": real, "rendered": [track.seen for track in tracks], "modelled": [seen for _, seen in made]}
    print("Median over clips (10th–90th percentile)\n\n" + of_clips(clips))
    print("\nError in the world, torso lengths, median over frames\n")
    print(of_errors({"rendered": [(track, track.seen) for track in tracks], "modelled": made}))


if __name__ == "__main__":
    try:
        main()
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        sys.exit(err.exit_code)
