"""Rendered sets with faults after good reps, as observed by the pose estimator.

Deadlift and squat alternate; each set is one body and one view, 0 to 90 degrees on either side, 640x480 at 25 frames a
second. Good reps come first, then faults that the view shows and further good reps in random order. The cache keeps the
observations of each set, with the person mask, and the truth of its reps.
"""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from livecoach.lab.measure.cache import Cache, rendered
from livecoach.synth.clip import SyntheticClip, make_clip, random_clip_settings
from livecoach.synth.figure.body import JUDGING, TRAINING
from livecoach.synth.motion.lifts import FAULT_VARIANTS
from livecoach.synth.motion.tokens import parse
from livecoach.synth.truth import TrueFault, TrueRep
from livecoach.types import Observation, Rep

MAIN_LIFTS = ("deadlift", "squat")
"""The lifts of rendered sets, in turn. A rep of one of them is the anomaly "another exercise" of every other lift."""


MATCH_S = 0.3  # largest distance of the pipeline's turn outside a true rep


def rep_of(true: TrueRep, reps: Iterable[Rep]) -> Rep | None:
    """Return the first counted rep that matches a true one; None if there is none."""
    return next((r for r in reps if true.start_s - MATCH_S <= r.turn_s <= true.end_s + MATCH_S), None)


FPS, SIZE_PX = 25.0, (640, 480)
BODIES = {"training": TRAINING, "judging": JUDGING}
GOOD_FIRST = {"training": 5, "judging": 2}
FAULTY = {"training": 3, "judging": 4}
GOOD_AMONG = {"training": 1, "judging": 3}
KNOBS = (0.65, 1.0)
FOLDER = "rendered"  # folder of the cache
ALL, FRONT, OBLIQUE_TO_SIDE, SIDE = (0, 90), (0, 30), (30, 90), (60, 90)
SHOWN_DEG: dict[str, dict[str, tuple[int, int]]] = {
    "deadlift": {
        "rounded_back": SIDE,
        "hips_early": (30, 65),
        "bar_drift": OBLIQUE_TO_SIDE,
        "knee_dominant": OBLIQUE_TO_SIDE,
        "stiff_legged": OBLIQUE_TO_SIDE,
        "soft_lockout": OBLIQUE_TO_SIDE,
        "hyperextension": SIDE,
        "hitch": ALL,
        "jerky": ALL,
        "bent_arms": OBLIQUE_TO_SIDE,
        "uneven_bar": (0, 50),
        "knee_cave": FRONT,
        "heel_lift": OBLIQUE_TO_SIDE,
        "dropped": ALL,
        "bounced": ALL,
    },
    "squat": {
        "shallow": (20, 90),
        "good_morning": OBLIQUE_TO_SIDE,
        "forward_lean": OBLIQUE_TO_SIDE,
        "knee_cave": FRONT,
        "knees_forward": (45, 90),
        "heel_lift": OBLIQUE_TO_SIDE,
        "lateral_shift": FRONT,
        "uneven_bar": (0, 50),
        "butt_wink": (65, 90),
        "rushed": ALL,
    },
    "romanian_deadlift": {
        "rounded_back": SIDE,
        "squatted": OBLIQUE_TO_SIDE,
        "bar_drift": OBLIQUE_TO_SIDE,
        "hyperextension": SIDE,
        "shallow": OBLIQUE_TO_SIDE,
        "rushed": ALL,
    },
    "overhead_press": {
        "lean_back": OBLIQUE_TO_SIDE,
        "leg_drive": OBLIQUE_TO_SIDE,
        "soft_lockout": ALL,
        "uneven_bar": (0, 50),
        "bar_forward": OBLIQUE_TO_SIDE,
        "short_lowering": ALL,
        "rushed": ALL,
    },
    "lunge": {
        "shallow": (20, 90),
        "knees_forward": (45, 90),
        "forward_lean": OBLIQUE_TO_SIDE,
        "knee_cave": FRONT,
        "lateral_shift": FRONT,
        "short_step": OBLIQUE_TO_SIDE,
        "rushed": ALL,
    },
}
"""Azimuths from which a person can see each fault, degrees from the front. They were set before any measurement."""
SHOWN_DEG["sumo_deadlift"] = SHOWN_DEG["deadlift"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedSet:
    """A rendered set with the truth of its reps."""

    name: str
    exercise: str
    view_deg: float  # signed azimuth of the camera
    observations: Sequence[Observation]
    reps: Sequence[TrueRep]


def rendered_set(bodies: str, seed: int, number: int, cache: Cache) -> RenderedSet:
    """Return set `number` of a seed; rendering takes half a minute where the cache lacks it.

    bodies: training or judging.
    """
    name = f"{bodies}_{seed}_{number:03d}"
    truth_path = cache.folder / FOLDER / f"{name}.json"
    if not truth_path.is_file():
        truth_path.parent.mkdir(parents=True, exist_ok=True)
        truth_path.write_text(json.dumps(_truth(_clip(bodies, seed, number))), encoding="utf-8")

    def observe() -> Iterable[Observation]:
        clip = _clip(bodies, seed, number)
        return rendered(clip, range(clip.frames), FPS, "lite", bar=True)

    observations = cache.kept(f"{FOLDER}/{name}_lite_bar.obs", observe)
    truth = json.loads(truth_path.read_text(encoding="utf-8"))
    reps = tuple(TrueRep(**{**rep, "faults": tuple(TrueFault(**f) for f in rep["faults"])}) for rep in truth["reps"])
    return RenderedSet(
        name=name,
        exercise=truth["exercise"],
        view_deg=truth["view_deg"],
        observations=observations,
        reps=reps,
    )


def _clip(bodies: str, seed: int, number: int) -> SyntheticClip:
    rng = np.random.default_rng((seed, number, 13))
    exercise = MAIN_LIFTS[number % len(MAIN_LIFTS)]
    view_deg = round(float(rng.uniform(0, 90)), 1)
    shown = [
        f"{fault}.{way}"
        for fault, (low, high) in SHOWN_DEG[exercise].items()
        if low <= view_deg <= high
        for way in FAULT_VARIANTS[exercise][fault]
    ]
    faulty = [f"{way}:{rng.uniform(*KNOBS):.2f}" for way in rng.choice(shown, FAULTY[bodies], replace=False)]
    rest = faulty + ["good"] * GOOD_AMONG[bodies]
    rng.shuffle(rest)
    settings = random_clip_settings(
        [seed, number, 13],
        exercise,
        parse(f"good*{GOOD_FIRST[bodies]}," + ",".join(rest), exercise),
        view_deg=view_deg if rng.random() < 0.5 else -view_deg,
        bodies=BODIES[bodies],
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(dataclasses.replace(settings, lost=0.0, late_s=0.0))


def _truth(clip: SyntheticClip) -> dict[str, Any]:
    return {
        "exercise": clip.settings.exercise,
        "view_deg": clip.settings.camera.azimuth_deg,
        "body": clip.settings.body,
        "reps": [dataclasses.asdict(rep) for rep in clip.movement.reps],
    }
