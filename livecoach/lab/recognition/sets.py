"""Synthetic sets as ticks with what each of them shows: what recognition learns from and is judged on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.lab.train.movements import AS_MODELLED, NOISE, UNTOLD, WIDE
from livecoach.recognition.ticks import LANDMARKS, Ticks, sample
from livecoach.synth.motion.lifts import EXERCISES, FAULTS, LIFTS
from livecoach.synth.motion.tokens import (
    EXERCISE_LIKE,
    HARD_OTHERS,
    ONCE,
    OTHERS,
    WITH_BAR_ON_FLOOR,
    Deviation,
    Token,
    faulty,
    random_tokens,
)
from livecoach.synth.sets import SetArrays, SetRequest, random_set_arrays
from livecoach.synth.truth import TrueEvent, TrueRep

UNKNOWN, NONE = -1, 0
"""Labels of a tick of which nothing is learned, and of one with nothing of a rep in its window. Exercises follow."""
WINDOW_S = 3.5
"""A tick shows none of the exercises where this long before it there was no rep."""
NOT_YET, FROM, AFTER_S = 0.4, 0.65, 1.0
"""A tick shows the exercise from a share FROM of the way to the turn of a rep, until so long after its end: a clean and
jerk is past the clean by then. Until a share NOT_YET of the way of a first rep it shows nothing: every pull begins as a
deadlift does."""
MOST_VIEW_DEG = 105.0
NEAR = {False: 0.1, True: 0.5}
"""Share of sets that are filmed from near the upper body, by whether the lifter lies."""
PART = 0.4
"""Share of sets with the part of the lift that goes by its name too: a clean alone."""
PACES = (0.75, 1.35)
"""Factor on all times of a training set: people are further apart in tempo than the lifters are drawn."""
FPS = (10, 12, 15, 20, 25, 30)
"""Frame rates of training and judging: more frames a tick make it a little less noisy, and cost time."""
PLANS = 4
"""Number of plans of a set."""
REPS = (1, 4)
NO_REPS = 2
"""Number of movements in a set without reps."""
AGAIN = 0.4
"""Share of movements that are no reps but are repeated like some."""
GROUPS = 3
KINDS = tuple(kind for kind in (*OTHERS, *HARD_OTHERS, *EXERCISE_LIKE) if kind not in ("hold", *EXERCISES))
"""What is none of the exercises. Each set has movements of one group."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """Consecutive ticks of a set."""

    exercise: str
    lifter: int
    """Number of the set."""
    ticks: np.ndarray
    """(n, SIZE) float32."""
    t_s: np.ndarray
    """(n,) when each tick was known."""
    labels: np.ndarray
    """(n,) UNKNOWN, NONE or 1 + the number of the exercise."""
    reps: tuple[TrueRep, ...]
    """In the set's own time."""
    pace: float
    """Factor from the set's own time to t_s."""


def kinds_of_group(group: int) -> tuple[str, ...]:
    """Return the movements without reps of one of GROUPS groups, each of which has some of every sort."""
    return tuple(kind for kind in KINDS if KINDS.index(kind) % GROUPS == group)


def group_of(number: int, exercises: Sequence[str] = EXERCISES) -> int:
    """Return the group that the movements without reps of set `number` are of."""
    return number // (len(exercises) * PLANS) % GROUPS


