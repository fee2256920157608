"""Reads YAML files and options as frozen dataclasses, and checks them.

Later sources override earlier ones:

    shipped YAML (complete)  <  the user's file (any part of it)  <  command line

Every ConfigError is one line, `<file>:<line>: <key.path>: <problem>. <remedy>`; parts that do not apply, such as the
line of an option, are left out. `yaml_files` reads and checks a file, and `settings` reads livecoach's own settings and
the user's file.
"""

from livecoach.core.config.settings import (
    CaptureSettings,
    Settings,
    SoundSettings,
    has_settings,
    load_settings,
    save_settings,
)
from livecoach.core.config.yaml_files import override_values, read_yaml
