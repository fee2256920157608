"""Render random sets, each as an MP4 file, and its truth as JSON.

    python scripts/synth/render_sets.py --sets 40 --seed 1 --out /tmp/sets --jobs 2
    python scripts/synth/render_sets.py --no-reps --hard --bodies judging --out /tmp/none     # 15 minutes

Deadlift and squat alternate, or the lifts of --exercises. Sets have 3 to 12 reps, half of them good, views of 0 to 60
degrees on either side (--views), other movements around some reps and between some, and other people in some sets
(--people). livecoach.lab.synth.synthetic_sets draws camera, room, clothes and light. Set k of a seed is always the
same. Existing sets are kept, so that a stopped run can resume. For fitting the noise model: --landmarks, and
--views -90 90.

--no-reps: sets without reps, which last --minutes in all; --hard: most movements are from HARD_OTHERS, which are most
like reps.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
from command import not_negative, parser, positive, run

from livecoach.lab.processes import JobRunner
from livecoach.lab.synth.figure.body_mesh import JUDGING, TRAINING
from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.synth.motion.tokens import random_movements, random_tokens
from livecoach.lab.synth.synthetic_set import SetSettings, SyntheticSet, make_set, write_video
from livecoach.lab.synth.synthetic_sets import random_settings

REPS = (3, 12)
VIEWS_DEG = (-60.0, 60.0)
BODIES = {"training": TRAINING, "judging": JUDGING}
DISTURBED = 0.5  # probability of another movement before and after a set; a sixth of it after each rep


class Set(NamedTuple):
    """A set to render."""

    path: Path
    settings: SetSettings
    landmarks: bool


def settings_of(arguments: argparse.Namespace, number: int) -> SetSettings:
    """Return the settings of a set by its number, from 0."""
    exercise = arguments.exercises[number % len(arguments.exercises)]
    rng = np.random.default_rng([arguments.seed, number, 1])
    if arguments.no_reps:
        tokens = random_movements(rng, exercise, hard=arguments.hard)
    else:
        tokens = random_tokens(rng, exercise, tuple(arguments.reps), idle=DISTURBED, people=arguments.people)
    return random_settings(
        [arguments.seed, number], exercise, tokens, view_deg=tuple(arguments.views), bodies=BODIES[arguments.bodies]
    )


def all_sets(arguments: argparse.Namespace) -> Iterator[Set]:
    """Yield the requested sets: --sets sets, or sets without reps that last --minutes in all."""
    left_s = 60 * arguments.minutes
    for k in count() if arguments.no_reps else range(arguments.sets):
        if arguments.no_reps and left_s <= 0:
            return
        settings = settings_of(arguments, k)
        kind = "none" if arguments.no_reps else "set"
        yield Set(arguments.out / f"{kind}_{k:03d}_{settings.exercise}.mp4", settings, arguments.landmarks)
        if arguments.no_reps:
            left_s -= duration_s(make_set(settings))


def render(sets: list[Set], number: int) -> None:
    """Render one of the sets, and print a line about it."""
    item = sets[number]
    made = make_set(item.settings)
    frames = write_video(made, item.path, landmarks=item.landmarks)
    facts = f"{len(made.reps)} reps, {frames} frames, {duration_s(made):.1f} s"
    view = f"{item.settings.camera.azimuth_deg:g} degrees"
    print(f"{number + 1}/{len(sets)} {item.path.name}: {facts}, {view}", flush=True)


def duration_s(made: SyntheticSet) -> float:
    return len(made.movement.landmarks) / made.settings.camera.fps


def read_options() -> argparse.Namespace:
    """Parse the command line."""
    options = parser(__doc__)
    options.add_argument("--sets", type=positive, default=40)
    options.add_argument("--no-reps", action="store_true", help="sets without a rep, in place of --sets")
    options.add_argument("--hard", action="store_true", help="without reps: mostly movements that resemble reps")
    options.add_argument("--minutes", type=positive, default=15, help="of sets without reps")
    options.add_argument("--seed", type=not_negative, default=0)
    options.add_argument(
        "--views", type=float, nargs=2, default=VIEWS_DEG, metavar=("FROM", "TO"), help="azimuths, degrees"
    )
    options.add_argument("--reps", type=positive, nargs=2, default=REPS, metavar=("FROM", "TO"), help="reps of a set")
    options.add_argument("--bodies", choices=BODIES, default="training")
    options.add_argument("--exercises", choices=EXERCISES, nargs="+", default=["deadlift", "squat"], metavar="E")
    options.add_argument("--people", type=float, default=0.2, help="probability of somebody else in a set")
    options.add_argument("--landmarks", action="store_true", help="landmarks of each frame in the truth")
    options.add_argument("--out", type=Path, required=True, help="folder")
    options.add_argument("--jobs", type=positive, default=1, help="processes")
    arguments = options.parse_args()
    if arguments.hard and not arguments.no_reps:
        options.error("--hard goes with --no-reps")
    return arguments


def main() -> None:
    arguments = read_options()
    sets = list(all_sets(arguments))
    missing = [item for item in sets if not (item.path.exists() and item.path.with_suffix(".json").exists())]
    if len(missing) < len(sets):
        print(f"{len(sets) - len(missing)} of {len(sets)} sets are there already")
    runner = JobRunner(arguments.out, arguments.jobs, lambda *_: None)
    runner.map(partial(render, missing), range(len(missing)), "sets", fresh=True)


if __name__ == "__main__":
    run(main)
