"""Resamples a movement at even times, and measures its body at each moment and in each part of the movement.

The lift models were trained with the constants of this module; after a change, train them anew.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from livecoach.core.quantiles import median, percentile
from livecoach.decisions.counting import tuning
from livecoach.perception.body import body
from livecoach.perception.body.body import ANKLE, HIP, JOINT_CHAINS, SHOULDER, WRIST, Bodies

EDGE_S = 0.2  # half the duration of the beginning and of the end of a movement, in seconds
TOP = 0.85  # share of the way beyond which the body is at the turn
LOW = 0.2  # share of the way from which, up to TOP, the movement is under way
FRONT = {"front_hip": HIP, "front_ankle": ANKLE, "front_shoulder": SHOULDER}
"""Series → the joint from which the distance of the hands is measured, to the lifter's front."""
PartName = Literal["inside", "begins", "ends", "low", "out", "back", "mid", "high"]
"""Part of a movement: all of it; its start, its end, or both; its way out, its way back, or both; its turn."""


@dataclass(kw_only=True, eq=False)
class Moments:
    """The body at n moments, from MARGIN_S before a movement to the last sample, which may come after the movement.

    The moments are evenly spaced, but moments without a frame nearby are left out.
    """

    t_s: np.ndarray  # (n,) times
    distance_from_rest: np.ndarray  # (n,) 0 at rest, 1 at the usual turn
    world: np.ndarray  # (n, 6, 2, 3) metres: shoulders, elbows, wrists, hips, knees, ankles; left and right
    points_px: np.ndarray  # (n, 6, 2, 2) the same joints in the picture
    start: int  # index of the movement's first moment
    end: int  # index of the movement's last moment

    # Computed from the fields above
    peak: int = field(init=False)  # index of the movement's moment that is farthest from rest
    span: float = field(init=False)  # distance at the peak, minus the lesser distance at start or end; at least 1e-6
    parts: dict[PartName, np.ndarray] = field(init=False)
    """(n,) masks of the moments in each part. The parts at the ends extend beyond the movement by EDGE_S."""
    sizes_px: np.ndarray = field(init=False)  # (n,) lengths of torso and legs in the picture
    typical_size_px: float = field(init=False)
    """`sizes_px` during the movement: the 75th percentile, because foreshortening makes the body look shorter."""
    torsos_m: np.ndarray = field(init=False)  # (n,) lengths of the torso in the world
    joint_angles_rad: list[np.ndarray] = field(init=False)  # (n, 2) angles of knees, hips and elbows, left and right
    facings: np.ndarray = field(init=False)
    """(n,) facing directions of the body, as complex numbers: 1 towards the camera, i to the picture's left."""
    series: dict[str, np.ndarray] = field(init=False)
    """Name → (n,) positions, lengths or angles; their medians and spreads become features."""
    medians: dict[PartName, dict[str, float]] = field(init=False)
    """Part → series → its median over the part; over the whole movement if the part is empty."""
    spreads: dict[PartName, dict[str, float]] = field(init=False)
    """"inside" or "high" → series → its standard deviation; 0 under three moments, unless the part is "inside"."""

    def __post_init__(self) -> None:
        t_s, distance, index = self.t_s, self.distance_from_rest, np.arange(len(self.t_s))
        peak = self.start + int(np.argmax(distance[self.start : self.end + 1]))
        base = min(distance[self.start], distance[self.end])
        span = max(float(distance[peak] - base), 1e-6)
        inside, way = (index >= self.start) & (index <= self.end), (distance - base) / span
        begins, ends = np.abs(t_s - t_s[[[self.start], [self.end]]]) <= EDGE_S
        going = inside & (way > LOW) & (way < TOP)
        out, back = going & (index <= peak), going & (index > peak)
        out = out if out.any() else inside & (index <= peak)
        back = back if back.any() else inside & (index >= peak)
        self.peak, self.span = peak, span
        self.parts = {
            **{"inside": inside, "begins": begins, "ends": ends, "low": begins | ends},
            **{"out": out, "back": back, "mid": out | back, "high": inside & (way > TOP)},
        }
        self.sizes_px, self.torsos_m = body.sizes_px(self.points_px), body.lengths(body.trunks(self.world))
        self.typical_size_px = max(float(percentile(self.sizes_px[inside], 75)), 1e-6)
        leftward = (self.world[:, (SHOULDER, HIP), 0] - self.world[:, (SHOULDER, HIP), 1]).sum(1)[:, [0, 2]]
        self.facings = np.exp(1j * np.arctan2(-leftward[:, 1], leftward[:, 0]))
        self.joint_angles_rad = [body.joint_angles_rad(self.world, *three) for three in JOINT_CHAINS]
        self.series, self.medians, self.spreads = self._measure_series(), {}, {}
        values = np.stack(list(self.series.values()), 1)  # all series at once, which is faster
        for part, moments in self.parts.items():
            some = values[moments]
            medians = median(some if len(some) else values[inside])
            self.medians[part] = dict(zip(self.series, medians.tolist(), strict=True))
            if part in ("inside", "high"):
                spreads = some.std(0) if len(some) > 2 or part == "inside" else np.zeros(values.shape[1])
                self.spreads[part] = dict(zip(self.series, spreads.tolist(), strict=True))

    def _measure_series(self) -> dict[str, np.ndarray]:
        middle_px, middle = body.middles(self.points_px), body.middles(self.world)
        ankles_x, (knees, hips, elbows) = middle_px[:, ANKLE, 0], self.joint_angles_rad
        wrists, shoulders = self.points_px[:, WRIST], self.points_px[:, SHOULDER]
        inside = self.world[self.parts["inside"]]
        leg = max(float(median(body.leg_lengths(inside))), 1e-6)
        torso = max(float(percentile(self.torsos_m[self.parts["inside"]], 75)), 1e-6)
        mean_rad = float(np.angle(self.facings[self.parts["inside"]].mean()))
        forward = -np.array([np.sin(mean_rad), 0.0, np.cos(mean_rad)])  # horizontal, to the lifter's front
        in_world = {
            "apart": body.left_right_distances(self.world, WRIST),
            "arm": body.lengths(self.world[:, WRIST] - self.world[:, SHOULDER]).mean(1),
            "world_tilt": self.world[:, WRIST, 0, 1] - self.world[:, WRIST, 1, 1],
            "over_hip": middle[:, HIP, 1] - middle[:, WRIST, 1],
            "stance": body.left_right_distances(self.world, ANKLE),
            **{name: (middle[:, WRIST] - middle[:, joint]) @ forward for name, joint in FRONT.items()},
        }
        in_picture = {
            "size": self.sizes_px,
            "hips_aside": middle_px[:, HIP, 0] - ankles_x,
            "trunk_aside": (middle_px[:, [SHOULDER, HIP], 0] - ankles_x[:, None]).mean(1),
            "aside": wrists.mean(1)[:, 0] - ankles_x,
            "left_below": (wrists - shoulders)[:, 0, 1],
            "right_below": (wrists - shoulders)[:, 1, 1],
            "below": (wrists - shoulders)[:, :, 1].mean(1),
            "across": np.abs(wrists[:, 0, 0] - wrists[:, 1, 0]),
            "tilt": wrists[:, 0, 1] - wrists[:, 1, 1],
            "ankle_x": ankles_x,
            "ankle_y": middle_px[:, ANKLE, 1],
            "ankle_tilt": self.points_px[:, ANKLE, 0, 1] - self.points_px[:, ANKLE, 1, 1],
        }
        return {
            **{name: values / torso for name, values in in_world.items()},
            **{name: values / self.typical_size_px for name, values in in_picture.items()},
            **{"knee": knees.mean(1), "hip": hips.mean(1), "elbow": elbows.mean(1)},
            "lean": body.trunk_lean_rad(self.world),  # angle between the trunk and the vertical
            "wrist": (middle[:, ANKLE, 1] - middle[:, WRIST, 1]) / leg,
        }

    def growth(self, name: str) -> float:
        """Return how much the median of a series grows from the beginning of the movement to its end."""
        return self.medians["ends"][name] - self.medians["begins"][name]


