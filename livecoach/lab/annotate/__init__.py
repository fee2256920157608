"""Telling, in a window, the stage of a video's frames and which reps are good: `livecoach annotate`."""
