"""GLSL: the lit mesh, the textured floor and wall, the shadow on the floor."""

MESH_VERTEX = """#version 330
uniform mat4 clip; in vec3 pos; in vec3 nrm; in vec3 col; out vec3 p; out vec3 n; out vec3 c;
void main() { p = pos; n = nrm; c = col; gl_Position = clip * vec4(pos, 1); }"""

MESH_FRAGMENT = """#version 330
uniform vec3 sun; uniform vec3 eye; uniform float ambient; in vec3 p; in vec3 n; in vec3 c; out vec4 o;
void main() {
  vec3 m = normalize(n); vec3 v = normalize(eye - p); if (dot(m, v) < -0.2) m = -m;
  float d = max(dot(m, sun), 0.); float s = pow(max(dot(m, normalize(sun + v)), 0.), 24.);
  float sky = 0.5 + 0.5 * m.z;
  float w = 0.97 + 0.06 * sin(p.x * 90.) * sin(p.z * 80.) * sin(p.y * 85.);
  o = vec4(c * w * (ambient * (0.55 + 0.45 * sky) + 0.75 * d) + 0.05 * s, 1); }"""

ROOM_VERTEX = """#version 330
uniform mat4 clip; in vec3 pos; out vec3 p; void main() { p = pos; gl_Position = clip * vec4(pos, 1); }"""

ROOM_FRAGMENT = """#version 330
uniform vec3 base; uniform float ambient; uniform int kind; uniform vec3 across; uniform sampler2D grain;
uniform sampler2D shadow; in vec3 p; out vec4 o;
void main() {
  vec2 q = kind == 0 ? p.xy : vec2(dot(p, across), p.z);
  float g = texture(grain, q * 0.31).r + 0.5 * texture(grain, q * 1.7).r - 0.75;
  vec3 c = base * (1. + 0.22 * g); float lit = ambient + 0.5;
  if (kind == 0) {
    vec2 e = abs(fract(q) - 0.5); c *= max(e.x, e.y) > 0.492 ? 0.72 : 1.0;
    vec2 u = p.xy / 6. + 0.5; float s = 0.;
    for (int i = -2; i <= 2; i++) for (int j = -2; j <= 2; j++) s += texture(shadow, u + vec2(i, j) * 0.0045).r;
    lit *= 1. - 0.55 * s / 25.; lit *= 1. / (1. + 0.03 * dot(p.xy, p.xy));
  } else { lit *= 0.92 + 0.05 * p.z; if (p.z < 0.1) c *= 0.55; }
  o = vec4(c * lit, 1); }"""

SHADOW_VERTEX = """#version 330
uniform vec3 sun; in vec3 pos;
void main() { vec2 q = pos.xy - sun.xy * pos.z / sun.z; gl_Position = vec4(q / 3., 0, 1); }"""

SHADOW_FRAGMENT = """#version 330
out vec4 o; void main() { o = vec4(1); }"""
