"""How much of each fault the pose estimator shows, beside what synthetic motion shows: rendered sets.

The gain is the amplitude of a fault's signature in a rendered rep, against the good reps of its set before it, over the
true one (1 at a margin, 3 at three). An estimator that puts heels on the floor whatever they do has a gain near 0.
rendered_gains.yaml takes from here what is well under 1, and effects are that much smaller.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from livecoach.config.paths import models_dir
from livecoach.judging import population_file
from livecoach.judging.detection import detect
from livecoach.judging.population import Population
from livecoach.judging.posterior import OwnReps, posterior
from livecoach.judging.rep_vector import vector_of
from livecoach.lab.main_lifts import MAIN_LIFTS
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.matching import true_rep_of, unjudged_steps
from livecoach.lab.measure.rendered_sets import RenderedSet, rendered_sets
from livecoach.lab.measure.table import Cell, Numbers, Progress, Rounded, Table
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep

LEAST_OWN, LEAST_SEVERITY = 2, 0.1


class Gain(NamedTuple):
    """What a rendered rep shows of one of its faults."""

    fault: str
    gain: float
    deviate: float
    """Amplitude in standard deviations."""


def measure(seed: int, sets: int, cache: Cache, progress: Progress) -> list[Table]:
    """Measure rendered sets of training bodies."""
    populations = {name: population_file.load(models_dir() / name, load_faults(name)) for name in MAIN_LIFTS}
    found: dict[tuple[str, str], list[Gain]] = defaultdict(list)
    for made in rendered_sets("training", seed, sets, cache, progress):
        for one in gains_of(made, populations[made.exercise]):
            found[made.exercise, one.fault].append(one)
    rows: list[tuple[Cell, ...]] = []
    for (exercise, fault), of_fault in sorted(found.items()):
        shown = Numbers(tuple(np.quantile([one.gain for one in of_fault], (0, 0.5, 1))), 2)
        deviate = Rounded(float(np.median([one.deviate for one in of_fault])), 1)
        rows.append((f"{exercise}: {fault}", len(of_fault), shown, deviate))
    columns = ("fault", "reps", "gain: least, median, largest", "deviate, median")
    return [Table(title=f"Gains of {sets} rendered sets, seed {seed}", columns=columns, rows=tuple(rows))]


def gains_of(made: RenderedSet, population: Population) -> Iterator[Gain]:
    """Yield the gains of a set's faulty reps, each against the good reps before it."""
    own: list[np.ndarray] = []
    for step in unjudged_steps(made.exercise, made.observations):
        if step.window is None or step.rep is None or step.rep.unsure:
            continue
        rep = normalised_rep(step.window, made.view_deg < 0)
        band = None if rep is None else population.band(rep.azimuth_deg)
        true = true_rep_of(step.rep, made.reps)
        if rep is None or band is None or true is None:
            continue
        one = vector_of(rep, None, population)
        if not true.faults:
            own.append(one.vector)
        elif len(own) >= LEAST_OWN:
            of = detect(one, posterior(population.levels(band), OwnReps(now=np.array(own))), band)
            for fault, severity in true.severities.items():
                mine = [i for i, signature in enumerate(population.signatures) if signature.fault == fault]
                if mine and severity > LEAST_SEVERITY:
                    best = max(mine, key=lambda i: of.deviates[i])
                    yield Gain(fault, float(of.amplitudes[best]) / (1 + 2 * severity), float(of.deviates[best]))
