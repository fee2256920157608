"""The lifts that sets are rendered of."""

MAIN_LIFTS = ("deadlift", "squat")
"""Rendered sets alternate between them. A rep of one of them is the anomaly "another exercise" of every other lift."""
