"""Off-screen OpenGL: a context, a picture to draw on, meshes, and the shaders that draw them."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy.sparse import csr_matrix

from livecoach.core.config.paths import install_command
from livecoach.core.errors import ConfigError
from livecoach.lab.synth.picture.mesh import INFLUENCES, Mesh

if TYPE_CHECKING:
    import moderngl

MESH_VERTEX = """#version 330
uniform mat4 clip; in vec3 pos; in vec3 nrm; in vec4 col; in vec3 rest; out vec3 p; out vec3 n; out vec4 c; out vec3 r;
void main() { p = pos; n = nrm; c = col; r = rest; gl_Position = clip * vec4(p, 1); }"""

MESH_FRAGMENT = """#version 330
uniform vec3 sun; uniform float sunlight; uniform vec3 eye; uniform float ambient;
in vec3 p; in vec3 n; in vec4 c; in vec3 r; out vec4 o;
void main() {
  vec3 m = normalize(n); vec3 v = normalize(eye - p); if (dot(m, v) < -0.2) m = -m;
  vec3 k = vec3(sin(r.z * 37. + 5. * sin(r.y * 19. + 3. * sin(r.z * 13.))), sin(r.x * 41. + 6. * sin(r.z * 17.)),
    sin(r.y * 31. + 5. * sin(r.z * 11. + r.x * 23.)));
  m = normalize(m + c.a * k);
  float d = max(dot(m, sun), 0.); float s = pow(max(dot(m, normalize(sun + v)), 0.), 24.);
  float sky = 0.5 + 0.5 * m.z; float fill = max(dot(m, v), 0.);
  float w = 0.98 + 0.03 * sin(r.x * 390.) * sin(r.z * 380.) * sin(r.y * 385.);
  float lit = ambient * (0.5 + 0.4 * sky + 0.15 * fill) + sunlight * d;
  o = vec4(c.rgb * w * lit + (c.a > 0. ? 0.01 : 0.06) * sunlight * s, 1); }"""
"""c.a: depth of the cloth's folds; r: position at rest, so that folds and weave move with the cloth."""

ROOM_VERTEX = """#version 330
uniform mat4 clip; in vec3 pos; in vec2 at; out vec3 p; out vec2 q;
void main() { p = pos; q = at; gl_Position = clip * vec4(pos, 1); }"""

