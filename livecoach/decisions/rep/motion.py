"""Holds the landmarks of a rep in the lifter's frame, its phases, and the curves from which its measures are computed.

Phases, such as when the bar leaves the floor, passes the knees and is locked out, are detected on the rep's height
curve, with hysteresis: a phase has begun once LEFT_SHARE of the travel is done, and is then extended outwards to where
the movement is slow. A threshold on the travel alone would be late, and a threshold on the speed alone would be
triggered by jitter.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from livecoach.core import landmark
from livecoach.core.landmark import STATIONS
from livecoach.core.quantiles import median
from livecoach.perception.body.body import pair_middle

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
EARLIEST_S = 0.3
"""Longest time by which lift-off precedes the start of a rep, unless the bar then rises by more than CLIMBED:
nine in ten starts are more exact. Earlier, hands that take the bar were taken for the bar in a quarter of rendered
deadlifts."""
PAUSE_SHARE, PAUSE_S = 0.2, 0.5
"""Share of the travel within which a lifter who holds the turn may sink or rise, and least time in seconds of a hold.
The way back begins after the hold: a lifter who relaxes at lockout for eight seconds lowers the bar no more slowly."""
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
    def held(self) -> tuple[int, int]:
        """First and last frame at the turn: where the way out ends, and where the way back begins."""
        return self.top if self.ascent[0] < self.descent[0] else (self.descent[1], self.ascent[0])

    @property
    def lift_frames(self) -> slice:
        """The frames of the lift, out and back. Without a lowering, the lift ends with the motion."""
        return slice(min(self.ascent[0], self.descent[0]), max(self.ascent[1], self.descent[1]) + 1)


def detect_phases(
    travel: Travel, t_s: np.ndarray, height: np.ndarray, knee: np.ndarray, start: int, end: int
) -> Phases | None:
    """Detect the phases of a rep. A bar that goes up first need not come down again.

    The turn lies in the frames from `start` to before `end`. Phases may also begin or end in the margin around them.

    Args:
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
    lift_off = max(_back_while(speed > SLOW * up_speed, off), min(_first(t_s >= t_s[start] - EARLIEST_S), climb))
    lockout = min(_on_while(speed > SLOW * up_speed, locked), top)
    lowered = _way_back(-bar, -speed, t_s, top) if fall >= LEAST_TRAVEL else (len(bar) - 1, len(bar) - 1)
    leaves = max(lowered[0], lockout)
    return Phases(
        ascent=(lift_off, lockout),
        descent=(leaves, lowered[1]),
        turn=top,
        knee_pass=crossing_frame(bar - knee, 0.0, lift_off, lockout),
        top=(lockout, leaves),
    )


