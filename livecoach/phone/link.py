"""Passes data between the server's thread and the run's: the newest frame, some actions, the state and the cues."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from livecoach.phone.protocol import RemoteAction
from livecoach.types.callbacks import ignore

MOST_ACTIONS = 32
"""Actions that wait for the run; more are dropped. The run takes them many times a second."""
CameraState = Literal["connected", "lost", "none"]
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class ArrivedJpeg:
    """A checked picture that is not decoded yet."""

    jpeg: bytes
    captured_s: float
    """Time of the capture, by the clock here."""
    taken: Callable[[], object]
    """Called once, from any thread, when the picture is taken or replaced: the phone may send the next one."""


class PhoneLink:
    """Thread-safe. Only `take` and `wait_for_camera` wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._changed = threading.Condition()
        self._newest: ArrivedJpeg | None = None
        self._replaced = 0
        self._connected = self._was_connected = False
        self._actions: deque[RemoteAction] = deque(maxlen=MOST_ACTIONS)
        self.send_state: Callable[[Fields], object] = ignore
        """Sends a state to all connected devices. Set by the server, as are the next two."""
        self.send_cue: Callable[[Fields, bytes | None], object] = ignore
        """Sends a cue, and its sound as WAV, to all connected devices."""
        self.send_offer: Callable[[Fields], object] = ignore
        """Sends the remote's choices to all devices that have it, also later ones."""

    # For the server.

    def connect(self, connected: bool) -> None:
        """Report that the camera has connected, or left."""
        with self._changed:
            self._connected = connected
            self._was_connected |= connected
            left, self._newest = self._newest, self._newest if connected else None
            self._changed.notify_all()
        if left is not None and not connected:
            left.taken()

    def put(self, arrived: ArrivedJpeg) -> None:
        """Hand over a picture, replacing one that was not taken yet."""
        with self._changed:
            before, self._newest = self._newest, arrived
            self._replaced += before is not None
            self._changed.notify_all()
        if before is not None:
            before.taken()

    def press(self, action: RemoteAction) -> None:
        self._actions.append(action)

    # For the run.

    @property
    def camera(self) -> CameraState:
        """Whether there is a camera now, was one, or never was."""
        return "connected" if self._connected else "lost" if self._was_connected else "none"

    @property
    def replaced(self) -> int:
        """Number of pictures that a newer one replaced."""
        return self._replaced

    def take(self, timeout_s: float) -> ArrivedJpeg | None:
        """Return the newest picture; wait for one as long as the camera is connected, up to a time."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or not self._connected, timeout_s)
            taken, self._newest = self._newest, None
        if taken is not None:
            taken.taken()
        return taken

    def wait_for_camera(self, timeout_s: float) -> bool:
        """Wait for a camera, up to a time; return whether there is one."""
        with self._changed:
            return self._changed.wait_for(lambda: self._connected, timeout_s)

    def actions(self) -> list[RemoteAction]:
        """Return the actions since the last call."""
        return [self._actions.popleft() for _ in range(len(self._actions))]
