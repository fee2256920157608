"""The commands that show and change settings: config list, get, set, edit and path."""

import textwrap
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from livecoach.cli.options import say
from livecoach.config.paths import user_config_file
from livecoach.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from livecoach.config.settings import Setting

WIDTH = 80
INDENT = "    "


@click.group()
def config() -> None:
    """Show and change your settings.

    Settings that you change are kept in your own settings.yaml, and a new version leaves it alone. An option on the
    command line counts more than the file.
    """


@config.command("list")
def list_settings() -> None:
    """List every setting: its value, what it means, and what it may be.

    Example: livecoach config list
    """
    from livecoach.config.settings import all_settings, yaml_text

    for setting in all_settings():
        click.echo(f"{setting.key}: {_shown(setting)}{'   (set by you)' if setting.is_own else ''}")
        click.echo(_indented(setting.meaning))
        click.echo(_indented(f"Takes {setting.expected}; default {yaml_text(setting.default)}."))
    click.echo(f"\nYour file: {_place()}")


@config.command("get")
@click.argument("key")
def get_setting(key: str) -> None:
    """Print the value of one setting.

    Example: livecoach config get sound.volume
    """
    from livecoach.config.settings import setting

    click.echo(_shown(setting(key)))


@config.command("set")
@click.argument("key")
@click.argument("value")
def set_setting(key: str, value: str) -> None:
    """Change one setting in your file.

    The comments and the order of the file are kept. `livecoach config list` shows all keys.

    Example: livecoach config set height_cm 180
    """
    from livecoach.config.settings import setting

    before = setting(key)
    _check_exercise(key, value)
    _remember(key, _without_password(value) if key == "camera" else value)
    click.echo(f"{key}: {_shown(setting(key))} (was {_shown(before)})")


@config.command()
def edit() -> None:
    """Open your settings file in an editor.

    $VISUAL or $EDITOR names the editor. A new file holds every setting as a comment. After that livecoach checks the
    file.

    Example: livecoach config edit
    """
    from livecoach.config import load_settings
    from livecoach.config.settings import create_user_file, is_there

    path = user_config_file()
    if not is_there(path):
        create_user_file("\n".join(_template()) + "\n")
    try:
        click.edit(filename=str(path))
    except click.ClickException as err:
        raise OutputError(f"{err.message}. Name an editor in the variable EDITOR, or open {path} in one.") from err
    load_settings({})
    click.echo(f"{path}: nothing wrong")


@config.command()
def path() -> None:
    """Print where your settings file is.

    Example: livecoach config path
    """
    click.echo(user_config_file())


def _shown(setting: "Setting") -> str:
    """Return a value as YAML. A password in the camera's address is left out."""
    from livecoach.config.settings import yaml_text
    from livecoach.source.address import shown_url, stored_url

    value = setting.value
    if setting.key == "camera" and isinstance(value, str) and "://" in value:
        value = stored_url(value) or shown_url(value)
    return yaml_text(value)


def _without_password(camera: str) -> str:
    """Return the camera as the settings hold it. Raises ConfigError where they may not hold it."""
    from livecoach.source.address import storable_camera

    stored, note = storable_camera(camera)
    if stored is None:
        raise ConfigError(f"{note}. Give it with --camera each time.")
    if note is not None:
        say(note)
    return str(stored)


def _place() -> str:
    place = user_config_file()
    return str(place) if place.exists() else f"{place} (not there yet; `livecoach config set` makes it)"


def _indented(text: str, indent: str = INDENT) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _remember(key: str, text: str) -> None:
    """Write a value. What reads as a number, but may only be text, is text: a profile named 2."""
    from livecoach.config import remember

    value = _yaml_value(text)
    try:
        remember({key: value})
        return
    except ConfigError as err:
        refused = err
    if not isinstance(value, str):
        with suppress(ConfigError):
            remember({key: text})
            return
    raise refused


def _yaml_value(text: str) -> Any:
    try:
        value = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        return text
    return value if isinstance(value, bool | int | float) or value is None else text


def _check_exercise(key: str, name: str) -> None:
    """Raise ConfigError for an exercise that does not exist; the file's own check does not know them."""
    from livecoach.config import exercise
    from livecoach.documents import AUTO

    if key == "exercise" and name != AUTO:
        exercise.load(name)


def _template() -> Iterator[str]:
    """Yield the lines of a new settings file: every setting with its default, as a comment."""
    from livecoach.config.settings import all_settings, yaml_text

    yield "# Your livecoach settings. Remove the # before a key (and before the section above it) to set it."
    sections: list[str] = []
    for setting in all_settings():
        *above, name = setting.key.split(".")
        indent = "  " * len(above)
        yield ""
        if above != sections:
            sections = above
            yield f"# {above[-1]}:"
        yield from _indented(f"{setting.meaning} Takes {setting.expected}.", f"# {indent}").splitlines()
        yield f"# {indent}{name}: {yaml_text(setting.default)}"
