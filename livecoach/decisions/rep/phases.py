"""Detects the phases of a rep: for example, when the bar leaves the floor, passes the knees and is locked out.

Phases are detected on the rep's height curve, with hysteresis: a phase has begun once LEFT_SHARE of the travel is done,
and is then extended outwards to where the movement is slow. A threshold on the travel alone would be late, and a
threshold on the speed alone would be triggered by jitter.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

Travel = Literal["bar", "hips", "raised_bar", "lowered_bar"]
"""The part that travels in a rep, and how: a "bar" is pulled off the floor and lowered again, a "raised_bar" is raised
from the shoulders or from hanging arms, a "lowered_bar" goes down first, and "hips" go down first, as in a squat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _TravelKind:
    """The properties of a rep that follow from the part that travels, such as the hips or the bar."""

    of_hands: bool  # Whether the hands, which hold the bar, lead the rep; otherwise the hips lead
    up_first: bool  # Whether the rep begins with the ascent, and not with the descent
    rest: str  # Name of the place where a rep begins and ends


KINDS: dict[Travel, _TravelKind] = {
    "bar": _TravelKind(of_hands=True, up_first=True, rest="floor"),
    "raised_bar": _TravelKind(of_hands=True, up_first=True, rest="start"),
    "lowered_bar": _TravelKind(of_hands=True, up_first=False, rest="top"),
    "hips": _TravelKind(of_hands=False, up_first=False, rest="standing"),
}


