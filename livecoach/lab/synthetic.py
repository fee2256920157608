"""Reps of synthetic lifters as the pose estimator would see them: what a scorer is trained on, and judged by.

A lifter comes on several days: sets of good reps, then sets in which every way of every fault comes once, then one of
what no fault describes (livecoach.lab.generic_anomalies). Training takes good sets alone. Boundaries are the true ones,
off as the pipeline's own are: so thousands of reps are made a minute.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from livecoach.anomaly.skelemotion import rep_tensor
from livecoach.lab.dataset import GOOD, Dataset, Reps, form_of, no_frames
from livecoach.lab.generic_anomalies import KINDS, OTHER_EXERCISE, Clean, altered, other_exercise
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep
from livecoach.synth import noise
from livecoach.synth.motion.faults import WAYS
from livecoach.synth.motion.tokens import GOOD as GOOD_REP
from livecoach.synth.motion.tokens import Token, parse
from livecoach.synth.sets import SetArrays, Wanted, random_set_arrays
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation, RepWindow, View

GOOD_SETS, GOOD_REPS = 4, 6
"""Sets of good reps alone, on as many days."""
GOOD_FIRST, FAULTY, GOOD_AMONG = 3, 8, 3
"""Of a set of both: good reps before the first bad one, bad ones, and good ones among them."""
KNOBS = (0.35, 1.0)
LEAST_KNOB = 0.5
"""Of what no fault describes."""
FPS = (24.0, 25.0, 30.0, 30.0, 30.0, 30.0, 60.0)
MOST_VIEW_DEG = 98.0
"""Nothing is judged of lifters who are seen from behind."""
PLACED_DEG = 5.0
"""How much the camera's place differs from set to set, either way."""
READ_DEG = 5.0
"""Standard deviation of a view that is estimated."""
FOUND_S = ((0.75, 0.03), (0.22, 0.07), (0.03, 0.3))
"""How a rep's boundaries are found: with a chance, that far off (standard deviation). With these the durations of a
set's reps differ as those of rendered and real ones do."""
MARGIN_S = 1.0
LEAST_LIFTERS = 4
LEAST_SEEN = 0.7
"""Share of a rep's frames with a lifter in them; with less the pipeline does not judge it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Which lifters are made."""

    exercise: str
    bodies: str
    """Part of the bodies: training or judging."""
    seed: int
    lifters: int
    bad: bool = False
    """Sets of faults and of what no fault describes too."""
    noise: float = 1.0
    """The pose estimator's errors times this."""


