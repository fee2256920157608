"""The commands that measure livecoach: measure counts, measure form and the like."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli.lab_options import (
    BODIES,
    PATH,
    cache_option,
    count_option,
    exercise_argument,
    exercises_option,
    figures,
    jobs_of,
    jobs_option,
    measuring_cache,
    needs_packages,
    pose_option,
    seed_option,
)
from livecoach.cli.options import MOST, Decimal

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Progress, Table

HARD_MINUTES = 30.0


@click.group()
@needs_packages("train")
def measure() -> None:
    """Measure how well livecoach counts and judges.

    The sets are synthetic, rendered or real.

    Real clips are no part of the project: the environment variable LIVECOACH_DATA names their folder. Shares come with
    95 % Wilson intervals.
    """


@measure.command()
@click.option(
    "--motion", type=click.IntRange(1, MOST), metavar="N", help="Count N sets of synthetic motion, each exercise."
)
@click.option(
    "--faults", type=click.IntRange(1, MOST), metavar="N", help="Count N sets of each fault alone, not drawn."
)
@click.option("--synthetic", type=PATH, metavar="DIR", help="Count the synthetic sets in a folder.")
@exercises_option
@seed_option(4102)
@pose_option
@cache_option
@figures
def counts(
    *,
    motion: int | None,
    faults: int | None,
    synthetic: Path | None,
    exercise: tuple[str, ...],
    seed: int,
    progress: "Progress",
    **given: Any,
) -> "list[Table]":
    """Compare counts with the truth.

    The reps are those of real clips, or of synthetic sets.

    Without an option it counts the clips of LIVECOACH_DATA, with the exercise given; an empty room is counted as each
    of the exercises. It compares livecoach with "one" (always one rep), "peaks" (in the height of wrists or hips) and
    "angle" (crossings of a hip or knee angle). --synthetic does the same for rendered sets and sets of motion in a
    folder. --motion counts sets of 3 to 12 reps with what is no rep between them, and says what a set is seen with.
    --faults counts sets in which all reps have one fault at its strongest.

    Example: livecoach lab measure counts --motion 200
    """
    if sum(given is not None for given in (motion, faults, synthetic)) > 1:
        raise click.UsageError("--motion, --faults and --synthetic: choose one of them.")
    from livecoach.lab.measure import counts as counting

    if motion is not None:
        sets = counting.motion(exercise, motion, seed)
        return counting.measure_sets(f"Synthetic motion, seed {seed}", sets, progress, motion * len(exercise))
    if faults is not None:
        sets = counting.of_one_fault(exercise, faults, seed)
        return counting.measure_sets(f"Sets of one fault alone, seed {seed}", sets, progress)
    kept, pose = measuring_cache(given["cache"]), given["pose"]
    clips = counting.real(exercise) if synthetic is None else counting.synthetic(synthetic)
    return counting.measure_clips(clips, kept, pose, progress)


@measure.command()
@click.option(
    "--motion", type=click.IntRange(1, MOST), metavar="N", help="Count N sets of synthetic motion without a rep."
)
@click.option(
    "--hard",
    type=Decimal(0, 100_000, min_open=True),
    is_flag=False,
    flag_value=HARD_MINUTES,
    metavar="MINUTES",
    help=f"Count this much motion of what is most like a rep; {HARD_MINUTES:g} minutes where none are given.",
)
@click.option("--clips", type=PATH, metavar="DIR", help="Count the rendered clips in a folder that hold no rep.")
@click.option("--real", is_flag=True, help="Count the empty rooms and idle intervals of LIVECOACH_DATA.")
@exercises_option
@seed_option(4200)
@pose_option
@cache_option
@figures
def ghosts(
    *,
    motion: int | None,
    hard: float | None,
    clips: Path | None,
    real: bool,
    exercise: tuple[str, ...],
    seed: int,
    progress: "Progress",
    **given: Any,
) -> "list[Table]":
    """Count ghosts: reps that are counted and are none.

    Sets of motion are of bodies for judging, with nothing but what is no rep, each counted as each of the exercises.
    Most items of --hard are like a rep, and a fifth are done two or three times in a row. A bar that is dropped from
    the top was lifted: counted or not, it is no ghost.

    Example: livecoach lab measure ghosts --motion 60 --seed 7602
    """
    if not (motion or hard or clips or real):
        raise click.UsageError("Name what to count: --motion, --hard, --clips or --real.")
    from livecoach.lab.measure import counts as counting

    kept, pose = measuring_cache(given["cache"]), given["pose"]
    tables: list[Table] = []
    if motion is not None:
        sets = counting.no_reps(exercise, motion, seed)
        tables += counting.measure_sets("Motion without a rep", sets, progress, motion * len(exercise))
    if hard is not None:
        tables += counting.measure_sets("Hard motion without a rep", counting.hard(exercise, hard, seed), progress)
    if clips is not None:
        tables += counting.measure_sets("Rendered", counting.rendered(exercise, clips, kept, pose), progress)
    return [*tables, *counting.ghosts(exercise, kept, pose, progress)] if real else tables


@measure.command()
@click.option("--clips", type=click.IntRange(1, 20), default=20, metavar="N", help="How many of 20 clips.")
@pose_option
@cache_option
@figures
def lock(*, clips: int, pose: str, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure whether the lifter stays the lifter.

    Somebody else is in the picture. Each clip is run without and with the lock.

    Clips of bodies for judging are rendered, half a minute each: somebody passes in front or behind, stands beside the
    lifter or spots. The truth of all people tells whose the landmarks of a frame are.

    Example: livecoach lab measure lock --clips 5
    """
    from livecoach.lab.measure import lock as lifter_lock

    return lifter_lock.measure(clips, pose, measuring_cache(cache), progress)


