"""Rendered sets with faults after good reps, as the pose estimator sees them.

    python scripts/rendered_sets.py --bodies judging --seed 21 --sets 44 --cache DIR

Deadlift and squat alternate; each set is one body and one view, 0 to 90 degrees on either side, 640x480 at 25 frames a
second. Good reps come first, then faults that the view shows and further good reps in random order. DIR keeps what
BlazePose saw of each set, with the person mask, and the truth of its reps.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.documents import codec
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.observer import Observer
from livecoach.synth.clip import Clip, make_clip
from livecoach.synth.figure.body import JUDGING, TRAINING
from livecoach.synth.motion.faults import EXERCISES, WAYS
from livecoach.synth.motion.tokens import parse
from livecoach.synth.truth import TrueFault, TrueRep
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Frame, Observation

FPS, SIZE_PX = 25.0, (640, 480)
BODIES = {"training": TRAINING, "judging": JUDGING}
GOOD_FIRST = {"training": 5, "judging": 2}
FAULTY = {"training": 3, "judging": 4}
GOOD_AMONG = {"training": 1, "judging": 3}
KNOBS = (0.65, 1.0)
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
}
"""Azimuths from which somebody can see each fault, degrees from the front: set before anything was measured."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RenderedSet:
    """One set."""

    name: str
    exercise: str
    view_deg: float
    """Signed azimuth of the camera."""
    body: str
    observations: Sequence[Observation]
    reps: Sequence[TrueRep]


def rendered_set(bodies: str, seed: int, number: int, cache: Path, pose: str = "lite") -> RenderedSet:
    """Set `number` of a seed; it is rendered where the cache does not have it."""
    name = f"{bodies}_{seed}_{number:03d}"
    path, truth_path = cache / f"{name}_{pose}.obs", cache / f"{name}.json"
    if not (path.is_file() and truth_path.is_file()):
        cache.mkdir(parents=True, exist_ok=True)
        _make(_clip(bodies, seed, number), path, truth_path, pose)
    truth = json.loads(truth_path.read_text(encoding="utf-8"))
    with path.open("rb") as file:
        observations = [codec.decode(record) for record in codec.read_records(file)]
    reps = tuple(TrueRep(**{**rep, "faults": tuple(TrueFault(**f) for f in rep["faults"])}) for rep in truth["reps"])
    return RenderedSet(
        name=name,
        exercise=truth["exercise"],
        view_deg=truth["view_deg"],
        body=truth["body"],
        observations=observations,
        reps=reps,
    )


def _clip(bodies: str, seed: int, number: int) -> Clip:
    rng = np.random.default_rng((seed, number, 13))
    exercise = EXERCISES[number % len(EXERCISES)]
    view_deg = round(float(rng.uniform(0, 90)), 1)
    shown = [
        f"{fault}.{way}"
        for fault, (low, high) in SHOWN_DEG[exercise].items()
        if low <= view_deg <= high
        for way in WAYS[exercise][fault]
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


def _make(clip: Clip, path: Path, truth_path: Path, pose: str) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(b"".join(codec.record(codec.encode(one)) for one in _observed(clip, pose)))
    part.rename(path)
    truth: dict[str, Any] = {
        "exercise": clip.settings.exercise,
        "view_deg": clip.settings.camera.azimuth_deg,
        "body": clip.settings.body,
        "reps": [dataclasses.asdict(rep) for rep in clip.movement.reps],
    }
    truth_path.write_text(json.dumps(truth), encoding="utf-8")


def _observed(clip: Clip, pose: str) -> Iterator[Observation]:
    estimator = BlazePose(pose)
    try:
        observer = Observer(estimator)
        with clip.renderer() as renderer:
            for i in range(clip.frames):
                yield observer.observe(Frame(index=i, t_s=i / FPS, picture=renderer.draw(i)))
    finally:
        estimator.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", choices=BODIES, default="judging")
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--sets", type=int, default=44)
    parser.add_argument("--pose", default="lite")
    parser.add_argument("--cache", type=Path, required=True)
    asked = parser.parse_args()
    for number in range(asked.sets):
        made = rendered_set(asked.bodies, asked.seed, number, asked.cache, asked.pose)
        bad = [f"{rep.fault}:{max(rep.severities.values(), default=0):.2f}" for rep in made.reps if rep.faults]
        print(f"{made.name} {made.exercise} {made.view_deg:+.0f}° {len(made.observations)} frames, {' '.join(bad)}")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
