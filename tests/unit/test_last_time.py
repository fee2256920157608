"""What was to be fixed last time: read from the sessions, recalled before the first set, and followed in each set."""

import shutil
from dataclasses import replace
from datetime import date

import pytest
from builders.live_run import Stage, standing
from builders.observations import a_deadlift
from builders.past_sessions import a_last_time
from builders.pipelines import a_pipeline
from builders.recognition import a_break, after_one_another
from builders.reports import Read
from builders.sessions import a_session, at
from builders.steps import a_fault, a_rep, a_step

from livecoach.core.config import local_time
from livecoach.core.documents import CorrectionEvent, RecordedSource, SetEndEvent, SetLogEvent
from livecoach.core.types import Correction, Cue, UncheckedFault
from livecoach.decisions.coaching import last_time
from livecoach.decisions.coaching.rep_figures import FaultCount
from livecoach.pages.history.last_sessions import find_last_times
from livecoach.pages.home.today import today_page
from livecoach.records.session import layout
from livecoach.run.coached import CoachedRun, command_time
from livecoach.run.parts import Lifter, Part

SQUAT = a_last_time()
LASTS = {"squat": SQUAT, "deadlift": replace(SQUAT, exercise="deadlift", title="Deadlift", fault=None, cue=None)}
READY = Cue(kind="ready", text="ready", rep=None, say="ready")
FAULTY = {"verdict": "anomalous", "faults": (a_fault("knee_cave"),)}


def reps(*changes: dict[str, object]):
    """Return reps of ten seconds each, one after the other."""
    return [
        a_rep(index=n, set=1, number=n, start_s=10.0 * n, turn_s=10.0 * n + 1, end_s=10.0 * n + 2, **change)
        for n, change in enumerate(changes, 1)
    ]


def logged(loads):
    return [SetLogEvent(t_s=0.0, set=number, load_kg=load_kg) for number, load_kg in loads.items()]


@pytest.mark.parametrize(
    ("counts", "fixed"),
    [
        ([(3, 8), (0, 8)], True),
        ([(3, 8), (0, 8), (0, 0)], True),  # the newest session does not show it
        ([(3, 8), (0, 2)], False),  # too few reps say that it has gone
        ([(1, 8), (0, 8)], False),  # one rep may have been an error
        ([(3, 8), (1, 8)], False),  # it never went
        ([], False),
    ],
)
def test_a_fault_is_gone_once_enough_reps_are_free_of_it(counts, fixed):
    told = last_time.fixed_faults([{"knee_cave": FaultCount(*count)} for count in counts])
    assert told == (("knee_cave",) if fixed else ())


def test_an_old_fault_that_is_back_is_reported_of_the_set_that_has_it(sessions):
    """In several reps of it: read from the lifter's earlier sessions."""
    a_session(sessions, started=at(2026, 3, 1), reps=reps(FAULTY, FAULTY, {}), profile="anna")
    a_session(sessions, started=at(2026, 3, 2), reps=reps({}, {}, {}), profile="anna")
    lasts = find_last_times("anna")
    assert (lasts["squat"].fault, lasts["squat"].fixed) == (None, ("knee_cave",))
    told = "an old fault is back: knees came in, in 2 of 3 reps"
    assert [*last_time.returned_fault_notes(lasts["squat"].fixed, "squat", reps(FAULTY, {}, FAULTY))] == [told]
    assert [*last_time.returned_fault_notes(lasts["squat"].fixed, "squat", reps(FAULTY, {}, {}))] == []


def test_the_newest_session_of_each_exercise_counts(sessions):
    """Of the lifter's own profile, before a camera, and with a rep. One that can't be read is none."""
    a_session(sessions, started=at(2026, 3, 1), reps=reps(FAULTY), profile="anna")
    a_session(sessions, started=at(2026, 3, 2), reps=reps({}, FAULTY, FAULTY), profile="anna")
    a_session(sessions, started=at(2026, 3, 3), exercise="deadlift", reps=reps({}), profile="anna")
    a_session(sessions, started=at(2026, 3, 4), reps=reps({}), profile="ben")
    a_session(sessions, started=at(2026, 3, 5), reps=[], profile="anna")
    film = RecordedSource(name="a.mp4", width=640, height=480, fps=30.0, live=False)
    a_session(sessions, started=at(2026, 3, 6), reps=reps({}), profile="anna", source=film)
    damaged = a_session(sessions, started=at(2026, 3, 7), reps=reps({}), profile="anna")
    shutil.rmtree(damaged)
    damaged.mkdir()
    found = find_last_times("anna")
    assert list(found) == ["deadlift", "squat"]
    assert (found["squat"].fault, found["squat"].cue) == ("knee_cave", "knees out")
    assert (found["deadlift"].fault, found["deadlift"].title) == (None, "Deadlift")
    assert find_last_times("nobody") == {}
    assert find_last_times("anna", films=True)["squat"].fault is None, "the home page counts films"


