"""MediaPipe BlazePose through the Tasks API, offline, locked on the lifter."""

import hashlib
from pathlib import Path

import numpy as np

from livecoach.errors import ModelError
from livecoach.form.lock import Lock
from livecoach.form.people import Person, person
from livecoach.paths import models_dir
from livecoach.pose import Pose
from livecoach.pose.clothes import clothes
from livecoach.pose.graph import Finder, Tracker, around
from livecoach.pose.sides import Sides

SHIPPED = ("lite", "full")
SEARCH_EVERY_S = 0.1
"""While the lifter is searched for, the pictures between are not looked at: a search takes three times as long as to
follow somebody."""
LOOK_EVERY = 3
"""Searches: in the others only the lifter's surroundings are looked at."""


def model_path(name: str) -> Path:
    """Path of a shipped model by name, or of the user's own `.task` file. Raises ModelError where there is none."""
    if name in SHIPPED:
        return models_dir() / "pose" / f"pose_landmarker_{name}.task"
    path = Path(name).expanduser()
    if path.suffix != ".task":
        raise ModelError(f"pose model {name!r}: choose {' or '.join(SHIPPED)}, or give the path of a .task file.")
    return path


class BlazePose:
    """Follows the lifter, and looks at all who are in the picture where it is in doubt. Used from one thread."""

    def __init__(self, model: str) -> None:
        """model: `lite`, `full`, or the path of a .task file. Raises ModelError where it can't be used."""
        path = model_path(model)
        try:
            content = path.read_bytes()
        except OSError as err:
            raise ModelError(f"{path}: can't be read ({err.strerror}). Reinstall livecoach, or check --pose.") from err
        self.name = path.stem.removeprefix("pose_landmarker_")
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._tracker = Tracker(content, path)
        self._finder = Finder(content, path)
        self._lock = Lock()
        self._sides = Sides()
        self._searching, self._searched, self._searched_s = False, 0, 0.0

    @property
    def people(self) -> int:
        """How many people are known to be in the last picture."""
        return self._lock.people

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """The lifter in a picture; see PoseEstimator."""
        if not picture.size:
            return None  # an empty picture would end MediaPipe's graph for good
        moving = self._sides.moving(picture, t_s)
        if self._searching and not self._lock.alone(t_s):
            return self._search(picture, t_s) if t_s - self._searched_s >= SEARCH_EVERY_S else None
        self._searching = False
        tracked = self._tracker.follow(picture, t_s)
        if self._lock.sure(t_s, _person(tracked, picture), moving):
            return None if self._lock.refused else tracked
        return self._look(picture, t_s, tracked)

    def _search(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Look for the lifter where he usually is, and now and then in the whole picture."""
        self._searched, self._searched_s = self._searched + 1, t_s
        part = self._lock.surroundings(picture.shape[1] / picture.shape[0], self._searched)
        if part is None or self._searched % LOOK_EVERY == 0:
            return self._look(picture, t_s, None)
        left, right = (round(share * picture.shape[1]) for share in part)
        found = self._tracker.go_to(picture, t_s, (slice(None), slice(left, right)))
        there = _person(found, picture)
        self._searching = there is None or not self._lock.found(t_s, there)
        return None if self._searching else found

    def _look(self, picture: np.ndarray, t_s: float, tracked: Pose | None) -> Pose | None:
        """Find the lifter among all who are in the picture, and follow him from here on."""
        poses = self._finder.find(picture)
        people = [_located(pose, picture) for pose in poses]
        at = _person(tracked, picture)
        if tracked is not None and at is not None:
            # What is followed is steadier than what is found.
            others = [(pose, p) for pose, p in zip(poses, people, strict=True) if not at.same_as(p)]
            poses, people = [pose for pose, _ in others] + [tracked], [p for _, p in others] + [at]
        chosen = self._lock.choose(t_s, people)
        self._searching, self._searched, self._searched_s = chosen is None, 0, t_s
        if chosen is None or poses[chosen] is tracked:
            return None if chosen is None else tracked
        followed = self._tracker.go_to(picture, t_s, around(poses[chosen].landmarks, picture))
        there = _person(followed, picture)
        self._searching = there is None or not there.same_as(people[chosen])
        return poses[chosen] if self._searching else followed

    def close(self) -> None:
        """Free the landmarkers."""
        self._tracker.close()
        self._finder.close()


def _located(pose: Pose, picture: np.ndarray) -> Person:
    aspect = picture.shape[1] / picture.shape[0]
    return person(pose.landmarks, pose.world, aspect, clothes(picture, pose.landmarks))


def _person(pose: Pose | None, picture: np.ndarray) -> Person | None:
    return None if pose is None else _located(pose, picture)
