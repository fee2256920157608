"""From a cue to what is heard: no device, no state."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.feedback.mixer import SAMPLE_RATE_HZ
from livecoach.feedback.voice import Voice
from livecoach.types import Cue

RepSound = Literal["number", "tick", "none"]
PAUSE = np.zeros(SAMPLE_RATE_HZ * 40 // 1000, np.float32)
"""Between a tone and words, 40 ms: the ear tells them apart, and the words come no later than they must."""


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
    words = voice.say(cue.say) if cue.say is not None else None
    match cue.kind:
        case "warning":
            return Announcement(samples=voice.tones["warning"], spoken=False)
        case "anomalous_rep":
            alarm = voice.tones["alarm"]
            samples = alarm if words is None else np.concatenate([alarm, PAUSE, words])
            return Announcement(samples=samples, spoken=True)
        case "learned":
            return _learned(cue, voice, style)
        case "ready" | "set_over":
            spoken = words is not None
            return Announcement(samples=words if words is not None else voice.tones["ready"], spoken=spoken)
        case "good_rep" | "unjudged_rep" | "fixed":
            return _uncorrected(cue, words, voice, style.good_rep)


def _learned(cue: Cue, voice: Voice, style: SoundStyle) -> Announcement:
    """One soft tone; behind the number where the cue takes the place of a rep's own."""
    tone = voice.tones["ready"]
    number = voice.number(cue.rep) if cue.rep is not None and style.good_rep == "number" else None
    if number is None:
        return Announcement(samples=tone, spoken=False)
    return Announcement(samples=np.concatenate([number, PAUSE, tone]), spoken=True)


def _uncorrected(cue: Cue, words: np.ndarray | None, voice: Voice, wanted: RepSound) -> Announcement | None:
    """Apply the style to counts alone: "good" after a correction is said however counts are."""
    counts = cue.say is None or cue.say.isdigit()
    if counts and wanted == "none":
        return None
    if words is None or (counts and wanted == "tick"):
        return Announcement(samples=voice.tones["tick"], spoken=False)
    return Announcement(samples=words, spoken=True)
