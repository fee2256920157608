"""Measures the counts of clips and of synthetic sets, and ghost reps: counted movements that are not reps.

The counts of clips are compared with simpler ways to count.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.core.config import exercise as exercises
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.motion import KINDS
from livecoach.lab.counting import CountComparison, CountedRep, compare_counts, list_counted_reps, matches, matches_part
from livecoach.lab.measure import real_clips
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache
from livecoach.lab.measure.real_clips import IDLE, Interval
from livecoach.lab.measure.table import Cell, Rounded, Share, Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.synth.motion.lifts import FAULTS, variant_names
from livecoach.lab.synth.motion.tokens import (
    GOOD,
    OTHERS,
    REP,
    Token,
    TokenFault,
    parse_tokens,
    random_movements,
    random_tokens,
)
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.lab.truth import TrueEvent, TrueRep, read_truth
from livecoach.perception.body.body import Measures, find_body

HAND_PEAK, HIP_PEAK = 0.35, 0.2  # Least prominence of a peak in the height of the wrists or of the hips, in leg lengths
BENT_DEG, STRAIGHT_DEG = 100.0, 160.0  # Thresholds of the hysteresis that tutorials usually have, in degrees
ASKED = ("deadlift", "squat", "bench_press", "overhead_press", "snatch")
"""Exercises that are counted in clips of other movements."""
AKIN = {
    "deadlift": ("romanian_deadlift", "sumo_deadlift"),
    "overhead_press": ("kettlebell_clean_and_jerk",),
    "snatch": ("kettlebell_snatch",),
}
"""Exercise → lifts that resemble it so much that counting them is no mistake."""


def _count_peaks(observations: Sequence[Observation], exercise: str) -> int:
    """Count peaks, or valleys in reps that go down first, from HAND_PEAK or HIP_PEAK on."""
    kind = KINDS[load_faults(exercise).travel]
    sign = 1.0 if kind.up_first else -1.0
    height = _curve(observations, lambda m: sign * (m.wrist_height if kind.of_hands else m.hip_height))
    from scipy.signal import find_peaks  # which takes a quarter of a second to import

    padded = np.pad(height, 1, constant_values=height.min()) if len(height) else height
    return len(find_peaks(padded, prominence=HAND_PEAK if kind.of_hands else HIP_PEAK)[0])


def _count_bends(observations: Sequence[Observation], exercise: str) -> int:
    """Count how often the hip, if the hands lead a rep, or else the knee bends past BENT_DEG and straightens again."""
    of_hands = KINDS[load_faults(exercise).travel].of_hands
    reps, bent = 0, False
    for angle_deg in _curve(observations, lambda m: m.hip_angle_deg if of_hands else m.knee_angle_deg):
        if angle_deg < BENT_DEG:
            bent = True
        elif angle_deg > STRAIGHT_DEG and bent:
            reps, bent = reps + 1, False
    return reps


COUNTERS: dict[str, Callable[[Sequence[Observation], str], int]] = {
    "livecoach": lambda observations, exercise: len(list_counted_reps(observations, exercise)),
    "one": lambda _, __: 1,  # most deadlift clips have one rep
    "peaks": _count_peaks,
    "angle": _count_bends,
}


def _curve(observations: Sequence[Observation], of: Callable[[Measures], float]) -> np.ndarray:
    bodies = [find_body(observation) for observation in observations]
    return np.array([of(b.measures) for b in bodies if b is not None])


class CountedClip(NamedTuple):
    """A clip with its true number of reps, which a person or the renderer has counted."""

    path: Path
    group: str  # Group in the summary
    exercise: str  # Exercise that is counted
    reps: int  # True number of reps


def counted_real_clips(names: Sequence[str]) -> list[CountedClip]:
    """Return the real clips with a known count for each exercise of `names`: clips of the exercise, and empty rooms.

    Raises ConfigError if the data folder or a table is missing or invalid.
    """
    clips = []
    for clip in real_clips.read_real_clips():
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


def counted_rendered_sets(folder: Path) -> list[CountedClip]:
    """Return the rendered sets of a folder with their true counts. A rep counts, too, if its bar is dropped at lockout.

    The group of a set names its exercise, and whether the set consists only of reps. Raises SourceError if the folder
    does not hold rendered sets, or the truth of a set can't be read.
    """
    clips = []
    for path in sorted(folder.glob("[!.]*.mp4")):
        truth = read_truth(path)
        played = [token.name for token in parse_tokens(truth.set)]
        kind = "reps alone" if set(played) == {REP} else "with what is no rep"
        group = f"{truth.exercise}, rendered, {kind}"
        dropped = played.count("let_go") if exercises.load(truth.exercise).reps.bar_on_floor else 0  # at lockout
        clips.append(CountedClip(path=path, group=group, exercise=truth.exercise, reps=len(truth.reps) + dropped))
    if not clips:
        raise SourceError(f"{folder}: holds no rendered set. Make some with scripts/synth/render_sets.py.")
    return clips


def measure_clip_counts(clips: Sequence[CountedClip], cache: Cache, progress: ReportProgress) -> list[Table]:
    """Count the reps of clips by livecoach and by three simple methods, and return tables of the counts and errors.

    Raises SourceError if a clip can't be read, and ModelError if the pose model can't be used.
    """
    groups: dict[str, list[tuple[CountedClip, dict[str, int]]]] = {}
    for number, clip in enumerate(clips):
        progress(f"counting {clip.path.name}", number / len(clips))
        observations = cache.observations_of(clip.path)
        counts = {name: counter(observations, clip.exercise) for name, counter in COUNTERS.items()}
        groups.setdefault(clip.group, []).append((clip, counts))
    totals = {**dict(sorted(groups.items())), "all": [row for rows in groups.values() for row in rows]}
    of_clip = [
        (clip.path.name, group, clip.reps, *counts.values(), "" if counts["livecoach"] == clip.reps else "wrong")
        for group, of_group in sorted(groups.items())
        for clip, counts in of_group
    ]
    return [
        Table(title="Clips", columns=("clip", "group", "reps", *COUNTERS, ""), rows=tuple(of_clip)),
        Table(
            title="Counted exactly, and mean error as a share of the count",
            columns=("group", *(f"{name}, {figure}" for name in COUNTERS for figure in ("exact", "error"))),
            rows=tuple((group, *_clip_figures(rows)) for group, rows in totals.items()),
        ),
    ]


def _clip_figures(rows: Sequence[tuple[CountedClip, dict[str, int]]]) -> Iterator[Cell]:
    for name in COUNTERS:
        yield Share(sum(counts[name] == clip.reps for clip, counts in rows), len(rows))
        error = np.mean([abs(counts[name] - clip.reps) / max(clip.reps, 1) for clip, counts in rows])
        yield Rounded(float(error), 2)


def measure_ghost_reps(names: Sequence[str], cache: Cache, progress: ReportProgress) -> list[Table]:
    """Return tables of the reps that are counted in real clips while nobody does the exercise.

    In clips of empty rooms, each exercise of `names` is counted. In the clips po_squat…, a counted squat is a ghost rep
    if it is mostly within an idle interval. Each exercise of ASKED is also counted in all clips that show neither the
    exercise nor a lift akin to it (AKIN). Raises ConfigError if the data folder or a table is missing or invalid, and
    SourceError if a clip can't be read.
    """
    idle: list[tuple[Cell, ...]] = []
    for clip in real_clips.read_real_clips():
        progress(f"counting {clip.path.name}", 0.0)
        if clip.labelled == "none":
            for name in names:
                reps = len(list_counted_reps(cache.observations_of(clip.path), name))
                idle.append((clip.path.name, name, reps, reps))
        elif clip.path.name.startswith("po_squat"):
            counted = list_counted_reps(cache.observations_of(clip.path), "squat")
            idle_parts = [interval for interval in clip.intervals if interval.letters == IDLE]
            within = [rep for rep in counted if any(_is_mostly_in(rep, part) for part in idle_parts)]
            idle.append((clip.path.name, "squat", len(within), len(counted)))
    of_clip: list[tuple[Cell, ...]] = []
    totals: list[tuple[Cell, ...]] = []
    clips = list(real_clips.read_every_clip())
    for number, name in enumerate(ASKED):
        progress(f"counting other lifts as {name}", number / len(ASKED))
        others = [clip for clip in clips if clip.true_exercise != name and clip.labelled not in AKIN.get(name, ())]
        counts = [len(list_counted_reps(cache.observations_of(clip.path), name)) for clip in others]
        totals.append((name, Share(sum(reps > 0 for reps in counts), len(others)), sum(counts)))
        of_clip += [
            (clip.path.name, clip.labelled, name, reps) for clip, reps in zip(others, counts, strict=True) if reps
        ]
    title = "Real clips: ghost reps in empty rooms, and while a squatter is idle"
    return [
        Table(title=title, columns=("clip", "counted as", "ghost reps", "reps in all"), rows=tuple(idle)),
        Table(title="Real clips of other lifts", columns=("clip", "shows", "counted as", "reps"), rows=tuple(of_clip)),
        Table(title="Totals of other lifts", columns=("counted as", "clips with a rep", "reps"), rows=tuple(totals)),
    ]


def _is_mostly_in(rep: CountedRep, interval: Interval) -> bool:
    inside_s = min(rep.end_s, interval.until_s) - max(rep.start_s, interval.begins_s)
    return inside_s > 0.5 * (rep.end_s - rep.start_s)


USUAL_FPS = 24  # Least frame rate at which delays are measured
PERCENTILES = (50, 95)  # Percentiles of the delays
ITEMS = (5, 11)  # Range of the number of items of a set without a rep; the end is excluded
REPS = (5, 9)  # Range of the number of reps of a set with a single fault; the end is excluded
VIEWS_DEG = (-105.0, 105.0)  # Range of azimuths of sets with a single fault, in degrees
NOISE = (0.7, 1.5)  # Errors of pose estimation in sets with a single fault, as multiples of the usual errors
KNOB = 1.0  # Strength of the fault; 1 is its strongest form


class TrueSet(NamedTuple):
    """A set with its true reps and other movements, and the exercise that is counted in it."""

    counted_as: str  # Name of the exercise
    observations: Sequence[Observation]
    reps: Sequence[TrueRep] = ()
    events: Sequence[TrueEvent] = ()  # Events of all kinds, including reps
    groups: tuple[str, ...] = ()  # Groups in the table, in addition to the group of all sets


class _Counted(NamedTuple):
    account: CountComparison
    reps: int
    seconds: float
    late_s: list[float]  # Delay of the count of each rep after its true end, or after its turn, in seconds


def measure_sets(title: str, sets: Iterable[TrueSet], progress: ReportProgress, count: int = 0) -> list[Table]:
    """Count the reps of sets, and compare the counts with the truth in tables.

    Args:
        count: Number of sets, for the progress; 0 if unknown.
    """
    groups: dict[tuple[str, str], list[_Counted]] = {}
    kinds: Counter[tuple[str, str]] = Counter()
    for number, true_set in enumerate(sets):
        progress(f"{title}: {true_set.counted_as}", number / count if count else 0.0)
        reps = list_counted_reps(true_set.observations, true_set.counted_as)
        found = _Counted(
            compare_counts(reps, true_set.reps, true_set.events),
            len(true_set.reps),
            _seconds(true_set),
            _late_s(reps, true_set),
        )
        kinds.update((true_set.counted_as, kind) for _, kind in found.account.ghosts)
        for group in ("all", *true_set.groups):
            groups.setdefault((true_set.counted_as, group), []).append(found)
    figures = ("exact", "reps", "counted", "ghosts", "dropped bars counted", "minutes")
    delays = (f"reported after the end, s, p{share}" for share in PERCENTILES)
    return [
        Table(
            title=title,
            columns=("exercise", "sets", *figures, *delays),
            rows=tuple((*key, *_set_figures(of_group)) for key, of_group in sorted(groups.items())),
            notes=(
                f"Delays are of sets from {USUAL_FPS} frames a second on; of a rep that counts while it is held, after"
                " its turn.",
            ),
        ),
        Table(
            title=f"{title}: ghost reps, by what was done",
            columns=("exercise", "kind", "ghosts"),
            rows=tuple((*key, ghosts) for key, ghosts in kinds.most_common()),
        ),
    ]


def _set_figures(sets: Sequence[_Counted]) -> tuple[Cell, ...]:
    reps, missed = sum(counted.reps for counted in sets), sum(len(counted.account.missed) for counted in sets)
    late_s = [late for counted in sets for late in counted.late_s]
    return (
        Share(sum(counted.account.is_exact for counted in sets), len(sets)),
        reps,
        Share(reps - missed, reps),
        sum(len(counted.account.ghosts) for counted in sets),
        sum(counted.account.drops for counted in sets),
        Rounded(sum(counted.seconds for counted in sets) / 60, 1),
        *(Rounded(float(delay_s), 2) for delay_s in np.percentile(late_s or [math.nan], PERCENTILES)),
    )


def _seconds(true_set: TrueSet) -> float:
    return true_set.observations[-1].t_s - true_set.observations[0].t_s


def _late_s(reps: Sequence[CountedRep], true_set: TrueSet) -> list[float]:
    if len(true_set.observations) < USUAL_FPS * _seconds(true_set):
        return []
    if exercises.load(true_set.counted_as).reps.counts_when_held:
        return [rep.reported_s - true.turn_s for true in true_set.reps for rep in reps if matches_part(rep, true)]
    return [rep.reported_s - true.end_s for true in true_set.reps for rep in reps if matches(rep, true)]


def sets_with_reps(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield, for each exercise, `sets` synthetic sets of 3 to 12 reps, with occasional other movements."""
    for name, number in product(names, range(sets)):
        exercise, rng = exercises.load(name).motion, np.random.default_rng((seed, number, 77))
        tokens = random_tokens(rng, exercise, reps=(3, 12))
        wanted = SetRequest(exercise=exercise, bodies="judging", tokens=tokens, graded=False)
        made = random_set((seed, number), wanted)
        yield TrueSet(name, made.observations, made.reps, made.events)


