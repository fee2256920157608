"""The summary at the end of a run: a few lines for each set, and a warning where the machine was too slow."""

import io
from collections.abc import Sequence
from dataclasses import replace

from builders.steps import a_fault, a_pace, a_rep
from rich.console import Console

from livecoach import language
from livecoach.cli.end_summary import RunSummary, too_slow_lines
from livecoach.cli.run_summary import reps_table
from livecoach.cli.set_lines import set_lines, speed_lines
from livecoach.session.metrics import RunMetrics
from livecoach.types import Correction, Rep

SUMMARY = RunSummary(source="camera 0", exercise="Squat", profile="me", pose="full", live=True, verbose=False)
IN_METRES = replace(a_pace(speed=0.5), speed_unit="m/s")
LEANT = replace(a_fault(severity=0.2), name="forward_lean", text="leant forward: 40°, your good reps 24°")


def a_set(number: int, *reps: Rep) -> list[Rep]:
    return [replace(rep, index=at, set=number, number=at, exercise="squat") for at, rep in enumerate(reps, 1)]


def lean(text: str, severity: float) -> Rep:
    return a_rep(verdict="anomalous", faults=(replace(LEANT, text=text, severity=severity),))


def test_a_good_set_takes_one_line():
    """Its verdicts, the fastest rep and the last one."""
    reps = a_set(1, a_rep(pace=replace(IN_METRES, speed=0.61)), a_rep(pace=IN_METRES))
    assert list(set_lines(reps)) == ["set 1 · 2 reps: 2 good · fastest 0.61 m/s, last 0.50 m/s"]


def test_a_fault_takes_one_line_however_many_reps_had_it():
    """With the numbers of the worst of them; the commonest fault comes first."""
    other = a_rep(verdict="anomalous", faults=(replace(LEANT, name="knees_in", text=""),))
    assert list(set_lines(a_set(2, other, lean("a bit", 0.1), lean("a lot", 0.9)))) == [
        "set 2 · 3 reps: 3 anomalous",
        "  forward lean in reps 2/2, 2/3 (a lot)",
        "  knees in in rep 2/1",
    ]


def test_reps_without_a_named_fault_are_listed_too():
    """Those unlike good ones, and those that could not be judged, with the reason."""
    unsure = a_rep(verdict="unsure", score=None, unsure="legs not clear")
    odd = a_rep(verdict="anomalous", top_joints=("left_hip",))
    assert list(set_lines(a_set(1, odd, unsure)))[1:] == [
        "  unlike good reps: rep 1/1",
        "  not judged: rep 1/2 (legs not clear)",
    ]


def test_a_long_list_of_reps_is_cut():
    """The line stays a line."""
    assert list(set_lines(a_set(1, *[lean("a bit", 0.1)] * 9)))[1].startswith(
        "  forward lean in reps 1/1, 1/2, 1/3, 1/4, 1/5, 1/6 and 3 more"
    )


def test_a_correction_counts():
    """A false alarm that somebody called good is nothing to fix."""
    corrected = replace(lean("a bit", 0.1), correction=Correction(label="good"))
    assert list(set_lines(a_set(1, corrected))) == ["set 1 · 1 rep: 1 good (1 corrected by you)"]


def test_a_rep_that_somebody_marked_bad_is_not_called_unlike_good_ones():
    """The line says who said so; livecoach's own verdict has another one."""
    marked = replace(a_rep(), correction=Correction(label="bad"))
    odd = a_rep(verdict="anomalous", top_joints=("left_hip",))
    assert list(set_lines(a_set(1, marked, odd)))[1:] == [
        "  unlike good reps: rep 1/2",
        "  marked bad by you: rep 1/1",
    ]


def test_exercises_are_named_where_there_are_several():
    """Each set says its own."""
    pull = replace(a_rep(), set=2, number=1, exercise="romanian_deadlift")
    heads = list(set_lines([*a_set(1, a_rep()), pull]))
    assert heads == ["set 1 · squat · 1 rep: 1 good", "set 2 · romanian deadlift · 1 rep: 1 good"]


