"""Where a rep starts, turns and ends, told from the whole body; and the file that says how."""

import json
from pathlib import Path

import numpy as np
import pytest
from builders.observations import a_body

from livecoach.core.errors import ModelError
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting import body_reader
from livecoach.perception.body.body import ANKLE, HIP, KNEE, SHOULDER, Body, gather, joint_angles_rad, stack

FOUND = (1.0, 2.0, 3.0)


def a_sample(t_s: float, away: float) -> Body:
    """Somebody who squats: hips and shoulders sink with the distance from rest."""
    heights = np.array([4.0, 3.0, 2.0, 2.0, 1.0, 0.0]) - away * np.array([1.5, 1.5, 1.5, 1.5, 0.0, 0.0])
    forwards = np.array([0.0, 0.0, 0.0, 0.0, away, 0.0])
    world = np.stack([forwards, -heights, 0 * heights], -1)[:, None].repeat(2, axis=1)
    return a_body(
        t_s=t_s, distance_from_rest=away, stage="up", size_px=350.0, points_px=100 * world[..., :2], world=world
    )


def a_rep() -> list[Body]:
    """Down from 1 to 2 s, up to 3 s, and a second of rest on both sides."""
    times_s = np.arange(0, 4, 1 / 30)
    return [a_sample(float(t), float(np.interp(t, (1, 2, 3), (0, 1, 0)))) for t in times_s]


def moving_by(*seconds: float, passes: int = 1) -> body_reader.BoundaryModel:
    """Of start, turn and end in each pass, whatever is seen."""
    return body_reader.BoundaryModel(
        weights=np.zeros((passes, 3, body_reader.INPUTS)), bias_s=np.tile(seconds, (passes, 1))
    )


def refined(model: body_reader.BoundaryModel, times: tuple[float, float, float]) -> MovementTimes:
    """Start, turn and end of the rep, as the model refines them."""
    samples = a_rep()
    return model.refine(stack(samples, "t_s"), body_reader.body_curves(gather(samples)), MovementTimes(*times))


def test_each_boundary_is_moved_in_each_pass():
    assert refined(moving_by(0.1, -0.1, 0.2, passes=2), FOUND) == pytest.approx((1.2, 1.8, 3.4))


def test_a_boundary_is_moved_by_little_at_once_and_the_order_stays():
    assert refined(moving_by(5.0, -5.0, 0.0), (1.0, 1.5, 3.0)) == pytest.approx(
        (1.1, 1.0 + body_reader.LARGEST_STEP_S, 3.0)
    )


def test_each_input_of_a_regression_is_what_its_definition_says():
    t_s, curves, times_s = np.arange(30) / 10, np.random.default_rng(1).uniform(size=(30, 8)), (0.5, 1.4, 2.5)
    for time_s, inputs in zip(times_s, body_reader.regression_inputs(t_s, curves, np.array(times_s)), strict=True):
        at_s = [min(max(time_s + k / 10, 0), 2.9) for k in range(-7, 8)]
        around = [np.interp(moment_s, t_s, curve) for moment_s in at_s for curve in curves.T]
        room_s = min(time_s, 1), min(2.9 - time_s, 1)
        assert inputs == pytest.approx([*around, *room_s, *(time_s - other_s for other_s in times_s)])


def test_each_curve_of_a_body_is_what_its_definition_says():
    rng = np.random.default_rng(1)
    bodies = [
        a_body(
            t_s=0.0, distance_from_rest=rng.normal(), size_px=9.0, points_px=points_px, world=rng.normal(size=(6, 2, 3))
        )
        for points_px in rng.normal(0, 100, (20, 6, 2, 2))
    ]
    angles = [
        joint_angles_rad(np.array([body.world.mean(1) for body in bodies]), *joints)
        for joints in ((SHOULDER, HIP, KNEE), (HIP, KNEE, ANKLE))
    ]
    heights = [[-body.points_px[joint, :, 1].mean() for body in bodies] for joint in range(ANKLE)]
    curves = np.array([[body.distance_from_rest for body in bodies], *heights, *angles])
    scaled = (curves - curves.min(1, keepdims=True)) / np.ptp(curves, axis=1, keepdims=True)
    np.testing.assert_allclose(body_reader.body_curves(gather(bodies)).T, scaled, atol=1e-5)


def test_a_saved_regression_is_read_back(tmp_path: Path):
    path = tmp_path / "boundaries.json"
    made = moving_by(0.1, -0.25, 0.125, passes=3)
    body_reader.save_boundaries(made, path, {"command": "by hand"})
    assert refined(body_reader.load_boundaries(path), FOUND) == pytest.approx(refined(made, FOUND))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights": [[[0.0]] * 3]}, "weights: expected shape"),
        ({"bias_s": [[float("nan")] * 3]}, "bias_s: expected finite numbers"),
    ],
)
def test_the_error_names_a_wrong_regression_file(tmp_path: Path, changes: dict[str, object], reason: str):
    path = tmp_path / "boundaries.json"
    body_reader.save_boundaries(moving_by(0.0, 0.0, 0.0), path, {})
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(ModelError, match=reason) as caught:
        body_reader.load_boundaries(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
