"""What every exercise keeps to. A new one is found by listing its YAML."""

from dataclasses import replace

import pytest
from builders.pipelines import ALL_COUNT, FakeJudge

from livecoach.core.config import exercise
from livecoach.decisions import assembly
from livecoach.decisions.exercise_run import ExerciseParts
from livecoach.decisions.pipeline import Pipeline
from livecoach.lab.counting import require_complete_reps
from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

NAMES = exercise.names()
VIEWS_DEG = (0, -70)


@pytest.fixture(params=NAMES)
def rules(request) -> exercise.Exercise:
    return exercise.load(request.param)


def test_an_exercise_has_the_models_and_the_card_that_its_rules_name(rules):
    trained = assembly.load_exercise(rules.name)
    assert (trained.depth is not None) == ("depth" in rules.standards)
    assert trained.exercise == rules
    assert trained.card.name == rules.model


def test_a_movement_needs_less_evidence_where_the_lifter_has_named_the_exercise(rules):
    """By what its file says; not where livecoach recognises it."""
    recognised = assembly.load_exercise(rules.name).lift.rules
    named = assembly.load_exercise(rules.name).lift.for_named_exercise(rules.named_log_odds).rules
    assert named.prior == pytest.approx(recognised.prior + rules.named_log_odds)


@pytest.mark.parametrize("view_deg", VIEWS_DEG)
def test_two_clean_reps_are_counted_at_their_times_from_each_view(rules, view_deg):
    assert rules.motion in EXERCISES
    tokens = parse_tokens("idle:1,good,good,idle:1")
    made = random_set(
        5,
        SetRequest(exercise=rules.motion, view_deg=view_deg, fps=15, noise=0.0, lost=0.0, tokens=tokens, graded=False),
    )
    parts = ExerciseParts(
        exercise=rules,
        new_counter=replace(assembly.load_exercise(rules.name), exercise=require_complete_reps(rules)).make_counter,
        judge=FakeJudge(name=rules.name),
        referee=ALL_COUNT,
    )
    pipeline = Pipeline([parts], chosen_exercise=rules.name)
    steps = [pipeline.step(o) for o in made.observations]
    reps = [step.rep for step in (*steps, pipeline.finish()) if step.rep is not None]
    assert len(reps) == 2
    for rep, true in zip(reps, made.reps, strict=True):
        near_s = max(0.5, 0.1 * (true.end_s - true.start_s))
        assert rep.start_s == pytest.approx(true.start_s, abs=near_s)
        assert rep.turn_s == pytest.approx(true.turn_s, abs=near_s)
        assert rep.end_s == pytest.approx(true.end_s, abs=near_s)
