"""Where people are in the picture, and how far apart: metres at one's distance, and the logarithm of the scale."""

from dataclasses import dataclass

import numpy as np

from livecoach import landmark

SAME_M = 0.35
"""Two looks at one person in one picture are less apart; their scales differ by up to a factor of 2.5 where it is
dark."""
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
    return Person(x=x, y=y, scale=float(np.sqrt(spread)), inside=min(x, aspect - x), clothes=clothes)


def apart(one: Person, other: Person) -> tuple[float, float, float]:
    """How far two are apart: sideways and up, m, and in the logarithm of the scale. All at least 0."""
    scale = one.scale
    return abs(one.x - other.x) / scale, abs(one.y - other.y) / scale, abs(float(np.log(other.scale / scale)))


def unlike(one: Person, other: Person, limits: tuple[float, float, float]) -> float:
    """How unlike one person the other is, 1 at the limit."""
    return float(np.sqrt(sum((d / limit) ** 2 for d, limit in zip(apart(one, other), limits, strict=True))))


def prominence(seen: Person) -> float:
    """Large and central."""
    return seen.scale * max(seen.inside, 0.02) ** 0.5
