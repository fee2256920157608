"""What there is to say of a set that is over."""

from dataclasses import replace

import pytest
from builders.steps import a_fault, a_pace, a_rep

from livecoach.core.types import Correction, Pace, Rep, RepDifference, StandardResult, UncheckedFault
from livecoach.decisions.coaching.rep_figures import best_rep
from livecoach.decisions.coaching.set_summary import summarise_set, unlearned_note, unseen_note
from livecoach.decisions.judging.corrections import RepLog
from livecoach.decisions.rep.measures import load_faults

CORRECTIONS = {"rounded_back": "chest up", "hips_early": "hips and chest together", "bar_drift": "bar close"}
HIGH = StandardResult(name="depth", verdict="missed", off=11.0, deviation=3.0, unit="cm")


def a_timed_pace(speed: float = 0.5, **times: float) -> Pace:
    return a_pace(**{"concentric_s": 1.0, "pause_s": 0.5, "eccentric_s": 1.5, "speed": speed, **times})


def at_speeds(*speeds: float) -> list[Rep]:
    return [a_rep(pace=a_timed_pace(speed)) for speed in speeds]


def with_faults(**severities: float) -> Rep:
    """An anomalous rep, as it is judged: the primary fault comes first."""
    faults = [a_fault(name, severity=severity) for name, severity in severities.items()]
    return a_rep(verdict="anomalous", faults=tuple(sorted(faults, key=lambda fault: -fault.severity)))


def test_faults_that_the_view_hides_are_not_said_to_be_missing() -> None:
    """Those that a coach checks first, in half of the reps or more; a set without reps tells nothing."""
    first = load_faults("deadlift").faults
    hidden = a_rep(not_visible=(UncheckedFault(name="rounded_back", reason="azimuth"),))
    assert unseen_note([hidden, a_rep()], first) == ("can't be checked from here: back rounded",)
    assert unseen_note([hidden, a_rep(), a_rep()], first) == unseen_note([], first) == ()


def test_the_reason_why_a_good_set_is_not_learned_is_given_in_one_line() -> None:
    assert unlearned_note({"unclear": 1, "shallow": 2}, "2@ben") == (
        "nothing learned for next time: 2 too shallow, 1 not seen clearly. If these are your good reps: y, a raised "
        "right hand, or `livecoach sessions correct last:2@ben good`",
    )
    assert unlearned_note({}, "2") == ()


def test_a_set_is_named_with_its_lifter_once_several_have_lifted() -> None:
    """As commands want it: without the name, they can't tell whose set 1 is meant."""
    log = RepLog()
    log.lifters = {1: "anna", 2: "anna"}
    assert [log.set_address(number) for number in (1, 2)] == ["1", "2"]
    log.lifters |= {3: "ben", 4: None}
    assert [log.set_address(number) for number in (2, 3, 4)] == ["2@anna", "1@ben", "1@-"]


def test_reps_that_nothing_confirms_are_alike_or_different() -> None:
    reps = [a_rep(), a_rep(reference="none"), a_rep(reference="none", verdict="anomalous"), a_rep(reference="none")]
    told = summarise_set(2, reps, CORRECTIONS)
    assert (told.good, told.alike, told.anomalous, told.different, told.reference) == (1, 2, 0, 1, "none")
    assert summarise_set(1, reps[1:], CORRECTIONS).best is None


BACK, HIPS, DRIFT = "rounded_back", "hips_early", "bar_drift"
SLIGHT = {BACK: 0.1}


