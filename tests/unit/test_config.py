"""What a settings file may say, what is said about a bad one, and what is remembered."""

import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
from builders.systems import mode_of
from pydantic import Field

from livecoach.core import config
from livecoach.core.config import settings as settings_module
from livecoach.core.errors import ConfigError, LivecoachError, OutputError
from livecoach.core.types import ignore
from livecoach.core.types.bounds import PROFILE_NAME
from livecoach.pages.tools.settings_page import change_setting

SHIPPED = config.paths.configs_dir() / "settings.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reps:
    min_rom: Annotated[float, Field(ge=0, le=1)]
    rest_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    name: str
    range_deg: tuple[float, float]

    def __post_init__(self) -> None:
        if self.range_deg[0] > self.range_deg[1]:
            raise ValueError("range_deg runs backwards. Swap the two")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    label: str
    count: Annotated[int, Field(gt=0)]
    reps: Reps
    bands: Annotated[tuple[Band, ...], Field(max_length=3)]
    weight: dict[Literal["up", "down"], float]


GOOD = """\
label: Squat
count: 3
reps:
  min_rom: 1
  rest_s: null
bands:
  - name: knee
    range_deg: [0, 90.5]
weight: {up: 1, down: 2.5}
"""


@pytest.fixture(autouse=True)
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file, in a folder of this test, not there yet."""
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    return config.paths.user_config_file()


def a_user_file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def message(path: Path, content: str | bytes) -> str:
    """What is said about an exercise file with this content, without the path in front."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as caught:
        config.read_yaml(path, Exercise)
    said = str(caught.value)
    assert said.startswith(f"{path}:")
    return said.removeprefix(f"{path}:")


@pytest.mark.parametrize("text", ["2026-11-23 10:00:00", "2026-02-30", "2020-1-2", "12:30", "yes", "off", "0b1"])
def test_text_that_looks_like_something_else_is_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "exercise.yaml"
    path.write_text(GOOD.replace("label: Squat", f"label: {text}"))
    assert config.read_yaml(path, Exercise).label == text


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Exercise]:
    """Reads an exercise of this text, over another one or alone."""

    def from_text(text: str, base: Exercise | None = None, encoding: str = "utf-8") -> Exercise:
        (tmp_path / "exercise.yaml").write_text(text, encoding=encoding)
        return config.read_yaml(tmp_path / "exercise.yaml", Exercise, base=base)

    return from_text


class TestReading:
    def test_nested_values_become_frozen_dataclasses(self, read: Callable[..., Exercise]) -> None:
        exercise = read(GOOD)
        assert exercise == Exercise(
            label="Squat",
            count=3,
            reps=Reps(min_rom=1.0, rest_s=None),
            bands=(Band(name="knee", range_deg=(0.0, 90.5)),),
            weight={"up": 1.0, "down": 2.5},
        )
        assert isinstance(exercise.reps.min_rom, float)

    def test_a_byte_order_mark_is_no_part_of_the_first_key(self, read: Callable[..., Exercise]) -> None:
        """Windows editors put one there."""
        assert read(GOOD, encoding="utf-8-sig").label == "Squat"

    def test_a_partial_file_is_laid_over_its_base(self, read: Callable[..., Exercise]) -> None:
        """Mappings are merged key by key, lists are replaced; comments alone change nothing."""
        base = read(GOOD)
        over = read("reps: {rest_s: 5}\nbands: []\n", base)
        assert (over.reps, over.bands, over.label) == (Reps(min_rom=1.0, rest_s=5.0), (), "Squat")
        assert read("# label: Lunge\n", base) == base