def test_last_time_was_on_an_earlier_day(sessions, monkeypatch):
    """Neither this evening's sessions, nor the one that is being recorded since before midnight."""
    monkeypatch.setattr(local_time, "now", lambda: at(2026, 3, 8, hour=19))
    a_session(sessions, started=at(2026, 3, 1), reps=reps(FAULTY), profile="anna")
    a_session(sessions, started=at(2026, 3, 8, hour=18), reps=reps({}), profile="anna")
    with layout.lock_session(a_session(sessions, started=at(2026, 3, 7, hour=23), reps=reps({}), profile="anna")):
        assert find_last_times("anna")["squat"].fault == "knee_cave"
    assert find_last_times("anna")["squat"].fault is None


def test_an_exercise_is_found_although_another_exercise_was_done_since(sessions):
    both = [reps({})[0], replace(reps({}, {})[1], exercise="deadlift")]
    a_session(sessions, started=at(2026, 3, 1), reps=both, exercise="auto", profile="anna")
    a_session(sessions, started=at(2026, 3, 2), reps=reps({}), profile="anna")
    assert set(find_last_times("anna")) == {"squat", "deadlift"}


def test_a_corrected_rep_counts_as_it_was_corrected(sessions):
    given = [
        replace(rep, correction=Correction(label=label))
        for rep, label in zip(reps(FAULTY, FAULTY), ("good", "no-rep"), strict=True)
    ]
    a_session(sessions, reps=given, profile="anna")
    last = find_last_times("anna")["squat"]
    assert (last.fault, last.reps) == (None, 1)


def test_load_plan_and_rest_are_those_of_most_sets(sessions):
    """The load of most sets, the reps that most of these had, and the median rest in steps of a quarter of a minute."""
    every = []
    for of_set, count in ((1, 8), (2, 5), (3, 5), (4, 4)):
        for n in range(1, count + 1):
            at_s = 200.0 * of_set + 3 * n
            times = {"start_s": at_s, "turn_s": at_s + 1, "end_s": at_s + 2}
            every.append(a_rep(index=10 * of_set + n, set=of_set, number=n, **times))
    a_session(sessions, reps=every, events=logged({1: 60.0, 2: 100.0, 3: 100.0, 4: 100.0}), profile="anna")
    last = find_last_times("anna")["squat"]
    assert (last.load_kg, last.sets, last.reps, last.rest_s) == (100.0, 3, 5, 180.0)


def test_the_load_of_an_earlier_session_counts_where_the_last_has_none(sessions):
    """With the sets of the last session."""
    a_session(sessions, started=at(2026, 3, 1), reps=reps({}, {}, {}), events=logged({1: 60.0}), profile="anna")
    a_session(sessions, started=at(2026, 3, 2), reps=reps({}, {}), events=logged({1: 80.0}), profile="anna")
    a_session(sessions, started=at(2026, 3, 3), reps=reps({}), profile="anna")
    last = find_last_times("anna")["squat"]
    assert (last.load_kg, last.sets, last.reps, last.is_load_older) == (80.0, 1, 1, True)
    assert "last time: 1 × 1; 80 kg before that" in Read(today_page("anna", date(2026, 3, 4), pytest.fail)).words


def test_without_loads_and_with_one_set_the_reps_are_known(sessions):
    a_session(sessions, reps=reps({}, {}, {}), profile="anna")
    last = find_last_times("anna")["squat"]
    assert (last.load_kg, last.sets, last.reps, last.rest_s) == (None, 1, 3, None)


@pytest.mark.parametrize(
    ("exercise", "set_index", "said"),
    [
        ("squat", 0, "last time: knees out"),
        (None, 0, "Squat, last time: knees out"),
        ("deadlift", 0, ""),
        ("bench_press", 0, ""),
        ("squat", 1, ""),
    ],
)
def test_before_the_first_set_the_lifter_is_reminded(exercise, set_index, said):
    """Of the newest session while the exercise is not known; of nothing where nothing was to be fixed."""
    assert last_time.first_set_reminder(LASTS, a_step(exercise=exercise, index=set_index)) == said