def _way_back(curve: np.ndarray, speed: np.ndarray, t_s: np.ndarray, turn: int) -> tuple[int, int]:
    """Return the first and the last frame of the way back from the turn, on which a curve rises; a hold is left out."""
    low, high = curve[turn], curve[turn:].max()
    rise = high - low
    half = turn + _first(curve[turn:] >= (low + high) / 2)  # Later frames are another movement
    leaves, is_away = (
        turn + _last(curve[turn : half + 1] <= low + share * rise) for share in (LEFT_SHARE, PAUSE_SHARE)
    )
    back = turn + _first(curve[turn:] >= high - LEFT_SHARE * rise)
    slow = SLOW * speed[leaves : back + 1].max()
    begins = _back_while(speed > slow, is_away)
    held_s = t_s[begins] - t_s[leaves]
    if held_s < PAUSE_S or curve[begins] - curve[leaves] > slow * held_s:
        begins = _back_while(speed > slow, leaves)
    return begins, _on_while(speed > slow, back)


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
    down_speed = (-speed[bent : down + 1]).max()
    bottom = min(_on_while(-speed > SLOW * down_speed, down), turn)
    off, back = _way_back(height, speed, t_s, turn)
    stays = _first(np.append(height[back:] < top_after - LEFT_SHARE * rise, True))
    return Phases(
        ascent=(max(off, turn), back),
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


SMOOTHED_S = 0.15  # Time in seconds of the running mean of heights, for phases and speeds; at least three frames

DorsalProfile = Callable[[np.ndarray], np.ndarray]
"""Frames (n,) of the motion → heights (n, 19) of the back's edge over the line from hips to shoulders, along its normal
on the dorsal side, in lengths of the standing torso, at `landmark.STATIONS`."""


@dataclass(kw_only=True, eq=False)  # without slots: some curves are cached
class RepMotion:
    """The landmarks of a rep, with a margin around the rep if available, and the curves computed from them.

    Letters stand for the middles of pairs of joints: S shoulders, H hips, K knees, A ankles, W wrists, T toes, F feet.
    """

    points: np.ndarray
    """(T, 33, 3) landmarks: x forward, y to the lifter's left, z up, floor near 0; in metres or any unit. NaN where
    unknown; every measure that needs the joint is then NaN, so fill short gaps first."""
    t_s: np.ndarray  # (T,) rising times
    torso_length: float  # Length from mid-hip to mid-shoulder of the standing lifter, in the unit of `points`
    inside: slice = field(default_factory=lambda: slice(0, None))
    """Frames of the rep. The other frames are a margin of a second on both sides, for measures on the floor."""
    travel: Travel  # Travel of the exercise, from FaultTable
    back: DorsalProfile | None = None  # None if unknown
    plate: np.ndarray | None = None
    """(T, 2) height and diameter of the bar's nearer plate in pixels; NaN where unknown, None if never detected."""
    heel: np.ndarray | None = None  # (T,) rise of a heel in torso lengths; NaN where unknown, None if always unknown

    # Computed from the fields above
    fps: float = field(init=False)  # Frame rate, from the median gap between frames
    middles: dict[str, np.ndarray] = field(init=False)
    """First letter of a pair of joints → (T, 3) middle between the left and the right joint. The pairs are shoulders,
    hips, knees, ankles, wrists and toes. "F" is the middle of the feet, heels to toes."""
    heights: dict[str, np.ndarray] = field(init=False)
    """Smoothed (T,) heights of mid-wrist (W), mid-hip (H), mid-knee (K) and mid-shoulder (S), in torso lengths."""
    detected_phases: Phases | None = field(init=False)  # Phases of the rep; None if they could not be detected
    trunk_lean_deg: np.ndarray = field(init=False)
    """(T,) angle between the line from hips to shoulders and the vertical, positive forward."""
    hip_angle_deg: np.ndarray = field(init=False)
    """(T,) angle shoulder-hip-knee from the side; above 180 if the hips are bent backwards."""
    knee_angle_deg: np.ndarray = field(init=False)
    """(T,) angle hip-knee-ankle from the side; above 180 if the knees are overextended."""

    def __post_init__(self) -> None:
        pairs = {"S": landmark.SHOULDERS, "H": landmark.HIPS, "K": landmark.KNEES, "A": landmark.ANKLES}
        pairs |= {"W": landmark.WRISTS, "T": landmark.TOES}
        middles = {name: pair_middle(self.points, pair) for name, pair in pairs.items()}
        middles["F"] = (pair_middle(self.points, landmark.HEELS) + middles["T"]) / 2
        self.middles, self.fps = middles, 1 / float(median(np.diff(self.t_s)))
        self.inside = slice(*self.inside.indices(len(self.t_s))[:2])
        reach = max(1, self.whole_frames(SMOOTHED_S / 2))
        heights = np.stack([middles[joint][:, 2] for joint in "WHKS"], 1) / self.torso_length
        self.heights = dict(zip("WHKS", running_mean(heights, reach).T, strict=True))
        self.detected_phases = detect_phases(
            self.travel, self.t_s, self.leading_height, self.heights["K"], self.inside.start, self.inside.stop
        )
        self.trunk_lean_deg = _forward_deg(middles["S"] - middles["H"])
        thigh_deg = _forward_deg(middles["H"] - middles["K"])
        self.hip_angle_deg = 180 - (self.trunk_lean_deg - thigh_deg)
        self.knee_angle_deg = 180 - (_forward_deg(middles["K"] - middles["A"]) - thigh_deg)

    @property
    def leading_height(self) -> np.ndarray:
        """The (T,) height, from `heights`, of the joints that lead the rep: mid-wrist or mid-hip."""
        return self.heights["W" if KINDS[self.travel].of_hands else "H"]

    def whole_frames(self, seconds: float) -> int:
        """Return the number of whole frame intervals in a time."""
        return int(seconds * self.fps + 1e-3)  # 0.1 s at 29.9997 a second are three

    @cached_property
    def thigh_length(self) -> float:
        """The mean length of both thighs over all frames, in the unit of `points`."""
        thighs = self.points[:, list(landmark.HIPS)] - self.points[:, list(landmark.KNEES)]
        return float(np.sqrt((thighs**2).sum(-1)).mean())

    def elbow_angles_deg(self, frames: slice) -> np.ndarray:
        """Return the (n, 2) angles shoulder-elbow-wrist in some frames, left and right, 0…180."""
        points, elbows = self.points[frames], self.points[frames, landmark.ELBOWS]
        up, down = points[:, landmark.SHOULDERS] - elbows, points[:, landmark.WRISTS] - elbows
        lengths = np.sqrt((up**2).sum(-1) * (down**2).sum(-1))
        with np.errstate(invalid="ignore"):
            return np.degrees(np.arccos(np.clip((up * down).sum(-1) / lengths, -1, 1)))

    @property
    def phases(self) -> Phases:
        """The phases of the rep. Raises ValueError if they could not be detected."""
        if self.detected_phases is None:
            raise ValueError("expected a rep whose phases could be detected")
        return self.detected_phases

    def forward_distance(self, joint: str, of: str) -> np.ndarray:
        """Return the (T,) forward distances from the joint pair `of` to the pair `joint`, named as in `middles`."""
        return self.middles[joint][:, 0] - self.middles[of][:, 0]

    @property
    def top_frames(self) -> slice:
        """The frames at the top, with a margin of TOP_MARGIN_S. Raises ValueError if no phases were detected."""
        return frames_within(self, self.phases.top, TOP_MARGIN_S)


def running_mean(curve: np.ndarray, reach: int) -> np.ndarray:
    """Return the running mean of curves (n, …) over up to `reach` samples on both sides, fewer near the ends."""
    total = np.concatenate([np.zeros_like(curve[:1]), np.cumsum(curve, 0)])
    at = np.arange(len(curve))
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(curve))
    return ((total[last] - total[first]).T / (last - first)).T


