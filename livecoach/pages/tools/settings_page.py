"""Shows and changes the settings, for `livecoach config` and for their page."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import groupby
from typing import Any

from livecoach.capture.address import redact_url, storable_camera, storable_url
from livecoach.core.charts import load_template
from livecoach.core.config import exercise, load_settings, save_settings
from livecoach.core.config.settings import (
    Setting,
    all_settings,
    find_setting,
    read_height_cm,
    save_height,
    setting_schemas,
    yaml_text,
)
from livecoach.core.config.yaml_files import Tree
from livecoach.core.documents import AUTO
from livecoach.core.errors import ConfigError
from livecoach.core.types import ignore
from livecoach.core.types.message import Message, join_texts
from livecoach.pages import offered
from livecoach.pages.tools import TEMPLATES
from livecoach.records.profile import Profile

HEIGHT = "height_cm"  # The only setting that each profile has
NAMES = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "text"}


def shown(setting: Setting) -> str:
    """Return the value of a setting as YAML, without the password in a camera's address."""
    value = setting.value
    if setting.key == "camera" and isinstance(value, str) and "://" in value:
        value = storable_url(value) or redact_url(value)
    return yaml_text(value)


def takes(schema: Mapping[str, Any]) -> str:
    """Describe the values of a setting, from its JSON schema, such as "a number from 0 to 1"."""
    if "anyOf" in schema:
        first, second = map(takes, schema["anyOf"])
        return Message("{text} or {text2}", text=first, text2=second)
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    limits = [
        Message(words, n=schema[bound])
        for bound, words in (("minimum", "from {n}"), ("exclusiveMinimum", "above {n}"), ("maximum", "to {n}"))
        if bound in schema
    ]
    return join_texts(" ", NAMES.get(schema["type"], str(schema["type"])), *limits)


def change(key: str, text: str, say: Callable[[str], object]) -> None:
    """Change a setting in the user's file.

    Args:
        text: The value as the user types it.
        say: Called with a line if only a part of a camera's address is stored.

    Raises:
        ConfigError: The setting does not exist, or may not have the value.
        OutputError: The file can't be written.
    """
    find_setting(key)
    if key == "exercise" and text != AUTO:
        exercise.load(exercise.find_name(text))  # The check of the file does not know the exercises
    if key == "camera":
        stored, note = storable_camera(text)
        if stored is None:
            raise ConfigError(f"{note}. Give it with --camera each time.")
        if note is not None:
            say(note)
        text = str(stored)
    value = yaml_value(text)
    try:
        save_settings({key: value})
        return
    except ConfigError as err:
        refused = err
    if not isinstance(value, str):
        with suppress(ConfigError):  # Only text is allowed, as for a profile named 2
            save_settings({key: text})
            return
    raise refused


def change_height(profile: str, text: str) -> tuple[float | None, float | None]:
    """Change the height of a lifter to a typed text. Return the heights before and after in cm, None if unknown.

    Raises:
        ConfigError: The name can't be that of a profile, or the text is not a height.
        OutputError: The height can't be written.
    """
    lifter = Profile(profile, ignore)
    lifter.check_new()
    before_cm, after_cm = read_height_cm(lifter.name), load_settings({HEIGHT: yaml_value(text)}).height_cm
    if lifter.name == load_settings({}).profile:
        save_settings({HEIGHT: after_cm})
    else:
        save_height(lifter.name, after_cm)
    return before_cm, after_cm


def yaml_value(text: str) -> Any:
    """Return a value that the user typed: a number, true, false, null, or the text itself."""
    try:
        value = Tree("").read(f"value: {text}", partial=False)["value"]
    except ConfigError:
        return text
    return value if isinstance(value, bool | int | float) or value is None else text


def settings_page() -> str:
    """Return the page of all settings. Raises ConfigError if the user's file is broken."""
    described, settings = setting_schemas(), load_settings({})
    rows = [_row(stored, described[key]) for key, stored in all_settings().items()]
    place = [row["key"] for row in rows].index(HEIGHT)
    others = [name for name in offered.profiles(settings) if name != settings.profile]
    rows[place + 1 : place + 1] = [{**rows[place], **_height(name)} for name in others]
    return load_template(TEMPLATES / "settings.html.j2").render(
        groups=[(name, list(rows)) for name, rows in groupby(rows, lambda row: row["key"].rpartition(".")[0])]
    )


def _height(profile: str) -> dict[str, str]:
    """Return the values for the template that a profile's height does not share with the height in the settings."""
    height_cm = read_height_cm(profile)
    return {
        "profile": profile,
        "value": "" if height_cm is None else f"{height_cm:g}",
        "description": Message("Height of {name} in centimetres.", name=profile),
    }


def _row(stored: Setting, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a setting for the template."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    choices = kinds[0].get("enum") if len(kinds) == 1 else None
    if stored.key == "exercise":
        choices = [AUTO, *exercise.names()]
    if kinds[0].get("type") == "boolean":
        choices = ["true", "false"]
    return {
        "key": stored.key,
        "profile": "",
        "value": "" if stored.value is None else shown(stored),
        "default": "" if stored.default is None else yaml_text(stored.default),
        "description": " ".join(schema["description"].split()),
        "takes": takes({"anyOf": kinds} if len(kinds) > 1 else kinds[0]),
        "is_optional": len(kinds) < len(schema.get("anyOf", kinds)),
        "choices": choices and [str(choice) for choice in choices],
    }
