"""Loads and saves livecoach's settings: the user's file overrides the shipped settings, and the command line both.

`all_settings` lists the settings with their values and defaults, `setting_schemas` with their meaning and their valid
values.
"""

import io
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from livecoach.core.config import exercise, paths, pose_models, yaml_files
from livecoach.core.config.files import lock_folder, read_limited, write_private_text
from livecoach.core.errors import ConfigError, OutputError, explain_write_errors
from livecoach.core.loads import Units
from livecoach.core.types.bounds import check_profile_name
from livecoach.core.types.message import LanguageSetting
from livecoach.core.types.reps import Standards


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSettings:
    """The settings for sounds and speech."""

    volume: Annotated[float, Field(ge=0, le=1)]
    """Volume of the sound; 1 is as loud as the device is set."""
    muted: bool
    """Play no sound at all."""
    good_rep: Literal["number", "tick", "none"]
    """Sound for a good rep: its number, a tick, or nothing."""
    voice: LanguageSetting
    """The voice that speaks; automatic takes the voice of the language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSettings:
    """The settings for the capture of frames, and for sources that are lost."""

    buffer_frames: Annotated[int, Field(ge=1, le=30)]
    """Frames that wait between camera and pose estimation. The oldest is dropped: a late cue is worse than none."""
    stall_s: Annotated[float, Field(gt=0, le=60)]
    """Seconds without a frame after which the camera counts as lost."""
    reconnect_first_s: Annotated[float, Field(gt=0, le=60)]
    """Seconds before the first attempt to reconnect. The wait doubles after each attempt."""
    reconnect_longest_s: Annotated[float, Field(gt=0, le=600)]
    """Longest wait between two attempts, in seconds; not below reconnect_first_s."""
    rest_fps: Annotated[float, Field(ge=8, le=240)]
    """Pictures a second that a live run looks at between sets; fewer while nobody moves or nobody is there."""
    other_hosts: bool
    """Let a redirect or a playlist of a stream lead to other hosts than its address names."""

    def __post_init__(self) -> None:
        first, longest = self.reconnect_first_s, self.reconnect_longest_s
        if longest < first:
            raise ValueError(f"reconnect_longest_s ({longest}) is below reconnect_first_s ({first}). Raise it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The content of `configs/settings.yaml`. `livecoach config list` shows users the texts under the fields."""

    camera: Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1)]
    """The camera: its number, counted from 0, or the URL of a stream."""
    exercise: Annotated[str, Field(min_length=1)]
    """The exercise; auto recognises it. `livecoach exercises` lists the names."""
    pose: Annotated[str, AfterValidator(pose_models.check_name)]
    """The model that finds the joints: lite, full, movenet, the path of a .task file, or onnx:FILE. A path is used as
    it was typed."""
    pose_threads: Annotated[int, Field(ge=1, le=8)]
    """Threads that lite and full run on, in live and replay. Two see a frame sooner than one, and take a little more
    processor time."""
    profile: Annotated[str, AfterValidator(check_profile_name)]
    """The profile of the lifter. A new profile is made with its first set."""
    learn: bool
    """Learn from good reps, and keep them in the profile."""
    false_alarms: Annotated[float, Field(ge=0.005, le=0.1)]
    """Share of good reps that may be called "to check". A higher share finds more faulty reps."""
    height_cm: Annotated[float, Field(ge=100, le=250)] | None
    """Height of the lifter of `profile` in centimetres, for speeds in m/s and distances in cm; none if it is not known.
    Other profiles have heights of their own."""
    units: Units
    """Units of the loads, lengths and speeds that are shown, and of loads that you type without a unit."""
    mirror: bool
    """Show the picture as a mirror does. Text is never mirrored."""
    rotate: Literal["auto", 0, 90, 180, 270]
    """Degrees by which the camera's picture is turned clockwise; automatic turns it so that people stand upright."""
    full_screen: bool
    """Open the window in full screen."""
    rest_s: Annotated[float, Field(gt=0, le=3600)] | None
    """Planned rest between two sets in seconds, after which a soft tone sounds; none for no tone."""
    stop_at_loss_percent: Annotated[float, Field(ge=5, le=90)] | None
    """Speed loss in percent at which livecoach says stop: 20 for a rep that is 20 % slower than the fastest of its set.
    Full plates must be in view; none for no stop."""
    answer_by_hand: bool
    """Accept a raised hand as an answer between sets: the right hand for yes, the left hand for no."""
    language: LanguageSetting
    """Language of the window, the sounds and the pages; automatic is the language of the system, or English."""
    standards: Standards
    """Standards that reps are held against."""
    sound: SoundSettings
    """Sounds and speech."""
    capture: CaptureSettings
    """How frames are captured."""

    @property
    def turn_deg(self) -> int | None:
        """The angle by which pictures are turned clockwise; None to detect the angle."""
        return None if self.rotate == "auto" else self.rotate


