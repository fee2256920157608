"""Smooths positions from picture to picture: BlazePose's landmarks by MediaPipe's filters, keypoints by our filter."""

import numpy as np

CUTOFF_HZ, GAIN = 2.0, 40.0
"""Cut-off at rest, and its rise in Hz for a speed of one crop height a second, chosen on rendered clips."""
SPEED_CUTOFF_HZ = 1.0  # cut-off of the speed's low-pass filter
VISIBILITY_SHARE = 0.1  # weight of a new visibility in the running mean


class KeypointSmoother:
    """Smooths points by a one-euro filter (Casiez, Roussel, Vogel: 1 € filter, CHI 2012).

    NaN stays NaN, and the first finite place after NaN is not smoothed.
    """

    def __init__(self) -> None:
        self._points: np.ndarray | None = None
        self._velocity = np.zeros(0)
        self._t_s = 0.0

    def step(self, points: np.ndarray, unit: float, t_s: float) -> np.ndarray:
        """Smooth the next points, and return the result.

        Points that are not later than the previous points are ignored, and the previous result is returned.

        Args:
            points: (n, 2) points.
            unit: Height of the crop, in the unit of the points.
        """
        before = self._points
        if before is None:
            self._points, self._velocity, self._t_s = points, np.zeros_like(points), t_s
            return points
        dt_s = t_s - self._t_s
        if dt_s <= 0:
            return before
        known = np.isfinite(before) & np.isfinite(points)
        speed = np.where(known, (points - before) / dt_s, 0.0)
        self._velocity = self._velocity + _share(dt_s, SPEED_CUTOFF_HZ) * (speed - self._velocity)
        pace = np.linalg.norm(self._velocity, axis=1, keepdims=True) / unit
        moved = before + _share(dt_s, CUTOFF_HZ + GAIN * pace) * (points - before)
        self._points, self._t_s = np.where(known, moved, points), t_s
        return self._points


class LandmarkFilter:
    """Smooths coordinates of landmarks by MediaPipe's one-euro filter, which uses the speed of unfiltered values."""

    def __init__(self, least_hz: float, gain: float) -> None:
        """Start before the first values. The cut-off is `least_hz` plus `gain` times the speed, in units a second."""
        self._least_hz, self._gain = least_hz, gain
        self._before: np.ndarray | None = None
        self._smooth = self._speed = np.zeros(0)
        self._t_s = 0.0

    def step(self, values: np.ndarray, unit: float, t_s: float) -> np.ndarray:
        """Filter the next values, and return the result.

        Args:
            values: Array of any shape, the same for all calls. The caller must not change the array afterwards.
            unit: Length that counts as 1 in the speed, in the unit of the values.
            t_s: Time of the values, later than the time before.
        """
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


class LandmarkSmoother:
    """Smooths the landmarks of one person at a time, as MediaPipe does."""

    def __init__(self) -> None:
        self.world = LandmarkFilter(least_hz=0.1, gain=40.0)  # of the landmarks in the world
        self._visibility: np.ndarray | None = None
        self.reset()

    def reset(self) -> None:
        """Forget the person's place in the picture, because another person is followed.

        The posture in the world and the visibilities continue from the previous person, as in MediaPipe.
        """
        self.points = LandmarkFilter(least_hz=0.05, gain=80.0)  # of the landmarks in the picture

    def smooth_visibility(self, values: np.ndarray) -> np.ndarray:
        """Add the next frame's visibilities (33,), and return the exponential average, with weight VISIBILITY_SHARE."""
        before = values if self._visibility is None else self._visibility
        self._visibility = before + VISIBILITY_SHARE * (values - before)
        return self._visibility


def _share(dt_s: float, cutoff_hz: np.ndarray | float) -> np.ndarray | float:
    """Return the weight of a new value in a low-pass filter."""
    return 1.0 / (1.0 + 1.0 / (2 * np.pi * cutoff_hz * dt_s))
