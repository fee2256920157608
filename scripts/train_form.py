"""Learns what form is judged by, from synthetic motion through the noise model: models/<exercise>/form.json, form.npz.

    python scripts/train_form.py deadlift --cache DIR

Training bodies only. Limits (how many spreads a fault's margin has, and the score that is 1) are set on good reps of
other lifters, as the pipeline finds and sees them, for each of FALSE_ALARMS: the score has OF_SCORE of it, each fault
as much of the rest as any other. Limits and effects are those on bodies that a fit has not seen, half by half: on
bodies that it has seen limits come out too narrow (2.6 % alarms on good squats of other bodies where .9 % were meant).
The measures of the back, which no motion shows, are those of back_measures.yaml. Prints the effects.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np
import pydantic
from form_fit import CENTRES_DEG, fit
from form_limits import effects, in_half, judged, limits_for
from form_reps import OUTSIDE, form_reps
from ruamel.yaml import YAML

from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.judging import population_file
from livecoach.judging.population import PlainUsual, Population
from livecoach.lab.scorers.limits import FALSE_ALARMS
from livecoach.lab.seal import seal

Gains = dict[str, dict[str, float]]


def train(asked: argparse.Namespace) -> None:
    """Fit, set the limits, write."""
    exercise, seed = asked.exercise, asked.seed
    reps = form_reps(exercise, "training", seed, asked.lifters, workers=asked.workers, cache=asked.cache)
    back = _read("back_measures.yaml", dict[str, dict[str, tuple[PlainUsual, ...]]])[exercise]
    population = fit(reps, exercise, back)
    faults = list(population.table.faults)
    gains = _read("rendered_gains.yaml", Gains)[exercise]
    gain = np.array([gains.get(name, 1.0) for name in faults])
    parts = []
    for half in (0, 1):
        unseen = in_half(reps, seed, half)
        parts.append(judged(fit(reps.some(~unseen), exercise, back), reps.some(unseen)))
    by_band = [gain * effects(parts, faults, centre) for centre in CENTRES_DEG]
    population = dataclasses.replace(
        population,
        plain=_plain_effects(population),
        bands=tuple(dataclasses.replace(b, effects=e) for b, e in zip(population.bands, by_band, strict=True)),
    )
    limits = tuple(limits_for(parts, population, share) for share in FALSE_ALARMS)
    training = {
        "command": f"python scripts/train_form.py {exercise} --seed {seed} --lifters {asked.lifters}",
        "lifters": len(np.unique(reps.lifters)),
        "reps": len(reps.lifters),
        "good_reps": int(reps.good.sum()),
        "good_reps_for_limits": int(sum((part.reps.good & (part.own > 0)).sum() for part in parts)),
    }
    population_file.save(population, models_dir() / exercise, training, limits)
    seal(models_dir() / exercise)
    _show(population_file.load(models_dir() / exercise, population.table))


def _plain_effects(population: Population) -> dict[str, tuple[PlainUsual, ...]]:
    """The plain measures with their effects: of the smallest difference worth saying, twice, over the spread."""
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


def _show(population: Population) -> None:
    print(f"score limit {population.score_limit:.2f}, {population.scatter}\n")
    heads = ("fault", *(f"{centre:.0f}°" for centre in CENTRES_DEG), "limit, deviates")
    print(f"| {' | '.join(heads)} |\n| {' | '.join('---' for _ in heads)} |")
    for fault in population.table.faults:
        cells = [f"{population.effects(c)[fault]:.1f}" for c in CENTRES_DEG]
        print(f"| {fault} | {' | '.join(cells)} | {population.spreads[fault]:.1f} |")


def _read(name: str, kind: type) -> object:
    """A file beside this one, checked."""
    content = YAML(typ="safe").load(Path(__file__).with_name(name))
    return pydantic.TypeAdapter(kind).validate_python(content)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True, help="folder for the synthetic reps")
    parser.add_argument("--lifters", type=int, default=160)
    parser.add_argument("--seed", type=int, default=103)
    parser.add_argument("--workers", type=int, default=2)
    train(parser.parse_args())
    return 0


if __name__ == "__main__":
    sys.exit(main())