COMPUTER_SETTINGS = {"camera", "pose", "pose_threads", "rotate", "full_screen", "capture"}
"""Settings, or groups of settings, that belong to a computer rather than to a lifter."""


def load_settings(overrides: Mapping[str, object], name: str = "") -> Settings:
    """Load the shipped settings, overridden by the user's file, if the file exists, and by `overrides`.

    A title or an alias of an exercise is replaced by the exercise's name.

    Args:
        overrides: Dotted key → value.
        name: Origin of the overrides, which begins the text of an error; empty for no origin.

    Raises:
        ConfigError: A file or an override is wrong.
        TypeError: The overrides are no mapping, or a key is no text.
    """
    if not isinstance(overrides, Mapping):
        raise TypeError(f"overrides: expected a dict of keys and values, got {type(overrides).__name__}")
    if not_texts := [key for key in overrides if not isinstance(key, str)]:
        raise TypeError(f"overrides: expected keys such as 'sound.volume', got {not_texts[0]!r}")
    settings = yaml_files.read_yaml(paths.configs_dir() / "settings.yaml", Settings)
    user_file = paths.user_config_file()
    if may_exist(user_file):
        settings = yaml_files.read_yaml(user_file, Settings, base=settings)
    settings = yaml_files.override_values(settings, overrides, name)
    return replace(settings, exercise=exercise.find_exercise_name(settings.exercise))


def save_settings(values: Mapping[str, object]) -> None:
    """Write values, by their dotted keys, into the user's settings file, and keep the file's comments and order.

    If the values change the profile and set no height, the height of the new profile is written, too. The height of the
    previous profile, if known, then moves to that profile's folder.

    Raises:
        ConfigError: A key or a value is wrong, or the file is broken. The file stays unchanged.
        OutputError: The file can't be written, or its comments and order can't be kept.
    """
    path, before = paths.user_config_file(), load_settings({})
    profile = str(values.get("profile", before.profile))
    moves_height = profile != before.profile and "height_cm" not in values
    if moves_height and (height_cm := read_height_cm(profile)) != before.height_cm:
        values = {**values, "height_cm": height_cm}
    old, new = _rewritten(path, values)
    if moves_height and before.height_cm is not None:
        save_height(before.profile, before.height_cm)
    if new != old:
        target = Path(os.path.realpath(path))  # a symbolic link stays; its target is written
        with explain_write_errors(path):
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with lock_folder(target.parent):
                write_private_text(target, _rewritten(path, values)[1])
    if "height_cm" in values:
        save_height(profile, None)  # an earlier height would come back if the height is deleted


def read_height_cm(profile: str) -> float | None:
    """Return a lifter's height in centimetres; None if the height is unknown or can't be read.

    The settings contain the height of the chosen profile. The height of any other profile is in that profile's folder.

    Raises ConfigError if the settings file is broken.
    """
    settings = load_settings({})
    if settings.profile == profile and settings.height_cm is not None:
        return settings.height_cm
    try:
        return _HEIGHT_CM.validate_json(read_limited(_height_file(profile), 64))
    except (OSError, ValueError):
        return None


def save_height(profile: str, height_cm: float | None) -> None:
    """Save a lifter's height in the folder of the profile, or delete the saved height if `height_cm` is None.

    Raises:
        OutputError: The file can't be written or deleted.
        ValueError: The profile's name is not valid.
    """
    path = _height_file(profile)
    with explain_write_errors(path):
        if height_cm is None:
            path.unlink(missing_ok=True)
        else:
            paths.make_private_data_folder(path.parent)
            write_private_text(path, f"{height_cm:g}\n")


def _height_file(profile: str) -> Path:
    return paths.profiles_dir() / check_profile_name(profile) / "height_cm"


_HEIGHT_CM: TypeAdapter[float] = TypeAdapter(Annotated[float, Field(ge=100, le=250)])


def _rewritten(path: Path, values: Mapping[str, object]) -> tuple[str, str]:
    """Return the text of the user's file before and after values are written."""
    settings = _leaves(yaml_files.plain_values(load_settings(values)))
    checked = {key: settings[key] for key in values}
    old = yaml_files.read_text(path) if may_exist(path) else ""
    new = _with_values(old, checked)
    if new != old:
        _check_rewritten(path, old, new, checked)
    return old, new


def has_settings(*keys: str) -> bool:
    """Return whether the user's file sets any of the top-level `keys`. Raises ConfigError if the file is broken."""
    return not _own_values().keys().isdisjoint(keys)


def portable_settings() -> dict[str, Any]:
    """Return the settings in the user's file by their dotted keys, except settings that belong to a computer.

    Raises ConfigError if the file is broken.
    """
    return {key: value for key, value in _leaves(_own_values()).items() if _is_portable(key)}


