"""Waiting for what a run says; what a trial checks of its end."""

import os
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from builders.command import surroundings
from live_trials.fault_trial import BrokenOff, Running, Trial

from livecoach.lab.tools.stand_ins import PictureLoop

REP = '{"t_s": 5.0, "event": "rep", "rep": {"start_s": 3.4}}\n'
END = '{"t_s": 6.0, "event": "session_end"}\n'
SHOWN = '{"reps": [{}], "damage": [], "about": {"end": {"early": false}}}'


class Said:
    """A process that has said all it says and ended."""

    pid = 0

    def __init__(self, stdout: str, stderr: str, status: int) -> None:
        self.stdout, self.stderr, self.status = stdout, stderr, status
        self.signals: list[int] = []

    def wait(self, timeout_s: float | None = None) -> int:
        if self.status == -1:
            raise TimeoutError(f"{timeout_s}")
        return self.status

    def send_signal(self, number: int) -> None:
        self.signals.append(number)

    def kill(self) -> None:
        self.status = -9


def launching(*processes: Said) -> Callable[..., Said]:
    """These processes, one after the other. `sessions show` writes its document."""
    waiting = list(processes)

    def launch(arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: int, stderr: int) -> Said:  # noqa: ARG001
        process = waiting.pop(0)
        os.write(stdout, process.stdout.encode())
        os.write(stderr, process.stderr.encode())
        if arguments[:2] == ["sessions", "show"]:
            Path(arguments[-1]).write_text(SHOWN)
        return process

    return launch


def a_trial(folder: Path, *processes: Said) -> Trial:
    return Trial(folder, PictureLoop([], 0, 12.0), random.Random(0), launching(*processes))


def test_the_half_line_of_a_killed_process_is_no_event(tmp_path):
    run = Running(launching(Said(REP + '{"t_s": 6.0, "ev', "", 130)), ["live"], env={}, cwd=tmp_path)
    run.end(None)
    assert [event["event"] for event in run.events] == ["rep"]


def test_a_process_that_does_not_end_is_killed(tmp_path):
    """It has no status."""
    assert Running(launching(Said(REP + END, "", -1)), ["live"], env={}, cwd=tmp_path).end(15).status is None


@pytest.mark.parametrize(
    ("process", "flaws"),
    [
        (Said(REP + END, "", 130), []),
        (Said(REP + END, "", 1), ["exit status 130"]),
        (Said(REP + END, "Traceback (most recent call last):\n", 130), ["no traceback"]),
        (Said(REP, "", 130), ["the last event is the end"]),
        (Said(REP + REP + END, "", 130), ["it has the counted reps"]),
    ],
)
def test_each_flaw_of_an_end_is_found(tmp_path, process, flaws):
    """Of its status, its words and its session; it alone."""
    trial = a_trial(tmp_path, process, Said("", "", 0))
    trial.ends(trial.lifting(), 2, 130)
    assert [check.what for check in trial.checks if not check.held] == flaws


def test_a_trial_without_a_rep_is_broken_off(tmp_path):
    trial = a_trial(tmp_path, Said("", "livecoach: no model\n", 6))
    with pytest.raises(BrokenOff):
        trial.lifting()
    assert (trial.checks[0].held, trial.checks[0].found) == (False, "livecoach: no model")


def test_each_trial_has_a_home_of_its_own(tmp_path):
    env = surroundings(tmp_path)
    assert "DISPLAY" not in env
    assert {env[name] for name in ("HOME", "XDG_DATA_HOME")} == {str(tmp_path), str(tmp_path / "share")}
