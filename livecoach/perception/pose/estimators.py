"""Opens the pose estimator that the user chose with `--pose`.

BlazePose loses people who lie on a bench, or turns them upright, but shows them in glimpses. While the lifter lies,
MoveNet therefore takes its place. MoveNet finds no toes, no mask and no other people.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import cache
from itertools import takewhile

import numpy as np

from livecoach.capture import Source
from livecoach.capture.file import VideoFile
from livecoach.core import landmark
from livecoach.core.config.pose_models import MOVENET, ONNX, model_file
from livecoach.core.errors import SourceError
from livecoach.perception.pose import Pose, PoseEstimator
from livecoach.perception.pose.blazepose import AHEAD_EVERY_S, BlazePose
from livecoach.perception.pose.top_down import TopDownEstimator
from livecoach.perception.pose.top_down_networks import MoveNet, OnnxNetwork
from livecoach.perception.pose.upright import LOOK_S as LOOK_AGAIN_S
from livecoach.perception.pose.upright import turn_picture

LIES, STANDS = 0.9, 1.7  # Heights (`Pose.shoulder_height`) below which a pose lies, and above which it stands
LEVEL, HANG = 0.7, -0.7
"""Heights, in torso lengths, of the shoulders above the hips from which the trunk is not level (45°), and of the hands
above the shoulders up to which they hang. Somebody low then bends over. Lifters who take a bar from the floor are seen
with hands at -.95 to -.85, and people on a bench, in seven films, above -.41. Chosen with these films in view."""
WITHIN_S, SHARE, LEAST_S = 1.0, 0.6, 0.5
"""Time within which a share of the poses must lie, and least time between the first and the last lying pose. BlazePose
`lite` shows seven of eight real bench presses in this way, and for a moment at most four of 134 other real lifts."""
LOOK_S, LOOKS = 0.5, 3  # Time between two looks for people who stand, and number of looks in a row that must find them


class PosturePoseEstimator:
    """A pose estimator that uses MoveNet while the lifter lies down, else BlazePose. Use it from one thread."""

    def __init__(self, blazepose: BlazePose, open_movenet: Callable[[], TopDownEstimator]) -> None:
        """Begin with BlazePose. MoveNet is opened when somebody lies for the first time."""
        self._blazepose, self._open_movenet = blazepose, cache(open_movenet)
        self.name, self.sha256, self.turn_finder = blazepose.name, blazepose.sha256, blazepose.turn_finder
        self._stand_up()

    def reset(self) -> None:
        """Forget all people, because the next picture has another size or is turned."""
        self._blazepose.reset()
        self._stand_up()

    def _stand_up(self) -> None:
        self._lying: TopDownEstimator | None = None
        self._seen: deque[tuple[float, bool]] = deque()  # times of the latest poses, and whether they lie
        self._looked_s, self._upright = -np.inf, 0

    @property
    def people_count(self) -> int:
        """The number of people known to be in the last picture, including a lifter who is hidden."""
        return (self._lying or self._blazepose).people_count

    def look_ahead(self, pictures: Iterable[tuple[float, np.ndarray]]) -> None:
        """Find the lifter in the first seconds of a recording, and switch to MoveNet if somebody is lying down.

        Args:
            pictures: Times in seconds, and pictures, which are read no further than needed.

        Raises:
            ModelError: Somebody is lying down, and MoveNet can't be used.
        """
        for t_s, pose in self._blazepose.look_ahead(pictures):
            self._see(t_s, pose)
        self._seen.clear()

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the lifter's pose in the next picture; None if the picture is empty, skipped, or shows no lifter."""
        if self._lying is None:
            pose = self._blazepose.estimate(picture, t_s)
            if pose is not None:
                self._see(t_s, pose)
            return pose
        pose = self._lying.estimate(picture, t_s)
        if pose is not None and pose.shoulder_height < STANDS:
            self._upright = 0
        elif picture.size and t_s - self._looked_s >= LOOK_S:
            found, self._looked_s = self._blazepose.find_people(picture), t_s
            is_up = all(other.shoulder_height > STANDS for other in found) and (pose is None or len(found) > 0)
            self._upright = self._upright + 1 if is_up else 0
            if self._upright >= LOOKS:
                self._stand_up()
        return pose

    def _see(self, t_s: float, pose: Pose) -> None:
        """Have MoveNet follow the lifter if enough of the latest poses lie."""
        self._seen.append((t_s, _lies(pose)))
        while self._seen[0][0] < t_s - WITHIN_S:
            self._seen.popleft()
        lying_s = [at_s for at_s, lies in self._seen if lies]
        if self._lying is None and len(lying_s) >= SHARE * len(self._seen) and lying_s[-1] - lying_s[0] >= LEAST_S:
            self._lying = self._open_movenet()
            self._lying.reset()


