"""Analyses thousands of recordings into a folder, and summarises them, for `analyze --out`.

The folder has one file for each finished recording, so that a killed batch resumes where it stopped:

    results/KEY.json    the document of `livecoach analyze`, or the failure, with the recording's path
    reps.csv, faults.csv, errors.csv, recordings.csv, the same as .parquet where pyarrow is installed, index.html

A key is a digest of the recording's path, size and modification time, of the options, and of livecoach's version. A
recording is analysed again only if one of these changes, its result is damaged, or failures are to be tried again.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter

from livecoach import __version__
from livecoach.batch.batch_summary import PAGE, render_summary, summarise_batch, write_tables
from livecoach.batch.running import MOST_LIMIT_S, Task, TaskOutcome, parse_analysis, run_tasks
from livecoach.capture.file import list_pictures
from livecoach.cli.output import check_no_device, write_text
from livecoach.cli.progress import progress_bar, read_nominal_length_s
from livecoach.core.config.files import lock_folder, make_private_folder, write_private_text
from livecoach.core.errors import OutputError, SourceError
from livecoach.core.types.bounds import to_printable
from livecoach.records.session.opening import is_session_folder
from livecoach.run.opened_recording import find_recordings
from livecoach.run.process import say

RESULTS = "results"
FORMAT = 1
LEAST_LIMIT_S, TIMES_AS_LONG, UNKNOWN_LIMIT_S = 120.0, 20.0, 3600.0
"""Time limit of a recording: a least time in seconds, plus a multiple of the recording's length; and the limit in
seconds if the length is unknown. A busy machine takes twice as long as the recording lasts."""
_OUTCOME = TypeAdapter(TaskOutcome)


def recording_key(recording: Path, options: Sequence[str]) -> str:
    """Return a digest of a recording's path, size and modification time, of the options, and of livecoach's version."""
    try:
        about = recording.stat()
        state = [about.st_size, about.st_mtime_ns]
    except OSError:
        state = []
    return hashlib.sha256(json.dumps([str(recording), state, list(options), __version__]).encode()).hexdigest()[:24]


class BatchFolder:
    """The folder of `analyze --out`, in which the outcome of each finished recording is stored."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._results = path / RESULTS

    @contextmanager
    def open(self) -> "Iterator[BatchFolder]":
        """Create the folder unless it exists, and lock it against other batches during the block.

        Raises OutputError if the folder can't be written, or another batch uses it.
        """
        with ExitStack() as stack:
            try:
                make_private_folder(self.path)
                make_private_folder(self._results)
                stack.enter_context(lock_folder(self.path, wait_s=0.0))
            except BlockingIOError as err:
                raise OutputError(
                    f"{self.path}: another batch is writing here. Wait for it, or choose another --out."
                ) from err
            except OSError as err:
                raise self._error(err) from err
            yield self

    def store(self, outcome: TaskOutcome) -> None:
        """Store the outcome of a recording, completely or, if the power fails, not at all.

        Raises OutputError if the folder can't be written.
        """
        text = json.dumps({"format": FORMAT, **asdict(outcome)})
        try:
            write_private_text(self._results / f"{outcome.key}.json", text)
        except OSError as err:
            raise self._error(err) from err

    def read_outcome(self, key: str) -> TaskOutcome | None:
        """Read the outcome that is stored under a key; None if the file is missing, damaged or of another format."""
        try:
            fields: dict[str, Any] = json.loads((self._results / f"{key}.json").read_bytes())
            if fields.pop("format", None) != FORMAT:
                return None
            # A name that is not UTF-8 fits into no table and no page.
            texts = {name: to_printable(fields[name]) for name in ("recording", "message") if fields[name]}
            outcome = _OUTCOME.validate_python({**fields, **texts})
            if outcome.kind is None or outcome.document is not None:
                parse_analysis(outcome.document or "")
            return outcome
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def _error(self, err: OSError) -> OutputError:
        return OutputError(f"{self.path}: can't be written ({err.strerror or err}). Choose another --out.")


def expand_folders(sources: Iterable[Path]) -> Iterator[Path]:
    """Yield the sources, but for a folder of recordings, yield the recordings in the folder and its subfolders.

    Sessions, and folders that have pictures but no recordings, are yielded as they are.

    Raises SourceError if a folder has neither recordings nor pictures, or can't be read.
    """
    for source in sources:
        if not os.path.isdir(source) or is_session_folder(source):
            yield source
            continue
        found = sorted(find_recordings(source))
        if not found and list_pictures(source):
            found = [source]
        if not found:
            raise SourceError(f"{source}: neither a session nor a folder with recordings in it. Name one of these.")
        yield from found


