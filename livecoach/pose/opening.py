"""Makes the pose estimator that the user asks for: `--pose`."""

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from livecoach.config.paths import models_dir
from livecoach.config.pose_models import FILES, MOVENET, NAMES, ONNX, REFERENCES, SHIPPED, TASK, listed
from livecoach.errors import ModelError, SourceError
from livecoach.pose import PoseEstimator
from livecoach.pose.blazepose import BlazePose
from livecoach.pose.bundles import model_path
from livecoach.pose.movenet import MoveNet
from livecoach.pose.onnx import DetectedPerson, OnnxNetwork
from livecoach.pose.top_down import TopDown
from livecoach.source.file import VideoFile


def _movenet() -> PoseEstimator:
    network = MoveNet()
    return TopDown(network, network)


OPENERS: Mapping[str, Callable[[], PoseEstimator]] = {MOVENET: _movenet}


def open_estimator(model: str, threads: int = 1) -> PoseEstimator:
    """model: one of NAMES, the path of a .task file, or `onnx:` and the path of an ONNX file. threads: of LiteRT, for
    BlazePose. Raises ModelError where the model can't be used."""
    if model in OPENERS:
        return OPENERS[model]()
    if model.startswith(ONNX):
        return TopDown(OnnxNetwork(file_of(model)), DetectedPerson(model_path("lite"), threads))
    file_of(model)  # names the choices, where there is no such model
    return BlazePose(model, threads)


def open_for_recording(model: str, path: Path, threads: int = 1) -> PoseEstimator:
    """As open_estimator, but BlazePose first looks ahead in the recording. Raises SourceError too where the file is no
    video."""
    estimator = open_estimator(model, threads)
    if isinstance(estimator, BlazePose):
        look_ahead(estimator, path)
    return estimator


def look_ahead(estimator: BlazePose, path: Path) -> None:
    """Look ahead up to the first picture that can't be read, which the reader of the recording reports. Raises
    SourceError where the file is no video."""
    with closing(VideoFile(path)) as video, suppress(SourceError):
        frames = iter(video.read, None)
        estimator.look_ahead((frame.t_s, frame.picture) for frame in frames if frame.picture is not None)


def file_of(model: str) -> Path:
    """The file of a pose model. Raises ModelError for an unknown name."""
    if model in FILES:
        return models_dir() / "pose" / FILES[model]
    if model.startswith(ONNX):
        return Path(model.removeprefix(ONNX)).expanduser()
    if model in NAMES or Path(model).suffix == TASK:
        return model_path(model)
    raise ModelError(
        f"pose model {model!r}: choose {listed(SHIPPED)} (or {listed(REFERENCES)}), or give the path of a {TASK} file, "
        f"or {ONNX} and the path of an ONNX file."
    )
