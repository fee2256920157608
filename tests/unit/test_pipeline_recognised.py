"""Runs whose exercise is recognised: what is counted as what, from when on, and what stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from builders.kept_reps import with_back
from builders.learning import SCORER
from builders.lifts import ToldLifts, evidence, of_stretches
from builders.observations import a_deadlift
from builders.pipelines import EXERCISES, FakeJudge, some_parts, steps_of
from builders.recognition import (
    FPS,
    NONE,
    ToldRecogniser,
    a_break,
    a_recognising_pipeline,
    a_workout,
    after_one_another,
    lifts_of,
    likely,
    some_squats,
    sure_of,
    torn,
    with_plate,
)
from builders.steps import cues_of, partials_of, reps_of, sets_of

from livecoach.core.documents import SetEndEvent
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Correction, Observation, Recognition
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.recognition.recogniser import BELIEVED
from livecoach.run.coached import replay

DECIDES_S = 2.0
"""When a set is recognised after it has begun: in the second half of its first rep."""


def recognised(seen: Sequence[Observation], told: Mapping[float, Recognition], **options: object) -> list[Step]:
    return list(replay(a_recognising_pipeline(told, **options), seen))


def in_time(begins_s: Sequence[float], *names: str) -> dict[float, Recognition]:
    """What a good recogniser says of sets that begin at these times."""
    return {begin + DECIDES_S: sure_of(name) for begin, name in zip(begins_s, names, strict=True)}


def judged(told: Sequence[Step]) -> list[RepCompleted]:
    """The reps that stand at the end, in order."""
    reps: list[RepCompleted] = []
    for step in told:
        reps = [*step.drop_withdrawn(reps), *step.events_of(RepCompleted)]
    return reps


WORKOUT = (("squat", 3), ("deadlift", 2), ("squat", 2))


def counted(told: Sequence[Step]) -> list[tuple[int, str | None, str | None]]:
    return [(one.rep.index, one.rep.exercise, one.window.set_name if one.window else None) for one in judged(told)]


@pytest.fixture(scope="module")
def workout() -> list[Step]:
    """Squats, deadlifts, squats again, with breaks."""
    seen, begins_s = a_workout(*WORKOUT)
    return recognised(seen, in_time(begins_s, "squat", "deadlift", "squat"), lifts=lifts_of(begins_s, *WORKOUT))


# Several exercises in one run


def test_each_set_is_counted_under_its_name_from_its_first_rep(workout):
    names = [("squat", "1")] * 3 + [("deadlift", "2")] * 2 + [("squat", "3")] * 2
    assert counted(workout) == [(number, *of) for number, of in enumerate(names, 1)]
    assert [step.set.count for step in workout if step.rep] == [1, 2, 3, 1, 2, 1, 2]


def test_the_steps_say_the_exercise_from_its_recognition_until_another_is_done(workout):
    names = [step.set.exercise for step in workout]
    changes = [name for before, name in zip([None, *names], names, strict=False) if name != before]
    assert changes == ["squat", "deadlift", "squat"]


def test_each_set_has_a_summary_under_its_exercise(workout):
    told = (step.set.summary for step in workout if step.set.summary)
    summaries = list(dict.fromkeys((one.index, one.exercise, one.reps) for one in told))
    assert summaries == [(1, "squat", 3), (2, "deadlift", 2), (3, "squat", 2)]
    second = next(i for i, step in enumerate(workout) if step.rep and step.rep.index == 4)
    assert workout[second - 1].set.summary is not None
    assert workout[second].set.summary is None


def test_an_exercise_is_announced_when_it_becomes_known(workout):
    """Once for each that is another one than before; after a set, with its first rep."""
    said = [cue.say for cue in cues_of(workout) if cue.say and cue.say.startswith(("squat", "deadlift"))]
    assert said == ["squat", "deadlift, 1", "squat, 1"]


def test_reps_are_those_of_a_run_whose_exercise_is_given():
    seen = after_one_another(a_break(3.0), some_squats(3), a_break(4.0))
    auto, given = recognised(seen, {3.0 + DECIDES_S: sure_of("squat")}), steps_of(seen, "squat")
    assert reps_of(auto) == reps_of(given)
    assert [cue for cue in cues_of(auto) if cue.rep] == [cue for cue in cues_of(given) if cue.rep]
    of_auto, of_given = ([one.window.rep_observations for one in judged(told)] for told in (auto, given))
    assert of_auto == of_given
    assert auto[-1].set.summary == given[-1].set.summary


def test_a_given_exercise_stays_given_after_its_set():
    """The recogniser is asked what else it may be, and names no set."""
    seen, begins_s = a_workout(("deadlift", 2), ("squat", 1))
    recogniser = ToldRecogniser({begins_s[1]: sure_of("squat")})
    parts = [some_parts(name, FakeJudge(name=name)) for name in EXERCISES]
    told = list(replay(Pipeline(parts, recogniser, chosen_exercise="deadlift"), seen))
    assert {(s.set.exercise, s.recognition, s.set.is_tentative) for s in told} == {("deadlift", None, False)}
    assert {one.rep.exercise for one in judged(told)} == {"deadlift"}
    assert recogniser.done == []


# When it is recognised late, wrongly or not at all


def test_reps_before_a_late_recognition_count_without_a_cue():
    """The rep that ends afterwards is said, with the number that the lifter has reached."""
    seen = after_one_another(a_break(3.0), some_squats(4), a_break(4.0))
    told, given = recognised(seen, {11.0: sure_of("squat")}), steps_of(seen, "squat")
    assert [replace(one.rep, late=False) for one in judged(told)] == reps_of(given)
    assert [one.rep.late for one in judged(told)] == [True, True, False, False]
    assert [cue.say for cue in cues_of(told) if cue.rep] == ["3", "4"]
    first = next(step for step in told if step.reps)
    assert (first.rep, len(first.reps), first.set.count, first.set.is_under_way) == (None, 2, 2, True)


def test_a_wrong_recognition_before_the_first_rep_is_put_right():
    seen = after_one_another(a_break(3.0), some_squats(3), a_break(4.0))
    told = recognised(seen, {1.0: sure_of("deadlift"), 5.0: sure_of("squat")})
    assert counted(told) == [(number, "squat", "1") for number in (1, 2, 3)]


def test_an_exercise_that_nobody_does_is_unknown_again():
    told = recognised(a_break(6.0), {1.0: sure_of("squat"), 2.0: NONE})
    assert (told[22].set.exercise, told[-1].set.exercise) == ("squat", None)


@pytest.mark.parametrize(("since_s", "said", "live"), [(4.5, NONE, 1), (2.5, NONE, 0), (2.5, likely("curl"), 1)])
def test_a_movement_under_way_keeps_the_exercise_that_was_likely_when_it_began(since_s, said, live):
    """What begins while no exercise is likely counts as none; an exercise without rules decides nothing."""
    seen = after_one_another(a_break(3.0), some_squats(1), a_break(1.0))
    told = recognised(seen, {1.0: likely("squat"), since_s: said})
    assert len(judged(told[: len(seen)])) == live


def test_the_likeliest_of_two_exercises_counts_reps_and_is_not_announced():
    seen = after_one_another(a_break(3.0), some_squats(3), a_break(6.0))
    told = recognised(seen, {4.0: torn("squat", "deadlift")})
    assert [replace(one.rep, late=False) for one in judged(told)] == reps_of(steps_of(seen, "squat"))
    assert [cue.say for cue in cues_of(told) if cue.rep] == ["1", "2", "3"]
    assert {step.set.is_tentative for step in told if step.set.is_under_way} == {True}
    assert not [cue for cue in cues_of(told) if cue.kind == "recognised"]


def test_a_name_that_is_sure_later_is_open_no_more():
    seen = after_one_another(a_break(3.0), some_squats(3), a_break(6.0))
    told = recognised(seen, {4.0: torn("squat", "deadlift"), 7.5: sure_of("squat")})
    assert [step.set.is_tentative for step in told if step.rep] == [True, False, False]
    assert [cue.say for cue in cues_of(told) if cue.kind in ("good_rep", "recognised")] == ["1", "squat", "2", "3"]
    assert told[-1].questions.exercises == ()


def test_a_believed_exercise_is_sure_with_its_first_rep():
    told = recognised(some_squats(1), {0.0: likely("squat", BELIEVED)})
    counts = next(number for number, step in enumerate(told) if step.reps)
    assert {step.recognition.sure for step in told[:counts]} == {False}
    assert {step.recognition.sure for step in told[counts:]} == {True}
    assert told[-1].questions.exercises == ()


def test_a_name_that_settles_otherwise_renames_the_reps():
    seen = after_one_another(a_break(3.0), some_squats(4), a_break(6.0))
    told = recognised(seen, {3.5: likely("deadlift"), 11.0: sure_of("squat")})
    renaming = next(step for step in told if step.withdrawn_reps)
    assert {rep.exercise for rep in renaming.withdrawn_reps} == {"deadlift"}
    assert [rep.index for rep in renaming.withdrawn_reps] == [*range(1, len(renaming.withdrawn_reps) + 1)]
    assert renaming.set.is_under_way
    assert [replace(one.rep, late=False) for one in judged(told)] == reps_of(steps_of(seen, "squat"))
    assert counted(told) == [(number, "squat", "1") for number in (1, 2, 3, 4)]
    assert [cue.say for cue in cues_of(told) if cue.kind == "recognised"] == ["squat"]


def test_the_last_exercise_goes_on_where_another_is_only_likelier():
    """It does not wait for its name, and needs no confirmation."""
    seen = after_one_another(a_break(3.0), some_squats(3), a_break(25.0), some_squats(2), a_break(6.0))
    told = recognised(seen, {4.0: sure_of("squat"), 37.0: likely("deadlift", 0.9)})
    assert counted(told) == [*((n, "squat", "1") for n in (1, 2, 3)), *((n, "squat", "2") for n in (4, 5))]
    assert not any(one.rep.late for one in judged(told))
    assert {step.set.is_tentative for step in told} == {False}


def test_a_sure_exercise_that_finds_too_few_reps_takes_over_no_set():
    """Two at least, and most of those that have counted: a whole set does not become something that happened once."""
    seen = after_one_another(a_break(3.0), some_squats(2), a_break(25.0), some_squats(4), a_break(6.0))
    lifts = {"squat": of_stretches([(0.0, 99.0)]), "deadlift": of_stretches([(34.0, 38.0)])}
    told = recognised(seen, {4.0: sure_of("squat"), 40.0: sure_of("deadlift")}, lifts=lifts)
    assert {one.rep.exercise for one in judged(told)} == {"squat"}
    assert not any(step.withdrawn_reps for step in told)


@pytest.mark.parametrize(("top", "exercise"), [(0.3, "deadlift"), (-0.3, "squat")])
def test_a_sure_lift_overhead_takes_over_a_set_of_which_it_finds_half_the_reps(top, exercise):
    """A snatch holds a pull and a squat, which may count as two reps of the last set's exercise."""
    seen, (first_s, second_s) = a_workout(("squat", 2), ("squat", 4))
    lifts = {"squat": of_stretches([(0.0, 99.0)]), "deadlift": of_stretches([(second_s, second_s + 6.5)])}
    parts = {name: some_parts(name, FakeJudge(name=name), lift=lift) for name, lift in lifts.items()}
    own = parts["deadlift"].exercise
    overhead = replace(own, reps=replace(own.reps, travel={"wrist_over_shoulder": (-1.0, top)}))
    both = [parts["squat"], replace(parts["deadlift"], exercise=overhead)]
    recogniser = ToldRecogniser({first_s + DECIDES_S: sure_of("squat"), second_s + 13.0: sure_of("deadlift")})
    told = list(replay(Pipeline(both, recogniser), seen))
    assert {one.rep.exercise for one in judged(told) if one.rep.start_s >= second_s} == {exercise}


