"""Reads YAML files into frozen dataclasses, checked by pydantic, with errors that name the line.

Only values that JSON has too are accepted: mappings with text keys, lists, text, numbers, true, false and null. A date
stays text. A schema is a plain frozen dataclass, whose fields have no defaults if a shipped file sets them. The text of
a ValueError that `__post_init__` or a validator raises is shown after the file, the line and the key.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_args, get_type_hints

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from livecoach.core.config.files import read_limited
from livecoach.core.errors import ConfigError, explain_os_errors

Key = tuple[str | int, ...]  # keys and indices that lead from the top of a file to a value
MOST_BYTES = 1 << 17  # largest file. One full of keys takes .3 s; the longest shipped file has 5 kB. Our choice.
DEEPEST = 50  # deepest nesting. Shipped files have 5; the C parser's stack overflows at some thousands. Our choice.
LONGEST = 40  # most characters of the user's text that an error quotes
MOST_KNOWN = 24  # most known names that an error lists, so that it stays one line
SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile("~|null|Null|NULL|"), lambda _: None),
    (re.compile("true|True|TRUE"), lambda _: True),
    (re.compile("false|False|FALSE"), lambda _: False),
    (re.compile(r"[-+]?[0-9]{1,400}"), int),
    (re.compile(r"0o[0-7]{1,400}|0x[0-9a-fA-F]{1,300}"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"), lambda text: float(text.replace(".", ""))),
)
"""Pattern of each kind of scalar other than text, and its parser (core schema of YAML 1.2, section 10.3.2).

Python converts integers of up to 4300 digits. Longer than 400 digits, a number is infinite, as any float is.
"""
T = TypeVar("T")


def read_text(path: Path) -> str:
    """Return the text of a YAML file. Raises ConfigError if the file can't be read, is over 128 KiB, or not UTF-8."""
    with explain_os_errors(ConfigError, f"{path}: can't be read", "Check the path and its permissions."):
        raw = read_limited(path, MOST_BYTES)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        raise ConfigError(f"{path}:{line}: not text (byte 0x{raw[err.start]:02x}). Give a YAML file in UTF-8.") from err


