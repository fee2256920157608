"""Counts synthetic and rendered sets, whose reps and other movements are known."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.errors import SourceError
from livecoach.lab.counting import Account, CountedRep, account, count, matches, shipped
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.rendered_sets import MAIN_LIFTS
from livecoach.lab.measure.table import Cell, Progress, Rounded, SeveralNumbers, Share, Table
from livecoach.synth.motion.lifts import FAULTS, variant_names
from livecoach.synth.motion.tokens import GOOD, OTHERS, Deviation, Token, faulty, random_no_reps, random_tokens
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.synth.truth import TrueEvent, TrueRep
from livecoach.synth.truth_file import read_truth
from livecoach.types import Observation

USUAL_FPS = 24  # frame rate from which delays are measured
PERCENTILES = (50, 95)
ITEMS = (5, 11)  # least number of items of a set without a rep, and one more than the most
REPS = (5, 9)  # least number of reps of a set of one fault, and one more than the most
VIEWS_DEG = (-105.0, 105.0)
NOISE = (0.7, 1.5)  # the pose estimator's errors in sets of one fault, as multiples of the usual ones
KNOB = 1.0


class TrueSet(NamedTuple):
    """A set with its truth."""

    counted_as: str  # name of the exercise
    observations: Sequence[Observation]
    reps: Sequence[TrueRep] = ()
    events: Sequence[TrueEvent] = ()  # what is no rep
    groups: tuple[str, ...] = ()  # groups of the table, beside that of all sets


class _Counted(NamedTuple):
    account: Account
    reps: int
    seconds: float
    late_s: list[float]  # of each counted rep, the delay of the count after its true end


def measure(title: str, sets: Iterable[TrueSet], progress: Progress, of: int = 0) -> list[Table]:
    """Count sets, and compare the counts with the truth. of: number of sets; 0 if unknown."""
    groups: dict[tuple[str, str], list[_Counted]] = {}
    kinds: Counter[tuple[str, str]] = Counter()
    for number, one in enumerate(sets):
        progress(f"{title}: {one.counted_as}", number / of if of else 0.0)
        reps = count(one.observations, *shipped(one.counted_as))
        found = _Counted(account(reps, one.reps, one.events), len(one.reps), _seconds(one), _late_s(reps, one))
        kinds.update((one.counted_as, kind) for _, kind in found.account.ghosts)
        for group in ("all", *one.groups):
            groups.setdefault((one.counted_as, group), []).append(found)
    figures = ("exact", "reps", "counted", "ghosts", "dropped bars counted", "minutes", "told after the end, s")
    return [
        Table(
            title=title,
            columns=("exercise", "sets", *figures),
            rows=tuple((*key, *_figures(of_group)) for key, of_group in sorted(groups.items())),
            notes=(f"Told after the end: percentiles {PERCENTILES}, from {USUAL_FPS} frames a second on.",),
        ),
        Table(
            title=f"{title}: ghost reps, by what was done",
            columns=("exercise", "kind", "ghosts"),
            rows=tuple((*key, ghosts) for key, ghosts in kinds.most_common()),
        ),
    ]


def _figures(sets: Sequence[_Counted]) -> tuple[Cell, ...]:
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
    return [rep.reported_s - true.end_s for true in one.reps for rep in reps if matches(rep, true)]


def motion(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield sets of 3 to 12 reps of these exercises by judging bodies, with other movements between the reps."""
    for name, number in product(names, range(sets)):
        made = motion_set(shipped(name)[0].motion, seed, number)
        yield TrueSet(name, made.observations, made.reps, made.events, conditions(made))


def motion_set(exercise: str, seed: int, number: int) -> SyntheticSet:
    """Return set `number` of a seed."""
    tokens = random_tokens(np.random.default_rng((seed, number, 77)), exercise, reps=(3, 12))
    return random_set((seed, number), SetRequest(exercise=exercise, bodies="judging", tokens=tokens))


def conditions(made: SyntheticSet) -> tuple[str, ...]:
    """Return the conditions of filming of a set: frame rate, view, distance, and how often the body is lost."""
    settings, lost = made.settings, np.mean([o.landmarks is None for o in made.observations])
    view = int(abs(settings.view_deg) // 30) * 30
    return (
        f"{'under' if settings.fps < USUAL_FPS else 'from'} {USUAL_FPS} fps",
        f"view {view}–{view + 30}°",
        f"distance {'under' if settings.distance_m < 3 else 'from'} 3 m",
        f"body lost in {'under' if lost < 0.02 else 'from'} 2 % of frames",
    )


def of_one_fault(names: Sequence[str], sets: int, seed: int) -> Iterator[TrueSet]:
    """Yield sets of good reps, and of reps that all have one fault at its strongest, each variant in turn.

    The same seed gives the same lifters for every fault.
    """
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


def rendered(names: Sequence[str], folder: Path, cache: Cache, pose: str) -> Iterator[TrueSet]:
    """Yield the rendered clips of a folder that hold no rep, each counted as each of these exercises.

    Raises SourceError where there is none.
    """
    truths = {path: read_truth(path) for path in sorted(folder.glob("*.mp4"))}
    clips = [path for path, truth in truths.items() if not truth.reps]
    if not clips:
        raise SourceError(
            f"{folder}: holds no clip without a rep. Make some with scripts/synth/render_sets.py --no-reps."
        )
    for path, name in product(clips, names):
        yield TrueSet(name, cache.observed(path, pose), (), truths[path].events)