def _lies(pose: Pose) -> bool:
    return (
        pose.shoulder_height < LIES  # Asked first: nothing else is computed in most frames
        and pose.height(landmark.SHOULDERS, landmark.HIPS) < LEVEL
        and pose.height(landmark.WRISTS, landmark.SHOULDERS) > HANG
    )


TURN_AHEAD_S = 10.0  # length of a film's beginning that is searched for people who stand. Our choice.


def open_estimator(model: str, threads: int = 1, turn_deg: int | None = None) -> PoseEstimator:
    """Open the pose estimator for a pose model. Raises ModelError if the model can't be used.

    Args:
        model: A name in `pose_models.NAMES`, the path of a .task file, or `onnx:` and the path of an ONNX file.
        threads: Number of LiteRT's threads for BlazePose and, with an ONNX file, for BlazePose's detector.
        turn_deg: Angle by which pictures are turned clockwise; None to find the angle from the pictures.
    """
    if model == MOVENET:
        return TopDownEstimator(MoveNet(), turn_deg)
    if model.startswith(ONNX):
        return TopDownEstimator(OnnxNetwork(model_file(model), threads), turn_deg)
    return PosturePoseEstimator(BlazePose(model, threads, turn_deg), lambda: TopDownEstimator(MoveNet(), turn_deg=0))


def open_film_estimator(
    model: str, open_film: Callable[[], Source], threads: int = 1, turn_deg: int | None = None
) -> PoseEstimator:
    """Open the pose estimator for a film, and search the film's beginning for the lifter and the turn of the pictures.

    The lifter is sought only if the model is a BlazePose model. A picture that can't be read ends the search.
    `open_estimator` explains the other arguments.

    Args:
        open_film: Opens the film from its beginning; called once, or twice with BlazePose.

    Raises:
        ModelError: The model can't be used.
        SourceError: The film does not open.
    """
    estimator = open_estimator(model, threads, turn_deg)
    turn_finder = estimator.turn_finder
    with closing(open_film()) as film:
        pictures = _pictures(film, LOOK_AGAIN_S)
        for t_s, picture in takewhile(lambda seen: seen[0] <= TURN_AHEAD_S and not turn_finder.is_settled, pictures):
            turn_finder.step(picture, None, t_s)
    turn_finder.reset()
    if isinstance(estimator, PosturePoseEstimator):
        with closing(open_film()) as film:
            pictures = _pictures(film, AHEAD_EVERY_S)
            estimator.look_ahead((t_s, turn_picture(picture, turn_finder.turn_deg)) for t_s, picture in pictures)
    return estimator


def _pictures(film: Source, every_s: float) -> Iterator[tuple[float, np.ndarray]]:
    """Yield times and pictures. Pictures within `every_s` after another picture need not be converted."""
    if type(film) is VideoFile:  # A source that changes its pictures, as in lab.measure.disturbed, needs each picture
        film.every_s = every_s
    with suppress(SourceError):
        for frame in iter(film.read, None):
            assert frame.picture is not None
            yield frame.t_s, frame.picture
