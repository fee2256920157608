"""Shows and changes the settings, for `livecoach config` and for their page.

An invalid value or a broken file raises ConfigError; a file that can't be written raises OutputError.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
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
from livecoach.core.config.yaml_files import YamlReader
from livecoach.core.documents import AUTO
from livecoach.core.errors import ConfigError
from livecoach.core.language import using_language
from livecoach.core.types import ignore
from livecoach.core.types.bounds import UNNAMED, profile_words
from livecoach.core.types.message import LANGUAGES, Message, join_texts
from livecoach.pages import offered
from livecoach.pages.tools import TEMPLATES
from livecoach.records.profile import Profile

HEIGHT = "height_cm"  # The only setting that each profile has
DEPTH = "standards.depth"  # The only setting that is one of several choices, or a number
GROUPS = {
    "General": {"profile": "Lifter", HEIGHT: "", "units": "Units", "language": "Language"},
    "Sets": {
        "exercise": "Exercise",
        "rest_s": "Rest in seconds",
        DEPTH: "Depth",
        "standards.count": "Reps that count",
        "learn": "Learn",
        "answer_by_hand": "Answers by hand",
        "stop_at_loss_percent": "Stop at a speed loss in percent",
    },
    "Sound": {
        "sound.volume": "Volume",
        "sound.muted": "Muted",
        "sound.good_rep": "Sound of a good rep",
        "sound.voice": "Voice",
    },
    "Picture": {"camera": "Camera", "mirror": "Mirror", "rotate": "Turn", "full_screen": "Full screen"},
    "Fine tuning": {
        "false_alarms": "False alarms",
        "pose": "Pose model",
        "pose_threads": "Threads of the pose model",
        "capture.rest_fps": "Pictures a second between sets",
        "capture.buffer_frames": "Pictures that wait",
        "capture.stall_s": "Camera lost after, in seconds",
        "capture.reconnect_first_s": "First wait before reconnecting, in seconds",
        "capture.reconnect_longest_s": "Longest wait before reconnecting, in seconds",
        "capture.other_hosts": "Streams from other hosts",
    },
}
"""Headings on the page, with the labels of the settings under each, the most used first."""
CHOICES = {
    **LANGUAGES,
    "auto": "automatic",
    "metric": "kg, cm",
    "imperial": "lb, in",
    "number": "its number",
    "tick": "a tick",
    "none": "nothing",
    "standard": "those that meet the standards",
}
"""Text of each choice that the page does not show as it is in the file."""
DESCRIPTIONS = {
    "exercise": "",
    DEPTH: "At “to parallel”, the hip crease is level with the top of the knee; at “below parallel”, 3 cm lower.",
    "standards.count": "",
}
"""Description on the page of each setting whose own description names the choices as they are in the file."""
NAMES = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "text"}


def shown_value(setting: Setting) -> str:
    """Return the value of a setting as YAML, without the password in a camera's address."""
    value = setting.value
    if setting.key == "camera" and isinstance(value, str) and "://" in value:
        value = storable_url(value) or redact_url(value)
    return yaml_text(value)


def describe_allowed_values(schema: Mapping[str, Any]) -> str:
    """Describe the values that the JSON schema of a setting allows, such as "a number from 0 to 1"."""
    if "anyOf" in schema:
        first, second = map(describe_allowed_values, schema["anyOf"])
        return Message("{text} or {text2}", text=first, text2=second)
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    limits = [
        Message(words, n=schema[bound])
        for bound, words in (("minimum", "from {n}"), ("exclusiveMinimum", "above {n}"), ("maximum", "to {n}"))
        if bound in schema
    ]
    if {"minimum", "maximum"} <= schema.keys():
        limits = [Message("from {n} to {n2}", n=schema["minimum"], n2=schema["maximum"])]
    return join_texts(" ", NAMES.get(schema["type"], str(schema["type"])), *limits)


def change_setting(key: str, text: str, say: Callable[[str], object]) -> None:
    """Change a setting in the user's file.

    Args:
        text: The value as the user types it, in YAML.
        say: Called with a line if only a part of a camera's address is stored.

    Raises:
        ConfigError: There is no such setting, or the setting refuses the value.
    """
    find_setting(key)
    if key == "exercise" and text != AUTO:
        exercise.load(exercise.find_exercise_name(text))  # The check of the file does not know the exercises
    if key == "camera":
        stored, note = storable_camera(text)
        if stored is None:
            raise ConfigError(f"{note}. Give it with --camera each time.")
        if note is not None:
            say(note)
        text = str(stored)
    if key == "profile":
        now = load_settings({})
        with using_language(now.language):
            text = offered.find_known_profile(text, {UNNAMED, *offered.profile_choices(now)}) or text
    value = _yaml_value(text)
    try:
        save_settings({key: value})
        return
    except ConfigError as err:
        refused = err
    if not isinstance(value, str | None):
        with suppress(ConfigError):  # Only text is allowed, as for a profile named 2
            save_settings({key: text})
            return
    raise refused


