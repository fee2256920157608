"""The command that lists the exercises, and the faults of one."""

import click
from rich.console import Console
from rich.table import Table

from livecoach.cli.help import complete_exercise


@click.command()
@click.argument("name", required=False, metavar="[NAME]", shell_complete=complete_exercise)
def exercises(name: str | None) -> None:
    """List the exercises, or the faults of one.

    A fault's name is what `livecoach correct` takes.

    Example: livecoach exercises squat
    """
    if name is None:
        _print_exercises()
    else:
        _print_faults(name)


def _print_exercises() -> None:
    from livecoach.config import exercise
    from livecoach.config.paths import models_dir

    table = Table(box=None, pad_edge=False)
    for column in ("exercise", "title", "a rep begins", "model"):
        table.add_column(column)
    for name in exercise.names():
        rules = exercise.load(name)
        table.add_row(name, rules.title, rules.reps.rest, rules.model)
    Console(highlight=False).print(table)
    click.echo(f"`livecoach exercises NAME` lists the faults of one. The models lie in {models_dir()}.")


def _print_faults(name: str) -> None:
    """Print the faults of an exercise, those that are corrected first at the top. Raises ConfigError."""
    from livecoach.config import exercise
    from livecoach.rep.measures import load_faults

    rules, faults = exercise.load(name), load_faults(name).faults
    if not faults:
        click.echo(f"{rules.title}: no faults are named. A rep is judged by its score alone.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("fault", "what happened", "what livecoach says"):
        table.add_column(column)
    for fault, known in faults.items():
        table.add_row(fault, known.words, known.cue)
    Console(highlight=False).print(table)
    click.echo("Of two that are about as severe, livecoach corrects the one that stands first here.")