LEFT_SHARE = 0.04  # Share of the travel beyond which an end is left or reached. Estimated wrists jitter by 1-2 % of it.
SLOW = 0.12  # Share of a phase's top speed below which the phase has not begun, or has ended
CLIMBED = 0.2  # Share of the travel that the last climb to lockout covers: a bar lost in the ascent was not locked out
LEAST_FRAMES = 6  # Least frames of a rep
LEAST_TRAVEL = 0.1  # Least travel of a rep, in torso lengths: a hand's width


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The phases of a rep, in frames of its motion."""

    ascent: tuple[int, int]  # From lift-off to lockout; if down first, from the bottom to the top
    descent: tuple[int, int]  # The lowering, or the last frame twice without a lowering; if down first, top to bottom
    turn: int  # Highest (up first) or lowest (down first) frame
    knee_pass: float  # Fractional frame at which a rising bar passes the knees; NaN if it does not, or if down first
    top: tuple[int, int]
    """First and last frame at the top. Up first: from lockout to the beginning of the lowering; down first: from the
    end of the ascent until the next descent begins."""

    @property
    def lift_frames(self) -> tuple[int, int]:
        """The first and the last frame of the lift, out and back. Without a lowering, the lift ends with the motion."""
        return min(self.ascent[0], self.descent[0]), max(self.ascent[1], self.descent[1])


def detect_phases(
    travel: Travel, t_s: np.ndarray, height: np.ndarray, knee: np.ndarray, start: int, end: int
) -> Phases | None:
    """Detect the phases of a rep. A bar that goes up first need not come down again.

    The turn lies in the frames from `start` to before `end`. Phases may also begin or end in the margin around them.

    Args:
        t_s: (T,) times.
        height: (T,) height of mid-wrist or mid-hip, whichever leads the rep, in torso lengths, smoothed.
        knee: (T,) height of mid-knee in torso lengths, smoothed.

    Returns:
        The phases; None if `start` and `end` are fewer than LEAST_FRAMES apart, if a value of `height` is unknown, or
        if the ascent, or the descent of a rep that goes down first, covers less than LEAST_TRAVEL.
    """
    if end - start < LEAST_FRAMES or not np.isfinite(height).all():
        return None
    return _up_first(t_s, height, knee, start, end) if KINDS[travel].up_first else _down_first(t_s, height, start, end)


def _up_first(t_s: np.ndarray, bar: np.ndarray, knee: np.ndarray, start: int, end: int) -> Phases | None:
    top = start + int(np.argmax(bar[start:end]))
    low = bar[: top + 1].min()
    rise, fall = bar[top] - low, bar[top] - bar[top:].min()
    if rise < LEAST_TRAVEL:
        return None
    speed = curve_speed(t_s, bar)
    climb = _last(bar[: top + 1] <= low + CLIMBED * rise)
    last_climb = _last(bar[: top + 1] <= bar[top] - CLIMBED * rise)
    off = _last(bar[: climb + 1] <= low + LEFT_SHARE * rise)
    locked = last_climb + _first(bar[last_climb : top + 1] >= bar[top] - LEFT_SHARE * rise)
    up_speed = speed[off : locked + 1].max()
    lift_off = _back_while(speed > SLOW * up_speed, off)
    lockout = min(_on_while(speed > SLOW * up_speed, locked), top)
    lowered = _lowering(bar, speed, top) if fall >= LEAST_TRAVEL else (len(bar) - 1, len(bar) - 1)
    leaves = max(lowered[0], lockout)
    return Phases(
        ascent=(lift_off, lockout),
        descent=(leaves, lowered[1]),
        turn=top,
        knee_pass=crossing_frame(bar - knee, 0.0, lift_off, lockout),
        top=(lockout, leaves),
    )


def _lowering(bar: np.ndarray, speed: np.ndarray, top: int) -> tuple[int, int]:
    low = bar[top:].min()
    fall = bar[top] - low
    leaves = top + _last(_still_above(bar[top:], bar[top] - LEFT_SHARE * fall))
    down = top + _first(bar[top:] <= low + LEFT_SHARE * fall)
    fastest = (-speed[leaves : down + 1]).max()
    return _back_while(-speed > SLOW * fastest, leaves), _on_while(-speed > SLOW * fastest, down)


def _down_first(t_s: np.ndarray, height: np.ndarray, start: int, end: int) -> Phases | None:
    turn = start + int(np.argmin(height[start:end]))
    top, top_after = height[: turn + 1].max(), height[turn:].max()
    fall, rise = top - height[turn], top_after - height[turn]
    if min(rise, fall) < LEAST_TRAVEL:
        return None
    speed = curve_speed(t_s, height)
    half = _last(height[: turn + 1] >= top - fall / 2)
    bent = _last(height[: half + 1] >= top - LEFT_SHARE * fall)
    down = bent + _first(height[bent : turn + 1] <= height[turn] + LEFT_SHARE * fall)
    off = turn + _last(_still_above(-height[turn:], -height[turn] - LEFT_SHARE * rise))
    stood = turn + _first(height[turn:] >= top_after - LEFT_SHARE * rise)
    down_speed, up_speed = (-speed[bent : down + 1]).max(), speed[off : stood + 1].max()
    bottom = min(_on_while(-speed > SLOW * down_speed, down), turn)
    back = _on_while(speed > SLOW * up_speed, stood)
    stays = _first(np.append(height[back:] < top_after - LEFT_SHARE * rise, True))
    return Phases(
        ascent=(max(_back_while(speed > SLOW * up_speed, off), turn), back),
        descent=(_back_while(-speed > SLOW * down_speed, bent), bottom),
        turn=turn,
        knee_pass=math.nan,
        top=(back, back + max(stays - 1, 0)),
    )


def curve_speed(t_s: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Return the (T,) change of a curve per second, below 0 where the curve falls.

    The changes are central differences, and both ends repeat their neighbours: T is at least 3.
    """
    speed = np.empty_like(curve)
    speed[1:-1] = (curve[2:] - curve[:-2]) / (t_s[2:] - t_s[:-2])
    speed[0], speed[-1] = speed[1], speed[-2]
    return speed


def crossing_frame(curve: np.ndarray, level: float, first: int, last: int) -> float:
    """Return the fractional frame at which a curve (T,) first rises to a level.

    The result is NaN if the curve is at the level or above at the frame `first`, or stays below up to the frame `last`.
    """
    above = curve[first : last + 1] >= level
    if above[0] or not above.any():
        return math.nan
    at = first + int(np.argmax(above))
    return at - float((curve[at] - level) / (curve[at] - curve[at - 1]))


def _still_above(curve: np.ndarray, level: float) -> np.ndarray:
    """Return where a curve is above a level, until half way down to its lowest: later frames are another movement."""
    half = _first(curve <= (curve[0] + curve.min()) / 2)
    return curve[: half + 1] >= level


def _first(true: np.ndarray) -> int:
    return int(np.argmax(true))


def _last(true: np.ndarray) -> int:
    return len(true) - 1 - int(np.argmax(true[::-1]))


def _back_while(moving: np.ndarray, frame: int) -> int:
    while frame > 0 and moving[frame]:
        frame -= 1
    return frame


def _on_while(moving: np.ndarray, frame: int) -> int:
    while frame < len(moving) - 1 and moving[frame]:
        frame += 1
    return frame
