"""Faults of the disk: it is full for a while, its folder is deleted, or two runs write at once."""

import contextlib
import json
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from livecoach.tools.faults_of_camera import INTERRUPTED
from livecoach.tools.faults_trial import Fault, Trial

SIZE = "512m"
"""Size of the small disk, which lies in memory: livecoach warns where less than 200 MB are free."""
BLOCKS = 1 << 20, 4096
"""Sizes of what fills it: quickly, and then to the end."""
STORED_S = 1.5
"""By then a rep is on the disk: the recorder writes once a second."""
MOUNT_S = 30.0
"""Longest wait for a small disk to come or go."""
FULL = ("disk", "space", "full", "can't be written")


def _no_small_disk() -> str | None:
    try:
        with tempfile.TemporaryDirectory(prefix="livecoach-fault-") as folder, _small_disk(Path(folder) / "small"):
            return None
    except (OSError, subprocess.SubprocessError):
        return "only root may mount a small file system, and not in every container; file-limit is nearest to it"


@contextlib.contextmanager
def _small_disk(place: Path) -> Iterator[None]:
    place.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "livecoach-faults", str(place)],
        stderr=subprocess.DEVNULL,
        timeout=MOUNT_S,
        check=True,
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], timeout=MOUNT_S, check=False)


def _fill(file: Path) -> None:
    """Write until the disk is full."""
    with file.open("wb", buffering=0) as filler:
        for size in BLOCKS:
            with contextlib.suppress(OSError):
                while filler.write(bytes(size)) == size:
                    pass


def _disk_fills(trial: Trial) -> None:
    small = trial.folder / "small"
    with _small_disk(small):
        trial.env["XDG_DATA_HOME"] = str(small / "share")
        run = trial.lifting()
        _fill(small / "filler")
        trial.says(run, *FULL)
        trial.counts_on(run)
        said = len(run.said)
        (small / "filler").unlink()
        back = run.line("room again")
        trial.check("says that there is room again", back, back or "; ".join(run.said[said:]))
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)


def _disk_full_to_the_end(trial: Trial) -> None:
    small = trial.folder / "small"
    with _small_disk(small):
        trial.env["XDG_DATA_HOME"] = str(small / "share")
        run = trial.lifting()
        counted = run.reps
        trial.wait(STORED_S)
        _fill(small / "filler")
        trial.says(run, *FULL)
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED, stored=False)
        (small / "filler").unlink()
        trial.check_session(counted)


def _no_file_limit() -> str | None:
    return None if hasattr(resource, "prlimit") else "only Linux can change the limits of another process"


def _file_limit(trial: Trial) -> None:
    run = trial.lifting()
    counted = run.reps
    trial.wait(STORED_S)
    _, most = resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(run.process.pid, resource.RLIMIT_FSIZE, (0, most))
    trial.says(run, *FULL, "large")
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED, stored=False)
    trial.check_session(counted, cut_off=True)


def _data_deleted(trial: Trial) -> None:
    run = trial.lifting()
    shutil.rmtree(Path(trial.env["XDG_DATA_HOME"]) / "livecoach")
    trial.says(run, "folder", "deleted", "gone", "can't be written", "No such file")
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED, stored=False)


def _two_at_once(trial: Trial) -> None:
    runs = [trial.lifting(), trial.lifting()]
    for run in runs:
        trial.counts_on(run)
    for run in runs:
        trial.ends(run, signal.SIGINT, INTERRUPTED, stored=False)
    file = trial.home / "sessions.json"
    trial.command(["sessions", "list", "--json", str(file)]).end(None)
    listed = json.loads(file.read_text(encoding="utf-8"))["sessions"] if file.exists() else []
    sound = [one for one in listed if one["problem"] is None and not one["cut_off"]]
    trial.check("both sessions can be read", len(sound) == len(runs), f"{len(sound)} of {len(runs)}")
    stored, counted = sorted(one["reps"]["reps"] for one in sound), sorted(run.reps for run in runs)
    trial.check("each has its own reps", stored == counted, f"{stored} of {counted}")


FAULTS = (
    Fault(
        name="disk-fills",
        what="the disk is full, and has room again",
        promise="says both in a line, reps count, all reps are stored",
        inject=_disk_fills,
        missing=_no_small_disk,
    ),
    Fault(
        name="disk-stays-full",
        what="the disk is full until the end",
        promise="says so, the session can be read, with the reps from before",
        inject=_disk_full_to_the_end,
        missing=_no_small_disk,
    ),
    Fault(
        name="file-limit",
        what="files may not grow any more, as at the limit of a user or a file system",
        promise="says so, reps count, the session can be read up to then",
        inject=_file_limit,
        missing=_no_file_limit,
    ),
    Fault(
        name="data-deleted",
        what="the data folder is deleted",
        promise="says so, reps count, ends in order; what was stored is gone",
        inject=_data_deleted,
    ),
    Fault(
        name="two-at-once",
        what="two runs at once, with one profile and one data folder",
        promise="both count, each has a session of its own",
        inject=_two_at_once,
    ),
)
"""The faults of the disk."""
