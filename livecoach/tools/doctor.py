"""Checks the installation: one finding for each thing that livecoach needs or can use.

Everything that loads native code (OpenCV, MediaPipe, PortAudio, camera drivers) is tried in its own child process,
`doctor_trial`, where it may crash, hang or write to stderr; the doctor reports that. All children run in parallel.
"""

import ctypes
import json
import os
import platform
import shlex
import subprocess
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
from livecoach.feedback.probe import start_probe
from livecoach.model_files.model_folder import sha256
from livecoach.source.camera import listed_cameras, no_camera_text
from livecoach.tools.doctor_trial import SOUND_FAILS, Finding, Status, camera_name
from livecoach.tools.machine import OPTIONAL, PACKAGES, end, installed, system

OLDEST, NEWEST = (3, 11), (3, 14)
"""Python versions that livecoach is tested on."""
MEDIAPIPE_VERSION = "0.10.32"
CAMERAS = 6
"""How many camera indices are tried where the system does not list its cameras."""
OPENCV, WINDOW, AT_ONCE, MEDIAPIPE, SOUND = (
    "OpenCV",
    "a window",
    "a window that shows at once",
    f"--pose {pose_names.listed(pose_names.REFERENCES, 'and')}",
    "sound",
)
"""What system libraries are for; livecoach can't do without the first."""
LIBRARIES = (
    ("libgl1", "libGL.so.1", OPENCV),
    ("libglib2.0-0", "libgthread-2.0.so.0", OPENCV),
    ("libxcb1", "libxcb.so.1", OPENCV),
    ("libx11-6", "libX11.so.6", OPENCV),
    ("libx11-xcb1", "libX11-xcb.so.1", AT_ONCE),
    ("libsm6", "libSM.so.6", WINDOW),
    ("libegl1", "libEGL.so.1", MEDIAPIPE),
    ("libgles2", "libGLESv2.so.2", MEDIAPIPE),
    ("libportaudio2", "libportaudio.so.2", SOUND),
)
"""Debian package, one of its files, and what needs it."""
PULSE_PLUGIN = ("libasound2-plugins", "/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so")
PARTS = ("sessions", "profiles", "pages")
"""Folders in the data folder that livecoach writes into."""
LIMIT_S = 30.0
"""Longest wait for a trial, which detects a camera that hangs; the slowest trial took 2 s."""
REINSTALL = "Install the system libraries named above, then reinstall livecoach."
CAMERA_FAILS = "Unplug the camera and plug it in again. Where it has a driver of its own, reinstall that."


def python() -> Iterable[Finding]:
    """Check the interpreter."""
    result = f"{platform.python_version()}, {system()}"
    if sys.version_info[:2] < OLDEST:
        yield Finding(name="Python", status="broken", result=result, advice="Install Python 3.11 or newer.")
    elif sys.version_info[:2] > NEWEST:
        yield Finding(name="Python", status="warning", result=f"{result}; tested up to 3.{NEWEST[1]}")
    else:
        yield Finding(name="Python", status="ok", result=result)


