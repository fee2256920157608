"""The head of BlazePose's landmark network that makes the person's mask, run on the part that is looked at: the whole
mask would take a third to half of the network's time."""

from collections.abc import Iterator, Sequence

import numpy as np

from livecoach.model_files.tflite import FloatNetwork
from livecoach.pose.decoding import sigmoid

SIDE_PX = 256
DIVISOR = 2
WINDOW_PX = SIDE_PX // DIVISOR
"""Side of the mask, and of the window that the head sees of it."""
MAP_SIDES = ((64, 64), (128, 128))  # heights and widths of the maps that the head may see
STEP_PX = 4
"""Windows begin at multiples of it: pixels of the mask per cell of the coarser map."""
MARGIN_PX = 16
"""Edge of a window that differs from the whole mask, because the head does not see what is beside it: 14 pixels by its
layers. What is further inside is the same to the bit."""


class MaskNetwork:
    def __init__(self, network: FloatNetwork) -> None:
        """Takes a window of each map, and makes that of the mask, as logits."""
        self._network = network

    def values(self, maps: Sequence[np.ndarray], rows: slice, columns: slice) -> np.ndarray:
        """Return (SIDE_PX, SIDE_PX) float32, 0…1, within these rows and columns at least; 0 elsewhere. maps: (h, w,
        channels) of MAP_SIDES, as the rest of the network made them."""
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
    """Beginnings of windows that cover pixels along one side of the mask, and what of each is right."""
    first, end = wanted.start, min(wanted.stop, SIDE_PX)
    while first < end:
        begin = max(first - MARGIN_PX, 0) // STEP_PX * STEP_PX
        begin = min(begin, SIDE_PX - WINDOW_PX)
        right = slice(MARGIN_PX if begin else 0, WINDOW_PX - (MARGIN_PX if begin + WINDOW_PX < SIDE_PX else 0))
        yield begin, right
        first = begin + right.stop
