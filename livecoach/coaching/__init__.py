"""What the lifter is told: cues between reps, and the summary of a set."""
