"""The measurements of `livecoach measure`: counting, the verdict and their foundations, as tables."""
