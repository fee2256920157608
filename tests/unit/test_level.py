"""A camera that leans: all is measured as if it did not."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from builders.observations import a_sighting, levelled
from builders.raised_hands import DOWN, RIGHT_UP, hands_over_time
from builders.steps import warnings_of
from builders.stick_figure import a_stick_figure

from livecoach.core import landmark
from livecoach.core.step import RepCompleted
from livecoach.core.types import Observation, RepWindow
from livecoach.decisions import assembly
from livecoach.decisions.coaching.raised_hand import RaisedHandDetector
from livecoach.decisions.judging.reference import THIS_SET, prepare_reference
from livecoach.decisions.judging.verdict import judge
from livecoach.decisions.rep.depth import depth_inputs
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.perception.body.body import find_body, level_points
from livecoach.perception.body.view import RollEstimator, rep_roll_deg

COACH = assembly.load("deadlift")
SCORER = COACH.exercises["deadlift"].scorer
TABLE = SCORER.faults.table
SECONDS = np.arange(90) / 30


def turned(observations: Iterable[Observation], by_deg: float) -> list[Observation]:
    """As a camera that leans by so much sees them, clockwise."""
    return [levelled(one, -by_deg) for one in observations]


@cache
def windows(by_deg: float, exercise: str = "deadlift") -> list[RepWindow]:
    """Of a lifter's reps, by a camera that leans."""
    said = parse_tokens("walkin,good*4,knee_dominant:1" if exercise == "deadlift" else "walkin,good*2", exercise)
    made = random_set(2, SetRequest(exercise=exercise, tokens=said, fps=15, view_deg=60, lost=0, graded=False))
    steps = [*map(assembly.load(exercise).make_pipeline().step, turned(made.observations, by_deg))]
    return [one.window for step in steps for one in step.events_of(RepCompleted) if one.window is not None]


def roll_deg(observations: Iterable[Observation]) -> float:
    roll = RollEstimator()
    for one in observations:
        roll.step(find_body(one))
    return roll.roll_deg


def standing(*, view_deg: float = 60.0, feet: tuple[float, float] = (0.3, 0.8), **changes: object) -> list[Observation]:
    figure = a_stick_figure(0.0, view_deg=view_deg, **changes)
    return [a_sighting(figure, t_s=t_s, feet=feet, height=0.3) for t_s in SECONDS]


@pytest.mark.parametrize("view_deg", [0.0, 60.0, 90.0, 140.0])
@pytest.mark.parametrize("by_deg", [-15.0, -8.0, 0.0, 8.0, 15.0])
def test_a_roll_is_known_once_somebody_has_stood_for_two_seconds(view_deg, by_deg):
    assert roll_deg(turned(standing(view_deg=view_deg)[:61], by_deg)) == pytest.approx(by_deg, abs=1.0)


def test_the_roll_is_unknown_after_the_camera_was_bumped_until_the_lifter_has_stood_for_a_second():
    bumped = [replace(one, t_s=one.t_s + 3) for one in turned(standing(feet=(0.4, 0.7)), 8.0)]
    assert roll_deg([*standing(), *bumped[:20]]) is None
    assert roll_deg([*standing(), *bumped[:40]]) == pytest.approx(8.0, abs=1.0)


def test_a_lifter_who_stands_a_little_askew_is_no_roll():
    assert roll_deg(turned(standing(), 1.9)) == 0
    rolls = [roll_deg(turned(standing(), by_deg)) for by_deg in np.arange(2.0, 7.0, 0.25)]
    assert np.diff(rolls).max() < 1.0  # so that two days on which somebody stands a little differently stay alike


