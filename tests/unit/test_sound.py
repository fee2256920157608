"""What a cue sounds like, and how sound lives with a device that comes and goes."""

import logging
import sys
import threading
from dataclasses import replace
from functools import partial
from importlib.machinery import SourceFileLoader

import numpy as np
import pytest
from builders.waiting import TIMEOUT_S, wait_until

from livecoach.core.types import Cue
from livecoach.feedback import sound as sound_module
from livecoach.feedback.sound import (
    ANSWER_S,
    BACK,
    LAST_S,
    NO_ANSWER,
    NO_DEVICE,
    NoSoundDeviceError,
    Sound,
    SoundDevice,
    load_portaudio,
)
from livecoach.feedback.voice import load_voice, upsample


@pytest.fixture(scope="module")
def voice():
    return load_voice()


def a_cue(kind="good_rep", *, say: str | None = "8", text="8") -> Cue:
    return Cue(kind=kind, text=text, rep=8, say=say)


class FakeDevice(SoundDevice):
    """A device that is there or not, as the test says, and takes samples when the test pulls."""

    def __init__(self, *, present: bool = True, dead: bool = False) -> None:
        self.present, self.dead = present, dead
        self.render = None
        self.opened = self.tried = self.looks = 0

    def open(self, render) -> None:
        self.tried += 1
        if not self.present:
            raise NoSoundDeviceError("none")
        self.opened += 1
        self.render = render

    def is_active(self) -> bool:
        self.looks += 1
        return self.present and not self.dead and self.render is not None

    def close(self) -> None:
        self.render = None


@pytest.fixture
def device(request):
    """One that is there; a test may ask for another one by what makes it."""
    return getattr(request, "param", FakeDevice)()


ABSENT, DEAD = partial(FakeDevice, present=False), partial(FakeDevice, dead=True)


@pytest.fixture
def clock_s() -> list[float]:
    """What the clock of `sound` reads: the test moves it, so that no busy machine makes a device late."""
    return [100.0]


