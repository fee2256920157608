"""Makes sets as labelled ticks, on which recognition is trained and judged.

A tick is the mean of the joints' positions over a tenth of a second (livecoach.decisions.recognition.features).

All kinds of networks learn from the same chunks, which are drawn evenly over the exercises and begin at random moments.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.decisions.recognition.features import SIZE, tick_features
from livecoach.decisions.recognition.recogniser import TickAverager, joint_values
from livecoach.lab.processes import JobRunner
from livecoach.lab.real_sets import FPS, PACES, FilmedSet
from livecoach.lab.synth.motion.lifts import EXERCISES, FAULTS, LIFTS
from livecoach.lab.synth.motion.ranges import log_uniform
from livecoach.lab.synth.motion.tokens import (
    EXERCISE_LIKE,
    HARD_OTHERS,
    ONCE,
    OTHERS,
    REP,
    WITH_BAR_ON_FLOOR,
    Token,
    TokenFault,
    random_tokens,
)
from livecoach.lab.synth.noise import SeenLandmarks
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.synth.synthetic_sets import BodyGroup, SetRequest, random_set
from livecoach.lab.train.labelled_movements import IGNORED, MOST_VIEW_DEG, WIDE, draw_noise_factor

UNKNOWN, NONE = -1, 0
"""Labels of ticks that training ignores, and of ticks with no part of a rep in their window; exercises begin at 1."""
WINDOW_S = 3.5  # Length of the window before a tick, in seconds; without a rep in it, a tick shows no exercise
NOT_YET, FROM, AFTER_S = 0.4, 0.65, 1.0
"""Shares of the time from a rep's start to its turn, and seconds after its end. A tick shows the exercise from FROM
until AFTER_S, and nothing before NOT_YET of a first rep, because every pull begins like a deadlift."""
NEAR = {False: 0.1, True: 0.5}  # Whether the lifter lies → share of sets that are filmed from near the upper body
PART = 0.7  # Share of sets with a part of a lift that counts as the lift, such as a clean alone
PLANS = 4  # Number of kinds of sets, which follow each other in a series (`_tokens`)
REPS = (1, 4)  # Least and greatest number of reps of a set
NO_REPS = 2  # Number of movements in a set without reps
AGAIN = 0.4  # Share of movements without reps that are repeated like reps
GROUPS = 3  # Number of groups of movements without reps
KINDS = tuple(kind for kind in (*OTHERS, *HARD_OTHERS, *EXERCISE_LIKE) if kind not in ("hold", *EXERCISES))
"""Kinds of movements that are none of the exercises. The movements of a set are from a single group."""


class Stretch(NamedTuple):
    """A part of a set in which the lifter is never lost for more than half a second, as labelled ticks."""

    ticks: np.ndarray  # (n, SIZE) float32
    t_s: np.ndarray  # (n,) time at which each tick was complete
    labels: np.ndarray  # (n,) UNKNOWN, NONE or 1 + the index of the exercise in EXERCISES
    reps_s: np.ndarray  # (k, 3) start, turn and end of all reps of the set


def make_motion_set(seed: int, number: int, bodies: BodyGroup) -> tuple[SyntheticSet, float]:
    """Make a synthetic set for recognition. Also return its pace: the factor on its times, which is 1 for "judging".

    Args:
        number: Index of the set in the series, from 0, on which the exercise and the kinds of movements depend.
    """
    rng = np.random.default_rng((seed, number, 78))
    exercise = EXERCISES[number // PLANS % len(EXERCISES)]
    noise = draw_noise_factor(rng)
    tokens = _tokens(rng, number % PLANS, exercise, number // (len(EXERCISES) * PLANS) % GROUPS)
    most_deg = 180.0 if LIFTS[exercise].lies else MOST_VIEW_DEG
    wanted = SetRequest(
        exercise=exercise,
        bodies=bodies,
        tokens=tokens,
        view_deg=float(rng.uniform(-most_deg, most_deg)),
        wide=bool(rng.random() < WIDE),
        typical=True,
        fps=float(FPS[rng.integers(len(FPS))]),
        noise=noise,
        near=bool(rng.random() < NEAR[LIFTS[exercise].lies]),
        part=bool(rng.random() < PART),
        graded=False,
    )
    return random_set((seed, number), wanted), log_uniform(rng, *PACES) if bodies == "training" else 1.0


def _tokens(rng: np.random.Generator, plan: int, exercise: str, group: int) -> tuple[Token, ...]:
    """Return the movements of a set: reps, reps with a single fault, reps among other movements, or no rep."""
    if plan == 0:
        return random_tokens(rng, exercise, reps=REPS, idle=0.5, partial=0.1)
    if plan == 1 and FAULTS[exercise]:
        fault = FAULTS[exercise][rng.integers(len(FAULTS[exercise]))]
        rep = Token(REP, (TokenFault(fault, "", float(rng.uniform(0.4, 1.0))),))
        return (rep,) * int(rng.integers(REPS[0], REPS[1] + 1))
    if plan <= 2:
        tokens: list[Token] = []
        for rep in random_tokens(rng, exercise, reps=REPS, idle=0.0):
            tokens.append(rep)
            if rng.random() < 0.5:
                tokens += _others(rng, exercise, group)
        return tuple(tokens)
    return tuple(token for _ in range(NO_REPS) for token in _others(rng, exercise, group))


def _others(rng: np.random.Generator, exercise: str, group: int) -> tuple[Token, ...]:
    lift = LIFTS[exercise]
    known = [kind for kind in KINDS[group::GROUPS] if lift.on_floor or kind not in WITH_BAR_ON_FLOOR]
    kind = known[rng.integers(len(known))]
    once = kind in (*ONCE, *EXERCISE_LIKE)  # movements in EXERCISE_LIKE repeat by themselves
    times = 1 if once or rng.random() > AGAIN else int(rng.integers(2, 4))
    return (Token(kind),) * times


def stretches_of_set(made: SyntheticSet | FilmedSet, pace: float = 1.0) -> Iterator[Stretch]:
    """Yield a set's labelled ticks, with all times scaled by `pace`, cut where the lifter is lost for over 0.5 s."""
    reps_s = pace * np.array([(rep.start_s, rep.turn_s, rep.end_s) for rep in made.reps]).reshape(-1, 3)
    unclear = (*IGNORED, *EXERCISES)
    unclear_s = [(pace * event.start_s, pace * event.end_s) for event in made.events if event.kind in unclear]
    for ticks, t_s in _estimated_ticks(made.seen, made.t_s * pace):
        yield Stretch(ticks, t_s, label_ticks(t_s, reps_s, unclear_s, 1 + EXERCISES.index(made.exercise)), reps_s)


