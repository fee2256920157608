"""Makes the pose estimator that the user asks for: `--pose`."""

from contextlib import closing, suppress
from pathlib import Path

from livecoach.capture.file import VideoFile
from livecoach.core.config.pose_models import MOVENET, ONNX, file_of
from livecoach.core.errors import SourceError
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.blazepose import BlazePose
from livecoach.perception.pose.top_down import TopDown
from livecoach.perception.pose.top_down_networks import MoveNet, OnnxNetwork


def open_estimator(model: str, threads: int = 1) -> PoseEstimator:
    """model: one of pose_models.NAMES, the path of a .task file, or `onnx:` and the path of an ONNX file. threads: of
    LiteRT, for BlazePose. Raises ModelError where the model can't be used."""
    if model == MOVENET:
        return TopDown(MoveNet())
    if model.startswith(ONNX):
        return TopDown(OnnxNetwork(file_of(model), threads))
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
