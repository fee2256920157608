"""What to fix first, and in which words."""

from dataclasses import replace

import pytest
from builders.depth import a_depth
from builders.reports import a_content, a_squat_fault, lifted, squatted, wrong

from livecoach.core.step import RepCompleted
from livecoach.core.types import Correction, PartialRep, Rep, RepDifference, UncheckedFault
from livecoach.decisions.rep.measures import FaultTable, load_faults
from livecoach.feedback.key_moment import KeyMoment
from livecoach.pages.report.overview import Overview, make_overview, undetected_faults_words

SQUAT = load_faults("squat")
THEN = KeyMoment(point=55, into_s=1.24, where="where the trunk leans most", part="", has_ring=True)
SHALLOW, LEAN = "shallow", "forward_lean"


def overview_of(
    *reps: Rep | RepCompleted, partials: tuple[PartialRep, ...] = (), table: FaultTable = SQUAT
) -> Overview:
    """Of one set."""
    of_set = tuple(rep if isinstance(rep, RepCompleted) else lifted(rep) for rep in reps)
    return make_overview(a_content(of_set, partials), table, lambda *_: THEN)


def test_one_fault_is_told_with_its_advice_its_rep_and_its_measure():
    found = overview_of(squatted(1), wrong(2), squatted(3))
    assert (found.kind, found.headline) == ("fault", "Stay tall")
    assert found.line == "Leant forward in 1 of 3 reps: set 1, rep 2."
    assert found.facts[0] == "Worst in set 1, rep 2 (bottom, where the trunk leans most): 66°, your good reps 44°."


def test_a_frequent_small_fault_comes_before_a_single_large_fault():
    little = [wrong(number, a_squat_fault(SHALLOW, severity=0.0)) for number in (1, 2)]
    lot = wrong(3, a_squat_fault(LEAN, severity=1.0))
    assert overview_of(*little, lot).headline == "A little deeper"
    assert overview_of(*little[:1], lot).headline == "Stay tall"


def test_the_rep_that_shows_a_fault_has_it_as_primary():
    """The worst of those; another one has it worse, but was corrected for something that matters more."""
    reps = [lifted(wrong(1, a_squat_fault(severity=0.1))), lifted(wrong(2, a_squat_fault(severity=0.9)))]
    assert overview_of(*reps).shown_rep is reps[1]
    told_for, other = lifted(wrong(1, a_squat_fault(SHALLOW, severity=0.1))), a_squat_fault("knee_cave", severity=0.3)
    found = overview_of(told_for, wrong(2, other, a_squat_fault(SHALLOW, severity=0.4))).faults
    assert {one.name: one.worst.rep.index for one in found} == {"knee_cave": 2, SHALLOW: 1}


def test_of_equally_frequent_faults_the_riskier_one_comes_first():
    found = overview_of(wrong(1, a_squat_fault(SHALLOW)), wrong(2, a_squat_fault(LEAN)))
    assert found.headline == "Stay tall"
    assert [(one.description, one.cue) for one in found.faults[1:]] == [
        ("not deep enough in 1 of 2 reps", "a little deeper")
    ]


def test_a_drill_goes_with_what_to_fix_first():
    assert f"Drill: {SQUAT.faults[LEAN].drill}" in overview_of(wrong(1, a_squat_fault(LEAN))).facts
    without = replace(SQUAT, faults={LEAN: replace(SQUAT.faults[LEAN], drill=None)})
    assert not [fact for fact in overview_of(wrong(1, a_squat_fault(LEAN)), table=without).facts if "Drill" in fact]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ((1, 2, 3, 4), "in 4 of 4 reps."),
        ((3, 4), "in 2 of 4 reps, in every rep since set 1, rep 3."),
        ((2, 3), "in 2 of 4 reps: set 1, reps 2 and 3."),
        ((1, 2, 4), "in 3 of 4 reps: set 1, reps 1, 2 and 4."),
    ],
)
def test_a_fault_is_told_with_the_reps_that_show_it(bad, said):
    assert overview_of(*(wrong(n) if n in bad else squatted(n) for n in range(1, 5))).line == f"Leant forward {said}"
    line = overview_of(*(wrong(n) if n % 2 else squatted(n) for n in range(1, 21))).line
    assert line == "Leant forward in 10 of 20 reps, first in set 1, rep 1, last in set 1, rep 19."
    unsure = squatted(3, verdict="unsure", score=None)  # which may not have it
    assert (
        overview_of(squatted(1), wrong(2), unsure, wrong(4)).line
        == "Leant forward in 2 of 3 reps that could be checked: set 1, reps 2 and 4."
    )


