"""Gives feedback on a set: cues between reps, and a summary at its end."""
