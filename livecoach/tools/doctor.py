"""Checks the installation: one finding for each thing that livecoach needs or can use."""

import ctypes
import json
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from glob import glob
from pathlib import Path

from rich.console import Console
from rich.text import Text

from livecoach.config import Settings, load_settings, read_yaml
from livecoach.config import pose_models as pose_names
from livecoach.config.paths import configs_dir, models_dir, user_config_file, user_data_dir
from livecoach.errors import CameraError, LivecoachError
from livecoach.feedback.window import Window
from livecoach.model_files.model_folder import sha256
from livecoach.source.camera import listed_cameras, no_camera_text
from livecoach.tools.doctor_trial import AGAIN, SOUND_FAILS, Finding, Trial, camera_name, findings_of
from livecoach.tools.machine import OPTIONAL, PACKAGES, installed, system

OLDEST, NEWEST = (3, 11), (3, 14)  # Python versions that livecoach is tested on
MEDIAPIPE_VERSION = "0.10.32"
CAMERAS = 6  # how many camera indices are tried where the system does not list its cameras
WINDOW, MEDIAPIPE, SOUND = (
    "a window",
    f"--pose {pose_names.listed(pose_names.REFERENCES, 'and')}",
    "sound",
)
"""What system libraries are for."""
LIBRARIES = (
    ("libx11-6", "libX11.so.6", WINDOW),
    ("libxext6", "libXext.so.6", WINDOW),
    ("libegl1", "libEGL.so.1", MEDIAPIPE),
    ("libgles2", "libGLESv2.so.2", MEDIAPIPE),
    ("libportaudio2", "libportaudio.so.2", SOUND),
)
"""Debian package, one of its files, and what needs it."""
PULSE_PLUGIN = ("libasound2-plugins", "/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so")
PARTS = ("sessions", "profiles", "pages")  # folders in the data folder that livecoach writes into
CAMERA_FAILS = "Unplug the camera and plug it in again. Where it has a driver of its own, reinstall that."


def python() -> Finding:
    result = f"{platform.python_version()}, {system()}"
    if sys.version_info[:2] < OLDEST:
        return Finding("Python", "broken", result, "Install Python 3.11 or newer.")
    if sys.version_info[:2] > NEWEST:
        return Finding("Python", "warning", f"{result}; tested up to 3.{NEWEST[1]}")
    return Finding("Python", "ok", result)


def packages(version: Callable[[str], str | None] = installed) -> Iterable[Finding]:
    """Check packages with native code. version: returns a package's version, None if it is not installed."""
    versions = {name: version(name) for name in PACKAGES}
    pip = f"{sys.executable} -m pip"
    absent = [name for name, number in versions.items() if number is None and name not in OPTIONAL]
    if absent:
        yield Finding("packages", "missing", ", ".join(absent), f"{pip} install {' '.join(absent)}")
    there = ", ".join(f"{name} {number}" for name, number in versions.items() if number is not None)
    yield Finding("packages", "ok", there)
    if versions["mediapipe"] not in (None, MEDIAPIPE_VERSION):
        result = f"{versions['mediapipe']}: newer versions contact a host for usage logs, others are untested"
        yield Finding("mediapipe", "warning", result, f"{pip} install mediapipe=={MEDIAPIPE_VERSION}")


