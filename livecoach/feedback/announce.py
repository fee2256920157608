"""Turns a cue into the samples to play. It has no device and no state."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.feedback.mixer import SAMPLE_RATE_HZ
from livecoach.feedback.voice import Voice
from livecoach.types import Cue

RepSound = Literal["number", "tick", "none"]
PAUSE = np.zeros(SAMPLE_RATE_HZ * 40 // 1000, np.float32)
"""Silence of 40 ms between a tone and words: enough for the ear to separate them, and no longer than needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStyle:
    """What the lifter wants to hear for reps that need no correction."""

    good_rep: RepSound = "number"
    """For good reps, and for reps that were counted and not judged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Announcement:
    """One clip to play."""

    samples: np.ndarray
    """(n,) float32, SAMPLE_RATE_HZ."""
    spoken: bool
    """Whether it contains words; then it replaces words that are still playing."""


def announce(cue: Cue, voice: Voice, style: SoundStyle) -> Announcement | None:
    """Return the announcement of a cue; None for silence. Without recorded words, the tone plays alone."""
    words = voice.say(cue.say) if cue.say is not None else None
    match cue.kind:
        case "warning" | "rested":
            return Announcement(samples=voice.tones["warning" if cue.kind == "warning" else "ready"], spoken=False)
        case "anomalous_rep" | "stop":
            tone = voice.tones["alarm" if cue.kind == "anomalous_rep" else "warning"]
            samples = tone if words is None else np.concatenate([tone, PAUSE, words])
            return Announcement(samples=samples, spoken=True)
        case "learned":
            return _learned(cue, voice, style)
        case "ready" | "set_over" | "recognised":
            spoken = words is not None
            return Announcement(samples=words if words is not None else voice.tones["ready"], spoken=spoken)
        case "good_rep" | "unjudged_rep" | "fixed":
            return _uncorrected(cue, words, voice, style.good_rep)


def _learned(cue: Cue, voice: Voice, style: SoundStyle) -> Announcement:
    """Return a soft tone, after the rep's number where this cue replaces the rep's own."""
    tone = voice.tones["ready"]
    number = voice.number(cue.rep) if cue.rep is not None and style.good_rep == "number" else None
    if number is None:
        return Announcement(samples=tone, spoken=False)
    return Announcement(samples=np.concatenate([number, PAUSE, tone]), spoken=True)


def _uncorrected(cue: Cue, words: np.ndarray | None, voice: Voice, wanted: RepSound) -> Announcement | None:
    """Apply the style to rep counts alone: "good" after a correction is always spoken."""
    counts = cue.say is None or cue.say.isdigit()
    if counts and wanted == "none":
        return None
    if words is None or (counts and wanted == "tick"):
        return Announcement(samples=voice.tones["tick"], spoken=False)
    return Announcement(samples=words, spoken=True)
