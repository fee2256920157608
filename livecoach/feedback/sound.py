"""Plays cues on the sound device through PortAudio: mixes the clips of cues, and keeps a device open if there is any.

PortAudio's own thread renders the clips; a supervising thread opens and closes the device.

PortAudio does not report a lost device: its callbacks stop and `stream.active` becomes False. Restarting the dead
stream hangs for ever, and PortAudio lists the devices once, so the whole library is terminated and initialised again.
Each of its calls may hang with the sound server, so only the supervisor makes them.
"""

import atexit
import ctypes
import functools
import importlib
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from livecoach.core.errors import OutputError
from livecoach.core.types import Cue
from livecoach.core.types.message import Message
from livecoach.feedback.voice import SAMPLE_RATE_HZ, Voice, upsample

FADE_SAMPLES = SAMPLE_RATE_HZ * 15 // 1000
"""Length of the fade of a replaced announcement, 15 ms: no click, and over before the next word is understood."""
GAIN_RAMP_SAMPLES = SAMPLE_RATE_HZ * 10 // 1000  # Length of the ramp from silence to full volume: 10 ms
KNEE = 0.81  # Level below which the limiter changes nothing; the shipped clips peak just below it
MAX_PLAYING = 8  # Most simultaneous clips, more than cues need; beyond this, the oldest fade out


class _PlayingClip:
    """A clip while it plays, with the position that it has reached."""

    def __init__(self, samples: np.ndarray, *, spoken: bool) -> None:
        self.samples = samples
        self.spoken = spoken
        self._position = 0
        self._fade: np.ndarray | None = None

    def fade_out(self) -> None:
        if self._fade is None:
            self._fade = np.linspace(1, 0, FADE_SAMPLES, dtype=np.float32)

    def add_to(self, out: np.ndarray) -> None:
        """Add the next samples of the clip to `out`, which may be longer than the rest of the clip."""
        part = self.samples[self._position : self._position + len(out)]
        self._position += len(part)
        if self._fade is not None:
            part = part[: len(self._fade)] * self._fade[: len(part)]
            self._fade = self._fade[len(part) :]
        out[: len(part)] += part

    @property
    def is_over(self) -> bool:
        return self._position >= len(self.samples) or (self._fade is not None and len(self._fade) == 0)


class Mixer:
    """A mixer of clips into one stream: mono float32 from -1 to 1, SAMPLE_RATE_HZ, without a device, clock or lock.

    One thread plays (`play`), another renders (`render`). The threads share a deque, whose `append` and `popleft` are
    atomic, and two plain attributes. All other state belongs to the rendering thread.
    """

    def __init__(self, *, volume: float = 1.0, muted: bool = False) -> None:
        """Start without clips.

        Args:
            volume: Factor of the samples, from 0 to 1.
            muted: Whether clips are inaudible. They continue, so that unmuting does not bring an old clip back.
        """
        self.muted = muted
        self._volume = volume
        self._gain = self._wanted_gain()
        self._arrived: deque[_PlayingClip] = deque(maxlen=MAX_PLAYING)
        self._playing: list[_PlayingClip] = []

    def play(self, samples: np.ndarray, *, spoken: bool) -> None:
        """Start a clip with the next rendered block.

        Args:
            samples: (n,) float32 at SAMPLE_RATE_HZ, finite. The array is kept, so it must not be changed.
            spoken: Whether the clip is speech, which replaces speech that is still playing.

        Raises:
            ValueError: The samples have another shape or type, or are not finite.
        """
        if samples.ndim != 1 or samples.dtype != np.float32 or not np.isfinite(samples).all():
            raise ValueError(f"clip: expected finite float32 (n,), got {samples.dtype} {samples.shape}")
        self._arrived.append(_PlayingClip(samples, spoken=spoken))

    def clear(self) -> None:
        """Drop all playing and waiting clips. While a thread renders, only that thread may call `clear`."""
        self._arrived.clear()
        self._playing.clear()

    @property
    def is_playing(self) -> bool:
        """Whether a clip plays or waits."""
        return bool(self._playing or self._arrived)

    def render(self, count: int) -> np.ndarray:
        """Return the next `count` samples, (count,) float32 from -1 to 1."""
        self._take_arrived()
        out = np.zeros(count, np.float32)
        if not self._playing:
            self._gain = self._wanted_gain()  # Nobody hears a jump in silence
            return out  # The device asks 80 times a second, and nearly always for silence
        for playing in self._playing:
            playing.add_to(out)
        self._playing = [playing for playing in self._playing if not playing.is_over]
        soft_limit(out)
        out *= self._gains(count)
        return out

    def _take_arrived(self) -> None:
        while self._arrived:
            arrived = self._arrived.popleft()
            if arrived.spoken:
                for playing in self._playing:
                    if playing.spoken:
                        playing.fade_out()
            self._playing.append(arrived)
        for playing in self._playing[:-MAX_PLAYING]:
            playing.fade_out()

    def _wanted_gain(self) -> float:
        return 0.0 if self.muted else self._volume

    def _gains(self, count: int) -> np.ndarray | np.float32:
        """Return the gain of each of the next samples, which approaches the wanted gain at a limited rate."""
        start, wanted = self._gain, self._wanted_gain()
        if start == wanted:
            return np.float32(wanted)
        reach = np.arange(1, count + 1) / GAIN_RAMP_SAMPLES
        gains = np.clip(wanted, start - reach, start + reach)
        self._gain = float(gains[-1]) if count else start
        return gains.astype(np.float32)


