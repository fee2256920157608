"""Draws the fields of a dataclass from the usual and wide ranges that its definition states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from livecoach.lab.synth.figure.body_mesh import BodyModel

D = TypeVar("D")
Range = tuple[float, float]


class DrawContext(NamedTuple):
    """The random generator and the values so far, from which a function draws the value of a dataclass field."""

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


Draw = Callable[[DrawContext], Any]
Source = Draw | Range | float | str  # A draw, a range, or the value itself
Draws = Mapping[str, Source]
"""Sources of values by field. A name that is not a field is drawn, too, for use in later draws."""


def log_uniform(rng: np.random.Generator, least: float, most: float) -> float:
    """Draw a value between two limits above 0, so that its logarithm is uniformly distributed."""
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


def drawn_by(draw: Draw, wide: Source | None = None, set_sd: float = 0.0) -> Any:
    """Declare a field that a function draws.

    Args:
        draw: Usual draw, for `draw_fields`.
        wide: Source for `widen_fields`, which covers all lifters whose movement is commonly accepted as the lift.
            None if `widen_fields` leaves the field as it is.
        set_sd: Standard deviation between sets of a lifter, in the unit of the field. Good reps differ about
            twice as much between two sets as within a set (measured on real squats).
    """
    return field(metadata={"draw": draw, "wide": wide, "set_sd": set_sd})


def uniform(low: float, high: float, *, wide: Source | None = None, set_sd: float = 0.0) -> Any:
    """Declare a field that is drawn uniformly between two limits. `drawn_by` explains the other arguments."""
    return drawn_by(lambda d: d.rng.uniform(low, high), wide, set_sd)


def by_flag(name: str, yes: Range, no: Range, *, wide: Source | None = None, set_sd: float = 0.0) -> Any:
    """Declare a field that is drawn from the range `yes` if an earlier field, `name`, is true, otherwise from `no`.

    `drawn_by` explains the other arguments.
    """
    return drawn_by(lambda d: d.rng.uniform(*(yes if d.values[name] else no)), wide, set_sd)


def duration(least_s: float, most_s: float, *, wide: Range | None = None) -> Any:
    """Declare a duration that is drawn log-uniformly between two limits; `wide` has the limits for `widen_fields`."""
    return drawn_by(log_uniform_draw(least_s, most_s), wide and log_uniform_draw(*wide))


def pause(share: float, least_s: float, most_s: float, turning_s: float) -> Any:
    """Declare the duration of a pause: `least_s` to `most_s` for a share of lifters, up to `turning_s` for others."""
    return drawn_by(sometimes(share, log_uniform_draw(least_s, most_s), (0.0, turning_s)))


def chance(share: float) -> Any:
    """Declare a field that is true with the probability `share`."""
    return drawn_by(lambda d: bool(d.rng.random() < share))


def choice(options: Sequence[Any] | Mapping[Any, float]) -> Any:
    """Declare a field that is drawn from options, equally likely unless a mapping states their shares."""
    return drawn_by(lambda d: pick(d.rng, options))


def pick(rng: np.random.Generator, options: Sequence[Any] | Mapping[Any, float]) -> Any:
    """Draw an option; all options are equally likely, unless a mapping states their shares."""
    if isinstance(options, Mapping):
        return list(options)[rng.choice(len(options), p=list(options.values()))]
    return options[int(rng.integers(len(options)))]


def log_uniform_draw(least: float, most: float) -> Draw:
    """Return a function that draws a value log-uniformly between two limits above 0."""
    return lambda d: log_uniform(d.rng, least, most)


def clipped_normal(mean: float, spread: float, low: float, high: float) -> Draw:
    """Return a function that draws from a normal distribution; a value outside the limits becomes the nearer limit."""
    return lambda d: float(np.clip(d.rng.normal(mean, spread), low, high))


def usual_plus(low: float, high: float) -> Draw:
    """Return a function that adds a number, drawn between two limits, to the usual value of a field."""
    return lambda d: d.usual + d.rng.uniform(low, high)


def sometimes(share: float, source: Source, otherwise: Source | None = None) -> Draw:
    """Return a function that draws from `source` for a share of lifters, else from `otherwise` (None: usual value)."""
    rest = (lambda d: d.usual) if otherwise is None else otherwise
    return lambda d: _value(d, source if d.rng.random() < share else rest)


def by_share(**shares: float) -> Draw:
    """Return a function that draws a name: each name for its share of lifters, and "" for the rest."""
    names, ends = [*shares, ""], np.cumsum(list(shares.values()))
    return lambda d: names[np.searchsorted(ends, d.rng.random(), side="right")]


def by_variant(field_name: str, **ways: Source) -> Draw:
    """Return a function that draws from the source that `ways` has for a field's value, or returns the usual value."""
    return lambda d: _value(d, ways[d.values[field_name]]) if d.values[field_name] in ways else d.usual


def _value(d: DrawContext, source: Source) -> Any:
    if callable(source):
        return source(d)
    return d.rng.uniform(*source) if isinstance(source, tuple) else source


def draw_fields(kind: type[D], rng: np.random.Generator, /, **known: Any) -> D:
    """Draw the fields of a dataclass in their order, except for the known fields, and return the instance.

    Draws may depend on `known`, which may have further values.
    """
    d, own = DrawContext(rng, dict(known)), fields(kind)  # type: ignore[arg-type]
    for each in own:
        if each.name not in known and "draw" in each.metadata:
            d.values[each.name] = each.metadata["draw"](d)
    return kind(**{each.name: d.values[each.name] for each in own if each.name in d.values})


def redraw_fields(instance: D, rng: np.random.Generator, draws: Draws, /, **known: Any) -> D:
    """Return a copy of an instance in which the fields that `draws` names are drawn again, in the order of `draws`.

    Draws may depend on `known` and on all fields; a field of the instance replaces a known value of its name.
    """
    own = {each.name: getattr(instance, each.name) for each in fields(instance)}  # type: ignore[arg-type]
    d = DrawContext(rng, known | own)
    for name, source in draws.items():
        d.values[name] = _value(d._replace(usual=d.values.get(name)), source)
    return replace(instance, **{name: d.values[name] for name in draws if name in own})  # type: ignore[type-var]


def widen_fields(instance: D, rng: np.random.Generator, /, **known: Any) -> D:
    """Return a copy of an instance in which each field with a wide range is drawn again, from the wide range.

    Draws may depend on `known`, which may have further values.
    """
    wide = {each.name: each.metadata.get("wide") for each in fields(instance)}  # type: ignore[arg-type]
    return redraw_fields(instance, rng, {name: source for name, source in wide.items() if source is not None}, **known)


def add_set_variation(instance: D, rng: np.random.Generator) -> D:
    """Return a copy of an instance in which each field with a `set_sd` varies at random, as between two sets."""
    set_sds = {each.name: each.metadata.get("set_sd", 0.0) for each in fields(instance)}  # type: ignore[arg-type]
    varied = {name: getattr(instance, name) + set_sd * rng.normal() for name, set_sd in set_sds.items() if set_sd}
    return replace(instance, **varied)  # type: ignore[type-var]


def scale_durations(instance: D, factor: float) -> D:
    """Return a copy of an instance with all durations, the fields that end with `_s`, multiplied by `factor`."""
    durations = [each.name for each in fields(instance) if each.name.endswith("_s")]  # type: ignore[arg-type]
    return replace(instance, **{name: getattr(instance, name) * factor for name in durations})  # type: ignore[type-var]
