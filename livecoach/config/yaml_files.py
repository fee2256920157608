"""YAML text → plain values with the line of each key → a frozen dataclass, with errors in livecoach's own words.

Only values that JSON has too are accepted: mappings with text keys, lists, text, numbers, true, false and null. This
avoids surprises, such as a date where a name was meant. ruamel's node graph is used instead of its round-trip
containers because it gives the line of every key, duplicate and merged ones included.

A schema is a plain frozen dataclass: nested dataclasses, tuples, dicts with text keys, Literal, Optional, and ranges as
`Annotated[float, Field(ge=0, le=1)]`. Fields have no defaults: those are in the shipped YAML. `Field(description=…)`
states the expected values where the type does not. A ValueError raised in `__post_init__` is shown unchanged.
"""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from livecoach.config.files import read_limited
from livecoach.config.wording import did_you_mean, dotted, expected, inner_type, key_names, one_line, shown_value
from livecoach.errors import ConfigError

Key = tuple[str | int, ...]

DEEPEST = 20
"""Largest number of nested levels. Every schema has far fewer, and pydantic's JSON reader stops at 200."""
MOST_BYTES = 1 << 17
"""Largest file. The longest shipped one has 5 kB; this many bytes of keys take two seconds. Our choice."""
LARGEST_INT = 2**63
"""Whole numbers of this size and above are refused: no setting is that large, and JSON may round it."""
TAG = "tag:yaml.org,2002:"
# Besides YAMLError, ruamel raises some of Python's own errors, for example at "\U00110000" and at `!!bool maybe`.
STRAY = (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError, OverflowError)
T = TypeVar("T")


def text_of(path: Path) -> str:
    """Read a file's text. Raises ConfigError if it can't be read or is not UTF-8."""
    try:
        raw = read_limited(path, MOST_BYTES)
    except OSError as err:
        raise ConfigError(f"{path}: can't be read ({err.strerror}). Check the path and its permissions.") from err
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        raise ConfigError(f"{path}:{line}: not text (byte 0x{raw[err.start]:02x}). Give a YAML file in UTF-8.") from err


class Tree:
    """The values of one file and their lines; values from the command line have no lines.

    `name` stands for the file in errors; an empty one is left out.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: dict[Key, int] = {}
        self._expanded: set[Node] = set()
        self._yaml = YAML(typ="safe", pure=True)

    def read(self, text: str, *, partial: bool) -> dict[str, Any]:
        """Return the top mapping as plain values; a `partial` file may consist of comments alone."""
        if not text.strip():
            self.fail(1, "the file is empty. Fill it in or delete it.")
        root = self._compose(text)
        if root is None or root.tag == TAG + "null":
            if partial:
                return {}
            self.fail(1, "nothing but comments. Fill the file in or delete it.")
        if not isinstance(root, MappingNode):
            self.fail(_line(root), "no keys here. Write lines like 'key: value'.")
        self._lines[()] = _line(root)
        value: dict[str, Any] = self._value(root, ())
        return value

    def line(self, key: Key) -> int:
        """Return the line of the key, or of the nearest enclosing key that the file has; 0 where there is no file."""
        while key and key not in self._lines:
            key = key[:-1]
        return self._lines.get(key, 0)

    def fail(self, line: int, message: str, cause: Exception | None = None) -> NoReturn:
        """Raise a ConfigError for a line of this file."""
        where = f"{self.name}:{line}: " if line else f"{self.name}: " if self.name else ""
        raise ConfigError(f"{where}{message}") from cause

    def _compose(self, text: str) -> Node | None:
        try:
            root: Node | None = self._yaml.compose(text)
        except RecursionError as err:
            self.fail(1, "nested too deeply. Is this the right file?", err)
        except STRAY as err:
            self.fail(_error_line(err, text), _syntax(err), err)
        return root

    def _value(self, node: Node, key: Key) -> Any:
        if len(key) > DEEPEST:
            self._refuse(key[:3], "nested too deeply. Check the indentation.")
        if node in self._expanded:
            self._refuse(key, "an alias (*name) is not supported. Write the value out.")
        if isinstance(node, MappingNode) and node.tag == TAG + "map":
            self._expanded.add(node)
            return self._mapping(node, key)
        if isinstance(node, SequenceNode) and node.tag == TAG + "seq":
            self._expanded.add(node)
            return [self._entry(item, (*key, index), _line(item)) for index, item in enumerate(node.value)]
        return self._scalar(node, key)

    def _mapping(self, node: MappingNode, key: Key) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            line = _line(name_node)
            if not isinstance(name_node, ScalarNode) or name_node.tag != TAG + "str":
                shown = (
                    f"'{shown_value(name_node.value)[1:-1]}'"
                    if isinstance(name_node, ScalarNode)
                    else "a list or mapping"
                )
                self.fail(
                    line, f"{dotted(key)}{': ' if key else ''}{shown} is no key. A key is text, in quotes if need be."
                )
            inner = (*key, name_node.value)
            if name_node.value in values:
                self.fail(line, f"{dotted(inner)}: given twice, first on line {self._lines[inner]}. Remove one.")
            values[name_node.value] = self._entry(value_node, inner, line)
        return values

    def _entry(self, node: Node, key: Key, line: int) -> Any:
        self._lines[key] = line
        return self._value(node, key)

    def _scalar(self, node: Node, key: Key) -> Any:
        kind = str(node.tag).removeprefix(TAG)
        if isinstance(node, ScalarNode) and kind == "timestamp":
            self._refuse(key, f"{shown_value(node.value)} is a date. Put it in quotes if text is meant.")
        if not isinstance(node, ScalarNode) or kind not in {"null", "bool", "int", "float", "str"}:
            self._refuse(key, f"the tag {shown_value(str(node.tag))} is not supported. Remove it.")
        try:
            value = self._yaml.constructor.construct_object(node)
        except STRAY as err:
            self.fail(
                self.line(key),
                f"{dotted(key)}: {shown_value(node.value)} can't be read. Put it in quotes if text is meant.",
                err,
            )
        if isinstance(value, int) and abs(value) >= LARGEST_INT:
            self._refuse(key, "the number is too large. Is it a typing mistake?")
        if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
            self._refuse(key, "half a character (\\ud800 … \\udfff). Write the character itself.")
        return value

    def _refuse(self, key: Key, message: str) -> NoReturn:
        self.fail(self.line(key), f"{dotted(key)}: {message}")


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
    list.

    Raises ConfigError for anything that is wrong with the file, an unreadable one included.
    """
    text = text_of(path)
    if base is None:
        schema: Any = cls  # mypy has no way to say that a class is hashable
        value: T = _whole(str(path), text, schema)
        return value
    tree = Tree(str(path))
    return validate(cls, merge(plain_values(base), tree.read(text, partial=True)), tree)