def single_fault_sets(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield, for each exercise, `sets` sets of good reps, and as many sets of each fault.

    Every rep of a fault's sets has the fault, at its greatest strength. The fault's variants take turns from set to
    set. The lifters are the same for every fault.
    """
    for name in names:
        for fault, number in product(("good", *FAULTS[name]), range(sets)):
            ways = [] if fault == "good" else list(variant_names(name, fault))
            way = ways[number % len(ways)] if ways else ""
            made = make_uniform_set(name, Token(REP, (TokenFault(fault, way, KNOB),)) if way else GOOD, (seed, number))
            yield TrueSet(name, made.observations, made.reps, made.events, (fault, f"{fault}.{way}")[: 1 + bool(way)])


def make_uniform_set(exercise: str, token: Token, seed: tuple[int, int]) -> SyntheticSet:
    """Make a set of a random number of reps that `token` describes, with a body that no model was trained on."""
    rng = np.random.default_rng((*seed, 78))
    wanted = SetRequest(
        exercise=exercise,
        bodies="judging",
        tokens=(token,) * int(rng.integers(*REPS)),
        view_deg=float(rng.uniform(*VIEWS_DEG)),
        noise=float(rng.uniform(*NOISE)),
        graded=False,
    )
    return random_set(seed, wanted)


def sets_without_reps(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield synthetic sets with movements, but without reps: each set once for each exercise to be counted."""
    for number in range(sets):
        rng = np.random.default_rng((seed, number))
        kinds = [OTHERS[i] for i in rng.integers(len(OTHERS), size=int(rng.integers(*ITEMS)))]
        tokens = tuple(Token("idle" if k == 0 and kind == "hold" else kind) for k, kind in enumerate(kinds))
        yield from _without_reps(names, (seed, number), tokens)


def hard_sets_without_reps(names: Sequence[str], minutes: float, seed: int) -> Iterator[TrueSet]:
    """Yield synthetic sets without reps, most of whose movements resemble reps: each set once for each exercise.

    Args:
        minutes: Total time of the sets, which the last set may exceed. A set adds its time only once.
    """
    left_s, number = 60 * minutes, 0
    while left_s > 0:
        exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
        tokens = random_movements(np.random.default_rng((seed, number)), exercise, hard=True)
        made = list(_without_reps(names, (seed, number), tokens))
        yield from made
        left_s, number = left_s - made[0].observations[-1].t_s, number + 1


def _without_reps(names: Sequence[str], seed: tuple[int, int], tokens: tuple[Token, ...]) -> Iterator[TrueSet]:
    exercise = MAIN_LIFTS[seed[1] % len(MAIN_LIFTS)]
    made = random_set(seed, SetRequest(exercise=exercise, bodies="judging", tokens=tokens))
    for name in names:
        yield TrueSet(name, made.observations, (), made.events)


def rendered_sets_without_reps(names: Sequence[str], folder: Path, cache: Cache) -> Iterator[TrueSet]:
    """Yield each clip without reps in a folder of rendered clips, once for each exercise of `names`.

    Raises SourceError if the folder does not hold a clip without reps, or the truth of a clip can't be read.
    """
    truths = {path: read_truth(path) for path in sorted(folder.glob("*.mp4"))}
    clips = [path for path, truth in truths.items() if not truth.reps]
    if not clips:
        raise SourceError(
            f"{folder}: holds no clip without a rep. Make some with scripts/synth/render_sets.py --no-reps."
        )
    for path, name in product(clips, names):
        yield TrueSet(name, cache.observations_of(path), (), truths[path].events)
