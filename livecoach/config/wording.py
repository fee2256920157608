"""Keys, wrong values and unknown names in the words of an error."""

import difflib
from collections.abc import Iterable

LONGEST = 40  # largest number of characters of the user's own text that an error quotes
MOST_KNOWN = 24  # largest number of known names that an error lists, so that it stays one line


def one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if line.isprintable() else ascii(line)


def dotted(key: tuple[str | int, ...]) -> str:
    """A key path as the user would write it: `reps.min_rom`, `faults[0].name`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_name(part)}" for part in key]
    return "".join(parts).removeprefix(".")


def shown_value(value: object) -> str:
    """A wrong value in short, in YAML's notation."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST else value[: LONGEST - 1] + "…")
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "a mapping"
    return "nothing" if value is None else repr(value)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the most similar known name, or a list of the known ones."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    more = f" and {len(names) - MOST_KNOWN} more" if len(names) > MOST_KNOWN else ""
    return f"Did you mean '{close[0]}'?" if close else f"Known here: {', '.join(names[:MOST_KNOWN])}{more}."


def _name(name: str) -> str:
    """A key unchanged where it reads as one, else in quotes."""
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return short if short.isprintable() and short and not set(short) & set(" .:[]") else repr(short)
