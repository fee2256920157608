"""Reps of rendered sets whose bar was followed, beside the truth."""

import dataclasses
import time
from collections.abc import Sequence

import numpy as np

from livecoach import assembly
from livecoach.bar.detector import Detector
from livecoach.bar.follower import Follower
from livecoach.documents import codec
from livecoach.lab.measure.bar_sets import FPS, BarSet
from livecoach.rep.bar_path import BarPath, bar_path, smoothed
from livecoach.rep.bar_tempo import pace_of_bar
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep
from livecoach.run.stepping import steps
from livecoach.types import Observation, Rep, RepWindow, View

MARGIN_S = 1.0
FULL_M = 0.22
"""Radius from which a plate is a full one."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarRep:
    """A rep with the measured and the true path of its bar."""

    path: BarPath
    truth: BarPath
    speed: float
    """Mean speed of the way up, m/s."""
    true_speed: float
    travel_m: float
    true_travel_m: float

    @property
    def off_cm(self) -> np.ndarray:
        """(n,) distances from the true path, both around their means; along the picture's plane and up."""
        within = slice(self.path.start, self.path.stop)
        lines = [self.path.up_m - self.truth.up_m]
        if self.path.forward_m is not None and self.truth.forward_m is not None:
            lines.append(self.path.forward_m - self.truth.forward_m)
        off = np.stack(lines)[:, within] * 100
        off = off - off.mean(1, keepdims=True)
        distances: np.ndarray = np.hypot(*off) if len(off) > 1 else np.abs(off[0])
        return distances


def followed(made: BarSet, detector: Detector) -> tuple[list[Observation], list[float]]:
    """Return the observations with the bar, and the milliseconds that following it took in each frame."""
    follower = Follower(detector)
    observations, took_ms = [], []
    for observation, picture in zip(made.observations, made.frames(), strict=True):
        began_s = time.perf_counter()
        bar = follower.follow(picture, observation.landmarks)
        took_ms.append((time.perf_counter() - began_s) * 1e3)
        observations.append(codec.rounded(dataclasses.replace(observation, bar=bar)))
    return observations, took_ms


def judged_reps(exercise: str, observations: Sequence[Observation]) -> list[tuple[Rep, View | None]]:
    """Return the counted reps, judged, with the view at their end."""
    pipeline = assembly.load(exercise).pipeline(learn=False)
    return [(step.rep, step.view) for step in steps(pipeline, observations) if step.rep is not None]


def measured_rep(made: BarSet, observations: Sequence[Observation], rep: Rep, view: View | None) -> BarRep | None:
    """Return a rep beside its truth; None where livecoach gives no path of the bar."""
    if view is None:
        return None
    around = tuple(o for o in observations if rep.start_s - MARGIN_S <= o.t_s <= rep.end_s + MARGIN_S)
    window = RepWindow(
        observations=around,
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=view,
        set_name="1",
        pose="lite",
    )
    normalised = normalised_rep(window)
    path = None if normalised is None else bar_path(normalised)
    if path is None:
        return None
    frames = [o.index for o in around if o.landmarks is not None]
    true = made.path[frames] - made.path[frames[path.start]]
    forward_m, up_m = (smoothed(path.t_s, true[:, axis]) for axis in (0, 2))
    travel = load_faults(made.exercise).travel
    speed, true_speed = (pace_of_bar(one, travel) for one in (path, _true_path(made, rep)))
    if speed is None or true_speed is None:
        return None
    return BarRep(
        path=path,
        truth=dataclasses.replace(path, forward_m=forward_m, up_m=up_m),
        speed=speed.speed,
        true_speed=true_speed.speed,
        travel_m=speed.travel,
        true_travel_m=true_speed.travel,
    )


def _true_path(made: BarSet, rep: Rep) -> BarPath:
    """Return the bar's path in the true rep that is nearest, with the margin that windows of reps have."""
    start_s, end_s = min(made.reps, key=lambda true: abs(true[0] - rep.start_s) + abs(true[1] - rep.end_s))
    last = min(len(made.path), round((end_s + MARGIN_S) * FPS))
    frames = np.arange(max(0, round((start_s - MARGIN_S) * FPS)), last)
    up_m = smoothed(frames / FPS, made.path[frames, 2])
    start, stop = (int(np.searchsorted(frames, round(t_s * FPS))) for t_s in (start_s, end_s))
    return BarPath(t_s=frames / FPS, forward_m=None, up_m=up_m, start=start, stop=stop)
