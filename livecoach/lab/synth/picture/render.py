"""Renders synthetic people in a room, through a shaking camera with lens distortion and a noisy image sensor.

OpenGL renders the pinhole's view with a margin, and the final picture is sampled from it pixel by pixel, so the room is
rendered only once even if the camera shakes.
"""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np

from livecoach.lab.synth.figure.geometry import rotation
from livecoach.lab.synth.motion.ranges import DrawContext, by_flag, choice, drawn_by, uniform
from livecoach.lab.synth.picture.actors import ActorTrack
from livecoach.lab.synth.picture.canvas import SHADOW_REACH_M, Actor, Canvas
from livecoach.lab.synth.picture.room import (
    TILES,
    UP,
    Room,
    RoomPlane,
    mirror_plane,
    random_clutter,
    reflection_matrix,
    room_planes,
)
from livecoach.lab.synth.synthetic_camera import VirtualCamera

if TYPE_CHECKING:
    import moderngl
from dataclasses import dataclass

MARGIN_PX = 64  # Size by which a field of noise exceeds the picture, so that it can be shifted
FIELDS = 2  # Fields of noise, from which each frame draws a field and its shift


def _random_gain(d: DrawContext) -> tuple[float, float, float]:
    rng, room = d.rng, d.values["room"]
    exposure, warm = rng.uniform(0.55, 0.8) if d.values["dim"] else rng.uniform(0.85, 1.25), rng.normal(0, 0.1)
    tint = np.array([1 + warm, 1 + rng.normal(0, 0.03), 1 - warm])
    red, green, blue = (exposure / (room.ambient + 0.5 * room.sunlight) * tint).tolist()
    return red, green, blue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """The image sensor of a phone, webcam or laptop in the light of a room. Darkness causes noise and motion blur."""

    # Whether the picture is dark
    dim: bool = drawn_by(lambda d: d.rng.random() < 0.15 or (d.values["room"].window and d.rng.random() < 0.4))
    gain: tuple[float, float, float] = drawn_by(_random_gain)  # exposure times white balance for red, green and blue
    slow: bool = drawn_by(lambda d: d.values["dim"] or d.rng.random() < 0.1)  # whether the exposure may be long
    scale: float = choice({1.0: 0.75, 0.75: 0.15, 0.5: 0.1})  # sensor pixels per written pixel in each direction
    seed: int = drawn_by(lambda d: int(d.rng.integers(1 << 30)))  # seed of the noise
    gamma: float = uniform(0.75, 1.15)  # below 1 brightens dark areas
    veil: float = drawn_by(
        lambda d: d.rng.uniform(0, 0.12) + (d.rng.uniform(0.02, 0.1) if d.values["room"].window else 0)
    )
    """Share of stray light over the whole picture, 0…1."""
    noise: float = by_flag("dim", (2.5, 6.5), (0.5, 3))  # standard deviation before exposure, of 255
    noise_grain_px: float = drawn_by(lambda d: d.rng.uniform(0.5, 1.2) if d.rng.random() < 0.5 else 0.0)
    """Size of the blotches that a phone's noise filter leaves; 0 for independent pixels."""
    blur_px: float = drawn_by(lambda d: d.values["scale"] * max(0.0, d.rng.uniform(-0.8, 1.1)))  # softness; 0 for none
    exposure_s: float = drawn_by(
        lambda d: d.rng.uniform(1 / 60, 1 / 20) if d.values["slow"] and d.rng.random() < 0.6 else 0.0
    )
    """Exposure time, which causes motion blur; 0 for no blur."""

    def sensor_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return max(32, round(width_px * self.scale)), max(32, round(height_px * self.scale))


