"""The commands that measure how well the back's edge shows its faults: back, back-named."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.lab_measure_output import (
    BODIES,
    cache_of,
    cache_option,
    count_option,
    exercise_argument,
    figures,
    seed_option,
)

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Progress, Table


@click.command()
@exercise_argument
@click.option("--bodies", type=BODIES, default="training", show_default=True, help="Bodies that are rendered.")
@seed_option(1)
@count_option("--sets", 10, "sets at each azimuth")
@click.option("--view", "views_deg", type=int, multiple=True, metavar="DEG", help="Azimuth; 0 to 90 as a rule.")
@click.option("--spread", type=float, metavar="X", help="Spread of good reps to judge by; else that of these sets.")
@cache_option
@figures
def back(
    *,
    exercise: str,
    bodies: str,
    seed: int,
    sets: int,
    views_deg: tuple[int, ...],
    spread: float | None,
    cache: Path | None,
    progress: "Progress",
) -> "list[Table]":
    """Measure how well the back's edge shows a rounded back.

    The edge is that of the person's mask. It shows a tucked pelvis, too.

    Sets are rendered; the truth gives the phases of a rep, so that the edge alone is judged.

    Example: livecoach measure back deadlift --view 75 --view 90
    """
    from livecoach.lab.measure import back as back_edge

    where = views_deg or back_edge.VIEWS_DEG
    return back_edge.measure(exercise, bodies, seed, sets, where, spread, cache_of(cache), progress)


@click.command()
@click.option("--bodies", type=BODIES, default="judging", show_default=True, help="Bodies that are rendered.")
@seed_option(5)
@count_option("--sets", 5, "sets at each azimuth")
@click.option("--view", "views_deg", type=int, multiple=True, metavar="DEG", help="Azimuth; 66, 75 and 90 as a rule.")
@cache_option
@figures
def back_named(
    *, bodies: str, seed: int, sets: int, views_deg: tuple[int, ...], cache: Path | None, progress: "Progress"
) -> "list[Table]":
    """Measure how often a rounded back is named.

    The deadlifts are rendered and go through the whole pipeline.

    Nothing is known of the lifter before: the first good reps of a set are what the later ones are judged by.

    Example: livecoach measure back-named --sets 4 --view 75
    """
    from livecoach.lab.measure import back_named as named_backs

    return named_backs.measure(bodies, seed, sets, views_deg or named_backs.VIEWS_DEG, cache_of(cache), progress)


COMMANDS = (back, back_named)
