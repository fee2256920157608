"""Runs BlazePose's landmark network, which finds a person's 33 landmarks and mask in a crop of the picture."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.model_files.tflite import Network, PictureNetwork, make_interpreter
from livecoach.perception.pose.dorsal import PersonMask

CROP_SCALE = 1.25  # side of the square over the diameter of the circle around the person, as in the network's training
FRACTION_BITS = 5
"""Binary places to which a crop's pixels are placed in the picture. MediaPipe's OpenCV 4 rounds to these 32nds, and
with exact places the landmarks would differ from MediaPipe's."""
EXACT_BITS = 16  # binary places of the computation, by integers, which take half as long as floats
LEAST_SIDE_PX, FARTHEST_PX = 2.0, 10_000.0
"""Least side, and largest side and largest distance of the middle from the picture's corner. Other values are a failure
of the network, and exceed the 15 bits of OpenCV's maps and the 31 bits of the computation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A square around a person, turned with the person. The square may extend beyond the picture.

    Coordinates are in pixels, and 0 in the middle of the first pixel.
    """

    x: float  # x and y: middle of the square, pixels
    y: float
    side: float  # side of the square, pixels
    angle: float  # clockwise rotation of the person from upright, radians

    @property
    def rotation(self) -> np.ndarray:
        """The (2, 2) rotation from the square's axes to the picture's axes."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])

    def cut_square(self, picture: np.ndarray, side_px: int, *, border: int) -> np.ndarray:
        """Cut the square out of a picture, turned upright and scaled to `side_px` pixels a side.

        Args:
            picture: (height, width, 3) uint8. The result has the same colours, and is (side_px, side_px, 3).
            border: OpenCV's mode for pixels outside the picture, such as BORDER_CONSTANT (black).
        """
        step = self.rotation * (self.side / side_px) * (1 << EXACT_BITS)
        first = np.array([self.x, self.y]) * (1 << EXACT_BITS) - step.sum(1) * (side_px / 2)
        first += 1 << (EXACT_BITS - FRACTION_BITS - 1)  # so that the shifts below round
        along = np.arange(side_px)
        down, across = np.rint(step[:, 1:] * along), np.rint(step[:, :1] * along + first[:, None])
        x, y = map(np.add.outer, down.astype("<i4"), across.astype("<i4"))
        # In place, and x and y of a place as the halves of one integer: each pass over all pixels takes 20 µs.
        places = (x >> EXACT_BITS) & 0xFFFF
        places |= y & -(1 << EXACT_BITS)
        x >>= EXACT_BITS - FRACTION_BITS
        x &= (1 << FRACTION_BITS) - 1
        y >>= EXACT_BITS - 2 * FRACTION_BITS
        y &= ((1 << FRACTION_BITS) - 1) << FRACTION_BITS
        x |= y
        maps = places.view("<i2").reshape(side_px, side_px, 2), x.astype(np.uint16)
        return cv2.remap(picture, *maps, cv2.INTER_LINEAR, None, border)

    def to_picture(self, shares: np.ndarray) -> np.ndarray:
        """Convert points (n, 2) from shares 0…1 of the square to pixels of the picture."""
        return (shares - 0.5) @ self.rotation.T * self.side + (self.x, self.y)

    def picture_to_square(self, side_px: int) -> np.ndarray:
        """Return the affine map (2, 3) from pixels of the picture to pixels of the square that `cut_square` returns."""
        back = self.rotation.T * (side_px / self.side)
        return np.column_stack([back, side_px / 2 - back @ (self.x, self.y)])


def person_region(middle: np.ndarray, edge: np.ndarray) -> Region | None:
    """Return the region of a person; None if the region's size or place is not plausible.

    Args:
        middle: (2,) middle of the hips, pixels.
        edge: (2,) point on the circle around the person, above the head if the person is upright, pixels.
    """
    across, up = float(edge[0] - middle[0]), float(middle[1] - edge[1])
    side = 2 * CROP_SCALE * float(np.hypot(across, up))
    if not (LEAST_SIDE_PX <= side <= FARTHEST_PX and np.abs(middle).max() <= FARTHEST_PX):  # nor NaN
        return None
    angle = float(np.pi / 2 - np.arctan2(up, across))
    return Region(x=float(middle[0]), y=float(middle[1]), side=side, angle=angle)


def picture_region(picture: np.ndarray) -> Region:
    """Return the smallest square around the middle of a picture that contains the whole picture."""
    height, width = picture.shape[:2]
    return Region(x=width / 2, y=height / 2, side=max(width, height), angle=0.0)


def part_region(picture: np.ndarray, box: np.ndarray, least_side: float) -> Region:
    """Return a square part of a picture around a box: twice as long as the box, or `least_side` if that is longer.

    Args:
        box: (2, 2) x and y of the upper left and the lower right corner, 0…1.
        least_side: Share of the picture's longer side.
    """
    height, width = picture.shape[:2]
    low, high = box * (width, height)
    x, y = (low + high) / 2
    return Region(x=x, y=y, side=max(2 * (high - low).max(), least_side * max(width, height)), angle=0.0)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return the probabilities of logits, with the same shape and type."""
    return 1 / (1 + np.exp(-np.minimum(np.maximum(logits, -80.0), 80.0)))  # NumPy's clip takes twice as long


