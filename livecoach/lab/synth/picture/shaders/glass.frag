#version 330
uniform vec3 tint;
in vec3 p;
in vec2 q;
out vec4 o;

void main() { o = vec4(tint * (0.9 + 0.1 * fract(q.x * 0.8 + q.y * 0.3)), 1); }