def packages(version: Callable[[str], str | None] = installed) -> Iterable[Finding]:
    """Check packages with native code. version: returns a package's version, None if it is not installed."""
    versions = {name: version(name) for name in PACKAGES}
    there = ", ".join(
        f"{name} {installed_version}" for name, installed_version in versions.items() if installed_version is not None
    )
    absent = [
        name for name, installed_version in versions.items() if installed_version is None and name not in OPTIONAL
    ]
    if absent:
        advice = f"{sys.executable} -m pip install {' '.join(absent)}"
        yield Finding(name="packages", status="missing", result=", ".join(absent), advice=advice)
    yield Finding(name="packages", status="ok", result=there)
    if versions["mediapipe"] not in (None, MEDIAPIPE_VERSION):
        yield Finding(
            name="mediapipe",
            status="warning",
            result=f"{versions['mediapipe']}: newer versions contact a host for usage logs, others are untested",
            advice=f"{sys.executable} -m pip install mediapipe=={MEDIAPIPE_VERSION}",
        )
    rivals = [name for name in ("opencv-python", "opencv-python-headless") if version(name) is not None]
    if rivals:
        yield Finding(
            name="opencv",
            status="warning",
            result=f"{', '.join(rivals)} shares a folder with opencv-contrib-python, and uninstalling it breaks that",
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
        yield Finding(name="system libraries", status="ok", result="all installed")
    for use in (OPENCV, WINDOW, AT_ONCE, MEDIAPIPE, SOUND):
        names = [package for package, wanted in absent if wanted == use]
        if names:
            yield Finding(
                name="system libraries",
                status="missing",
                result=f"{', '.join(names)}, for {use}",
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
        yield Finding(name="pose models", status="broken", result=f"digests.json: {err}", advice="Reinstall livecoach.")
        return
    wanted = wanted.removeprefix(pose_names.MEDIAPIPE)  # the same file
    for name, file in pose_names.FILES.items():
        yield _pose_model(name, folder / file, digests, needed=name == wanted)
    if wanted not in pose_names.FILES and not Path(wanted.removeprefix(pose_names.ONNX)).expanduser().is_file():
        advice = f"Set pose to {pose_names.listed(pose_names.SHIPPED)}, or to the path of a model."
        yield Finding(name="pose model", status="missing", result=f"{wanted} (from the settings)", advice=advice)


def _pose_model(name: str, path: Path, digests: dict[str, str], *, needed: bool) -> Finding:
    label, advice = f"pose model {name}", "Reinstall livecoach."
    try:
        digest = sha256(path)
    except OSError as err:
        result = f"{path}: {err.strerror}"
        return Finding(name=label, status="missing", result=result, advice=advice, needed=needed)
    if digest != digests.get(path.name):
        result = f"{path}: differs from the shipped file (digests.json)"
        return Finding(name=label, status="broken", result=result, advice=advice, needed=needed)
    return Finding(name=label, status="ok", result=f"as shipped, {path.stat().st_size / 1e6:.1f} MB", needed=needed)


def camera_indices(platform: str) -> list[int]:
    """Return the camera indices to try: those that Linux lists, or the first CAMERAS on other systems."""
    listed = listed_cameras(platform)
    return list(range(CAMERAS) if listed is None else listed)


def no_camera_finding(platform: str) -> Finding:
    """Return the finding that there is no camera."""
    where = "no /dev/video*" if platform.startswith("linux") else "none opened"
    advice = "Connect one, or use a phone: livecoach live --phone, or a stream: livecoach live --camera URL"
    return Finding(name="cameras", status="missing", result=where, advice=advice, needed=False)


def data_folder(folder: Path | None = None, access: Callable[[Path, int], bool] = os.access) -> Finding:
    """Check the folder for sessions and profiles, which need not exist yet.

    folder: None for the user's. access: returns whether the user may do what a mode of `os.access` pose_names.
    """
    folder = folder if folder is not None else user_data_dir()
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    stored = [folder / part for part in PARTS] if there == folder else []
    for place in (there, *(part for part in stored if os.path.lexists(part))):
        problem = _problem(place, access)
        if problem is not None:
            result, advice = problem
            return Finding(name="data folder", status="broken", result=result, advice=advice, needed=False)
    return Finding(name="data folder", status="ok", result=str(folder), needed=False)


def _problem(place: Path, access: Callable[[Path, int], bool]) -> tuple[str, str] | None:
    """Return what is wrong with a folder, and what to do; None where livecoach can use it."""
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
    """Return how to get access to a folder."""
    if sys.platform == "win32":
        return "Give your user full control of it, in its properties."
    quoted = shlex.quote(str(place))
    if place.stat().st_uid == os.geteuid():
        return f"Run: chmod u+rwx {quoted}"
    return f"It belongs to another user. Run: sudo chown -R $USER {quoted}"


def _read_only(place: Path) -> bool:
    return sys.platform != "win32" and bool(os.statvfs(place).f_flag & os.ST_RDONLY)


class Trial:
    """A child process that tries one thing."""

    def __init__(self, name: str, *words: str, needed: bool, advice: str = REINSTALL) -> None:
        """words: arguments of `doctor_trial`. needed: whether `livecoach live` needs it. advice: what to do where the
        trial itself fails."""
        self._name, self._needed, self._advice = name, needed, advice
        self._child = subprocess.Popen(
            [sys.executable, "-m", "livecoach.tools.doctor_trial", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def findings(self) -> list[Finding]:
        """Wait for the child's findings. A crash and a timeout are findings too."""
        try:
            output, _ = self._child.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            return [self._failed(f"did not answer within {LIMIT_S:.0f} s")]
        finally:
            end(self._child)
        lines = output.splitlines()
        try:
            return [Finding(**fields) for fields in json.loads(lines[-1])]
        except (IndexError, ValueError, TypeError):
            return [self._failed(f"ended with status {self._child.returncode}")]

    def _failed(self, what: str) -> Finding:
        status: Status = "broken" if self._needed else "warning"
        result = f"the trial {what}"
        return Finding(name=self._name, status=status, result=result, advice=self._advice, needed=self._needed)


def examine() -> list[Finding]:
    """Run all checks."""
    probe = start_probe()
    settings, about_settings = _settings()
    trials = [
        Trial("imports", "libraries", needed=True),
        Trial("pose", "pose", settings.pose, needed=True),
        Trial("bar", "bar", needed=True),
        Trial("exercises", "exercises", settings.exercise, needed=True),
        *_cameras(settings),
        Trial("sound", "sound", needed=False, advice=SOUND_FAILS),
    ]
    checked = [*python(), *packages(), *system_libraries()]
    about_models = [*pose_models(settings.pose)]
    tried = [finding for trial in trials for finding in trial.findings()]
    if not any(finding.name.startswith("camera") for finding in tried):
        tried.append(no_camera_finding(sys.platform))
    return [*checked, *about_models, *tried, _display(probe.result()), about_settings, data_folder()]


def works(findings: Sequence[Finding]) -> bool:
    """Return whether `livecoach live` can run, apart from a camera."""
    return not any(finding.needed and finding.status in ("missing", "broken") for finding in findings)


def _settings() -> tuple[Settings, Finding]:
    """Return the settings that `live` would use, or the shipped ones if the user's can't be read."""
    path = user_config_file()
    try:
        settings = load_settings({})
    except LivecoachError as err:
        broken = Finding(name="settings", status="broken", result=str(err), advice=f"Correct or remove {path}")
        return read_yaml(configs_dir() / "settings.yaml", Settings), broken
    there = f"{path}" if path.exists() else f"{path} (does not exist: using the shipped settings)"
    return settings, Finding(name="settings", status="ok", result=there)


def _display(reason: str | None) -> Finding:
    if reason is None:
        return Finding(name="display", status="ok", result="a window can be opened", needed=False)
    return Finding(
        name="display",
        status="warning",
        result=reason,
        advice="Start livecoach from a desktop session to see the picture. It also runs without a window.",
        needed=False,
    )


def _cameras(settings: Settings) -> list[Trial]:
    """Start a trial for each camera that the system lists or may have, and for the stream in the settings."""
    places = [str(index) for index in camera_indices(sys.platform)]
    if isinstance(settings.camera, str):
        places.append(settings.camera)
    return [Trial(camera_name(place), "camera", place, needed=False, advice=CAMERA_FAILS) for place in places]


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
    """Return a line for each camera: its number and what it delivers, or why it does not open. Raises CameraError
    where there is none.

    Each camera is opened in a process of its own, because a driver may hang.
    """
    trials = [Trial("camera", "camera", str(index), needed=False) for index in camera_indices(sys.platform)]
    findings = [finding for trial in trials for finding in trial.findings()]
    if not findings:
        raise CameraError(no_camera_text(sys.platform))
    return [f"{one.name}: {one.result}" if one.status == "ok" else one.result for one in findings]
