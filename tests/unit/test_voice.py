"""The shipped sounds are complete, begin at once, are equally loud, and numbers are put together rightly."""

import shutil
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from livecoach.core.config import exercise, load_settings
from livecoach.core.config.paths import configs_dir
from livecoach.core.config.yaml_files import load_trusted
from livecoach.core.errors import ConfigError
from livecoach.decisions.coaching.cues import recognition_cue
from livecoach.feedback.sound import KNEE
from livecoach.feedback.voice import (
    CLAUSE_PAUSE,
    LARGEST_NUMBER,
    SAMPLE_RATE_HZ,
    STORED_RATE_HZ,
    load_voice,
    number_parts,
    read_clip,
    sounds_dir,
    upsample,
)
from livecoach.run.sounds import load_spoken_voice

SOUNDS = sounds_dir()
VOICES = sorted(path.parent.name for path in SOUNDS.glob("*/voice.yaml"))
MOST_BYTES, MOST_BYTES_JOINED = 4_500_000, 2_000_000
"""Of a voice with a recording of each number up to a hundred, and of one that joins tens and ones."""
FILES = sorted(SOUNDS.rglob("*.wav"))
PHRASES = load_trusted(SOUNDS / "phrases.yaml")
SPOKEN = [*sorted(SOUNDS.glob("*/numbers/*.wav"))] + [
    SOUNDS / voice / "phrases" / f"{phrase.replace(' ', '-')}.wav"
    for voice in VOICES
    for phrase, options in PHRASES.items()
    if "tone" not in options
]


@pytest.fixture(scope="module")
def clips():
    return {name_of(path): read_clip(path) for path in FILES}


@cache
def shipped_voice(name):
    return load_voice(name)


@pytest.fixture(params=VOICES)
def voice(request):
    return shipped_voice(request.param)


@pytest.fixture
def english():
    return shipped_voice("en")


def name_of(path) -> str:
    return str(path.relative_to(SOUNDS).with_suffix(""))


