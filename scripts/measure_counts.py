"""Count the reps of the real clips and of synthetic sets, beside simpler ways to count.

    python scripts/measure_counts.py --cache /tmp/observed                     # real clips: LIVECOACH_DATA
    python scripts/synth/render_sets.py --sets 40 --seed 2026 --out /tmp/sets
    python scripts/measure_counts.py --cache /tmp/observed --synthetic /tmp/sets
    python scripts/measure_counts.py --motion 200                              # or without drawing: what fails, where
    python scripts/measure_counts.py --faults 12                               # or sets of one fault alone

Every clip with a count is run through the pipeline as it ships, the exercise given; singles and sets stand apart, and
an empty room is run as every exercise. Beside it: `one` says that there is always one rep; `peaks` finds peaks in the
height of the wrists or hips; `angle` counts crossings of a hip or knee angle, with the hysteresis usual in tutorials.
`--faults N`: for each fault of each exercise N sets of judging bodies, 5 to 8 reps, all of which have it at knob 1, in
its ways in turn; and N of good reps. Views of -105 to 105 degrees, any frame rate, .7 to 1.5 times the usual noise; the
same N lifters and cameras for every fault. `refused`: sets of which no rep is counted. Reps of a set share a fate, so
the true intervals are wider.
"""

import argparse
import csv
import json
import sys
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import counted_faults
import numpy as np
from real_reps import data_folder, observations
from rich.console import Console
from rich.table import Table
from scipy.signal import find_peaks

from livecoach.config import exercise as exercises
from livecoach.frame.body import Measures, body
from livecoach.lab.counting import Account, account, count, is_of, shipped
from livecoach.lab.intervals import wilson
from livecoach.source.stored import StoredObservations
from livecoach.synth.motion.random_tokens import random_tokens
from livecoach.synth.motion.tokens import REP, parse
from livecoach.synth.sets import SyntheticSet, Wanted, random_set
from livecoach.types import Observation

Counter = Callable[[list[Observation], str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A clip whose reps somebody, or the renderer, counted."""

    path: Path
    group: str
    """What it is summed up with."""
    exercise: str
    reps: int


def livecoach(seen: list[Observation], exercise: str) -> int:
    """As it ships."""
    return len(count(seen, *shipped(exercise)))


def one(_: list[Observation], __: str) -> int:
    """Most deadlift clips have one rep."""
    return 1


def _curve(seen: list[Observation], of: Callable[[Measures], float]) -> np.ndarray:
    bodies = [body(observation) for observation in seen]
    return np.array([of(b.measures) for b in bodies if b is not None])


def peaks(seen: list[Observation], exercise: str) -> int:
    """Peaks of the bar's (wrists') or, downwards, the hips' height, with a prominence of .35 leg lengths."""
    down = exercise == "squat"
    height = _curve(seen, lambda m: -m.hip_height if down else m.wrist_height)
    padded = np.pad(height, 1, constant_values=height.min()) if len(height) else height
    return len(find_peaks(padded, prominence=0.2 if down else 0.35)[0])


def angle(seen: list[Observation], exercise: str) -> int:
    """Past 160° and then under 100° (deadlift: hip; squat: knee, the other way round)."""
    squat = exercise == "squat"
    angles = _curve(seen, lambda m: m.knee_angle_deg if squat else m.hip_angle_deg)
    count, bent = 0, False
    for value in angles:
        if value < 100:
            bent = True
        elif value > 160 and bent:
            count, bent = count + 1, False
    return count


COUNTERS: dict[str, Counter] = {"livecoach": livecoach, "one": one, "peaks": peaks, "angle": angle}


def real_clips() -> Iterator[Clip]:
    """The real clips that have a count; empty rooms once an exercise."""
    folder = data_folder()
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["reps"]]
    for row in rows:
        reps = int(row["reps"])
        for name in exercises.names() if row["exercise"] == "none" else [row["exercise"]]:
            if name in exercises.names():
                kind = "empty room" if row["exercise"] == "none" else "set" if reps > 1 else "single or none"
                yield Clip(path=folder / row["file"], group=f"{name}, {kind}", exercise=name, reps=reps)


def synthetic_clips(folder: Path) -> Iterator[Clip]:
    """Synthetic sets, rendered or not, with their truth beside them; those with nothing but reps stand apart."""
    for path in sorted(path for path in folder.glob("[!.]*") if path.suffix in {".mp4", ".obs"}):
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        disturbed = any(token.name != REP for token in parse(truth["set"]))
        kind = "with what is no rep" if disturbed else "reps alone"
        exercise, made = truth["exercise"], "rendered" if path.suffix == ".mp4" else "motion"
        yield Clip(path=path, group=f"{exercise}, {made}, {kind}", exercise=exercise, reps=len(truth["reps"]))


def stored(path: Path) -> list[Observation]:
    """Of a file of observations."""
    with closing(StoredObservations(path)) as source:
        frames = iter(source.read, None)
        return [frame.observation for frame in frames if frame.observation is not None]


