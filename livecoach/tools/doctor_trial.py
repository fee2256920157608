"""Tries one thing in its own process: `python -m livecoach.tools.doctor_trial WHAT [WORDS]`.

It prints its findings as one line of JSON. The parent ignores its stderr and stops it after a time limit.
"""

import dataclasses
import importlib
import json
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from livecoach.errors import LivecoachError, ModelError
from livecoach.tools.machine import OPTIONAL

REINSTALL = "Install the missing system libraries. If none is missing, reinstall livecoach."
IMPORTS = {
    "cv2": "OpenCV",
    "mediapipe": "MediaPipe",
    "ai_edge_litert.interpreter": "LiteRT",
    "av": "PyAV",
}
"""Module → its name. MediaPipe is an extra."""
SOUND_S = 3.0
"""Longest wait for a device to request samples."""
SERVER_S = 10.0
"""Longest wait for the sound server, SOUND_S included; one that answers took 1 s with an idle device. Our choice."""
SOUND_FAILS = (
    "Restart the sound server (on Linux: systemctl --user restart pipewire-pulse, or pulseaudio -k), or log in again. "
    "Without one, livecoach only shows cues on the screen."
)


Status = Literal["ok", "warning", "missing", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check."""

    name: str
    status: Status
    result: str
    advice: str | None = None
    """What to do; None if nothing needs doing."""
    needed: bool = True
    """Whether `livecoach live` needs it."""


def libraries() -> list[Finding]:
    """Import all packages with native code."""
    from livecoach.pose.graph import load_mediapipe

    findings, loaded = [], []
    for module, name in IMPORTS.items():
        if find_spec(package := module.partition(".")[0]) is None and package in OPTIONAL:
            continue
        try:
            load_mediapipe() if module == "mediapipe" else importlib.import_module(module)
            loaded.append(name)
        except (ImportError, ModelError, OSError, RuntimeError) as err:
            findings.append(
                Finding(
                    name=f"import {package}",
                    status="broken",
                    result=_line(err),
                    advice=REINSTALL,
                    needed=package not in OPTIONAL,
                )
            )
    return findings or [Finding(name="imports", status="ok", result=f"{', '.join(loaded[:-1])} and {loaded[-1]} load")]


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
        return [
            Finding(name="pose", status="broken", result=f"{model} detects nobody in the test picture", advice=advice)
        ]
    return [Finding(name="pose", status="ok", result=f"{model} detects the person in the test picture")]


def exercises(wanted: str) -> list[Finding]:
    """Load every exercise with its models. wanted: the exercise in the settings."""
    from livecoach import assembly
    from livecoach.config import exercise
    from livecoach.documents import AUTO

    names = exercise.names()
    findings = [] if wanted in (*names, AUTO) else [_unknown(wanted, names)]
    findings.append(_recognition(needed=wanted == AUTO))
    for name in names:
        label = f"exercise {name}"
        try:
            coach = assembly.load(name)
        except LivecoachError as err:
            findings.append(
                Finding(
                    name=label,
                    status="broken",
                    result=str(err),
                    advice="Reinstall livecoach.",
                    needed=wanted in (name, AUTO),
                )
            )
            continue
        trained = ", trained on synthetic motion only" if coach.card.synthetic else ""
        findings.append(Finding(name=label, status="ok", result=f"model {coach.card.version}{trained}"))
    return findings


def _recognition(*, needed: bool) -> Finding:
    """Load the network that recognises the exercise."""
    from livecoach.recognition import model_file

    name = "recognition"
    try:
        model = model_file.load()
    except LivecoachError as err:
        return Finding(name=name, status="broken", result=str(err), advice="Reinstall livecoach.", needed=needed)
    return Finding(name=name, status="ok", result=f"{len(model.exercises)} exercises")


def bar() -> list[Finding]:
    """Load the networks that detect the barbell."""
    from livecoach.bar.detector import Detector

    try:
        Detector()
    except LivecoachError as err:
        return [Finding(name="bar", status="broken", result=str(err), advice="Reinstall livecoach.")]
    return [Finding(name="bar", status="ok", result="as shipped")]


def _unknown(wanted: str, names: list[str]) -> Finding:
    result = f"{wanted} (from the settings) is unknown"
    return Finding(
        name="exercise", status="broken", result=result, advice=f"Set exercise to auto or one of {', '.join(names)}."
    )


def camera(place: str) -> list[Finding]:
    """Open a camera by number or URL and read its first picture. Numbers that are only guesses may yield nothing."""
    from livecoach.source.opening import open_picture_source

    name = camera_name(place)
    try:
        with closing(open_picture_source(place)) as source:
            info = source.info
    except LivecoachError as err:
        if place.isdigit() and not sys.platform.startswith("linux"):
            return []  # a guess: the system does not list its cameras
        return [Finding(name=name, status="warning", result=str(err), needed=False)]
    rate = "" if info.fps is None else f", {info.fps:g} frames per second"
    return [Finding(name=name, status="ok", result=f"{info.width_px}×{info.height_px}{rate}", needed=False)]


def camera_name(place: str) -> str:
    """Return what a camera is called. place: its number or URL."""
    from livecoach.source.address import shown_url

    return f"camera {place}" if place.isdigit() else f"camera {shown_url(place)}"


def sound() -> list[Finding]:
    """Play silence on the default output. A sound server that hangs may block the thread that asks it forever."""
    from livecoach.feedback.sound import PortAudioMissingError
    from livecoach.source import call_within

    try:
        name, takes = call_within(SERVER_S, _play_silence)
    except TimeoutError:
        result = f"the sound server does not answer within {SERVER_S:.0f} s"
        return [Finding(name="sound", status="broken", result=result, advice=SOUND_FAILS, needed=False)]
    except LivecoachError as err:
        advice = "Connect or turn on a sound output. Without one, livecoach only shows cues on the screen."
        about = None if isinstance(err, PortAudioMissingError) else advice  # it says what to install
        return [Finding(name="sound", status="missing", result=str(err), advice=about, needed=False)]
    if not takes:
        result = f"{name} opens but accepts no sound"
        return [Finding(name="sound", status="warning", result=result, advice="Choose another output.", needed=False)]
    return [Finding(name="sound", status="ok", result=f"default output: {name}", needed=False)]


def _play_silence() -> tuple[str, bool]:
    """Return the name of the default output, and whether it accepted silence. Raises OutputError if there is none."""
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
    trial.__name__: trial for trial in (libraries, pose, bar, exercises, camera, sound)
}


def main() -> None:
    """Run the trial that the first argument names, with the other arguments."""
    what, *words = sys.argv[1:]
    try:
        findings = TRIALS[what](*words)
    except LivecoachError as err:
        findings = [Finding(name=what, status="broken", result=str(err))]
    except ImportError as err:
        findings = [Finding(name=what, status="broken", result=_line(err), advice=REINSTALL)]
    print(json.dumps([dataclasses.asdict(finding) for finding in findings]))


def _line(err: Exception) -> str:
    return " ".join(str(err).split())


if __name__ == "__main__":
    main()
