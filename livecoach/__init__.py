"""livecoach: watches a lifter's set live, counts the reps and flags the ones that are unlike good ones."""

__version__ = "2.0.0"
