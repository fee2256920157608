"""Everybody in the picture before the lifter is known. Whoever goes up and down on the spot lifts, nearest or not.

People who bend over a bar are hardly detected, so doubtful detections count too: where shoulders rise and sink there is
a lifter. Limits are in metres at the person's distance.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from livecoach.perception.tracking.person import (
    FEWEST,
    LIFT_ASIDE_M,
    LIFT_M,
    LIFT_PERCENT,
    Person,
    clothes_distance,
    normalised_distance,
    prominence,
    ways_m,
)

SAME = (0.4, 0.8, 0.5)  # sideways, up or down, log scale: two detections in a row are one person
STILL_M = 0.15  # a person with less way up and down sat or stood still
IN_STEP = 0.5  # share of the farthest way of who may be the lifter: a mirror shows a smaller person in step
LOST_LOOKS = 15  # a person no longer detected is sought at the same place for as many looks as a squat takes
APART_M = 0.5  # shoulder breadth of men (ANSUR: .49): a bystander closer than this, sideways, is mixed up with one
FIRST = 5  # detections whose medians give the first position


@dataclass(slots=True)
class LifterCandidate:
    detections: list[Person] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)  # number of the look of each detection
    lost_looks: int = 0  # since the person was last detected

    def travel_m(self) -> float:
        """Sum of the ways of the shoulders up and down on the spot."""
        return sum(ways_m(self.detections))

    @property
    def is_sure(self) -> bool:
        """Certainly a person."""
        sure = sum(person.sure for person in self.detections)
        return sure >= FEWEST and sure > len(self.detections) / 2

    def is_bystander(self) -> bool:
        """Certainly a person who sits or stands still."""
        if not self.is_sure or self.travel_m() >= STILL_M:
            return False
        aside = float(np.ptp(np.percentile([person.x for person in self.detections], LIFT_PERCENT)))
        return aside < LIFT_ASIDE_M * self.first().scale

    def first(self) -> Person:
        """Where the person was at first, as the median of some detections."""
        begun = self.detections[:FIRST]
        x, y, scale, inside, top, tall_m = np.median(
            [(p.x, p.y, p.scale, p.inside, p.top, p.tall_m) for p in begun], axis=0
        ).tolist()
        clothes = np.median([p.clothes for p in begun if p.clothes] or [()], axis=0).tolist()
        return replace(
            begun[0], x=x, y=y, scale=scale, inside=inside, top=top, tall_m=tall_m, clothes=tuple(clothes), sure=True
        )


class Candidates:
    def __init__(self) -> None:
        self._all: list[LifterCandidate] = []
        self._look = 0

    def lost(self, people: Sequence[Person]) -> list[Person]:
        """Last positions of those who are not among the people detected in the next picture."""
        for one in self._all:
            near = any(_distance(one.detections[-1], person) <= 1 for person in people)
            one.lost_looks = 0 if near else one.lost_looks + 1
        return [one.detections[-1] for one in self._all if 0 < one.lost_looks <= LOST_LOOKS]

    def add(self, people: Sequence[Person]) -> None:
        """Each to the nearest candidate."""
        free, self._look = list(self._all), self._look + 1
        for one in sorted(people, key=lambda p: not p.sure):
            near = min(free, key=lambda c: _distance(c.detections[-1], one), default=None)
            if near is None or _distance(near.detections[-1], one) > 1:
                near = LifterCandidate()
                self._all.append(near)
            else:
                free.remove(near)
            near.detections.append(one)
            near.looks.append(self._look)

    @property
    def has_bystander(self) -> bool:
        """Somebody who is certainly there sits or stands still."""
        return any(c.is_bystander() for c in self._all)

    def lifter(self) -> LifterCandidate | None:
        """None where nobody lifts, nobody else is there, or somebody else overlaps the lifter. Of several who lift, the
        most prominent one."""
        travels = [c.travel_m() for c in self._all]
        most = max(travels, default=0.0)
        if most < LIFT_M:
            return None
        lifting = [c for c, travel in zip(self._all, travels, strict=True) if travel >= max(LIFT_M, IN_STEP * most)]
        lifter = max(lifting, key=lambda c: prominence(c.first()))
        others = [c for c in self._all if c is not lifter and c.is_sure and (c in lifting or c.is_bystander())]
        # Somebody who stands, and then lifts elsewhere, is two candidates, one after the other.
        together = [c for c in others if len({*c.looks} & {*lifter.looks}) >= FEWEST]
        place = lifter.first()
        apart_m = min((abs(c.first().x - place.x) / place.scale for c in together), default=0.0)
        return lifter if apart_m >= APART_M else None


def _distance(one: Person, other: Person) -> float:
    """By place, scale and clothes, 1 at the limit."""
    return float(np.hypot(normalised_distance(one, other, SAME), clothes_distance(one, other)))
