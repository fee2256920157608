"""Measures a rep, so that it can be compared with other reps."""

import copy
import math
from collections.abc import Sequence
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, percentile
from livecoach.core.types import RepWindow
from livecoach.core.types.observation import LONGEST_GAP_S
from livecoach.core.types.reps import Conditions
from livecoach.decisions.rep.measures import FaultTable, Front, front_leg, measure_all
from livecoach.decisions.rep.motion import RepMotion
from livecoach.decisions.rep.view_normalised import (
    MOMENTS,
    UPRIGHT_SHARE,
    CameraReading,
    NormalisedRep,
    can_be_normalised,
    choose_mirroring,
    compute_trajectory,
    normalise_rep,
    picture_motion,
    sampled_moments_s,
    undo_tilt,
    upright_distance,
    without_joints,
    world_motion,
)
from livecoach.perception.body import visibility
from livecoach.perception.body.body import lengths, level_points, pair_middle, sizes_px, stack
from livecoach.perception.body.placement import HEIGHT_OF_LIMBS

# Reasons why a rep can't be judged
PICTURES_MISSING = "pictures are missing"  # For a moment, no picture came or was analysed
LOST_FROM_SIGHT = "lost from sight"  # Too many frames show nobody
OUT_OF_PICTURE = "out of the picture"  # In too many frames, a part of the body is outside the picture, or unclear
LEGS_NOT_CLEAR = "legs not clear"
NOT_CLEAR = {"shoulders": "shoulders not clear", "hips": "hips not clear", "knees": "knees not clear"}
"""Group of joints without which no rep is judged → the reason."""
VIEW_UNKNOWN = "view not known"
FROM_BEHIND = "camera behind you"  # The training data shows nobody from this view
TOO_FEW_FRAMES = "too few frames"  # Nothing can be measured
TOO_FEW_JOINTS = "too few joints"
TOO_DARK, TOO_COARSE = "too dark", "picture not clear"  # Landmarks are less exact than in the reference
TOO_FAR = "too far away"  # Too few pixels show the lifter
LOOKS_UP, LOOKS_DOWN = "camera too low", "camera too high"  # The camera is tilted more than in the reference
MOVED = "camera turned or moved"  # The lifter looks turned, or leans, unlike in the reference
ON_ITS_SIDE = "the picture lies on its side"
NO_HUMAN = "no movement of a lifter"  # The joints are where no body can have them

LEAST_PX = 110.0
"""Least height in pixels of a lifter who is judged. The pose model looks at 256 pixels; a lifter takes most of them."""
DARK = 0.2  # Mean grey value up to which jumping landmarks are blamed on the dark. Our choice.
VISIBLE_SHARE = 0.8  # Least share of a rep's frames that must show the whole body
LEAST_S = 0.1  # Least duration in seconds of a way
MOST_HELD_S = 1.0  # Longest time in seconds for which the synthetic lifters who trained the scorers hold a turn
SAME_VIEW_DEG, UNCLEAR_VIEW_DEG, BLURRED = 15.0, 20.0, 0.86
"""Largest differences between azimuths of the same view, in general and to a rep in a picture that is dark or has a
`CameraReading.clarity` below BLURRED. A quarter of the light, or blur, seems to turn real lifters by up to 5°."""
STANCE = "ankle_displacement"  # Measured only in the picture: world landmarks do not show where the feet stand
FEET_STAY_S = 10.0  # Longest pause in seconds in which the feet stay: a lifter who pauses longer may walk. Our choice.
STILL_PERCENT = 20  # Percentile of the jumps of a joint between pictures at which it rests
JITTER_HZ, JITTER_GROWS = 30.0, 0.95
"""Frame rate at which jitter is compared, and the power of the frame interval with which jitter grows. If every second
picture of real sets is left out, the compared jitter differs by 6 %."""
JITTER_FROM_HZ = 20.0
"""Frame rate from which jitter differs from movement. At 12 frames a second, third differences contain five times
as much movement, and two of four real sets of a lifter seemed to have more jitter than the others."""
USUAL_JITTER = 0.003  # Jitter, as in Conditions, below which three of four real clips lie
STALLING = "stalling"
"""Not measured beyond USUAL_JITTER, since shoulders and hands that jump together seem to stall; nor in a partial rep,
because a pull that is given up always stalls."""
# Measures that `settle` computes
SETTLED = ("ankles_px", "log_durations", "world_values", "picture_values", "points", "front", "camera")
# Cached values that follow from the landmarks' motion
OF_MOTION = ("motion", "world_values", "picture_values", "values", "moments_s", "trajectory", "points")
Standing = Literal["allowed", "missed", "disallowed"]
"""The standing of a rep by the lifter's standards. A rep that missed a standard counts, a disallowed rep does not, and
neither is good unless the lifter calls it good."""


