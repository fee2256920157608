"""Checks the installation, with a finding for each part that livecoach needs or can use.

`livecoach.lab.tools.trials` tries native code, in child processes.
"""

import ctypes
import importlib.metadata
import json
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from glob import glob
from pathlib import Path

from rich.console import Console
from rich.text import Text

from livecoach.capture.camera import MORE, camera_numbers, no_camera_text
from livecoach.core.config import Settings, load_settings, read_yaml
from livecoach.core.config import pose_models as pose_names
from livecoach.core.config.paths import configs_dir, models_dir, user_config_file, user_data_dir
from livecoach.core.errors import CameraError, LivecoachError
from livecoach.core.model_files.model_folder import file_sha256
from livecoach.core.types.message import Message
from livecoach.feedback.window import Window
from livecoach.lab.tools import trials
from livecoach.lab.tools.trials import AGAIN, SOUND_FAILS, Finding, Trial, run_trials

PACKAGES = ("opencv-python-headless", "pygame-ce", "ai-edge-litert", "av", "numpy", "sounddevice")
OLDEST, NEWEST = (3, 11), (3, 14)  # Oldest and newest Python version that livecoach is tested on
# Purposes of system libraries, as messages name them.
WINDOW, SOUND = "a window", "sound"
LIBRARIES = (
    ("libx11-6", "libX11.so.6", WINDOW),
    ("libxext6", "libXext.so.6", WINDOW),
    ("libportaudio2", "libportaudio.so.2", SOUND),
)
"""Debian package, a file in it, and its purpose."""
PULSE_PLUGIN = ("libasound2-plugins", "/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so")
PARTS = ("sessions", "profiles", "pages")  # Folders in the data folder that livecoach writes into
OTHER_MODEL = "Set pose to {name}, or to the path of a model."
CONNECT = "Connect one, or use a phone: livecoach live --phone, or a stream: livecoach live --camera URL"
CAMERA_FAILS = "Unplug the camera and plug it in again. Where it has a driver of its own, reinstall that."


