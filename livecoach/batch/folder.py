"""The folder of a batch: one file for each finished recording, so that a killed batch resumes where it stopped.

    results/KEY.json    the document of `livecoach analyze`, or the failure, with the recording's path
    reps.parquet, faults.parquet, errors.parquet, recordings.parquet, index.html

A key is a digest of the recording's path, size and modification time, of the options, and of livecoach's version. A
recording is analysed again only where one of these changes.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from livecoach import __version__
from livecoach.batch.running import TaskOutcome
from livecoach.config.files import make_private_folder, written_whole
from livecoach.errors import OutputError
from livecoach.types.bounds import printable

RESULTS = "results"
LOCK = ".lock"
FORMAT = 1


def key_of(recording: Path, options: Sequence[str]) -> str:
    """The key of a recording in its present state, analysed with `options`."""
    try:
        about = recording.stat()
        state = [about.st_size, about.st_mtime_ns]
    except OSError:
        state = []
    said = json.dumps([str(recording), state, list(options), __version__])
    return hashlib.sha256(said.encode()).hexdigest()[:24]


class BatchFolder:
    """The finished part of a batch, on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._results = path / RESULTS

    @contextmanager
    def opened(self) -> "Iterator[BatchFolder]":
        """Create the folder, and lock it against other batches during the block. Raises OutputError."""
        try:
            make_private_folder(self.path)
            make_private_folder(self._results)
            lock = FileLock(self.path / LOCK, mode=0o600)
            lock.acquire(timeout=0)
        except Timeout as err:
            raise OutputError(
                f"{self.path}: another batch is writing here. Wait for it, or choose another --out."
            ) from err
        except OSError as err:
            raise self._error(err) from err
        try:
            yield self
        finally:
            lock.release()

    def keep(self, outcome: TaskOutcome) -> None:
        """Store the outcome of a recording, completely or, if the power fails, not at all. Raises OutputError."""
        text = json.dumps({"format": FORMAT, **asdict(outcome)})
        try:
            with written_whole(self._results / f"{outcome.key}.json", lasting=True) as part:
                part.write_text(text, encoding="utf-8")
        except OSError as err:
            raise self._error(err) from err

    def known(self, key: str) -> TaskOutcome | None:
        """The outcome of a recording; None if it is not done, or its file is damaged."""
        try:
            fields: dict[str, Any] = json.loads((self._results / f"{key}.json").read_bytes())
            if fields.pop("format", None) != FORMAT:
                return None
            # A name that is not UTF-8 fits into no table and no page.
            return TaskOutcome(**{**fields, "recording": printable(fields["recording"])})
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def _error(self, err: OSError) -> OutputError:
        return OutputError(f"{self.path}: can't be written ({err.strerror or err}). Choose another --out.")
