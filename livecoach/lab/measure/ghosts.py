"""Ghost reps: movements that are counted but are no reps."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.errors import SourceError
from livecoach.lab.counting import CountedRep, account, count, shipped
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import IDLE, Interval, clips_folder, squat_intervals
from livecoach.lab.measure.rendered_sets import MAIN_LIFTS
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.lab.recognition.real_clips import real_clips
from livecoach.synth.motion.tokens import OTHERS, Token, random_no_reps
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.synth.truth import TrueEvent
from livecoach.synth.truth_file import read_truth
from livecoach.types import Observation

ITEMS = (5, 11)
"""Least number of items of a set, and one more than the most."""
ASKED = ("deadlift", "squat", "bench_press", "overhead_press", "snatch")
"""Exercises that are counted while something else is done."""
AKIN = {
    "deadlift": ("romanian_deadlift", "sumo_deadlift"),
    "overhead_press": ("kettlebell_clean_and_jerk",),
    "snatch": ("kettlebell_snatch",),
}
"""Exercise → lifts so similar to it that counting them is no mistake."""


class WithoutReps(NamedTuple):
    """A clip or set without a rep."""

    observations: Sequence[Observation]
    events: Sequence[TrueEvent]
    """The true movements."""


def no_reps(seed: int, number: int) -> SyntheticSet:
    """Return set `number` of a seed: a judging body whose movements are no reps."""
    rng = np.random.default_rng((seed, number))
    names = [OTHERS[i] for i in rng.integers(len(OTHERS), size=int(rng.integers(*ITEMS)))]
    tokens = tuple(Token("idle" if k == 0 and name == "hold" else name) for k, name in enumerate(names))
    exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
    return random_set((seed, number), SetRequest(exercise=exercise, bodies="judging", tokens=tokens))


def hard_sets(seed: int, minutes: float) -> Iterator[SyntheticSet]:
    """Yield sets of judging bodies that last `minutes` together, without reps, but with many similar movements."""
    left_s, number = 60 * minutes, 0
    while left_s > 0:
        exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
        tokens = random_no_reps(np.random.default_rng((seed, number)), exercise, hard=True)
        made = random_set((seed, number), SetRequest(exercise=exercise, bodies="judging", tokens=tokens))
        yield made
        left_s, number = left_s - made.observations[-1].t_s, number + 1


def of_sets(sets: Sequence[SyntheticSet]) -> list[WithoutReps]:
    """Return synthetic sets in the form that is counted."""
    return [WithoutReps(made.observations, made.events) for made in sets]


def of_rendered(folder: Path, cache: Cache, pose: str, progress: Progress) -> list[WithoutReps]:
    """Return the rendered clips of a folder that hold no rep. Raises SourceError where there is none."""
    truths = {path: read_truth(path) for path in sorted(folder.glob("*.mp4"))}
    clips = [path for path, truth in truths.items() if not truth.reps]
    if not clips:
        raise SourceError(
            f"{folder}: holds no clip without a rep. Make some with scripts/synth/render_sets.py --no-reps."
        )
    loaded = []
    for number, path in enumerate(clips):
        progress(f"pose on {path.name}", number / len(clips))
        loaded.append(WithoutReps(cache.observed(path, pose), truths[path].events))
    return loaded


def measure(title: str, clips: Sequence[WithoutReps], names: Sequence[str], progress: Progress) -> list[Table]:
    """Count clips without a rep as each of these exercises."""
    rows: list[tuple[Cell, ...]] = []
    kinds: list[tuple[Cell, ...]] = []
    minutes = sum(clip.observations[-1].t_s for clip in clips) / 60
    for name in names:
        rules, model = shipped(name)
        by_kind: Counter[str] = Counter()
        clean = drops = 0
        for number, clip in enumerate(clips):
            progress(f"{title} as {name}", number / len(clips))
            result = account(count(clip.observations, rules, model), (), clip.events)
            by_kind.update(kind for _, kind in result.ghosts)
            clean += not result.ghosts
            drops += result.drops
        rows.append((name, sum(by_kind.values()), Rounded(minutes, 1), Share(clean, len(clips)), drops))
        kinds += [(name, kind, number) for kind, number in by_kind.most_common()]
    columns = ("counted as", "ghost reps", "minutes", "clips without a ghost", "dropped bars counted")
    by_event = Table(title=f"{title}: what was done", columns=("counted as", "kind", "ghost reps"), rows=tuple(kinds))
    return [Table(title=f"{title}: ghost reps", columns=columns, rows=tuple(rows)), by_event]


def measure_real(names: Sequence[str], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count empty rooms as each of these exercises, the intervals of the squat clips in which nobody squats, and clips
    of other lifts as each of ASKED."""
    rows: list[tuple[Cell, ...]] = []
    rooms, squats = (sorted(clips_folder().glob(names)) for names in ("none*.mp4", "po_squat*.mp4"))
    for number, path in enumerate(rooms):
        progress(f"counting {path.name}", number / len(rooms))
        for name in names:
            reps = count(cache.observed(path, pose), *shipped(name))
            rows.append((path.name, name, len(reps), len(reps)))
    intervals = squat_intervals()
    for number, path in enumerate(squats):
        progress(f"counting {path.name}", number / len(squats))
        reps = count(cache.observed(path, pose), *shipped("squat"))
        idle = [one for one in intervals.get(path.name, ()) if one.letters == IDLE]
        ghosts = [rep for rep in reps if any(_is_mostly_in(rep, interval) for interval in idle)]
        rows.append((path.name, "squat", len(ghosts), len(reps)))
    title = "Real clips: ghost reps in empty rooms, and while a squatter is idle"
    table = Table(title=title, columns=("clip", "counted as", "ghost reps", "reps in all"), rows=tuple(rows))
    return [table, *_of_other_lifts(cache, pose, progress)]


def _of_other_lifts(cache: Cache, pose: str, progress: Progress) -> list[Table]:
    clips = list(real_clips())
    of_clip: list[tuple[Cell, ...]] = []
    totals: list[tuple[Cell, ...]] = []
    for number, name in enumerate(ASKED):
        progress(f"counting other lifts as {name}", number / len(ASKED))
        others = [clip for clip in clips if clip.truth != name and clip.labelled not in AKIN.get(name, ())]
        counts = [len(count(cache.observed(clip.path, pose), *shipped(name))) for clip in others]
        totals.append((name, Share(sum(reps > 0 for reps in counts), len(others)), sum(counts)))
        of_clip += [
            (clip.path.name, clip.labelled, name, reps) for clip, reps in zip(others, counts, strict=True) if reps
        ]
    return [
        Table(title="Real clips of other lifts", columns=("clip", "shows", "counted as", "reps"), rows=tuple(of_clip)),
        Table(title="The same in all", columns=("counted as", "clips with a rep", "reps"), rows=tuple(totals)),
    ]


def _is_mostly_in(rep: CountedRep, interval: Interval) -> bool:
    inside_s = min(rep.end_s, interval.until_s) - max(rep.start_s, interval.begins_s)
    return inside_s > 0.5 * (rep.end_s - rep.start_s)
