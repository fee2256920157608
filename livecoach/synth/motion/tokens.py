"""The language of a set: comma-separated tokens `name[:value]`.

Reps (value: severity 0..1): good, rounded, rounded_headup, drift (the bar swings away from the body), jerky (stalls and
catches), hips_early (hips rise before the bar), asym (one side higher), valgus (knees in), shallow (squat; 0.8 leaves
about half of the drop), hitch (deadlift: twice nearly up, and half of the height lost again; no random set has it).
No reps: walkin, walkout, idle:seconds, bend (picks something up), fiddle (bends to the bar, touches it, stands up
without it), hold:seconds (stays as it is).
"""

from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from livecoach.errors import ConfigError

EXERCISES = ("deadlift", "squat")
REPS = ("good", "rounded", "rounded_headup", "drift", "jerky", "hips_early", "asym", "valgus", "shallow", "hitch")
OTHERS = ("walkin", "walkout", "idle", "bend", "fiddle", "hold")
TIMED = ("idle", "hold")
FAULTS = {
    "deadlift": ("rounded", "rounded_headup", "drift", "jerky", "hips_early", "asym", "valgus"),
    "squat": ("rounded", "jerky", "hips_early", "asym", "valgus", "shallow", "drift"),
}
MAX_SEVERITY = {"valgus": 0.5}
"""Above 0.5 the knees look broken."""
MAX_SECONDS = 600.0
USUAL_SEVERITY = 0.8
"""Of a fault whose token has no value."""


class Token(NamedTuple):
    """One thing that the lifter does."""

    name: str
    value: float | None = None
    """Severity of a rep, seconds of a timed token; None: as usual."""

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}:{self.value:g}"


def parse(text: str) -> tuple[Token, ...]:
    """Tokens of 'walkin,good,rounded:0.8,idle:3'; raises ConfigError on an unknown name or a bad value."""
    return tuple(_token(item.strip()) for item in text.split(","))


def severity(token: Token) -> float:
    """0..1, what the rep is made with."""
    if token.name == "good":
        return 0.0
    wanted = USUAL_SEVERITY if token.value is None else token.value
    return min(wanted, MAX_SEVERITY.get(token.name, 1.0))


def random_tokens(
    rng: np.random.Generator,
    exercise: str,
    reps: tuple[int, int] = (3, 10),
    good: float = 0.5,
    idle: float = 0.25,
) -> tuple[Token, ...]:
    """A random set: reps[0]..reps[1] reps, a share `good` of them good; `idle`: probability of a thing that is no rep
    before and after the set, and a sixth of that after each rep."""
    faults = FAULTS[exercise]
    usual = None
    if rng.random() < 0.3:
        usual = faults[rng.integers(len(faults))]  # a lifter who repeats one fault
    tokens = _sometimes(rng, idle, ("idle", "walkin", "fiddle"))
    for _ in range(int(rng.integers(reps[0], reps[1] + 1))):
        tokens.append(_random_rep(rng, faults, usual, good))
        tokens += _sometimes(rng, idle / 6, ("idle", "bend", "fiddle"))
    return (*tokens, *_sometimes(rng, idle, ("idle", "walkout", "bend")))


def _random_rep(rng: np.random.Generator, faults: tuple[str, ...], usual: str | None, good: float) -> Token:
    if rng.random() < good:
        return Token("good")
    fault = usual or faults[rng.integers(len(faults))]
    return Token(fault, rng.uniform(0.25, 1.0) * MAX_SEVERITY.get(fault, 1.0))


def _sometimes(rng: np.random.Generator, probability: float, names: tuple[str, ...]) -> list[Token]:
    return [Token(names[rng.integers(len(names))])] if rng.random() < probability else []


def _token(item: str) -> Token:
    name, colon, text = item.partition(":")
    if name not in REPS + OTHERS:
        near = get_close_matches(name, REPS + OTHERS, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(REPS + OTHERS)}"
        raise ConfigError(f"token {item!r}: unknown. {hint}")
    if not colon:
        return Token(name)
    try:
        value = float(text)
    except ValueError as err:
        raise ConfigError(f"token {item!r}: expected a number after the colon") from err
    most = MAX_SECONDS if name in TIMED else 1.0
    if not 0 <= value <= most:
        raise ConfigError(f"token {item!r}: expected a value of 0..{most:g}")
    return Token(name, value)
