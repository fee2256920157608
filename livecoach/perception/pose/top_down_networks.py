"""Runs the networks of `TopDownEstimator`: MoveNet, and ViTPose, HRNet (heat maps) or RTMPose (SimCC) from ONNX files.

MoveNet Thunder is Google's (TensorFlow Hub, movenet/singlepose/thunder, version 4, Apache-2.0); see NOTICE.
"""

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from livecoach.core.config.paths import install_command
from livecoach.core.config.pose_models import MOVENET, ONNX, model_file
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import check_digest, read_model_json
from livecoach.core.model_files.tflite import TfliteNetwork, read_network
from livecoach.core.types.bounds import to_printable
from livecoach.perception.pose.litert import BlazePoseNetworks
from livecoach.perception.pose.pose_lifter import BODY, COCO, ORDERS, Keypoints, order_keypoints
from livecoach.perception.pose.top_down import LEAST_SURE, Crop, crop_around
from livecoach.perception.tracking.person import locate_person, prominence

SIDE_PX = 256  # side of MoveNet's square input
DIGESTS = "digests.json"  # file with the digest of MoveNet's file


class MoveNet:
    """The keypoint network MoveNet, which is part of livecoach."""

    name = MOVENET
    aspect = 1.0
    confirms_every_s: float | None = None

    def __init__(self) -> None:
        """Load the shipped network. Raises ModelError if a file is missing or wrong."""
        path = model_file(MOVENET)
        digests = read_model_json(path.parent / DIGESTS, dict[str, str])
        check_digest(path, digests.get(path.name), DIGESTS)  # LiteRT can crash on a damaged network
        self.sha256 = digests[path.name]
        self._network = TfliteNetwork(
            path, (1, SIDE_PX, SIDE_PX, 3), (1, 1, len(COCO), 3), input_type=np.int32, optimised=True
        )

    def find_keypoints(self, picture: np.ndarray, crop: Crop) -> Keypoints:
        """Return the keypoints of the person in the middle of a crop, in pixels of the picture."""
        square = cv2.cvtColor(crop.cut(picture, (SIDE_PX, SIDE_PX)), cv2.COLOR_BGR2RGB)
        output = self._network(square[None].astype(np.int32)).reshape(len(COCO), 3).astype(np.float64)
        return order_keypoints(crop.to_picture(output[:, 1::-1]), output[:, 2])

    def find_person(self, picture: np.ndarray) -> np.ndarray | None:
        """Return the known keypoints (n, 2) of the person who is found with the highest confidence, in pixels.

        The whole picture is searched, and squares at its left, middle and right, or at the top, middle and bottom of a
        tall picture. None means that nobody is found.
        """
        looks = [self.find_keypoints(picture, crop) for crop in _looks(picture.shape[1], picture.shape[0])]
        best = max(looks, key=lambda person: person.confidence)
        return best.xy_px[best.known] if best.confidence >= LEAST_SURE else None


def _looks(width: int, height: int) -> list[Crop]:
    side = min(width, height)
    corners = {(share * (width - side), share * (height - side)) for share in (0.0, 0.5, 1.0)}
    whole = crop_around(np.zeros(2), np.array([width, height], float), 1.0, margin=0.0)
    return [whole, *(Crop(left=x, top=y, width=side, height=side) for x, y in sorted(corners))]


MEAN = np.array((123.675, 116.28, 103.53), np.float32)
DEVIATION = np.array((58.395, 57.12, 57.375), np.float32)
"""Mean and standard deviation of ImageNet's red, green and blue, 0…255, with which all these networks were trained."""
THREADS = 2  # number of ONNX Runtime's threads
LEAST_SIDE_PX, MOST_SIDE_PX = 32, 1024  # shortest and longest side of a network's input
LEAST_CELLS = 8  # fewest cells along a heat map's side, or bins along an axis; smaller outputs are something else
EXPECTED = (
    f"expected one picture (1, 3, height, width) as input, and as output heat maps (1, K, h, w) or SimCC (1, K, bins) "
    f"twice, with K = {' or '.join(map(str, ORDERS))}"
)