def option_words(**options: object) -> tuple[str, ...]:
    """Return options as words of a command line, such as "--pose=full".

    Args:
        options: Values by the names of options; None leaves an option out, and False gives "--no-NAME".
    """
    words = {name: value for name, value in options.items() if value is not None}
    return tuple(f"--no-{name}" if value is False else f"--{name}={value}" for name, value in words.items())


def show_progress(outcomes: Iterable[TaskOutcome], count: int) -> Iterator[TaskOutcome]:
    """Yield outcomes as they come, and show on standard error how many of `count` have come, and how many failed."""
    failed = 0
    with progress_bar(lines=True) as show:
        show(f"0 of {count:,}", 0.0)
        for number, outcome in enumerate(outcomes, 1):
            yield outcome
            failed += outcome.document is None
            also = f", {failed:,} failed" if failed else ""
            show(f"{number:,} of {count:,}{also}", number / count)


def analyse_into_folder(
    out: Path, recordings: Iterable[Path], options: tuple[str, ...], jobs: int, *, limit_s: float | None, retry: bool
) -> int:
    """Analyse into a folder the recordings that have no result there yet, and return how many failed, now or before.

    The folder also gets a summary of all finished recordings, even after Ctrl-C. Raises LivecoachError if the folder
    can't be used, or the tasks can't be run.

    Args:
        jobs: How many recordings are analysed at a time.
        limit_s: Seconds after which a recording counts as hung; None to compute the limit from the recording's length.
        retry: Whether to analyse again the recordings that failed before.
    """
    check_no_device(out, "--out")
    with BatchFolder(out).open() as folder:
        paths = sorted(Path(os.path.abspath(path)) for path in recordings)
        keys = {path: recording_key(path, options) for path in paths}
        tasks = []
        for path, key in keys.items():
            known = folder.read_outcome(key)
            if known is None or (retry and known.document is None):
                task_limit_s = time_limit_s(path) if limit_s is None else limit_s
                tasks.append(Task(key=key, recording=str(path), options=options, limit_s=task_limit_s))
        if len(tasks) < len(paths):
            say(f"{len(paths) - len(tasks):,} of {len(paths):,} recordings were done before.")
        try:
            if tasks:
                with closing(run_tasks(tasks, jobs)) as outcomes:
                    for outcome in show_progress(outcomes, len(tasks)):
                        folder.store(outcome)
        except KeyboardInterrupt:
            _sum_up(folder, list(keys.values()))
            raise
        return _sum_up(folder, list(keys.values()))


def time_limit_s(path: Path) -> float:
    """Return the time in seconds after which a recording counts as hung.

    The limit grows with the recording's length, up to MOST_LIMIT_S. It is LEAST_LIMIT_S for a folder, and
    UNKNOWN_LIMIT_S for a file whose length can't be read.
    """
    length_s = read_nominal_length_s(path) if os.path.isfile(path) else 0.0
    if length_s is None:
        return UNKNOWN_LIMIT_S
    # A header may claim any length, even a negative one.
    return min(LEAST_LIMIT_S + TIMES_AS_LONG * max(length_s, 0.0), MOST_LIMIT_S)


def _sum_up(folder: BatchFolder, keys: Sequence[str]) -> int:
    """Write the tables and the page for finished recordings, print a summary, and return the number of failures."""

    def outcomes() -> Iterator[TaskOutcome]:
        return (outcome for key in keys if (outcome := folder.read_outcome(key)) is not None)

    write_tables(folder.path, outcomes())
    summary = summarise_batch(outcomes())
    left = len(keys) - summary.recordings
    place = folder.path / PAGE
    write_text(place, "--out", render_summary(summary, left))
    counts = f"{summary.reps:,} reps, {summary.anomalous:,} to check"
    click.echo(f"{summary.analysed:,} of {len(keys):,} recordings analysed: {counts}.")
    failures = summary.failures
    if failures:
        first = failures[0]
        click.echo(f"{len(failures):,} failed, the first one: {first.recording}: {first.text}")
    if left:
        click.echo(f"{left:,} are not done. The same command continues with them.")
    click.echo(f"{place} says what to look at.")
    return len(failures)
