"""All measures of a rep that the faults of an exercise need."""

import math

import numpy as np

from livecoach.rep import phases
from livecoach.rep.measures import lunge
from livecoach.rep.measures.faults import FaultTable
from livecoach.rep.measures.motion import DorsalProfile, Rep, RepMotion
from livecoach.rep.measures.registry import MEASURES
from livecoach.rep.travel import KINDS

FPS_OFF = 0.01
"""Tolerance of a frame rate: nominal 24 frames a second may be 23.976."""


def measured(
    motion: RepMotion, table: FaultTable, previous: RepMotion | None = None, back: DorsalProfile | None = None
) -> dict[str, float]:
    """Return measure → value, NaN where it can't be measured: a landmark unknown, no travel, a frame rate too low, no
    `back`.

    previous: the rep before, in the same frame of reference, for what changes between reps.
    """
    return measured_in(motion, phases_of(motion, table), table, previous=previous, back=back)


def measured_in(
    motion: RepMotion,
    found: phases.Phases | None,
    table: FaultTable,
    *,
    previous: RepMotion | None = None,
    back: DorsalProfile | None = None,
) -> dict[str, float]:
    """Return the same as `measured`, for a rep whose phases were detected before; None: it has none, and nothing can be
    measured."""
    values = dict.fromkeys(table.signs, math.nan)
    if found is None:
        return values
    rep = Rep(motion=motion, phases=found, previous=previous, back=back)
    with np.errstate(invalid="ignore", divide="ignore"):
        return values | {name: MEASURES[name].take(rep) for name in _told_at(table, motion.fps)}


def front_of(motion: RepMotion, found: phases.Phases | None, table: FaultTable) -> lunge.Front | None:
    """Return which leg is in front; None where the exercise has none in front, or it can't be told."""
    if found is None or table.legs == "alike":
        return None
    return lunge.front_leg(Rep(motion=motion, phases=found, previous=None, back=None))


def phases_of(motion: RepMotion, table: FaultTable) -> phases.Phases | None:
    """Detect the phases of the rep; None where there are none."""
    kind = KINDS[table.travel]
    height = motion.bar_height if kind.of_hands else motion.hip_height
    if kind.up_first:
        return phases.up_first(motion.t_s, height, motion.knee_height, motion.start, motion.stop)
    return phases.down_first(motion.t_s, height, motion.start, motion.stop)


def _told_at(table: FaultTable, fps: float) -> list[str]:
    """Return the measures of the faults that can be detected at that frame rate, each once."""
    faults = [fault for fault in table.faults.values() if fps * (1 + FPS_OFF) >= fault.min_fps]
    return list(dict.fromkeys(sign.measure for fault in faults for sign in fault.signs))
