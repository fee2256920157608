#version 330
uniform mat4 clip;
in vec3 pos;
in vec3 nrm;
in vec4 col;  // a: depth of the cloth's folds
in vec3 rest;  // position at rest, so that folds and weave move with the cloth
out vec3 p;
out vec3 n;
out vec4 c;
out vec3 r;

void main() {
  p = pos;
  n = nrm;
  c = col;
  r = rest;
  gl_Position = clip * vec4(p, 1);
}
