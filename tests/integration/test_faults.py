"""Faults in live runs, one of each kind; all at the same time.

    MjpegCamera (threads of this process) ──pictures──▶ livecoach live ──events, lines──▶ Trial: checks
                                                               ▲
                              private X and sound servers, a small disk, signals

Of each: a rep is counted before the fault, and another one, begun later, after it; the exit status; no traceback; and
the session can be read, undamaged, with all reps.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from builders.command import TIMEOUT_S, Running, run, run_well, running
from builders.sound_server import sound_missing, sound_server
from builders.systems import not_on_windows
from builders.waiting import wait_until

from livecoach.feedback.sound import NO_ANSWER
from livecoach.lab.tools.stand_ins import MjpegCamera, demo_loop, virtual_screen

pytestmark = not_on_windows("a run is ended by signals, which Windows lacks")
SEED = os.environ.get("LIVECOACH_FAULTS_SEED", "1")
"""Of the random moments."""
AT_ONCE = 8
"""Nearly all of a trial's time is the camera's."""
FPS, SIZE_PX = 10.0, (320, 240)
"""A machine that is busy with other work keeps up. Our choice."""
SILENT = ("--no-window", "--mute")
END_S = 10.0
"""Longest time from a signal to the end of the process. A quiet machine needs less than one second. Our choice."""
SHOWN_S = 20.0
"""Longest wait for the window's picture, of a program that has counted a rep already. At load 8 on two cores Qt never
paints one new window in seven."""
MOUNT_S = 30.0  # longest wait for a disk to come or go
DISK_BYTES = 512 << 20  # size of each small disk: livecoach warns where less than 200 MB are free
AFTER_REP_S = 4.0
ENOUGH_REPS = 6  # A set of so many good reps teaches a new profile


class Trial:
    """A home, a camera, and the runs of `livecoach live` before it."""

    def __init__(self, home: Path, camera: MjpegCamera, chance: random.Random) -> None:
        self.home, self.camera, self.chance = home, camera, chance
        self._said = home.with_suffix(".said")

    @property
    def said(self) -> str:
        return self._said.read_text()

    @contextmanager
    def lifting(self, *options: str, display: str | None = None, **variables: str) -> Iterator[Running]:
        """A run that has counted a rep."""
        words = ("live", "--camera", self.camera.url, "--exercise", "deadlift", "--events", "-", *options)
        how = {"home": self.home, "stderr": self._said, "display": display, "variables": variables}
        with running(*words, **how) as process:
            process.event(is_rep)
            yield process

    def says(self, *words: str) -> None:
        wait_until(lambda: any(word in self.said for word in words), f"says one of {words}")

    def wait(self) -> None:
        time.sleep(self.chance.uniform(0.0, AFTER_REP_S))

    def ends(self, process: Running, number: int) -> None:
        began_s = time.monotonic()
        assert process.end(number) == 128 + number
        took_s = time.monotonic() - began_s
        assert "Traceback" not in self.said
        assert process.seen[-1]["event"] == "session_end"
        self.has_session(reps_of(process))
        if took_s > END_S:
            pytest.skip(f"too busy: it ended after {took_s:.0f} s")

    def has_session(self, reps: int, *, cut_off: bool = False) -> None:
        """Check that the session has as many reps. cut_off: by a kill, which it says; the last one may be missing."""
        shown = json.loads(run("sessions", "show", "last", "--json", "-", home=self.home).stdout)
        assert [line for line in shown["damage"] if not (cut_off and "was cut off" in line)] == []
        assert len(shown["reps"]) >= reps - cut_off
        if cut_off:
            assert shown["about"]["end"] is None or shown["about"]["end"]["early"]

    def learned(self, profile: str) -> int:
        known = run("config", "profiles", home=self.home).stdout.partition(f"{profile}: ")[2]
        return int(known.partition(", ")[2].partition(" rep")[0] or 0)


def is_rep(event: dict[str, Any]) -> bool:
    return event["event"] == "rep"


def reps_of(process: Running) -> int:
    return sum(map(is_rep, process.seen))


def counts_on(process: Running) -> None:
    """Wait for a rep that began after all that was told so far."""
    process.catch_up()
    from_s = process.seen[-1]["t_s"]
    process.event(lambda event: is_rep(event) and event["rep"]["start_s"] >= from_s)


def camera_dies(trial: Trial) -> None:
    """The connection is cut, refused, and accepted again: the same set goes on."""
    with trial.lifting(*SILENT) as process:
        trial.camera.kill()
        process.event(lambda event: event.get("warning") == "camera_lost" and event["active"])
        trial.camera.start()
        process.event(lambda event: event.get("warning") == "camera_lost" and not event["active"])
        counts_on(process)
        trial.ends(process, signal.SIGINT)


def sound_dies(trial: Trial) -> None:
    """The sound server is killed, and started again."""
    if missing := sound_missing():
        pytest.skip(missing)
    with sound_server() as sink, trial.lifting("--no-window", **sink.address) as process:
        sink.kill()
        trial.says("sound")
        counts_on(process)
        sink.start()
        trial.says("sound is back", "sound device is back", "plays again", "cues are heard")
        counts_on(process)
        trial.ends(process, signal.SIGINT)


def sound_hangs(trial: Trial) -> None:
    """The sound server takes connections and answers nobody: one line tells so, and the end waits for no answer."""
    if missing := sound_missing():
        pytest.skip(missing)
    place, alsa = trial.home / "pulse", trial.home / "asound.conf"
    alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    variables = {"PULSE_SERVER": f"unix:{place}", "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{alsa}"}
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen()
        with trial.lifting("--no-window", **variables) as process:
            counts_on(process)
            trial.ends(process, signal.SIGINT)
    assert trial.said.count(f"livecoach: {NO_ANSWER}\n") == 1


def display_dies(trial: Trial) -> None:
    """The X server is killed: the set goes on without a window."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed (Debian: xvfb)")
    with virtual_screen() as screen, trial.lifting("--mute", display=screen.display) as process:
        give_up_s = time.monotonic() + SHOWN_S
        while not screen.shows_picture():
            if time.monotonic() > give_up_s:
                pytest.skip("too busy: the window shows no picture")
            time.sleep(0.1)
        screen.server.kill()
        trial.says("the screen is gone")
        counts_on(process)
        trial.ends(process, signal.SIGTERM)


