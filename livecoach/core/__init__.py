"""Values, errors, landmarks, settings, exercises, documents, model files and paths that all rooms share.

Every room imports this package, and it imports no room.
"""

import os
import signal
import sys

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""Signals that end a command: Ctrl-C, a request to end, a closed terminal (not on Windows), Ctrl-Break (on Windows)."""

if sys.platform == "win32":
    # The package msvc-runtime installs the C++ runtime, which LiteRT needs, in this folder.
    os.add_dll_directory(sys.prefix)
