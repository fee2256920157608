"""Generates reps of synthetic lifters with the errors of the pose estimator, to train and to evaluate scorers.

Each lifter has two sets of good reps and, on another day, a third set of good reps and sets in which every variant of
every fault occurs once among good reps. The reps are not counted, but have the true boundaries with errors: thousands
of reps take a minute.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from livecoach.core.config import exercise as exercises
from livecoach.core.config.exercise import Exercise
from livecoach.core.types import Observation, RepWindow, View
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import FaultTable, load_faults
from livecoach.lab.dataset import GOOD, UNKNOWN, Dataset, Reps, empty_frames, rep_row
from livecoach.lab.processes import JobRunner
from livecoach.lab.synth.motion.lifts import FAULTS, variant_names
from livecoach.lab.synth.motion.tokens import GOOD as GOOD_REP
from livecoach.lab.synth.motion.tokens import Token, parse_tokens
from livecoach.lab.synth.noise import NoiseSeeds
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.lab.truth import TrueRep

FAULTY = 8  # Number of bad reps in a mixed set
KNOBS = (0.35, 1.0)  # Range of the faults' strength; 1 is the strongest form
FPS = (24.0, 25.0, 30.0, 30.0, 30.0, 30.0, 60.0)  # Frame rates; repeated rates are drawn more often
MOST_VIEW_DEG = 98.0  # Largest azimuth in degrees: reps that are filmed from behind are not judged
PLACED_DEG = 5.0  # Largest change of the camera's azimuth between sets, in degrees, in either direction
READ_DEG = 5.0  # Standard deviation of the error of an estimated azimuth, in degrees
SAME_PLACE_READ_DEG = 1.5
"""Standard deviation, in degrees, of the estimated azimuth among the sets before a camera that stays in its place."""
BOUNDARY_ERRORS_S = ((0.75, 0.03), (0.22, 0.07), (0.03, 0.3))
"""Errors of boundaries: probability, and standard deviation in seconds. With them, durations vary as real durations."""
MARGIN_S = 1.0  # Time before and after a rep that its window includes, in seconds
LEAST_WITH_POSE = 0.7  # Least share of a rep's frames with a pose; below it, the pipeline does not judge the rep


def variant_texts(motion: str, faults: Iterable[str]) -> list[str]:
    """Return the text "fault.variant" of each variant of each fault, as `parse_tokens` reads it."""
    return [f"{fault}.{way}" for fault in faults for way in variant_names(motion, fault)]


def mix_reps(
    rng: np.random.Generator, motion: str, ways: Iterable[str], good: int, knobs: tuple[float, float]
) -> tuple[Token, ...]:
    """Return the tokens of good reps and of a bad rep of each variant, in random order.

    Args:
        ways: Variants, as from `variant_texts`.
        knobs: Least and greatest strength of the faults.
    """
    items = [f"{way}:{rng.uniform(*knobs):.2f}" for way in ways] + ["good"] * good
    rng.shuffle(items)
    return parse_tokens(",".join(items), motion)


def _add_boundary_errors(rng: np.random.Generator, rep: TrueRep) -> TrueRep:
    """Return the rep with errors of its boundaries like the pipeline's, which keep the order of the boundaries."""
    chances, spreads_s = zip(*BOUNDARY_ERRORS_S, strict=True)
    off_s = rng.normal(0, 1, 3) * rng.choice(spreads_s, 3, p=chances)
    room_s = 0.4 * min(rep.turn_s - rep.start_s, rep.end_s - rep.turn_s)
    start_s, turn_s, end_s = np.clip(off_s, (-MARGIN_S, -room_s, -room_s), (room_s, room_s, MARGIN_S)).tolist()
    return replace(rep, start_s=rep.start_s + start_s, turn_s=rep.turn_s + turn_s, end_s=rep.end_s + end_s)


