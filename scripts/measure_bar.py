"""How well the bar is followed: its path and speed beside the truth of rendered sets, false finds, and time a frame.

    python scripts/measure_bar.py --seed 51 --sets 24 --none 8 --cache DIR

Reps are counted and judged as always, on what pose sees and the bar's follower adds. A true speed is that of
the rendered bar over the whole of the true rep, by the same rule (mean of the way up); paths are compared frame by
frame, both around their means.
"""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from bar_sets import FPS, BarSet, bar_set

from livecoach import assembly
from livecoach.bar.detector import Detector
from livecoach.bar.follower import Follower
from livecoach.counting.bar_evidence import evidence_of
from livecoach.documents import codec
from livecoach.rep.bar_path import BarPath, bar_path, smoothed
from livecoach.rep.bar_tempo import pace_of_bar
from livecoach.rep.view_normalised import normalised_rep
from livecoach.run.stepping import steps
from livecoach.types import Observation, Rep, RepWindow, View

MARGIN_S = 1.0
FULL_M = 0.22
"""Radius from which a plate is a full one."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A rep whose bar was seen."""

    path: BarPath
    truth: BarPath
    speed: float
    true_speed: float
    travel_m: float
    true_travel_m: float

    @property
    def off_cm(self) -> np.ndarray:
        """(n,) distance from the true path, both around their means; along the picture's plane and up."""
        within = slice(self.path.start, self.path.stop)
        lines = [self.path.up_m - self.truth.up_m]
        if self.path.forward_m is not None and self.truth.forward_m is not None:
            lines.append(self.path.forward_m - self.truth.forward_m)
        off = np.stack(lines)[:, within] * 100
        off = off - off.mean(1, keepdims=True)
        return np.hypot(*off) if len(off) > 1 else np.abs(off[0])


def followed(one: BarSet, detector: Detector) -> tuple[list[Observation], list[float]]:
    """Observations with the bar, and milliseconds a frame."""
    follower, seen, took_ms = Follower(detector), [], []
    for observation, picture in zip(one.observations, one.frames(), strict=True):
        began_s = time.perf_counter()
        bar = follower.follow(picture, observation.landmarks)
        took_ms.append((time.perf_counter() - began_s) * 1e3)
        seen.append(codec.rounded(dataclasses.replace(observation, bar=bar)))
    return seen, took_ms


def counted(exercise: str, seen: Sequence[Observation]) -> list[tuple[Rep, View | None]]:
    """Reps, judged."""
    pipeline = assembly.load(exercise).pipeline(learn=False)
    return [(step.rep, step.view) for step in steps(pipeline, seen) if step.rep is not None]


def measured(one: BarSet, seen: Sequence[Observation], rep: Rep, view: View, travel: str) -> Measured | None:
    """A rep beside its truth; None where the bar is not told."""
    around = tuple(o for o in seen if rep.start_s - MARGIN_S <= o.t_s <= rep.end_s + MARGIN_S)
    kept = RepWindow(
        observations=around,
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=view,
        set_name="1",
        pose="lite",
    )
    found = normalised_rep(kept)
    path = None if found is None else bar_path(found)
    if path is None:
        return None
    frames = [o.index for o in around if o.landmarks is not None]
    true = one.way[frames] - one.way[frames[path.start]]
    forward_m, up_m = (smoothed(path.t_s, true[:, axis]) for axis in (0, 2))
    truth = dataclasses.replace(path, forward_m=forward_m, up_m=up_m)
    speed, true_speed = (pace_of_bar(p, travel) for p in (path, whole_way(one, rep)))  # type: ignore[arg-type]
    if speed is None or true_speed is None:
        return None
    return Measured(
        path=path,
        truth=truth,
        speed=speed.speed,
        true_speed=true_speed.speed,
        travel_m=speed.travel,
        true_travel_m=true_speed.travel,
    )


def whole_way(one: BarSet, rep: Rep) -> BarPath:
    """The true way in the true rep that is nearest, with a margin as kept reps have it."""
    start_s, end_s = min(one.reps, key=lambda true: abs(true[0] - rep.start_s) + abs(true[1] - rep.end_s))
    frames = np.arange(max(0, round((start_s - MARGIN_S) * FPS)), min(len(one.way), round((end_s + MARGIN_S) * FPS)))
    up_m = smoothed(frames / FPS, one.way[frames, 2])
    start, stop = (int(np.searchsorted(frames, round(t_s * FPS))) for t_s in (start_s, end_s))
    return BarPath(t_s=frames / FPS, forward_m=None, up_m=up_m, start=start, stop=stop)


