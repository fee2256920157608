"""Faults of camera, sound, display, processor and disk, and signals."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from builders.sound_server import sound_missing, sound_server
from builders.virtual_screen import frozen

from live_trials.fault_trial import (
    EXERCISE,
    FPS,
    HUNG_UP,
    INTERRUPTED,
    TERMINATED,
    Fault,
    Running,
    Trial,
    last_words,
    new_process,
)
from livecoach.lab.tools.stand_ins import VirtualScreen, virtual_screen
from livecoach.records.session.recorder import SILENT_S
from livecoach.records.session.video import SessionPictures

HEARD = ("--no-window",)
SHOWN_S = 20.0
"""Longest wait for the window's picture, of a program that has counted a rep already. At load 8 on two cores Qt never
paints one new window in seven."""
STOPPED_S = 2.5, 8.0  # A camera whose pictures are not taken for three seconds counts as lost
NEW_MS = 1500.0
"""Oldest picture by which a rep is counted after a stop. A quiet machine needs 30 ms. Our choice."""
SIZE = "512m"  # size of the small disk, which lies in memory: livecoach warns where less than 200 MB are free
BLOCKS = 1 << 20, 4096  # sizes of what fills it: quickly, and then to the end
STORED_S = 1.5  # by then a rep is on the disk: the recorder writes once a second
MOUNT_S = 30.0  # longest wait for a small disk to come or go
DISK_BYTES = 512 << 20  # size of the disk that hangs: livecoach warns where less than 200 MB are free
HANGS_S = float(os.environ.get("LIVECOACH_HANGS_S", "0"))  # how long the disk hangs after livecoach has said so
FULL = ("disk", "space", "full", "can't be written")
JUMPS = ("-365d", "+1d", "-2d", "+365d", "+0")
"""To what the clock is set, one after the other, from the time that it really is."""
DAY_S = 86_400.0  # the least of what the run's own time would show of a jump
AFTER_REP_S = 4.0
ENOUGH_REPS = 6  # A set of so many good reps teaches a new profile
START_S = 2.5  # A signal at the start comes within this time: Python, imports, models, camera


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


def _sound_freezes(trial: Trial) -> None:
    with sound_server() as sink:
        run = trial.lifting(*HEARD, env=trial.env | sink.address, silent=False)
        assert sink.server is not None
        with frozen(sink.server):
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


def _display_freezes(trial: Trial) -> None:
    with virtual_screen() as screen:
        run = _shown(trial, screen)
        with frozen(screen.server):
            trial.says(run, "the screen is gone or does not answer")
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


def _faketime() -> Path | None:
    """Return the library that tells a process another time; None where it is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def _no_clock() -> str | None:
    return None if _faketime() else "libfaketime is not installed (Debian: faketime)"


def _clock_jumps(trial: Trial) -> None:
    """Set the clock for this process alone: setting the system's would change it for every program of the machine."""
    file = trial.folder / "clock"
    file.write_text("+0")
    clock = {"LD_PRELOAD": str(_faketime()), "FAKETIME_TIMESTAMP_FILE": str(file)}
    only_wall = {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
    run = trial.lifting(env=trial.env | clock | only_wall, launch=new_process)
    for jump in JUMPS:
        file.write_text(jump)
        trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)
    times_s = [event["t_s"] for event in run.events]
    goes_on = times_s == sorted(times_s) and times_s[-1] < DAY_S
    trial.check("the run's own time goes on", goes_on, f"to {times_s[-1]:.0f} s")
    (log,) = trial.home.glob("share/livecoach/sessions/*/log.txt")
    logged = {line[:4] for line in log.read_text(encoding="utf-8").splitlines()}
    trial.check("its clock was another one", len(logged) > 1, f"years {', '.join(sorted(logged))}")