def test_a_speed_in_torso_lengths_is_shown_as_an_estimate_in_metres():
    """Of a lifter of 170 cm, in the table too; how to make it exact is said once, and only where it is needed."""
    relative = a_pace(speed=0.9)
    reps = [*a_set(1, a_rep(pace=relative)), *a_set(2, a_rep(pace=IN_METRES))]
    told = [line.partition(" good")[2] for line in set_lines(reps)]
    assert told == [" · fastest about 0.4 m/s", " · fastest 0.50 m/s"]
    assert list(speed_lines(reps)) == [
        'Speeds with "about" or ~ are estimates for a height of 170 cm.',
        "Set yours for your next sets: `livecoach config set height_cm 180`.",
    ]
    assert not list(speed_lines(a_set(2, a_rep(pace=IN_METRES))))
    out = io.StringIO()
    Console(file=out, width=200).print(reps_table(reps[:1]))
    assert "m/s" in out.getvalue()
    assert "torso" not in out.getvalue()
    assert "~0.41" in out.getvalue()


def test_how_to_make_speeds_exact_is_not_said_where_no_estimate_is_shown():
    """A rep whose bar was lost leaves the speed of its set in metres."""
    reps = a_set(1, a_rep(pace=IN_METRES), a_rep(pace=a_pace(speed=0.9)), a_rep(pace=IN_METRES))
    assert not list(speed_lines(reps))
    assert list(speed_lines(reps, each=True)), "a table of all reps shows it"


def test_estimates_and_measured_speeds_of_a_set_are_not_compared():
    """Those of the way that most of its reps were measured in count."""
    reps = a_set(1, a_rep(pace=IN_METRES), a_rep(pace=a_pace(speed=9.0)), a_rep(pace=IN_METRES))
    assert list(set_lines(reps)) == ["set 1 · 3 reps: 3 good · fastest 0.50 m/s, last 0.50 m/s"]


def test_imperial_units_are_shown_where_they_are_chosen():
    """Feet per second and inches, in the table too."""
    reps = a_set(1, a_rep(pace=IN_METRES, verdict="anomalous", faults=(replace(LEANT, text="bar dipped: 10 cm"),)))
    with language.used("en", "imperial"):
        head, fault = set_lines(reps)
        out = io.StringIO()
        Console(file=out, width=200).print(reps_table(reps))
        guess = next(set_lines(a_set(1, a_rep(pace=a_pace(speed=0.9)))))
    assert head.endswith("fastest 1.64 ft/s")
    assert guess.endswith("fastest about 1.4 ft/s")
    assert fault == "  forward lean in rep 1/1 (bar dipped: 3.9 in)"
    assert "ft/s" in out.getvalue()
    assert "1.64" in out.getvalue()


def slow_run(frames: Sequence[float]) -> RunMetrics:
    tally = RunMetrics()
    for t_s in frames:
        tally.slow.add(t_s, 4, with_pose=True)
    return tally


def test_a_slow_run_ends_with_what_to_do():
    """A faster pose model, if there is one; for a recording, the command that takes every frame."""
    tally = slow_run([number / 6 for number in range(60)])
    what, live = too_slow_lines(tally, SUMMARY)
    assert what.startswith("Too slow to be trusted at 0:0")
    assert live == ("Close other programs, use `--pose lite` or choose a smaller picture in the camera's settings.")
    assert "--pose" not in too_slow_lines(tally, replace(SUMMARY, pose="lite"))[1]
    assert "livecoach analyze" in too_slow_lines(tally, replace(SUMMARY, live=False))[1]


def test_a_run_that_kept_up_ends_without_a_warning():
    """Nothing to say."""
    assert too_slow_lines(RunMetrics(), SUMMARY) == []
