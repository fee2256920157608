"""A camera that looks up from the floor, beside reps that one at hip height saw."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from builders.observations import a_deadlift, a_set
from builders.pipelines import a_pipeline, steps_of
from builders.recognition import FPS, ToldRecogniser, after_one_another, dips, sure_of
from builders.references import a_lifter, an_own_rep, another, call
from builders.steps import partials_of, warnings_of
from builders.stick_figure import bends

from livecoach.core.step import RepCompleted
from livecoach.core.types import Observation, RepWindow
from livecoach.decisions import assembly
from livecoach.decisions.coaching.cues import CAMERA_TOO_LOW
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.reference import EARLIER_DAYS, EVERYBODY, median_camera
from livecoach.decisions.judging.scorer import (
    MOST_PITCH_DEG,
    SEEMS_DEG,
    SHARE_OF_PITCH,
    SHORTER,
    TILT_OF_PITCH,
    UP_DEG,
    moved_reason,
    pitch_change,
    pitch_mismatch,
)
from livecoach.decisions.rep.measured import LOOKS_DOWN, LOOKS_UP, MOVED
from livecoach.decisions.rep.view_normalised import CameraReading

COACH = assembly.load("deadlift")
SCORER = COACH.exercises["deadlift"].scorer
WHOLE = bends(reps=1, rest=1.0, fps=FPS)
FEET = 0.9  # height in the picture that stays where it is


def from_below(seen: Iterable[Observation], *, narrower: float, away_deg: float) -> list[Observation]:
    """Return what a camera that looks up sees: a picture that narrows upwards, and a lifter who leans away."""
    sine, cosine, found = np.sin(np.radians(away_deg)), np.cos(np.radians(away_deg)), []
    for one in seen:
        assert one.landmarks is not None
        assert one.world is not None
        landmarks, world = one.landmarks.copy(), one.world.copy()
        up = FEET - landmarks[:, 1]
        landmarks[:, 0] = 0.5 + (landmarks[:, 0] - 0.5) / (1 + narrower * up)
        landmarks[:, 1] = FEET - up / (1 + narrower * up)
        world[:, 1:] = world[:, 1:] @ np.array([[cosine, -sine], [sine, cosine]], np.float32)
        found.append(replace(one, landmarks=landmarks, world=world))
    return found


@cache
def seen(narrower: float = 0.0, away_deg: float = 0.0) -> list[Observation]:
    """Three reps, and less than half of one."""
    curve = np.concatenate([WHOLE, WHOLE, WHOLE, 1 - 0.4 * (1 - WHOLE), np.ones(round(3 * FPS))])
    return from_below(a_set(curve, lift="deadlift", fps=FPS, view_deg=60.0), narrower=narrower, away_deg=away_deg)


FLOOR = (0.5, 2 * UP_DEG)
"""How much narrower the picture is upwards, and by how much the lifter leans away, from the floor."""


@cache
def reps(narrower: float, away_deg: float) -> list[RepWindow]:
    steps = map(COACH.make_pipeline().step, seen(narrower, away_deg))
    return [one.window for step in steps for one in step.events_of(RepCompleted) if one.window]


def judged(camera: tuple[float, float], *cameras: tuple[float, float]) -> tuple[list[str | None], list[str]]:
    """Return why reps were not judged, and why others do not count, by a profile of earlier days. Each camera is as
    FLOOR."""
    days = [(f"2026-11-0{1 + number}", reps(*one) * 2) for number, one in enumerate(cameras)]
    pipeline = COACH.make_pipeline([replace(one, day=day, chosen=True) for day, of_day in days for one in of_day])
    steps = [pipeline.step(one) for one in seen(*camera)]
    partial = [partial.reason for partial in partials_of(steps)]
    return [one.rep.unsure for step in steps for one in step.events_of(RepCompleted)], partial


@pytest.mark.parametrize(("camera", "unsure", "reason"), [((0.1, 3.0), None, "short"), (FLOOR, LOOKS_UP, "from_below")])
def test_reps_seen_from_far_below_are_neither_judged_nor_called_half(camera, unsure, reason):
    assert judged(camera, (0.0, 0.0)) == ([unsure] * 3, [reason])


@pytest.mark.parametrize("times", [2, 3])
def test_a_camera_from_far_below_is_blamed_at_the_third_movement_that_does_not_count(times):
    pipeline = COACH.make_pipeline([replace(one, day="2026-11-01", chosen=True) for one in reps(0.0, 0.0)])
    steps = [pipeline.step(one) for one in from_below(dips(times), narrower=FLOOR[0], away_deg=FLOOR[1])]
    said = [event for event in warnings_of(steps) if event.warning == "nothing_counted"]
    assert [event.text for event in said] == [CAMERA_TOO_LOW] * (times == 3)
    assert (steps[-1].place.warning == CAMERA_TOO_LOW) == (times == 3)


@pytest.mark.parametrize(
    ("before", "times", "said"), [(0, 4, []), (0, 5, ["5 movements did not look like reps: not counted"]), (1, 5, [])]
)
def test_a_warning_comes_at_the_fifth_movement_that_does_not_count(before, times, said):
    """But not in a set, of whose end it is a note."""
    seen = after_one_another(a_deadlift(reps=before), dips(times)) if before else dips(times)
    assert [event.text for event in warnings_of(steps_of(seen))] == said


def test_the_warning_that_nothing_counts_ends_apart_from_that_of_another_exercise():
    stands = a_set(np.zeros(round(21 * FPS)), lift="deadlift", fps=FPS, view_deg=60.0)
    pipeline = a_pipeline("deadlift", recogniser=ToldRecogniser({1.0: sure_of("squat")}))
    said = warnings_of(map(pipeline.step, after_one_another(dips(5), stands)))
    both = ["other_exercise", "nothing_counted"]
    assert [(event.warning, event.active) for event in said] == [*((kind, True) for kind in both), (both[1], False)]


def test_reps_confirmed_from_far_below_judge_reps_seen_from_far_below():
    assert judged(FLOOR, (0.0, 0.0), FLOOR) == ([None] * 3, ["from_below"])
    assert judged((0.0, 0.0), (0.0, 0.0), FLOOR) == ([None] * 3, ["short"])
    assert judged((0.0, 0.0), FLOOR) == ([LOOKS_DOWN] * 3, ["short"])


@pytest.mark.parametrize(
    ("up_deg", "shorter", "is_known", "seems"),
    [
        (UP_DEG + 0.1, SHORTER + 0.01, True, True),
        (UP_DEG + 0.1, SHORTER - 0.01, False, False),  # who leans away is as long as before
        (UP_DEG - 0.1, 3 * SHORTER, False, True),  # who bends is shorter
        (-20.0, 3 * SHORTER, False, False),
        (-UP_DEG - 0.1, -SHORTER - 0.01, True, True),
        (4.5, 0.05, False, True),  # neither shows clearly
        (4.5, 0.02, False, False),
        (-4.5, 0.05, False, False),
    ],
)
def test_both_the_lean_and_the_trunk_tell_of_a_camera_that_looks_up(up_deg, shorter, is_known, seems):
    assert (pitch_change(*cameras(up_deg, shorter)) * up_deg > 0) == is_known
    assert (pitch_change(*cameras(up_deg, shorter), enough_deg=SEEMS_DEG) * up_deg > 0) == seems


@pytest.mark.parametrize(
    ("up_deg", "shorter", "by_deg", "reason"),
    [(8.0, 0.06, 5.0, LOOKS_UP), (8.0, 0.06, -15.0, MOVED), (-8.0, -0.06, 5.0, LOOKS_DOWN), (-8.0, 0.06, 5.0, MOVED)],
)
def test_a_camera_that_has_turned_is_not_called_too_low(up_deg, shorter, by_deg, reason):
    """Nor is one that sees a lean that the trunk does not explain."""
    before, now = cameras(up_deg, shorter)
    assert moved_reason(before, now._replace(standing_deg=before.standing_deg + by_deg)) == reason


def cameras(up_deg: float, shorter: float) -> list[CameraReading]:
    camera = an_own_rep(tilt_deg=-12.0).camera
    return [camera, camera._replace(tilt_deg=up_deg - 12, trunk_share=(1 - shorter) * camera.trunk_share)]


@pytest.mark.parametrize(("pitch_deg", "reason"), [(MOST_PITCH_DEG + 1, LOOKS_UP), (MOST_PITCH_DEG - 1, None)])
def test_sets_are_compared_up_to_a_certain_pitch(pitch_deg, reason):
    before = [an_own_rep(i, tilt_deg=-12.0) for i in range(3)]
    rep = an_own_rep(tilt_deg=-12.0)
    rep.camera = cameras(TILT_OF_PITCH * pitch_deg, SHARE_OF_PITCH * pitch_deg)[1]
    assert pitch_mismatch(median_camera(*(own.camera for own in before)), rep.camera) == reason


@pytest.mark.parametrize(
    ("camera", "verdict"),
    [((0.1, 3.0), "good"), ((-0.1, -4.0), "good"), ((0.1, -4.0), "anomalous"), ((-0.1, 3.0), "anomalous")],
)
def test_a_rep_is_judged_as_from_the_earlier_height_where_lean_and_trunk_agree(camera, verdict):
    """By a lifter whose reps hardly vary, so that the camera's height alone makes a rep anomalous."""
    strict = replace(SCORER.camera, day=0.0, per_tilt_deg=0.0)
    scorer = replace(SCORER, width=replace(SCORER.width, usual=0.3 * SCORER.width.usual), camera=strict)
    judge = LifterJudge(scorer, kept=[replace(one, day="2026-11-01") for one in reps(0.0, 0.0)])
    assert [judge.judge_rep(one)[0].verdict for one in reps(*camera)] == [verdict] * 3


