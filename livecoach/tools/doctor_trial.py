"""Tries what runs native code (OpenCV, MediaPipe, PortAudio, camera drivers), which may crash, hang or write to stderr.

One child process (`python -m livecoach.tools.doctor_trial TRIALS`) makes all trials, one after the other, and prints
the findings of each as a line of JSON. Where a trial takes it down, another child makes those that are left.
"""

import dataclasses
import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Literal

from livecoach.errors import LivecoachError, ModelError
from livecoach.source import call_within
from livecoach.tools.machine import OPTIONAL, end

LIMIT_S = 30.0  # longest wait for a trial, which detects a camera that hangs; the slowest one took 2 s
REINSTALL = "Install the missing system libraries. If none is missing, reinstall livecoach."
AGAIN = "Reinstall livecoach."
IMPORTS = {
    "cv2": "OpenCV",
    "mediapipe": "MediaPipe",
    "ai_edge_litert.interpreter": "LiteRT",
    "av": "PyAV",
}
"""Module → its name. MediaPipe is an extra."""
SOUND_S = 3.0  # longest wait for a device to request samples
SERVER_S = 10.0
"""Longest wait for the sound server, SOUND_S included; one that answers took 1 s with an idle device. Our choice."""
SOUND_FAILS = (
    "Restart the sound server (on Linux: systemctl --user restart pipewire-pulse, or pulseaudio -k), or log in again. "
    "Without one, livecoach only shows cues on the screen."
)


