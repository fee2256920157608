"""Speeds as they are shown: in metres or feet a second, and marked where they are estimates."""

from livecoach import language
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM, torso_m
from livecoach.types import SpeedUnit


def speed_unit() -> str:
    """Return the unit in which every speed is shown: m/s or ft/s."""
    return language.shown_unit("m/s")[0]


def is_estimated(unit: SpeedUnit) -> bool:
    """Return whether a speed in a unit is shown for a typical height, because neither the lifter's nor a bar is
    known."""
    return unit != "m/s"


def speed_words(speed: float, unit: SpeedUnit) -> str:
    """Return a speed in words: "0.51 m/s", or "about 0.5 m/s" where it is an estimate."""
    shown = shown_speed(speed, unit)
    return f"about {shown:.1f} {speed_unit()}" if is_estimated(unit) else f"{shown:.2f} {speed_unit()}"


def speed_cell(speed: float, unit: SpeedUnit) -> str:
    """Return a speed for a column of a table: one that is an estimate begins with a tilde."""
    return f"{'~' if is_estimated(unit) else ''}{shown_speed(speed, unit):.2f}"


def shown_speed(speed: float, unit: SpeedUnit) -> float:
    """Return a speed in `speed_unit()`. One in torso lengths becomes that of a lifter of typical height."""
    in_metres = speed * (torso_m(TYPICAL_HEIGHT_CM) if is_estimated(unit) else 1.0)
    return in_metres * language.shown_unit("m/s")[1]
