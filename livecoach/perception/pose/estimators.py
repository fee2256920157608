"""Opens the pose estimator that the user chose with `--pose`."""

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import takewhile

import numpy as np

from livecoach.capture import Source
from livecoach.core.config.pose_models import MOVENET, ONNX, model_file
from livecoach.core.errors import SourceError
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.blazepose import BlazePose
from livecoach.perception.pose.by_posture import PosturePoseEstimator
from livecoach.perception.pose.top_down import TopDown
from livecoach.perception.pose.top_down_networks import MoveNet, OnnxNetwork
from livecoach.perception.pose.upright import turn_picture

TURN_AHEAD_S = 10.0  # length of a film's beginning in which people who stand are searched. Our choice.


def open_estimator(model: str, threads: int = 1, turn_deg: int | None = None) -> PoseEstimator:
    """Open a pose model.

    Args:
        model: A name of `pose_models.NAMES`, the path of a .task file, or `onnx:` and the path of an ONNX file.
        threads: Number of LiteRT's threads for BlazePose.
        turn_deg: Angle by which pictures are turned clockwise; None to find the angle from the pictures.

    Raises:
        ModelError: The model can't be used.
    """
    if model == MOVENET:
        return TopDown(MoveNet(), turn_deg)
    if model.startswith(ONNX):
        return TopDown(OnnxNetwork(model_file(model), threads), turn_deg)
    return PosturePoseEstimator(BlazePose(model, threads, turn_deg), lambda: TopDown(MoveNet(), turn_deg=0))


def open_for_film(
    model: str, open_film: Callable[[], Source], threads: int = 1, turn_deg: int | None = None
) -> PoseEstimator:
    """Open a pose model, and find the lifter and the turn of the pictures in the film's beginning.

    Args:
        model: As for `open_estimator`.
        open_film: Opens the film from its beginning.
        threads: Number of LiteRT's threads for BlazePose.
        turn_deg: Angle by which pictures are turned clockwise; None to find the angle from the pictures.

    Raises:
        ModelError: The model can't be used.
        SourceError: The file is not a video.
    """
    estimator = open_estimator(model, threads, turn_deg)
    look_ahead(estimator, open_film)
    return estimator


def look_ahead(estimator: PoseEstimator, open_film: Callable[[], Source]) -> None:
    """Find out from a film's beginning by how much its pictures must be turned, and who lifts.

    A picture that can't be read ends the search.

    Args:
        estimator: Receives the result.
        open_film: Opens the film from its beginning.

    Raises:
        SourceError: The file is not a video.
    """
    upright = estimator.upright
    with closing(open_film()) as film:
        for t_s, picture in takewhile(lambda seen: seen[0] <= TURN_AHEAD_S and not upright.is_settled, _pictures(film)):
            upright.step(picture, None, t_s)
    upright.reset()
    if isinstance(estimator, BlazePose | PosturePoseEstimator):
        with closing(open_film()) as film:
            estimator.look_ahead((t_s, turn_picture(picture, upright.turn_deg)) for t_s, picture in _pictures(film))


def _pictures(film: Source) -> Iterator[tuple[float, np.ndarray]]:
    with suppress(SourceError):
        for frame in iter(film.read, None):
            assert frame.picture is not None
            yield frame.t_s, frame.picture
