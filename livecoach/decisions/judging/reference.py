"""A reference: the lifter's own good reps, visible enough, and prepared for judging others by them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.core.types import RepWindow
from livecoach.decisions.judging.density import Density, density
from livecoach.decisions.judging.scorer import ReferenceKind, Scorer, encoder_input, filled, without
from livecoach.decisions.rep.features import MOMENTS, RepFeatures, rep_features
from livecoach.decisions.rep.measures import FaultTable, Front, Legs
from livecoach.decisions.rep.view_normalised import NormalisedRep, can_be_normalised, normalised_rep, side
from livecoach.perception.body import visibility
from livecoach.perception.body.quantiles import median

LOST_FROM_SIGHT = "lost from sight"  # too many frames show nobody
OUT_OF_PICTURE = "out of the picture"  # in too many frames, a part of the body is outside the picture, or unclear
LEGS_NOT_CLEAR = "legs not clear"
NOT_CLEAR = {"shoulders": "shoulders not clear", "hips": "hips not clear", "knees": "knees not clear"}
"""Group of joints without which nothing is judged → the reason."""
VIEW_UNKNOWN = "view not known"
FROM_BEHIND = "camera behind you"  # the training data shows nobody from this view
TOO_FEW_FRAMES = "too few frames"  # nothing can be measured
TOO_FEW_JOINTS = "too few joints"
NO_HUMAN = "no movement of a lifter"  # the joints lie where no body can have them
REASONS = (
    LOST_FROM_SIGHT,
    OUT_OF_PICTURE,
    LEGS_NOT_CLEAR,
    *NOT_CLEAR.values(),
    VIEW_UNKNOWN,
    FROM_BEHIND,
    TOO_FEW_FRAMES,
    TOO_FEW_JOINTS,
    NO_HUMAN,
)
"""Window and report give advice for each."""


VISIBLE_SHARE = 0.8  # of a rep's frames, which must show the whole body


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    failed: Mapping[str, str]  # group of joints that must not be measured → why
    unsure: str | None  # why the rep can't be judged; None if it can


def gate(window: RepWindow, rep: NormalisedRep | None, legs: Legs = "alike") -> Gate:
    """rep: the normalised window; None if too little was visible. legs: of the exercise."""
    failed = _failed(window, rep, legs)
    return Gate(failed=failed, unsure=_unsure(window, failed))


def _failed(window: RepWindow, rep: NormalisedRep | None, legs: Legs) -> dict[str, str]:
    inside = [o for o in window.inside if o.landmarks is not None and o.world is not None]
    if rep is None or len(inside) < 2:
        return {}
    landmarks = np.stack([o.landmarks for o in inside if o.landmarks is not None])
    world = np.stack([o.world for o in inside if o.world is not None])
    t_s = np.array([o.t_s for o in inside])
    size_px = (inside[0].width_px, inside[0].height_px)
    torso_m = rep.torso_m if legs == "split" else None
    return visibility.failed_joints(landmarks, world, t_s, rep.torso_px, size_px, split_torso_m=torso_m)


def _unsure(window: RepWindow, failed: Mapping[str, str]) -> str | None:
    inside = window.inside
    worlds = [o.world for o in inside if o.world is not None]
    if not worlds or len(worlds) / len(inside) < VISIBLE_SHARE:
        return LOST_FROM_SIGHT
    if window.confidence < VISIBLE_SHARE:
        return OUT_OF_PICTURE
    if visibility.leg_unsteadiness(worlds) > visibility.UNSTEADY:
        return LEGS_NOT_CLEAR
    return next((reason for joint, reason in NOT_CLEAR.items() if joint in failed), None)


SAME_VIEW_DEG = 15.0  # between azimuths of the same view
TURNS = 3  # iterations of turning reps to their mean; it converges


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredRep:
    features: RepFeatures
    points: np.ndarray  # trajectory, features.SHAPE; NaN at joints that failed their gate

    def out(self) -> "MeasuredRep":
        """Without its second half, for a rep that was not completed."""
        points, seconds = self.points.copy(), self.features.durations.copy()
        points[MOMENTS:], seconds[1] = np.nan, np.nan
        return replace(self, points=points, features=replace(self.features, durations=seconds))


class ReferenceRep:
    """One of the lifter's own good reps, measured when it is first compared: most of a long history never are."""

    def __init__(
        self,
        window: RepWindow,
        table: FaultTable,
        *,
        mirrored: bool | None = None,
        previous: "ReferenceRep | None" = None,
        measured: MeasuredRep | None = None,
    ) -> None:
        """mirrored: as normalised_rep's. previous: the rep before it of its set. measured: if measured before."""
        self.window = window
        self.mirrored, self.azimuth_deg = side(window.known_view.azimuth_deg, mirrored)
        self._table, self._measured = table, measured
        self._previous = None if previous is None else (previous.window, previous.mirrored)

    @property
    def measured(self) -> MeasuredRep:
        if self._measured is None:
            rep = normalised_rep(self.window, self.mirrored)
            if rep is None:
                raise ValueError("expected a rep that is visible enough")
            before = None if self._previous is None else normalised_rep(*self._previous)
            failed = gate(self.window, rep, self._table.legs).failed
            self._measured = measured_rep(rep, before, self._table, failed)
        return self._measured

    @property
    def front(self) -> Front | None:
        """As in RepFeatures. Nothing is measured if both legs do the same."""
        return None if self._table.legs == "alike" else self.measured.features.front


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormGroup:
    """Own good reps of one form: either those chosen by the lifter or the others."""

    latent: np.ndarray  # (K,) mean of their latents
    readings: np.ndarray  # (2 + 2 M,) medians of the fault model's readings; NaN where unknown
    values: dict[str, tuple[float, ...]]  # measure → value of each rep, NaN where unknown

    def usual(self, measure: str) -> float:
        """Median over the reps in which it is known; NaN if unknown in all."""
        known = np.array([value for value in self.values[measure] if math.isfinite(value)])
        return float(median(known)) if len(known) else math.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """Of one view, with one leg in front, prepared for judging."""

    kind: ReferenceKind
    reps: tuple[ReferenceRep, ...]
    mean: np.ndarray  # features.SHAPE, without gaps: the mean of the reps, to which a rep is turned
    density: Density
    groups: tuple[FormGroup, ...]  # one or two; the density of each weighs the same
    azimuth_deg: float  # like the next two, the median over the reps, as CameraPlace's
    tilt_deg: float
    size: float

    @property
    def day(self) -> str | None:
        return max((rep.window.day for rep in self.reps if rep.window.day is not None), default=None)

    def nearest(self, latent: np.ndarray) -> FormGroup:
        """The group that a latent (K,) is nearest to."""
        return min(self.groups, key=lambda group: float(((group.latent - latent) ** 2).sum()))


