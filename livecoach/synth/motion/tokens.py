"""The language of a set: comma-separated items.

Reps: `good`, or faults of the exercise joined by `+`, each `name[.way][:knob]` with a knob of 0..1 (0.8 without one):
`rounded_back.head_up:0.7+hips_early:0.5`. `*5` after an item repeats it; a knob of `0.2..0.9` grows from the first
repetition to the last. `partial:0.5`: that share of the way and back. No reps: a name of OTHERS or HARD_OTHERS, `idle`
and `hold` with `:seconds`. Other people: a name of PEOPLE; they come and go while the set goes on.
"""

from difflib import get_close_matches
from typing import NamedTuple

from livecoach.errors import ConfigError
from livecoach.synth.motion.faults import EXERCISES, FAULT_VARIANTS, FAULTS

OTHERS = (
    "walkin",
    "walkout",
    "idle",
    "shift",
    "hold",
    "bend",
    "fiddle",
    "load_plate",
    "lift_end",
    "unrack",
    "rerack",
    "failed_pull",
    "let_go",
    "tie_shoe",
    "stretch",
    "sit",
)
"""What a lifter does that is no rep."""
HARD_OTHERS = (
    "pick_up",
    "lunge",
    "jump",
    "arm_swings",
    "hip_hinge_stretch",
    "kneel",
    "roll_bar",
    "sit_bench",
    "step_up",
    "drink",
    "plate_carry",
    "march",
    "turn_around",
)
"""More of it, much of which goes down and up as a rep does."""
WITH_BAR_ON_FLOOR = ("fiddle", "load_plate", "lift_end", "failed_pull", "let_go", "roll_bar")
"""Of both, what asks for a bar on the floor: in a squat the lifter stands about instead."""
PARTIAL = "partial"
"""A rep that turns too early to be one."""
PEOPLE = ("passes_front", "passes_behind", "stands_beside", "spots")
"""What somebody else does."""
TIMED = ("idle", "hold", "shift")
MAX_SECONDS = 600.0
MAX_REPEATS = 200
MAX_ITEMS = 500
MAX_SET_S = 3600.0
USUAL_KNOB = 0.8
"""Of a fault whose item has no knob."""
USUAL_SHARE = 0.5
"""Of a partial rep whose item has none."""
REP = "rep"


class Deviation(NamedTuple):
    """One fault in a rep."""

    fault: str
    way: str = ""
    """One of the fault's ways; empty: drawn."""
    knob: float = USUAL_KNOB

    def __str__(self) -> str:
        return f"{self.fault}{'.' if self.way else ''}{self.way}:{self.knob:g}"


class Token(NamedTuple):
    """One thing that happens."""

    name: str
    """REP, PARTIAL, or a name of OTHERS, HARD_OTHERS or PEOPLE."""
    deviations: tuple[Deviation, ...] = ()
    """Of a rep; none: good."""
    seconds: float | None = None
    """Of a timed one; None: as usual."""
    share: float | None = None
    """Of the way that a partial rep goes, 0..1; None: as usual."""

    def __str__(self) -> str:
        if self.name == REP:
            return "+".join(map(str, self.deviations)) or "good"
        if self.share is not None:
            return f"{self.name}:{self.share:g}"
        return self.name if self.seconds is None else f"{self.name}:{self.seconds:g}"


GOOD = Token(REP)


def faulty(*deviations: Deviation) -> Token:
    """A rep with these faults."""
    return Token(REP, deviations)


def parse(text: str, exercise: str | None = None) -> tuple[Token, ...]:
    """Tokens of 'walkin,good*3,rounded_back:0.8,idle:3'; exercise None: faults of any.

    Raises ConfigError on an unknown name, a fault of another exercise, or a bad value.
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
        return [_token(whole, item, 0.0, exercise)]
    if not times.isdecimal() or not 1 <= int(times) <= MAX_REPEATS:
        raise ConfigError(f"item {item!r}: expected a whole number of 1..{MAX_REPEATS} after the *")
    count = int(times)
    return [_token(whole, item, k / max(count - 1, 1), exercise) for k in range(count)]


def _token(whole: str, item: str, grown: float, exercise: str | None) -> Token:
    """`grown`: 0..1, how far through its repetitions an item is."""
    name, colon, value = whole.partition(":")
    if name == "good" and not colon:
        return GOOD
    if name in (PARTIAL, *OTHERS, *HARD_OTHERS, *PEOPLE) and "+" not in whole:
        if not colon:
            return Token(name)
        if name == PARTIAL:
            return Token(name, share=_grown(value, item, grown))
        if name in TIMED:
            return Token(name, seconds=_number(value, item, MAX_SECONDS))
        raise ConfigError(f"item {item!r}: {name} takes no number. Only {', '.join((PARTIAL, *TIMED))} do")
    return Token(REP, tuple(_deviation(part, item, grown, exercise) for part in whole.split("+")))


def _deviation(part: str, item: str, grown: float, exercise: str | None) -> Deviation:
    named, colon, value = part.partition(":")
    fault, _, way = named.partition(".")
    ways = _variants(fault, item, exercise)
    if way and way not in ways:
        raise ConfigError(f"item {item!r}: {fault} has no way {way!r}. There are: {', '.join(ways)}")
    if not colon:
        return Deviation(fault, way)
    return Deviation(fault, way, _grown(value, item, grown))


def _grown(value: str, item: str, grown: float) -> float:
    """0..1: the number, or how far an item has come between two."""
    first, dots, last = value.partition("..")
    low = _number(first, item, 1.0)
    high = _number(last, item, 1.0) if dots else low
    return low + grown * (high - low)


def _variants(fault: str, item: str, exercise: str | None) -> tuple[str, ...]:
    exercises = EXERCISES if exercise is None else (exercise,)
    known = {name: () for e in exercises for name in FAULT_VARIANTS[e]}
    if fault in known:
        return tuple(way for e in exercises for way in FAULT_VARIANTS[e].get(fault, ()))
    there_are = ("good", PARTIAL, *known, *OTHERS, *HARD_OTHERS, *PEOPLE)
    near = get_close_matches(fault, there_are, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    of = "" if exercise is None else f" of a {exercise}"
    names = FAULTS[exercise] if exercise else tuple(known)
    raise ConfigError(
        f"item {item!r}: unknown. {hint}Faults{of}: {', '.join(names)}. "
        f"No reps: {', '.join((PARTIAL, *OTHERS, *HARD_OTHERS))}. Other people: {', '.join(PEOPLE)}"
    )


def _number(text: str, item: str, most: float) -> float:
    try:
        value = float(text)
    except ValueError as err:
        raise ConfigError(f"item {item!r}: expected a number after the colon") from err
    if not 0 <= value <= most:
        raise ConfigError(f"item {item!r}: expected a value of 0..{most:g}")
    return value
