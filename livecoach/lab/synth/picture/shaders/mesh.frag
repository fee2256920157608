#version 330
uniform vec3 sun;
uniform float sunlight;
uniform vec3 eye;
uniform float ambient;
in vec3 p;
in vec3 n;
in vec4 c;
in vec3 r;
out vec4 o;

void main() {
  vec3 m = normalize(n);
  vec3 v = normalize(eye - p);
  if (dot(m, v) < -0.2) m = -m;
  vec3 k = vec3(
    sin(r.z * 37. + 5. * sin(r.y * 19. + 3. * sin(r.z * 13.))),
    sin(r.x * 41. + 6. * sin(r.z * 17.)),
    sin(r.y * 31. + 5. * sin(r.z * 11. + r.x * 23.)));
  m = normalize(m + c.a * k);
  float d = max(dot(m, sun), 0.);
  float s = pow(max(dot(m, normalize(sun + v)), 0.), 24.);
  float sky = 0.5 + 0.5 * m.z;
  float fill = max(dot(m, v), 0.);
  float w = 0.98 + 0.03 * sin(r.x * 390.) * sin(r.z * 380.) * sin(r.y * 385.);
  float lit = ambient * (0.5 + 0.4 * sky + 0.15 * fill) + sunlight * d;
  o = vec4(c.rgb * w * lit + (c.a > 0. ? 0.01 : 0.06) * sunlight * s, 1);
}