def test_a_fault_that_no_table_knows_is_called_by_its_own_name():
    """Of a session whose exercise had it then: by its own name, not an error."""
    assert overview_of(wrong(1, a_squat_fault("old_fault", text=""))).headline == "Old fault"


def test_faults_that_were_checked_and_never_detected_are_listed():
    def never(rep: Rep) -> str:
        return undetected_faults_words(a_content([lifted(rep)]), SQUAT)

    met = never(wrong(1, standards=(a_depth(-4.0, "met"),)))
    assert "never detected" in met
    assert "leant forward" not in met
    assert "not deep enough" in met
    hidden = (UncheckedFault(name="shallow", reason="azimuth"),)
    assert "not deep enough" not in never(wrong(1, not_visible=hidden))
    assert "not deep enough" not in never(squatted(1, standards=(a_depth(),), correction=Correction(label="good")))


def test_a_rep_without_a_named_fault_is_told_by_its_joints_and_phase():
    why = RepDifference(joints=("left_knee",), phase="ascent", at_s=1.5, text="left knee, just after the bottom")
    odd = squatted(2, verdict="anomalous", score=1.7, why=why)
    found = overview_of(squatted(1), odd, squatted(3))
    assert (found.kind, found.headline) == ("unlike", "Look at set 1, rep 2")
    assert found.line == "1 of 3 reps unlike good reps, without a named fault: set 1, rep 2."
    assert found.facts[0] == "Mostly: left knee, just after the bottom, where the trunk leans most."


def test_good_reps_leave_nothing_to_fix():
    alone = overview_of(squatted(1, score=0.5))
    assert (alone.line, alone.facts) == ("One rep judged, and it was good.", ())
    found = overview_of(squatted(1, score=0.5), squatted(2, score=0.1), squatted(3, verdict="unsure", score=None))
    assert (found.kind, found.headline) == ("good", "Nothing to fix")
    assert found.line == "2 reps judged, all good; 1 rep not judged."
    assert found.facts[0].startswith("Set 1, rep 2 was most like your good reps")


def test_reps_with_faults_that_did_not_show_are_not_all_good():
    hidden = squatted(1, not_visible=(UncheckedFault(name="knee_cave", reason="azimuth"),))
    found = overview_of(hidden, squatted(2))
    assert (found.headline, found.line) == ("No fault was seen", "2 good, in this view.")


def test_a_run_that_was_too_slow_may_have_missed_what_to_fix():
    reps = (lifted(squatted(1)),)
    found = make_overview(a_content(reps, slow=[(1.0, 3.0)]), SQUAT, lambda *_: THEN)
    assert (found.kind, found.headline) == ("good", "No fault was seen")


def test_reps_that_could_not_be_judged_are_counted_with_the_reason():
    unsure = [squatted(n, verdict="unsure", score=None, unsure="legs not clear") for n in (1, 2)]
    found = overview_of(*unsure)
    assert found.kind == "unjudged"
    assert found.line == "2 reps counted; none was visible enough to judge: legs not clear."


def test_a_session_without_reps_says_so_and_why():
    assert overview_of().line == "No movement in this session counts as a rep."
    begun = PartialRep(start_s=1.0, reason="no_return")
    assert overview_of(partials=(begun,)).line == "One rep was started, but not finished: you did not come back."