def motion_set(seed: int, number: int, bodies: str, exercises: Sequence[str] = EXERCISES) -> tuple[SetArrays, float]:
    """Return set `number` of a series, and the factor on its times."""
    rng = np.random.default_rng((seed, number, 78))
    exercise = exercises[number // PLANS % len(exercises)]
    noise = noise_range(rng)
    tokens = _tokens(rng, number % PLANS, exercise, group_of(number, exercises))
    return _drawn(rng, (seed, number), bodies, exercise, tokens, noise)


def short_set(seed: int, number: int, bodies: str, exercises: Sequence[str] = EXERCISES) -> tuple[SetArrays, float]:
    """Return set `number` of a series of sets of one rep, each fourth of them of one movement that is no rep."""
    rng = np.random.default_rng((seed, number, 81))
    exercise = exercises[number // PLANS % len(exercises)]
    noise, around = noise_range(rng), Token("idle", seconds=1.0)
    rep = random_tokens(rng, exercise, reps=(1, 1), idle=0.0)
    none = number % PLANS == PLANS - 1
    done = _others(rng, exercise, int(rng.integers(GROUPS)), True) if none else rep
    return _drawn(rng, (seed, number, 81), bodies, exercise, (around, *done, around), noise)


def _drawn(
    rng: np.random.Generator,
    seed: tuple[int, ...],
    bodies: str,
    exercise: str,
    tokens: tuple[Token, ...],
    noise: tuple[float, float] | None,
) -> tuple[SetArrays, float]:
    """Draw how a set is seen. noise: range of the noise model's factor; None for the noise model as it is."""
    most_deg = 180.0 if LIFTS[exercise].lies else MOST_VIEW_DEG
    wanted = SetRequest(
        exercise=exercise,
        bodies=bodies,
        tokens=tokens,
        view_deg=float(rng.uniform(-most_deg, most_deg)),
        wide=bool(rng.random() < WIDE),
        typical=True,
        fps=float(FPS[rng.integers(len(FPS))]),
        noise=None if noise is None else log_uniform(rng, noise),
        near=bool(rng.random() < NEAR[LIFTS[exercise].lies]),
        part=bool(rng.random() < PART),
    )
    pace = log_uniform(rng, PACES) if bodies == "training" else 1.0
    return random_set_arrays(seed, wanted), pace


def noise_range(rng: np.random.Generator) -> tuple[float, float] | None:
    """Draw the range of the factor on the noise model's errors; None for the noise model as it is."""
    return None if rng.random() < AS_MODELLED else NOISE


def log_uniform(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    """Draw a number evenly in its logarithm."""
    return float(np.exp(rng.uniform(np.log(limits[0]), np.log(limits[1]))))


def _tokens(rng: np.random.Generator, plan: int, exercise: str, group: int) -> tuple[Token, ...]:
    """Return what is done in a set: reps, reps with one fault, reps among what is no rep, or no rep."""
    if plan == 0:
        return random_tokens(rng, exercise, reps=REPS, idle=0.5, partial=0.1)
    if plan == 1 and FAULTS[exercise]:
        fault = FAULTS[exercise][rng.integers(len(FAULTS[exercise]))]
        one = faulty(Deviation(fault, "", float(rng.uniform(0.4, 1.0))))
        return (one,) * int(rng.integers(REPS[0], REPS[1] + 1))
    if plan <= 2:
        reps = random_tokens(rng, exercise, reps=REPS, idle=0.0)
        return tuple(token for rep in reps for token in (rep, *_others(rng, exercise, group, rng.random() < 0.5)))
    return tuple(token for _ in range(NO_REPS) for token in _others(rng, exercise, group, True))


def _others(rng: np.random.Generator, exercise: str, group: int, any_: bool) -> tuple[Token, ...]:
    """Return one movement that is no rep, some of them repeatedly; none if not `any_`."""
    if not any_:
        return ()
    lift = LIFTS[exercise]
    known = [kind for kind in kinds_of_group(group) if lift.on_floor or kind not in WITH_BAR_ON_FLOOR]
    kind = known[rng.integers(len(known))]
    once = kind in (*ONCE, *EXERCISE_LIKE)  # the latter are repeated as it is
    times = 1 if once or rng.random() > AGAIN else int(rng.integers(2, 4))
    return (Token(kind),) * times


def stretches(arrays: SetArrays, pace: float, number: int, exercises: Sequence[str] = EXERCISES) -> Iterator[Stretch]:
    """Yield the ticks of a set, in pieces where the lifter was lost in between. pace: factor on all times."""
    settings = arrays.settings
    size_px = (settings.width_px, settings.height_px)
    exercise = settings.exercise
    for ticks, t_s in seen_ticks(arrays.image, arrays.world, arrays.lost, arrays.t_s * pace, size_px):
        yield Stretch(
            exercise=exercise,
            lifter=number,
            ticks=ticks,
            t_s=t_s,
            labels=labels(t_s / pace, arrays.reps, arrays.events, 1 + exercises.index(exercise), pace),
            reps=arrays.reps,
            pace=pace,
        )


def seen_ticks(
    image: np.ndarray, world: np.ndarray, lost: np.ndarray, t_s: np.ndarray, size_px: tuple[int, int]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield ticks (n, SIZE) float32 and when each was known (n,), in pieces where the lifter was lost in between.

    image (T, 33, ≥ 2), world (T, 33, 3), lost (T,) bool, t_s (T,): what the pose estimator says of each frame.
    """
    points_px = image[:, LANDMARKS, :2].astype(np.float32) * np.array(size_px, np.float32)
    seen = sample(world[:, LANDMARKS].astype(np.float32), points_px, *size_px)
    sampler, found, times = Ticks(), list[np.ndarray](), list[float]()
    for at_s, one, gone in zip(t_s.tolist(), seen, lost.tolist(), strict=True):
        if gone:
            continue
        done = sampler.step(at_s, one)
        if sampler.began and found:
            yield np.stack(found).astype(np.float32), np.array(times)
            found, times = [], []
        found += done
        times += [at_s] * len(done)
    if found:
        yield np.stack(found).astype(np.float32), np.array(times)


def labels(
    t_s: np.ndarray, reps: Sequence[TrueRep], events: Sequence[TrueEvent], exercise: int, pace: float
) -> np.ndarray:
    """Return (n,) labels of ticks at t_s, in the set's own time; WINDOW_S and AFTER_S are times of the viewer."""
    out = np.full(len(t_s), NONE, np.int8)
    window_s, after_s = WINDOW_S / pace, AFTER_S / pace
    unknown = [(event.start_s, event.end_s) for event in events if event.kind in (*UNTOLD, *EXERCISES)]
    for start_s, end_s in (*unknown, *((rep.start_s, rep.end_s) for rep in reps)):
        out[(t_s > start_s) & (t_s < end_s + window_s)] = UNKNOWN
    before_s = -np.inf
    for rep in reps:
        if rep.start_s > before_s + window_s:
            out[(t_s > rep.start_s) & (t_s < rep.start_s + NOT_YET * (rep.turn_s - rep.start_s))] = NONE
        before_s = rep.end_s
        from_s = rep.start_s + FROM * (rep.turn_s - rep.start_s)
        out[(t_s >= from_s) & (t_s <= rep.end_s + after_s)] = exercise
    return out
