"""Make the shipped sounds: numbers and phrases by espeak-ng, tones by arithmetic.

    apt install espeak-ng
    python scripts/make_sounds.py [VOICE ...]

The script writes tones/ and the numbers/ and phrases/ of each VOICE, by default of all voices, into
livecoach/assets/sounds (mono, 16 bit, 16 kHz). phrases.yaml lists the phrases, voice.yaml in each voice's folder says
how the voice reads them, and livecoach/assets/locales has their compiled translations. A phrase without a translation
is not recorded: its cue plays only its tone. espeak-ng is GPL-3, which does not cover its output.
"""

import gettext
import io
import shutil
import subprocess
import sys
import wave
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.core.config.yaml_files import YamlReader, read_text
from livecoach.core.language import DOMAIN, LOCALES
from livecoach.feedback.sound import soft_limit
from livecoach.feedback.voice import STORED_RATE_HZ, sounds_dir, upsample

SPEECH_RMS = 0.16  # active level of all speech: as loud as possible with peaks under PEAK and little compression
PEAK = 0.72  # largest sample, below the mixer's knee, so that a single clip passes unchanged
BETWEEN = 0.798  # largest value between samples: an s can be louder there than at the samples
SILENCE = 0.02  # share of a clip's peak below which its beginning and end are cut; the f of "four" stays


def number_recordings(voice: Mapping[str, Any]) -> dict[str, str]:
    """Return the text to speak for each recording of a number, by its name; `voice` is the content of a voice.yaml."""
    recordings: dict[str, str] = {}
    for part in str(voice["numbers"]["digits"]).split():
        first, _, last = part.partition("-")
        recordings |= {str(number): str(number) for number in range(int(first), int(last or first) + 1)}
    return recordings | voice["numbers"]["words"]


def main(voices: Sequence[str]) -> None:
    tones = {"tick": tick(), "alarm": alarm(), "warning": warning(), "ready": ready()}
    for name, samples in tones.items():
        write(sounds_dir() / "tones" / f"{name}.wav", samples)
    for voice in voices:
        record(sounds_dir() / voice, tones)


def record(folder: Path, tones: Mapping[str, np.ndarray]) -> None:
    """Record the numbers and phrases of the voice in a folder; phrases that need a tone begin with it."""
    voice = yaml_values(folder / "voice.yaml")
    say = partial(speech, voice["espeak"], voice["words_per_minute"])
    for name, words in number_recordings(voice).items():
        write(folder / "numbers" / f"{name}.wav", say(words))
    texts = spoken_texts(voice["language"]) | voice["spoken"]
    untranslated = [phrase for phrase, options in phrases().items() if not texts[phrase]]
    for phrase, options in phrases().items():
        path = folder / "phrases" / f"{phrase.replace(' ', '-')}.wav"
        if phrase in untranslated:
            path.unlink(missing_ok=True)
            continue
        parts = [tones[options["tone"]]] if "tone" in options else []
        parts += [say(texts[phrase]) * 10 ** (-options.get("softer", 0) / 20)]
        write(path, np.concatenate(parts))
    if untranslated:
        print(f"{folder.name}: not recorded, without a translation: {', '.join(untranslated)}")


def spoken_texts(language: str) -> dict[str, str]:
    """Return the text of each phrase in a language, by phrase; the text is empty without a translation."""
    if language == "en":
        return {phrase: phrase for phrase in phrases()}
    catalogue = gettext.translation(DOMAIN, LOCALES, [language])
    catalogue.add_fallback(Untranslated())
    return {phrase: catalogue.gettext(phrase) for phrase in phrases()}


class Untranslated(gettext.NullTranslations):
    """A fallback that makes missing translations empty, to tell them from translations that equal the text."""

    def gettext(self, _message: str) -> str:
        return ""


def yaml_values(path: Path) -> dict[str, Any]:
    return YamlReader(str(path)).read(read_text(path), partial=False)


def phrases() -> Mapping[str, Mapping[str, Any]]:
    return yaml_values(sounds_dir() / "phrases.yaml")


def speech(voice: str, words_per_minute: int, words: str) -> np.ndarray:
    """Return words spoken by espeak-ng, (n,) from -1 to 1 at STORED_RATE_HZ, without silence, at a common level."""
    command = ["espeak-ng", "-v", voice, "-s", str(words_per_minute), "--stdout", words]
    spoken = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        rate_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(-1), "<i2") / 32768
    return level(faded(trimmed(resampled(samples, rate_hz))), SPEECH_RMS)