Status = Literal["ok", "warning", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    status: Status
    result: str
    advice: str | None = None  # what to do; None if nothing needs doing
    needed: bool = True  # whether `livecoach live` needs it


@dataclass(frozen=True, slots=True)
class Trial:
    """Something to try in a child process."""

    what: str  # name of a function in TRIALS
    words: tuple[str, ...] = ()  # its arguments
    name: str = ""  # what the finding is about if the trial itself fails; empty for `what`
    needed: bool = True
    advice: str = "Install the system libraries named above, then reinstall livecoach."

    def failed(self, how: str) -> Finding:
        status: Status = "broken" if self.needed else "warning"
        return Finding(self.name or self.what, status, f"the trial {how}", self.advice, self.needed)


def findings_of(trials: Sequence[Trial]) -> list[Finding]:
    """Make the trials and return their findings, in order. A crash and a hang are findings too."""
    findings, left = list[Finding](), list(trials)
    while left:
        done, how = _tried(left)
        for trial_findings in done:
            findings += trial_findings
            del left[0]
        if left:
            findings.append(left.pop(0).failed(how))
    return findings


def _tried(trials: Sequence[Trial]) -> tuple[list[list[Finding]], str]:
    """Make trials in a child. Return the findings of those that it completed, and how the next one failed."""
    words = json.dumps([[trial.what, *trial.words] for trial in trials])
    child = subprocess.Popen(
        [sys.executable, "-m", "livecoach.tools.doctor_trial", words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    done: list[list[Finding]] = []
    try:
        while len(done) < len(trials):
            line = call_within(LIMIT_S, child.stdout.readline)
            if not line:
                return done, f"ended with status {child.wait()}"
            done.append([Finding(**fields) for fields in json.loads(line)])
    except TimeoutError:
        return done, f"did not answer within {LIMIT_S:.0f} s"
    finally:
        end(child)
    return done, ""


def imports() -> list[Finding]:
    """Import all packages with native code."""
    from livecoach.pose.graph import load_mediapipe

    findings, loaded = [], []
    for module, name in IMPORTS.items():
        package = module.partition(".")[0]
        if find_spec(package) is None and package in OPTIONAL:
            continue
        try:
            load_mediapipe() if module == "mediapipe" else importlib.import_module(module)
            loaded.append(name)
        except (ImportError, ModelError, OSError, RuntimeError) as err:
            findings.append(Finding(f"import {package}", "broken", _line(err), REINSTALL, package not in OPTIONAL))
    return findings or [Finding("imports", "ok", f"{', '.join(loaded[:-1])} and {loaded[-1]} load")]


def pose(model: str) -> list[Finding]:
    """Detect the person in a shipped picture."""
    from livecoach.config.paths import assets_dir
    from livecoach.config.pose_models import SHIPPED, listed
    from livecoach.pose.opening import open_estimator
    from livecoach.source.opencv import cv2

    with closing(open_estimator(model)) as estimator:
        picture = cv2.imread(str(assets_dir() / "person.png"))
        person = None if picture is None else estimator.estimate(picture, 0.0)
    if person is None:
        advice = f"Set pose to {listed(SHIPPED)}."
        return [Finding("pose", "broken", f"{model} detects nobody in the test picture", advice)]
    return [Finding("pose", "ok", f"{model} detects the person in the test picture")]


def exercises(wanted: str) -> list[Finding]:
    """Load every exercise with its models, and the network that recognises them. wanted: that in the settings."""
    from livecoach import assembly
    from livecoach.config import exercise
    from livecoach.documents import AUTO
    from livecoach.recognition import model_file

    def loaded(name: str, load: Callable[[], str], *, needed: bool) -> Finding:
        try:
            return Finding(name, "ok", load())
        except LivecoachError as err:
            return Finding(name, "broken", str(err), AGAIN, needed)

    def version(name: str) -> str:
        card = assembly.load(name).card
        return f"model {card.version}{', trained on synthetic motion only' if card.synthetic else ''}"

    names, findings = exercise.names(), []
    if wanted not in (*names, AUTO):
        advice = f"Set exercise to auto or one of {', '.join(names)}."
        findings.append(Finding("exercise", "broken", f"{wanted} (from the settings) is unknown", advice))
    recognised = loaded("recognition", lambda: f"{len(model_file.load().exercises)} exercises", needed=wanted == AUTO)
    models = [loaded(f"exercise {name}", partial(version, name), needed=wanted in (name, AUTO)) for name in names]
    return [*findings, recognised, *models]


def bar() -> list[Finding]:
    from livecoach.bar.detector import Detector

    try:
        Detector()
    except LivecoachError as err:
        return [Finding("bar", "broken", str(err), AGAIN)]
    return [Finding("bar", "ok", "as shipped")]


def camera(place: str) -> list[Finding]:
    """Open a camera by number or URL and read its first picture. Numbers that are only guesses may yield nothing."""
    from livecoach.run.feed import open_picture_source

    name = camera_name(place)
    try:
        with closing(open_picture_source(place)) as source:
            info = source.info
    except LivecoachError as err:
        if place.isdigit() and not sys.platform.startswith("linux"):
            return []  # a guess: the system does not list its cameras
        return [Finding(name, "warning", str(err), needed=False)]
    rate = "" if info.fps is None else f", {info.fps:g} frames per second"
    return [Finding(name, "ok", f"{info.width_px}×{info.height_px}{rate}", needed=False)]


def camera_name(place: str) -> str:
    """What a camera is called. place: its number or URL."""
    from livecoach.source.address import shown_url

    return f"camera {place if place.isdigit() else shown_url(place)}"


def sound() -> list[Finding]:
    """Play silence on the default output. A sound server that hangs may block the thread that asks it forever."""
    from livecoach.feedback.sound import PortAudioMissingError

    try:
        name, takes = call_within(SERVER_S, _play_silence)
    except TimeoutError:
        result = f"the sound server does not answer within {SERVER_S:.0f} s"
        return [Finding("sound", "broken", result, SOUND_FAILS, needed=False)]
    except LivecoachError as err:
        advice = "Connect or turn on a sound output. Without one, livecoach only shows cues on the screen."
        about = None if isinstance(err, PortAudioMissingError) else advice  # it says what to install
        return [Finding("sound", "missing", str(err), about, needed=False)]
    if not takes:
        return [
            Finding("sound", "warning", f"{name} opens but accepts no sound", "Choose another output.", needed=False)
        ]
    return [Finding("sound", "ok", f"default output: {name}", needed=False)]


def _play_silence() -> tuple[str, bool]:
    """The name of the default output, and whether it accepted silence. Raises OutputError if there is none."""
    import numpy as np

    from livecoach.feedback.sound import PortAudioDevice, load_portaudio

    asked = threading.Event()

    def silence(count: int) -> np.ndarray:
        asked.set()
        return np.zeros(count, np.float32)

    device = PortAudioDevice()
    library = load_portaudio()
    device.open(silence)
    name = str(library.query_devices(kind="output")["name"])
    takes = asked.wait(SOUND_S)
    device.close()
    return name, takes


TRIALS: dict[str, Callable[..., list[Finding]]] = {
    trial.__name__: trial for trial in (imports, pose, bar, exercises, camera, sound)
}


def _line(err: Exception) -> str:
    return " ".join(str(err).split())


def main() -> None:
    """Make the trials that the only argument lists: name and arguments of each."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # libraries write there too
        for what, *words in json.loads(sys.argv[1]):
            try:
                findings = TRIALS[what](*words)
            except LivecoachError as err:
                findings = [Finding(what, "broken", str(err))]
            except ImportError as err:
                findings = [Finding(what, "broken", _line(err), REINSTALL)]
            print(json.dumps([dataclasses.asdict(finding) for finding in findings]), file=answers, flush=True)


if __name__ == "__main__":
    main()
