"""What is drawn of somebody or something: each field of a dataclass stands once, with its usual and its wide range."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from livecoach.lab.synth.figure.body import BodyModel

D = TypeVar("D")
Range = tuple[float, float]


class Drawing(NamedTuple):
    """What a field's draw may depend on."""

    rng: np.random.Generator
    values: dict[str, Any]  # what is known, and what is drawn so far; of what is drawn anew, all fields
    usual: Any = None  # the field's own value, if it is drawn anew

    @property
    def body(self) -> BodyModel:
        return self.values["body"]

    @property
    def loaded(self) -> bool:
        return self.values["loaded"]


Draw = Callable[[Drawing], Any]
From = Draw | Range | float | str  # a draw, a range, or the value itself
Draws = Mapping[str, From]
"""Field → what it is drawn from. A name that is no field says which way a lifter goes, for the draws after it."""


def log_uniform(rng: np.random.Generator, least: float, most: float) -> float:
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


def by(draw: Draw, wide: From | None = None, day: float = 0.0) -> Any:
    """A field that `drawn` draws so, and `widened` from the wider range of all whom people would say do the lift. day:
    its standard deviation between sets of one lifter. Good reps differ about twice as much between two sets as within
    one (measured on real squats)."""
    return field(metadata={"draw": draw, "wide": wide, "day": day})


def uniform(low: float, high: float, *, wide: From | None = None, day: float = 0.0) -> Any:
    return by(lambda d: d.rng.uniform(low, high), wide, day)


def by_flag(name: str, yes: Range, no: Range, *, wide: From | None = None, day: float = 0.0) -> Any:
    """From one of two ranges, by a value of that name that is known or was drawn before."""
    return by(lambda d: d.rng.uniform(*(yes if d.values[name] else no)), wide, day)


def seconds(least_s: float, most_s: float, *, wide: Range | None = None) -> Any:
    return by(log(least_s, most_s), wide and log(*wide))


def pause(share: float, least_s: float, most_s: float, turning_s: float) -> Any:
    """That share of lifters pauses; the others turn within `turning_s`."""
    return by(lambda d: log_uniform(d.rng, least_s, most_s) if d.rng.random() < share else d.rng.uniform(0, turning_s))


def chance(share: float) -> Any:
    return by(lambda d: bool(d.rng.random() < share))


def one_of(options: Sequence[Any] | Mapping[Any, float]) -> Any:
    return by(lambda d: pick(d.rng, options))


def pick(rng: np.random.Generator, options: Sequence[Any] | Mapping[Any, float]) -> Any:
    """One of them, each equally often, or of a mapping by its share."""
    if isinstance(options, Mapping):
        return list(options)[rng.choice(len(options), p=list(options.values()))]
    return options[int(rng.integers(len(options)))]


def log(least: float, most: float) -> Draw:
    return lambda d: log_uniform(d.rng, least, most)


def within(mean: float, spread: float, low: float, high: float) -> Draw:
    return lambda d: float(np.clip(d.rng.normal(mean, spread), low, high))


def more(low: float, high: float) -> Draw:
    return lambda d: d.usual + d.rng.uniform(low, high)


def some(share: float, of: From, otherwise: From | None = None) -> Draw:
    """That share of lifters; the others as usual, or otherwise."""
    rest = (lambda d: d.usual) if otherwise is None else otherwise
    return lambda d: _value(d, of if d.rng.random() < share else rest)


def way(**shares: float) -> Draw:
    """The name of one of several ways, each of that share of lifters; empty for the others."""
    names, ends = [*shares, ""], np.cumsum(list(shares.values()))
    return lambda d: names[np.searchsorted(ends, d.rng.random(), side="right")]


def in_way(name: str, **ways: From) -> Draw:
    """By the way that was drawn under that name; as usual in those that are not given."""
    return lambda d: _value(d, ways[d.values[name]]) if d.values[name] in ways else d.usual


def _value(d: Drawing, of: From) -> Any:
    if callable(of):
        return of(d)
    return d.rng.uniform(*of) if isinstance(of, tuple) else of


def drawn(kind: type[D], rng: np.random.Generator, /, **known: Any) -> D:
    """Draw the fields of a dataclass in their order, but those that are known, on which draws may depend."""
    d, own = Drawing(rng, dict(known)), fields(kind)  # type: ignore[arg-type]
    for each in own:
        if each.name not in known and "draw" in each.metadata:
            d.values[each.name] = each.metadata["draw"](d)
    return kind(**{each.name: d.values[each.name] for each in own if each.name in d.values})


def redrawn(usual: D, rng: np.random.Generator, draws: Draws, /, **known: Any) -> D:
    """Draw fields anew, in the order of `draws`."""
    own = {each.name: getattr(usual, each.name) for each in fields(usual)}  # type: ignore[arg-type]
    d = Drawing(rng, known | own)
    for name, of in draws.items():
        d.values[name] = _value(d._replace(usual=d.values.get(name)), of)
    return replace(usual, **{name: d.values[name] for name in draws if name in own})  # type: ignore[type-var]


def widened(usual: D, rng: np.random.Generator, /, **known: Any) -> D:
    wide = {each.name: each.metadata.get("wide") for each in fields(usual)}  # type: ignore[arg-type]
    return redrawn(usual, rng, {name: of for name, of in wide.items() if of is not None}, **known)


def another_day(of: D, rng: np.random.Generator) -> D:
    days = {each.name: each.metadata.get("day", 0.0) for each in fields(of)}  # type: ignore[arg-type]
    return replace(of, **{name: getattr(of, name) + day * rng.normal() for name, day in days.items() if day})  # type: ignore[type-var]


def at_pace(of: D, tempo: float) -> D:
    """With all durations, the fields that end with `_s`, times `tempo`."""
    times = {f.name: getattr(of, f.name) * tempo for f in fields(of) if f.name.endswith("_s")}  # type: ignore[arg-type]
    return replace(of, **times)  # type: ignore[type-var]
