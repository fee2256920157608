"""Checks the installation: one finding for each thing that livecoach needs or can use.

Everything that loads native code (OpenCV, MediaPipe, PortAudio, camera drivers) is tried in its own child process,
`doctor_trial`, where it may crash, hang or write to stderr; the doctor reports that. All children run in parallel.
"""

import json
import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from livecoach.config import Settings, load_settings, read_yaml
from livecoach.config.paths import configs_dir, user_config_file
from livecoach.errors import LivecoachError
from livecoach.feedback.probe import start_probe
from livecoach.tools import doctor_checks
from livecoach.tools.children import end
from livecoach.tools.doctor_data import data_folder
from livecoach.tools.doctor_trial import SOUND_FAILS, camera_name
from livecoach.tools.findings import Finding, Status

LIMIT_S = 30.0
"""Longest wait for a trial, which detects a camera that hangs; the slowest trial took 2 s."""
REINSTALL = "Install the system libraries named above, then reinstall livecoach."
CAMERA_FAILS = "Unplug the camera and plug it in again. Where it has a driver of its own, reinstall that."


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
        found = f"the trial {what}"
        return Finding(name=self._name, status=status, found=found, advice=self._advice, needed=self._needed)


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
    found = [*doctor_checks.python(), *doctor_checks.packages(), *doctor_checks.system_libraries()]
    about_models = [*doctor_checks.pose_models(settings.pose)]
    tried = [finding for trial in trials for finding in trial.findings()]
    if not any(finding.name.startswith("camera") for finding in tried):
        tried.append(doctor_checks.no_camera_finding(sys.platform))
    return [*found, *about_models, *tried, _display(probe.result()), about_settings, data_folder()]


def works(findings: Sequence[Finding]) -> bool:
    """Return whether `livecoach live` can run, apart from a camera."""
    return not any(finding.needed and finding.status in ("missing", "broken") for finding in findings)


def _settings() -> tuple[Settings, Finding]:
    """Return the settings that `live` would use, or the shipped ones if the user's can't be read."""
    path = user_config_file()
    try:
        settings = load_settings({})
    except LivecoachError as err:
        broken = Finding(name="settings", status="broken", found=str(err), advice=f"Correct or remove {path}")
        return read_yaml(configs_dir() / "settings.yaml", Settings), broken
    there = f"{path}" if path.exists() else f"{path} (does not exist: using the shipped settings)"
    return settings, Finding(name="settings", status="ok", found=there)


def _display(reason: str | None) -> Finding:
    if reason is None:
        return Finding(name="display", status="ok", found="a window can be opened", needed=False)
    return Finding(
        name="display",
        status="warning",
        found=reason,
        advice="Start livecoach from a desktop session to see the picture. It also runs without a window.",
        needed=False,
    )


def _cameras(settings: Settings) -> list[Trial]:
    """Start a trial for each camera that the system lists or may have, and for the stream in the settings."""
    places = [str(index) for index in doctor_checks.camera_indices(sys.platform)]
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
        line = Text.assemble(f"{finding.name:<{widest}}  ", (f"{finding.status:<7}", colour), f"  {finding.found}")
        console.print(line, soft_wrap=True)
        if finding.advice is not None:
            console.print(Text(f"{'':<{widest + 9}}  → {finding.advice}"), soft_wrap=True)
    verdict = (
        "livecoach can run here."
        if works(findings)
        else "livecoach can't run here: fix what is broken or missing above."
    )
    console.print(f"\n{verdict}", soft_wrap=True)
