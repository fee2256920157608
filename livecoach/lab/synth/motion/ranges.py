"""What is drawn for a lifter: each field of a dataclass stands once, with its usual and its wide range."""

from collections.abc import Callable, Sequence
from dataclasses import field, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from livecoach.lab.synth.figure.body import BodyModel

D = TypeVar("D")
Range = tuple[float, float]


class Drawing(NamedTuple):
    """What a field's draw may depend on."""

    rng: np.random.Generator
    body: BodyModel
    so_far: dict[str, Any]  # the fields drawn before
    loaded: bool  # the set has a barbell


Draw = Callable[[Drawing], Any]


def log_uniform(rng: np.random.Generator, least: float, most: float) -> float:
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


def by(draw: Draw, wide: Draw | None = None, day: float = 0.0) -> Any:
    """A field that `drawn` draws so, and `widened` from the wider range of all whom people would say do the lift. day:
    its standard deviation between sets of one lifter. Good reps differ about twice as much between two sets as within
    one (measured on real squats)."""
    return field(metadata={"draw": draw, "wide": wide, "day": day})


def own(day: float) -> Any:
    """A field that `drawn` is given."""
    return field(metadata={"day": day})


def uniform(low: float, high: float, *, wide: Range | None = None, day: float = 0.0) -> Any:
    return by(lambda d: d.rng.uniform(low, high), wide and (lambda d: d.rng.uniform(*wide)), day)


def if_loaded(barbell: Range, without: Range) -> Any:
    return by(lambda d: d.rng.uniform(*(barbell if d.loaded else without)))


def seconds(least_s: float, most_s: float, *, wide: Range | None = None) -> Any:
    return by(lambda d: log_uniform(d.rng, least_s, most_s), wide and (lambda d: log_uniform(d.rng, *wide)))


def pause(share: float, least_s: float, most_s: float, turning_s: float) -> Any:
    """That share of lifters pauses; the others turn within `turning_s`."""
    return by(lambda d: log_uniform(d.rng, least_s, most_s) if d.rng.random() < share else d.rng.uniform(0, turning_s))


def normal(mean: float, spread: float, day: float = 0.0) -> Any:
    return by(lambda d: d.rng.normal(mean, spread), day=day)


def clipped(mean: float, spread: float, low: float, high: float, day: float = 0.0) -> Any:
    """Normal, within its limits."""
    return by(lambda d: float(np.clip(d.rng.normal(mean, spread), low, high)), day=day)


def chance(share: float) -> Any:
    return by(lambda d: bool(d.rng.random() < share))


def one_of(options: Sequence[Any]) -> Any:
    """Repeated entries are drawn more often."""
    return by(lambda d: options[int(d.rng.integers(len(options)))])


def drawn(kind: type[D], rng: np.random.Generator, body: BodyModel, loaded: bool, /, **given: Any) -> D:
    """Draw the fields of a dataclass in their order. given: fields that are not drawn, each a value or its draw."""
    d = Drawing(rng, body, {}, loaded)
    return kind(**_each(kind, d, "draw", given))


def widened(usual: D, rng: np.random.Generator, body: BodyModel, loaded: bool, /, **given: Any) -> D:
    """Draw the fields with a wide range again, in their order. given: other fields, as for `drawn`."""
    d = Drawing(rng, body, {}, loaded)
    return replace(usual, **_each(usual, d, "wide", given))  # type: ignore[type-var]


def _each(of: Any, d: Drawing, draw: str, given: dict[str, Any]) -> dict[str, Any]:
    for each in fields(of):
        value = given.get(each.name, each.metadata.get(draw))
        if value is not None:
            d.so_far[each.name] = value(d) if callable(value) else value
    return d.so_far


def at_pace(of: D, tempo: float) -> D:
    """With all durations, the fields that end with `_s`, times `tempo`."""
    times = {f.name: getattr(of, f.name) * tempo for f in fields(of) if f.name.endswith("_s")}  # type: ignore[arg-type]
    return replace(of, **times)  # type: ignore[type-var]
