"""The summary that is printed: reps in a table, faults in words, and what could not be looked for, once."""

import io
from dataclasses import replace

from builders.steps import a_fault, a_pace, a_rep
from rich.console import Console

from livecoach.cli.run_summary import count_summary, not_visible_lines, rep_lines, reps_table
from livecoach.types import NotVisible, PartialRep, Rep, Why

HIPS_EARLY = a_fault(severity=0.25, at_s=1.63)


PACE = a_pace(concentric_s=1.24, pause_s=0.4, eccentric_s=1.5, speed=0.41, velocity_loss=0.12)


def table(*reps: Rep, width: int = 200) -> list[list[str]]:
    """Words of each row, the head first."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(reps_table(reps))
    return [line.split() for line in out.getvalue().splitlines()]


def test_a_row_says_what_a_rep_was_judged_by():
    """A rep that was not judged was judged by nothing."""
    rows = table(a_rep(reference="own"), a_rep(index=2, verdict="unsure", score=None, unsure="legs not clear"))
    assert rows[1] == ["1", "0.0", "2.0", "0.40", "own", "good"]
    assert rows[2] == ["2", "0.0", "2.0", "–", "–", "unsure"]


def test_pace_has_columns_where_it_is_known():
    """Down, pause, up, speed with a tilde where it is an estimate, and what was lost of it; else a dash."""
    rows = table(a_rep(pace=PACE), a_rep(index=2))
    assert " ".join(rows[0]).startswith("rep start s end s down s pause s up s m/s loss % score")
    assert rows[1][3:9] == ["1.5", "0.4", "1.2", "~0.19", "12", "0.40"]
    assert rows[2][3:9] == ["–", "–", "–", "–", "–", "0.40"]
    assert table(a_rep(pace=replace(PACE, speed_unit="m/s")))[1][6] == "0.41"


def test_the_widest_row_has_room_where_there_is_no_terminal():
    """80 columns, as rich takes them to be: nothing is cut short."""
    rep = a_rep(index=12, start_s=123.4, end_s=126.0, verdict="anomalous", reference="provisional", pace=PACE)
    assert table(rep, width=80) == table(rep)


def test_a_rep_without_a_named_fault_has_its_joints_or_a_reason():
    """What the lifter can work on comes first; of a good rep there is nothing to say."""
    bad = a_rep(verdict="anomalous", score=1.3, top_joints=("left_hip", "left_knee"))
    unsure = a_rep(index=2, verdict="unsure", score=None, unsure="legs not clear")
    why = Why(joints=("left_hip",), phase="ascent", at_s=1.4, text="left hip, just after the bottom")
    known = replace(bad, index=4, why=why, reference="own")
    assert rep_lines([bad, unsure, a_rep(index=3, why=why), known], []) == [
        "rep 1: unlike usual good reps: left hip, left knee",
        "rep 2: not judged: legs not clear",
        "rep 4: unlike your good reps: left hip, just after the bottom",
    ]


def test_a_fault_is_explained():
    """What it was against what it should be, and when; of a rep that was not completed too."""
    lines = rep_lines(
        [a_rep(index=4, faults=(HIPS_EARLY,), top_joints=("left_hip",))],
        [PartialRep(start_s=9.9, reason="no_lowering", faults=(HIPS_EARLY,)), PartialRep(start_s=20.0, reason="cut")],
    )
    assert lines == [
        "rep 4: hips early: hips rose first: chest tipped 11°, your good reps 2° (1.6 s, knee pass)",
        "partial rep at 9.9 s: the bar was not lowered",
        "  hips early: hips rose first: chest tipped 11°, your good reps 2° (1.6 s, knee pass)",
        "partial rep at 20.0 s: the recording ended",
    ]


def test_what_could_not_be_looked_for_is_said_once():
    """By its reason, whatever number of reps it was hidden in."""
    hidden = (
        NotVisible(name="rounded_back", reason="azimuth"),
        NotVisible(name="knees_in", reason="azimuth"),
        NotVisible(name="heels_up", reason="feet"),
    )
    assert rep_lines([a_rep(not_visible=hidden), a_rep(index=2, not_visible=hidden[:1])], []) == [
        "not visible from this camera angle: rounded back, knees in",
        "feet not visible enough: heels up",
    ]


def test_counts_in_words():
    """By verdict, those that there are."""
    assert count_summary([]) == "no reps"
    assert count_summary([a_rep()]) == "1 rep: 1 good"
    assert count_summary([a_rep(), a_rep(verdict="anomalous")]) == "2 reps: 1 good, 1 anomalous"


def test_a_fault_that_most_reps_show_is_not_said_to_be_hidden():
    """Nothing is known of the feet in a second rep alone; a fault stands under its commonest reason, once."""
    feet, back = (NotVisible(name=name, reason="unknown") for name in ("stance_shift", "rounded_back"))
    by_view = NotVisible(name="rounded_back", reason="azimuth")
    reps = [a_rep(not_visible=(by_view,)), a_rep(not_visible=(by_view, feet)), a_rep(not_visible=(back,))]
    assert not_visible_lines(reps) == ["not visible from this camera angle: rounded back"]
