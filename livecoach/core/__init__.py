"""Values, errors, landmarks, settings, exercises, documents, model files and paths that all rooms share.

Every room imports this package, and it imports no room.
"""

import os
import sys

if sys.platform == "win32":
    # The package msvc-runtime installs the C++ runtime, which LiteRT needs, in this folder.
    os.add_dll_directory(sys.prefix)
