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
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pydantic
from form_fit import CENTRES_DEG, fit
from form_reps import OUTSIDE, FormReps, form_reps, found_reps, lifter_seed
from ruamel.yaml import YAML

from livecoach import exercise as exercises
from livecoach import form_model
from livecoach.form.belief import Levels, believed
from livecoach.form.estimate import distance, estimate, off
from livecoach.form.population import Band, PlainUsual, Population
from livecoach.form.taken import WILD, Taken, compact
from livecoach.form_model import Limits
from livecoach.lab.scorers.limits import FALSE_ALARMS
from livecoach.lab.seal import seal
from livecoach.paths import models_dir
from livecoach.synth.figure.body import TRAINING
from livecoach.synth.sets import body_of

PROFILE_REPS = 5
OF_SCORE = 0.15
"""Share of these that is the score's, for what no fault describes; each fault has as much of the rest as any other."""
CERTAIN, DRAWS = 0.9, 200
MOST_SPREADS = 8.0
LEAST_SPREADS = 3.0
NEAR_DEG = 12.0
"""Of a cell's azimuth."""
LEAST_CELL = 12
"""Faulty reps that a cell's effect is told from."""


class Judged:
    """Reps of unseen lifters, each against five own ones of another set and the set's good ones before it."""

    def __init__(self, population: Population, reps: FormReps) -> None:
        table, self.rows = population.table, []
        for row, rep, band, belief in _against_own(population, reps):
            difference = off(rep, belief)
            found = estimate(difference, belief, band)
            self.rows.append((row, distance(difference, belief, band)[0], found.change, found.spread))
        rows, scores, changes, spreads = zip(*self.rows, strict=True)
        self.reps = reps.some(np.array(rows))
        self.scores, self.changes, self.spreads = np.array(scores), np.array(changes), np.array(spreads)
        self.table, self.measures = table, population.measures

    def past_plain(self, population: Population, measure: str) -> tuple[np.ndarray, np.ndarray]:
        """As `past`, of a measure that is no part of the vector: against the set's good reps before it."""
        sign = population.sign(measure)
        values = np.array([sign.scaled(value) for value in self.reps.plain[:, OUTSIDE.index(measure)]])
        past, share = np.full(len(values), np.nan), np.full(len(values), np.nan)
        key = self.reps.lifters * 1000 + self.reps.sets
        for number in np.unique(key):
            rows = np.flatnonzero((key == number) & np.isfinite(values))
            for place, row in enumerate(rows[1:], 1):
                usual = population.plain_usual(measure, float(self.reps.azimuths_deg[row]))
                if usual is not None:
                    change = sign.towards(values[row] - np.mean(values[rows[:place]]))
                    past[row] = change / (usual.within * np.sqrt(1 + 1 / place))
                    share[row] = change / max(sign.smallest, 1e-9)
        return past, share

    def past(self, fault: str) -> tuple[np.ndarray, np.ndarray]:
        """(n,) spreads by which each rep is past the lifter's own, and the share of the smallest difference that is;
        by the sign that decides, NaN where a sign is not estimated."""
        named = self.table.faults[fault]
        values = []
        for sign in named.signs:
            if sign.measure not in self.measures:
                continue
            column = self.measures.index(sign.measure)
            change = np.array([sign.towards(value) for value in self.changes[:, column]])
            smallest = abs(np.log(sign.smallest)) if sign.by == "factor" else sign.smallest
            values.append((change / self.spreads[:, column], change / max(smallest, 1e-9)))
        if not values:
            nothing = np.full(len(self.scores), np.nan)
            return nothing, nothing
        spreads, shares = (np.array(part) for part in zip(*values, strict=True))
        choose = np.argmin if named.told_by == "all" else np.argmax
        which = (
            choose(np.minimum(spreads, 3 * shares), axis=0)
            if named.told_by != "first"
            else np.zeros(len(spreads[0]), int)
        )
        at = np.arange(len(which))
        return spreads[which, at], shares[which, at]


