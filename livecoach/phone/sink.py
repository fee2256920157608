"""The phone as screen, voice and remote, beside the window and the sound device."""

import io
import wave

import numpy as np

from livecoach.feedback.announce import SoundStyle, announce
from livecoach.feedback.entries import EnteredText, Entry, PlannedRest
from livecoach.feedback.mixer import SAMPLE_RATE_HZ, soft_limit
from livecoach.feedback.run_status import RunStatus
from livecoach.feedback.screen import Screen
from livecoach.feedback.sound import SoundSink
from livecoach.feedback.voice import STORED_RATE_HZ, Voice
from livecoach.feedback.window import Action
from livecoach.language import told
from livecoach.phone.link import PhoneLink
from livecoach.phone.offer import Offer
from livecoach.phone.protocol import ActionName, RemoteAction
from livecoach.phone.state import StateBuilder
from livecoach.types import Cue, CueKind, Step

MOST_HZ = 15.0
"""States a second, in the frames' own time; what is news comes at once."""
_PRESSED: dict[ActionName, Action] = {
    "quit": Action.QUIT,
    "mute": Action.MUTE,
    "good": Action.GOOD,
    "bad": Action.BAD,
    "no-rep": Action.NO_REP,
    "undo": Action.UNDO,
    "start-set": Action.START_SET,
    "end-set": Action.END_SET,
    "choose-1": Action.CHOOSE_FIRST,
    "choose-2": Action.CHOOSE_SECOND,
}
VIBRATIONS_MS: dict[CueKind, list[int]] = {
    "anomalous_rep": [200, 100, 200],
    "stop": [400, 100, 400],
    "warning": [100, 60, 100, 60, 100],
    "rested": [150, 100, 150],
    "good_rep": [40],
    "fixed": [40, 60, 40],
}
"""Milliseconds on and off: a correction can be told from a good rep in the pocket. Our choice."""


class PhoneScreen:
    """Shows steps in the window, where there is one, and on the phone; takes the keys of both."""

    def __init__(
        self, window: Screen | None, link: PhoneLink, states: StateBuilder, offer: Offer | None = None
    ) -> None:
        """offer: what can be chosen on the remote; None: nothing."""
        self._window, self._link, self._states, self._offer = window, link, states, offer
        self._sent_s = float("-inf")
        self._asks = False
        self._typing = False

    @property
    def help(self) -> bool:
        """Whether the window shows the keys."""
        return self._window is not None and self._window.help

    @property
    def info(self) -> bool:
        """Whether the window shows the figures of the run."""
        return self._window is not None and self._window.info

    @property
    def typing(self) -> bool:
        """Whether all keys belong to a text that is being typed."""
        return self._typing

    @typing.setter
    def typing(self, typing: bool) -> None:
        self._typing = typing
        if self._window is not None:
            self._window.typing = typing

    def show(self, picture: np.ndarray | None, step: Step, status: RunStatus, age_s: float | None) -> bool:
        """Send the state, then draw. As Screen.show."""
        self._states.update(step)
        t_s = step.observation.t_s
        news = age_s is None or step.rep is not None or step.cue is not None or bool(step.notices)
        if news or not 0 <= t_s - self._sent_s < 1 / MOST_HZ:
            self._sent_s = t_s
            fields = self._states.fields(step, status)
            self._asks = bool(fields["choices"])
            self._link.tell_state(fields)
        return self._window.show(picture, step, status, age_s) if self._window is not None else True

    def actions(self) -> list[Entry]:
        """Return the keys of the window, then what was pressed on the phone."""
        pressed: list[Entry] = []
        if self._window is not None:
            pressed += self._window.actions()
        for action in self._link.actions():
            pressed += self._keys(action)
        return pressed

    def _keys(self, action: RemoteAction) -> list[Entry]:
        """Return the keys that an action stands for."""
        name = action.name
        if name in ("exercise", "profile"):
            chosen = None if self._offer is None else self._offer.chosen(action)
            return [] if chosen is None else [chosen]
        if name == "rest":
            return [PlannedRest(_seconds(action.value))]
        if name in ("load", "rpe", "note"):
            return [EnteredText(name, action.value)]
        if name in ("choose-1", "choose-2") and not self._asks:
            return []  # while nothing is asked, these keys would be digits of a load
        return [_PRESSED[name]]


class PhoneSound:
    """Plays cues on the sound device and on the phone; a SoundSink."""

    def __init__(self, device: SoundSink, link: PhoneLink, voice: Voice, style: SoundStyle) -> None:
        self._device, self._link, self._voice, self._style = device, link, voice, style

    @property
    def muted(self) -> bool:
        """Whether nothing is audible, here and there."""
        return self._device.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._device.muted = muted

    @property
    def volume(self) -> float:
        """Loudness, 0…1. The phone has its own keys for it."""
        return self._device.volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._device.volume = volume

    def start(self) -> None:
        """Start the device."""
        self._device.start()

    def play(self, cue: Cue) -> None:
        """Play the cue here, and send it to the phone."""
        self._device.play(cue)
        sound = None if self.muted else wav(cue, self._voice, self._style)
        fields = {
            "text": told(cue.text),
            "kind": cue.kind,
            "vibrate_ms": VIBRATIONS_MS.get(cue.kind),
            "rep": cue.rep,
        }
        self._link.tell_cue(fields, sound)

    def status_changes(self) -> list[str]:
        """Return the device's."""
        return self._device.status_changes()

    def close(self) -> None:
        """Close the device."""
        self._device.close()


def wav(cue: Cue, voice: Voice, style: SoundStyle) -> bytes | None:
    """Return a cue's sound as a WAV file of 16 bits, mono; None for silence."""
    announcement = announce(cue, voice, style)
    if announcement is None:
        return None
    # The clips were computed from this rate, so nothing above its half is lost.
    samples = announcement.samples[:: SAMPLE_RATE_HZ // STORED_RATE_HZ].copy()
    soft_limit(samples)
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(STORED_RATE_HZ)
        written.writeframes((samples * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _seconds(text: str) -> float | None:
    """Return a rest; None for 0, and for what is no number."""
    try:
        return float(text.replace(",", ".")) or None
    except ValueError:
        return None
