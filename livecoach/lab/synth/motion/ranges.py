"""Draws the fields of a dataclass from the ranges that its definition states, usual and wide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from livecoach.lab.synth.figure.body_mesh import BodyModel

D = TypeVar("D")
Range = tuple[float, float]


class Drawing(NamedTuple):
    """The values on which the draw of a field may depend."""

    rng: np.random.Generator
    values: dict[str, Any]  # known values and values drawn so far; all fields if fields are drawn again
    usual: Any = None  # present value of a field that is drawn again

    @property
    def body(self) -> BodyModel:
        """Body of the lifter."""
        return self.values["body"]

    @property
    def loaded(self) -> bool:
        """Whether the lifter uses a barbell."""
        return self.values["loaded"]


Draw = Callable[[Drawing], Any]
From = Draw | Range | float | str  # A draw, a range, or the value itself
Draws = Mapping[str, From]
"""Sources of values by field. A name that is no field is drawn too, for the draws after it."""


def log_uniform(rng: np.random.Generator, least: float, most: float) -> float:
    """Draw a value that has a uniform logarithm."""
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


def by(draw: Draw, wide: From | None = None, day: float = 0.0) -> Any:
    """Declare a field with its draws.

    Args:
        draw: Usual draw, for `drawn`.
        wide: Draw for `widened`, over all lifters who do the lift by common understanding.
        day: Standard deviation between sets of a lifter. Good reps differ about twice as much between two sets as
            within a set (measured on real squats).
    """
    return field(metadata={"draw": draw, "wide": wide, "day": day})


def uniform(low: float, high: float, *, wide: From | None = None, day: float = 0.0) -> Any:
    """Declare a field with a uniform draw."""
    return by(lambda d: d.rng.uniform(low, high), wide, day)


def by_flag(name: str, yes: Range, no: Range, *, wide: From | None = None, day: float = 0.0) -> Any:
    """Declare a field that is drawn from either range, depending on an earlier value with this name."""
    return by(lambda d: d.rng.uniform(*(yes if d.values[name] else no)), wide, day)


def seconds(least_s: float, most_s: float, *, wide: Range | None = None) -> Any:
    """Declare a duration with a uniform logarithm."""
    return by(log(least_s, most_s), wide and log(*wide))


def pause(share: float, least_s: float, most_s: float, turning_s: float) -> Any:
    """Declare the duration of a pause, which a share of lifters makes; the others turn within `turning_s`."""
    return by(lambda d: log_uniform(d.rng, least_s, most_s) if d.rng.random() < share else d.rng.uniform(0, turning_s))


def chance(share: float) -> Any:
    """Declare a field that is true with this probability."""
    return by(lambda d: bool(d.rng.random() < share))


def choice(options: Sequence[Any] | Mapping[Any, float]) -> Any:
    """Declare a field that `pick` draws from options."""
    return by(lambda d: pick(d.rng, options))


def pick(rng: np.random.Generator, options: Sequence[Any] | Mapping[Any, float]) -> Any:
    """Draw an option. All options are equally likely, unless a mapping states their shares."""
    if isinstance(options, Mapping):
        return list(options)[rng.choice(len(options), p=list(options.values()))]
    return options[int(rng.integers(len(options)))]


def log(least: float, most: float) -> Draw:
    """Return a draw with a uniform logarithm."""
    return lambda d: log_uniform(d.rng, least, most)


def within(mean: float, spread: float, low: float, high: float) -> Draw:
    """Return a normal draw that is limited to a range."""
    return lambda d: float(np.clip(d.rng.normal(mean, spread), low, high))


def more(low: float, high: float) -> Draw:
    """Return a draw that adds to the usual value."""
    return lambda d: d.usual + d.rng.uniform(low, high)


def some(share: float, source: From, otherwise: From | None = None) -> Draw:
    """Return a draw from `source` for a share of lifters, and from `otherwise`, or the usual value, for the rest."""
    rest = (lambda d: d.usual) if otherwise is None else otherwise
    return lambda d: _value(d, source if d.rng.random() < share else rest)


def way(**shares: float) -> Draw:
    """Return a draw of the name of a way, by the share of lifters with that way; empty for the rest."""
    names, ends = [*shares, ""], np.cumsum(list(shares.values()))
    return lambda d: names[np.searchsorted(ends, d.rng.random(), side="right")]


def in_way(name: str, **ways: From) -> Draw:
    """Return a draw that depends on a variant that was drawn earlier.

    Args:
        name: Field that holds the name of the drawn variant.
        ways: Source of the value for each variant; other variants have the usual value.
    """
    return lambda d: _value(d, ways[d.values[name]]) if d.values[name] in ways else d.usual


def _value(d: Drawing, source: From) -> Any:
    if callable(source):
        return source(d)
    return d.rng.uniform(*source) if isinstance(source, tuple) else source


def drawn(kind: type[D], rng: np.random.Generator, /, **known: Any) -> D:
    """Draw the fields of a dataclass in their order.

    Args:
        known: Fields that are not drawn, and other values on which draws depend.
    """
    d, own = Drawing(rng, dict(known)), fields(kind)  # type: ignore[arg-type]
    for each in own:
        if each.name not in known and "draw" in each.metadata:
            d.values[each.name] = each.metadata["draw"](d)
    return kind(**{each.name: d.values[each.name] for each in own if each.name in d.values})


def redrawn(usual: D, rng: np.random.Generator, draws: Draws, /, **known: Any) -> D:
    """Draw fields again, in the order of `draws`. Draws may depend on `known` values."""
    own = {each.name: getattr(usual, each.name) for each in fields(usual)}  # type: ignore[arg-type]
    d = Drawing(rng, known | own)
    for name, source in draws.items():
        d.values[name] = _value(d._replace(usual=d.values.get(name)), source)
    return replace(usual, **{name: d.values[name] for name in draws if name in own})  # type: ignore[type-var]


def widened(usual: D, rng: np.random.Generator, /, **known: Any) -> D:
    """Draw the fields with a wide range again, from that range."""
    wide = {each.name: each.metadata.get("wide") for each in fields(usual)}  # type: ignore[arg-type]
    return redrawn(usual, rng, {name: source for name, source in wide.items() if source is not None}, **known)


def another_day(usual: D, rng: np.random.Generator) -> D:
    """Draw the variation between sets again, for the fields that have one."""
    days = {each.name: each.metadata.get("day", 0.0) for each in fields(usual)}  # type: ignore[arg-type]
    varied = {name: getattr(usual, name) + day * rng.normal() for name, day in days.items() if day}
    return replace(usual, **varied)  # type: ignore[type-var]


def at_pace(usual: D, tempo: float) -> D:
    """Return the object with all durations, the fields that end with `_s`, multiplied by `tempo`."""
    durations = [each.name for each in fields(usual) if each.name.endswith("_s")]  # type: ignore[arg-type]
    return replace(usual, **{name: getattr(usual, name) * tempo for name in durations})  # type: ignore[type-var]
