"""Commands in a run: what becomes true with them, and what does not."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import pytest
from builders.evenings import a_lifted_set
from builders.lifts import by_prior
from builders.live_run import START
from builders.observations import a_deadlift
from builders.pipelines import a_pipeline, some_parts
from builders.recognition import (
    FPS,
    ToldRecogniser,
    a_break,
    a_recognising_pipeline,
    a_workout,
    after_one_another,
    lifts_of,
    likely,
    some_squats,
    sure_of,
)
from builders.steps import cues_of, partials_of, sets_of, warnings_of

from livecoach.core.documents import CorrectionEvent, CueEvent, PartEvent, PlanEvent, SetEndEvent, SetMarkEvent
from livecoach.core.types import Observation, SetPlan
from livecoach.decisions import assembly
from livecoach.decisions.coaching.set_progress import PlanFollower
from livecoach.decisions.pipeline import Pipeline
from livecoach.run.coached import BeginPart, ChooseLoad, CoachedRun, make_run, replay
from livecoach.run.parts import Lifter, Part
from livecoach.run.set_logger import LoadOfNextSet

Lifts = Callable[..., Sequence[Observation]]


def a_part_event(frame: int, t_s: float, exercise: str = "squat") -> PartEvent:
    return PartEvent(t_s=t_s, frame=frame, exercise=exercise, profile=None, model=START.model, exercises=())


def test_a_command_before_the_first_observation_is_refused() -> None:
    with pytest.raises(ValueError, match="comes after an observation"):
        CoachedRun(Part(pipeline=a_pipeline())).process(SetMarkEvent(t_s=0.0, mark="end", frame=0))


def test_a_recorded_part_changes_nothing_where_the_exercise_is_chosen_anew() -> None:
    """A replay with `--exercise` goes through: no rep is cut in two where another part began."""
    done = ("squat", 2), ("deadlift", 2)
    seen, begins_s = a_workout(*done)
    sure = {begin_s + 2.0: sure_of(name) for begin_s, (name, _) in zip(begins_s, done, strict=True)}
    in_a_rep = seen[int((begins_s[0] + 5.0) * FPS)]
    event = a_part_event(in_a_rep.index, in_a_rep.t_s)
    runs = [[*replay(a_recognising_pipeline(sure, lifts=lifts_of(begins_s, *done)), seen, e)] for e in ((), (event,))]
    assert sets_of(runs[0]) == sets_of(runs[1])
    assert [rep for step in runs[0] for rep in step.reps] == [rep for step in runs[1] for rep in step.reps]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_correction_is_replayed_where_frames_are_dropped(every: int) -> None:
    """The rep then begins at another time."""
    seen = after_one_another(a_break(4.0), some_squats(3), a_break(2.0))
    corrected = [step.rep for step in replay(a_pipeline("squat"), seen) if step.rep is not None][1]
    command = {"t_s": seen[-1].t_s, "frame": seen[-1].index, "rep": 2, "start_s": round(corrected.start_s, 4)}
    run = make_run(a_pipeline("squat"), [CorrectionEvent(**command, label="bad")])
    assert [*run.process_recording([*seen[:-1:every], seen[-1]])]
    assert [rep.correction and rep.correction.label for rep in run.reps] == [None, "bad", None]


@pytest.mark.parametrize("is_prepared_first", [True, False])
def test_a_part_counts_on_from_the_last_rep_of_the_part_before(is_prepared_first: bool) -> None:
    """Also if that rep counts only as its part ends: live, the next part is prepared before, in a replay after."""
    seen = after_one_another(a_break(4.0), a_deadlift(fps=FPS)[:28], a_break(5.0), some_squats(2), a_break(2.0))
    first = a_pipeline("deadlift")
    run = CoachedRun(Part(pipeline=first))

    def prepared() -> Iterator[Part]:
        yield Part(pipeline=Pipeline([some_parts("squat")], chosen_exercise="squat", log=first.log), exercise="squat")

    for observation in seen:
        run.process(observation)
        if run.part.pipeline is first and observation.t_s >= 5.7:
            part = next(prepared()) if is_prepared_first else None
            run.finish()
            event = a_part_event(observation.index, observation.t_s)
            run.process(BeginPart(part or next(prepared()), event))
    run.finish()
    counted = [(rep.exercise, rep.set, rep.number) for rep in run.reps]
    assert counted == [("deadlift", 1, 1), ("squat", 2, 1), ("squat", 2, 2)]


def test_a_replay_gives_the_cues_of_the_plan() -> None:
    """Also of a plan that is only a rest."""
    seen = after_one_another(a_break(4.0), some_squats(2), a_break(30.0))
    resting = Lifter(plan=PlanFollower(SetPlan(rest_s=9.0)))
    live = [*CoachedRun(Part(pipeline=a_pipeline("squat"), lifter=resting)).process_recording(seen)]
    again = [*replay(a_pipeline("squat"), seen, [event for step in live for event in step.events_of(PlanEvent)])]
    cues, replayed = ([event for step in steps for event in step.events_of(CueEvent)] for steps in (live, again))
    assert cues == replayed
    assert [cue.kind for cue in cues] == [cue.kind for cue in cues_of(live)]
    assert "rested" in {cue.kind for cue in cues}


def test_a_set_that_was_named_wrongly_is_counted_anew_and_goes_on_and_its_load_stays() -> None:
    seen = after_one_another(a_break(4.0), a_deadlift(reps=4, fps=FPS), a_break(4.0))
    named = Pipeline([some_parts("squat")], ToldRecogniser({4.0: sure_of("deadlift")}), chosen_exercise="squat")
    run, steps = CoachedRun(Part(pipeline=named, exercise="squat")), []
    for observation in seen:
        steps.append(run.process(observation))
        if len(steps) == 1:
            steps.append(run.process(ChooseLoad(run.lifter, LoadOfNextSet(100.0), is_typed=True)))
        if len(run.reps) == 2 and run.part.exercise == "squat":
            right = Pipeline([some_parts("deadlift")], chosen_exercise="deadlift", log=named.log)
            event = a_part_event(observation.index, observation.t_s, "deadlift")
            steps += run.begin_part(BeginPart(Part(pipeline=right, lifter=run.lifter, exercise="deadlift"), event))
    steps += run.finish()
    assert [rep.exercise for step in steps for rep in step.withdrawn_reps] == ["squat"] * 2
    assert [(rep.exercise, rep.set, rep.number) for rep in run.reps] == [("deadlift", 1, n) for n in (1, 2, 3, 4)]
    told = [getattr(event, "event", "") for step in steps for event in step.events]
    assert [name for name in told if "set_" in name] == ["set_start", "set_log", "set_end"]
    assert (run.lifter.set_logger.load_of(1), run.lifter.set_logger.load) == (100.0, "100 kg")


def test_each_set_that_was_named_wrongly_gets_its_summary() -> None:
    pulls = a_deadlift(reps=3, fps=FPS)
    seen = after_one_another(a_break(4.0), pulls, a_break(25.0), pulls, a_break(25.0))
    parts = some_parts("squat", lift=by_prior(-20.0))
    named = Pipeline([parts], ToldRecogniser({4.0: sure_of("deadlift")}), chosen_exercise="squat")
    run = CoachedRun(Part(pipeline=named, exercise="squat"))
    for observation in seen:
        run.process(observation)
    assert not run.reps
    right = Pipeline([some_parts("deadlift")], chosen_exercise="deadlift", log=named.log)
    event = a_part_event(seen[-1].index, seen[-1].t_s, "deadlift")
    steps = [*run.begin_part(BeginPart(Part(pipeline=right, exercise="deadlift"), event))]
    assert sets_of(steps) == (2, 2)
    ends = [end.summary for step in steps for end in step.events_of(SetEndEvent)]
    assert [(summary.index, summary.reps) for summary in ends] == [(1, 3), (2, 3)]


@pytest.mark.parametrize(("name", "lifts"), [("ada", some_squats), ("ben", partial(a_deadlift, fps=FPS))])
def test_a_part_that_begins_in_the_first_rep_of_a_set_counts_this_rep(name: str, lifts: Lifts) -> None:
    """Of somebody else, or another exercise."""
    before = after_one_another(a_break(4.0), a_deadlift(fps=FPS), a_break(25.0))
    first, exercise = a_pipeline("deadlift"), "squat" if name == "ada" else "deadlift"
    run, steps, chosen_s = CoachedRun(Part(pipeline=first, lifter=Lifter(name="ada"))), [], math.inf
    for seen in after_one_another(before, lifts(reps=2), a_break(4.0)):
        steps.append(run.process(seen))
        if run.pipeline is first and seen.t_s >= before[-1].t_s + 1.0 and steps[-1].progress is not None:
            now = Pipeline([some_parts(exercise)], chosen_exercise=exercise, log=first.log)
            event, chosen_s = a_part_event(seen.index, seen.t_s, exercise), seen.t_s
            part = Part(pipeline=now, exercise=exercise, lifter=Lifter(name=name))
            steps = [*run.begin_part(BeginPart(part, event))]
    counted = [(rep.exercise, first.log.lifters[rep.set], rep.set, rep.number) for rep in run.reps]
    assert counted == [("deadlift", "ada", 1, 1), (exercise, name, 2, 1), (exercise, name, 2, 2)]
    assert run.reps[1].start_s < chosen_s < run.reps[1].end_s
    assert partials_of(steps) == []


def test_a_part_ends_warnings_about_its_exercise_and_the_next_part_those_about_the_picture() -> None:
    named = Pipeline([some_parts("squat")], ToldRecogniser({1.0: sure_of("deadlift")}), chosen_exercise="squat")
    run, steps = CoachedRun(Part(pipeline=named, exercise="squat")), []
    for seen in a_break(10.0):
        steps.append(run.process(replace(seen, people=2 if seen.t_s < 5.0 else 1)))
        if run.part.exercise == "squat" and seen.t_s >= 4.5:
            part = Part(pipeline=Pipeline([some_parts("deadlift")], chosen_exercise="deadlift"), exercise="deadlift")
            steps += run.begin_part(BeginPart(part, a_part_event(seen.index, seen.t_s, "deadlift")))
    said = [(event.warning, event.active) for event in warnings_of(steps)]
    kinds = "other_exercise", "two_people", "other_exercise", "two_people"
    assert said == [*zip(kinds, (True, True, False, False), strict=True)]


@pytest.mark.parametrize("seconds", [3, 9], ids=["in the set", "after the set"])
def test_a_lifter_who_stands_after_a_set_is_in_no_rep_that_the_end_cuts_off(seconds: int) -> None:
    """Without the bar in the hands, the way up does not look like a lift."""
    pipeline = assembly.load("deadlift").make_pipeline(pose="lite")
    steps = [*replay(pipeline, a_lifted_set(5, f"good*2,idle:{seconds}"))]
    assert partials_of(steps) == []


def test_a_lifter_who_stands_for_longer_than_a_rep_lasts_after_a_set_is_in_no_rep() -> None:
    seen = after_one_another(a_break(4.0), a_deadlift(fps=FPS), a_break(25.0))
    assert partials_of(replay(a_pipeline("deadlift"), seen)) == []


def test_what_the_likeliest_exercise_finds_replaces_what_another_found_even_if_it_is_nothing() -> None:
    half = some_squats(1)
    seen = after_one_another(a_break(4.0), half[: len(half) // 2])
    beliefs = {0.0: likely("deadlift", 0.95), 4.2: likely("squat", 0.6)}
    assert partials_of(replay(a_recognising_pipeline(beliefs), seen)) == []
