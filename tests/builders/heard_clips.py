"""Where a clip lies in what a sound server's monitor gave, by cross-correlation."""

import time
from typing import NamedTuple

import numpy as np

from builders.sound_server import SOUND_HZ, SoundRecording
from livecoach.core.errors import OutputError

POLL_S = 0.002


class ClipMatch(NamedTuple):
    """The position of a clip in a recording."""

    at_s: float  # time.monotonic() at which its first sample came out of the monitor
    likeness: float  # normalised cross-correlation there, 0…1


def listen(recording: SoundRecording, seconds: float) -> None:
    """Wait, and tie the recording to the clock meanwhile."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        recording.align()
        time.sleep(POLL_S)


def find(recording: SoundRecording, clip: np.ndarray, *, from_s: float, within_s: float) -> ClipMatch:
    """Find the clip, (n,) float32 at SOUND_HZ, that begins from `from_s` (time.monotonic()) to `within_s` later. Call
    `listen` first, until the clip has been recorded. Raises OutputError if too little was recorded."""
    recorded = recording.samples()
    first = max(round((from_s - recording.begin_s) * SOUND_HZ), 0) if len(recorded) else 0
    part = recorded[first : first + round(within_s * SOUND_HZ) + len(clip)]
    if len(part) < len(clip):
        raise OutputError(f"the monitor gave {len(part)} samples, too few to hold a clip of {len(clip)}")
    onset, likeness = find_clip(part, clip)
    return ClipMatch(at_s=recording.begin_s + (first + onset) / SOUND_HZ, likeness=likeness)


def find_clip(recorded: np.ndarray, clip: np.ndarray) -> tuple[int, float]:
    """Return the sample at which the clip most likely begins, and the normalised cross-correlation there."""
    size = 1 << (len(recorded) + len(clip)).bit_length()
    spectrum = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(clip, size))
    products = np.fft.irfft(spectrum, size)[: len(recorded) - len(clip) + 1]
    energy = np.concatenate([[0.0], np.cumsum(recorded.astype(np.float64) ** 2)])
    local = np.sqrt(np.maximum(energy[len(clip) :] - energy[: -len(clip)], 0)) * np.linalg.norm(clip)
    # In near silence the quotient is meaningless.
    likeness = np.where(local > 1e-3 * np.linalg.norm(clip) ** 2, products / np.maximum(local, 1e-12), 0)
    onset = int(np.argmax(likeness))
    return onset, float(likeness[onset])
