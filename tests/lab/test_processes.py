"""Work in parallel processes: they end with the process that wanted it, however that ends."""

import subprocess
import sys

from livecoach.lab.processes import in_order

WORKS_FOR_EVER = """
import os
import signal
from livecoach.lab.processes import in_order

def work(number):
    os.write(1, b"%d\\n" % number)  # a line at once: print writes its end apart, and the two would mix
    signal.pause()

in_order(work, [0, 1], jobs=2)
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


def test_results_come_in_the_order_of_what_they_are_made_of():
    """Whichever process is done first; how many there are so far is told after each."""
    told: list[int] = []
    assert in_order(abs, [-3, 1, -2], jobs=2, progress=told.append) == [3, 1, 2]
    assert told == [1, 2, 3]
