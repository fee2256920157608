"""The shipped sounds are complete, begin at once, are equally loud, and numbers are put together rightly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from livecoach.coaching.cues import recognised
from livecoach.config import exercise
from livecoach.config.paths import configs_dir
from livecoach.errors import ConfigError
from livecoach.feedback.mixer import KNEE, SAMPLE_RATE_HZ
from livecoach.feedback.voice import (
    CLAUSE_PAUSE,
    LARGEST_NUMBER,
    STORED_RATE_HZ,
    file_stem,
    load_voice,
    number_words,
    read_clip,
    sounds_dir,
    upsample,
)

SOUNDS = sounds_dir()
MAX_BYTES = 2_000_000
FILES = sorted(SOUNDS.rglob("*.wav"))
PHRASES = YAML(typ="safe").load(SOUNDS / "phrases.yaml")
SPOKEN = [*sorted((SOUNDS / "numbers").glob("*.wav"))] + [
    SOUNDS / "phrases" / f"{file_stem(phrase)}.wav" for phrase, options in PHRASES.items() if "tone" not in options
]


@pytest.fixture(scope="module")
def voice():
    return load_voice()


def name_of(path) -> str:
    return f"{path.parent.name}/{path.stem}"


def active_rms(clip: np.ndarray) -> float:
    """RMS of the 10 ms pieces within 30 dB of the loudest."""
    piece = SAMPLE_RATE_HZ // 100
    powers = (clip[: len(clip) // piece * piece].reshape(-1, piece) ** 2).mean(axis=1)
    return float(np.sqrt(powers[powers > powers.max() / 1000].mean()))


def value(words: tuple[str, ...]) -> int:
    """Read number words back, as one hears them."""
    total = 0
    for word in words:
        total = total * 100 if word == "100" else total + int(word)
    return total


@pytest.mark.parametrize("number", range(1, 200))
def test_a_number_is_said_as_it_is(number, voice) -> None:
    """The words of every number from 1 to 199 add up to it, are at most four, and are all recorded."""
    words = number_words(number)
    assert value(words) == number
    assert len(words) <= 4
    clip = voice.say(str(number))
    assert len(clip) == sum(len(voice.numbers[word]) for word in words)


def test_examples_of_numbers() -> None:
    """Teens are one word, tens and ones two, hundreds begin with their count."""
    assert number_words(13) == ("13",)
    assert number_words(20) == ("20",)
    assert number_words(23) == ("20", "3")
    assert number_words(100) == ("1", "100")
    assert number_words(123) == ("1", "100", "20", "3")


@pytest.mark.parametrize("text", ["0", "1000", "-1", "3.5", "²", "check that two", ""])
def test_what_was_never_recorded_is_none(text, voice) -> None:
    """An unknown phrase, or a number out of range, is None and no exception."""
    assert voice.say(text) is None


def in_a_row(voice, *parts: str) -> np.ndarray:
    return np.concatenate([CLAUSE_PAUSE if part == "," else voice.say(part) for part in parts])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("8 reps, 7 good", ("8", "reps", ",", "7", "good")),
        ("1 rep, all good", ("1", "rep", ",", "all good")),
        ("23 reps, none good", ("20", "3", "reps", ",", "none good")),
        ("5 reps, not judged", ("5", "reps", ",", "not judged")),
        ("8 reps, 5 good, 2 not judged", ("8", "reps", ",", "5", "good", ",", "2", "not judged")),
        ("8 reps", ("8", "reps")),
    ],
)
def test_a_summary_is_put_together_from_numbers_and_words(text, parts, voice) -> None:
    """The longest phrase wins, and there is a pause at the comma."""
    np.testing.assert_array_equal(voice.say(text), in_a_row(voice, *parts))


@pytest.mark.parametrize("text", ["8 reps, 7 fine", "8 reps,", ", 7 good", "0 reps", "8 reps, 1000 good", " "])
def test_a_row_with_anything_unknown_in_it_is_not_said_at_all(text, voice) -> None:
    """Half a sentence would mislead."""
    assert voice.say(text) is None


@given(reps=st.integers(1, LARGEST_NUMBER), good=st.integers(1, LARGEST_NUMBER))
def test_any_summary_can_be_said(reps, good, voice) -> None:
    """Of any set that anybody lifts."""
    assert voice.say(f"{reps} {'rep' if reps == 1 else 'reps'}, {good} good") is not None


def test_every_phrase_is_recorded_and_every_recording_listed(voice) -> None:
    """phrases.yaml and the recordings name the same phrases."""
    assert set(voice.phrases) == set(PHRASES)
    assert all(voice.say(phrase) is not None for phrase in PHRASES)


@pytest.mark.parametrize("name", exercise.names())
def test_the_title_of_every_exercise_is_recorded(name, voice) -> None:
    """It is spoken when the exercise is recognised."""
    assert voice.say(recognised(exercise.load(name).title).say or "") is not None


def cues_in(settings: object) -> list[str]:
    """Every text under a key that ends in "cue", at any depth."""
    if isinstance(settings, list):
        return [cue for item in settings for cue in cues_in(item)]
    if not isinstance(settings, dict):
        return []
    here = [str(value) for key, value in settings.items() if str(key).endswith("cue")]
    return here + [cue for value in settings.values() for cue in cues_in(value)]


CONFIGS = [path for folder in ("exercises", "faults") for path in sorted((configs_dir() / folder).glob("*.yaml"))]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_cue_of_an_exercise_and_its_faults_is_recorded(path, voice) -> None:
    """Nothing that is shipped asks for words that are not there. An exercise may have no named fault."""
    content = YAML(typ="safe").load(path)
    cues = cues_in(content)
    assert cues or content["faults"] == {}
    assert [cue for cue in cues if voice.say(cue) is None] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_clip_is_heard_at_once_and_is_not_clipped(path) -> None:
    """Each begins within 20 ms, ends without a click, stays under the limiter's knee, and is short."""
    clip = read_clip(path)
    peak = np.abs(clip).max()
    assert np.flatnonzero(np.abs(clip) > 0.02 * peak)[0] <= 0.020 * SAMPLE_RATE_HZ
    assert np.abs(clip[-24:]).max() <= 0.05 * peak
    assert 0.1 < peak < KNEE
    assert 0.03 < len(clip) / SAMPLE_RATE_HZ < 1.6


