"""The network that lifts keypoints is trained on synthetic bodies and comes out as TFLite."""

import json

import numpy as np
import pytest
from builders.onnx_networks import STANDING

from livecoach.core.model_files.tflite import TfliteNetwork
from livecoach.core.types import ignore
from livecoach.perception.pose.pose_lifter import (
    CARD,
    INPUT,
    LIFTED,
    WorldLandmarkNetwork,
    lifting_inputs,
    order_keypoints,
)

torch = pytest.importorskip("torch", reason="the extra 'networks' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.processes import JobRunner  # noqa: E402 (needs what is asked for above)
from livecoach.lab.pytorch import layers_to_tflite  # noqa: E402
from livecoach.lab.train import pose_lifter_training as training  # noqa: E402
from livecoach.lab.train.pose_lifter_training import add_errors, make_true_landmarks  # noqa: E402
from livecoach.lab.train.recipes import LiftingRecipe  # noqa: E402


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a network that has seen little."""
    folder = tmp_path_factory.mktemp("lifting")
    told = training.train(LiftingRecipe(sets=10, steps=150), folder, JobRunner(folder, 1, ignore))
    return folder, told


def test_a_trained_lifting_network_loads_and_lifts_a_standing_body(trained):
    folder, told = trained
    card = json.loads((folder / CARD).read_text())
    assert card["training"]["command"] == "livecoach lab train lifting --sets 10 --steps 150"
    assert card["metrics"] == told["errors"]
    found = order_keypoints(np.array(STANDING[:17]) * (300, 400), np.ones(17))
    world = WorldLandmarkNetwork(folder).estimate_world(found.xy_px, found.scores > 0)
    assert world[11, 1] < world[23, 1] < world[27, 1]


def test_the_written_file_lifts_as_the_trained_network_does(tmp_path):
    torch.manual_seed(0)
    network = training.new_network()
    (tmp_path / "n.tflite").write_bytes(layers_to_tflite("made", (1, INPUT), network))
    seen = np.random.default_rng(0).standard_normal((1, training.pose_lifter.INPUT)).astype(np.float32)
    with torch.no_grad():
        wanted = network(torch.from_numpy(seen)).numpy()
    run = TfliteNetwork(tmp_path / "n.tflite", (1, training.pose_lifter.INPUT), (1, training.pose_lifter.OUTPUT))
    assert run(seen) == pytest.approx(wanted, abs=1e-5)


def test_bodies_are_seen_with_errors_and_without_some_points():
    bodies = make_true_landmarks(2, 1, "training", ignore)
    points, known = add_errors(np.random.default_rng(0), np.repeat(bodies.picture, 5, 0))
    assert known[:, 11:17].all()
    assert 0.2 < known[:, 31].mean() < 0.5
    assert 0.01 < np.abs(points - np.repeat(bodies.picture, 5, 0))[:, 11].std() < 0.1
    assert bodies.world.shape[1:] == (len(LIFTED), 3)
    assert np.isfinite(lifting_inputs(points, known)).all()
