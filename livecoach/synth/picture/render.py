"""Draws a synthetic lifter in a room. Mesa's llvmpipe (no GPU) is enough: 640x480 takes about 40 ms a frame."""

from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from livecoach.synth.camera import Camera
from livecoach.synth.figure.body import Body
from livecoach.synth.figure.kinematics import solve
from livecoach.synth.figure.posture import Posture
from livecoach.synth.picture.barbell import bar_place, barbell
from livecoach.synth.picture.canvas import Actor, Canvas
from livecoach.synth.picture.mesh import Mesh
from livecoach.synth.picture.room import WALL_M, Room, props

if TYPE_CHECKING:
    import moderngl

GRAIN_PX = 256
NOISE_MARGIN_PX = 64
SENSOR_NOISE = 1.6
"""Standard deviation of the picture's noise, of 255."""
FLOOR, WALL = 0, 1


class Renderer:
    """One room seen through one camera, with a body and a barbell in it or not. Use it in a `with`."""

    def __init__(self, camera: Camera, room: Room, body: Body | None, bar: bool = True, plates: int = 1) -> None:
        """body None: nobody is there. Raises ConfigError where moderngl or OpenGL is missing."""
        self.camera, self.room = camera, room
        self._rng = np.random.default_rng(room.seed)
        self._canvas = Canvas(camera.width_px, camera.height_px)
        self._light()
        self._grain = self._random_grain()
        self._body = None if body is None else _MovingBody(self._canvas, _Skin(body, room))
        self._bar = _MovingBar(self._canvas, barbell(plates, self._plate_colour())) if bar else None
        self._props = Actor(self._canvas, props(self._rng, *camera.horizontal))
        self._planes = ((FLOOR, room.floor, self._floor()), (WALL, room.wall, self._wall()))
        size = (2, camera.height_px + NOISE_MARGIN_PX, camera.width_px + NOISE_MARGIN_PX, 3)
        self._noise = (self._rng.normal(0, 1, size) * SENSOR_NOISE).astype(np.int16)

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._canvas.close()

    def empty(self) -> np.ndarray:
        """The room with nobody in it and no bar: (height, width, 3) BGR uint8."""
        return self._draw([])

    def draw(self, posture: Posture, i: int) -> np.ndarray:
        """Frame i of the movement: (height, width, 3) BGR uint8."""
        return self._draw([thing.at(posture, i) for thing in (self._body, self._bar) if thing is not None])

    def _draw(self, actors: list[Actor]) -> np.ndarray:
        canvas = self._canvas
        canvas.shadow_target.use()
        canvas.shadow_target.clear()
        canvas.context.disable(canvas.context.DEPTH_TEST)
        for actor in actors:
            actor.shadow.render()
        canvas.target.use()
        canvas.target.clear(*(0.5 * np.array(self.room.wall)))
        canvas.context.enable(canvas.context.DEPTH_TEST)
        self._draw_planes()
        for actor in (self._props, *actors):
            actor.lit.render()
        return self._with_sensor_noise(canvas.read())

    def _draw_planes(self) -> None:
        program = self._canvas.plane
        self._grain.use(0)
        self._canvas.shadow_map.use(1)
        program["grain"], program["shadow"] = 0, 1
        for kind, colour, corners in self._planes:
            program["kind"], program["base"] = kind, tuple(colour)
            corners.render()

    def _with_sensor_noise(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        k, dy, dx = self._rng.integers(0, (2, NOISE_MARGIN_PX, NOISE_MARGIN_PX))
        noisy = picture.astype(np.int16) + self._noise[k, dy : dy + height, dx : dx + width]
        return np.clip(noisy, 0, 255).astype(np.uint8)

    def _light(self) -> None:
        lit, plane, shadow = self._canvas.lit, self._canvas.plane, self._canvas.shadow
        clip = tuple(self.camera.clip_matrix().T.ravel())
        sun = tuple(np.array(self.room.light) / np.linalg.norm(self.room.light))
        lit["clip"] = plane["clip"] = clip
        lit["sun"] = shadow["sun"] = sun
        lit["eye"] = tuple(self.camera.eye)
        lit["ambient"] = plane["ambient"] = self.room.ambient
        plane["across"] = tuple(self.camera.horizontal[1])

    def _random_grain(self) -> "moderngl.Texture":
        """The texture of floor and wall."""
        grain: np.ndarray = self._rng.integers(60, 200, (GRAIN_PX, GRAIN_PX)).astype(np.float32)
        for _ in range(2):
            grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))) / 4
        grain = (grain - grain.min()) / np.ptp(grain) * 255
        texture = self._canvas.context.texture((GRAIN_PX, GRAIN_PX), 1, grain.astype(np.uint8).tobytes())
        texture.build_mipmaps()
        return texture

    def _plate_colour(self) -> tuple[float, ...]:
        return tuple(self._rng.choice([0.1, 0.13, 0.2, 0.3]) * self._rng.uniform(0.7, 1, 3))

    def _floor(self) -> "moderngl.VertexArray":
        return self._plane(np.array([-9.0, -9, 0]), np.array([18.0, 0, 0]), np.array([0, 18.0, 0]))

    def _wall(self) -> "moderngl.VertexArray":
        away, across = self.camera.horizontal
        return self._plane(WALL_M * away - 9 * across, 18 * across, np.array([0, 0, 4.0]))

    def _plane(self, corner: np.ndarray, u: np.ndarray, w: np.ndarray) -> "moderngl.VertexArray":
        points = np.array([corner, corner + u, corner + u + w, corner, corner + u + w, corner + w])
        context = self._canvas.context
        return context.vertex_array(self._canvas.plane, [(context.buffer(points.astype("f4").tobytes()), "3f", "pos")])


