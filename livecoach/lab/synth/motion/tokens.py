"""Parses the language that describes a set, as comma-separated items, and draws random sets in it.

Reps: `good`, or faults of the exercise joined by `+`, each `name[.variant][:knob]` with a knob of 0…1, by default 0.8:
`rounded_back.head_up:0.7+hips_early:0.5`. `*5` after an item repeats it. `partial:0.5` is a partial rep over half the
travel. Other movements: a name in OTHERS, HARD_OTHERS or EXERCISE_LIKE; `idle`, `hold` and `shift` take `:seconds`.
Other people: a name in PEOPLE; they come and go during the set.
"""

from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.motion.lifts import EXERCISES, FAULTS, LIFTS
from livecoach.lab.synth.motion.ranges import pick

OTHERS = (
    *("walkin", "walkout", "idle", "shift", "hold", "bend", "fiddle", "load_plate", "lift_end"),
    *("unrack", "rerack", "failed_pull", "let_go", "tie_shoe", "stretch", "sit"),
)
"""Movements of the lifter that are not reps."""
HARD_OTHERS = (
    *("pick_up", "lunge", "jump", "arm_swings", "hip_hinge_stretch", "kneel", "roll_bar"),
    *("sit_bench", "step_up", "drink", "plate_carry", "march", "turn_around"),
)
"""Further movements that are not reps; in many of them the lifter goes down and up as in a rep."""
EXERCISE_LIKE = (
    *("curls", "lateral_raises", "front_raises", "upright_rows", "triceps_extensions", "pushdowns", "pulldowns"),
    *("pull_ups", "shrugs", "arm_circles", "boxing"),
    *("push_ups", "plank", "sit_ups", "leg_raises", "bridges", "burpees"),
    *("kettlebell_swings", "good_mornings", "calf_raises", "side_bends", "rotations"),
    *("jumping_jacks", "high_knees", "treadmill"),
)
"""Exercises that livecoach does not count. The lifter does several repetitions."""
WITH_BAR_ON_FLOOR = ("fiddle", "load_plate", "lift_end", "failed_pull", "let_go", "roll_bar")
"""Movements that need a bar on the floor. In other lifts the lifter idles instead."""
PARTIAL = "partial"  # Name of a rep that turns early
NO_REPS = (PARTIAL, *OTHERS, *HARD_OTHERS, *EXERCISE_LIKE)
PEOPLE = ("passes_front", "passes_behind", "stands_beside", "spots")  # Visits of other people
TIMED = ("idle", "hold", "shift")  # Items that take a duration
MAX_SECONDS = 600.0  # Longest duration of an item
MAX_REPEATS = 200  # Most repetitions of an item
MAX_ITEMS = 500  # Most items of a set
MAX_SET_S = 3600.0  # Longest duration of all timed items of a set
USUAL_KNOB = 0.8  # Knob of a fault if the item does not state it
USUAL_SHARE = 0.5  # Share of the travel of a partial rep if the item does not state it
REP = "rep"  # Name of a token that is a rep


class TokenFault(NamedTuple):
    """A fault of a rep in a set's description, with its variant and its strength."""

    name: str
    way: str = ""  # variant of the fault; empty to draw it
    knob: float = USUAL_KNOB  # strength of the fault, 0…1

    def __str__(self) -> str:
        return f"{self.name}{'.' if self.way else ''}{self.way}:{self.knob:g}"


class Token(NamedTuple):
    """An item of a set: a rep, another movement, or a visit of another person."""

    name: str  # REP, or a name in NO_REPS or PEOPLE
    faults: tuple[TokenFault, ...] = ()  # faults of a rep; empty for a good rep
    seconds: float | None = None  # duration of a timed item; None for the usual duration
    share: float | None = None  # share of the travel of a partial rep, 0…1; None for USUAL_SHARE

    def __str__(self) -> str:
        if self.name == REP:
            return "+".join(map(str, self.faults)) or "good"
        if self.share is not None:
            return f"{self.name}:{self.share:g}"
        return self.name if self.seconds is None else f"{self.name}:{self.seconds:g}"


