#version 330
uniform vec3 base;
uniform float ambient;
uniform float sunlight;
uniform int kind;  // floors: 0 tiles, 1 boards, 2 carpet, 3 speckled rubber, 4 concrete;
                   // walls: 10 paint, 11 bricks, 12 panels, 13 paint in two tones; 14 a ceiling
uniform vec4 hole;  // where a mirror hangs: left, bottom, right, top in the plane, m
uniform float platform;
uniform vec2 lamp;
uniform float contrast;
uniform sampler2D grain;
in vec3 p;
in vec2 q;
out vec4 o;

float hash(vec2 u) { return fract(sin(dot(u, vec2(12.9898, 78.233))) * 43758.5453); }

float line(float x, float wide) {
  float e = abs(fract(x) - 0.5);
  return smoothstep(0.5 - wide, 0.5 - 0.4 * wide, e);
}

float clear(float period) { return clamp(1.6 - 3. * max(length(dFdx(q)), length(dFdy(q))) / period, 0., 1.); }

vec3 boards(vec3 c, vec2 u, float wide, float size) {
  float row = floor(u.y / wide);
  float at = u.x / size + hash(vec2(row, 3.)) * 5.;
  float tone = 0.28 * (hash(vec2(row, floor(at))) - 0.5) + 0.15 * (texture(grain, u * vec2(0.06, 0.9)).r - 0.5);
  return c * (1. + clear(wide) * (tone - 0.35 * max(line(u.y / wide, 0.03), line(at, 0.004 / size))));
}

void main() {
  if (q.x > hole.x && q.x < hole.z && q.y > hole.y && q.y < hole.w) discard;
  float slow = texture(grain, q * 0.13).r - 0.5;
  float fine = texture(grain, q * 1.7).r - 0.5;
  vec3 c = base;
  if (kind == 0) {
    c *= 1. + 0.15 * slow + 0.1 * fine;
    c *= 1. - 0.22 * clear(0.1) * max(line(q.x, 0.01), line(q.y, 0.01));
  }
  if (kind == 1) c = boards(c, q, 0.14, 1.1);
  if (kind == 2) c *= 1. + 0.25 * (texture(grain, q * 5.).r - 0.5) + 0.3 * fine + 0.1 * slow;
  if (kind == 3) {
    c *= 1. + 0.1 * slow;
    if (hash(floor(q * 110.)) > 0.96) c += 0.3 * clear(0.01);
  }
  if (kind == 4) c *= 1. + 0.35 * slow + 0.12 * fine;
  if (kind == 10) c *= 1. + 0.05 * slow + 0.03 * fine;
  if (kind == 11) {
    float row = floor(q.y / 0.075);
    vec2 b = vec2(q.x / 0.22 + 0.5 * mod(row, 2.), q.y / 0.075);
    float near = clear(0.075);
    c *= 1. + near * 0.3 * (hash(floor(b)) - 0.5) + 0.2 * fine;
    c = mix(c, vec3(0.62), near * 0.6 * max(line(b.x, 0.06), line(b.y, 0.15)));
  }
  if (kind == 12) c = boards(c, q.yx, 0.12, 99.);
  if (kind == 13) {
    c *= q.y < 1.1 ? 0.6 : 1.;
    c *= 1. + 0.05 * slow;
    if (abs(q.y - 1.1) < 0.02) c *= 0.5;
  }
  float lit = ambient + 0.6 * sunlight;
  if (kind < 10) {
    vec2 e = abs(p.xy);
    if (platform > 0. && e.x < 1.22 && e.y < 1.22) {
      c = e.y < 0.6 ? boards(vec3(0.62, 0.47, 0.3), p.xy, 0.2, 2.44) : vec3(0.1) * (1. + 0.5 * fine);
      if (max(e.x, e.y) > 1.18) c *= 0.5;
    }
    lit *= 1. / (1. + 0.03 * dot(p.xy, p.xy));
  } else {
    lit *= 0.9 + 0.06 * p.z;
    if (p.z < 0.09 && kind != 11 && kind != 14) c = vec3(0.5) * base + 0.05;
  }
  lit *= 1. + contrast * (exp(-0.35 * dot(q - lamp, q - lamp)) - 0.4);
  o = vec4(c * lit, 1);
}