@lru_cache(maxsize=64)
def _whole(name: str, text: str, cls: Any) -> Any:
    """Return a whole file's content as `cls`. It is parsed once: 10 to 20 ms for an exercise or its faults, which a
    process that looks at many sessions or reps asks for each time."""
    tree = Tree(name)
    return validate(cls, tree.read(text, partial=False), tree)


def override(base: T, values: Mapping[str, object], name: str = "command line") -> T:
    """Return `base` with the values at dotted keys replaced.

    name: stands for a file in a ConfigError; an empty one is left out.
    """
    for key, value in values.items():
        # The shell passes lone surrogates for a file name that is not UTF-8; JSON can't hold them.
        if any("\ud800" <= char <= "\udfff" for char in str(value)):
            where = f"{name}: " if name else ""
            raise ConfigError(f"{where}{key}: {shown_value(str(value))} is not valid UTF-8. Rename the file.")
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
    """Return a dataclass as the plain values that a YAML file would have for it."""
    return _adapter(value.__class__).dump_python((value,), mode="json")[0]


def validate(cls: type[T], data: Any, tree: Tree) -> T:
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
        return whole, f"{dotted(whole)}: missing. Add it: {_in_words(inner_type(hint, location[-1]))}."
    if kind == "unexpected_keyword_argument" or location[-1:] == ("[key]",):
        _, _, around = _find(cls, data, key[:-1])
        return key, f"{dotted(key)}: unknown key. {did_you_mean(str(key[-1]), key_names(around))}"
    where = f"{dotted(key)}: " if key else ""
    if kind in {"value_error", "assertion_error"}:
        return key, f"{where}{one_line(str(error['ctx']['error'])).rstrip('.')}."
    if hint is None:
        return key, f"{where}{one_line(error['msg'])}."
    return key, f"{where}expected {expected(hint)}, got {shown_value(value)}."


def _find(cls: type[Any], data: Any, location: tuple[str | int, ...]) -> tuple[Key, Any, Any]:
    """Return key, value and type at pydantic's location. Its parts that name members of unions are skipped."""
    key: Key = ()
    hint: Any = cls
    for part in location:
        here = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if part in here:
            key, data, hint = (*key, part), data[part], inner_type(hint, part)
    return key, data, hint


def _in_words(hint: Any) -> str:
    return "see the documentation" if hint is None else expected(hint)
