"""Counts reps from body measures: stages, movements, the evidence that they are lifts, and sets."""