@pytest.mark.parametrize(
    ("told", "guess"),
    [
        ({4.0: torn("squat", "deadlift"), 6.0: NONE}, torn("squat", "deadlift")),
        ({4.0: torn("squat", "deadlift"), 5.0: sure_of("squat")}, None),
        ({}, None),
    ],
)
def test_the_exercise_is_guessed_at_the_end_of_an_unrecognised_set(told, guess):
    pipeline = a_recognising_pipeline(told)
    list(replay(pipeline, after_one_another(a_break(3.0), some_squats(1), a_break(2.0))))
    assert pipeline.guess == guess
    assert pipeline.is_exercise_known == any(belief.sure for belief in told.values())


def test_a_sure_exercise_without_a_counted_rep_is_still_known_at_the_end():
    pipeline = a_recognising_pipeline({4.0: sure_of("squat")})
    list(replay(pipeline, a_break(6.0)))
    assert (pipeline.is_exercise_known, pipeline.guess) == (True, sure_of("squat"))


def test_an_exercise_that_was_only_ever_likely_is_told_at_the_end():
    seen = after_one_another(a_break(3.0), some_squats(3), a_break(2.0))
    pipeline = a_recognising_pipeline({4.0: likely("squat")})
    told = list(replay(pipeline, seen))
    assert counted(told) == [(number, "squat", "1") for number in (1, 2, 3)]
    assert told[-1].set.exercise == "squat"
    assert told[-1].set.summary is not None
    assert not [cue for cue in cues_of(told) if cue.kind == "recognised"]
    assert (pipeline.is_exercise_known, pipeline.is_exercise_guessed) == (False, True)
    assert (pipeline.guess.name, pipeline.guess.probability, pipeline.guess.sure) == ("squat", 0.7, False)


