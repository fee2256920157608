"""Steadies what BlazePose sees from picture to picture, as MediaPipe's pose landmarker does in its video mode."""

import numpy as np

SPEED_CUTOFF_HZ = 1.0
"""Cut-off of the filter of the speed."""
VISIBILITY_SHARE = 0.1
"""Weight of a new visibility in the mean of those before."""


class OneEuro:
    """One-euro filter of numbers, each by itself: follows fast movement closely and steadies slow movement.

    Casiez, Roussel, Vogel: 1 € filter, CHI 2012. As MediaPipe has it, the speed is that between unfiltered values.
    """

    def __init__(self, least_hz: float, gain: float) -> None:
        """least_hz: cut-off at rest. gain: by how many Hz it rises for a speed of one unit a second."""
        self._least_hz, self._gain = least_hz, gain
        self._before: np.ndarray | None = None
        self._smooth = self._speed = np.zeros(0)
        self._t_s = 0.0

    def step(self, values: np.ndarray, unit: float, t_s: float) -> np.ndarray:
        """Return the next values (any shape), filtered. unit: in which the gain counts. t_s: later than before."""
        if self._before is None:
            self._before, self._smooth, self._speed, self._t_s = values, values, np.zeros_like(values), t_s
            return values
        dt_s = t_s - self._t_s
        speed = (values - self._before) / (unit * dt_s)
        self._speed = self._speed + _share(dt_s, SPEED_CUTOFF_HZ) * (speed - self._speed)
        share = _share(dt_s, self._least_hz + self._gain * np.abs(self._speed))
        self._smooth = self._smooth + share * (values - self._smooth)
        self._before, self._t_s = values, t_s
        return self._smooth


class Steadied:
    """The filters of one person's landmarks, with MediaPipe's parameters."""

    def __init__(self) -> None:
        self._world = OneEuro(least_hz=0.1, gain=40.0)
        self._visibility: np.ndarray | None = None
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget where the person was in the picture.

        MediaPipe goes on from the posture in the world and the visibilities of whoever was seen before, because these
        filters hear of no picture without a person. So does this, so that both see the same.
        """
        self._points = OneEuro(least_hz=0.05, gain=80.0)

    def points(self, points_px: np.ndarray, side_px: float, t_s: float) -> np.ndarray:
        """Return points (33, 3), pixels. side_px: of the region around the person."""
        return self._points.step(points_px, side_px, t_s)

    def world(self, points_m: np.ndarray, t_s: float) -> np.ndarray:
        """Return points (33, 3), metres."""
        return self._world.step(points_m, 1.0, t_s)

    def visibility(self, values: np.ndarray) -> np.ndarray:
        """Return the visibilities (33,)."""
        before = values if self._visibility is None else self._visibility
        self._visibility = before + VISIBILITY_SHARE * (values - before)
        return self._visibility


def _share(dt_s: float, cutoff_hz: np.ndarray | float) -> np.ndarray | float:
    """Return the weight of a new value in a low-pass filter."""
    return 1.0 / (1.0 + 1.0 / (2 * np.pi * cutoff_hz * dt_s))
