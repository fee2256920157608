"""Options that several commands share, and the settings that they make."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from livecoach.config import Settings, load_settings

logger = logging.getLogger("livecoach")
Command = TypeVar("Command", bound=Callable[..., Any])


def combined_options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which help shows them."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


exercise = click.option("--exercise", metavar="E", help="What is lifted; `livecoach exercises` lists what there is.")
pose = click.option("--pose", metavar="MODEL", help="Pose model: lite, full, or the path of a .task file.")
profile = click.option(
    "--profile", metavar="P", help="Whose reps they are; they are judged by the good ones that are kept under it."
)
learn = click.option("--learn/--no-learn", default=None, help="Learn from good reps by itself, and keep them.")
monitor = combined_options(
    exercise,
    profile,
    learn,
    pose,
    click.option("--mute", is_flag=True, default=None, help="No sound; M in the window brings it back."),
    click.option("--volume", type=click.FloatRange(0, 1), metavar="0..1", help="Of the sound."),
    click.option("--good-rep", type=click.Choice(["number", "tick", "none"]), help="What is heard at a good rep."),
    click.option("--no-window", is_flag=True, help="Do not show the picture."),
    click.option("--events", metavar="FILE", help="Write what happens as JSON lines; - for standard output."),
)
"""Options of everything that runs like live."""
record = click.option("--record", is_flag=True, help="Keep the pictures too: a video, with REC shown meanwhile.")

KEYS = {
    "camera": "camera",
    "exercise": "exercise",
    "profile": "profile",
    "learn": "learn",
    "pose": "pose",
    "mute": "sound.muted",
    "volume": "sound.volume",
    "good_rep": "sound.good_rep",
    "mirror": "mirror",
}
"""Option → setting."""


def settings(**given: object) -> Settings:
    """Settings with the options that were given on top. Raises ConfigError."""
    return load_settings({KEYS[name]: value for name, value in given.items() if value is not None})


def model_folder(model: str) -> Path:
    """Of an exercise by its name, else the folder itself."""
    from livecoach.config import exercise as exercises
    from livecoach.config.paths import models_dir

    return models_dir() / exercises.load(model).model if model in exercises.names() else Path(model)


def say(line: str) -> None:
    """A line for the user, beside the output; where a session is recorded it stands in its log too."""
    logger.info("said: %s", line)
    click.echo(f"livecoach: {line}", err=True)