@pytest.mark.parametrize(("said", "reps"), [(torn("deadlift", "squat"), 2), (likely("curl"), 2), (likely("squat"), 0)])
def test_an_exercise_that_is_hardly_likely_or_counts_no_rep_stays_unknown_at_the_end(said, reps):
    pipeline = a_recognising_pipeline({4.0: said}, lifts={"deadlift": of_stretches([]), "squat": of_stretches([])})
    done = [some_squats(reps)] if reps else []
    told = list(replay(pipeline, after_one_another(a_break(3.0), *done, a_break(2.0))))
    assert not judged(told)
    assert (told[-1].set.exercise, pipeline.guess, pipeline.is_exercise_guessed) == (None, said, False)
    assert pipeline.refused_count == (said.name == "deadlift"), "both squats are one movement that is no deadlift"


class OnlyNamed(ToldLifts):
    def for_named_exercise(self, log_odds: float) -> ToldLifts:
        """Takes all movements for lifts where the exercise is named."""
        return ToldLifts(self.rules, told=lambda _: log_odds + 5.0)


def test_a_sure_exercise_that_counted_nothing_is_counted_at_the_end_as_if_it_was_named():
    """A name asks for less evidence."""
    seen = after_one_another(a_break(3.0), some_squats(3), a_break(2.0))
    told = recognised(seen, {4.0: sure_of("squat")}, lifts={"squat": OnlyNamed(evidence(), told=lambda _: -5.0)})
    assert counted(told) == [(number, "squat", "1") for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("said", "pause_s", "live"),
    [(likely("squat", 0.7), 1.0, 6), (likely("squat", 0.7), 25.0, 0), (torn("deadlift", "squat"), 1.0, 0)],
)
def test_a_likely_exercise_counts_as_if_named_once_it_finds_five_reps_near_each_other(said, pause_s, live):
    done = [some_squats(1), a_break(pause_s)] * 6
    seen = after_one_another(a_break(3.0), *done, a_break(6.0))
    lifts = {name: OnlyNamed(evidence(), told=lambda _: -5.0) for name in ("squat", "deadlift")}
    told = recognised(seen, {4.0: said, 5.0: NONE}, lifts=lifts)
    told = told[: -int(3 * FPS)]  # before the source ends
    assert len(judged(told)) == live
    assert [n for step in told if (n := len(step.events_of(RepCompleted)))][:2] == ([5, 1] if live else [])