@pytest.mark.parametrize(
    ("good", "faults", "first"),
    [
        (1, [], None),
        # What more reps are told for, however severe another was once; not what no rep is told for
        (0, [{DRIFT: 0.1}, {DRIFT: 0.1}, {DRIFT: 0.1, BACK: 1.0}], DRIFT),
        (0, [{DRIFT: 0.1, BACK: 0.1}, {DRIFT: 0.1, HIPS: 0.2}], HIPS),
        # Of those that weigh the same the more common one, then the riskier
        (0, [{BACK: 0.25}, {DRIFT: 0.25}], BACK),
        (0, [{HIPS: 0.25, DRIFT: 0.1}, {BACK: 0.25}, {DRIFT: 0.25}], DRIFT),
        # A rep far past the limit weighs more than one at the limit of another fault, and less than two
        (0, [{DRIFT: 1.0}, SLIGHT], DRIFT),
        (0, [{DRIFT: 1.0}, SLIGHT, SLIGHT], BACK),
        # What was told live of one of ten reps is named, however slight; what more reps have comes first
        (9, [SLIGHT], BACK),
        (9, [SLIGHT, SLIGHT], BACK),
        (9, [{BACK: 0.1, DRIFT: 0.1}, {DRIFT: 0.1}], DRIFT),
    ],
)
def test_the_fault_to_fix_first_is_chosen_by_reps_severity_and_risk(good, faults, first) -> None:  # type: ignore[no-untyped-def]
    reps = [*[a_rep()] * good, *(with_faults(**of_rep) for of_rep in faults)]
    told = summarise_set(1, reps, CORRECTIONS)
    having = sum(first in of_rep for of_rep in faults)
    assert (told.fault, told.fault_cue, told.fault_reps) == (first, CORRECTIONS.get(first), having)


def test_a_fault_of_fewer_reps_than_have_no_named_fault_is_not_the_sets_fault() -> None:
    why = RepDifference(joints=("left_wrist",), phase="ascent", at_s=1.0, text="hands, on the way up")
    unnamed, named = a_rep(verdict="anomalous", why=why), with_faults(**SLIGHT)
    told = summarise_set(1, [named, unnamed, unnamed, unnamed], CORRECTIONS)
    assert (told.fault, told.fault_cue, told.fault_reps) == (None, None, 3)
    assert told.notes == ("mostly: hands, on the way up",)
    assert summarise_set(1, [named, unnamed], CORRECTIONS).fault == BACK


def test_reps_that_are_too_high_come_before_one_rep_of_a_fault() -> None:
    """Their form may be good, and they are none; a rep that somebody called good is one. A fault of the same reps
    comes first."""
    cues = {**CORRECTIONS, "shallow": "a little deeper"}
    high, called_good = a_rep(standards=(HIGH,)), a_rep(standards=(HIGH,), correction=Correction(label="good"))
    told = summarise_set(1, [*[high] * 9, called_good, with_faults(rounded_back=0.6)], cues)
    assert (told.fault, told.fault_cue, told.fault_reps, told.good) == ("shallow", "a little deeper", 9, 1)
    faulty_and_high = [replace(with_faults(rounded_back=0.2), standards=(HIGH,))] * 9
    assert summarise_set(1, faulty_and_high, cues).fault == "rounded_back"


def test_reps_that_a_standard_disallowed_show_what_to_fix_too() -> None:
    high, close = a_rep(standards=(HIGH,), disallowed=True), a_rep(standards=(replace(HIGH, verdict="close"),))
    told = summarise_set(1, [close, high, high], CORRECTIONS)
    assert (told.reps, told.fault, told.fault_reps) == (1, "shallow", 2)


def test_tempo_is_the_median_of_the_reps() -> None:
    reps = [a_rep(pace=a_timed_pace(concentric_s=s, eccentric_s=2 * s)) for s in (1.0, 1.2, 9.0)] + [a_rep()]
    told = summarise_set(1, reps, CORRECTIONS)
    assert (told.concentric_s, told.eccentric_s, told.pause_s) == (1.2, 2.4, 0.5)
    assert (told.speed, told.speed_unit) == (0.5, "torso/s")


