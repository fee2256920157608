"""Makes the pose estimator that the user asks for: `--pose`."""

from contextlib import closing, suppress
from pathlib import Path

from livecoach.config.paths import models_dir
from livecoach.errors import ModelError, SourceError
from livecoach.pose import PoseEstimator
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.bundles import ENDING, MEDIAPIPE, SHIPPED, model_path
from livecoach.pose.movenet import FILE, NAME, MoveNet
from livecoach.pose.onnx import PREFIX, DetectedPerson, OnnxNetwork
from livecoach.pose.top_down import TopDown
from livecoach.source.file import VideoFile

NAMES = (*SHIPPED, NAME)
"""The models that ship."""
REFERENCES = tuple(f"{MEDIAPIPE}{name}" for name in SHIPPED)
"""The same models by MediaPipe."""


def open_estimator(model: str, threads: int = 1) -> PoseEstimator:
    """Make an estimator: one of NAMES or REFERENCES, the path of a .task file, or `onnx:` and the path of an ONNX file.

    threads: that LiteRT runs BlazePose's networks on. Raises ModelError where the model can't be used.
    """
    if model == NAME:
        network = MoveNet()
        return TopDown(network, network)
    if model.startswith(PREFIX):
        return TopDown(OnnxNetwork(file_of(model)), DetectedPerson(model_path("lite"), threads))
    file_of(model)  # names the choices, where there is no such model
    return BlazePose(model, threads)


def open_for_recording(model: str, path: Path, threads: int = 1) -> PoseEstimator:
    """Make an estimator for a recording: BlazePose first looks ahead in it for who lifts.

    Model and threads are as in open_estimator. Raises ModelError, and SourceError where the file is no video.
    """
    estimator = open_estimator(model, threads)
    if isinstance(estimator, BlazePose):
        look_ahead(estimator, path)
    return estimator


def look_ahead(estimator: BlazePose, path: Path) -> None:
    """Let BlazePose look ahead in a recording, up to the first picture that can't be read: whoever reads the recording
    itself reports that. Raises SourceError where the file is no video."""
    with closing(VideoFile(path)) as video, suppress(SourceError):
        frames = iter(video.read, None)
        estimator.look_ahead((frame.t_s, frame.picture) for frame in frames if frame.picture is not None)


def file_of(model: str) -> Path:
    """Return the file that holds a pose model. Raises ModelError for a name that is none."""
    if model == NAME:
        return models_dir() / "pose" / FILE
    if model.startswith(PREFIX):
        return Path(model.removeprefix(PREFIX)).expanduser()
    if model in (*SHIPPED, *REFERENCES) or Path(model).suffix == ENDING:
        return model_path(model)
    raise ModelError(
        f"pose model {model!r}: choose {', '.join(NAMES[:-1])} or {NAMES[-1]} (or {' or '.join(REFERENCES)}), or give "
        f"the path of a .task file, or {PREFIX} and the path of an ONNX file."
    )