@pytest.fixture
def sound(voice, device, clock_s, monkeypatch):
    monkeypatch.setattr(sound_module, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(sound_module, "LAST_RETRY_S", 0.02)
    sound = Sound(voice, device=device, clock=lambda: clock_s[0])
    sound.start()
    yield sound
    sound.close()
    sound.close()  # The first call waits for the clip that plays


def changes_of(sound: Sound) -> list[str]:
    """Wait for a change of the device; return all since the last call."""
    changes: list[str] = []
    wait_until(lambda: changes.extend(sound.take_status_changes()) or changes)
    return changes


def pull(device, count=480) -> np.ndarray:
    wait_until(lambda: device.render is not None)
    return device.render(count)


ANY = ("number", "tick", "none")
"""Whatever the lifter wants to hear of good reps."""


@pytest.mark.parametrize(
    ("kind", "say", "styles", "tone", "words"),
    [
        ("good_rep", "8", ("number",), None, "8"),
        ("unjudged_rep", "8", ("number",), None, "8"),
        ("good_rep", "8", ("tick",), "tick", None),
        ("unjudged_rep", "8", ("tick",), "tick", None),
        ("good_rep", None, ("number",), "tick", None),
        ("good_rep", "never recorded", ("number",), "tick", None),
        ("fixed", "good", ANY, None, "good"),  # it answers a correction, so the setting for counts leaves it alone
        ("anomalous_rep", "check that one", ANY, "alarm", "check that one"),
        ("anomalous_rep", "never recorded", ANY, "alarm", None),
        ("anomalous_rep", None, ANY, "alarm", None),
        ("stop", "8, stop", ANY, "warning", "8, stop"),  # the lifter asked for it
        ("warning", "step back", ANY, "warning", None),  # never words, whatever it says
        ("ready", "ready", ANY, None, "ready"),
        ("ready", None, ANY, "ready", None),
        ("rested", None, ANY, "ready", None),
        ("learned", None, ANY, "ready", None),
        ("set_over", "8 reps, 7 good", ANY, None, "8 reps, 7 good"),  # once a set: nobody asked for silence there
    ],
)
def test_a_cue_is_its_tone_and_then_its_words(kind, say, styles, tone, words, voice) -> None:
    """As one announcement. Words that were never recorded do not raise in mid-set: the tone is heard."""
    for style in styles:
        samples, spoken = replace(voice, good_rep=style).announcement(a_cue(kind, say=say))
        parts = ([voice.tones[tone]] if tone else []) + ([voice.speech_clip(words)] if words else [])
        np.testing.assert_array_equal(samples[: len(parts[0])], parts[0])
        np.testing.assert_array_equal(samples[-len(parts[-1]) :], parts[-1])
        assert (len(samples) > len(parts[0])) == (len(parts) > 1)
        # A tone alone takes nothing else's place; an alarm does, with words or without them.
        assert spoken == (words is not None or kind in ("anomalous_rep", "stop"))


@pytest.mark.parametrize("kind", ["good_rep", "counted_rep", "unjudged_rep"])
def test_a_count_may_be_silent(kind, voice) -> None:
    assert replace(voice, good_rep="none").announcement(a_cue(kind)) is None


def test_sound_that_begins_well_has_nothing_to_say(sound, device) -> None:
    pull(device)
    wait_until(lambda: device.looks >= 3)
    assert sound.take_status_changes() == []


def test_loss_and_return_of_a_sound_device_are_each_reported_once(sound, device, voice) -> None:
    pull(device)
    sound.play(a_cue(say="7"))
    device.present = False
    wait_until(lambda: device.render is None and not sound.is_live)
    sound.play(a_cue(say="8"))
    in_vain = device.tried + 2
    wait_until(lambda: device.tried >= in_vain)
    assert sound.take_status_changes() == [NO_DEVICE]
    device.present = True
    assert not pull(device, 48_000).any()
    wait_until(lambda: pull(device) is not None and (changes := sound.take_status_changes()) and changes == [BACK])
    sound.play(a_cue(say="9"))
    np.testing.assert_allclose(pull(device), upsample(voice.number_clip(9))[:480], atol=1e-6)
    assert sound.take_status_changes() == []


@pytest.mark.parametrize("device", [ABSENT], indirect=True)
@pytest.mark.usefixtures("device")
def test_without_a_device_cues_are_dropped_which_is_reported_once(sound) -> None:
    assert changes_of(sound) == [NO_DEVICE]
    sound.play(a_cue())
    sound.close()
    assert sound.take_status_changes() == []


def test_a_device_that_stalls_drops_its_cues(sound, device, clock_s) -> None:
    pull(device)
    sound.play(a_cue())
    clock_s[0] += 0.5
    assert not sound.is_live
    assert not pull(device, 4800).any()


def test_a_device_that_hangs_is_given_up_and_reported(sound, device, clock_s) -> None:
    pull(device)
    wait_until(lambda: device.looks)
    clock_s[0] += 10
    assert changes_of(sound) == [NO_DEVICE]
    wait_until(lambda: device.opened == 2)


class Pauses(threading.Event):
    """Keeps how long it was to be waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.taken.append(timeout)
        return super().wait(0.001)


@pytest.mark.parametrize("device", [DEAD], indirect=True)
def test_a_device_that_dies_again_and_again_is_not_tried_in_a_tight_loop(voice, device) -> None:
    sound = Sound(voice, device=device)
    sound._closing = pauses = Pauses()
    sound.start()
    wait_until(lambda: device.opened >= 5)
    sound.close()
    assert pauses.taken[:4] == [1.0, 2.0, 4.0, 4.0]


def test_mute_is_set_at_any_time(sound, device) -> None:
    sound.muted = True
    pull(device, 960)
    sound.play(a_cue())
    assert sound.muted
    assert not pull(device, 4800).any()


def test_a_muted_run_opens_no_device_until_it_is_heard(voice, device) -> None:
    """A device takes 2 % of a core, and as much is spent in looking for one that is not there."""
    sounds = [Sound(voice, device=device, muted=True) for _ in range(2)]
    for sound in sounds:
        sound.start()
    sounds[0].close()  # at once
    assert not device.opened
    sounds[1].muted = False
    wait_until(lambda: device.opened == 1)
    sounds[1].close()


@pytest.mark.parametrize("ending", ["over", "late", "cut"])
def test_the_last_words_go_on_after_the_run_for_a_while(ending, sound, device, clock_s, voice) -> None:
    """The run does not wait for them, but the process does, and the next run's sound."""
    pull(device)
    wait_until(lambda: sound.is_live)
    sound.play(a_cue("set_over", say="8 reps, 7 good"))
    heard = pull(device)
    sound.close()
    (waiting,) = (thread for thread in threading.enumerate() if thread.name == "last words")
    assert not waiting.daemon
    following = Sound(voice, device=FakeDevice())
    following.start()
    render, until_s = device.render, clock_s[0] + LAST_S
    while ending == "over" and sound._mixer.is_playing:
        heard = np.append(heard, render(480))
    while ending == "late" and clock_s[0] <= until_s:
        render(1)
        clock_s[0] += 0.1
    assert not following._device.opened
    if ending == "cut":
        sound.close()
    waiting.join(TIMEOUT_S)
    assert device.render is None
    if ending == "over":
        words = upsample(voice.speech_clip("8 reps, 7 good"))
        assert np.allclose(heard[: len(words)], words, atol=0.01)
    wait_until(lambda: following._device.opened)
    following.close()


class HungDevice(FakeDevice):
    """A device of a sound server that takes requests and does not answer until the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = threading.Event(), threading.Event()

    def open(self, render) -> None:
        self.asked.set()
        assert self.answers.wait(TIMEOUT_S)
        super().open(render)


@pytest.mark.parametrize("device", [HungDevice], indirect=True)
def test_a_sound_server_that_does_not_answer_is_reported_once(sound, device, clock_s) -> None:
    assert device.asked.wait(TIMEOUT_S)
    assert sound.take_status_changes() == []
    clock_s[0] += ANSWER_S + 0.1
    assert sound.take_status_changes() == [NO_ANSWER]
    clock_s[0] += 10 * ANSWER_S
    assert sound.take_status_changes() == []
    device.answers.set()
    pull(device)
    assert changes_of(sound) == [BACK]


@pytest.mark.parametrize("device", [HungDevice], indirect=True)
def test_a_driver_that_hangs_at_the_end_is_left_without_a_word(sound, device, monkeypatch, caplog) -> None:
    """There is nothing that the user could do, and another line would hide why the run ended."""
    monkeypatch.setattr(sound_module, "CLOSE_S", 0.05)
    assert device.asked.wait(TIMEOUT_S)
    sound.close()
    device.answers.set()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []  # these reach the terminal


def test_missing_portaudio_is_reported_once_with_the_command(voice, monkeypatch) -> None:
    def no_portaudio(*_):
        raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(SourceFileLoader, "exec_module", no_portaudio)
    monkeypatch.setattr(sys, "platform", "linux")
    load_portaudio.cache_clear()
    sound = Sound(voice)
    sound.start()
    changes = changes_of(sound)
    sound.play(a_cue())
    sound.close()
    assert changes == ["no sound, because PortAudio is missing: sudo apt install libportaudio2 libasound2-plugins"]