class OnnxNetwork:
    """A keypoint network from a user's ONNX file, for which BlazePose's detector first finds the person."""

    confirms_every_s: float | None = 1.0

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the network, which runs on THREADS threads, and BlazePose's detector.

        Args:
            threads: Number of the detector's threads.

        Raises:
            ModelError: The file can't be read or does not contain a pose network, ONNX Runtime is not installed, or the
                detector can't be used.
        """
        content = read_network(path, f"Check --pose {ONNX}FILE.")
        self.name, self.sha256 = f"{ONNX}{path.stem}", hashlib.sha256(content).hexdigest()
        self._session = _session(path, content)
        self._input, self._size_px = _picture_input(path, self._session.get_inputs())
        self._outputs = _outputs(path, self._session.get_outputs(), self._size_px)
        self.aspect = self._size_px[0] / self._size_px[1]
        self._check_run(path)
        self._detector = BlazePoseNetworks(model_file("lite"), threads)

    def find_person(self, picture: np.ndarray) -> np.ndarray | None:
        """Return landmarks (n, 2), in pixels, of the most prominent person in a picture; None if nobody is detected."""
        size, aspect = np.array(picture.shape[1::-1], float), picture.shape[1] / picture.shape[0]
        poses = self._detector.find_people(picture)
        chosen = max(
            poses, key=lambda pose: prominence(locate_person(pose.landmarks, pose.world, aspect)), default=None
        )
        return None if chosen is None else chosen.landmarks[[0, *BODY], :2].astype(float) * size

    def find_keypoints(self, picture: np.ndarray, crop: Crop) -> Keypoints:
        """Return the keypoints of the person in a crop, in pixels of the picture."""
        rgb = cv2.cvtColor(crop.cut(picture, self._size_px), cv2.COLOR_BGR2RGB).astype(np.float32)
        value = ((rgb - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
        shares, scores = self._run(np.ascontiguousarray(value))
        return order_keypoints(crop.to_picture(shares), scores)

    def _run(self, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return places (K, 2) as shares of the crop, and scores (K,)."""
        outputs = [output[0] for output in self._session.run(self._outputs, {self._input: value})]
        return decode_heat_maps(*outputs) if len(outputs) == 1 else decode_simcc(*outputs)

    def _check_run(self, path: Path) -> None:
        """Raise ModelError unless the network runs and returns keypoints. Shapes in a file may be wrong or missing."""
        try:
            shares, scores = self._run(np.zeros((1, 3, *self._size_px[::-1]), np.float32))
        except Exception as err:  # ONNX Runtime raises classes of its own that share no other base
            raise ModelError(f"{path}: does not run ({_line(err)}). Export it again, or check --pose.") from err
        if len(shares) not in ORDERS or not (np.isfinite(shares).all() and np.isfinite(scores).all()):
            raise ModelError(f"{path}: puts out no {' or '.join(map(str, ORDERS))} finite keypoints. Check --pose.")


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
    except Exception as err:  # ONNX Runtime raises classes of its own that share no other base
        raise ModelError(f"{path}: is no ONNX network that can be loaded ({_line(err)}). Check --pose.") from err


def _picture_input(path: Path, inputs: Any) -> tuple[str, tuple[int, int]]:
    shapes = [tuple(value.shape) for value in inputs]
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


def _outputs(path: Path, outputs: Any, size_px: tuple[int, int]) -> list[str]:
    """Return the names of the outputs with heat maps, or with bins along x and y, found by shape and then by name."""
    usable = [o for o in outputs if o.type == "tensor(float)" and len(o.shape) > 1 and o.shape[1] in ORDERS]
    maps = [output for output in usable if len(output.shape) == 4 and _large(output.shape[2:])]
    axes = [output for output in usable if len(output.shape) == 3 and _large(output.shape[2:])]
    if len(maps) == 1:
        return [maps[0].name]
    if len(axes) == 2 and not maps and axes[0].shape[1] == axes[1].shape[1]:
        across, down = sorted(axes, key=lambda output: output.name)  # simcc_x, simcc_y
        bins = across.shape[2], down.shape[2]
        if bins[0] * size_px[1] == bins[1] * size_px[0]:
            return [across.name, down.name]
        if bins[1] * size_px[1] == bins[0] * size_px[0]:
            return [down.name, across.name]
    raise ModelError(f"{path}: output {_described(outputs)}: {EXPECTED}. Check --pose.")


