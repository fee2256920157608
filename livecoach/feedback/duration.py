"""Durations as a clock shows them."""


def clock(seconds: float) -> str:
    """Return a duration in minutes and seconds, and from an hour on in hours too: "2:05", "1:02:05"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