STEP_S = 1 / 24  # time between two moments: about the frame interval of the training sets
WITHIN_S = 1 / 30  # a value is the mean over this time before and after: half a frame at 15 a second, four at 60
NEAR_S = 0.1  # greatest time from a moment to a frame; without such a frame, the body was lost
MARGIN_S = 0.5  # time before the start of a movement that is resampled, too


def resample_moments(samples: Bodies, start_s: float, end_s: float, left_out: np.ndarray | None = None) -> Moments:
    """Resample a movement, and a margin before the movement, at even times.

    Args:
        samples: Bodies of the movement and its margin, in order.
        left_out: (samples,) bool: samples to leave out, which shortens the movement; None to keep all samples.
    """
    times_s, kept = np.unique(samples.t_s, return_index=True)
    kept, t_s = kept[times_s >= start_s - MARGIN_S], times_s[times_s >= start_s - MARGIN_S]
    if left_out is not None:
        left_out = left_out[kept]
        step_s = np.diff(t_s, prepend=t_s[:1])
        end_s -= float(step_s[left_out].sum())
        kept, t_s = kept[~left_out], (t_s[0] + np.cumsum(np.where(left_out, 0.0, step_s)))[~left_out]
    moments_s = even_times(t_s, start_s)

    every = samples.distance_from_rest, samples.world, samples.points_px
    values = np.hstack([each[kept].astype(np.float64).reshape(len(kept), -1) for each in every])
    means = local_means(t_s, values, moments_s)
    return Moments(
        t_s=moments_s,
        distance_from_rest=means[:, 0],
        world=means[:, 1:37].reshape(-1, 6, 2, 3),
        points_px=means[:, 37:].reshape(-1, 6, 2, 2),
        start=int(np.argmin(np.abs(moments_s - start_s))),
        end=int(np.argmin(np.abs(moments_s - end_s))),
    )


