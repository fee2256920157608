"""A change of a profile can be taken back: what it replaced is kept, for the owner alone."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders.observations import a_deadlift
from builders.steps import a_view

from livecoach.errors import SourceError
from livecoach.profile import Profile
from livecoach.profile.changes import MOST
from livecoach.types import RepWindow

SEEN = tuple(a_deadlift()[:3])


class Calendar:
    """A clock that is read once a minute."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 16, 18, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def profile(tmp_path, monkeypatch) -> Profile:
    """Anna's, without any rep."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return Profile("anna", pytest.fail, utc_now=Calendar())


def reps(*starts_s: float) -> list[RepWindow]:
    """Two seconds of a deadlift each."""
    return [
        RepWindow(
            observations=SEEN,
            start_s=start_s,
            turn_s=start_s + 1,
            end_s=start_s + 2,
            view=a_view(40.0),
            set_name="2",
            pose="lite",
            exercise="deadlift",
            number=3,
        )
        for start_s in starts_s
    ]


def kept(profile: Profile) -> list[float]:
    return [entry.header.start_s for entry in profile.entries("deadlift")]


def calibrated(profile: Profile, *starts_s: float) -> int:
    return profile.calibrate("deadlift", [("monday", rep) for rep in reps(*starts_s)])


def test_a_calibration_is_taken_back_and_what_was_learned_since_stays(profile):
    """The reps that it replaced are back, its own are gone."""
    profile.keep("deadlift", reps(0, 10, 20), "monday")
    assert calibrated(profile, 30, 40) == 3
    profile.keep("deadlift", reps(50), "tuesday")
    done = profile.undo()
    assert (done.change.what, done.restored, done.removed) == ("calibrate", 3, 2)
    assert sorted(kept(profile)) == [0, 10, 20, 50]
    assert profile.undo() is None


def test_changes_are_taken_back_one_after_the_other(profile):
    """The last one first, and no more than are kept."""
    for start_s in range(MOST + 2):
        calibrated(profile, 10.0 * start_s)
    back = []
    while profile.undo() is not None:
        back.append(kept(profile))
    assert back == [[10.0 * start_s] for start_s in range(MOST, 0, -1)]


def test_one_rep_is_removed_and_comes_back(profile):
    """With its number in its set."""
    profile.keep("deadlift", reps(0, 10, 20), "monday")
    profile.forget_one("deadlift", profile.entries("deadlift")[1])
    assert kept(profile) == [0, 20]
    assert profile.undo().restored == 1
    assert kept(profile) == [0, 10, 20]
    assert {entry.header.number for entry in profile.entries("deadlift")} == {3}


@pytest.mark.parametrize("exercise", ["deadlift", None])
def test_what_is_forgotten_for_good_can_not_be_brought_back(profile, exercise):
    """Nothing of it is left on the disk."""
    calibrated(profile, 0)
    calibrated(profile, 10)
    profile.forget(exercise)
    assert not profile.folder.exists()
    assert profile.undo() is None


def test_an_undone_first_calibration_leaves_nothing(profile):
    """As if the profile had never been."""
    calibrated(profile, 0)
    profile.undo()
    assert profile.is_new


def test_what_is_kept_is_for_the_owner_alone(profile):
    """Folders and files."""
    calibrated(profile, 0)
    calibrated(profile, 10)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (profile.folder / ".undo").rglob("*")}
    assert modes == {0o700, 0o600}


def test_a_damaged_description_is_told_and_loses_no_rep(profile):
    """Where the reps lie, and what to do."""
    calibrated(profile, 0)
    calibrated(profile, 10)
    description = max(Path(profile.folder / ".undo").iterdir()) / "change.json"
    description.write_bytes(b"\x00")
    with pytest.raises(SourceError, match=r"change\.json: is damaged\. Move the reps beside it back by hand"):
        profile.undo()
    assert len(list(description.parent.glob("*.rep"))) == 1
