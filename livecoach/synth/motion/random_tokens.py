"""Draws random token sequences, in the language of livecoach.synth.motion.tokens."""

import numpy as np

from livecoach.synth.motion.faults import FAULTS
from livecoach.synth.motion.lifts import LIFTS
from livecoach.synth.motion.tokens import (
    EXERCISE_LIKE,
    GOOD,
    HARD_OTHERS,
    OTHERS,
    PARTIAL,
    PEOPLE,
    WITH_BAR_ON_FLOOR,
    Deviation,
    Token,
    faulty,
)

ONE_FAULT = 0.3
"""Share of sets in which the lifter repeats one fault; in half of them it grows."""
PAIRS = 0.15
"""Share of faulty reps with two faults."""
LEAST_KNOB = 0.2
HARD = 0.7
"""Share of HARD_OTHERS among the items of a hard sequence."""
AGAIN = 0.2
"""Share of items in a sequence without reps that are repeated two or three times."""
ONCE = ("walkin", "walkout", "idle", "shift", "hold", "unrack", "rerack", "let_go")
"""Items that are never repeated, as nobody does so or repetition would not show."""
PAUSED = 0.5
"""Share of repetitions that follow a pause."""
PAUSE_S = (0.5, 6.0)
PARTIAL_SHARE = (0.2, 0.8)
"""Range of the share of the travel of partial reps."""


def random_tokens(
    rng: np.random.Generator,
    exercise: str,
    reps: tuple[int, int] = (3, 10),
    good: float = 0.5,
    idle: float = 0.25,
    people: float = 0.0,
    partial: float = 0.0,
) -> tuple[Token, ...]:
    """Draw a set of reps[0]..reps[1] reps, of which a share `good` is good.

    idle: probability of another movement before and after the set; after each rep it is a sixth of that.
    people: probability that another person appears. partial: probability of a partial rep after each rep.
    """
    faults, lift = FAULTS[exercise], LIFTS[exercise]
    usual = faults[rng.integers(len(faults))] if faults and rng.random() < ONE_FAULT else None
    grows = rng.random() < 0.5
    count = int(rng.integers(reps[0], reps[1] + 1))
    tokens = _sometimes(rng, idle, lift.before)
    for k in range(count):
        tokens += _sometimes(rng, people / count, PEOPLE)
        least = k / count if usual and grows else LEAST_KNOB
        tokens.append(_random_rep(rng, faults, usual, good, least))
        if partial and rng.random() < partial:
            tokens.append(Token(PARTIAL, share=round(rng.uniform(*PARTIAL_SHARE), 2)))
        tokens += _sometimes(rng, idle / 6, lift.between)
    return (*tokens, *_sometimes(rng, idle, lift.after))


def random_no_reps(
    rng: np.random.Generator, exercise: str, hard: bool = False, items: tuple[int, int] = (5, 10)
) -> tuple[Token, ...]:
    """Draw a set of items[0]..items[1] items without reps, a fifth of them repeated with variation.

    hard: draw most items from HARD_OTHERS; otherwise all are from OTHERS.
    """
    lift = LIFTS[exercise]
    impossible = lift.same_as + (() if lift.on_floor else WITH_BAR_ON_FLOOR)
    tokens: list[Token] = []
    for _ in range(int(rng.integers(items[0], items[1] + 1))):
        pool = HARD_OTHERS if hard and rng.random() < HARD else OTHERS
        known = [name for name in pool if name not in impossible]
        name = known[rng.integers(len(known))]
        times = int(rng.integers(2, 4)) if rng.random() < AGAIN and name not in ONCE else 1
        for time in range(times):
            if time and rng.random() < PAUSED:
                tokens.append(Token("idle", seconds=round(rng.uniform(*PAUSE_S), 1)))
            tokens.append(Token(name))
    return (Token("idle") if tokens[0].name == "hold" else tokens[0], *tokens[1:])


def random_exercise_like(rng: np.random.Generator, exercise: str, items: tuple[int, int] = (1, 3)) -> tuple[Token, ...]:
    """Draw a set of items[0]..items[1] exercises that livecoach does not count, half of them after a pause."""
    impossible = LIFTS[exercise].same_as
    known = [name for name in EXERCISE_LIKE if name not in impossible]
    tokens: list[Token] = []
    for _ in range(int(rng.integers(items[0], items[1] + 1))):
        if rng.random() < PAUSED:
            tokens.append(Token("idle", seconds=round(rng.uniform(*PAUSE_S), 1)))
        tokens.append(Token(known[rng.integers(len(known))]))
    return tuple(tokens)


def _random_rep(
    rng: np.random.Generator, faults: tuple[str, ...], usual: str | None, good: float, least: float
) -> Token:
    if not faults or rng.random() < good:
        return GOOD
    count = 2 if rng.random() < PAIRS else 1
    names = [usual or faults[rng.integers(len(faults))]]
    if count == 2:
        names.append(faults[rng.integers(len(faults))])
    return faulty(*(Deviation(name, "", round(rng.uniform(least, 1.0), 3)) for name in dict.fromkeys(names)))


def _sometimes(rng: np.random.Generator, probability: float, names: tuple[str, ...]) -> list[Token]:
    return [Token(names[rng.integers(len(names))])] if rng.random() < probability else []
