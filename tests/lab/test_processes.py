"""Work in parallel processes: they end with the process that wanted it, however that ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from livecoach.lab.processes import JobRunner

WORKS_FOR_EVER = """
import os
import signal
from pathlib import Path
from livecoach.lab.processes import JobRunner

def work(number):
    os.write(1, b"%d\\n" % number)  # a line at once: print writes its end apart, and the two would mix
    signal.pause()

JobRunner(Path(), 2, print).map(work, [0, 1], "work")
"""
TIMEOUT_S = 120.0


def test_a_kill_leaves_no_process_behind():
    """They hold the standard output: it ends when the last of them has."""
    with subprocess.Popen([sys.executable, "-c", WORKS_FOR_EVER], stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        begun = [killed.stdout.readline() for _ in range(2)]
        killed.kill()  # before anything is asserted: it would wait for ever
        assert sorted(begun) == ["0\n", "1\n"]
        assert killed.communicate(timeout=TIMEOUT_S) == ("", None)


FAILS_AT_ONCE = """
import os
import signal
from pathlib import Path
from livecoach.lab.processes import JobRunner

begun, begins = os.pipe()

def work(number):
    if number == 1:
        os.write(begins, b"1")
        signal.pause()
    os.read(begun, 1)  # once the other one works
    raise SystemError("no lift")

JobRunner(Path(), 2, print).map(work, [0, 1], "work")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a fork, which has the pipe")
def test_an_error_or_a_signal_waits_for_no_job():
    """Some jobs take minutes. A signal is an exception, too."""
    with subprocess.Popen([sys.executable, "-c", FAILS_AT_ONCE], stderr=subprocess.PIPE, text=True) as failed:
        try:
            assert "SystemError: no lift" in failed.communicate(timeout=TIMEOUT_S)[1]
        finally:
            failed.kill()


def test_results_come_in_the_order_of_the_arguments():
    told: list[tuple[str, float]] = []
    runner = JobRunner(Path(), 2, lambda what, share: told.append((what, share)))
    assert runner.map(abs, [-3, 1, -2, 4], "sizes") == [3, 1, 2, 4]
    assert told == [("sizes", 0.25), ("sizes", 0.5), ("sizes", 0.75), ("sizes", 1.0)]


def _counted(folder: Path, what: int, runner: JobRunner) -> int:
    (folder / f"{len(list(folder.iterdir()))}").touch()
    return what * runner.jobs


def test_a_kept_result_is_made_again_only_for_other_arguments(tmp_path):
    pytest.importorskip("joblib", reason="the extra 'train' is not installed")
    (tmp_path / "calls").mkdir()
    runner = JobRunner(tmp_path, 2, lambda *_: None)
    assert [runner.load_or_make(_counted, tmp_path / "calls", what) for what in (3, 3, 4, 3)] == [6, 6, 8, 6]
    assert len(list((tmp_path / "calls").iterdir())) == 2
