"""Progress bars tell how long it will still take."""

from pathlib import Path

import pytest
from builders.command import CLIPS, SQUAT_OBSERVATIONS

from livecoach.cli.progress import nominal_s


def test_a_video_states_its_length():
    """Of observations, which take seconds, and of what can't be read none is known."""
    assert nominal_s(CLIPS / "squat_2.mp4") == pytest.approx(6.9, abs=0.2)
    assert nominal_s(SQUAT_OBSERVATIONS) is nominal_s(Path("nowhere.mp4")) is None