def test_a_set_of_unknown_pace_has_neither_tempo_nor_speed() -> None:
    told = summarise_set(1, [a_rep()], CORRECTIONS)
    assert (told.concentric_s, told.speed, told.speed_unit, told.velocity_loss, told.slowest) == (None,) * 5
    assert told.notes == ()


def test_reps_that_somebody_marked_bad_are_told_apart_from_those_that_stood_out() -> None:
    """A rep that has a fault, detected or named, is told by it."""
    bad = Correction(label="bad")
    marked = a_rep(verdict="anomalous", correction=bad)
    named = replace(marked, correction=Correction(label="bad", fault="hips_rose_first"))
    told = summarise_set(1, [a_rep(), a_rep(verdict="anomalous"), marked, named], CORRECTIONS)
    assert (told.anomalous, told.marked) == (3, 1)
    assert summarise_set(1, [a_rep(correction=Correction(label="good"))], CORRECTIONS).marked == 0


def test_the_best_and_the_slowest_rep_are_named_by_their_numbers_in_the_set() -> None:
    shown = [(0.5, 0.6), (0.3, 0.4), (0.6, 0.5)]
    reps = [
        a_rep(index=9 + i, number=1 + i, score=score, pace=a_timed_pace(speed))
        for i, (score, speed) in enumerate(shown)
    ]
    told = summarise_set(1, reps, CORRECTIONS)
    assert (told.best, told.slowest, told.fastest) == (2, 2, 1)
    told = summarise_set(1, [replace(reps[0], correction=Correction(label="no-rep")), *reps[1:]], CORRECTIONS)
    assert (told.reps, told.best, told.slowest) == (2, 2, None)


def test_the_best_rep_is_a_good_one_that_misses_no_standard() -> None:
    """A rep with a named fault, or one that is high, may have a low score; of others alone none is the best."""
    good = a_rep(score=0.9)
    assert best_rep([a_rep(score=0.1, verdict="anomalous"), good]) == good
    assert best_rep([a_rep(score=1.4, verdict="anomalous"), a_rep(score=1.2, verdict="anomalous")]) is None
    assert best_rep([a_rep(score=0.1, standards=(HIGH,)), good]) == good
    assert best_rep([a_rep(score=0.1, standards=(HIGH,))]) is None
    assert best_rep([a_rep(score=None, verdict="unsure")]) is None


@pytest.mark.parametrize(
    ("speeds", "loss"),
    [((0.45, 0.5, 0.38), 0.24), ((0.5, 0.5, 0.3, 0.28, 0.3, 0.5), 0.44), ((0.3, 0.5, 0.5), 0.0), ((0.45,), None)],
    ids=["to the last rep", "in between", "speeding up", "one rep"],
)
def test_speed_loss_is_the_largest_against_the_fastest_rep_before(speeds, loss) -> None:
    assert summarise_set(1, at_speeds(*speeds), CORRECTIONS).velocity_loss == (
        loss if loss is None else pytest.approx(loss)
    )


def test_fatigue_is_noted_when_the_last_two_reps_have_lost_a_fifth() -> None:
    """One slow rep at the end, or one fast one before, may be an error of the estimate."""
    assert summarise_set(1, at_speeds(0.55, 0.5, 0.39, 0.35), CORRECTIONS).notes == ("tired: last reps 22% slower",)
    assert summarise_set(1, at_speeds(0.5, 0.5, 0.5, 0.3), CORRECTIONS).notes == ()
    assert summarise_set(1, at_speeds(0.9, 0.5, 0.45, 0.45), CORRECTIONS).notes == ()
    assert summarise_set(1, at_speeds(0.5, 0.3, 0.3), CORRECTIONS).notes == ()


def test_notes_given_to_a_summary_come_last() -> None:
    notes = ["rep 2, while learning: unlike the others"]
    assert summarise_set(1, at_speeds(0.5, 0.5, 0.3, 0.3), CORRECTIONS, notes).notes == (
        "tired: last reps 40% slower",
        "rep 2, while learning: unlike the others",
    )
