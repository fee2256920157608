"""Counts of synthetic motion: sets with other movements between the reps, and sets of a single fault.

The former are split by the conditions of filming. In the latter every rep has the fault at its greatest severity.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach.lab.counting import Account, CountedRep, account, count, matches, shipped
from livecoach.lab.measure.table import Cell, Progress, SeveralNumbers, Share, Table
from livecoach.synth.motion.lifts import FAULTS, variant_names
from livecoach.synth.motion.tokens import GOOD, Deviation, Token, faulty, random_tokens
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set

REPS = (5, 9)
"""Least number of reps of a set, and one more than the most."""
VIEWS_DEG = (-105.0, 105.0)
NOISE = (0.7, 1.5)
"""The pose estimator's errors, as multiples of the usual ones."""
KNOB = 1.0
USUAL_FPS = 24
"""Frame rate from which delays are measured."""
PERCENTILES = (5, 50, 95, 99)


class CountedSet(NamedTuple):
    """The reps of one set."""

    reps: int
    counted: int


def measure_faults(exercises: Sequence[str], sets: int, seed: int, progress: Progress) -> list[Table]:
    """Measure good reps of exercises, and each variant of each fault.

    The same seed gives the same lifters for every fault.
    """
    rows: list[tuple[Cell, ...]] = []
    for exercise in exercises:
        names = ("good", *FAULTS[exercise])
        for number, name in enumerate(names):
            progress(f"{exercise}: {name}", number / len(names))
            rows += _rows_of(exercise, name, sets, seed)
    columns = ("exercise", "fault", "way", "sets", "sets without a counted rep", "counted reps")
    title = f"Sets of one fault alone, knob {KNOB:g}: {sets} sets a fault, seed {seed}"
    note = "Reps of a set share a fate: the true intervals are wider."
    return [Table(title=title, columns=columns, rows=tuple(rows), notes=(note,))]


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


def _rows_of(exercise: str, name: str, sets: int, seed: int) -> list[tuple[Cell, ...]]:
    ways = [""] if name == "good" else list(variant_names(exercise, name))
    by_way: dict[str, list[CountedSet]] = {way: [] for way in ways}
    for number in range(sets):
        way = ways[number % len(ways)]
        token = GOOD if name == "good" else faulty(Deviation(name, way, KNOB))
        by_way[way].append(_counted(exercise, faulty_set(exercise, token, (seed, number))))
    groups = dict(by_way)
    if len(ways) > 1:
        groups["all"] = [one for of_way in by_way.values() for one in of_way]
    return [_row((exercise, name, way), of_way) for way, of_way in groups.items() if of_way]


def _row(names: tuple[str, str, str], sets: Sequence[CountedSet]) -> tuple[Cell, ...]:
    without = sum(one.counted == 0 for one in sets)
    return (*names, len(sets), without, Share(sum(one.counted for one in sets), sum(one.reps for one in sets)))


def _counted(exercise: str, made: SyntheticSet) -> CountedSet:
    reps = count(made.observations, *shipped(exercise))
    return CountedSet(len(made.reps), sum(any(matches(rep, true) for rep in reps) for true in made.reps))


def measure_motion(names: Sequence[str], sets: int, seed: int, progress: Progress) -> list[Table]:
    """Measure sets of 3 to 12 reps of these exercises by judging bodies, with other movements between the reps."""
    rows: list[tuple[Cell, ...]] = []
    ghosts: list[tuple[Cell, ...]] = []
    delays: list[tuple[Cell, ...]] = []
    for name in names:
        rules, model = shipped(name)
        groups: dict[str, list[tuple[Account, int]]] = {}
        kinds: Counter[str] = Counter()
        late_s: list[float] = []
        for number in range(sets):
            progress(f"{name}: sets of motion", number / sets)
            made = motion_set(rules.motion, seed, number)
            reps = count(made.observations, rules, model)
            result = account(reps, made.reps, made.events)
            kinds.update(kind for _, kind in result.ghosts)
            for key in ("all", *conditions(made)):
                groups.setdefault(key, []).append((result, len(made.reps)))
            late_s += _delays_s(reps, made)
        rows += [(name, key, *_figures(of_key)) for key, of_key in sorted(groups.items())]
        ghosts += [(name, kind, number) for kind, number in kinds.most_common()]
        delays.append((name, SeveralNumbers(tuple(np.percentile(late_s, PERCENTILES)) if late_s else (), 3)))
    return [
        Table(
            title=f"Synthetic motion: {sets} sets of each exercise, seed {seed}",
            columns=("exercise", "sets that are seen with", "exact", "reps", "missed", "ghosts"),
            rows=tuple(rows),
        ),
        Table(title="Ghost reps, by what was done", columns=("exercise", "kind", "ghosts"), rows=tuple(ghosts)),
        Table(
            title="Delay of the count after the true end of a rep, s",
            columns=("exercise", f"percentiles {', '.join(map(str, PERCENTILES))}"),
            rows=tuple(delays),
        ),
    ]


def motion_set(exercise: str, seed: int, number: int) -> SyntheticSet:
    """Return set `number` of a seed."""
    tokens = random_tokens(np.random.default_rng((seed, number, 77)), exercise, reps=(3, 12))
    return random_set((seed, number), SetRequest(exercise=exercise, bodies="judging", tokens=tokens))


def conditions(made: SyntheticSet) -> list[str]:
    """Return the conditions of filming of a set: frame rate, view, distance, and how often the body is lost."""
    settings, lost = made.settings, np.mean([o.landmarks is None for o in made.observations])
    view = int(abs(settings.view_deg) // 30) * 30
    return [
        f"{'under' if settings.fps < USUAL_FPS else 'from'} {USUAL_FPS} fps",
        f"view {view}–{view + 30}°",
        f"distance {'under' if settings.distance_m < 3 else 'from'} 3 m",
        f"body lost in {'under' if lost < 0.02 else 'from'} 2 % of frames",
    ]


def _figures(rows: Sequence[tuple[Account, int]]) -> tuple[Cell, ...]:
    exact = Share(sum(result.exact for result, _ in rows), len(rows))
    missed, ghosts = (sum(len(getattr(result, what)) for result, _ in rows) for what in ("missed", "ghosts"))
    return exact, sum(reps for _, reps in rows), missed, ghosts


def _delays_s(reps: Sequence[CountedRep], made: SyntheticSet) -> list[float]:
    if made.settings.fps < USUAL_FPS:
        return []
    return [rep.reported_s - true.end_s for true in made.reps for rep in reps if matches(rep, true)]