def resampled(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Resample a clip to STORED_RATE_HZ, and remove frequencies below 120 Hz, which no laptop plays."""
    seconds = len(samples) / rate_hz
    count = round(seconds * STORED_RATE_HZ)
    spectrum = np.fft.rfft(samples)
    spectrum[: round(120 * seconds)] = 0
    return np.fft.irfft(spectrum[: count // 2 + 1], count) * count / len(samples)


def trimmed(samples: np.ndarray) -> np.ndarray:
    """Cut the silence at both ends of a clip: nearly all of it at the beginning, where it would be latency."""
    heard = np.flatnonzero(np.abs(samples) > SILENCE * np.abs(samples).max())
    return samples[max(heard[0] - 16, 0) : heard[-1] + STORED_RATE_HZ // 50]


def faded(samples: np.ndarray) -> np.ndarray:
    """Fade a clip in within 1 ms and out within 10 ms, so that there is no click."""
    rise, fall = STORED_RATE_HZ // 1000, STORED_RATE_HZ // 100
    shaped = samples.copy()
    shaped[:rise] *= np.linspace(0, 1, rise)
    shaped[-fall:] *= np.linspace(1, 0, fall)
    return shaped


def level(samples: np.ndarray, rms: float) -> np.ndarray:
    """Scale a clip to an active RMS, and compress its peaks until values between samples are at most BETWEEN."""
    bent = (_bent(samples, rms, peak) for peak in np.arange(PEAK, 0.5, -0.02))
    return next(clip for clip in bent if np.abs(upsample(clip.astype(np.float32))).max() <= BETWEEN)


def _bent(samples: np.ndarray, rms: float, peak: float) -> np.ndarray:
    for _ in range(4):  # bending lowers the level a little
        samples = samples * rms / active_rms(samples)
        samples = samples / peak
        soft_limit(samples)
        samples = samples * peak
    return samples


def active_rms(samples: np.ndarray) -> float:
    """Return the RMS over the 10 ms pieces that are no pauses (within 30 dB of the loudest piece)."""
    piece = STORED_RATE_HZ // 100
    powers = (samples[: len(samples) // piece * piece].reshape(-1, piece) ** 2).mean(axis=1)
    return float(np.sqrt(powers[powers > powers.max() / 1000].mean()))


def note(hz: float, seconds: float, *, overtones: tuple[float, ...], attack_s: float, decay_s: float) -> np.ndarray:
    """Return a struck note: a fundamental of amplitude 1, and `overtones`, the amplitudes from the second partial."""
    t = np.arange(round(seconds * STORED_RATE_HZ)) / STORED_RATE_HZ
    wave_form = sum(
        amplitude * np.sin(2 * np.pi * hz * partial * t) for partial, amplitude in enumerate((1.0, *overtones), start=1)
    )
    envelope = np.minimum(t / attack_s, 1) * np.exp(-t / decay_s) * np.minimum((seconds - t) / 0.02, 1)
    return np.asarray(wave_form * envelope)


def alarm() -> np.ndarray:
    """Return two falling notes of .29 s in all, at 1 to 4 kHz, where music is weak and small speakers are strong."""
    high = note(1568, 0.13, overtones=(0.5, 0.3), attack_s=0.003, decay_s=0.12)
    low = note(1047, 0.16, overtones=(0.7, 0.5, 0.3), attack_s=0.003, decay_s=0.12)
    return level(np.concatenate([high, low]), 0.26)


def warning() -> np.ndarray:
    """Return a low tone, which its overtones make audible on speakers without bass."""
    return level(note(294, 0.4, overtones=(0.6, 0.4, 0.2), attack_s=0.008, decay_s=0.2), 0.16)


def ready() -> np.ndarray:
    return level(note(784, 0.35, overtones=(0.15,), attack_s=0.015, decay_s=0.12), 0.07)


def tick() -> np.ndarray:
    return level(note(1800, 0.06, overtones=(0.4, 0.2), attack_s=0.001, decay_s=0.012), 0.18)


def write(path: Path, samples: np.ndarray) -> None:
    """Write samples, (n,) from -1 to 1, as a WAV file."""
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(STORED_RATE_HZ)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    if shutil.which("espeak-ng") is None:
        sys.exit("espeak-ng is missing: sudo apt install espeak-ng")
    main(sys.argv[1:] or [path.parent.name for path in sorted(sounds_dir().glob("*/voice.yaml"))])
