"""BlazePose's landmark network: 33 landmarks, in the picture and in the world, and the person's mask, from one crop."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from livecoach import landmark
from livecoach.model_files.subnetworks import split_off
from livecoach.model_files.tflite import FloatNetwork, PictureNetwork, check_pose_network, no_pose_model
from livecoach.pose.decoding import sigmoid
from livecoach.pose.mask_network import DIVISOR, MAP_SIDES, SIDE_PX, WINDOW_PX, MaskNetwork
from livecoach.pose.person_mask import PersonMask
from livecoach.pose.region import Region, around_person

POINTS = 39
"""The landmarks, and six more, of which two make the next picture's region."""
MAP_PX = 64  # of a heat map
OUTPUTS = ((1, POINTS * 5), (1, 1), (1, SIDE_PX, SIDE_PX, 1), (1, MAP_PX, MAP_PX, POINTS), (1, POINTS * 3))
"""Landmarks (x, y, z, visibility, presence), whether a person is there, the mask, heat maps, world landmarks."""
MASK = 2
"""The mask's place in OUTPUTS. It is split off: without it heat maps and world landmarks are one earlier."""
LEAST_SURE = 0.5  # that a person is there. This and the next two are MediaPipe's.
REACH = 3  # heat map cells on each side of a landmark that refine it
LEAST_PEAK = 0.5  # least peak of a heat map that refines its landmark
_USED = landmark.COUNT + 2


@dataclass(frozen=True, slots=True, eq=False)
class RegionPose:
    points_px: np.ndarray  # (33, 3) x, y, z (at the scale of x)
    sureness: np.ndarray  # (33, 2) visibility and presence, 0…1
    world: np.ndarray  # (33, 3) metres, as livecoach.pose.Pose has them
    following: Region  # where the person is likely to be in the next picture
    mask: Callable[[], PersonMask]
    """Keeps what the mask is made from. Call it before the network runs again."""


class LandmarkNetwork:
    def __init__(self, content: bytes, path: Path, threads: int = 1) -> None:
        """path: of the content, for errors. threads: for all but the mask. Raises ModelError where it is another
        network."""
        check_pose_network(content, path, SIDE_PX, OUTPUTS)
        try:
            parts = split_off(content, MASK, divisor=DIVISOR)
        except ValueError as err:
            raise no_pose_model(path) from err
        if any(shape[1:3] not in MAP_SIDES for shape in parts.maps):
            raise no_pose_model(path)
        outputs = [*OUTPUTS[:MASK], *OUTPUTS[MASK + 1 :]]
        self._network = PictureNetwork(parts.trunk, path, SIDE_PX, [*outputs, *parts.maps], threads=threads)
        self._maps = range(len(outputs), len(outputs) + len(parts.maps))
        windows = [(1, height // DIVISOR, width // DIVISOR, channels) for _, height, width, channels in parts.maps]
        # On one thread: its layers are so small that a second one gains no time, and takes 4 % of the whole run's.
        self._mask = MaskNetwork(FloatNetwork(parts.head, path, windows, [(1, WINDOW_PX, WINDOW_PX, 1)]))

    def estimate_region(self, picture: np.ndarray, region: Region) -> RegionPose | None:
        """Return None where nobody is in the region. picture: (height, width, 3) uint8 BGR."""
        # Outside the picture its edge is repeated, as MediaPipe does for this network.
        cut = cv2.cvtColor(region.cut(picture, SIDE_PX, border=cv2.BORDER_REPLICATE), cv2.COLOR_BGR2RGB)
        self._network.run_on(cut, low=0.0)
        if not self._network.output(1)[0, 0] > LEAST_SURE:
            return None
        raw = self._network.output(0).reshape(POINTS, 5)[:_USED].astype(np.float64)
        shares = raw[:, :3] / SIDE_PX
        shares[:, :2] = _refined(shares[:, :2], self._network.output(2)[0])
        pixels = region.to_picture(shares[:, :2])
        following = around_person(*pixels[landmark.COUNT :])
        world = self._network.output(3).reshape(POINTS, 3)[: landmark.COUNT].astype(np.float64)
        if following is None or not (np.isfinite(pixels).all() and np.isfinite(world).all()):
            return None
        world[:, :2] = world[:, :2] @ region.rotation.T
        return RegionPose(
            points_px=np.column_stack([pixels, shares[:, 2] * region.side])[: landmark.COUNT],
            sureness=sigmoid(raw[: landmark.COUNT, 3:]),
            world=world,
            following=following,
            mask=lambda: PersonMask(
                # The maps are copied, because the network may run again before the mask is looked at.
                values=partial(self._mask.values, [self._network.output(number)[0].copy() for number in self._maps]),
                from_picture=region.from_picture(SIDE_PX),
                size_px=(picture.shape[1], picture.shape[0]),
            ),
        )


def _refined(shares: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Move points (n, 2), shares 0…1 of the crop, to the centroid of their heat maps nearby. maps: (MAP_PX, MAP_PX, n
    or more) logits. Points beside the map, or of a flat one, stay."""
    with np.errstate(invalid="ignore"):
        cells = np.trunc(shares * MAP_PX).astype(np.int64)
    # MediaPipe doesn't leave out what is below the map; at its very edge that makes a difference.
    beside = (cells[:, 0] < 0) | (cells[:, 0] >= MAP_PX) | (cells[:, 1] < 0)
    columns, rows = (cells[:, axis, None] + np.arange(-REACH, REACH + 1) for axis in (0, 1))
    inside = ((rows >= 0) & (rows < MAP_PX))[:, :, None] & ((columns >= 0) & (columns < MAP_PX))[:, None, :]
    row, column = np.clip(rows, 0, MAP_PX - 1)[:, :, None], np.clip(columns, 0, MAP_PX - 1)[:, None, :]
    height = np.where(inside, sigmoid(maps[row, column, np.arange(len(shares))[:, None, None]]), 0.0)
    total = height.sum((1, 2))
    flat = height.max((1, 2)) < LEAST_PEAK
    middle = np.stack([(height.sum(1) * columns).sum(1), (height.sum(2) * rows).sum(1)], 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((beside | flat)[:, None], shares, middle / (total[:, None] * MAP_PX))