@pytest.mark.parametrize("wrong", ["leans back", "steps", "is bent over", "lies"])
def test_a_lifter_who_leans_is_not_taken_for_a_roll(wrong):
    figure = a_stick_figure(1.0 if wrong == "is bent over" else 0.0, view_deg=90.0)
    if wrong == "leans back":
        figure[[0, *landmark.SHOULDERS]] += (0.2, 0.0, 0.0)
    elif wrong == "steps":
        figure[landmark.ANKLES[0]] += (0.5, 0.0, 0.0)
    seen = [a_sighting(figure, t_s=t_s, feet=(0.5, 0.8), height=0.3) for t_s in SECONDS]
    assert roll_deg(turned(seen, 60.0 if wrong == "lies" else 0.0)) == 0


@pytest.mark.parametrize("by_deg", [-7.3, 15.0])
def test_reps_of_a_camera_that_leans_score_as_those_of_a_level_one(by_deg):
    level, leaning = ([MeasuredRep(one, TABLE) for one in windows(by)] for by in (0, by_deg))
    reference = prepare_reference(SCORER, level[:4], THIS_SET)
    verdicts = [[judge(rep, reference)[0] for rep in reps] for reps in (level, leaning)]
    assert [[one.verdict for one in of_day] for of_day in verdicts] == [["good"] * 4 + ["anomalous"]] * 2
    assert [one.score for one in verdicts[1]] == pytest.approx([one.score for one in verdicts[0]], rel=0.15, abs=0.1)


def test_reps_that_were_kept_without_their_roll_are_levelled_too():
    rep = windows(15.0)[1]
    old = replace(rep, view=replace(rep.view, roll_deg=None))
    points, kept = (MeasuredRep(one, TABLE).points for one in (rep, old))
    assert kept == pytest.approx(points, abs=0.05)


@pytest.mark.parametrize("by_deg", [0.0, -7.3, 15.0])
def test_the_points_of_a_rep_are_levelled_at_once_as_each_is_alone(by_deg):
    """To the bit, also where the camera has moved, the picture got another size, or a plate is seen at times."""
    rng, changed = np.random.default_rng(0), []
    for number, one in enumerate(windows(by_deg)[0].observations):
        camera = (1 + rng.normal(scale=0.02), *rng.normal(scale=0.05, size=3)) if number % 3 else None
        seen = {"camera": camera, "bar": rng.random(4) if number % 4 else None}
        arrays = {name: None if array is None else np.array(array, np.float32) for name, array in seen.items()}
        changed.append(replace(one, **arrays, width_px=one.width_px + number // 20))
    rep = replace(windows(by_deg)[0], observations=tuple(changed))
    level, alone = level_points(changed, rep_roll_deg(rep)), [levelled(one, rep.view.roll_deg) for one in changed]
    assert bool(rep.view.roll_deg) == bool(by_deg)
    assert np.array_equal(level.landmarks, [one.landmarks[:, :2] for one in alone])
    assert np.array_equal(level.world, [one.world for one in alone])
    plates = [np.full(4, np.nan) if one.bar is None else one.bar for one in alone]
    assert np.array_equal(level.bar, plates, equal_nan=True)


def test_a_squat_is_as_deep_for_a_camera_that_leans():
    level, leaning = (depth_inputs(windows(by, "squat")[0]) for by in (0.0, 8.0))
    assert leaning == pytest.approx(level, abs=0.08)


def test_a_leaning_camera_is_reported_once_and_its_observations_stay():
    leaning = turned(standing(), 8.0)
    steps = [*map(COACH.make_pipeline().step, leaning)]
    news = [(event.active, event.text, event.t_s) for event in warnings_of(steps)]
    assert [(active, text) for active, text, _ in news] == [(True, "the camera leans 8°: levelled")]
    assert news[0][2] < 3.0
    assert [step.observation for step in steps] == leaning
    assert "ready" in [step.cue.kind for step in steps if step.cue is not None]


def test_a_raised_hand_answers_a_camera_that_leans():
    hand = RaisedHandDetector()
    seen = turned(hands_over_time((DOWN, 0.5), (RIGHT_UP, 1.4)), 15.0)
    answers = [hand.step(one, find_body(one, 15.0)) for one in seen]
    assert [answer.answer for answer in answers if answer.held == 1] == ["yes"]
