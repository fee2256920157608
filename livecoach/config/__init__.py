"""YAML files and options, read once and checked, as frozen dataclasses.

    shipped YAML (complete)  <  the user's file (any part of it)  <  command line

Every ConfigError is one line, `<file>:<line>: <key.path>: <what>. <what to do>`. Split by idea: `tree` (text →
plain values with line numbers), `checked` (values → dataclass), `wording` (what was expected, in words), `settings`
(livecoach's own settings and the user's file).
"""

from livecoach.config.checked import override, read_yaml
from livecoach.config.settings import CaptureSettings, Settings, SoundSettings, load_settings, remember

__all__ = ["CaptureSettings", "Settings", "SoundSettings", "load_settings", "override", "read_yaml", "remember"]
