"""Tries native code for `livecoach doctor`, in child processes, and describes the results as findings.

Native code (OpenCV, LiteRT, PortAudio, camera drivers) may crash, hang or write to stderr. If a trial ends its
child, another child makes the remaining trials.
"""

import importlib
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal

from livecoach.capture import call_within
from livecoach.capture.address import redact_url
from livecoach.core.config import load_settings
from livecoach.core.config import pose_models as pose_names
from livecoach.core.config.paths import assets_dir
from livecoach.core.config.yaml_files import single_line
from livecoach.core.errors import LivecoachError, NotTrained
from livecoach.core.types.message import Message, join_texts

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SPAWN = get_context("spawn")  # A fork would inherit the modules that the parent has loaded
LIMIT_S = 30.0  # Longest wait for a trial, which detects a camera that hangs; the slowest trial took 2 s
REINSTALL = "Install the missing system libraries. If none is missing, reinstall livecoach."
AGAIN = "Reinstall livecoach."
BUSY = "Close other programs, and try again: the computer may be too slow."
IMPORTS = {"cv2": "OpenCV", "ai_edge_litert.interpreter": "LiteRT", "av": "PyAV"}  # Module → its name in messages
SETTLES_S = 0.3  # Time in seconds until the last samples have left the loudspeaker. Our choice.
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


@dataclass(frozen=True, slots=True)
class Trial:
    """A check of native code, which runs in a child process so that a crash does not stop livecoach."""

    name: str  # Name of the finding if the trial itself fails
    check: Callable[[], list[Finding]]  # A LivecoachError becomes a finding, too
    needed: bool = True  # Whether `livecoach live` needs the part; otherwise a failed trial is only a warning
    advice: str = ""  # Advice if the trial itself fails; empty for the usual advice on this kind of failure

    def failure(self, result: str, advice: str) -> Finding:
        """Return the finding of a trial that itself failed; `advice` is given if the trial has no advice of its own."""
        return Finding(self.name, "broken" if self.needed else "warning", result, self.advice or advice, self.needed)


def run_trials(trials: Sequence[Trial]) -> list[Finding]:
    """Run trials in child processes, and return their findings in order; a crash or a hang is a finding, too."""
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
            findings.append(
                left.pop(0).failure(Message("the trial ended with status {n}", n=child.exitcode or 0), REINSTALL)
            )
        except TimeoutError:
            findings.append(
                left.pop(0).failure(Message("the trial did not answer within {n} s", n=f"{LIMIT_S:.0f}"), BUSY)
            )
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
            findings = trial.check()
        except LivecoachError as err:
            findings = [Finding(trial.name, "broken", err.text)]
        except ImportError as err:
            findings = [Finding(trial.name, "broken", single_line(str(err)), REINSTALL)]
        answer.send(findings)


def check_imports() -> list[Finding]:
    """Check whether modules with native code can be imported."""
    findings, loaded = [], []
    for module, name in IMPORTS.items():
        try:
            importlib.import_module(module)
            loaded.append(name)
        except (ImportError, OSError, RuntimeError) as err:
            package = module.partition(".")[0]
            findings.append(Finding(f"import {package}", "broken", single_line(str(err)), REINSTALL))
    return findings or [Finding("imports", "ok", Message("{name} load", name=", ".join(loaded)))]


def check_pose(model: str) -> list[Finding]:
    """Check that a pose model detects the person in a shipped picture. Raises ModelError if it can't be loaded."""
    from livecoach.capture.opencv import cv2
    from livecoach.perception.pose.estimators import open_estimator

    picture = cv2.imread(str(assets_dir() / "person.png"))
    person = None if picture is None else open_estimator(model).estimate(picture, 0.0)
    if person is None:
        advice = Message("Set pose to {name}.", name=pose_names.CHOICE)
        return [Finding("pose", "broken", Message("{name} detects nobody in the test picture", name=model), advice)]
    return [Finding("pose", "ok", Message("{name} detects the person in the test picture", name=model))]


LOOKS, CAMERA_FPS = 45, 30.0  # Pictures by which the speed is measured, and pictures a second of a camera
FRAME_OVER_POSE = 2.0
"""Greatest ratio of a frame's time, from camera to screen, to its pose's time; 1.8 was measured on 2026-11-26."""


def check_speed() -> list[Finding]:
    """Check which shipped BlazePose models are fast enough for a camera of CAMERA_FPS."""
    from livecoach.perception.pose.estimators import open_estimator
    from livecoach.perception.pose.following import guide_picture

    picture, frames_ms = guide_picture(), dict[str, float]()
    for model in pose_names.BLAZEPOSE:
        estimator, at_s = open_estimator(model), list[float]()
        for number in range(LOOKS):
            estimator.estimate(picture, number / CAMERA_FPS)
            at_s.append(time.perf_counter())
        frames_ms[model] = 1000 * FRAME_OVER_POSE * median(b - a for a, b in pairwise(at_s))
    due_ms = 1000 / CAMERA_FPS
    takes = [Message("{n} ms with {name}", n=f"{frame_ms:.0f}", name=model) for model, frame_ms in frames_ms.items()]
    words = "a picture takes about {text}; a camera sends one every {n} ms"
    result = Message(words, text=join_texts(", ", *takes), n=f"{due_ms:.0f}")
    enough = [model for model, frame_ms in frames_ms.items() if frame_ms <= due_ms]
    if not enough:
        advice = "Close other programs. Otherwise livecoach skips pictures, and may miss reps."
        return [Finding("speed", "warning", result, advice, needed=False)]
    return [
        Finding("speed", "ok", Message("{text}: `--pose {name}` keeps up", text=result, name=enough[-1]), needed=False)
    ]