def _is_portable(key: str) -> bool:
    return key.partition(".")[0] not in COMPUTER_SETTINGS


def adopt_settings(values: Mapping[str, object]) -> list[str]:
    """Write settings of another computer, by their dotted keys, into the user's file, and return the written keys.

    Settings that the file has already, unknown settings, and settings that belong to a computer are left out.

    Raises:
        ConfigError: A value is not allowed, or the file is broken.
        OutputError: The file can't be written.
    """
    missing = {key for key, setting in all_settings().items() if not setting.is_own and _is_portable(key)}
    adopted = {key: value for key, value in values.items() if key in missing}
    save_settings(adopted)
    return list(adopted)


def _own_values() -> dict[str, Any]:
    path = paths.user_config_file()
    return yaml_files.YamlReader(str(path)).read(yaml_files.read_text(path), partial=True) if may_exist(path) else {}


def may_exist(path: Path) -> bool:
    """Return whether a file exists or can't be examined; reading the file then reports the reason."""
    try:
        path.stat()
    except OSError as err:
        return not isinstance(err, FileNotFoundError | NotADirectoryError)
    return True


def _with_values(text: str, values: Mapping[str, Any]) -> str:
    """Return a YAML text with values set at dotted keys, and unchanged otherwise."""
    from ruamel.yaml import YAML

    line_end = "\r\n" if "\r\n" in text else "\n"
    text = text.replace("\r\n", "\n")
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096  # ruamel wraps longer lines, including the user's own
    if indented := re.search(r"^( {2,8})\S", text, re.MULTILINE):
        yaml.map_indent = len(indented[1])
    tree = yaml.load(text)
    comments = ""
    if tree is None:
        tree = yaml.map()
        comments = text if text.endswith("\n") or not text else text + "\n"
    for key, value in values.items():
        _set(tree, key, value)
    written = io.StringIO()
    yaml.dump(tree, written)
    return (comments + written.getvalue()).replace("\n", line_end)


def _set(tree: Any, key: str, value: Any) -> None:
    *outer, name = key.split(".")
    for part in outer:
        tree = tree.setdefault(part, type(tree)())
    if name not in tree and outer:
        # At the front: ruamel attaches the comment above the next section to this section's last key.
        tree.insert(0, name, value)
    elif name not in tree or tree[name] != value:
        tree[name] = value


def _check_rewritten(path: Path, old: str, new: str, values: Mapping[str, Any]) -> None:
    """Raise OutputError if the new text differs from the old text in more than `values`."""
    before = yaml_files.YamlReader(str(path)).read(old, partial=True) if old else {}
    try:
        after = yaml_files.YamlReader(str(path)).read(new, partial=True)
    except ConfigError:
        after = None
    if after != yaml_files.merge_values(before, yaml_files.nest_keys(values)):
        raise OutputError(f"{path}: can't be changed without loss. Set {', '.join(values)} in it by hand.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting with its current value and its default, both as plain YAML values."""

    key: str  # dotted key, such as sound.volume
    value: Any
    default: Any
    is_own: bool  # whether the user's file has the setting


def all_settings() -> dict[str, Setting]:
    """Return all settings by their dotted keys. Raises ConfigError if the user's file is broken."""
    shipped = _leaves(yaml_files.plain_values(yaml_files.read_yaml(paths.configs_dir() / "settings.yaml", Settings)))
    own = _leaves(_own_values())
    return {
        key: Setting(key=key, value=value, default=shipped[key], is_own=key in own)
        for key, value in _leaves(yaml_files.plain_values(load_settings({}))).items()
    }


def _leaves(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        leaves |= _leaves(value, f"{above}{name}.") if isinstance(value, dict) else {above + name: value}
    return leaves


def find_setting(key: str) -> Setting:
    """Return the setting at a dotted key. Raises ConfigError if the key is unknown, or the user's file is broken."""
    known = all_settings()
    if key not in known:
        raise ConfigError(f"{key}: no setting has this name. {yaml_files.did_you_mean(key, known)}")
    return known[key]


def setting_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON schema of each setting by its dotted key, described by the docstring under the field."""
    # Reading docstrings from the source takes half a second, so only this function asks for them.
    config = ConfigDict(use_attribute_docstrings=True)
    return dict(_schemas(TypeAdapter(tuple[Settings], config=config).json_schema()["$defs"], "Settings", ""))


def _schemas(of_classes: Mapping[str, Any], name: str, above: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for field, schema in of_classes[name]["properties"].items():
        if "$ref" in schema:
            yield from _schemas(of_classes, schema["$ref"].rpartition("/")[2], f"{above}{field}.")
        else:
            yield above + field, schema


def yaml_text(value: Any) -> str:
    """Return a number, a boolean or None as YAML writes it, and a text unchanged, without quotes."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
