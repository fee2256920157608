"""How well the bar is followed: its path and speed beside the truth of rendered sets, false finds, time a frame.

Reps are counted and judged as always, on what pose sees and the bar's follower adds. A true speed is that of the
rendered bar over the whole of the true rep, by the same rule (mean of the way up); paths are compared frame by frame,
both around their means.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from livecoach.bar.detector import Detector
from livecoach.counting.bar_evidence import evidence_of
from livecoach.lab.measure.bar_reps import FULL_M, BarRep, followed, judged_reps, measured_rep
from livecoach.lab.measure.bar_sets import BarSet, bar_set
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.table import Cell, Numbers, Progress, Rounded, Share, Table
from livecoach.types import Observation

AT_PLATE = 0.3
"""Distance from the near plate's true middle, in its radii, up to which it is found."""
COLUMNS = (
    "set",
    "exercise",
    "view",
    "plate, cm",
    "true reps",
    "reps",
    "with a path",
    "frames with a bar",
    "frames at the plate",
    "off, radii",
    "size off",
    "speed off",
    "travel off, cm",
    "path rms, cm",
    "path max, cm",
    "speed from the body",
    "reps whose bar is held",
    "ms a frame",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetFigures:
    """What following the bar gave in one set."""

    made: BarSet
    reps: int
    paths: Sequence[BarRep]
    row: tuple[Cell, ...]

    @property
    def has_full_plates(self) -> bool:
        """Whether its plates are as large as they are in a competition."""
        return round(200 * self.made.radius_m) >= 200 * FULL_M


def measure(seed: int, sets: int, empty_sets: int, cache: Cache, progress: Progress) -> list[Table]:
    """Measure sets with a bar, and sets of empty hands."""
    cv2.setNumThreads(1)
    detector, figures = Detector(), []
    for number in range(sets):
        progress("sets with a bar", number / sets)
        figures.append(figures_of(bar_set(seed, number, cache), detector))
    finds: list[bool] = []
    took_ms: list[float] = []
    for number in range(empty_sets):
        progress("empty hands", number / empty_sets)
        observations, of_set_ms = followed(bar_set(seed, number, cache, bar=False), detector)
        finds += [observation.bar is not None for observation in observations]
        took_ms += of_set_ms
    false_finds = Rounded(float(np.mean(took_ms)) if took_ms else float("nan"), 2)
    return [
        Table(title=f"Sets with a bar, seed {seed}", columns=COLUMNS, rows=tuple(one.row for one in figures)),
        Table(title="Sets with full plates", columns=("figure", "value"), rows=_summary(figures)),
        Table(
            title="Empty hands",
            columns=("sets", "frames with a bar", "ms a frame"),
            rows=((empty_sets, Share(sum(finds), len(finds)), false_finds),),
        ),
    ]


def figures_of(made: BarSet, detector: Detector) -> SetFigures:
    """Follow the bar through a set."""
    observations, took_ms = followed(made, detector)
    reps = judged_reps(made.exercise, observations)
    paths = [path for rep, view in reps if (path := measured_rep(made, observations, rep, view)) is not None]
    held = [evidence_of(tuple(o for o in observations if rep.start_s <= o.t_s <= rep.end_s)).held for rep, _ in reps]
    row: tuple[Cell, ...] = (
        made.name,
        made.exercise,
        Rounded(made.view_deg, 1, "°"),
        round(200 * made.radius_m),
        len(made.reps),
        len(reps),
        len(paths),
        *_finds(made, observations),
        Numbers(tuple(path.speed / path.true_speed - 1 for path in paths), 3),
        Numbers(tuple(100 * (path.travel_m - path.true_travel_m) for path in paths), 1),
        Numbers(tuple(_rms_cm(path) for path in paths), 2),
        Numbers(tuple(float(path.off_cm.max()) for path in paths), 2),
        sum(rep.pace is not None and rep.pace.measured_from == "body" for rep, _ in reps),
        Share(held.count(True), len(held) - held.count(None)),
        Rounded(float(np.mean(took_ms)), 2),
    )
    return SetFigures(made=made, reps=len(reps), paths=paths, row=row)


def _finds(made: BarSet, observations: Sequence[Observation]) -> tuple[Cell, ...]:
    """Frames with a bar, those at the plate, and the medians of how far and how much too large it is found."""
    bars = np.stack([np.full(4, np.nan) if o.bar is None else o.bar for o in observations])
    size_px = observations[0].width_px, observations[0].height_px
    true = made.plates[:, 0]
    off = np.hypot(*(bars[:, :2] * size_px - true[:, :2]).T) / true[:, 2]
    size_off = bars[:, 2] * size_px[1] / true[:, 2] - 1
    inside = ((true[:, :2] > 0) & (true[:, :2] < size_px)).all(1)
    at_plate = off < AT_PLATE
    return (
        Share(int(np.isfinite(bars[:, 0]).sum()), len(bars)),
        Share(int(at_plate[inside].sum()), int(inside.sum())),
        Rounded(float(np.nanmedian(off)) if np.isfinite(off).any() else float("nan"), 3),
        Rounded(float(np.nanmedian(size_off[at_plate])) if at_plate.any() else float("nan"), 3),
    )


def _summary(figures: Sequence[SetFigures]) -> tuple[tuple[Cell, ...], ...]:
    full, other = ([one for one in figures if one.has_full_plates is is_full] for is_full in (True, False))
    paths = [path for one in full for path in one.paths]
    speed = np.abs([path.speed / path.true_speed - 1 for path in paths]).round(3)
    rms, highest = (np.array([size(path) for path in paths]).round(2) for size in (_rms_cm, _max_cm))
    travel = np.abs([100 * (path.travel_m - path.true_travel_m) for path in paths])
    return (
        ("sets", len(full)),
        ("reps with a path", Share(len(paths), sum(one.reps for one in full))),
        ("speed within 5 %", Share(int((speed <= 0.05).sum()), len(paths))),
        ("rms of the path within 2 cm", Share(int((rms <= 2).sum()), len(paths))),
        ("largest distance within 2 cm", Share(int((highest <= 2).sum()), len(paths))),
        ("speed off: median, 90 %", _median_and_tail(speed, 3)),
        ("rms of the path, cm: median, 90 %", _median_and_tail(rms, 2)),
        ("largest distance, cm: median, 90 %", _median_and_tail(highest, 2)),
        ("travel off, cm: median, 90 %", _median_and_tail(travel, 2)),
        ("reps with a path in other sets", Share(sum(len(one.paths) for one in other), sum(one.reps for one in other))),
    )


def _rms_cm(path: BarRep) -> float:
    return float(np.sqrt((path.off_cm**2).mean()))


def _max_cm(path: BarRep) -> float:
    return float(path.off_cm.max())


def _median_and_tail(values: np.ndarray, digits: int) -> Numbers:
    return Numbers(tuple(np.percentile(values, (50, 90))) if len(values) else (), digits)
