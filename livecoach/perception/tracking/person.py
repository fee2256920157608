"""Describes people by their places in the picture, and measures the distances between them, in metres and log scale."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from livecoach.core import landmark
from livecoach.core.quantiles import median, percentile

SAME_M = 0.35  # distance below which two detections in a picture are the same person
LIFT_M, LIFT_ASIDE_M, LIFT_CLOSER = 0.25, 0.4, 0.45
"""Least way of the shoulders up or down within KEPT_S in a lift, and largest change sideways and in log scale. The
shoulders' landmarks jump least to a person nearby. A person who squats looks up to a third smaller."""
LIFT_LOOKS, LIFT_S, LIFT_PERCENT = 4, 0.8, (10, 90)
"""Least number and duration of the observations of a lift, and the percentiles to compare, because landmarks jump."""
STILL_M = 0.12
"""Way of the shoulders in KEPT_S below which a person is still, and can be replaced by somebody who lifts. A false
detection on the plate or an arm of the followed lifter goes up with the shoulders."""
KEPT_S = 4.0  # time for which a track keeps places
STANDS_LOOKS, STANDS_ASIDE_M = 4, 0.3  # number of last detections of a person who stays in place, and their spread
CLOTHES = 50.0
"""Difference of colour, root mean square of 0…255, that counts as much as the limits of position. The same lifter's
clothes stay below 25 in most frames; visibly different colours differ by 60 to 150."""
PARTED_M, PARTED_UP_M, PARTED_CLOSER, PARTED_CLOTHES, PARTED_TALL_M = 0.2, 0.25, 0.35, 0.8, 1.0
"""Limits by which detections to the left and right of a person's middle are two people: least distance sideways,
largest distance vertically and in log scale, least difference of clothes (in units of CLOTHES), and least height of the
shoulders. A false detection near a person lies down."""
LEAST_WAY_M = 0.15  # shortest way up or down. Shorter ways come from trembling landmarks, or shifted weight.
FEWEST = 4  # fewest detections by which a person is judged
STANDS_M = 1.3  # height of a standing person's shoulders above the ankles, rounded
MORE = 1.3  # factor of prominence from which somebody is much more prominent
BENT = 1.5  # largest factor by which bending makes a person more prominent


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The place, the scale and the clothes of a person who is detected in a picture."""

    x: float
    y: float  # x and y: mean of shoulders, hips, knees and ankles, in picture heights
    scale: float  # picture heights per metre at the person's distance
    margin: float  # distance of (x, y) from the nearer side of the picture, in picture heights; below 0 outside
    top: float = 0.0  # y of the shoulders, in picture heights
    height_m: float = STANDS_M  # height of the shoulders above the ankles in the picture
    sure: bool = True  # False for a detection that may be a plate, an arm or a rack, or that lies flat
    clothes: tuple[float, ...] = ()  # mean blue, green and red (0…255) of trunk and thighs; () if not measured

    @property
    def feet_y(self) -> float:
        """The y of the ankles, from the upper edge of the picture, in picture heights."""
        return self.top + self.height_m * self.scale

    def is_same_as(self, other: "Person") -> bool:
        """Return whether two detections in a picture show the same person."""
        scale = max(self.scale, other.scale)
        return float(np.hypot(self.x - other.x, self.y - other.y)) < SAME_M * scale


def locate_person(landmarks: np.ndarray, world: np.ndarray, aspect: float, clothes: tuple[float, ...] = ()) -> Person:
    """Compute the place and the scale of a person in a picture.

    Args:
        landmarks: (33, 5) landmarks, x and y 0…1.
        world: (33, 3) world landmarks, metres.
        aspect: Width over height of the picture.
        clothes: Colours of the clothes, as in `Person`.
    """
    points = landmarks[landmark.CORE, :2].astype(np.float64) * (aspect, 1.0)
    core = world[landmark.CORE, :2]
    middle, metres = points.sum(0) / len(points), core - core.sum(0) / len(core)  # NumPy's mean takes twice as long
    spread = ((points - middle) ** 2).sum() / max(float((metres**2).sum()), 1e-6)
    x, y = middle.tolist()
    scale = max(float(np.sqrt(spread)), 1e-6)
    top = float(points[0, 1] + points[1, 1]) / 2
    height_m = (float(points[-2, 1] + points[-1, 1]) / 2 - top) / scale
    return Person(x=x, y=y, scale=scale, margin=min(x, aspect - x), top=top, height_m=height_m, clothes=clothes)


def offsets(base: Person, other: Person) -> tuple[float, float, float]:
    """Return how far two people are apart: sideways and vertically in metres, and in the logarithm of the scale.

    The scale of `base` converts picture heights to metres. No value is negative.
    """
    scale = base.scale
    return abs(base.x - other.x) / scale, abs(base.y - other.y) / scale, abs(float(np.log(other.scale / scale)))


def normalised_distance(base: Person, other: Person, limits: tuple[float, float, float]) -> float:
    """Return the distance of two people relative to limits: 1 if one offset is at its limit, and the other two are 0.

    The three `offsets`, each divided by its limit, are combined as the root of their summed squares.

    Args:
        limits: Largest offsets sideways and vertically, in metres, and of the logarithm of the scale.
    """
    return float(np.sqrt(sum((d / limit) ** 2 for d, limit in zip(offsets(base, other), limits, strict=True))))


def clothes_distance(base: Person | None, other: Person) -> float:
    """Return the difference of two people's clothes, divided by the limit CLOTHES.

    The difference is 0 without a first person, or if the clothes of either person were not measured.
    """
    if base is None or not (base.clothes and other.clothes):
        return 0.0
    return float(np.sqrt((np.subtract(base.clothes, other.clothes) ** 2).sum() / len(base.clothes))) / CLOTHES


def are_two_people(left: Person, right: Person) -> bool:
    """Return whether detections left and right of a person's middle show two people, and not one person's halves."""
    aside, up, closer = offsets(left, right)
    stand = min(left.height_m, right.height_m) > PARTED_TALL_M
    near = aside > PARTED_M and up < PARTED_UP_M and closer < PARTED_CLOSER
    return stand and near and clothes_distance(left, right) > PARTED_CLOTHES


def prominence(person: Person) -> float:
    """Return how prominent a person is: more if larger, farther from the picture's sides, or bent over a bar."""
    is_upside_down = person.height_m < 0  # as a body whose head is cut off by the picture's top may seem to be
    bent = 1.0 if is_upside_down else STANDS_M / max(person.height_m, STANDS_M / BENT)
    return person.scale * max(person.margin, 0.02) ** 0.5 * max(1.0, bent)


