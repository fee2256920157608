"""YAML files and options, read once and checked, as frozen dataclasses.

    shipped YAML (complete)  <  the user's file (any part of it)  <  command line

Every ConfigError is one line, `<file>:<line>: <key.path>: <what>. <what to do>`. `tree` turns text into plain values
with line numbers, `checked` turns values into a dataclass, `wording` says in words what was expected, and `settings`
holds livecoach's own settings and the user's file.
"""

from livecoach.config.checked import override, read_yaml
from livecoach.config.settings import CaptureSettings, Settings, SoundSettings, load_settings, remember, remembers

__all__ = [
    "CaptureSettings",
    "Settings",
    "SoundSettings",
    "load_settings",
    "override",
    "read_yaml",
    "remember",
    "remembers",
]
