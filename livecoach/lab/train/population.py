"""Learn what form is judged by, from synthetic motion through the noise model: form.json and form.npz of an exercise.

Training bodies only. Limits (how many spreads a fault's margin has, and the score that is 1) are set on good reps of
other lifters, as the pipeline finds and sees them, for each of FALSE_ALARMS: the score has OF_SCORE of it, each fault
as much of the rest as any other. Limits and effects are those on bodies that a fit has not seen, half by half: on
bodies that it has seen limits come out too narrow (2.6 % alarms on good squats of other bodies where .9 % were meant).
The measures of the back, which no motion shows, are those of back_measures.yaml.
"""

import dataclasses
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pydantic
from ruamel.yaml import YAML

from livecoach.config.exercise import Exercise
from livecoach.errors import ModelError
from livecoach.judging.population import PlainUsual, Population
from livecoach.judging.population_file import BAND_ARRAYS, FormLimits
from livecoach.lab.processes import Progress
from livecoach.lab.scorers.limits import FALSE_ALARMS
from livecoach.lab.train.judged_reps import Judged, in_half, judged
from livecoach.lab.train.limits import effects, limits_for
from livecoach.lab.train.population_fit import CENTRES_DEG, fit
from livecoach.lab.train.population_reps import OUTSIDE, FormReps, form_reps
from livecoach.lab.train.recipes import PopulationRecipe
from livecoach.rep.measures import load_faults

Plain = dict[str, tuple[PlainUsual, ...]]
Content = TypeVar("Content")


class Learned(NamedTuple):
    """A population with its limits, for livecoach.judging.population_file."""

    population: Population
    limits: tuple[FormLimits, ...]
    training: dict[str, Any]
    """Size of the training data."""


def train_population(
    exercise: Exercise, recipe: PopulationRecipe, cache: Path, jobs: int, progress: Progress
) -> Learned:
    """Fit a population and set its limits. The cache keeps the synthetic reps."""
    reps = form_reps(exercise, recipe, cache, jobs, progress)
    table = load_faults(exercise.name)
    every = _read("back_measures.yaml", dict[str, Plain]).get(exercise.motion, {})
    back = {name: bands for name, bands in every.items() if name in table.signs}
    progress("fit", 0.0)
    population = fit(reps, table, back)
    faults = list(table.faults)
    gains = _read("rendered_gains.yaml", dict[str, dict[str, float]]).get(exercise.motion, {})
    gain = np.array([gains.get(name, 1.0) for name in faults])
    parts = []
    for half in (0, 1):
        progress("limits", (1 + half) / 3)
        unseen = in_half(reps, recipe.seed, half)
        parts.append(judged(fit(reps.some(~unseen), table, back), reps.some(unseen)))
    by_band = [gain * effects(parts, faults, centre) for centre in CENTRES_DEG]
    population = dataclasses.replace(
        population,
        plain=_plain_effects(population),
        bands=tuple(dataclasses.replace(b, effects=e) for b, e in zip(population.bands, by_band, strict=True)),
    )
    limits = tuple(limits_for(parts, population, share) for share in FALSE_ALARMS)
    _check(population, limits, recipe)
    return Learned(population, limits, _training(reps, parts))


def _check(population: Population, limits: tuple[FormLimits, ...], recipe: PopulationRecipe) -> None:
    arrays = [getattr(band, name) for band in population.bands for name in BAND_ARRAYS]
    if not all(np.isfinite(array).all() for array in arrays) or not all(np.isfinite(one.score) for one in limits):
        raise ModelError(
            f"{population.table.exercise}: {recipe.lifters} lifters are too few to learn from by azimuth. Train on "
            "more --lifters."
        )


def _training(reps: FormReps, parts: list[Judged]) -> dict[str, Any]:
    return {
        "lifters": len(np.unique(reps.lifters)),
        "reps": len(reps.lifters),
        "good_reps": int(reps.good.sum()),
        "good_reps_for_limits": int(sum((part.reps.good & (part.own > 0)).sum() for part in parts)),
    }


def _plain_effects(population: Population) -> Plain:
    """Return the plain measures with their effects: of the smallest difference worth saying, twice, over the spread."""
    found = {}
    for name, bands in population.plain.items():
        sign = population.sign(name)
        if name in OUTSIDE[:2]:
            found[name] = bands
            continue
        found[name] = tuple(
            dataclasses.replace(band, effect=2 * max(sign.least_change, 3 * band.within) / band.within)
            for band in bands
        )
    return found


def effects_table(population: Population) -> str:
    """Return the effect of each fault by azimuth, and its limit, as Markdown."""
    heads = ("fault", *(f"{centre:.0f}°" for centre in CENTRES_DEG), "limit, deviates")
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    for fault in population.table.faults:
        cells = [f"{population.effects(centre)[fault]:.1f}" for centre in CENTRES_DEG]
        lines.append(f"| {fault} | {' | '.join(cells)} | {population.spreads[fault]:.1f} |")
    return "\n".join(lines)


def _read(name: str, kind: type[Content]) -> Content:
    """Return the content of a file beside this one, checked."""
    content = YAML(typ="safe").load(Path(__file__).with_name(name))
    return pydantic.TypeAdapter(kind).validate_python(content)
