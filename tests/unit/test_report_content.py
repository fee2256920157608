"""A session read for its report: the observations of each rep and the own reps that judged it, in one pass; and what
somebody said of a rep."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders.observations import a_squat
from builders.reports import Read, a_page, a_squat_session, of_set, opened, squatted, wrong

from livecoach.core.documents import OwnRep, PartialRepEvent, SetEndEvent, codec
from livecoach.core.types import Correction, Label, PartialRep, Rep
from livecoach.decisions.coaching.set_summary import summarise_set
from livecoach.pages.report.content import read_report_content
from livecoach.records.session import layout
from livecoach.records.session.amending import correct_reps


def test_the_window_of_a_rep_has_a_second_more_on_both_sides(tmp_path):
    """As far as there is one; what lies between two reps belongs to both."""
    reps = [squatted(1), squatted(2)]
    found = read_report_content(opened(a_squat_session(tmp_path, reps))).reps
    windows = [one.window for one in found]
    assert [(w.observations[0].t_s, w.observations[-1].t_s) for w in windows] == [
        pytest.approx((0.0, 4.2), abs=0.07),
        pytest.approx((3.0, 7.2), abs=0.07),
    ]
    assert [(w.start_s, w.turn_s, w.end_s, w.set_name) for w in windows] == [
        (rep.start_s, rep.turn_s, rep.end_s, "1") for rep in reps
    ]


def test_observations_that_belong_to_no_rep_are_not_decoded(tmp_path, monkeypatch):
    """An hour is reported in seconds; frames are counted all the same."""
    decoded = []
    seen = a_squat(reps=4)
    session = opened(a_squat_session(tmp_path, [squatted(2)], observations=seen))
    monkeypatch.setattr(codec, "decode", lambda payload, real=codec.decode: decoded.append(1) or real(payload))
    found = read_report_content(session)
    assert len(decoded) == len(found.reps[0].window.observations) < len(seen) / 2
    assert found.metrics.frames == found.metrics.frames_document.with_pose == len(seen)
    assert found.metrics.t_s == pytest.approx(seen[-1].t_s)


def test_a_rep_is_shown_with_the_own_reps_it_was_compared_with(tmp_path):
    """Identified by set and time, as in the events; one that no longer exists is left out."""
    earlier = OwnRep(set="earlier 1", start_s=1.1)
    gone = OwnRep(set="of a day that was forgotten", start_s=2.0)
    told = of_set(squatted(2), own=[squatted(1)])
    told = replace(told, against=(earlier, *told.against, gone))
    session = opened(a_squat_session(tmp_path, [of_set(squatted(1)), told], reference=2))
    first, second = read_report_content(session).reps
    assert first.against == ()
    assert [(kept.set_name, kept.start_s) for kept in second.against] == [("earlier 1", 1.1), ("1", 0.8)]
    assert second.against[1] is first.window


def test_reps_are_numbered_in_their_set(tmp_path):
    partial = PartialRep(start_s=1.0, reason="lost")
    begun = PartialRepEvent(t_s=2.0, partial_rep=partial)
    sets = [of_set(replace(squatted(n), set=(n + 1) // 2, number=2 - n % 2)) for n in range(1, 5)]
    session = opened(a_squat_session(tmp_path, sets, events=[begun]))
    found = read_report_content(session)
    assert found.partials == (partial,)
    assert [one.rep.set_and_number for one in found.reps] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert [(one.number, len(one.counted_reps)) for one in session.sets] == [(1, 2), (2, 2)]


def test_reps_of_an_unknown_view_have_no_window(tmp_path):
    events = [of_set(squatted(n), set_name=None, view=None) for n in (1, 2)]
    found = read_report_content(opened(a_squat_session(tmp_path, events))).reps
    assert [one.rep.name for one in found] == ["1/1", "1/2"]
    assert [one.window for one in found] == [None, None]


def test_damaged_or_missing_observations_are_reported_and_leave_the_report(tmp_path):
    folder = a_squat_session(tmp_path, [squatted(1), squatted(2)])
    path = folder / layout.OBSERVATIONS
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 255
    path.write_bytes(content)
    said: list[str] = []
    found = read_report_content(opened(folder, said))
    assert len(said) == 1
    assert "damaged" in said[0]
    assert [len(one.window.observations) > 50 for one in found.reps] == [True, True]
    path.unlink()
    gone = read_report_content(opened(folder, said))
    assert ([one.window for one in gone.reps], gone.metrics.frames, len(said)) == ([None, None], 0, 2)


# Corrections: how it was judged is told beside what somebody said


def corrected(tmp_path: Path, reps: list[Rep], said: dict[int, tuple[Label, str | None]]) -> Path:
    """A session of which somebody says of the rep of that number what it was."""
    told = SetEndEvent(t_s=60.0, summary=summarise_set(1, reps, {"forward_lean": "chest up"}, ["rep 1: a note"]))
    folder = a_squat_session(tmp_path, reps, events=[told], profile=None)
    session = opened(folder)
    for number, (label, fault) in said.items():
        correct_reps(session, [session.corrected_reps[number - 1]], Correction(label=label, fault=fault))
    return folder


def words(folder: Path) -> str:
    return Read(a_page(folder)).words


def test_an_alarm_called_good_counts_as_good_and_shows_both_verdicts(tmp_path):
    folder = corrected(tmp_path, [squatted(1), wrong(2)], {2: ("good", None)})
    found = words(folder)
    assert "2 good" in found
    assert "to check" not in found
    assert "leant forward — you said: good" in found
    assert "1 corrected by you" in found
    assert "Nothing to fix" in found
    assert "Rep 1: a note" in found
    never = found.partition("Checked in every rep and never detected:")[2].partition(".")[0]
    assert never
    assert "leant forward" not in never


def test_a_good_rep_called_bad_is_shown_with_its_fault_as_the_one_to_fix(tmp_path):
    """The fault that somebody named is to fix, without a number: it was never measured."""
    found = words(corrected(tmp_path, [squatted(1), squatted(2)], {2: ("bad", "knee_cave")}))
    assert "good — you said: bad (knees came in)" in found
    assert "“Knees out”" in found
    assert "Knees came in in 1 of 2 reps: set 1, rep 2." in found
    assert "Worst in" not in found


def test_a_movement_called_no_rep_is_not_counted_and_keeps_its_number(tmp_path):
    folder = corrected(tmp_path, [squatted(1), squatted(2), squatted(3)], {2: ("no-rep", None)})
    assert [one.rep.number for one in read_report_content(opened(folder)).reps] == [1, 3]
    found = words(folder)
    assert "2 reps · 1 set" in found
    assert "set 1, rep 2: good — you said: no rep" in found
    assert "Set 1, rep 3" in found
    correct_reps(opened(folder), [opened(folder).corrected_reps[0]], Correction(label="no-rep"))
    correct_reps(opened(folder), [opened(folder).corrected_reps[2]], Correction(label="no-rep"))
    assert "No reps" in words(folder)
