"""Measures whether verdicts hold when the camera stands elsewhere than for the profile, on rendered lifters.

A lifter of judging or training bodies does seven good reps, from which the profile learns. On another day, the same
lifter does five good reps, and then good and faulty reps in random order. The camera of that day stands where it stood,
or elsewhere. Deadlift and squat alternate. The camera shows every fault that is drawn (cache.is_shown).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from livecoach.core.types import Rep
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache, RenderedSet, is_visible_from, lossless_settings
from livecoach.lab.measure.changed_camera import ChangedSet, KnownLifter, SetOutcome, outcome_tables
from livecoach.lab.measure.judge_sets import KnownRep, known_reps
from livecoach.lab.measure.table import Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.synth.motion.lifts import FAULTS
from livecoach.lab.synth.motion.tokens import GOOD, Token
from livecoach.lab.synth.synthetic_camera import VirtualCamera
from livecoach.lab.synth.synthetic_set import SetSettings, make_set
from livecoach.lab.synthetic import mix_reps, variant_tokens

KNOWN, FIRST, FAULTY, AMONG = 7, 5, 4, 2
"""Numbers of reps: good reps of the profile; good reps at the start of the other day; then faulty and good reps."""
KNOBS = (0.8, 1.0)  # Least and greatest strength of a fault; 1 is its strongest form
VIEW_DEG = (35.0, 85.0)  # Least and greatest azimuth, on either side
HEIGHT_M = (0.55, 1.2)  # Heights from which a camera can be lowered by 40 cm
DISTANCE_M, FOV_DEG = 3.2, 52.0
Move = Callable[[VirtualCamera, float], VirtualCamera]


def _turned(camera: VirtualCamera, by_deg: float) -> VirtualCamera:
    return replace(camera, azimuth_deg=camera.azimuth_deg + by_deg)


def _raised(camera: VirtualCamera, by_cm: float) -> VirtualCamera:
    return replace(camera, height_m=camera.height_m + by_cm / 100)


def _farther(camera: VirtualCamera, times: float) -> VirtualCamera:
    return replace(camera, distance_m=times * camera.distance_m)


def _in_place(camera: VirtualCamera, _: float) -> VirtualCamera:
    return camera


MOVES: dict[str, tuple[tuple[float, ...], str, Move]] = {
    "in place": ((0,), "", _in_place),
    "turned": ((15, -15), "°", _turned),
    "raised": ((40, -40), " cm", _raised),
    "farther": ((2,), " times", _farther),
}
"""Name → strengths, their unit, and the function that moves a camera by a strength."""


class RenderedLifter(NamedTuple):
    """A lifter with the settings of two sets: the set that a profile learns from, and a later set."""

    name: str  # Start of the names of the sets in the cache
    exercise: str
    known: SetSettings  # Settings of the set from which the profile learns
    later: SetSettings  # Settings of the set of another day, before the unmoved camera

    def load_or_render(self, settings: SetSettings, variant: str, cache: Cache) -> RenderedSet:
        """Return a set of the lifter from the cache, and render the set first if it is missing."""
        return cache.load_or_render(f"{self.name}_{variant}", partial(make_set, settings), bar=True)


def draw_rendered_lifter(bodies: str, seed: int, number: int) -> RenderedLifter:
    """Draw a lifter, with the settings of both sets.

    Args:
        bodies: "training" or "judging", the bodies that are rendered.
        seed: Seed of the lifters.
        number: Number of the lifter.
    """
    rng = np.random.default_rng((seed, number, 17))
    exercise, view_deg = MAIN_LIFTS[number % len(MAIN_LIFTS)], float(rng.uniform(*VIEW_DEG))
    ways = variant_tokens(exercise, [fault for fault in FAULTS[exercise] if is_visible_from(exercise, fault, view_deg)])
    later = (GOOD,) * FIRST + mix_reps(rng, exercise, rng.choice(ways, FAULTY, replace=False), AMONG, KNOBS)
    view_deg, height_m = view_deg * float(rng.choice((-1, 1))), float(rng.uniform(*HEIGHT_M))
    set_up_anew = float(rng.normal(0, 2)), float(rng.normal(0, 0.03))

    def settings(tokens: tuple[Token, ...], by_deg: float, by_m: float) -> SetSettings:
        drawn = lossless_settings([seed, number, 17], exercise, tokens, view_deg, bodies)
        camera = replace(
            drawn.camera,
            azimuth_deg=view_deg + by_deg,
            height_m=height_m + by_m,
            distance_m=DISTANCE_M,
            fov_deg=FOV_DEG,
            roll_deg=0.0,
            target=(0.0, 0.0, 0.9),
            shake=(),
        )
        return replace(drawn, camera=camera, bar=True)

    name = f"moved_{bodies}_{seed}_{number:03d}"
    return RenderedLifter(name, exercise, settings((GOOD,) * KNOWN, 0.0, 0.0), settings(later, *set_up_anew))


def measure_moved(bodies: str, seed: int, lifters: int, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Judge a later set of each lifter before moved cameras, and return tables.

    Args:
        bodies: "training" or "judging", the bodies that are rendered.
        seed: Seed of the lifters.
        lifters: Number of lifters, deadlift and squat in turn.
    """
    changes: dict[tuple[str, str | None], list[SetOutcome]] = {}
    for number in range(lifters):
        drawn = draw_rendered_lifter(bodies, seed, number)
        profile = KnownLifter(drawn.exercise, drawn.load_or_render(drawn.known, "known", cache).observations, "lite")
        for name, (strengths, unit, move) in MOVES.items():
            for strength in strengths:
                progress(f"{drawn.exercise}, camera {name}", number / lifters)
                later = replace(drawn.later, camera=move(drawn.later.camera, strength))
                seen = drawn.load_or_render(later, f"{name.replace(' ', '_')}_{strength:g}", cache)
                change = name, f"{strength:g}{unit}" if strength else None
                changes.setdefault(change, []).append(profile.judge_set(_changed_set(drawn, seen)))
    title = f"Moved camera, {lifters} rendered lifters, {bodies} bodies, seed {seed}, pose lite"
    return outcome_tables(title, list(changes.items()))


def _changed_set(drawn: RenderedLifter, seen: RenderedSet) -> ChangedSet:
    truth, view_deg = seen.truth, drawn.later.camera.azimuth_deg

    def label(reps: Sequence[Rep]) -> list[KnownRep]:
        return list(known_reps(drawn.exercise, view_deg, truth.reps, reps))

    return ChangedSet(drawn.name, drawn.exercise, len(truth.reps), seen.observations, label)
