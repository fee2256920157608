"""Exact counts of clips and of synthetic sets, and ghosts: reps that are counted and are none.

Counts of clips are compared with simpler ways to count.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.signal import find_peaks

from livecoach.core.config import exercise as exercises
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.phases import KINDS
from livecoach.lab.counting import Account, CountedRep, account, count, matches, matches_part
from livecoach.lab.measure import real_clips
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache
from livecoach.lab.measure.real_clips import IDLE, Interval
from livecoach.lab.measure.table import Cell, Rounded, SeveralNumbers, Share, Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.synth.motion.lifts import FAULTS, variant_names
from livecoach.lab.synth.motion.tokens import (
    GOOD,
    OTHERS,
    REP,
    Deviation,
    Token,
    faulty,
    parse,
    random_no_reps,
    random_tokens,
)
from livecoach.lab.synth.sets import SetRequest, random_set
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.truth import TrueEvent, TrueRep, read_truth
from livecoach.perception.body.body import Measures, body

OF_HANDS, OF_HIPS = 0.35, 0.2  # prominence of a peak in the height of the wrists, or of the hips, in lengths of a leg
BENT_DEG, STRAIGHT_DEG = 100.0, 160.0  # both thresholds of the hysteresis that tutorials usually have
ASKED = ("deadlift", "squat", "bench_press", "overhead_press", "snatch")
"""Exercises that are counted while something else is done."""
AKIN = {
    "deadlift": ("romanian_deadlift", "sumo_deadlift"),
    "overhead_press": ("kettlebell_clean_and_jerk",),
    "snatch": ("kettlebell_snatch",),
}
"""Exercise → lifts so similar to it that counting them is no mistake."""


def as_shipped(observations: Sequence[Observation], exercise: str) -> int:
    return len(count(observations, exercise))


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


class CountedClip(NamedTuple):
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
    """Return the rendered sets of a folder; those with nothing but reps are a group of their own. Raises SourceError
    where the folder holds none."""
    clips = []
    for path in sorted(folder.glob("[!.]*.mp4")):
        truth = read_truth(path)
        played = [token.name for token in parse(truth.set)]
        kind = "reps alone" if set(played) == {REP} else "with what is no rep"
        group = f"{truth.exercise}, rendered, {kind}"
        dropped = played.count("let_go") if exercises.load(truth.exercise).reps.bar_on_floor else 0  # at lockout
        clips.append(CountedClip(path=path, group=group, exercise=truth.exercise, reps=len(truth.reps) + dropped))
    if not clips:
        raise SourceError(f"{folder}: holds no rendered set. Make some with scripts/synth/render_sets.py.")
    return clips


def measure_clips(clips: Sequence[CountedClip], cache: Cache, progress: ReportProgress) -> list[Table]:
    groups: dict[str, list[tuple[CountedClip, dict[str, int]]]] = {}
    for number, clip in enumerate(clips):
        progress(f"counting {clip.path.name}", number / len(clips))
        observations = cache.observed(clip.path)
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
            rows=tuple((group, *_clip_figures(rows)) for group, rows in totals.items()),
        ),
    ]


def _clip_figures(rows: Sequence[tuple[CountedClip, dict[str, int]]]) -> Iterator[Cell]:
    for name in COUNTERS:
        yield Share(sum(counts[name] == clip.reps for clip, counts in rows), len(rows))
        error = np.mean([abs(counts[name] - clip.reps) / max(clip.reps, 1) for clip, counts in rows])
        yield Rounded(float(error), 2)


def ghosts(names: Sequence[str], cache: Cache, progress: ReportProgress) -> list[Table]:
    """Count empty rooms as each of these exercises, the intervals of the squat clips in which nobody squats, and clips
    of other lifts as each of ASKED."""
    idle: list[tuple[Cell, ...]] = []
    for clip in real_clips.real_clips():
        progress(f"counting {clip.path.name}", 0.0)
        if clip.labelled == "none":
            for name in names:
                reps = as_shipped(cache.observed(clip.path), name)
                idle.append((clip.path.name, name, reps, reps))
        elif clip.path.name.startswith("po_squat"):
            counted = count(cache.observed(clip.path), "squat")
            intervals = [one for one in clip.intervals if one.letters == IDLE]
            within = [rep for rep in counted if any(_is_mostly_in(rep, interval) for interval in intervals)]
            idle.append((clip.path.name, "squat", len(within), len(counted)))
    of_clip: list[tuple[Cell, ...]] = []
    totals: list[tuple[Cell, ...]] = []
    clips = list(real_clips.every_clip())
    for number, name in enumerate(ASKED):
        progress(f"counting other lifts as {name}", number / len(ASKED))
        others = [clip for clip in clips if clip.truth != name and clip.labelled not in AKIN.get(name, ())]
        counts = [as_shipped(cache.observed(clip.path), name) for clip in others]
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


USUAL_FPS = 24  # frame rate from which delays are measured
PERCENTILES = (50, 95)
ITEMS = (5, 11)  # least number of items of a set without a rep, and one more than the most
REPS = (5, 9)  # least number of reps of a set of one fault, and one more than the most
VIEWS_DEG = (-105.0, 105.0)
NOISE = (0.7, 1.5)  # the pose estimator's errors in sets of one fault, as multiples of the usual ones
KNOB = 1.0


class TrueSet(NamedTuple):
    counted_as: str  # name of the exercise
    observations: Sequence[Observation]
    reps: Sequence[TrueRep] = ()
    events: Sequence[TrueEvent] = ()  # what is no rep
    groups: tuple[str, ...] = ()  # groups of the table, beside that of all sets


class _Counted(NamedTuple):
    account: Account
    reps: int
    seconds: float
    late_s: list[float]  # of each counted rep, the delay of the count after its true end, or after its turn


def measure_sets(title: str, sets: Iterable[TrueSet], progress: ReportProgress, of: int = 0) -> list[Table]:
    """Count sets, and compare the counts with the truth. of: number of sets; 0 if unknown."""
    groups: dict[tuple[str, str], list[_Counted]] = {}
    kinds: Counter[tuple[str, str]] = Counter()
    for number, one in enumerate(sets):
        progress(f"{title}: {one.counted_as}", number / of if of else 0.0)
        reps = count(one.observations, one.counted_as)
        found = _Counted(account(reps, one.reps, one.events), len(one.reps), _seconds(one), _late_s(reps, one))
        kinds.update((one.counted_as, kind) for _, kind in found.account.ghosts)
        for group in ("all", *one.groups):
            groups.setdefault((one.counted_as, group), []).append(found)
    figures = ("exact", "reps", "counted", "ghosts", "dropped bars counted", "minutes", "told after the end, s")
    return [
        Table(
            title=title,
            columns=("exercise", "sets", *figures),
            rows=tuple((*key, *_set_figures(of_group)) for key, of_group in sorted(groups.items())),
            notes=(
                f"Told after the end: percentiles {PERCENTILES}, from {USUAL_FPS} frames a second on; of a rep that"
                " counts while it is held, after its turn.",
            ),
        ),
        Table(
            title=f"{title}: ghost reps, by what was done",
            columns=("exercise", "kind", "ghosts"),
            rows=tuple((*key, ghosts) for key, ghosts in kinds.most_common()),
        ),
    ]


def _set_figures(sets: Sequence[_Counted]) -> tuple[Cell, ...]:
    reps, missed = sum(one.reps for one in sets), sum(len(one.account.missed) for one in sets)
    late_s = [late for one in sets for late in one.late_s]
    return (
        Share(sum(one.account.exact for one in sets), len(sets)),
        reps,
        Share(reps - missed, reps),
        sum(len(one.account.ghosts) for one in sets),
        sum(one.account.drops for one in sets),
        Rounded(sum(one.seconds for one in sets) / 60, 1),
        SeveralNumbers(tuple(np.percentile(late_s, PERCENTILES)) if late_s else (), 2),
    )


def _seconds(one: TrueSet) -> float:
    return one.observations[-1].t_s - one.observations[0].t_s


def _late_s(reps: Sequence[CountedRep], one: TrueSet) -> list[float]:
    if len(one.observations) < USUAL_FPS * _seconds(one):
        return []
    if exercises.load(one.counted_as).reps.counts_held:
        return [rep.reported_s - true.turn_s for true in one.reps for rep in reps if matches_part(rep, true)]
    return [rep.reported_s - true.end_s for true in one.reps for rep in reps if matches(rep, true)]


def motion(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield sets of 3 to 12 reps of these exercises by judging bodies, with other movements between the reps."""
    for name, number in product(names, range(sets)):
        made = motion_set(exercises.load(name).motion, seed, number)
        yield TrueSet(name, made.observations, made.reps, made.events)


