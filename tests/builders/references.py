"""The lifter's own reference, by reps that are the stick figure's own, moved by as much as a test wants."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from builders.kept_reps import a_kept_rep
from builders.scorers import USUAL, a_scorer
from builders.steps import a_rep, a_view
from livecoach.core.step import RepCorrected
from livecoach.core.types import Correction, RepWindow
from livecoach.decisions.judging.own_reps import OwnReps
from livecoach.decisions.judging.reference import THIS_SET, Reference, RepSource, prepare_reference
from livecoach.decisions.judging.scorer import Scorer
from livecoach.decisions.judging.verdict import judge
from livecoach.decisions.rep.measured import MeasuredRep, Standing
from livecoach.decisions.rep.measures import FaultTable, Front, load_faults
from livecoach.decisions.rep.view_normalised import CameraReading

SCORER = a_scorer()
DEADLIFT = load_faults("deadlift")
KEPT = a_kept_rep()
SIZE = 0.21
"""Of the stick figure's torso in the picture, over the picture's height."""


def a_measured_rep(
    *,
    off: float = 0.0,
    azimuth_deg: float = 30.0,
    tilt_deg: float = 0.0,
    size: float = SIZE,
    front: Front | None = None,
    fps: float = 30.0,
    table: FaultTable = DEADLIFT,
    window: RepWindow | None = None,
    **measures: float,
) -> MeasuredRep:
    """A rep of the stick figure. off: how far all of it is off, in usual distances of good reps; measures: by how much
    these are off, scaled as their signs say; NaN: unknown."""
    figure = _figure(table.exercise)
    values = {**figure.values, **{name: figure.values[name] + change for name, change in measures.items()}}
    rep = MeasuredRep(another(view=a_view(azimuth_deg)) if window is None else window, table, mirrored=False)
    for name in ("ankles_px", "log_durations", "phase_starts_s"):
        setattr(rep, name, getattr(figure, name))
    rep.camera = figure.camera._replace(azimuth_deg=rep.azimuth_deg)
    rep.conditions = replace(rep.conditions, fps=fps)
    place = {"tilt_deg": tilt_deg, "size": size, "front": front, "unmeasurable_joints": {}}
    return altered(rep, points=moved(figure.trajectory, off), world_values=values, picture_values=values, **place)


def altered(rep: MeasuredRep, **measured: object) -> MeasuredRep:
    """The rep, of which something else was measured."""
    other = copy.copy(rep)
    of_camera = {name: measured.pop(name) for name in CameraReading._fields if name in measured}
    if of_camera:
        other.camera = rep.camera._replace(**of_camera)
    for name, value in measured.items():
        setattr(other, name, value)
    return other


def moved(points: np.ndarray, off: float) -> np.ndarray:
    """Return a trajectory that is so many usual distances higher up."""
    return points + off * USUAL * np.sqrt(3) * np.array([0.0, 0.0, 1.0])


def another(number: int = 0, **changes: object) -> RepWindow:
    """A rep to keep, told from others by its start."""
    return replace(KEPT, start_s=KEPT.start_s + number / 1e5, number=number + 1, **changes)  # type: ignore[arg-type]


def an_own_rep(
    number: int = 0,
    *,
    off: float = 0.0,
    azimuth_deg: float = 30.0,
    set_name: str = "1",
    chosen: bool = False,
    day: str | None = None,
    **changes: object,
) -> MeasuredRep:
    """The rep of that number. changes: as a_measured_rep's."""
    window = another(number, view=a_view(azimuth_deg), set_name=set_name, chosen=chosen, day=day)
    return a_measured_rep(off=off, azimuth_deg=azimuth_deg, window=window, **changes)  # type: ignore[arg-type]


def a_reference(
    *offs: float, source: RepSource = THIS_SET, scorer: Scorer = SCORER, azimuth_deg: float = 30.0
) -> Reference:
    """The reference of good reps that are so far off; of five that are a little apart where none are given."""
    apart = offs or (-1.0, -0.5, 0.0, 0.5, 1.0)
    reps = [an_own_rep(i, off=off, azimuth_deg=azimuth_deg) for i, off in enumerate(apart)]
    return prepare_reference(scorer, reps, source)


def a_lifter(kept: Sequence[RepWindow] = ()) -> OwnReps:
    """A lifter whose profile keeps these reps."""
    return OwnReps(SCORER, kept)


def judged(lifter: OwnReps, rep: MeasuredRep, *, is_complete: bool = True, standing: Standing = "allowed") -> float:
    """Judge a rep as a run does; its score."""
    reference = lifter.reference(rep)
    found, _ = judge(rep, reference, of_set=lifter.reference_within_set(rep))
    rep.standing = standing
    lifter.add(rep, found.score, is_complete=is_complete, is_self_judged=reference.source.apart == "nothing")
    return found.score


def a_set_of(lifter: OwnReps, *offs: float, set_name: str = "1", first: int = 0, **changes: object) -> list[bool]:
    """Judge a set of reps that are so far off; which of them were flagged. The set is not over."""
    reps = [an_own_rep(first + i, off=off, set_name=set_name, **changes) for i, off in enumerate(offs)]  # type: ignore[arg-type]
    return [judged(lifter, rep) > 1 for rep in reps]


def call(lifter: OwnReps, start_s: float, good: bool | None, *, alarm: bool) -> RepCorrected:
    """Call a rep good or not, or take that back (None). alarm: it was judged anomalous."""
    correction = None if good is None else Correction(label="good" if good else "bad")
    rep = a_rep(start_s=start_s, verdict="anomalous" if alarm else "good", correction=correction)
    return lifter.correct(RepCorrected(rep=rep, before=None))


@cache
def _figure(exercise: str) -> MeasuredRep:
    return MeasuredRep(a_kept_rep(lift="deadlift" if exercise == "deadlift" else "squat"), load_faults(exercise))