# What is changed in GOOD (old → new), and what is said then.
WRONG_VALUES = {
    "unknown key, near a known one": ("min_rom: 1", "min_rom: 1\n  rest: 2", "5: reps.rest: unknown key. "
        "Did you mean 'rest_s'?"),
    "unknown key of a dict": ("up: 1,", "up: 1, upp: 3,", "9: weight.upp: should be 'up' or 'down', got 'upp'."),
    "unknown key in a list": ("- name: knee", "- name: knee\n    nam: 1", "8: bands[0].nam: unknown key. "
        "Did you mean 'name'?"),
    "odd key": ("count: 3", 'count: 3\n"a\\nb. c": 1', "3: 'a\\nb. c': unknown key. "
        "Known here: label, count, reps, bands, weight."),
    "long key": ("count: 3", f"count: 3\n{'x.' * 50}: 1", f"3: '{'x.' * 19}x…': unknown key. "
        "Known here: label, count, reps, bands, weight."),
    "missing key": ("  rest_s: null\n", "", "3: reps.rest_s: missing. Add it."),
    "mistyped key": ("count: 3", "cuont: 3", "2: cuont: unknown key. Did you mean 'count'? (and 1 more)"),
    "number in quotes": ("min_rom: 1", "min_rom: '1'", "4: reps.min_rom: should be a valid number, got '1'."),
    "bool for a whole number": ("count: 3", "count: true", "2: count: should be a valid integer, got true."),
    "not a number": ("min_rom: 1", "min_rom: .nan", "4: reps.min_rom: should be a finite number, got nan."),
    "out of range": ("min_rom: 1", "min_rom: 1.01", "4: reps.min_rom: should be less than or equal to 1, got 1.01."),
    "nothing": ("Squat", "", "1: label: should be a valid string, got nothing."),
    "text for a mapping": ("weight: {up: 1, down: 2.5}", "weight: 1", "9: weight: should be an object, got 1."),
    "list too short": ("[0, 90.5]", "[0]", "8: bands[0].range_deg[1]: missing. Add it."),
    "the schema's own check": ("[0, 90.5]", "[9, 1]", "7: bands[0]: range_deg runs backwards. Swap the two."),
    "several": ("Squat\ncount: 3", "1\ncount: x\nno: 1", "1: label: should be a valid string, got 1. (and 2 more)"),
    "long text": ("count: 3", f"count: {'x' * 99}", f"2: count: should be a valid integer, got '{'x' * 39}…'."),
}  # fmt: skip

NO_YAML = {
    "empty": ("", "1: no settings are in it. Fill the file in or delete it."),
    "a list": ("\n- label\n- count\n", "2: no keys here. Write lines like 'key: value'."),
    "a word": ("label", "1: no keys here. Write lines like 'key: value'."),
    "binary": (b"label: x\n\x89PNG\xff", "2: not text (byte 0x89). Give a YAML file in UTF-8."),
    "control character": ("label: x\ncount: \x07", "2: not YAML (a control character). Give a text file."),
    "tab": ("reps:\n\tmin_rom: 1\n", "2: not YAML (a tab). Indent with spaces."),
    "two colons": ("label: a: b\n", "1: not YAML (mapping values are not allowed in this context). "
        "Check indentation, colons and quotes."),
    "no such character": ('label: "\\U00110000"', "1: not YAML (found invalid Unicode character escape code). "
        "Check indentation, colons and quotes."),
    "duplicate key": ("label: a\nreps:\n  x: 1\n  x: 2\n", "4: reps.x: stands twice here. Remove one of the two."),
    "key that is no text": ("reps:\n  1: 2\n", "2: reps: a key is text, in quotes if need be."),
    "merge key": ("a: &a {x: 1}\nb:\n  <<: *a\n", "3: b: a key is text, in quotes if need be."),
    "alias": ("a: &a [1]\nb: *a\n", "2: b: an alias (*name) is not supported. Write the value out."),
    "tag": ("a: !!python/name:os.system x\n", "1: a: a tag (tag:yaml.org,2002:python/name:os.system) is not supported. "
        "Leave it out."),
    "second document": ("label: a\n---\nlabel: b\n", "2: a second document begins here. Remove the line '---'."),
    "bottomless": ("a: " + "[" * 100_000, "1: nested too deeply. Is this the right file?"),
}  # fmt: skip
IS_FOLDER = "Permission denied" if sys.platform == "win32" else "Is a directory"


