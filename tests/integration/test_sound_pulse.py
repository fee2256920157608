"""Cues are heard: played into a private PulseAudio, recorded at its monitor, and recognised there."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from builders.heard_clips import find, listen
from builders.sound_player import SoundPlayer, sound_player
from builders.sound_server import SoundServer, sound_missing, sound_server

from livecoach.core.types import Cue
from livecoach.feedback.sound import BACK, NO_DEVICE
from livecoach.feedback.voice import load_voice, upsample

pytestmark = pytest.mark.skipif(bool(sound_missing()), reason=sound_missing())

SEVEN = Cue(kind="good_rep", text="7", rep=7, say="7")
LIKENESS = 0.9
SEARCH_S = 0.5
"""Far longer than a cue may take."""


@pytest.fixture
def sink() -> Iterator[SoundServer]:
    with sound_server() as sink:
        yield sink


def heard(sink: SoundServer, player: SoundPlayer, cue: Cue, voice: str = "en") -> float:
    """Play a cue, and twice more if a busy machine drops a piece of it. Return its best likeness at the monitor."""
    samples = upsample(load_voice(voice).announcement(cue)[0])
    likeness = 0.0
    for _ in range(3):
        with sink.recording() as recording:
            listen(recording, 0.3)
            called_s = player.play(cue)
            listen(recording, len(samples) / 48_000 + SEARCH_S + 0.1)
            likeness = max(likeness, find(recording, samples, from_s=called_s - 0.05, within_s=SEARCH_S).likeness)
        if likeness >= LIKENESS:
            break
    return likeness


def test_a_set_is_heard_in_the_voice_s_language(sink) -> None:
    words = "21 reps, 20 good"
    with sound_player(sink.env, voice="de") as player:
        player.wait_live(live=True, timeout_s=30)
        assert heard(sink, player, Cue(kind="set_over", text=words, rep=None, say=words), "de") >= LIKENESS


def test_the_check_plays_a_word_that_is_heard(sink, sessions) -> None:  # noqa: ARG001 (it isolates the settings)
    plays = "from livecoach.lab.tools import trials; print(trials.check_sound('ready')[0].status)"
    with sink.recording() as recording:
        began_s = time.monotonic()
        child = subprocess.run([sys.executable, "-c", plays], env=sink.env, capture_output=True, text=True, check=True)
        listen(recording, 0.2)
        samples = upsample(load_voice().speech_clip("ready"))
        took_s = time.monotonic() - began_s
        assert find(recording, samples, from_s=began_s, within_s=took_s).likeness >= LIKENESS
    assert child.stdout == "ok\n"


def test_a_new_number_silences_the_number_before_it(sink) -> None:
    voice = load_voice()
    first, second = upsample(voice.speech_clip("7")), upsample(voice.speech_clip("8"))
    with sound_player(sink.env) as player, sink.recording() as recording:
        player.wait_live(live=True, timeout_s=30)
        listen(recording, 0.2)
        called_s = player.play(SEVEN)
        listen(recording, 0.1)
        again_s = player.play(Cue(kind="good_rep", text="8", rep=8, say="8"))
        listen(recording, 1.2)
        assert find(recording, second, from_s=again_s - 0.05, within_s=SEARCH_S).likeness >= LIKENESS
        assert find(recording, first, from_s=called_s - 0.05, within_s=SEARCH_S).likeness < LIKENESS


def test_a_lost_server_is_reported_once_and_sound_comes_back(sink) -> None:
    with sound_player(sink.env) as player:
        player.wait_live(live=True, timeout_s=30)
        sink.kill()
        player.wait_live(live=False, timeout_s=30)
        player.play(SEVEN)
        assert next_status(player) == [NO_DEVICE]
        sink.start()
        player.wait_live(live=True, timeout_s=30)
        assert next_status(player) == [BACK]
        assert heard(sink, player, SEVEN) >= LIKENESS
        assert player.take_status_changes() == []


def next_status(player: SoundPlayer) -> list[str]:
    for _ in range(300):
        if changes := player.take_status_changes():
            return changes
        time.sleep(0.1)
    pytest.fail("no line about the device")
