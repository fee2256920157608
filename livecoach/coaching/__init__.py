"""What the lifter hears of a set: cues between reps, and a summary at its end."""