class TestErrors:
    @pytest.mark.parametrize(("old", "new", "said"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
    def test_a_wrong_value_is_reported_with_its_place(self, tmp_path: Path, old: str, new: str, said: str) -> None:
        assert GOOD.count(old) == 1
        assert message(tmp_path / "exercise.yaml", GOOD.replace(old, new)) == said

    @pytest.mark.parametrize(("content", "said"), NO_YAML.values(), ids=NO_YAML.keys())
    def test_content_that_is_no_yaml_is_reported(self, tmp_path: Path, content: str | bytes, said: str) -> None:
        assert message(tmp_path / "exercise.yaml", content) == said

    @pytest.mark.parametrize(("name", "why"), [("none.yaml", "No such file or directory"), (".", IS_FOLDER)])
    def test_a_file_that_can_not_be_read_is_reported_with_the_reason(self, tmp_path: Path, name: str, why: str) -> None:
        with pytest.raises(ConfigError) as caught:
            config.read_yaml(tmp_path / name, Exercise)
        assert str(caught.value) == f"{tmp_path / name}: can't be read ({why}). Check the path and its permissions."

    @pytest.mark.parametrize("digits", ["9" * 5000, "0x" + "f" * 5000])
    def test_a_number_of_too_many_digits_for_python_is_no_height(self, user_file: Path, digits: str) -> None:
        a_user_file(user_file, f"height_cm: {digits}\n")
        with pytest.raises(ConfigError, match=r":1: height_cm: should be a (finite|valid) number, got "):
            config.load_settings({})

    def test_a_setting_that_is_not_utf_8_in_the_shell_is_refused(self, user_file: Path) -> None:
        with pytest.raises(ConfigError, match="is half a character"):
            change_setting("height_cm", "18\udcff", ignore)
        assert not user_file.parent.exists()

    def test_error_in_a_partial_file_names_that_file(self, user_file: Path) -> None:
        a_user_file(user_file, "# mine\nsound:\n  volum: 1\n")
        with pytest.raises(ConfigError) as caught:
            config.load_settings({})
        assert str(caught.value) == f"{user_file}:3: sound.volum: unknown key. Did you mean 'volume'?"

    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("sound.volum", 1, "sound.volum: unknown key. Did you mean 'volume'?"),
            ("sound.volume", 1.5, "sound.volume: should be less than or equal to 1, got 1.5."),
            ("sound", 1, "sound: should be an object, got 1."),
            ("camera", -1, "camera: should be greater than or equal to 0 or should be a valid string, got -1."),
            ("pose", "heavy", f"pose: expected {config.pose_models.IN_SHORT}, got 'heavy'."),
            ("pose", "\udcff.task", "'\\udcff' is half a character. Write the character itself, or rename the file."),
            ("profile", "../me", f"profile: expected {PROFILE_NAME}, got '../me'."),
            ("profile", "me\n", f"profile: expected {PROFILE_NAME}, got 'me\\n'."),
            ("stop_at_loss", 0.2, "stop_at_loss: unknown key. Did you mean 'stop_at_loss_percent'?"),
            ("stop_at_loss_percent", 0.2, "stop_at_loss_percent: should be greater than or equal to 5, got 0.2."),
            ("height_cm", 1.8, "height_cm: should be greater than or equal to 100, got 1.8."),
            (
                "height_cm",
                "9" * 5000,
                "height_cm: should be a valid number, got '999999999999999999999999999999999999999…'.",
            ),
            (
                "standards.depth",
                [30],
                "standards.depth: should be 'parallel', 'below' or 'none' or should be a valid number, "
                "got a list of 1.",
            ),
            ("sound.good_rep", "beep", "sound.good_rep: should be 'number', 'tick' or 'none', got 'beep'."),
            (
                "capture.reconnect_longest_s",
                0.25,
                "capture: reconnect_longest_s (0.25) is below reconnect_first_s (0.5). Raise it.",
            ),
        ],
    )
    def test_a_wrong_option_is_reported_as_of_the_command_line(self, key: str, value: object, said: str) -> None:
        with pytest.raises(ConfigError) as caught:
            config.load_settings({key: value}, "command line")
        assert str(caught.value) == f"command line: {said}"

    def test_a_value_that_is_to_be_remembered_has_no_name_of_its_place(self, user_file: Path) -> None:
        """`config set` has just been given it."""
        with pytest.raises(ConfigError) as caught:
            config.save_settings({"height_cm": 1.8})
        assert str(caught.value) == "height_cm: should be greater than or equal to 100, got 1.8."
        assert not user_file.parent.exists()


