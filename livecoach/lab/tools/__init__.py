"""Checks and measurements of the machine, which coaching does not need: doctor and bench."""