def of_set(one: BarSet, detector: Detector) -> tuple[list[Measured], dict[str, Any]]:
    """Its reps whose bar is told, and figures of the set."""
    seen, took_ms = followed(one, detector)
    travel = {"deadlift": "bar", "squat": "hips"}[one.exercise]
    reps = counted(one.exercise, seen)
    found = [measured(one, seen, rep, view, travel) for rep, view in reps if view is not None]
    told = [m for m in found if m is not None]
    bars = np.stack([np.full(4, np.nan) if o.bar is None else o.bar for o in seen])
    at = bars[:, :2] * (seen[0].width_px, seen[0].height_px)
    true = one.plates[:, 0]
    off = np.hypot(*(at - true[:, :2]).T) / true[:, 2]
    size = bars[:, 2] * seen[0].height_px / true[:, 2] - 1
    inside = ((true[:, :2] > 0) & (true[:, :2] < (seen[0].width_px, seen[0].height_px))).all(1)
    figures = {
        "set": one.name,
        "exercise": one.exercise,
        "view_deg": one.view_deg,
        "plate_cm": round(200 * one.radius_m),
        "true_reps": len(one.reps),
        "reps": len(reps),
        "told": len(told),
        "seen": round(float(np.isfinite(bars[:, 0]).mean()), 3),
        "at_plate": round(float((off[inside] < 0.3).mean()), 3) if inside.any() else None,
        "off_p50": round(float(np.nanmedian(off)), 3) if np.isfinite(off).any() else None,
        "size_off": round(float(np.nanmedian(size[off < 0.3])), 3) if (off < 0.3).any() else None,
        "speed_off": [round(m.speed / m.true_speed - 1, 3) for m in told],
        "travel_off_cm": [round(100 * (m.travel_m - m.true_travel_m), 1) for m in told],
        "path_rms_cm": [round(float(np.sqrt((m.off_cm**2).mean())), 2) for m in told],
        "path_max_cm": [round(float(m.off_cm.max()), 2) for m in told],
        "body_speed": [rep.pace is not None and rep.pace.measured_from == "body" for rep, _ in reps],
        "held": [evidence_of(tuple(o for o in seen if rep.start_s <= o.t_s <= rep.end_s)).held for rep, _ in reps],
        "ms": round(float(np.mean(took_ms)), 2),
    }
    return told, figures


def summary(figures: list[dict[str, Any]]) -> dict[str, Any]:
    """Over sets with full plates."""
    full = [one for one in figures if one["plate_cm"] >= 200 * FULL_M]
    small = [one for one in figures if one["plate_cm"] < 200 * FULL_M]
    of = {name: np.abs([v for one in full for v in one[name]]) for name in ("speed_off", "path_rms_cm", "path_max_cm")}
    travel = np.abs([v for one in full for v in one["travel_off_cm"]])
    return {
        "sets_with_full_plates": len(full),
        "reps": sum(one["reps"] for one in full),
        "told": sum(one["told"] for one in full),
        "speed_within_5_percent": int((of["speed_off"] <= 0.05).sum()),
        "path_rms_within_2_cm": int((of["path_rms_cm"] <= 2).sum()),
        "path_max_within_2_cm": int((of["path_max_cm"] <= 2).sum()),
        "speed_off_p50_p90": np.percentile(of["speed_off"], (50, 90)).round(3).tolist(),
        "path_rms_cm_p50_p90": np.percentile(of["path_rms_cm"], (50, 90)).round(2).tolist(),
        "path_max_cm_p50_p90": np.percentile(of["path_max_cm"], (50, 90)).round(2).tolist(),
        "travel_off_cm_p50_p90": np.percentile(travel, (50, 90)).round(2).tolist(),
        "other_reps": sum(one["reps"] for one in small),
        "other_told": sum(one["told"] for one in small),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=51)
    parser.add_argument("--sets", type=int, default=24)
    parser.add_argument("--none", type=int, default=8)
    parser.add_argument("--cache", type=Path, required=True)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    detector, figures = Detector(), []
    for number in range(asked.sets):
        figures.append(of_set(bar_set(asked.seed, number, asked.cache), detector)[1])
        print(json.dumps(figures[-1]), flush=True)
    print(json.dumps(summary(figures), indent=2))
    empty, ms = [], []
    for number in range(asked.none):
        seen, took_ms = followed(bar_set(asked.seed, number, asked.cache, bar=False), detector)
        empty += [o.bar is not None for o in seen]
        ms += took_ms
    print(json.dumps({"frames_without_a_bar": len(empty), "a_bar_found": int(sum(empty)), "ms": np.mean(ms or [0])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
