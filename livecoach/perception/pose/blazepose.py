"""Estimates the lifter's pose with BlazePose, and follows the same lifter among other people."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from livecoach.core import landmark
from livecoach.core.config.pose_models import model_file
from livecoach.core.model_files.model_folder import file_sha256
from livecoach.perception.pose import Pose
from livecoach.perception.pose.coarse_picture import CoarsePicture, cell_means
from livecoach.perception.pose.following import Tracker, person_slices
from livecoach.perception.pose.litert import BlazePoseNetworks, visible_landmarks
from livecoach.perception.pose.masking import BystanderMask, paint_over
from livecoach.perception.pose.upright import TurnFinder
from livecoach.perception.tracking.candidates import Candidates
from livecoach.perception.tracking.lifter_lock import LifterLock
from livecoach.perception.tracking.person import Person, are_two_people, clothes_distance, locate_person

SEARCH_EVERY_S = 0.1  # time between two searches for the lifter, which take long; pictures between them are skipped
MIXED = 0.2  # least difference in log scale that shows a mixture of two people
LEAST_TALL_M = 0.75
"""Least height of a person's shoulders above the ankles. False detections on plates, arms and racks are less tall."""
UPSIDE_DOWN_M = -0.3
"""Height of the shoulders above the ankles below which a pose is upside down, as for some people from the side."""
AHEAD_S, AHEAD_ALONE_S, AHEAD_EVERY_S = 20.0, 4.0, 0.2
"""Seconds of a recording that are searched in advance; seconds if only the lifter is detected; and their interval."""
GREY = 127  # grey value of the hidden half of a picture
KEPT_S = 0.5  # time after the lifter's last detection for which paint on bystanders spares the lifter
LOOK_EVERY = 3  # every third search covers the whole picture, and other searches the lifter's usual position


class _LocatedPose(NamedTuple):
    pose: Pose
    place: Person


