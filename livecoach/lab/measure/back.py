"""How well the back's edge in the person mask tells a rounded back and a tucked pelvis: rendered sets.

One set a body and azimuth, of four good reps and two or three with faults, 640x480 at 15 frames a second; of what is
not measured every eighth frame is drawn. Phases are the truth's, so that the edge alone is judged. Truth severities are
measured on the mesh: twice the margin is .5. back_measures.yaml takes spreads and effects from here.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.lab.measure.back_sets import FAULT, FPS, MEASURE, back_clip, drawn_frames, observed, profile_of
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.table import Cell, Median, Progress, Rounded, Share, Table
from livecoach.rep.measures import MEASURES, Rep, RepMotion, load_faults
from livecoach.rep.measures.rep import phases_of
from livecoach.synth.clip import Clip
from livecoach.synth.true_severity import torso_length_m
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation

VIEWS_DEG = (0, 15, 30, 45, 60, 75, 90)
SPREADS, OWN = 3.0, 3
"""Margin in spreads, and how many other good reps of the set a rep is held against."""
SHOWN = (0.02, 0.99)
"""Severities that tell how large a fault truly is; others are at an end of the scale."""
SEVERE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BackRep:
    """One rep with the measure of its back's edge."""

    set_name: str
    view_deg: int
    fault: str
    way: str
    severity: float
    """True severity; NaN where the truth has none because the fault is not visible on the mesh."""
    value: float
    """NaN where the edge was not seen."""


def measure(
    exercise: str,
    bodies: str,
    seed: int,
    sets: int,
    views_deg: Sequence[int],
    spread: float | None,
    cache: Cache,
    progress: Progress,
) -> list[Table]:
    """Measure so many sets at each azimuth. spread: of good reps, to judge by; None for that of these sets."""
    reps: list[BackRep] = []
    for i, view_deg in enumerate(views_deg):
        for number in range(sets):
            progress(f"sets at {view_deg}°", (i + number / sets) / len(views_deg))
            name = f"{exercise}_{bodies}_{seed}_{view_deg}_{number}"
            clip = back_clip(exercise, bodies, seed, number, view_deg)
            observations = observed(clip, name, drawn_frames(clip), cache)
            reps += measured_reps(clip, observations, name, view_deg)
    return [_effects(reps, exercise), _alarms(reps, exercise, spread)]


def measured_reps(clip: Clip, observations: Sequence[Observation], name: str, view_deg: int) -> Iterator[BackRep]:
    """Yield each rep's measure, on the phases of the true landmarks."""
    exercise = clip.settings.exercise
    points, table = clip.landmarks(), load_faults(exercise)
    for rep in clip.movement.reps:
        first, last = max(rep.start_frame - int(FPS), 0), min(rep.end_frame + 1 + int(FPS), clip.frames)
        motion = RepMotion(
            points=points[first:last],
            t_s=np.arange(last - first) / FPS,
            torso=torso_length_m(clip.body),
            start=rep.start_frame - first,
            end=rep.end_frame + 1 - first,
        )
        phases = phases_of(motion, table)
        if phases is not None:
            shown = Rep(motion=motion, phases=phases, previous=None, back=profile_of(observations, first))
            yield _back_rep(rep, name, view_deg, exercise, MEASURES[MEASURE[exercise]].take(shown))


def _back_rep(rep: TrueRep, name: str, view_deg: int, exercise: str, value: float) -> BackRep:
    fault = rep.faults[0] if rep.faults else None
    severity: float | None = rep.severities.get(FAULT[exercise], 0.0)
    if fault is not None and fault.name == FAULT[exercise]:
        severity = fault.severity
    return BackRep(
        set_name=name,
        view_deg=view_deg,
        fault="good" if fault is None else fault.name,
        way="" if fault is None else fault.way,
        severity=math.nan if severity is None else severity,
        value=value,
    )


def _goods(reps: Sequence[BackRep]) -> dict[str, np.ndarray]:
    """Return set → values of its good reps that were seen, for sets with two or more."""
    by_set = defaultdict(list)
    for rep in reps:
        if rep.fault == "good" and math.isfinite(rep.value):
            by_set[rep.set_name].append(rep.value)
    return {name: np.array(values) for name, values in by_set.items() if len(values) > 1}


def _within(groups: dict[str, np.ndarray]) -> float:
    """Return the spread of good reps within a set, pooled; NaN without any."""
    freedom = sum(len(values) - 1 for values in groups.values())
    return math.sqrt(sum(((v - v.mean()) ** 2).sum() for v in groups.values()) / freedom) if freedom else math.nan


