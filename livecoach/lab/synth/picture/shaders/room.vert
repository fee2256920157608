#version 330
uniform mat4 clip;
in vec3 pos;
in vec2 at;
out vec3 p;
out vec2 q;

void main() {
  p = pos;
  q = at;
  gl_Position = clip * vec4(pos, 1);
}
