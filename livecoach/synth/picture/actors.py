"""Moving objects of a picture, people and the barbell: meshes with the transforms of their bones in every frame."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import Posture, length
from livecoach.synth.motion.bench_press import HIP_OVER_SEAT_M
from livecoach.synth.picture.barbell import BLACK, bar_place, stands
from livecoach.synth.picture.mesh import Mesh, box, merge
from livecoach.synth.picture.outfit import Outfit, dress
from livecoach.synth.truth import TrueEvent

FAR_OFF_M = 14.0
BELOW_M = -1.0
"""Objects further away, or below the floor, are absent."""
LYING_RAD = -1.2  # pitch of the pelvis of somebody who lies on the back
LEAST_SEAT_M = 0.2  # of a bench that somebody lies on
BENCH_HALF_M, BENCH_THICK_M, BENCH_AHEAD_M = 0.6, 0.08, 0.12
"""Half the bench's length, its thickness, and how far it reaches in front of the hips."""
BENCH = (0.13, 0.12, 0.13)


class ActorTrack(NamedTuple):
    """A mesh and its bones: in frame t, bone j moves a vertex p at rest to turn[t, j] p + offset[t, j]."""

    mesh: Mesh
    turn: np.ndarray  # (T, J, 3, 3)
    offset: np.ndarray  # (T, J, 3), m

    def bones(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        """Rotation (J, 3, 3) and offset (J, 3), interpolated between frames."""
        last = len(self.turn) - 1
        i = int(np.clip(np.floor(frame), 0, last))
        part, k = float(np.clip(frame - i, 0, 1)), min(i + 1, last)
        if part == 0:
            return self.turn[i], self.offset[i]
        turn, offset = ((1 - part) * array[i] + part * array[k] for array in (self.turn, self.offset))
        return turn, offset

    def is_there(self, frame: float) -> bool:
        _, offset = self.bones(frame)
        return bool(np.hypot(*offset[0, :2]) < FAR_OFF_M and offset[0, 2] > BELOW_M)


def person(body: BodyModel, posture: Posture, outfit: Outfit) -> ActorTrack:
    turn, position = solve(body, posture)
    offset = position - np.einsum("tjik,jk->tji", turn, body.rest)
    return ActorTrack(dress(body, outfit), turn, offset)


def bar(posture: Posture, mesh: Mesh) -> ActorTrack:
    """mesh: the barbell along y at the origin."""
    turns, places = zip(*(bar_place(posture, i) for i in range(length(posture))), strict=True)
    return ActorTrack(mesh, np.array(turns)[:, None], np.array(places)[:, None])


def rack(posture: Posture, events: Sequence[TrueEvent]) -> ActorTrack | None:
    """The stands that hold the bar before and after it is lifted; None if the set has no rack."""
    frames = [event.start_frame for event in events if event.kind == "unrack"]
    frames += [event.end_frame for event in events if event.kind == "rerack"]
    if not frames:
        return None
    _, place = bar_place(posture, min(frames, key=lambda i: posture["bar_z"][i]))
    return ActorTrack(stands(place, BLACK), np.eye(3)[None, None], np.zeros((1, 1, 3)))


def bench(posture: Posture, events: Sequence[TrueEvent]) -> ActorTrack | None:
    """Under somebody who lies face up, with the stands of its bar."""
    lying = np.flatnonzero((posture["pitch"] < LYING_RAD) & (posture["hip_z"] > HIP_OVER_SEAT_M + LEAST_SEAT_M))
    if not len(lying):
        return None
    hip_x, hip_y, hip_z = (float(np.median(posture[f"hip_{axis}"][lying])) for axis in "xyz")
    seat_m = hip_z - HIP_OVER_SEAT_M
    racked = [event.start_frame for event in events if event.kind == "unrack"]
    highest = racked[0] if racked else int(lying[np.argmax(posture["bar_z"][lying])])
    _, place = bar_place(posture, highest)
    middle = np.array([hip_x + BENCH_AHEAD_M - BENCH_HALF_M, hip_y, seat_m - BENCH_THICK_M / 2])
    pad = box(middle, np.array([BENCH_HALF_M, 0.14, BENCH_THICK_M / 2]), np.eye(3), BENCH)
    legs = [
        box(np.array([middle[0] + far, hip_y, 0.5 * seat_m]), np.array([0.03, 0.2, 0.45 * seat_m]), np.eye(3), BLACK)
        for far in (-0.8 * BENCH_HALF_M, 0.8 * BENCH_HALF_M)
    ]
    held = stands(place - (0.0, 0.0, 0.0 if racked else 0.05), BLACK, towards=-1.0)
    return ActorTrack(merge([pad, *legs, held]), np.eye(3)[None, None], np.zeros((1, 1, 3)))