@pytest.mark.parametrize(
    ("exercise", "set_index", "say"),
    [("squat", 0, "ready, knees out"), ("squat", 1, "ready"), ("deadlift", 0, "ready"), (None, 0, "ready")],
)
def test_the_first_ready_speaks_the_cue(exercise, set_index, say):
    step = a_step(exercise=exercise, index=set_index)
    assert last_time.add_words_of_earlier_sessions(READY, step, LASTS, "personal best").say == say
    warning = Cue(kind="warning", text="come back", rep=None, say=None)
    assert last_time.add_words_of_earlier_sessions(warning, step, LASTS, "personal best") == warning


def of_set(*changes):
    """Return what became of the fault in a set with these reps."""
    return last_time.follow_up_fault(SQUAT, reps(*changes))


def test_the_outcome_of_a_fault_is_reported_for_the_reps_that_were_checked():
    hidden = {"not_visible": (UncheckedFault(name="knee_cave", reason="view"),)}
    no_rep = {**FAULTY, "correction": Correction(label="no-rep")}
    told = of_set({}, {}, FAULTY, {"verdict": "unsure", "score": None}, hidden, no_rep)
    assert (told.checked, told.faulty, told.is_fixed) == (3, 1, False)


@pytest.mark.parametrize(("count", "fixed"), [(2, False), (3, True)])
def test_a_fault_is_fixed_after_three_reps_without_it(count, fixed):
    assert of_set(*({} for _ in range(count))).is_fixed == fixed


def test_without_a_fault_to_fix_nothing_is_reported():
    assert last_time.follow_up_fault(LASTS["deadlift"], reps(FAULTY)) is None


ROUNDED = {"deadlift": replace(SQUAT, exercise="deadlift", fault="rounded_back", cue="chest up")}


def test_the_window_recalls_until_the_first_set_and_then_tells():
    stage = Stage(last_times=ROUNDED)
    lifting = a_deadlift(reps=2)
    stage.lift(stage.feed([*lifting, *standing(25.0, from_s=lifting[-1].t_s + 1 / 30)[::3]]))
    assert {status.earlier.reminder for step, status in stage.screen.shown if not step.set.index} == {
        "last time: chest up"
    }
    assert {status.earlier.reminder for step, status in stage.screen.shown if step.set.index} == {""}
    before = [status.earlier for step, status in stage.screen.shown if step.set.summary is None]
    assert {(notes.fault_follow_up, notes.returned_faults, notes.record) for notes in before} == {(None, (), "")}
    step, status = stage.screen.shown[-1]
    assert (step.set.summary.reps, status.earlier.fault_follow_up.fault) == (2, "rounded_back")


def test_the_fault_to_fix_is_followed_up_in_the_last_set_alone():
    run, found = CoachedRun(Part(pipeline=a_pipeline(), lifter=Lifter(last_times=ROUNDED))), []
    for observation in after_one_another(*(a_deadlift(reps=3), a_break(25.0)) * 2):
        step = run.process(observation)
        if any(isinstance(event, SetEndEvent) for event in step.events):
            if not found:
                rep = run.reps[-1]
                named = {"rep": rep.index, "start_s": rep.start_s, "label": "bad", "fault": "rounded_back"}
                run.process(CorrectionEvent(**command_time(step), **named))
            found.append(run.session.earlier.fault_follow_up.faulty)
    assert found == [1, 0]


def test_a_lifter_who_squats_high_on_purpose_is_not_told_to_go_deeper():
    high = {"squat": replace(SQUAT, fault="shallow", cue="a little deeper"), "lunge": replace(SQUAT, exercise="lunge")}
    assert (
        last_time.first_set_reminder(last_time.without_unchecked_depth("parallel", high), a_step(exercise="squat"))
        == "last time: a little deeper"
    )
    assert last_time.first_set_reminder(last_time.without_unchecked_depth("none", high), a_step(exercise="squat")) == ""
    assert (
        last_time.first_set_reminder(last_time.without_unchecked_depth("none", high), a_step(exercise="lunge"))
        == "last time: knees out"
    )
    fixed = {"squat": replace(SQUAT, fixed=("knee_cave", "hips_rise_first", "shallow", "butt_wink", "heel_lift"))}
    left = last_time.without_unchecked_depth("none", fixed)["squat"].fixed
    assert left == ("knee_cave", "hips_rise_first", "butt_wink", "heel_lift")