def measure(clips: list[Clip], cache: Path, model: str) -> dict[str, list[tuple[Clip, dict[str, int]]]]:
    """Counts of every clip, by group."""
    groups: dict[str, list[tuple[Clip, dict[str, int]]]] = {}
    for clip in clips:
        seen = stored(clip.path) if clip.path.suffix == ".obs" else observations(clip.path, cache, model)
        counts = {name: counter(seen, clip.exercise) for name, counter in COUNTERS.items()}
        groups.setdefault(clip.group, []).append((clip, counts))
    return groups


def print_tables(groups: dict[str, list[tuple[Clip, dict[str, int]]]], console: Console) -> None:
    """Per clip, and per group: exact counts with Wilson's interval, and mean absolute error of the count."""
    table = Table("clip", "group", "reps", *COUNTERS, box=None)
    for group, rows in sorted(groups.items()):
        for clip, counts in rows:
            marked = [str(n) if n == clip.reps else f"[bold]{n}[/bold] ✗" for n in counts.values()]
            table.add_row(clip.path.name, group, str(clip.reps), *marked)
    console.print(table)
    summary = Table("group", "clips", *(f"{name}: exact, error" for name in COUNTERS), box=None)
    totals = {**dict(sorted(groups.items())), "all": [row for rows in groups.values() for row in rows]}
    for group, rows in totals.items():
        cells = []
        for name in COUNTERS:
            exact = sum(counts[name] == clip.reps for clip, counts in rows)
            low, high = wilson(exact, len(rows))
            error = np.mean([abs(counts[name] - clip.reps) / max(clip.reps, 1) for clip, counts in rows])
            cells.append(f"{exact} ({exact / len(rows):.0%}, {low:.0%}–{high:.0%}), {error:.2f}")
        summary.add_row(group, str(len(rows)), *cells)
    console.print(summary)


def motion(sets: int, seed: int, console: Console) -> None:
    """Sets of 3 to 12 reps of judging bodies, with what is no rep between them: exact, missed, ghosts, by what a set
    is seen with; and how late a rep is told."""
    table = Table("exercise", "sets", "of", "exact", "reps", "missed", "ghosts", box=None)
    for name in exercises.names():
        rules, model = shipped(name)
        groups: dict[str, list[tuple[Account, int]]] = {}
        kinds: Tally[str] = Tally()
        late_s: list[float] = []
        for number in range(sets):
            made = motion_set(name, seed, number)
            reps = count(made.observations, rules, model)
            result = account(reps, made.reps, made.events)
            kinds.update(kind for _, kind in result.ghosts)
            for key in ("all", *conditions(made)):
                groups.setdefault(key, []).append((result, len(made.reps)))
            if made.settings.fps >= 24:
                late_s += [r.told_s - t.end_s for t in made.reps for r in reps if is_of(r, t)]
        for key, rows in sorted(groups.items()):
            exact = sum(a.exact for a, _ in rows)
            low, high = wilson(exact, len(rows))
            missed, ghosts = (sum(len(getattr(a, what)) for a, _ in rows) for what in ("missed", "ghosts"))
            share = f"{exact} ({exact / len(rows):.0%}, {low:.0%}–{high:.0%})"
            table.add_row(name, key, str(len(rows)), share, str(sum(n for _, n in rows)), str(missed), str(ghosts))
        tail = np.percentile(late_s, [5, 50, 95, 99]) if late_s else np.full(4, np.nan)
        console.print(
            f"{name}: ghosts {dict(kinds.most_common())}; told after the end (5, 50, 95, 99 %): {tail.round(3)}"
        )
    console.print(table)


def motion_set(exercise: str, seed: int, number: int) -> SyntheticSet:
    """One of them."""
    tokens = random_tokens(np.random.default_rng((seed, number, 77)), exercise, reps=(3, 12))
    return random_set((seed, number), Wanted(exercise=exercise, bodies="judging", tokens=tokens))


def conditions(made: SyntheticSet) -> list[str]:
    """What a set is seen with."""
    seen, lost = made.settings, np.mean([o.landmarks is None for o in made.observations])
    view = int(abs(seen.view_deg) // 30) * 30
    return [
        f"{'under' if seen.fps < 24 else 'from'} 24 fps",
        f"view {view}–{view + 30}°",
        f"distance {'under' if seen.distance_m < 3 else 'from'} 3 m",
        f"body lost in {'under' if lost < 0.02 else 'from'} 2 % of frames",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, help="folder for what pose saw")
    parser.add_argument("--motion", type=int, default=0, help="sets of motion, in place of clips")
    parser.add_argument("--faults", type=int, default=0, help="sets of motion for each fault, in place of clips")
    parser.add_argument("--seed", type=int, default=4102, help="of the motion")
    parser.add_argument("--synthetic", type=Path, help="folder of synthetic sets, in place of real clips")
    parser.add_argument("--pose", default="lite", choices=("lite", "full"))
    arguments = parser.parse_args()
    if arguments.motion:
        motion(arguments.motion, arguments.seed, Console(width=160))
        return 0
    if arguments.faults:
        counted_faults.print_table(arguments.faults, arguments.seed, Console(width=160))
        return 0
    if arguments.cache is None:
        parser.error("clips need --cache")
    synthetic = arguments.synthetic
    clips = list(synthetic_clips(synthetic) if synthetic else real_clips())
    print_tables(measure(clips, arguments.cache, arguments.pose), Console(width=200))
    return 0


if __name__ == "__main__":
    sys.exit(main())
