"""Runs of one visit: the lifter comes back to the start screen after each and starts another, in the same process.

LIVECOACH_RUNS sets how many there are.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, repeat
from pathlib import Path

import pytest
from builders.command import CLIPS, Running, running
from builders.mjpeg_server import MjpegServer, a_picture
from builders.videos import pictures_of
from builders.virtual_screen import Screen, give_keyboard, needs_x, press, wait_until

from livecoach.capture.opencv import cv2
from livecoach.lab.tools.machine import rss_mib

pytestmark = [needs_x, pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")]

RUNS = int(os.environ.get("LIVECOACH_RUNS", "3"))
SETTLED = 2
"""Runs after which the process has what it keeps: what it imported, and the networks' memory."""
MOST_GAINED_MIB = 50
"""In any number of runs, by memory that the allocator takes again. The networks of a run that stays have 70 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a process has."""

    files: int
    threads: int
    rss_mib: float


def held_by(pid: int) -> Held:
    files, threads = (len(os.listdir(f"/proc/{pid}/{of}")) for of in ("fd", "task"))
    return Held(files=files, threads=threads, rss_mib=rss_mib(pid))


def a_camera() -> MjpegServer:
    """Shows nobody to the first run, which can be left for the start screen then, and two squats to all others."""
    squats = [cv2.imencode(".jpg", picture)[1].tobytes() for _, picture in pictures_of(CLIPS / "squat_2.mp4")]
    nobody, is_first = cv2.imencode(".jpg", a_picture(0))[1].tobytes(), iter([True])
    return MjpegServer(fps=15, jpegs=lambda: repeat(nobody) if next(is_first, False) else cycle(squats))


@contextmanager
def a_visit(screen: Screen, home: Path) -> Iterator[Running]:
    with (
        a_camera() as camera,
        running(
            *("live", "--camera", camera.url, "--exercise", "squat", "--mute", "--events", "-"),
            home=home,
            stderr=home / "stderr",
            display=screen["DISPLAY"],
        ) as run,
    ):
        yield run


def start_again(screen: Screen, run: Running) -> None:
    """The start screen takes keys some time after the run has ended."""

    def has_begun() -> bool:
        press(screen, "Return")
        return run.has_told(lambda event: event["event"] == "session_start")

    wait_until(has_begun, "another run begins")


def left(screen: Screen, run: Running) -> bool:
    press(screen, "Escape")
    return run.process.poll() is not None


def test_no_file_no_thread_and_no_memory_stays_of_a_run(screen: Screen, tmp_path: Path) -> None:
    """Whatever a run opens is closed when the next one lifts."""
    seen: list[Held] = []
    with a_visit(screen, tmp_path) as run:
        run.event(lambda event: event["event"] == "warning")
        give_keyboard(screen, run.process)
        press(screen, "p")
        for _ in range(RUNS):
            run.event(lambda event: event["event"] == "session_end")
            start_again(screen, run)
            run.event(lambda event: event["event"] == "rep")
            seen.append(held_by(run.process.pid))
            press(screen, "q")
        run.event(lambda event: event["event"] == "session_end")
        wait_until(partial(left, screen, run), "it ends from the start screen")
    print("MiB in each run:", *(round(held.rss_mib) for held in seen))
    settled, last = seen[SETTLED - 1], seen[-1]
    assert last.files <= settled.files
    assert last.threads <= settled.threads
    assert last.rss_mib - settled.rss_mib < MOST_GAINED_MIB
