"""Real networks, made with PyTorch and exported as ViTPose and RTMPose are: a small vision transformer, a small SimCC.

The weights of the large ones can't be part of the project. These are trained on rendered pictures, and have to find a
lifter whose body and room they have not seen. That takes minutes: it is done where LIVECOACH_SLOW_TESTS is set.
"""

import os
from contextlib import closing

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra 'networks' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from builders import small_pose_networks as small  # noqa: E402 (needs what is asked for above)

from livecoach.config.paths import assets_dir  # noqa: E402
from livecoach.pose.opening import open_estimator  # noqa: E402
from livecoach.pose.pose_lifter import COCO  # noqa: E402
from livecoach.pose.top_down import Crop, crop_around  # noqa: E402
from livecoach.pose.top_down_networks import DEVIATION, MEAN, OnnxNetwork, decode_heat_maps, decode_simcc  # noqa: E402  # noqa: E402
from livecoach.source.opencv import cv2  # noqa: E402
from livecoach.synth.figure.body import JUDGING, TRAINING  # noqa: E402

KINDS = {"vit": small.SmallVit, "simcc": small.SmallSimcc}
SCENES, STEPS = 30, 400
OFF = 0.15
"""Mean error of a keypoint of somebody unseen, in heights of the person's box, that a trained network keeps to."""
slow = pytest.mark.skipif("LIVECOACH_SLOW_TESTS" not in os.environ, reason="takes minutes: set LIVECOACH_SLOW_TESTS")


@pytest.mark.parametrize("kind", KINDS)
def test_an_exported_network_gives_what_the_network_gives(kind, tmp_path):
    """The crop, the normalisation, the choice of outputs and the decoding, against the same by hand."""
    torch.manual_seed(1)
    network = KINDS[kind]().eval()
    picture = np.random.default_rng(0).integers(0, 255, (small.SIZE_PX[1], small.SIZE_PX[0], 3), np.uint8)
    rgb = ((picture[..., ::-1].astype(np.float32) - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
    with torch.no_grad():
        told = network(torch.from_numpy(rgb))
    shares, _ = (
        decode_heat_maps(told[0].numpy()) if kind == "vit" else decode_simcc(*(axis[0].numpy() for axis in told))
    )
    whole = Crop(left=0.0, top=0.0, width=float(small.SIZE_PX[0]), height=float(small.SIZE_PX[1]))
    found = OnnxNetwork(small.exported(network, tmp_path / "n.onnx")).keypoints(picture, whole)
    assert found.xy_px[list(COCO)] == pytest.approx(shares * small.SIZE_PX, abs=0.05)


@pytest.fixture(scope="module")
def pictures() -> tuple[small.Pictures, small.Pictures]:
    """Rendered lifters to learn from, and others."""
    return small.rendered(SCENES, 71, TRAINING), small.rendered(5, 72, JUDGING)


@slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_trained_network_finds_a_lifter(kind, pictures, tmp_path):
    """Somebody unseen in a crop, and the person of the shipped picture as `--pose onnx:FILE` does it."""
    there, unseen = pictures
    torch.manual_seed(5)
    network = KINDS[kind]()
    small.trained(network, there, STEPS)
    path = small.exported(network, tmp_path / f"{kind}.onnx")
    assert mean_error(OnnxNetwork(path), unseen) < OFF
    with closing(open_estimator(f"onnx:{path}")) as estimator:
        person = cv2.imread(str(assets_dir() / "person.png"))
        pose = next((found for i in range(5) if (found := estimator.estimate(person, i / 10)) is not None), None)
    assert pose is not None
    assert pose.world[11, 1] < pose.world[23, 1] < pose.world[27, 1]


def mean_error(network: OnnxNetwork, pictures: small.Pictures) -> float:
    """Mean error of the keypoints, in heights of the person's box."""
    off = []
    for picture, points in zip(pictures.pictures, pictures.points_px, strict=True):
        found = network.keypoints(picture, crop_around(points.min(0), points.max(0), network.aspect))
        off.append(np.linalg.norm(found.xy_px[list(COCO)] - points, axis=1).mean() / np.ptp(points, axis=0).max())
    return float(np.mean(off))
