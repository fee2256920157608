"""The commands that measure how far faults show in what is observed: gains, repeatability, frames, back, back-named."""

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
from livecoach.cli.lab_needs import PATH

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Progress, Table


@click.command()
@seed_option(20)
@count_option("--sets", 36, "rendered sets, deadlift and squat by turns")
@cache_option
@figures
def gains(*, seed: int, sets: int, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure how much of each fault pose estimation shows.

    Each figure is a share of what synthetic motion shows.

    Sets of bodies for training are rendered. rendered_gains.yaml takes from here what is well under 1.

    Example: livecoach measure gains --sets 36
    """
    from livecoach.lab.measure import gains as pose_gains

    return pose_gains.measure(seed, sets, cache_of(cache), progress)


@click.command()
@exercise_argument
@count_option("--rendered", 36, "rendered sets, of both exercises", least=0)
@click.option(
    "--rendered-seed", type=click.IntRange(0), default=20, show_default=True, metavar="N", help="Seed of these sets."
)
@count_option("--synthetic", 60, "sets of synthetic motion", least=0)
@seed_option(7)
@cache_option
@click.option("--picture", type=PATH, metavar="FILE", help="Draw the distances of each kind of set on a PNG.")
@figures
def repeatability(
    *,
    exercise: str,
    rendered: int,
    rendered_seed: int,
    synthetic: int,
    seed: int,
    cache: Path | None,
    picture: Path | None,
    progress: "Progress",
) -> "list[Table]":
    """Measure how much the good reps of one set differ.

    It compares that with what the model expects.

    Real sets of LIVECOACH_DATA, rendered sets and sets of synthetic motion stand side by side.

    Example: livecoach measure repeatability squat --picture repeatability.png
    """
    from livecoach.lab.measure.repeatability import Repeatability, draw

    measured = Repeatability(exercise)
    tables = measured.measure(seed, synthetic, rendered_seed, rendered, cache_of(cache), progress)
    if picture is not None:
        draw(measured.distances, picture)
    return tables


@click.command()
@seed_option(1)
@figures
def frames(*, seed: int, progress: "Progress") -> "list[Table]":
    """Measure how well faults show in single real frames.

    Frames of real lifters with a fault are compared with their good ones.

    The tables of landmarks in LIVECOACH_DATA hold the frames. There is no reference of the lifter's own.

    Example: livecoach measure frames
    """
    from livecoach.lab.measure import frames as real_frames

    progress("frames", 0.0)
    return real_frames.measure(seed)


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


COMMANDS = (gains, repeatability, frames, back, back_named)
