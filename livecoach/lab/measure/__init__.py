"""The measurements of `livecoach lab measure`: counting, the verdict and their foundations, as tables."""
