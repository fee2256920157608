"""Options that several commands share, and the settings made from them."""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from livecoach.cli.help import KEYS, SettingOption, complete_exercise, complete_profile
from livecoach.config import Settings, load_settings
from livecoach.language import AUTO, LANGUAGES, resolved, use
from livecoach.loads import Units, parse_load
from livecoach.types.bounds import printable

logger = logging.getLogger("livecoach")
Command = TypeVar("Command", bound=Callable[..., Any])


def combined_options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Combine several options into one decorator. The help shows them in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


exercise = click.option(
    "--exercise", metavar="E", shell_complete=complete_exercise, help="Exercise; `livecoach exercises` lists them."
)
any_exercise = click.option(
    "--exercise",
    cls=SettingOption,
    metavar="E",
    shell_complete=complete_exercise,
    help="Exercise; `livecoach exercises` lists them. auto recognises it.",
)
"""Of the commands that can recognise it."""
pose = click.option(
    "--pose",
    cls=SettingOption,
    metavar="MODEL",
    help="Pose model: lite, full, movenet, mediapipe-lite, mediapipe-full, the path of a .task file, or onnx:FILE.",
)
profile = click.option(
    "--profile",
    cls=SettingOption,
    metavar="P",
    shell_complete=complete_profile,
    help="The lifter's profile, whose good reps judge the set.",
)
learn = click.option(
    "--learn/--no-learn", cls=SettingOption, default=None, help="Learn from good reps automatically, and store them."
)


def language_of(what: str) -> Callable[[Command], Command]:
    """Return the option that chooses the language. what: in words, that it is the language of."""
    return click.option(
        "--language", cls=SettingOption, type=click.Choice([AUTO, *LANGUAGES]), help=f"Language of {what}."
    )


height = click.option(
    "--height",
    cls=SettingOption,
    type=click.FloatRange(100, 250),
    metavar="CM",
    help="Your height, for speeds in m/s and distances in cm.",
)
verbose = click.option("--verbose", is_flag=True, help="End with a table of all reps and figures.")
seen_and_heard = combined_options(
    click.option(
        "--mute", cls=SettingOption, is_flag=True, default=None, help="No sound; M in the window turns it on."
    ),
    click.option(
        "--volume", cls=SettingOption, type=click.FloatRange(0, 1), metavar="0..1", help="Volume of the sound."
    ),
    click.option(
        "--good-rep", cls=SettingOption, type=click.Choice(["number", "tick", "none"]), help="Sound of a good rep."
    ),
    language_of("the window and the voice; the terminal is English"),
    click.option("--no-window", is_flag=True, help="Do not open a window."),
    click.option("--events", metavar="FILE", help="Write events as JSON lines; - for standard output."),
    verbose,
)
"""Options of every command with a window and sound."""
monitor = combined_options(any_exercise, profile, learn, pose, height, seen_and_heard)
"""Options of every command that runs like `live`."""
record = click.option("--record", is_flag=True, help="Record a video too; the window shows REC meanwhile.")


def settings(**given: object) -> Settings:
    """Return the settings, overridden by the given options, and show texts in their language from now on. Raises
    ConfigError."""
    loaded = load_settings({KEYS[name]: value for name, value in given.items() if value is not None})
    use(loaded.language, loaded.units)
    return loaded


def voice_name(settings: Settings) -> str:
    """Return the name of the voice that speaks: the one that the settings name, else the one of the language."""
    return resolved(settings.language) if settings.sound.voice == AUTO else settings.sound.voice


def load_kg(text: str, units: Units) -> float:
    """Return the load that --load gives, in kilograms. Raises click.BadParameter that says what is wrong."""
    try:
        return parse_load(text, units)
    except ValueError as err:
        raise click.BadParameter(str(err), param_hint="--load") from err


def model_folder(model: str) -> Path:
    """Return the model folder of an exercise, given its name; any other text is the folder itself."""
    from livecoach.config import exercise as exercises
    from livecoach.config.paths import models_dir

    return models_dir() / exercises.load(model).model if model in exercises.names() else Path(model)


def say(line: str) -> None:
    """Print a line for the user to standard error, and log it in the session that is being recorded. Whoever read it
    may be gone, or its disk full: a set goes on without."""
    shown = printable(line)
    logger.info("said: %s", shown)
    with suppress(OSError):
        click.echo(f"livecoach: {shown}", err=True)
