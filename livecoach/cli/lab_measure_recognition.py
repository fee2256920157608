"""The command that measures recognition: measure recognition."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.lab_measure_output import cache_of, cache_option, figures, pose_option, seed_option

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Progress, Table


@click.command()
@click.option("--motion", type=click.IntRange(1), metavar="N", help="Recognise N sets of synthetic motion.")
@click.option("--rendered", type=click.IntRange(1), metavar="N", help="Recognise N rendered sets, and what is none.")
@click.option("--rivals", is_flag=True, help="Train every kind of network and rival on the same sets, and compare.")
@click.option("--real", is_flag=True, help="Recognise the clips of LIVECOACH_DATA.")
@seed_option(9301)
@pose_option
@cache_option
@figures
def recognition(
    *,
    motion: int | None,
    rendered: int | None,
    rivals: bool,
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

    Example: livecoach measure recognition --motion 500
    """
    if not (motion or rendered or rivals or real):
        raise click.UsageError("Name what to recognise: --motion, --rendered, --rivals or --real.")
    from livecoach.lab.measure import recognition as recognised
    from livecoach.lab.measure import recognition_sets as sets

    kept, tables = cache_of(cache), list["Table"]()
    if motion is not None:
        tables += sets.measure_motion(motion, seed, progress)
    if rendered is not None:
        tables += sets.measure_rendered(rendered, seed, kept, pose, progress)
    if rivals:
        from livecoach.lab.measure import recognition_rivals

        tables += recognition_rivals.measure(kept, progress)
    if real:
        from livecoach.lab.measure.recognition_runs import measure_runs
        from livecoach.lab.recognition.real_clips import real_clips

        clips = list(real_clips())
        tables += recognised.measure_real(clips, kept, pose, progress)
        tables.append(measure_runs(clips, kept, pose, progress))
    return tables


COMMANDS = (recognition,)
