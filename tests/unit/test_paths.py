"""The command that installs further packages is right for how livecoach was installed; the user's folders."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import click
import pytest

from livecoach.cli.lab_options import needs_packages
from livecoach.core.config import paths
from livecoach.core.config.paths import install_command, pip_arguments
from livecoach.core.errors import ConfigError

SITE = Path("/usr/lib/python3/dist-packages")
CLONE, WHEEL = "file:///home/anna/my%20clone", "livecoach-1.0.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("origin", "arguments"),
    [
        ({"url": CLONE, "dir_info": {"editable": True}}, ("-e", f"{Path('/home/anna/my clone')}[train]")),
        ({"url": CLONE, "dir_info": {}}, (f"livecoach[train] @ {CLONE}",)),
        ({"url": f"file:///tmp/{WHEEL}", "archive_info": {}}, (f"livecoach[train] @ file:///tmp/{WHEEL}",)),
        ({"url": f"https://a.org/{WHEEL}", "archive_info": {}}, (f"livecoach[train] @ https://a.org/{WHEEL}",)),
        (
            {"url": "https://a.org/l.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            ("livecoach[train] @ git+https://a.org/l.git@c0ffee",),
        ),
        (None, ("livecoach[train]",)),  # pip leaves no direct_url.json where it came from an index
    ],
)
def test_an_extra_is_installed_from_where_livecoach_came(origin, arguments):
    """A clone by its path, a wheel by its file or address, a repository with its commit. The name alone would send pip
    to an index that does not have it."""
    assert pip_arguments("train", origin, SITE) == arguments


def test_in_the_clone_itself_the_command_is_short(tmp_path, monkeypatch):
    origin = json.dumps({"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    monkeypatch.setattr("importlib.metadata.distribution", lambda _: SimpleNamespace(read_text=lambda _: origin))
    monkeypatch.chdir(tmp_path)
    assert install_command("train") == f"{paths.pip_command()} install -e '.[train]'"


def test_a_clone_that_is_run_without_being_installed_is_found_by_its_place(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    assert pip_arguments("synth", None, tmp_path) == ("-e", f"{tmp_path}[synth]")


@pytest.mark.parametrize(
    ("there", "own"), [(None, False), ("/usr/bin/pip", False), (f"{Path(sys.executable).parent}/pip", True)]
)
def test_advised_commands_call_the_pip_of_this_python(there, own, monkeypatch):
    """The shell may find another one, or none."""
    monkeypatch.setattr("shutil.which", lambda _: there)
    assert paths.pip_command() == ("pip" if own else f"{paths.quote_shell_word(sys.executable)} -m pip")


@pytest.mark.parametrize(
    ("platform", "word", "shown"),
    [
        ("linux", "anna", "anna"),
        ("linux", "Anna B's", "'Anna B'\"'\"'s'"),
        ("win32", "anna", "anna"),
        ("win32", "Anna B's", '"Anna B\'s"'),
    ],
)
def test_a_word_of_a_command_is_quoted_for_the_shell_that_reads_it(platform, word, shown):
    """Windows' shells take single quotes as part of the word, or end the word at a space."""
    assert paths.quote_shell_word(word, platform) == shown


def test_help_names_the_command_on_a_line_of_its_own():
    """So that it can be copied; the example stays at the end."""

    @click.command()
    @needs_packages("train")
    def stage() -> None:
        """Train it.

        Example: livecoach lab train stage deadlift
        """

    lines = stage.get_help(click.Context(stage)).splitlines()
    at = lines.index(f"    {install_command('train')}")
    assert lines.index("  Train it.") < at < lines.index("  Example: livecoach lab train stage deadlift")


@pytest.mark.skipif(sys.platform != "linux", reason="the folders of XDG")
@pytest.mark.parametrize("folder", [paths.user_config_file, paths.user_data_dir, paths.user_cache_dir])
def test_a_user_without_a_home_folder_is_told_what_to_set(monkeypatch, folder):
    """As in a container, under a number that has no account."""

    def no_account(number: int) -> NoReturn:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in ("HOME", "LIVECOACH_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", no_account)
    with pytest.raises(ConfigError, match=r"no home folder is known\. Set HOME to the full path of a folder\."):
        folder()
