"""Progress bars tell how long it will still take."""

from pathlib import Path

import pytest
from builders.command import CLIPS, SQUAT_OBSERVATIONS

from livecoach.cli.progress import nominal_s


def test_the_length_of_stored_observations_is_that_of_the_last_one():
    """A video states its own; of what can't be read none is known."""
    assert nominal_s(SQUAT_OBSERVATIONS) == pytest.approx(6.9, abs=0.1)
    assert nominal_s(CLIPS / "squat_2.mp4") == pytest.approx(6.9, abs=0.2)
    assert nominal_s(Path("nowhere.mp4")) is None


def test_damaged_observations_have_a_length_too(tmp_path):
    """That of what can be read; a file without any has none."""
    whole = SQUAT_OBSERVATIONS.read_bytes()
    damaged = tmp_path / "damaged.obs"
    damaged.write_bytes(whole[: len(whole) // 2])
    length_s = nominal_s(damaged)
    assert length_s is not None
    assert 2 < length_s < 5
    damaged.write_bytes(whole[:300])
    assert nominal_s(damaged) is None