def synthetic_dataset(
    exercise: str,
    lifters: int,
    seed: int,
    *,
    workers: int,
    progress: Callable[[str, float], None],
    noise: float = 1.0,
) -> Dataset:
    """Good reps of `lifters` to train on; good and bad ones of a third as many, and of two fifths, whose bodies are
    others, to set limits and to judge by."""
    shares = {"train": ("training", lifters), "valid": ("judging", lifters // 3), "test": ("judging", 2 * lifters // 5)}
    found: list[Reps] = []
    parts: dict[str, str] = {}
    for number, (part, (bodies, share)) in enumerate(shares.items()):
        count = max(share, LEAST_LIFTERS)
        wanted = Population(
            exercise=exercise, bodies=bodies, seed=3 * seed + number, lifters=count, bad=part != "train", noise=noise
        )
        reps = synthetic_reps(wanted, workers=workers, progress=_told(progress, f"lifters of {part}", count))
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


def _told(progress: Callable[[str, float], None], what: str, count: int) -> Callable[[int], None]:
    return lambda done: progress(what, done / count)


def synthetic_reps(wanted: Population, *, workers: int, progress: Callable[[int], None] = lambda _: None) -> Reps:
    """Reps of that many lifters; progress is told after each how many are done. The same wishes give the same reps."""
    found = []
    with ProcessPoolExecutor(workers) as pool:
        for number, reps in enumerate(pool.map(partial(reps_of_lifter, wanted), range(wanted.lifters)), 1):
            found += [reps] if reps is not None else []
            progress(number)
    return Reps.joined(found)


def reps_of_lifter(wanted: Population, number: int) -> Reps | None:
    """All reps of one lifter; None where he is lost in all of them."""
    rng = np.random.default_rng((wanted.seed, number, 2))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    lifter = wanted.seed * 10_000 + number
    rows: list[_Row] = []
    for index, (exercise, tokens, kinds) in enumerate(_sets(wanted, rng)):
        settings = Wanted(
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


def _sets(wanted: Population, rng: np.random.Generator) -> Iterator[tuple[str, tuple[Token, ...], tuple[str, ...]]]:
    """Exercise, reps, and what is done to the last of them that no fault describes."""
    exercise = wanted.exercise
    for _ in range(GOOD_SETS):
        yield exercise, (GOOD_REP,) * GOOD_REPS, ()
    if not wanted.bad:
        return
    ways = [f"{fault}.{way}" for fault, by_way in WAYS[exercise].items() for way in by_way]
    rng.shuffle(ways)
    for first in range(0, len(ways), FAULTY):
        items = [f"{way}:{rng.uniform(*KNOBS):.2f}" for way in ways[first : first + FAULTY]] + ["good"] * GOOD_AMONG
        rng.shuffle(items)
        yield exercise, (GOOD_REP,) * GOOD_FIRST + parse(",".join(items), exercise), ()
    kinds = [*tuple(KINDS) * 2, *("",) * GOOD_AMONG]
    rng.shuffle(kinds)
    yield exercise, (GOOD_REP,) * (GOOD_FIRST + len(kinds)), tuple(kinds)
    yield other_exercise(exercise), (GOOD_REP,) * 2, (OTHER_EXERCISE,) * 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Day:
    """A set of a lifter."""

    made: SetArrays
    """Without errors."""
    kinds: tuple[str, ...]
    """What is wrong with the last reps that no fault describes."""
    mirrored: bool
    lifter: int
    """His seed."""
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
    clean = Clean(image=made.image[..., :3], world=made.world, t_s=made.t_s, size_px=size_px)
    kinds = ("",) * (len(made.reps) - len(day.kinds)) + day.kinds
    knobs = rng.uniform(LEAST_KNOB, 1.0, len(kinds))
    reps = list(made.reps)
    for place, kind in enumerate(kinds):
        if kind in KINDS:
            clean, reps[place] = altered(clean, reps[place], kind, float(knobs[place]), rng)
    azimuth_deg, fps = settings.view_deg, settings.fps
    noisy = noise.shipped()(
        rng, clean.image, clean.world, azimuth_deg, fps, size_px, day.noise, noise.Whose(day.lifter)
    )
    read_deg = float(azimuth_deg + rng.normal(0, READ_DEG))
    for rep, kind, knob in zip(reps, kinds, knobs, strict=True):
        found = found_rep(rng, rep)
        near = np.flatnonzero((made.t_s >= found.start_s - MARGIN_S) & (made.t_s <= found.end_s + MARGIN_S))
        frames = [i for i in near.tolist() if not noisy.lost[i]]
        if len(frames) < LEAST_SEEN * len(near):
            continue
        row = _row(_kept(observations_of(made, noisy.image, noisy.world, frames), found, read_deg), day)
        if row is not None:
            label = kind or "+".join(sorted(name for name, much in rep.severities.items() if much > 0)) or GOOD
            severity = float(knob) if kind else max(rep.severities.values(), default=0.0)
            yield replace(row, label=label, severity=severity)


def _row(kept: RepWindow, day: _Day) -> _Row | None:
    """Of a rep whose label is still to be told; None where too little was seen of it."""
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


def found_rep(rng: np.random.Generator, rep: TrueRep) -> TrueRep:
    """The rep with boundaries as the pipeline finds them; the order of the three stays."""
    chances, spreads_s = zip(*FOUND_S, strict=True)
    off_s = rng.normal(0, 1, 3) * rng.choice(spreads_s, 3, p=chances)
    room_s = 0.4 * min(rep.turn_s - rep.start_s, rep.end_s - rep.turn_s)
    start_s, turn_s, end_s = np.clip(off_s, (-MARGIN_S, -room_s, -room_s), (room_s, room_s, MARGIN_S)).tolist()
    return replace(rep, start_s=rep.start_s + start_s, turn_s=rep.turn_s + turn_s, end_s=rep.end_s + end_s)


def _kept(observations: tuple[Observation, ...], rep: TrueRep, view_deg: float) -> RepWindow:
    return RepWindow(
        observations=observations,
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=View(name="oblique", azimuth_deg=(view_deg + 180) % 360 - 180, uncertainty_deg=READ_DEG),
        set_name="1",
        pose="lite",
    )


def observations_of(
    made: SetArrays, image: np.ndarray, world: np.ndarray, frames: Sequence[int]
) -> tuple[Observation, ...]:
    """Of those frames of a set, with other landmarks: image (T, 33, 4), world (T, 33, 3)."""
    return tuple(
        Observation(
            index=i,
            t_s=float(made.t_s[i]),
            landmarks=np.concatenate([image[i], image[i, :, 3:]], -1).astype(np.float32),
            world=world[i].astype(np.float32),
            people=1,
            brightness=0.5,
            width_px=made.settings.width_px,
            height_px=made.settings.height_px,
            dropped=0,
        )
        for i in frames
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
