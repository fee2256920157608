"""Pictures of a squat's pose: how they are drawn, split, learned from, judged and stored."""

import json

import numpy as np
import pytest
from builders.observations import an_observation
from builders.squat_pictures import DEEP, a_pose_px, some_squats

from livecoach.core.errors import ModelError
from livecoach.lab import squat_picture
from livecoach.lab.dataset import save_arrays
from livecoach.lab.measure.table import Share
from livecoach.lab.model_files import CARD, new_files
from livecoach.lab.squat_picture import (
    AROUND,
    FRAMES,
    GOOD,
    PictureKind,
    Placing,
    deepest_pictures,
    frames_of,
    load,
    pose_picture,
)

SMALL = PictureKind(rows=32, columns=32)


def test_picture_has_the_published_size_and_is_filled_by_the_lifter():
    """108 rows and 192 columns of black, with lines from nearly the top to nearly the bottom."""
    picture = pose_picture(a_pose_px(DEEP), PictureKind())
    assert picture.shape == (108, 192, 1)
    rows = np.flatnonzero(picture.any((1, 2)))
    assert rows[0] < 10
    assert rows[-1] > 97
    assert not picture[:, 0].any()


def test_picture_does_not_depend_on_where_the_lifter_stands_or_how_near():
    """It is cropped around the lifter."""
    pose = a_pose_px(DEEP)
    assert np.array_equal(pose_picture(pose, PictureKind()), pose_picture(0.5 * pose + [70, -20], PictureKind()))


def test_flipped_picture_is_the_mirrored_one():
    """To half a pixel: a line of two pixels lies beside its mirror image."""
    pose, kind = a_pose_px(DEEP, view_deg=20), PictureKind(rows=96, columns=96)
    plain, flipped = pose_picture(pose, kind), pose_picture(pose, kind, Placing(flipped=True))
    assert np.abs(plain[:, ::-1].astype(float) - flipped).mean() < 0.5 * plain.mean()


def test_zoomed_lifter_is_larger():
    """By as much as it is zoomed."""
    pose = a_pose_px(DEEP)
    rows = [
        np.ptp(np.flatnonzero(pose_picture(pose, PictureKind(), Placing(zoom=zoom)).any((1, 2)))) for zoom in (0.5, 1)
    ]
    assert rows[0] == pytest.approx(rows[1] / 2, abs=2)


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
    """At any frame rate; what is around it is a thirtieth of a second apart, or the nearest there is."""
    joints = frames_of(_squat(fps), 0.0, 3.0)
    assert joints.shape == (FRAMES, 33, 2)
    hips_px = joints[:, 23:25, 1].mean(1)
    assert hips_px[AROUND] == hips_px.max() > hips_px[0]


def test_squat_that_is_not_seen_at_its_bottom_has_no_frames():
    """Nor one in which nobody is seen at all."""
    assert frames_of(_squat(30, unseen_s=(1.55, 2.2)), 0.0, 3.0) is None
    assert frames_of(_squat(30, unseen_s=(0, 9)), 0.0, 3.0) is None


def test_dataset_comes_back_from_its_file(tmp_path):
    """Numbers and names."""
    squats = some_squats()
    save_arrays(tmp_path / "squats.npz", squats.arrays)
    loaded = load(tmp_path / "squats.npz")
    assert np.array_equal(loaded.joints, squats.joints)
    assert loaded.labels.tolist() == squats.labels.tolist()
    assert loaded.lifters.tolist() == squats.lifters.tolist()


def stored(path, **changed):
    np.savez(path, **some_squats().arrays | changed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"PK"),
        lambda path: np.savez(path, joints=[1.0]),
        lambda path: stored(path, joints=np.zeros((16, 1, 33, 2))),
        lambda path: stored(path, joints=np.full((16, FRAMES, 33, 2), np.nan)),
        lambda path: stored(path, labels=np.arange(16)),
    ],
)
def test_damaged_dataset_is_named(tmp_path, damage):
    """In one line."""
    path = tmp_path / "squats.npz"
    damage(path)
    with pytest.raises(ModelError, match=r"squats\.npz: [^\n]*$"):
        load(path)


def test_right_log_odds_are_judged_right():
    """Shares with their intervals, and the fault that is seen."""
    squats = some_squats()
    figures, by_fault = squat_picture.judge(squats, np.where(squats.bad, 2.0, -2.0)[:, None].repeat(3, 1))
    pictures, right, *_, auroc = figures.rows
    assert (pictures[1], right[1]) == (Share(48, 48), Share(16, 16))
    assert auroc[2].value == 1
    assert by_fault.rows[0][:2] == ("shallow", Share(8, 8))