SIDE_PX = 256  # side of the network's input, and of the mask
DIVISOR = 2  # side of the mask over the side of a window
WINDOW_PX = SIDE_PX // DIVISOR  # side of a window, a part of the mask that the head computes at once
MAP_SIDES = (128, 64)  # sides of the maps that the head reads, in their order
STEP_PX = 4  # windows begin at multiples of this: pixels of the mask per cell of the coarser map
MARGIN_PX = 16
"""Edge of a window that differs from the whole mask, because the head does not see the maps outside the window:
14 pixels according to its layers. Further inside, the values are equal, to the bit on x86-64."""


class MaskNetwork:
    """Computes parts of a person's mask from feature maps of the landmark network."""

    def __init__(self, network: Network) -> None:
        """Use the head: the part, cut off the landmark network, that computes a window of the mask from the maps."""
        self._network = network

    def compute_mask(self, maps: Sequence[np.ndarray], rows: slice, columns: slice) -> np.ndarray:
        """Compute the mask, (SIDE_PX, SIDE_PX) float32, 0…1. Only the values in `rows` and `columns` are right.

        Args:
            maps: Maps of the landmark network, (side, side, channels) each, with the sides in MAP_SIDES.
        """
        mask = np.zeros((SIDE_PX, SIDE_PX), np.float32)
        for top, down in _windows(rows):
            for left, across in _windows(columns):
                part = self._window(maps, top, left)
                mask[top + down.start : top + down.stop, left + across.start : left + across.stop] = part[down, across]
        return mask

    def _window(self, maps: Sequence[np.ndarray], top: int, left: int) -> np.ndarray:
        for number, whole in enumerate(maps):
            per_cell = SIDE_PX // len(whole)
            rows, columns = (slice(at // per_cell, (at + WINDOW_PX) // per_cell) for at in (top, left))
            self._network.input(number)[0] = whole[rows, columns]
        self._network.run()
        return sigmoid(self._network.output(0)[0, :, :, 0])


def _windows(wanted: slice) -> Iterator[tuple[int, slice]]:
    """Yield windows that cover the wanted pixels of a side: the start and the correct part of each window."""
    first, end = wanted.start, min(wanted.stop, SIDE_PX)
    while first < end:
        begin = max(first - MARGIN_PX, 0) // STEP_PX * STEP_PX
        begin = min(begin, SIDE_PX - WINDOW_PX)
        right = slice(MARGIN_PX if begin else 0, WINDOW_PX - (MARGIN_PX if begin + WINDOW_PX < SIDE_PX else 0))
        yield begin, right
        first = begin + right.stop


POINTS = 39  # number of points: the landmarks and six more, of which two make the next picture's region
MAP_PX = 64  # side of a heat map
OUTPUTS = ((1, POINTS * 5), (1, 1), (1, SIDE_PX, SIDE_PX, 1), (1, MAP_PX, MAP_PX, POINTS), (1, POINTS * 3))
"""Shapes: landmarks (x, y, z, visibility, presence), probability of a person, mask, heat maps, world landmarks."""
MASK = 2
"""Index of the mask in OUTPUTS. If the mask is cut off, the first map is there, and the second follows the outputs."""
LEAST_SURE = 0.5  # least probability of a person. This and the next two values are MediaPipe's.
REACH = 3  # number of heat map cells on each side of a landmark that refine it
LEAST_PEAK = 0.5  # least peak of a heat map that refines its landmark
_USED = landmark.COUNT + 2  # number of points that are used


@dataclass(frozen=True, slots=True, eq=False)
class RegionPose:
    """The pose of the person in a region."""

    points_px: np.ndarray  # (33, 3) x, y, z (on the scale of x)
    confidences: np.ndarray  # (33, 2) visibility and presence, 0…1
    world: np.ndarray  # (33, 3) metres, as in `Pose`
    next_region: Region  # region in which the person is likely to be in the next picture
    clarity: np.ndarray  # (6,) float32, as in `Observation`
    mask: Callable[[], PersonMask]  # returns the mask. Call it before the network runs again.


class LandmarkNetwork:
    """BlazePose's landmark network. The part for the mask may be a network of its own, which runs on demand."""

    def __init__(self, content: bytes, head: bytes | None, threads: int) -> None:
        """Load the network from the content of its files.

        Args:
            head: The part that computes the mask; None if `content` is the whole network, which computes every mask
                and takes twice as long, as measured with BlazePose lite.
            threads: Number of threads for the landmarks. The head always takes one thread.

        Raises:
            ValueError: The content is not BlazePose's landmark network.
        """
        outputs, self._maps = [*OUTPUTS], [MASK]
        self._mask: Callable[[Sequence[np.ndarray], slice, slice], np.ndarray]
        self._mask = lambda maps, _rows, _columns: sigmoid(maps[0][:, :, 0])
        if head is not None:
            windows = [(1, side // DIVISOR, side // DIVISOR, -1) for side in MAP_SIDES]
            # One thread, because the layers are so small that another saves no time, and costs 4 % of the run's.
            network = Network(make_interpreter(head, windows, [(1, WINDOW_PX, WINDOW_PX, 1)]))
            fine, coarse = ((1, side, side, network.input(number).shape[-1]) for number, side in enumerate(MAP_SIDES))
            outputs = [*OUTPUTS[:MASK], fine, *OUTPUTS[MASK + 1 :], coarse]
            self._maps, self._mask = [MASK, len(OUTPUTS)], MaskNetwork(network).compute_mask
        picture = [(1, SIDE_PX, SIDE_PX, 3)]
        self._network = PictureNetwork(make_interpreter(content, picture, outputs, threads=threads))

    def estimate_region(self, picture: np.ndarray, region: Region) -> RegionPose | None:
        """Estimate the pose of the person in a region of a BGR picture; return None if nobody is found there."""
        # MediaPipe, too, repeats the picture's edge outside the picture for this network.
        cut = cv2.cvtColor(region.cut_square(picture, SIDE_PX, border=cv2.BORDER_REPLICATE), cv2.COLOR_BGR2RGB)
        self._network.run_on_picture(cut, black=0.0)
        if not self._network.output(1)[0, 0] > LEAST_SURE:
            return None
        raw = self._network.output(0).reshape(POINTS, 5)[:_USED].astype(np.float64)
        shares = raw[:, :3] / SIDE_PX
        maps = self._network.output(3)[0]
        shares[:, :2] = _refined(shares[:, :2], maps)
        pixels = region.to_picture(shares[:, :2])
        next_region = person_region(*pixels[landmark.COUNT :])
        world = self._network.output(4).reshape(POINTS, 3)[: landmark.COUNT].astype(np.float64)
        if next_region is None or not (np.isfinite(pixels).all() and np.isfinite(world).all()):
            return None
        world[:, :2] = world[:, :2] @ region.rotation.T
        return RegionPose(
            points_px=np.column_stack([pixels, shares[:, 2] * region.side])[: landmark.COUNT],
            confidences=sigmoid(raw[: landmark.COUNT, 3:]),
            world=world,
            next_region=next_region,
            clarity=sigmoid(maps[:, :, landmark.JOINTS].max((0, 1, 3))),
            mask=lambda: PersonMask(
                # The maps are copied, because the network may run again before the mask is computed.
                values=partial(self._mask, [self._network.output(number)[0].copy() for number in self._maps]),
                picture_to_mask=region.picture_to_square(SIDE_PX),
                size_px=(picture.shape[1], picture.shape[0]),
            ),
        )


def _refined(shares: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Move points (n, 2), shares of the crop, to the centroids of their heat maps nearby, unless flat or outside."""
    with np.errstate(invalid="ignore"):
        cells = np.trunc(shares * MAP_PX).astype(np.int64)
    # MediaPipe keeps points below the map, which makes a difference at its very edge.
    outside = (cells[:, 0] < 0) | (cells[:, 0] >= MAP_PX) | (cells[:, 1] < 0)
    columns, rows = (cells[:, axis, None] + np.arange(-REACH, REACH + 1) for axis in (0, 1))
    inside = ((rows >= 0) & (rows < MAP_PX))[:, :, None] & ((columns >= 0) & (columns < MAP_PX))[:, None, :]
    row, column = (np.minimum(np.maximum(cells, 0), MAP_PX - 1) for cells in (rows[:, :, None], columns[:, None, :]))
    height = np.where(inside, sigmoid(maps[row, column, np.arange(len(shares))[:, None, None]]), 0.0)
    total = height.sum((1, 2))
    flat = height.max((1, 2)) < LEAST_PEAK
    middle = np.stack([(height.sum(1) * columns).sum(1), (height.sum(2) * rows).sum(1)], 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((outside | flat)[:, None], shares, middle / (total[:, None] * MAP_PX))
