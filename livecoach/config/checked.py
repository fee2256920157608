"""Plain values → a frozen dataclass, checked by pydantic, with errors in livecoach's own words.

A schema is a plain frozen dataclass: nested dataclasses, tuples, dicts with text keys, Literal, Optional, and ranges as
`Annotated[float, Field(ge=0, le=1)]`. Fields have no defaults: those stand in the shipped YAML. `Field(description=…)`
says in words what is expected where the type does not; the text of a ValueError raised in `__post_init__` is shown
unchanged.
"""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from livecoach.config.tree import Key, Tree, text_of
from livecoach.config.wording import did_you_mean, dotted, expected, got, inside, key_names, one_line
from livecoach.errors import ConfigError

T = TypeVar("T")


def read_yaml(path: Path, cls: type[T], base: T | None = None) -> T:
    """Load one YAML file as `cls`. With `base` the file may be partial and overrides it; a list replaces the whole
    list.

    Raises ConfigError for anything that is wrong with the file, an unreadable one included.
    """
    text = text_of(path)
    if base is None:
        schema: Any = cls  # mypy has no way to say that a class is hashable
        value: T = _whole(str(path), text, schema)
        return value
    tree = Tree(str(path))
    return checked(cls, merged(plain(base), tree.read(text, partial=True)), tree)


@lru_cache(maxsize=64)
def _whole(name: str, text: str, cls: Any) -> Any:
    """Return a whole file's content as `cls`. It is parsed once: 10 to 20 ms for an exercise or its faults, which a
    process that looks at many sessions or reps asks for each time."""
    tree = Tree(name)
    return checked(cls, tree.read(text, partial=False), tree)


def override(base: T, values: Mapping[str, object], name: str = "command line") -> T:
    """Return `base` with the values at dotted keys replaced.

    name: stands for a file in a ConfigError; an empty one is left out.
    """
    for key, value in values.items():
        # The shell passes such characters for a file name that is not UTF-8; JSON can't hold them.
        if any("\ud800" <= char <= "\udfff" for char in str(value)):
            where = f"{name}: " if name else ""
            raise ConfigError(f"{where}{key}: {got(str(value))} is not valid UTF-8. Rename the file.")
    return checked(type(base), merged(plain(base), nested(values)), Tree(name))


def nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Turn dotted keys into nested mappings: `{"sound.volume": 1}` → `{"sound": {"volume": 1}}`."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        for part in reversed(key.split(".")):
            value = {part: value}  # noqa: PLW2901
        tree = merged(tree, value)
    return tree


def merged(below: Any, above: Any) -> Any:
    """Override plain values: mappings key by key, everything else as a whole."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: merged(below.get(key), value) for key, value in above.items()}


def plain(value: Any) -> Any:
    """Return a dataclass as the plain values that a YAML file would have for it."""
    return _adapter(value.__class__).dump_python((value,), mode="json")[0]


def checked(cls: type[T], data: Any, tree: Tree) -> T:
    """Return `data` as `cls`. Raises ConfigError for the first problem in the file's order, with the number of
    others."""
    # Through JSON: strict validation of Python values demands tuples and dataclasses, which YAML does not have.
    schema: Any = cls  # mypy has no way to say that a class is hashable
    try:
        value: T = _adapter(schema).validate_json(json.dumps([data], default=str))[0]
    except ValidationError as err:
        problems: dict[Key, str] = {}
        for error in err.errors(include_url=False):
            key, text = _problem(cls, data, error)
            problems.setdefault(key, text)  # pydantic reports an error for each member of a union
        key = min(problems, key=tree.line)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        tree.fail(tree.line(key), f"{problems[key]}{more}", err)
    return value


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    # pydantic takes a config for a tuple but not for a dataclass, and hands it on to every dataclass inside.
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    return TypeAdapter(tuple[cls], config=config)  # type: ignore[valid-type]


def _problem(cls: type[Any], data: Any, error: Mapping[str, Any]) -> tuple[Key, str]:
    """Return key and text for one of pydantic's errors."""
    location, kind = error["loc"][1:], error["type"]
    key, value, hint = _find(cls, data, location)
    if kind == "missing" and isinstance(location[-1], str):
        whole = (*key, location[-1])
        return whole, f"{dotted(whole)}: missing. Add it: {_said(inside(hint, location[-1]))}."
    if kind == "unexpected_keyword_argument" or location[-1:] == ("[key]",):
        _, _, around = _find(cls, data, key[:-1])
        return key, f"{dotted(key)}: unknown key. {did_you_mean(str(key[-1]), key_names(around))}"
    where = f"{dotted(key)}: " if key else ""
    if kind in {"value_error", "assertion_error"}:
        return key, f"{where}{one_line(str(error['ctx']['error'])).rstrip('.')}."
    if hint is None:
        return key, f"{where}{one_line(error['msg'])}."
    return key, f"{where}expected {expected(hint)}, got {got(value)}."


def _find(cls: type[Any], data: Any, location: tuple[str | int, ...]) -> tuple[Key, Any, Any]:
    """Return key, value and type at pydantic's location, of which the parts that name members of unions are skipped."""
    key: Key = ()
    hint: Any = cls
    for part in location:
        here = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if part in here:
            key, data, hint = (*key, part), data[part], inside(hint, part)
    return key, data, hint


def _said(hint: Any) -> str:
    return "see the documentation" if hint is None else expected(hint)
