"""Exact counts of real clips and synthetic sets, compared with simpler ways to count.

One more table explains the counts: the features of real reps that lie outside the range of the lift model's synthetic
training reps.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import find_peaks

from livecoach.config.exercise import Exercise
from livecoach.config.paths import models_dir
from livecoach.counting import features, likeness
from livecoach.counting.outcome import Candidate
from livecoach.errors import ConfigError, SourceError
from livecoach.frame.body import Measures, body
from livecoach.lab.counting import count, reps_of_counter, shipped
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import clip_rows, clips_folder
from livecoach.lab.measure.table import Cell, Progress, Rounded, SeveralNumbers, Share, Table
from livecoach.lab.train.movements import Teacher, counter_of, labelled, training_set
from livecoach.lab.train.recipes import recipe_of
from livecoach.rep.measures import load_faults
from livecoach.rep.phases import KINDS
from livecoach.synth.motion.tokens import REP, parse
from livecoach.synth.truth_file import read_truth
from livecoach.types import Observation

OF_HANDS, OF_HIPS = 0.35, 0.2
"""Prominence of a peak in the height of the wrists, or of the hips, in lengths of a leg."""
BENT_DEG, STRAIGHT_DEG = 100.0, 160.0
"""Both thresholds of the hysteresis that tutorials usually have."""
SETS = 48
"""Number of training sets that give the range; a third of them have no rep."""
PERCENTILES = (1.0, 99.0)
OFTEN = 0.2
"""Least share of an exercise's real reps outside the range for a feature to be listed; 2 % are expected."""
MOST = 10
"""Largest number of listed features of an exercise."""
DIGITS = 2


def as_shipped(observations: Sequence[Observation], exercise: str) -> int:
    """Return the count of the shipped livecoach."""
    return len(count(observations, *shipped(exercise)))


def always_one(_: Sequence[Observation], __: str) -> int:
    """Return 1: most deadlift clips have one rep."""
    return 1


def peaks(observations: Sequence[Observation], exercise: str) -> int:
    """Return the number of peaks in the height of the wrists or in the depth of the hips, whichever leads a rep."""
    kind = KINDS[load_faults(exercise).travel]
    sign = 1.0 if kind.up_first else -1.0
    height = _curve(observations, lambda m: sign * (m.wrist_height if kind.of_hands else m.hip_height))
    padded = np.pad(height, 1, constant_values=height.min()) if len(height) else height
    return len(find_peaks(padded, prominence=OF_HANDS if kind.of_hands else OF_HIPS)[0])


def angle(observations: Sequence[Observation], exercise: str) -> int:
    """Return how often the hip (the knee, where hips lead a rep) bends past BENT_DEG and then straightens past
    STRAIGHT_DEG."""
    of_hands = KINDS[load_faults(exercise).travel].of_hands
    angles_deg = _curve(observations, lambda m: m.hip_angle_deg if of_hands else m.knee_angle_deg)
    reps, bent = 0, False
    for angle_deg in angles_deg:
        if angle_deg < BENT_DEG:
            bent = True
        elif angle_deg > STRAIGHT_DEG and bent:
            reps, bent = reps + 1, False
    return reps


COUNTERS: dict[str, Callable[[Sequence[Observation], str], int]] = {
    "livecoach": as_shipped,
    "one": always_one,
    "peaks": peaks,
    "angle": angle,
}


def _curve(observations: Sequence[Observation], of: Callable[[Measures], float]) -> np.ndarray:
    bodies = [body(observation) for observation in observations]
    return np.array([of(b.measures) for b in bodies if b is not None])


def feature_table(clips: Mapping[str, Sequence[tuple[Sequence[Observation], int]]], progress: Progress) -> Table:
    """Return the features that often lie outside. clips: exercise → observations and true count of each clip."""
    rows: list[tuple[Cell, ...]] = []
    for number, (name, of_name) in enumerate(clips.items()):
        progress(f"{name}: features", number / len(clips))
        real = [row for observations, reps in of_name for row in likeliest_lifts(observations, name, reps)]
        if real:
            rows += [(name, *row) for row in features_outside(np.array(real), training_features(shipped(name)[0]))]
    return Table(
        title="Features of real reps outside the range of the training's reps",
        columns=("exercise", "feature", "outside", "median", "range of training"),
        rows=tuple(rows),
        notes=(
            f"The range is that of {PERCENTILES[1] - PERCENTILES[0]:.0f} % of the reps of {SETS} training sets. "
            f"A feature is listed where {OFTEN * 100:.0f} % or more of the reps lie outside, at most {MOST} of a lift.",
            "Real reps are as many movements of a clip as it has reps, those that are likeliest lifts by themselves.",
        ),
    )


def likeliest_lifts(observations: Sequence[Observation], name: str, reps: int) -> list[np.ndarray]:
    """Return the features of the movements of a clip that are likeliest lifts, at most `reps` of them."""
    exercise, model = shipped(name)
    movements = _proposed_movements(observations, exercise)
    return [likeness.features_of(one).own for one in sorted(movements, key=model.own, reverse=True)[:reps]]


