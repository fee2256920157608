"""Moving objects of a picture, people and the barbell: meshes with the transforms of their bones in every frame."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import Posture, length
from livecoach.synth.picture.barbell import BLACK, bar_place, stands
from livecoach.synth.picture.mesh import Mesh
from livecoach.synth.picture.outfit import Outfit, dress
from livecoach.synth.truth import TrueEvent

FAR_OFF_M = 14.0
BELOW_M = -1.0
"""Objects further away, or below the floor, are absent."""


class ActorTrack(NamedTuple):
    """A mesh and its bones: in frame t, bone j moves a vertex p at rest to turn[t, j] p + offset[t, j]."""

    mesh: Mesh
    turn: np.ndarray
    """(T, J, 3, 3)"""
    offset: np.ndarray
    """(T, J, 3), m"""

    def bones(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        """Return rotation (J, 3, 3) and offset (J, 3), interpolated between frames."""
        last = len(self.turn) - 1
        i = int(np.clip(np.floor(frame), 0, last))
        part, k = float(np.clip(frame - i, 0, 1)), min(i + 1, last)
        if part == 0:
            return self.turn[i], self.offset[i]
        turn, offset = ((1 - part) * array[i] + part * array[k] for array in (self.turn, self.offset))
        return turn, offset

    def is_there(self, frame: float) -> bool:
        """Return whether the object is present."""
        _, offset = self.bones(frame)
        return bool(np.hypot(*offset[0, :2]) < FAR_OFF_M and offset[0, 2] > BELOW_M)


def person(body: BodyModel, posture: Posture, outfit: Outfit) -> ActorTrack:
    """Return the track of a dressed person."""
    turn, position = solve(body, posture)
    offset = position - np.einsum("tjik,jk->tji", turn, body.rest)
    return ActorTrack(dress(body, outfit), turn, offset)


def bar(posture: Posture, mesh: Mesh) -> ActorTrack:
    """Return the track of the barbell. mesh: the barbell along y at the origin."""
    turns, places = zip(*(bar_place(posture, i) for i in range(length(posture))), strict=True)
    return ActorTrack(mesh, np.array(turns)[:, None], np.array(places)[:, None])


def rack(posture: Posture, events: Sequence[TrueEvent]) -> ActorTrack | None:
    """Return the stands that hold the bar before and after it is lifted; None if the set has no rack."""
    frames = [event.start_frame for event in events if event.kind == "unrack"]
    frames += [event.end_frame for event in events if event.kind == "rerack"]
    if not frames:
        return None
    _, place = bar_place(posture, min(frames, key=lambda i: posture["bar_z"][i]))
    return ActorTrack(stands(place, BLACK), np.eye(3)[None, None], np.zeros((1, 1, 3)))