def load_trusted(path: Path) -> Any:
    """Return the values of a shipped YAML file, which may use aliases."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


class YamlReader:
    """A parser of one YAML file, which keeps the line number of each key for errors, and reports errors."""

    def __init__(self, name: str) -> None:
        self.name = name  # name of the file in errors; left out if it is empty
        self._lines: dict[Key, int] = {}

    def read(self, text: str, *, partial: bool) -> dict[str, Any]:
        """Parse a text, keep the line numbers of its keys, and return its top mapping as plain values.

        Args:
            partial: Whether comments alone, or null, are an empty mapping rather than an error.

        Raises:
            ConfigError: The text is empty, is not one YAML document with a mapping at the top, or contains an alias, a
                tag, a repeated key, a key that is no text, or more than DEEPEST levels.
        """
        try:
            events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
            root = next((event for event in events if isinstance(event, yaml.NodeEvent)), None)
            if root is None or (isinstance(root, yaml.ScalarEvent) and _plain(root) is None):
                if partial and text.strip():
                    return {}
                self.fail(1, "no settings are in it. Fill the file in or delete it.")
            if not isinstance(root, yaml.MappingStartEvent):
                self.fail(_line(root), "no keys here. Write lines like 'key: value'.")
            value: dict[str, Any] = self._value(root, events, (), _line(root))
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    self.fail(_line(event), "a second document begins here. Remove the line '---'.")
        except yaml.YAMLError as err:
            self.fail(_error_line(err, text), _syntax(err, text), err)
        except UnicodeEncodeError as err:
            self.fail_encoding(err)
        return value

    def line(self, key: Key) -> int:
        """Return the line number of a key, or of the nearest enclosing key in the file; 0 if neither is known."""
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 0)

    def fail(self, line: int, message: str, cause: Exception | None = None) -> NoReturn:
        """Raise a ConfigError with the name of the file, the line (left out if 0), and the problem and its remedy."""
        where = f"{self.name}:{line}: " if line else f"{self.name}: " if self.name else ""
        raise ConfigError(f"{where}{message}") from cause

    def fail_encoding(self, err: UnicodeEncodeError) -> NoReturn:
        """Raise a ConfigError for half a character: "\\ud800" in a file, or an argument that is not UTF-8."""
        text = err.object[: err.end].rpartition('"')[2]
        half = f"{_short_value(text)} is half a character. Write the character itself, or rename the file."
        self.fail(self.line(()), half, err)

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], key: Key, line: int) -> Any:
        """Return the plain value that an event begins, and note its lines."""
        self._lines[key] = line
        if len(key) > DEEPEST:
            self.fail(1, "nested too deeply. Is this the right file?")
        if isinstance(event, yaml.AliasEvent):
            self.fail(line, f"{_dotted_key(key)}: an alias (*name) is not supported. Write the value out.")
        if event.tag is not None:
            self.fail(line, f"{_dotted_key(key)}: a tag ({single_line(event.tag)}) is not supported. Leave it out.")
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, key)
        items = takewhile(lambda item: not isinstance(item, yaml.SequenceEndEvent), events)
        return [self._value(item, events, (*key, index), _line(item)) for index, item in enumerate(items)]

    def _mapping(self, events: Iterator[yaml.Event], key: Key) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in takewhile(lambda name: not isinstance(name, yaml.MappingEndEvent), events):
            text = _plain(name) if isinstance(name, yaml.ScalarEvent) else None
            if not isinstance(text, str) or text == "<<":
                self.fail(_line(name), f"{_dotted_key(key)}: a key is text, in quotes if need be.".removeprefix(": "))
            if text in values:
                self.fail(_line(name), f"{_dotted_key((*key, text))}: stands twice here. Remove one of the two.")
            values[text] = self._value(next(events), events, (*key, text), _line(name))
        return values


def _plain(event: yaml.ScalarEvent) -> Any:
    """Return the value of a scalar. A scalar in quotes is text."""
    readers = SCALARS if event.implicit[0] else ()
    return next((read(event.value) for pattern, read in readers if pattern.fullmatch(event.value)), event.value)


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1


def _error_line(err: yaml.YAMLError, text: str) -> int:
    if isinstance(err, yaml.MarkedYAMLError) and err.problem_mark is not None:
        return min(int(err.problem_mark.line), text.count("\n")) + 1  # libyaml counts the end as a line
    return text.count("\n", 0, getattr(err, "position", 0)) + 1


def _syntax(err: yaml.YAMLError, text: str) -> str:
    if isinstance(err, yaml.reader.ReaderError):
        return "not YAML (a control character). Give a text file."
    problem = getattr(err, "problem", None) or getattr(err, "context", None) or str(err)
    if "cannot start any token" in problem and "\t" in text.split("\n")[_error_line(err, text) - 1]:
        return "not YAML (a tab). Indent with spaces."
    return f"not YAML ({single_line(problem)}). Check indentation, colons and quotes."


def read_yaml(path: Path, cls: type[T], base: T | None = None) -> T:
    """Load a YAML file as a dataclass. Raises ConfigError if the file can't be read, or a key or value is wrong.

    Args:
        base: Values that the file overrides, so that the file may be partial. A list in the file replaces the whole
            list. None for a file that must be complete.
    """
    text = read_text(path)
    if base is None:
        return _parsed(str(path), text, cls)  # type: ignore[arg-type] # a class is hashable
    reader = YamlReader(str(path))
    return _validate(cls, merge_values(plain_values(base), reader.read(text, partial=True)), reader)


@lru_cache(maxsize=128)  # a page names the same exercises dozens of times, and parsing one takes a millisecond
def _parsed(name: str, text: str, cls: type[T]) -> T:
    reader = YamlReader(name)
    return _validate(cls, reader.read(text, partial=False), reader)


def override_values(base: T, values: Mapping[str, object], name: str = "command line") -> T:
    """Return a dataclass with some values replaced. Raises ConfigError if a key or value is wrong.

    Args:
        values: Dotted key → value.
        name: Origin of the values, which begins the text of an error; empty for no origin.
    """
    return _validate(type(base), merge_values(plain_values(base), nest_keys(values)), YamlReader(name))


def nest_keys(values: Mapping[str, object]) -> dict[str, Any]:
    """Turn dotted keys into nested mappings: `{"sound.volume": 1}` → `{"sound": {"volume": 1}}`."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        for part in reversed(key.split(".")):
            value = {part: value}  # noqa: PLW2901
        tree = merge_values(tree, value)
    return tree


