"""How much the reps of one set differ, beside what the model expects: real, rendered and synthetic sets (Markdown).

    python scripts/measure_repeatability.py squat --cache DIR [--picture docs/repeatability.png]

*Within*: standard deviation of each component of the rep vector over the reps of one set, divided by the model's own
for a usual lifter, sqrt(diag(Band.within)); right limits give about 1 in the middle of the lifters. *D*: distance of
each rep from up to five others of its set, in standard deviations of this lifter (livecoach.judging.detection). Real
sets are those of LIVECOACH_DATA with four good reps and more, told in two halves: the medians over all of them were
looked at when the noise model was set, so that halves that agree say how sure they are, and not how it does on others.
Rendered sets: training bodies of scripts/rendered_sets.py. DIR keeps what the pose estimator saw.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from livecoach.lab.measure.matching import Unmoved
from livecoach.lab.train.population_reps import lifter_seed
from real_reps import data_folder, labelled_clips, observations, run
from rendered_sets import rendered_set

from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.judging import population_file
from livecoach.judging.detection import detect
from livecoach.judging.population import Population
from livecoach.judging.posterior import OwnReps, posterior
from livecoach.judging.rep_vector import RepVector, vector_of
from livecoach.lab.counted_windows import rep_steps
from livecoach.lab.pipeline_reps import MATCH_S, scored_by
from livecoach.rep.measures import load_faults
from livecoach.rep.trajectory_vector import AXES, JOINTS, MOMENTS
from livecoach.rep.view_normalised import normalised_rep
from livecoach.synth.motion.tokens import GOOD
from livecoach.synth.sets import Wanted, random_set
from livecoach.types import RepWindow

LEAST_REPS = 4
OTHERS = 5
KINDS = ("picture", "world", "durations", "measures")


class OfSet(NamedTuple):
    """The good reps of one set."""

    name: str
    kind: str
    """real, rendered or synthetic"""
    reps: Sequence[RepVector]


def of_windows(name: str, kind: str, windows: Sequence[RepWindow], population: Population) -> OfSet | None:
    """None where too few of them were seen well."""
    mirrored: bool | None = None
    reps = []
    for window in windows:
        seen = normalised_rep(window, mirrored)
        if seen is not None:
            mirrored = seen.mirrored
            reps.append(vector_of(seen, None, population))
    return OfSet(name, kind, reps) if len(reps) >= LEAST_REPS else None


def real_sets(exercise: str, cache: Path, population: Population) -> Iterator[OfSet]:
    """Good reps of the real clips, one set a clip."""
    rules = exercises.load(exercise)
    for clip in labelled_clips(rules):
        seen = observations(data_folder() / clip.name, cache, "lite")
        steps = rep_steps(scored_by(rules, Unmoved()), seen)
        good = [s.window for s in steps if s.rep is not None and clip.label(s.rep) == "good" and s.rep.unsure is None]
        found = of_windows(clip.name.removesuffix(".mp4"), "real", [w for w in good if w is not None], population)
        if found is not None:
            yield found


def rendered(exercise: str, cache: Path, seed: int, count: int, population: Population) -> Iterator[OfSet]:
    """Good reps of rendered sets of training bodies."""
    for number in range(count):
        made = rendered_set("training", seed, number, cache / "rendered")
        if made.exercise != exercise:
            continue
        good = []
        for step in rep_steps(scored_by(exercises.load(exercise), Unmoved()), made.observations):
            rep = step.rep
            if rep is None or step.window is None or rep.unsure is not None:
                continue
            true = [t for t in made.reps if t.start_s - MATCH_S <= rep.turn_s <= t.end_s + MATCH_S]
            if true and not true[0].faults:
                good.append(step.window)
        found = of_windows(made.name, "rendered", good, population)
        if found is not None:
            yield found


def synthetic(exercise: str, seed: int, count: int, population: Population) -> Iterator[OfSet]:
    """Good sets of judging bodies, as the pipeline counts them."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        wanted = Wanted(
            exercise=exercise,
            bodies="judging",
            lifter=lifter_seed(seed, number),
            view_deg=float(rng.uniform(0, 90) * rng.choice((-1, 1))),
            tokens=(GOOD,) * 8,
        )
        made = random_set((seed, number), wanted)
        steps = rep_steps(scored_by(exercises.load(exercise), Unmoved()), made.observations)
        windows = [s.window for s in steps if s.window is not None and s.rep is not None and s.rep.unsure is None]
        found = of_windows(f"synthetic {number}", "synthetic", windows, population)
        if found is not None:
            yield found