def _measured(
    made: SyntheticSet, rep: TrueRep, view_deg: float, mirrored: bool, table: FaultTable
) -> MeasuredRep | None:
    """Return a true rep as measured; None if it is hardly visible, or the lifter is lost in too many frames."""
    near = np.flatnonzero((made.t_s >= rep.start_s - MARGIN_S) & (made.t_s <= rep.end_s + MARGIN_S))
    seen = [made.observations[i] for i in near.tolist() if not made.seen.lost[i]]
    if len(seen) < LEAST_WITH_POSE * len(near):
        return None
    window = build_window((rep.start_s, rep.turn_s, rep.end_s), seen, view_deg)
    measured = MeasuredRep(window, table, mirrored=mirrored)
    return None if measured.normalised_rep is None else measured


def build_window(
    times_s: tuple[float, float, float], observations: Sequence[Observation], azimuth_deg: float
) -> RepWindow:
    """Build the window of a rep, with a fixed name of its set, of its view and of the pose model.

    Args:
        times_s: Start, turn and end of the rep.
        azimuth_deg: Estimated azimuth of the camera, which may lie beyond ±180.
    """
    view = View(name="oblique", azimuth_deg=(azimuth_deg + 180) % 360 - 180, uncertainty_deg=READ_DEG)
    start_s, turn_s, end_s = times_s
    return RepWindow(
        observations=tuple(observations),
        start_s=start_s,
        turn_s=turn_s,
        end_s=end_s,
        view=view,
        set_name="1",
        pose="lite",
    )


GOOD_SETS, GOOD_REPS = 3, 6
"""Number of sets of good reps, and number of reps in each. The third set is in the session of the sets with faults."""
SECOND_SESSION = 2  # Index of the first set of the second session, from 0
GOOD_FIRST, GOOD_AMONG = 5, 2  # Numbers of good reps in a mixed set: before the first bad rep, and among the bad reps
LEAST_LIFTERS = 4  # Least number of lifters of each part


def make_synthetic_dataset(exercise: str, lifters: int, seed: int, runner: JobRunner) -> Dataset:
    """Make a dataset of synthetic lifters. Lifters of the test part have bodies that no other part uses.

    Each part gets at least LEAST_LIFTERS lifters, before lifters who are lost in every rep are left out.

    Args:
        lifters: Number of lifters of the train part. The valid part has a third as many, the test part two fifths.
    """
    shares = {
        "train": ("training", lifters),
        "valid": ("training", lifters // 3),
        "test": ("judging", 2 * lifters // 5),
    }
    of_lifters: list[Reps] = []
    parts: dict[str, str] = {}
    bodies_of: dict[str, set[str]] = {}
    shown: set[str] = set()
    for number, (part, (bodies, share)) in enumerate(shares.items()):
        work = partial(_make_lifter_reps, exercises.load(exercise), bodies, 3 * seed + number)
        every = runner.map(work, range(max(share, LEAST_LIFTERS)), f"lifters of {part}")
        drawn = [lifter for lifter in every if lifter is not None]
        of_lifters.append(Reps.join([lifter.reps for lifter in drawn]))
        parts |= dict.fromkeys(of_lifters[-1].lifters.tolist(), part)
        bodies_of[part] = {lifter.body for lifter in drawn}
        shown.update(way for lifter in drawn for way in lifter.ways)
    ways = _ways(exercises.load(exercise))
    drawn_from = {
        "bodies": {part: len(names) for part, names in bodies_of.items()},
        "shared_bodies": len(bodies_of["test"] & (bodies_of["train"] | bodies_of["valid"])),
        "shown": len(shown),
        "variants": len(ways),
    }
    source = {"name": f"{lifters} synthetic lifters", "lifters": lifters, "seed": seed, "drawn": drawn_from}
    return Dataset(
        exercise=exercise,
        synthetic=True,
        sources=(source,),
        parts=parts,
        reps=Reps.join(of_lifters),
        frames=empty_frames(),
    )


class _LifterReps(NamedTuple):
    reps: Reps
    body: str
    ways: set[str]  # Variants of faults in the reps


def _make_lifter_reps(exercise: Exercise, bodies: str, seed: int, number: int) -> _LifterReps | None:
    rng = np.random.default_rng((seed, number))
    lifter, name = seed * 10_000 + number, f"{bodies}-{seed}-{number}"
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    placed = [(float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)), float(rng.choice(FPS))) for _ in range(2)]
    read_off_deg = rng.normal(0, READ_DEG, 2)
    of_sets, body, ways = [], "", set[str]()
    for index, tokens in enumerate(lifter_sets(exercise, rng)):
        session = int(index >= SECOND_SESSION)
        request = SetRequest(
            exercise=exercise.motion,
            bodies=bodies,
            lifter=lifter,
            session=2 * lifter + session,
            view_deg=placed[session][0],
            fps=placed[session][1],
            lost=0.0,
            noise=0.0,
            tokens=tokens,
        )
        read_deg = placed[session][0] + float(read_off_deg[session] + rng.normal(0, SAME_PLACE_READ_DEG))
        made = random_set((seed, number, index), request)
        seen = made.with_noise(rng, seeds=NoiseSeeds(request.lifter, request.session))
        rows = _rows(made, seen, read_deg, view_deg < 0, load_faults(exercise.name), rng)
        origin = {"lifters": name, "sets": f"{name} set {index}", "sources": f"synthetic {name}"}
        of_sets += [Reps.from_rows([row | origin for row in rows])] if rows else []
        body = made.settings.body
        turns_s = {row["times_s"][1] for row in rows}
        ways |= {f"{fault.name}.{fault.way}" for rep in made.reps if rep.turn_s in turns_s for fault in rep.faults}
    return _LifterReps(Reps.join(of_sets), body, ways) if of_sets else None


