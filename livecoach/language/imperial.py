"""Lengths and speeds in texts: metric to imperial."""

import re

_METRIC = re.compile(r"(?P<number>-?\d+(?:\.\d+)?)(?P<gap>[ \N{NO-BREAK SPACE}])(?P<unit>cm|m/s²|m/s)(?![\w/])")
CM_PER_INCH = 2.54
M_PER_FOOT = 0.3048
FINE_INCHES = 10.0
"""Lengths below which tenths of an inch count."""


def in_imperial(text: str) -> str:
    """Return a text with its centimetres as inches and its metres per second as feet per second: "6 cm" is "2.4 in"."""
    return _METRIC.sub(_converted, text)


def _converted(found: re.Match[str]) -> str:
    number, unit = float(found["number"]), found["unit"]
    if unit == "cm":
        inches = number / CM_PER_INCH
        return f"{inches:.{1 if abs(inches) < FINE_INCHES else 0}f}{found['gap']}in"
    digits = len(found["number"].partition(".")[2])
    return f"{number / M_PER_FOOT:.{digits}f}{found['gap']}{unit.replace('m/', 'ft/')}"
