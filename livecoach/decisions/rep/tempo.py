"""Computes the tempo of a rep: the durations of its phases, the bar's path and speed, and the speed loss over a set.

The speed is the mean over the whole ascent (González-Badillo and Sánchez-Medina, Int J Sports Med 31:347, 2010). The
loss compares the latest rep with the set's fastest rep (Sánchez-Medina and González-Badillo, Med Sci Sports Exerc
43:1725, 2011).

The path of the bar is read from its plate in the pictures. A full plate is 45 cm across (IWF), and its vertical
diameter is not foreshortened. It gives the scale of the plane in which the bar's end moves. Whether a plate is
full-sized follows from the lifter's torso, scaled to the plate's distance by the camera's place and a typical lens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from livecoach.core import landmark
from livecoach.core.errors import ConfigError
from livecoach.core.quantiles import median
from livecoach.core.types import MeasuredFrom, Pace, SetSummary
from livecoach.core.types.message import Message
from livecoach.decisions.counting.bar_evidence import correlation
from livecoach.decisions.counting.tuning import HANDS_ALIKE, PLATE_VISIBLE
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.measures.measure_table import PLATE_M
from livecoach.decisions.rep.motion import KINDS, Phases, RepMotion, Travel, detect_phases, running_mean
from livecoach.decisions.rep.view_normalised import LEAST_SINE, NormalisedRep
from livecoach.perception.body.body import pair_middle

TORSO_OF_STATURE = 0.27
"""Length from mid-hip to mid-shoulder, where BlazePose puts them, as a share of the stature: mean of the synthetic
bodies. The .288 of Drillis and Contini (1966) goes up to the acromion, which is higher."""
TempoPart = Literal["up", "top", "down", "bottom"]  # Timed part of a rep
TEMPO: dict[TempoPart, str] = {"up": "up", "top": "pause at the top", "down": "down", "bottom": "pause at the bottom"}
TYPICAL_HEIGHT_CM = 170.0  # Assumed stature of a lifter of unknown height, for values that are reported as estimates


@cache
def tempo_order(exercise: str | None) -> tuple[TempoPart, ...]:
    """Return the timed parts of an exercise's reps in the order of the lift; empty for an unknown exercise or None."""
    try:
        travel = load_faults(exercise or "").travel
    except ConfigError:
        return ()
    return ("up", "top", "down") if KINDS[travel].up_first else ("down", "bottom", "up")


def tempo_words(timed: Pace | SetSummary | None, exercise: str | None) -> dict[TempoPart, Message]:
    """Return words for the known durations of a rep, or for the medians of a set, by part, in the order of the lift.

    The result is empty if `timed` is None, or if the exercise is unknown.
    """
    if timed is None:
        return {}
    pause_s = timed.pause_s
    lasted_s = {"up": timed.concentric_s, "top": pause_s, "bottom": pause_s, "down": timed.eccentric_s}
    known = ((part, time_s) for part in tempo_order(exercise) if (time_s := lasted_s[part]) is not None)
    return {part: Message("{text} {n} s", text=TEMPO[part], n=f"{time_s:.1f}") for part, time_s in known}


def torso_length_m(height_cm: float) -> float:
    """Return the usual length of the torso for a stature, in metres."""
    return TORSO_OF_STATURE * height_cm / 100


def body_pace(motion: RepMotion, height_cm: float | None = None) -> Pace | None:
    """Compute the pace of a rep from the body's motion. The speed loss, which depends on other reps, is set to 0.

    Lengths are in metres if the lifter's stature is known, and otherwise in torso lengths. The result is None if no
    phases could be detected, or if the hands or hips that lead the rep do not rise.
    """
    phases, scale_m = motion.detected_phases, None if height_cm is None else torso_length_m(height_cm)
    if phases is None:
        return None
    return _pace_by_height(motion.t_s, motion.leading_height, phases, scale_m=scale_m)


def _pace_by_height(
    t_s: np.ndarray, height: np.ndarray, phases: Phases, *, scale_m: float | None, measured_from: MeasuredFrom = "body"
) -> Pace | None:
    """Compute the pace, with a speed loss of 0, from (T,) heights of bar or hips; None if nothing rises."""
    unit = 1.0 if scale_m is None else scale_m
    off, stood = phases.ascent
    concentric_s = float(t_s[stood] - t_s[off])
    rise = float(height[stood] - height[off])
    if concentric_s <= 0 or not rise > 0:
        return None
    arrives, leaves = phases.held
    whole = height[phases.lift_frames]
    return Pace(
        concentric_s=concentric_s,
        pause_s=float(t_s[leaves] - t_s[arrives]),
        eccentric_s=float(t_s[phases.descent[1]] - t_s[phases.descent[0]]),
        speed=rise * unit / concentric_s,
        speed_unit="torso/s" if scale_m is None else "m/s",
        travel=float(whole.max() - whole.min()) * unit,
        travel_unit="torso" if scale_m is None else "m",
        velocity_loss=0.0,
        measured_from=measured_from,
    )


