"""The features of a rep, computed once: its motion and phases, its measures, and all of them as one vector."""

from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.frame.quantiles import median
from livecoach.rep.measures import FaultTable, Front, RepMotion, front_of, measured, measured_in, phases_of
from livecoach.rep.phases import Phases
from livecoach.rep.trajectory_vector import durations, trace
from livecoach.rep.trajectory_vector import moments_s as trace_moments_s
from livecoach.rep.view_normalised import NormalisedRep, picture_motion, world_motion

STANCE = "ankle_displacement"
"""The measure that is taken from the picture alone: world landmarks do not tell where the feet stand."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepFeatures:
    """The features of a rep, computed once: its tempo, its verdict and its place in a reference use them."""

    motion: RepMotion
    phases: Phases | None
    """Motion by the picture, and its phases; None where no phases could be detected."""
    vector: np.ndarray
    """(trajectory_vector.LENGTH + 2 + 2 M,) trajectory, durations, measures from the world and from the picture, scaled
    as their signs say; NaN where unknown."""
    values: dict[str, float]
    """Measure → value, from the picture where it can be had there, else from the world; NaN where not at all."""
    moments_s: dict[str, float]
    """Phase → when it begins; those that the rep has."""
    trace_s: np.ndarray
    """(2 trajectory_vector.MOMENTS,) times of the moments of its trace."""
    fps: float
    azimuth_deg: float
    mirrored: bool
    """The rep was mirrored, as NormalisedRep says."""
    front: Front | None
    """Which leg is in front; None where the exercise has none in front, or it can't be told."""
    start_s: float


def rep_features(
    rep: NormalisedRep, previous: NormalisedRep | None, table: FaultTable, measures: tuple[str, ...]
) -> RepFeatures:
    """Compute the features of a rep.

    measures: names of the M that are part of the vector. previous: the rep before, for feet that moved.
    """
    world, picture = world_motion(rep), picture_motion(rep)
    edge = rep.back
    back = None if edge is None else lambda frames: edge[frames]
    phases = phases_of(picture, table)
    of_world, of_picture = measured(world, table), measured_in(picture, phases, table, back=back)
    scaled = [table.signs[name][0].scaled(values[name]) for values in (of_world, of_picture) for name in measures]
    values = {name: value if np.isfinite(value) else of_world[name] for name, value in of_picture.items()}
    if STANCE in values and previous is not None:
        values[STANCE] = stance_moved(rep, previous)
    return RepFeatures(
        motion=picture,
        phases=phases,
        vector=np.concatenate([trace(rep, table.travel), durations(rep), scaled]),
        values=values,
        moments_s=_moments_s(picture, phases),
        trace_s=trace_moments_s(rep, table.travel),
        fps=1 / float(median(np.diff(rep.t_s))),
        azimuth_deg=rep.azimuth_deg,
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