class Azimuth(NamedTuple):
    """An azimuth of the camera in the common view, and how far other azimuths of the same view may be from it."""

    deg: float
    same_view_deg: float = SAME_VIEW_DEG


class MeasuredRep:
    """A rep with its measures, which are computed only when needed: most reps of a long history need no measures.

    Most measures raise ValueError if too little was visible, or if the view is unknown.
    """

    score = 0.0  # Score of its verdict in this run
    is_complete = True  # Whether every main fault that a good picture of its view shows was measured
    standing: Standing = "allowed"
    is_self_judged = False  # Whether no other set judged it, but only its own set or everybody's reps
    is_settled = False  # Whether `settle` was called
    is_half = False  # Whether it ended at its turn
    is_partial = False  # Whether it is a partial rep
    called_good: bool | None = None  # Whether the lifter's correction calls it good; None without a correction

    def __init__(
        self,
        window: RepWindow,
        table: FaultTable,
        *,
        mirrored: bool | None = None,
        previous: "MeasuredRep | None" = None,
    ) -> None:
        """Start without any measures.

        Args:
            mirrored: Whether the reps with which the rep is compared were mirrored; None without these reps.
            previous: The previous rep of the set; None for the first rep.
        """
        self.window, self.table, self.previous = window, table, previous
        self.mirrored, self.azimuth_deg = False, math.nan
        if window.view is not None:
            self.mirrored, self.azimuth_deg = choose_mirroring(window.view.azimuth_deg, mirrored)

    @property
    def may_teach(self) -> bool:
        """Whether standards let the rep join a reference: it is not disallowed, or the lifter calls it good."""
        return self.called_good is True or self.standing != "disallowed"

    @property
    def is_good(self) -> bool:
        """Whether the lifter calls the rep good or, without a correction, its form and standards make it good."""
        return self.score <= 1 and self.standing == "allowed" if self.called_good is None else self.called_good

    @cached_property
    def normalised_rep(self) -> NormalisedRep | None:
        """The rep with the camera at the lifter's left; None if too little was visible, or the view is unknown."""
        return normalise_rep(self.window, self.mirrored)

    @cached_property
    def unmeasurable_joints(self) -> dict[str, str]:
        """The groups of joints that must not be measured, and any of NO_TOES, NO_MASK and NO_BAR, each with its reason.

        The result is empty without `normalised_rep`, or if fewer than two observations show the lifter in the rep. The
        judge adds NO_BAR.
        """
        inside = [o for o in self.window.rep_observations if o.landmarks is not None and o.world is not None]
        rep = self.normalised_rep
        if rep is None or len(inside) < 2:
            return {}
        return visibility.unmeasurable_joints(
            stack(inside, "landmarks"),
            stack(inside, "world"),
            stack(inside, "t_s"),
            rep.torso_px,
            (inside[0].width_px, inside[0].height_px),
            steadied=level_points(inside).landmarks,
            split_torso_m=rep.torso_m if self.table.legs == "split" else None,
        )

    @cached_property
    def unsure_reason(self) -> str | None:
        """The reason why too little of the rep is clearly visible to judge it; None if enough is visible."""
        if self.window.gap_s > LONGEST_GAP_S:
            return PICTURES_MISSING
        inside = self.window.rep_observations
        worlds = [o.world for o in inside if o.world is not None]
        if not worlds or len(worlds) / len(inside) < VISIBLE_SHARE:
            return LOST_FROM_SIGHT
        if self.window.confidence < VISIBLE_SHARE:
            return OUT_OF_PICTURE
        if visibility.leg_unsteadiness(worlds) > visibility.UNSTEADY:
            return LEGS_NOT_CLEAR
        if self.normalised_rep is None:
            return VIEW_UNKNOWN if self.window.view is None else TOO_FEW_FRAMES
        not_clear = (reason for joint, reason in NOT_CLEAR.items() if joint in self.unmeasurable_joints)
        return TOO_FAR if self.conditions.lifter_px < LEAST_PX else next(not_clear, None)

    @property
    def unclear_reason(self) -> str:
        """The reason for not judging the rep if the picture is too unclear."""
        return TOO_DARK if self.conditions.brightness < DARK else TOO_COARSE

    @property
    def required_normalised_rep(self) -> NormalisedRep:
        """The rep with the camera at the lifter's left. Raises ValueError if `normalised_rep` is None."""
        if self.normalised_rep is None:
            raise ValueError("expected a rep with enough visible frames and a known view")
        return self.normalised_rep

    @cached_property
    def motion(self) -> RepMotion:
        """The motion of the rep, mainly from the picture landmarks (`picture_motion`), in torso lengths."""
        return picture_motion(self.required_normalised_rep, self.table.travel)

    @cached_property
    def world_values(self) -> dict[str, float]:
        """The value of each measure from the landmarks in the world; NaN if it can't be measured."""
        return measure_all(world_motion(self.required_normalised_rep, self.table.travel), self.table)

    @cached_property
    def picture_values(self) -> dict[str, float]:
        """The value of each measure from the landmarks in the picture; NaN if it can't be measured."""
        values = measure_all(self.motion, self.table)
        if STANCE in values:  # how far the ankle that moved more is from its previous place, across, in torso lengths
            previous, now = self.previous, self.ankles_px
            before, values[STANCE] = None if previous is None else previous.ankles_px, math.nan
            if previous is not None and before is not None and now is not None:
                framings = {rep.window.rep_observations[0].framing for rep in (previous, self)}
                if self.mirrored != previous.mirrored:  # near the front the view's sign is chance
                    before = before[::-1] * (-1, 1)
                if len(framings) == 1 and self.window.start_s - previous.window.end_s <= FEET_STAY_S:
                    values[STANCE] = float(np.abs(now - before)[:, 0].max() / self.required_normalised_rep.torso_px)
        return values

    @cached_property
    def values(self) -> dict[str, float]:
        """The value of each measure from the picture landmarks, else the world landmarks; NaN if neither shows it.

        In a partial rep, and in a rep with a jitter above USUAL_JITTER, STALLING is NaN, too.
        """
        values = {name: v if np.isfinite(v) else self.world_values[name] for name, v in self.picture_values.items()}
        if STALLING in values and (self.is_partial or (self.conditions.jitter or 0.0) > USUAL_JITTER):
            values[STALLING] = math.nan
        return values

    @cached_property
    def ankles_px(self) -> np.ndarray | None:
        """The (2, 2) median x and y of both ankles in `NormalisedRep.picture`; None if the rep can't be judged."""
        rep = self.normalised_rep
        if rep is None or self.unsure_reason is not None:
            return None  # the ankles may belong to somebody who passed
        return median(rep.picture[rep.inside][:, landmark.ANKLES])

    @cached_property
    def moments_s(self) -> np.ndarray:
        """The (2 * MOMENTS,) times in seconds at which the trajectory is sampled."""
        return sampled_moments_s(self.required_normalised_rep, self.table.travel)

    @cached_property
    def log_durations(self) -> np.ndarray:
        """The (2,) natural logarithms of the seconds of the way out and the way back, at least LEAST_S each.

        A hold at the turn counts for at most MOST_HELD_S, so that a rep that is held is no slower.
        """
        window, phases, t_s = self.window, self.motion.detected_phases, self.motion.t_s
        ways_s = np.array([window.turn_s - window.start_s, window.end_s - window.turn_s])
        if phases is not None:
            held_from_s, held_to_s = np.clip(t_s[list(phases.held)], window.start_s, window.end_s)
            turn_s = min(max(window.turn_s, held_from_s), held_to_s)
            held_s = np.array([turn_s - held_from_s, held_to_s - turn_s])
            ways_s -= held_s * max(1 - MOST_HELD_S / max(held_s.sum(), LEAST_S), 0.0)
        logarithms: np.ndarray = np.log(np.maximum(ways_s, LEAST_S))
        return logarithms

    @cached_property
    def trajectory(self) -> np.ndarray:
        """The trajectory (TRAJECTORY_SHAPE) of the rep, including joints that can't be measured."""
        return compute_trajectory(self.required_normalised_rep, self.moments_s)

    @cached_property
    def points(self) -> np.ndarray:
        """The trajectory (TRAJECTORY_SHAPE), with NaN for joints that can't be measured (`unmeasurable_joints`)."""
        return without_joints(self.trajectory, self.unmeasurable_joints)

    @cached_property
    def phase_starts_s(self) -> dict[str, float]:
        """The time at which each phase begins, by all names that the phase has in any exercise.

        For example, "bottom" is the turn of any rep. "knee_pass" is included only if the bar passes the knees. The
        result is empty if no phases could be detected.
        """
        phases, t_s = self.motion.detected_phases, self.motion.t_s
        if phases is None:
            return {}
        off_s, up_s, leaves_s, down_s, turn_s = t_s[[*phases.ascent, *phases.descent, phases.turn]].tolist()
        begins = {"ascent": off_s, "lift_off": off_s, "lockout": up_s, "bottom": turn_s}
        begins |= {"descent": leaves_s, "lowering": leaves_s, "floor": down_s}
        return begins if math.isnan(phases.knee_pass) else begins | {"knee_pass": float(t_s[round(phases.knee_pass)])}

    @cached_property
    def conditions(self) -> Conditions:
        """The conditions under which the camera saw the rep."""
        rep, seen = self.required_normalised_rep, self.window.observations
        joints = rep.picture[:, landmark.JOINTS]
        fps = 1 / float(median(np.diff(rep.t_s)))
        step = max(round(fps / JITTER_HZ), 1)
        jumps = lengths(np.diff(joints[::step], 3, axis=0)) / math.sqrt(20)  # the standard deviation, for white noise
        still = float(median(percentile(jumps, STILL_PERCENT).ravel())) / rep.torso_px
        return Conditions(
            roll_deg=self.window.known_view.roll_deg or 0.0,
            lifter_px=HEIGHT_OF_LIMBS * float(percentile(sizes_px(joints[rep.inside]), 100 * (1 - UPRIGHT_SHARE))),
            jitter=still * min(fps / step / JITTER_HZ, 1.0) ** JITTER_GROWS if fps >= JITTER_FROM_HZ else None,
            brightness=sum(picture.brightness for picture in seen) / len(seen),
            fps=fps,
        )

    @property
    def shows_motion_badly(self) -> bool:
        """Whether fast movement was blurred or strongly compressed shortly before the end of the rep's window."""
        return any(seen.shows_motion_badly for seen in self.window.observations[-1:])

    @cached_property
    def camera(self) -> CameraReading:
        """The place of the camera, and how exactly it shows the rep.

        A single rep shows this less exactly than a set. Once the rep is judged, all except azimuth and size are the
        medians of its set so far.
        """
        rep, (left, right) = self.required_normalised_rep, landmark.SHOULDERS
        world = rep.world[rep.inside]
        body = pair_middle(world, landmark.SHOULDERS) - pair_middle(world, landmark.ANKLES)
        most_upright = np.argsort(-body[:, 2], kind="stable")[: max(3, int(UPRIGHT_SHARE * len(world)))]
        upright, body, angle = world[most_upright], body[most_upright], np.radians(rep.azimuth_deg)
        away = -(body[:, 0] * np.cos(angle) + body[:, 1] * np.sin(angle))
        forward, sideways = median(upright[:, left, :2] - upright[:, right, :2])
        legs_px = upright_distance(rep.picture[rep.inside], landmark.HIPS, landmark.ANKLES)
        return CameraReading(
            azimuth_deg=rep.azimuth_deg,
            tilt_deg=float(median(np.degrees(np.arctan2(away, body[:, 2])))),
            standing_deg=rep.azimuth_deg + float(np.degrees(np.arctan2(forward, sideways))),
            size=rep.torso_px / max(2 * abs(rep.middle_px[1]), 1.0),
            trunk_share=rep.torso_px / legs_px,
            jitter=math.nan if self.conditions.jitter is None else self.conditions.jitter,
            clarity=visibility.motion_clarity(self.window.observations),
        )

    @property
    def azimuth(self) -> Azimuth:
        """The azimuth of the camera, and how far other azimuths of the same view may be from it."""
        is_unclear = self.conditions.brightness < DARK or self.camera.clarity < BLURRED
        return Azimuth(self.azimuth_deg, UNCLEAR_VIEW_DEG if is_unclear else SAME_VIEW_DEG)

    @cached_property
    def has_toes(self) -> bool:
        """Whether the pose network shows toes: MoveNet, which livecoach changes to while a lifter lies, does not."""
        worlds = [o.world for o in self.window.rep_observations if o.world is not None]
        return all(np.isfinite(world[list(landmark.TOES)]).all() for world in (*worlds[:1], *worlds[-1:]))

    @cached_property
    def front(self) -> Front | None:
        """The leg in front at the bottom of the rep; None if unknown, or if both legs do the same in the exercise."""
        return None if self.table.legs == "alike" or self.motion.detected_phases is None else front_leg(self.motion)

    def settle(self) -> None:
        """Compute all measures by which other reps are judged, and drop the motion and the previous rep."""
        for name in SETTLED:
            getattr(self, name)
        self.previous, self.is_settled = None, True
        for name in ("normalised_rep", "motion"):
            self.__dict__.pop(name, None)

    def cut_way_back(self) -> "MeasuredRep":
        """Return a copy of the rep without its way back, for the comparison with a rep that ended at its turn."""
        rep = copy.copy(self)
        rep.is_half = True
        rep.points, rep.log_durations = self.points.copy(), self.log_durations.copy()
        rep.points[MOMENTS:], rep.log_durations[1] = np.nan, np.nan
        return rep

    def undo_tilt(self, tilt_deg: float, pitch_deg: float) -> "MeasuredRep":
        """Return a copy of the rep, to be measured as if its camera looked up less; `camera` stays as it is.

        The landmarks in the world are turned by `tilt_deg`, and the landmarks in the picture by `pitch_deg`.
        """
        rep = copy.copy(self)
        for name in OF_MOTION:
            rep.__dict__.pop(name, None)
        rep.normalised_rep = undo_tilt(self.required_normalised_rep, tilt_deg, pitch_deg)
        return rep.cut_way_back() if self.is_half else rep

    def with_points(self, points: np.ndarray) -> "MeasuredRep":
        """Return a copy of the rep with other `points`."""
        rep = copy.copy(self)
        rep.points = points
        return rep


