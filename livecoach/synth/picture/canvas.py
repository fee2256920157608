"""OpenGL without a window: a context, a picture to draw on, meshes in it."""

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from livecoach.errors import ConfigError
from livecoach.synth.picture import shaders
from livecoach.synth.picture.mesh import Mesh

if TYPE_CHECKING:
    import moderngl

NO_MODERNGL = "drawing the synthetic lifter needs moderngl: pip install 'livecoach[synth]'"
NO_GL = "no off-screen OpenGL ({err}). On Debian: apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri libgl1"
SHADOW_PX = 384
SAMPLES = 4
"""Anti-aliasing."""
VERTEX_FLOATS = 9
"""Position, normal, colour."""


class Canvas:
    """A picture of width x height pixels and the programs that draw on it."""

    def __init__(self, width_px: int, height_px: int) -> None:
        """Raises ConfigError where moderngl or OpenGL is missing."""
        self.context = _context(_moderngl())
        self.size = (width_px, height_px)
        colour = self.context.renderbuffer(self.size, 3, samples=SAMPLES)
        self.target = self.context.framebuffer([colour], self.context.depth_renderbuffer(self.size, samples=SAMPLES))
        self.plain = self.context.simple_framebuffer(self.size, 3)
        self.shadow_map = self.context.texture((SHADOW_PX, SHADOW_PX), 1)
        self.shadow_map.repeat_x = self.shadow_map.repeat_y = False
        self.shadow_target = self.context.framebuffer([self.shadow_map])
        self.lit = self._program(shaders.MESH_VERTEX, shaders.MESH_FRAGMENT)
        self.plane = self._program(shaders.ROOM_VERTEX, shaders.ROOM_FRAGMENT)
        self.shadow = self._program(shaders.SHADOW_VERTEX, shaders.SHADOW_FRAGMENT)

    def _program(self, vertex: str, fragment: str) -> "moderngl.Program":
        return self.context.program(vertex_shader=vertex, fragment_shader=fragment)

    def read(self) -> np.ndarray:
        """(height, width, 3) BGR uint8 of what was drawn."""
        self.context.copy_framebuffer(self.plain, self.target)
        width, height = self.size
        rgb = np.frombuffer(self.plain.read(components=3, alignment=1), np.uint8).reshape(height, width, 3)
        return rgb[::-1, :, ::-1]

    def close(self) -> None:
        """Give the context back; nothing can be drawn after that."""
        self.context.release()


class Actor:
    """A mesh on a canvas whose vertices may move."""

    def __init__(self, canvas: Canvas, mesh: Mesh) -> None:
        self._buffer = canvas.context.buffer(reserve=len(mesh.vertices) * VERTEX_FLOATS * 4, dynamic=True)
        index = canvas.context.buffer(mesh.faces.astype("i4").tobytes())
        whole = [(self._buffer, "3f 3f 3f", "pos", "nrm", "col")]
        self.lit = canvas.context.vertex_array(canvas.lit, whole, index)
        self.shadow = canvas.context.vertex_array(canvas.shadow, [(self._buffer, "3f 24x", "pos")], index)
        self.move(mesh)

    def move(self, mesh: Mesh) -> None:
        """New places for the same vertices."""
        vertices = np.hstack([mesh.vertices, mesh.normals, mesh.colours])
        self._buffer.write(vertices.astype("f4").tobytes())


def _moderngl() -> ModuleType:
    try:
        import moderngl  # an optional dependency: everything but drawing works without
    except ImportError as err:
        raise ConfigError(NO_MODERNGL) from err
    return moderngl


def _context(gl: ModuleType) -> "moderngl.Context":
    try:
        return gl.create_context(standalone=True, backend="egl")
    except Exception as err:  # glcontext raises bare Exceptions
        raise ConfigError(NO_GL.format(err=str(err).splitlines()[0])) from err