def _stopped(trial: Trial) -> None:
    run = trial.lifting()
    for stopped_s in STOPPED_S:
        before_s = run.latest_s
        run.process.send_signal(signal.SIGSTOP)
        time.sleep(stopped_s)
        run.process.send_signal(signal.SIGCONT)
        rep = trial.counts_on(run)
        age_ms = None if rep is None else rep["latency_ms"]
        trial.check("its picture was new", age_ms is not None and age_ms <= NEW_MS, f"{age_ms} ms", timed=True)
        seen = [one["rep"] for one in run.events if one["event"] == "rep" and one["rep"]["start_s"] > before_s]
        across = [one for one in seen if one["start_s"] < before_s + stopped_s and one["verdict"] != "unsure"]
        trial.check("no rep with a gap is judged", not across, f"{across}")
    trial.ends(run, signal.SIGINT, INTERRUPTED)
    left_out = run.events[-1].get("frames", {}).get("dropped", 0)
    trial.check("counts what it left out", left_out >= 0.8 * sum(STOPPED_S) * FPS, f"{left_out} frames")
    trial.says(run, "Too few pictures to be trusted")


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


def _disk_full_to_the_end(trial: Trial) -> None:
    with _data_on_small_disk(trial) as filler:
        run = trial.lifting()
        counted = run.reps
        time.sleep(STORED_S)
        _fill(filler)
        trial.says(run, *FULL)
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED, stored=False)
        filler.unlink()
        trial.check_session(counted)


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
        trial.env["XDG_DATA_HOME"] = str(place / "share")
        yield disk


@contextlib.contextmanager
def _data_on_small_disk(trial: Trial) -> Iterator[Path]:
    """Yield what fills it."""
    small = trial.folder / "small"
    with _small_disk(small):
        trial.env["XDG_DATA_HOME"] = str(small / "share")
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
            time.sleep(HANGS_S)
            trial.counts_on(run)
        trial.says(run, "all is well")
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)


def _disk_hangs_to_the_end(trial: Trial) -> None:
    with _data_on_own_disk(trial) as disk:
        run = trial.lifting()
        with _hanging(disk):
            trial.says(run, "does not answer")
            trial.counts_on(run)
            run.process.send_signal(signal.SIGINT)
            trial.says(run, "still writing")
        trial.check_ending(run, run.end(None), INTERRUPTED)
        trial.check_session(run.reps)


def _disk_hangs_at_the_start(trial: Trial) -> None:
    with _data_on_own_disk(trial) as disk:
        with _hanging(disk):
            run = trial.start("--record")
            trial.says(run, "disk does not answer")
            time.sleep(HANGS_S)
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)


def _disk_hangs_recording(trial: Trial) -> None:
    with _data_on_own_disk(trial) as disk:
        run = trial.lifting("--record")
        before_s = run.latest_s
        with _hanging(disk):
            trial.says(run, "does not answer")
            trial.counts_on(run)
            time.sleep(HANGS_S)
            trial.counts_on(run)
        after_s = run.latest_s
        trial.says(run, "all is well")
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)
        trial.says(run, "the video lacks")
        _check_video_around(trial, before_s, after_s)


def _check_video_around(trial: Trial, before_s: float, after_s: float) -> None:
    """Check that the video of the only session plays up to a time, and goes on after another one."""
    (path,) = Path(trial.env["XDG_DATA_HOME"]).glob("livecoach/sessions/*/video.mp4")
    with contextlib.closing(SessionPictures(path)) as pictures:
        times_s = [t_s for t_s, _ in pictures.each()]
    last_s = max((t_s for t_s in times_s if t_s <= before_s + SILENT_S), default=0.0)
    trial.check("the video has what was before", last_s >= before_s, f"until {last_s:.1f} s of {before_s:.1f} s")
    late = sum(t_s > after_s for t_s in times_s)
    trial.check("the video goes on afterwards", late, f"{late} pictures")


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
    (seen,) = Path(trial.env["XDG_DATA_HOME"]).glob("livecoach/sessions/*/observations.obs")
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
    videos = list(Path(trial.env["XDG_DATA_HOME"]).glob("livecoach/sessions/*/video.mp4"))
    reading = trial.command(["analyze", *map(str, videos), "--exercise", EXERCISE, "--json", "analysis.json"])
    trial.check("its video can be read to its end", reading.end(None).status == 0, last_words(reading))