def _differences(reps: Sequence[BackRep], groups: dict[str, np.ndarray], fault: str, way: str | None) -> np.ndarray:
    """Return (n, 2) of each rep with the fault: from the median of its set's good reps, and its true severity."""
    chosen = [rep for rep in reps if rep.fault == fault and rep.set_name in groups and way in (None, rep.way)]
    found = [(rep.value - float(np.median(groups[rep.set_name])), rep.severity) for rep in chosen]
    return np.array([pair for pair in found if math.isfinite(pair[0])]).reshape(-1, 2)


def _half_severe(pairs: np.ndarray) -> tuple[float, int]:
    """Return the difference at true severity .5, and of how many reps: it is in proportion to 1 + 2 severity."""
    shown = pairs[(pairs[:, 1] > SHOWN[0]) & (pairs[:, 1] < SHOWN[1])]
    return (2 * float(np.median(shown[:, 0] / (1 + 2 * shown[:, 1]))), len(shown)) if len(shown) else (math.nan, 0)


def _effects(reps: Sequence[BackRep], exercise: str) -> Table:
    """One row an azimuth: the good reps, and each way's difference at severity .5 in spreads (reps)."""
    fault = FAULT[exercise]
    ways = sorted({rep.way for rep in reps if rep.fault == fault})
    others = sorted({rep.fault for rep in reps} - {fault, "good"})
    rows: list[tuple[Cell, ...]] = []
    for view_deg in sorted({rep.view_deg for rep in reps}):
        here = [rep for rep in reps if rep.view_deg == view_deg]
        groups = _goods(here)
        spread, middles = _within(groups), [float(np.median(values)) for values in groups.values()]
        cells: list[Cell] = []
        for way in (None, *ways):
            value, count = _half_severe(_differences(here, groups, fault, way))
            cells.append(Median(value / spread, 1, count))
        for other in others:
            pairs = _differences(here, groups, other, None)
            middle = float(np.median(pairs[:, 0])) if len(pairs) else math.nan
            cells.append(Median(middle / spread, 1, len(pairs)))
        rows.append(
            (
                f"{view_deg}°",
                len({rep.set_name for rep in here}),
                Share(sum(math.isfinite(rep.value) for rep in here), len(here)),
                Rounded(float(np.median(middles)) if middles else math.nan, 3),
                Rounded(float(np.std(middles, ddof=1)) if len(middles) > 1 else math.nan, 3),
                Rounded(spread, 4),
                *cells,
            )
        )
    heads = ("azimuth", "sets", "reps with an edge", "good reps", "between sets", "within a set", fault)
    title = f"{MEASURE[exercise]}: effect at severity {SEVERE:g} in spreads of good reps (reps)"
    return Table(title=title, columns=(*heads, *ways, *others), rows=tuple(rows))


def _alarms(reps: Sequence[BackRep], exercise: str, spread: float | None) -> Table:
    """One row an azimuth: how many reps are past the margin, against three other good reps of the set."""
    fault = FAULT[exercise]
    smallest = next(s.smallest for s in load_faults(exercise).faults[fault].signs if s.measure == MEASURE[exercise])
    rows: list[tuple[Cell, ...]] = []
    for view_deg in sorted({rep.view_deg for rep in reps}):
        here = [rep for rep in reps if rep.view_deg == view_deg]
        own = _within(_goods(here)) if spread is None else spread
        margin = smallest if math.isnan(own) else max(smallest, SPREADS * own)
        past: dict[str, list[bool]] = defaultdict(list)
        for rep in here:
            good = [r.value for r in here if r.set_name == rep.set_name and r.fault == "good" and r is not rep]
            excess = _excess(rep, good)
            if excess is not None and not math.isnan(rep.severity):
                past[_kind(rep, fault)].append(excess > margin)
        shares = [Share(sum(past[kind]), len(past[kind])) for kind in ("severe", "slight", "good", "other")]
        rows.append((f"{view_deg}°", Rounded(margin, 3), *shares))
    kinds = (f"{fault} at severity {SEVERE:g} and more", "under it", "good reps", "other faults")
    return Table(title="Reps past the margin", columns=("azimuth", "margin", *kinds), rows=tuple(rows))


def _kind(rep: BackRep, fault: str) -> str:
    if rep.fault == fault:
        return "severe" if rep.severity >= SEVERE else "slight"
    return "good" if rep.fault == "good" else "other"


def _excess(rep: BackRep, good: Sequence[float]) -> float | None:
    """Return by how much a rep is above the first three of the set's other good ones; None where it can't be said."""
    own = [value for value in good if math.isfinite(value)][:OWN]
    return rep.value - float(np.median(own)) if len(own) == OWN and math.isfinite(rep.value) else None
