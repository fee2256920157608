"""Reads the dissertation's rep images, and trains and applies their scorers."""
