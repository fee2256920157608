"""YAML text → plain values with the line of each key → a frozen dataclass, checked by pydantic.

Only values that JSON has too are accepted: mappings with text keys, lists, text, numbers, true, false and null. A date
is the text that it is written as. A schema is a plain frozen dataclass; its fields have no defaults where a shipped
file has them. A ValueError raised in `__post_init__` or by a validator is shown unchanged.
"""

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from livecoach.core.config.files import read_limited
from livecoach.core.config.paths import configs_dir
from livecoach.core.errors import ConfigError, explained

Key = tuple[str | int, ...]
MOST_BYTES = 1 << 17  # largest file: of keys, they take two seconds; the longest shipped one has 5 kB. Our choice.
LONGEST = 40  # largest number of characters of the user's own text that an error quotes
MOST_KNOWN = 24  # largest number of known names that an error lists, so that it stays one line
TAG = "tag:yaml.org,2002:"
# Besides YAMLError, ruamel raises some of Python's own errors, for example at "\U00110000" and at `!!bool maybe`.
STRAY = (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError, OverflowError)
T = TypeVar("T")


class _Constructor(SafeConstructor):
    """Makes plain values, and text of dates."""


_Constructor.add_constructor(f"{TAG}timestamp", SafeConstructor.construct_yaml_str)


def text_of(path: Path) -> str:
    """Read a file's text. Raises ConfigError if it can't be read or is not UTF-8."""
    with explained(ConfigError, f"{path}: can't be read", "Check the path and its permissions."):
        raw = read_limited(path, MOST_BYTES)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        raise ConfigError(f"{path}:{line}: not text (byte 0x{raw[err.start]:02x}). Give a YAML file in UTF-8.") from err


class Tree:
    """The values of one file and their lines; values from the command line have no lines. `name` stands for the file in
    errors; an empty one is left out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: dict[Key, int] = {}

    def read(self, text: str, *, partial: bool) -> dict[str, Any]:
        """The top mapping as plain values; a `partial` file may consist of comments alone."""
        yaml = YAML(typ="safe", pure=True)
        yaml.Constructor = _Constructor
        try:
            root: Node | None = yaml.compose(text) if text.strip() else None
            if root is None or root.tag == f"{TAG}null":
                if partial and text.strip():
                    return {}
                self.fail(1, "no settings are in it. Fill the file in or delete it.")
            if not isinstance(root, MappingNode):
                self.fail(_line(root), "no keys here. Write lines like 'key: value'.")
            self._note(root, (), _line(root), set())
            value: dict[str, Any] = yaml.constructor.construct_document(root)
        except RecursionError as err:
            self.fail(1, "nested too deeply. Is this the right file?", err)
        except STRAY as err:
            self.fail(_error_line(err, text), _syntax(err), err)
        return value

    def line(self, key: Key) -> int:
        """The line of the key, or of the nearest enclosing key that the file has; 0 where there is no file."""
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 0)

    def fail(self, line: int, message: str, cause: Exception | None = None) -> NoReturn:
        where = f"{self.name}:{line}: " if line else f"{self.name}: " if self.name else ""
        raise ConfigError(f"{where}{message}") from cause

    def _note(self, node: Node, key: Key, line: int, seen: set[Node]) -> None:
        """Note the lines of a node and what is in it. Raises ConfigError for what JSON does not have."""
        self._lines[key] = line
        if node in seen:
            self.fail(line, f"{dotted(key)}: an alias (*name) is not supported. Write the value out.")
        seen.add(node)
        if isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                self._note(item, (*key, index), _line(item), seen)
        if isinstance(node, MappingNode):
            for name, value in node.value:
                if not isinstance(name, ScalarNode) or name.tag != f"{TAG}str":
                    self.fail(_line(name), f"{dotted(key)}: a key is text, in quotes if need be.".removeprefix(": "))
                self._note(value, (*key, name.value), _line(name), seen)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _error_line(err: Exception, text: str) -> int:
    if isinstance(err, MarkedYAMLError) and err.problem_mark is not None:
        return int(err.problem_mark.line) + 1
    position = err.position if isinstance(err, ReaderError) else 0
    return text.count("\n", 0, position) + 1


def _syntax(err: Exception) -> str:
    if isinstance(err, ReaderError):
        return "not YAML (a control character). Give a text file."
    problem = getattr(err, "problem", None) or getattr(err, "context", None) or str(err)
    if "'\\t'" in problem:
        return "not YAML (a tab). Indent with spaces."
    return f"not YAML ({one_line(problem)}). Check indentation, colons and quotes."


def read_yaml(path: Path, cls: type[T], base: T | None = None) -> T:
    """Load one YAML file as `cls`. With `base` the file may be partial and overrides it; a list replaces the whole
    list. Raises ConfigError for anything that is wrong with the file, an unreadable one included."""
    text = text_of(path)
    if base is None:
        schema: Any = cls  # mypy has no way to say that a class is hashable
        return _whole(str(path), text, schema)
    tree = Tree(str(path))
    return validate(cls, merge(plain_values(base), tree.read(text, partial=True)), tree)


@lru_cache(maxsize=64)
def _whole(name: str, text: str, cls: Any) -> Any:
    """A whole file's content as `cls`. It is parsed at most once, 10 to 20 ms for an exercise or its faults, and not at
    all as it is shipped: a start reads twenty files."""
    tree = Tree(name)
    return validate(cls, values(text, tree), tree)


def values(text: str, tree: Tree) -> dict[str, Any]:
    """A whole file's plain values. Raises ConfigError."""
    shipped: dict[str, Any] | None = _shipped().get(hashlib.sha256(text.encode()).hexdigest())
    return tree.read(text, partial=False) if shipped is None else shipped


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    """Digest of a shipped file's text → its values, as `Tree.read` returns them (scripts/make_formats.py). Empty where
    the file is lost or damaged: the texts say the same."""
    try:
        return dict(json.loads((configs_dir() / "values.json").read_bytes()))
    except (OSError, TypeError, ValueError):
        return {}


