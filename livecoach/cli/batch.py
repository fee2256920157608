"""The command `batch`: analyses thousands of recordings."""

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from livecoach.batch import running, tables
from livecoach.batch.finding import recordings
from livecoach.batch.folder import BatchFolder, key_of
from livecoach.batch.running import Task, TaskOutcome
from livecoach.batch.summary import PAGE, render, summarise
from livecoach.cli import options
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write
from livecoach.cli.progress import bar, nominal_s
from livecoach.errors import SourceError

LEAST_LIMIT_S, TIMES_AS_LONG, UNKNOWN_LIMIT_S = 120.0, 20.0, 3600.0
"""Time limit of a recording: a base in seconds plus a multiple of its length; the third if the length is unknown. A
busy machine takes twice as long as the recording lasts."""


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder for results, tables and page."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Recordings at a time on this machine. [default: one for each processor]",
)
@click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers do the work, as tcp://host:8786.")
@click.option(
    "--limit",
    type=options.Decimal(0, running.MOST_LIMIT_S, min_open=True),
    metavar="SECONDS",
    help="Time after which a recording counts as hung. [default: 20 times its length, at least 120]",
)
@click.option("--retry", is_flag=True, help="Try recordings that failed before again.")
@options.recorded_exercise
@options.pose
@options.height
def batch(  # noqa: PLR0913, PLR0917 - click hands over each option
    sources: tuple[str, ...],
    out: Path,
    jobs: int | None,
    scheduler: str | None,
    limit: float | None,
    retry: bool,
    exercise: str | None,
    pose: str | None,
    height: float | None,
) -> None:
    """Analyse many recordings, here or on a cluster, and sum them up.

    A source is a recording, a folder with all below it, a pattern such as "clips/**/*.mp4", or a text file with one
    recording a line; - reads such a list from standard input. Each recording is analysed in a process of its own, so
    that a crash or a hang costs that recording only. Finished recordings are not analysed again: after an interruption,
    the same command continues. DIR then holds reps, faults, errors and recordings as Parquet, and index.html, which
    says what to look at. The settings file does not apply.

    Example: livecoach lab batch archive/ --out archive-results --jobs 8
    """

    tables.check_installed()
    # Reports a bad option before any work is done.
    settings = options.settings(exercise=exercise, pose=pose, height=height)
    given = {"--exercise": exercise, "--pose": pose and settings.pose, "--height": height}
    arguments = tuple(f"{name}={value}" for name, value in given.items() if value is not None)
    paths = recordings(sources)
    with BatchFolder(out).opened() as folder:
        keys, tasks = _tasks(folder, paths, arguments, limit, retry=retry)
        if len(tasks) < len(paths):
            say(f"{len(paths) - len(tasks):,} of {len(paths):,} recordings were done before.")
        try:
            _work(folder, tasks, jobs or os.cpu_count() or 1, scheduler)
        except KeyboardInterrupt:
            _sum_up(folder, keys)
            raise
        failed = _sum_up(folder, keys)
    if failed:
        sys.exit(SourceError.exit_code)


def _tasks(
    folder: BatchFolder, paths: Sequence[Path], arguments: tuple[str, ...], limit: float | None, *, retry: bool
) -> tuple[list[str], list[Task]]:
    """Return the keys of all recordings, and the tasks of those that are not done."""

    keys, tasks = [], []
    for path in paths:
        key = key_of(path, arguments)
        keys.append(key)
        known = folder.known(key)
        if known is None or (retry and known.document is None):
            limit_s = _limit_s(path) if limit is None else limit
            tasks.append(Task(key=key, recording=str(path), options=arguments, limit_s=limit_s))
    return keys, tasks


def _limit_s(path: Path) -> float:
    length_s = nominal_s(path) if os.path.isfile(path) else 0.0
    if length_s is None:
        return UNKNOWN_LIMIT_S
    # A header may claim any length, even a negative one.
    return min(LEAST_LIMIT_S + TIMES_AS_LONG * max(length_s, 0.0), running.MOST_LIMIT_S)


def _work(folder: BatchFolder, tasks: Sequence[Task], jobs: int, scheduler: str | None) -> None:
    """Run the tasks, and store each outcome as it arrives."""

    def outcomes() -> Generator[TaskOutcome, None, None]:
        if scheduler is not None:
            return running.on_cluster(tasks, scheduler, say)
        return running.on_this_machine(tasks, jobs)

    if not tasks:
        return
    failed = 0
    with bar() as show, closing(outcomes()) as done:
        show(f"0 of {len(tasks):,}", 0.0)
        for number, outcome in enumerate(done, 1):
            folder.keep(outcome)
            failed += outcome.document is None
            also = f", {failed:,} failed" if failed else ""
            show(f"{number:,} of {len(tasks):,}{also}", number / len(tasks))


def _sum_up(folder: BatchFolder, keys: Sequence[str]) -> int:
    """Write the tables and the page for finished recordings, print a summary, and return how many recordings failed."""

    def outcomes() -> Iterator[TaskOutcome]:
        return (outcome for key in keys if (outcome := folder.known(key)) is not None)

    tables.write(folder.path, outcomes())
    summary = summarise(outcomes())
    left = len(keys) - summary.recordings
    place = folder.path / PAGE
    with atomic_write(place, "--out") as part:
        part.write_text(render(summary, left), encoding="utf-8")
    click.echo(
        f"{summary.analysed:,} of {len(keys):,} recordings analysed: {summary.reps:,} reps, "
        f"{summary.anomalous:,} to look at."
    )
    failures = summary.counts["failures"]
    if failures:
        click.echo(f"{failures:,} failed, the first one: {summary.failures[0].recording}: {summary.failures[0].text}")
    if left:
        click.echo(f"{left:,} are not done. The same command continues with them.")
    click.echo(f"{place} says what to look at.")
    return failures
