"""A run or a recording in words: lines for each set, warnings, and why a result is doubtful."""

import math
from dataclasses import replace

import pytest
from builders.analyses import an_analysis
from builders.past_sessions import a_last_time
from builders.steps import a_fault, a_pace, a_rep, a_set_summary

from livecoach.batch.running import parse_analysis
from livecoach.cli.analyze import _doubts
from livecoach.core import language
from livecoach.core.documents import FramesDocument
from livecoach.core.types import Correction, LikelyExercise, PartialRep, Recognition, Rep, UncheckedFault
from livecoach.core.types.bounds import lifter_suffix
from livecoach.core.types.message import Message, capitalise, join_texts
from livecoach.decisions.coaching.set_summary import unlearned_note
from livecoach.records.session.metrics import Durations, RunMetrics
from livecoach.run import doubts, summary

UNLIKE, NOBODY_THERE = "7 movements did not look like reps: not counted", "nobody in the picture"
AN_EMPTY_ROOM = {"frames": FramesDocument(read=100, with_pose=9, dropped=0), "warnings": (NOBODY_THERE,)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"frames": FramesDocument(read=9, with_pose=0, dropped=0), "warnings": (NOBODY_THERE, "too dark")},
            ["too dark"],
        ),
        ({**AN_EMPTY_ROOM, "exercise": None}, [doubts.seldom_seen_line(AN_EMPTY_ROOM["frames"])]),
        (AN_EMPTY_ROOM, [NOBODY_THERE]),  # The result of a named exercise does not say it
        ({"warnings": (NOBODY_THERE, UNLIKE)}, [NOBODY_THERE, UNLIKE]),
        ({"warnings": (NOBODY_THERE, UNLIKE), "refused": 10}, [NOBODY_THERE]),  # The result says how many did not count
        ({"warnings": (UNLIKE,), "refused": 10, "exercise": None}, [UNLIKE, doubts.unrecognised_line(None)]),
    ],
)
def test_a_warning_that_the_result_of_an_analysis_states_is_not_repeated(changes, said):
    assert list(_doubts(parse_analysis(an_analysis(**changes)), "", 0)) == said


@pytest.mark.parametrize(
    ("up_s", "down_s", "pause_s", "slow"),
    [
        (1.3, 1.8, 0.3, False),  # the slowest of real sets
        (5.0, 5.0, 3.0, False),  # with a tempo of 5-3-5
        (1.0, 5.0, 0.0, False),  # with a slow way down alone
        (4.0, 8.0, 0.0, True),  # a film at an eighth of its speed
        (3.4, 3.2, 0.2, True),  # at a quarter
        (4.9, None, None, False),  # a bar that is dropped: heavy pulls take that long
    ],
)
def test_reps_too_slow_to_be_true_are_taken_for_slow_motion(up_s, down_s, pause_s, slow):
    """Both ways are slow, and nothing is held. A movement that took so long that none counted is too slow as well."""
    pace = replace(a_pace(), concentric_s=up_s, eccentric_s=down_s, pause_s=pause_s)
    assert doubts.is_slow_motion(a_set(1, *[a_rep(pace=pace)] * 3), ()) == slow
    endless = PartialRep(start_s=1.0, reason="no_return")
    assert doubts.is_slow_motion((), (endless,))
    assert not doubts.is_slow_motion(a_set(1, a_rep(pace=None)), (endless,))


IN_METRES = replace(a_pace(speed=0.5), speed_unit="m/s")
LEANT = replace(a_fault(severity=0.2), name="forward_lean", text="leant forward: 40°, your good reps 24°")


def a_set(number: int, *reps: Rep) -> list[Rep]:
    return [replace(rep, index=at, set=number, number=at, exercise="squat") for at, rep in enumerate(reps, 1)]


def lean(text: str, severity: float) -> Rep:
    return a_rep(verdict="anomalous", faults=(replace(LEANT, text=text, severity=severity),))


def test_a_good_set_takes_one_line():
    reps = a_set(1, a_rep(pace=replace(IN_METRES, speed=0.61)), a_rep(pace=IN_METRES))
    assert list(summary.summarise_sets(reps)) == [
        "set 1 · 2 reps: 2 good · fastest 0.61 m/s, rep 2: 18\N{NO-BREAK SPACE}% slower than rep 1"
    ]