class _Skin:
    """The body's surface, painted."""

    def __init__(self, body: Body, room: Room) -> None:
        self.body = body
        faces, count = body.faces, len(body.vertices)
        of_face = np.repeat(np.arange(len(faces)), 3)
        self.face_sum = csr_matrix((np.ones(faces.size), (faces.ravel(), of_face)), shape=(count, len(faces)))
        self.colours = np.array(room.clothes)[body.material]

    def at_rest(self) -> Mesh:
        return self._mesh(self.body.vertices)

    def moved(self, turn: np.ndarray, position: np.ndarray) -> Mesh:
        """turn (J, 3, 3), position (J, 3) of the joints."""
        return self._mesh(self.body.skin(turn, position))

    def _mesh(self, vertices: np.ndarray) -> Mesh:
        a, b, c = (vertices[self.body.faces[:, k]] for k in range(3))
        normals = self.face_sum @ np.cross(b - a, c - a)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
        return Mesh(vertices, normals, self.colours, self.body.faces)


class _MovingBody:
    """The lifter on a canvas."""

    def __init__(self, canvas: Canvas, skin: _Skin) -> None:
        self._skin, self._actor = skin, Actor(canvas, skin.at_rest())

    def at(self, posture: Posture, i: int) -> Actor:
        """In frame i."""
        now = {name: values[i : i + 1] for name, values in posture.items()}
        turn, position = solve(self._skin.body, now)
        self._actor.move(self._skin.moved(turn[0], position[0]))
        return self._actor


class _MovingBar:
    """The barbell on a canvas."""

    def __init__(self, canvas: Canvas, mesh: Mesh) -> None:
        self._mesh, self._actor = mesh, Actor(canvas, mesh)

    def at(self, posture: Posture, i: int) -> Actor:
        """In frame i."""
        turn, position = bar_place(posture, i)
        mesh = self._mesh
        self._actor.move(mesh._replace(vertices=mesh.vertices @ turn.T + position, normals=mesh.normals @ turn.T))
        return self._actor
