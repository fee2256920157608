"""`livecoach lab annotate`: labels the stages of a video's frames and its reps in a window."""
