"""Rendered sets as the pose estimator sees them: what scripts/train_lift.py --rendered learns from beside motion.

    python scripts/lift_rendered.py --sets 36 --seed 6301 --cache DIR                     # as shipped: these,
    python scripts/lift_rendered.py --sets 26 --seed 6302 --views 55 105 --cache DIR      # these
    python scripts/lift_rendered.py --sets 25 --seed 6303 --views -105 -55 --cache DIR    # and these

Deadlift and squat alternate; training bodies, what is done as in the sets of motion
(lift_examples.py), somebody else in a sixth of the sets with reps. DIR keeps what BlazePose saw of each set and its
truth; sets that are there already are left as they are, so that a run can go on where one was stopped.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from lift_examples import MOST_VIEW_DEG, Example, labelled, tokens_of

from livecoach.config.exercise import Exercise
from livecoach.documents import codec
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.observer import Observer
from livecoach.synth.clip import Clip, make_clip
from livecoach.synth.figure.body import TRAINING
from livecoach.synth.motion.faults import EXERCISES
from livecoach.synth.motion.tokens import PEOPLE, Token
from livecoach.synth.truth import Event, TrueFault, TrueRep, as_json
from livecoach.synth.variety import random_clip_settings
from livecoach.types import Frame, Observation

RATES_FPS = (12.0, 15.0, 20.0, 25.0)
"""A frame takes as long to draw and to look at whatever the rate; counting smooths by time."""
OTHERS = 1 / 6
"""Probability of somebody else in a set with reps."""


def clip_of(seed: int, views_deg: tuple[float, float], number: int) -> Clip:
    """Set `number` of a seed. views_deg: the range of the camera's azimuth."""
    rng = np.random.default_rng((seed, number, 78))
    exercise = EXERCISES[number % len(EXERCISES)]
    tokens = tokens_of(rng, number // len(EXERCISES), exercise)
    if rng.random() < OTHERS:
        at = int(rng.integers(1, len(tokens) + 1))
        tokens = (*tokens[:at], Token(PEOPLE[rng.integers(len(PEOPLE))]), *tokens[at:])
    settings = random_clip_settings(
        [seed, number, 78],
        exercise,
        tokens,
        view_deg=views_deg,
        bodies=TRAINING,
        fps=RATES_FPS[rng.integers(len(RATES_FPS))],
    )
    return make_clip(settings)


def make(seed: int, views_deg: tuple[float, float], cache: Path, number: int) -> str:
    """Draw a set and look at it, where the cache does not have it; what to say about it."""
    path = cache / f"{seed}_{number:03d}.obs"
    if not path.is_file():
        clip, part = clip_of(seed, views_deg, number), path.with_suffix(".part")
        truth = {
            "exercise": clip.settings.exercise,
            "view_deg": clip.settings.camera.azimuth_deg,
            "reps": as_json(clip.movement.reps),
            "events": as_json(clip.movement.events),
        }
        path.with_suffix(".json").write_text(json.dumps(truth), encoding="utf-8")
        part.write_bytes(b"".join(codec.frame(codec.encode(one)) for one in _observed(clip)))
        part.rename(path)
    return path.name


def examples(exercise: Exercise, cache: Path) -> list[list[Example]]:
    """The movements of each set of the cache; in sets of other exercises there is no rep of this one."""
    out = []
    for path in sorted(cache.glob("*.obs")):
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        faults = [tuple(TrueFault(**fault) for fault in rep["faults"]) for rep in truth["reps"]]
        reps = [TrueRep(**{**rep, "faults": of}) for rep, of in zip(truth["reps"], faults, strict=True)]
        events = [Event(**event) for event in truth["events"]]
        with path.open("rb") as file:
            observations = [codec.decode(record) for record in codec.read_records(file)]
        true = reps if truth["exercise"] == exercise.name else []
        out.append(list(labelled(observations, exercise, true, events)))
    return out


def _observed(clip: Clip) -> Iterator[Observation]:
    estimator, fps = BlazePose("lite"), clip.settings.camera.fps
    try:
        observer = Observer(estimator)
        with clip.renderer() as renderer:
            for i in range(clip.frames):
                yield observer.observe(Frame(index=i, t_s=i / fps, picture=renderer.draw(i)))
    finally:
        estimator.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=36)
    parser.add_argument("--seed", type=int, default=6301)
    parser.add_argument("--views", type=float, nargs=2, default=(-MOST_VIEW_DEG, MOST_VIEW_DEG), metavar=("FROM", "TO"))
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    asked.cache.mkdir(parents=True, exist_ok=True)
    # Each in a process of its own: OpenGL contexts do not survive a fork.
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        for done, name in enumerate(
            pool.map(partial(make, asked.seed, tuple(asked.views), asked.cache), range(asked.sets)), 1
        ):
            print(f"{done}/{asked.sets} {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
