"""Small ONNX files: pose networks that always see one standing person, and what is none."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIZE_PX = (192, 256)
"""Width and height of the picture that they look at."""
STANDING = (
    *((0.5, 0.17), (0.51, 0.16), (0.49, 0.16), (0.53, 0.165), (0.47, 0.165)),
    *((0.58, 0.29), (0.42, 0.29), (0.61, 0.4), (0.39, 0.4), (0.61, 0.51), (0.39, 0.51)),
    *((0.55, 0.52), (0.45, 0.52), (0.55, 0.68), (0.45, 0.68), (0.55, 0.84), (0.45, 0.84)),
    *((0.5, 0.14), (0.5, 0.25), (0.5, 0.52)),
    *((0.58, 0.87), (0.42, 0.87), (0.59, 0.865), (0.41, 0.865), (0.55, 0.86), (0.45, 0.86)),
)
"""Halpe's 26 keypoints of somebody who faces the camera, as shares of the picture; the first 17 are COCO's."""
SPREAD = 1.5
"""Standard deviation of a peak, in cells or bins."""


def peaks(places: Sequence[float], bins: int) -> np.ndarray:
    """Return a row of `bins` for each place (share of the row), with a peak of 1 there."""
    at = np.arange(bins) + 0.5
    return np.exp(-0.5 * ((at - np.array(places)[:, None] * bins) / SPREAD) ** 2).astype(np.float32)


def heat_maps(count: int = 17) -> np.ndarray:
    """Return (1, count, height, width): a heat map for each keypoint of STANDING."""
    x, y = zip(*STANDING[:count], strict=True)
    return (peaks(y, 64)[:, :, None] * peaks(x, 48)[:, None, :])[None]


def axes(count: int = 17) -> tuple[np.ndarray, np.ndarray]:
    """Return (1, count, 384) along x and (1, count, 512) along y."""
    x, y = zip(*STANDING[:count], strict=True)
    return peaks(x, 384)[None], peaks(y, 512)[None]


def write(
    path: Path,
    outputs: dict[str, np.ndarray],
    *,
    shape: Sequence[int | str] = (1, 3, 256, 192),
    kind: int = TensorProto.FLOAT,
    inputs: int = 1,
    colour: np.ndarray | None = None,
) -> Path:
    """Write a network that puts out the same whatever it is shown; return its path. colour: values of red, green and
    blue in its input; for a picture with any other values it puts out next to nothing."""
    given = [helper.make_tensor_value_info(f"input{i or ''}", kind, list(shape)) for i in range(inputs)]
    nodes = [
        helper.make_node("ReduceMax", ["input"], ["brightest"], keepdims=0),
        helper.make_node("Cast", ["brightest"], ["as_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["as_float", "nothing"], ["zero"]),
    ]
    constants = [numpy_helper.from_array(np.float32(0), "nothing")]
    told = []
    for name, values in outputs.items():
        constants.append(numpy_helper.from_array(values.astype(np.float32), f"of_{name}"))
        nodes.append(helper.make_node("Add", [f"of_{name}", "zero"], [name]))
        told.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(values.shape)))
        if colour is not None:
            nodes[-1] = helper.make_node("Mul", [f"of_{name}", "share"], [name])
    if colour is not None:
        wanted = colour.reshape(1, 3, 1, 1).astype(np.float32)
        constants += [numpy_helper.from_array(wanted, "wanted"), numpy_helper.from_array(np.float32(-30), "steep")]
        nodes[len(nodes) - len(outputs) : -len(outputs)] = [
            helper.make_node("Sub", ["input", "wanted"], ["apart"]),
            helper.make_node("Abs", ["apart"], ["distance"]),
            helper.make_node("ReduceMax", ["distance"], ["farthest"], keepdims=0),
            helper.make_node("Mul", ["farthest", "steep"], ["exponent"]),
            helper.make_node("Exp", ["exponent"], ["share"]),
        ]
    graph = helper.make_graph(nodes, "small", given, told, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    return path


def vit_like(folder: Path, count: int = 17) -> Path:
    """Return a network with heat maps, as ViTPose and HRNet have them."""
    return write(folder / f"heat_maps_{count}.onnx", {"heatmap": heat_maps(count)})


def simcc_like(folder: Path, count: int = 26) -> Path:
    """Return a network with one distribution along each axis, as RTMPose has them."""
    across, down = axes(count)
    return write(folder / f"simcc_{count}.onnx", {"simcc_x": across, "simcc_y": down})
