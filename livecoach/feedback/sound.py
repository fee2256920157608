"""Plays cues. The supervisor is the only thread: it keeps a device open whenever there is one."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from livecoach.feedback.announce import SoundStyle, announce
from livecoach.feedback.mixer import Mixer
from livecoach.feedback.portaudio import NoSoundDeviceError, PortAudioDevice, PortAudioMissingError, SoundDevice
from livecoach.feedback.voice import Voice
from livecoach.types import Cue

NO_DEVICE = "no sound device: livecoach goes on without sound"
NO_ANSWER = "the sound server does not answer: cues appear on screen only"
BACK = "sound is back"
ANSWER_S = 2.0
"""Longest wait for the sound server before the user is told. Only the supervisor waits for it."""
WATCH_S = 0.1
"""Interval at which the supervisor checks the device."""
STALLED_S = 0.3
"""A device that has taken nothing for this long will not play a cue in time (it takes 12 ms of sound at once)."""
DEAD_S = 5.0
"""A device that has taken nothing for this long is given up, whatever it reports. An idle PulseAudio sink needs 2 s to
start."""
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 4.0
"""Pauses between attempts to open a device double from the first to the last. An attempt costs 30 ms of CPU."""
CLOSE_S = 2.0
"""Longest wait for the supervisor at the end: a driver may hang in PortAudio."""

log = logging.getLogger(__name__)


class SoundSink(Protocol):
    """Plays cues."""

    muted: bool
    volume: float
    """0…1."""

    def start(self) -> None:
        """Start; returns at once."""
        ...

    def play(self, cue: Cue) -> None:
        """Play the cue now, or never."""
        ...

    def status_changes(self) -> list[str]:
        """Return the lines to show about the device since the last call, each change once."""
        ...

    def close(self) -> None:
        """Stop, within CLOSE_S."""
        ...


class NullSound:
    """A sound sink that plays nothing: for analyses, and for tests of other parts."""

    def __init__(self, *, volume: float = 1.0, muted: bool = True) -> None:
        self.volume = volume
        self.muted = muted

    def start(self) -> None:
        """Do nothing."""

    def play(self, cue: Cue) -> None:
        """Do nothing."""

    def status_changes(self) -> list[str]:
        """Return nothing, because there is no device."""
        return []

    def close(self) -> None:
        """Do nothing."""


class Sound:
    """Plays cues on the system's default output. All methods are called from the main thread."""

    def __init__(
        self,
        voice: Voice,
        style: SoundStyle,
        *,
        volume: float = 1.0,
        muted: bool = False,
        device: SoundDevice | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._voice = voice
        self._style = style
        self._mixer = Mixer(volume=volume, muted=muted)
        self._device = device if device is not None else PortAudioDevice()
        self._clock = clock
        self._rendered_s: float | None = None
        self._changes: deque[str] = deque()
        self._has_sound = True  # as far as the user was told
        self._telling = threading.Lock()
        self._asked_s: float | None = None  # since when the supervisor waits for the sound server
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="sound", daemon=True)

    @property
    def muted(self) -> bool:
        """Whether nothing is audible."""
        return self._mixer.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._mixer.muted = muted

    @property
    def volume(self) -> float:
        """Loudness, 0…1."""
        return self._mixer.volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._mixer.volume = volume

    @property
    def live(self) -> bool:
        """Whether a cue played now would be audible."""
        return self._quiet_for_s() < STALLED_S

    def start(self) -> None:
        """Start to look for a device."""
        self._thread.start()

    def play(self, cue: Cue) -> None:
        """Play the cue with the next block of samples. Without a device it is dropped, because it would come too
        late."""
        if not self.live:
            log.debug("cue not heard, no device: %s", cue.text)
            return
        announcement = announce(cue, self._voice, self._style)
        if announcement is not None:
            self._mixer.play(announcement.samples, spoken=announcement.spoken)

    def status_changes(self) -> list[str]:
        """Return the lines to show about the device since the last call, each change once."""
        asked_s = self._asked_s
        if asked_s is not None and self._clock() - asked_s > ANSWER_S:
            self._tell(NO_ANSWER)
        return [self._changes.popleft() for _ in range(len(self._changes))]

    def close(self) -> None:
        """Fall silent and release the device. A supervisor that hangs in a driver is abandoned."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
            if self._thread.is_alive():
                log.info("the sound device did not close within %s s", CLOSE_S)  # nothing for the user to do

    # From here on: the device's own thread.

    def _render(self, count: int) -> np.ndarray:
        if not self.live:
            self._mixer.clear()
        self._rendered_s = self._clock()
        return self._mixer.render(count)

    # From here on: the supervisor's thread.

    def _supervise(self) -> None:
        retry_s = FIRST_RETRY_S
        try:
            while not self._closing.is_set():
                played = self._open() and self._watch()
                retry_s = FIRST_RETRY_S if played else min(2 * retry_s, LAST_RETRY_S)
                self._closing.wait(retry_s)
        except PortAudioMissingError as err:
            self._tell(str(err))

    def _open(self) -> bool:
        self._asked_s = self._clock()
        try:
            self._device.open(self._render)
        except NoSoundDeviceError as err:
            log.debug("%s", err)
            self._tell(NO_DEVICE)
            return False
        finally:
            self._asked_s = None
        return True

    def _watch(self) -> bool:
        """Stay while the device plays, then close it. Return whether it ever played."""
        opened_s, played = self._clock(), False
        while self._device.active() and not self._closing.wait(WATCH_S):
            if self.live:
                played = True
                self._tell(BACK)
            elif min(self._quiet_for_s(), self._clock() - opened_s) > DEAD_S:
                break
        if not self._closing.is_set():
            self._tell(NO_DEVICE)
        self._asked_s = self._clock()
        self._device.close()  # may never return where the sound server hangs
        self._asked_s = None
        self._rendered_s = None
        self._mixer.clear()
        return played

    def _quiet_for_s(self) -> float:
        rendered_s = self._rendered_s
        return float("inf") if rendered_s is None else self._clock() - rendered_s

    def _tell(self, text: str) -> None:
        """Report that sound is gone, with the first reason, or back. Sound is expected at first."""
        with self._telling:
            if (text == BACK) != self._has_sound:
                self._has_sound = text == BACK
                self._changes.append(text)
