"""From a cue to what is heard: no device, no state."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.feedback.mixer import SAMPLE_RATE_HZ
from livecoach.feedback.voice import Voice
from livecoach.types import Cue

RepSound = Literal["number", "tick", "none"]
PAUSE = np.zeros(SAMPLE_RATE_HZ * 40 // 1000, np.float32)
"""Between the alarm and the words, 40 ms: the ear tells them apart, and the words come no later than they must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStyle:
    """What the lifter wants to hear of reps that need no correction."""

    good_rep: RepSound = "number"
    """Of good reps, and of those that were counted and not judged."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Announcement:
    """One clip to play."""

    samples: np.ndarray
    """(n,) float32, SAMPLE_RATE_HZ."""
    spoken: bool
    """Holds words, so it takes the place of other words."""


def announce(cue: Cue, voice: Voice, style: SoundStyle) -> Announcement | None:
    """Return what a cue sounds like; None for silence. Words that were never recorded leave the tone alone."""
    if cue.kind == "warning":
        return Announcement(samples=voice.tones["warning"], spoken=False)
    if cue.kind == "anomalous_rep":
        words = voice.say(cue.say) if cue.say is not None else None
        alarm = voice.tones["alarm"]
        samples = alarm if words is None else np.concatenate([alarm, PAUSE, words])
        return Announcement(samples=samples, spoken=True)
    return _uncorrected(cue, voice, style.good_rep)


def _uncorrected(cue: Cue, voice: Voice, wanted: RepSound) -> Announcement | None:
    """Apply the style to counts alone: "good" after a correction is said however counts are."""
    counts = cue.say is None or cue.say.isdigit()
    if counts and wanted == "none":
        return None
    words = None if cue.say is None or (counts and wanted == "tick") else voice.say(cue.say)
    if words is None:
        return Announcement(samples=voice.tones["tick"], spoken=False)
    return Announcement(samples=words, spoken=True)
