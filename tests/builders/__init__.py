"""Values, files and fakes that several tests build: one module for each kind. Every argument has a default, so that a
test names only what it is about."""