def soft_limit(samples: np.ndarray) -> None:
    """Limit samples (n,) in place: magnitudes above KNEE shrink to at most 1, by a scaled tanh (our choice)."""
    loud = np.abs(samples) > KNEE
    if loud.any():
        over = (np.abs(samples[loud]) - KNEE) / (1 - KNEE)
        samples[loud] = np.copysign(np.minimum(KNEE + (1 - KNEE) * np.tanh(over), 1), samples[loud])


LATENCY_S = 0.05
"""Latency requested from PortAudio: 58 ms from call to sound, with 2 % of a CPU. 'low' gives 7 ms with 3.4 %, but gaps
if Python is late."""
MISSING = {
    "linux": "no sound, because PortAudio is missing: sudo apt install libportaudio2 libasound2-plugins",
    "other": "no sound, because PortAudio is missing: pip install --force-reinstall sounddevice",
}

log = logging.getLogger(__name__)
Render = Callable[[int], np.ndarray]


class PortAudioMissingError(OutputError):
    """PortAudio is not installed. A later attempt does not help."""


class NoSoundDeviceError(OutputError):
    """No sound device can be opened. A later attempt may help."""


class SoundDevice:
    """The system's default sound output, through PortAudio: mono, float32, SAMPLE_RATE_HZ."""

    _portaudio_lock = threading.RLock()
    """Held during calls: PortAudio does not support two threads, and an earlier run's thread may hang in a call."""

    def __init__(self) -> None:
        self._library: Any = None
        self._stream: Any = None

    def open(self, render: Render) -> None:
        """Open the default output. A thread of PortAudio calls `render(n)` for the next n samples.

        Raises:
            NoSoundDeviceError: No device can be opened now.
            PortAudioMissingError: PortAudio is not installed.
        """

        def callback(out: np.ndarray, count: int, _time: object, _status: object) -> None:
            out[:, 0] = render(count)

        with self._portaudio_lock:
            self._library = library = load_portaudio()
            try:
                if not library._initialized:
                    library._initialize()
                self._stream = library.OutputStream(
                    samplerate=SAMPLE_RATE_HZ, channels=1, dtype="float32", latency=LATENCY_S, callback=callback
                )
                self._stream.start()
            except library.PortAudioError as err:
                self.close()
                raise NoSoundDeviceError(Message("no sound device ({name})", name=str(err))) from err

    def is_active(self) -> bool:
        return self._stream is not None and bool(self._stream.active)

    def close(self) -> None:
        """Close the stream, even if it has failed, and terminate PortAudio.

        PortAudio looks for devices only when it starts, so a restart finds new devices.
        """
        with self._portaudio_lock:
            if self._stream is not None:
                self._stream.close(ignore_errors=True)
                self._stream = None
            if self._library is not None and self._library._initialized:
                self._library._terminate()


