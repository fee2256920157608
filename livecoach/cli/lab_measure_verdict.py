"""The commands that measure the verdict: form, verdict, verdict-real and motion."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import lab_needs
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
from livecoach.config import exercise as exercises

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

    Each lifter is judged beside five own reps of the same set, an earlier set, and a profile of another day.

    Example: livecoach measure form deadlift --lifters 40 --seed 5001
    """
    from livecoach.lab.measure import form as synthetic_form

    return synthetic_form.measure(exercise, seed, lifters, false_alarms, jobs_of(jobs), progress)


@click.command()
@click.option("--bodies", type=BODIES, default="judging", show_default=True, help="Bodies that are rendered.")
@seed_option(21)
@count_option("--sets", 44, "sets, deadlift and squat by turns")
@cache_option
@figures
def verdict(*, bodies: str, seed: int, sets: int, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure alarms on rendered sets with faults.

    Two good reps come first, and nothing is known of the lifter before. The verdict is measured, not counting: every
    movement that the state machine finds is judged.

    Example: livecoach measure verdict --sets 44 --seed 21
    """
    from livecoach.lab.measure import verdict as rendered_verdict

    return rendered_verdict.measure(bodies, seed, sets, cache_of(cache), progress)


@click.command()
@pose_option
@click.option("--own", type=click.IntRange(1), metavar="N", help="Reps of the reference that are used; else all.")
@cache_option
@figures
def verdict_real(*, pose: str, own: int | None, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure alarms on the real sets of LIVECOACH_DATA.

    Each good set of a lifter is the reference in turn, and judges all other sets: in the same session, the next day,
    and a faulty set on three days in a row. Every good set is judged by itself, too.

    Example: livecoach measure verdict-real --own 3
    """
    from livecoach.lab.measure import verdict_real as real_verdict

    return real_verdict.measure(cache_of(cache), pose, own, progress)


@click.command()
@exercise_argument
@click.option("--motion", "folder", type=PATH, required=True, metavar="DIR", help="Folder of UI-PRMD's movements.")
@lab_needs.cache_option
@jobs_option
@figures
def motion(*, exercise: str, folder: Path, cache: Path | None, jobs: int | None, progress: "Progress") -> "list[Table]":
    """Measure encoders on recorded movements of real people.

    The people do a squat or a lunge, correctly and incorrectly, before virtual cameras that are moved. Encoders learn
    from other people and from synthetic lifters.

    Example: livecoach measure motion squat --motion uiprmd
    """
    from livecoach.lab.measure import motion as real_motion
    from livecoach.lab.train.model_parts import Making
    from livecoach.lab.train.recipes import recipe_of

    rules = exercises.load(exercise)
    making = Making(
        exercise=rules,
        recipe=recipe_of(rules),
        before=lab_needs.own_folder(rules),
        cache=lab_needs.cache_of(cache),
        jobs=jobs_of(jobs),
        progress=progress,
    )
    return real_motion.measure(exercise, making.dataset(), folder, progress)


COMMANDS = (form, verdict, verdict_real, motion)
