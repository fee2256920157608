"""Every setting with its value, its default, what it may be, and what it means."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_type_hints

from livecoach.config import paths
from livecoach.config.checked import plain, read_yaml
from livecoach.config.settings import Settings, is_there, load_settings
from livecoach.config.tree import Tree, text_of
from livecoach.config.wording import did_you_mean, expected
from livecoach.errors import ConfigError

ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting."""

    key: str
    """Dotted key, such as sound.volume."""
    value: Any
    """The value in force, as YAML has it."""
    default: Any
    """The shipped value."""
    is_own: bool
    """Whether the user's file sets it."""
    expected: str
    """What it may be, in words: "a number between 0 and 1"."""
    meaning: str


def all_settings() -> tuple[Setting, ...]:
    """Return every setting, in the order of the shipped file. Raises ConfigError for a broken file of the user."""
    shipped = read_yaml(paths.configs_dir() / "settings.yaml", Settings)
    own_file = paths.user_config_file()
    own = Tree(str(own_file)).read(text_of(own_file), partial=True) if is_there(own_file) else {}
    return tuple(_of(Settings, (), plain(load_settings({})), plain(shipped), own))


def setting(key: str) -> Setting:
    """Return the setting with a dotted key. Raises ConfigError where there is none."""
    known = {one.key: one for one in all_settings()}
    if key not in known:
        raise ConfigError(f"{key}: no setting has this name. {did_you_mean(key, known)}")
    return known[key]


def yaml_text(value: Any) -> str:
    """Return a value in YAML's notation."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of(cls: type[Any], above: tuple[str, ...], value: Any, default: Any, own: Any) -> Iterator[Setting]:
    hints, meanings = get_type_hints(cls, include_extras=True), _meanings(cls)
    for field in fields(cls):
        name, hint = field.name, hints[field.name]
        given = own.get(name, ABSENT) if isinstance(own, Mapping) else ABSENT
        if is_dataclass(hint):
            yield from _of(hint, (*above, name), value[name], default[name], given)  # type: ignore[arg-type]
            continue
        yield Setting(
            key=".".join((*above, name)),
            value=value[name],
            default=default[name],
            is_own=given is not ABSENT,
            expected=expected(hint),
            meaning=meanings[name],
        )


def _meanings(cls: type[Any]) -> Mapping[str, str]:
    """Return the docstring under each field. Python keeps those of classes and functions only."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            found[field.target.id] = " ".join(inspect.cleandoc(str(ast.literal_eval(text.value))).split())
    return found
