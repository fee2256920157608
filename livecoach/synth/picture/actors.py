"""What moves in a picture: people and the barbell, as meshes and the places of their bones in every frame."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import Posture, length
from livecoach.synth.picture.barbell import BLACK, bar_place, stands
from livecoach.synth.picture.mesh import Mesh
from livecoach.synth.picture.outfit import Outfit, dressed
from livecoach.synth.truth import TrueEvent

FAR_OFF_M = 14.0
BELOW_M = -1.0
"""What is further away, or under the floor, is not there."""


class ActorTrack(NamedTuple):
    """A mesh, and where a vertex at rest, p, is in frame t: turn[t, j] p + offset[t, j] for its bone j."""

    mesh: Mesh
    turn: np.ndarray
    """(T, J, 3, 3)"""
    offset: np.ndarray
    """(T, J, 3), m"""

    def bones(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        """Turn (J, 3, 3) and offset (J, 3) at a time between frames."""
        last = len(self.turn) - 1
        i = int(np.clip(np.floor(frame), 0, last))
        part, k = float(np.clip(frame - i, 0, 1)), min(i + 1, last)
        if part == 0:
            return self.turn[i], self.offset[i]
        turn, offset = ((1 - part) * array[i] + part * array[k] for array in (self.turn, self.offset))
        return turn, offset

    def is_there(self, frame: float) -> bool:
        """Near enough to be seen."""
        _, offset = self.bones(frame)
        return bool(np.hypot(*offset[0, :2]) < FAR_OFF_M and offset[0, 2] > BELOW_M)


def person(body: BodyModel, posture: Posture, outfit: Outfit) -> ActorTrack:
    """Somebody in his clothes."""
    turn, position = solve(body, posture)
    offset = position - np.einsum("tjik,jk->tji", turn, body.rest)
    return ActorTrack(dressed(body, outfit), turn, offset)


def bar(posture: Posture, mesh: Mesh) -> ActorTrack:
    """The barbell of a movement; mesh: as it lies along y at the origin."""
    turns, places = zip(*(bar_place(posture, i) for i in range(length(posture))), strict=True)
    return ActorTrack(mesh, np.array(turns)[:, None], np.array(places)[:, None])


def rack(posture: Posture, events: Sequence[TrueEvent]) -> ActorTrack | None:
    """What the bar lies on before it is taken and after it is put back; None where neither happens."""
    frames = [event.start_frame for event in events if event.kind == "unrack"]
    frames += [event.end_frame for event in events if event.kind == "rerack"]
    if not frames:
        return None
    _, place = bar_place(posture, min(frames, key=lambda i: posture["bar_z"][i]))
    return ActorTrack(stands(place, BLACK), np.eye(3)[None, None], np.zeros((1, 1, 3)))
