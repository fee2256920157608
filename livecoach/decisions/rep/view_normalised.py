"""One rep turned so that the camera is at the lifter's left: in the picture, and in the lifter's own frame.

Landmarks in the picture are steadier than those in the world, but foreshortened: each measure is computed from both.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Observation, RepWindow
from livecoach.core.types.reps import Conditions
from livecoach.decisions.rep.measures import DorsalProfile, RepMotion
from livecoach.decisions.rep.phases import Travel
from livecoach.perception.body.body import lengths, sizes_px
from livecoach.perception.body.level import levelled
from livecoach.perception.body.placement import HEIGHT_OF_LIMBS
from livecoach.perception.body.quantiles import median, percentile

LEAST_FRAMES = 12
UPRIGHT_SHARE = 0.2  # of the rep's frames, those with the longest trunk, on which the standing torso is measured
NEAR_FRONT_DEG = 20.0  # nearer to the front than this, the sign of the view is chance
STILL_PERCENT = 20  # of the pictures, those in which a joint jumps least: there it rests
JITTER_HZ, JITTER_GROWS = 30.0, 0.95
"""Pictures a second at which jitter is compared, and its power of the time between two: in real sets of which every
second picture was taken, it differs by 6 % then."""
JITTER_FROM_HZ = 20.0
"""Pictures a second from which jitter differs from movement: at 12, of which a third difference holds five times as
much movement, two of four real sets of one lifter seemed to have more than the others."""
LEAST_SINE = 0.35  # of the azimuth, from which a forward distance is read off the picture: else stretched threefold
ACROSS_FROM = 0.2  # cosine of the azimuth above which a sideways distance is


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NormalisedRep:
    """A rep in the common view: T frames with a person in them, including a margin of up to a second on both sides."""

    picture: np.ndarray  # (T, 33, 2) square pixels: x to the right, y up
    world: np.ndarray  # (T, 33, 3) metres, the lifter's own frame: x forward, y left, z up; origin between the hips
    t_s: np.ndarray  # (T,) rising
    start_s: float
    turn_s: float
    end_s: float
    azimuth_deg: float  # 0…180; a little below 0 if the reference decided the side
    mirrored: bool  # the camera was at the lifter's right
    torso_px: float  # standing lifter's torso, in the picture
    torso_m: float  # the same in the world
    back: np.ndarray | None  # (T, 19) height of the back's edge, torso lengths; None if it was never detected
    middle_px: tuple[float, float] = (0.5, -0.5)  # of the picture, in the coordinates of `picture`
    bar: np.ndarray | None = None
    """(T, 3) of the barbell's nearer plate: x and y in the coordinates of `picture`, and its vertical diameter; NaN
    where it was not detected. None if it never was."""

    @property
    def inside(self) -> np.ndarray:
        """(T,) bool: without the margin."""
        return (self.t_s >= self.start_s) & (self.t_s <= self.end_s)

    @property
    def size(self) -> float:
        """Standing torso in the picture over the picture's height."""
        return self.torso_px / max(2 * abs(self.middle_px[1]), 1.0)

    def conditions(self, window: RepWindow) -> Conditions:
        """Return how well the camera saw the rep of a window."""
        joints = self.picture[:, landmark.JOINTS]
        fps = 1 / float(median(np.diff(self.t_s)))
        step = max(round(fps / JITTER_HZ), 1)
        jumps = lengths(np.diff(joints[::step], 3, axis=0)) / math.sqrt(20)  # of white noise: its deviation
        still = float(median(percentile(jumps, STILL_PERCENT).ravel())) / self.torso_px
        return Conditions(
            roll_deg=window.known_view.roll_deg or 0.0,
            lifter_px=HEIGHT_OF_LIMBS * float(percentile(sizes_px(joints[self.inside]), 100 * (1 - UPRIGHT_SHARE))),
            jitter=still * min(fps / step / JITTER_HZ, 1.0) ** JITTER_GROWS if fps >= JITTER_FROM_HZ else None,
            brightness=sum(seen.brightness for seen in window.observations) / len(window.observations),
            fps=fps,
        )

    @property
    def trunk_share(self) -> float:
        """Standing torso over the standing legs in the picture. It is smaller where the camera looks up from below."""
        return self.torso_px / _longest(self.picture[self.inside], landmark.HIPS, landmark.ANKLES)

    @property
    def tilt_deg(self) -> float:
        """How far the lifter leans away from the camera at the rep's most upright, or the camera looks up."""
        shoulders, ankles = (
            landmark.middle(self.world[self.inside], pair) for pair in (landmark.SHOULDERS, landmark.ANKLES)
        )
        body = shoulders - ankles
        upright = body[np.argsort(-body[:, 2], kind="stable")[: max(3, int(UPRIGHT_SHARE * len(body)))]]
        angle = np.radians(self.azimuth_deg)
        away = -(upright[:, 0] * np.cos(angle) + upright[:, 1] * np.sin(angle))
        return float(median(np.degrees(np.arctan2(away, upright[:, 2]))))


