"""Make the shipped sounds: numbers and phrases by espeak-ng, tones by arithmetic.

    apt install espeak-ng
    python scripts/make_sounds.py [FOLDER]

Writes numbers/, phrases/ and tones/ (mono, 16 bit, 16 kHz) into livecoach/assets/sounds, or FOLDER, which must hold a
phrases.yaml. espeak-ng is GPL-3; what it says is not covered by that.
"""

import io
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from livecoach.feedback.mixer import soft_limit
from livecoach.feedback.voice import STORED_RATE_HZ, file_stem, sounds_dir

VOICE = "en-us+f3"
"""Of twelve variants the four best against pink noise, by the octave bands of ANSI S3.5, lie within .01 of each other
(.47 to .48; the worst .38): f5 is breathy, m3 peakier, Alicia slower, so f3."""
SPEED_WPM = 165
SPEECH_RMS = 0.16
"""Active level of all speech: as loud as it gets with peaks under PEAK and little squeezing."""
PEAK = 0.72
"""Under the mixer's knee, also between samples, so that a clip alone passes it unchanged."""
SILENCE = 0.02
"""Share of a clip's peak under which its beginning and end are cut; the f of "four" stays."""
NUMBERS = {str(number): str(number) for number in [*range(1, 21), *range(30, 100, 10)]} | {"100": "hundred"}


def main(folder: Path) -> None:
    """Write all sounds into the folder."""
    phrases = YAML(typ="safe").load(folder / "phrases.yaml")
    tones = {"tick": tick(), "alarm": alarm(), "warning": warning(), "ready": ready()}
    for name, samples in tones.items():
        write(folder / "tones" / f"{name}.wav", samples)
    for name, words in NUMBERS.items():
        write(folder / "numbers" / f"{name}.wav", speech(words))
    for phrase, options in phrases.items():
        parts = [tones[options["tone"]]] if "tone" in options else []
        words = options.get("spoken", phrase)
        parts += [speech(words) * 10 ** (-options.get("softer", 0) / 20)] if words is not None else []
        write(folder / "phrases" / f"{file_stem(phrase)}.wav", np.concatenate(parts))


def speech(words: str) -> np.ndarray:
    """Let espeak-ng say it: (n,) in -1…1 at STORED_RATE_HZ, trimmed, at one level."""
    command = ["espeak-ng", "-v", VOICE, "-s", str(SPEED_WPM), "--stdout", words]
    spoken = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(spoken)) as file:
        rate_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(-1), "<i2") / 32768
    return level(faded(trimmed(resampled(samples, rate_hz))), SPEECH_RMS)


def resampled(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Bring it to STORED_RATE_HZ through its spectrum, without what is under 120 Hz, which no laptop plays."""
    seconds = len(samples) / rate_hz
    count = round(seconds * STORED_RATE_HZ)
    spectrum = np.fft.rfft(samples)
    spectrum[: round(120 * seconds)] = 0
    return np.fft.irfft(spectrum[: count // 2 + 1], count) * count / len(samples)


def trimmed(samples: np.ndarray) -> np.ndarray:
    """Cut the silence at both ends; at the beginning all of it, since it would be latency."""
    heard = np.flatnonzero(np.abs(samples) > SILENCE * np.abs(samples).max())
    return samples[max(heard[0] - 16, 0) : heard[-1] + STORED_RATE_HZ // 50]


def faded(samples: np.ndarray) -> np.ndarray:
    """Let it begin within 1 ms and end within 10 ms without a click."""
    rise, fall = STORED_RATE_HZ // 1000, STORED_RATE_HZ // 100
    shaped = samples.copy()
    shaped[:rise] *= np.linspace(0, 1, rise)
    shaped[-fall:] *= np.linspace(1, 0, fall)
    return shaped


def level(samples: np.ndarray, rms: float) -> np.ndarray:
    """Scale to an active RMS; peaks over PEAK are bent."""
    for _ in range(4):  # bending lowers the level a little
        samples = samples * rms / active_rms(samples)
        samples = samples / PEAK
        soft_limit(samples)
        samples = samples * PEAK
    return samples


def active_rms(samples: np.ndarray, rate_hz: int = STORED_RATE_HZ) -> float:
    """RMS over the 10 ms pieces that are not pauses (within 30 dB of the loudest)."""
    piece = rate_hz // 100
    powers = (samples[: len(samples) // piece * piece].reshape(-1, piece) ** 2).mean(axis=1)
    return float(np.sqrt(powers[powers > powers.max() / 1000].mean()))


def note(hz: float, seconds: float, *, overtones: tuple[float, ...], attack_s: float, decay_s: float) -> np.ndarray:
    """One struck note: a fundamental and its overtones (amplitudes from the second partial on)."""
    t = np.arange(round(seconds * STORED_RATE_HZ)) / STORED_RATE_HZ
    wave_form = sum(
        amplitude * np.sin(2 * np.pi * hz * partial * t) for partial, amplitude in enumerate((1.0, *overtones), start=1)
    )
    envelope = np.minimum(t / attack_s, 1) * np.exp(-t / decay_s) * np.minimum((seconds - t) / 0.02, 1)
    return np.asarray(wave_form * envelope)


def alarm() -> np.ndarray:
    """Two falling notes where music and fans are weak and small speakers strong, 1 to 4 kHz: .29 s before the words."""
    high = note(1568, 0.13, overtones=(0.5, 0.3), attack_s=0.003, decay_s=0.12)
    low = note(1047, 0.16, overtones=(0.7, 0.5, 0.3), attack_s=0.003, decay_s=0.12)
    return level(np.concatenate([high, low]), 0.26)


def warning() -> np.ndarray:
    """One low tone; its overtones carry it on speakers that have no bass."""
    return level(note(294, 0.4, overtones=(0.6, 0.4, 0.2), attack_s=0.008, decay_s=0.2), 0.16)


def ready() -> np.ndarray:
    """One soft tone."""
    return level(note(784, 0.35, overtones=(0.15,), attack_s=0.015, decay_s=0.12), 0.07)


def tick() -> np.ndarray:
    """A short knock, as on wood."""
    return level(note(1800, 0.06, overtones=(0.4, 0.2), attack_s=0.001, decay_s=0.012), 0.18)


def write(path: Path, samples: np.ndarray) -> None:
    """Write (n,) in -1…1 as a WAV file."""
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(STORED_RATE_HZ)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    if shutil.which("espeak-ng") is None:
        sys.exit("espeak-ng is missing: sudo apt install espeak-ng")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else sounds_dir())
