"""The command that lists the voices."""

import click
from rich.console import Console
from rich.table import Table

from livecoach.cli import options


@click.command()
@options.language_of("what is spoken")
def voices(language: str | None) -> None:
    """List the voices, and which one speaks.

    Each voice says the number of a rep, and phrases. `sound.voice` in the settings chooses one; otherwise the voice of
    the language speaks, which is the system's unless `language` in the settings names another.

    Example: livecoach voices
    """
    from livecoach.feedback.voice import voice_info, voice_names
    from livecoach.language import LANGUAGES

    used = options.voice_name(options.settings(language=language))
    table = Table(box=None, pad_edge=False)
    for name in ("voice", "language", "made by", "phrases", "in use"):
        table.add_column(name, justify="right" if name == "phrases" else "left")
    for info in map(voice_info, voice_names()):
        mark = "yes" if info.name == used else ""
        table.add_row(info.name, LANGUAGES[info.language], info.title, str(info.phrases), mark)
    Console(highlight=False).print(table)