def test_squats_of_one_label_are_judged_without_an_area():
    """Where there is nothing to compare."""
    squats = some_squats().some(np.arange(0, 16, 2))
    assert set(squats.labels) == {GOOD}
    figures, by_fault = squat_picture.judge(squats, np.full((8, 1), -1.0))
    assert figures.rows[-1] == ("AUROC", None, None)
    assert figures.rows[-2][1] == Share(0, 0)
    assert not by_fault.rows


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network of small pictures that has seen some squats, and the folder that holds it."""
    pytest.importorskip("torch", reason="the extra 'networks' is not installed")
    from livecoach.lab.train import squat_picture as training

    squats = some_squats()
    made = training.train(squats, SMALL, 3200, 1, lambda _: None)
    folder = tmp_path_factory.mktemp("models") / "squat-picture"
    with new_files(folder) as place:
        (place / squat_picture.NETWORK).write_bytes(training.tflite(made, SMALL))
        squat_picture.write_card(place, SMALL, {"seed": 1}, {})
    return made, folder


def test_network_learns_what_differs(trained):
    """Deep squats from shallow ones, of lifters that it has not seen."""
    from livecoach.lab.train import squat_picture as training

    unseen = some_squats(seed=5)
    odds = training.log_odds(trained[0], deepest_pictures(unseen, SMALL))
    assert ((odds > 0) == unseen.bad).all()


def test_tflite_agrees_with_torch(trained):
    """To a thousandth of log odds."""
    from livecoach.lab.train import squat_picture as training

    made, folder = trained
    pictures = deepest_pictures(some_squats(lifters=2), SMALL)
    _, lite = squat_picture.load_model(folder)
    assert [lite(picture) for picture in pictures] == pytest.approx(
        training.log_odds(made, pictures).tolist(), abs=1e-3
    )


def test_training_needs_good_and_bad_squats():
    """One line says so."""
    pytest.importorskip("torch", reason="the extra 'networks' is not installed")
    from livecoach.lab.train import squat_picture as training

    squats = some_squats()
    with pytest.raises(ModelError, match="good and bad squats"):
        training.train(squats.some(squats.bad), SMALL, 32, 1, lambda _: None)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (squat_picture.NETWORK, b"other", "differs from the digest"),
    ],
)
def test_changed_model_is_refused(trained, tmp_path, name, change, message):
    """The line names the file."""
    for part in (CARD, squat_picture.NETWORK):
        (tmp_path / part).write_bytes((trained[1] / part).read_bytes())
    (tmp_path / name).write_bytes(change)
    with pytest.raises(ModelError, match=message) as raised:
        squat_picture.load_model(tmp_path)
    assert name in str(raised.value)


def test_model_of_something_else_is_refused(trained, tmp_path):
    """By its kind."""
    card = json.loads((trained[1] / CARD).read_text()) | {"kind": "rep image scorer"}
    (tmp_path / CARD).write_text(json.dumps(card))
    with pytest.raises(ModelError, match="kind: must be 'squat picture'"):
        squat_picture.load_model(tmp_path)


def test_shallow_squat_is_labelled_by_its_true_severity():
    """From .5 on bad; less is neither good nor bad."""
    from livecoach.lab.squat_picture import label_of, set_of

    for rep in set_of("judging", 3, 0).reps:
        worst = max(rep.severities.values(), default=0.0)
        wanted = GOOD if not rep.faults and worst == 0 else None if worst < 0.5 else "bad"
        assert (wanted is None) == (label_of(rep) is None)
        assert (wanted == GOOD) == (label_of(rep) == GOOD)


def test_evaluate_judges_a_file_of_squats(trained, tmp_path):
    """As `livecoach lab evaluate` shows it; without a model it asks for one."""
    from click.testing import CliRunner

    from livecoach.cli.lab_evaluate import evaluate

    path = tmp_path / "squats.npz"
    save_arrays(path, some_squats(seed=5).arrays)
    done = CliRunner().invoke(evaluate, ["--pictures", str(path), "--model", str(trained[1]), "--json", "-"])
    assert json.loads(done.output)["tables"][0]["rows"][1]["share"]["of"] == 16
    done = CliRunner().invoke(evaluate, ["--pictures", str(path)])
    assert "--pictures needs --model" in done.output
