"""What a run is heard by: the sound device, and the voice of its cues."""

from dataclasses import replace
from functools import cache

from livecoach.core.config import Settings
from livecoach.core.errors import ConfigError
from livecoach.feedback.sound import Sound, SoundSink
from livecoach.feedback.voice import Voice, load_voice, voice_name
from livecoach.run.process import say

ENGLISH = "en"


def make_sound(settings: Settings, silent: bool) -> SoundSink:
    """Return the sink that plays cues. silent: it plays nothing."""
    if silent:
        return SoundSink()
    wanted = settings.sound
    return Sound(spoken_voice(settings), volume=wanted.volume, muted=wanted.muted)


def spoken_voice(settings: Settings) -> Voice:
    """The voice of a run. Raises ConfigError if not even the English one can be read."""
    return replace(_voice(voice_name(settings)), good_rep=settings.sound.good_rep)


@cache
def _voice(name: str) -> Voice:
    """The voice; where it can't be read, that is reported, and it is the English one. Cached, so that screen and phone
    cause one report."""
    try:
        return load_voice(name)
    except ConfigError as err:
        if name == ENGLISH:
            raise
        say(f"{err} The voice is English until then.")
        return load_voice(ENGLISH)
