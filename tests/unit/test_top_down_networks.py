"""ONNX files as pose networks: what fits is used, anything else is told in one line; keypoints from their outputs."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from builders import onnx_networks
from onnx import TensorProto

from livecoach.core.config import pose_models
from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError
from livecoach.perception.pose.pose_lifter import BODY
from livecoach.perception.pose.top_down import Crop
from livecoach.perception.pose.top_down_networks import MoveNet, OnnxNetwork, decode_heat_maps, decode_simcc

PICTURE = np.full((400, 300, 3), 90, np.uint8)
WHOLE = Crop(left=0.0, top=0.0, width=300.0, height=400.0)
MAPS, (ACROSS, DOWN) = onnx_networks.heat_maps(), onnx_networks.axes()


@pytest.mark.parametrize(
    ("make", "count"),
    [(make, count) for make in (onnx_networks.vit_like, onnx_networks.simcc_like) for count in (17, 26)],
)
def test_keypoints_come_out_where_the_network_puts_them(tmp_path, make, count):
    network = OnnxNetwork(make(tmp_path, count))
    found = network.find_keypoints(PICTURE, WHOLE)
    wanted = np.array(onnx_networks.STANDING[:17])[5:] * (300, 400)
    assert found.xy_px[list(BODY)] == pytest.approx(wanted, abs=2.0)
    assert found.confidence > 0.8
    assert network.aspect == 0.75


@pytest.mark.parametrize("names", [("simcc_x", "simcc_y"), ("b", "a")], ids=["named", "the other way round"])
def test_the_axes_are_recognised_by_their_length(tmp_path, names):
    """x has as many bins a pixel as y, and the picture is taller than wide."""
    path = onnx_networks.write(tmp_path / "n.onnx", {names[1]: DOWN, names[0]: ACROSS})
    found = OnnxNetwork(path).find_keypoints(PICTURE, WHOLE)
    assert found.xy_px[11] == pytest.approx(np.array(onnx_networks.STANDING[5]) * (300, 400), abs=1.0)


@pytest.mark.parametrize(
    ("outputs", "shape"),
    [
        ({"features": np.zeros((1, 384, 16, 12)), "maps": MAPS}, (1, 3, 256, 192)),
        ({"maps": MAPS}, ("batch", 3, 256, 192)),
    ],
)
def test_other_outputs_of_a_network_are_ignored_and_its_batch_may_have_any_size(tmp_path, outputs, shape):
    """Some exports put out features too."""
    path = onnx_networks.write(tmp_path / "n.onnx", outputs, shape=shape)
    assert OnnxNetwork(path).find_keypoints(PICTURE, WHOLE).confidence > 0.8


@pytest.mark.parametrize(
    ("outputs", "settings", "says"),
    [
        ({"classes": np.zeros((1, 1000))}, {}, r"output classes float \(1, 1000\): expected one picture"),
        ({"maps": np.zeros((1, 133, 64, 48))}, {}, r"K = 17 or 26"),
        ({"maps": np.zeros((1, 17, 3, 3))}, {}, r"expected one picture"),
        ({"x": ACROSS}, {}, r"output x float \(1, 17, 384\): expected"),
        ({"x": ACROSS, "y": ACROSS}, {}, r"expected one picture"),
        ({"maps": MAPS}, {"inputs": 2}, r"input input float \(1, 3, 256, 192\), input1 float"),
        ({"maps": MAPS}, {"shape": (1, 256, 192, 3)}, r"input input float \(1, 256, 192, 3\): expected one picture"),
        ({"maps": MAPS}, {"shape": (1, 3, 256)}, r"expected one picture"),
        ({"maps": MAPS}, {"kind": TensorProto.FLOAT16}, r"input input float16"),
        ({"maps": MAPS}, {"shape": (8, 3, 256, 192)}, r"looks at 8 pictures at a time"),
        ({"maps": MAPS}, {"shape": ("batch", 3, "height", "width")}, r"has no size. Export it for a fixed"),
        ({"maps": MAPS}, {"shape": (1, 3, 8, 8)}, r"sides of 32 to 1024"),
        ({"maps": np.full_like(MAPS, np.nan)}, {}, r"finite keypoints"),
    ],
)
def test_a_file_that_is_no_pose_network_is_reported_in_one_line(tmp_path, outputs, settings, says):
    path = onnx_networks.write(tmp_path / "n.onnx", outputs, **settings)
    with pytest.raises(ModelError, match=says) as told:
        OnnxNetwork(path)
    assert str(told.value).startswith(str(path))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("content", [None, b"", b"not a network", b"\x08\x08" + bytes(200)])
def test_a_file_that_is_damaged_or_missing_is_reported_in_one_line(tmp_path, content):
    """ONNX Runtime's own message has many."""
    path = tmp_path / "n.onnx"
    if content is not None:
        path.write_bytes(content)
    missing = r"n\.onnx: can't be read \(No such file or directory\)\. Check --pose onnx"
    with pytest.raises(
        ModelError, match=missing if content is None else "is no ONNX network that can be loaded"
    ) as told:
        OnnxNetwork(path)
    assert "\n" not in str(told.value)


