"""Where people are in the picture, and how far apart: in metres at the person's distance, and in log scale."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from livecoach.core import landmark

SAME_M = 0.35  # two detections of one person in one picture are closer than this
LIFT_M, LIFT_ASIDE_M, LIFT_CLOSER = 0.25, 0.4, 0.45
"""A person lifts if the shoulders go up or down this much within KEPT_S while the body does not go sideways or closer.
A person nearby attracts the shoulders' landmarks least; one who squats looks up to a third smaller."""
LIFT_LOOKS, LIFT_S, LIFT_PERCENT = 4, 0.8, (10, 90)
"""Least number and duration of the observations of a lift, and the percentiles: landmarks may jump to somebody else."""
STILL_M = 0.12
"""Whoever lifts replaces a person whose shoulders moved less in KEPT_S. A false detection on the plate or an arm of the
followed lifter goes up with the shoulders."""
KEPT_S = 4.0
STANDS_LOOKS, STANDS_ASIDE_M = 4, 0.3  # a person detected so often in a row within this width stands, or lifts
CLOTHES = 50.0
"""Difference of colour, root mean square of 0…255, that counts as much as the limits of position. One lifter's clothes
stay below 25 in most frames; visibly different colours differ by 60 to 150."""
PARTED_M, PARTED_UP_M, PARTED_CLOSER, PARTED_CLOTHES, PARTED_TALL_M = 0.2, 0.25, 0.35, 0.8, 1.0
"""Two detections left and right of the middle of a person are two people where they are this far apart sideways, no
more than this apart vertically and in log scale, wear clothes this different (in units of CLOTHES), and stand. A false
detection beside a person lies down."""
LEG_M = 0.15  # shorter ways come from trembling landmarks, or shifted weight
FEWEST = 4  # fewest detections by which a person is judged
STANDS_M = 1.3  # of the shoulders above the ankles, standing; rounded
MORE = 1.3  # factor from which somebody is much more prominent
BENT = 1.5  # largest factor by which bending makes a person more prominent


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    x: float
    y: float  # x and y: mean of shoulders, hips, knees and ankles, in picture heights
    scale: float  # picture heights per metre at the person's distance
    inside: float  # from (x, y) to the nearest side, in picture heights; negative outside
    top: float = 0.0  # y of the shoulders, in picture heights
    tall_m: float = STANDS_M  # shoulders above the ankles in the picture
    sure: bool = True  # False of one that may be a plate, an arm or a rack, or lies flat
    clothes: tuple[float, ...] = ()  # mean blue, green and red (0…255) of trunk and thighs; () where not measured

    def same_as(self, other: "Person") -> bool:
        """Whether two detections in one picture are one person."""
        scale = max(self.scale, other.scale)
        return float(np.hypot(self.x - other.x, self.y - other.y)) < SAME_M * scale


def person(landmarks: np.ndarray, world: np.ndarray, aspect: float, clothes: tuple[float, ...] = ()) -> Person:
    """landmarks: (33, 5), x and y 0…1; world: (33, 3), metres; aspect: width over height of the picture."""
    points = landmarks[landmark.CORE, :2].astype(np.float64) * (aspect, 1.0)
    middle = points.mean(0)
    metres = world[landmark.CORE, :2] - world[landmark.CORE, :2].mean(0)
    spread = ((points - middle) ** 2).sum() / max(float((metres**2).sum()), 1e-6)
    x, y = middle.tolist()
    scale = max(float(np.sqrt(spread)), 1e-6)
    top = float(points[:2, 1].mean())
    tall_m = (float(points[-2:, 1].mean()) - top) / scale
    return Person(x=x, y=y, scale=scale, inside=min(x, aspect - x), top=top, tall_m=tall_m, clothes=clothes)


def offsets(one: Person, other: Person) -> tuple[float, float, float]:
    """Absolute: sideways and vertically in metres, and in log scale."""
    scale = one.scale
    return abs(one.x - other.x) / scale, abs(one.y - other.y) / scale, abs(float(np.log(other.scale / scale)))


def normalised_distance(one: Person, other: Person, limits: tuple[float, float, float]) -> float:
    """By the limits of the three offsets: 1 at the limit."""
    return float(np.sqrt(sum((d / limit) ** 2 for d, limit in zip(offsets(one, other), limits, strict=True))))


def clothes_distance(one: Person | None, other: Person) -> float:
    """1 at the limit; 0 where they are not known."""
    if one is None or not (one.clothes and other.clothes):
        return 0.0
    return float(np.sqrt((np.subtract(one.clothes, other.clothes) ** 2).mean())) / CLOTHES


