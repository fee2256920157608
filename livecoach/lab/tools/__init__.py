"""Checks and measures the machine, which coaching does not need: doctor and bench."""
