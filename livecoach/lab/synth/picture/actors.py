"""Makes meshes of people, barbells of many kinds, stands and benches, with their movement."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.figure.body_mesh import BodyModel
from livecoach.lab.synth.figure.geometry import rotation
from livecoach.lab.synth.figure.posture import PLATE_RADIUS_M, Posture, solve_joints
from livecoach.lab.synth.motion.ranges import DrawContext, by_flag, draw_fields, drawn_by, pick, uniform
from livecoach.lab.synth.motion.upper_body import HIP_OVER_SEAT_M
from livecoach.lab.synth.picture.mesh import COLOURS, Colour, Mesh, box, lathe, merge_meshes
from livecoach.lab.synth.picture.outfit import Outfit, dress
from livecoach.lab.truth import TrueEvent

BAR_RADIUS_M = 0.014
BAR_HALF_M = 1.1  # Half the length of the bar
SLEEVE_M = 0.025  # Radius of the sleeves
SLEEVE_AT_M = 0.66  # Distance from the bar's middle to the inner face of the first plate
STEEL = (0.62, 0.62, 0.64)
PLATE_M = 0.06  # Thickness of a full plate
STAND_HALF_M = 0.55  # Half the distance between the stands
HUB = (0.5, 0.5, 0.5)  # Colour of the middle of plates
BLACK = (0.1, 0.1, 0.11)
BUMPERS = COLOURS["plates"]["bumpers"]
GREYS = (0.08, 0.11, 0.16, 0.25, 0.35)  # Brightness of iron plates


def random_plate_colours(rng: np.random.Generator, count: int) -> tuple[Colour, ...]:
    """Choose random colours of plates, from the middle outwards: black or coloured bumpers, or grey iron."""
    kind = rng.random()
    if kind < 0.35:
        return tuple(BUMPERS[k] for k in np.sort(rng.integers(len(BUMPERS), size=count)))
    tone = pick(rng, GREYS) * rng.uniform(0.8, 1.2, 3) if kind < 0.6 else np.array(BLACK)
    return (tuple(tone.tolist()),) * count


def _stand_meshes(bar: np.ndarray, towards: float = 1.0) -> Iterator[Mesh]:
    """Yield a rack's two stands around the bar's middle, (3,) in metres; in front of the bar if `towards` is 1."""
    half_m = (bar[2] + 0.1) / 2
    for y in (bar[1] - STAND_HALF_M, bar[1] + STAND_HALF_M):
        yield box((bar[0] + towards * 0.06, y, half_m), (0.03, 0.03, half_m), BLACK)
        yield box((bar[0] + towards * 0.01, y, bar[2] - 0.03), (0.05, 0.025, 0.012), BLACK)
        yield box((bar[0] + towards * 0.2, y, 0.03), (0.35, 0.035, 0.03), BLACK)


def bar_rotations(posture: Posture) -> np.ndarray:
    """Return the rotation of the bar in each frame, (T, 3, 3)."""
    return rotation(2, posture["bar_yaw"]) @ rotation(0, posture["bar_roll"])


EMPTY = 0.12  # Share of bars without plates
FULL = 0.7  # Share with full-size plates among bars with plates
SMALL_M = (0.08, 0.2)  # Radii of smaller plates
GAP_M = 0.004  # Gap between plates
SIDES = 40  # Sides of the polygon that a plate is drawn as


def _painted(d: DrawContext) -> Colour:
    return _paint(
        np.array(pick(d.rng, BUMPERS)) * d.rng.uniform(0.7, 1.2, 3) if d.values["coloured"] else d.values["iron"]
    )


def _paint(colour: np.ndarray) -> Colour:
    return tuple(np.clip(colour, 0.02, 0.95).tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateLook:
    """The appearance of a plate of a barbell. `draw_fields` draws all but the radius, in the order of the fields."""

    radius_m: float
    colour: Colour = drawn_by(_painted)
    ring: Colour = drawn_by(
        lambda d: _paint(d.rng.uniform(0.3, 0.9) * np.ones(3)) if d.rng.random() < 0.35 else d.values["colour"]
    )
    """Colour of a band on the face, such as lettering, a stripe or bare metal."""
    ring_from: float = uniform(0.3, 0.7)  # inner radius of the band, as a share of the plate's radius
    thick_m: float = by_flag("thin", (0.02, 0.04), (0.035, 0.085))
    ring_to: float = drawn_by(lambda d: d.rng.uniform(d.values["ring_from"], 0.85))  # outer radius of the band
    hollow_m: float = uniform(0.0, 0.012)  # depth of the face behind the rim
    hub: Colour = drawn_by(lambda d: (d.rng.uniform(0.1, 0.7),) * 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class BarbellLook:
    """The appearance of a barbell."""

    plates: tuple[PlateLook, ...]  # plates of each side, from the middle outwards; empty for an empty bar
    shaft: Colour
    shaft_m: float  # radius of the shaft
    sleeve_m: float  # radius of the sleeves; 0 without sleeves
    collar: bool

    @property
    def largest_plate_face_m(self) -> float:
        """Distance from the bar's middle to the outermost face of the largest plates; without plates, to the sleeve."""
        at, outer_m = SLEEVE_AT_M, SLEEVE_AT_M
        for plate in self.plates:
            at += plate.thick_m
            if plate.radius_m >= self.plate_radius_m - 0.003:
                outer_m = at
            at += GAP_M
        return outer_m

    @property
    def plate_radius_m(self) -> float:
        """Radius of the largest plate; 0 without plates."""
        return max((plate.radius_m for plate in self.plates), default=0.0)

    def make_mesh(self) -> Mesh:
        """Return the mesh of the barbell along the y axis, with its middle at the origin."""
        r, stop_m = self.shaft_m, self.sleeve_m + 0.012
        parts = [lathe([(-BAR_HALF_M, 0), (-BAR_HALF_M, r), (BAR_HALF_M, r), (BAR_HALF_M, 0)], self.shaft, 10)]
        for sign in (-1, 1):
            if self.sleeve_m > self.shaft_m:
                stop = [(SLEEVE_AT_M - 0.03, 0), (SLEEVE_AT_M - 0.03, stop_m), (SLEEVE_AT_M, stop_m)]
                sleeve = [(SLEEVE_AT_M, self.sleeve_m), (BAR_HALF_M, self.sleeve_m), (BAR_HALF_M, 0)]
                parts.append(lathe(_on_side(sign, [*stop, *sleeve]), self.shaft, 14))
            at = SLEEVE_AT_M
            for plate in self.plates:
                parts += plate_meshes(plate, sign, at)
                at += plate.thick_m + GAP_M
            if self.collar:
                collar = [(at, 0.025), (at, 0.045), (at + 0.04, 0.045), (at + 0.04, 0.025)]
                parts.append(lathe(_on_side(sign, collar), BLACK, 14))
        return merge_meshes(parts)


