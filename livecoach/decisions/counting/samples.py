"""Quantities of a movement, from its bodies."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.decisions.counting.bar import RISE, Hands, moves_with_hands
from livecoach.decisions.counting.features import Moments
from livecoach.perception.body.body import Body, Measures
from livecoach.perception.body.quantiles import median, percentile

STEP_S = 1 / 24  # between two moments: about the frame interval of the training sets
WITHIN_S = 1 / 30  # a value is the mean over this time before and after: half a frame at 15 a second, four at 60
NEAR_S = 0.1  # a moment without a frame this near is left out: the body was lost


def even_times(t_s: np.ndarray, from_s: float) -> np.ndarray:
    """Return moments a step apart from the first to the last of the times; one of them is `from_s`."""
    before, after = (from_s - t_s[0]) / STEP_S, (t_s[-1] - from_s) / STEP_S
    moments_s = from_s + STEP_S * np.arange(-np.floor(before + 1e-6), np.floor(after + 1e-6) + 1)
    near = np.abs(moments_s[:, None] - t_s).min(1) <= NEAR_S
    kept: np.ndarray = moments_s[near]
    return kept


def local_means(t_s: np.ndarray, values: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """Return (m, …): the mean, around each moment, of the line through all values. t_s: (n,) rising; values: (n, …);
    moments_s: (m,) between the first and the last time."""
    flat = values.reshape(len(values), -1)
    areas = np.cumsum(0.5 * (flat[1:] + flat[:-1]) * np.diff(t_s)[:, None], 0)
    areas = np.concatenate([np.zeros_like(flat[:1]), areas])

    def area_until(at_s: np.ndarray) -> np.ndarray:
        i = np.clip(np.searchsorted(t_s, at_s, side="right") - 1, 0, len(t_s) - 2)
        since_s = (at_s - t_s[i])[:, None]
        slope = (flat[i + 1] - flat[i]) / (t_s[i + 1] - t_s[i])[:, None]
        area: np.ndarray = areas[i] + since_s * (flat[i] + 0.5 * since_s * slope)
        return area

    from_s, to_s = (np.clip(moments_s + sign * WITHIN_S, t_s[0], t_s[-1]) for sign in (-1, 1))
    mean: np.ndarray = (area_until(to_s) - area_until(from_s)) / (to_s - from_s)[:, None]
    return mean.reshape(len(moments_s), *values.shape[1:])


MOMENT_S = 0.2  # half the time over which feet, scale and hands are medians
RAISED = 0.2  # least rise of a bar that is being lifted, in lengths of torso and legs: to the knees. Our choice.
LEAST_VISIBLE, WITH_BODY = 0.5, 0.8
"""A plate goes with the body if it is visible in at least this share of the frames and its height has at least this
correlation with the body's distance from rest. Measured on real deadlifts."""
MARGIN_S = 0.5  # time before its start that belongs to a movement


def distance_from_rest(measures: Measures, rules: RepRules) -> float:
    """Return 0 at rest, 1 at the usual turn; values outside are possible. An exercise may limit how far below rest they
    lie: a bar that is brought to the shoulders is no part of the press that follows."""
    scaled = [(float(getattr(measures, name)) - low) / (high - low) for name, (low, high) in rules.travel.items()]
    travel = sum(scaled) / len(scaled)
    distance = travel if rules.rest == "down" else 1.0 - travel
    return distance if rules.least_distance is None else max(distance, rules.least_distance)


def hands(samples: Sequence[Body]) -> Hands:
    names = ("t_s", "distance_from_rest", "wrists_px", "shoulders_px", "size_px")
    return Hands(**{name: np.array([getattr(s, name) for s in samples]) for name in names})


def moments_of(samples: Sequence[Body], start_s: float, end_s: float) -> Moments:
    """The movement between two times, with a margin, at even times."""
    times_s, kept = np.unique([s.t_s for s in samples], return_index=True)
    kept, t_s = kept[times_s >= start_s - MARGIN_S], times_s[times_s >= start_s - MARGIN_S]
    moments_s = even_times(t_s, start_s)

    def at_moments(values: Sequence[Any]) -> np.ndarray:
        return local_means(t_s, np.array([values[i] for i in kept], np.float64), moments_s)

    return Moments(
        t_s=moments_s,
        distance_from_rest=at_moments([s.distance_from_rest for s in samples]),
        world=at_moments([s.world for s in samples]),
        points_px=at_moments([s.points_px for s in samples]),
        start=int(np.argmin(np.abs(moments_s - start_s))),
        end=int(np.argmin(np.abs(moments_s - end_s))),
    )


