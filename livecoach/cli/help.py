"""The help: commands in sections, and options that show the setting they stand for."""

from collections.abc import Mapping, Sequence
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
    """A group whose help lists its commands in sections, in the order in which they were added."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sections: dict[str, tuple[str, ...]] = {}

    def add_sections(self, sections: Mapping[str, Sequence[click.Command]]) -> None:
        """Add commands. sections: title → commands."""
        for title, commands in sections.items():
            for command in commands:
                self.add_command(command)
            self._sections[title] = tuple(str(command.name) for command in commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click's
        """Write the sections, with the first sentence of each command's help."""
        # One width for the names of all sections, so that the texts stand below each other.
        widest = max((len(name) for names in self._sections.values() for name in names), default=0)
        room = formatter.width - widest - 4  # click indents a name by two columns, and leaves two after it
        for title, names in self._sections.items():
            rows = [(f"{name:<{widest}}", self.commands[name].get_short_help_str(room)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows)


class SettingOption(click.Option):
    """An option that stands for a setting. Its help shows the setting in force as its default."""

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what click shows in brackets. A broken settings file costs the default, not the help."""
        from livecoach.config.catalogue import setting, yaml_text

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
