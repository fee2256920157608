"""Top-down pose networks of the user's own as ONNX files: ViTPose, HRNet (heat maps) and RTMPose (SimCC)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livecoach.config.paths import install_command
from livecoach.config.pose_models import ONNX
from livecoach.errors import ModelError
from livecoach.model_files.tflite import read_network
from livecoach.pose.bundles import content_of
from livecoach.pose.crop import Crop
from livecoach.pose.decoding import decode_heat_maps, decode_simcc
from livecoach.pose.keypoints import BODY, ORDERS, Keypoints, keypoints
from livecoach.pose.litert import LitertPersonDetector, networks
from livecoach.tracking.person import person, prominence

MEAN = np.array((123.675, 116.28, 103.53), np.float32)
DEVIATION = np.array((58.395, 57.12, 57.375), np.float32)
"""Of ImageNet's red, green and blue, 0…255, as in the training of all these networks."""
THREADS = 2
LEAST_SIDE_PX, MOST_SIDE_PX = 32, 1024
"""Of the sides of the picture that a network looks at."""
LEAST_CELLS = 8
"""Along a heat map's side, or bins along an axis: an output with fewer is another kind of result."""
EXPECTED = (
    f"expected one picture (1, 3, height, width) as input, and as output heat maps (1, K, h, w) or SimCC (1, K, bins) "
    f"twice, with K = {' or '.join(map(str, ORDERS))}"
)


@dataclass(frozen=True, slots=True)
class _Outputs:
    maps: str | None = None
    across: str | None = None
    down: str | None = None


class OnnxNetwork:
    """A `Network` of livecoach.pose.top_down."""

    def __init__(self, path: Path) -> None:
        """Raises ModelError where the file is no pose network, or ONNX Runtime is not installed."""
        content = read_network(path, f"Check --pose {ONNX}FILE.")
        self.name, self.sha256 = f"{ONNX}{path.stem}", hashlib.sha256(content).hexdigest()
        self._session = _session(path, content)
        self._input, self._size_px = _picture_input(path, self._session.get_inputs())
        self._outputs = _outputs(path, self._session.get_outputs(), self._size_px)
        self.aspect = self._size_px[0] / self._size_px[1]
        self._check_run(path)

    def keypoints(self, picture: np.ndarray, crop: Crop) -> Keypoints:
        rgb = cv2.cvtColor(crop.cut(picture, self._size_px), cv2.COLOR_BGR2RGB).astype(np.float32)
        value = ((rgb - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
        shares, scores = self._run(np.ascontiguousarray(value))
        return keypoints(crop.to_picture(shares), scores)

    def _run(self, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places (K, 2) as shares of the crop, and scores (K,)."""
        if self._outputs.maps is not None:
            return decode_heat_maps(self._session.run([self._outputs.maps], {self._input: value})[0][0])
        across, down = self._session.run([self._outputs.across, self._outputs.down], {self._input: value})
        return decode_simcc(across[0], down[0])

    def _check_run(self, path: Path) -> None:
        """The shapes in a file may be wrong or missing."""
        try:
            shares, scores = self._run(np.zeros((1, 3, *self._size_px[::-1]), np.float32))
        except Exception as err:  # ONNX Runtime raises classes of its own that share no other base
            raise ModelError(f"{path}: does not run ({_line(err)}). Export it again, or check --pose.") from err
        if len(shares) not in ORDERS or not (np.isfinite(shares).all() and np.isfinite(scores).all()):
            raise ModelError(f"{path}: puts out no {' or '.join(map(str, ORDERS))} finite keypoints. Check --pose.")


class DetectedPerson:
    """BlazePose's detector as a `Search` of livecoach.pose.top_down."""

    confirms_every_s: float | None = 1.0

    def __init__(self, bundle: Path, threads: int = 1) -> None:
        """bundle: a .task file. threads: of LiteRT. Raises ModelError where it can't be used."""
        self._detector = LitertPersonDetector(networks(content_of(bundle), bundle, threads))

    def find(self, picture: np.ndarray) -> np.ndarray | None:
        size, aspect = np.array(picture.shape[1::-1], float), picture.shape[1] / picture.shape[0]
        poses = self._detector.find(picture)
        chosen = max(poses, key=lambda one: prominence(person(one.landmarks, one.world, aspect)), default=None)
        return None if chosen is None else chosen.landmarks[[0, *BODY], :2].astype(float) * size

    def close(self) -> None:
        self._detector.close()


def _session(path: Path, content: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError as err:
        raise ModelError(f"{path}: needs ONNX Runtime. Run `{install_command('onnx')}`.") from err
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as err:  # as in _check_run
        raise ModelError(f"{path}: is no ONNX network that can be loaded ({_line(err)}). Check --pose.") from err


def _picture_input(path: Path, inputs: Any) -> tuple[str, tuple[int, int]]:
    """The input's name, and the width and height of its picture."""
    shapes = [tuple(one.shape) for one in inputs]
    if len(inputs) != 1 or len(shapes[0]) != 4 or inputs[0].type != "tensor(float)" or shapes[0][1] != 3:
        raise ModelError(f"{path}: input {_described(inputs)}: {EXPECTED}. Check --pose.")
    batch, _, height, width = shapes[0]
    if batch not in (1, None) and not isinstance(batch, str):
        raise ModelError(f"{path}: looks at {batch} pictures at a time. Export it for one.")
    if not (isinstance(height, int) and isinstance(width, int)):
        raise ModelError(f"{path}: input {_described(inputs)} has no size. Export it for a fixed height and width.")
    if not all(LEAST_SIDE_PX <= side <= MOST_SIDE_PX for side in (height, width)):
        raise ModelError(
            f"{path}: input {_described(inputs)}: sides of {LEAST_SIDE_PX} to {MOST_SIDE_PX} are supported."
        )
    return inputs[0].name, (width, height)


def _outputs(path: Path, outputs: Any, size_px: tuple[int, int]) -> _Outputs:
    """Choose the outputs by their shapes, and tell two of one shape apart by name."""
    usable = [one for one in outputs if one.type == "tensor(float)" and len(one.shape) > 1 and one.shape[1] in ORDERS]
    maps = [one for one in usable if len(one.shape) == 4 and _large(one.shape[2:])]
    axes = [one for one in usable if len(one.shape) == 3 and _large(one.shape[2:])]
    if len(maps) == 1:
        return _Outputs(maps=maps[0].name)
    if len(axes) == 2 and not maps and axes[0].shape[1] == axes[1].shape[1]:
        across, down = sorted(axes, key=lambda one: one.name)  # simcc_x, simcc_y
        bins = across.shape[2], down.shape[2]
        if bins[0] * size_px[1] == bins[1] * size_px[0]:
            return _Outputs(across=across.name, down=down.name)
        if bins[1] * size_px[1] == bins[0] * size_px[0]:
            return _Outputs(across=down.name, down=across.name)
    raise ModelError(f"{path}: output {_described(outputs)}: {EXPECTED}. Check --pose.")


def _large(sides: list[Any]) -> bool:
    return all(isinstance(side, int) and side >= LEAST_CELLS for side in sides)


def _described(values: Any) -> str:
    return ", ".join(f"{one.name} {one.type.removeprefix('tensor').strip('()')} {tuple(one.shape)}" for one in values)


def _line(err: Exception) -> str:
    return (str(err).strip().splitlines() or [type(err).__name__])[0][:120]
