"""Real networks, made with PyTorch and exported as ViTPose and RTMPose are: a small vision transformer, a small SimCC.

The weights of the large ones can't be part of the project.
"""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra 'networks' is not installed")

from builders import small_pose_networks as small  # noqa: E402 (needs what is asked for above)

from livecoach.perception.pose.pose_lifter import COCO  # noqa: E402
from livecoach.perception.pose.top_down import Crop  # noqa: E402
from livecoach.perception.pose.top_down_networks import DEVIATION, MEAN, OnnxNetwork, decode_heat_maps, decode_simcc  # noqa: E402

KINDS = {"vit": small.SmallVit, "simcc": small.SmallSimcc}


@pytest.mark.parametrize("kind", KINDS)
def test_an_exported_network_gives_what_the_network_gives(kind, tmp_path):
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