def test_a_fault_takes_one_line_however_many_reps_had_it():
    other = a_rep(verdict="anomalous", faults=(replace(LEANT, name="knee_cave", text=""),))
    assert list(
        summary.summarise_sets(a_set(2, other, lean("leant forward: a bit", 0.1), lean("leant forward: a lot", 0.9)))
    ) == ["set 2 · 3 reps: 3 to check", "  leant forward in reps 2 and 3 (a lot)", "  knees came in in rep 1"]
    many = [lean("a bit", 0.1)] * 9
    for reps, names in (([a_rep(), *many], "reps 2, 3, 4, 5, 6, 7 and 3 more"), (many, "all 9 reps")):
        assert list(summary.summarise_sets(a_set(1, *reps)))[1].startswith(f"  leant forward in {names}")


def test_reps_without_a_named_fault_are_listed_too():
    """One that somebody marked bad is not called unlike good reps."""
    unsure = a_rep(verdict="unsure", score=None, unsure="legs not clear")
    odd = a_rep(verdict="anomalous", top_joints=("left_hip",))
    marked = replace(a_rep(), correction=Correction(label="bad"))
    told = ["unlike your good reps: rep 1", "rep 3 marked bad by you", "not judged: rep 2 (legs not clear)"]
    assert list(summary.summarise_sets(a_set(1, odd, unsure, marked)))[1:] == [f"  {line}" for line in told]


def test_the_question_stands_at_the_end_until_it_is_answered():
    """With the command that answers it, for the first set that nobody confirmed."""
    alike = a_rep(reference="none", own_reps=3)
    asked = "Are these your good reps? `livecoach sessions correct last:1 good` confirms them."
    assert list(summary.question_lines(a_set(1, alike, alike, alike))) == [asked]
    ben_m = lifter_suffix("Ben M", is_shared=True)
    assert 'last:1@"Ben M" good' in next(summary.question_lines(a_set(1, alike, alike, alike), suffix=ben_m))
    assert "last:1@ben good" in next(summary.question_lines(a_set(1, alike, alike, alike), suffix="@ben"))
    assert list(summary.question_lines(a_set(1, *[replace(alike, correction=Correction(label="good"))] * 3))) == []
    assert list(summary.question_lines(a_set(1, a_rep(), a_rep(), a_rep()))) == []


def test_an_old_fault_that_is_back_is_reported_at_the_end():
    last = a_last_time(fixed=("forward_lean",))
    reps = a_set(1, lean("52°", 0.4), lean("53°", 0.5), a_rep(exercise="squat"))
    assert list(summary.returned_fault_lines({"squat": last}, reps)) == [
        "An old fault is back: leant forward, in 2 of 3 reps."
    ]
    assert list(summary.returned_fault_lines({"squat": last}, reps[1:])) == []


def test_a_summary_names_the_exercise_of_each_set_where_there_are_several():
    pull = replace(a_rep(), set=2, number=1, exercise="romanian_deadlift")
    heads = list(summary.summarise_sets([*a_set(1, a_rep()), pull]))
    assert heads == ["set 1 · squat · 1 rep: 1 good", "set 2 · romanian deadlift · 1 rep: 1 good"]


def test_a_speed_in_torso_lengths_is_shown_as_an_estimate_in_metres():
    """Of a lifter of 170 cm; how to make it exact is said once, and only where it is needed."""
    relative = a_pace(speed=0.9)
    reps = [*a_set(1, a_rep(pace=relative)), *a_set(2, a_rep(pace=IN_METRES))]
    told = [line.partition(" good")[2] for line in summary.summarise_sets(reps)]
    assert told == [" · fastest about 0.4 m/s", " · fastest 0.50 m/s"]
    explained, how = summary.speed_lines(reps)
    assert explained.startswith("Speeds with ~ or “about” are estimates for a height of 170 cm")
    assert how.strip() == "livecoach config set height_cm 180"
    assert [*summary.estimate_notes(reps)] == [explained]
    assert not list(summary.speed_lines(a_set(2, a_rep(pace=IN_METRES))))