@measure.command()
@exercise_argument
@count_option("--lifters", 100, "synthetic lifters")
@seed_option(1001)
@click.option(
    "--false-alarms",
    type=Decimal(0, 1),
    metavar="SHARE",
    help="Share of good reps that may be called anomalous; by default as shipped.",
)
@jobs_option
@figures
def form(
    *, exercise: str, lifters: int, seed: int, false_alarms: float | None, jobs: int | None, progress: "Progress"
) -> "list[Table]":
    """Measure alarms and named faults on synthetic motion.

    The motion goes through the whole pipeline.

    Each lifter is judged beside five own reps of the same set, an earlier set, and a profile of another day.

    Example: livecoach lab measure form deadlift --lifters 40 --seed 5001
    """
    from livecoach.lab.measure.judge_sets import measure_synthetic

    return measure_synthetic(exercise, seed, lifters, false_alarms, jobs_of(jobs), progress)


@measure.command()
@click.option("--bodies", type=BODIES, default="judging", help="Bodies that are rendered.")
@seed_option(21)
@count_option("--sets", 44, "sets, deadlift and squat in turn")
@cache_option
@figures
def verdict(*, bodies: str, seed: int, sets: int, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure alarms on rendered sets with faults.

    Two good reps come first, and nothing is known of the lifter before. The verdict is measured, not counting: every
    movement that the state machine finds is judged.

    Example: livecoach lab measure verdict --sets 44 --seed 21
    """
    from livecoach.lab.measure.judge_sets import measure_rendered

    return measure_rendered(bodies, seed, sets, measuring_cache(cache), progress)


@measure.command()
@pose_option
@click.option(
    "--own",
    type=click.IntRange(1, MOST),
    metavar="N",
    help="Number of reps of the reference that are used; by default all.",
)
@cache_option
@figures
def verdict_real(*, pose: str, own: int | None, cache: Path | None, progress: "Progress") -> "list[Table]":
    """Measure alarms on the real sets of LIVECOACH_DATA.

    Each good set of a lifter is the reference in turn, and judges all other sets: in the same session, the next day,
    and a faulty set on three days in a row. Every good set is judged by itself, too.

    Example: livecoach lab measure verdict-real --own 3
    """
    from livecoach.lab.measure.judge_sets import measure_real

    return measure_real(measuring_cache(cache), pose, own, progress)


@measure.command()
@count_option("--sets", 28, "rendered sets of judging bodies")
@click.option("--real", type=PATH, metavar="CSV", help="Measure the real reps that a table labels, too.")
@seed_option(5201)
@cache_option
@jobs_option
@figures
def depth(
    *, sets: int, real: Path | None, seed: int, cache: Path | None, jobs: int | None, progress: "Progress"
) -> "list[Table]":
    """Measure how exactly the depth of squats is known.

    Rendered squats of bodies that nothing was trained on stop at any depth; the truth is that of their mesh. --real
    compares with labels by eye of the clips of LIVECOACH_DATA.

    Example: livecoach lab measure depth --real tests/data/squat_depth.csv
    """
    from livecoach.decisions.rep.depth import load_shipped_depth
    from livecoach.lab import depth as depths

    kept = measuring_cache(cache)
    model = load_shipped_depth()
    reps = depths.squats("judging", seed, sets, kept, jobs_of(jobs), progress)
    tables = depths.measure(model, reps, f"Depth: {sets} rendered sets, judging bodies, seed {seed}")
    return tables if real is None else [*tables, *depths.measure_real(model, real, kept, progress)]


@measure.command()
@click.option("--motion", type=click.IntRange(1, MOST), metavar="N", help="Recognise N sets of synthetic motion.")
@click.option(
    "--rendered", type=click.IntRange(1, MOST), metavar="N", help="Recognise N rendered sets, and what is none."
)
@click.option("--real", is_flag=True, help="Recognise the clips of LIVECOACH_DATA.")
@seed_option(9301)
@pose_option
@cache_option
@figures
def recognition(
    *,
    motion: int | None,
    rendered: int | None,
    real: bool,
    seed: int,
    pose: str,
    cache: Path | None,
    progress: "Progress",
) -> "list[Table]":
    """Measure how well exercises are recognised.

    It measures how often the exercise is recognised, how often other movements are refused, and how soon.

    Synthetic and rendered sets are of judging bodies, from every side that the exercise is filmed from. A set or clip
    is right where the belief at the end of its first rep is sure and right; what is none of the exercises is right
    where the belief is never sure.

    Example: livecoach lab measure recognition --motion 500
    """
    if not (motion or rendered or real):
        raise click.UsageError("Name what to recognise: --motion, --rendered or --real.")
    from livecoach.lab.measure import recognise

    kept, tables = measuring_cache(cache), list["Table"]()
    if motion is not None:
        tables += recognise.measure_motion(motion, seed, progress)
    if rendered is not None:
        tables += recognise.measure_rendered(rendered, seed, kept, pose, progress)
    if real:
        from livecoach.decisions.recognition import model_file
        from livecoach.lab.measure.real_clips import every_clip

        clips = list(every_clip())
        tables += recognise.measure_clips("Real clips", clips, kept, pose, progress, model_file.load())
        tables.append(recognise.measure_runs(clips, kept, pose, progress))
        tables.append(recognise.measure_sessions(kept, pose, progress))
    return tables