def _at_the_start(trial: Trial, number: int, status: int) -> None:
    run = trial.start()
    at_s = trial.random_wait(START_S)
    ending = run.end(number)
    # Before Python has set up signals, they end the process by themselves.
    held = ending.status in (status, -number)
    trial.check(f"exit status {status}", held, f"status {ending.status}, signal after {at_s:.2f} s")
    trial.check_no_traceback(run)
    again = trial.command(["sessions", "list", "--json", "-"])
    trial.check("sessions can be listed", again.end(None).status == 0, last_words(again))


FAULTS = {
    # the connection is cut, refused, and accepted again: goes on with the same set
    "camera-dies": Fault(_camera_dies),
    # the sound server is killed, and started again: says both
    "sound-dies": Fault(_sound_dies, _no_sound_server),
    # the sound server is stopped: reps count, ends in order
    "sound-freezes": Fault(_sound_freezes, _no_sound_server),
    # the X server is killed: the set goes on without a window
    "display-dies": Fault(_display_dies, _no_display),
    # the X server is stopped: says so after 20 s, and the set goes on without a window
    "display-freezes": Fault(_display_freezes, _no_display),
    # the clock is set back and forth, by up to a year: reps count after each
    "clock-jumps": Fault(_clock_jumps, _no_clock),
    # the process is stopped for 2.5 s, and for 8 s: goes on with the newest picture, says when it saw nothing, and
    # judges no rep with a gap
    "processor-stopped": Fault(_stopped),
    # the disk is full, and has room again: says both, all reps are stored
    "disk-fills": Fault(_disk_fills, _no_small_disk),
    # the disk is full until the end: the session can be read up to then
    "disk-stays-full": Fault(_disk_full_to_the_end, _no_small_disk),
    # the disk answers no write, and then does: says both, all reps are stored
    "disk-hangs": Fault(_disk_hangs, _no_disk_to_freeze),
    # the same until after Ctrl-C: says what it waits for
    "disk-hangs-at-the-end": Fault(_disk_hangs_to_the_end, _no_disk_to_freeze),
    # the same at the start: begins then
    "disk-hangs-at-the-start": Fault(_disk_hangs_at_the_start, _no_disk_to_freeze),
    # the same while video is recorded: the video plays before and after
    "disk-hangs-recording": Fault(_disk_hangs_recording, _no_disk_to_freeze),
    # the data folder is deleted: ends in order; what was stored is gone
    "data-deleted": Fault(_data_deleted),
    # two runs with one profile and data folder: both count, each has a session
    "two-at-once": Fault(_two_at_once),
    # Ctrl-C in a set, SIGTERM, and a closed terminal: its exit status; reps and what was learned are stored
    "sigint": Fault(lambda trial: _ended_by(trial, signal.SIGINT, INTERRUPTED)),
    "sigterm": Fault(lambda trial: _ended_by(trial, signal.SIGTERM, TERMINATED)),
    "sighup": Fault(lambda trial: _ended_by(trial, signal.SIGHUP, HUNG_UP)),
    # SIGKILL in a set, with video too: at most the last rep is missing
    "sigkill": Fault(_killed),
    "sigkill-recording": Fault(_killed_recording),
    # the signals while livecoach starts: exit status, no traceback
    "sigint-at-start": Fault(lambda trial: _at_the_start(trial, signal.SIGINT, INTERRUPTED)),
    "sigterm-at-start": Fault(lambda trial: _at_the_start(trial, signal.SIGTERM, TERMINATED)),
}
"""Above each, what is done and what must hold. Of each trial also: a rep is counted before the fault and another one,
begun later, after it; the exit status; at most 10 s to the end; no traceback; and the session can be read, undamaged,
with all reps. With sixteen programs on two cores half of the pictures of a rep are left out, and livecoach learns no
such rep: so what was learned is compared with what the stored observations teach."""