def normalised_rep(window: RepWindow, mirrored: bool | None = None) -> NormalisedRep | None:
    """None if the view is unknown, or too few frames show the rep. mirrored: whether the reps that it is compared with
    were mirrored. It decides near the front, where the view's sign is chance and must not swap left and right."""
    points = _points(window)
    if window.view is None or points is None:
        return None
    observations, picture, world, t_s, torso_px, torso_m = points
    mirrored, azimuth_deg = side(window.view.azimuth_deg, mirrored)
    if mirrored:
        picture = picture[:, landmark.OTHER_SIDE] * (-1, 1)
        world = world[:, landmark.OTHER_SIDE] * (-1, 1, 1)
    return NormalisedRep(
        picture=picture,
        world=_own_frame(world, _radians(window.view.azimuth_deg, mirrored)),
        t_s=t_s,
        start_s=window.start_s,
        turn_s=window.turn_s,
        end_s=window.end_s,
        azimuth_deg=azimuth_deg,
        mirrored=mirrored,
        torso_px=torso_px,
        torso_m=torso_m,
        back=_back(observations, torso_px),
        middle_px=((-1 if mirrored else 1) * observations[0].width_px / 2, -observations[0].height_px / 2),
        bar=_bar(observations, mirrored),
    )


def can_be_normalised(window: RepWindow) -> bool:
    """`normalised_rep` can turn it. The check takes a fifth of the time."""
    return window.view is not None and _points(window) is not None


def side(azimuth_deg: float, mirrored: bool | None) -> tuple[bool, float]:
    """Return whether a rep from this azimuth is mirrored, and then its azimuth. mirrored: as normalised_rep's."""
    if mirrored is None or abs(azimuth_deg) > NEAR_FRONT_DEG:
        mirrored = azimuth_deg < 0
    return mirrored, float(np.degrees(_radians(azimuth_deg, mirrored)))


def world_motion(rep: NormalisedRep, travel: Travel) -> RepMotion:
    """By the world landmarks, with the feet planted, because their origin, the hips, moves. travel: as FaultTable's."""
    planted = rep.world - landmark.middle(rep.world, landmark.ANKLES)[:, None]
    return _motion(rep, travel, planted, rep.torso_m)


def picture_motion(rep: NormalisedRep, travel: Travel) -> RepMotion:
    """By the picture: heights, and forward and sideways distances if the view shows them, else from the world."""
    azimuth_rad = np.radians(rep.azimuth_deg)
    sine, cosine = float(np.sin(azimuth_rad)), float(np.cos(azimuth_rad))
    flat = rep.picture / rep.torso_px
    flat = flat - landmark.middle(flat, landmark.ANKLES)[:, None]
    world = rep.world / rep.torso_m
    world = world - landmark.middle(world, landmark.ANKLES)[:, None]
    forward, sideways = world[..., 0], world[..., 1]
    if abs(cosine) > ACROSS_FROM:
        sideways = (flat[..., 0] + sine * forward) / cosine
    if sine >= LEAST_SINE:
        # Joints keep their sideways distance through a rep, so its median steadies poorly visible joints.
        forward = (cosine * median(world[..., 1]) - flat[..., 0]) / sine
    back = None if rep.back is None else rep.back.__getitem__
    return _motion(rep, travel, np.stack([forward, sideways, flat[..., 1]], -1), 1.0, back)