def test_a_strongly_believed_exercise_is_the_sets_exercise_even_without_a_rep():
    """ "Bench press .99" and "no exercise was recognised" contradict each other."""
    pipeline = a_recognising_pipeline({4.0: likely("squat", 0.95)})
    told = list(replay(pipeline, after_one_another(a_break(3.0), a_break(2.0))))
    assert not judged(told)
    assert (told[-1].set.exercise, told[-1].recognition) == ("squat", likely("squat", 0.95))
    assert (pipeline.is_exercise_known, pipeline.is_exercise_guessed) == (False, True)
    assert not [cue for cue in cues_of(told) if cue.kind == "recognised"]


def test_a_rep_before_the_source_is_told_although_the_exercise_is_known_later():
    """It is of the past by then, as the first reps are."""
    from_the_bottom = some_squats(2)[round(2 * FPS) :]
    begins_s = from_the_bottom[0].t_s
    rest = [replace(o, t_s=round(o.t_s - begins_s, 6), index=i) for i, o in enumerate(from_the_bottom)]
    seen = after_one_another(rest, a_break(1.0))
    partials = partials_of(recognised(seen, {3.0: sure_of("squat")}))
    assert [(one.reason, one.start_s, one.faults) for one in partials] == [("begun", 0.0, ())]


