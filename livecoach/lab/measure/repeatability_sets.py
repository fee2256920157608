"""Good sets as rep vectors: of real clips, of rendered sets and of synthetic motion."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from livecoach.config import exercise as exercises
from livecoach.judging.population import Population
from livecoach.judging.rep_vector import RepVector, vector_of
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.matching import true_rep_of, unjudged_steps
from livecoach.lab.measure.real_data import clips_folder, labelled_clips
from livecoach.lab.measure.rendered_sets import rendered_sets
from livecoach.lab.measure.table import Progress
from livecoach.rep.view_normalised import normalised_rep
from livecoach.synth.motion.tokens import GOOD
from livecoach.synth.sets import SetRequest, random_set
from livecoach.types import RepWindow, Step

LEAST_REPS = 4
SYNTHETIC_REPS = 8


class GoodSet(NamedTuple):
    """The good reps of one set."""

    name: str
    kind: str
    """real, rendered or synthetic."""
    reps: Sequence[RepVector]


def real_sets(exercise: str, cache: Cache, population: Population, progress: Progress) -> Iterator[GoodSet]:
    """Yield the good reps of the real clips, one set a clip."""
    clips = list(labelled_clips(exercises.load(exercise)))
    for number, clip in enumerate(clips):
        progress(f"real clip {clip.name}", number / len(clips))
        steps = unjudged_steps(exercise, cache.observed(clips_folder() / clip.name, "lite"))
        good = [step for step in steps if step.rep is not None and clip.label(step.rep) == "good"]
        yield from _good_set(clip.name.removesuffix(".mp4"), "real", good, population)


def rendered_good_sets(
    exercise: str, seed: int, sets: int, cache: Cache, population: Population, progress: Progress
) -> Iterator[GoodSet]:
    """Yield the good reps of the exercise's rendered sets of training bodies."""
    for made in rendered_sets("training", seed, sets, cache, progress):
        if made.exercise != exercise:
            continue
        good = []
        for step in unjudged_steps(exercise, made.observations):
            true = None if step.rep is None else true_rep_of(step.rep, made.reps)
            if true is not None and not true.faults:
                good.append(step)
        yield from _good_set(made.name, "rendered", good, population)


def synthetic_sets(
    exercise: str, seed: int, sets: int, population: Population, progress: Progress
) -> Iterator[GoodSet]:
    """Yield good sets of judging bodies, as the pipeline counts them."""
    rng = np.random.default_rng(seed)
    for number in range(sets):
        progress("synthetic sets", number / sets)
        wanted = SetRequest(
            exercise=exercise,
            bodies="judging",
            lifter=seed * 10_000 + number,
            view_deg=float(rng.uniform(0, 90) * rng.choice((-1, 1))),
            tokens=(GOOD,) * SYNTHETIC_REPS,
        )
        steps = unjudged_steps(exercise, random_set((seed, number), wanted).observations)
        yield from _good_set(f"synthetic {number}", "synthetic", steps, population)


def _good_set(name: str, kind: str, steps: Sequence[Step], population: Population) -> Iterator[GoodSet]:
    """Yield the set of the steps' reps; nothing where fewer than LEAST_REPS were seen well."""
    windows = [step.window for step in steps if step.rep is not None and step.rep.unsure is None]
    reps = list(_vectors([window for window in windows if window is not None], population))
    if len(reps) >= LEAST_REPS:
        yield GoodSet(name, kind, reps)


def _vectors(windows: Sequence[RepWindow], population: Population) -> Iterator[RepVector]:
    mirrored: bool | None = None
    for window in windows:
        rep = normalised_rep(window, mirrored)
        if rep is not None:
            mirrored = rep.mirrored
            yield vector_of(rep, None, population)
