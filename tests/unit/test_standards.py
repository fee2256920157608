"""Reps are held against the lifter's standards: shown, and counted by if the lifter wants that."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from builders.depth import a_depth, a_depth_model, a_squat_window
from builders.lifts import by_prior
from builders.observations import a_squat
from builders.pipelines import EXERCISES, STAGES, FakeJudge, some_parts
from builders.references import a_lifter, an_own_rep, call, judged
from builders.steps import a_rep
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.language import translate
from livecoach.core.step import Step
from livecoach.core.types import Correction, Observation, Rep, RepWindow, StandardResult, Standards
from livecoach.core.types.reps import BELOW_CM, DEFAULT_STANDARDS
from livecoach.decisions.coaching.set_summary import depth_note
from livecoach.decisions.counting.counter import Outcomes, RepCounter
from livecoach.decisions.judging.verdict import unjudged_rep
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.rep.depth import CLOSE_DEVIATIONS, Referee
from livecoach.decisions.rep.measured import Azimuth
from livecoach.perception.body.body import Body
from livecoach.run.coached import replay

DEVIATION_CM = 3.0
HIGH, DEEP = 10.0, -10.0


def result(crease_cm: float, standards: Standards = DEFAULT_STANDARDS, **changes: float) -> StandardResult | None:
    """The result of a squat whose hip crease is that much above the top of the knee."""
    model = a_depth_model(crease_cm, deviation_cm=DEVIATION_CM, **changes)
    return next(iter(Referee(standards, model, None).check_rep(a_squat_window())), None)


# Verdict


@pytest.mark.parametrize(
    ("crease_cm", "verdict", "words"),
    [(HIGH, "missed", "10 cm too high"), (DEEP, "met", "deep"), (1.0, "close", "borderline")],
)
def test_parallel_is_the_crease_level_with_the_knee(crease_cm, verdict, words):
    told = result(crease_cm)
    assert told.verdict == verdict
    assert translate(told.words) == words


@given(st.floats(-40, 40))
def test_a_rep_within_the_error_is_never_a_miss(crease_cm):
    told = result(crease_cm)
    assert (told.verdict == "close") == (abs(told.off) < CLOSE_DEVIATIONS * told.deviation)
    assert told.verdict != "missed" or told.off > 0
    assert told.verdict != "met" or told.off < 0


def test_the_standard_below_is_deeper_than_parallel():
    assert result(0.0, Standards(depth="below")).off == pytest.approx(BELOW_CM)


def test_a_box_is_reached_by_the_seat_not_by_the_crease():
    assert result(HIGH, Standards(depth=40.0), seat_cm=30.0).verdict == "met"
    assert result(DEEP, Standards(depth=40.0), seat_cm=50.0).verdict == "missed"


def test_a_box_has_the_error_of_the_seat():
    assert result(HIGH, Standards(depth=40.0)).deviation == pytest.approx(2 * DEVIATION_CM)
    assert result(HIGH, Standards(depth=40.0), seat_cm=45.0).verdict == "close"


def test_without_a_standard_depth_is_not_measured():
    assert result(HIGH, Standards(depth="none")) is None
    assert Referee(Standards(), None, None).check_rep(a_squat_window()) == ()


# Counting


def a_judged_pipeline(crease_cm: float, standards: Standards, judge: FakeJudge | None = None) -> Pipeline:
    """Squats are counted, are as deep as that, and have good form."""
    referee = Referee(standards, a_depth_model(crease_cm), None)
    return Pipeline([some_parts("squat", judge or FakeJudge(name="squat"), referee=referee)], chosen_exercise="squat")


class Sees(FakeJudge):
    """A judge to whom each rep shows every fault, or too little to be judged."""

    unsure: str | None = None

    def judge_rep(self, window: RepWindow, **how: Any) -> tuple[Rep, tuple[RepWindow, ...]]:
        rep, own = super().judge_rep(window, **how)
        if self.unsure is None:
            return replace(rep, not_visible=()), own
        return unjudged_rep(window, self.table, self.unsure), own


def counted(crease_cm: float, standards: Standards, judge: FakeJudge | None = None) -> list[Step]:
    """The steps of two squats of that depth, which are counted."""
    pipeline = a_judged_pipeline(crease_cm, standards, judge)
    return list(replay(pipeline, a_squat(reps=2, view_deg=60.0)))


def test_by_default_a_high_rep_counts_and_says_so():
    made = counted(HIGH, Standards())
    reps = [step.rep for step in made if step.rep is not None]
    assert [(rep.counts, rep.misses_standard, rep.verdict) for rep in reps] == [(True, True, "good")] * 2
    assert made[-1].set.summary.reps == 2


def test_counted_by_standard_a_high_rep_does_not_count():
    made = counted(HIGH, Standards(count="standard"))
    reps = [step.rep for step in made if step.rep is not None]
    assert [(rep.disallowed, rep.counts, rep.number) for rep in reps] == [(True, False, 1), (True, False, 2)]
    assert {step.set.count for step in made} == {0}
    cues = [step.cue for step in made if step.cue is not None and step.cue.rep is not None]
    assert [(cue.kind, translate(cue.text), cue.say) for cue in cues] == [("anomalous_rep", "10 cm too high", None)] * 2


def test_a_rep_that_is_not_judged_has_no_depth_and_counts():
    judge = Sees(name="squat")
    judge.unsure = "legs not clear"
    made = counted(HIGH, Standards(count="standard"), judge)
    assert [(step.rep.standards, step.rep.counts) for step in made if step.rep is not None] == [((), True)] * 2
    assert made[-1].set.summary.reps == 2


class ByPlate(RepCounter):
    """A counter whose reps only the plate shows."""

    def step(self, observation: Observation, body: Body | None) -> Outcomes:
        return tuple(replace(outcome, by_plate=True) for outcome in super().step(observation, body))


def test_a_rep_that_only_its_plate_shows_is_neither_judged_nor_asked_for_its_depth():
    """However well the body is visible: its pose is wrong."""
    judge, no_model = FakeJudge(name="squat"), Referee(Standards(), object(), None)  # type: ignore[arg-type]
    parts = some_parts("squat", judge, referee=no_model)
    parts = replace(parts, new_counter=partial(ByPlate, EXERCISES["squat"], STAGES["squat"], by_prior(20.0)))
    made = replay(Pipeline([parts], chosen_exercise="squat"), a_squat(reps=2, view_deg=60.0))
    assert [step.rep.unsure for step in made if step.rep is not None] == ["too few joints"] * 2
    assert judge.windows == []


class Newcomer(FakeJudge):
    """A judge who knows no good reps of the lifter."""

    def judge_rep(self, window: RepWindow, **how: Any) -> tuple[Rep, tuple[RepWindow, ...]]:
        rep, own = super().judge_rep(window, **how)
        return replace(rep, reference="none"), own


@pytest.mark.parametrize(
    ("crease_cm", "count", "form"), [(DEEP, "standard", "good"), (0.0, "standard", "alike"), (DEEP, "all", "alike")]
)
def test_a_standard_makes_reps_good_where_the_lifter_counts_by_it(crease_cm, count, form):
    made = counted(crease_cm, Standards(count=count), Newcomer(name="squat"))
    assert [step.rep.form for step in made if step.rep is not None] == [form] * 2
    assert made[-1].set.count == 2


@pytest.mark.parametrize(
    ("view_deg", "depth", "hidden"), [(5.0, "parallel", True), (60.0, "parallel", False), (5.0, "none", False)]
)
def test_a_view_that_hides_depth_is_reported(view_deg, depth, hidden):
    """As long as there is time to move the camera, and while a start screen waits, whatever the lifter does."""
    pipeline = a_judged_pipeline(DEEP, Standards(depth=depth), Sees(name="squat"))
    told = list(replay(pipeline, a_squat(reps=2, view_deg=view_deg)))
    seen = [step for step in told if step.place.view is not None]
    assert any(step.set.is_under_way for step in seen)
    assert {any("depth" in line for line in step.place.drawbacks) for step in seen} == {hidden}
    assert [step.rep.is_unchecked_for("shallow") for step in told if step.rep is not None] == [hidden] * 2
    assert ("can't be checked from here: not deep enough" in told[-1].set.summary.notes) == hidden


def test_a_correction_decides_whether_a_high_rep_counts():
    seen = a_squat(reps=1, view_deg=60.0)
    pipeline = a_judged_pipeline(HIGH, Standards(count="standard"))
    *_, last = map(pipeline.step, seen)
    labels = Correction(label="good"), None, Correction(label="no-rep")
    counts = [pipeline.correct(last, said).set.count for said in labels]
    assert counts == [1, 0, 0]


# Summary


def test_a_summary_says_how_many_were_deep_enough():
    reps = [a_rep(standards=(a_depth(0.0, verdict),)) for verdict in ("met", "met", "missed", "close")]
    assert [translate(note) for note in depth_note([*reps, a_rep()])] == ["2 of 3 to depth, 1 too close to tell"]
    assert depth_note([a_rep()]) == ()


# Reference


def test_a_rep_that_does_not_count_is_not_overruled_by_who_calls_it_no_rep():
    none = Correction(label="no-rep")
    assert a_rep(correction=none).is_overruled
    assert not a_rep(correction=none, disallowed=True).is_overruled
    assert a_rep(correction=Correction(label="good"), disallowed=True).is_overruled


@pytest.mark.parametrize("standing", ["allowed", "disallowed"])
def test_a_disallowed_rep_enters_only_where_it_is_called_good(standing):
    """Neither by itself, nor beside an allowed one, nor with the end of the set."""
    lifter, called = a_lifter(), an_own_rep(3)
    for number in range(6):
        judged(lifter, an_own_rep(number), standing=standing if number == 3 else "disallowed")
    assert len(lifter.reference(Azimuth(30.0)).reps) == (standing == "allowed")
    assert lifter.teachable_reps() == ()
    call(lifter, called.window.start_s, True, alarm=False)
    for _ in range(2):
        assert [rep.window.number for rep in lifter.reference(Azimuth(30.0)).reps] == [called.window.number]
        lifter.end_set()
    assert lifter.teachable_reps() == ()