def system_libraries(platform: str = sys.platform, there: "Callable[[str], bool] | None" = None) -> Iterable[Finding]:
    """Check the system libraries that wheels need on Linux. there: returns whether a library can be loaded."""
    if not platform.startswith("linux"):
        return
    can_load = there if there is not None else _can_load
    absent = [(package, use) for package, file, use in LIBRARIES if not can_load(file)]
    if not glob(PULSE_PLUGIN[1]):
        absent.append((PULSE_PLUGIN[0], SOUND))
    if not absent:
        yield Finding("system libraries", "ok", "all installed")
    for use in (WINDOW, MEDIAPIPE, SOUND):
        names = [package for package, wanted in absent if wanted == use]
        if names:
            advice = f"sudo apt install {' '.join(names)}"
            yield Finding("system libraries", "missing", f"{', '.join(names)}, for {use}", advice, needed=False)


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def pose_models(wanted: str, folder: Path | None = None) -> Iterable[Finding]:
    """Check the shipped pose models against their digests, and the user's own model. wanted: the model in the settings.
    folder: of the shipped models; None for the installed ones."""
    try:
        folder = folder if folder is not None else models_dir() / "pose"
        digests = json.loads((folder / "digests.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        yield Finding("pose models", "broken", f"digests.json: {err}", AGAIN)
        return
    wanted = wanted.removeprefix(pose_names.MEDIAPIPE)  # the same file
    for name, file in pose_names.FILES.items():
        yield _pose_model(name, folder / file, digests, needed=name == wanted)
    if wanted not in pose_names.FILES and not Path(wanted.removeprefix(pose_names.ONNX)).expanduser().is_file():
        advice = f"Set pose to {pose_names.listed(pose_names.SHIPPED)}, or to the path of a model."
        yield Finding("pose model", "missing", f"{wanted} (from the settings)", advice)


def _pose_model(name: str, path: Path, digests: dict[str, str], *, needed: bool) -> Finding:
    label = f"pose model {name}"
    try:
        digest = sha256(path)
    except OSError as err:
        return Finding(label, "missing", f"{path}: {err.strerror}", AGAIN, needed)
    if digest != digests.get(path.name):
        return Finding(label, "broken", f"{path}: differs from the shipped file (digests.json)", AGAIN, needed)
    return Finding(label, "ok", f"as shipped, {path.stat().st_size / 1e6:.1f} MB", needed=needed)


def camera_indices(platform: str) -> list[int]:
    """The camera indices to try: those that Linux lists, or the first CAMERAS on other systems."""
    listed = listed_cameras(platform)
    return list(range(CAMERAS) if listed is None else listed)


def no_camera_finding(platform: str) -> Finding:
    where = "no /dev/video*" if platform.startswith("linux") else "none opened"
    advice = "Connect one, or use a phone: livecoach live --phone, or a stream: livecoach live --camera URL"
    return Finding("cameras", "missing", where, advice, needed=False)


def data_folder(folder: Path | None = None, access: Callable[[Path, int], bool] = os.access) -> Finding:
    """Check the folder for sessions and profiles, which need not exist yet. folder: None for the user's. access:
    returns whether the user may do what a mode of `os.access` names."""
    folder = folder if folder is not None else user_data_dir()
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    stored = [folder / part for part in PARTS] if there == folder else []
    for place in (there, *(part for part in stored if os.path.lexists(part))):
        problem = _problem(place, access)
        if problem is not None:
            result, advice = problem
            return Finding("data folder", "broken", result, advice, needed=False)
    return Finding("data folder", "ok", str(folder), needed=False)


def _problem(place: Path, access: Callable[[Path, int], bool]) -> tuple[str, str] | None:
    """What is wrong with a folder, and what to do; None where livecoach can use it."""
    if not place.is_dir():
        kind = "a link that leads nowhere" if place.is_symlink() else "a file, not a folder"
        return f"{place} is {kind}: no set is recorded", "Move it away. livecoach creates the folder."
    if not access(place, os.R_OK | os.X_OK):
        return f"{place} can't be read: what it holds is not found, and nothing is saved there", _opened(place)
    if access(place, os.W_OK):
        return None
    if _read_only(place):
        advice = "Make its file system writable, or set XDG_DATA_HOME to a folder on another one."
        return f"{place} is on a read-only file system: nothing is saved there", advice
    return f"{place} is not writable: nothing is saved there", _opened(place)


def _opened(place: Path) -> str:
    if sys.platform == "win32":
        return "Give your user full control of it, in its properties."
    quoted = shlex.quote(str(place))
    if place.stat().st_uid == os.geteuid():
        return f"Run: chmod u+rwx {quoted}"
    return f"It belongs to another user. Run: sudo chown -R $USER {quoted}"


def _read_only(place: Path) -> bool:
    return sys.platform != "win32" and bool(os.statvfs(place).f_flag & os.ST_RDONLY)


def examine() -> list[Finding]:
    window = Window()
    settings, about_settings = _settings()
    places = [str(index) for index in camera_indices(sys.platform)]
    if isinstance(settings.camera, str):
        places.append(settings.camera)
    tried = findings_of(
        [
            Trial("imports"),
            Trial("pose", (settings.pose,)),
            Trial("bar"),
            Trial("exercises", (settings.exercise,)),
            *map(_camera, places),
            Trial("sound", needed=False, advice=SOUND_FAILS),
        ]
    )
    if not any(finding.name.startswith("camera") for finding in tried):
        tried.append(no_camera_finding(sys.platform))
    checked = [python(), *packages(), *system_libraries(), *pose_models(settings.pose)]
    return [*checked, *tried, _display(window.why_not()), about_settings, data_folder()]


def works(findings: Sequence[Finding]) -> bool:
    """Whether `livecoach live` can run, apart from a camera."""
    return not any(finding.needed and finding.status in ("missing", "broken") for finding in findings)


def _settings() -> tuple[Settings, Finding]:
    """The settings that `live` would use, or the shipped ones if the user's can't be read."""
    path = user_config_file()
    try:
        settings = load_settings({})
    except LivecoachError as err:
        broken = Finding("settings", "broken", str(err), f"Correct or remove {path}")
        return read_yaml(configs_dir() / "settings.yaml", Settings), broken
    there = f"{path}" if path.exists() else f"{path} (does not exist: using the shipped settings)"
    return settings, Finding("settings", "ok", there)


def _display(reason: str | None) -> Finding:
    if reason is None:
        return Finding("display", "ok", "a window can be opened", needed=False)
    advice = "Start livecoach from a desktop session to see the picture. It also runs without a window."
    return Finding("display", "warning", reason, advice, needed=False)


def _camera(place: str) -> Trial:
    return Trial("camera", (place,), camera_name(place), needed=False, advice=CAMERA_FAILS)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a line for each finding, with the advice below it."""
    console = Console(highlight=False)
    widest = max(len(finding.name) for finding in findings)
    for finding in findings:
        bad = "red" if finding.needed else "yellow"
        colour = {"ok": "green", "warning": "yellow"}.get(finding.status, bad)
        line = Text.assemble(f"{finding.name:<{widest}}  ", (f"{finding.status:<7}", colour), f"  {finding.result}")
        console.print(line, soft_wrap=True)
        if finding.advice is not None:
            console.print(Text(f"{'':<{widest + 9}}  → {finding.advice}"), soft_wrap=True)
    verdict = (
        "livecoach can run here."
        if works(findings)
        else "livecoach can't run here: fix what is broken or missing above."
    )
    console.print(f"\n{verdict}", soft_wrap=True)


def camera_lines() -> list[str]:
    """A line for each camera: its number and what it delivers, or why it does not open. Raises CameraError where there
    is none."""
    findings = findings_of([_camera(str(index)) for index in camera_indices(sys.platform)])
    if not findings:
        raise CameraError(no_camera_text(sys.platform))
    return [f"{one.name}: {one.result}" if one.status == "ok" else one.result for one in findings]