def _on_side(sign: int, profile: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(sign * y, radius) for y, radius in profile]


def full_plate(radius_m: float, colour: Colour) -> PlateLook:
    """Return the look of a plate of full thickness, in a single colour but with a grey hub."""
    return PlateLook(
        radius_m=radius_m,
        thick_m=PLATE_M,
        colour=colour,
        ring=colour,
        ring_from=0.5,
        ring_to=0.85,
        hollow_m=0.012,
        hub=HUB,
    )


def plain_barbell(colours: tuple[Colour, ...]) -> BarbellLook:
    """Return the look of a barbell with a full-size plate of each colour on each side; the first plate is innermost."""
    plates = tuple(full_plate(PLATE_RADIUS_M * (0.99 if k else 1), colour) for k, colour in enumerate(colours))
    return BarbellLook(plates=plates, shaft=STEEL, shaft_m=BAR_RADIUS_M, sleeve_m=SLEEVE_M, collar=False)


def plate_meshes(plate: PlateLook, sign: int = 1, at_m: float = 0.0) -> list[Mesh]:
    """Return the meshes of a plate on a bar along the y axis.

    Args:
        sign: End of the bar: 1 for positive y, -1 for negative y.
        at_m: Distance of the plate's inner face from the middle of the bar.
    """
    r, hollow = plate.radius_m, plate.hollow_m
    inner, outer = (hollow, plate.ring_from * r), (hollow, plate.ring_to * r)
    bands = (  # for both faces: the profile (depth under the face, and radius), and the colour
        ([(0.0, 0.024), (0.0, 0.2 * r)], plate.hub),
        ([(0.0, 0.2 * r), (hollow, 0.26 * r), inner], plate.colour),
        ([inner, outer], plate.ring),
        ([outer, (hollow, 0.86 * r), (0.0, 0.9 * r), (0.0, r - 0.005), (0.005, r)], plate.colour),
    )
    rim = [(sign * (at_m + 0.005), r), (sign * (at_m + plate.thick_m - 0.005), r)]
    parts = [lathe(rim, plate.colour, SIDES)]
    for profile, colour in bands:
        front = [(sign * (at_m + plate.thick_m - depth), radius) for depth, radius in profile]
        back = [(sign * (at_m + depth), radius) for depth, radius in profile]
        parts += [lathe(front, colour, SIDES), lathe(back, colour, SIDES)]
    return parts


def random_barbell(rng: np.random.Generator) -> BarbellLook:
    """Choose the look of a random barbell. About an eighth have no plates, and half of these are wooden sticks."""
    empty, stick = bool(rng.random() < EMPTY), bool(rng.random() < 0.5)
    tone = rng.uniform(0.15, 0.8)
    wooden = empty and stick
    return BarbellLook(
        plates=() if empty else tuple(_random_plates(rng)),
        shaft=(0.55, 0.4, 0.25) if wooden else (tone, tone, tone * 1.03) if rng.random() < 0.5 else STEEL,
        shaft_m=rng.uniform(0.012, 0.018) if wooden else BAR_RADIUS_M,
        sleeve_m=0.0 if wooden else SLEEVE_M,
        collar=bool(rng.random() < 0.4) and not wooden,
    )