def are_two_people(left: Person, right: Person) -> bool:
    """Whether the detections in the two halves of a picture, cut through a person, are two people."""
    aside, up, closer = offsets(left, right)
    stand = min(left.tall_m, right.tall_m) > PARTED_TALL_M
    near = aside > PARTED_M and up < PARTED_UP_M and closer < PARTED_CLOSER
    return stand and near and clothes_distance(left, right) > PARTED_CLOTHES


def prominence(person: Person) -> float:
    """Large, central, and bent over a bar rather than standing and watching."""
    bent = STANDS_M / max(person.tall_m, STANDS_M / BENT)
    return person.scale * max(person.inside, 0.02) ** 0.5 * max(1.0, bent)


def is_more_prominent(one: Person, other: Person) -> bool:
    """Whether a person would be much more prominent than another one if both stood upright."""
    upright, beside = (prominence(replace(person, tall_m=STANDS_M)) for person in (one, other))
    return upright > MORE * beside


@dataclass(slots=True)
class Track:
    positions: deque[tuple[float, Person]] = field(default_factory=deque)  # times and positions, the newest last

    @property
    def last_s(self) -> float:
        """The track must not be empty."""
        return self.positions[-1][0]

    @property
    def last(self) -> Person:
        """The track must not be empty."""
        return self.positions[-1][1]

    def add(self, t_s: float, position: Person) -> None:
        self.positions.append((t_s, position))
        while t_s - self.positions[0][0] > KEPT_S:
            self.positions.popleft()

    def is_standing(self) -> bool:
        """Detected several times in a row at one place."""
        recent = [p.x for _, p in self.positions][-STANDS_LOOKS:]
        return len(recent) == STANDS_LOOKS and float(np.ptp(recent)) < STANDS_ASIDE_M * self.last.scale

    def is_lifting(self) -> bool:
        if len(self.positions) < LIFT_LOOKS or self.last_s - self.positions[0][0] < LIFT_S:
            return False
        aside_m, up_m, closer = self._spread()
        return up_m > LIFT_M and aside_m < LIFT_ASIDE_M and closer < LIFT_CLOSER

    def is_still(self) -> bool:
        """The shoulders neither rise nor sink."""
        return not self.positions or self._spread()[1] < STILL_M

    def _spread(self) -> tuple[float, float, float]:
        """Sideways and up or down (the shoulders), in metres, and in log scale."""
        places = np.array([(p.x, p.top, np.log(p.scale)) for _, p in self.positions])
        metre = float(np.exp(np.median(places[:, 2])))
        aside, up, closer = np.ptp(np.percentile(places, LIFT_PERCENT, axis=0), axis=0).tolist()
        return aside / metre, up / metre, closer


def nearest_track(person: Person, among: Sequence[Track], limits: tuple[float, float, float]) -> Track | None:
    """Within the limits, by its latest position."""
    nearest = min(among, key=lambda track: normalised_distance(track.last, person, limits), default=None)
    return None if nearest is None or normalised_distance(nearest.last, person, limits) > 1 else nearest


def ways_m(detections: Sequence[Person]) -> list[float]:
    """Return the shoulders' ways up and down on the spot, of at least LEG_M; none for fewer than FEWEST detections."""
    if len(detections) < FEWEST:
        return []
    places = np.array([(p.x, p.top, np.log(p.scale)) for p in detections])
    metre = float(np.exp(np.median(places[:, 2])))
    # A median of three leaves out single detections that lie on a plate or on somebody else.
    around = np.stack([places[:-2], places[1:-1], places[2:]])
    x, top, log_scale = np.median(around, axis=0).T
    return [
        float(abs(top[b] - top[a])) / metre
        for a, b in pairwise(_turns(top / metre))
        if abs(x[b] - x[a]) < LIFT_ASIDE_M * metre and abs(log_scale[b] - log_scale[a]) < LIFT_CLOSER
    ]


def _turns(heights: np.ndarray) -> list[int]:
    """Indices of the first of the heights (n,), of each turn after a way of at least LEG_M, and of the last extreme."""
    turns, extreme, way = [0], 0, 0
    for i, height in enumerate(heights):
        change = float(height - heights[extreme])
        if way == 0:
            if abs(height - heights[0]) >= LEG_M:
                way, extreme = (1 if height > heights[0] else -1), i
        elif change * way > 0:
            extreme = i
        elif abs(change) >= LEG_M:
            turns.append(extreme)
            way, extreme = -way, i
    return [*turns, extreme] if way else turns
