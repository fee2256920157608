"""How much of a fault can be seen: its difference at severity .5 over the spread of good reps, by azimuth (Markdown).

    python scripts/measure_effects.py deadlift --cache DIR

Judging bodies. Against five own good reps of another set, without any of the set under way: on truth; on the measure
read off the estimated landmarks alone, in the world or in the picture, whichever does better; and on the estimate from
all that was seen (livecoach.form.estimate). The mask's are scripts/measure_back.py's.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from form_reps import FormReps, form_reps
from livecoach.form.belief import Levels, believed
from livecoach.form.estimate import estimate, off
from train_form import CENTRES_DEG, LEAST_CELL, NEAR_DEG, PROFILE_REPS, vectors_of

from livecoach import exercise as exercises
from livecoach import form_model
from livecoach.form.measures import Sign, load_faults
from livecoach.form.population import Population
from livecoach.form.trace import LENGTH
from livecoach.paths import models_dir

WILD = 0.01
"""Share of good reps on each side whose value counts as that of the last one before: one wild rep is no spread."""
Table = dict[str, np.ndarray]
"""Way of measuring → (n, M) how far each rep is off its lifter's own, scaled as signs say."""


def changes(population: Population, reps: FormReps) -> tuple[np.ndarray, Table]:
    """Rows of the reps that are judged, and by each way how far they are off."""
    vectors = vectors_of(population, reps)
    count = len(population.measures)
    alone = reps.vectors[:, LENGTH + 2 :].astype(float)
    sources = {"truth": reps.true, "world": alone[:, :count], "picture": alone[:, count:]}
    rows, found = [], {name: [] for name in (*sources, "estimate")}
    for lifter in np.unique(reps.lifters):
        mine = np.flatnonzero(reps.lifters == lifter)
        own = mine[(reps.sets[mine] == 0) & reps.good[mine]][:PROFILE_REPS]
        band = population.band(float(np.median(reps.azimuths_deg[mine])))
        if band is None or len(own) < PROFILE_REPS:
            continue
        levels = Levels(usual=band.usual, within=band.within, between=band.between, lifters=band.lifters)
        belief = believed(levels, [np.array([vectors[i].vector for i in own])], np.zeros((0, len(band.usual))))
        for row in mine[reps.sets[mine] > 0]:
            rows.append(row)
            for name, values in sources.items():
                found[name].append(values[row] - np.nanmedian(values[own], axis=0))
            found["estimate"].append(estimate(off(vectors[row], belief), belief, band).change)
    return np.array(rows), {name: np.array(values) for name, values in found.items()}


def effect(sign: Sign, change: np.ndarray, severity: np.ndarray, good: np.ndarray, near: np.ndarray) -> float:
    """Of one sign; NaN where too few reps tell."""
    towards = np.array([sign.towards(value) for value in change])
    known = near & np.isfinite(towards)
    at_half = (2 * towards / (1 + 2 * severity))[known & (severity > 0.05)]
    usual = change[known & good]
    if len(at_half) < LEAST_CELL or len(usual) < LEAST_CELL:
        return np.nan
    spread = np.std(np.clip(usual, *np.quantile(usual, (WILD, 1 - WILD))))
    return float(np.median(at_half) / max(spread, 1e-9))


def show(exercise: str, reps: FormReps) -> None:
    """The table: truth / alone / estimated."""
    table = load_faults(exercise)
    population = form_model.load(models_dir() / exercise, table)
    rows, found = changes(population, reps)
    some = reps.some(rows)
    print(f"# {exercise}: {len(np.unique(some.lifters))} lifters, {some.good.sum()} good reps\n")
    print("truth / the measure alone / estimated from all that is seen\n")
    heads = ("fault", "measure", *(f"{centre:.0f}°" for centre in CENTRES_DEG))
    print(f"| {' | '.join(heads)} |\n| {' | '.join('---' for _ in heads)} |")
    for number, (fault, named) in enumerate(table.faults.items()):
        for sign in named.signs:
            if sign.measure in population.measures:
                column = population.measures.index(sign.measure)
                of = {name: values[:, column] for name, values in found.items()}
                cells = [_cell(sign, of, some.severities[:, number], some, centre) for centre in CENTRES_DEG]
                print(f"| {fault} | {sign.measure.replace('_', ' ')} | {' | '.join(cells)} |")


def _cell(sign: Sign, of: Table, severity: np.ndarray, reps: FormReps, centre_deg: float) -> str:
    near = np.abs(reps.azimuths_deg - centre_deg) <= NEAR_DEG
    by = {name: effect(sign, of[name], severity, reps.good, near) for name in ("truth", "world", "picture", "estimate")}
    alone = np.nanmax([by["world"], by["picture"], -np.inf])
    told = (by["truth"], alone, by["estimate"])
    return " / ".join("?" if not np.isfinite(value) else f"{min(value, 99):.1f}" for value in told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True, help="folder for the synthetic reps")
    parser.add_argument("--lifters", type=int, default=80)
    parser.add_argument("--seed", type=int, default=51)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    show(
        asked.exercise,
        form_reps(asked.exercise, "judging", asked.seed, asked.lifters, workers=asked.workers, cache=asked.cache),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
