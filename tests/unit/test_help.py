"""The help lists every command on one line, and says what an option is by default."""

import subprocess
import sys

import click
import pytest
from builders.commands import every_command
from builders.sessions import a_session
from click.shell_completion import get_completion_class
from click.testing import CliRunner

from livecoach.cli import cli
from livecoach.cli.options import LazyCommand, SettingOption
from livecoach.core.config import paths


@pytest.fixture(autouse=True)
def settings(tmp_path, monkeypatch):
    """The user's settings file, which does not exist yet."""
    monkeypatch.setattr(paths, "user_config_file", lambda: tmp_path / "settings.yaml")
    return tmp_path / "settings.yaml"


def help_of(*words: str) -> str:
    return CliRunner().invoke(cli, [*words, "--help"], terminal_width=80, prog_name="livecoach").output


ALL = dict(every_command())
GROUPS = [name.split() for name, command in ALL.items() if isinstance(command, click.Group)]


def test_the_line_of_a_command_is_the_first_sentence_of_its_help():
    """It stands in a table, so that the help imports no command."""
    for name, command in ALL.items():
        if isinstance(command, click.Group):
            lines = {one: listed.help for one, listed in command.commands.items() if isinstance(listed, LazyCommand)}
            assert lines == {one: f"{(ALL[f'{name} {one}'.strip()].help or '').split('.')[0]}." for one in lines}


def test_the_help_of_live_fits_a_screen():
    """24 lines of 80 columns, with twelve options; --help-all has all of them."""
    shown, everything = help_of("live"), CliRunner().invoke(cli, ["live", "--help-all"], terminal_width=80).output
    assert len(shown.splitlines()) <= 24
    assert shown.count("\n  -") <= 12
    options = [one for one in ALL["live"].params if isinstance(one, click.Option) and not one.hidden]
    assert [one.opts[0] for one in options if f"\n  {one.opts[0]} " not in everything] == []


def test_the_help_imports_no_command():
    shown = "import sys; from livecoach.cli import cli; cli(['--help'], standalone_mode=False); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True).stdout.split()
    own = [name.split(".") for name in modules if name.startswith("livecoach.")]
    assert {name[1] for name in own} == {"core", "run", "cli"}
    assert {name[2] for name in own if name[1:-1] == ["cli"]} == {"command_process", "options", "output"}


def test_each_command_has_one_line_of_80_columns():
    for words in GROUPS:
        listed = help_of(*words).partition("-h, --help")[2]
        for line in listed.splitlines()[1:]:
            assert not line.endswith("..."), (words, line)
            assert len(line) <= 80, (words, line)
            assert not line.startswith("     "), (words, line)


def test_version_and_help_have_short_names():
    assert CliRunner().invoke(cli, ["-V"], prog_name="livecoach").output.startswith("livecoach, version ")
    assert CliRunner().invoke(cli, ["-h"], terminal_width=80, prog_name="livecoach").output == help_of()


def test_each_option_names_what_it_takes():
    """SECONDS or FILE, not the type that click would show: FLOAT RANGE."""
    options = [(name, one) for name, command in ALL.items() for one in command.params if isinstance(one, click.Option)]
    assert [
        (name, one.opts)
        for name, one in options
        if one.metavar is None and not (one.is_flag or one.count or isinstance(one.type, click.Choice))
    ] == []


def an_option(*declarations: str, **given: object) -> str:
    """The help of one option."""
    command = click.Command("live", params=[SettingOption(declarations, **given)])
    return " ".join(command.get_help(click.Context(command, terminal_width=80)).split())


def test_an_option_shows_the_setting_in_force(settings):
    assert "[default: 0.8]" in an_option("--volume")
    assert "[default: --learn]" in an_option("--learn/--no-learn", default=None)
    settings.write_text("learn: false\nsound: {volume: 0.3}\n")
    assert "[default: 0.3]" in an_option("--volume")
    assert "[default: --no-learn]" in an_option("--learn/--no-learn", default=None)
    assert "default" not in an_option("--height")
    assert "default" not in an_option("--mute", is_flag=True, default=None)


def test_help_works_with_a_broken_settings_file(settings):
    settings.write_text("volume: [")
    assert "--volume" in an_option("--volume")


def completed(*words: str, begun: str = "") -> list[str]:
    """What bash offers after these words of a command line."""
    found = get_completion_class("bash")
    assert found is not None
    return [item.value for item in found(cli, {}, "livecoach", "_LIVECOACH_COMPLETE").get_completions([*words], begun)]


def test_commands_exercises_and_profiles_can_be_completed(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "profiles_dir", lambda: tmp_path)
    for name in ("anna", "ben"):
        (tmp_path / name).mkdir()
    assert completed(begun="se") == ["sessions"]
    assert completed("live", "--exercise", begun="sq") == ["squat"]
    for before in (("live", "--profile"), ("history", "--profile"), ("config", "profiles", "forget")):
        assert completed(*before) == ["anna", "ben"]


def test_verdicts_and_the_faults_of_a_session_can_be_completed(sessions):
    """Of a bad rep alone; a session that is not there has none."""
    a_session(sessions)
    correct = "sessions", "correct"
    assert completed(*correct, "last:1/2-3") == ["good", "bad", "no-rep", "undo"]
    assert completed(*correct, "last:1", "bad", begun="knee_") == ["knee_cave"]
    assert completed(*correct, "last:1", "good", begun="knee") == completed(*correct, "2020", "bad") == []


def test_the_error_about_a_mistyped_command_names_the_right_command():
    """Though none of the commands has been imported; one that resembles none is refused without a guess."""
    outcome = CliRunner().invoke(cli, ["histroy"])
    assert outcome.exit_code == 2
    assert "No such command 'histroy'. Did you mean 'history'?" in outcome.output
    assert "Did you mean" not in CliRunner().invoke(cli, ["xyzzy"]).output
