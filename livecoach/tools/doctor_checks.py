"""The checks of the doctor that need no native code: versions, files and folders."""

import ctypes
import hashlib
import json
import platform
import sys
from collections.abc import Callable, Iterable
from glob import glob
from pathlib import Path

from livecoach.config.paths import models_dir
from livecoach.source.listing import listed_cameras
from livecoach.tools.findings import Finding
from livecoach.tools.machine import OPTIONAL, PACKAGES, installed, system

OLDEST, NEWEST = (3, 11), (3, 14)
"""Python versions that livecoach is tested on."""
MEDIAPIPE_VERSION = "0.10.32"
CAMERAS = 6
"""How many camera indices are tried where the system does not list its cameras."""
POSE_FILES = {
    "lite": "pose_landmarker_lite.task",
    "full": "pose_landmarker_full.task",
    "movenet": "movenet_thunder_f16.tflite",
}
"""Shipped pose model → its file."""
OPENCV, MEDIAPIPE, SOUND = "OpenCV", "--pose mediapipe-lite and mediapipe-full", "sound"
"""What system libraries are for; livecoach can't do without the first."""
LIBRARIES = (
    ("libgl1", "libGL.so.1", OPENCV),
    ("libglib2.0-0", "libgthread-2.0.so.0", OPENCV),
    ("libxcb1", "libxcb.so.1", OPENCV),
    ("libx11-6", "libX11.so.6", OPENCV),
    ("libegl1", "libEGL.so.1", MEDIAPIPE),
    ("libgles2", "libGLESv2.so.2", MEDIAPIPE),
    ("libportaudio2", "libportaudio.so.2", SOUND),
)
"""Debian package, one of its files, and what needs it."""
PULSE_PLUGIN = ("libasound2-plugins", "/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so")


def python() -> Iterable[Finding]:
    """Check the interpreter."""
    found = f"{platform.python_version()}, {system()}"
    if sys.version_info[:2] < OLDEST:
        yield Finding(name="Python", status="broken", found=found, advice="Install Python 3.11 or newer.")
    elif sys.version_info[:2] > NEWEST:
        yield Finding(name="Python", status="warning", found=f"{found}; tested up to 3.{NEWEST[1]}")
    else:
        yield Finding(name="Python", status="ok", found=found)


def packages(version: Callable[[str], str | None] = installed) -> Iterable[Finding]:
    """Check packages with native code. version: returns a package's version, None if it is not installed."""
    versions = {name: version(name) for name in PACKAGES}
    there = ", ".join(f"{name} {found}" for name, found in versions.items() if found is not None)
    absent = [name for name, found in versions.items() if found is None and name not in OPTIONAL]
    if absent:
        advice = f"{sys.executable} -m pip install {' '.join(absent)}"
        yield Finding(name="packages", status="missing", found=", ".join(absent), advice=advice)
    yield Finding(name="packages", status="ok", found=there)
    if versions["mediapipe"] not in (None, MEDIAPIPE_VERSION):
        yield Finding(
            name="mediapipe",
            status="warning",
            found=f"{versions['mediapipe']}: newer versions contact a host for usage logs, others are untested",
            advice=f"{sys.executable} -m pip install mediapipe=={MEDIAPIPE_VERSION}",
        )
    rivals = [name for name in ("opencv-python", "opencv-python-headless") if version(name) is not None]
    if rivals:
        yield Finding(
            name="opencv",
            status="warning",
            found=f"{', '.join(rivals)} shares a folder with opencv-contrib-python, and uninstalling it breaks that",
            advice=f"{sys.executable} -m pip uninstall {' '.join(rivals)}, then reinstall opencv-contrib-python",
        )


def system_libraries(platform: str = sys.platform, there: "Callable[[str], bool] | None" = None) -> Iterable[Finding]:
    """Check the system libraries that wheels need on Linux. there: returns whether a library can be loaded."""
    if not platform.startswith("linux"):
        return
    can_load = there if there is not None else _can_load
    absent = [(package, use) for package, file, use in LIBRARIES if not can_load(file)]
    if not glob(PULSE_PLUGIN[1]):
        absent.append((PULSE_PLUGIN[0], SOUND))
    if not absent:
        yield Finding(name="system libraries", status="ok", found="all installed")
    for use in (OPENCV, MEDIAPIPE, SOUND):
        names = [package for package, wanted in absent if wanted == use]
        if names:
            yield Finding(
                name="system libraries",
                status="missing",
                found=f"{', '.join(names)}, for {use}",
                advice=f"sudo apt install {' '.join(names)}",
                needed=use == OPENCV,
            )


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def pose_models(wanted: str, folder: Path | None = None) -> Iterable[Finding]:
    """Check the shipped pose models against their digests, and the user's own model.

    wanted: the model in the settings. folder: of the shipped models; None for the installed ones.
    """
    try:
        folder = folder if folder is not None else models_dir() / "pose"
        digests = json.loads((folder / "digests.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        yield Finding(name="pose models", status="broken", found=f"digests.json: {err}", advice="Reinstall livecoach.")
        return
    wanted = wanted.removeprefix("mediapipe-")  # the same file
    for name, file in POSE_FILES.items():
        yield _pose_model(name, folder / file, digests, needed=name == wanted)
    if wanted not in POSE_FILES and not Path(wanted.removeprefix("onnx:")).expanduser().is_file():
        advice = "Set pose to lite, full or movenet, or to the path of a model."
        yield Finding(name="pose model", status="missing", found=f"{wanted} (from the settings)", advice=advice)


def _pose_model(name: str, path: Path, digests: dict[str, str], *, needed: bool) -> Finding:
    label, advice = f"pose model {name}", "Reinstall livecoach."
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as err:
        found = f"{path}: {err.strerror}"
        return Finding(name=label, status="missing", found=found, advice=advice, needed=needed)
    if digest != digests.get(path.name):
        found = f"{path}: differs from the shipped file (digests.json)"
        return Finding(name=label, status="broken", found=found, advice=advice, needed=needed)
    return Finding(name=label, status="ok", found=f"as shipped, {path.stat().st_size / 1e6:.1f} MB", needed=needed)


def camera_indices(platform: str) -> list[int]:
    """Return the camera indices to try: those that Linux lists, or the first CAMERAS on other systems."""
    listed = listed_cameras(platform)
    return list(range(CAMERAS) if listed is None else listed)


def no_camera_finding(platform: str) -> Finding:
    """Return the finding that there is no camera."""
    where = "no /dev/video*" if platform.startswith("linux") else "none opened"
    advice = "Connect one, or use a phone: livecoach live --phone, or a stream: livecoach live --camera URL"
    return Finding(name="cameras", status="missing", found=where, advice=advice, needed=False)