def motion_set(exercise: str, seed: int, number: int) -> SyntheticSet:
    tokens = random_tokens(np.random.default_rng((seed, number, 77)), exercise, reps=(3, 12))
    return random_set((seed, number), SetRequest(exercise=exercise, bodies="judging", tokens=tokens, graded=False))


def of_one_fault(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield sets of good reps, and of reps that all have one fault at its strongest, each variant in turn. The same
    seed gives the same lifters for every fault."""
    for name in names:
        for fault, number in product(("good", *FAULTS[name]), range(sets)):
            ways = [] if fault == "good" else list(variant_names(name, fault))
            way = ways[number % len(ways)] if ways else ""
            made = faulty_set(name, faulty(Deviation(fault, way, KNOB)) if way else GOOD, (seed, number))
            yield TrueSet(name, made.observations, made.reps, made.events, (fault, f"{fault}.{way}")[: 1 + bool(way)])


def faulty_set(exercise: str, token: Token, seed: tuple[int, int]) -> SyntheticSet:
    """Return a set of that rep alone by a judging body; the same seed gives the same lifter before the same camera."""
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


def no_reps(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield sets of judging bodies whose movements are no reps, each counted as each of these exercises."""
    for number in range(sets):
        rng = np.random.default_rng((seed, number))
        kinds = [OTHERS[i] for i in rng.integers(len(OTHERS), size=int(rng.integers(*ITEMS)))]
        tokens = tuple(Token("idle" if k == 0 and kind == "hold" else kind) for k, kind in enumerate(kinds))
        yield from _without_reps(names, (seed, number), tokens)


def hard(names: Sequence[str], minutes: float, seed: int) -> Iterator[TrueSet]:
    """Yield sets that last `minutes` together, without reps, but with many similar movements; as `no_reps`."""
    left_s, number = 60 * minutes, 0
    while left_s > 0:
        exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
        tokens = random_no_reps(np.random.default_rng((seed, number)), exercise, hard=True)
        made = list(_without_reps(names, (seed, number), tokens))
        yield from made
        left_s, number = left_s - made[0].observations[-1].t_s, number + 1


def _without_reps(names: Sequence[str], seed: tuple[int, int], tokens: tuple[Token, ...]) -> Iterator[TrueSet]:
    exercise = MAIN_LIFTS[seed[1] % len(MAIN_LIFTS)]
    made = random_set(seed, SetRequest(exercise=exercise, bodies="judging", tokens=tokens))
    for name in names:
        yield TrueSet(name, made.observations, (), made.events)


def rendered(names: Sequence[str], folder: Path, cache: Cache) -> Iterator[TrueSet]:
    """Yield the rendered clips of a folder that hold no rep, each counted as each of these exercises. Raises
    SourceError where there is none."""
    truths = {path: read_truth(path) for path in sorted(folder.glob("*.mp4"))}
    clips = [path for path, truth in truths.items() if not truth.reps]
    if not clips:
        raise SourceError(
            f"{folder}: holds no clip without a rep. Make some with scripts/synth/render_sets.py --no-reps."
        )
    for path, name in product(clips, names):
        yield TrueSet(name, cache.observed(path), (), truths[path].events)