def test_without_onnx_runtime_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"needs ONNX Runtime\. Run `.*pip install .*\[onnx\]"):
        OnnxNetwork(onnx_networks.vit_like(tmp_path))


WIDTH, HEIGHT = 48, 64
PLACES = [(0.5, 0.5), (0.31, 0.72), (0.617, 0.204)]


def a_heat_map(x: float, y: float, spread: float = 2.0) -> np.ndarray:
    """A peak of 1 at a place, given as shares of the map."""
    across, down = np.arange(WIDTH) + 0.5 - x * WIDTH, np.arange(HEIGHT) + 0.5 - y * HEIGHT
    return np.exp(-0.5 * (across**2 + down[:, None] ** 2) / spread**2).astype(np.float32)


def test_a_peak_is_found_between_the_pixels():
    maps = np.stack([a_heat_map(*place) * height for place, height in zip(PLACES, (1.0, 0.5, 0.2), strict=True)])
    places, scores = decode_heat_maps(maps)
    assert np.abs((places - PLACES) * (WIDTH, HEIGHT)).max() < 0.02
    assert scores == pytest.approx([1.0, 0.5, 0.2], abs=0.1)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (WIDTH - 1, 0), (0, HEIGHT - 1), (1, 5), (WIDTH - 1, HEIGHT - 1)])
def test_a_peak_at_the_border_stays_in_its_pixel(x, y):
    """There is nothing beside it to refine it by."""
    heat = np.zeros((1, HEIGHT, WIDTH), np.float32)
    heat[0, y, x] = 1.0
    places, _ = decode_heat_maps(heat)
    assert np.abs(places[0] * (WIDTH, HEIGHT) - (x + 0.5, y + 0.5)).max() <= 0.25


def test_a_pixel_between_two_hills_moves_a_quarter_of_a_pixel_to_the_higher_neighbours():
    """It is the highest one, and a valley once smoothed: the peak of the expansion across would be none down."""
    heat = (a_heat_map(20.5 / WIDTH, 15.5 / HEIGHT, 3.0) + a_heat_map(20.5 / WIDTH, 29.5 / HEIGHT, 3.0)) * 0.9
    heat[22, 20], heat[22, 21], heat[23, 20] = 1.0, 0.3, heat[23, 20] + 0.05
    places, _ = decode_heat_maps(heat[None])
    assert places[0] * (WIDTH, HEIGHT) == pytest.approx([20.75, 22.75])


def test_an_empty_heatmap_has_a_score_of_zero():
    places, scores = decode_heat_maps(np.zeros((17, HEIGHT, WIDTH), np.float32))
    assert np.isfinite(places).all()
    assert (scores == 0).all()


def test_distributions_along_the_axes_give_place_and_the_lower_peak():
    bins = np.arange(384) + 0.5
    across = np.exp(-0.5 * ((bins - 0.4 * 384) / 3) ** 2)[None].astype(np.float32)
    bins = np.arange(512) + 0.5
    down = 0.6 * np.exp(-0.5 * ((bins - 0.7777 * 512) / 3) ** 2)[None].astype(np.float32)
    places, scores = decode_simcc(across, down)
    assert places[0] == pytest.approx([0.4, 0.7777], abs=2e-4)
    assert scores[0] == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize("first", [True, False])
def test_a_peak_in_the_first_or_last_bin_stays_there(first):
    """A parabola needs a bin on either side."""
    bins = np.zeros((1, 64), np.float32)
    bins[0, 0 if first else -1] = 1.0
    places, _ = decode_simcc(bins, bins)
    assert places[0] * 64 == pytest.approx([0.5 if first else 63.5] * 2)


def test_movenet_is_refused_where_a_bit_of_it_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LiteRT crashes on some damaged networks: the digest keeps them out."""
    shutil.copytree(models_dir() / "pose", tmp_path / "pose")
    network = tmp_path / "pose" / "movenet_thunder_f16.tflite"
    content = bytearray(network.read_bytes())
    content[len(content) // 2] ^= 1
    network.write_bytes(content)
    monkeypatch.setattr(pose_models, "models_dir", lambda: tmp_path)
    with pytest.raises(ModelError, match="differs from the digest"):
        MoveNet()


def test_an_onnx_file_is_refused_in_one_line_whatever_its_names_hold(tmp_path: Path) -> None:
    path = onnx_networks.vit_like(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"of_heatmap", b"of\x19heatmap", 1))
    with pytest.raises(ModelError) as refused:
        OnnxNetwork(path)
    assert str(refused.value).isprintable()
