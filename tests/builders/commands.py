"""Every command there is."""

from collections.abc import Iterator

import click

from livecoach.cli import cli
from livecoach.cli.options import LazyCommand


def every_command(command: click.Command = cli, *above: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a command, and those below it, with the words that name it: "lab synth render"."""
    if isinstance(command, LazyCommand):
        command = command.command
    yield " ".join(above), command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from every_command(command.commands[name], *above, name)
