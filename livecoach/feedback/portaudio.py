"""The sound device, through PortAudio. Everything runs on the sound supervisor's thread, except the calls of `render`.

PortAudio does not report a lost device: its callbacks stop and `stream.active` becomes False. Starting the dead stream
again hangs for ever, and the list of devices is made once, so the whole library is terminated and initialised again.

Any call may take as long as the sound server does, which may be for ever.
"""

import atexit
import ctypes
import functools
import importlib.util
import logging
import sys
import threading
from collections.abc import Callable
from importlib.machinery import PathFinder
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

    _one_at_a_time = threading.Lock()
    """PortAudio is not made for two threads, and that of an earlier run may still hang in it."""

    def __init__(self) -> None:
        self._library: Any = None
        self._stream: Any = None

    def open(self, render: Render) -> None:
        """Open the current default output."""
        with self._one_at_a_time:
            self._open(render)

    def _open(self, render: Render) -> None:
        self._library = library = load_portaudio()

        def callback(out: np.ndarray, count: int, _time: object, _status: object) -> None:
            out[:, 0] = render(count)

        try:
            if not library._initialized:
                library._initialize()
            self._stream = library.OutputStream(
                samplerate=SAMPLE_RATE_HZ, channels=1, dtype="float32", latency=LATENCY_S, callback=callback
            )
            self._stream.start()
        except library.PortAudioError as err:
            self._close()
            raise NoSoundDeviceError(f"no sound device ({err})") from err

    def active(self) -> bool:
        """Return whether PortAudio still calls us."""
        return self._stream is not None and bool(self._stream.active)

    def close(self) -> None:
        """Close the stream, dead or alive, and end PortAudio, which looks for devices only when it begins."""
        with self._one_at_a_time:
            self._close()

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close(ignore_errors=True)
            self._stream = None
        if self._library is not None and self._library._initialized:
            self._library._terminate()


@functools.cache
def load_portaudio() -> ModuleType:
    """Load sounddevice, which asks the sound servers for their devices. Raises PortAudioMissingError where the library
    that it wraps is missing.

    It is found and run here, because `import sounddevice` fails while MediaPipe is imported (livecoach/pose/graph.py).
    """
    spec = PathFinder.find_spec("sounddevice")
    missing = MISSING["linux" if sys.platform.startswith("linux") else "other"]
    if spec is None or spec.loader is None:
        raise PortAudioMissingError(missing)
    library = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(library)
    except OSError as err:
        raise PortAudioMissingError(missing) from err
    atexit.unregister(library._exit_handler)  # it would end PortAudio on the main thread, however long that takes
    _hush_alsa()
    return library


def _hush_alsa() -> None:
    """Keep ALSA's complaints about missing devices off the user's terminal.

    ALSA accepts another error function. It is called on threads of C, also while Python shuts down, so it must not be a
    Python function: getpid ignores its arguments. PortAudio's own "Expression … failed" cannot be turned off;
    `livecoach.cli.streams` discards it.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        silent = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        alsa.snd_lib_error_set_handler(silent)
    except (OSError, AttributeError) as err:
        log.debug("ALSA's messages stay on: %s", err)