class BlazePose:
    """A pose estimator that follows the lifter by BlazePose and, in doubt, detects all people. For one thread only."""

    def __init__(self, model: str, threads: int = 1, turn_deg: int | None = None) -> None:
        """Load the networks. Raises ModelError if the model can't be used.

        Args:
            model: `lite`, `full`, or the path of a .task file.
            turn_deg: Angle by which the pictures are turned clockwise; None to find the angle from the pictures.
        """
        path = model_file(model)
        tracker = self._tracker = Tracker(BlazePoseNetworks(path, threads))
        self.name = path.stem.removeprefix("pose_landmarker_")
        self.sha256 = file_sha256(path)
        # A method of this object would make a reference cycle, in which the networks stay until garbage is collected.
        self.turn_finder = TurnFinder(lambda picture: visible_landmarks(tracker.find_people(picture)), turn_deg)
        self._forget()

    def _forget(self) -> None:
        self._lock = LifterLock()
        self._sides = EdgeMotion()
        self._mask = BystanderMask()
        self._looked = CoarsePicture()  # the last picture in which all people were detected
        self._expected: Pose | None = None  # the lifter's first pose, from the look ahead, until the lifter is seen
        self._lifter: np.ndarray | None = None
        self._lifter_s = -np.inf
        self._searching, self._searched, self._searched_s = False, 0, 0.0
        self._turned_upright_s = -np.inf

    def reset(self) -> None:
        """Forget all people, because the next picture has another size or is turned."""
        self._tracker.reset()
        self._forget()

    def find_people(self, picture: np.ndarray) -> list[Pose]:
        """Return up to MOST_PEOPLE visible poses in a BGR picture, without masks; the same lifter stays followed."""
        return [pose for pose in self._tracker.find_people(picture) if pose.is_visible]

    @property
    def people_count(self) -> int:
        """The number of people known to be in the last picture, including a lifter who is hidden."""
        return self._lock.people_count

    def look_ahead(self, pictures: Iterable[tuple[float, np.ndarray]]) -> list[tuple[float, Pose]]:
        """Find the lifter in the first seconds of a recording, before the first call of `estimate`.

        If somebody else in the picture lifts, or sits or stands still, `estimate` follows the found lifter from the
        first picture on.

        Args:
            pictures: Times in seconds, and pictures, which are read no further than needed.

        Returns:
            For each searched picture in which somebody was found: the time in seconds, and the pose of the person
            detected with the highest confidence.
        """
        candidates, first_s, looked_s = Candidates(), None, -np.inf
        prominent: list[tuple[float, Pose]] = []
        poses: dict[Person, Pose] = {}
        searching = Tracker(self._tracker.networks)
        for t_s, picture in pictures:
            first_s = t_s if first_s is None else first_s
            ahead_s = t_s - first_s
            if ahead_s > AHEAD_S or (ahead_s > AHEAD_ALONE_S and not candidates.has_bystander):
                break
            if picture.size and t_s - looked_s >= AHEAD_EVERY_S:
                looked_s = t_s
                people = _detect_everybody(searching, candidates, picture, t_s)
                candidates.add(list(people))
                poses |= people
                prominent += [(t_s, pose) for pose in [*people.values()][:1]]
        lifter = candidates.find_lifter()
        if lifter is not None and first_s is not None:
            self._lock.expect_lifter(first_s, lifter.first_place())
            self._expected, self._searching, self._searched_s = poses[lifter.detections[0]], True, -np.inf
        return prominent

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        """Return the lifter's pose in the next picture; None if the picture is empty, skipped, or shows no lifter."""
        if not picture.size:
            return None
        moving = self._sides.measure_movement(picture, t_s)
        lifter = self._see_lifter(picture, t_s, moving)
        if lifter is not None and lifter.place.height_m < UPSIDE_DOWN_M:
            is_upside_down = self.turn_finder.check_upside_down(picture, t_s)
            lifter = None if is_upside_down else self._turn_upright(picture, t_s, lifter.place)
        if lifter is None:
            return None
        self._lifter, self._lifter_s, self._expected = lifter.pose.landmarks, t_s, None
        return lifter.pose

    def _see_lifter(self, picture: np.ndarray, t_s: float, moving: float) -> _LocatedPose | None:
        if not self._lock.is_alone(t_s) and self._mask.hides_lifter(t_s, self._lifter, self._lock.scale):
            self._searching = True
            return None
        if self._searching and not self._lock.is_alone(t_s):
            return self._search(picture, t_s) if t_s - self._searched_s >= SEARCH_EVERY_S else None
        self._searching = False
        tracked = _located(self._tracker.follow(self._without_bystanders(picture, t_s), t_s), picture)
        is_same = not self._lock.has_lifted and self._looked.resembles(picture)
        if self._lock.accept_followed(t_s, None if tracked is None else tracked.place, moving, is_same=is_same):
            return None if self._lock.is_passer_by else tracked
        return self._detect_all(picture, t_s, tracked)

    def _turn_upright(self, picture: np.ndarray, t_s: float, place: Person) -> _LocatedPose | None:
        """Estimate an upside-down pose again. Return None if the new pose is upside down, too."""
        if t_s - self._turned_upright_s < SEARCH_EVERY_S:
            return None
        self._turned_upright_s = t_s
        righted = _located(self._tracker.steer_to(self._without_bystanders(picture, t_s), t_s, place), picture)
        if righted is None or righted.place.height_m < UPSIDE_DOWN_M or not righted.place.is_same_as(place):
            return None
        return righted

    def _without_bystanders(self, picture: np.ndarray, t_s: float) -> np.ndarray:
        if self._lock.is_alone(t_s):
            return picture
        return self._mask.without_bystanders(picture, t_s, self._lifter if t_s - self._lifter_s < KEPT_S else None)

    def _search(self, picture: np.ndarray, t_s: float) -> _LocatedPose | None:
        self._searched, self._searched_s = self._searched + 1, t_s
        home = self._lock.home
        if home is None or self._searched % LOOK_EVERY == 0:
            return self._detect_all(picture, t_s, None)
        if self._expected is not None:
            return self._search_expected(picture, t_s, home, self._expected)
        found = _located(self._tracker.steer_to(self._without_bystanders(picture, t_s), t_s, home), picture)
        self._searching = found is None or not self._lock.reacquire(t_s, found.place)
        return None if self._searching else found

    def _search_expected(self, picture: np.ndarray, t_s: float, home: Person, expected: Pose) -> _LocatedPose | None:
        """Search one of the first pictures for the lifter whom `look_ahead` detected; None without success."""
        pose = self._tracker.follow_in_part(picture, t_s, person_slices(expected.landmarks, picture))
        if pose is None:
            pose = self._tracker.steer_to(picture, t_s, home)
        found = _located(pose, picture)
        # Only the place counts: the scale settles with the filters, which continue from the previous person.
        self._searching = found is None or not found.place.is_same_as(home)
        return None if self._searching else found

    def _detect_all(self, picture: np.ndarray, t_s: float, tracked: _LocatedPose | None) -> _LocatedPose | None:
        """Identify the lifter among all people in the picture, and follow this person from now on."""
        self._looked.keep(picture)
        candidates = self._candidates(picture, t_s, tracked)
        merged = candidates[0] if tracked is None and candidates else tracked
        parted = [] if self._lock.has_lifted or merged is None else self._split_merged(picture, merged.place)
        if parted:
            candidates, tracked = parted, None
        if tracked is not None:
            # A followed pose is steadier than a detected pose, unless it may be a mixture of two people.
            may_be_mixed = self._lock.in_doubt and not self._lock.is_alone(t_s)
            place = tracked.place
            candidates = [*(c for c in candidates if may_be_mixed or not place.is_same_as(c.place)), tracked]
        candidates.sort(key=lambda candidate: not candidate.place.sure)
        before = self._lock.earlier_lifters
        chosen = self._lock.choose_lifter(t_s, [candidate.place for candidate in candidates])
        if self._lock.earlier_lifters != before:
            self._mask = BystanderMask()  # the new lifter was one of the bystanders
        self._mask.update(t_s, [candidates[number] for number in self._lock.bystander_indices])
        self._searching, self._searched, self._searched_s = chosen is None, 0, t_s
        if chosen is None:
            return None
        lifter = candidates[chosen]
        if tracked is not None and _is_unmixed(tracked.place, lifter.place):
            return tracked
        landmarks = lifter.pose.landmarks
        shown = self._mask.without_bystanders(picture, t_s, landmarks)
        followed = _located(self._tracker.follow_in_part(shown, t_s, person_slices(landmarks, picture)), picture)
        self._searching = followed is None or not followed.place.is_same_as(lifter.place)
        return lifter if self._searching else followed

    def _candidates(self, picture: np.ndarray, t_s: float, tracked: _LocatedPose | None) -> list[_LocatedPose]:
        """Return the other people if the lifter is followed without doubt, and everybody otherwise."""
        if tracked is not None and not self._lock.in_doubt:
            return self._detect_others(picture, t_s, [tracked.pose])
        first = self._tracker.find_people(self._without_bystanders(picture, t_s)) or self._tracker.find_people(picture)
        others = self._detect_others(picture, t_s, first) if first else []
        return [*(_LocatedPose(pose, _locate(pose, picture)) for pose in first), *others]

    def _detect_others(self, picture: np.ndarray, t_s: float, known: list[Pose]) -> list[_LocatedPose]:
        kept = [] if self._lock.is_alone(t_s) else self._mask.landmarks_at(t_s)
        poses = self._tracker.find_people(paint_over(picture, [pose.landmarks for pose in known], kept))
        return [_LocatedPose(pose, _locate_unsure(pose, picture)) for pose in poses]

    def _split_merged(self, picture: np.ndarray, merged: Person) -> list[_LocatedPose]:
        """Return the two people whom BlazePose has merged into one pose; empty if BlazePose has merged nobody."""
        middle = round(merged.x * picture.shape[0])
        parted: list[_LocatedPose] = []
        for part in (slice(None, middle), slice(middle, None)):
            half = np.full_like(picture, GREY)
            half[:, part] = picture[:, part]
            poses = self._tracker.find_people(half)[:1]
            parted += [_LocatedPose(pose, _locate(pose, picture)) for pose in poses if pose.is_visible]
        return parted if len(parted) == 2 and are_two_people(*(half.place for half in parted)) else []


