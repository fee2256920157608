"""The clips that livecoach ships: spoken numbers and phrases, and tones (made by scripts/make_sounds.py)."""

import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.config.paths import assets_dir
from livecoach.errors import ConfigError
from livecoach.feedback.mixer import SAMPLE_RATE_HZ

STORED_RATE_HZ = 16_000
"""Rate of the shipped files: speech needs no more, and 48 kHz is its multiple."""
LARGEST_NUMBER = 999
UPSAMPLING_TAPS = 24
"""Stored samples that a played one is made from; flat to 6 kHz."""
CLAUSE_PAUSE = np.zeros(SAMPLE_RATE_HZ * 170 // 1000, np.float32)
"""At a comma, 170 ms: what espeak-ng itself leaves there at the speed of the shipped clips."""

TONES = ("tick", "alarm", "warning", "ready")
Clips = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """All shipped clips: (n,) float32, SAMPLE_RATE_HZ, read-only."""

    numbers: Clips
    """By digits: "1"…"20", "30"…"90", and "100" for the word "hundred"."""
    phrases: Clips
    """By their words, in small letters."""
    tones: Clips
    """By name (TONES)."""

    def say(self, text: str) -> np.ndarray | None:
        """Return the clip of a phrase, a number in digits, or a row of both with pauses at commas: "8 reps, 7 good".

        None where any part of it was never recorded.
        """
        clips: list[np.ndarray] = []
        for clause in text.split(","):
            said = self._in_a_row(clause.split())
            if said is None:
                return None
            clips += [CLAUSE_PAUSE, *said] if clips else said
        return clips[0] if len(clips) == 1 else np.concatenate(clips)

    def _in_a_row(self, words: list[str]) -> list[np.ndarray] | None:
        """The clips that make up `words`, the longest phrases first; None where there are none."""
        clips = []
        while words:
            recorded = ((end, self._recorded(" ".join(words[:end]))) for end in range(len(words), 0, -1))
            end, clip = next(((end, clip) for end, clip in recorded if clip is not None), (0, None))
            if clip is None:
                return None
            clips.append(clip)
            words = words[end:]
        return clips or None

    def _recorded(self, text: str) -> np.ndarray | None:
        if text.isascii() and text.isdigit():
            return self.number(int(text))
        return self.phrases.get(text)

    def number(self, number: int) -> np.ndarray | None:
        """Return the spoken number, 1…LARGEST_NUMBER; None for others."""
        words = number_words(number)
        return np.concatenate([self.numbers[word] for word in words]) if words else None


def number_words(number: int) -> tuple[str, ...]:
    """Say which recorded numbers make up `number`: 123 is ("1", "100", "20", "3"); none outside 1…LARGEST_NUMBER."""
    if not 1 <= number <= LARGEST_NUMBER:
        return ()
    hundreds, rest = divmod(number, 100)
    words: tuple[str, ...] = (str(hundreds), "100") if hundreds else ()
    if rest > 20:
        words += (str(rest - rest % 10),)
        rest %= 10
    return (*words, str(rest)) if rest else words


def file_stem(phrase: str) -> str:
    """Return the file name, without its ending, of a phrase's recording."""
    return phrase.replace(" ", "-")


def sounds_dir() -> Path:
    """Where the shipped sounds are."""
    return assets_dir() / "sounds"


def load_voice(folder: Path | None = None) -> Voice:
    """Read all clips of a folder, else the shipped ones.

    Raises ConfigError where a file is missing or is no mono 16-bit WAV.
    """
    folder = sounds_dir() if folder is None else folder
    phrases = _load_folder(folder / "phrases")
    voice = Voice(
        numbers=_load_folder(folder / "numbers"),
        phrases={stem.replace("-", " "): samples for stem, samples in phrases.items()},
        tones=_load_folder(folder / "tones"),
    )
    needed = {word for number in range(1, LARGEST_NUMBER + 1) for word in number_words(number)}
    missing = sorted(needed - voice.numbers.keys()) + sorted(set(TONES) - voice.tones.keys())
    if missing:
        raise ConfigError(f"{folder}: no sound for {', '.join(missing)}. Install livecoach again.")
    return voice


def _load_folder(folder: Path) -> dict[str, np.ndarray]:
    return {path.stem: read_clip(path) for path in sorted(folder.glob("*.wav"))}


def read_clip(path: Path) -> np.ndarray:
    """Read a mono 16-bit WAV of STORED_RATE_HZ as (n,) float32 at SAMPLE_RATE_HZ. Raises ConfigError."""
    try:
        with wave.open(str(path)) as file:
            found = (file.getnchannels(), file.getsampwidth() * 8, file.getframerate())
            stored = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (OSError, EOFError, wave.Error) as err:
        raise ConfigError(f"{path}: not a readable WAV file ({err}). Install livecoach again.") from err
    expected = (1, 16, STORED_RATE_HZ)
    if found != expected:
        raise ConfigError(f"{path}: expected channels, bits and Hz {expected}, got {found}.")
    clip = upsample(stored.astype(np.float32) / 32768)
    clip.setflags(write=False)
    return clip


def upsample(stored: np.ndarray) -> np.ndarray:
    """Bring (n,) float32 from STORED_RATE_HZ to (n * 3,) at SAMPLE_RATE_HZ, by a windowed sinc; no delay."""
    factor = SAMPLE_RATE_HZ // STORED_RATE_HZ
    half = UPSAMPLING_TAPS // 2
    at = np.arange(-half * factor, half * factor + 1) / factor
    taps = (np.sinc(at) * np.kaiser(len(at), 6)).astype(np.float32)
    spread = np.zeros(len(stored) * factor, np.float32)
    spread[::factor] = stored
    filtered = np.convolve(spread, taps, mode="full")
    return filtered[half * factor : half * factor + len(spread)].astype(np.float32)
