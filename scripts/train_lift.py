"""Train what tells a lift from another movement out and back, on synthetic motion.

    python scripts/train_lift.py deadlift --sets 900 --judging 40     # as shipped; 4 minutes of two cores
    python scripts/train_lift.py squat --sets 260 --judging 40

Sets of training bodies in which reps mix with everything that is no rep go through the state machine as they do live;
each movement out and back that it looks at is one example, a lift where it is a true rep. The lifter's lifts so far are
the true ones, but for a few mistakes, as there are live. Judged on sets of 3 to 12 reps of judging bodies, in which the
model's own decisions stand. All of it is synthetic.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import TypeVar

import numpy as np
from counting import TOUCHED_S, Found, account, count, found, is_of
from sklearn.ensemble import HistGradientBoostingClassifier
from trees import as_arrays

from livecoach import exercise as exercises
from livecoach import lift
from livecoach.exercise import Exercise
from livecoach.form.movement import Described
from livecoach.lab.seal import seal
from livecoach.paths import models_dir
from livecoach.reps import SET_REPS
from livecoach.synth.motion.random_tokens import random_tokens
from livecoach.synth.motion.tokens import OTHERS, Token
from livecoach.synth.sets import SyntheticSet, Wanted, random_set
from livecoach.synth.truth import TrueRep

DEPTH, TREES, RATE = 4, 250, 0.06
LIMIT = {"deadlift": -1.0, "squat": -2.0}
"""Log odds above which a movement counts. Training sets have many times more of what is no rep than sets have, and real
squatters are further from synthetic ones than those from each other: with -1 a real set of 15 is refused whole (16 of
23 real clips right, with -2 18), and -2 has 39 ghosts in 32 minutes of what is no rep where -1 has 18."""
ALSO_OF = {"deadlift": (), "squat": ("deadlift",)}
"""Whose sets' movements that are no rep are looked at too: around a bar on the floor there is much squatting down."""
LESS_WHERE_MORE = (
    *("feet_shift", "feet_wander", "ankle_range", "scale_change", "turned_by", "turning", "ends_apart", "lateral"),
    *("knees_differ", "hips_differ", "sway_top", "knee_apart", "hip_apart", "lean_apart", "gap"),
)
"""The more there is of these, and the less a movement is like those before it, the less is it a lift: so that nothing
else is learned from lifters who happen to be so."""
MISTAKES = (0.07, 0.02, 0.07, 0.02)
"""Shares of the examples before that are taken for what they are not, in copies of the training data."""
SHIFT = 2.0
"""Spreads between synthetic lifters' lifts by which all numbers of a set are moved, in all copies but the first: real
lifters are further from synthetic ones than those from each other (straighter elbows, a straighter stand), and trees
that never saw any such refuse their lifts. Moved so, trees rely on what changes, and on what is far beyond anybody.
Of 1, 2: squat ghosts at equal counts are alike, and 2 leaves more room."""
UNCLEAR = 0.3
"""Weight of a movement that is a part of a true rep: no rep of its own, but near one."""
LEAST_OVERLAP = 0.35
WIDE = 0.6
"""Share of squat sets whose lifters are further apart than usual: real ones hold their arms anywhere."""
BETWEEN = 0.4
"""Probability of something that is no rep after each item of a training set."""
SPREAD_FLOOR = 1e-3
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Example:
    """A movement that the state machine looked at."""

    described: Described
    is_rep: bool
    weight: float


@dataclass(slots=True)
class Teacher:
    """Stands in for the model while examples are gathered: notes each movement, and lets it count."""

    seen: list[Described] = field(default_factory=list)

    def is_lift(self, described: Described, before: Sequence[Described]) -> bool:
        """Always."""
        del before
        self.seen.append(described)
        return True


def training_set(seed: int, number: int, exercise: Exercise) -> SyntheticSet:
    """A set of which a half is crowded with what is no rep, a quarter as usual, and a quarter has no rep at all."""
    rng = np.random.default_rng((seed, number, 77))
    tokens = (_crowded, _crowded, _usual, _no_reps)[number % 4](rng, exercise.name)
    view_deg = float(rng.uniform(-105, 105))
    wide = bool(rng.random() < WIDE)
    wanted = Wanted(exercise=exercise.name, bodies="training", tokens=tokens, view_deg=view_deg, wide=wide)
    return random_set((seed, number), wanted)


def _usual(rng: np.random.Generator, exercise: str) -> tuple[Token, ...] | None:
    del rng, exercise
    return None