def _estimated_ticks(seen: SeenLandmarks, t_s: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield ticks, (n, SIZE), and their times, (n,), up to each loss of the lifter for more than LONGEST_GAP_S."""
    points_px = seen.image[:, landmark.JOINTS, :2].astype(np.float32) * np.array(seen.size_px, np.float32)
    samples = joint_values(seen.world[:, landmark.JOINTS].astype(np.float32), points_px, *seen.size_px)
    sampler, ticks, times = TickAverager(), list[np.ndarray](), list[float]()
    for at_s, joints, lost in zip(t_s.tolist(), samples, seen.lost.tolist(), strict=True):
        if lost:
            continue
        done = sampler.step(at_s, joints)
        if sampler.is_new and ticks:
            yield np.stack(ticks).astype(np.float32), np.array(times)
            ticks, times = [], []
        ticks += done
        times += [at_s] * len(done)
    if ticks:
        yield np.stack(ticks).astype(np.float32), np.array(times)


def label_ticks(
    t_s: np.ndarray, reps_s: np.ndarray, unclear_s: Sequence[tuple[float, float]], exercise: int
) -> np.ndarray:
    """Return the label of each tick, (n,) int8: UNKNOWN, NONE or `exercise`.

    A tick is labelled `exercise` from the share FROM of a rep's way to its turn until AFTER_S after its end. The other
    ticks from the rep's start until WINDOW_S after its end are UNKNOWN, except that ticks before the share NOT_YET are
    NONE if no rep has ended in the last WINDOW_S.

    Args:
        reps_s: (k, 3) start, turn and end of the reps.
        unclear_s: Starts and ends of other movements; they, with WINDOW_S after them, are UNKNOWN, too.
    """
    out = np.full(len(t_s), NONE, np.int8)
    for start_s, end_s in (*unclear_s, *reps_s[:, [0, 2]]):
        out[(t_s > start_s) & (t_s < end_s + WINDOW_S)] = UNKNOWN
    before_s = -np.inf
    for start_s, turn_s, end_s in reps_s:
        if start_s > before_s + WINDOW_S:
            out[(t_s > start_s) & (t_s < start_s + NOT_YET * (turn_s - start_s))] = NONE
        before_s = end_s
        from_s = start_s + FROM * (turn_s - start_s)
        out[(t_s >= from_s) & (t_s <= end_s + AFTER_S)] = exercise
    return out


LENGTH = 60  # Number of ticks of a chunk; the network does not know the ticks before, as at the start of a stream
NONE_WEIGHT = 2.0
"""How many times more often a chunk without an exercise is drawn than a chunk of an exercise, since there are more
kinds."""
LEAST_SPREAD = 0.02  # Least standard deviation of a feature in its scaling


class Batch(NamedTuple):
    """N chunks of up to LENGTH successive ticks, for a training step; every array is (N, LENGTH, …)."""

    ticks: np.ndarray  # The last tick of a shorter chunk is repeated
    labels: np.ndarray  # UNKNOWN for ticks that teach nothing, and beyond the end of a chunk
    valid: np.ndarray  # 1 for a tick, 0 beyond the end of the chunk


class ChunkSampler:
    """A sampler of random chunks to train on, each with up to LENGTH successive ticks of a stretch.

    Each chunk has a tick whose label is drawn first: the exercises of the stretches are equally likely, NONE is
    NONE_WEIGHT times as likely as an exercise, and UNKNOWN is never drawn.
    """

    def __init__(self, stretches: Sequence[Stretch], rng: np.random.Generator) -> None:
        self._rng = rng
        self._places: dict[int, list[tuple[Stretch, np.ndarray]]] = {}
        for stretch in stretches:
            for label in set(stretch.labels.tolist()) - {UNKNOWN}:
                self._places.setdefault(label, []).append((stretch, np.flatnonzero(stretch.labels == label)))
        self._names = sorted(self._places)
        shares = np.array([NONE_WEIGHT if label == NONE else 1.0 for label in self._names])
        self._shares = shares / shares.sum()

    def draw(self, count: int) -> Batch:
        """Draw a batch of `count` random chunks."""
        ticks, labels = np.zeros((count, LENGTH, SIZE)), np.full((count, LENGTH), UNKNOWN)
        valid = np.zeros((count, LENGTH))
        for i in range(count):
            places = self._places[self._names[self._rng.choice(len(self._names), p=self._shares)]]
            stretch, at = places[self._rng.integers(len(places))]
            start = max(0, int(at[self._rng.integers(len(at))]) - int(self._rng.integers(LENGTH)))
            cut = slice(start, start + LENGTH)
            length = len(stretch.labels[cut])
            ticks[i, :length], ticks[i, length:] = stretch.ticks[cut], stretch.ticks[cut][-1]
            labels[i, :length], valid[i, :length] = stretch.labels[cut], 1.0
        return Batch(ticks, labels, valid)


class Scaling(NamedTuple):
    """The mean and standard deviation of each feature of ticks, by which the features are scaled."""

    centre: np.ndarray  # (FEATURES,) means
    spread: np.ndarray  # (FEATURES,) standard deviations, at least LEAST_SPREAD


def fit_scaling(ticks: np.ndarray, valid: np.ndarray) -> Scaling:
    """Compute mean and spread of the features of the ticks, (N, T, SIZE), at which `valid`, (N, T), is above 0."""
    values = tick_features(ticks)[valid > 0].astype(np.float64)
    return Scaling(values.mean(0), np.maximum(values.std(0), LEAST_SPREAD))


def network_inputs(ticks: np.ndarray, valid: np.ndarray, scaling: Scaling, before: int) -> np.ndarray:
    """Return a network's input, (N, before + T, CHANNELS) float32: the scaled features of ticks, and `valid`.

    Args:
        ticks: (N, T, SIZE).
        valid: (N, T), 1 for a tick and 0 beyond the end of a chunk.
        before: Number of unknown ticks, all zeros, that are put before the ticks.
    """
    scaled = (tick_features(ticks) - scaling.centre) / scaling.spread * valid[..., None]
    whole = np.concatenate([scaled, valid[..., None]], -1)
    return np.pad(whole, ((0, 0), (before, 0), (0, 0))).astype(np.float32)


def gather_stretches(bodies: BodyGroup, numbers: range, seed: int, runner: JobRunner) -> list[Stretch]:
    """Make synthetic sets, and return their stretches: the parts with labelled ticks, in which the lifter is visible.

    Args:
        numbers: Indices of the sets, from 0, among all sets that the seed can make.
    """
    made = runner.map(partial(_of_number, seed, bodies), numbers, f"sets of {bodies} bodies")
    return [stretch for of_set in made for stretch in of_set]


def _of_number(seed: int, bodies: BodyGroup, number: int) -> list[Stretch]:
    return list(stretches_of_set(*make_motion_set(seed, number, bodies)))