def mask_long_pauses(t_s: np.ndarray, distance: np.ndarray, still: float, long_s: float, kept_s: float) -> np.ndarray:
    """Return the mask (n,) of the samples to leave out, so that long pauses become shorter.

    A pause of more than PAUSE_MOST_S is left as it is.

    Args:
        distance: (n,) distance from rest.
        still: Largest change of the distance in a pause.
        long_s: Duration from which a pause is long.
        kept_s: Duration of a long pause without the samples that are left out; at least 2 PAUSE_ENDS_S.
    """
    beyond = np.zeros(len(t_s), bool)
    first, low, high = 0, math.inf, -math.inf
    for k, now in enumerate([*distance.tolist(), math.inf]):
        low, high = min(low, now), max(high, now)
        if high - low > still:
            half_s = (t_s[k - 1] - t_s[first]) / 2
            if long_s < 2 * half_s <= tuning.PAUSE_MOST_S:
                from_middle_s = np.abs(t_s - t_s[first] - half_s)
                ends_s = tuning.PAUSE_ENDS_S
                beyond |= (from_middle_s > kept_s / 2 - ends_s) & (from_middle_s < half_s - ends_s)
            first, low, high = k, now, now
    return beyond


def even_times(t_s: np.ndarray, from_s: float) -> np.ndarray:
    """Return the times (m,) at intervals of STEP_S around `from_s` that have a sample, at `t_s` (n,), within NEAR_S."""
    before, after = (from_s - t_s[0]) / STEP_S, (t_s[-1] - from_s) / STEP_S
    moments_s = from_s + STEP_S * np.arange(-np.floor(before + 1e-6), np.floor(after + 1e-6) + 1)
    kept: np.ndarray = moments_s[np.abs(moments_s[:, None] - t_s).min(1) <= NEAR_S]
    return kept


def local_means(t_s: np.ndarray, values: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """Return the (m, …) means of interpolated values in a short window around each of m moments.

    Args:
        t_s: (n,) rising times.
        values: (n, …) values, which are interpolated linearly.
        moments_s: (m,) moments between the first and the last time.
    """
    flat = values.reshape(len(values), -1)
    areas = np.cumsum(0.5 * (flat[1:] + flat[:-1]) * np.diff(t_s)[:, None], 0)
    areas = np.concatenate([np.zeros_like(flat[:1]), areas])  # under the values, from the first time on
    at_s = np.clip(np.add.outer((-WITHIN_S, WITHIN_S), moments_s), t_s[0], t_s[-1])  # (window's ends, m)
    i = np.clip(np.searchsorted(t_s, at_s, side="right") - 1, 0, len(t_s) - 2)
    since_s = (at_s - t_s[i])[..., None]
    slope = (flat[i + 1] - flat[i]) / (t_s[i + 1] - t_s[i])[..., None]
    before, until = areas[i] + since_s * (flat[i] + 0.5 * since_s * slope)
    mean: np.ndarray = (until - before) / (at_s[1] - at_s[0])[:, None]
    return mean.reshape(len(moments_s), *values.shape[1:])
