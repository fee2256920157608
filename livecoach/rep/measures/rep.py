"""All measures of a rep that an exercise's faults are told from."""

import math

import numpy as np

from livecoach.rep import phases
from livecoach.rep.measures.faults import FaultTable
from livecoach.rep.measures.motion import DorsalProfile, Rep, RepMotion
from livecoach.rep.measures.registry import MEASURES

FPS_OFF = 0.01
"""What is called 24 frames a second may be 23.976."""


def measured(
    motion: RepMotion, table: FaultTable, previous: RepMotion | None = None, back: DorsalProfile | None = None
) -> dict[str, float]:
    """Measure → value, NaN where it can't be had: a landmark unknown, no travel, a frame rate too low, no `back`.

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
    """As `measured`, of a rep whose phases were found before; None: it has none, and nothing can be measured."""
    values = dict.fromkeys(table.signs, math.nan)
    if found is None:
        return values
    rep = Rep(motion=motion, phases=found, previous=previous, back=back)
    with np.errstate(invalid="ignore", divide="ignore"):
        return values | {name: MEASURES[name].take(rep) for name in _told_at(table, motion.fps)}


def phases_of(motion: RepMotion, table: FaultTable) -> phases.Phases | None:
    """Phases of the rep; None where none can be told."""
    if table.travel == "bar":
        return phases.of_deadlift(motion.t_s, motion.bar_height, motion.knee_height, motion.start, motion.stop)
    return phases.of_squat(motion.t_s, motion.hip_height, motion.start, motion.stop)


def _told_at(table: FaultTable, fps: float) -> list[str]:
    """Measures of the faults that can be told at that many frames a second, each once."""
    faults = [fault for fault in table.faults.values() if fps * (1 + FPS_OFF) >= fault.min_fps]
    return list(dict.fromkeys(sign.measure for fault in faults for sign in fault.signs))