GOOD = Token(REP)


def parse_tokens(text: str, exercise: str | None = None) -> tuple[Token, ...]:
    """Parse the description of a set, such as 'walkin,good*3,rounded_back:0.8,idle:3', into tokens.

    Args:
        exercise: Exercise whose faults are allowed; None to allow the faults of all exercises.

    Raises:
        ConfigError: An item is invalid, or the set is too long.
    """
    tokens = tuple(token for item in text.split(",") for token in _tokens(item.strip(), exercise))
    seconds = sum(token.seconds or 0.0 for token in tokens)
    if len(tokens) > MAX_ITEMS or seconds > MAX_SET_S:
        raise ConfigError(
            f"set of {len(tokens)} items and {seconds:g} s of waiting: too long. Expected up to {MAX_ITEMS} items and "
            f"{MAX_SET_S:g} s"
        )
    return tokens


def _tokens(item: str, exercise: str | None) -> list[Token]:
    whole, star, times = item.partition("*")
    if not star:
        return [_token(whole, item, exercise)]
    if not times.isdecimal() or not 1 <= int(times) <= MAX_REPEATS:
        raise ConfigError(f"item {item!r}: expected a whole number from 1 to {MAX_REPEATS} after the *")
    return int(times) * [_token(whole, item, exercise)]


def _token(whole: str, item: str, exercise: str | None) -> Token:
    name, colon, value = whole.partition(":")
    if name == "good" and not colon:
        return GOOD
    if name in (*NO_REPS, *PEOPLE) and "+" not in whole:
        if not colon:
            return Token(name)
        if name == PARTIAL:
            return Token(name, share=_number(value, item, 1.0))
        if name in TIMED:
            return Token(name, seconds=_number(value, item, MAX_SECONDS))
        raise ConfigError(f"item {item!r}: {name} takes no number. Only {', '.join((PARTIAL, *TIMED))} do")
    return Token(REP, tuple(_token_fault(part, item, exercise) for part in whole.split("+")))


def _token_fault(part: str, item: str, exercise: str | None) -> TokenFault:
    named, colon, value = part.partition(":")
    fault, _, way = named.partition(".")
    ways = _variants(fault, item, exercise)
    if way and way not in ways:
        raise ConfigError(f"item {item!r}: {fault} has no variant {way!r}. There are: {', '.join(ways)}")
    return TokenFault(fault, way, _number(value, item, 1.0)) if colon else TokenFault(fault, way)


