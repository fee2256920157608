"""Generates reps of synthetic lifters with the pose estimator's errors, to train and to evaluate scorers.

Each lifter has several days: sets of good reps, then sets in which every variant of every fault occurs once, then a set
of anomalies that no fault describes (livecoach.lab.generic_anomalies). Training uses good sets only. Boundaries are the
true ones with errors like the pipeline's, so that thousands of reps are generated per minute.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from livecoach.anomaly.skelemotion import rep_tensor
from livecoach.config import exercise as exercises
from livecoach.lab.dataset import GOOD, Dataset, Reps, form_of, no_frames
from livecoach.lab.generic_anomalies import KINDS, OTHER_EXERCISE, CleanLandmarks, alter_rep, other_exercise
from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.synthetic_windows import FPS, MOST_VIEW_DEG, PLACED_DEG, READ_DEG, fault_sets, found_rep, window_of
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep
from livecoach.synth import noise
from livecoach.synth.motion.tokens import GOOD as GOOD_REP
from livecoach.synth.motion.tokens import Token
from livecoach.synth.sets import SetArrays, SetRequest, random_set_arrays
from livecoach.types import RepWindow

GOOD_SETS, GOOD_REPS = 4, 6
"""Number of sets with good reps only, one per day, and their reps."""
GOOD_FIRST, GOOD_AMONG = 3, 3
"""Good reps before the first bad one, and among the bad ones, in a set with both."""
LEAST_KNOB = 0.5
"""Smallest knob of anomalies that no fault describes."""
LEAST_LIFTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationRequest:
    """The lifters to generate."""

    exercise: str
    """Exercise of the synthetic lifter."""
    bodies: str
    """Group of bodies: training or judging."""
    seed: int
    lifters: int
    faults: tuple[str, ...] = ()
    """Faults of the exercise."""
    bad: bool = False
    """Whether to add sets with these faults and with other anomalies."""
    noise: float = 1.0
    """Factor on the pose estimator's errors."""


def synthetic_dataset(
    exercise: str,
    lifters: int,
    seed: int,
    *,
    workers: int,
    progress: Progress,
    noise: float = 1.0,
) -> Dataset:
    """Make a dataset of synthetic lifters.

    It has good reps of `lifters` lifters to train on, and good and bad reps of a third as many, and of two fifths as
    many, on other bodies, to set limits and to judge by. The same arguments give the same dataset.
    """
    motion = exercises.load(exercise).motion
    shares = {"train": ("training", lifters), "valid": ("judging", lifters // 3), "test": ("judging", 2 * lifters // 5)}
    found: list[Reps] = []
    parts: dict[str, str] = {}
    for number, (part, (bodies, share)) in enumerate(shares.items()):
        count = max(share, LEAST_LIFTERS)
        wanted = PopulationRequest(
            exercise=motion,
            bodies=bodies,
            seed=3 * seed + number,
            lifters=count,
            faults=tuple(load_faults(exercise).faults),
            bad=part != "train",
            noise=noise,
        )
        reps = synthetic_reps(wanted, workers=workers, progress=share_of(progress, f"lifters of {part}", count))
        found.append(reps)
        parts |= dict.fromkeys(reps.lifters.tolist(), part)
    source = {"name": f"{lifters} synthetic lifters", "lifters": lifters, "seed": seed, "noise": noise}
    return Dataset(
        exercise=exercise,
        synthetic=True,
        sources=(source,),
        parts=parts,
        reps=Reps.joined(found),
        frames=no_frames(),
    )


def synthetic_reps(
    wanted: PopulationRequest, *, workers: int, progress: Callable[[int], object] = lambda _: None
) -> Reps:
    """Return the reps of the lifters. progress: called after each lifter with how many are done."""
    every = in_order(partial(reps_of_lifter, wanted), range(wanted.lifters), workers, progress)
    return Reps.joined([reps for reps in every if reps is not None])


def reps_of_lifter(wanted: PopulationRequest, number: int) -> Reps | None:
    """Return all reps of one lifter; None if the lifter is lost in all of them."""
    rng = np.random.default_rng((wanted.seed, number, 2))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    lifter = wanted.seed * 10_000 + number
    rows: list[_Row] = []
    for index, (exercise, tokens, kinds) in enumerate(_sets(wanted, rng)):
        settings = SetRequest(
            exercise=exercise,
            bodies=wanted.bodies,
            lifter=lifter,
            view_deg=float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)),
            fps=float(rng.choice(FPS)),
            lost=0.0,
            noise=0.0,
            tokens=tokens,
        )
        made = random_set_arrays((wanted.seed, number, index, 2), settings)
        name = f"{wanted.bodies}-{wanted.seed}-{number}"
        day = _Day(
            made=made,
            kinds=kinds,
            mirrored=view_deg < 0,
            lifter=lifter,
            lifter_name=name,
            name=f"{name} set {index}",
            noise=wanted.noise,
        )
        rows += _rows(day, rng)
    return _stacked(rows) if rows else None