def _against_own(population: Population, reps: FormReps) -> Iterator[tuple[int, Taken, Band, object]]:
    """Row, rep, band and belief of every rep of a set that is not the first of its lifter."""
    vectors = vectors_of(population, reps)
    for lifter in np.unique(reps.lifters):
        mine = np.flatnonzero(reps.lifters == lifter)
        band = population.band(float(np.median(reps.azimuths_deg[mine])))
        profile = mine[(reps.sets[mine] == 0) & reps.good[mine]][:PROFILE_REPS]
        if band is None or len(profile) < PROFILE_REPS:
            continue
        levels = Levels(usual=band.usual, within=band.within, between=band.between, lifters=band.lifters)
        own = [np.array([vectors[i].vector for i in profile])]
        for number in np.unique(reps.sets[mine]):
            now: list[np.ndarray] = []
            for row in mine[reps.sets[mine] == number] if number else ():
                belief = believed(levels, own, np.array(now))
                yield row, vectors[row], band, belief
                if reps.good[row]:
                    now.append(vectors[row].vector)


def vectors_of(population: Population, reps: FormReps) -> list[Taken]:
    """The reps, ready to be compared."""
    raw = (
        compact(reps.vectors.astype(float), population.mean, population.basis) - population.middle
    ) / population.scale
    known = np.isfinite(raw)
    clipped = np.clip(np.where(known, raw, 0.0), -WILD, WILD)
    nothing: dict[str, float] = {}
    return [
        Taken(
            vector=vector,
            known=which,
            values=nothing,
            fps=30.0,
            azimuth_deg=azimuth,
            mirrored=False,
            start_s=0.0,
            moments_s=nothing,
        )
        for vector, which, azimuth in zip(clipped, known, reps.azimuths_deg, strict=True)
    ]


def in_half(reps: FormReps, seed: int, half: int) -> np.ndarray:
    """(n,) bool: reps of lifters whose body is in that half of the training bodies."""
    bodies = [TRAINING.index(body_of(lifter_seed(seed, number), "training")) for number in reps.lifters.tolist()]
    mine: np.ndarray = np.array(bodies) % 2 == half
    return mine


def spreads_needed(judged: Sequence[Judged], population: Population, fault: str, share_false: float) -> float:
    """Margin, in spreads, at which a fault is named in that share of good reps."""
    measure = population.table.faults[fault].signs[0].measure
    plain = measure in population.plain
    found = [half.past_plain(population, measure) if plain else half.past(fault) for half in judged]
    needed = _limit([np.where(share > 1, past, 0.0) for past, share in found], judged, share_false)
    return round(min(max(needed, LEAST_SPREADS), MOST_SPREADS), 2)


def limits_for(judged: Sequence[Judged], population: Population, false_alarms: float) -> Limits:
    """Limits by which that share of good reps is called anomalous, at most."""
    of_fault = false_alarms * (1 - OF_SCORE) / len(population.table.faults)
    return Limits(
        false_alarms=false_alarms,
        score=_limit([half.scores for half in judged], judged, false_alarms * OF_SCORE),
        spreads={name: spreads_needed(judged, population, name, of_fault) for name in population.table.faults},
    )


def _limit(values: Sequence[np.ndarray], judged: Sequence[Judged], share: float) -> float:
    """What that share of good reps is past, at most: the reps are those of few lifters, and others are past it more
    often, so it is what CERTAIN of draws of as many lifters (bootstrap) give. 0 where no value is known."""
    known, lifters = np.concatenate(values), np.concatenate([half.reps.lifters for half in judged])
    groups = [group[np.isfinite(group)] for group in (known[lifters == one] for one in np.unique(lifters))]
    if not any(len(group) for group in groups):
        return 0.0
    rng = np.random.default_rng(0)
    drawn = [np.concatenate([groups[i] for i in rng.integers(len(groups), size=len(groups))]) for _ in range(DRAWS)]
    return float(np.quantile([np.quantile(one, 1 - share) for one in drawn if len(one)], CERTAIN))