def _variants(fault: str, item: str, exercise: str | None) -> tuple[str, ...]:
    exercises = EXERCISES if exercise is None else (exercise,)
    known = {name: () for e in exercises for name in FAULTS[e]}
    if fault in known:
        return tuple(way for e in exercises for way in LIFTS[e].faults.get(fault, ()))
    near = get_close_matches(fault, ("good", PARTIAL, *known, *NO_REPS[1:], *PEOPLE), 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    of = "" if exercise is None else f" of a {exercise}"
    names = FAULTS[exercise] if exercise else tuple(known)
    raise ConfigError(
        f"item {item!r}: unknown. {hint}Faults{of}: {', '.join(names)}. "
        f"No reps: {', '.join(NO_REPS)}. Other people: {', '.join(PEOPLE)}"
    )


def _number(text: str, item: str, most: float) -> float:
    try:
        value = float(text)
    except ValueError as err:
        raise ConfigError(f"item {item!r}: expected a number after the colon") from err
    if not 0 <= value <= most:
        raise ConfigError(f"item {item!r}: expected a value of 0..{most:g}")
    return value


GOOD_SHARE = 0.5  # Probability that a rep is good
SAME_FAULT = 0.3  # Share of sets in which the lifter repeats the same fault; in half of them the fault grows
PAIRS = 0.15  # Share of faulty reps with two faults
LEAST_KNOB = 0.2  # Smallest knob that is drawn, unless the fault grows
HARD = 0.7  # Share of HARD_OTHERS among the items of a hard sequence
AGAIN = 0.2  # Share of items outside ONCE, in a sequence without reps, that are done two or three times
ONCE = ("walkin", "walkout", "idle", "shift", "hold", "unrack", "rerack", "let_go")
"""Items that are not repeated: nobody repeats them, or a repetition would not be visible."""
PAUSED = 0.5  # Share of repetitions that follow a pause
PAUSE_S = (0.5, 6.0)  # Duration of such a pause
PARTIAL_SHARE = (0.2, 0.8)  # Share of the travel of partial reps


def random_tokens(
    rng: np.random.Generator,
    exercise: str,
    reps: tuple[int, int] = (3, 10),
    idle: float = 0.25,
    people: float = 0.0,
    partial: float = 0.0,
) -> tuple[Token, ...]:
    """Draw the tokens of a set. About half of the reps are good; for a lift without named faults, all are.

    Args:
        reps: Smallest and largest number of reps.
        idle: Probability of another movement at the start and at the end; the probability after each rep is a sixth.
        people: Expected number of visits of other people.
        partial: Probability of a partial rep after each rep.
    """
    faults, lift = FAULTS[exercise], LIFTS[exercise]
    usual = pick(rng, faults) if faults and rng.random() < SAME_FAULT else None
    grows = rng.random() < 0.5
    count = int(rng.integers(reps[0], reps[1] + 1))
    tokens = _sometimes(rng, idle, lift.before)
    for k in range(count):
        tokens += _sometimes(rng, people / count, PEOPLE)
        least = k / count if usual and grows else LEAST_KNOB
        tokens.append(_random_rep(rng, faults, usual, least))
        if partial and rng.random() < partial:
            tokens.append(Token(PARTIAL, share=round(rng.uniform(*PARTIAL_SHARE), 2)))
        tokens += _sometimes(rng, idle / 6, lift.between)
    return (*tokens, *_sometimes(rng, idle, lift.after))


def random_movements(
    rng: np.random.Generator, exercise: str, hard: bool = False, items: tuple[int, int] = (5, 10)
) -> tuple[Token, ...]:
    """Draw the tokens of a set of movements without reps. Some movements are done two or three times.

    Args:
        exercise: Lift that no movement may look like. If its bar is not on the floor, no movement needs a bar there.
        hard: Whether most movements are of HARD_OTHERS instead of OTHERS.
        items: Smallest and largest number of movements, without repetitions.
    """
    lift = LIFTS[exercise]
    impossible = lift.same_as + (() if lift.on_floor else WITH_BAR_ON_FLOOR)
    tokens: list[Token] = []
    for _ in range(int(rng.integers(items[0], items[1] + 1))):
        pool = HARD_OTHERS if hard and rng.random() < HARD else OTHERS
        name = pick(rng, [name for name in pool if name not in impossible])
        times = int(rng.integers(2, 4)) if rng.random() < AGAIN and name not in ONCE else 1
        for time in range(times):
            if time and rng.random() < PAUSED:
                tokens.append(Token("idle", seconds=round(rng.uniform(*PAUSE_S), 1)))
            tokens.append(Token(name))
    return (Token("idle") if tokens[0].name == "hold" else tokens[0], *tokens[1:])


def _random_rep(rng: np.random.Generator, faults: tuple[str, ...], usual: str | None, least: float) -> Token:
    if not faults or rng.random() < GOOD_SHARE:
        return GOOD
    two = rng.random() < PAIRS
    names = [usual or pick(rng, faults), *([pick(rng, faults)] if two else [])]
    return Token(REP, tuple(TokenFault(name, "", round(rng.uniform(least, 1.0), 3)) for name in dict.fromkeys(names)))


def _sometimes(rng: np.random.Generator, probability: float, names: tuple[str, ...]) -> list[Token]:
    return [Token(pick(rng, names))] if rng.random() < probability else []
