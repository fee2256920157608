"""A data folder that nobody may read, or that is none: one line, and a set goes on."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders.observations import an_observation
from builders.sessions import a_document, a_session, at, sessions_of

from livecoach import cli
from livecoach.core.documents import CorrectionEvent
from livecoach.core.errors import LivecoachError, OutputError
from livecoach.core.types import ignore
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile, list_profile_names
from livecoach.records.session import layout
from livecoach.records.session.listing import describe_session, list_sessions
from livecoach.records.session.opening import find_session, open_session
from livecoach.records.session.recorder import start_recording
from livecoach.records.session.upkeep import close_cut_off_sessions, remove_leftovers
from livecoach.run.parts import learn_from_session, lifter_of_profile


def _closed(data: Path) -> None:
    data.chmod(0)


def _a_file(data: Path) -> None:
    data.rename(data.with_name("moved"))
    data.write_text("no folder")


def _a_loop(data: Path) -> None:
    data.rename(data.with_name("moved"))
    data.symlink_to(data)


def _closed_inside(data: Path) -> None:
    (data / "sessions").chmod(0)
    (data / "profiles").chmod(0)


@pytest.fixture(params=[_closed, _closed_inside, _a_file, _a_loop])
def sessions(request, tmp_path, monkeypatch) -> Iterator[Path]:
    """The folder of sessions, with one in it, which can't be read by an ordinary user."""
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    folder = sessions_of(tmp_path)
    a_session(folder)
    data = folder.parent
    (data / "profiles" / "me" / "squat").mkdir(parents=True)
    if os.name == "nt":
        pytest.skip("Windows has neither modes of folders nor numbers of users")
    was_root = os.geteuid() == 0
    if was_root:
        for place in (data, *data.rglob("*")):
            os.chown(place, 65534, 65534)
    request.param(data)
    try:
        if was_root:  # root reads everything
            os.setegid(65534)
            os.seteuid(65534)
        yield folder
    finally:
        if was_root:
            os.seteuid(0)
            os.setegid(0)
        for place in (data, data / "sessions", data / "profiles"):
            if place.is_dir() and not place.is_symlink():
                place.chmod(0o700)


@pytest.mark.usefixtures("sessions")
def test_a_command_begins_although_the_data_folder_cannot_be_read():
    """Also those that need no session, such as `doctor`; what a crash left behind waits."""
    assert not cli._are_sessions_left_behind()
    remove_leftovers(0.0)
    close_cut_off_sessions(print)


def refused(*reads: Callable[[], object]) -> None:
    for read in reads:
        with pytest.raises(LivecoachError) as error:
            read()
        assert str(error.value).isprintable()


def test_the_lookup_of_a_session_says_why_there_is_none(sessions):
    refused(lambda: list(list_sessions()), lambda: find_session("last"), lambda: open_session(sessions / "x", ignore))
    assert describe_session(sessions / "2026-03-01_18-30-00-squat").problem is not None


@pytest.mark.usefixtures("sessions")
def test_a_profile_says_that_it_can_not_be_read():
    """It does not count as new."""
    profile = Profile("me", print)
    refused(list_profile_names, profile.list_exercises, lambda: profile.list_kept_reps("squat"))


@pytest.mark.usefixtures("sessions")
def test_a_set_begins_without_stored_reps_that_cannot_be_read_but_is_not_recorded(capsys):
    lifter = lifter_of_profile(LifterReferences(Profile("me", print), print))
    assert lifter.reference_of("squat", "lite") == ()
    assert "The run begins without your stored reps." in capsys.readouterr().err
    with pytest.raises(OutputError, match="no session can be recorded"):
        start_recording(a_document(), at(2026, 3, 1), [], video=False)


def test_a_session_in_a_chosen_folder_leaves_nothing_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    recording = start_recording(a_document(), at(2026, 3, 1), [], video=False, parent=tmp_path)
    recording.add_observation(an_observation(), None)
    assert recording.end() is not None
    assert (recording.folder / layout.RECORDING_MARK).exists()  # Until profiles have learned from the session
    assert list(tmp_path.iterdir()) == [recording.folder]
    with pytest.raises(OutputError, match=f"^{re.escape(str(tmp_path / 'gone'))}: no session can be recorded"):
        start_recording(a_document(), at(2026, 3, 1), [], video=False, parent=tmp_path / "gone")


@pytest.mark.usefixtures("open_files_move")
@pytest.mark.parametrize("how", ["deleted", "closed"])
def test_a_folder_that_goes_away_under_way_ends_the_recording_alone(tmp_path, monkeypatch, how):
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    recording = start_recording(a_document(), at(2026, 3, 1), [], video=True)
    recording.add_observation(an_observation(), None)
    data = tmp_path / "data"
    if how == "deleted":
        shutil.rmtree(data)
        data.write_text("in its place")
    else:
        data.chmod(0)
    was_root = os.geteuid() == 0
    try:
        if was_root:
            os.seteuid(65534)
        recording.add_event(CorrectionEvent(t_s=1.0, rep=1, start_s=0.0, label="good"))  # a file of its own
        assert recording.end() is None
        assert recording.problem is not None
        assert learn_from_session(["me"], recording.folder) == {}
    finally:
        if was_root:
            os.seteuid(0)
        data.chmod(0o700)