def installed_version(package: str) -> str | None:
    """Return the version of an installed package; None if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def system_name() -> str:
    """Return the name of the operating system, with its kernel."""
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()
    return f"{name}, {platform.system()} {platform.release()} {platform.machine()}"


def _check_python() -> Finding:
    result = f"{platform.python_version()}, {system_name()}"
    if sys.version_info[:2] < OLDEST:
        return Finding("Python", "broken", result, "Install Python 3.11 or newer.")
    if sys.version_info[:2] > NEWEST:
        return Finding("Python", "warning", Message("{name}; tested up to 3.{n}", name=result, n=NEWEST[1]))
    return Finding("Python", "ok", result)


def _check_packages() -> Iterable[Finding]:
    versions = {name: installed_version(name) for name in PACKAGES}
    pip = f"{sys.executable} -m pip"
    absent = [name for name, number in versions.items() if number is None]
    if absent:
        yield Finding("packages", "missing", ", ".join(absent), f"{pip} install {' '.join(absent)}")
    there = ", ".join(f"{name} {number}" for name, number in versions.items() if number is not None)
    yield Finding("packages", "ok", there)


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def check_system_libraries(platform: str = sys.platform, loads: Callable[[str], bool] = _can_load) -> Iterable[Finding]:
    """Check the system libraries that livecoach needs on Linux; yield no finding on other systems.

    Args:
        platform: Name of the system, as `sys.platform`.
        loads: Returns whether a library, by the name of its file, can be loaded.
    """
    if not platform.startswith("linux"):
        return
    absent = [(package, use) for package, file, use in LIBRARIES if not loads(file)]
    if not glob(PULSE_PLUGIN[1]):
        absent.append((PULSE_PLUGIN[0], SOUND))
    if not absent:
        yield Finding("system libraries", "ok", "all installed")
    for use in (WINDOW, SOUND):
        names = [package for package, wanted in absent if wanted == use]
        if names:
            advice = f"sudo apt install {' '.join(names)}"
            yield Finding(
                "system libraries",
                "missing",
                Message("{name}, for {text}", name=", ".join(names), text=use),
                advice,
                needed=False,
            )


def check_pose_models(model: str, folder: Path | None = None) -> Iterable[Finding]:
    """Check the pose models in a folder (None for the shipped folder), and the pose model in the settings, `model`."""
    try:
        folder = folder if folder is not None else models_dir() / "pose"
        digests = json.loads((folder / "digests.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        yield Finding("pose models", "broken", f"digests.json: {err}", AGAIN)
        return
    for name, file in pose_names.FILES.items():
        yield _pose_model(name, folder / file, digests, needed=name == model)
    if model not in pose_names.FILES and not Path(model.removeprefix(pose_names.ONNX)).expanduser().is_file():
        advice = Message(OTHER_MODEL, name=pose_names.CHOICE)
        yield Finding("pose model", "missing", Message("{name} (from the settings)", name=model), advice)


def _pose_model(name: str, path: Path, digests: dict[str, str], *, needed: bool) -> Finding:
    label = Message("pose model {name}", name=name)
    try:
        digest = file_sha256(path)
    except OSError as err:
        return Finding(label, "missing", f"{path}: {err.strerror}", AGAIN, needed)
    if digest != digests.get(path.name):
        return Finding(label, "broken", Message("{name}: differs from the shipped file", name=str(path)), AGAIN, needed)
    return Finding(label, "ok", Message("as shipped, {n} MB", n=f"{path.stat().st_size / 1e6:.1f}"), needed=needed)


def check_data_folder(folder: Path | None = None, access: Callable[[Path, int], bool] = os.access) -> Finding:
    """Check whether the user may read and write the folder of sessions and profiles, which may be missing.

    Args:
        folder: The folder; None for the user's data folder.
        access: Returns whether the user has a right to a path, as `os.access`.
    """
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
    """Return the problem of a folder, with advice; None if livecoach can use the folder."""
    if not place.is_dir():
        what = "{name} is a file, not a folder: no set is recorded"
        if place.is_symlink():
            what = "{name} is a link that leads nowhere: no set is recorded"
        return Message(what, name=str(place)), "Move it away. livecoach creates the folder."
    if not access(place, os.R_OK | os.X_OK):
        what = "{name} can't be read: what it holds is not found, and nothing is saved there"
        return Message(what, name=str(place)), _opened(place)
    if access(place, os.W_OK):
        return None
    if sys.platform != "win32" and os.statvfs(place).f_flag & os.ST_RDONLY:
        advice = "Make its file system writable, or set LIVECOACH_HOME to a folder on another one."
        return Message("{name} is on a read-only file system: nothing is saved there", name=str(place)), advice
    return Message("{name} is not writable: nothing is saved there", name=str(place)), _opened(place)


def _opened(place: Path) -> str:
    if sys.platform == "win32":
        return "Give your user full control of it, in its properties."
    quoted = shlex.quote(str(place))
    if place.stat().st_uid == os.geteuid():
        return Message("Run: {name}", name=f"chmod u+rwx {quoted}")
    return Message("It belongs to another user. Run: {name}", name=f"sudo chown -R $USER {quoted}")


def examine_installation() -> list[Finding]:
    """Check the whole installation, and return the findings in the order in which they are shown.

    A window, each camera and the sound output are opened for a moment.
    """
    window = Window()
    settings, about_settings = _settings()
    places = [str(number) for number in camera_numbers(sys.platform)]
    if isinstance(settings.camera, str):
        places.append(settings.camera)
    tried = run_trials(
        [
            Trial("imports", trials.check_imports),
            Trial("pose", partial(trials.check_pose, settings.pose)),
            Trial("bar", trials.check_bar),
            Trial("speed", trials.check_speed, needed=False),
            Trial("exercises", partial(trials.check_exercises, settings.exercise)),
            *(camera_trial(place, needed=False) for place in places),
            Trial("sound", trials.check_sound, needed=False, advice=SOUND_FAILS),
        ]
    )
    if not any(finding.name.startswith("camera") for finding in tried):
        where = "no camera found (no /dev/video*)" if sys.platform.startswith("linux") else "none opened"
        tried.append(Finding("cameras", "missing", where, CONNECT, needed=False))
    display = Finding("display", "ok", "a window can be opened", needed=False)
    reason = window.failure_reason()
    window.close()
    if reason is not None:
        advice = "Start livecoach from a desktop session to see the picture. It also runs without a window."
        display = Finding("display", "warning", reason, advice, needed=False)
    checked = [_check_python(), *_check_packages(), *check_system_libraries(), *check_pose_models(settings.pose)]
    return [*checked, *tried, display, about_settings, check_data_folder()]


def can_run_live(findings: Sequence[Finding]) -> bool:
    """Return whether `livecoach live` can run according to findings, whatever the state of the cameras."""
    return not any(finding.needed and finding.status in ("missing", "broken") for finding in findings)


def _settings() -> tuple[Settings, Finding]:
    """Return the settings, or the shipped settings if the user's can't be read, and the finding about the settings."""
    path = user_config_file()
    try:
        settings = load_settings({})
    except LivecoachError as err:
        broken = Finding("settings", "broken", err.text, Message("Correct or remove {name}.", name=str(path)))
        return read_yaml(configs_dir() / "settings.yaml", Settings), broken
    there = "{name}" if path.exists() else "{name} (does not exist: using the shipped settings)"
    return settings, Finding("settings", "ok", Message(there, name=str(path)))


def camera_trial(place: str, *, needed: bool) -> Trial:
    """Return the trial of a camera, by its number or URL."""
    return Trial(trials.camera_name(place), partial(trials.check_camera, place), needed, CAMERA_FAILS)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print the findings as a table, and whether livecoach can run."""
    console = Console(highlight=False)
    widest = max(len(finding.name) for finding in findings)
    for finding in findings:
        bad = "red" if finding.needed else "yellow"
        colour = {"ok": "green", "warning": "yellow"}.get(finding.status, bad)
        line = Text.assemble(f"{finding.name:<{widest}}  ", (f"{finding.status:<7}", colour), f"  {finding.result}")
        console.print(line, soft_wrap=True)
        if finding.advice is not None:
            console.print(Text(f"{'':<{widest + 9}}  → {finding.advice}"), soft_wrap=True)
    can_run = "livecoach can run here."
    cannot = "livecoach can't run here: fix what is broken or missing above."
    console.print(f"\n{can_run if can_run_live(findings) else cannot}", soft_wrap=True)


def camera_lines() -> list[str]:
    """Describe each camera in a line: its format, or why it does not open. Raises CameraError if there is no camera."""
    findings = run_trials([camera_trial(str(number), needed=False) for number in camera_numbers(sys.platform)])
    if not findings:
        raise CameraError(no_camera_text(sys.platform))
    return [
        f"{found.name}: {found.result}" if found.status == "ok" else found.result.removesuffix(MORE).rstrip()
        for found in findings
    ]
