"""GLSL shaders of people and things, floor and walls, shadows, and mirror glass."""

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
12 (panels), 13 (paint in two tones); 14 is a ceiling. hole: left, bottom, right, top
in the plane, m, where a mirror hangs."""

FLAT_VERTEX = ROOM_VERTEX
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