def _sets(
    wanted: PopulationRequest, rng: np.random.Generator
) -> Iterator[tuple[str, tuple[Token, ...], tuple[str, ...]]]:
    """Yield exercise, tokens, and the anomalies of the last reps of each set."""
    exercise = wanted.exercise
    for _ in range(GOOD_SETS):
        yield exercise, (GOOD_REP,) * GOOD_REPS, ()
    if not wanted.bad:
        return
    for tokens in fault_sets(exercise, wanted.faults, rng, good_first=GOOD_FIRST, good_among=GOOD_AMONG):
        yield exercise, tokens, ()
    kinds = [*tuple(KINDS) * 2, *("",) * GOOD_AMONG]
    rng.shuffle(kinds)
    yield exercise, (GOOD_REP,) * (GOOD_FIRST + len(kinds)), tuple(kinds)
    yield other_exercise(exercise), (GOOD_REP,) * 2, (OTHER_EXERCISE,) * 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Day:
    """One set of a lifter."""

    made: SetArrays
    """The set without errors of the pose estimator."""
    kinds: tuple[str, ...]
    """Anomalies of the last reps."""
    mirrored: bool
    lifter: int
    """Seed of the lifter."""
    lifter_name: str
    name: str
    noise: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Row:
    tensor: np.ndarray
    form: np.ndarray
    azimuth_deg: float
    label: str
    severity: float
    lifter: str
    set_name: str
    times_s: tuple[float, float, float]


def _rows(day: _Day, rng: np.random.Generator) -> Iterator[_Row]:
    made, settings = day.made, day.made.settings
    size_px = (settings.width_px, settings.height_px)
    clean = CleanLandmarks(image=made.image[..., :3], world=made.world, t_s=made.t_s, size_px=size_px)
    kinds = ("",) * (len(made.reps) - len(day.kinds)) + day.kinds
    knobs = rng.uniform(LEAST_KNOB, 1.0, len(kinds))
    reps = list(made.reps)
    for place, kind in enumerate(kinds):
        if kind in KINDS:
            clean, reps[place] = alter_rep(clean, reps[place], kind, float(knobs[place]), rng)
    azimuth_deg, fps = settings.view_deg, settings.fps
    noisy = noise.shipped()(
        rng, clean.image, clean.world, azimuth_deg, fps, size_px, day.noise, noise.NoiseSeeds(day.lifter)
    )
    read_deg = float(azimuth_deg + rng.normal(0, READ_DEG))
    for rep, kind, knob in zip(reps, kinds, knobs, strict=True):
        found = found_rep(rng, rep)
        window = window_of(made, (noisy.image, noisy.world, noisy.lost), found, read_deg)
        row = None if window is None else _row(window, day)
        if row is not None:
            label = kind or "+".join(sorted(name for name, much in rep.severities.items() if much > 0)) or GOOD
            severity = float(knob) if kind else max(rep.severities.values(), default=0.0)
            yield replace(row, label=label, severity=severity)


def _row(kept: RepWindow, day: _Day) -> _Row | None:
    """Return the row of a rep without its label; None if too little of it is visible."""
    seen = normalised_rep(kept, day.mirrored)
    if seen is None:
        return None
    return _Row(
        tensor=rep_tensor(kept.observations, kept.start_s, kept.end_s),
        form=form_of(seen, load_faults(day.made.settings.exercise).travel),
        azimuth_deg=abs(seen.azimuth_deg),
        label=GOOD,
        severity=0.0,
        lifter=day.lifter_name,
        set_name=day.name,
        times_s=(kept.start_s, kept.turn_s, kept.end_s),
    )


def _stacked(rows: Sequence[_Row]) -> Reps:
    return Reps(
        tensors=np.stack([row.tensor for row in rows]),
        forms=np.stack([row.form for row in rows]),
        azimuths_deg=np.array([row.azimuth_deg for row in rows]),
        labels=np.array([row.label for row in rows]),
        severities=np.array([row.severity for row in rows]),
        lifters=np.array([row.lifter for row in rows]),
        sets=np.array([row.set_name for row in rows]),
        sources=np.array([f"synthetic {row.lifter}" for row in rows]),
        times_s=np.array([row.times_s for row in rows]),
    )
