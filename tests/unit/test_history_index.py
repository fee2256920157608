"""The index of sessions: as the folders are, whatever became of it; and what of damaged sessions counts."""

import json
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from builders.observations import a_squat
from builders.sessions import a_session, at, some_reps
from builders.steps import a_fault, a_pace, a_rep, a_view
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livecoach.documents import CorrectionEvent, RepEvent, to_json
from livecoach.history import index, reading
from livecoach.history.index import index_file, load_past
from livecoach.history.page import usual_rep_shift
from livecoach.session import layout
from livecoach.session.lifter_events import EventAppender

FAULT = a_fault("shallow")


@pytest.fixture
def sessions(tmp_path, monkeypatch):
    """The folder of a home's sessions."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    folder = tmp_path / "share" / "livecoach" / "sessions"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def said():
    """Lines for the user."""
    return []


def three(sessions: Path) -> list[Path]:
    """On three days, with one, two and three reps."""
    return [a_session(sessions, started=at(2026, 3, day), reps=some_reps(day), session=f"{day}") for day in (1, 2, 3)]


def counts(found: index.PastSessions) -> list[int]:
    """Reps of each session."""
    return [len(one.reps) for one in found.sessions]


def test_all_is_told_that_a_rep_says(sessions, said):
    """Read, kept, and read again from the index: the same both times."""
    rep = a_rep(index=9, set=2, number=4, verdict="anomalous", faults=(FAULT, FAULT), pace=a_pace())
    a_session(sessions, started=at(2026, 3, 1), reps=[rep], profile="Jörg", exercise="deadlift")
    first, again = load_past(said.append), load_past(said.append)
    assert first == again
    (session,) = first.sessions
    (told,) = session.reps
    assert (session.profile, session.exercise, session.started, session.ended) == (
        "Jörg",
        "deadlift",
        at(2026, 3, 1),
        True,
    )
    assert (told.number, told.set, told.verdict, told.faults, told.view) == (4, 2, "anomalous", ("shallow",), "oblique")
    assert (told.pace.eccentric_s, told.pace.pause_s, told.pace.concentric_s) == (1.1, 0.1, 0.8)
    assert (told.pace.speed, told.pace.speed_unit, told.pace.travel) == (0.9, "torso/s", 1.0)
    assert said == []


def test_the_exercise_of_each_rep_is_remembered(sessions, said):
    """Of a session in which they were recognised; those of earlier versions do not say it."""
    done = [a_rep(index=n, exercise=name) for n, name in enumerate(["squat", "deadlift", None], 1)]
    a_session(sessions, reps=done, exercise="auto")
    for _ in range(2):
        (session,) = load_past(said.append).sessions
        assert session.exercise == "auto"
        assert [rep.exercise for rep in session.reps] == ["squat", "deadlift", ""]


def test_only_what_has_changed_is_read_again(sessions, said, monkeypatch):
    """A session that goes on is read anew, one that is gone is forgotten; the others are not opened."""
    one, two, three_ = three(sessions)
    assert counts(load_past(said.append)) == [1, 2, 3]
    read: list[str] = []
    monkeypatch.setattr(index, "read_session", lambda folder: read.append(folder.name) or reading.read_session(folder))
    assert counts(load_past(said.append)) == [1, 2, 3]
    assert read == []
    shutil.rmtree(two)
    with (one / "reps.jsonl").open("a") as file:
        file.write(to_json(RepEvent(t_s=9.0, rep=a_rep(index=2), set="2", view=None)) + "\n")
    assert counts(load_past(said.append)) == [2, 3]
    assert read == [one.name]
    shutil.rmtree(one)
    shutil.rmtree(three_)
    assert load_past(said.append).sessions == ()


def test_the_index_is_the_owners_alone(sessions, said):
    """As all that is kept."""
    three(sessions)
    load_past(said.append)
    assert stat.S_IMODE(index_file().stat().st_mode) == 0o600
    assert [path.name for path in index_file().parent.iterdir() if path != sessions] == ["history.sqlite"]


@pytest.mark.usefixtures("sessions")
def test_nothing_is_made_where_there_are_no_sessions(said):
    """No index of nothing."""
    assert load_past(said.append).sessions == ()
    assert not index_file().exists()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"no index at all" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: changed(path, "DROP TABLE reps"),
        lambda path: changed(path, "UPDATE reps SET verdict = 'fine'"),
        lambda path: changed(path, "UPDATE reps SET speed = 'fast'"),
        lambda path: changed(path, "UPDATE sessions SET started = 'once'"),
        lambda path: changed(path, "ALTER TABLE reps ADD COLUMN more"),
        lambda path: changed(path, "PRAGMA user_version = 0"),
    ],
)
def test_a_damaged_index_is_made_anew(sessions, said, damage):
    """From the folders; said in one line at the most, and well from then on."""
    a_session(sessions, reps=[a_rep(pace=a_pace())])
    before = load_past(said.append)
    damage(index_file())
    assert load_past(said.append) == before
    assert len(said) <= 1
    said.clear()
    assert load_past(said.append) == before
    assert said == []


def changed(path: Path, statement: str) -> None:
    """Change the index behind livecoach's back."""
    with closing(sqlite3.connect(path)) as open_index:
        open_index.execute(statement)
        open_index.commit()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_in_the_index_is_no_failure(sessions, said, place, bit):
    """Whatever it hits: all is told, or the index is made anew; a figure may be off, a session is not lost."""
    if not any(sessions.iterdir()):
        three(sessions)
    index_file().unlink(missing_ok=True)
    load_past(said.append)
    content = bytearray(index_file().read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    index_file().write_bytes(bytes(content))
    load_past(said.append)


def test_an_index_of_a_newer_livecoach_is_left_alone(sessions, said):
    """It is no damage: said, and everything is read."""
    three(sessions)
    load_past(said.append)
    changed(index_file(), f"PRAGMA user_version = {index.VERSION + 1}")
    before = index_file().read_bytes()
    assert counts(load_past(said.append)) == [1, 2, 3]
    assert len(said) == 1
    assert "newer" in said[0]
    assert index_file().read_bytes() == before


def test_an_index_that_is_being_written_is_gone_without(sessions, said, monkeypatch):
    """Another livecoach may hang; this one does not."""
    three(sessions)
    load_past(said.append)
    a_session(sessions, started=at(2026, 3, 4), session="4")
    monkeypatch.setattr(index, "WAIT_S", 0.05)
    with closing(sqlite3.connect(index_file(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert counts(load_past(said.append)) == [1, 2, 3, 1]
    assert len(said) == 1
    assert "locked" in said[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_takes_no_index(sessions, said):
    """It is done without, and said."""
    three(sessions)
    sessions.parent.chmod(0o500)
    try:
        assert counts(load_past(said.append)) == [1, 2, 3]
    finally:
        sessions.parent.chmod(0o700)
    assert len(said) == 1


def test_a_folder_in_the_place_of_the_index_is_left_alone(sessions, said):
    """Somebody else's: said in one line."""
    three(sessions)
    index_file().mkdir()
    (index_file() / "mine").touch()
    assert counts(load_past(said.append)) == [1, 2, 3]
    assert len(said) == 1
    assert (index_file() / "mine").exists()


def test_what_is_damaged_is_told_each_time_and_the_rest_counts(sessions, said):
    """A line each: half a session, one of a newer version, damaged lines, no session; and those are remembered."""
    _, newer, damaged = three(sessions)
    (newer / "session.json").write_text(json.dumps({"version": 99}))
    with (damaged / "reps.jsonl").open("ab") as file:
        file.write(b'{"event": "rep", "rep": {"index": NaN}}\n\x00\xff\n{"half')
    (sessions / "2026-03-09_10-00-00-squat").mkdir()
    half = sessions / "2026-03-10_10-00-00-squat"
    half.mkdir()
    (half / "session.json").write_text("{")
    for _ in range(2):
        found = load_past(said.append)
        assert counts(found) == [1, 3]
        assert len(found.notes) == 4
        assert ["newer" in found.notes[0], "2 damaged lines" in found.notes[1]] == [True, True]
    assert said == []


def test_a_session_without_its_document_is_rebuilt(sessions, said):
    """As everywhere: from its other files; and that is said."""
    (one, *_) = three(sessions)
    (one / "session.json").write_text("{}")
    found = load_past(said.append)
    assert counts(found) == [1, 2, 3]
    assert len(found.notes) == 1


def test_a_session_without_an_end_counts_as_far_as_it_is(sessions, said):
    """Cut off, or being recorded; its last half line is left for the next time."""
    folder = a_session(sessions, reps=some_reps(2), cut_off=True)
    with (folder / "reps.jsonl").open("ab") as file:
        file.write(b'{"event": "rep", "rep"')
    (session,) = load_past(said.append).sessions
    assert (len(session.reps), session.ended) == (2, False)


def test_a_rep_whose_set_is_not_known_is_of_the_set_before_it(sessions, said):
    """Names of sets become numbers in their order; a set that goes on is the same."""
    folder = a_session(sessions, reps=0)
    names = [None, "7", None, "9", "7"]
    view = a_view(90.0, "side")
    lines = [to_json(RepEvent(t_s=n, rep=a_rep(index=n + 1), set=name, view=view)) for n, name in enumerate(names)]
    (folder / "reps.jsonl").write_text("\n".join(lines) + "\n")
    (session,) = load_past(said.append).sessions
    assert [rep.set for rep in session.reps] == [1, 1, 1, 2, 1]


def test_what_is_long_in_the_making_is_remembered(sessions, said):
    """By what it was made of; without an index, or of other ends, it is made again."""
    assert index.cached_text("squat/anna", "a b") is None
    three(sessions)
    load_past(said.append)
    index.cache_text("squat/anna", "a b", "text")
    assert index.cached_text("squat/anna", "a b") == "text"
    assert index.cached_text("squat/anna", "a c") is None
    index_file().write_bytes(b"no index" * 999)
    assert index.cached_text("squat/anna", "a b") is None
    index.cache_text("squat/anna", "a b", "text")


def test_the_usual_rep_is_that_of_the_references(sessions, said):
    """Of the first and the newest session that has one; the second time it comes from the index, the same."""
    for day, kept in ((1, 0), (2, 3), (3, 4), (4, 5)):
        reps = a_squat(reps=kept or 1)
        a_session(sessions, started=at(2026, 3, day), observations=reps, reference=kept, session=f"{day}")
    found = usual_rep_shift(load_past(said.append).sessions)
    assert found is not None
    assert (found.first_day, found.last_day, found.reps_before, found.reps_after) == ("2026-03-02", "2026-03-04", 3, 5)
    assert all(len(one.before) == len(one.after) == 101 for one in found.curves)
    index_file().unlink()
    assert usual_rep_shift(load_past(said.append).sessions) == found


def test_damaged_references_tell_nothing(sessions, said):
    """As where they judge: they are left out."""
    for day in (1, 2):
        folder = a_session(sessions, started=at(2026, 3, day), reference=3, session=f"{day}")
        for path in (folder / "reference").iterdir():
            path.write_bytes(b"nothing")
    assert usual_rep_shift(load_past(said.append).sessions) is None


def test_sessions_are_in_the_order_in_which_they_began(sessions, said):
    """By the instant, wherever they were recorded: the clock on the wall is set back in autumn."""
    a_session(sessions, name="2026-10-25_02-10-00-squat", started=at(2026, 10, 25, 2, 10), session="b")
    early = at(2026, 10, 25, 2, 50).isoformat().replace("+01:00", "+02:00")
    folder = a_session(sessions, name="2026-10-25_02-50-00-squat", started=at(2026, 10, 25, 2, 50), session="a")
    document = json.loads((folder / "session.json").read_text())
    (folder / "session.json").write_text(json.dumps({**document, "started": early}))
    assert [one.session for one in load_past(said.append).sessions] == ["a", "b"]


def correct(folder: Path, *said: tuple[float, str | None]) -> None:
    """Start of a rep, and what it was."""
    with EventAppender(folder / layout.CORRECTIONS) as file:
        for start_s, label in said:
            file.add(CorrectionEvent(t_s=start_s + 2, rep=1, start_s=start_s, label=label))


def test_what_somebody_said_counts_at_once_and_after_the_index_was_made(sessions, said):
    """A session that was corrected is read again; the verdict is still there."""
    bad = a_rep(index=1, verdict="anomalous", faults=(FAULT,))
    folder = a_session(sessions, reps=[bad, *some_reps(3)[1:]])
    assert [rep.verdict for rep in load_past(said.append).sessions[0].reps] == ["anomalous", "good", "good"]
    correct(folder, (0.0, "good"), (2.0, "no-rep"), (4.0, "no-rep"), (4.0, None), (4.0, "bad"))
    for _ in range(2):
        (session,) = load_past(said.append).sessions
        assert [(rep.verdict, rep.judged, rep.faults) for rep in session.reps] == [
            ("good", "anomalous", ()),
            ("anomalous", "good", ()),
        ]
        assert [(rep.number, rep.judged) for rep in session.not_counted] == [(2, "good")]
    assert said == []


def test_a_fault_that_somebody_named_counts(sessions, said):
    """In the place of those that were found."""
    folder = a_session(sessions, reps=[a_rep(verdict="anomalous", faults=(FAULT,))])
    with EventAppender(folder / layout.CORRECTIONS) as file:
        file.add(CorrectionEvent(t_s=2.0, rep=1, start_s=0.0, label="bad", fault="knee_cave"))
    assert load_past(said.append).sessions[0].reps[0].faults == ("knee_cave",)


@pytest.mark.parametrize("line", [b"{}", b"[]", b"\xff", b'{"start_s": 0, "label": "fine", "fault": null}', b"null"])
def test_a_damaged_correction_costs_itself(sessions, said, line):
    """It is told, and the rest counts."""
    folder = a_session(sessions, reps=2)
    correct(folder, (0.0, "bad"))
    path = folder / layout.CORRECTIONS
    path.write_bytes(line + b"\n" + path.read_bytes())
    found = load_past(said.append)
    assert [rep.verdict for rep in found.sessions[0].reps] == ["anomalous", "good"]
    assert found.notes == (f"{path}: 1 damaged line left out; the rest counts",)
