"""Pictures of a squat's pose: how they are drawn, learned from and judged."""

import json

import numpy as np
import pytest
from builders.observations import an_observation
from builders.squat_pictures import DEEP, a_pose_px, some_squats

from livecoach.core.errors import ModelError
from livecoach.lab.measure.table import Share
from livecoach.lab.model_files import CARD
from livecoach.lab.processes import JobRunner
from livecoach.lab.squat_picture import (
    AROUND,
    FRAMES,
    GOOD,
    PictureSize,
    Placing,
    draw_pose_picture,
    landmarks_at_bottom,
    make_squat_set,
    make_squats,
    measure_accuracy,
    picture_log_odds,
    squat_label,
)
from livecoach.lab.train.recipes import SquatPictureRecipe

SMALL = PictureSize(rows=32, columns=32)


def test_picture_is_filled_by_the_lifter_wherever_they_stand_and_however_near():
    pose = a_pose_px(DEEP)
    picture = draw_pose_picture(pose, PictureSize())
    assert picture.shape == (108, 192, 1)
    rows = np.flatnonzero(picture.any((1, 2)))
    assert rows[0] < 10
    assert rows[-1] > 97
    assert not picture[:, 0].any()
    assert np.array_equal(picture, draw_pose_picture(0.5 * pose + [70, -20], PictureSize()))
    zoomed = np.flatnonzero(draw_pose_picture(pose, PictureSize(), Placing(zoom=0.5)).any((1, 2)))
    assert np.ptp(zoomed) == pytest.approx(np.ptp(rows) / 2, abs=2)


def test_flipped_picture_is_the_mirrored_one():
    """To half a pixel: a line of two pixels lies beside its mirror image."""
    pose, kind = a_pose_px(DEEP, view_deg=20), PictureSize(rows=96, columns=96)
    plain, flipped = draw_pose_picture(pose, kind), draw_pose_picture(pose, kind, Placing(flipped=True))
    assert np.abs(plain[:, ::-1].astype(float) - flipped).mean() < 0.5 * plain.mean()


def _squat(fps: float, *, unseen_s: tuple[float, float] = (9, 9)) -> list:
    """Three seconds of a squat whose deepest point is at 1.5 s."""
    observations = []
    for index in range(round(3 * fps)):
        t_s = index / fps
        pose = np.zeros((33, 5), np.float32)
        pose[:, :2] = a_pose_px(1 - abs(t_s - 1.5) / 1.5) / (640, 480)
        nobody = unseen_s[0] <= t_s <= unseen_s[1]
        observations.append(an_observation(t_s=t_s, index=index, landmarks=pose, nobody=nobody))
    return observations


@pytest.mark.parametrize("fps", [12, 30, 60])
def test_deepest_frame_is_the_one_with_the_lowest_hips(fps):
    joints = landmarks_at_bottom(_squat(fps), 0.0, 3.0)
    assert joints.shape == (FRAMES, 33, 2)
    hips_px = joints[:, 23:25, 1].mean(1)
    assert hips_px[AROUND] == hips_px.max() > hips_px[0]


def test_squat_that_is_not_seen_at_its_bottom_has_no_frames():
    assert landmarks_at_bottom(_squat(30, unseen_s=(1.55, 2.2)), 0.0, 3.0) is None
    assert landmarks_at_bottom(_squat(30, unseen_s=(0, 9)), 0.0, 3.0) is None


def test_log_odds_of_the_right_sign_count_as_right_answers():
    squats = some_squats()
    (figures,) = measure_accuracy(squats, np.where(squats.bad, 2.0, -2.0)[:, None].repeat(3, 1))
    pictures, right, *_, auroc = figures.rows
    assert (pictures[1], right[1]) == (Share(48, 48), Share(16, 16))
    assert auroc[2].value == 1
    (figures,) = measure_accuracy(squats.select(~squats.bad), np.full((8, 1), -1.0))
    assert [row[1] for row in figures.rows[-2:]] == [Share(0, 0), None]


def test_training_tells_deep_from_shallow_squats_and_tflite_does_the_same(tmp_path):
    pytest.importorskip("torch", reason="the extra 'networks' is not installed")
    from livecoach.lab.pytorch import layers_to_tflite
    from livecoach.lab.train import squat_picture_training as training

    squats, unseen = some_squats(), some_squats(seed=5)
    with pytest.raises(ModelError, match="good and bad squats"):
        training.train_network(squats.select(squats.bad), SMALL, 32, 1, lambda _: None)
    network = training.train_network(squats, SMALL, 3200, 1, lambda _: None)
    (tmp_path / "n.tflite").write_bytes(layers_to_tflite("made", (1, SMALL.rows, SMALL.columns, 1), network))
    pictures = np.stack([draw_pose_picture(joints[AROUND], SMALL) for joints in unseen.joints])
    odds = network(training.as_tensor(pictures))[:, 0].detach().numpy()
    assert ((odds > 0) == unseen.bad).all()
    assert picture_log_odds(unseen, SMALL, tmp_path / "n.tflite")[:, AROUND] == pytest.approx(odds.tolist(), abs=1e-3)


def test_the_card_of_what_is_made_has_the_figures_that_are_printed(tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="the extra 'networks' is not installed")
    from livecoach.lab.train import squat_picture_training as training

    monkeypatch.setattr(JobRunner, "cached", lambda *_: some_squats())
    recipe, runner = SquatPictureRecipe(pictures=32), JobRunner(tmp_path, 1, lambda *_: None)
    said = training.train(recipe, tmp_path / "model", runner)
    card = json.loads((tmp_path / "model" / CARD).read_text())
    assert card["training"]["command"] == recipe.command()
    assert card["metrics"][0]["title"] == said[0].title


def test_squats_of_no_lifters_are_refused(tmp_path):
    with pytest.raises(ModelError, match="no squat of 0 lifters is clearly good or bad"):
        make_squats("training", 1, 0, JobRunner(tmp_path, 1, lambda *_: None))


def test_shallow_squat_is_labelled_by_its_true_severity():
    for rep in make_squat_set("judging", 3, 0).reps:
        fault, worst = max(rep.severities.items(), key=lambda one: one[1], default=("", 0.0))
        wanted = GOOD if not rep.faults and worst == 0 else None if worst < 0.5 else fault
        assert squat_label(rep) == wanted
