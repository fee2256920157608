"""Holds the landmarks of a rep in the lifter's frame, and the curves from which its measures are computed."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from livecoach.core import landmark
from livecoach.core.landmark import STATIONS
from livecoach.core.quantiles import median
from livecoach.decisions.rep.phases import KINDS, Phases, Travel, detect_phases

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
    start: int = 0  # First frame of the rep. Earlier frames are a margin of a second, for measures on the floor.
    end: int | None = None  # Frame after the rep's last frame; None if no margin follows the rep
    travel: Travel  # Travel of the exercise, from FaultTable
    back: DorsalProfile | None = None  # None if unknown
    plate: np.ndarray | None = None
    """(T, 2) height and diameter of the bar's nearer plate in pixels; NaN where unknown, None if never detected."""
    previous: "RepMotion | None" = None  # Previous rep of the set, in the same place; None for the first rep

    # Computed from the fields above
    stop: int = field(init=False)  # Frame after the rep's last frame
    fps: float = field(init=False)  # Frame rate, from the median gap between frames
    middles: dict[str, np.ndarray] = field(init=False)
    """First letter of a pair of joints → (T, 3) middle between the left and the right joint. The pairs are shoulders,
    hips, knees, ankles, wrists and toes. "F" is the middle of the feet, heels to toes."""
    heights: dict[str, np.ndarray] = field(init=False)
    """Smoothed (T,) heights of mid-wrist (W), mid-hip (H), mid-knee (K) and mid-shoulder (S), in torso lengths."""
    leading_height: np.ndarray = field(init=False)
    """(T,) height, from `heights`, of the joints that lead the rep: mid-wrist or mid-hip."""
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
        middles = {name: landmark.middle(self.points, pair) for name, pair in pairs.items()}
        middles["F"] = (landmark.middle(self.points, landmark.HEELS) + middles["T"]) / 2
        self.middles, self.fps = middles, 1 / float(median(np.diff(self.t_s)))
        self.stop = len(self.t_s) if self.end is None else self.end
        reach = max(1, self.whole_frames(SMOOTHED_S / 2))
        self.heights = {joint: running_mean(middles[joint][:, 2] / self.torso_length, reach) for joint in "WHKS"}
        self.leading_height = self.heights["W" if KINDS[self.travel].of_hands else "H"]
        self.detected_phases = detect_phases(
            self.travel, self.t_s, self.leading_height, self.heights["K"], self.start, self.stop
        )
        self.trunk_lean_deg = _forward_deg(middles["S"] - middles["H"])
        thigh_deg = _forward_deg(middles["H"] - middles["K"])
        self.hip_angle_deg = 180 - (self.trunk_lean_deg - thigh_deg)
        self.knee_angle_deg = 180 - (_forward_deg(middles["K"] - middles["A"]) - thigh_deg)

    def whole_frames(self, seconds: float) -> int:
        """Return the number of whole frame intervals in a time."""
        return int(seconds * self.fps + 1e-3)  # 0.1 s at 29.9997 a second are three

    @cached_property
    def thigh_length(self) -> float:
        """The mean length of both thighs over all frames, in the unit of `points`."""
        thighs = self.points[:, list(landmark.HIPS)] - self.points[:, list(landmark.KNEES)]
        return float(np.sqrt((thighs**2).sum(-1)).mean())

    @cached_property
    def elbow_angles_deg(self) -> np.ndarray:
        """The (T, 2) angles shoulder-elbow-wrist, left and right, 0…180."""
        elbows = self.points[:, landmark.ELBOWS]
        up, down = self.points[:, landmark.SHOULDERS] - elbows, self.points[:, landmark.WRISTS] - elbows
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
    def lift_frames(self) -> slice:
        """The frames of the lift, over both ways. Raises ValueError if no phases were detected."""
        return frames_within(self, self.phases.lift_frames)

    @property
    def top_frames(self) -> slice:
        """The frames at the top, with a margin of TOP_MARGIN_S. Raises ValueError if no phases were detected."""
        return frames_within(self, self.phases.top, TOP_MARGIN_S)


def running_mean(curve: np.ndarray, reach: int) -> np.ndarray:
    """Return the running mean of a curve (n,) over up to `reach` samples on both sides, fewer near the ends."""
    total = np.concatenate([[0.0], np.cumsum(curve)])
    at = np.arange(len(curve))
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, len(curve))
    return (total[last] - total[first]) / (last - first)


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
    """Return the least value that a curve (n,) stays at or below for a moment, on the conditions of `lasting_max`."""
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
