"""Progress bars tell how long it will still take."""

import time
from pathlib import Path

import pytest
from builders.command import CLIPS, SQUAT_OBSERVATIONS

from livecoach.cli import progress
from livecoach.cli.progress import Progress, progress_bar, read_nominal_length_s


def test_a_video_states_its_length():
    """Of observations, which take seconds, and of what can't be read none is known."""
    assert read_nominal_length_s(CLIPS / "squat_2.mp4") == pytest.approx(6.9, abs=0.2)
    assert read_nominal_length_s(SQUAT_OBSERVATIONS) is read_nominal_length_s(Path("nowhere.mp4")) is None


@pytest.fixture
def lines(monkeypatch) -> list[str]:
    """What is written where no bar is drawn, at each step."""
    said: list[str] = []
    monkeypatch.setattr(progress, "say", said.append)
    monkeypatch.setattr(progress, "LINES_EVERY_S", 0.0)
    return said


def test_without_a_terminal_several_recordings_have_lines(lines):
    """With how far each is, and all by their lengths: one of unknown length counts as much as the others."""
    first, second = CLIPS / "squat_2.mp4", SQUAT_OBSERVATIONS
    shares: list[float] = []
    with Progress([first, second]) as shown:
        draw, shown._update = shown._update, lambda what, share: (shares.append(share), draw(what, share))
        for t_s in (0.0, 3.45, 100.0):
            shown.advance(first, t_s)
            time.sleep(0.02)  # longer than a tick of Windows' clock
        shown.mark_done(first)
        shown.advance(second, 2.0)
    assert shares == [0.0, pytest.approx(0.25, abs=0.01), 0.5, 0.5, 0.5]
    assert lines[0] == "0 of 2 recordings; squat_2.mp4: 0.0 of 6.9 s"
    assert lines[2].startswith("0 of 2 recordings; squat_2.mp4: 100.0 of 6.9 s; about 0:0")
    assert lines[4].startswith("1 of 2 recordings; squat_2.obs: 2.0 s")


def test_a_single_recording_writes_no_lines(lines):
    with Progress([CLIPS / "squat_2.mp4"]) as shown:
        shown.advance(CLIPS / "squat_2.mp4", 1.0)
    assert lines == []


def test_lines_of_a_training_name_its_loss(lines):
    with progress_bar(lines=True) as update:
        update("training", 0.4, 0.5)
    assert lines[0].startswith("training, loss 0.5")
