"""The depth of a squat is measured from the side and at an angle, and nowhere else."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders.depth import LEG_CM, a_depth_model, a_squat_window

from livecoach.core import landmark
from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.decisions.rep.depth import FILE, INPUTS, DepthModel, can_measure_depth, depth_inputs
from livecoach.perception.body.body import joint_angles_rad, trunk_lean_rad

SHIPPED = models_dir() / "standards" / FILE


def test_depth_is_a_share_of_the_leg():
    depth = a_depth_model(crease_cm=4.0, seat_cm=30.0).measure(a_squat_window())
    assert depth.crease == pytest.approx(4.0 / LEG_CM)
    small, tall = depth.in_cm(150.0), depth.in_cm(200.0)
    assert tall.crease / small.crease == pytest.approx(200 / 150)
    assert tall.seat / small.seat == pytest.approx(200 / 150)


@pytest.mark.parametrize(
    ("azimuth_deg", "shown"), [(0, False), (29, False), (30, True), (-60, True), (105, True), (120, False)]
)
def test_only_views_from_the_side_show_depth(azimuth_deg, shown):
    """From near the front and from behind the height of the camera looks like depth."""
    assert can_measure_depth(azimuth_deg) is shown


SQUAT = a_squat_window()
OUT_OF_SIGHT = tuple(
    replace(o, landmarks=None, world=None) if abs(o.t_s - SQUAT.turn_s) < 0.7 else o for o in SQUAT.observations
)


@pytest.mark.parametrize(
    ("window", "farthest"),
    [
        (a_squat_window(10.0), None),  # from the front
        (replace(SQUAT, view=None), None),
        (replace(SQUAT, observations=OUT_OF_SIGHT), None),  # at the bottom
        (SQUAT, 1e-6),  # unlike all of training: a joint may be misplaced, and a regression says anything there
    ],
)
def test_a_rep_that_does_not_show_its_depth_has_no_measured_depth(window, farthest):
    model = a_depth_model()
    assert (model if farthest is None else replace(model, farthest=farthest)).measure(window) is None


def test_a_rep_unlike_most_of_training_is_measured_less_exactly():
    window = a_squat_window()
    near = a_depth_model(deviation_cm=3.0).measure(window)
    far = replace(a_depth_model(deviation_cm=3.0), growth=np.array([0.1, 0.2])).measure(window)
    distance = np.linalg.norm(depth_inputs(window))
    assert far.crease_deviation == pytest.approx(near.crease_deviation * np.exp(0.1 * distance))
    assert far.seat_deviation == pytest.approx(near.seat_deviation * np.exp(0.2 * distance))


@pytest.mark.parametrize("view_deg", [60.0, -60.0])
def test_each_input_of_the_depth_model_is_computed_as_defined(view_deg):
    """Of random poses, by their medians where the hips are lowest and where the lifter stands."""
    window, rng = a_squat_window(view_deg), np.random.default_rng(1)
    t_s = np.array([o.t_s for o in window.observations])
    xy, world = (rng.uniform(0.3, 0.6, (len(t_s), 33, axes)).astype(np.float32) for axes in (2, 3))
    lowest = int(np.argmin(abs(t_s - window.turn_s))) + 2
    xy[lowest - 1 : lowest + 2, landmark.HIPS, 1] += 1.0
    seen = tuple(
        replace(o, landmarks=np.column_stack([xy[k], o.landmarks[:, 2:]]), world=world[k])
        for k, o in enumerate(window.observations)
    )
    out_s = np.maximum(window.start_s - t_s, t_s - window.end_s)
    around, rests = abs(t_s - t_s[lowest]) <= 0.07, (out_s >= -0.1) & (out_s <= 0.3)
    (px, low), (rest_px, stood) = (
        (np.median(xy[at] * (640, 480), 0)[landmark.JOINTS], np.median(world[at], 0)[landmark.JOINTS].astype(float))
        for at in (around, rests)
    )
    (shoulder, _, _, hip, knee, ankle), (_, _, _, rest_hip, rest_knee, rest_ankle) = px.mean(1), rest_px.mean(1)
    scale_px, middles = rest_ankle[1] - rest_hip[1], low.mean(1)
    leg_m = np.linalg.norm(stood[3:5] - stood[4:], axis=-1).sum(0).mean()
    in_picture = [
        *(knee[1] - hip[1], ankle[1] - hip[1], ankle[1] - rest_ankle[1], knee[1] - rest_knee[1]),
        (px[4, 0] - px[3, 0] - px[4, 1] + px[3, 1])[1],
        (hip - knee)[0] * np.sign(view_deg),
        *(abs(px[joint, 0] - px[joint, 1])[0] for joint in (3, 5)),
        shoulder[1] - hip[1],
    ]
    turn = np.radians(window.view.azimuth_deg)
    assert depth_inputs(replace(window, observations=seen)) == pytest.approx(
        [
            *(middles[[4, 5, 5], 1] - middles[[3, 3, 4], 1]) / leg_m,
            *np.array(in_picture) / abs(scale_px),
            *(joint_angles_rad(low[None], *joints).mean() for joints in ((3, 4, 5), (0, 3, 4))),
            trunk_lean_rad(low[None])[0],
            np.linalg.norm((stood[0] - stood[3]).mean(0)) / leg_m,
            np.linalg.norm(middles[3] - middles[4]) / leg_m,
            *(np.cos(turn), abs(np.sin(turn)), rest_hip[1] / 480, abs(scale_px) / 480),
        ],
        rel=1e-4,
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"weights": [[0.0] * INPUTS]}, "weights"),
        ({"mean": [0.0]}, "mean"),
        ({"precision": [[1.0]]}, "precision"),
        ({"farthest": 0.0}, "farthest"),
        ({"deviation": [[0.1], [0.1]]}, "azimuth_deg"),
        ({"azimuth_deg": [105.0, 90.0, 70.0, 50.0, 30.0]}, "azimuth_deg"),
    ],
)
def test_the_error_about_a_wrong_depth_model_is_one_line_that_names_field_and_file(tmp_path, change, named):
    path = tmp_path / "depth.json"
    path.write_text(json.dumps(json.loads(SHIPPED.read_text()) | change))
    with pytest.raises(ModelError, match=named) as raised:
        read_model_json(path, DepthModel)
    assert str(path) in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
