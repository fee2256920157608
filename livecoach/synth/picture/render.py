"""Renders synthetic people in a room. Mesa's llvmpipe (no GPU) suffices: at 640x480 a frame takes 20 ms of CPU time,
three times that with a slow shutter, and half as much again with a mirror."""

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

import cv2
import numpy as np

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.picture.actors import ActorTrack
from livecoach.synth.picture.canvas import SHADOW_REACH_M, Actor, Canvas
from livecoach.synth.picture.clutter import clutter
from livecoach.synth.picture.lens import Lens, metres
from livecoach.synth.picture.room import TILES, Room
from livecoach.synth.picture.sensor import Developer, Sensor
from livecoach.synth.picture.walls import UP, RoomPlane, glass, planes, reflection

if TYPE_CHECKING:
    import moderngl

BLUR_PARTS = (-0.33, 0.33, 0.0)
"""Times of the partial pictures of a motion-blurred one, in units of the exposure; the middle one is drawn last."""
OVER_FLOOR_M = 0.004
GLASS_COLOUR = np.array([0.97, 1.0, 0.99])


class Renderer:
    """Renders one room with its moving objects through one camera. Use it as a context manager."""

    def __init__(self, camera: VirtualCamera, room: Room, sensor: Sensor, tracks: Sequence[ActorTrack]) -> None:
        """tracks: people and bars; empty for an empty room. Raises ConfigError if moderngl or OpenGL is missing."""
        width, height = sensor.real_size(camera.width_px, camera.height_px)
        self._camera, self._room, self._sensor, self._tracks = camera, room, sensor, tracks
        self._lens = Lens(camera, width, height)
        self._developer = Developer(sensor, (camera.width_px, camera.height_px))
        self._canvas = canvas = Canvas(*self._lens.fine_size)
        self._actors = [Actor(canvas, track.mesh) for track in tracks]
        self._build_room()
        self._set_light()
        self._backdrop_ready = False

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._canvas.close()

    def draw(self, i: int) -> np.ndarray:
        """Render frame i, (height, width, 3) BGR uint8."""
        open_frames = self._sensor.exposure_s * self._camera.fps
        parts = [self._light_at(i + part * open_frames) for part in (BLUR_PARTS if open_frames else (0.0,))]
        light = np.zeros(parts[0].shape, np.uint16)
        for part in parts:
            light += part
        return self._developer.develop((light // len(parts)).astype(np.uint8), i)

    def behind_m(self, points: np.ndarray) -> np.ndarray:
        """Return how far world points (N, 3) lie behind the visible surface of the frame drawn last, (N,), m.

        The surface is the median of nine pixels; points outside the picture are compared with its border.
        """
        row, column, point_m = self._lens.find(points)
        depth = self._canvas.read_depth()
        around = [depth[row + down, column + right] for down in (-1, 0, 1) for right in (-1, 0, 1)]
        behind: np.ndarray = point_m - metres(np.median(around, axis=0))
        return behind

    def _light_at(self, frame: float) -> np.ndarray:
        canvas = self._canvas
        there = [k for k, track in enumerate(self._tracks) if track.is_there(frame)]
        actors = [self._actors[k] for k in there]
        for k in there:
            self._actors[k].move(*self._tracks[k].bones(frame))
        clip, eye = self._lens.clip_matrix(), self._camera.eye
        canvas.cast_shadows(actors, self._room.blur_px)
        self._show_backdrop(clip, eye)
        if self._pane is not None:
            mirror = reflection(self._pane)
            canvas.look_through(clip @ mirror, mirror[:3, :3] @ eye + mirror[:3, 3])
            self._draw_actors(actors)
            canvas.look_through(clip, eye)
            self._multiply(self._glass)
        canvas.look_through(clip, eye)
        self._draw_actors(actors)
        return np.asarray(cv2.cvtColor(self._lens.picture(canvas.read(), frame), cv2.COLOR_RGBA2BGR))

    def _show_backdrop(self, clip: np.ndarray, eye: np.ndarray) -> None:
        """Show the empty room, which is rendered once."""
        canvas = self._canvas
        if not self._backdrop_ready:
            canvas.backdrop.use()
            canvas.backdrop.clear()
            canvas.context.enable(canvas.context.DEPTH_TEST)
            canvas.look_through(clip, eye)
            self._draw_planes()
            self._clutter.draw()
            self._backdrop_ready = True
        canvas.context.copy_framebuffer(canvas.target, canvas.backdrop)
        canvas.target.use()

    def _draw_actors(self, actors: list[Actor]) -> None:
        self._canvas.shadow_map.use(1)
        self._multiply(self._shade)
        for actor in actors:
            actor.draw()

    def _multiply(self, plane: "moderngl.VertexArray") -> None:
        """Multiply the current picture by this plane."""
        context = self._canvas.context
        context.enable(context.BLEND)
        context.blend_func = context.ZERO, context.SRC_COLOR
        plane.render()
        context.disable(context.BLEND)

    def _draw_planes(self) -> None:
        program = self._canvas.plane
        self._grain.use(0)
        for plane, corners in self._planes:
            program["kind"], program["base"], program["hole"] = plane.kind, tuple(plane.colour), plane.hole
            corners.render()

    def _build_room(self) -> None:
        camera, room, canvas = self._camera, self._room, self._canvas
        rng = np.random.default_rng(room.seed)
        self._grain = canvas.grain(rng)
        self._clutter = Actor(canvas, clutter(rng, camera, room))
        self._planes = [(plane, self._array(canvas.plane, plane)) for plane in planes(camera, room)]
        half = SHADOW_REACH_M / 2
        x, y = np.eye(3)[:2]
        floor = RoomPlane(TILES, room.floor, OVER_FLOOR_M * UP, x, y, (-half, -half, half, half))
        self._shade = self._array(canvas.shade, floor)
        self._pane = glass(camera, room)
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