def test_an_exercise_without_rules_decides_nothing():
    """A network may know more exercises than there are files of."""
    told = recognised(after_one_another(a_break(3.0), some_squats(2)), {5.0: sure_of("curl")})
    assert {step.set.exercise for step in told} == {None}


# The lifter chooses


def test_a_choice_before_a_rep_counted_counts_what_was_done_so_far():
    seen = after_one_another(a_break(3.0), some_squats(4), a_break(6.0))
    pipeline = a_recognising_pipeline({})
    before = [*map(pipeline.step, seen[:165])]  # up to the third rep
    chosen = pipeline.choose_exercise("squat")
    after = [*map(pipeline.step, seen[165:])]
    assert chosen is not None
    assert chosen.set.exercise == "squat"
    assert [rep.late for rep in chosen.reps] == [True, True]
    assert counted([*before, chosen, *after]) == [(number, "squat", "1") for number in (1, 2, 3, 4)]


def test_a_choice_of_which_no_rep_counts_gives_way_to_the_likeliest_exercise_at_the_end():
    seen = after_one_another(a_break(3.0), some_squats(2), a_break(6.0))
    pipeline = a_recognising_pipeline({1.0: likely("squat")}, lifts={"deadlift": of_stretches([])})
    list(map(pipeline.step, seen[:30]))
    assert pipeline.choose_exercise("deadlift").set.exercise == "deadlift"
    last = [*map(pipeline.step, seen[30:]), pipeline.finish()][-1]
    assert (last.set.exercise, last.set.is_tentative) == ("squat", False)
    assert [rep.exercise for rep in last.reps] == ["squat"] * 2


def test_a_choice_after_an_unknown_set_brings_both_its_ends():
    pipeline = a_recognising_pipeline({})
    list(map(pipeline.step, after_one_another(a_break(3.0), some_squats(2), a_break(25.0))))
    chosen = pipeline.choose_exercise("squat")
    assert (len(chosen.reps), sets_of([chosen]), chosen.set.is_under_way) == (2, (1, 1), False)


