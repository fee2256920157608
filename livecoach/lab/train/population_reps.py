"""Reps of synthetic lifters as form is judged by: vectors as estimated, true measures, true severities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.config.exercise import Exercise
from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.synthetic_windows import (
    FPS,
    MOST_VIEW_DEG,
    PLACED_DEG,
    READ_DEG,
    fault_sets,
    found_rep,
    window_of,
)
from livecoach.lab.train.recipes import PopulationRecipe
from livecoach.rep.features import RepFeatures, rep_features
from livecoach.rep.measures import FaultTable, load_faults, measured
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep, world_motion
from livecoach.synth import noise
from livecoach.synth.motion.tokens import GOOD, Token
from livecoach.synth.sets import SetArrays, SetRequest, random_set_arrays
from livecoach.synth.truth import TrueRep
from livecoach.types import RepWindow

OUTSIDE = ("dorsal_sagitta", "pelvic_tuck", "ankle_displacement", "floor_pause_s")
"""Measures that are no part of the vector."""
GOOD_SETS, GOOD_REPS = 3, 6
"""Sets of good reps alone: the first two in one session, the third in another one, to which the sets with faults
belong."""
SECOND_SESSION = 2
"""Number of the first set of the second session."""
LABEL = 40
"""Longest label, characters."""
SAME_PLACE_READ_DEG = 1.5
"""By how much the estimated azimuths of two sets before one camera differ: standard deviation."""
FRONTS = ("", "far", "near")
GOOD_FIRST, GOOD_AMONG = 5, 2
"""Of a set of both: good reps before the first bad one, and among the bad ones."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FormReps:
    """n reps as arrays. D is trace.LENGTH + 2 + 2 M."""

    vectors: np.ndarray
    """(n, D) raw, as estimated."""
    plain: np.ndarray
    """(n, len(OUTSIDE)) measures outside the vector, as estimated; NaN where unknown or not the exercise's."""
    true: np.ndarray
    """(n, M) true measures, scaled as their signs say."""
    severities: np.ndarray
    """(n, F) true, by the order of the table; 0 for none."""
    labels: np.ndarray
    """(n,) str: the fault and the way in which it was done, `knee_cave.both`; empty for a good rep."""
    azimuths_deg: np.ndarray
    """(n,) as read, 0…180."""
    lifters: np.ndarray
    sets: np.ndarray
    """(n,) numbers; those of sets count within the lifter."""
    fronts: np.ndarray
    """(n,) str: the leg that is in front, as RepFeatures says; empty where none is."""

    @property
    def groups(self) -> np.ndarray:
        """(n,) numbers: reps that are compared with each other are of one lifter, with the same leg in front."""
        found: np.ndarray = self.lifters * len(FRONTS) + np.searchsorted(FRONTS, self.fronts)
        return found

    @property
    def good(self) -> np.ndarray:
        """(n,) whether a rep shows no fault and was meant to have none: a fault under its margin is not good."""
        return ~(self.severities > 0).any(1) & (self.labels == "")

    def some(self, which: np.ndarray) -> "FormReps":
        """Return some of the reps. which: their numbers, or a mask."""
        return FormReps(**{name: getattr(self, name)[which] for name in self.__dataclass_fields__})


def measure_names(table: FaultTable) -> tuple[str, ...]:
    """Return the measures that are part of the vector."""
    return tuple(name for name in table.signs if name not in OUTSIDE)


def form_reps(exercise: Exercise, recipe: PopulationRecipe, cache: Path, jobs: int, progress: Progress) -> FormReps:
    """Return the reps of synthetic lifters. They are kept in the cache, where a second run finds them."""
    path = cache / f"{exercise.name}-training-{recipe.seed}-{recipe.lifters}.npz"
    if path.is_file():
        with np.load(path, allow_pickle=False) as arrays:
            if set(arrays) == set(FormReps.__dataclass_fields__):  # else it is of an earlier version
                return FormReps(**dict(arrays))
    work = partial(_of_lifter, exercise, recipe.seed)
    found = in_order(work, range(recipe.lifters), jobs, share_of(progress, "lifters", recipe.lifters))
    reps = _joined([of_lifter for of_lifter in found if of_lifter is not None])
    cache.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, **{name: getattr(reps, name) for name in FormReps.__dataclass_fields__})
    part.replace(path)
    return reps


