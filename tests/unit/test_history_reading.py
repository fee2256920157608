"""What the history reads of sessions: as the folders are, and what of damaged ones counts."""

import json
from pathlib import Path

import pytest
from builders.depth import a_depth
from builders.sessions import a_session, at, some_reps
from builders.steps import a_fault, a_rep

from livecoach.core.config import paths
from livecoach.core.documents import CorrectionEvent, StandardsEvent, UsedSettings
from livecoach.core.types import Standards
from livecoach.core.types.reps import BELOW_CM
from livecoach.pages.history.reading import load_past, load_sessions
from livecoach.records.session import layout
from livecoach.records.session.lifter_events import append_events

FAULT = a_fault("shallow")


def three(sessions: Path) -> list[Path]:
    """On three days, with one, two and three reps."""
    return [a_session(sessions, started=at(2026, 3, day), reps=some_reps(day), session=f"{day}") for day in (1, 2, 3)]


@pytest.mark.parametrize(("depth", "crease_cm"), [("parallel", 6.2), ("below", 6.2 - BELOW_CM), (35.0, None)])
def test_depth_is_measured_from_the_top_of_the_knee(sessions, depth, crease_cm):
    """Whatever the standard of that day was; against a box the seat was measured."""
    settings = UsedSettings(false_alarms=0.02, learn=True, height_cm=None, standards=Standards(depth=depth))
    a_session(sessions, reps=[a_rep(standards=(a_depth(6.2),))], settings=settings)
    (only,) = load_past().sessions[0].sets
    assert only.creases_cm == (() if crease_cm is None else (pytest.approx(crease_cm),))


def test_depth_is_measured_by_the_standard_in_force_at_the_rep(sessions):
    """The lifter chose another one between two sets: the second rep is measured from 3 cm lower."""
    first = a_rep(index=1, start_s=1.0, turn_s=2.0, end_s=3.0, standards=(a_depth(6.2),))
    second = a_rep(index=2, start_s=21.0, turn_s=22.0, end_s=23.0, standards=(a_depth(6.2),))
    chosen = StandardsEvent(t_s=10.0, standards=Standards(depth="below"), frame=300)
    a_session(sessions, reps=[first, second], events=[chosen])
    (both,) = load_past().sessions[0].sets
    assert both.creases_cm == pytest.approx((6.2, 6.2 - BELOW_CM))


def test_damaged_sessions_are_named_and_the_other_sessions_count(sessions):
    """A line each: half a session, one of a newer version, damaged lines, no session."""
    _, newer, damaged = three(sessions)
    (newer / "session.json").write_text(json.dumps({"version": 99}))
    with (damaged / "reps.jsonl").open("ab") as file:
        file.write(b'{"event": "rep", "rep": {"index": NaN}}\n\x00\xff\n{"half')
    (sessions / "2026-03-09_10-00-00-squat").mkdir()
    half = sessions / "2026-03-10_10-00-00-squat"
    half.mkdir()
    (half / "session.json").write_text("{")
    found = load_past()
    assert [len(one.counted_reps) for one in found.sessions] == [1, 3]
    assert len(found.notes) == 4
    assert ["newer" in found.notes[1], "2 damaged lines" in found.notes[2]] == [True, True]


def test_a_session_that_has_just_begun_is_no_session_of_the_history_yet(sessions):
    """A phone shows the history before the first set: "last session: 0 reps" says nothing."""
    three(sessions)
    a_session(sessions, started=at(2026, 3, 4), reps=[], session="under way")
    assert [len(part.counted_reps) for part in load_past().parts] == [1, 2, 3]


def test_corrections_count_in_place_of_verdicts(sessions):
    """In place of the verdict, which is kept beside them; damaged ones are reported, and cost themselves."""
    bad = a_rep(index=1, verdict="anomalous", faults=(FAULT,))
    folder = a_session(sessions, reps=[bad, *some_reps(3)[1:]])
    assert [rep.standing_verdict for rep in load_past().sessions[0].counted_reps] == ["anomalous", "good", "good"]
    path = folder / layout.CORRECTIONS
    for start_s, label in ((0.0, "good"), (2.0, "no-rep"), (4.0, "no-rep"), (4.0, None), (4.0, "bad")):
        append_events(path, CorrectionEvent(t_s=start_s + 2, rep=1, start_s=start_s, label=label))
    damaged = b'{}\n[]\n\xff\nnull\n{"start_s": 0, "label": "fine", "fault": null}\n'
    path.write_bytes(damaged + path.read_bytes())
    (session,), notes = load_past().sessions, load_past().notes
    assert notes == [f"{path}: 5 damaged lines left out; the rest is read"]
    told = [(rep.standing_verdict, rep.verdict, rep.fault_names) for rep in session.counted_reps]
    assert told == [("good", "anomalous", ()), ("anomalous", "good", ())]
    assert [rep.name for rep in session.completed_reps if rep not in session.counted_reps] == ["1/2"]


def test_a_page_that_has_the_logs_of_other_apps_does_not_read_them_again(sessions):
    a_session(sessions, profile="anna")
    log = paths.profiles_dir() / "anna" / "earlier.json"
    log.parent.mkdir(parents=True)
    log.write_text("{")
    assert [str(log) in note for note in load_past().notes] == [True]
    assert load_sessions().notes == []