def measured_rep(
    rep: NormalisedRep, previous: NormalisedRep | None, table: FaultTable, failed: Mapping[str, str]
) -> MeasuredRep:
    """rep: turned to the common view. previous: the rep before it in its set. failed: as Gate's."""
    features = rep_features(rep, previous, table)
    return MeasuredRep(features=features, points=without(features.trajectory, failed))


def reference_of(scorer: Scorer, reps: Sequence[ReferenceRep], kind: ReferenceKind) -> Reference:
    """reps: of one view and leg; one is enough."""
    measured = [rep.measured for rep in reps]
    every = [one.points for one in measured]
    of_turned, mean = aligned(every, scorer.everybody.mean)
    latents = np.stack([scorer.encoder.encode(points) for points in of_turned])
    chosen = np.array([rep.window.chosen for rep in reps])
    places = [np.flatnonzero(of_group) for of_group in (chosen, ~chosen) if of_group.any()]
    # A rep of another form that the lifter calls good does not show how much reps of one form vary.
    of_reps = [(rep.window.set_name, rep.window.chosen) for rep in reps]
    by_set = [np.array([i for i, of in enumerate(of_reps) if of == one]) for one in dict.fromkeys(of_reps)]
    cameras = [one.features.camera for one in measured]
    return Reference(
        kind=kind,
        reps=tuple(reps),
        mean=mean,
        density=density(latents, by_set, places, scorer.width),
        groups=tuple(_group(scorer, [measured[i] for i in of_group], latents[of_group]) for of_group in places),
        azimuth_deg=float(np.median([place.azimuth_deg for place in cameras])),
        tilt_deg=float(np.median([place.tilt_deg for place in cameras])),
        size=float(np.median([place.size for place in cameras])),
    )


def aligned(points: Sequence[np.ndarray], everybody: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return trajectories turned to their mean (n, *SHAPE), and that mean. everybody: for joints that none has."""
    mean = filled(points[0], everybody)
    for _ in range(TURNS):
        of_turned = np.stack([encoder_input(one, mean) for one in points])
        mean = of_turned.mean(0)
    return of_turned, mean


def _group(scorer: Scorer, reps: Sequence[MeasuredRep], latents: np.ndarray) -> FormGroup:
    readings = np.stack([scorer.faults.readings(rep.features) for rep in reps])
    values = [rep.features.values for rep in reps]
    return FormGroup(
        latent=latents.mean(0),
        readings=medians(readings),
        values={name: tuple(of_rep[name] for of_rep in values) for name in values[0]},
    )


def medians(rows: np.ndarray) -> np.ndarray:
    """(k,) of rows (n, k), each over the rows in which it is known; NaN if unknown in all."""
    usual = median(rows)
    for place in np.flatnonzero(np.isnan(usual) & np.isfinite(rows).any(0)):
        usual[place] = median(rows[np.isfinite(rows[:, place]), place])
    return usual


def own_reps(windows: Sequence[RepWindow], table: FaultTable) -> list[ReferenceRep]:
    """Without those that are not visible enough."""
    reps: list[ReferenceRep] = []
    for window in windows:
        if can_be_normalised(window):
            previous = reps[-1] if reps and reps[-1].window.set_name == window.set_name else None
            mirrored = side_of(reps, window.known_view.azimuth_deg)
            reps.append(ReferenceRep(window, table, mirrored=mirrored, previous=previous))
    return reps


def side_of(reps: Sequence[ReferenceRep], azimuth_deg: float) -> bool | None:
    """Whether the latest rep of about this view was mirrored; None without one."""
    for rep in reversed(reps):
        if abs((-azimuth_deg if rep.mirrored else azimuth_deg) - rep.azimuth_deg) <= SAME_VIEW_DEG:
            return rep.mirrored
    return None


def near(reps: Sequence[ReferenceRep], azimuth_deg: float, front: Front | None = None) -> list[ReferenceRep]:
    """front: None for either."""
    of_view = [rep for rep in reps if abs(rep.azimuth_deg - azimuth_deg) <= SAME_VIEW_DEG]
    return [rep for rep in of_view if front is None or rep.front == front]