def merge_values(base: Any, override: Any) -> Any:
    """Return the plain values `base`, overridden by the plain values `override`.

    Two mappings are merged key by key. Any other value in `override`, such as a list, replaces the value in `base`.
    """
    if not isinstance(base, dict) or not isinstance(override, dict):
        return override
    return base | {key: merge_values(base.get(key), value) for key, value in override.items()}


def plain_values(value: Any) -> Any:
    """Return a dataclass as the plain values of a YAML file."""
    return _adapter(value.__class__).dump_python((value,), mode="json")[0]


def _validate(cls: type[T], data: Any, reader: YamlReader) -> T:
    """Convert plain values to a dataclass. The error names the line of the first problem, and counts the rest.

    Missing keys come last: a mistyped key is a missing key, too, and its own line shows what is wrong.
    """
    schema: Any = cls  # mypy has no way to say that a class is hashable
    try:
        # Through JSON: strict validation of Python values demands tuples and dataclasses, which YAML does not have.
        document = json.dumps([data], default=str, ensure_ascii=False).encode()
        value: T = _adapter(schema).validate_json(document)[0]
    except UnicodeEncodeError as err:
        reader.fail_encoding(err)
    except ValidationError as err:
        problems: dict[Key, list[Any]] = {}
        for error in err.errors(include_url=False):
            is_missing = error["type"] == "missing"
            problems.setdefault(_key(data, error["loc"][1:], is_missing=is_missing), []).append(error)
        key = min(problems, key=lambda key: (problems[key][0]["type"] == "missing", reader.line(key)))
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        reader.fail(
            reader.line(key), f"{_dotted_key(key)}{': ' if key else ''}{_problem(cls, key, problems[key])}{more}", err
        )
    return value


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    # pydantic takes a config for a tuple but not for a dataclass, and hands it on to every dataclass inside.
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    return TypeAdapter(tuple[cls], config=config)  # type: ignore[valid-type]


def _key(data: Any, location: tuple[str | int, ...], *, is_missing: bool) -> Key:
    """Return the key for the location of an error in pydantic, which also contains the names of union members."""
    key: Key = ()
    for number, part in enumerate(location, 1):
        here = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if part in here:
            key, data = (*key, part), data[part]
        elif number == len(location) and is_missing:
            key = (*key, part)
    return key


def _problem(cls: type[Any], key: Key, errors: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of pydantic's errors about one key; a union has an error for each member."""
    kind = errors[0]["type"]
    if kind == "missing":
        return "missing. Add it."
    if kind == "unexpected_keyword_argument":
        return f"unknown key. {did_you_mean(str(key[-1]), _known(cls, key[:-1]))}"
    reasons = [single_line(re.sub(r"^Value error, |^\w+ (?=should)", "", error["msg"])).rstrip(".") for error in errors]
    got = "" if kind in {"value_error", "assertion_error"} else f", got {_short_value(errors[0]['input'])}"
    return f"{' or '.join(reasons)}{got}.".replace("?.", "?")


def _known(cls: type[Any], key: Key) -> list[str]:
    for part in key:
        hints = get_type_hints(cls)
        cls = next(_dataclasses(hints[part]), cls) if part in hints else cls
    return [field.name for field in fields(cls)]


def _dataclasses(hint: Any) -> Iterator[type[Any]]:
    if is_dataclass(hint):
        yield hint  # type: ignore[misc]
    for inner in get_args(hint):
        yield from _dataclasses(inner)


def single_line(text: str) -> str:
    """Return a text on one line, with single spaces; if it has unprintable characters, quoted and escaped (`ascii`)."""
    line = " ".join(text.split())
    return line if line.isprintable() else ascii(line)


def _dotted_key(key: tuple[str | int, ...]) -> str:
    """Return a key path such as `reps.min_rom` or `faults[0].name`, with an unusual name in quotes."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_name(part)}" for part in key).removeprefix(".")


def _short_value(value: object) -> str:
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
    """Return a hint for an unknown name: the most similar known name, or a list of up to MOST_KNOWN known names."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    more = f" and {len(names) - MOST_KNOWN} more" if len(names) > MOST_KNOWN else ""
    return f"Did you mean '{close[0]}'?" if close else f"Known here: {', '.join(names[:MOST_KNOWN])}{more}."


def _name(name: str) -> str:
    """Return a key, cut to LONGEST characters, and in quotes if it would be misread without quotes."""
    short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return short if short.isprintable() and short and not set(short) & set(" .:[]") else repr(short)