def bar_held(samples: Sequence[Body], start_s: float, end_s: float) -> bool | None:
    """Whether the lifter moves the bar; None where too little is visible. A plate that rises with the body is held,
    even where the hands are estimated elsewhere: plates often hide them."""
    near = [s for s in samples if start_s <= s.t_s <= end_s]
    t_s, bar_px, wrists_px = (np.array([getattr(s, name) for s in near]) for name in ("t_s", "bar_px", "wrists_px"))
    if not np.isfinite(bar_px).any():
        return None
    anywhere = (np.inf, np.inf)  # plates are only detected inside the picture
    evidence = moves_with_hands(t_s, bar_px, wrists_px, anywhere)
    if evidence.held:
        return True
    rise_px = -bar_px[:, 1]
    visible, distance = np.isfinite(rise_px), np.array([s.distance_from_rest for s in near])
    if visible.mean() < LEAST_VISIBLE or float(np.ptp(rise_px[visible])) < RAISED * float(
        median(np.array([s.size_px for s in near]))
    ):
        return evidence.held
    together = np.ptp(distance[visible]) > 0 and np.corrcoef(rise_px[visible], distance[visible])[0, 1] > WITH_BODY
    return True if together else evidence.held


def bar_lowered(samples: Sequence[Body]) -> float | None:
    """Share of its rise by which the bar has come down since the body was farthest from rest; None where no visible bar
    moves with the hands, or it has not risen by RAISED."""
    if not bar_held(samples, samples[0].t_s, samples[-1].t_s):
        return None
    heights = np.array([s.bar_px[1] for s in samples])
    visible = heights[np.isfinite(heights)]
    top, floor = float(percentile(visible, 5)), float(percentile(visible, 95))
    if floor - top < RAISED * samples[-1].size_px:
        return None
    farthest = int(np.argmax([s.distance_from_rest for s in samples]))
    since = heights[farthest:]
    return (float(np.max(since, where=np.isfinite(since), initial=top)) - top) / (floor - top)


def hands_have_risen(before: Body, last: Body) -> bool:
    """Whether both hands have risen relative to the shoulders, by half of what a release takes."""
    rise = (before.wrists_px - before.shoulders_px - last.wrists_px + last.shoulders_px)[:, 1].min()
    return bool(rise > RISE / 2 * last.size_px)


def compare_ends(samples: Sequence[Body], start_s: float, end_s: float) -> tuple[float, float]:
    """Return how far the feet end from where they began, in lengths of torso and legs, and the share by which the body
    looks larger or smaller then."""
    first, last = _near(samples, start_s), _near(samples, end_s)
    size_before, size_after = (float(median(np.array([s.size_px for s in moment]))) for moment in (first, last))
    feet_before, feet_after = (median(np.array([s.feet_px for s in moment])) for moment in (first, last))
    size = max(size_before, size_after, 1e-6)
    return float(np.linalg.norm(feet_after - feet_before)) / size, abs(size_after - size_before) / size


def stays_in_place(samples: Sequence[Body], rules: RepRules) -> bool:
    """Whether the feet move so little that this may be half of a lift; the scale changes with a thigh's direction."""
    return compare_ends(samples, samples[0].t_s, samples[-1].t_s)[0] <= rules.max_feet_shift


def hand_tilt(samples: Sequence[Body], at_s: float) -> float:
    """How much higher one hand is than the other around a time, in lengths of torso and legs."""
    near = _near(samples, at_s)
    return float(np.median([abs(s.wrists_px[0, 1] - s.wrists_px[1, 1]) / max(s.size_px, 1.0) for s in near]))


def _near(samples: Sequence[Body], at_s: float) -> list[Body]:
    return [s for s in samples if abs(s.t_s - at_s) <= MOMENT_S]
