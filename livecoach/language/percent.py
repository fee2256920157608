"""Percentages in texts: a space stands before the sign, as in all units, and no line breaks there."""

import re

SPACE = "\N{NO-BREAK SPACE}"
_CLOSE = re.compile(r"(?<=\d)%")


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage: .234 is "23 %"."""
    return f"{100 * share:.{digits}f}{SPACE}%"


def with_space(text: str) -> str:
    """Return a text with a space before its percent signs. Events, and sessions of earlier versions, have none."""
    return _CLOSE.sub(f"{SPACE}%", text)