def prepare_own_reps(windows: Sequence[RepWindow], table: FaultTable) -> list[MeasuredRep]:
    """Prepare a lifter's own reps to be measured when needed, except reps that can't be turned to the common view."""
    reps: list[MeasuredRep] = []
    for window in windows:
        if can_be_normalised(window):
            previous = reps[-1] if reps and reps[-1].window.set_name == window.set_name else None
            mirrored = latest_mirroring(reps, window.known_view.azimuth_deg)
            reps.append(MeasuredRep(window, table, mirrored=mirrored, previous=previous))
            reps[-1].standing = "missed" if window.misses_standard else "allowed"
    return reps


def latest_mirroring(reps: Sequence[MeasuredRep], camera_azimuth_deg: float) -> bool | None:
    """Return whether the last rep within SAME_VIEW_DEG of a signed azimuth was mirrored; None without such a rep."""
    for rep in reversed(reps):
        if abs((-camera_azimuth_deg if rep.mirrored else camera_azimuth_deg) - rep.azimuth_deg) <= SAME_VIEW_DEG:
            return rep.mirrored
    return None


RepOrAzimuth = MeasuredRep | Azimuth


def reps_of_same_view(reps: Sequence[MeasuredRep], at: RepOrAzimuth) -> list[MeasuredRep]:
    """Return the reps with nearly the same azimuth as a rep, the same pose network, and the same leg in front.

    Args:
        at: The rep, or an azimuth in the common view. For an azimuth, the network and the leg do not matter; for a rep
            with an unknown front leg, the leg does not.
    """
    here = at.azimuth if isinstance(at, MeasuredRep) else at
    near = [rep for rep in reps if abs(rep.azimuth_deg - here.deg) <= here.same_view_deg]
    if not isinstance(at, MeasuredRep):
        return near
    return [rep for rep in near if rep.has_toes == at.has_toes and at.front in {None, rep.front}]