def _detect_everybody(tracker: Tracker, candidates: Candidates, picture: np.ndarray, t_s: float) -> dict[Person, Pose]:
    """Return everybody who is detected, or is found at the last place of a lost candidate."""
    poses = tracker.find_people(picture)
    poses += tracker.find_people(paint_over(picture, [pose.landmarks for pose in poses])) if poses else []
    people: dict[Person, Pose] = {}
    for pose in poses:
        place = _locate_unsure(pose, picture)
        # The visible rest of a painted-over person may be detected once more.
        if not any(place.is_same_as(other) and clothes_distance(other, place) < 1 for other in people):
            people[place] = pose
    lost = candidates.find_lost_places(list(people))
    painted = paint_over(picture, [pose.landmarks for pose in poses]) if lost else picture
    for place in lost:
        found = _located(tracker.steer_to(painted, t_s, place), picture)
        if found is not None and found.place.is_same_as(place):
            people[replace(found.place, sure=False)] = found.pose
    return people


def _locate_unsure(pose: Pose, picture: np.ndarray) -> Person:
    place = _locate(pose, picture)
    return replace(place, sure=pose.is_visible and place.height_m > LEAST_TALL_M)


def _locate(pose: Pose, picture: np.ndarray) -> Person:
    aspect = picture.shape[1] / picture.shape[0]
    return locate_person(pose.landmarks, pose.world, aspect, _clothes_colours(picture, pose.landmarks))