def effect(judged: Sequence[Judged], fault: str, centre_deg: float) -> float:
    """Difference at severity .5 over the spread of good reps, near an azimuth; 0 where too few reps tell."""
    faulty, good = [], []
    for j in judged:
        near = np.abs(j.reps.azimuths_deg - centre_deg) <= NEAR_DEG
        severity = j.reps.severities[:, list(j.table.faults).index(fault)]
        spread, _ = j.past(fault)
        some = near & (severity > 0.05) & np.isfinite(spread)
        faulty.append(2 * spread[some] / (1 + 2 * severity[some]))
        good.append(spread[near & j.reps.good & np.isfinite(spread)])
    at_half, of_good = np.concatenate(faulty), np.concatenate(good)
    if len(at_half) < LEAST_CELL or len(of_good) < LEAST_CELL:
        return 0.0
    return float(np.median(at_half) / np.sqrt(np.mean(np.clip(of_good, -5, 5) ** 2)))


def plain_effects(population: Population) -> dict[str, tuple[PlainUsual, ...]]:
    """The plain measures with their effects: of the smallest difference worth saying, twice, over the spread."""
    found = {}
    for name, bands in population.plain.items():
        sign = population.sign(name)
        smallest = abs(np.log(sign.smallest)) if sign.by == "factor" else sign.smallest
        if name in OUTSIDE[:2]:
            found[name] = bands
            continue
        found[name] = tuple(
            dataclasses.replace(band, effect=2 * max(smallest, 3 * band.within) / band.within) for band in bands
        )
    return found


def train(asked: argparse.Namespace) -> None:
    """Fit, set the limits, write."""
    exercise, seed = asked.exercise, asked.seed
    reps = form_reps(exercise, "training", seed, asked.lifters, workers=asked.workers, cache=asked.cache)
    back = _back(exercise)
    found = found_reps(exercise, "training", seed + 1000, asked.found, workers=asked.workers, cache=asked.cache)
    judged, as_found = [], []
    for half in (0, 1):
        unseen = in_half(reps, seed, half)
        of_others = fit(reps.some(~unseen), exercise, back)
        judged.append(Judged(of_others, reps.some(unseen)))
        as_found.append(Judged(of_others, found.some(in_half(found, seed + 1000, half))))
    population = fit(reps, exercise, back)
    faults = list(population.table.faults)
    effects = np.array([[effect(judged, fault, centre) for fault in faults] for centre in CENTRES_DEG])
    population = dataclasses.replace(
        population,
        plain=plain_effects(population),
        bands=tuple(dataclasses.replace(b, effects=e) for b, e in zip(population.bands, effects, strict=True)),
    )
    limits = tuple(limits_for(as_found, population, share) for share in FALSE_ALARMS)
    training = {
        "command": (
            f"python scripts/train_form.py {exercise} --seed {seed} --lifters {asked.lifters} --found {asked.found}"
        ),
        "lifters": len(np.unique(reps.lifters)),
        "reps": len(reps.lifters),
        "good_reps": int(reps.good.sum()),
        "good_reps_for_limits": len(found.lifters),
    }
    form_model.save(population, models_dir() / exercise, training, limits)
    seal(models_dir() / exercise)
    _show(form_model.load(models_dir() / exercise, population.table))


def _show(population: Population) -> None:
    print(f"score limit {population.score_limit:.2f}\n")
    heads = ("fault", *(f"{centre:.0f}°" for centre in CENTRES_DEG), "margin, spreads")
    print(f"| {' | '.join(heads)} |\n| {' | '.join('---' for _ in heads)} |")
    for fault in population.table.faults:
        cells = [f"{population.effects(c)[fault]:.1f}" for c in CENTRES_DEG]
        print(f"| {fault} | {' | '.join(cells)} | {population.spreads[fault]:.1f} |")


def _back(exercise: str) -> dict[str, tuple[PlainUsual, ...]]:
    content = YAML(typ="safe").load(Path(__file__).with_name("back_measures.yaml"))
    return pydantic.TypeAdapter(dict[str, tuple[PlainUsual, ...]]).validate_python(content[exercise])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True, help="folder for the synthetic reps")
    parser.add_argument("--lifters", type=int, default=200)
    parser.add_argument("--found", type=int, default=120, help="lifters that limits are set on")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--workers", type=int, default=2)
    train(parser.parse_args())
    return 0


if __name__ == "__main__":
    sys.exit(main())
