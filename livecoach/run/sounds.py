"""Makes the sound of a run: the sink that plays cues on the sound device, and the voice of the cues."""

from dataclasses import replace
from functools import cache

from livecoach.core.config import Settings
from livecoach.core.errors import ConfigError
from livecoach.feedback.sound import Sound, SoundSink
from livecoach.feedback.voice import Voice, load_voice, voice_name
from livecoach.run.process import say

ENGLISH = "en"


def make_sound(settings: Settings, silent: bool) -> SoundSink:
    """Make the sink that plays the cues of a run.

    Raises ConfigError if the English voice, which replaces an unreadable voice, can't be read either.

    Args:
        silent: Whether to make a sink that plays nothing.
    """
    if silent:
        return SoundSink()
    wanted = settings.sound
    return Sound(load_spoken_voice(settings), volume=wanted.volume, muted=wanted.muted)


def load_spoken_voice(settings: Settings) -> Voice:
    """Load the voice in the settings. If this voice can't be read, report the error, and load the English voice.

    Raises ConfigError if the English voice can't be read either.
    """
    return replace(_voice(voice_name(settings)), good_rep=settings.sound.good_rep)


@cache  # So that screen and phone cause only one report
def _voice(name: str) -> Voice:
    try:
        return load_voice(name)
    except ConfigError as err:
        if name == ENGLISH:
            raise
        say(f"{err} The voice is English until then.")
        return load_voice(ENGLISH)
