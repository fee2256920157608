"""Draws meshes off-screen with OpenGL."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy.sparse import csr_matrix

from livecoach.core.config.paths import install_command
from livecoach.core.errors import ConfigError
from livecoach.lab.synth.picture.mesh import INFLUENCES, Mesh

if TYPE_CHECKING:
    import moderngl

SHADERS = Path(__file__).with_name("shaders")
NO_GL = "no off-screen OpenGL ({err}). On Debian: apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri libgl1"
SHADOW_PX = 256  # Size of the picture of the shadows
SHADOW_REACH_M = 6.0  # Side of the square of floor that receives shadows
GRAIN_PX = 256  # Size of the texture of floor and walls


class Canvas:
    """A picture in memory on which OpenGL draws meshes."""

    def __init__(self, width_px: int, height_px: int) -> None:
        """Create the context. Raises ConfigError if moderngl or OpenGL is missing."""
        self.context = _context()
        self.size = (width_px, height_px)
        self.target, self.backdrop = self._buffer(), self._buffer()
        self.shadow_map = self._texture(np.zeros((SHADOW_PX, SHADOW_PX), np.uint8))
        self.shadow_target = self.context.simple_framebuffer((SHADOW_PX, SHADOW_PX), 1)
        self.lit = self._program("mesh", "mesh")
        self.plane = self._program("room", "room")
        self.shade = self._program("room", "shade")
        self.glass = self._program("room", "glass")
        self.shadow = self._program("shadow", "shadow")
        self.shade["reach"] = self.shadow["reach"] = SHADOW_REACH_M

    def _program(self, vertex: str, fragment: str) -> "moderngl.Program":
        return self.context.program(
            vertex_shader=(SHADERS / f"{vertex}.vert").read_text("ascii"),
            fragment_shader=(SHADERS / f"{fragment}.frag").read_text("ascii"),
        )

    def _buffer(self) -> "moderngl.Framebuffer":
        colour = self.context.renderbuffer(self.size, 4)
        return self.context.framebuffer([colour], self.context.depth_renderbuffer(self.size))

    def _texture(self, values: np.ndarray) -> "moderngl.Texture":
        height, width = values.shape
        texture = self.context.texture((width, height), 1, values.tobytes(), alignment=1)
        texture.repeat_x = texture.repeat_y = False
        return texture

    def make_grain_texture(self, rng: np.random.Generator) -> "moderngl.Texture":
        """Make a texture whose brightness varies smoothly at random, and which tiles in both directions."""
        grain: np.ndarray = rng.integers(60, 200, (GRAIN_PX, GRAIN_PX)).astype(np.float32)
        for _ in range(2):
            grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))) / 4
        texture = self._texture(((grain - grain.min()) / np.ptp(grain) * 255).astype(np.uint8))
        texture.repeat_x = texture.repeat_y = True
        texture.build_mipmaps()
        return texture

    def look_through(self, clip: np.ndarray, eye: np.ndarray) -> None:
        """Set the camera through which the following meshes are drawn.

        Args:
            clip: (4, 4) matrix from world to clip coordinates, for column vectors.
            eye: (3,) position of the camera in the world, in metres.
        """
        for program in (self.lit, self.plane, self.shade, self.glass):
            program["clip"] = tuple(clip.T.ravel())
        self.lit["eye"] = tuple(eye)

    def cast_shadows(self, actors: list["Actor"], blur_px: float) -> None:
        """Draw the shadows of the actors into the shadow map, blurred by a Gaussian of standard deviation `blur_px`."""
        self.shadow_target.use()
        self.shadow_target.clear()
        self.context.disable(self.context.DEPTH_TEST)
        for actor in actors:
            actor.shadow.render()
        self.context.enable(self.context.DEPTH_TEST)
        cast = np.frombuffer(self.shadow_target.read(components=1, alignment=1), np.uint8)
        blurred = cv2.GaussianBlur(cast.reshape(SHADOW_PX, SHADOW_PX), (0, 0), blur_px)
        self.shadow_map.write(blurred.tobytes(), alignment=1)

    def read(self) -> np.ndarray:
        """Read the rendered picture, (height, width, 4), RGBA, uint8, lowest row first."""
        width, height = self.size
        return np.frombuffer(self.target.read(components=4, alignment=1), np.uint8).reshape(height, width, 4)

    def close(self) -> None:
        """Release the OpenGL context."""
        self.context.release()


class Actor:
    """A mesh on a canvas, with vertices that move with its bones."""

    def __init__(self, canvas: Canvas, mesh: Mesh) -> None:
        context = canvas.context
        rows = np.repeat(np.arange(len(mesh.vertices)), INFLUENCES)
        shape = len(mesh.vertices), int(mesh.bone.max()) + 1
        self._weights = csr_matrix(
            (mesh.weight.ravel().astype(np.float32), (rows, mesh.bone.ravel().astype(int))), shape
        )
        self._points = np.hstack([mesh.vertices, np.ones((len(mesh.vertices), 1))]).astype(np.float32)
        self._normals = mesh.normals.astype(np.float32)
        self._places = context.buffer(np.hstack([mesh.vertices, mesh.normals]).astype("f4").tobytes(), dynamic=True)
        paint = context.buffer(np.hstack([mesh.colours, mesh.vertices]).astype("f4").tobytes())
        index = context.buffer(mesh.faces.astype("i4").tobytes())
        look = [(self._places, "3f 3f", "pos", "nrm"), (paint, "4f 3f", "col", "rest")]
        self.lit = context.vertex_array(canvas.lit, look, index)
        self.shadow = context.vertex_array(canvas.shadow, [(self._places, "3f 12x", "pos")], index)

    def move(self, rotations: np.ndarray, offsets: np.ndarray) -> None:
        """Move the vertices with their bones, from the rest pose and not from the last move.

        Args:
            rotations: (J, 3, 3) matrix of each bone, by which vertices are multiplied.
            offsets: (J, 3) offset of each bone, which is added afterwards.
        """
        bones = np.concatenate([rotations, offsets[..., None]], -1).reshape(-1, 12).astype(np.float32)
        # On llvmpipe, this takes a third of the time of skinning in a shader.
        mixed = (self._weights @ bones[: self._weights.shape[1]]).reshape(-1, 3, 4)
        places = np.empty((len(mixed), 2, 3), np.float32)
        np.einsum("vij,vj->vi", mixed, self._points, out=places[:, 0])
        np.einsum("vij,vj->vi", mixed[..., :3], self._normals, out=places[:, 1])
        self._places.write(places.tobytes())


def check_drawing() -> None:
    """Raise ConfigError if moderngl or OpenGL is missing."""
    _context().release()


def _context() -> "moderngl.Context":
    try:
        import moderngl  # optional: everything except rendering works without it
    except ImportError as err:
        raise ConfigError(f"drawing the synthetic lifter needs moderngl. Run `{install_command('synth')}`.") from err
    settings = {"backend": "egl"} if sys.platform.startswith("linux") else {}  # Elsewhere there is no EGL
    try:
        return moderngl.create_context(standalone=True, **settings)  # type: ignore[arg-type]
    except Exception as err:  # glcontext raises bare Exceptions
        raise ConfigError(NO_GL.format(err=str(err).splitlines()[0])) from err
