"""Whether a rep was seen well enough to be judged, and which of its joints may be measured."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from livecoach.frame import visibility
from livecoach.rep.measures import Legs
from livecoach.rep.view_normalised import NormalisedRep
from livecoach.types import RepWindow

SEEN_SHARE = 0.8
"""Share of a rep's frames in which the whole body has to be seen for the rep to be judged."""
NEEDED = ("shoulders", "hips", "knees")
"""Joints without which nothing is judged, by group of livecoach.frame.visibility."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What of a rep can be judged."""

    failed: Mapping[str, str]
    """Joints that must not be measured, by group, and why."""
    unsure: str | None
    """Why the rep can't be judged; None where it can."""


def gate(window: RepWindow, rep: NormalisedRep | None, legs: Legs = "alike") -> Gate:
    """Check a rep. rep: the window turned to a common view; None where too little was seen for that. legs: of the
    exercise."""
    failed = _failed(window, rep, legs)
    return Gate(failed=failed, unsure=_unsure(window, failed))


def _failed(window: RepWindow, rep: NormalisedRep | None, legs: Legs) -> dict[str, str]:
    """Joints that must not be measured, and why."""
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
    """Why a rep can't be judged; None where it can."""
    inside = window.inside
    worlds = [o.world for o in inside if o.world is not None]
    if not worlds or len(worlds) / len(inside) < SEEN_SHARE:
        return "lost from sight"
    if window.confidence < SEEN_SHARE:
        return "out of the picture"
    if visibility.leg_unsteadiness(worlds) > visibility.UNSTEADY:
        return "legs not clear"
    hidden = next((joint for joint in NEEDED if joint in failed), None)
    return None if hidden is None else f"{hidden} not clear"
