#version 330
uniform sampler2D shadow;
uniform float reach;
uniform float depth;
in vec3 p;
in vec2 q;
out vec4 o;

void main() { o = vec4(vec3(1. - depth * texture(shadow, p.xy / reach + 0.5).r), 1); }
