"""Parses and displays loads in kilograms and pounds."""

import math
import re
from typing import Literal

from livecoach.core.types.message import Message, escape_input

Units = Literal["metric", "imperial"]
KG_PER_LB = 0.45359237  # kilograms in a pound, by definition (international yard and pound agreement, 1959)
MOST_KG = 1000.0  # largest load: twice the heaviest deadlift so far. More is a typing mistake.
UNIT: dict[Units, str] = {"metric": "kg", "imperial": "lb"}  # system of units → unit of loads
_WORDS: dict[Units, str] = {"metric": "{n} kg", "imperial": "{n} lb"}
_TYPED = re.compile(
    r"\s*([0-9]{1,6}(?:[.,][0-9]{1,4})?|[.,][0-9]{1,4})\s*(kg|kgs|lb|lbs|)\s*", re.ASCII | re.IGNORECASE
)
_GROUPED = re.compile(r"(?<![0-9.,])[1-9][0-9]{0,2}([.,])[0-9]{3}(?![0-9])", re.ASCII)


def parse_load(text: str, units: Units, group: str = "") -> float:
    """Parse a typed load such as "100", "102,5" or "220lb", and return the load in kilograms.

    Args:
        units: System of units of a load that is typed without a unit.
        group: Mark between groups of digits in the language of the text; empty without a mark.

    Raises:
        ValueError: The text is not a load. The error's argument is a Message with the problem.
    """
    match = _TYPED.fullmatch(_GROUPED.sub(lambda number: number[0].replace(group, ""), text) if group else text)
    if match is None:
        raise ValueError(Message("'{name}' is not a load. Write 100, 102.5, 100kg or 220lb.", name=escape_input(text)))
    number = float(match[1].replace(",", "."))
    in_lb = match[2].lower().startswith("lb") if match[2] else units == "imperial"
    load_kg = to_kg(number, "imperial" if in_lb else "metric")
    if not 0 < load_kg <= MOST_KG:
        most = format_load(MOST_KG, units)
        raise ValueError(Message("{name}: a load is above 0, up to {text}.", name=text.strip(), text=most))
    return load_kg


def format_load(load_kg: float, units: Units) -> Message:
    """Format a load with its unit, to a tenth, such as "102.5 kg" or "225 lb"."""
    return Message(_WORDS[units], n=f"{from_kg(load_kg, units):,.1f}".removesuffix(".0"))


def format_typed_load(load_kg: float, units: Units) -> str:
    """Format a load as a person would type it in `units`, to a tenth and without the unit, such as "102.5"."""
    return f"{from_kg(load_kg, units):.1f}".removesuffix(".0")


def format_rounded_load(load_kg: float, units: Units) -> Message:
    """Format an estimated load with its unit, without decimals, such as "142 kg". Halves are rounded up."""
    return Message(_WORDS[units], n=f"{math.floor(from_kg(load_kg, units) + 0.5):,}")


def from_kg(load_kg: float, units: Units) -> float:
    """Convert a load from kilograms to pounds if the units are imperial; otherwise return the load unchanged."""
    return load_kg / KG_PER_LB if units == "imperial" else load_kg


def to_kg(load: float, units: Units) -> float:
    """Convert a load from pounds to kilograms if the units are imperial; otherwise return the load unchanged."""
    return load * KG_PER_LB if units == "imperial" else load


def parse_rpe(text: str) -> float:
    """Parse a typed rating of perceived exertion, 1 to 10 in halves (Zourdos et al., J Strength Cond Res 30:267, 2016).

    Raises:
        ValueError: The text is not a rating. The error's argument is a Message with the problem.
    """
    try:
        rpe = float(text.strip().replace(",", "."))
    except ValueError:
        rpe = 0.0
    if not (1 <= rpe <= 10 and (2 * rpe).is_integer()):
        raise ValueError(
            Message("'{name}' is not an RPE. Write 1 to 10, in halves: 8 or 8.5.", name=escape_input(text))
        )
    return rpe