def test_estimates_and_measured_speeds_of_a_set_are_not_compared():
    """Those of the way that most of its reps were measured in count; how many others there are is said."""
    reps = a_set(1, a_rep(pace=IN_METRES), a_rep(pace=a_pace(speed=9.0)), a_rep(pace=IN_METRES))
    assert list(summary.summarise_sets(reps)) == [
        "set 1 · 3 reps: 3 good · fastest 0.50 m/s, no speed loss, 1 not measured"
    ]
    assert not list(summary.speed_lines(reps)), "how to make speeds exact, where no estimate is shown"
    reps = a_set(1, a_rep(pace=IN_METRES), a_rep(pace=IN_METRES), a_rep(pace=None))
    assert list(summary.summarise_sets(reps)) == [
        "set 1 · 3 reps: 3 good · fastest 0.50 m/s, no speed loss, 1 not measured"
    ]


def test_imperial_units_are_shown_where_they_are_chosen():
    dipped = replace(LEANT, text=join_texts(": ", "bar dipped", Message("{n} cm", n=10)))
    reps = a_set(1, a_rep(pace=IN_METRES, verdict="anomalous", faults=(dipped,)))
    with language.using_language("en", "imperial"):
        head, fault = summary.summarise_sets(reps)
        guess = next(summary.summarise_sets(a_set(1, a_rep(pace=a_pace(speed=0.9)))))
    assert head.endswith("fastest 1.64 ft/s")
    assert guess.endswith("fastest about 1.4 ft/s")
    assert fault == "  leant forward in rep 1 (3.9 in)"


def test_a_slow_run_ends_with_advice_for_camera_or_recording():
    """A faster pose model, if there is one; for a recording, the command that takes every frame."""
    metrics = RunMetrics()
    for number in range(60):
        metrics.slow.add_frame(number / 6, 4, with_pose=True)
    what, live = summary.too_slow_lines(metrics, (), "full", live=True)
    assert what.startswith("Too few pictures at 0:0")
    assert live == (
        "Close other programs; use `--pose lite`; choose a smaller picture in the camera's settings; "
        "check the camera's connection."
    )
    assert "--pose" not in summary.too_slow_lines(metrics, (), "lite", live=True)[1]
    assert "livecoach analyze" in summary.too_slow_lines(metrics, (), "full", live=False)[1]


@pytest.mark.parametrize(
    ("gaps", "says", "advises"),
    [
        ([(2.0, 8.0)], "too few pictures at 0:02–0:08, 6 s of 0:12: reps or faults may have been missed there", ""),
        ([(12.0, math.inf)], "the camera was lost at 0:12, and did not come back", ""),
        ([(0.5, 1.0)], "too few pictures at 0:02–0:08, 6 s of 0:12: reps or faults may have been missed there",
         "close other programs; choose a smaller picture in the camera's settings; "),
    ],
)  # fmt: skip
def test_after_a_lost_camera_the_advice_is_about_the_camera(gaps, says, advises):
    """Another program may have it. Pictures that are too large are named only if the computer was slow as well."""
    metrics = RunMetrics(camera_gaps=gaps, t_s=12.0)
    metrics.slow.spans = [] if says.startswith("the camera") else [(2.0, 8.0)]
    what, advice = summary.too_slow_lines(metrics, (), "lite", live=True)
    assert what == capitalise(f"{says}.")
    assert advice == capitalise(f"close other programs that use the camera; {advises}check the camera's connection.")


def test_a_run_that_kept_up_ends_without_a_warning():
    assert summary.too_slow_lines(RunMetrics(), (), "full", live=True) == []


def test_faults_that_could_not_be_looked_for_are_reported_once():
    hidden = (
        UncheckedFault(name="rounded_back", reason="azimuth"),
        UncheckedFault(name="knee_cave", reason="azimuth"),
        UncheckedFault(name="heel_lift", reason="feet"),
    )
    assert summary.not_visible_lines(a_set(1, a_rep(not_visible=hidden), a_rep(not_visible=hidden[:1]))) == [
        "Not visible from where the camera stood: rounded back, knees came in",
        "Feet not clearly visible: hidden, out of the picture, or unsteady: heels came up",
    ]


