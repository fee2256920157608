"""Remembers choices of a run for the next one."""

from collections.abc import Mapping

from livecoach.cli.options import say
from livecoach.config import remember
from livecoach.errors import ConfigError, OutputError


def remember_or_say(values: Mapping[str, object]) -> None:
    """Write values at dotted keys into the user's settings; where that fails, say why: the set continues."""
    try:
        remember(values)
    except (ConfigError, OutputError) as err:
        say(str(err))


def stored_camera(camera: int | str) -> int | str | None:
    """Return the camera as the user's file may hold it, and say where that is less; None for one that stays as it is
    there, or may not be held."""
    from livecoach.config import load_settings
    from livecoach.source.address import storable_camera

    try:
        if isinstance(camera, str) and camera == load_settings({}).camera:
            return None  # an address in the user's own file stays as it is
    except ConfigError:
        return None
    stored, note = storable_camera(camera)
    if note is not None:
        say(note)
    return stored