def within(of_set: OfSet, population: Population) -> dict[str, np.ndarray]:
    """Kind of component → its standard deviations over the reps, as shares of the model's."""
    azimuth = float(np.median([rep.azimuth_deg for rep in of_set.reps]))
    band = population.band(azimuth)
    if band is None:
        return {}
    vectors = np.array([rep.vector for rep in of_set.reps])
    spread = vectors.std(0, ddof=1)
    count, measures = len(population.basis), len(population.measures)
    # Of the trace, single coordinates: what its principal components are made of.
    basis = population.basis
    traces = (vectors[:, :count] * population.scale[:count]) @ basis
    model = np.einsum(
        "kt,kl,lt->t",
        basis,
        band.within[:count, :count] * np.outer(population.scale[:count], population.scale[:count]),
        basis,
    )
    ratio = traces.std(0, ddof=1) / np.sqrt(np.maximum(model, 1e-12))
    axis = np.tile(np.arange(AXES), 2 * MOMENTS * len(JOINTS))
    rest = spread[count:] / np.sqrt(np.diag(band.within)[count:])
    return {
        "picture": ratio[axis < 2],
        "world": ratio[axis >= 2],
        "durations": rest[:2],
        "measures": rest[2 : 2 + 2 * measures],
    }


def own_distances(of_set: OfSet, population: Population) -> list[float]:
    """Of each rep from up to OTHERS others of its set."""
    found = []
    for i, rep in enumerate(of_set.reps):
        band = population.band(rep.azimuth_deg)
        others = [other.vector for k, other in enumerate(of_set.reps) if k != i][:OTHERS]
        if band is not None:
            own = OwnReps(now=np.array(others))
            found.append(detect(rep, posterior(population.levels(band), own), band).distance)
    return found


def row(of_set: OfSet, part: str, population: Population) -> tuple[str, dict[str, float], list[float]]:
    """A line of the table, the median of each kind, and the distances."""
    parts = within(of_set, population)
    everything = np.concatenate(list(parts.values()))
    far = own_distances(of_set, population)
    azimuth = np.median([rep.azimuth_deg for rep in of_set.reps])
    medians = {kind: float(np.nanmedian(values)) for kind, values in parts.items()} | {
        "all": float(np.nanmedian(everything))
    }
    cells = [of_set.name, part, str(len(of_set.reps)), f"{azimuth:.0f}°"]
    cells += [" ".join(f"{q:.2f}" for q in np.nanquantile(everything, (0.25, 0.5, 0.75)))]
    cells += [f"{medians[kind]:.2f}" for kind in KINDS]
    cells += [_deciles(far)]
    return f"| {' | '.join(cells)} |", medians, far


def _deciles(values: Sequence[float]) -> str:
    return " ".join(f"{q:.2f}" for q in np.quantile(values, (0.1, 0.5, 0.9)))


def draw(groups: dict[str, list[float]], path: Path) -> None:
    """The distances of each kind of set side by side."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.2), layout="constrained")
    bins = np.linspace(0, 3, 31)
    for name, values in groups.items():
        axes.hist(values, bins, density=True, histtype="step", label=f"{name} ({len(values)} reps)")
    axes.set(xlabel="distance of a good rep from others of its set, standard deviations", ylabel="density")
    axes.legend()
    figure.savefig(path, dpi=110)


def report(asked: argparse.Namespace) -> None:
    """Measure and print."""
    exercise = asked.exercise
    population = population_file.load(models_dir() / exercise, load_faults(exercise))
    real = list(real_sets(exercise, asked.cache, population))
    sets = [(one, "first half" if i % 2 == 0 else "second half") for i, one in enumerate(real)]
    sets += [(one, "") for one in rendered(exercise, asked.cache, asked.rendered_seed, asked.rendered, population)]
    made = [(one, "") for one in synthetic(exercise, asked.seed, asked.synthetic, population)]
    print(
        "| set | part | reps | azimuth | within: quartiles | picture | world | durations | measures | D: 10, 50, 90 % |"
    )
    print("| --- | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- |")
    medians: dict[str, list[dict[str, float]]] = {}
    distances: dict[str, list[float]] = {}
    for one, part in sets + made:
        line, of_set, far = row(one, part, population)
        if one.kind != "synthetic":
            print(line)
        medians.setdefault(f"{one.kind} {part}".strip(), []).append(of_set)
        distances.setdefault(one.kind, []).extend(far)
    print(
        "\n| sets | n | "
        + " | ".join(("all", *KINDS))
        + " | D: 10, 50, 90 % |\n| --- | ---: |"
        + " ---: |" * 5
        + " --- |"
    )
    for name, of_kind in medians.items():
        cells = [f"{np.median([m[kind] for m in of_kind]):.2f}" for kind in ("all", *KINDS)]
        far = distances[name.split()[0]]
        print(f"| {name} | {len(of_kind)} | {' | '.join(cells)} | {_deciles(far)} |")
    if asked.picture is not None:
        draw(distances, asked.picture)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exercise", choices=exercises.names())
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--rendered", type=int, default=36, help="rendered sets of both exercises")
    parser.add_argument("--rendered-seed", type=int, default=20)
    parser.add_argument("--synthetic", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--picture", type=Path)
    asked = parser.parse_args()
    return run(lambda: report(asked))


if __name__ == "__main__":
    raise SystemExit(main())