def training_features(exercise: Exercise, sets: int = SETS) -> np.ndarray:
    """Return the features (reps, features) of training sets' reps of this lift."""
    folder, seed = models_dir() / exercise.model, recipe_of(exercise).lift.seed
    rows: list[np.ndarray] = []
    for number in range(sets):
        made = training_set(seed, number, exercise.motion)
        examples = labelled(made.observations, exercise, folder, made.reps, made.events)
        rows += [likeness.features_of(one.candidate).own for one in examples if one.is_rep]
    return np.array(rows)


def features_outside(real: np.ndarray, training: np.ndarray) -> list[tuple[Cell, ...]]:
    """Return a row for each feature that often lies outside, the most frequent first.

    real, training: (reps, features) in the order of features.OWN.
    """
    low, high = np.percentile(training, PERCENTILES, axis=0)
    count = ((real < low) | (real > high)).sum(0)
    often = [k for k in np.argsort(-count, kind="stable") if count[k] >= OFTEN * len(real)]
    return [
        (
            features.OWN[k],
            Share(int(count[k]), len(real)),
            Rounded(float(np.median(real[:, k])), DIGITS),
            SeveralNumbers((float(low[k]), float(high[k])), DIGITS),
        )
        for k in often[:MOST]
    ]


def _proposed_movements(observations: Sequence[Observation], exercise: Exercise) -> list[Candidate]:
    """Return every movement that the state machine proposes."""
    teacher = Teacher()
    for _ in reps_of_counter(counter_of(exercise, models_dir() / exercise.model, teacher), observations):
        pass
    return teacher.candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedClip:
    """A clip whose reps somebody, or the renderer, counted."""

    path: Path
    group: str
    """Group of its summary."""
    exercise: str
    reps: int


def real_clips(names: Sequence[str]) -> list[CountedClip]:
    """Return the real clips of these exercises that have a count; an empty room appears once for each exercise."""
    clips = []
    for row in clip_rows():
        if not row["reps"]:
            continue
        try:
            reps, empty = int(row["reps"]), row["exercise"] == "none"
        except ValueError as err:
            raise ConfigError(f"clips.csv: reps is {row['reps']!r}, expected a whole number. Correct the row.") from err
        kind = "empty room" if empty else "set" if reps > 1 else "single or none"
        for name in names:
            if empty or name == row["exercise"]:
                path = clips_folder() / row["file"]
                clips.append(CountedClip(path=path, group=f"{name}, {kind}", exercise=name, reps=reps))
    return clips


def synthetic_clips(folder: Path) -> list[CountedClip]:
    """Return the synthetic sets of a folder; those with nothing but reps are a group of their own.

    Raises SourceError where the folder holds none.
    """
    clips = []
    for path in sorted(path for path in folder.glob("[!.]*") if path.suffix in {".mp4", ".obs"}):
        truth = read_truth(path)
        disturbed = any(token.name != REP for token in parse(truth.set))
        kind = "with what is no rep" if disturbed else "reps alone"
        exercise, made = truth.exercise, "rendered" if path.suffix == ".mp4" else "motion"
        group = f"{exercise}, {made}, {kind}"
        clips.append(CountedClip(path=path, group=group, exercise=exercise, reps=len(truth.reps)))
    if not clips:
        raise SourceError(f"{folder}: holds no synthetic set. Make some with livecoach lab synth motion --sets.")
    return clips


def measure_real(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count real clips, and compare their reps with the lift models' training data."""
    by_exercise: dict[str, list[tuple[Sequence[Observation], int]]] = {}
    tables = measure(clips, cache, pose, progress)
    for clip in clips:
        if clip.reps:
            by_exercise.setdefault(clip.exercise, []).append((cache.observed(clip.path, pose), clip.reps))
    return [*tables, feature_table(by_exercise, progress)]


def measure(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count every clip in every way, and summarise by group."""
    groups: dict[str, list[tuple[CountedClip, dict[str, int]]]] = {}
    for number, clip in enumerate(clips):
        progress(f"counting {clip.path.name}", number / len(clips))
        observations = cache.observed(clip.path, pose)
        counts = {name: counter(observations, clip.exercise) for name, counter in COUNTERS.items()}
        groups.setdefault(clip.group, []).append((clip, counts))
    return [_by_clip(groups), _summary(groups)]


def _by_clip(groups: dict[str, list[tuple[CountedClip, dict[str, int]]]]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (clip.path.name, group, clip.reps, *counts.values(), "" if counts["livecoach"] == clip.reps else "wrong")
        for group, of_group in sorted(groups.items())
        for clip, counts in of_group
    ]
    return Table(title="Clips", columns=("clip", "group", "reps", *COUNTERS, ""), rows=tuple(rows))


def _summary(groups: dict[str, list[tuple[CountedClip, dict[str, int]]]]) -> Table:
    totals = {**dict(sorted(groups.items())), "all": [row for rows in groups.values() for row in rows]}
    columns = [f"{name}, {figure}" for name in COUNTERS for figure in ("exact", "error")]
    return Table(
        title="Counted exactly, and mean error as a share of the count",
        columns=("group", *columns),
        rows=tuple((group, *_figures(rows)) for group, rows in totals.items()),
    )


def _figures(rows: Sequence[tuple[CountedClip, dict[str, int]]]) -> Iterator[Cell]:
    for name in COUNTERS:
        yield Share(sum(counts[name] == clip.reps for clip, counts in rows), len(rows))
        error = np.mean([abs(counts[name] - clip.reps) / max(clip.reps, 1) for clip, counts in rows])
        yield Rounded(float(error), 2)
