"""The features of a rep, computed once: its motion and phases, its measures, and its trajectory."""

from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.frame.quantiles import median
from livecoach.rep import trajectory
from livecoach.rep.measures import FaultTable, Front, RepMotion, front_of, measured, measured_in, phases_of
from livecoach.rep.phases import Phases
from livecoach.rep.view_normalised import CameraPlace, NormalisedRep, camera_place, picture_motion, world_motion

STANCE = "ankle_displacement"
"""The measure that is taken from the picture alone: world landmarks do not tell where the feet stand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepFeatures:
    """The features of a rep, computed once: its tempo, its verdict and its place in a reference use them."""

    motion: RepMotion
    phases: Phases | None
    """Motion by the picture, and its phases; None where no phases could be detected."""
    trajectory: np.ndarray
    """trajectory.SHAPE, torso lengths; NaN where the pose model has no such landmark."""
    durations: np.ndarray
    """(2,) logarithms of the seconds out and back."""
    of_world: dict[str, float]
    of_picture: dict[str, float]
    """Measure → value, computed from world landmarks and from the picture; NaN where it can't be measured."""
    moments_s: dict[str, float]
    """Phase → when it begins; those that the rep has."""
    trajectory_s: np.ndarray
    """(2 trajectory.MOMENTS,) times of the moments of its trajectory."""
    fps: float
    camera: CameraPlace
    mirrored: bool
    """The rep was mirrored, as NormalisedRep says."""
    front: Front | None
    """Which leg is in front; None where the exercise has none in front, or it can't be told."""
    start_s: float

    @property
    def azimuth_deg(self) -> float:
        """Azimuth of the camera, as NormalisedRep's."""
        return self.camera.azimuth_deg

    @property
    def values(self) -> dict[str, float]:
        """Measure → value, from the picture where it can be had there, else from the world; NaN where not at all."""
        return {name: v if np.isfinite(v) else self.of_world[name] for name, v in self.of_picture.items()}


def rep_features(rep: NormalisedRep, previous: NormalisedRep | None, table: FaultTable) -> RepFeatures:
    """Compute the features of a rep. previous: the rep before, for feet that moved."""
    world, picture = world_motion(rep), picture_motion(rep)
    edge = rep.back
    back = None if edge is None else lambda frames: edge[frames]
    phases = phases_of(picture, table)
    of_world, of_picture = measured(world, table), measured_in(picture, phases, table, back=back)
    if STANCE in of_picture:
        of_picture[STANCE] = np.nan if previous is None else stance_moved(rep, previous)
    return RepFeatures(
        motion=picture,
        phases=phases,
        trajectory=trajectory.trajectory(rep, table.travel),
        durations=trajectory.durations(rep),
        of_world=of_world,
        of_picture=of_picture,
        moments_s=_moments_s(picture, phases),
        trajectory_s=trajectory.moments_s(rep, table.travel),
        fps=1 / float(median(np.diff(rep.t_s))),
        camera=camera_place(rep),
        mirrored=rep.mirrored,
        front=front_of(picture, phases, table),
        start_s=rep.start_s,
    )


def stance_moved(rep: NormalisedRep, previous: NormalisedRep) -> float:
    """Return how far the ankle that moved more is from its place in the rep before, across the picture, torso
    lengths."""
    places = [median(seen.picture[seen.inside][:, landmark.ANKLES]) for seen in (rep, previous)]
    if rep.mirrored != previous.mirrored:  # near the front the view's sign is chance
        places[1] = places[1][::-1] * (-1, 1)
    return float(np.abs(places[0] - places[1])[:, 0].max() / rep.torso_px)


def _moments_s(motion: RepMotion, phases: Phases | None) -> dict[str, float]:
    if phases is None:
        return {}
    frames = {
        "ascent": phases.ascent[0],
        "lift_off": phases.ascent[0],
        "knee_pass": phases.knee_pass,
        "lockout": phases.ascent[1],
        "descent": phases.descent[0],
        "lowering": phases.descent[0],
        "bottom": phases.turn,
        "floor": phases.descent[1],
    }
    return {name: float(motion.t_s[round(at)]) for name, at in frames.items() if np.isfinite(at)}