def speed_loss(speeds: Sequence[float]) -> float:
    """Return the share, 0…1, by which the last speed is below the highest. All speeds are above 0, in the same unit."""
    return 1.0 - speeds[-1] / max(speeds)


LONGEST_GAP_S = 0.5  # Longest time in seconds without the plate
SIZES = (0.75, 1.34)
"""Range of the stature that a plate implies if it is full-sized, as a share of the lifter's stature; measured on
rendered sets. A plate in front of the hips lengthens BlazePose's torso by up to a third."""
FOCAL = 0.85  # Typical focal length of phones and webcams, in longer sides of the picture
OUT_M = 0.8  # Distance in metres from the bar's middle to the outer face of its plates
LEAST_M = 2.0  # Least distance in metres from camera to lifter: nobody films a set from nearer
LEAST_TRAVEL_M = 0.12  # Least vertical travel in metres in a rep: a bar that moves less lies on the floor
MOST_NEARER = 0.15  # Largest share by which a plate may appear larger at an end of its path than at the middle
SMOOTHED_S = 0.1  # Time in seconds of the running mean of the path, if it contains three frames
MOST_POINTS = 40  # Most points of a path that is drawn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarPath:
    """The path of the bar in a rep, and shortly before and after it, in n frames that show the lifter."""

    t_s: np.ndarray  # (n,) rising times
    forward_m: np.ndarray | None
    """(n,) distance of the bar from its place at the rep's start, towards the lifter's front; smoothed. None if the
    camera is near the front or the back, where the distance can't be measured."""
    up_m: np.ndarray  # (n,) height of the bar above its place at the rep's start; smoothed
    seen_s: np.ndarray  # (k,) times of the frames that show the plate
    start: int  # The rep's first frame
    stop: int  # The frame after the rep's last frame

    def points_cm(self) -> tuple[tuple[float, float], ...] | None:
        """Return the points (forward, up) of the path within the rep, in cm; None for a camera near the front or back.

        The rep's first point is (0, 0). A rep of more than MOST_POINTS frames has MOST_POINTS points, spread evenly.
        """
        if self.forward_m is None:
            return None
        at = np.unique(np.linspace(self.start, self.stop - 1, min(MOST_POINTS, self.stop - self.start)).round())
        xy = np.stack([self.forward_m, self.up_m], 1)[at.astype(int)] * 100
        return tuple((round(x, 1), round(y, 1)) for x, y in (xy - xy[0]).tolist())


def find_bar_path(rep: NormalisedRep, height_cm: float | None = None) -> BarPath | None:
    """Find the path of the bar in a rep, from the bar's nearer plate.

    The lifter's stature shows whether the plate is full-sized; None assumes a typical stature. The result is None if
    the plate is rarely visible, may not be full-sized, hardly moves, or does not move with wrists and shoulders.
    """
    if rep.bar is None:
        return None
    inside = np.flatnonzero(rep.inside)
    known = np.isfinite(rep.bar).all(1)
    seen_s = np.concatenate([rep.t_s[inside[:1]], rep.t_s[inside[known[inside]]], rep.t_s[inside[-1:]]])
    if known[inside].mean() < PLATE_VISIBLE or np.diff(seen_s).max() > LONGEST_GAP_S:
        return None
    diameter = float(median(rep.bar[inside][known[inside], 2]))
    x = np.interp(rep.t_s, rep.t_s[known], rep.bar[known, 0])
    y = np.interp(rep.t_s, rep.t_s[known], rep.bar[known, 1])
    if float(np.ptp(y[inside])) * PLATE_M < LEAST_TRAVEL_M * diameter or not _is_full_sized(rep, diameter, height_cm):
        return None
    hands, shoulders = (pair_middle(rep.picture, pair)[inside, 1] for pair in (landmark.WRISTS, landmark.SHOULDERS))
    if not correlation(y[inside], (hands + shoulders) / 2) > HANDS_ALIKE:
        return None
    right = smooth_curve(rep.t_s, _level(rep.bar[inside[known[inside]]], x, y, rep.middle_px[0]))
    up, scale = smooth_curve(rep.t_s, y), PLATE_M / diameter
    sine = float(np.sin(np.radians(rep.azimuth_deg)))
    return BarPath(
        t_s=rep.t_s,
        # From the left side, the lifter faces the picture's left.
        forward_m=-((right - right[inside[0]]) * scale) / sine if sine >= LEAST_SINE else None,
        up_m=(up - up[inside[0]]) * scale,
        seen_s=rep.t_s[known],
        start=int(inside[0]),
        stop=int(inside[-1]) + 1,
    )


