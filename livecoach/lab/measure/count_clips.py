"""Exact counts of clips, compared with simpler ways to count, and ghosts in real clips.

A table explains the counts of real clips: the features of their reps that lie outside the range of the lift model's
synthetic training reps.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import find_peaks

from livecoach.config.exercise import Exercise
from livecoach.config.paths import models_dir
from livecoach.counting import features, lifts
from livecoach.errors import SourceError
from livecoach.frame.body import Measures, body
from livecoach.lab.counting import CountedRep, count, reps_of_counter, shipped
from livecoach.lab.measure import real_clips
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_clips import IDLE, Interval
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
BENT_DEG, STRAIGHT_DEG = 100.0, 160.0  # both thresholds of the hysteresis that tutorials usually have
SETS = 48  # number of training sets that give the range; a third of them have no rep
PERCENTILES = (1.0, 99.0)
OFTEN = 0.2
"""Least share of an exercise's real reps outside the range for a feature to be listed; 2 % are expected."""
MOST = 10  # largest number of listed features of an exercise
DIGITS = 2
ASKED = ("deadlift", "squat", "bench_press", "overhead_press", "snatch")
"""Exercises that are counted while something else is done."""
AKIN = {
    "deadlift": ("romanian_deadlift", "sumo_deadlift"),
    "overhead_press": ("kettlebell_clean_and_jerk",),
    "snatch": ("kettlebell_snatch",),
}
"""Exercise → lifts so similar to it that counting them is no mistake."""


def as_shipped(observations: Sequence[Observation], exercise: str) -> int:
    """Return the count of the shipped livecoach."""
    return len(count(observations, *shipped(exercise)))


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
    reps, bent = 0, False
    for angle_deg in _curve(observations, lambda m: m.hip_angle_deg if of_hands else m.knee_angle_deg):
        if angle_deg < BENT_DEG:
            bent = True
        elif angle_deg > STRAIGHT_DEG and bent:
            reps, bent = reps + 1, False
    return reps


COUNTERS: dict[str, Callable[[Sequence[Observation], str], int]] = {
    "livecoach": as_shipped,
    "one": lambda _, __: 1,  # most deadlift clips have one rep
    "peaks": peaks,
    "angle": angle,
}


def _curve(observations: Sequence[Observation], of: Callable[[Measures], float]) -> np.ndarray:
    bodies = [body(observation) for observation in observations]
    return np.array([of(b.measures) for b in bodies if b is not None])


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedClip:
    """A clip whose reps somebody, or the renderer, counted."""

    path: Path
    group: str  # group of its summary
    exercise: str
    reps: int


def real(names: Sequence[str]) -> list[CountedClip]:
    """Return the real clips of these exercises that have a count; an empty room appears once for each exercise."""
    clips = []
    for clip in real_clips.real_clips():
        if clip.reps is None:
            continue
        empty = clip.labelled == "none"
        kind = "empty room" if empty else "set" if clip.reps > 1 else "single or none"
        clips += [
            CountedClip(path=clip.path, group=f"{name}, {kind}", exercise=name, reps=clip.reps)
            for name in names
            if empty or name == clip.labelled
        ]
    return clips


def synthetic(folder: Path) -> list[CountedClip]:
    """Return the synthetic sets of a folder; those with nothing but reps are a group of their own.

    Raises SourceError where the folder holds none.
    """
    clips = []
    for path in sorted(path for path in folder.glob("[!.]*") if path.suffix in {".mp4", ".obs"}):
        truth = read_truth(path)
        disturbed = any(token.name != REP for token in parse(truth.set))
        kind = "with what is no rep" if disturbed else "reps alone"
        group = f"{truth.exercise}, {'rendered' if path.suffix == '.mp4' else 'motion'}, {kind}"
        clips.append(CountedClip(path=path, group=group, exercise=truth.exercise, reps=len(truth.reps)))
    if not clips:
        raise SourceError(f"{folder}: holds no synthetic set. Make some with livecoach lab synth motion --sets.")
    return clips


