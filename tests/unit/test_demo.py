"""The demo: what it says of its clip, how long it shows the rest, and what `scripts/demo` tells to do next."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from builders.command import DEMO
from builders.systems import not_on_windows

from livecoach.cli.demo import STAYS_S, truth_line
from livecoach.decisions.coaching.set_progress import LOOK_AFTER_S
from livecoach.decisions.counting.tuning import STANDS_S
from livecoach.feedback.rep_loop import MOVES_S, STOPS_S
from livecoach.lab.truth import TrueFault, TrueRep

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "demo"
on_posix = not_on_windows("Windows has scripts/demo.cmd")


def rendered(turn_s: float, *shown: str) -> TrueRep:
    """A rep of the clip, which ends a second after its turn. It was ordered with the first fault that it shows."""
    faults = tuple(TrueFault(name=name, way=name, knob=1.0) for name in shown[:1])
    severities = {**dict.fromkeys(shown, 1.0), "bar_drift": 0.3}
    times = {"start_s": turn_s - 0.5, "turn_s": turn_s, "end_s": turn_s + 1.0}
    frames = {"start_frame": 0, "turn_frame": 1, "end_frame": 2}
    return TrueRep(index=1, faults=faults, severities=severities, **times, **frames)


def test_the_last_picture_stays_until_the_three_reps_to_confirm_were_shown_twice():
    """The set is over, and its last rep is 10 s ago, before that."""
    clip = json.loads(DEMO.with_suffix(".json").read_text())
    still_s = clip["frames"] / clip["fps"] - clip["reps"][-1]["end_s"]
    assert still_s + STAYS_S > max(STANDS_S, LOOK_AFTER_S) + 2 * (MOVES_S + STOPS_S)


def test_the_content_of_the_clip_is_reported_in_a_line():
    good, bad = rendered(1.0), rendered(3.0, "hitch", "bent_arms")
    assert truth_line([good]) == "1 rep; all are good"
    assert truth_line([good, bad]) == "2 reps; rep 2 is bad (bar dipped on the way up, arms bent); all others are good"


# The script, whatever options it got


@pytest.fixture
def clone(tmp_path):
    """A clone whose set-up does nothing, and whose Python prints its arguments and ends with status $STATUS."""
    for path, text in (("scripts/setup", ""), (".venv/bin/python", 'echo "$@"; exit "$STATUS"')):
        file = tmp_path / path
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
    shutil.copy(SCRIPT, tmp_path / "scripts" / "demo")
    return tmp_path


def run(clone: Path, status: int) -> "subprocess.CompletedProcess[str]":
    words, variables = [clone / "scripts" / "demo", "--mute"], {"STATUS": str(status), "PATH": "/usr/bin:/bin"}
    return subprocess.run(words, env=variables, capture_output=True, text=True, check=False)


@on_posix
@pytest.mark.parametrize("status", [0, 130])
def test_the_demo_ends_with_the_next_step(clone, status):
    """After Ctrl-C too; standard output is the demo's alone."""
    done = run(clone, status)
    assert (done.returncode, done.stdout) == (status, "-m livecoach demo --mute\n")
    assert done.stderr.index("source .venv/bin/activate") < done.stderr.index("livecoach live")


@on_posix
def test_a_demo_that_failed_has_the_last_word(clone):
    done = run(clone, 6)
    assert (done.returncode, done.stderr) == (6, "")
