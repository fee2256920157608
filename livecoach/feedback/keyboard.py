"""The keys of a window by OpenCV: all of them, where OpenCV itself keeps only the last one."""

import cv2

from livecoach.feedback.x11_keys import X11Keys


class Keyboard:
    """Hears the keys of a window. Main thread only, as the window."""

    def __init__(self) -> None:
        self._x11: X11Keys | None = None
        self._asked = False

    def pressed(self, wait_ms: int) -> list[int]:
        """Return the codes of the keys since the last call, as `cv2.waitKeyEx` tells them. The call gives the window's
        toolkit its time: `wait_ms` at most, and less once a key is pressed."""
        if not self._asked:
            self._x11, self._asked = X11Keys.open(), True
        if self.lost():
            return []
        last = cv2.waitKeyEx(wait_ms)
        heard = None if self._x11 is None or self.lost() else self._x11.take()
        if heard is not None:
            return heard
        return [last] if last >= 0 else []

    def lost(self) -> bool:
        """Return whether the display of the window is gone."""
        return self._x11 is not None and self._x11.lost()

    def close(self) -> None:
        """Stop to listen."""
        if self._x11 is not None and not self.lost():
            self._x11.close()
        self._x11, self._asked = None, False