def change_height(profile: str, text: str) -> tuple[float | None, float | None]:
    """Change the height of a lifter: in the user's settings if they name the lifter, or else in the profile's folder.

    Returns the heights before and after the change, in cm; None if unknown.

    Args:
        text: The height in cm, or null for an unknown height, as the user types it.
    """
    lifter = Profile(profile, ignore)
    lifter.check_new()
    before_cm, after_cm = read_height_cm(lifter.name), load_settings({HEIGHT: _yaml_value(text)}, "").height_cm
    if lifter.name == load_settings({}).profile:
        save_settings({HEIGHT: after_cm})
    else:
        save_height(lifter.name, after_cm)
    return before_cm, after_cm


def refusal_in_words(key: str, text: str, err: ConfigError) -> str:
    """Return why a setting refuses a typed text, without the setting's key, which the page does not show."""
    schema = setting_schemas().get(key, {})
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    is_choice = all(kind.get("type") in {"integer", "number"} or "enum" in kind for kind in kinds)
    if kinds and (is_choice or not text.strip()) and err.text.startswith(f"{key}: should be"):
        wanted = describe_allowed_values({"anyOf": kinds} if len(kinds) > 1 else kinds[0])
        return Message("“{name}” is not possible. Type {text}.", name=text, text=wanted)
    return err.text.removeprefix(f"{key}: ").removeprefix(f"{key.partition('.')[0]}: ")


def _yaml_value(text: str) -> Any:
    try:
        value = YamlReader("").read(f"value: {text}", partial=False)["value"]
    except ConfigError:
        return text
    return value if isinstance(value, bool | int | float) or value is None else text


def settings_page() -> str:
    """Return the page of all settings."""
    described, settings = setting_schemas(), load_settings({})
    rows = {key: [_row(stored, described[key])] for key, stored in all_settings().items()}
    (height,) = rows[HEIGHT]
    names = [settings.profile, *(name for name in offered.profile_choices(settings) if name != settings.profile)]
    rows[HEIGHT] = [{**height, **_height(name, is_first=not number)} for number, name in enumerate(names)]
    groups = {title: [row for key in keys for row in rows[key]] for title, keys in GROUPS.items()}
    return load_template(TEMPLATES / "settings.html.j2").render(groups=groups)


def _height(profile: str, *, is_first: bool) -> dict[str, Any]:
    height_cm = read_height_cm(profile)
    typed = "" if height_cm is None else f"{height_cm:g}"
    return {
        "profile": "" if is_first else profile,
        "value": typed,
        "shown": _shown_on_page(HEIGHT, height_cm, typed),
        "label": join_texts(" · ", "Height in cm", profile_words(profile)),
        "description": "",
    }


def _typed(value: object, text: str) -> str:
    """Return the text of a value as a lifter types it, such as "150" for 150.0; empty for None."""
    return "" if value is None else text.removesuffix(".0") if isinstance(value, float) else text


def _shown_on_page(key: str, value: object, typed: str) -> str:
    """Return the typed text of a value as the page shows it: a lifter by name, a number by the language's marks."""
    if key == "profile":
        return profile_words(typed)
    return Message("{n}", n=typed) if isinstance(value, float) else typed


def _row(stored: Setting, schema: Mapping[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    choices = {str(choice): CHOICES.get(str(choice), str(choice)) for choice in kinds[0].get("enum", ())}
    description = " ".join(schema["description"].split())
    description = DESCRIPTIONS.get(stored.key, description)
    if stored.key == "exercise":
        choices = {name: title for title, name in offered.exercise_choices().items()}
    if stored.key == DEPTH:
        depths = offered.depth_choices(load_settings({}))
        choices = {_typed(depth, str(depth)): words for words, depth in depths.items()}
    if kinds[0].get("type") == "boolean":
        choices = {"true": "yes", "false": "no"}
    value, default = _typed(stored.value, shown_value(stored)), _typed(stored.default, yaml_text(stored.default))
    return {
        "key": stored.key,
        "label": next(labels[stored.key] for labels in GROUPS.values() if stored.key in labels),
        "profile": "",
        "value": value,
        "shown": _shown_on_page(stored.key, stored.value, value),
        "default": default,
        "shown_default": _shown_on_page(stored.key, stored.default, default),
        "description": description,
        "takes": describe_allowed_values({"anyOf": kinds} if len(kinds) > 1 else kinds[0]),
        "is_optional": len(kinds) < len(schema.get("anyOf", kinds)),
        "choices": choices if len(kinds) == 1 or stored.key == DEPTH else {},
        "number": kinds[1] if stored.key == DEPTH else None,
    }
