"""Reads and scores the dissertation's rep images."""