def _located(pose: Pose | None, picture: np.ndarray) -> _LocatedPose | None:
    return None if pose is None else _LocatedPose(pose, _locate(pose, picture))


def _is_unmixed(followed: Person, detected: Person) -> bool:
    """Return whether a followed pose belongs to a detected person, and does not mix two people."""
    return followed.is_same_as(detected) and abs(float(np.log(followed.scale / detected.scale))) < MIXED


# Places of the colour samples, as shares of the way: across the trunk from left to right, along the trunk from the
# shoulders to the hips, and along each thigh from the hip to the knee.
ACROSS = np.array([0.2, 0.5, 0.8])[:, None, None]
DOWN = np.array([0.15, 0.3, 0.45, 0.6, 0.75, 0.85])[:, None]
THIGH = np.array([0.25, 0.4, 0.55, 0.7])[:, None, None]
_CORNERS = [*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES]


def _clothes_colours(picture: np.ndarray, landmarks: np.ndarray) -> tuple[float, ...]:
    """Return mean blue, green and red, 0…255, of 18 pixels of the trunk and 8 of the thighs."""
    size = np.array(picture.shape[1::-1])
    corners = landmarks[_CORNERS, :2] * size
    shoulders, hips, knees = corners[:2], corners[2:4], corners[4:]
    top, bottom = (ends[0] + ACROSS * (ends[1] - ends[0]) for ends in (shoulders, hips))
    trunk = (top + DOWN * (bottom - top)).reshape(-1, 2)
    thighs = (hips + THIGH * (knees - hips)).reshape(-1, 2)
    at = np.minimum(np.maximum(np.concatenate([trunk, thighs]), 0), size - 1).astype(int)
    colours = picture[at[:, 1], at[:, 0]].astype(np.float64)
    sums = colours[: len(trunk)].sum(0), colours[len(trunk) :].sum(0)
    return (*(sums[0] / len(trunk)).tolist(), *(sums[1] / len(thighs)).tolist())


SIDE_SHARE = 1 / 8  # width of each side, as a share of the picture's width
SIDE_CELLS = (4, 48)  # columns and rows of cells in a side; the mean of a cell is almost free of noise
CHANGED = 18.0  # change (of 255) in a colour of a cell above which something moves; most clothes and skin change more
BEFORE_S = 0.2  # time between the two pictures that are compared


class EdgeMotion:
    """Detects movement at the sides of the picture, where a person who walks in appears first."""

    def __init__(self) -> None:
        self._sides: deque[tuple[float, np.ndarray]] = deque()

    def measure_movement(self, picture: np.ndarray, t_s: float) -> float:
        """Add the next picture, and return the share of the picture's height in which something moves at one side.

        The side with more movement counts. The picture is compared with the newest picture that is at least BEFORE_S
        older, or else with the first picture.

        Args:
            picture: (height, width, 3) uint8, not empty.
            t_s: Time of the picture, which must not decrease from call to call.
        """
        wide = max(1, round(SIDE_SHARE * picture.shape[1]))
        now = np.vstack([cell_means(side, *SIDE_CELLS) for side in (picture[:, :wide], picture[:, -wide:])])
        while len(self._sides) > 1 and t_s - self._sides[1][0] >= BEFORE_S:
            self._sides.popleft()
        before = self._sides[0][1] if self._sides else now
        self._sides.append((t_s, now))
        changed = (cv2.absdiff(now, before) > CHANGED).any((1, 2)).reshape(2, -1)
        return float(changed.mean(1).max())
