"""Exact counts, missed reps and ghost reps of synthetic motion, by what a set is seen with."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from livecoach.lab.counting import Account, Found, account, count, is_of, shipped
from livecoach.lab.measure.table import Cell, Numbers, Progress, Share, Table
from livecoach.synth.motion.tokens import random_tokens
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set

USUAL_FPS = 24
"""Frame rate from which delays are measured."""
PERCENTILES = (5, 50, 95, 99)


def measure(names: Sequence[str], sets: int, seed: int, progress: Progress) -> list[Table]:
    """Measure sets of 3 to 12 reps of these exercises by judging bodies, with what is no rep between them."""
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
        delays.append((name, Numbers(tuple(np.percentile(late_s, PERCENTILES)) if late_s else (), 3)))
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
    """Return what a set is seen with: frame rate, view, distance, and how often the body is lost."""
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


def _delays_s(reps: Sequence[Found], made: SyntheticSet) -> list[float]:
    if made.settings.fps < USUAL_FPS:
        return []
    return [rep.told_s - true.end_s for true in made.reps for rep in reps if is_of(rep, true)]
