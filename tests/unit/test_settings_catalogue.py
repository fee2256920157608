"""Every setting is listed with its meaning, its default and what it may be, and can be changed by a command."""

import pytest
from click.testing import CliRunner, Result

from livecoach.cli.config import config
from livecoach.core import language
from livecoach.core.config import load_settings, paths
from livecoach.core.config.settings import all_settings, find_setting, setting_schemas
from livecoach.core.errors import ConfigError
from livecoach.pages.tools.settings_page import describe_allowed_values


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The user's settings file, which does not exist yet."""
    monkeypatch.setattr(paths, "user_config_file", lambda: tmp_path / "own" / "settings.yaml")
    monkeypatch.setattr("livecoach.cli.config.user_config_file", lambda: tmp_path / "own" / "settings.yaml")
    monkeypatch.setattr(language, "_shown", language._shown)  # Commands set it
    return tmp_path / "own" / "settings.yaml"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(config, arguments, catch_exceptions=True)


def test_every_setting_says_what_it_means(file):  # noqa: ARG001
    described = setting_schemas()
    assert described.keys() == all_settings().keys()
    for key, one in all_settings().items():
        assert described[key]["description"].endswith("."), key
        assert described[key]["description"][0].isupper(), key
        assert describe_allowed_values(described[key]), key
        assert one.value == one.default, key
        assert not one.is_own, key


def test_the_list_shows_all_settings_in_80_columns(file):
    """The path of the file at the end is as long as it is."""
    lines = run("list").output.splitlines()
    assert {line.partition(":")[0] for line in lines[:-2] if not line.startswith(" ")} == set(all_settings())
    assert max(map(len, lines[:-2])) <= 80
    assert str(file) in lines[-1]
    assert "    Takes a number from 0 to 1; default 0.8." in lines


def test_a_setting_can_be_set_and_read_back(file):
    assert run("set", "height_cm", "180").output == "height_cm: 180.0 (was null)\n"
    assert run("get", "height_cm").output == "180.0\n"
    assert "height_cm: 180.0   (set by you)" in run("list").output
    assert find_setting("height_cm").is_own
    assert file.read_text() == "height_cm: 180.0\n"
    assert run("set", "height_cm", "null").output == "height_cm: null (was 180.0)\n"
    assert run("set", "sound.volume", "0.5").exit_code == 0
    assert file.read_text() == "height_cm:\nsound:\n  volume: 0.5\n"


def test_a_profile_may_look_like_a_number(file):  # noqa: ARG001
    """Text is meant where only text fits."""
    assert run("set", "profile", "2").exit_code == 0
    assert load_settings({}).profile == "2"


def test_a_lifter_without_a_name_is_known_by_the_word_that_pages_show(file):  # noqa: ARG001
    assert run("set", "profile", "Ada").exit_code == 0
    assert run("set", "language", "de").exit_code == 0
    assert run("set", "profile", "ich").output == "profile: me (vorher Ada)\n"
    assert "    Erlaubt: eine ganze Zahl ab 0 oder Text; Vorgabe: 0.\n" in run("list").output


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("set", "sound.volum", "1"), "Did you mean 'sound.volume'?"),
        (("get", "heigt_cm"), "Did you mean 'height_cm'?"),
        (("set", "height_cm", "18"), "height_cm: should be greater than or equal to 100, got 18."),
        (("set", "learn", "perhaps"), "learn: should be a valid boolean, got 'perhaps'."),
        (("set", "exercise", "sqat"), "exercise 'sqat': unknown."),
    ],
)
def test_a_wrong_setting_is_refused_and_not_written(file, arguments, what):
    error = run(*arguments).exception
    assert isinstance(error, ConfigError)
    assert what in str(error)
    assert not file.exists()


def test_config_path_prints_where_the_settings_are(file):
    assert run("path").output == f"{file}\n"