def check_exercises(wanted: str) -> list[Finding]:
    """Check that the models of all exercises and of recognition can be loaded, and that the chosen exercise exists.

    Args:
        wanted: Exercise in the settings. `livecoach live` needs only this exercise's model; with AUTO, all models.
    """
    from livecoach.core.config import exercise
    from livecoach.core.documents import AUTO
    from livecoach.decisions import assembly
    from livecoach.decisions.recognition import model_file

    def loaded(name: str, load: Callable[[], str], *, needed: bool) -> Finding:
        """Return the result of loading a part. An untrained model is an error only for the exercise in the settings."""
        try:
            return Finding(name, "ok", load())
        except NotTrained as err:
            return Finding(name, "broken" if name == f"exercise {wanted}" else "warning", str(err))
        except LivecoachError as err:
            return Finding(name, "broken", str(err), AGAIN, needed)

    def version(name: str) -> str:
        trained = assembly.load_exercise(name)
        note = trained.staleness_warning or ("trained on synthetic motion only" if trained.card.synthetic else "")
        return join_texts(", ", Message("model {name}", name=trained.card.version), note)

    names, findings = exercise.names(), []
    if wanted not in (*names, AUTO):
        advice = Message("Set exercise to auto or one of {name}.", name=", ".join(names))
        findings.append(
            Finding("exercise", "broken", Message("{name} (from the settings) is unknown", name=wanted), advice)
        )
    recognised = loaded(
        "recognition", lambda: Message("{n} exercises", n=len(model_file.load().exercises)), needed=wanted == AUTO
    )
    models = [
        loaded(Message("exercise {name}", name=name), partial(version, name), needed=wanted in (name, AUTO))
        for name in names
    ]
    return [*findings, recognised, *models]


def check_bar() -> list[Finding]:
    """Load the networks that detect the bar. Raises ModelError if a network can't be loaded."""
    from livecoach.perception.bar.detector import PlateDetector

    PlateDetector()
    return [Finding("bar", "ok", "as shipped")]


def check_camera(camera: str) -> list[Finding]:
    """Check that a camera, by its number or URL, opens and sends a picture.

    Outside Linux, a number that does not open has no finding: the numbers are guessed there.
    """
    from livecoach.capture.picture_sources import open_picture_source

    name = camera_name(camera)
    try:
        with closing(open_picture_source(camera)) as source:
            info = source.info
    except LivecoachError as err:
        if camera.isdigit() and not sys.platform.startswith("linux"):
            return []  # a guess: the system does not list its cameras
        return [Finding(name, "warning", err.text, needed=False)]
    rate = "" if info.fps is None else Message("{n} frames per second", n=f"{info.fps:g}")
    return [Finding(name, "ok", join_texts(", ", f"{info.width_px}×{info.height_px}", rate), needed=False)]


def camera_name(camera: str) -> str:
    """Return the name of a camera in findings: "camera" with its number, or with its URL without the password."""
    return Message("camera {n}", n=camera if camera.isdigit() else redact_url(camera))


def send_pictures() -> None:
    """Write the pictures of the camera in the settings to standard output, as parts of a multipart body.

    The function returns when the source ends. Once the source is open, other standard output is lost.
    """
    from livecoach.capture.picture_sources import open_picture_source
    from livecoach.lab.tools.stand_ins import encode_jpeg, multipart_part

    nowhere = os.open(os.devnull, os.O_WRONLY)
    with os.fdopen(os.dup(1), "wb", 0) as out, closing(open_picture_source(str(load_settings({}).camera))) as source:
        os.dup2(nowhere, 1)  # libraries write there
        for frame in iter(source.read, None):
            if frame.picture is not None:
                out.write(multipart_part(encode_jpeg(frame.picture)))


def check_sound(words: str = "") -> list[Finding]:
    """Check that the default output plays `words`, a phrase of the voice such as "ready", or silence if empty.

    If the sound server hangs, the finding says so after SERVER_S seconds; the thread that waits for it is abandoned.
    """
    from livecoach.feedback.sound import PortAudioMissingError

    try:
        name, takes = call_within(SERVER_S, partial(_play, words))
    except TimeoutError:
        result = Message("the sound server does not answer within {n} s", n=f"{SERVER_S:.0f}")
        return [Finding("sound", "broken", result, SOUND_FAILS, needed=False)]
    except LivecoachError as err:
        advice = "Connect or turn on a sound output. Without one, livecoach only shows cues on the screen."
        about = None if isinstance(err, PortAudioMissingError) else advice  # the error says what to install
        return [Finding("sound", "missing", err.text, about, needed=False)]
    if not takes:
        silent = Message("{name} opens but accepts no sound", name=name)
        return [Finding("sound", "warning", silent, "Choose another output.", needed=False)]
    return [Finding("sound", "ok", Message("default output: {name}", name=name), needed=False)]


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