@pytest.mark.parametrize("path", SPOKEN, ids=name_of)
def test_speech_is_equally_loud(path) -> None:
    """Every number and phrase is within 1 dB of -16 dB of full scale."""
    assert 20 * np.log10(active_rms(read_clip(path))) == pytest.approx(-16, abs=1)


def test_the_alarm_is_louder_than_speech_and_the_ready_tone_softer(voice) -> None:
    """Tones are as urgent as what they mean."""
    speech = active_rms(voice.say("check that one"))
    assert active_rms(voice.tones["alarm"]) > 1.4 * speech
    assert active_rms(voice.tones["ready"]) < 0.7 * speech
    assert active_rms(voice.say("ready")) < 0.7 * speech


def test_tones_are_told_apart_by_pitch(voice) -> None:
    """The warning is low, an octave and more under the ready tone; the alarm is highest."""
    pitch = {name: loudest_hz(voice.tones[name]) for name in ("warning", "ready", "alarm")}
    assert 2 * pitch["warning"] < pitch["ready"] < pitch["alarm"]


def loudest_hz(clip: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(clip))) * SAMPLE_RATE_HZ / len(clip))


def test_the_sounds_stay_small() -> None:
    """All recordings together fit into MAX_BYTES."""
    assert sum(path.stat().st_size for path in FILES) <= MAX_BYTES


@pytest.mark.parametrize("hz", [200, 1000, 5000, 6000])
def test_upsampling_keeps_a_sine(hz) -> None:
    """A sine stored at 16 kHz is the same sine at 48 kHz, undelayed, within 1 %."""
    stored = np.sin(2 * np.pi * hz * np.arange(1600) / STORED_RATE_HZ).astype(np.float32)
    wanted = np.sin(2 * np.pi * hz * np.arange(4800) / SAMPLE_RATE_HZ)
    inner = slice(200, -200)
    np.testing.assert_allclose(upsample(stored)[inner], wanted[inner], atol=0.01)


def test_a_damaged_file_is_named(tmp_path) -> None:
    """A file that is no WAV is an error with its path."""
    path = tmp_path / "1.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(ConfigError, match=r"1\.wav"):
        read_clip(path)


def test_a_missing_number_is_named(tmp_path) -> None:
    """A folder without the sounds is an error that says which are missing."""
    with pytest.raises(ConfigError, match=r"no sound for 1, 10, 100.*alarm"):
        load_voice(tmp_path)