def override(base: T, values: Mapping[str, object], name: str = "command line") -> T:
    """`base` with the values at dotted keys replaced. name: stands for a file in a ConfigError, unless it is empty."""
    return validate(type(base), merge(plain_values(base), nest_keys(values)), Tree(name))


def nest_keys(values: Mapping[str, object]) -> dict[str, Any]:
    """Turn dotted keys into nested mappings: `{"sound.volume": 1}` → `{"sound": {"volume": 1}}`."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        for part in reversed(key.split(".")):
            value = {part: value}  # noqa: PLW2901
        tree = merge(tree, value)
    return tree


def merge(below: Any, above: Any) -> Any:
    """Override plain values: mappings key by key, everything else as a whole."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: merge(below.get(key), value) for key, value in above.items()}


def plain_values(value: Any) -> Any:
    """A dataclass as the plain values that a YAML file would have for it."""
    return _adapter(value.__class__).dump_python((value,), mode="json")[0]


def validate(cls: type[T], data: Any, tree: Tree) -> T:
    """`data` as `cls`. Raises ConfigError for the first problem in the file's order, with the number of others."""
    schema: Any = cls  # mypy has no way to say that a class is hashable
    try:
        # Through JSON: strict validation of Python values demands tuples and dataclasses, which YAML does not have.
        document = json.dumps([data], default=str, ensure_ascii=False).encode()
        value: T = _adapter(schema).validate_json(document)[0]
    except UnicodeEncodeError as err:  # "\ud800" in a file, or a file name that is not UTF-8 from the shell
        text = err.object[: err.end].rpartition('"')[2]
        half = f"{shown_value(text)} is half a character. Write the character itself, or rename the file."
        tree.fail(tree.line(()), half, err)
    except ValidationError as err:
        problems: dict[Key, list[Any]] = {}
        for error in err.errors(include_url=False):
            problems.setdefault(_key(data, error["loc"][1:]), []).append(error)
        key = min(problems, key=tree.line)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        tree.fail(tree.line(key), f"{dotted(key)}{': ' if key else ''}{_problem(cls, key, problems[key])}{more}", err)
    return value


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    # pydantic takes a config for a tuple but not for a dataclass, and hands it on to every dataclass inside.
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    return TypeAdapter(tuple[cls], config=config)  # type: ignore[valid-type]


def _key(data: Any, location: tuple[str | int, ...]) -> Key:
    """The key at pydantic's location. Its parts that name members of unions are skipped."""
    key: Key = ()
    for number, part in enumerate(location, 1):
        here = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if part in here:
            key, data = (*key, part), data[part]
        elif number == len(location) and here and part != "[key]":  # it is missing
            key = (*key, part)
    return key


def _problem(cls: type[Any], key: Key, errors: Sequence[Mapping[str, Any]]) -> str:
    """What pydantic says of the value at a key; it has an error for each member of a union."""
    kind = errors[0]["type"]
    if kind == "missing":
        return "missing. Add it."
    if kind == "unexpected_keyword_argument":
        return f"unknown key. {did_you_mean(str(key[-1]), _known(cls, key[:-1]))}"
    said = [one_line(re.sub(r"^Value error, |^\w+ (?=should)", "", error["msg"])).rstrip(".") for error in errors]
    got = "" if kind in {"value_error", "assertion_error"} else f", got {shown_value(errors[0]['input'])}"
    return f"{' or '.join(said)}{got}.".replace("?.", "?")


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
