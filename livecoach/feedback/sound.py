"""Cues, heard. The only thread is the supervisor's, which keeps a device open as far as there is one."""

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

NO_DEVICE = "no sound device: cues are shown only"
BACK = "sound is back"
WATCH_S = 0.1
"""How often the supervisor looks whether the device is still there."""
STALLED_S = 0.3
"""A device that took nothing for so long will not play a cue while it matters (it takes 12 ms of sound at a time)."""
DEAD_S = 5.0
"""A device that took nothing for so long is given up, whatever it says. An idle PulseAudio sink needs 2 s to begin."""
FIRST_RETRY_S = 0.5
LAST_RETRY_S = 4.0
"""Pauses between attempts to open a device double from the first to the last; an attempt costs 30 ms of CPU."""
CLOSE_S = 2.0
"""Longest wait for the supervisor at the end: a driver may hang in PortAudio."""

log = logging.getLogger(__name__)


class SoundSink(Protocol):
    """Where cues go to be heard."""

    muted: bool
    volume: float
    """0…1."""

    def start(self) -> None:
        """Begin; returns at once."""
        ...

    def play(self, cue: Cue) -> None:
        """Sound the cue now, or never."""
        ...

    def status_changes(self) -> list[str]:
        """Return the lines to show about the device since the last call, each change once."""
        ...

    def close(self) -> None:
        """End, within CLOSE_S."""
        ...


class NullSound:
    """Sound that is off: for analyses, and for tests of others."""

    def __init__(self, *, volume: float = 1.0, muted: bool = True) -> None:
        self.volume = volume
        self.muted = muted

    def start(self) -> None:
        """Do nothing."""

    def play(self, cue: Cue) -> None:
        """Do nothing."""

    def status_changes(self) -> list[str]:
        """Return nothing: no device is wanted."""
        return []

    def close(self) -> None:
        """Do nothing."""


class Sound:
    """Cues by the system's default output. Made, told and closed by the main thread."""

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
        self._told = BACK
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="sound", daemon=True)

    @property
    def muted(self) -> bool:
        """Whether nothing is heard."""
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
        """Whether a cue played now would be heard."""
        return self._quiet_for_s() < STALLED_S

    def start(self) -> None:
        """Begin to look for a device."""
        self._thread.start()

    def play(self, cue: Cue) -> None:
        """Sound the cue with the next block of samples; without a device it is dropped, as it would come too late."""
        if not self.live:
            log.debug("cue not heard, no device: %s", cue.text)
            return
        announcement = announce(cue, self._voice, self._style)
        if announcement is not None:
            self._mixer.play(announcement.samples, spoken=announcement.spoken)

    def status_changes(self) -> list[str]:
        """Return the lines to show about the device since the last call, each change once."""
        return [self._changes.popleft() for _ in range(len(self._changes))]

    def close(self) -> None:
        """Fall silent and give the device back; a supervisor that hangs in a driver is left behind."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
            if self._thread.is_alive():
                log.warning("the sound device did not close within %s s", CLOSE_S)

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
        try:
            self._device.open(self._render)
        except NoSoundDeviceError as err:
            log.debug("%s", err)
            self._tell(NO_DEVICE)
            return False
        return True

    def _watch(self) -> bool:
        """Stay as long as the device plays, then close it. Return whether it ever played."""
        opened_s, played = self._clock(), False
        while self._device.active() and not self._closing.wait(WATCH_S):
            if self.live:
                played = True
                self._tell(BACK)
            elif min(self._quiet_for_s(), self._clock() - opened_s) > DEAD_S:
                break
        if not self._closing.is_set():
            self._tell(NO_DEVICE)
        self._device.close()  # may take for ever where the sound server hangs
        self._rendered_s = None
        self._mixer.clear()
        return played

    def _quiet_for_s(self) -> float:
        rendered_s = self._rendered_s
        return float("inf") if rendered_s is None else self._clock() - rendered_s

    def _tell(self, text: str) -> None:
        """Note a change. To begin with sound is expected, so only its absence is news."""
        if text != self._told:
            self._told = text
            self._changes.append(text)
