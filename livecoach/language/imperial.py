"""Lengths and speeds in texts: metric to imperial."""

import re

_METRIC = re.compile(
    r"(?:(?P<low>-?\d+(?:\.\d+)?) to )?(?P<number>-?\d+(?:\.\d+)?)(?P<gap>[ \N{NO-BREAK SPACE}])"
    r"(?P<unit>cm|m/s²|m/s)(?![\w/])"
)
IMPERIAL = {"cm": ("in", 1 / 2.54), "m/s": ("ft/s", 1 / 0.3048), "m/s²": ("ft/s²", 1 / 0.3048)}
"""Metric unit → imperial unit, and the factor to it (international yard and pound agreement, 1959)."""
FINE_INCHES = 10.0
"""Lengths below which tenths of an inch count."""


def in_imperial(text: str) -> str:
    """Return a text with its centimetres as inches and its metres per second as feet per second: "6 cm" is "2.4 in"."""
    return _METRIC.sub(_converted, text)


def _converted(found: re.Match[str]) -> str:
    low, unit = found["low"], found["unit"]
    range_start = "" if low is None else f"{_number(low, unit)} to "
    return f"{range_start}{_number(found['number'], unit)}{found['gap']}{IMPERIAL[unit][0]}"


def _number(metric: str, unit: str) -> str:
    number = float(metric) * IMPERIAL[unit][1]
    if unit == "cm":
        return f"{number:.{1 if abs(number) < FINE_INCHES else 0}f}"
    return f"{number:.{len(metric.partition('.')[2])}f}"
