"""Taking sessions away, and nothing else."""

import os

import pytest
from builders.sessions import a_session, contents, sessions_of

from livecoach.errors import SessionError
from livecoach.session import layout
from livecoach.session.deleting import delete_session, delete_video
from livecoach.session.stored import open_session


@pytest.fixture(autouse=True)
def sessions(tmp_path, monkeypatch):
    """The folder of sessions."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return sessions_of(tmp_path)


def test_a_session_goes_with_all_that_is_in_its_folder(sessions):
    """What somebody else has put there, too; nothing else."""
    folder, other = a_session(sessions, reference=1), a_session(sessions, name="other")
    (folder / "report.html").write_text("")
    delete_session(folder)
    assert list(sessions.iterdir()) == [other]


def test_nothing_behind_a_link_goes(sessions, tmp_path):
    """Links in the folder go, what they lead to stays."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("mine")
    folder = a_session(sessions)
    (folder / "out").symlink_to(tmp_path / "kept")
    (folder / layout.REFERENCE).symlink_to(tmp_path / "kept")
    delete_session(folder)
    assert (tmp_path / "kept" / "file").read_text() == "mine"
    assert not folder.exists()


def test_a_second_name_of_a_profiles_rep_goes_alone(sessions, tmp_path):
    """What the profile keeps stays."""
    folder = a_session(sessions, reference=1)
    os.link(folder / "reference" / "000.rep", tmp_path / "of the profile.rep")
    delete_session(folder)
    assert (tmp_path / "of the profile.rep").stat().st_size


def test_a_link_to_a_session_is_refused(sessions, tmp_path):
    """Nothing goes, neither here nor there."""
    folder = a_session(tmp_path)
    (sessions / folder.name).symlink_to(folder)
    with pytest.raises(SessionError, match="is a link"):
        delete_session(sessions / folder.name)
    assert folder.exists()


def test_a_session_that_is_being_recorded_stays(sessions):
    """It is said why."""
    folder = a_session(sessions, cut_off=True)
    before = contents(folder)
    for away in (delete_session, delete_video):
        with layout.lock(folder), pytest.raises(SessionError, match="is being recorded"):
            away(folder)
    assert before.items() <= contents(folder).items()


@pytest.mark.parametrize("other", ["thesis.doc", "reference/photo.jpg", "reference/deep/x.rep", "video.mp4/x"])
def test_elsewhere_only_what_is_a_sessions_own_goes(tmp_path, other):
    """A folder that holds anything else is left as it is."""
    folder = a_session(tmp_path, reference=1)
    (folder / other).parent.mkdir(exist_ok=True)
    (folder / other).write_text("years of work")
    with pytest.raises(SessionError, match="no part of a session"):
        delete_session(folder)
    assert (folder / other).read_text() == "years of work"


def test_elsewhere_a_session_goes(tmp_path):
    """One that holds nothing else, a lock left behind included; what lies beside it stays."""
    folder = a_session(tmp_path, reference=1, cut_off=True)
    (folder / layout.LOCK).write_text("")
    delete_session(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["share"]


def test_a_folder_that_is_no_session_stays(sessions):
    """Also among the sessions."""
    (sessions / "2026-03-01_18-30-00-notes").mkdir()
    with pytest.raises(SessionError, match="is not a readable session"):
        delete_session(sessions / "2026-03-01_18-30-00-notes")
    assert list(sessions.iterdir())


def test_of_a_session_without_its_video_the_rest_is_read(sessions):
    """Nothing is said to be damaged, and it has no video."""
    folder = a_session(sessions, video=True)
    before = contents(folder)
    delete_video(folder)
    session = open_session(folder, pytest.fail)
    assert session.video is None
    assert len(session.reps) == 1
    assert contents(folder) == {name: content for name, content in before.items() if name != layout.VIDEO}
