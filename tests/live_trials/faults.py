"""Faults of camera, sound, display, processor and disk, and signals."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from builders.sound_server import sound_missing, sound_server

from live_trials.fault_trial import (
    EXERCISE,
    HUNG_UP,
    INTERRUPTED,
    TERMINATED,
    Fault,
    Running,
    Trial,
    last_words,
)
from livecoach.lab.tools.stand_ins import VirtualScreen, virtual_screen

HEARD = ("--no-window",)
SHOWN_S = 20.0
"""Longest wait for the window's picture, of a program that has counted a rep already. At load 8 on two cores Qt never
paints one new window in seven."""
SIZE = "512m"  # size of the small disk, which lies in memory: livecoach warns where less than 200 MB are free
BLOCKS = 1 << 20, 4096  # sizes of what fills it: quickly, and then to the end
MOUNT_S = 30.0  # longest wait for a small disk to come or go
DISK_BYTES = 512 << 20  # size of the disk that hangs: livecoach warns where less than 200 MB are free
FULL = ("disk", "space", "full", "can't be written")
AFTER_REP_S = 4.0
ENOUGH_REPS = 6  # A set of so many good reps teaches a new profile


def _camera_dies(trial: Trial) -> None:
    run = trial.lifting()
    trial.camera.kill()
    trial.warns(run, "camera_lost")
    since = len(run.events)
    trial.camera.start()
    trial.warns(run, "camera_lost", active=False, since=since)
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


def _no_sound_server() -> str | None:
    return sound_missing() or None


def _sound_dies(trial: Trial) -> None:
    with sound_server() as sink:
        run = trial.lifting(*HEARD, env=trial.env | sink.address, silent=False)
        sink.kill()
        trial.says(run, "sound")
        trial.counts_on(run)
        sink.start()
        trial.says(run, "sound is back", "sound device is back", "plays again", "cues are heard")
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)


def _no_display() -> str | None:
    return "Xvfb is not installed (Debian: xvfb)" if shutil.which("Xvfb") is None else None


def _display_dies(trial: Trial) -> None:
    with virtual_screen() as screen:
        run = _shown(trial, screen)
        screen.server.kill()
    trial.says(run, "the screen is gone")
    trial.counts_on(run)
    trial.ends(run, signal.SIGTERM, TERMINATED)


def _shown(trial: Trial, screen: VirtualScreen) -> Running:
    """Return a run that has counted a rep and shows its picture. Raises BrokenOff."""
    run = trial.lifting("--mute", env=trial.env | {"DISPLAY": screen.display}, silent=False)
    give_up_s = time.monotonic() + SHOWN_S
    while not screen.shows_picture() and time.monotonic() < give_up_s:
        time.sleep(0.1)
    trial.must("the window shows the picture", screen.shows_picture(), "; ".join(run.said), timed=True)
    return run


def _no_small_disk() -> str | None:
    try:
        with tempfile.TemporaryDirectory(prefix="livecoach-fault-") as folder, _small_disk(Path(folder) / "small"):
            return None
    except (OSError, subprocess.SubprocessError):
        return "only root may mount a small file system, and not in every container"


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
    with _data_on_small_disk(trial) as filler:
        run = trial.lifting()
        _fill(filler)
        trial.says(run, *FULL)
        trial.counts_on(run)
        filler.unlink()
        trial.says(run, "all is well")
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)


def _no_disk_to_freeze() -> str | None:
    try:
        with (
            tempfile.TemporaryDirectory(prefix="livecoach-fault-") as folder,
            _disk_that_hangs(Path(folder) / "disk") as disk,
            _hanging(disk),
        ):
            return None
    except (OSError, subprocess.SubprocessError):
        return "only root may mount a disk and freeze it, and not in every container"


@contextlib.contextmanager
def _hanging(disk: Path) -> Iterator[None]:
    """Let a file system answer nobody during the block."""
    freeze = partial(subprocess.run, stderr=subprocess.DEVNULL, timeout=MOUNT_S, check=True)
    freeze(["fsfreeze", "--freeze", str(disk)])
    try:
        yield
    finally:
        freeze(["fsfreeze", "--unfreeze", str(disk)])


@contextlib.contextmanager
def _data_on_own_disk(trial: Trial) -> Iterator[Path]:
    place = trial.folder / "disk"
    with _disk_that_hangs(place) as disk:
        trial.env["LIVECOACH_HOME"] = str(place)
        yield disk


@contextlib.contextmanager
def _data_on_small_disk(trial: Trial) -> Iterator[Path]:
    """Yield what fills it."""
    small = trial.folder / "small"
    with _small_disk(small):
        trial.env["LIVECOACH_HOME"] = str(small)
        yield small / "filler"


@contextlib.contextmanager
def _disk_that_hangs(place: Path) -> Iterator[Path]:
    place.mkdir()
    image = place.with_suffix(".image")
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    for command in (["mkfs.ext4", "-q", str(image)], ["mount", "-o", "loop", str(image), str(place)]):
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=MOUNT_S, check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], timeout=MOUNT_S, check=False)


def _disk_hangs(trial: Trial) -> None:
    with _data_on_own_disk(trial) as disk:
        run = trial.lifting()
        with _hanging(disk):
            trial.says(run, "does not answer")
            trial.counts_on(run)
        trial.says(run, "all is well")
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)


def _ended_by(trial: Trial, number: int, status: int) -> None:
    run = trial.lifting()
    enough = run.event(lambda _: run.reps >= ENOUGH_REPS)
    trial.must("a set of reps is counted", enough, last_words(run))
    trial.random_wait(AFTER_REP_S)
    trial.ends(run, number, status)
    stored = trial.learned("me")
    _learn_anew(trial, "taught")
    taught = trial.learned("taught")
    trial.check("what was learned is stored", stored == taught, f"{stored} reps; what was seen teaches {taught}")
    trial.check("something was learned", stored, "the reps had too few pictures", timed=True)


def _learn_anew(trial: Trial, profile: str) -> None:
    """Let a profile learn what the stored observations of the only session teach.

    On a busy machine that may be nothing: where most pictures of a rep were left out, its faults can't be measured, and
    such a rep is not learned.
    """
    (seen,) = Path(trial.env["LIVECOACH_HOME"]).glob("data/sessions/*/observations.obs")
    again = trial.command(["replay", str(seen), "--fast", "--exercise", EXERCISE, "--profile", profile, "--record"])
    trial.check("what was seen can be replayed", again.end(None).status == 0, last_words(again))


def _killed(trial: Trial, *arguments: str) -> None:
    run = trial.lifting(*arguments)
    trial.random_wait(AFTER_REP_S)
    ending = run.end(signal.SIGKILL)
    trial.check("is killed", ending.status == -signal.SIGKILL, f"status {ending.status}")
    trial.check_session(run.reps, cut_off=True)


def _killed_recording(trial: Trial) -> None:
    _killed(trial, "--record")
    videos = list(Path(trial.env["LIVECOACH_HOME"]).glob("data/sessions/*/video.mp4"))
    reading = trial.command(["analyze", *map(str, videos), "--exercise", EXERCISE, "--json", "analysis.json"])
    trial.check("its video can be read to its end", reading.end(None).status == 0, last_words(reading))


FAULTS = {
    # the connection is cut, refused, and accepted again: goes on with the same set
    "camera-dies": Fault(_camera_dies),
    # the sound server is killed, and started again: says both
    "sound-dies": Fault(_sound_dies, _no_sound_server),
    # the X server is killed: the set goes on without a window
    "display-dies": Fault(_display_dies, _no_display),
    # the disk is full, and has room again: says both, all reps are stored
    "disk-fills": Fault(_disk_fills, _no_small_disk),
    # the disk answers no write, and then does: says both, all reps are stored
    "disk-hangs": Fault(_disk_hangs, _no_disk_to_freeze),
    # a closed terminal in a set: its exit status; reps and what was learned are stored
    "sighup": Fault(lambda trial: _ended_by(trial, signal.SIGHUP, HUNG_UP)),
    # SIGKILL while the video is recorded: at most the last rep is missing
    "sigkill-recording": Fault(_killed_recording),
}
"""Above each, what is done and what must hold. Of each trial also: a rep is counted before the fault and another one,
begun later, after it; the exit status; at most 10 s to the end; no traceback; and the session can be read, undamaged,
with all reps. With sixteen programs on two cores half of the pictures of a rep are left out, and livecoach learns no
such rep: so what was learned is compared with what the stored observations teach."""