def measure(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count every clip in every way, and summarise by group."""
    groups: dict[str, list[tuple[CountedClip, dict[str, int]]]] = {}
    for number, clip in enumerate(clips):
        progress(f"counting {clip.path.name}", number / len(clips))
        observations = cache.observed(clip.path, pose)
        counts = {name: counter(observations, clip.exercise) for name, counter in COUNTERS.items()}
        groups.setdefault(clip.group, []).append((clip, counts))
    totals = {**dict(sorted(groups.items())), "all": [row for rows in groups.values() for row in rows]}
    return [
        Table(
            title="Clips",
            columns=("clip", "group", "reps", *COUNTERS, ""),
            rows=tuple(
                (
                    clip.path.name,
                    group,
                    clip.reps,
                    *counts.values(),
                    "" if counts["livecoach"] == clip.reps else "wrong",
                )
                for group, of_group in sorted(groups.items())
                for clip, counts in of_group
            ),
        ),
        Table(
            title="Counted exactly, and mean error as a share of the count",
            columns=("group", *(f"{name}, {figure}" for name in COUNTERS for figure in ("exact", "error"))),
            rows=tuple((group, *_figures(rows)) for group, rows in totals.items()),
        ),
    ]


def _figures(rows: Sequence[tuple[CountedClip, dict[str, int]]]) -> Iterator[Cell]:
    for name in COUNTERS:
        yield Share(sum(counts[name] == clip.reps for clip, counts in rows), len(rows))
        error = np.mean([abs(counts[name] - clip.reps) / max(clip.reps, 1) for clip, counts in rows])
        yield Rounded(float(error), 2)


def features_table(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> Table:
    """Return the features of real reps that often lie outside the range of the lift models' training reps."""
    rows: list[tuple[Cell, ...]] = []
    names = dict.fromkeys(clip.exercise for clip in clips if clip.reps)
    for number, name in enumerate(names):
        progress(f"{name}: features", number / len(names))
        reps = [
            rep
            for clip in clips
            if clip.exercise == name and clip.reps
            for rep in likeliest_lifts(cache.observed(clip.path, pose), name, clip.reps)
        ]
        if reps:
            rows += [(name, *row) for row in features_outside(np.array(reps), training_features(shipped(name)[0]))]
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
    teacher = Teacher()
    for _ in reps_of_counter(counter_of(exercise, models_dir() / exercise.model, teacher), observations):
        pass
    return [lifts.features_of(one).own for one in sorted(teacher.candidates, key=model.own, reverse=True)[:reps]]


def training_features(exercise: Exercise, sets: int = SETS) -> np.ndarray:
    """Return the features (reps, features) of training sets' reps of this lift."""
    folder, seed = models_dir() / exercise.model, recipe_of(exercise).lift.seed
    rows: list[np.ndarray] = []
    for number in range(sets):
        made = training_set(seed, number, exercise.motion)
        examples = labelled(made.observations, exercise, folder, made.reps, made.events)
        rows += [lifts.features_of(one.candidate).own for one in examples if one.is_rep]
    return np.array(rows)


def features_outside(reps: np.ndarray, training: np.ndarray) -> list[tuple[Cell, ...]]:
    """Return a row for each feature that often lies outside, the most frequent first.

    reps, training: (reps, features) in the order of features.OWN.
    """
    low, high = np.percentile(training, PERCENTILES, axis=0)
    outside = ((reps < low) | (reps > high)).sum(0)
    often = [k for k in np.argsort(-outside, kind="stable") if outside[k] >= OFTEN * len(reps)]
    return [
        (
            features.OWN[k],
            Share(int(outside[k]), len(reps)),
            Rounded(float(np.median(reps[:, k])), DIGITS),
            SeveralNumbers((float(low[k]), float(high[k])), DIGITS),
        )
        for k in often[:MOST]
    ]


def ghosts(names: Sequence[str], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count empty rooms as each of these exercises, the intervals of the squat clips in which nobody squats, and clips
    of other lifts as each of ASKED."""
    idle: list[tuple[Cell, ...]] = []
    for clip in real_clips.real_clips():
        progress(f"counting {clip.path.name}", 0.0)
        if clip.labelled == "none":
            for name in names:
                reps = as_shipped(cache.observed(clip.path, pose), name)
                idle.append((clip.path.name, name, reps, reps))
        elif clip.path.name.startswith("po_squat"):
            counted = count(cache.observed(clip.path, pose), *shipped("squat"))
            intervals = [one for one in clip.intervals if one.letters == IDLE]
            within = [rep for rep in counted if any(_is_mostly_in(rep, interval) for interval in intervals)]
            idle.append((clip.path.name, "squat", len(within), len(counted)))
    of_clip: list[tuple[Cell, ...]] = []
    totals: list[tuple[Cell, ...]] = []
    clips = list(real_clips.every_clip())
    for number, name in enumerate(ASKED):
        progress(f"counting other lifts as {name}", number / len(ASKED))
        others = [clip for clip in clips if clip.truth != name and clip.labelled not in AKIN.get(name, ())]
        counts = [as_shipped(cache.observed(clip.path, pose), name) for clip in others]
        totals.append((name, Share(sum(reps > 0 for reps in counts), len(others)), sum(counts)))
        of_clip += [
            (clip.path.name, clip.labelled, name, reps) for clip, reps in zip(others, counts, strict=True) if reps
        ]
    title = "Real clips: ghost reps in empty rooms, and while a squatter is idle"
    return [
        Table(title=title, columns=("clip", "counted as", "ghost reps", "reps in all"), rows=tuple(idle)),
        Table(title="Real clips of other lifts", columns=("clip", "shows", "counted as", "reps"), rows=tuple(of_clip)),
        Table(title="The same in all", columns=("counted as", "clips with a rep", "reps"), rows=tuple(totals)),
    ]


def _is_mostly_in(rep: CountedRep, interval: Interval) -> bool:
    inside_s = min(rep.end_s, interval.until_s) - max(rep.start_s, interval.begins_s)
    return inside_s > 0.5 * (rep.end_s - rep.start_s)