def lifter_sets(exercise: Exercise, rng: np.random.Generator) -> Iterator[tuple[Token, ...]]:
    """Yield the tokens of each set of a lifter: good sets, then mixed sets, with each fault variant in a single set."""
    for _ in range(GOOD_SETS):
        yield (GOOD_REP,) * GOOD_REPS
    ways = _ways(exercise)
    rng.shuffle(ways)
    for first in range(0, len(ways), FAULTY):
        yield (GOOD_REP,) * GOOD_FIRST + mix_reps(rng, exercise.motion, ways[first : first + FAULTY], GOOD_AMONG, KNOBS)


def _ways(exercise: Exercise) -> list[str]:
    faults = load_faults(exercise.name).faults
    return variant_texts(exercise.motion, [fault for fault in FAULTS[exercise.motion] if fault in faults])


def _rows(
    made: SyntheticSet, seen: SyntheticSet, read_deg: float, mirrored: bool, table: FaultTable, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Return a row for each visible rep of a set, `made` without and `seen` with a pose estimator's errors."""
    estimated = [_measured(seen, _add_boundary_errors(rng, rep), read_deg, mirrored, table) for rep in made.reps]
    true = [_measured(made, rep, made.settings.camera.azimuth_deg, mirrored, table) for rep in made.reps]
    values = [None if rep is None else rep.world_values for rep in true]
    good = [of_rep for of_rep, rep in zip(values, made.reps, strict=True) if of_rep is not None and not rep.faults]
    rows = []
    for place, (rep, seen_rep, of_rep) in enumerate(zip(made.reps, estimated, values, strict=True)):
        if seen_rep is None or of_rep is None:
            continue
        seen_rep.previous = estimated[place - 1] if place else None
        severities = _signed(rep, of_rep, good, table)
        faults = [name for name, severity in zip(table.faults, severities, strict=True) if severity]
        otherwise = UNKNOWN if rep.faults else GOOD  # a fault under its margin is neither good nor bad
        own = {"labels": "+".join(sorted(faults)) or otherwise, "severities": severities}
        rows.append(rep_row(seen_rep, table) | own | {"times_s": (rep.start_s, rep.turn_s, rep.end_s)})
    return rows


def _signed(rep: TrueRep, values: dict[str, float], good: Sequence[dict[str, float]], table: FaultTable) -> np.ndarray:
    """Return the true severities of a rep, (F,), negative if a fault with two sides lies on the lower side."""
    severities = np.zeros(len(table.faults))
    for place, (name, fault) in enumerate(table.faults.items()):
        severities[place] = rep.severities.get(name, 0.0)
        sign = fault.signs[0]
        usual = [of_rep[sign.measure] for of_rep in good]
        if sign.side == "either" and usual and values[sign.measure] < np.nanmedian(usual):
            severities[place] *= -1
    return severities
