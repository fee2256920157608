"""Reps of synthetic lifters as form is judged by: vectors as estimated, true measures, true severities."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.anomaly.scoring import Score
from livecoach.lab.synthetic import (
    FPS,
    KNOBS,
    LEAST_SEEN,
    MARGIN_S,
    MOST_VIEW_DEG,
    PLACED_DEG,
    READ_DEG,
    found_rep,
    observations_of,
)
from livecoach.rep.features import rep_features
from livecoach.rep.measures import load_faults, measured
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep, world_motion
from livecoach.synth import noise
from livecoach.synth.motion.faults import WAYS
from livecoach.synth.motion.tokens import GOOD, Token, parse
from livecoach.synth.sets import SetArrays, Wanted, random_set_arrays
from livecoach.synth.truth import TrueRep
from livecoach.types import RepWindow, View

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
GOOD_FIRST, FAULTY, GOOD_AMONG = 5, 8, 2
"""Good reps before the faulty ones of a set of both, how many these are, and good ones among them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FormReps:
    """n reps. D: trace.LENGTH + 2 + 2 M."""

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

    @property
    def good(self) -> np.ndarray:
        """(n,) nothing is wrong with it, and nothing was meant to be: what is under a margin is no good rep either."""
        return (self.severities.max(1) == 0) & (self.labels == "")

    def some(self, which: np.ndarray) -> "FormReps":
        """Those reps."""
        return FormReps(**{name: getattr(self, name)[which] for name in self.__dataclass_fields__})


def _kept(path: Path, make: Callable[[int], FormReps | None], lifters: int, workers: int) -> FormReps:
    names = FormReps.__dataclass_fields__
    if not path.is_file():
        with ProcessPoolExecutor(workers) as pool:
            found = [reps for reps in pool.map(make, range(lifters)) if reps is not None]
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{name: np.concatenate([getattr(reps, name) for reps in found]) for name in names})
    with np.load(path, allow_pickle=False) as arrays:
        return FormReps(**dict(arrays))


def measure_names(exercise: str) -> tuple[str, ...]:
    """Measures that are part of the vector."""
    return tuple(name for name in load_faults(exercise).signs if name not in OUTSIDE)


def form_reps(exercise: str, bodies: str, seed: int, lifters: int, *, workers: int, cache: Path) -> FormReps:
    """Reps of that many lifters; kept in a folder, where a second run finds them."""
    path = cache / f"{exercise}-{bodies}-{seed}-{lifters}.npz"
    return _kept(path, partial(_of_lifter, exercise, bodies, seed), lifters, workers)


def sets_of(exercise: str, rng: np.random.Generator) -> Iterator[tuple[Token, ...]]:
    """Good sets, then sets in which every way of every fault comes once."""
    for _ in range(GOOD_SETS):
        yield (GOOD,) * GOOD_REPS
    ways = [f"{fault}.{way}" for fault, by_way in WAYS[exercise].items() for way in by_way]
    rng.shuffle(ways)
    for first in range(0, len(ways), FAULTY):
        items = [f"{way}:{rng.uniform(*KNOBS):.2f}" for way in ways[first : first + FAULTY]] + ["good"] * GOOD_AMONG
        rng.shuffle(items)
        yield (GOOD,) * GOOD_FIRST + parse(",".join(items), exercise)


def lifter_seed(seed: int, number: int) -> int:
    """That makes him the same person in all of his sets."""
    return seed * 10_000 + number


def _of_lifter(exercise: str, bodies: str, seed: int, number: int) -> FormReps:
    rng = np.random.default_rng((seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    found = []
    placed = [(float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)), float(rng.choice(FPS))) for _ in range(2)]
    read_off_deg = rng.normal(0, READ_DEG, 2)
    for index, tokens in enumerate(sets_of(exercise, rng)):
        session = int(index >= SECOND_SESSION)
        wanted = Wanted(
            exercise=exercise,
            bodies=bodies,
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
        sight = _Wanted(wanted=wanted, read_deg=float(read_deg), mirrored=view_deg < 0)
        of_set = _of_set(made, exercise, rng, (number, index), sight)
        if of_set is not None:
            found.append(of_set)
    return FormReps(
        **{name: np.concatenate([getattr(r, name) for r in found]) for name in FormReps.__dataclass_fields__}
    )


class _Wanted(NamedTuple):
    """How a set is filmed."""

    wanted: Wanted
    read_deg: float
    """The azimuth that is estimated."""
    mirrored: bool


def _of_set(
    made: SetArrays, exercise: str, rng: np.random.Generator, numbers: tuple[int, int], filmed: _Wanted
) -> FormReps | None:
    """The reps of a set; None where the lifter is lost in all of them."""
    table, names = load_faults(exercise), measure_names(exercise)
    settings = made.settings
    size_px = (settings.width_px, settings.height_px)
    seen_from = settings.view_deg, settings.fps, size_px, 1.0
    whose = noise.Whose(filmed.wanted.lifter, filmed.wanted.session)
    noisy = noise.shipped()(rng, made.image[..., :3], made.world, *seen_from, whose)
    read_deg, mirrored = filmed.read_deg, filmed.mirrored
    rows = []
    previous: NormalisedRep | None = None
    for rep in made.reps:
        sight = _Sight(made.image, made.world, np.zeros_like(noisy.lost), settings.view_deg, mirrored)
        true = _seen(made, sight, rep)
        found = found_rep(rng, rep)
        seen = _seen(made, _Sight(noisy.image, noisy.world, noisy.lost, read_deg, mirrored), found)
        if true is not None and seen is not None:
            numbers_seen = rep_features(seen, previous, table, names)
            truth = measured(world_motion(true), table)
            rows.append(
                (
                    numbers_seen.vector.astype(np.float32),
                    [numbers_seen.values.get(name, np.nan) for name in OUTSIDE],
                    [table.signs[name][0].scaled(truth[name]) for name in names],
                    [rep.severities.get(name, 0.0) for name in table.faults],
                    rep.faults[0].name + "." + rep.faults[0].way if rep.faults else "",
                    seen.azimuth_deg,
                )
            )
        previous = seen
    if not rows:
        return None
    vectors, plain, true_values, severities, labels, azimuths = (np.array(column) for column in zip(*rows, strict=True))
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
    )


class Unmoved:
    """A scorer that finds nothing anomalous."""

    def score(self, _: np.ndarray) -> Score:
        """0 for all."""
        return Score(value=0.0, joints=())


class _Sight(NamedTuple):
    """Landmarks of a set, and from where they are taken to be seen."""

    image: np.ndarray
    world: np.ndarray
    lost: np.ndarray
    view_deg: float
    mirrored: bool


def _seen(made: SetArrays, sight: _Sight, rep: TrueRep) -> NormalisedRep | None:
    near = np.flatnonzero((made.t_s >= rep.start_s - MARGIN_S) & (made.t_s <= rep.end_s + MARGIN_S))
    observations = observations_of(made, sight.image, sight.world, [i for i in near if not sight.lost[i]])
    if len(observations) < LEAST_SEEN * len(near):
        return None
    view = View(name="oblique", azimuth_deg=(sight.view_deg + 180) % 360 - 180, uncertainty_deg=READ_DEG)
    kept = RepWindow(
        observations=observations,
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=view,
        set_name="1",
        pose="lite",
    )
    return normalised_rep(kept, sight.mirrored)
