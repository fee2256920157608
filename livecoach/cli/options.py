"""Defines kinds of commands, the options that several commands share, and the settings that result from options.

The modules of commands are imported only when they run. In a command with many options, --help shows only common
options.
"""

import math
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from livecoach.core.config import Settings, load_settings, pose_models
from livecoach.core.config.settings import read_height_cm
from livecoach.core.errors import ConfigError, LivecoachError
from livecoach.core.language import set_language
from livecoach.core.types import SetPlan
from livecoach.core.types.bounds import FILMED_FPS
from livecoach.core.types.message import AUTO, LANGUAGES
from livecoach.core.types.reps import parse_depth
from livecoach.run.process import suspend_garbage_collection

KEYS = {
    "height": "height_cm",
    "depth": "standards.depth",
    "count": "standards.count",
    "mute": "sound.muted",
    "volume": "sound.volume",
    "good_rep": "sound.good_rep",
}
"""Keys of settings by the names of their options, where the two differ."""
MOST = 1_000_000  # Largest count that an option accepts
SEED = click.IntRange(0, 2**32 - 1)


class FloatParam(click.FloatRange):
    """The type of an option that takes a decimal in a range. It refuses "nan", which click's own type accepts."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


class PathParam(click.Path):
    """The type of an option or argument that takes a path. It refuses an empty text, such as an unset variable.

    An empty path would mean the current folder, with all its recordings. A file that can't be read is left to the
    command, which says what to do.
    """

    def __init__(self) -> None:
        super().__init__(readable=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value):
            self.fail("the path is empty. Name a file or a folder.", param, ctx)
        return super().convert(value, param, ctx)


PATH = PathParam()


class ExerciseParam(click.ParamType[Any]):
    """The type of an option or argument that takes an exercise: its name, or another word that lifters use for it."""

    name = "exercise"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Return the name of the exercise that a text means. "auto" and unknown texts are returned unchanged.

        Raises:
            ConfigError: Several exercises have this name, or the file of an exercise is wrong.
        """
        from livecoach.core.config import exercise

        return exercise.find_exercise_name(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        from livecoach.core.config import exercise

        return [CompletionItem(name) for name in exercise.names() if name.startswith(incomplete)]


class ProfileParam(click.ParamType[Any]):
    """The type of an option or argument that takes the name of a profile."""

    name = "profile"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Return the name in the form in which names are stored: some systems write "ü" as two characters."""
        return unicodedata.normalize("NFC", value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        from livecoach.core.errors import SourceError
        from livecoach.records.profile import list_profile_names

        try:
            return [CompletionItem(name) for name in list_profile_names() if name.startswith(incomplete)]
        except SourceError:  # The command reports it
            return []


class LazyCommand(click.Command):
    """A stand-in for a command. The command's module is imported when the command runs, not when it is listed."""

    def __init__(self, name: str, module: str, help: str) -> None:
        """Create a stand-in for a command in a module of `livecoach.cli`. `help` is its line in lists of commands."""
        super().__init__(name, help=help)
        self._module = module

    @property
    def command(self) -> click.Command:
        with suspend_garbage_collection():
            found = getattr(import_module(f"livecoach.cli.{self._module}"), str(self.name))
        assert isinstance(found, click.Command)
        return found

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        return self.command.make_context(info_name, args, parent, **extra)


class OrderedGroup(click.Group):
    """A group that lists its commands in the order in which they were added, and commands of other modules last."""

    def __init__(self, *args: Any, later: Iterable[LazyCommand] = (), **kwargs: Any) -> None:
        """Add the commands of other modules. `args` and `kwargs` are click's."""
        super().__init__(*args, **kwargs)
        self.commands.update({str(command.name): command for command in later})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click's
        """Return the names of the commands in the order in which they were added, with every LazyCommand at the end."""
        return sorted(self.commands, key=lambda name: isinstance(self.commands[name], LazyCommand))


class LongCommand(click.Command):
    """A command with many options: --help shows the common options, --help-all shows all."""

    def __init__(self, *args: Any, common: Collection[str], **kwargs: Any) -> None:
        """Set the common options, by their names as parameters. `args` and `kwargs` are click's."""
        super().__init__(*args, **kwargs)
        self._common = common
        self.params.append(
            click.Option(
                ["--help-all"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=self._show_all,
                help="Show all options and exit.",
            )
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help of the common options and of the options about help or, after --help-all, of all options."""
        everything = ctx.params.get("help_all", False)
        options = [
            option for option in self.get_params(ctx) if everything or option.is_eager or option.name in self._common
        ]
        with formatter.section("Options"):
            formatter.write_dl([record for option in options if (record := option.get_help_record(ctx)) is not None])

    def _show_all(self, ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            ctx.params["help_all"] = True
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()


def setting_key(option: str) -> str:
    """Return the key of the setting that an option overrides, such as "sound.muted" for "mute"."""
    return KEYS.get(option, option)


class SettingOption(click.Option):
    """An option that overrides a setting. Its help shows the current setting as its default."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return click's notes in brackets after the help, by kind; the default is the setting's value, if readable."""
        from livecoach.core.config.settings import find_setting, yaml_text

        extra = super().get_help_extra(ctx)
        try:
            value = find_setting(setting_key(str(self.name))).value
        except LivecoachError:
            return extra
        if isinstance(value, bool):
            shown = next(iter(self.opts if value else self.secondary_opts), "")
        else:
            shown = "" if value is None else yaml_text(value)
        return {**extra, "default": shown} if shown else extra


Command = TypeVar("Command", bound=Callable[..., Any])


def combine_options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Return a decorator that adds several options to a command."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def exercise_option(help: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds --exercise, with further attributes of a click option, to a command."""
    return click.option("--exercise", metavar="E", type=ExerciseParam(), help=help, **attributes)


def profile_option(help: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds --profile, with further attributes of a click option, to a command."""
    return click.option("--profile", metavar="P", type=ProfileParam(), help=help, **attributes)


exercise = exercise_option("Name of the exercise; `livecoach exercises` lists all.")
live_exercise = exercise_option("Exercise, or auto to recognise it.", cls=SettingOption)
recorded_exercise = exercise_option(
    "Name of the exercise; `livecoach exercises` lists all. By default livecoach recognises it."
)
"""The exercise in the settings applies to live runs; a recording may show another exercise."""
pose = click.option("--pose", cls=SettingOption, metavar="MODEL", help=f"Pose model: {pose_models.IN_SHORT}.")
live_profile = profile_option("Compare the set with this profile's reps.", cls=SettingOption)
recorded_profile = profile_option(
    "The profile of the lifter in the recording. By default no profile judges, and none learns."
)
learn = click.option(
    "--learn/--no-learn", cls=SettingOption, default=None, help="Learn from good reps, and store them in the profile."
)


def _turn(_: click.Context, __: click.Parameter, text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdigit() else text


_rotate: dict[str, Any] = {
    "type": click.Choice([AUTO, "0", "90", "180", "270"]),
    "callback": _turn,
    "help": "Degrees to turn the picture clockwise; auto turns people upright.",
}
live_rotate = click.option("--rotate", cls=SettingOption, **_rotate)
film_options = combine_options(
    click.option("--rotate", **_rotate),
    click.option(
        "--filmed-at",
        type=FloatParam(*FILMED_FPS),
        metavar="FPS",
        help="Pictures a second that the camera filmed, for a film in slow motion. By default the file says this.",
    ),
)
"""Options of a recorded film."""


def language_option(what: str) -> Callable[[Command], Command]:
    """Return a decorator that adds --language to a command. `what` names the output in the help, such as "the page"."""
    return click.option(
        "--language", cls=SettingOption, type=click.Choice([AUTO, *LANGUAGES]), help=f"Language of {what}."
    )


height = click.option(
    "--height",
    cls=SettingOption,
    type=FloatParam(100, 250),
    metavar="CM",
    help="Your height, for speeds in m/s and distances in cm.",
)
standards = combine_options(
    click.option(
        "--depth",
        cls=SettingOption,
        type=parse_depth,
        metavar="DEPTH",
        help="Required depth of a squat: parallel, below, the height of a box in cm, or none.",
    ),
    click.option(
        "--count",
        cls=SettingOption,
        type=click.Choice(["all", "standard"]),
        help="Count all reps, or only those that meet the standard.",
    ),
)
verbose = click.option("--verbose", is_flag=True, help="Print frame counts and latencies at the end.")
output_options = combine_options(
    click.option(
        "--mute",
        cls=SettingOption,
        is_flag=True,
        default=None,
        help="Play no sound; M in the window turns the sound on.",
    ),
    click.option("--volume", cls=SettingOption, type=FloatParam(0, 1), metavar="0..1", help="Volume of the sound."),
    click.option(
        "--good-rep", cls=SettingOption, type=click.Choice(["number", "tick", "none"]), help="Sound of a good rep."
    ),
    language_option("the window, the voice and the summary"),
    click.option("--no-window", is_flag=True, help="Do not open a window."),
    click.option("--events", metavar="FILE", help="Write events as JSON lines; - for standard output."),
    verbose,
)
"""Options of every command with a window and sound."""
live_options = combine_options(learn, pose, height, standards, output_options)
"""Options of every command that runs like `live`, in addition to exercise and profile."""


def use_settings(**overrides: object) -> Settings:
    """Load the settings with the values of options, and use their language and units in the process from now on.

    An option whose value is None is absent. Without an option for the height, the height of the profile is used. Raises
    ConfigError if a setting or option is invalid.
    """
    values = {setting_key(name): value for name, value in overrides.items() if value is not None}
    loaded = load_settings(values, "command line")
    if overrides.get("height") is None:
        loaded = replace(loaded, height_cm=read_height_cm(loaded.profile))
    set_language(loaded.language, loaded.units)
    return loaded


def use_language() -> None:
    """Use the language and units in the settings. Settings that can't be read are left to a command that needs them."""
    with suppress(ConfigError):
        use_settings()


def use_settings_for_recording(rotate: object, **options: object) -> Settings:
    """Load the settings for a recording with the values of options, and use their language and units from now on.

    The setting of the turn is for live pictures, and is ignored. If `rotate` is None, people are turned upright. Raises
    ConfigError if a setting or option is invalid.
    """
    return use_settings(rotate=rotate or AUTO, **options)


@contextmanager
def option_errors(option: str) -> Iterator[None]:
    """Turn a ValueError of the block into a click.BadParameter that names the option."""
    try:
        yield
    except ValueError as err:
        raise click.BadParameter(str(err), param_hint=f"'{option}'") from err


def find_model_folder(model: str) -> Path:
    """Return the folder of a model. Raises ModelError if the model of an exercise was never trained.

    Args:
        model: Name of an exercise; any other text is the path of the folder, which is not checked.
    """
    from livecoach.core.config import exercise as exercises
    from livecoach.core.config.paths import models_dir
    from livecoach.core.model_files.model_folder import check_trained

    if model not in exercises.names():
        return Path(model)
    folder = models_dir() / exercises.load(model).model
    check_trained(folder, model)
    return folder


own_model = click.option(
    "--model", type=PATH, metavar="FOLDER", help="Model of your own, which counts and judges its exercise."
)


def resolve_exercise(exercise: str | None, model: Path | None = None) -> str | None:
    """Return the exercise of a model; without a model, check and return `exercise`, the value of the option --exercise.

    Raises:
        ConfigError: The exercise is unknown, or is not the exercise of the model.
        ModelError: The folder does not hold a complete model.
    """
    from livecoach.core.config import exercise as exercise_files
    from livecoach.core.model_files.model_folder import read_model_card

    if model is None:
        if exercise not in {None, AUTO}:
            exercise_files.load(str(exercise))
        return exercise
    name = read_model_card(model).name
    if exercise not in {None, name}:
        raise ConfigError(f"{model}: is a model of {name}, not of {exercise}. Leave out --exercise or --model.")
    return name


def _read_by(parser: str) -> Callable[[click.Context, click.Parameter, str | None], object]:
    def callback(_: click.Context, option: click.Parameter, text: str | None) -> object:
        if text is None:
            return None
        from livecoach.decisions.coaching import set_progress  # A fifth of the command line's imports

        with option_errors(option.opts[0]):
            return getattr(set_progress, parser)(text)

    return callback


plan_options = combine_options(
    click.option(
        "--target",
        metavar="SETSxREPS",
        callback=_read_by("parse_target"),
        help="Planned sets and reps: 5x5, or 8 for reps alone.",
    ),
    click.option(
        "--rest", callback=_read_by("parse_rest"), metavar="TIME", help="Rest before a tone sounds: 90s, 2min, 1:30."
    ),
    click.option(
        "--stop-at-loss",
        type=FloatParam(5, 90),
        metavar="PERCENT",
        help="Say stop when a rep is this much slower than the fastest of its set; full plates must be in view.",
    ),
)
"""Options of the plan of a run."""


def pop_plan(overrides: dict[str, object]) -> SetPlan:
    """Remove the values of the plan's options from the values of all options, and return the plan that they state."""
    target, rest_s, percent = overrides.pop("target"), overrides.pop("rest"), overrides.pop("stop_at_loss")
    sets, reps = target if isinstance(target, tuple) else (None, None)
    return SetPlan(
        sets=sets,
        reps=reps,
        rest_s=rest_s if isinstance(rest_s, float) else None,
        stop_at_loss=percent / 100 if isinstance(percent, float) else None,
    )
