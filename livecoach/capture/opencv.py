"""Imports OpenCV and PyAV, and configures OpenCV for cameras and streams.

Import cv2 from this module wherever a device is opened, and av wherever it is used. Three settings are possible only as
environment variables, which OpenCV reads when it is loaded or first used: on Windows, import this module before other
modules import cv2. The user's own values take precedence.
"""

import os

_OPENCV_SETTINGS = {
    # Seconds for which read() waits for a USB camera that stopped; OpenCV's default is 10.
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",
    # With hardware transforms, Windows takes 4 to 120 s to open a camera (opencv issue 17687).
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
    # -8 is "quiet": otherwise FFmpeg inside OpenCV writes to stderr, including URLs with passwords.
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}
for _name, _value in _OPENCV_SETTINGS.items():
    os.environ.setdefault(_name, _value)

import cv2  # noqa: E402, I001 (before PyAV: if PyAV is loaded first, opening a window hangs; av 18, opencv 5)
import av  # noqa: E402
from av.sidedata.sidedata import SideDataContainer  # noqa: E402

# OpenCV's warnings name its own source lines; our errors report the problem instead.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
# At 640 × 480 a call is so short that waking OpenCV's threads costs more processor time than they save.
cv2.setNumThreads(1)

__all__ = ["SideDataContainer", "av", "cv2"]
