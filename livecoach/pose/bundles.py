"""The .task files that hold BlazePose, and their back ends: LiteRT, or MediaPipe, which is the reference."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from livecoach.config.paths import models_dir
from livecoach.config.pose_models import BLAZEPOSE, FILES, MEDIAPIPE, TASK, listed
from livecoach.errors import ModelError
from livecoach.model_files.tflite import read_network
from livecoach.pose.following import PersonDetector, Tracker
from livecoach.pose.graph import GraphPersonDetector, GraphTracker
from livecoach.pose.litert import LitertPersonDetector, LitertTracker, networks


@dataclass(frozen=True, slots=True, kw_only=True)
class BackEnd:
    name: str  # the same for LiteRT and MediaPipe, whose results agree
    sha256: str
    tracker: Tracker
    detector: PersonDetector
    beginning: "Callable[[], BackEnd]"
    """Opens another that has not seen a picture yet. That of LiteRT shares the networks."""

    def close(self) -> None:
        self.tracker.close()
        self.detector.close()


def model_path(name: str) -> Path:
    """Of a shipped model, or of the user's own .task file. Raises ModelError for any other name."""
    own = name.removeprefix(MEDIAPIPE)
    if own in BLAZEPOSE:
        return models_dir() / "pose" / FILES[own]
    path = Path(own).expanduser()
    if path.suffix != TASK:
        raise ModelError(f"pose model {name!r}: choose {listed(BLAZEPOSE)}, or give the path of a {TASK} file.")
    return path


def content_of(path: Path) -> bytes:
    return read_network(path, "Reinstall livecoach, or check --pose.")


def open_back_end(model: str, threads: int) -> BackEnd:
    """model: a name that model_path knows. threads: of LiteRT. Raises ModelError."""
    path = model_path(model)
    content = content_of(path)
    name, sha256 = path.stem.removeprefix("pose_landmarker_"), hashlib.sha256(content).hexdigest()
    shared = None if model.startswith(MEDIAPIPE) else networks(content, path, threads)

    def begin() -> BackEnd:
        tracker: Tracker
        detector: PersonDetector
        if shared is None:
            tracker, detector = GraphTracker(content, path), GraphPersonDetector(content, path)
        else:
            tracker, detector = LitertTracker(shared), LitertPersonDetector(shared)
        return BackEnd(name=name, sha256=sha256, tracker=tracker, detector=detector, beginning=begin)

    return begin()
