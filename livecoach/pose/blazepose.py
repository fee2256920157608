"""MediaPipe BlazePose through the Tasks API, offline, locked on the lifter."""

import hashlib
from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.config.paths import models_dir
from livecoach.errors import ModelError
from livecoach.pose import Pose
from livecoach.pose.clothing import clothes
from livecoach.pose.graph import Finder, Tracker, around
from livecoach.pose.masking import Cover, without
from livecoach.pose.picture_edges import Sides
from livecoach.tracking.lock import Lock
from livecoach.tracking.person import Person, person, two_people

SHIPPED = ("lite", "full")
SEARCH_EVERY_S = 0.1
"""While the lifter is searched for, the pictures between are not looked at: a search takes three times as long as to
follow somebody."""
MIXED = 0.2
"""Logarithm of the scale by which landmarks that are partly on somebody else differ from those of one."""
VISIBLE = 0.5
"""Mean visibility of the joints of somebody who is found where another is painted over; bars and shadows have less."""
LEAST_TALL_M = 0.75
"""Height of the shoulders over the ankles of somebody who is found so. Who stands, walks or sits beside a lifter is
taller; what the network makes of plates, arms and a rack where the lifter is painted over is not: in three real clips
of a lone lifter it was .0 to .65 m, and took the lifter's place."""
UPSIDE_DOWN_M = -0.3
"""Height of the shoulders over the ankles of a body that is seen upside down. MediaPipe turns some who are seen from
the side so, and goes on for seconds: nobody who lifts has the shoulders so far below the ankles. Of 34 rendered sets
all but one of the seven that were not counted right had such frames, and of 90 real clips six."""
GREY = 127
"""What the half of a picture is filled with that is not looked at."""
_JOINTS = slice(landmark.SHOULDERS[0], landmark.ANKLES[1] + 1)
KEPT_S = 0.5
"""Where the lifter was seen so long ago at the most, the picture stays as it is when others are painted over."""
LOOK_EVERY = 3
"""Searches: in the others only the lifter's place is looked at."""


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
        self._cover = Cover()
        self._lifter: np.ndarray | None = None
        self._lifter_s = -np.inf
        self._searching, self._searched, self._searched_s = False, 0, 0.0
        self._righted_s = -np.inf

    @property
    def people(self) -> int:
        """How many people are known to be in the last picture."""
        return self._lock.people

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """The lifter in a picture; see PoseEstimator."""
        if not picture.size:
            return None  # an empty picture would end MediaPipe's graph for good
        moving = self._sides.moving(picture, t_s)
        pose = self._estimate(picture, t_s, moving)
        if pose is not None and _upside_down(pose, picture):
            pose = self._righted(picture, t_s, pose)
        if pose is not None:
            self._lifter, self._lifter_s = pose.landmarks, t_s
        return pose

    def _estimate(self, picture: np.ndarray, t_s: float, moving: float) -> Pose | None:
        if not self._lock.alone(t_s) and self._cover.hides(t_s, self._lifter, self._lock.scale):
            self._searching = True
            return None
        if self._searching and not self._lock.alone(t_s):
            return self._search(picture, t_s) if t_s - self._searched_s >= SEARCH_EVERY_S else None
        self._searching = False
        tracked = self._tracker.follow(self._shown(picture, t_s), t_s)
        if self._lock.sure(t_s, _person(tracked, picture), moving):
            return None if self._lock.refused else tracked
        return self._look(picture, t_s, tracked)

    def _righted(self, picture: np.ndarray, t_s: float, pose: Pose) -> Pose | None:
        """Whoever is seen upside down, the right way up; None where that can't be had."""
        if t_s - self._righted_s < SEARCH_EVERY_S:
            return None
        self._righted_s = t_s
        place = _located(pose, picture)
        found = self._tracker.steer_to(self._shown(picture, t_s), t_s, place)
        there = _person(found, picture)
        if there is None or there.tall_m < UPSIDE_DOWN_M or not there.same_as(place):
            return None
        return found

    def _shown(self, picture: np.ndarray, t_s: float) -> np.ndarray:
        """The picture without those who are known not to be the lifter."""
        if self._lock.alone(t_s):
            return picture
        return self._cover.painted(picture, t_s, self._lifter if t_s - self._lifter_s < KEPT_S else None)

    def _search(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Look for the lifter where he usually is, and now and then in the whole picture."""
        self._searched, self._searched_s = self._searched + 1, t_s
        home = self._lock.home
        if home is None or self._searched % LOOK_EVERY == 0:
            return self._look(picture, t_s, None)
        found = self._tracker.steer_to(self._shown(picture, t_s), t_s, home)
        there = _person(found, picture)
        self._searching = there is None or not self._lock.found(t_s, there)
        return None if self._searching else found

    def _look(self, picture: np.ndarray, t_s: float, tracked: Pose | None) -> Pose | None:
        """Find the lifter among all who are in the picture, and follow him from here on."""
        poses = self._found(picture, t_s, tracked)
        parted = [] if self._lock.lifted else self._parted(picture, poses if tracked is None else [tracked])
        if parted:
            poses, tracked = parted, None
        people = [_located(pose, picture) for pose in poses]
        at = _person(tracked, picture)
        if tracked is not None and at is not None:
            # What is followed is steadier than what is found, unless it may be of two people.
            may_be_mixed = self._lock.doubted and not self._lock.alone(t_s)
            kept = [pair for pair in zip(poses, people, strict=True) if may_be_mixed or not at.same_as(pair[1])]
            poses, people = [*(pose for pose, _ in kept), tracked], [*(p for _, p in kept), at]
        before = self._lock.lifters
        chosen = self._lock.choose(t_s, people)
        if self._lock.lifters != before:
            self._cover = Cover()  # whoever is the lifter now was known as one of the others
        self._cover.know(t_s, [(poses[number], people[number]) for number in self._lock.others])
        self._searching, self._searched, self._searched_s = chosen is None, 0, t_s
        if chosen is None:
            return None
        if at is not None and _steadier(at, people[chosen]):
            return tracked
        lifter = poses[chosen].landmarks
        shown = self._cover.painted(picture, t_s, lifter)
        followed = self._tracker.go_to(shown, t_s, around(lifter, picture))
        there = _person(followed, picture)
        self._searching = there is None or not there.same_as(people[chosen])
        return poses[chosen] if self._searching else followed

    def _found(self, picture: np.ndarray, t_s: float, tracked: Pose | None) -> list[Pose]:
        """Who is found beside the one who is followed; all, where that one is in doubt."""
        if tracked is not None and not self._lock.doubted:
            return self._beside(picture, t_s, [tracked])
        first = self._finder.find(self._shown(picture, t_s)) or self._finder.find(picture)
        return first + self._beside(picture, t_s, first) if first else first

    def _beside(self, picture: np.ndarray, t_s: float, known: list[Pose]) -> list[Pose]:
        kept = [] if self._lock.alone(t_s) else self._cover.others(t_s)
        found = self._finder.find(without(picture, [pose.landmarks for pose in known], kept))
        return [pose for pose in found if _visible(pose) and _located(pose, picture).tall_m > LEAST_TALL_M]

    def _parted(self, picture: np.ndarray, poses: list[Pose]) -> list[Pose]:
        """The two whom MediaPipe took for one; none where it did not."""
        if not poses:
            return []
        middle = round(_located(poses[0], picture).x * picture.shape[0])
        found: list[Pose] = []
        for part in (slice(None, middle), slice(middle, None)):
            half = np.full_like(picture, GREY)
            half[:, part] = picture[:, part]
            found += [pose for pose in self._finder.find(half)[:1] if _visible(pose)]
        people = [_located(pose, picture) for pose in found]
        return found if len(found) == 2 and two_people(*people) else []

    def close(self) -> None:
        """Free the landmarkers."""
        self._tracker.close()
        self._finder.close()


def _visible(pose: Pose) -> bool:
    return bool(pose.landmarks[_JOINTS, 3].mean() > VISIBLE)


def _upside_down(pose: Pose, picture: np.ndarray) -> bool:
    return person(pose.landmarks, pose.world, picture.shape[1] / picture.shape[0]).tall_m < UPSIDE_DOWN_M


def _steadier(tracked: Person, found: Person) -> bool:
    """Whether the one who is followed is the one who is found: and not a mixture of two, which is wider."""
    return tracked.same_as(found) and abs(float(np.log(tracked.scale / found.scale))) < MIXED


def _located(pose: Pose, picture: np.ndarray) -> Person:
    aspect = picture.shape[1] / picture.shape[0]
    return person(pose.landmarks, pose.world, aspect, clothes(picture, pose.landmarks))


def _person(pose: Pose | None, picture: np.ndarray) -> Person | None:
    return None if pose is None else _located(pose, picture)
