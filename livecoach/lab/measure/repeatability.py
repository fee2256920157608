"""How much the reps of one set differ, beside what the model expects: real, rendered and synthetic sets.

*Within* is the standard deviation of each component of the rep vector over the reps of one set, divided by the model's
own for a usual lifter, sqrt(diag(Band.within)); right limits give about 1 in the middle of the lifters. *D* is the
distance of each rep from up to five others of its set, in standard deviations of this lifter
(livecoach.judging.detection). Real sets have four good reps and more, and come in two halves: the medians over all of
them were looked at when the noise model was set, so that halves that agree say how sure they are, and not how it does
on others.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from livecoach.config.paths import models_dir
from livecoach.judging import population_file
from livecoach.judging.detection import detect
from livecoach.judging.population import Population
from livecoach.judging.posterior import OwnReps, posterior
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.repeatability_sets import GoodSet, real_sets, rendered_good_sets, synthetic_sets
from livecoach.lab.measure.table import Cell, Numbers, Progress, Rounded, Table
from livecoach.rep.measures import load_faults
from livecoach.rep.trajectory_vector import AXES, JOINTS, MOMENTS

OTHERS = 5
KINDS = ("picture", "world", "durations", "measures")
DECILES = "D: 10, 50, 90 %"


class Repeatability:
    """Figures of good sets against the model of an exercise."""

    def __init__(self, exercise: str) -> None:
        self.exercise = exercise
        self.population = population_file.load(models_dir() / exercise, load_faults(exercise))
        self.distances: dict[str, list[float]] = {}
        """Kind of set → distances of its reps from others of their set."""
        self._medians: dict[str, list[dict[str, float]]] = {}
        self._rows: list[tuple[Cell, ...]] = []

    def measure(
        self, seed: int, synthetic: int, rendered_seed: int, rendered: int, cache: Cache, progress: Progress
    ) -> list[Table]:
        """Measure all real sets, and so many rendered and synthetic ones."""
        for number, one in enumerate(real_sets(self.exercise, cache, self.population, progress)):
            self._add(one, "first half" if number % 2 == 0 else "second half")
        for one in rendered_good_sets(self.exercise, rendered_seed, rendered, cache, self.population, progress):
            self._add(one, "")
        for one in synthetic_sets(self.exercise, seed, synthetic, self.population, progress):
            self._add(one, "")
        return [self._sets(), self._summary()]

    def _add(self, one: GoodSet, part: str) -> None:
        by_kind = within(one, self.population)
        everything = np.concatenate(list(by_kind.values()))
        medians = {kind: float(np.nanmedian(values)) for kind, values in by_kind.items()}
        medians["all"] = float(np.nanmedian(everything))
        far = own_distances(one, self.population)
        self._medians.setdefault(f"{one.kind} {part}".strip(), []).append(medians)
        self.distances.setdefault(one.kind, []).extend(far)
        if one.kind != "synthetic":
            azimuth = Rounded(float(np.median([rep.azimuth_deg for rep in one.reps])), 0, "°")
            quartiles = Numbers(tuple(np.nanquantile(everything, (0.25, 0.5, 0.75))), 2)
            kinds = [Rounded(medians[kind], 2) for kind in KINDS]
            self._rows.append((one.name, part, len(one.reps), azimuth, quartiles, *kinds, _deciles(far)))

    def _sets(self) -> Table:
        columns = ("set", "part", "reps", "azimuth", "within: quartiles", *KINDS, DECILES)
        return Table(title=f"{self.exercise}: real and rendered sets", columns=columns, rows=tuple(self._rows))

    def _summary(self) -> Table:
        kinds = ("all", *KINDS)
        rows: list[tuple[Cell, ...]] = []
        for name, of_kind in self._medians.items():
            medians = [Rounded(float(np.median([one[kind] for one in of_kind])), 2) for kind in kinds]
            rows.append((name, len(of_kind), *medians, _deciles(self.distances[name.split()[0]])))
        title = f"{self.exercise}: medians over sets"
        return Table(title=title, columns=("sets", "n", *kinds, DECILES), rows=tuple(rows))


def within(one: GoodSet, population: Population) -> dict[str, np.ndarray]:
    """Return kind of component → its standard deviations over the reps, as shares of the model's."""
    band = population.band(float(np.median([rep.azimuth_deg for rep in one.reps])))
    if band is None:
        return {}
    vectors = np.array([rep.vector for rep in one.reps])
    count, measures = len(population.basis), len(population.measures)
    # Of the trajectory, single coordinates: what its principal components are made of.
    basis, scale = population.basis, population.scale[:count]
    trajectories = (vectors[:, :count] * scale) @ basis
    model = np.einsum("kt,kl,lt->t", basis, band.within[:count, :count] * np.outer(scale, scale), basis)
    ratio = trajectories.std(0, ddof=1) / np.sqrt(np.maximum(model, 1e-12))
    axis = np.tile(np.arange(AXES), 2 * MOMENTS * len(JOINTS))
    rest = vectors.std(0, ddof=1)[count:] / np.sqrt(np.diag(band.within)[count:])
    return {
        "picture": ratio[axis < 2],
        "world": ratio[axis >= 2],
        "durations": rest[:2],
        "measures": rest[2 : 2 + 2 * measures],
    }


def own_distances(one: GoodSet, population: Population) -> list[float]:
    """Return the distance of each rep from up to OTHERS others of its set."""
    found = []
    for i, rep in enumerate(one.reps):
        band = population.band(rep.azimuth_deg)
        others = [other.vector for k, other in enumerate(one.reps) if k != i][:OTHERS]
        if band is not None:
            own = OwnReps(now=np.array(others))
            found.append(detect(rep, posterior(population.levels(band), own), band).distance)
    return found


def draw(distances: dict[str, list[float]], path: Path) -> None:
    """Draw the distances of each kind of set side by side: docs/repeatability.png."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.2), layout="constrained")
    bins = np.linspace(0, 3, 31).tolist()
    for name, values in distances.items():
        axes.hist(values, bins, density=True, histtype="step", label=f"{name} ({len(values)} reps)")
    axes.set(xlabel="distance of a good rep from others of its set, standard deviations", ylabel="density")
    axes.legend()
    figure.savefig(path, dpi=110)


def _deciles(values: Sequence[float]) -> Numbers:
    return Numbers(tuple(np.quantile(values, (0.1, 0.5, 0.9))) if values else (), 2)