def smooth_curve(t_s: np.ndarray, curve: np.ndarray, over_s: float = SMOOTHED_S) -> np.ndarray:
    """Return the running mean of a curve (n,) over `over_s`; the curve itself if that is less than three frames."""
    half = over_s / 2 / float(median(np.diff(t_s)))
    return running_mean(curve, round(half)) if half >= 1 else curve


def _level(plates: np.ndarray, x: np.ndarray, y: np.ndarray, middle_px: float) -> np.ndarray:
    """Return the (n,) x in pixels that the plate would have if its distance from the camera never changed.

    To a camera that looks up or down, a plate comes nearer as it rises or sinks, and moves outwards; its diameter shows
    how much. Upwards, the approach makes up for foreshortening.
    """
    usual = median(plates)
    off = plates[:, 1] - usual[1]
    spread = float((off**2).sum())
    slope = float((off * (plates[:, 2] - usual[2])).sum()) / spread if spread > 0 else 0.0
    larger = np.clip(slope * (y - usual[1]) / usual[2], -MOST_NEARER, MOST_NEARER)
    return middle_px + (x - middle_px) / (1 + larger)


def _is_full_sized(rep: NormalisedRep, diameter: float, height_cm: float | None) -> bool:
    torso_of_lifter_m = torso_length_m(TYPICAL_HEIGHT_CM if height_cm is None else height_cm)
    far_m = FOCAL * 2 * float(np.abs(rep.middle_px).max()) / rep.torso_px * torso_of_lifter_m
    sine = abs(float(np.sin(np.radians(rep.azimuth_deg))))
    nearer = 1 / (1 - OUT_M * sine / max(far_m, LEAST_M))
    seems_m = PLATE_M * nearer * rep.torso_px / diameter
    return SIZES[0] <= seems_m / torso_of_lifter_m <= SIZES[1]


FINE_S = 0.005  # Interval in seconds at which the path is resampled
PACE_SMOOTHED_S = 0.15  # Time in seconds of the running mean of the height, as for hands and hips
LARGEST_GAP = 0.2
"""Longest time between two frames that show the plate, as a share of the ascent. In 6,000 simulated ascents of .3 to
1.6 s, at 6 to 30 frames a second and with gaps, the speed is within a tenth in 99 % with gaps up to this share, in 91 %
with gaps of .25 to .3, and in 35 % with gaps longer than .5."""


def bar_pace(path: BarPath, travel: Travel) -> Pace | None:
    """Compute the pace of a rep from the path of the bar. The speed loss, which depends on other reps, is set to 0.

    The result is None if the path has no phases of a rep, or if, in the ascent or at its ends, a single gap without the
    plate is longer than a fifth (LARGEST_GAP) of the ascent.
    """
    unit_m = torso_length_m(TYPICAL_HEIGHT_CM)  # phases take heights in torso lengths, for LEAST_TRAVEL
    # Resample between frames: at 25 a second, an ascent of .6 s has 15, so one frame at an end is a fifteenth of it.
    t_s = np.arange(path.t_s[0], path.t_s[-1], FINE_S)
    height = smooth_curve(t_s, np.interp(t_s, path.t_s, path.up_m / unit_m), PACE_SMOOTHED_S)
    start, stop = np.searchsorted(t_s, path.t_s[[path.start, path.stop - 1]]).tolist()
    phases = detect_phases(travel, t_s, height, np.full_like(height, np.inf), start, stop)
    if phases is None:
        return None
    from_s, to_s = t_s[[*phases.ascent]]
    gaps_s = np.diff(path.seen_s)[(path.seen_s[1:] > from_s) & (path.seen_s[:-1] < to_s)]
    if not len(gaps_s) or gaps_s.max() > LARGEST_GAP * (to_s - from_s):
        return None
    return _pace_by_height(t_s, height, phases, scale_m=unit_m, measured_from="bar")