ROOM_FRAGMENT = """#version 330
uniform vec3 base; uniform float ambient; uniform float sunlight; uniform int kind; uniform vec4 hole;
uniform float platform; uniform vec2 lamp; uniform float contrast; uniform sampler2D grain; in vec3 p; in vec2 q;
out vec4 o;
float hash(vec2 u) { return fract(sin(dot(u, vec2(12.9898, 78.233))) * 43758.5453); }
float line(float x, float wide) { float e = abs(fract(x) - 0.5); return smoothstep(0.5 - wide, 0.5 - 0.4 * wide, e); }
float clear(float period) { return clamp(1.6 - 3. * max(length(dFdx(q)), length(dFdy(q))) / period, 0., 1.); }
vec3 boards(vec3 c, vec2 u, float wide, float size) {
  float row = floor(u.y / wide); float at = u.x / size + hash(vec2(row, 3.)) * 5.;
  float tone = 0.28 * (hash(vec2(row, floor(at))) - 0.5) + 0.15 * (texture(grain, u * vec2(0.06, 0.9)).r - 0.5);
  return c * (1. + clear(wide) * (tone - 0.35 * max(line(u.y / wide, 0.03), line(at, 0.004 / size)))); }
void main() {
  if (q.x > hole.x && q.x < hole.z && q.y > hole.y && q.y < hole.w) discard;
  float slow = texture(grain, q * 0.13).r - 0.5; float fine = texture(grain, q * 1.7).r - 0.5;
  vec3 c = base;
  if (kind == 0) {
    c *= 1. + 0.15 * slow + 0.1 * fine; c *= 1. - 0.22 * clear(0.1) * max(line(q.x, 0.01), line(q.y, 0.01)); }
  if (kind == 1) c = boards(c, q, 0.14, 1.1);
  if (kind == 2) c *= 1. + 0.25 * (texture(grain, q * 5.).r - 0.5) + 0.3 * fine + 0.1 * slow;
  if (kind == 3) { c *= 1. + 0.1 * slow; if (hash(floor(q * 110.)) > 0.96) c += 0.3 * clear(0.01); }
  if (kind == 4) c *= 1. + 0.35 * slow + 0.12 * fine;
  if (kind == 10) c *= 1. + 0.05 * slow + 0.03 * fine;
  if (kind == 11) {
    float row = floor(q.y / 0.075); vec2 b = vec2(q.x / 0.22 + 0.5 * mod(row, 2.), q.y / 0.075);
    float near = clear(0.075); c *= 1. + near * 0.3 * (hash(floor(b)) - 0.5) + 0.2 * fine;
    c = mix(c, vec3(0.62), near * 0.6 * max(line(b.x, 0.06), line(b.y, 0.15))); }
  if (kind == 12) c = boards(c, q.yx, 0.12, 99.);
  if (kind == 13) { c *= q.y < 1.1 ? 0.6 : 1.; c *= 1. + 0.05 * slow; if (abs(q.y - 1.1) < 0.02) c *= 0.5; }
  float lit = ambient + 0.6 * sunlight;
  if (kind < 10) {
    vec2 e = abs(p.xy);
    if (platform > 0. && e.x < 1.22 && e.y < 1.22) {
      c = e.y < 0.6 ? boards(vec3(0.62, 0.47, 0.3), p.xy, 0.2, 2.44) : vec3(0.1) * (1. + 0.5 * fine);
      if (max(e.x, e.y) > 1.18) c *= 0.5; }
    lit *= 1. / (1. + 0.03 * dot(p.xy, p.xy));
  } else { lit *= 0.9 + 0.06 * p.z; if (p.z < 0.09 && kind != 11 && kind != 14) c = vec3(0.5) * base + 0.05; }
  lit *= 1. + contrast * (exp(-0.35 * dot(q - lamp, q - lamp)) - 0.4);
  o = vec4(c * lit, 1); }"""
"""Floors are kinds 0 (tiles), 1 (boards), 2 (carpet), 3 (speckled rubber), 4 (concrete); walls 10 (paint), 11 (bricks),
12 (panels), 13 (paint in two tones); 14 is a ceiling. hole: left, bottom, right, top in the plane, m, where a mirror
hangs."""

SHADE_FRAGMENT = """#version 330
uniform sampler2D shadow; uniform float reach; uniform float depth; in vec3 p; in vec2 q; out vec4 o;
void main() { o = vec4(vec3(1. - depth * texture(shadow, p.xy / reach + 0.5).r), 1); }"""
GLASS_FRAGMENT = """#version 330
uniform vec3 tint; in vec3 p; in vec2 q; out vec4 o;
void main() { o = vec4(tint * (0.9 + 0.1 * fract(q.x * 0.8 + q.y * 0.3)), 1); }"""

SHADOW_VERTEX = """#version 330
uniform vec3 sun; uniform float reach; in vec3 pos;
void main() {
  vec2 q = pos.xy - sun.xy * max(pos.z, 0.) / sun.z; gl_Position = vec4(2. * q / reach, 0, 1); }"""

SHADOW_FRAGMENT = """#version 330
out vec4 o; void main() { o = vec4(1); }"""


NO_GL = "no off-screen OpenGL ({err}). On Debian: apt-get install libegl1 libegl-mesa0 libgl1-mesa-dri libgl1"
SHADOW_PX = 256
SHADOW_REACH_M = 6.0  # of the square of floor that receives shadows
GRAIN_PX = 256


