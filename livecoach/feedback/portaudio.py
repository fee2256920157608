"""The sound device, through PortAudio. Everything runs on the sound supervisor's thread, except the calls of `render`.

PortAudio does not report a lost device: its callbacks stop and `stream.active` becomes False. Starting the dead stream
again hangs for ever, and the list of devices is made once, so the whole library is terminated and initialised again.
"""

import ctypes
import logging
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from livecoach.errors import OutputError
from livecoach.feedback.mixer import SAMPLE_RATE_HZ

LATENCY_S = 0.05
"""Latency requested from PortAudio: 58 ms from call to sound with 2 % CPU. 'low' gives 7 ms with 3.4 %, and no slack if
Python is late."""
MISSING = {
    "linux": "no sound, because PortAudio is missing: sudo apt install libportaudio2 libasound2-plugins",
    "other": "no sound, because PortAudio is missing: pip install --force-reinstall sounddevice",
}

log = logging.getLogger(__name__)
Render = Callable[[int], np.ndarray]


class PortAudioMissingError(OutputError):
    """The library is not installed, so trying again does not help."""


class NoSoundDeviceError(OutputError):
    """No device can be opened now; trying again may help."""


class SoundDevice(Protocol):
    """A device that pulls samples out of a function, in time."""

    def open(self, render: Render) -> None:
        """Start to call `render(n)` from a thread of the device.

        Raises NoSoundDeviceError, PortAudioMissingError.
        """
        ...

    def active(self) -> bool:
        """Return whether the device still takes samples, according to itself."""
        ...

    def close(self) -> None:
        """Stop. Harmless when not open."""
        ...


class PortAudioDevice:
    """The system's default output: mono, float32, SAMPLE_RATE_HZ."""

    def __init__(self) -> None:
        self._library: Any = None
        self._stale = False
        self._stream: Any = None

    def open(self, render: Render) -> None:
        """Open the current default output."""
        library = self._loaded()

        def callback(out: np.ndarray, count: int, _time: object, _status: object) -> None:
            out[:, 0] = render(count)

        try:
            if self._stale:
                _begin_anew(library)
            self._stale = True
            self._stream = library.OutputStream(
                samplerate=SAMPLE_RATE_HZ, channels=1, dtype="float32", latency=LATENCY_S, callback=callback
            )
            self._stream.start()
        except library.PortAudioError as err:
            self.close()
            raise NoSoundDeviceError(f"no sound device ({err})") from err

    def active(self) -> bool:
        """Return whether PortAudio still calls us."""
        return self._stream is not None and bool(self._stream.active)

    def close(self) -> None:
        """Close the stream, dead or alive."""
        if self._stream is not None:
            self._stream.close(ignore_errors=True)
            self._stream = None

    def _loaded(self) -> Any:
        if self._library is None:
            self._library = load_portaudio()
            _hush_alsa()
        return self._library


def load_portaudio() -> ModuleType:
    """Import sounddevice. Raises PortAudioMissingError where the library that it wraps is missing."""
    try:
        # Imported late, because the import probes the sound servers. (mediapipe imports it too.)
        import sounddevice
    except OSError as err:
        raise PortAudioMissingError(MISSING["linux" if sys.platform.startswith("linux") else "other"]) from err
    library: ModuleType = sounddevice
    return library


def _begin_anew(library: Any) -> None:
    """Let PortAudio look for devices again, for which sounddevice has no public function."""
    if library._initialized:
        library._terminate()
    library._initialize()


def _hush_alsa() -> None:
    """Keep ALSA's complaints about missing devices off the user's terminal.

    Redirecting file descriptor 2 would do it too, but that belongs to the whole process: the pose estimator redirects
    it at the same moment on the main thread, and of two overlapping redirections the later end leaves stderr closed for
    good. (sounddevice redirects it for the few ms of its own initialisation, which mediapipe's import has then
    completed.) ALSA accepts another error function instead. It is called on threads of C, also while Python shuts down,
    so it must not be a Python function: getpid ignores its arguments. PortAudio's own "Expression … failed" cannot be
    turned off.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        silent = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        alsa.snd_lib_error_set_handler(silent)
    except (OSError, AttributeError) as err:
        log.debug("ALSA's messages stay on: %s", err)