def sets_of(exercise: Exercise, rng: np.random.Generator) -> Iterator[tuple[Token, ...]]:
    """Yield good sets, then sets in which every way of every fault comes once."""
    for _ in range(GOOD_SETS):
        yield (GOOD,) * GOOD_REPS
    faults = load_faults(exercise.name).faults
    yield from fault_sets(exercise.motion, faults, rng, good_first=GOOD_FIRST, good_among=GOOD_AMONG)


def _joined(parts: Sequence[FormReps]) -> FormReps:
    names = FormReps.__dataclass_fields__
    return FormReps(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def lifter_seed(seed: int, number: int) -> int:
    """Return the seed that makes a lifter the same person in all of the lifter's sets."""
    return seed * 10_000 + number


def _of_lifter(exercise: Exercise, seed: int, number: int) -> FormReps | None:
    rng = np.random.default_rng((seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    found = []
    placed = [(float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)), float(rng.choice(FPS))) for _ in range(2)]
    read_off_deg = rng.normal(0, READ_DEG, 2)
    for index, tokens in enumerate(sets_of(exercise, rng)):
        session = int(index >= SECOND_SESSION)
        wanted = SetRequest(
            exercise=exercise.motion,
            bodies="training",
            lifter=lifter_seed(seed, number),
            session=2 * lifter_seed(seed, number) + session,
            view_deg=placed[session][0],
            fps=placed[session][1],
            lost=0.0,
            noise=0.0,
            tokens=tokens,
        )
        made = random_set_arrays((seed, number, index), wanted)
        read_deg = wanted.view_deg + read_off_deg[session] + rng.normal(0, SAME_PLACE_READ_DEG)
        filmed = _Filmed(wanted=wanted, read_deg=float(read_deg), mirrored=view_deg < 0)
        of_set = _of_set(made, load_faults(exercise.name), rng, (number, index), filmed)
        if of_set is not None:
            found.append(of_set)
    return _joined(found) if found else None


class _Filmed(NamedTuple):
    """How a set is filmed."""

    wanted: SetRequest
    read_deg: float
    """The azimuth that is estimated."""
    mirrored: bool


def _of_set(
    made: SetArrays, table: FaultTable, rng: np.random.Generator, numbers: tuple[int, int], filmed: _Filmed
) -> FormReps | None:
    """Return the reps of a set; None where the lifter is lost in all of them."""
    names, settings = measure_names(table), made.settings
    size_px = (settings.width_px, settings.height_px)
    seen_from = settings.view_deg, settings.fps, size_px, 1.0
    whose = noise.NoiseSeeds(filmed.wanted.lifter, filmed.wanted.session)
    noisy = noise.shipped()(rng, made.image[..., :3], made.world, *seen_from, whose)
    clean = (made.image, made.world, np.zeros_like(noisy.lost))
    seen_so = (noisy.image, noisy.world, noisy.lost)
    rows = []
    previous: NormalisedRep | None = None
    for rep in made.reps:
        true = _normalised(window_of(made, clean, rep, settings.view_deg), filmed.mirrored)
        seen = _normalised(window_of(made, seen_so, found_rep(rng, rep), filmed.read_deg), filmed.mirrored)
        if true is not None and seen is not None:
            rows.append(_row(rep, true, rep_features(seen, previous, table, names), table, names))
        previous = seen
    if not rows:
        return None
    columns = (np.array(column) for column in zip(*rows, strict=True))
    vectors, plain, true_values, severities, labels, azimuths, fronts = columns
    count = len(rows)
    return FormReps(
        vectors=vectors,
        plain=plain,
        true=true_values,
        severities=severities,
        labels=labels.astype(f"U{LABEL}"),
        azimuths_deg=azimuths,
        lifters=np.full(count, numbers[0]),
        sets=np.full(count, numbers[1]),
        fronts=fronts,
    )


def _row(
    rep: TrueRep,
    true: NormalisedRep,
    seen: RepFeatures,
    table: FaultTable,
    names: Sequence[str],
) -> tuple[np.ndarray, list[float], list[float], list[float], str, float, str]:
    """Return what FormReps has of a rep, in the order of its fields, without its lifter and set."""
    truth = measured(world_motion(true), table)
    return (
        seen.vector.astype(np.float32),
        [seen.values.get(name, np.nan) for name in OUTSIDE],
        [table.signs[name][0].scaled(truth[name]) for name in names],
        [rep.severities.get(name, 0.0) for name in table.faults],
        rep.faults[0].name + "." + rep.faults[0].way if rep.faults else "",
        seen.azimuth_deg,
        seen.front or "",
    )


def _normalised(window: RepWindow | None, mirrored: bool) -> NormalisedRep | None:
    return None if window is None else normalised_rep(window, mirrored)