def an_asking_pipeline(*after: Sequence[Observation]) -> tuple[Pipeline, list[Step]]:
    """A pipeline that took four squats for what may be deadlifts, and its steps until after the set."""
    seen = after_one_another(a_break(3.0), some_squats(4), a_break(8.0), *after)
    pipeline = a_recognising_pipeline({3.5: torn("deadlift", "squat")})
    return pipeline, [*map(pipeline.step, seen)]


def test_the_lifter_is_asked_between_two_sets_and_never_in_one():
    """The same question, from the end of the set to the next one, where the exercise goes on though nobody has
    answered."""
    _, told = an_asking_pipeline(a_break(17.0), some_squats(3), a_break(6.0))
    assert {step.questions.exercises for step in told if step.set.is_under_way} == {()}
    over = next(number for number, step in enumerate(told) if step.set.summary is not None)
    later = next(number for number, step in enumerate(told) if step.reps and step.set.index == 2)
    assert {step.questions.exercises for step in told[over:later]} == {("deadlift", "squat")}
    assert {step.questions.exercises for step in told[later:]} == {()}


def test_an_answer_renames_the_set_that_is_over():
    pipeline, told = an_asking_pipeline()
    chosen = pipeline.choose_exercise("squat")
    assert chosen is not None
    assert {rep.exercise for rep in chosen.withdrawn_reps} == {"deadlift"}
    assert [(rep.index, rep.exercise) for rep in chosen.reps] == [(n, "squat") for n in (1, 2, 3, 4)]
    assert (chosen.set.summary.exercise, chosen.set.summary.reps) == ("squat", 4)
    assert (chosen.questions.exercises, chosen.set.is_tentative) == ((), False)
    assert {one.rep.exercise for one in judged([*told, chosen])} == {"squat"}


def test_an_answer_that_confirms_the_name_changes_no_rep():
    pipeline, _ = an_asking_pipeline()
    chosen = pipeline.choose_exercise("deadlift")
    assert chosen is not None
    assert (chosen.withdrawn_reps, chosen.reps, chosen.questions.exercises) == ((), (), ())
    assert not chosen.set.is_tentative


def test_a_rep_that_the_lifter_corrected_is_not_withdrawn():
    seen = after_one_another(a_break(3.0), some_squats(4), a_break(6.0))
    pipeline = a_recognising_pipeline({3.5: likely("deadlift"), 13.0: sure_of("squat")})
    told = []
    for one in seen:
        told.append(pipeline.step(one))
        if told[-1].rep is not None and told[-1].rep.index == 1:
            assert pipeline.correct(told[-1], Correction(label="bad")) is not None
    assert {rep.rep.exercise for rep in judged(told)} == {"deadlift"}


def test_a_correction_after_the_set_answers_the_question_too():
    """What was said of a rep would be lost with it."""
    pipeline, told = an_asking_pipeline()
    corrected = pipeline.correct(told[-1], Correction(label="bad"), judged(told)[0].rep.start_s)
    assert (corrected.questions.exercises, corrected.set.is_tentative) == ((), False)
    assert pipeline.choose_exercise("squat") is None


def test_nothing_is_chosen_where_the_exercise_is_known():
    pipeline = a_recognising_pipeline({0.0: sure_of("squat")})
    assert pipeline.choose_exercise("squat") is None
    pipeline.step(some_squats(1)[0])
    assert pipeline.choose_exercise("deadlift") is None
    undecided = a_recognising_pipeline({})
    undecided.step(some_squats(1)[0])
    assert undecided.choose_exercise("curl") is None


# What lasts


def test_a_set_that_seemed_over_continues_with_the_same_exercise():
    """A single, a short break, another single: one set of two, whose first summary is revoked."""
    seen = after_one_another(a_break(3.0), some_squats(1), a_break(8.0), some_squats(1), a_break(4.0))
    told = recognised(seen, in_time((3.0, 15.0), "squat", "squat"))
    assert counted(told) == [(1, "squat", "1"), (2, "squat", "1")]
    summaries = list(dict.fromkeys((s.set.summary.index, s.set.summary.reps) for s in told if s.set.summary))
    assert summaries == [(1, 1), (1, 2)]
    assert sets_of(told) == (2, 2)
    assert [cue.kind for cue in cues_of(told)].count("recognised") == 1


