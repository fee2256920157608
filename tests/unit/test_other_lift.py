"""The warning that the lifter does another exercise than the given one."""

from collections.abc import Mapping

from builders.observations import a_squat
from builders.pipelines import a_pipeline
from builders.recognition import NONE, ToldRecogniser, likely, sure_of

from livecoach.recognition.naming import WHOLE_REP_S, OtherLift
from livecoach.types import Recognition, Step

SAID = "this looks like squat: press e"


def warnings(told: Mapping[float, Recognition], counted_s: float | None = None) -> list[str | None]:
    """The warning at each tenth of ten seconds. told: time → belief from then on. counted_s: when a rep counts."""
    watch, now, said = OtherLift(("deadlift",)), NONE, []
    for tenth in range(100):
        t_s = tenth / 10
        now = told.get(t_s, now)
        watch.step(t_s, now, counted=t_s == counted_s)
        said.append(watch.warning)
    return said


def test_another_exercise_is_said_when_it_is_sure_for_a_whole_rep():
    said = warnings({1.0: sure_of("squat")})
    assert said.index(SAID) == round(10 * (1.0 + WHOLE_REP_S))


def test_a_moment_is_no_rep():
    assert set(warnings({1.0: sure_of("squat"), 2.5: NONE, 3.0: sure_of("squat"), 4.5: NONE})) == {None}


def test_what_is_only_likely_is_not_said():
    assert set(warnings({1.0: likely("squat", 0.99)})) == {None}


def test_the_given_exercise_is_never_another_one():
    assert set(warnings({1.0: sure_of("deadlift")})) == {None}


def test_the_warning_leaves_when_the_next_rep_fits():
    said = warnings({1.0: sure_of("squat"), 5.0: sure_of("deadlift")}, counted_s=7.0)
    assert (said[69], said[70]) == (SAID, None)


def test_a_rep_that_looks_like_another_one_too_does_not_fit():
    assert warnings({1.0: sure_of("squat")}, counted_s=7.0)[-1] == SAID


def test_it_comes_once():
    """Whoever has heard it and goes on wants to go on."""
    said = warnings({1.0: sure_of("squat"), 4.0: NONE, 5.0: sure_of("squat")}, counted_s=4.5)
    assert SAID in said
    assert set(said[45:]) == {None}


def squats_as_deadlifts() -> list[Step]:
    pipeline = a_pipeline("deadlift", recogniser=ToldRecogniser({2.0: sure_of("squat")}))
    return [*map(pipeline.step, a_squat(reps=2))]


def test_the_steps_name_the_other_exercise():
    """In large type, with what to do; the event comes once."""
    steps = squats_as_deadlifts()
    news = [(notice.kind, notice.active, notice.text) for step in steps for notice in step.notices]
    assert news == [("other_exercise", True, SAID)]
    said = next(step for step in steps if step.notices)
    assert (said.looks_like, said.warning) == ("squat", SAID)
