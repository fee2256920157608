"""Lengths and speeds in texts: metric to imperial."""

import re

_METRIC = re.compile(
    r"(?:(?P<low>-?\d+(?:\.\d+)?) to )?(?P<number>-?\d+(?:\.\d+)?)(?P<gap>[ \N{NO-BREAK SPACE}])"
    r"(?P<unit>cm|m/s²|m/s)(?![\w/])"
)
CM_PER_INCH = 2.54
M_PER_FOOT = 0.3048
FINE_INCHES = 10.0
"""Lengths below which tenths of an inch count."""


def in_imperial(text: str) -> str:
    """Return a text with its centimetres as inches and its metres per second as feet per second: "6 cm" is "2.4 in"."""
    return _METRIC.sub(_converted, text)


def _converted(found: re.Match[str]) -> str:
    low, unit = found["low"], found["unit"]
    name = "in" if unit == "cm" else unit.replace("m/", "ft/")
    range_start = "" if low is None else f"{_number(low, unit)} to "
    return f"{range_start}{_number(found['number'], unit)}{found['gap']}{name}"


def _number(metric: str, unit: str) -> str:
    if unit == "cm":
        inches = float(metric) / CM_PER_INCH
        return f"{inches:.{1 if abs(inches) < FINE_INCHES else 0}f}"
    return f"{float(metric) / M_PER_FOOT:.{len(metric.partition('.')[2])}f}"
