"""The commands that measure the verdict: form, verdict, scorers and alarms."""

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
    pose_option,
    seed_option,
)
from livecoach.cli.lab_needs import PATH, jobs_of, jobs_option

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Progress, Table


@click.command()
@exercise_argument
@count_option("--lifters", 100, "synthetic lifters")
@seed_option(1001)
@click.option(
    "--false-alarms",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Share of good reps that may be called anomalous; else as shipped.",
)
@jobs_option
@figures
def form(
    *, exercise: str, lifters: int, seed: int, false_alarms: float | None, jobs: int | None, progress: "Progress"
) -> "list[Table]":
    """Measure alarms and named faults on synthetic motion.

    The motion goes through the whole pipeline.

    Each lifter is judged with five own reps of another day, and with five own reps of the same set.

    Example: livecoach measure form deadlift --lifters 40 --seed 5001
    """
    from livecoach.lab.measure import form as synthetic_form

    return synthetic_form.measure(exercise, seed, lifters, false_alarms, jobs_of(jobs), progress)


@click.command()
@exercise_argument
@seed_option(0)
@pose_option
@cache_option
@figures
def form_real(*, exercise: str, seed: int, pose: str, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure alarms and named faults on real single reps.

    The reps are those of LIVECOACH_DATA, and a depth camera's deadlifts.

    Nothing is known of a lifter at the start; livecoach learns within the clip, as it does live.

    Example: livecoach measure form-real deadlift
    """
    from livecoach.lab.measure import form_real as real_form

    return real_form.measure(exercise, pose, seed, cache_of(cache), progress)


@click.command()
@click.option("--bodies", type=BODIES, default="judging", show_default=True, help="Bodies that are rendered.")
@seed_option(21)
@count_option("--sets", 44, "sets, deadlift and squat by turns")
@cache_option
@figures
def verdict(*, bodies: str, seed: int, sets: int, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure alarms on rendered sets with faults.

    It measures them beside a plain rival that needs no training.

    Two good reps come first, and nothing is known of the lifter before. The verdict is measured, not counting: every
    movement that the state machine finds is judged.

    Example: livecoach measure verdict --sets 44 --seed 21
    """
    from livecoach.lab.measure import verdict as rendered_verdict

    return rendered_verdict.measure(bodies, seed, sets, cache_of(cache), progress)


@click.command()
@pose_option
@cache_option
@figures
def verdict_real(*, pose: str, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure alarms on the real sets of LIVECOACH_DATA.

    It measures them beside a plain rival that needs no training.

    Each good set is judged by itself, and the sets of two squatters after ten reps of a correct set of theirs.

    Example: livecoach measure verdict-real --pose full
    """
    from livecoach.lab.measure import verdict_real as real_verdict

    return real_verdict.measure(cache_of(cache), pose, progress)


@click.command()
@exercise_argument
@click.option("--data", type=PATH, required=True, metavar="DIR", help="Synthetic dataset to fit the scorers on.")
@click.option("--simple", is_flag=True, help="Leave the networks out.")
@seed_option(0)
@cache_option
@figures
def scorers(
    *, exercise: str, data: Path, simple: bool, seed: int, cache: Path | None, progress: "Progress"
) -> "list[Table]":
    """Compare every kind of scorer on real reps.

    Each scorer is fitted on synthetic reps and measured on the real ones of LIVECOACH_DATA.

    `livecoach dataset --synthetic` makes the dataset.

    Example: livecoach measure scorers deadlift --data synthetic --simple
    """
    from livecoach.lab.measure import scorers as kinds_of_scorers

    return kinds_of_scorers.measure(exercise, data, not simple, seed, cache_of(cache), progress)


@click.command()
@exercise_argument
@click.option("--model", type=PATH, metavar="DIR", help="Model folder; else the exercise's own.")
@click.option("--write", is_flag=True, help="Write the factor that was found to real_limits.yaml.")
@pose_option
@cache_option
@figures
def alarms(
    *, exercise: str, model: Path | None, write: bool, pose: str, cache: Path | None, progress: "Progress"
) -> "list[Table]":
    """Measure how often real reps are called anomalous.

    The reps are those of LIVECOACH_DATA.

    --write keeps the factor by which the limits move out so that 5 % of the real good reps or fewer are past them; run
    `livecoach train scorer` after it.

    Example: livecoach measure alarms deadlift
    """
    from livecoach.lab.measure import alarms as scorer_alarms
    from livecoach.lab.scorers.limits import REAL_LIMITS, read_real_limits, write_real_limits

    tables, limit = scorer_alarms.measure(exercise, pose, model, cache_of(cache), progress)
    if write:
        write_real_limits(REAL_LIMITS, {**read_real_limits(REAL_LIMITS), exercise: limit})
    return tables


COMMANDS = (form, form_real, verdict, verdict_real, scorers, alarms)
