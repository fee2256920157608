"""A report counts what somebody said of a rep, and tells how it was judged beside it."""

from pathlib import Path

from builders.reports import Read, a_page, a_squat_fault, a_squat_session, opened, squatted, wrong

from livecoach.cli.correct import Corrector
from livecoach.coaching.set_summary import summarize
from livecoach.documents import SetEndEvent
from livecoach.report.content import gather
from livecoach.types import Correction, Label, Rep


def corrected(tmp_path: Path, reps: list[Rep], said: dict[int, tuple[Label, str | None]]) -> Path:
    """A session of which somebody says of the rep of that number what it was."""
    told = SetEndEvent(t_s=60.0, summary=summarize(1, reps, {"forward_lean": "chest up"}, ["rep 1: a note"]))
    folder = a_squat_session(tmp_path, reps, events=[told], profile=None)
    session = opened(folder)
    for number, (label, fault) in said.items():
        Corrector(session).correct(session.corrected_reps[number - 1], Correction(label=label, fault=fault))
    return folder


def words(folder: Path) -> str:
    return Read(a_page(folder)).words


def test_an_alarm_that_was_good_counts_as_good_and_both_are_shown(tmp_path):
    """Nothing is to be fixed then, and the note of the set stays."""
    folder = corrected(tmp_path, [squatted(1), wrong(2)], {2: ("good", None)})
    found = words(folder)
    assert "2 good" in found
    assert "to look at" not in found
    assert "leant forward — you said: good" in found or "forward lean — you said: good" in found
    assert "1 corrected by you" in found
    assert "Nothing to fix" in found
    assert "Rep 1: a note" in found


def test_a_fault_that_a_correction_removes_was_detected_all_the_same(tmp_path):
    """It is not listed as checked and never detected."""
    table_words = words(corrected(tmp_path, [squatted(1), wrong(2)], {2: ("good", None)}))
    never = table_words.partition("Checked in every rep and never detected:")[2].partition(".")[0]
    assert never
    assert "leant forward" not in never


def test_a_good_rep_that_was_bad_is_the_one_to_look_at(tmp_path):
    """The fault that somebody named is to fix, without a number: it was never measured."""
    found = words(corrected(tmp_path, [squatted(1), squatted(2)], {2: ("bad", "knee_cave")}))
    assert "good — you said: bad (knee cave)" in found
    assert "“Knees out”" in found
    assert "Knees came in in 1 of 2 reps: rep 1/2." in found
    assert "Worst in" not in found
    assert "named by you" in found


def test_of_the_faults_of_a_bad_rep_the_one_that_somebody_named_counts(tmp_path):
    """Where it was measured."""
    both = wrong(
        1, a_squat_fault(severity=0.9), a_squat_fault("shallow", severity=0.2, text="too high: 92°, yours 80°")
    )
    (lifted,) = gather(opened(corrected(tmp_path, [both], {1: ("bad", "shallow")}))).reps
    assert [fault.name for fault in lifted.rep.faults] == ["shallow"]
    assert [fault.name for fault in lifted.judged.faults] == ["forward_lean", "shallow"]


def test_a_rep_that_was_none_is_not_counted_and_keeps_its_number(tmp_path):
    """So do those after it; it is listed with the others that are not counted."""
    folder = corrected(tmp_path, [squatted(1), squatted(2), squatted(3)], {2: ("no-rep", None)})
    gathered = gather(opened(folder))
    assert [one.rep.number for one in gathered.reps] == [1, 3]
    found = words(folder)
    assert "2 reps · 1 set" in found
    assert "rep 1/2: good — you said: no rep" in found
    assert "Rep 1/3" in found


def test_a_session_of_reps_that_were_none_has_no_reps(tmp_path):
    """And a page all the same."""
    found = words(corrected(tmp_path, [squatted(1)], {1: ("no-rep", None)}))
    assert "No reps" in found
    assert "rep 1/1: good — you said: no rep" in found
