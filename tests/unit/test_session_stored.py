"""Sessions read again: identified by their names, read completely if intact, and otherwise as far as possible."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from builders.sessions import a_session, at
from builders.steps import a_rep
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.documents import FramesDocument, PartialRepEvent, SessionEnd
from livecoach.core.errors import NewerVersion, SessionError
from livecoach.core.types import PartialRep
from livecoach.records.session import layout
from livecoach.records.session.opening import find_session, open_session
from livecoach.records.session.stored import Session


def opened(folder: Path) -> tuple[Session, list[str]]:
    """A session, and what was said of it while all of it was read."""
    said: list[str] = []
    session = open_session(folder, said.append)
    _ = session.rep_events, session.cues, session.events, session.reference_reps
    return session, said


def test_movements_that_were_too_shallow_are_counted(sessions):
    begun = [PartialRep(start_s=at_s, reason=why) for at_s, why in ((4.0, "shallow"), (5.0, "cut"), (6.0, "shallow"))]
    events = [PartialRepEvent(t_s=one.start_s + 1, partial_rep=one) for one in begun]
    session, _ = opened(a_session(sessions, reps=[a_rep()], events=events))
    assert session.shallow_count == 2


def damage(path: Path, at_byte: int) -> None:
    content = bytearray(path.read_bytes())
    content[at_byte] ^= 0x10
    path.write_bytes(content)


def test_the_rest_before_a_set_begins_with_the_end_of_the_last_one(sessions):
    spans = [(1, 10.0, 12.0), (1, 13.0, 15.0), (2, 75.0, 77.0), (3, 137.0, 138.5)]
    reps = [a_rep(set=number, start_s=start_s, turn_s=start_s + 1, end_s=end_s) for number, start_s, end_s in spans]
    session, _ = opened(a_session(sessions, reps=reps))
    assert [(one.number, one.rest_s, one.order) for one in session.sets] == [(1, None, 1), (2, 60, 2), (3, 60, 3)]


def test_a_session_is_found_by_path_name_beginning_or_as_the_last(sessions):
    old, new = a_session(sessions, started=at(2026, 3, 1)), a_session(sessions, started=at(2026, 4, 1))
    assert find_session(str(old)) == old
    assert find_session(old.name) == old
    assert find_session("2026-03") == old
    assert find_session("last") == new


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("2026", "2 sessions begin like that"),
        ("2027", "no such session"),
        ("", "no such session"),
        ("nowhere/at/all", "no such folder"),
        ("last:1/5", "names rep 1/5, .* Write last; `livecoach sessions clip last:1/5` shows the rep"),
        ("last:2", "names set 2, .* Write last; `livecoach report last` shows the set"),
    ],
)
def test_a_name_of_no_session_is_reported(sessions, given, why):
    with pytest.raises(SessionError, match=r"no session yet. `livecoach live` records one"):
        find_session("last")
    for month in (3, 4):
        a_session(sessions, started=at(2026, month, 1))
    with pytest.raises(SessionError, match=why) as error:
        find_session(given)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_no_session_is_reported(tmp_path):
    (tmp_path / "video.mp4").write_bytes(b"")
    with pytest.raises(SessionError, match="not a session"):
        open_session(tmp_path, print)


def test_a_session_of_a_newer_version_is_refused_and_unknown_fields_are_passed_over(sessions):
    """And not guessed at; what later versions add to this version of the format is passed over."""
    folder = a_session(sessions)
    about = json.loads((folder / layout.DOCUMENT).read_text())
    (folder / layout.DOCUMENT).write_text(json.dumps({**about, "mood": "good"}))
    assert opened(folder)[1] == []
    (folder / layout.DOCUMENT).write_text(json.dumps({**about, "version": 2}))
    with pytest.raises(NewerVersion, match=r"written by a newer livecoach \(version 2 of the format\)"):
        open_session(folder, print)


def test_a_damaged_session_json_is_rebuilt_from_the_other_files(sessions):
    """The first event says what it was, the folder when."""
    folder = a_session(sessions, exercise="deadlift", profile="Jörg")
    (folder / layout.DOCUMENT).write_bytes(b'{"format": "livecoach-se')
    session, said = opened(folder)
    assert (session.about.exercise, session.about.profile) == ("deadlift", "Jörg")
    assert session.start_time.replace(tzinfo=None) == at(2026, 3, 1).replace(tzinfo=None)
    assert len(session.rep_events) == 1
    assert len(said) == 1
    assert "session.json: is damaged; it is rebuilt from the other files" in said[0]


def test_a_session_without_its_json_and_first_event_is_no_session_that_can_be_read(sessions):
    folder = a_session(sessions)
    (folder / layout.DOCUMENT).unlink()
    (folder / layout.EVENTS).write_bytes(b"")
    with pytest.raises(SessionError, match="is missing"):
        open_session(folder, print)


@pytest.mark.parametrize("name", [layout.REPS, layout.CUES, layout.EVENTS])
def test_a_line_that_was_cut_off_is_passed_over_without_a_word(sessions, name):
    """As after a kill in the middle of a write: nothing to say."""
    folder = a_session(sessions, reps=2)
    with (folder / name).open("ab") as file:
        file.write(b'{"t_s": 3.0, "lat')
    session, said = opened(folder)
    assert said == []
    assert len(session.rep_events) == 2


def test_a_damaged_line_costs_no_other_line(sessions):
    folder = a_session(sessions, reps=3)
    lines = (folder / layout.REPS).read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"good"', b'"gxod"')
    (folder / layout.REPS).write_bytes(b"\n".join(lines))
    session, said = opened(folder)
    for part in (session, *session.parts):
        assert [one.rep.index for one in part.rep_events] == [1, 3]
    assert said == [f"{folder / layout.REPS}: 1 damaged line left out; the rest is read"]


@pytest.mark.parametrize("name", [layout.REPS, layout.CUES, layout.EVENTS])
def test_a_missing_file_of_a_session_is_reported(sessions, name):
    folder = a_session(sessions)
    (folder / name).unlink()
    _, said = opened(folder)
    assert said == [f"{folder / name}: is missing; the rest of the session is read"]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """A session that copies are damaged of."""
    return a_session(tmp_path_factory.mktemp("recorded"), reps=[a_rep(), a_rep(index=2)], reference=2)


@given(
    share=st.floats(0, 1, exclude_max=True), name=st.sampled_from([layout.OBSERVATIONS, layout.REPS, layout.DOCUMENT])
)
def test_one_flipped_bit_costs_little_and_never_more_than_a_line(recorded, tmp_path_factory, share, name):
    folder = tmp_path_factory.mktemp("damaged") / recorded.name
    shutil.copytree(recorded, folder)
    path = folder / name
    damage(path, int(share * path.stat().st_size))
    try:
        session, said = opened(folder)
    except SessionError as err:
        session, said = None, [str(err)]
    assert all("\n" not in line for line in said)
    if session is None:  # its format or version is another one now
        assert name == layout.DOCUMENT
        return
    before = open_session(recorded, print)
    seen, whole = ([one.index for one in each.read_observations()] for each in (session, before))
    assert set(seen) <= set(whole)
    assert max(len(whole) - len(seen), len(before.rep_events) - len(session.rep_events)) <= 1


def test_the_reference_reps_of_a_session_are_read_but_for_damaged_ones(sessions):
    folder = a_session(sessions, reference=3)
    session, said = opened(folder)
    assert [path.name for path, _ in session.reference_reps] == ["000.rep", "001.rep", "002.rep"]
    damage(folder / layout.REFERENCE / "001.rep", 40)
    session, said = opened(folder)
    assert [path.name for path, _ in session.reference_reps] == ["000.rep", "002.rep"]
    assert len(said) == 1


def test_pictures_come_with_their_observations(sessions):
    session, _ = opened(a_session(sessions, video=True))
    with closing(session.open_frames(pictures=True)) as frames:
        first = frames.read()
    assert first is not None
    assert first.picture is not None
    assert first.observation is not None
    with closing(session.open_frames()) as frames:
        assert frames.read().picture is None


def test_a_broken_video_costs_the_pictures_alone(sessions):
    folder = a_session(sessions, video=True)
    assert opened(folder)[0].video_damage is None
    path = folder / layout.VIDEO
    whole = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-100])
    assert f"{whole - 100} of {whole} recorded bytes are left" in opened(folder)[0].video_damage
    path.write_bytes(b"not a video at all" * 100)
    session, said = opened(folder)
    with closing(session.open_frames(pictures=True)) as frames:
        seen = list(iter(frames.read, None))
    assert len(seen) == 30
    assert all(frame.picture is None for frame in seen)
    assert len(said) == 1


def test_a_session_that_ended_well_is_not_cut_off_because_its_json_is_damaged(sessions):
    unknown = dict.fromkeys(f"captured_to_{what}_ms_p{share}" for what in ("drawn", "cue") for share in (50, 95))
    frames = FramesDocument(read=30, with_pose=30, dropped=0)
    end = SessionEnd(t_s=1.9, reps=1, good=1, anomalous=0, unsure=0, frames=frames, **unknown)
    folder = a_session(sessions, events=[end])
    lines = (folder / layout.EVENTS).read_bytes().splitlines(keepends=True)
    assert b"session_end" in lines[-1]
    (folder / layout.DOCUMENT).unlink()
    session, _ = opened(folder)
    assert not session.is_cut_off
    assert session.about.end.frames.read == 30
    (folder / layout.EVENTS).write_bytes(b"".join(lines[:-1]))
    assert opened(folder)[0].is_cut_off