class TestSettings:
    def test_the_users_file_beats_the_shipped_file_and_options_beat_both(self, user_file: Path) -> None:
        a_user_file(user_file, "camera: 1\nsound:\n  volume: 0.5\n")
        settings = config.load_settings({"camera": "rtsp://gym/1", "capture.stall_s": 4})
        assert settings.camera == "rtsp://gym/1"
        assert settings.sound.volume == 0.5
        assert settings.sound.good_rep == "number"
        assert (settings.capture.stall_s, settings.capture.buffer_frames) == (4.0, 2)

    def test_a_path_can_override_a_setting(self) -> None:
        assert config.override_values(config.load_settings({}), {"pose": Path("my/heavy.task")}).pose == str(
            Path("my/heavy.task")
        )

    def test_shipped_file_is_complete_and_each_value_has_a_comment(self) -> None:
        data = config.yaml_files.YamlReader("").read(SHIPPED.read_text(encoding="utf-8"), partial=False)
        assert set(keys_of(data)) == set(settings_module.setting_schemas())
        for line in SHIPPED.read_text(encoding="utf-8").splitlines():
            assert not line or line.endswith(":") or "#" in line, line


def keys_of(data: object, outer: str = "") -> list[str]:
    """The dotted keys of a mapping's leaves."""
    if not isinstance(data, dict):
        return [outer.removesuffix(".")]
    return [key for name, value in data.items() for key in keys_of(value, f"{outer}{name}.")]


MINE = """\
# my settings

camera: 1   # the one on the rack
sound:
    # the gym is loud
    volume: 0.80   # nearly full
    good_rep: 'tick'

# nothing below this line
mirror: false
# the end
"""
OF_WINDOWS = MINE.replace("\n", "\r\n")
AT_NIGHT = "  muted: true  # at night\n\n# which camera\ncamera: 1\n"


