"""Values, errors, landmarks, settings, exercises, documents, model files and paths that all rooms share.

Every room imports this package, and it imports no room.
"""

import os
import sys

if sys.platform == "win32":
    # LiteRT's libraries of the C++ runtime: the package msvc-runtime puts them there.
    os.add_dll_directory(sys.prefix)
