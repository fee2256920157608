"""The voice of a run: the one in the settings, or English if its sounds are missing."""

from functools import cache

from livecoach.cli.options import say, voice_name
from livecoach.config import Settings
from livecoach.errors import ConfigError
from livecoach.feedback.voice import Voice, load_voice

ENGLISH = "en"


def spoken_voice(settings: Settings) -> Voice:
    """The voice of a run. Raises ConfigError if not even the English one can be read."""
    return _voice(voice_name(settings))


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