class TestRemember:
    def test_first_time_makes_the_file_for_its_owner_alone(self, user_file: Path) -> None:
        config.save_settings({"camera": 2, "exercise": "squat", "sound.volume": 1})
        assert user_file.read_text() == "camera: 2\nexercise: squat\nsound:\n  volume: 1.0\n"
        assert mode_of(user_file) == 0o600
        assert mode_of(user_file.parent) == 0o700

    @pytest.mark.parametrize(
        ("before", "changes", "after"),
        [
            (
                MINE,
                {"sound.volume": 0.3, "exercise": "squat"},
                MINE.replace("volume: 0.80 ", "volume: 0.3  ") + "exercise: squat\n",
            ),
            # A key put into an existing section does not tear the comment off the next one.
            (f"sound:\n{AT_NIGHT}", {"sound.volume": 0.3}, f"sound:\n  volume: 0.3\n{AT_NIGHT}"),
            # ruamel sees no document there; the comments stay above what is added.
            ("# camera: 3", {"camera": 2}, "# camera: 3\ncamera: 2\n"),
            (OF_WINDOWS, {"camera": 3}, OF_WINDOWS.replace("camera: 1 ", "camera: 3 ")),
        ],
        ids=["all", "in a section", "comments alone", "Windows' line ends"],
    )
    def test_comments_order_quotes_and_indentation_stay(self, user_file: Path, before, changes, after) -> None:
        a_user_file(user_file, before)
        config.save_settings(changes)
        assert user_file.read_bytes().decode() == after

    def test_a_value_that_is_there_already_is_not_written_again(self, user_file: Path) -> None:
        a_user_file(user_file, "camera: 1\nsound: {volume: 0.80}\n")
        os.utime(user_file, (1, 1))
        config.save_settings({"camera": 1, "sound.volume": 0.8})
        assert user_file.stat().st_mtime == 1

    def test_a_link_stays_a_link(self, user_file: Path, tmp_path: Path) -> None:
        """People keep their settings in a folder of dotfiles."""
        target = a_user_file(tmp_path / "dotfiles" / "livecoach.yaml", "camera: 1\n")
        user_file.parent.mkdir(parents=True)
        user_file.symlink_to(target)
        config.save_settings({"camera": 2})
        assert user_file.is_symlink()
        assert target.read_text() == "camera: 2\n"

    @pytest.mark.parametrize("broken", ["camera: [", "camra: 1\n", ""])
    def test_a_broken_file_is_an_error_and_stays(self, user_file: Path, broken: str) -> None:
        a_user_file(user_file, broken)
        with pytest.raises(ConfigError, match=rf"^{re.escape(str(user_file))}:1: "):
            config.save_settings({"camera": 2})
        assert user_file.read_text() == broken

    def test_a_folder_that_cannot_be_made_is_reported(self, user_file: Path) -> None:
        user_file.parent.write_text("a file where the folder should be")
        with pytest.raises(OutputError) as caught:
            config.save_settings({"camera": 2})
        assert str(caught.value).startswith(f"{user_file}: can't be written (File ")
        assert str(caught.value).endswith("exists). Free some space and make the folder writable.")


class TestPaths:
    def test_the_package_s_own_folder_comes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a wheel the folders are inside the package, in a checkout beside it."""
        monkeypatch.setattr(config.paths, "PACKAGE", tmp_path / "livecoach")
        (tmp_path / "pyproject.toml").touch()
        (tmp_path / "configs").mkdir()
        assert config.paths.configs_dir() == tmp_path / "configs"
        (tmp_path / "livecoach" / "configs").mkdir(parents=True)
        assert config.paths.configs_dir() == tmp_path / "livecoach" / "configs"

    def test_a_stranger_s_folder_in_site_packages_is_not_ours(self, tmp_path, monkeypatch):
        """Only a checkout has its folders beside the package."""
        monkeypatch.setattr(config.paths, "PACKAGE", tmp_path / "livecoach")
        (tmp_path / "models").mkdir()
        with pytest.raises(LivecoachError, match=r"livecoach[/\\]models: folder is missing.*Reinstall livecoach\.$"):
            config.paths.models_dir()

    def test_livecoach_home_holds_settings_data_and_cache(self, tmp_path: Path) -> None:
        assert config.paths.user_config_file() == tmp_path / "config" / "settings.yaml"
        assert config.paths.user_data_dir() == tmp_path / "data"
        assert config.paths.user_cache_dir() == tmp_path / "cache"

    def test_livecoach_home_must_be_a_full_path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Processes that are started in other folders have the same one."""
        monkeypatch.setenv("LIVECOACH_HOME", "here")
        with pytest.raises(ConfigError, match="LIVECOACH_HOME=here: must be the full path of a folder"):
            config.paths.user_data_dir()

    @pytest.mark.skipif(sys.platform != "linux", reason="the variables of XDG are obeyed on Linux")
    def test_settings_and_data_follow_the_platform(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LIVECOACH_HOME")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        assert config.paths.user_config_file() == tmp_path / "config" / "livecoach" / "settings.yaml"
        assert config.paths.user_data_dir() == tmp_path / "data" / "livecoach"
