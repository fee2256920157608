"""Draws, reads and scores the dissertation's rep images."""
