"""The expected values of a field in words, derived from its type: the same words, whichever limit a value exceeds."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

LONGEST = 40
"""Largest number of characters of the user's own text that an error quotes."""
MOST_KNOWN = 24
"""Largest number of known names that an error lists, so that it stays one line."""
PLAIN = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    NoneType: "null",
}


def one_line(text: str) -> str:
    """Return a text as one printable line."""
    line = " ".join(text.split())
    return line if line.isprintable() else ascii(line)


def dotted(key: tuple[str | int, ...]) -> str:
    """Return a key path as the user would write it: `reps.min_rom`, `faults[0].name`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{_name(part)}" for part in key]
    return "".join(parts).removeprefix(".")


def shown_value(value: object) -> str:
    """Return a wrong value in short, in YAML's notation."""
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
    """Return a hint for an unknown name: the most similar known name, or a list of the known ones."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    more = f" and {len(names) - MOST_KNOWN} more" if len(names) > MOST_KNOWN else ""
    return f"Did you mean '{close[0]}'?" if close else f"Known here: {', '.join(names[:MOST_KNOWN])}{more}."


def inner_type(hint: Any, part: str | int) -> Any:
    """Return the type of a field, entry or item of `hint`; None where there is none."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return inner_type(args[0], part)
    if origin in (Union, UnionType):
        return next((matched for arg in args if (matched := inner_type(arg, part)) is not None), None)
    if is_dataclass(hint):
        return get_type_hints(hint, include_extras=True).get(str(part))
    if origin in (dict, Mapping):
        return args[1]
    if origin in (tuple, list) and isinstance(part, int):
        repeated = origin is list or args[-1] is Ellipsis
        return args[0] if repeated else dict(enumerate(args)).get(part)
    return None


def key_names(hint: Any) -> list[str]:
    """Return the keys that a mapping of this type may have, where they are fixed."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return key_names(args[0])
    if origin in (Union, UnionType):
        return [name for arg in args for name in key_names(arg)]
    if is_dataclass(hint):
        return [field.name for field in fields(hint)]
    if origin in (dict, Mapping) and get_origin(args[0]) is Literal:
        return [str(name) for name in get_args(args[0])]
    return []


def expected(hint: Any) -> str:
    """Return the type in words, with its limits: "a number between 0 and 1"."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _limited(expected(args[0]), args[1:])
    if origin is Literal:
        return ("one of " if len(args) > 1 else "") + ", ".join(str(arg) for arg in args)
    if origin in (Union, UnionType):
        return " or ".join(expected(arg) for arg in args)
    if origin in (tuple, list):
        items = [expected(arg) for arg in args if arg is not Ellipsis]
        fixed = origin is tuple and Ellipsis not in args
        return f"a list of {len(items)} ({', '.join(items)})" if fixed else f"a list (each {items[0]})"
    if origin in (dict, Mapping) or is_dataclass(hint):
        return "a mapping"
    return PLAIN.get(hint, getattr(hint, "__name__", str(hint)))


def _limited(words: str, marks: tuple[Any, ...]) -> str:
    """Return words for a field with its limits (`Field(ge=…)`), or the field's own description instead."""
    limits: dict[str, Any] = {}
    for mark in marks:
        if getattr(mark, "description", None):
            return str(mark.description)
        for single in getattr(mark, "metadata", [mark]):
            names = ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern")
            limits |= {name: limit for name in names if (limit := getattr(single, name, None)) is not None}
    said = _range(limits) + _length(limits)
    if "pattern" in limits:
        said.append(f"like {limits['pattern']}")
    return " ".join([words, " and ".join(said)]).rstrip()


def _range(limits: dict[str, Any]) -> list[str]:
    if "ge" in limits and "le" in limits:
        return [f"between {limits['ge']} and {limits['le']}"]
    words = {"gt": "above", "ge": "of at least", "lt": "below", "le": "up to"}
    return [f"{word} {limits[name]}" for name, word in words.items() if name in limits]


def _length(limits: dict[str, Any]) -> list[str]:
    words = {"min_length": "of length at least", "max_length": "of length at most"}
    return [f"{word} {limits[name]}" for name, word in words.items() if name in limits]


def _name(name: str) -> str:
    """Return a key unchanged where it reads as one, else in quotes."""
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return short if short.isprintable() and short and not set(short) & set(" .:[]") else repr(short)
