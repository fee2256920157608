"""Computes the tempo of a rep: the durations of its phases, the bar's speed, and the velocity loss over a set.

The speed is the mean over the whole ascent (González-Badillo and Sánchez-Medina, Int J Sports Med 31:347, 2010). The
loss compares the latest rep with the set's fastest rep (Sánchez-Medina and González-Badillo, Med Sci Sports Exerc
43:1725, 2011).
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.core.types import MeasuredFrom, Pace, SetSummary
from livecoach.core.types.message import Message
from livecoach.decisions.rep.measures import RepMotion, load_faults
from livecoach.decisions.rep.phases import KINDS, Phases, Travel

TORSO_OF_STATURE = 0.27
"""Length from mid-hip to mid-shoulder, where BlazePose puts them, as a share of the stature: mean of the synthetic
bodies. The .288 of Drillis and Contini (1966) goes up to the acromion, which is higher."""
TempoPart = Literal["up", "top", "down", "bottom"]
TEMPO: dict[TempoPart, str] = {"up": "up", "top": "pause at the top", "down": "down", "bottom": "pause at the bottom"}
TYPICAL_HEIGHT_CM = 170.0  # Assumed stature of a lifter of unknown height, for values that are reported as estimates


@cache
def tempo_order(exercise: str | None) -> tuple[TempoPart, ...]:
    """Return the timed parts of an exercise's reps in the order of the lift; empty for an unknown exercise."""
    try:
        travel = load_faults(exercise or "").travel
    except ConfigError:
        return ()
    return ("up", "top", "down") if KINDS[travel].up_first else ("down", "bottom", "up")


def tempo(of: Pace | SetSummary | None, exercise: str | None) -> dict[TempoPart, Message]:
    """Return the known durations of a rep, or the medians of a set, in words and in the order of the lift."""
    if of is None:
        return {}
    lasted_s = {"up": of.concentric_s, "top": of.pause_s, "bottom": of.pause_s, "down": of.eccentric_s}
    known = ((part, time_s) for part in tempo_order(exercise) if (time_s := lasted_s[part]) is not None)
    return {part: Message("{text} {n} s", text=TEMPO[part], n=f"{time_s:.1f}") for part, time_s in known}


def torso_m(height_cm: float) -> float:
    """Return the usual length of the torso for a stature, in metres."""
    return TORSO_OF_STATURE * height_cm / 100


def pace(motion: RepMotion, height_cm: float | None = None) -> Pace | None:
    """Compute the pace of a rep, without its velocity loss.

    Args:
        height_cm: The lifter's stature; None for a pace in torsos.

    Returns:
        The pace; None if no phases could be detected, or nothing rises.
    """
    if motion.detected is None:
        return None
    scale_m = None if height_cm is None else torso_m(height_cm)
    return pace_of(motion.t_s, motion.leading_height, motion.detected, travel=motion.travel, scale_m=scale_m)


def pace_of(
    t_s: np.ndarray,
    height: np.ndarray,
    phases: Phases,
    *,
    travel: Travel,
    scale_m: float | None,
    measured_from: MeasuredFrom = "body",
) -> Pace | None:
    """Compute the pace of a rep from a height, without its velocity loss; None if nothing rises.

    Args:
        t_s: (T,) rising times.
        height: (T,) height of the bar or the hips.
        scale_m: Unit of the height in metres; None if it is in torsos.
        measured_from: The bar or the body, on which the height was measured.
    """
    unit = 1.0 if scale_m is None else scale_m
    off, stood = phases.ascent
    concentric_s = float(t_s[stood] - t_s[off])
    rise = float(height[stood] - height[off])
    if concentric_s <= 0 or not rise > 0:
        return None
    turn = phases.top if KINDS[travel].up_first else (phases.descent[1], phases.ascent[0])
    first, last = phases.whole
    whole = height[first : last + 1]
    speed = rise * unit / concentric_s
    return Pace(
        concentric_s=concentric_s,
        pause_s=float(t_s[turn[1]] - t_s[turn[0]]),
        eccentric_s=float(t_s[phases.descent[1]] - t_s[phases.descent[0]]),
        speed=speed,
        speed_unit="torso/s" if scale_m is None else "m/s",
        travel=float(whole.max() - whole.min()) * unit,
        travel_unit="torso" if scale_m is None else "m",
        velocity_loss=0.0,
        measured_from=measured_from,
    )


def velocity_loss(speeds: Sequence[float]) -> float:
    """Return the share by which the last rep is slower than the fastest rep, 0…1.

    Args:
        speeds: Speeds above 0 of at least one rep, in the same unit.
    """
    return 1.0 - speeds[-1] / max(speeds)
