"""The voice that speaks in a run: that of the settings, or English where its sounds are not there."""

from functools import cache

from livecoach.cli.options import say, voice_name
from livecoach.config import Settings
from livecoach.errors import ConfigError
from livecoach.feedback.voice import Voice, load_voice

ENGLISH = "en"


def spoken_voice(settings: Settings) -> Voice:
    """Return the voice that speaks. Raises ConfigError if not even the English one can be read."""
    return _voice(voice_name(settings))


@cache
def _voice(name: str) -> Voice:
    """Return a voice, or the English one; then the user is told so once, though screen and phone both ask."""
    try:
        return load_voice(name)
    except ConfigError as err:
        if name == ENGLISH:
            raise
        say(f"{err} The voice is English until then.")
        return load_voice(ENGLISH)
