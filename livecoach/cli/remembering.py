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