def test_a_set_from_the_floor_judges_later_ones_once_it_is_confirmed():
    """It is asked for after it, and until then it teaches nothing."""
    level, floor = (
        [replace(one, day=day) for one in reps(*camera)] for camera, day in (((0.0, 0.0), "2026-11-01"), (FLOOR, None))
    )
    judge = LifterJudge(SCORER, kept=level)
    assert [judge.judge_rep(replace(one, set_name="1"))[0].unsure for one in floor] == [LOOKS_UP] * 3
    judge.end_set()
    assert judge.own_reps.teachable_reps() == ()
    assert judge.own_reps.confirmable_starts_s == tuple(one.start_s for one in floor)
    for one in floor:
        call(judge.own_reps, one.start_s, True, alarm=False)
    verdicts = [judge.judge_rep(replace(one, set_name="2", start_s=one.start_s + 0.001)) for one in floor]
    assert [(rep.unsure, rep.reference) for rep, _ in verdicts] == [(None, "own")] * 3


def test_a_rep_is_not_good_by_limits_that_the_pitch_widens_too_far():
    judge = LifterJudge(SCORER, kept=[replace(one, day="2026-11-01") for one in reps(0.0, 0.0)])
    assert [judge.judge_rep(one)[0].unsure for one in reps(0.2, 5.0)[:2]] == [LOOKS_UP] * 2


def test_the_pitch_of_an_earlier_set_is_that_of_all_its_reps():
    """A set is not compared by the few reps that seem to be filmed from the same height."""
    own = a_lifter([another(number, day="2026-11-01") for number in range(4)])
    rep = an_own_rep(tilt_deg=-12.0)
    rep.camera = own.kept[0].camera
    assert own.reference(rep).source is EARLIER_DAYS
    _, away = cameras(-TILT_OF_PITCH * (MOST_PITCH_DEG + 1), -SHARE_OF_PITCH * (MOST_PITCH_DEG + 1))
    for kept in own.kept[1:]:
        kept.camera = away
    assert own.reference(rep).source is EVERYBODY
