"""The help: commands in sections, and options that show the setting they stand for."""

import difflib
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from livecoach.errors import LivecoachError

KEYS = {
    "camera": "camera",
    "exercise": "exercise",
    "profile": "profile",
    "learn": "learn",
    "pose": "pose",
    "height": "height_cm",
    "mute": "sound.muted",
    "volume": "sound.volume",
    "good_rep": "sound.good_rep",
    "mirror": "mirror",
    "language": "language",
}
"""Option → setting."""


def complete_exercise(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Return the exercises whose names begin so, for the shell's completion."""
    from livecoach.config import exercise

    return [name for name in exercise.names() if name.startswith(begun)]


def complete_profile(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """Return the profiles whose names begin so, for the shell's completion."""
    from livecoach.errors import SourceError
    from livecoach.profile import profile_names

    try:
        return [name for name in profile_names() if name.startswith(begun)]
    except SourceError:  # the command will say so
        return []


class SectionedGroup(click.Group):
    """A group whose help lists its commands in sections, and that imports a command when it is asked for."""

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, Sequence[str]]], **kwargs: Any) -> None:
        """sections: title → module of `livecoach.cli` → names of its commands, all in the order of the help."""
        super().__init__(*args, **kwargs)
        self._sections = {title: [name for names in of.values() for name in names] for title, of in sections.items()}
        self._modules = {name: module for of in sections.values() for module, names in of.items() for name in names}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click's
        """Return the names of all commands, in the order of the help."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click's
        """Return the command of that name; None where there is none."""
        if cmd_name in self._modules and cmd_name not in self.commands:
            self.add_command(getattr(import_module(f"livecoach.cli.{self._modules[cmd_name]}"), cmd_name))
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names. Raises click.UsageError with the most similar name."""
        # click knows only the commands that were imported.
        close = difflib.get_close_matches(args[0], self._modules, n=1)
        if args[0] not in self._modules and close and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {close[0]!r}?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, with the first sentence of each command's help."""
        # One width for the names of all sections, so that the texts stand below each other.
        widest = max(map(len, self._modules), default=0)
        room = formatter.width - widest - 4  # click indents a name by two columns, and leaves two after it
        for title, names in self._sections.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(f"{name:<{widest}}", one.get_short_help_str(room)) for name, one in found if one is not None]
            with formatter.section(title):
                formatter.write_dl(rows)


class SettingOption(click.Option):
    """An option that stands for a setting. Its help shows the setting in force as its default."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what click shows in brackets. A broken settings file costs the default, not the help."""
        from livecoach.config.settings import setting, yaml_text

        extra = super().get_help_extra(ctx)
        try:
            value = setting(KEYS[str(self.name)]).value
        except LivecoachError:
            return extra
        if isinstance(value, bool):
            named = self.opts if value else self.secondary_opts
            shown = named[0] if named else ""
        else:
            shown = "" if value is None else yaml_text(value)
        return {**extra, "default": shown} if shown else extra