def _crowded(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    out: list[Token] = []
    for token in random_tokens(rng, exercise, reps=(1, 7), idle=0.6):
        out.append(token)
        if rng.random() < BETWEEN:
            out.append(_other(rng))
    return tuple(out[1:] if out[0].name == "hold" and len(out) > 1 else out)


def _no_reps(rng: np.random.Generator, exercise: str) -> tuple[Token, ...]:
    del exercise
    tokens = [_other(rng) for _ in range(int(rng.integers(5, 11)))]
    return (Token("idle") if tokens[0].name == "hold" else tokens[0], *tokens[1:])


def _other(rng: np.random.Generator) -> Token:
    return Token(OTHERS[rng.integers(len(OTHERS))])


def examples(made: SyntheticSet, exercise: Exercise) -> Iterator[Example]:
    """The movements of one set; a bar that is dropped from the top is neither a rep nor none."""
    teacher = Teacher()
    drops = [(e.start_s, e.end_s) for e in made.events if e.kind == "let_go"]
    for rep in found(made.observations, exercise, teacher):
        if not teacher.seen:  # a bar let go at the top: told by the hands, not by the model
            continue
        described = teacher.seen.pop()
        is_rep = any(is_of(rep, true) for true in made.reps)
        if not is_rep and any(min(rep.end_s, end_s) - max(rep.start_s, start_s) > 0.3 for start_s, end_s in drops):
            continue
        part = not is_rep and any(_shared(rep, true) > LEAST_OVERLAP for true in made.reps)
        yield Example(described=described, is_rep=is_rep, weight=UNCLEAR if part else 1.0)


def others(made: SyntheticSet, exercise: Exercise) -> Iterator[Example]:
    """The movements of a set of another exercise that have nothing to do with its reps."""
    teacher = Teacher()
    reps = [(e.start_s, e.end_s) for e in made.events if e.kind in ("rep", "let_go")]
    for rep in found(made.observations, exercise, teacher):
        if teacher.seen:
            described = teacher.seen.pop()
            if all(min(rep.end_s, end_s) - max(rep.start_s, start_s) <= TOUCHED_S for start_s, end_s in reps):
                yield Example(described=described, is_rep=False, weight=1.0)


def _shared(rep: Found, true: TrueRep) -> float:
    """Share of the shorter one."""
    shared_s = min(rep.end_s, true.end_s) - max(rep.start_s, true.start_s)
    return shared_s / min(rep.end_s - rep.start_s, true.end_s - true.start_s)


def spread_of(sets: Sequence[Sequence[Example]]) -> lift.Spread:
    """Of the lifts of sets that have three or more."""
    own, course = [], []
    for examples_of_set in sets:
        lifts = [example.described for example in examples_of_set if example.is_rep]
        if len(lifts) >= 3:
            own += list(np.abs([one.own - np.median([x.own for x in lifts], 0) for one in lifts]))
            course += list(np.abs([one.course - np.median([x.course for x in lifts], 0) for one in lifts]))
    return lift.Spread(
        own=np.percentile(own, 68, axis=0) + SPREAD_FLOOR, course=np.percentile(course, 68, axis=0) + SPREAD_FLOOR
    )


def between_sets(sets: Sequence[Sequence[Example]]) -> np.ndarray:
    """(len(numbers.OWN),) standard deviation of a set's median lift."""
    lifts = [[example.described.own for example in one if example.is_rep] for one in sets]
    spread: np.ndarray = np.std([np.median(own, axis=0) for own in lifts if len(own) > 1], axis=0)
    return spread


def table(
    sets: Sequence[Sequence[Example]], spread: lift.Spread, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers, labels and weights of all examples, once for each of MISTAKES."""
    rows, labels, weights = [], [], []
    between = between_sets(sets)
    for copy, share in enumerate(MISTAKES):
        for examples_of_set in sets:
            shift = (SHIFT if copy else 0.0) * rng.normal(0.0, between)
            before: list[Described] = []
            for example in examples_of_set:
                described = replace(example.described, own=example.described.own + shift)
                rows.append(lift.compared(described, before[-SET_REPS:], spread))
                labels.append(int(example.is_rep))
                weights.append(example.weight)
                if example.is_rep != (rng.random() < share):
                    before.append(described)
    return np.array(rows), np.array(labels), np.array(weights)


def of_numbers(seed: int, exercise: Exercise, number: int) -> list[Example]:
    """The examples of one set; numbers below 0 are sets of another exercise, of which only what is no rep is taken."""
    if number >= 0:
        return list(examples(training_set(seed, number, exercise), exercise))
    return [
        example
        for other in ALSO_OF[exercise.name]
        for example in others(training_set(seed, -number, exercises.load(other)), exercise)
    ]


def gather(work: Callable[[int], Made], numbers: Sequence[int], workers: int) -> list[Made]:
    """In the order of the numbers, whichever worker is the first."""
    out = []
    with Pool(workers) as pool:
        for made in pool.imap(work, numbers, chunksize=5):
            out.append(made)
            if len(out) % 50 == 0:
                print(f"{len(out)} of {len(numbers)} sets", flush=True)
    return out


def train(exercise: Exercise, sets: int, seed: int, workers: int) -> tuple[lift.LiftModel, dict[str, int]]:
    """The model, and how many examples of what it had."""
    also = range(-1, -sets // 2 if ALSO_OF[exercise.name] else -1, -1)
    gathered = gather(partial(of_numbers, seed, exercise), [*range(sets), *also], workers)
    spread = spread_of(gathered[:sets])
    rows, labels, weights = table(gathered, spread, np.random.default_rng(0))
    less = {*lift.UNLIKE, *(name for name in lift.NAMES if name.startswith("unlike")), *LESS_WHERE_MORE}
    forest = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_depth=DEPTH,
        max_leaf_nodes=None,
        learning_rate=RATE,
        l2_regularization=5.0,
        min_samples_leaf=25,
        max_features=0.15,
        monotonic_cst=[-1 if name in less else 0 for name in lift.NAMES],
        random_state=0,
        early_stopping=False,
    ).fit(rows, labels, sample_weight=weights)
    feature, threshold, leaf = as_arrays(forest, DEPTH)
    model = lift.LiftModel(
        feature=feature,
        threshold=threshold,
        leaf=leaf,
        spread=spread,
        limit=LIMIT[exercise.name],
    )
    lifts = sum(example.is_rep for one in gathered for example in one)
    return model, {"sets": sets, "lifts": lifts, "others": sum(map(len, gathered)) - lifts}


def judged(model: lift.LiftModel, exercise: Exercise, seed: int, number: int) -> tuple[bool, int, int, int]:
    """Of one set of judging bodies: whether it is counted right, its reps, those missed, and ghosts."""
    tokens = random_tokens(np.random.default_rng((seed, number, 77)), exercise.name, reps=(3, 12))
    made = random_set((seed, number), Wanted(exercise=exercise.name, bodies="judging", tokens=tokens))
    result = account(count(made.observations, exercise, model), made.reps, made.events)
    return result.exact, len(made.reps), len(result.missed), len(result.ghosts)


def judge(model: lift.LiftModel, exercise: Exercise, sets: int, seed: int, workers: int) -> dict[str, int]:
    """Counts on sets of judging bodies."""
    rows = gather(partial(judged, model, exercise, seed), range(sets), workers)
    totals = (sum(int(row[k]) for row in rows) for k in range(4))
    return {"sets": sets, **dict(zip(("exact", "reps", "missed", "ghosts"), totals, strict=True))}


def _rounded(values: np.ndarray) -> list[object]:
    return json.loads(json.dumps(values.tolist()), parse_float=lambda text: float(f"{float(text):.6g}"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--sets", type=int, default=300, help="sets to train on")
    parser.add_argument("--judging", type=int, default=60, help="sets to judge on")
    parser.add_argument("--seed", type=int, default=4101, help="of training; judging has the next one")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="file (default: lift.json among the exercise's models)")
    arguments = parser.parse_args()
    exercise = exercises.load(arguments.exercise)
    model, had = train(exercise, arguments.sets, arguments.seed, arguments.workers)
    result = judge(model, exercise, arguments.judging, arguments.seed + 1, arguments.workers)
    print(f"trained on {had}; judged (synthetic): {result}")
    content = {
        "training": {
            "command": f"python scripts/train_lift.py {exercise.name} --sets {arguments.sets} --seed {arguments.seed} "
            f"--judging {arguments.judging}",
            "synthetic": True,
            **had,
        },
        "judged": result,
        "features": list(lift.NAMES),
        "limit": model.limit,
        "spread_own": _rounded(model.spread.own),
        "spread_course": _rounded(model.spread.course),
        "feature": model.feature.tolist(),
        "threshold": _rounded(model.threshold),
        "leaf": _rounded(model.leaf),
    }
    out = arguments.out or models_dir() / exercise.model / "lift.json"
    out.write_text(json.dumps(content) + "\n", encoding="utf-8")
    seal(out.parent)
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
