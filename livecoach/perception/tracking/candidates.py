"""Finds the lifter among several people before anybody is followed: the person who goes up and down on the spot.

People who bend over a bar are hardly detected, so doubtful detections count too: shoulders that rise and sink belong to
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
    vertical_moves_m,
)

SAME = (0.4, 0.8, 0.5)  # limits (sideways, up or down, log scale) within which two detections are the same person
STILL_M = 0.15  # vertical movement below which a person sat or stood still
LEAST_SHARE = 0.5  # least way of a possible lifter, as a share of the longest way
IN_STEP, SAME_CLOTHES = 0.9, 0.3
"""Least correlation of the shoulders' heights, and largest difference of clothes, of a person and the reflection in a
mirror. In four of five rendered mirrors the correlation is at least .98, and the clothes differ by at most .2."""
LOST_LOOKS = 15  # number of pictures in which a lost person is sought at the last place: the duration of a squat
APART_M = 0.5  # least sideways distance of a bystander from the lifter: shoulder breadth of men (ANSUR: .49)
FIRST = 5  # number of detections whose medians give the first place


@dataclass(slots=True)
class LifterCandidate:
    """A person who may be the lifter, with all detections of the person so far."""

    detections: list[Person] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)  # number of the picture in which each detection was made
    lost_looks: int = 0  # number of pictures since the person was last detected

    def travel_m(self) -> float:
        """Return the total length in metres of the shoulders' movements up and down on the spot; 0 without movement."""
        return sum(vertical_moves_m(self.detections))

    @property
    def is_sure(self) -> bool:
        """Whether more than half of the detections, and at least FEWEST, certainly show a person."""
        sure = sum(person.sure for person in self.detections)
        return sure >= FEWEST and sure > len(self.detections) / 2

    def is_bystander(self) -> bool:
        """Return whether the candidate is certainly a person, and sits or stands still."""
        if not self.is_sure or self.travel_m() >= STILL_M:
            return False
        aside = float(np.ptp(np.percentile([person.x for person in self.detections], LIFT_PERCENT)))
        return aside < LIFT_ASIDE_M * self.first_place().scale

    def _common_looks(self, other: "LifterCandidate") -> list[int]:
        return sorted({*self.looks} & {*other.looks})

    def may_mirror(self, other: "LifterCandidate") -> bool:
        """Return whether one of two candidates may be the other's reflection: they move in step in similar clothes."""
        looks = self._common_looks(other)
        if len(looks) < FEWEST or clothes_distance(self.first_place(), other.first_place()) > SAME_CLOTHES:
            return False
        tops = [[c.detections[c.looks.index(look)].top for look in looks] for c in (self, other)]
        return bool(np.ptp(tops, axis=1).all()) and float(np.asarray(np.corrcoef(tops))[0, 1]) >= IN_STEP

    def first_place(self) -> Person:
        """Return the person's first place, as the median of the first detections."""
        first = self.detections[:FIRST]
        names = ("x", "y", "scale", "margin", "top", "height_m")
        medians = np.median([[getattr(person, name) for name in names] for person in first], axis=0).tolist()
        clothes = np.median([p.clothes for p in first if p.clothes] or [()], axis=0).tolist()
        return replace(first[0], **dict(zip(names, medians, strict=True)), clothes=tuple(clothes), sure=True)


class Candidates:
    """All people who were detected at the beginning of a recording, one of whom may be the lifter."""

    def __init__(self) -> None:
        self._all: list[LifterCandidate] = []
        self._look = 0

    def find_lost_places(self, people: Sequence[Person]) -> list[Person]:
        """Return the last places of candidates who are missing among the people detected in the next picture.

        Call this once for each picture, before `add`. A candidate who is missing for more than LOST_LOOKS pictures in a
        row is left out.
        """
        for candidate in self._all:
            near = any(_distance(candidate.detections[-1], person) <= 1 for person in people)
            candidate.lost_looks = 0 if near else candidate.lost_looks + 1
        return [c.detections[-1] for c in self._all if 0 < c.lost_looks <= LOST_LOOKS]

    def add(self, people: Sequence[Person]) -> None:
        """Add the people in the next picture, each to the nearest candidate or as a new candidate.

        A candidate gets at most one person. Detections that are certainly people are assigned first.
        """
        free, self._look = list(self._all), self._look + 1
        for person in sorted(people, key=lambda p: not p.sure):
            near = min(free, key=lambda c: _distance(c.detections[-1], person), default=None)
            if near is None or _distance(near.detections[-1], person) > 1:
                near = LifterCandidate()
                self._all.append(near)
            else:
                free.remove(near)
            near.detections.append(person)
            near.looks.append(self._look)

    @property
    def has_bystander(self) -> bool:
        """Whether any candidate is certainly a person, and sits or stands still."""
        return any(c.is_bystander() for c in self._all)

    def find_lifter(self) -> LifterCandidate | None:
        """Return the most prominent person who lifts or, if this may be a reflection in a mirror, the person reflected.

        The result is None if nobody lifts, if nobody else lifts or stays still at the same time, or if such a person is
        less than APART_M to the side of the lifter.
        """
        travels = [c.travel_m() for c in self._all]
        most = max(travels, default=0.0)
        if most < LIFT_M:
            return None
        lifting = [c for c, travel in zip(self._all, travels, strict=True) if travel >= max(LIFT_M, LEAST_SHARE * most)]
        lifter = max(lifting, key=lambda c: prominence(c.first_place()))
        # A reflection is farther away than the lifter, so the floor under its feet is higher in the picture.
        lifter = max((c for c in lifting if c is lifter or c.may_mirror(lifter)), key=lambda c: c.first_place().feet_y)
        others = [c for c in self._all if c is not lifter and c.is_sure and (c in lifting or c.is_bystander())]
        # Somebody who stands and then lifts elsewhere is two candidates, one after the other, and no bystander.
        together = [c for c in others if len(c._common_looks(lifter)) >= FEWEST]
        place = lifter.first_place()
        apart_m = min((abs(c.first_place().x - place.x) / place.scale for c in together), default=0.0)
        return lifter if apart_m >= APART_M else None


def _distance(before: Person, now: Person) -> float:
    """Return the distance of two detections in place, scale and clothes, 1 at the limit."""
    return float(np.hypot(normalised_distance(before, now, SAME), clothes_distance(before, now)))
