"""Squats of synthetic lifters, good and bad, as the pose estimator sees them around their deepest frame."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from livecoach.lab.processes import Progress, in_order, share_of
from livecoach.lab.squat_picture import frames
from livecoach.lab.squat_picture.frames import GOOD, SquatFrames, frames_of
from livecoach.lab.synthetic_windows import MOST_VIEW_DEG, PLACED_DEG
from livecoach.synth.motion.faults import FAULT_VARIANTS
from livecoach.synth.motion.tokens import Token, parse
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.synth.truth import TrueRep

EXERCISE = "squat"
FAULTY, GOOD_REPS = 9, 5
"""Bad and good reps of a set."""
KNOBS = (0.65, 1.0)
"""With less, most reps show a fault that is too small to be called bad or good."""
BAD = 0.5
"""True severity from which a rep is bad. What has a fault under it, seen or not, is neither good nor bad."""
FPS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SquatRequest:
    """The squats to make."""

    bodies: str
    """Group of bodies: training or judging."""
    seed: int
    lifters: int
    sets: int = 1
    """Sets of each lifter, before one camera."""


def kept_squats(wanted: SquatRequest, cache: Path, jobs: int, progress: Progress) -> tuple[SquatFrames, Path]:
    """Return the squats and the file that keeps them; they are made where it is not there."""
    path = cache / ("-".join(map(str, asdict(wanted).values())) + ".npz")
    if path.is_file():
        return frames.load(path), path
    of_lifters = share_of(progress, f"lifters of {wanted.bodies}", wanted.lifters)
    every = in_order(partial(_of_lifter, wanted), range(wanted.lifters), jobs, of_lifters)
    made = frames.joined([squats for squats in every if squats is not None])
    frames.save(made, path)
    return made, path


def _of_lifter(wanted: SquatRequest, number: int) -> SquatFrames | None:
    """Return the squats of a lifter; None where none of them is seen, or surely good or bad."""
    name = f"{wanted.bodies}-{wanted.seed}-{number}"
    found = [
        (joints, label, name, abs(made.settings.view_deg))
        for made in sets_of(wanted, number)
        for rep in made.reps
        if (label := label_of(rep)) is not None
        and (joints := frames_of(made.observations, rep.start_s, rep.end_s)) is not None
    ]
    if not found:
        return None
    joints, labels, lifters, azimuths_deg = zip(*found, strict=True)
    return SquatFrames(
        joints=np.array(joints),
        labels=np.array(labels),
        lifters=np.array(lifters),
        azimuths_deg=np.array(azimuths_deg),
    )


def sets_of(wanted: SquatRequest, number: int) -> Iterator[SyntheticSet]:
    """Yield the sets of one lifter: good and bad squats in random order, from any side but not from behind."""
    rng = np.random.default_rng((wanted.seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    for index in range(wanted.sets):
        request = SetRequest(
            exercise=EXERCISE,
            bodies=wanted.bodies,
            lifter=wanted.seed * 10_000 + number,
            view_deg=float(view_deg + rng.uniform(-PLACED_DEG, PLACED_DEG)),
            fps=FPS,
            lost=0.0,
            tokens=_tokens(rng),
        )
        yield random_set((wanted.seed, number, index), request)


def label_of(rep: TrueRep) -> str | None:
    """Return GOOD or the name of the worst fault; None where a fault is too small to call the rep bad."""
    if not rep.faults and not any(rep.severities.values()):
        return GOOD
    worst = max(rep.severities, key=lambda name: rep.severities[name], default=None)
    return worst if worst is not None and rep.severities[worst] >= BAD else None


def _tokens(rng: np.random.Generator) -> tuple[Token, ...]:
    ways = [f"{fault}.{way}" for fault, by_way in FAULT_VARIANTS[EXERCISE].items() for way in by_way]
    items = [f"{way}:{rng.uniform(*KNOBS):.2f}" for way in rng.choice(ways, FAULTY, replace=False)]
    items += [GOOD] * GOOD_REPS
    rng.shuffle(items)
    return parse(",".join(items), EXERCISE)
