"""Where people are in the picture, and how far apart: metres at one's distance, and the logarithm of the scale."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from livecoach import landmark

SAME_M = 0.35
"""Two looks at one person in one picture are less apart; their scales differ by up to a factor of 2.5 where it is
dark."""
LIFT_M, LIFT_ASIDE_M, LIFT_CLOSER = 0.25, 0.4, 0.45
"""Shoulders that go up or down this much, without the body's going aside or nearer, within KEPT_S, lift: theirs are the
landmarks that are drawn least to somebody who stands beside. Who squats seems up to a third smaller."""
LIFT_LOOKS, LIFT_S, LIFT_PERCENT = 4, 0.8, (10, 90)
"""It is seen so often and for so long at least; the highest and lowest looks are left out, because landmarks may jump
to somebody else."""
KEPT_S = 4.0
STANDS_LOOKS, STANDS_ASIDE_M = 4, 0.3
"""Somebody seen so often in a row within this width stands, or lifts."""
CLOTHES = 50.0
"""Difference of colour, root mean square of 0…255, as unlike as the limits of place: a lifter's own stays under 25 in
nine frames of ten (36 on the worst clip), clothes that people call different colours have 60 to 150."""
PARTED_M, PARTED_UP_M, PARTED_CLOSER, PARTED_CLOTHES, PARTED_TALL_M = 0.2, 0.25, 0.35, 0.8, 1.0
"""Two who are found left and right of the middle of somebody are two people where they are this far apart sideways, no
more up and down or in the logarithm of the scale, have clothes this unlike (CLOTHES), and stand: the halves of one are
found at one place in the same clothes, and what is taken for somebody beside them lies (.03 to .11 m tall)."""
STANDS_M = 1.3
"""Shoulders over ankles of somebody who stands, rounded."""
BENT = 1.5
"""So much more prominent at the most is who bends or crouches than who stands."""
_CORE = np.array([*landmark.SHOULDERS, *landmark.HIPS, *landmark.KNEES, *landmark.ANKLES])


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Where somebody is."""

    x: float
    y: float
    """Middle of shoulders, hips, knees and ankles, pictures' heights."""
    scale: float
    """Heights of the picture that a metre takes there."""
    inside: float
    """How far that middle is from the nearest side of the picture, heights of it; below 0 outside."""

    top: float = 0.0
    """Height of the shoulders, pictures' heights from the top."""
    tall_m: float = STANDS_M
    """Height of the shoulders over the ankles in the picture."""
    clothes: tuple[float, ...] = ()
    """Mean blue, green and red (0…255) of trunk, then of thighs; () where they were not looked at."""

    def same_as(self, other: "Person") -> bool:
        """Whether two looks at one picture found the same person."""
        scale = max(self.scale, other.scale)
        return float(np.hypot(self.x - other.x, self.y - other.y)) < SAME_M * scale


def person(landmarks: np.ndarray, world: np.ndarray, aspect: float, clothes: tuple[float, ...] = ()) -> Person:
    """Where the person with these landmarks is.

    landmarks: (33, 5), x and y 0…1; world: (33, 3), metres; aspect: width over height of the picture.
    """
    points = landmarks[_CORE, :2].astype(np.float64) * (aspect, 1.0)
    middle = points.mean(0)
    metres = world[_CORE, :2] - world[_CORE, :2].mean(0)
    spread = ((points - middle) ** 2).sum() / max(float((metres**2).sum()), 1e-6)
    x, y = middle.tolist()
    scale = max(float(np.sqrt(spread)), 1e-6)
    top = float(points[:2, 1].mean())
    tall_m = (float(points[-2:, 1].mean()) - top) / scale
    return Person(x=x, y=y, scale=scale, inside=min(x, aspect - x), top=top, tall_m=tall_m, clothes=clothes)


def apart(one: Person, other: Person) -> tuple[float, float, float]:
    """How far two are apart: sideways and up, m, and in the logarithm of the scale. All at least 0."""
    scale = one.scale
    return abs(one.x - other.x) / scale, abs(one.y - other.y) / scale, abs(float(np.log(other.scale / scale)))


def unlike(one: Person, other: Person, limits: tuple[float, float, float]) -> float:
    """How unlike one person the other is, 1 at the limit."""
    return float(np.sqrt(sum((d / limit) ** 2 for d, limit in zip(apart(one, other), limits, strict=True))))


def recoloured(one: Person | None, other: Person) -> float:
    """How unlike the clothes of two are, 1 at the limit; 0 where they are not known."""
    if one is None or not (one.clothes and other.clothes):
        return 0.0
    return float(np.sqrt((np.subtract(one.clothes, other.clothes) ** 2).mean())) / CLOTHES


def two_people(left: Person, right: Person) -> bool:
    """Whether those who are found in the two halves of a picture that is cut through somebody are two."""
    aside, up, closer = apart(left, right)
    stand = min(left.tall_m, right.tall_m) > PARTED_TALL_M
    near = aside > PARTED_M and up < PARTED_UP_M and closer < PARTED_CLOSER
    return stand and near and recoloured(left, right) > PARTED_CLOTHES


def prominence(seen: Person) -> float:
    """Large and central; and rather who bends over a bar than who stands and watches."""
    bent = STANDS_M / max(seen.tall_m, STANDS_M / BENT)
    return seen.scale * max(seen.inside, 0.02) ** 0.5 * max(1.0, bent)


@dataclass(slots=True)
class Track:
    """Where somebody was in the last seconds."""

    seen: deque[tuple[float, Person]] = field(default_factory=deque)
    """Time and place, the newest last."""

    @property
    def last_s(self) -> float:
        """When they were last seen; they were."""
        return self.seen[-1][0]

    @property
    def last(self) -> Person:
        """As they were last seen; they were."""
        return self.seen[-1][1]

    def add(self, t_s: float, seen: Person) -> None:
        """Take the newest look."""
        self.seen.append((t_s, seen))
        while t_s - self.seen[0][0] > KEPT_S:
            self.seen.popleft()

    def stands(self) -> bool:
        """Whether they were looked at several times at one place."""
        recent = [p.x for _, p in self.seen][-STANDS_LOOKS:]
        return len(recent) == STANDS_LOOKS and float(np.ptp(recent)) < STANDS_ASIDE_M * self.last.scale

    def lifts(self) -> bool:
        """Whether they go up or down on the spot."""
        if len(self.seen) < LIFT_LOOKS or self.last_s - self.seen[0][0] < LIFT_S:
            return False
        places = np.array([(p.x, p.top, np.log(p.scale)) for _, p in self.seen])
        metre = np.exp(np.median(places[:, 2]))
        aside, up, closer = np.ptp(np.percentile(places, LIFT_PERCENT, axis=0), axis=0)
        return bool(up > LIFT_M * metre and aside < LIFT_ASIDE_M * metre and closer < LIFT_CLOSER)


def track_of(seen: Person, among: Sequence[Track], limits: tuple[float, float, float]) -> Track | None:
    """The one of these who was last seen there; None where nobody was."""
    nearest = min(among, key=lambda track: unlike(track.last, seen, limits), default=None)
    return None if nearest is None or unlike(nearest.last, seen, limits) > 1 else nearest