def test_why_nothing_was_learned_is_reported_at_the_end():
    notes = ("7 of 8 to depth", *unlearned_note({"shallow": 2}, "3"))
    (line,) = summary.nothing_learned_lines(a_set_summary(notes=notes))
    assert line.startswith("nothing learned for next time: 2 too shallow. If these are your good reps: ")
    assert summary.nothing_learned_lines(None) == summary.nothing_learned_lines(a_set_summary()) == []


def test_counted_reps_are_described_in_words():
    assert summary.describe_counts([]) == "no reps"
    assert summary.describe_counts([a_rep()]) == "1 rep: 1 good"
    assert summary.describe_counts([a_rep(), a_rep(verdict="anomalous")]) == "2 reps: 1 good, 1 to check"


def test_a_fault_that_most_reps_show_is_not_called_hidden():
    """Nothing is known of the feet in a second rep alone; a fault stands under its commonest reason, once."""
    feet, back = (UncheckedFault(name=name, reason="unknown") for name in ("stance_shift", "rounded_back"))
    by_view = UncheckedFault(name="rounded_back", reason="azimuth")
    reps = [a_rep(not_visible=(by_view,)), a_rep(not_visible=(by_view, feet)), a_rep(not_visible=(back,))]
    assert summary.not_visible_lines(reps) == ["Not visible from where the camera stood: rounded back"]


def test_the_two_likeliest_exercises_are_named():
    others = (LikelyExercise(name=name, probability=at) for name, at in (("romanian_deadlift", 0.22), ("lunge", 0.1)))
    guess = Recognition(name="squat", probability=0.41, alternatives=tuple(others))
    told = "no exercise was recognised: most like squat (41 %) or romanian deadlift (22 %). Name it with --exercise."
    assert doubts.unrecognised_line(guess).replace("\N{NO-BREAK SPACE}", " ") == told
    for nothing in (None, Recognition(name=None, probability=0.9)):
        assert doubts.unrecognised_line(nothing) == "no exercise was recognised. Name it with --exercise."


def test_the_times_of_a_run_are_its_medians_and_95th_percentiles():
    lines: list[str] = []
    metrics = RunMetrics(frames=101, with_pose=90, pose=Durations(values_ms=[*map(float, range(101))]))
    summary._print_figures(lines.append, metrics, "lite")
    assert lines == ["101 frames, 0 dropped, 90 with a person", "pose (lite): p50 50.0, p95 95.0 ms"]


@pytest.mark.parametrize(
    ("with_pose", "said"),
    [
        (0, "nobody was seen. Check that the whole lifter is in the picture, and that there is enough light."),
        (9, "nobody was seen in 91 % of the pictures. Check that the whole lifter is in the picture, and that "
            "there is enough light."),
        (25, None),
    ],
)  # fmt: skip
def test_a_film_in_which_hardly_anybody_was_seen_says_so(with_pose, said):
    """An empty room has moments that look like a person; a lifter on a bench is seen in every third picture."""
    assert doubts.seldom_seen_line(FramesDocument(read=100, with_pose=with_pose, dropped=0, lost=0)) == said


@pytest.mark.parametrize(
    ("probability", "counted", "said"),
    [
        (0.997, True, "counted as bench press (99 %), which is likely but not certain. If it is another, name it "),
        (0.81, False, "most like bench press (81 %), but no rep of it was found. If it is another, name it "),
    ],
)
def test_the_likeliest_exercise_is_reported_with_its_probability(probability, counted, said):
    line = doubts.guessed_line(Recognition(name="bench_press", probability=probability), counted=counted)
    assert line.replace("\N{NO-BREAK SPACE}", " ") == f"{said}with --exercise."


def test_the_terminal_speaks_the_language_that_is_set():
    with language.using_language("de"):
        head, fault, unsure = summary.summarise_sets(
            a_set(1, lean(LEANT.text, 0.2), a_rep(verdict="unsure", unsure="lost from sight"))
        )
    assert head == "Satz 1 · 2 Wdh.: 1 auffällig, 1 nicht bewertet"
    assert fault == "  Oberkörper zu weit vorn in Wdh. 1 (40°, deine guten Wdh. 24°)"
    assert unsure == "  nicht bewertet: Wdh. 2 (nicht mehr zu sehen)"
