"""MediaPipe is imported without sounddevice, whose import asks the sound server for its devices and may wait for it."""

import subprocess
import sys

import pytest

pytest.importorskip("mediapipe", reason="the extra `mediapipe` is not installed")


def modules_after(code: str) -> set[str]:
    """The modules that a new process has imported after some code."""
    shown = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(shown.stdout.split())


def test_importing_mediapipe_asks_no_sound_server() -> None:
    """Its import of sounddevice, which would ask and wait, fails."""
    loaded = modules_after("from livecoach.perception.pose.graph import load_mediapipe\nload_mediapipe()")
    assert "mediapipe" in loaded
    assert "sounddevice" not in loaded


def test_sounddevice_can_be_imported_beside_livecoach() -> None:
    """Nobody else's import of it is in the way: hidden is what MediaPipe asks for, while it is imported."""
    begins = "import livecoach\nfrom livecoach.perception.pose.graph import load_mediapipe"
    code = f"{begins}\nload_mediapipe()\nimport sounddevice"
    assert "sounddevice" in modules_after(code)
