"""What there is of a rep, and whether it can be judged at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean

import numpy as np

from livecoach.form import gates
from livecoach.form.seen import SeenRep, seen_rep
from livecoach.types import KeptRep, Observation, View

SEEN_SHARE = 0.8
"""Share of a rep's frames in which the body has to be seen whole for it to be judged."""
NEEDED = ("shoulders", "hips", "knees")
"""Joints without which nothing is judged, by group of livecoach.form.gates."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sighting:
    """What there is of a rep."""

    observations: tuple[Observation, ...]
    """With a margin before and after it."""
    start_s: float
    turn_s: float
    end_s: float
    view: View | None
    confidence: float
    """Share of its frames in which the body was seen whole."""
    set_name: str
    pose: str
    """Name of the pose model."""

    @property
    def inside(self) -> list[Observation]:
        """Observations of the rep itself."""
        return [o for o in self.observations if self.start_s <= o.t_s <= self.end_s]

    def kept(self) -> KeptRep | None:
        """As a profile keeps it; None without a view."""
        if self.view is None:
            return None
        return KeptRep(
            observations=self.observations,
            start_s=self.start_s,
            turn_s=self.turn_s,
            end_s=self.end_s,
            view=self.view,
            set_name=self.set_name,
            pose=self.pose,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What can be said of a sighting before anything is judged."""

    window: KeptRep | None
    seen: SeenRep | None
    failed: dict[str, str]
    """Joints that are not to be measured on, by group, and why."""
    unsure: str | None
    """Why the rep can't be judged; None where it can."""

    @staticmethod
    def at(sighting: Sighting, mirrored: bool | None = None) -> "Look":
        """Look at a sighting. mirrored: as seen_rep's."""
        window = sighting.kept()
        seen = None if window is None else seen_rep(window, mirrored)
        failed = _failed(sighting, seen)
        return Look(window=window, seen=seen, failed=failed, unsure=_unsure(sighting, failed))


def _failed(sighting: Sighting, seen: SeenRep | None) -> dict[str, str]:
    """Joints that are not to be measured on, and why."""
    inside = [o for o in sighting.inside if o.landmarks is not None and o.world is not None]
    if seen is None or len(inside) < 2:
        return {}
    landmarks = np.stack([o.landmarks for o in inside if o.landmarks is not None])
    world = np.stack([o.world for o in inside if o.world is not None])
    t_s = np.array([o.t_s for o in inside])
    return gates.failed_joints(landmarks, world, t_s, seen.torso_px, (inside[0].width_px, inside[0].height_px))


def _unsure(sighting: Sighting, failed: Mapping[str, str]) -> str | None:
    """Why a rep can't be judged; None where it can."""
    inside = sighting.inside
    worlds = [o.world for o in inside if o.world is not None]
    if not worlds or mean(o.world is not None for o in inside) < SEEN_SHARE:
        return "lost from sight"
    if sighting.confidence < SEEN_SHARE:
        return "out of the picture"
    if gates.leg_unsteadiness(worlds) > gates.UNSTEADY:
        return "legs not clear"
    hidden = next((joint for joint in NEEDED if joint in failed), None)
    return None if hidden is None else f"{hidden} not clear"
