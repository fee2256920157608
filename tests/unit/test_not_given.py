"""Pose models other than BlazePose give 17 or 26 landmarks: the rest is unknown, and everything goes on without it."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.command import STORED
from builders.observations import a_squat, an_observation

from livecoach.core import landmark
from livecoach.core.documents import codec
from livecoach.core.types import Observation, Rep
from livecoach.decisions import assembly
from livecoach.feedback import skeleton
from livecoach.feedback.face_blur import blur_face
from livecoach.perception.body.view import azimuth_direction
from livecoach.perception.body.visibility import NO_MASK, NO_TOES, cut_off_hint, unmeasurable_joints
from livecoach.perception.pose.pose_lifter import COCO, HALPE26, LIFTED
from livecoach.run.coached import replay
from livecoach.run.opened_recording import open_recording

GIVEN = {"17": COCO, "26": tuple(place for place in HALPE26 if place is not None)}


def seen_by_others(observation: Observation, given: Sequence[int]) -> Observation:
    """What a network with these landmarks would have given: no others, no mask, and a lifted world."""
    if observation.landmarks is None or observation.world is None:
        return observation
    landmarks, world = observation.landmarks.copy(), observation.world.copy()
    absent = [i for i in range(landmark.COUNT) if i not in given]
    landmarks[absent, :3], landmarks[absent, 3:] = np.nan, 0.0
    world[[i for i in range(landmark.COUNT) if i not in given or i not in LIFTED]] = np.nan
    return codec.round_observation(replace(observation, landmarks=landmarks, world=world, back=None))


def reps_of(path: Path, exercise: str, given: Sequence[int] | None = None) -> list[Rep]:
    """The reps of every second stored observation, of all landmarks or of some."""
    with closing(open_recording(path)) as source:
        observations = [frame.observation for frame in iter(source.read, None)][::2]
    if given is not None:
        observations = [seen_by_others(one, given) for one in observations]
    return [step.rep for step in replay(assembly.load(exercise).make_pipeline(), observations) if step.rep is not None]


@pytest.fixture(scope="module")
def squats() -> dict[str, list[Rep]]:
    """The same set, seen with all landmarks, with 26 and with 17."""
    path = STORED / "squat_rendered_009.obs"
    return {name: reps_of(path, "squat", given) for name, given in {"33": None, **GIVEN}.items()}


@pytest.mark.parametrize("count", GIVEN)
def test_reps_are_counted_and_judged_without_the_missing_landmarks(squats, count):
    everything, others = squats["33"], squats[count]
    assert [rep.turn_s for rep in others] == pytest.approx([rep.turn_s for rep in everything], abs=0.1)
    assert [rep.verdict for rep in others] == [rep.verdict for rep in everything]
    assert [rep.score for rep in others] == pytest.approx([rep.score for rep in everything], rel=0.3, abs=0.3)


def test_faults_that_need_toes_are_not_visible_for_this_reason(squats):
    told = {name: {one.reason for rep in reps for one in rep.not_visible} for name, reps in squats.items()}
    assert "toes" in told["17"]
    assert "toes" not in told["26"] | told["33"]


@pytest.mark.parametrize(("count", "absent"), [("33", set()), ("26", {NO_MASK}), ("17", {NO_MASK, NO_TOES})])
def test_the_gate_reports_landmarks_that_are_not_given_as_such(count, absent):
    """The mask too: BlazePose alone makes one, and it alone gives all landmarks. No joint fails for that."""
    seen = a_squat()[:30]
    if count in GIVEN:
        seen = [seen_by_others(one, GIVEN[count]) for one in seen]
    landmarks, world = (np.stack([getattr(one, name) for one in seen]) for name in ("landmarks", "world"))
    t_s = np.array([one.t_s for one in seen])
    failed = unmeasurable_joints(landmarks, world, t_s, 100.0, (640, 480), steadied=landmarks[..., :2])
    assert failed == dict.fromkeys(absent, "not_given")


def test_a_rep_without_toes_has_no_nan_in_its_numbers(squats):
    """JSON knows no NaN."""
    for rep in squats["17"]:
        values = [rep.score, rep.confidence, *(fault.measure for fault in rep.faults)]
        json.dumps(values, allow_nan=False)


def test_the_view_is_estimated_without_the_feet():
    seen = a_squat()[0]
    told = azimuth_direction(seen_by_others(seen, COCO))
    assert told is not None
    assert np.isfinite(told)


def test_landmarks_that_are_not_given_cause_no_hint_to_move():
    seen = seen_by_others(an_observation(), COCO)
    assert cut_off_hint(seen) is None


def test_bones_that_are_not_given_are_not_drawn():
    body = skeleton.project_body(seen_by_others(an_observation(), COCO), 640, 480, mirror=False)
    assert body is not None
    canvas = np.zeros((480, 640, 3), np.uint8)
    skeleton.draw_skeleton(canvas, body, active=True)
    assert canvas.any()
    assert not body.known[list(landmark.TOES)].any()
    assert body.known[list(landmark.ANKLES)].all()


def test_a_face_without_a_mouth_is_still_the_place_that_is_blurred():
    picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    changed = (blur_face(picture, seen_by_others(an_observation(), COCO)) != picture).any(2)
    assert 0 < changed.mean() < 0.2