def test_another_exercise_on_the_spot_ends_the_set_after_a_pause_and_begins_a_set():
    """Without a step or a free hand between them."""
    squats = some_squats(3)
    still = [replace(squats[-1], t_s=squats[-1].t_s + i / FPS) for i in range(1, round(7 * FPS))]
    before = after_one_another(a_break(3.0), squats, still)
    seen = after_one_another(before, a_deadlift(reps=3, fps=FPS), a_break(8.0))
    told = recognised(seen, {5.0: sure_of("squat"), before[-1].t_s + 1: sure_of("deadlift")})
    assert [(done.rep.set, done.rep.exercise) for done in judged(told)] == [(1, "squat")] * 3 + [(2, "deadlift")] * 3
    assert len([step for step in told if step.events_of(SetEndEvent)]) == 2


def test_the_reference_of_an_exercise_lasts_through_another_one():
    sets = (("deadlift", 4), ("squat", 1), ("deadlift", 1))
    seen, begins_s = a_workout(*sets, rest_s=7.0)
    judges = {"deadlift": LifterJudge(SCORER), "squat": FakeJudge(name="squat")}
    names, lifts = in_time(begins_s, "deadlift", "squat", "deadlift"), lifts_of(begins_s, *sets)
    told = recognised(with_back(seen), names, judges=judges, lifts=lifts)
    assert {(rep.exercise, rep.set_name) for rep in judged(told)[-1].against} == {("deadlift", "1")}


def test_a_correction_goes_to_the_exercise_of_its_rep():
    seen, begins_s = a_workout(("squat", 2), ("deadlift", 2))
    pipeline = a_recognising_pipeline(in_time(begins_s, "squat", "deadlift"))
    told = [*map(pipeline.step, seen)]
    squat = next(step for step in told if step.reps).rep
    step = pipeline.correct(told[-1], Correction(label="bad"), squat.start_s)
    assert (step.correction_event.rep.exercise, step.correction_event.rep.set_and_number) == ("squat", (1, 1))
    assert step.set.count == 2
    no_rep = pipeline.correct(step, Correction(label="no-rep"))
    assert (no_rep.correction_event.rep.exercise, no_rep.set.count, no_rep.set.summary.reps) == ("deadlift", 1, 1)
    undone = pipeline.correct(no_rep, None)
    assert (undone.correction_event.undone, undone.set.count, undone.set.summary.reps) == (True, 2, 2)


def test_the_recogniser_is_told_which_exercise_is_over():
    """What usually comes after it is likelier than before."""
    seen, begins_s = a_workout(("squat", 2), ("deadlift", 2))
    recogniser = ToldRecogniser(in_time(begins_s, "squat", "deadlift"))
    list(replay(Pipeline([some_parts(name, FakeJudge(name=name)) for name in EXERCISES], recogniser), seen))
    assert list(dict.fromkeys(recogniser.done))[:2] == ["squat", "deadlift"]


def test_the_recogniser_forgets_a_set_that_is_over():
    """The next movement is judged by itself; within a set nothing is recognised."""
    seen, begins_s = a_workout(("deadlift", 2))
    told = recognised(seen, in_time(begins_s, "deadlift"))
    assert {step.recognition for step in told if step.set.is_under_way} == {sure_of("deadlift")}
    assert told[-1].recognition == NONE


@pytest.mark.parametrize(("rise", "counts"), [(1.3, [(1, "deadlift", None), (2, "deadlift", None)]), (0.3, [])])
def test_a_plate_that_leaves_the_floor_and_comes_back_names_the_deadlift(rise, counts):
    """Where the pose is so wrong that nothing is recognised. One end of a bar rises less."""
    seen = with_plate(a_deadlift(reps=2, fps=FPS), rise)
    assert [(number, name, None) for number, name, _ in counted(recognised(seen, {}))] == counts