class _Points(NamedTuple):
    observations: list[Observation]
    picture: np.ndarray
    world: np.ndarray
    t_s: np.ndarray
    torso_px: float
    torso_m: float


def _points(window: RepWindow) -> _Points | None:
    """None with too few frames."""
    observations = _with_person(levelled(window))
    t_s = np.array([o.t_s for o in observations])
    within = (t_s >= window.start_s) & (t_s <= window.end_s)
    if np.count_nonzero(within) < LEAST_FRAMES:
        return None
    sizes_px = np.array([(o.width_px, -o.height_px) for o in observations], np.float64)
    picture = np.array([o.landmarks for o in observations], np.float64)[..., :2] * sizes_px[:, None]
    world = np.array([o.world for o in observations], np.float64)
    torso_px, torso_m = (_longest(points[within], landmark.SHOULDERS, landmark.HIPS) for points in (picture, world))
    if not (torso_px > 0 and torso_m > 0):
        return None
    return _Points(observations, picture, world, t_s, torso_px, torso_m)


def _radians(azimuth_deg: float, mirrored: bool) -> float:
    return float(np.radians(-azimuth_deg if mirrored else azimuth_deg))


def _motion(
    rep: NormalisedRep, travel: Travel, points: np.ndarray, torso: float, back: DorsalProfile | None = None
) -> RepMotion:
    start, *_, last = np.flatnonzero(rep.inside).tolist()
    plate = None if rep.bar is None else rep.bar[:, 1:]
    return RepMotion(
        points=points,
        t_s=rep.t_s,
        torso=torso,
        start=start,
        end=last + 1,
        travel=travel,
        back=back,
        plate=plate,
    )


def _with_person(observations: Iterable[Observation]) -> list[Observation]:
    """Those with a person in them; of two with the same time, the first."""
    with_person: list[Observation] = []
    for o in observations:
        if o.landmarks is not None and o.world is not None and not (with_person and o.t_s <= with_person[-1].t_s):
            with_person.append(o)
    return with_person


def _own_frame(world: np.ndarray, azimuth_rad: float) -> np.ndarray:
    """World landmarks (x right, y down, z away) in the frame of a lifter filmed from that azimuth."""
    sine, cosine = np.sin(azimuth_rad), np.cos(azimuth_rad)
    right, down, away = np.moveaxis(world, -1, 0)
    return np.stack([-sine * right - cosine * away, cosine * right - sine * away, -down], -1)


def _longest(points: np.ndarray, upper: tuple[int, int], lower: tuple[int, int]) -> float:
    """Return the distance between the middles of two pairs of joints in the frames in which it is longest."""
    apart = np.linalg.norm(landmark.middle(points, upper) - landmark.middle(points, lower), axis=1)
    return float(median(np.sort(apart)[-max(3, int(UPRIGHT_SHARE * len(apart))) :]))


def _back(observations: list[Observation], torso_px: float) -> np.ndarray | None:
    if all(o.back is None for o in observations):
        return None
    unknown = np.full(19, np.nan, np.float32)
    edges = np.array([unknown if o.back is None else o.back for o in observations])
    return (edges * np.array([[o.height_px / torso_px] for o in observations], np.float32)).astype(np.float64)


def _bar(observations: list[Observation], mirrored: bool) -> np.ndarray | None:
    if all(o.bar is None for o in observations):
        return None
    unknown = np.full(4, np.nan)
    sign = -1 if mirrored else 1
    plates = np.array([unknown if o.bar is None else o.bar for o in observations], np.float64)[:, :3]
    return plates * np.array([(sign * o.width_px, -o.height_px, o.height_px) for o in observations])
