"""Shared parts of generating synthetic reps: how sets are filmed, and how reps are cut out of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from livecoach.synth.motion.faults import FAULT_VARIANTS
from livecoach.synth.motion.tokens import GOOD, Token, parse
from livecoach.synth.sets import SetArrays
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation, RepWindow, View

FAULTY = 8
"""Number of bad reps in a set of good and bad ones."""
KNOBS = (0.35, 1.0)
FPS = (24.0, 25.0, 30.0, 30.0, 30.0, 30.0, 60.0)
MOST_VIEW_DEG = 98.0
"""Largest azimuth: reps filmed from behind are not judged."""
PLACED_DEG = 5.0
"""Largest change of the camera's azimuth between sets, in either direction."""
READ_DEG = 5.0
"""Standard deviation of the error of an estimated azimuth."""
SAME_PLACE_READ_DEG = 1.5
"""By how much the estimated azimuths of two sets before one camera differ: standard deviation."""
FOUND_S = ((0.75, 0.03), (0.22, 0.07), (0.03, 0.3))
"""Errors of boundaries: probability and standard deviation. With these, the durations within a set vary as those of
rendered and real reps do."""
MARGIN_S = 1.0
LEAST_SEEN = 0.7
"""Smallest share of a rep's frames with a pose; below it, the pipeline does not judge the rep."""


def fault_sets(
    motion: str, faults: Collection[str], rng: np.random.Generator, *, good_first: int, good_among: int
) -> Iterator[tuple[Token, ...]]:
    """Yield sets in which every variant of these faults occurs once, if the synthetic lifter has it.

    Each set begins with `good_first` good reps; `good_among` more stand among its bad ones.
    """
    ways = [f"{fault}.{way}" for fault, by_way in FAULT_VARIANTS[motion].items() if fault in faults for way in by_way]
    rng.shuffle(ways)
    for first in range(0, len(ways), FAULTY):
        items = [f"{way}:{rng.uniform(*KNOBS):.2f}" for way in ways[first : first + FAULTY]] + ["good"] * good_among
        rng.shuffle(items)
        yield (GOOD,) * good_first + parse(",".join(items), motion)


def found_rep(rng: np.random.Generator, rep: TrueRep) -> TrueRep:
    """Return the rep with boundary errors like the pipeline's, keeping their order."""
    chances, spreads_s = zip(*FOUND_S, strict=True)
    off_s = rng.normal(0, 1, 3) * rng.choice(spreads_s, 3, p=chances)
    room_s = 0.4 * min(rep.turn_s - rep.start_s, rep.end_s - rep.turn_s)
    start_s, turn_s, end_s = np.clip(off_s, (-MARGIN_S, -room_s, -room_s), (room_s, room_s, MARGIN_S)).tolist()
    return replace(rep, start_s=rep.start_s + start_s, turn_s=rep.turn_s + turn_s, end_s=rep.end_s + end_s)


def window_of(
    made: SetArrays, seen: tuple[np.ndarray, np.ndarray, np.ndarray], rep: TrueRep, view_deg: float
) -> RepWindow | None:
    """Return the window of a rep; None if the lifter is lost in too many of its frames.

    seen: landmarks in the picture (T, 33, 4) and in the world (T, 33, 3), and in which frames the lifter is lost (T,).
    view_deg: azimuth that the pipeline estimates.
    """
    image, world, lost = seen
    near = np.flatnonzero((made.t_s >= rep.start_s - MARGIN_S) & (made.t_s <= rep.end_s + MARGIN_S))
    frames = [i for i in near.tolist() if not lost[i]]
    if len(frames) < LEAST_SEEN * len(near):
        return None
    return RepWindow(
        observations=_observations(made, image, world, frames),
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=View(name="oblique", azimuth_deg=(view_deg + 180) % 360 - 180, uncertainty_deg=READ_DEG),
        set_name="1",
        pose="lite",
    )


def _observations(
    made: SetArrays, image: np.ndarray, world: np.ndarray, frames: Sequence[int]
) -> tuple[Observation, ...]:
    """Return the observations of some frames of a set with replaced landmarks."""
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
