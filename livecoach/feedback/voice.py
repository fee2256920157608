"""Chooses and loads the clips of a cue. scripts/make_sounds.py generates the shipped clips."""

import wave
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from livecoach.core.config import Settings
from livecoach.core.config.paths import assets_dir
from livecoach.core.errors import ConfigError
from livecoach.core.language import resolve_language
from livecoach.core.types import Cue
from livecoach.core.types.message import AUTO

SAMPLE_RATE_HZ = 48_000  # Sample rate of playback, three times the rate of the files
STORED_RATE_HZ = 16_000  # Sample rate of the shipped files and of announcements: speech needs no more
CLAUSE_PAUSE = np.zeros(STORED_RATE_HZ * 170 // 1000, np.float32)
"""Pause at a comma, 170 ms, as espeak-ng makes at the speed of the shipped clips."""

LARGEST_NUMBER = 999
FEMININE, BEFORE_REST = "-f", "-and"
"""Suffixes of recordings of numbers: of the form before a feminine noun, and of a hundred before smaller parts."""
TONES = ("tick", "alarm", "warning", "ready")
Clips = Mapping[str, np.ndarray]
RepSound = Literal["number", "tick", "none"]
PAUSE = np.zeros(STORED_RATE_HZ * 40 // 1000, np.float32)
"""Silence of 40 ms between a tone and words: enough for the ear to separate them, and no longer than needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """All clips of a voice: (n,) float32, STORED_RATE_HZ, read-only."""

    numbers: Clips  # Clips by their names; `number_parts` composes numbers of them
    phrases: Clips  # Clips by their English words, in lower case
    tones: Clips  # Clips by their names (TONES)
    good_rep: RepSound = "number"  # Sound of good reps, and of reps that were counted but not judged

    def announcement(self, cue: Cue) -> tuple[np.ndarray, bool] | None:
        """Return the sound that announces a cue, and whether it interrupts words that still play; None for silence.

        The sound is (n,) float32 at STORED_RATE_HZ. A tone for the cue's kind stands for words that were not recorded.
        """
        words = None if cue.say is None else self.speech_clip(cue.say)
        match cue.kind:
            case "warning" | "rested" | "learned":
                return self.tones["warning" if cue.kind == "warning" else "ready"], False
            case "anomalous_rep" | "stop":
                tone = self.tones["alarm" if cue.kind == "anomalous_rep" else "warning"]
                return (tone if words is None else np.concatenate([tone, PAUSE, words])), True
            case "ready" | "set_over" | "recognised":
                return (self.tones["ready"], False) if words is None else (words, True)
            case "good_rep" | "counted_rep" | "unjudged_rep" | "fixed":
                return self._announce_unflagged(cue, words)

    def _announce_unflagged(self, cue: Cue, words: np.ndarray | None) -> tuple[np.ndarray, bool] | None:
        counts = cue.say is None or cue.say.isdigit()  # After a fault cue, "good" is always spoken
        if counts and self.good_rep == "none":
            return None
        if words is None or (counts and self.good_rep == "tick"):
            return self.tones["tick"], False
        return words, True

    def speech_clip(self, text: str) -> np.ndarray | None:
        """Return the speech for a text of phrases and numbers, such as "8 reps, 7 good"; a comma is a pause.

        The speech is (n,) float32 at STORED_RATE_HZ; None if a part of the text was not recorded. The text must be
        English, whichever language the voice speaks.
        """
        clips: list[np.ndarray] = []
        for clause in text.split(","):
            spoken = self._clips_of_words(clause.split())
            if spoken is None:
                return None
            clips += [CLAUSE_PAUSE, *spoken] if clips else spoken
        return clips[0] if len(clips) == 1 else np.concatenate(clips)

    def _clips_of_words(self, words: list[str]) -> list[np.ndarray] | None:
        """Return the clips of words, with the longest phrases that were recorded; None if a word was not recorded."""
        clips = []
        while words:
            recorded = ((end, self._recorded(words[:end], words[end:])) for end in range(len(words), 0, -1))
            end, clip = next(((end, clip) for end, clip in recorded if clip is not None), (0, None))
            if clip is None:
                return None
            clips.append(clip)
            words = words[end:]
        return clips or None

    def _recorded(self, words: list[str], after: list[str]) -> np.ndarray | None:
        text = " ".join(words)
        if text.isascii() and text.isdigit():
            return self.number_clip(int(text), precedes_noun=bool(after))
        return self.phrases.get(text)

    def number_clip(self, number: int, *, precedes_noun: bool = False) -> np.ndarray | None:
        """Return the clip of a number from 1 to LARGEST_NUMBER; None for other numbers.

        A noun that follows the number may change the number's form.
        """
        parts = number_parts(number, self.numbers, precedes_noun=precedes_noun)
        return np.concatenate([self.numbers[part] for part in parts]) if parts else None


def number_parts(number: int, recorded: Container[str], *, precedes_noun: bool = False) -> tuple[str, ...]:
    """Return the names of the recordings that make up a number from 1 to LARGEST_NUMBER; empty for other numbers.

    The parts depend on what was recorded: English 223 is "2", "100", "20", "3"; German "200", "23". Before a feminine
    noun, such as Wiederholung and repetición, some numbers change.
    """
    if not 1 <= number <= LARGEST_NUMBER:
        return ()
    hundreds, rest = divmod(number, 100)
    parts: list[str] = []
    if hundreds:
        parts = [str(100 * hundreds)] if "200" in recorded else [str(hundreds), "100"]
    if rest and parts and parts[-1] + BEFORE_REST in recorded:
        parts[-1] += BEFORE_REST
    if rest:
        parts += [str(rest)] if str(rest) in recorded else [str(rest - rest % 10), str(rest % 10)]
    return tuple(part + FEMININE if precedes_noun and part + FEMININE in recorded else part for part in parts)


def sounds_dir() -> Path:
    return assets_dir() / "sounds"


def voice_name(settings: Settings) -> str:
    """Return the name of the voice in the settings; by default, the voice of the language."""
    return resolve_language(settings.language) if settings.sound.voice == AUTO else settings.sound.voice


def load_voice(name: str = "en", folder: Path | None = None) -> Voice:
    """Load the clips of a voice by its name, from the shipped sounds or another `folder` of voices and tones.

    Raises ConfigError if the voice does not exist or has no numbers, a tone is missing, or a clip is broken.
    """
    folder = sounds_dir() if folder is None else folder
    phrases = _load_folder(folder / name / "phrases")
    voice = Voice(
        numbers=_load_folder(folder / name / "numbers"),
        phrases={stem.replace("-", " "): samples for stem, samples in phrases.items()},
        tones=_load_folder(folder / "tones"),
    )
    if not voice.numbers or not set(TONES) <= voice.tones.keys():
        how = f"Install livecoach again, or in a clone run: python scripts/make_sounds.py {name}."
        raise ConfigError(f"{folder / name}: has no sounds. {how}")
    return voice


def _load_folder(folder: Path) -> dict[str, np.ndarray]:
    return {path.stem: read_clip(path) for path in sorted(folder.glob("*.wav"))}


def read_clip(path: Path) -> np.ndarray:
    """Read a mono 16-bit WAV file of STORED_RATE_HZ as (n,) float32; raise ConfigError for any other file."""
    try:
        with wave.open(str(path)) as file:
            actual = (file.getnchannels(), file.getsampwidth() * 8, file.getframerate())
            stored = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (OSError, EOFError, wave.Error) as err:
        raise ConfigError(f"{path}: not a readable WAV file ({err}). Install livecoach again.") from err
    expected = (1, 16, STORED_RATE_HZ)
    if actual != expected:
        raise ConfigError(f"{path}: expected channels, bits and Hz {expected}, got {actual}.")
    clip = stored.astype(np.float32) / 32768
    clip.setflags(write=False)
    return clip


_AT = np.arange(-3, 5) - 1 / 3  # Distances of a sample a third of an interval later from its neighbours
_TAPS = (np.sinc(_AT) * np.sinc(_AT / 4) / (np.sinc(_AT) * np.sinc(_AT / 4)).sum()).astype(np.float32)


def upsample(stored: np.ndarray) -> np.ndarray:
    """Convert samples from STORED_RATE_HZ, (n,) float32, to SAMPLE_RATE_HZ, (3n,), by a windowed sinc (Lanczos)."""
    count, padded = len(stored), np.pad(stored, 4, "edge")
    earlier, later = np.convolve(padded, _TAPS, "valid")[:count], np.convolve(padded, _TAPS[::-1], "valid")[1:][:count]
    return np.column_stack([earlier, stored, later]).ravel()