def _forward_deg(vector: np.ndarray) -> np.ndarray:
    """Return the (T,) angles of (T, 3) vectors to the vertical, in side view; positive forward."""
    return np.degrees(np.arctan2(vector[:, 0], vector[:, 2]))


HELD_S, HELD_FRAMES = 0.1, 3  # Time in seconds, and number of frames, for both of which a value must last to count
TOP_MARGIN_S = 0.1  # Margin in seconds around lockout, which may be brief

Span = tuple[int, int]  # First and last frame


def value_at(curve: np.ndarray, frame: float) -> float:
    """Interpolate a curve (T,) at a fractional frame; return NaN at frame NaN."""
    if math.isnan(frame):
        return math.nan
    below = int(frame)
    above, share = min(below + 1, len(curve) - 1), frame - below
    return float((1 - share) * curve[below] + share * curve[above])


def mean_around(curve: np.ndarray, frame: float) -> float:
    """Return the mean of a curve (T,) over a frame and its neighbours, because the angle of a single frame jitters.

    At an end of the curve, the frame at this end stands for the missing neighbour. The result is NaN for a NaN frame.
    """
    if math.isnan(frame):
        return math.nan
    last = len(curve) - 1
    return (value_at(curve, max(frame - 1, 0)) + value_at(curve, frame) + value_at(curve, min(frame + 1, last))) / 3


def frames_within(motion: RepMotion, span: Span, margin_s: float = 0.0) -> slice:
    """Return the frames of a span, with a margin on both sides, as a slice."""
    margin = motion.whole_frames(margin_s)
    return slice(max(span[0] - margin, 0), span[1] + margin + 1)


def lasting_max(motion: RepMotion, curve: np.ndarray) -> float:
    """Return the largest value that a curve (n,) keeps or exceeds for at least HELD_S seconds and HELD_FRAMES frames.

    The result is NaN if the curve is shorter than that, or contains NaN.
    """
    frames = max(HELD_FRAMES, math.ceil(HELD_S * motion.fps - 1e-3))
    if len(curve) < frames:
        return math.nan
    held, count = curve, len(curve) - frames + 1
    for first in range(1, frames):
        held = np.minimum(held[:count], curve[first : first + count])
    return float(held.max())


def lasting_min(motion: RepMotion, curve: np.ndarray) -> float:
    """Return the least value that a curve (n,) does not exceed for as long as `lasting_max` requires; else NaN."""
    return -lasting_max(motion, -curve)


BACK, LOWER_BACK = (0.15, 0.85), (0.2, 0.7)
"""Stations between which the back is judged: for rounding, and for a pelvis that tucks under. Stations below .2 follow
the buttocks, which flatten with depth."""
TORN = 0.06
"""Largest difference between the rises of two neighbouring stations, in torso lengths, measured on rendered sets.
Beyond it, the mask includes something that stands behind the back."""


def back_height(profile: np.ndarray, span: tuple[float, float] = BACK) -> np.ndarray:
    """Return the (n,) mean heights of the back above a straight line between two of its points; below 0 if hollow.

    The largest height (the sagitta) is not used: in a hollow back, it is at an end of the line, so it does not show
    when the back begins to round. A height is NaN if the edge has a jump, or a gap of two stations.

    Args:
        profile: (n, 19) heights in lengths of the standing torso. A single unknown station is interpolated.
        span: Ends of the line, as shares of the way from mid-hip to mid-shoulder.
    """
    profile = fill_single_gaps(profile)
    first, last = nearest_stations(span)
    share = (STATIONS[first + 1 : last] - STATIONS[first]) / (STATIONS[last] - STATIONS[first])
    line = profile[:, [first]] * (1 - share) + profile[:, [last]] * share
    whole = np.abs(np.diff(profile[:, first : last + 1], 2, axis=1)).max(1) <= TORN
    return np.where(whole, (profile[:, first + 1 : last] - line).mean(1), np.nan)


def nearest_stations(span: tuple[float, float]) -> tuple[int, int]:
    """Return the indices of the stations nearest to the ends of a span, in shares of the way from hips to shoulders."""
    first, last = np.abs(np.subtract.outer(span, STATIONS)).argmin(1).tolist()
    return first, last


def fill_single_gaps(profile: np.ndarray) -> np.ndarray:
    """Return profiles (n, 19) in which single unknown stations are interpolated between two known stations."""
    between = (profile[:, :-2] + profile[:, 2:]) / 2
    filled = profile.copy()
    filled[:, 1:-1] = np.where(np.isnan(profile[:, 1:-1]), between, profile[:, 1:-1])
    return filled