def active_rms(clip: np.ndarray) -> float:
    """RMS of the 10 ms pieces within 30 dB of the loudest."""
    piece = STORED_RATE_HZ // 100
    powers = (clip[: len(clip) // piece * piece].reshape(-1, piece) ** 2).mean(axis=1)
    return float(np.sqrt(powers[powers > powers.max() / 1000].mean()))


def value(words: tuple[str, ...]) -> int:
    """Read number words back, as one hears them."""
    total = 0
    for word in words:
        number = int(word.removesuffix("-f").removesuffix("-and"))
        total = total * 100 if number == 100 and total else total + number
    return total


@pytest.mark.parametrize("counts", [False, True])
def test_a_number_is_spoken_as_it_is(counts, voice) -> None:
    for number in range(1, LARGEST_NUMBER + 1):
        words = number_parts(number, voice.numbers, precedes_noun=counts)
        assert value(words) == number
        assert len(words) <= 4
        assert set(words) <= voice.numbers.keys()
    clip = voice.number_clip(223, precedes_noun=counts)
    assert len(clip) == sum(len(voice.numbers[word]) for word in number_parts(223, voice.numbers, precedes_noun=counts))


@pytest.mark.parametrize(
    ("language", "counts", "parts"),
    [
        ("en", False, {13: "13", 20: "20", 23: "20 3", 100: "1 100", 123: "1 100 20 3"}),
        ("de", False, {21: "21", 100: "100", 123: "100 23", 200: "200"}),
        ("es", False, {31: "31", 100: "100", 101: "100-and 1", 555: "500 55"}),
        ("de", True, {1: "1-f", 2: "2", 101: "100 1-f"}),
        ("es", True, {1: "1-f", 21: "21-f", 231: "200-f 31-f"}),
    ],
)
def test_a_number_is_joined_from_the_recordings_of_its_language(language, counts, parts) -> None:
    """English joins tens and ones from two words; German and Spanish have a recording of each number up to a hundred,
    and Spanish says "ciento" before others. A number of reps has the gender of the word: "eine Wiederholung"."""
    recorded = shipped_voice(language).numbers
    assert {number: " ".join(number_parts(number, recorded, precedes_noun=counts)) for number in parts} == parts


def test_a_rep_is_counted_without_gender_and_reps_with_it() -> None:
    voice = shipped_voice("de")
    np.testing.assert_array_equal(voice.speech_clip("1"), voice.numbers["1"])
    np.testing.assert_array_equal(
        voice.speech_clip("1 rep"), np.concatenate([voice.numbers["1-f"], voice.phrases["rep"]])
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("8 reps, 7 good", ("8", "reps", ",", "7", "good")),
        ("1 rep, all good", ("1", "rep", ",", "all good")),
        ("23 reps, none good", ("23", "reps", ",", "none good")),
        ("5 reps, not judged", ("5", "reps", ",", "not judged")),
        ("8 reps, 5 good, 2 not judged", ("8", "reps", ",", "5", "good", ",", "2", "not judged")),
        ("8 reps", ("8", "reps")),
        ("8 reps, 8 good, in this view", ("8", "reps", ",", "8", "good", ",", "in this view")),
    ],
)
def test_a_summary_is_put_together_from_numbers_and_words(text, parts, voice) -> None:
    said = {
        part: voice.number_clip(int(part), precedes_noun=True) if part.isdigit() else voice.speech_clip(part)
        for part in parts
    }
    in_a_row = np.concatenate([CLAUSE_PAUSE if part == "," else said[part] for part in parts])
    np.testing.assert_array_equal(voice.speech_clip(text), in_a_row)


UNKNOWN = ("0", "1000", "-1", "3.5", "²", "check that two", "")


@pytest.mark.parametrize(
    "text", [*UNKNOWN, "8 reps, 7 fine", "8 reps,", ", 7 good", "0 reps", "8 reps, 1000 good", " "]
)
def test_a_text_with_an_unknown_part_is_not_spoken_at_all(text, voice) -> None:
    assert voice.speech_clip(text) is None


def test_every_phrase_and_title_is_recorded_and_every_recording_listed(voice) -> None:
    assert set(voice.phrases) == set(PHRASES)
    assert all(voice.speech_clip(phrase) is not None for phrase in PHRASES)
    said = [recognition_cue(exercise.load(name).title).say or "" for name in exercise.names()]
    assert [title for title in said if voice.speech_clip(title) is None] == []


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
def test_every_cue_of_an_exercise_and_its_faults_is_recorded(path) -> None:
    """Nothing that is shipped asks for words that are not there. An exercise may have no named fault."""
    content = load_trusted(path)
    cues = cues_in(content)
    assert cues or content["faults"] == {}
    assert [(cue, name) for cue in cues for name in VOICES if shipped_voice(name).speech_clip(cue) is None] == []


def test_a_clip_is_heard_at_once_and_is_not_clipped(clips) -> None:
    for name, clip in clips.items():
        peak = np.abs(upsample(clip)).max()
        assert np.flatnonzero(np.abs(clip) > 0.02 * peak)[0] <= 0.020 * STORED_RATE_HZ, name
        assert np.abs(clip[-8:]).max() <= 0.05 * peak, name
        assert 0.1 < peak < KNEE, name
        assert 0.03 < len(clip) / STORED_RATE_HZ < 1.6, name


def test_all_spoken_phrases_are_equally_loud(clips) -> None:
    for name in map(name_of, SPOKEN):
        assert 20 * np.log10(active_rms(clips[name])) == pytest.approx(-16, abs=1), name


def test_the_alarm_is_louder_than_speech_and_the_ready_tone_softer(voice) -> None:
    speech = active_rms(voice.speech_clip("check that one"))
    assert active_rms(voice.tones["alarm"]) > 1.4 * speech
    assert active_rms(voice.tones["ready"]) < 0.7 * speech
    assert active_rms(voice.speech_clip("ready")) < 0.7 * speech


def test_tones_differ_in_pitch(english) -> None:
    clips = {name: english.tones[name] for name in ("warning", "ready", "alarm")}
    pitch = {name: np.argmax(np.abs(np.fft.rfft(clip))) * STORED_RATE_HZ / len(clip) for name, clip in clips.items()}
    assert 2 * pitch["warning"] < pitch["ready"] < pitch["alarm"]


@pytest.mark.parametrize("name", VOICES)
def test_the_recordings_of_a_voice_stay_within_a_number_of_bytes(name) -> None:
    most = MOST_BYTES if "21" in shipped_voice(name).numbers else MOST_BYTES_JOINED
    assert sum(path.stat().st_size for path in (SOUNDS / name).rglob("*.wav")) <= most


@pytest.mark.parametrize("hz", [200, 1000, 3000, 5000])
def test_upsampling_keeps_a_sine(hz) -> None:
    stored = np.sin(2 * np.pi * hz * np.arange(1600) / STORED_RATE_HZ).astype(np.float32)
    wanted = np.sin(2 * np.pi * hz * (np.arange(4800) - 1) / SAMPLE_RATE_HZ)
    inner = slice(200, -200)
    np.testing.assert_allclose(upsample(stored)[inner], wanted[inner], atol=0.02)


def test_a_damaged_recording_of_a_voice_is_named(tmp_path) -> None:
    path = tmp_path / "1.wav"
    path.write_bytes(b"RIFF")
    with pytest.raises(ConfigError, match=r"1\.wav"):
        read_clip(path)


def test_a_voice_that_is_not_there_is_named(tmp_path) -> None:
    shutil.copytree(SOUNDS / "tones", tmp_path / "tones")
    with pytest.raises(ConfigError, match=r"en: has no sounds\. .*make_sounds\.py en\.$"):
        load_voice("en", tmp_path)


def test_a_language_without_a_voice_speaks_english(capsys) -> None:
    shipped = load_settings({})
    wanted = replace(shipped, sound=replace(shipped.sound, voice="xx"))
    first, second = load_spoken_voice(wanted), load_spoken_voice(wanted)
    assert second.phrases is first.phrases
    assert first.numbers.keys() == shipped_voice("en").numbers.keys()
    (line,) = capsys.readouterr().err.splitlines()
    assert "make_sounds.py xx" in line
    assert "voice is English" in line