class SensorModel:
    """A model of a sensor, which turns light into a picture of the camera's size with blur, noise and a tint."""

    def __init__(self, sensor: Sensor, size_px: tuple[int, int]) -> None:
        self._sensor, self._size = sensor, size_px
        width, height = sensor.sensor_size(*size_px)
        rng = np.random.default_rng(sensor.seed)
        noise = rng.normal(0, 1, (FIELDS, height + MARGIN_PX, width + MARGIN_PX, 3)).astype(np.float32)
        if sensor.noise_grain_px:
            noise = np.stack([cv2.GaussianBlur(field, (0, 0), sensor.noise_grain_px) for field in noise])
            noise /= noise.std()
        self._noise = np.rint(noise * sensor.noise).astype(np.int16)
        light = np.arange(256) / 255
        curves = [np.clip(light * gain, 0, 1) ** sensor.gamma for gain in sensor.gain[::-1]]
        # Lamps and windows saturate to white, even in a dark picture.
        blown = np.clip((light - 0.95) / 0.05, 0, 1)[:, None]
        curve = np.maximum(sensor.veil + (1 - sensor.veil) * np.stack(curves, -1), blown)
        self._curve = np.rint(255 * curve).astype(np.uint8)[None]

    def develop(self, light: np.ndarray, i: int) -> np.ndarray:
        """Convert the light on the sensor in frame `i`, (h, w, 3) uint8, to a picture of the camera's size, uint8."""
        height, width = light.shape[:2]
        k, dy, dx = np.random.default_rng([self._sensor.seed, i]).integers(0, (FIELDS, MARGIN_PX, MARGIN_PX))
        if self._sensor.blur_px:
            light = cv2.GaussianBlur(light, (0, 0), self._sensor.blur_px)
        noise = self._noise[k, dy : dy + height, dx : dx + width]
        picture = cv2.LUT(cv2.add(light, noise, dtype=cv2.CV_8U), self._curve)
        if (width, height) != self._size:
            picture = cv2.resize(picture, self._size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(picture)


FINER = 1.5  # Supersampling factor in each direction; OpenGL's own anti-aliasing takes llvmpipe three times as long
CELL_PX = 16  # Distance between the points at which the pixel map is computed; between them it is interpolated
NEAR_M, FAR_M = 0.1, 40.0  # Smallest and largest depth that OpenGL draws


class Lens:
    """A lens, which bends the view of a still pinhole camera into the view of a camera with distortion and shake."""

    def __init__(self, camera: VirtualCamera, width_px: int, height_px: int) -> None:
        self._camera, self._size = camera, (width_px, height_px)
        self._focal_px = camera.focal_px * height_px / camera.height_px
        rows, columns = _nodes(height_px), _nodes(width_px)
        y, x = np.meshgrid(rows + 0.5 - height_px / 2, columns + 0.5 - width_px / 2, indexing="ij")
        self._rays = _straightened(np.stack([x, y], -1) / self._focal_px, camera.distortion)
        self.fine_focal_px = FINER * self._focal_px  # focal length of the pinhole's view, in pixels
        half = np.ceil(self.fine_focal_px * self._reach()).astype(int) + 2
        self.fine_size = (2 * int(half[0]), 2 * int(half[1]))  # width and height of the pinhole's view
        self._still = None if camera.shake else self._maps(0.0)

    def _reach(self) -> np.ndarray:
        """Return the largest |x| and |y| that any frame needs, as tangents, (2,)."""
        most = [sum(wave.amplitude_rad for wave in self._camera.shake if wave.axis == axis) for axis in range(3)]
        ends = product(*((-angle, angle) for angle in most))
        turns = [rotation(0, tilt) @ rotation(1, pan) @ rotation(2, roll) for tilt, pan, roll in ends]
        return np.max([np.abs(_tangents(self._rays, turn)).max((0, 1)) for turn in turns], axis=0)

    def distort(self, fine: np.ndarray, frame: float) -> np.ndarray:
        """Bend the view of a still pinhole camera to the light on the sensor, (height, width, channels), top row first.

        Args:
            fine: View of the still pinhole camera, of `fine_size`, bottom row first.
            frame: Index of the frame; may lie between two frames.
        """
        maps = self._maps(frame) if self._still is None else self._still
        return np.asarray(cv2.remap(fine, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _maps(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        at = _tangents(self._rays, self._camera.shake_rotations(np.array([frame]))[0]) * self.fine_focal_px
        rows, columns = at.shape[:2]
        # cv2.resize places each value at the centre of its cell; the outermost cells surround the picture.
        smooth = cv2.resize(at.astype(np.float32), (columns * CELL_PX, rows * CELL_PX), interpolation=cv2.INTER_LINEAR)
        width, height = self._size
        inner = smooth[CELL_PX : CELL_PX + height, CELL_PX : CELL_PX + width]
        middle_x, middle_y = np.float32((self.fine_size[0] - 1) / 2), np.float32((self.fine_size[1] - 1) / 2)
        maps = cv2.convertMaps(middle_x + inner[..., 0], middle_y - inner[..., 1], cv2.CV_16SC2)
        return np.asarray(maps[0]), np.asarray(maps[1])

    def clip_matrix(self) -> np.ndarray:
        """Return the matrix, (4, 4), from the world to OpenGL's clip coordinates, without shake and distortion."""
        view = np.eye(4)
        view[:3, :3] = self._camera.rotation * np.array([[1], [-1], [-1]])
        view[:3, 3] = -view[:3, :3] @ self._camera.eye
        p = np.zeros((4, 4))
        p[0, 0], p[1, 1] = 2 * self.fine_focal_px / np.array(self.fine_size)
        p[2, 2], p[2, 3] = -(FAR_M + NEAR_M) / (FAR_M - NEAR_M), -2 * FAR_M * NEAR_M / (FAR_M - NEAR_M)
        p[3, 2] = -1
        return p @ view


def _straightened(tangents: np.ndarray, distortion: float) -> np.ndarray:
    """Return the rays (..., 3) that a lens shows at tangents (..., 2), by the inverse of VirtualCamera.project."""
    if distortion:
        r = distortion * np.maximum(np.linalg.norm(tangents, axis=-1, keepdims=True), 1e-6)
        tangents = tangents * np.tan(r) / r
    return np.concatenate([tangents, np.ones_like(tangents[..., :1])], -1)


def _tangents(rays: np.ndarray, shaken: np.ndarray) -> np.ndarray:
    """Return the tangents (..., 2) in the fixed pinhole of the rays (..., 3) of a camera turned by `shaken` (3, 3)."""
    turned = rays @ shaken
    return turned[..., :2] / turned[..., 2:]


def _nodes(size_px: int) -> np.ndarray:
    """Return the points along a side of the picture at which the pixel map is computed."""
    return (np.arange(-(-size_px // CELL_PX) + 2) - 0.5) * CELL_PX - 0.5


BLUR_PARTS = (-0.33, 0.33, 0.0)
"""Times of the parts of a picture with motion blur, in exposures from the middle; the middle part is drawn last."""
OVER_FLOOR_M = 0.004  # Height of the plane of shadows above the floor
GLASS_COLOUR = np.array([0.97, 1.0, 0.99])  # Tint of a mirror


class Renderer:
    """A renderer of a room and the moving objects in it, as a camera sees them. Use it in a `with` statement."""

    def __init__(self, camera: VirtualCamera, room: Room, sensor: Sensor, tracks: Sequence[ActorTrack]) -> None:
        """Create the renderer. Raises ConfigError if moderngl or OpenGL is missing."""
        width, height = sensor.sensor_size(camera.width_px, camera.height_px)
        self._camera, self._room, self._sensor, self._tracks = camera, room, sensor, tracks
        self._lens = Lens(camera, width, height)
        self._developer = SensorModel(sensor, (camera.width_px, camera.height_px))
        self._canvas = canvas = Canvas(*self._lens.fine_size)
        self._actors = [Actor(canvas, track.mesh) for track in tracks]
        self._build_room()
        self._set_light()
        self._draw_backdrop()

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(self, *_: object) -> None:
        self._canvas.close()

    def draw(self, i: int) -> np.ndarray:
        """Render frame `i` to a picture, (height, width, 3), BGR, uint8."""
        open_frames = self._sensor.exposure_s * self._camera.fps
        parts = [self._light_at(i + part * open_frames) for part in (BLUR_PARTS if open_frames else (0.0,))]
        light = np.zeros(parts[0].shape, np.uint16)
        for part in parts:
            light += part
        return self._developer.develop((light // len(parts)).astype(np.uint8), i)

    def _light_at(self, frame: float) -> np.ndarray:
        canvas = self._canvas
        there = [k for k, track in enumerate(self._tracks) if track.is_in_room(frame)]
        actors = [self._actors[k] for k in there]
        for k in there:
            self._actors[k].move(*self._tracks[k].bones_at(frame))
        clip, eye = self._lens.clip_matrix(), self._camera.eye
        canvas.cast_shadows(actors, self._room.blur_px)
        canvas.context.copy_framebuffer(canvas.target, canvas.backdrop)
        canvas.target.use()
        if self._pane is not None:
            mirror = reflection_matrix(self._pane)
            canvas.look_through(clip @ mirror, mirror[:3, :3] @ eye + mirror[:3, 3])
            self._draw_actors(actors)
            canvas.look_through(clip, eye)
            self._multiply(self._glass)
        canvas.look_through(clip, eye)
        self._draw_actors(actors)
        return np.asarray(cv2.cvtColor(self._lens.distort(canvas.read(), frame), cv2.COLOR_RGBA2BGR))

    def _draw_backdrop(self) -> None:
        canvas = self._canvas
        program = canvas.plane
        canvas.backdrop.use()
        canvas.backdrop.clear()
        canvas.context.enable(canvas.context.DEPTH_TEST)
        canvas.look_through(self._lens.clip_matrix(), self._camera.eye)
        self._grain.use(0)
        for plane, corners in self._planes:
            program["kind"], program["base"], program["hole"] = plane.kind, tuple(plane.colour), plane.hole
            corners.render()
        self._clutter.lit.render()

    def _draw_actors(self, actors: list[Actor]) -> None:
        self._canvas.shadow_map.use(1)
        self._multiply(self._shade)
        for actor in actors:
            actor.lit.render()

    def _multiply(self, plane: "moderngl.VertexArray") -> None:
        context = self._canvas.context
        context.enable(context.BLEND)
        context.blend_func = context.ZERO, context.SRC_COLOR
        plane.render()
        context.disable(context.BLEND)

    def _build_room(self) -> None:
        camera, room, canvas = self._camera, self._room, self._canvas
        rng = np.random.default_rng(room.seed)
        self._grain = canvas.make_grain_texture(rng)
        self._clutter = Actor(canvas, random_clutter(rng, camera, room))
        self._planes = [(plane, self._array(canvas.plane, plane)) for plane in room_planes(camera, room)]
        half = SHADOW_REACH_M / 2
        x, y = np.eye(3)[:2]
        floor = RoomPlane(TILES, room.floor, OVER_FLOOR_M * UP, x, y, (-half, -half, half, half))
        self._shade = self._array(canvas.shade, floor)
        self._pane = mirror_plane(camera, room)
        if self._pane is not None:
            self._glass = self._array(canvas.glass, self._pane)

    def _array(self, program: "moderngl.Program", plane: RoomPlane) -> "moderngl.VertexArray":
        context = self._canvas.context
        buffer = context.buffer(plane.triangles().astype("f4").tobytes())
        names = [name for name in ("pos", "at") if name in program]
        return context.vertex_array(program, [(buffer, "3f 2f" if "at" in names else "3f 8x", *names)])

    def _set_light(self) -> None:
        canvas, room = self._canvas, self._room
        canvas.lit["sun"] = canvas.shadow["sun"] = room.light
        for program in (canvas.lit, canvas.plane):
            program["ambient"], program["sunlight"] = room.ambient, room.sunlight
        canvas.plane["platform"], canvas.plane["lamp"] = float(room.platform), room.lamp
        canvas.plane["contrast"] = room.contrast
        canvas.plane["grain"], canvas.shade["shadow"] = 0, 1
        canvas.shade["depth"] = room.shadow
        if room.mirror is not None:
            canvas.glass["tint"] = tuple(room.mirror.tint * GLASS_COLOUR)
