#version 330
uniform vec3 sun;
uniform float reach;
in vec3 pos;

void main() {
  vec2 q = pos.xy - sun.xy * max(pos.z, 0.) / sun.z;
  gl_Position = vec4(2. * q / reach, 0, 1);
}