def is_much_more_prominent(person: Person, other: Person) -> bool:
    """Return whether a person would be much more prominent than another person if both stood upright."""
    return prominence(replace(person, height_m=STANDS_M)) > MORE * prominence(replace(other, height_m=STANDS_M))


@dataclass(slots=True)
class Track:
    """The places of one person in the last KEPT_S seconds."""

    places: deque[tuple[float, Person]] = field(default_factory=deque)  # times and places, the newest last

    @property
    def last_s(self) -> float:
        """The time of the newest place. The track must not be empty."""
        return self.places[-1][0]

    @property
    def last_place(self) -> Person:
        """The newest place of the person. The track must not be empty."""
        return self.places[-1][1]

    def add(self, t_s: float, place: Person) -> None:
        """Add the newest place, and drop the places that are more than KEPT_S older."""
        self.places.append((t_s, place))
        while t_s - self.places[0][0] > KEPT_S:
            self.places.popleft()

    def keeps_place(self) -> bool:
        """Return whether the person hardly moved sideways in the last STANDS_LOOKS detections; False with fewer."""
        recent = [p.x for _, p in self.places][-STANDS_LOOKS:]
        return len(recent) == STANDS_LOOKS and float(np.ptp(recent)) < STANDS_ASIDE_M * self.last_place.scale

    def is_lifting(self) -> bool:
        """Return whether the shoulders went up or down on the spot in the kept places, as in a lift."""
        if len(self.places) < LIFT_LOOKS or self.last_s - self.places[0][0] < LIFT_S:
            return False
        aside_m, up_m, closer = self._spread()
        return up_m > LIFT_M and aside_m < LIFT_ASIDE_M and closer < LIFT_CLOSER

    def is_still(self) -> bool:
        """Return whether the shoulders have moved up or down by less than STILL_M; True for an empty track."""
        return not self.places or self._spread()[1] < STILL_M

    def _spread(self) -> tuple[float, float, float]:
        """Return the spread of the places: sideways and up or down (the shoulders), in metres, and in log scale."""
        places = np.array([(p.x, p.top, np.log(p.scale)) for _, p in self.places])
        metre = float(np.exp(median(places[:, 2])))
        low, high = (percentile(places, percent) for percent in LIFT_PERCENT)
        aside, up, closer = (high - low).tolist()
        return aside / metre, up / metre, closer


def nearest_track(person: Person, tracks: Sequence[Track], limits: tuple[float, float, float]) -> Track | None:
    """Return the track that ends nearest to a person; None if no track is in the limits of `normalised_distance`."""
    nearest = min(tracks, key=lambda track: normalised_distance(track.last_place, person, limits), default=None)
    return None if nearest is None or normalised_distance(nearest.last_place, person, limits) > 1 else nearest


def vertical_moves_m(detections: Sequence[Person]) -> list[float]:
    """Return the length of each movement of the shoulders up or down on the spot, in metres.

    Movements shorter than LEAST_WAY_M are left out. The result is empty with fewer than FEWEST detections.
    """
    if len(detections) < FEWEST:
        return []
    places = np.array([(p.x, p.top, np.log(p.scale)) for p in detections])
    metre = float(np.exp(median(places[:, 2])))
    # A median of three leaves out single detections that lie on a plate or on somebody else.
    around = np.stack([places[:-2], places[1:-1], places[2:]])
    x, top, log_scale = median(around).T
    return [
        float(abs(top[b] - top[a])) / metre
        for a, b in pairwise(_turns(top / metre))
        if abs(x[b] - x[a]) < LIFT_ASIDE_M * metre and abs(log_scale[b] - log_scale[a]) < LIFT_CLOSER
    ]


def _turns(heights: np.ndarray) -> list[int]:
    """Return the indices of the turns in heights (n,), between ways of at least LEAST_WAY_M, with both ends."""
    turns, extreme, way = [0], 0, 0
    for i, height in enumerate(heights):
        change = float(height - heights[extreme])
        if way == 0:
            if abs(height - heights[0]) >= LEAST_WAY_M:
                way, extreme = (1 if height > heights[0] else -1), i
        elif change * way > 0:
            extreme = i
        elif abs(change) >= LEAST_WAY_M:
            turns.append(extreme)
            way, extreme = -way, i
    return [*turns, extreme] if way else turns
