"""How numbers are written: metric units as imperial ones, percentages, and durations."""

import re

from livecoach.types.message import Message

_METRIC = re.compile(
    r"(?:(?P<low>-?\d+(?:\.\d+)?) to )?(?P<number>-?\d+(?:\.\d+)?)(?P<gap>[ \N{NO-BREAK SPACE}])"
    r"(?P<unit>cm|m/s²|m/s)(?![\w/])"
)
_FIELD_WITH_UNIT = re.compile(r"\{(?P<field>\w+)\} (?P<unit>cm|m/s²|m/s)(?![\w/])")
IMPERIAL = {"cm": ("in", 1 / 2.54), "m/s": ("ft/s", 1 / 0.3048), "m/s²": ("ft/s²", 1 / 0.3048)}
"""Metric unit → imperial unit, and the factor to it (international yard and pound agreement, 1959)."""
FINE_INCHES = 10.0
"""Lengths below which tenths of an inch count."""
_BEFORE_PERCENT = "\N{NO-BREAK SPACE}"
_CLOSE = re.compile(r"(?<=\d)%")


def in_imperial(text: str) -> str:
    """Return a text with its centimetres as inches and its metres per second as feet per second: "6 cm" is "2.4 in"."""
    return _METRIC.sub(_converted, text)


def _converted(found: re.Match[str]) -> str:
    low, unit = found["low"], found["unit"]
    range_start = "" if low is None else f"{imperial_number(low, unit)} to "
    return f"{range_start}{imperial_number(found['number'], unit)}{found['gap']}{IMPERIAL[unit][0]}"


def imperial_number(metric: str, unit: str) -> str:
    """Return a number of a metric unit as one of the imperial unit, as exact as it is read."""
    number = float(metric) * IMPERIAL[unit][1]
    if unit == "cm":
        return f"{number:.{1 if abs(number) < FINE_INCHES else 0}f}"
    return f"{number:.{len(metric.partition('.')[2])}f}"


def imperial_message(message: Message) -> Message:
    """Return a message with its arguments in metric units, and those of its parts, in imperial ones."""
    unit_of = {found["field"]: found["unit"] for found in _FIELD_WITH_UNIT.finditer(message.id)}
    arguments = {
        field: _imperial_argument(value, unit_of.get(field)) if not field.startswith("name") else value
        for field, value in message.arguments.items()
    }
    template = _FIELD_WITH_UNIT.sub(lambda found: f"{{{found['field']}}} {IMPERIAL[found['unit']][0]}", message.id)
    return Message(template, **arguments)


def _imperial_argument(value: str | int, unit: str | None) -> str | int:
    if isinstance(value, Message):
        return imperial_message(value)
    if unit is not None:
        return imperial_number(str(value), unit)
    return in_imperial(value) if isinstance(value, str) else value


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage: .234 is "23 %". A space stands before the sign, as in all units, and no line
    breaks there."""
    return f"{100 * share:.{digits}f}{_BEFORE_PERCENT}%"


def with_space(text: str) -> str:
    """Return a text with a space before its percent signs. Events, and sessions of earlier versions, have none."""
    return _CLOSE.sub(f"{_BEFORE_PERCENT}%", text)


def clock(seconds: float) -> str:
    """Return a duration in minutes and seconds, and from an hour on in hours too: "2:05", "1:02:05"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
