"""Formats of numbers: metric units as imperial ones, percentages, and durations."""

from livecoach.types.message import Message

IMPERIAL = {"cm": ("in", 1 / 2.54), "m/s": ("ft/s", 1 / 0.3048), "m/s²": ("ft/s²", 1 / 0.3048)}
"""Metric unit → imperial unit, and the factor to it (international yard and pound agreement, 1959)."""
IMPERIAL_ID = {f"{{n}} {metric}": (metric, f"{{n}} {imperial}") for metric, (imperial, _) in IMPERIAL.items()}
"""Id of a number with a metric unit → that unit, and the id with the imperial one."""
SPACED_ID = {"{n}%": "{n}\N{NO-BREAK SPACE}%"}
"""Id of a percentage in events, without a space before the sign → the id for display."""
FINE_INCHES = 10.0  # length below which tenths of an inch count


def imperial_number(metric: str, unit: str) -> str:
    """As exact as the metric one is read."""
    number = float(metric) * IMPERIAL[unit][1]
    if unit == "cm":
        return f"{number:.{1 if abs(number) < FINE_INCHES else 0}f}"
    return f"{number:.{len(metric.partition('.')[2])}f}"


def percent(share: float, digits: int = 0) -> Message:
    """.234 is "23 %". A space stands before the sign, as in all units, and no line breaks there."""
    return Message("{n}\N{NO-BREAK SPACE}%", n=f"{100 * share:.{digits}f}")


def clock(seconds: float) -> str:
    """In minutes and seconds, and from an hour on in hours too: "2:05", "1:02:05"."""
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
