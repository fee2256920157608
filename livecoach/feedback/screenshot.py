"""Saves the picture that the window shows."""

from pathlib import Path

import cv2
import numpy as np
import platformdirs

from livecoach.config.files import open_new_private
from livecoach.errors import OutputError


def pictures_folder() -> Path:
    """Return the user's folder for pictures."""
    return Path(platformdirs.user_pictures_path())


def save_screenshot(canvas: np.ndarray, folder: Path) -> Path:
    """Write `canvas` as the next free livecoach-NNN.png in `folder` (created if absent).

    Raises OutputError where the folder or the file can't be written.
    """
    content = cv2.imencode(".png", canvas)[1].tobytes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write_next(content, folder)
    except OSError as err:
        raise OutputError(f"{folder}: the screenshot can't be saved ({err.strerror or err}).") from err


def _write_next(content: bytes, folder: Path) -> Path:
    number = 1
    while True:
        path = folder / f"livecoach-{number:03d}.png"
        try:
            with open_new_private(path) as file:
                file.write(content)
        except FileExistsError:
            number += 1
        else:
            return path