class Canvas:
    def __init__(self, width_px: int, height_px: int) -> None:
        """Raises ConfigError if moderngl or OpenGL is missing."""
        self.context = _context()
        self.size = (width_px, height_px)
        self.target, self.backdrop = self._buffer(), self._buffer()
        self.shadow_map = self._texture(np.zeros((SHADOW_PX, SHADOW_PX), np.uint8))
        self.shadow_target = self.context.simple_framebuffer((SHADOW_PX, SHADOW_PX), 1)
        self.lit = self._program(MESH_VERTEX, MESH_FRAGMENT)
        self.plane = self._program(ROOM_VERTEX, ROOM_FRAGMENT)
        self.shade = self._program(ROOM_VERTEX, SHADE_FRAGMENT)
        self.glass = self._program(ROOM_VERTEX, GLASS_FRAGMENT)
        self.shadow = self._program(SHADOW_VERTEX, SHADOW_FRAGMENT)
        self.shade["reach"] = self.shadow["reach"] = SHADOW_REACH_M

    def _program(self, vertex: str, fragment: str) -> "moderngl.Program":
        return self.context.program(vertex_shader=vertex, fragment_shader=fragment)

    def _buffer(self) -> "moderngl.Framebuffer":
        colour = self.context.renderbuffer(self.size, 4)
        return self.context.framebuffer([colour], self.context.depth_renderbuffer(self.size))

    def _texture(self, values: np.ndarray) -> "moderngl.Texture":
        height, width = values.shape
        texture = self.context.texture((width, height), 1, values.tobytes(), alignment=1)
        texture.repeat_x = texture.repeat_y = False
        return texture

    def grain(self, rng: np.random.Generator) -> "moderngl.Texture":
        grain: np.ndarray = rng.integers(60, 200, (GRAIN_PX, GRAIN_PX)).astype(np.float32)
        for _ in range(2):
            grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))) / 4
        texture = self._texture(((grain - grain.min()) / np.ptp(grain) * 255).astype(np.uint8))
        texture.repeat_x = texture.repeat_y = True
        texture.build_mipmaps()
        return texture

    def look_through(self, clip: np.ndarray, eye: np.ndarray) -> None:
        """For what is drawn next: clip (4, 4), eye (3,)."""
        for program in (self.lit, self.plane, self.shade, self.glass):
            program["clip"] = tuple(clip.T.ravel())
        self.lit["eye"] = tuple(eye)

    def cast_shadows(self, actors: list["Actor"], blur_px: float) -> None:
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
        """(height, width, 4) RGBA uint8, lowest row first."""
        width, height = self.size
        return np.frombuffer(self.target.read(components=4, alignment=1), np.uint8).reshape(height, width, 4)

    def read_depth(self) -> np.ndarray:
        """OpenGL's, (height, width) float32, 0..1, lowest row first."""
        width, height = self.size
        raw = self.target.read(attachment=-1, dtype="f4", components=1, alignment=1)
        return np.frombuffer(raw, np.float32).reshape(height, width)

    def close(self) -> None:
        """Nothing can be drawn afterwards."""
        self.context.release()


class Actor:
    """A mesh on a canvas that moves with its bones."""

    def __init__(self, canvas: Canvas, mesh: Mesh) -> None:
        context = canvas.context
        rows, shape = (
            np.repeat(np.arange(len(mesh.vertices)), INFLUENCES),
            (len(mesh.vertices), int(mesh.bone.max()) + 1),
        )
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

    def move(self, turn: np.ndarray, offset: np.ndarray) -> None:
        """A vertex p goes to turn (J, 3, 3) times p plus offset (J, 3)."""
        bones = np.concatenate([turn, offset[..., None]], -1).reshape(-1, 12).astype(np.float32)
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
    try:
        return moderngl.create_context(standalone=True, backend="egl")  # type: ignore[arg-type]
    except Exception as err:  # glcontext raises bare Exceptions
        raise ConfigError(NO_GL.format(err=str(err).splitlines()[0])) from err
