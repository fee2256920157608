"""Mixes the clips that are playing. It knows no device, no clock and no lock.

One thread plays (`play`), another renders (`render`). They share a deque, whose `append` and `popleft` are atomic, and
two plain attributes. All other state belongs to the rendering thread.
"""

from collections import deque

import numpy as np

SAMPLE_RATE_HZ = 48_000
FADE_SAMPLES = SAMPLE_RATE_HZ * 15 // 1000
"""Length of the fade of a replaced announcement, 15 ms: no click, and over before the next word is understood."""
GAIN_RAMP_SAMPLES = SAMPLE_RATE_HZ * 10 // 1000
"""Time of a change from silence to full volume, 10 ms. Muting takes no longer."""
KNEE = 0.8  # the limiter changes nothing below this level; the shipped clips peak just below it
MAX_PLAYING = 8  # more simultaneous clips than cues can need; beyond this, the oldest fade out


class PlayingClip:
    def __init__(self, samples: np.ndarray, *, spoken: bool) -> None:
        self.samples = samples
        self.spoken = spoken
        self._position = 0
        self._fade: np.ndarray | None = None

    def fade_out(self) -> None:
        """End the clip within FADE_SAMPLES."""
        if self._fade is None:
            self._fade = np.linspace(1, 0, FADE_SAMPLES, dtype=np.float32)

    def add_to(self, out: np.ndarray) -> None:
        """Add the next `len(out)` samples, or as many as are left."""
        part = self.samples[self._position : self._position + len(out)]
        self._position += len(part)
        if self._fade is not None:
            part = part[: len(self._fade)] * self._fade[: len(part)]
            self._fade = self._fade[len(part) :]
        out[: len(part)] += part

    @property
    def over(self) -> bool:
        return self._position >= len(self.samples) or (self._fade is not None and len(self._fade) == 0)


class Mixer:
    """Mixes clips into one stream: mono float32 in -1…1, SAMPLE_RATE_HZ.

    volume: 0…1.
    muted: clips continue inaudibly, so that unmuting does not bring an old one back.
    """

    def __init__(self, *, volume: float = 1.0, muted: bool = False) -> None:
        self.muted = muted
        self._volume = volume
        self._gain = self._wanted_gain()
        self._arrived: deque[PlayingClip] = deque(maxlen=MAX_PLAYING)
        self._playing: list[PlayingClip] = []

    def play(self, samples: np.ndarray, *, spoken: bool) -> None:
        """Start a clip with the next rendered block. A spoken clip replaces one that is still speaking.

        samples: (n,) float32 at SAMPLE_RATE_HZ, finite; not copied, so it must not be changed afterwards.
        """
        if samples.ndim != 1 or samples.dtype != np.float32 or not np.isfinite(samples).all():
            raise ValueError(f"clip: expected finite float32 (n,), got {samples.dtype} {samples.shape}")
        self._arrived.append(PlayingClip(samples, spoken=spoken))

    def clear(self) -> None:
        """Drop all clips at once. Call it from the rendering thread, or while nothing renders."""
        self._arrived.clear()
        self._playing.clear()

    def render(self, count: int) -> np.ndarray:
        """Return the next `count` samples, (count,) float32, -1…1."""
        self._take_arrived()
        out = np.zeros(count, np.float32)
        if not self._playing:
            self._gain = self._wanted_gain()  # nobody hears how it changes
            return out  # the device asks 80 times a second, and nearly always for silence
        for playing in self._playing:
            playing.add_to(out)
        self._playing = [playing for playing in self._playing if not playing.over]
        soft_limit(out)
        out *= self._gains(count)
        return out

    def _take_arrived(self) -> None:
        while self._arrived:
            arrived = self._arrived.popleft()
            if arrived.spoken:
                for playing in self._playing:
                    if playing.spoken:
                        playing.fade_out()
            self._playing.append(arrived)
        for playing in self._playing[:-MAX_PLAYING]:
            playing.fade_out()

    def _wanted_gain(self) -> float:
        return 0.0 if self.muted else self._volume

    def _gains(self, count: int) -> np.ndarray | np.float32:
        """Return the gain of each of the next samples, which approaches the wanted one at a limited rate."""
        start, wanted = self._gain, self._wanted_gain()
        if start == wanted:
            return np.float32(wanted)
        reach = np.arange(1, count + 1, dtype=np.float32) / GAIN_RAMP_SAMPLES
        step = np.minimum(reach, abs(wanted - start))
        gains = start + step if wanted > start else start - step
        done = count / GAIN_RAMP_SAMPLES >= abs(wanted - start)
        self._gain = wanted if done else float(gains[-1]) if count else start
        return np.clip(gains, 0, 1).astype(np.float32)


def soft_limit(samples: np.ndarray) -> None:
    """Limit samples above KNEE, in place, so that none exceeds 1 (our choice of curve: a scaled tanh)."""
    loud = np.abs(samples) > KNEE
    if loud.any():
        over = (np.abs(samples[loud]) - KNEE) / (1 - KNEE)
        samples[loud] = np.copysign(np.minimum(KNEE + (1 - KNEE) * np.tanh(over), 1), samples[loud])
