"""Runs of one visit: the lifter comes back to the start screen after each and starts another, in the same process.

LIVECOACH_RUNS sets how many there are.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from builders.command import Running, running, write_settings
from builders.mjpeg_server import two_squats
from builders.virtual_screen import Screen, give_keyboard, needs_x, press
from builders.waiting import wait_until

pytestmark = [needs_x, pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")]

RUNS = int(os.environ.get("LIVECOACH_RUNS", "3"))
SETTLED = 2
"""Runs after which the process has what it keeps: what it imported, and the networks' memory."""
MOST_GAINED_MIB = 50
"""In any number of runs, by memory that the allocator takes again. The networks of a run that stays have 70 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    files: int
    threads: int
    rss_mib: float


def held_by(pid: int) -> Held:
    files, threads = (len(os.listdir(f"/proc/{pid}/{of}")) for of in ("fd", "task"))
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Held(files=files, threads=threads, rss_mib=pages * os.sysconf("SC_PAGE_SIZE") / 2**20)


@contextmanager
def a_visit(screen: Screen, home: Path) -> Iterator[Running]:
    """Begins on the start screen, to which each run leads back."""
    with two_squats(fps=15) as camera:
        write_settings(home, f"camera: {camera.url}\nexercise: squat\nsound: {{muted: true}}\n")
        with running(home=home, stderr=home / "stderr", display=screen["DISPLAY"]) as run:
            yield run


def start(screen: Screen, home: Path, number: int) -> None:
    """Start the run of this number, from 1, and wait for its first rep. The start screen takes keys some time after the
    run before has ended."""

    def has_lifted() -> bool:
        folders = sorted((home / "data" / "sessions").glob("[!.]*"))
        if len(folders) < number:
            press(screen, "Return")
            return False
        reps = folders[-1] / "reps.jsonl"
        return reps.exists() and reps.stat().st_size > 0

    wait_until(has_lifted, f"run {number} has a rep")


def left(screen: Screen, run: Running) -> bool:
    press(screen, "Escape")
    return run.process.poll() is not None


def test_a_run_leaves_no_file_no_thread_and_no_memory_behind(screen: Screen, tmp_path: Path) -> None:
    seen: list[Held] = []
    with a_visit(screen, tmp_path) as run:
        give_keyboard(screen, run.process)
        for number in range(RUNS):
            start(screen, tmp_path, number + 1)
            if number >= SETTLED:
                # On a busy machine, threads of the run before may still be ending.
                wait_until(lambda: held_by(run.process.pid).threads <= seen[SETTLED - 1].threads, "no thread stays")
            seen.append(held_by(run.process.pid))
            press(screen, "q")
        wait_until(partial(left, screen, run), "it ends from the start screen")
    print("MiB in each run:", *(round(held.rss_mib) for held in seen))
    settled, last = seen[SETTLED - 1], seen[-1]
    assert last.files <= settled.files
    assert last.threads <= settled.threads
    assert last.rss_mib - settled.rss_mib < MOST_GAINED_MIB
