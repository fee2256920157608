"""The sound device, by PortAudio. Everything here runs on the sound supervisor's thread, except `render`'s calls.

PortAudio reports a lost device by nothing at all: its callbacks stop and `stream.active` turns False. Starting the
dead stream again hangs for ever, and the list of devices is made once, so the whole library is ended and begun anew.
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
"""Asked of PortAudio: 58 ms from call to sound, 2 % CPU; 'low' is 7 ms, 3.4 %, without slack if Python is late."""
MISSING = {
    "linux": "PortAudio is missing, so cues are shown only: sudo apt install libportaudio2 libasound2-plugins",
    "other": "PortAudio is missing, so cues are shown only: pip install --force-reinstall sounddevice",
}

log = logging.getLogger(__name__)
Render = Callable[[int], np.ndarray]


class PortAudioMissingError(OutputError):
    """The library is not installed: trying again does not help."""


class NoSoundDeviceError(OutputError):
    """No device can be opened now: trying again may help."""


class SoundDevice(Protocol):
    """Something that pulls samples out of a function, in time."""

    def open(self, render: Render) -> None:
        """Begin to call `render(n)` from a thread of the device's own.

        Raises NoSoundDeviceError, PortAudioMissingError.
        """
        ...

    def active(self) -> bool:
        """Whether the device still takes samples, as far as it says."""
        ...

    def close(self) -> None:
        """Stop; harmless when not open."""
        ...


class PortAudioDevice:
    """The system's default output: mono, float32, SAMPLE_RATE_HZ."""

    def __init__(self) -> None:
        self._library: Any = None
        self._stale = False
        self._stream: Any = None

    def open(self, render: Render) -> None:
        """Open the default output as it is now."""
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
        """Whether PortAudio still calls us."""
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
    """Import sounddevice. Raises PortAudioMissingError where the library that it wraps is not there."""
    try:
        # Late: it probes the machine's sound servers while it is imported. (So does mediapipe, which imports it too.)
        import sounddevice
    except OSError as err:
        raise PortAudioMissingError(MISSING["linux" if sys.platform.startswith("linux") else "other"]) from err
    library: ModuleType = sounddevice
    return library


def _begin_anew(library: Any) -> None:
    """Let PortAudio look for devices again. No public function of sounddevice does it."""
    if library._initialized:
        library._terminate()
    library._initialize()


def _hush_alsa() -> None:
    """Keep ALSA's complaints about devices that are not there off the user's terminal.

    Pointing file descriptor 2 elsewhere would do it too, but it is the whole process's: the pose estimator does that
    at the same moment on the main thread, and of two overlapping redirections the later end leaves stderr closed for
    good. (sounddevice does so for the few ms of its own initialisation; mediapipe's import has that behind it.)
    ALSA takes another error function instead. It is called on threads of C, also while Python ends, so it must not be
    Python's: getpid ignores what it is handed. PortAudio's own "Expression … failed" cannot be turned off.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        silent = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        alsa.snd_lib_error_set_handler(silent)
    except (OSError, AttributeError) as err:
        log.debug("ALSA's messages stay on: %s", err)