def _large(sides: list[Any]) -> bool:
    return all(isinstance(side, int) and side >= LEAST_CELLS for side in sides)


def _described(values: Any) -> str:
    kinds = ((value, value.type.removeprefix("tensor").strip("()")) for value in values)
    return to_printable(", ".join(f"{value.name} {kind} {tuple(value.shape)}" for value, kind in kinds))


def _line(err: Exception) -> str:
    return to_printable((str(err).strip().splitlines() or [type(err).__name__])[0][:120])


BLUR = 11  # kernel that smooths a heat map before its peak is refined, as HRNet's and ViTPose's own evaluation does
LEAST_HEAT = 1e-10  # least value of a smoothed heat map; lower values are raised to it


def decode_heat_maps(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the keypoints at the peaks of heat maps (K, h, w).

    The peak's place between pixels comes from the second-order Taylor expansion of the logarithm of the smoothed map
    (Zhang et al., Distribution-aware coordinate representation for human pose estimation, CVPR 2020). If the expansion
    has no peak within a pixel, the place is a quarter of a pixel from the highest pixel towards the higher neighbours
    in x and y. Within two pixels of the map's edge, the place is the highest pixel. A pixel's value is at its centre.

    Returns:
        Places (K, 2) as shares 0…1 of the network's input picture, and scores (K,).
    """
    count, height, width = maps.shape
    best = maps.reshape(count, -1).argmax(1)
    y, x = np.unravel_index(best, (height, width))
    places = np.stack([x, y], -1).astype(np.float64)
    for k in range(count):
        if 1 < x[k] < width - 2 and 1 < y[k] < height - 2:
            places[k] += _refinement(maps[k], int(x[k]), int(y[k]))
    scores: np.ndarray = maps.reshape(count, -1).max(1).astype(np.float64)
    return (places + 0.5) / (width, height), scores


def _refinement(heat: np.ndarray, x: int, y: int) -> np.ndarray:
    """Return the offset (x, y) of the peak of a map (h, w) from its highest pixel, which must not be at the border."""
    smooth = np.log(np.maximum(cv2.GaussianBlur(heat, (BLUR, BLUR), 0), LEAST_HEAT))
    part = smooth[y - 2 : y + 3, x - 2 : x + 3].astype(np.float64)
    slope = np.array([part[2, 3] - part[2, 1], part[3, 2] - part[1, 2]]) / 2
    across = (part[2, 4] - 2 * part[2, 2] + part[2, 0]) / 4
    down = (part[4, 2] - 2 * part[2, 2] + part[0, 2]) / 4
    both = (part[3, 3] - part[1, 3] - part[3, 1] + part[1, 1]) / 4
    bend = np.array([[across, both], [both, down]])
    if across < 0 and np.linalg.det(bend) > 0:
        step = -np.linalg.solve(bend, slope)
        if np.abs(step).max() <= 1:
            return step
    right, below = heat[y, x + 1] - heat[y, x - 1], heat[y + 1, x] - heat[y - 1, x]
    return 0.25 * np.sign(np.array([right, below], np.float64))


def decode_simcc(across: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the keypoints at the peaks of SimCC's distributions (K, bins) along x and y (Li et al., ECCV 2022).

    Returns:
        Places (K, 2) as shares 0…1 of the input picture, and scores (K,), each the lower of two peaks, as in RTMPose.
    """
    x, sure_x = _peaks(across)
    y, sure_y = _peaks(down)
    return np.stack([x, y], -1), np.minimum(sure_x, sure_y)


def _peaks(bins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each row's peak, as a share of the row by a parabola through three bins, and its height."""
    count, length = bins.shape
    rows, best = np.arange(count), bins.argmax(1)
    inner = np.clip(best, 1, length - 2)
    before, at, after = (bins[rows, inner + step].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    peaked = (best == inner) & (bend < 0)
    step = np.where(peaked, 0.5 * (before - after) / np.where(peaked, bend, 1.0), 0.0)
    return (best + step + 0.5) / length, bins[rows, best].astype(np.float64)
