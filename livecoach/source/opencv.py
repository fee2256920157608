"""OpenCV as a reader of cameras and streams, and PyAV: the one place where they are told how to behave.

Import cv2 from here wherever a device is opened, and av wherever it is used. Three of the settings can only be given as
environment variables, which OpenCV reads when it is loaded or first used; what the user has set stays. On Windows this
module has to be imported before anything else imports cv2 (mediapipe does), or the setting for MSMF comes too late.
"""

import os

_OPENCV_SETTINGS = {
    # A USB camera that stopped holds read() for this many seconds; OpenCV's own default is 10.
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2",
    # With them on, Windows takes 4 to 120 s to open a camera (opencv issue 17687).
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
    # FFmpeg inside OpenCV writes to stderr by itself, URLs with their passwords included; -8 is its "quiet".
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
}
for _name, _value in _OPENCV_SETTINGS.items():
    os.environ.setdefault(_name, _value)

import cv2  # noqa: E402, I001 (before PyAV: where that is loaded first, opening a window never ends; av 18, opencv 5)
import av  # noqa: E402

# Its warnings name source lines of OpenCV; what went wrong is said by our own error instead.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["av", "cv2"]