@functools.cache
def load_portaudio() -> ModuleType:
    """Load the module sounddevice, which starts PortAudio, and silence ALSA's messages.

    The caller ends PortAudio. Raises PortAudioMissingError if PortAudio is not installed.
    """
    try:
        library = importlib.import_module("sounddevice")
    except (ImportError, OSError) as err:
        raise PortAudioMissingError(MISSING["linux" if sys.platform.startswith("linux") else "other"]) from err
    atexit.unregister(library._exit_handler)  # It would wait for PortAudio's end
    _hush_alsa()
    return library


def _hush_alsa() -> None:
    """Keep ALSA's messages about missing devices off the user's terminal.

    ALSA calls the function on threads of C, also while Python shuts down. It must therefore not be a Python function:
    getpid ignores its arguments. `livecoach.cli.command_process` discards PortAudio's own "Expression … failed".
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        silent = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        alsa.snd_lib_error_set_handler(silent)
    except (OSError, AttributeError) as err:
        log.debug("ALSA's messages stay on: %s", err)


NO_DEVICE = "no sound device: livecoach goes on without sound"
NO_ANSWER = "the sound server does not answer: cues appear on screen only"
BACK = "sound is back"
ANSWER_S = 2.0  # Longest wait for the sound server before the user is notified; only the supervisor waits
WATCH_S = 0.1  # Interval at which the supervisor checks the device
STALLED_S = 0.3  # Time without rendering after which a cue would be late; a device takes 12 ms of sound at once
DEAD_S = 5.0  # Time without rendering after which a device is abandoned; an idle PulseAudio sink needs 2 s to start
FIRST_RETRY_S, LAST_RETRY_S = 0.5, 4.0  # Pauses between attempts double from first to last; an attempt costs 30 ms
CLOSE_S = 2.0  # Longest wait for the supervisor at the end: a driver may hang in PortAudio
LAST_S = 2.5  # Longest time for which a clip goes on after the end of a run; the longest words take about 2 s


class SoundSink:
    """A sink of cues, which plays a cue at once or drops it. This base class plays no cue at all."""

    muted = True

    def start(self) -> None:
        """Begin to open the device in the background, and return at once."""

    def play(self, cue: Cue) -> None:
        """Play a cue at once, or drop the cue if that is not possible."""

    def take_status_changes(self) -> list[str]:
        """Return a line for the user about each loss or return of the sound since the last call."""
        return []

    def close(self) -> None:
        """Release the device within CLOSE_S, or once the clip that plays is over; a second call ends the clip."""


class Sound(SoundSink):
    """A sink that plays cues on the system's default output. Call all methods from the main thread."""

    _last_words: threading.Thread | None = None  # Supervisor of an earlier sound whose last clip may still play

    def __init__(
        self,
        voice: Voice,
        *,
        volume: float = 1.0,
        muted: bool = False,
        device: SoundDevice | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to play cues; `start` opens the device.

        Args:
            volume: Factor of the samples, from 0 to 1.
            device: Device to play on; None for the system's default output.
        """
        self._voice = voice
        self._mixer = Mixer(volume=volume, muted=muted)
        self._device = device if device is not None else SoundDevice()
        self._clock = clock
        self._rendered_s: float | None = None
        self._changes: deque[str] = deque()
        self._has_sound = True  # As far as the user knows
        self._reporting = threading.Lock()
        self._asked_s: float | None = None  # Time since which the supervisor has waited for the sound server
        self._closing, self._needed, self._cut = threading.Event(), threading.Event(), threading.Event()
        """Set once the sound is to close; once the supervisor must act, since the sound is on or is to close; and once
        the last clip may no longer go on."""
        self.muted = muted
        self._thread = threading.Thread(target=self._supervise, name="sound", daemon=True)

    @property
    def muted(self) -> bool:
        return self._mixer.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._mixer.muted = muted
        if not muted:
            self._needed.set()

    @property
    def is_live(self) -> bool:
        """Whether the device asks for samples, so that a cue would be played at once."""
        return self._quiet_for_s() < STALLED_S

    def start(self) -> None:
        self._thread.start()

    def play(self, cue: Cue) -> None:
        """Play the voice's sound for a cue, if any. Without a live device, drop the cue: it would come too late."""
        if not self.is_live:
            log.debug("cue not heard, no device: %s", cue.text)
            return
        announced = self._voice.announcement(cue)
        if announced is not None:
            self._mixer.play(upsample(announced[0]), spoken=announced[1])

    def take_status_changes(self) -> list[str]:
        asked_s = self._asked_s
        if asked_s is not None and self._clock() - asked_s > ANSWER_S:
            self._report(NO_ANSWER)
        return [self._changes.popleft() for _ in range(len(self._changes))]

    def close(self) -> None:
        """Release the device. If a driver hangs, thread and device are left behind after CLOSE_S.

        A clip that plays goes on for LAST_S at most, and the call returns at once: the process, and the next sound,
        wait for the clip. A second call ends the clip.
        """
        is_audible = self._mixer.is_playing and not self.muted and self.is_live and not self._closing.is_set()
        self._closing.set()
        self._needed.set()
        if is_audible:
            Sound._last_words = self._thread
            threading.Thread(target=self._thread.join, args=(LAST_S + CLOSE_S,), name="last words").start()
            return
        self._cut.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
            if self._thread.is_alive():
                log.info("the sound device did not close within %s s", CLOSE_S)  # There is nothing for the user to do

    # The next method runs on the device's own thread.

    def _render(self, count: int) -> np.ndarray:
        if not self.is_live:
            self._mixer.clear()
        self._rendered_s = self._clock()
        return self._mixer.render(count)

    # The next methods run on the supervisor's thread.

    def _supervise(self) -> None:
        retry_s = FIRST_RETRY_S
        if Sound._last_words is not None:  # It ends PortAudio, which would end this sound's stream, too
            Sound._last_words.join(LAST_S)
        try:
            while self._needed.wait() and not self._closing.is_set():
                played = self._open() and self._watch()
                retry_s = FIRST_RETRY_S if played else min(2 * retry_s, LAST_RETRY_S)
                self._closing.wait(retry_s)
        except PortAudioMissingError as err:
            self._report(str(err))

    def _open(self) -> bool:
        self._asked_s = self._clock()
        try:
            self._device.open(self._render)
        except NoSoundDeviceError as err:
            log.debug("%s", err)
            self._report(NO_DEVICE)
            return False
        finally:
            self._asked_s = None
        return True

    def _watch(self) -> bool:
        """Wait while the device plays, then close the device, and return whether it has ever played."""
        opened_s, played = self._clock(), False
        while self._device.is_active() and not self._closing.wait(WATCH_S):
            if self.is_live:
                played = True
                self._report(BACK)
            elif min(self._quiet_for_s(), self._clock() - opened_s) > DEAD_S:
                break
        if self._closing.is_set():
            self._finish_clip()
        else:
            self._report(NO_DEVICE)
        self._asked_s = self._clock()
        self._device.close()  # May never return if the sound server hangs
        self._asked_s = None
        self._rendered_s = None
        self._mixer.clear()
        return played

    def _finish_clip(self) -> None:
        """Wait for the end of the clip that plays, for LAST_S at most, unless `close` cuts the clip."""
        until_s = self._clock() + LAST_S
        while self._mixer.is_playing and self.is_live and self._clock() < until_s and not self._cut.is_set():
            self._cut.wait(WATCH_S)
        self._cut.wait(WATCH_S)  # The device still plays what was rendered last

    def _quiet_for_s(self) -> float:
        rendered_s = self._rendered_s
        return float("inf") if rendered_s is None else self._clock() - rendered_s

    def _report(self, text: str) -> None:
        """Report that the sound is gone, with the first reason, or back. At first, the sound counts as present."""
        with self._reporting:
            if (text == BACK) != self._has_sound:
                self._has_sound = text == BACK
                self._changes.append(text)
