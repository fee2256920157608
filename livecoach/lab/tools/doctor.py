"""Checks the installation, with a finding for each part that livecoach needs or can use.

Native code (OpenCV, MediaPipe, PortAudio, camera drivers) may crash, hang or write to stderr. A child process therefore
makes all trials of it. If a trial ends the child, another child makes the remaining trials.
"""

import ctypes
import importlib
import importlib.metadata
import json
import os
import platform
import shlex
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from glob import glob
from importlib.util import find_spec
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.text import Text

from livecoach.capture import call_within
from livecoach.capture.address import redact_url
from livecoach.capture.camera import camera_indices, no_camera_text
from livecoach.core.config import Settings, load_settings, read_yaml
from livecoach.core.config import pose_models as pose_names
from livecoach.core.config.paths import assets_dir, configs_dir, models_dir, user_config_file, user_data_dir
from livecoach.core.config.yaml_files import single_line
from livecoach.core.errors import CameraError, LivecoachError, ModelError, NotTrained
from livecoach.core.model_files.model_folder import sha256
from livecoach.feedback.window import Window

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

OPTIONAL = ("mediapipe",)  # Packages of an extra
PACKAGES = (*OPTIONAL, "opencv-python-headless", "pygame-ce", "ai-edge-litert", "av", "numpy", "sounddevice")
OLDEST, NEWEST = (3, 11), (3, 14)  # Oldest and newest Python version that livecoach is tested on
MEDIAPIPE_VERSION = "0.10.32"  # The tested version; newer versions contact a host for usage logs
# Purposes of system libraries, as messages name them.
WINDOW, MEDIAPIPE, SOUND = "a window", f"--pose {pose_names.list_in_words(pose_names.REFERENCES, 'and')}", "sound"
LIBRARIES = (
    ("libx11-6", "libX11.so.6", WINDOW),
    ("libxext6", "libXext.so.6", WINDOW),
    ("libegl1", "libEGL.so.1", MEDIAPIPE),
    ("libgles2", "libGLESv2.so.2", MEDIAPIPE),
    ("libportaudio2", "libportaudio.so.2", SOUND),
)
"""Debian package, a file in it, and its purpose."""
PULSE_PLUGIN = ("libasound2-plugins", "/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so")
PARTS = ("sessions", "profiles", "pages")  # Folders in the data folder that livecoach writes into
CAMERA_FAILS = "Unplug the camera and plug it in again. Where it has a driver of its own, reinstall that."
SPAWN = get_context("spawn")  # A fork would inherit the modules that the parent has loaded
LIMIT_S = 30.0  # Longest wait for a trial, which detects a camera that hangs; the slowest trial took 2 s
REINSTALL = "Install the missing system libraries. If none is missing, reinstall livecoach."
AGAIN = "Reinstall livecoach."
BUSY = "Close other programs, and try again: the computer may be too slow."
IMPORTS = {"cv2": "OpenCV", "mediapipe": "MediaPipe", "ai_edge_litert.interpreter": "LiteRT", "av": "PyAV"}
"""Module → its name in messages. MediaPipe is an extra."""
SETTLES_S = 0.3  # Time in seconds until the last samples have left the loudspeaker. Our choice.
ADAPTING = 15  # Pictures in which a camera adapts to the light: half a second. Our choice.
SOUND_S = 3.0  # Longest wait for a device to request samples, in seconds
SERVER_S = 10.0
"""Longest wait for the sound server in seconds, with SOUND_S. With an idle device it answered after 1 s. Our choice."""
SOUND_FAILS = (
    "Restart the sound server (on Linux: systemctl --user restart pipewire-pulse, or pulseaudio -k), or log in again. "
    "Without one, livecoach only shows cues on the screen."
)
Status = Literal["ok", "warning", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of checking a part of the installation."""

    name: str
    status: Status
    result: str
    advice: str | None = None  # What to do; None if there is nothing to do
    needed: bool = True  # Whether `livecoach live` needs the part


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


def check_python() -> Finding:
    """Check the version of Python."""
    result = f"{platform.python_version()}, {system_name()}"
    if sys.version_info[:2] < OLDEST:
        return Finding("Python", "broken", result, "Install Python 3.11 or newer.")
    if sys.version_info[:2] > NEWEST:
        return Finding("Python", "warning", f"{result}; tested up to 3.{NEWEST[1]}")
    return Finding("Python", "ok", result)


def check_packages(version: Callable[[str], str | None] = installed_version) -> Iterable[Finding]:
    """Check the versions of the packages with native code.

    Args:
        version: Returns the version of a package; None if it is not installed.
    """
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


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def check_system_libraries(platform: str = sys.platform, there: Callable[[str], bool] = _can_load) -> Iterable[Finding]:
    """Check the system libraries that wheels need on Linux.

    Args:
        there: Returns whether a library can be loaded.
    """
    if not platform.startswith("linux"):
        return
    absent = [(package, use) for package, file, use in LIBRARIES if not there(file)]
    if not glob(PULSE_PLUGIN[1]):
        absent.append((PULSE_PLUGIN[0], SOUND))
    if not absent:
        yield Finding("system libraries", "ok", "all installed")
    for use in (WINDOW, MEDIAPIPE, SOUND):
        names = [package for package, wanted in absent if wanted == use]
        if names:
            advice = f"sudo apt install {' '.join(names)}"
            yield Finding("system libraries", "missing", f"{', '.join(names)}, for {use}", advice, needed=False)


def check_pose_models(wanted: str, folder: Path | None = None) -> Iterable[Finding]:
    """Check the shipped pose models in a folder against their digests, and the pose model in the settings."""
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
        advice = f"Set pose to {pose_names.list_in_words(pose_names.SHIPPED)}, or to the path of a model."
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


def check_data_folder(folder: Path | None = None, access: Callable[[Path, int], bool] = os.access) -> Finding:
    """Check whether the user may read and write the folder of sessions and profiles, which may be missing."""
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
        kind = "a link that leads nowhere" if place.is_symlink() else "a file, not a folder"
        return f"{place} is {kind}: no set is recorded", "Move it away. livecoach creates the folder."
    if not access(place, os.R_OK | os.X_OK):
        return f"{place} can't be read: what it holds is not found, and nothing is saved there", _opened(place)
    if access(place, os.W_OK):
        return None
    if sys.platform != "win32" and os.statvfs(place).f_flag & os.ST_RDONLY:
        advice = "Make its file system writable, or set LIVECOACH_HOME to a folder on another one."
        return f"{place} is on a read-only file system: nothing is saved there", advice
    return f"{place} is not writable: nothing is saved there", _opened(place)


def _opened(place: Path) -> str:
    if sys.platform == "win32":
        return "Give your user full control of it, in its properties."
    quoted = shlex.quote(str(place))
    if place.stat().st_uid == os.geteuid():
        return f"Run: chmod u+rwx {quoted}"
    return f"It belongs to another user. Run: sudo chown -R $USER {quoted}"


@dataclass(frozen=True, slots=True)
class Trial:
    """A check of native code, which is made in a child process."""

    what: Callable[..., list[Finding]]  # Function of this module that makes the check
    about: tuple[str, ...] = ()  # Arguments of the function
    name: str = ""  # Name of the finding if the trial itself fails; empty for the function's name
    needed: bool = True
    advice: str = ""  # Advice if the trial itself fails; empty for the usual advice on this kind of failure

    def failure(self, how: str, advice: str) -> Finding:
        """Return the finding of a trial that itself failed.

        Args:
            how: How the trial failed, in words.
        """
        status: Status = "broken" if self.needed else "warning"
        return Finding(self.name or self.what.__name__, status, f"the trial {how}", self.advice or advice, self.needed)


def make_trials(trials: Sequence[Trial]) -> list[Finding]:
    """Make trials in child processes, and return their findings in order; a crash or a hang is a finding, too."""
    Path(os.devnull).open("rb").close()  # raises if the children of a run, unlike these children, could not be started
    findings, left = list[Finding](), list(trials)
    while left:
        answers, answer = SPAWN.Pipe(duplex=False)
        child = SPAWN.Process(target=_try, args=(left, answer), daemon=True)
        child.start()
        answer.close()  # the child's end alone stays open: reading ends with the child
        try:
            while left:
                if not answers.poll(LIMIT_S):
                    raise TimeoutError
                findings += answers.recv()
                del left[0]
        except EOFError:
            child.join()
            findings.append(left.pop(0).failure(f"ended with status {child.exitcode}", REINSTALL))
        except TimeoutError:
            findings.append(left.pop(0).failure(f"did not answer within {LIMIT_S:.0f} s", BUSY))
        finally:
            child.kill()
            child.join()
            answers.close()
    return findings


def _try(trials: Sequence[Trial], answer: "Connection") -> None:
    """Make trials in this process, and send the findings of each trial."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # standard output and error: libraries write there
        os.dup2(nowhere, stream)
    for trial in trials:
        try:
            findings = trial.what(*trial.about)
        except LivecoachError as err:
            findings = [Finding(trial.what.__name__, "broken", err.text)]
        except ImportError as err:
            findings = [Finding(trial.what.__name__, "broken", single_line(str(err)), REINSTALL)]
        answer.send(findings)


def imports() -> list[Finding]:
    """Check whether modules with native code can be imported."""
    from livecoach.perception.pose.graph import load_mediapipe

    findings, loaded = [], []
    for module, name in IMPORTS.items():
        package = module.partition(".")[0]
        if find_spec(package) is None and package in OPTIONAL:
            continue
        try:
            load_mediapipe() if module == "mediapipe" else importlib.import_module(module)
            loaded.append(name)
        except (ImportError, ModelError, OSError, RuntimeError) as err:
            findings.append(
                Finding(f"import {package}", "broken", single_line(str(err)), REINSTALL, package not in OPTIONAL)
            )
    return findings or [Finding("imports", "ok", f"{', '.join(loaded[:-1])} and {loaded[-1]} load")]


def pose(model: str) -> list[Finding]:
    """Check that a pose model detects the person in a shipped picture."""
    from livecoach.capture.opencv import cv2
    from livecoach.perception.pose.estimators import open_estimator

    with closing(open_estimator(model)) as estimator:
        picture = cv2.imread(str(assets_dir() / "person.png"))
        person = None if picture is None else estimator.estimate(picture, 0.0)
    if person is None:
        advice = f"Set pose to {pose_names.list_in_words(pose_names.SHIPPED)}."
        return [Finding("pose", "broken", f"{model} detects nobody in the test picture", advice)]
    return [Finding("pose", "ok", f"{model} detects the person in the test picture")]


LOOKS, CAMERA_FPS = 45, 30.0  # Pictures by which the speed is measured, and pictures a second of a camera
FRAME_OVER_POSE = 2.0
"""Longest time for a frame, from camera to screen, over the time for its pose: 1.8 was measured (docs/figures.md)."""


def speed() -> list[Finding]:
    """Check which of the shipped models for video keep up with a camera."""
    from livecoach.perception.pose.estimators import open_estimator
    from livecoach.perception.pose.following import guide_picture

    picture, frames_ms = guide_picture(), dict[str, float]()
    for model in pose_names.BLAZEPOSE:
        with closing(open_estimator(model)) as estimator:
            at_s = []
            for number in range(LOOKS):
                estimator.estimate(picture, number / CAMERA_FPS)
                at_s.append(time.perf_counter())
        frames_ms[model] = 1000 * FRAME_OVER_POSE * median(b - a for a, b in pairwise(at_s))
    due_ms = 1000 / CAMERA_FPS
    takes = " and ".join(f"{frame_ms:.0f} ms with {model}" for model, frame_ms in frames_ms.items())
    result = f"a picture takes about {takes}; a camera sends one every {due_ms:.0f} ms"
    enough = [model for model, frame_ms in frames_ms.items() if frame_ms <= due_ms]
    if not enough:
        advice = "Close other programs. Otherwise livecoach skips pictures, and may miss reps."
        return [Finding("speed", "warning", result, advice, needed=False)]
    return [Finding("speed", "ok", f"{result}: `--pose {enough[-1]}` keeps up", needed=False)]


def exercises(wanted: str) -> list[Finding]:
    """Check that every exercise with its models, and the network that recognises exercises, can be loaded.

    Args:
        wanted: Exercise in the settings.
    """
    from livecoach.core.config import exercise
    from livecoach.core.documents import AUTO
    from livecoach.decisions import assembly
    from livecoach.decisions.recognition import model_file

    def loaded(name: str, load: Callable[[], str], *, needed: bool) -> Finding:
        """Return the result of loading a part. An untrained model is an error only if it is `needed`."""
        try:
            return Finding(name, "ok", load())
        except NotTrained as err:
            return Finding(name, "broken" if name == f"exercise {wanted}" else "warning", str(err))
        except LivecoachError as err:
            return Finding(name, "broken", str(err), AGAIN, needed)

    def version(name: str) -> str:
        trained = assembly.load_exercise(name)
        note = trained.staleness_warning or ("trained on synthetic motion only" if trained.card.synthetic else "")
        return ", ".join(filter(None, (f"model {trained.card.version}", note)))

    names, findings = exercise.names(), []
    if wanted not in (*names, AUTO):
        advice = f"Set exercise to auto or one of {', '.join(names)}."
        findings.append(Finding("exercise", "broken", f"{wanted} (from the settings) is unknown", advice))
    recognised = loaded("recognition", lambda: f"{len(model_file.load().exercises)} exercises", needed=wanted == AUTO)
    models = [loaded(f"exercise {name}", partial(version, name), needed=wanted in (name, AUTO)) for name in names]
    return [*findings, recognised, *models]


def bar() -> list[Finding]:
    """Check that the networks that detect the bar can be loaded."""
    from livecoach.perception.bar.detector import PlateDetector

    PlateDetector()
    return [Finding("bar", "ok", "as shipped")]


def camera(place: str) -> list[Finding]:
    """Check that a camera, by number or URL, opens and sends a picture; a guessed number may have no finding."""
    from livecoach.capture.picture_sources import open_picture_source

    name = camera_name(place)
    try:
        with closing(open_picture_source(place)) as source:
            info = source.info
    except LivecoachError as err:
        if place.isdigit() and not sys.platform.startswith("linux"):
            return []  # a guess: the system does not list its cameras
        return [Finding(name, "warning", err.text, needed=False)]
    rate = "" if info.fps is None else f", {info.fps:g} frames per second"
    return [Finding(name, "ok", f"{info.width_px}×{info.height_px}{rate}", needed=False)]


def camera_name(place: str) -> str:
    """Return the name of a camera in findings, by its number or URL."""
    return f"camera {place if place.isdigit() else redact_url(place)}"


def picture(place: str) -> list[Finding]:
    """Take a picture with a camera that has adapted to the light; the result of the finding is its JPEG in base64."""
    from base64 import b64encode

    from livecoach.capture.opencv import cv2
    from livecoach.capture.picture_sources import open_picture_source

    with closing(open_picture_source(place)) as source:
        frames = [source.read() for _ in range(ADAPTING)]
    pictures = [frame.picture for frame in frames if frame is not None and frame.picture is not None]
    if not pictures:
        return [Finding("picture", "broken", f"{camera_name(place)}: no picture came.")]
    jpeg = cv2.imencode(".jpg", pictures[-1])[1].tobytes()
    return [Finding("picture", "ok", b64encode(jpeg).decode())]


def sound(words: str = "") -> list[Finding]:
    """Check that the default output plays a phrase of the voice, or silence without words.

    A sound server that hangs may block the calling thread forever.
    """
    from livecoach.feedback.sound import PortAudioMissingError

    try:
        name, takes = call_within(SERVER_S, partial(_play, words))
    except TimeoutError:
        result = f"the sound server does not answer within {SERVER_S:.0f} s"
        return [Finding("sound", "broken", result, SOUND_FAILS, needed=False)]
    except LivecoachError as err:
        advice = "Connect or turn on a sound output. Without one, livecoach only shows cues on the screen."
        about = None if isinstance(err, PortAudioMissingError) else advice  # the error says what to install
        return [Finding("sound", "missing", err.text, about, needed=False)]
    if not takes:
        silent = f"{name} opens but accepts no sound"
        return [Finding("sound", "warning", silent, "Choose another output.", needed=False)]
    return [Finding("sound", "ok", f"default output: {name}", needed=False)]


def _play(words: str) -> tuple[str, bool]:
    """Return the name of the default output, and whether it accepted a phrase. Raises OutputError without an output."""
    import numpy as np

    from livecoach.feedback.sound import Mixer, SoundDevice, load_portaudio
    from livecoach.feedback.voice import SAMPLE_RATE_HZ, load_voice, upsample, voice_name

    asked, settings = threading.Event(), load_settings({})
    mixer = Mixer(volume=settings.sound.volume)
    spoken = load_voice(voice_name(settings)).speech_clip(words) if words else None
    clip = None if spoken is None else upsample(spoken)
    if clip is not None:
        mixer.play(clip, spoken=True)

    def render(count: int) -> np.ndarray:
        asked.set()
        return mixer.render(count)

    device = SoundDevice()
    library = load_portaudio()
    device.open(render)
    name = str(library.query_devices(kind="output")["name"])
    takes = asked.wait(SOUND_S)
    if takes and clip is not None:
        time.sleep(len(clip) / SAMPLE_RATE_HZ + SETTLES_S)
    device.close()
    return name, takes


def examine() -> list[Finding]:
    """Check the whole installation, and return the findings in the order in which they are shown."""
    window = Window()
    settings, about_settings = _settings()
    places = [str(index) for index in camera_indices(sys.platform)]
    if isinstance(settings.camera, str):
        places.append(settings.camera)
    tried = make_trials(
        [
            Trial(imports),
            Trial(pose, (settings.pose,)),
            Trial(bar),
            Trial(speed, needed=False),
            Trial(exercises, (settings.exercise,)),
            *map(_camera, places),
            Trial(sound, needed=False, advice=SOUND_FAILS),
        ]
    )
    if not any(finding.name.startswith("camera") for finding in tried):
        where = "no /dev/video*" if sys.platform.startswith("linux") else "none opened"
        advice = "Connect one, or use a phone: livecoach live --phone, or a stream: livecoach live --camera URL"
        tried.append(Finding("cameras", "missing", where, advice, needed=False))
    display = Finding("display", "ok", "a window can be opened", needed=False)
    reason = window.failure_reason()
    window.close()
    if reason is not None:
        advice = "Start livecoach from a desktop session to see the picture. It also runs without a window."
        display = Finding("display", "warning", reason, advice, needed=False)
    checked = [check_python(), *check_packages(), *check_system_libraries(), *check_pose_models(settings.pose)]
    return [*checked, *tried, display, about_settings, check_data_folder()]


def can_run_live(findings: Sequence[Finding]) -> bool:
    """Return whether `livecoach live` can run, whatever the state of the cameras."""
    return not any(finding.needed and finding.status in ("missing", "broken") for finding in findings)


def _settings() -> tuple[Settings, Finding]:
    """Return the settings that `live` would use, or the shipped settings if the user's can't be read."""
    path = user_config_file()
    try:
        settings = load_settings({})
    except LivecoachError as err:
        broken = Finding("settings", "broken", str(err), f"Correct or remove {path}")
        return read_yaml(configs_dir() / "settings.yaml", Settings), broken
    there = "" if path.exists() else " (does not exist: using the shipped settings)"
    return settings, Finding("settings", "ok", f"{path}{there}")


def _camera(place: str) -> Trial:
    return Trial(camera, (place,), camera_name(place), needed=False, advice=CAMERA_FAILS)


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
    findings = make_trials([_camera(str(index)) for index in camera_indices(sys.platform)])
    if not findings:
        raise CameraError(no_camera_text(sys.platform))
    return [f"{finding.name}: {finding.result}" if finding.status == "ok" else finding.result for finding in findings]