@contextmanager
def mounted(place: Path, *options: str) -> Iterator[None]:
    place.mkdir()
    try:
        subprocess.run(["mount", *options, str(place)], stderr=subprocess.DEVNULL, timeout=MOUNT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("only root may mount a disk, and not in every container")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], timeout=MOUNT_S, check=False)


def disk_fills(trial: Trial) -> None:
    """The disk is full, and has room again."""
    trial.home = trial.home / "small"
    options = ("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "livecoach-faults")
    with mounted(trial.home, *options), trial.lifting(*SILENT) as process:
        filler = trial.home / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):  # quickly, and then to the end
                with suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass
        trial.says("disk", "space", "full", "can't be written")
        counts_on(process)
        filler.unlink()
        trial.says("all is well")
        counts_on(process)
        trial.ends(process, signal.SIGINT)


@contextmanager
def hanging(disk: Path) -> Iterator[None]:
    """Let a file system answer nobody during the block."""
    try:
        subprocess.run(["fsfreeze", "--freeze", disk], stderr=subprocess.DEVNULL, timeout=MOUNT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("only root may freeze a disk, and not in every container")
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", disk], timeout=MOUNT_S, check=True)


def disk_hangs(trial: Trial) -> None:
    """The disk answers no write, and then does."""
    image, trial.home = trial.home / "image", trial.home / "disk"
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    with suppress(OSError, subprocess.SubprocessError):  # mount says what is missing
        subprocess.run(["mkfs.ext4", "-q", image], stderr=subprocess.DEVNULL, timeout=MOUNT_S, check=True)
    with mounted(trial.home, "-o", "loop", str(image)), trial.lifting(*SILENT) as process:
        with hanging(trial.home):
            trial.says("does not answer")
            counts_on(process)
        trial.says("all is well")
        counts_on(process)
        trial.ends(process, signal.SIGINT)


def terminal_closes(trial: Trial) -> None:
    """What was learned by then is what the stored observations teach. On a busy machine that may be nothing: where most
    pictures of a rep were left out, its faults can't be measured, and such a rep is not learned."""
    with trial.lifting(*SILENT) as process:
        process.event(lambda _: reps_of(process) >= ENOUGH_REPS)
        trial.wait()
        trial.ends(process, signal.SIGHUP)
    stored = trial.learned("me")
    (seen,) = trial.home.glob("data/sessions/*/observations.obs")
    again = ("replay", seen, "--fast", "--exercise", "deadlift", "--profile", "taught", "--record")
    run_well(*again, home=trial.home)
    assert trial.learned("taught") == stored
    if not stored:
        pytest.skip("too busy: the reps had too few pictures")


def killed_while_it_records(trial: Trial) -> None:
    """At most the last rep is missing, and the video can be read."""
    with trial.lifting(*SILENT, "--record") as process:
        trial.wait()
        process.process.kill()
        with suppress(json.JSONDecodeError):  # the last line is cut off
            process.end()
        assert process.process.wait(TIMEOUT_S) == -signal.SIGKILL
    trial.has_session(reps_of(process), cut_off=True)
    videos = trial.home.glob("data/sessions/*/video.mp4")
    run_well("analyze", *videos, "--exercise", "deadlift", "--json", "-", home=trial.home)


FAULTS: tuple[Callable[[Trial], None], ...] = (
    *(camera_dies, sound_dies, sound_hangs, display_dies, disk_fills, disk_hangs, terminal_closes),
    killed_while_it_records,
)


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> dict[Callable[[Trial], None], Future[None]]:
    loop, above = demo_loop(FPS), tmp_path_factory.mktemp("faults")

    def tried(fault: Callable[[Trial], None]) -> None:
        home = above / fault.__name__
        home.mkdir()
        with MjpegCamera(lambda: loop.parts(*SIZE_PX), loop.fps) as camera:
            fault(Trial(home, camera, random.Random(f"{SEED} {fault.__name__}")))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {fault: pool.submit(tried, fault) for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_set_survives(trials: dict[Callable[[Trial], None], Future[None]], fault: Callable[[Trial], None]) -> None:
    """A machine that is too busy for how long something may take is told of."""
    trials[fault].result()
