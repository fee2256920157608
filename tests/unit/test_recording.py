"""Sessions that were cut off: reported once, closed as they are; those being recorded are left alone."""

import json
from pathlib import Path

import pytest
from builders.sessions import a_session, at
from builders.systems import mode_of

from livecoach.core.config.files import lock_folder
from livecoach.core.documents import RecordedSource
from livecoach.records.rejudging import claim_session_of_film
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.upkeep import (
    LEFTOVER_AGE_S,
    MOST_EMPTY_BYTES,
    close_cut_off_sessions,
    hide_session,
    remove_leftovers,
)

OF_FRAMES = tuple(name for name in layout.RECORDED_FILES if name not in (layout.DOCUMENT, layout.LOG))


def left_behind(folder: Path) -> Path:
    """As a killed process leaves it."""
    (folder / layout.RECORDING_MARK).touch()
    return folder


def settled() -> list[str]:
    said: list[str] = []
    close_cut_off_sessions(said.append)
    return said


def test_a_session_that_was_cut_off_is_reported_once_and_kept(sessions):
    """With what there is of it, and what shows it; of several the oldest first, of one that ended well nothing."""
    folder = left_behind(a_session(sessions, reps=2, cut_off=True))
    later = left_behind(a_session(sessions, started=at(2026, 4, 1), cut_off=True))
    a_session(sessions, started=at(2026, 5, 1))
    (sessions / "notes.txt").write_text("mine")
    assert settled() == [
        f"session {one.name} was cut off after 2 s and {reps}. It is saved: `livecoach report {one.name}` shows it."
        for one, reps in ((folder, "2 reps"), (later, "1 rep"))
    ]
    assert settled() == []
    end = open_session(folder, print).about.end
    assert (end.early, end.reps, end.good, end.frames.read) == (True, 2, 2, 30)


@pytest.mark.parametrize(
    ("own", "other", "is_same"),
    [("squat.mp4:12345678", "copy.mp4:12345678", True), ("2026-03-01T18:30:31Z", "2026-03-02T09:10:31Z", False)],
)
def test_a_copy_of_a_film_is_the_film_and_what_is_no_file_has_no_copies(sessions, own, other, is_same):
    """A source of a program is named by the time at which it was opened."""
    recorded = RecordedSource(name="film", width=640, height=480, fps=30.0, live=False)
    session = open_session(a_session(sessions, source=recorded, session=own), print)
    assert (session.is_of(own), session.is_of(other)) == (True, is_same)


def test_a_film_of_which_only_a_part_was_analysed_can_be_analysed_again(sessions):
    film = RecordedSource(name="squat.mp4", width=640, height=480, fps=30.0, live=False)
    folder = left_behind(a_session(sessions, source=film, session="squat.mp4:12345678", cut_off=True))
    assert claim_session_of_film("squat.mp4:12345678", "anna") is None
    layout.mark_for_deletion(folder)
    assert settled() == ["the analysis of squat.mp4 was cut off. Analyse it again."]
    assert not folder.exists()


def test_a_session_that_is_being_recorded_is_left_alone(sessions):
    folder = a_session(sessions, cut_off=True)
    with layout.lock_session(folder):
        assert mode_of(folder / layout.RECORDING_MARK) == 0o600
        assert layout.is_recording(folder)
        assert settled() == []
        assert open_session(folder, print).about.end is None
    assert not layout.is_recording(folder)
    assert len(settled()) == 1  # whoever looked at it left the mark of a session that has no end


def test_nothing_is_left_of_the_lock_of_a_session_that_has_ended(sessions):
    folder = a_session(sessions)
    before = set(folder.iterdir())
    with layout.lock_session(folder):
        (folder / layout.RECORDING_MARK).unlink()
    assert set(folder.iterdir()) == before


def test_two_sessions_that_begin_in_the_same_second_have_a_folder_each(sessions):
    names = [layout.make_session_folder(at(2026, 3, 1), "squat", sessions).name for _ in range(2)]
    assert names == ["2026-03-01_18-30-00-squat", "2026-03-01_18-30-00-squat.2"]


def test_a_damaged_description_stays_as_it_is(sessions):
    folder = left_behind(a_session(sessions, cut_off=True))
    (folder / layout.DOCUMENT).write_bytes(b"{")
    assert len(settled()) == 1
    assert settled() == []
    assert (folder / layout.DOCUMENT).read_bytes() == b"{"


def test_a_session_cut_off_before_anything_was_written_is_removed_later(sessions):
    """There is nothing to keep; not at once: it may be just beginning."""
    folder = sessions / "2026-03-01_18-30-00-squat"
    folder.mkdir()
    left_behind(folder)
    assert settled() == []
    remove_leftovers(folder.stat().st_mtime + 60)
    assert folder.exists()
    remove_leftovers(folder.stat().st_mtime + 2 * LEFTOVER_AGE_S)
    assert not folder.exists()


@pytest.mark.parametrize("left", [b"", bytes(MOST_EMPTY_BYTES)], ids=["nothing", "zeros"])
def test_a_session_that_a_power_failure_left_empty_is_removed_and_reported(sessions, left):
    """File systems leave zeros in place of what was not flushed."""
    folder = left_behind(a_session(sessions, reps=0, observations=[], cut_off=True))
    for name in OF_FRAMES:
        (folder / name).write_bytes(left)
    assert settled() == [
        f"session {folder.name} was cut off before its first frame. There is nothing in it, so it is removed."
    ]
    assert not folder.exists()


@pytest.mark.parametrize("name", OF_FRAMES)
@pytest.mark.parametrize("left", [b"\0\0x", bytes(MOST_EMPTY_BYTES + 1)], ids=["something", "more zeros"])
def test_a_session_that_may_contain_more_is_kept_although_it_cannot_be_read(sessions, name, left):
    folder = left_behind(a_session(sessions, reps=0, observations=[], cut_off=True))
    for emptied in OF_FRAMES:
        (folder / emptied).write_bytes(b"")
    (folder / name).write_bytes(left)
    (said,) = settled()
    assert "It is saved but can't be read" in said
    assert (folder / name).read_bytes() == left


def test_a_session_that_ended_while_it_was_closed_keeps_its_end(sessions):
    """Killed between the last two writes, or before its lifters had learned from it."""
    folder = left_behind(a_session(sessions))
    before = json.loads((folder / layout.DOCUMENT).read_text())
    assert settled() == []
    assert json.loads((folder / layout.DOCUMENT).read_text()) == before


def test_files_that_an_interrupted_delete_left_are_removed_later(sessions):
    """Not at once: another livecoach may be at work in it; and nothing else."""
    half = a_session(sessions).rename(sessions / f"{layout.HIDDEN_PREFIX}abc")
    whole = a_session(sessions, started=at(2026, 4, 1))
    made_s = half.stat().st_mtime
    remove_leftovers(made_s + 60)
    assert half.exists()
    remove_leftovers(made_s + 2 * LEFTOVER_AGE_S)
    assert not half.exists()
    assert whole.exists()


def test_a_killed_home_pages_deletions_are_final_unless_they_can_be_undone(sessions):
    """Its lock ends with the process; the file of the lock stays."""
    hidden = hide_session(a_session(sessions))
    with lock_folder(hidden.parent):
        remove_leftovers(hidden.stat().st_mtime + 2 * LEFTOVER_AGE_S)
        assert hidden.exists()
    (hidden.parent / layout.LOCK_FILE).touch()
    remove_leftovers(hidden.parent.stat().st_mtime)
    assert list(sessions.iterdir()) == []