def _random_plates(rng: np.random.Generator) -> Iterator[PlateLook]:
    radius = PLATE_RADIUS_M if rng.random() < FULL else rng.uniform(*SMALL_M)
    count, same, coloured = int(rng.integers(1, 5)), rng.random() < 0.6, rng.random() < 0.45
    iron = pick(rng, GREYS) * rng.uniform(0.7, 1.4, 3)
    known = {"coloured": coloured, "iron": iron, "thin": rng.random() < 0.4}
    for k in range(count):
        radius *= rng.uniform(0.6, 1.0) if k and not same else 1.0
        yield draw_fields(PlateLook, rng, radius_m=radius, **known)


FAR_OFF_M = 14.0  # Distance from the origin beyond which an object counts as absent
BELOW_M = -1.0  # Height below which an object counts as absent
LYING_RAD = -1.2  # Pitch of the pelvis below which a lifter lies on the back
LEAST_SEAT_M = 0.2  # Smallest height of a bench on which a lifter lies
BENCH_HALF_M, BENCH_THICK_M, BENCH_AHEAD_M = 0.6, 0.08, 0.12
"""Half the bench's length, its thickness, and its length in front of the hips."""
BENCH = (0.13, 0.12, 0.13)  # Colour of the bench


class ActorTrack(NamedTuple):
    """A mesh and the movement of its bones over T frames.

    In frame t, bone j moves a vertex p of the rest pose to rotations[t, j] p + offsets[t, j].
    """

    mesh: Mesh
    rotations: np.ndarray  # (T, J, 3, 3)
    offsets: np.ndarray  # (T, J, 3), m

    def bones_at(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        """Return `rotations`, (J, 3, 3), and `offsets`, (J, 3), at a frame, or interpolated between two frames.

        Before the first frame and after the last frame, the object stays where it is in that frame.
        """
        last = len(self.rotations) - 1
        i = int(np.clip(np.floor(frame), 0, last))
        part, k = float(np.clip(frame - i, 0, 1)), min(i + 1, last)
        if part == 0:
            return self.rotations[i], self.offsets[i]
        rotations, offsets = ((1 - part) * array[i] + part * array[k] for array in (self.rotations, self.offsets))
        return rotations, offsets

    def is_in_room(self, frame: float) -> bool:
        """Return whether the object is in the room in a frame."""
        _, offsets = self.bones_at(frame)
        return bool(np.hypot(*offsets[0, :2]) < FAR_OFF_M and offsets[0, 2] > BELOW_M)


def person_track(body: BodyModel, posture: Posture, outfit: Outfit) -> ActorTrack:
    """Return the mesh and the movement of a dressed person."""
    rotations, positions = solve_joints(body, posture)
    offsets = positions - np.einsum("tjik,jk->tji", rotations, body.rest)
    return ActorTrack(dress(body, outfit), rotations, offsets)


def rack_track(posture: Posture, events: Sequence[TrueEvent]) -> ActorTrack | None:
    """Return the track of the stands that hold the bar before or after the set; None if the bar is never in a rack."""
    frames = [event.start_frame for event in events if event.kind == "unrack"]
    frames += [event.end_frame for event in events if event.kind == "rerack"]
    if not frames:
        return None
    place = posture.point("bar")[min(frames, key=lambda i: posture["bar_z"][i])]
    return _standing_still(_stand_meshes(place))


def bench_track(posture: Posture, events: Sequence[TrueEvent]) -> ActorTrack | None:
    """Return the track of bench and stands of a lifter who lies face up; None if the lifter never lies on a bench."""
    lying = np.flatnonzero((posture["pitch"] < LYING_RAD) & (posture["hip_z"] > HIP_OVER_SEAT_M + LEAST_SEAT_M))
    if not len(lying):
        return None
    hip_x, hip_y, hip_z = np.median(posture.point("hip")[lying], 0)
    seat_m = hip_z - HIP_OVER_SEAT_M
    racked = [event.start_frame for event in events if event.kind == "unrack"]
    highest = racked[0] if racked else int(lying[np.argmax(posture["bar_z"][lying])])
    place = posture.point("bar")[highest]
    middle = np.array([hip_x + BENCH_AHEAD_M - BENCH_HALF_M, hip_y, seat_m - BENCH_THICK_M / 2])
    pad = box(middle, (BENCH_HALF_M, 0.14, BENCH_THICK_M / 2), BENCH)
    feet_x = middle[0] - 0.8 * BENCH_HALF_M, middle[0] + 0.8 * BENCH_HALF_M
    legs = [box((x, hip_y, 0.5 * seat_m), (0.03, 0.2, 0.45 * seat_m), BLACK) for x in feet_x]
    held = _stand_meshes(place - (0.0, 0.0, 0.0 if racked else 0.05), towards=-1.0)
    return _standing_still([pad, *legs, *held])


def _standing_still(parts: Iterable[Mesh]) -> ActorTrack:
    return ActorTrack(merge_meshes(parts), np.eye(3)[None, None], np.zeros((1, 1, 3)))
