"""Keeps the lifter's own reps that are known in a run: the reps of earlier days, and the reps of each set."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from statistics import median
from typing import Literal

from livecoach.decisions.judging.scorer import CameraShift, pitch_change
from livecoach.decisions.rep.measured import LOOKS_DOWN, LOOKS_UP, MeasuredRep, latest_mirroring, reps_of_same_view

FIRST_REPS = 5  # Least reps of a first set that are a reference; with fewer, livecoach is still learning
MORE_REPS = 10  # Most reps of a first set's reference, with its clearly good reps, for a surer spread
SURELY_GOOD = 0.7  # Largest score at which a rep is added to a reference, or learned. Our choice.
ODD_SCORE = 2.0  # Score of a rep that turned out odd; any score above 1 has the same effect
LEAST_ALIKE = 3  # Least reps that reveal an odd rep among them, and least reps of a view to keep
MOST_HELD, MOST_BEGINNING = 100, 20
"""Most reps of a run that are held, at a quarter of a MiB each, and how many of them may be a set's first reps. A
correction of an older rep counts, but teaches nothing. Our choice."""
UNLIKE_SHARE = 0.5  # Share of anomalous reps, at least two, from which a whole set is unlike the reference
MOST_PITCH_DEG = 16.0
"""Change of the camera's pitch from which reps are not compared. Eleven training films that were distorted by 11
degrees seem to be changed by up to 15; of a set that seems to be changed by 17, three of five faults are missed."""
Unlearned = Literal["shallow", "flagged", "unclear", "uneven", "unusual"]
"""Reason why the profile does not learn a rep: it misses a standard by which the lifter counts, it is not good, a main
fault was not visible in it, it is not as clearly good as the others, or few lifters have its form."""
Distance = Callable[[MeasuredRep, Sequence[MeasuredRep]], float]
"""Returns the distance of a rep from other reps of its set, in limits."""
RepOrAzimuth = MeasuredRep | float  # A rep to judge, or an azimuth in the common view, which stands for both legs


def height_mismatch(reps: Sequence[MeasuredRep], others: Sequence[MeasuredRep]) -> str | None:
    """Return the reason for which the camera heights of two sets differ too much; None if the sets can be compared.

    The reason is LOOKS_UP if the camera looked up more at the reps to be judged, and LOOKS_DOWN if it looked down more.

    Args:
        reps: Reps to be judged.
    """
    pitch_deg = _pitch_change(reps, others)
    return None if abs(pitch_deg) < MOST_PITCH_DEG else LOOKS_UP if pitch_deg > 0 else LOOKS_DOWN


def _pitch_change(reps: Sequence[MeasuredRep], others: Sequence[MeasuredRep]) -> float:
    now, before = (
        of_set[0].camera._replace(
            tilt_deg=median(rep.camera.tilt_deg for rep in of_set),
            trunk_share=median(rep.camera.trunk_share for rep in of_set),
        )
        for of_set in (reps, others)
    )
    return pitch_change(before, now)


class OwnSet:
    """The reps of one set of this run, and which of these reps are good."""

    def __init__(self, name: str, distance: Distance) -> None:
        """Start without reps. `distance` compares a rep with other reps of the set."""
        self.name, self.reps, self._distance = name, list[MeasuredRep](), distance
        self.judges_others = False  # whether it has ended, and was good
        self.alike = lru_cache(1)(self._similar)

    @property
    def good_reps(self) -> list[MeasuredRep]:
        """The good reps of the set that may become part of a reference."""
        return [rep for rep in self.reps if self.has_good_form(rep) and rep.may_teach]

    def has_good_form(self, rep: MeasuredRep) -> bool:
        """Return whether a rep has good form, regardless of standards; a correction decides before the score."""
        return self.score(rep) <= 1 if rep.called_good is None else rep.called_good

    def score(self, rep: MeasuredRep) -> float:
        """Return the score that decides a rep's form: its verdict's score, or its distance from reps called good.

        The distance, in limits, is used for a rep that no other set judged, if the lifter called reps of its set and
        view good.
        """
        chosen = reps_of_same_view([other for other in self.reps if other.called_good], rep) if rep.is_first else []
        return self._distance(rep, chosen) if chosen else rep.score

    def unlearned_reason(self, rep: MeasuredRep) -> Unlearned | None:
        """Return the reason why the profile does not learn a rep of the set; None without such a reason."""
        if not rep.may_teach:
            return "shallow"
        if not self.has_good_form(rep):
            return "flagged"
        if not rep.is_complete:
            return "unclear"
        return "uneven" if self.score(rep) > SURELY_GOOD else None

    @property
    def is_unlike_reference(self) -> bool:
        """Whether the set is unlike its reference: two or more reps, and UNLIKE_SHARE of all, have no good form."""
        bad = sum(not self.has_good_form(rep) for rep in self.reps)
        return bad > 1 and bad >= UNLIKE_SHARE * len(self.reps)

    def first_reference(self, at: RepOrAzimuth) -> tuple[MeasuredRep, ...]:
        """Return the reps of the set that are the reference for the set itself.

        First come the reps that the lifter called good, and then reps with good form, up to MORE_REPS. If no rep was
        called good, reps with good form among the first FIRST_REPS (if the first rep is odd, reps that are similar to
        each other) are followed by clearly good reps, up to MORE_REPS. A disallowed rep is left out unless the lifter
        called it good.
        """
        mine = reps_of_same_view([rep for rep in self.reps if rep.may_teach], at)
        chosen = [rep for rep in mine if rep.called_good and rep.is_first]
        if chosen:
            like_them = [rep for rep in mine if rep not in chosen and self.has_good_form(rep)]
            return (*chosen, *like_them[: max(MORE_REPS - len(chosen), 0)])
        beginning = mine[:FIRST_REPS]
        first = [rep for rep in beginning if self.has_good_form(rep)]
        if len(beginning) >= LEAST_ALIKE and len(first) < len(beginning):
            alike = self.alike(tuple(rep for rep in beginning if rep.called_good is not False))
            if beginning[0] not in alike:  # the first rep is odd: comparisons with it mean nothing
                first = [rep for rep in beginning if rep.called_good or rep in alike]
        more = [
            rep
            for rep in mine[FIRST_REPS:]
            if rep.called_good or (rep.called_good is None and rep.score <= SURELY_GOOD)
        ]
        return (*first, *more[: max(MORE_REPS - len(first), 0)])

    def mark_odd_reps(self) -> tuple[MeasuredRep, ...]:
        """Give good reps that stand out, and were not corrected, a score of at least ODD_SCORE; return these reps."""
        good = self.good_reps
        odd = [rep for rep in good if rep.called_good is None and self._is_odd(rep, good)]
        for rep in odd:
            rep.score = max(rep.score, ODD_SCORE)
        return tuple(odd)

    def _is_odd(self, rep: MeasuredRep, reps: Sequence[MeasuredRep]) -> bool:
        others = [other for other in reps_of_same_view(reps, rep) if other is not rep]
        return len(others) >= LEAST_ALIKE and self._distance(rep, others) > 1

    def _similar(self, reps: tuple[MeasuredRep, ...]) -> list[MeasuredRep]:
        """Return the largest group of reps that are similar to a rep among them: the first rep of a set may be odd."""
        groups = ([rep for rep in reps if rep is middle or self._distance(rep, [middle]) <= 1] for middle in reps)
        return max(groups, key=len, default=[])


class OwnReps:
    """The reps of a lifter that may judge other reps: reps of earlier days, and the reps of this run's sets."""

    def __init__(self, kept: Sequence[MeasuredRep], camera: CameraShift, distance: Distance) -> None:
        """Start before the first rep of a run, with the reps that are kept of earlier days."""
        self.kept, self.sets = kept, dict[str, OwnSet]()
        self.current_set = self.no_set = OwnSet("", distance)  # the set under way; no set, which has no reps
        self._camera, self._distance = camera, distance

    @property
    def all_reps(self) -> Iterator[MeasuredRep]:
        """All reps of this run that are still held, by sets in order."""
        return (rep for of_set in self.sets.values() for rep in of_set.reps)

    @property
    def earlier_sets(self) -> Iterator[OwnSet]:
        """The good sets of the run that have ended, in order."""
        return (own_set for own_set in self.sets.values() if own_set.judges_others and own_set is not self.current_set)

    def comparable_reps(
        self, reps: Sequence[MeasuredRep], at: RepOrAzimuth, place: RepOrAzimuth | None = None
    ) -> list[MeasuredRep]:
        """Return the reps with which a rep can be compared.

        Comparable reps have the same view and leg, and their camera stood so near that the limits allow for it.

        Args:
            at: The rep, or the azimuth of a rep.
            place: A rep that was filmed from the camera's present place; None for `at`. For an azimuth, the camera's
                place is not compared.
        """
        found, place = reps_of_same_view(reps, at), at if place is None else place
        if not (found and isinstance(place, MeasuredRep)):
            return found
        found = [rep for rep in found if self._is_near(rep, place)]
        here = self._reps_of_set(at if isinstance(at, MeasuredRep) else place)
        return [rep for of_set in _by_set(found) if height_mismatch(here, of_set) is None for rep in of_set]

    def _is_near(self, rep: MeasuredRep, place: MeasuredRep) -> bool:
        shifts = self._camera.shifts(rep.camera, place.camera, other_day=rep.window.day != place.window.day)
        return math.hypot(*shifts.values()) <= self._camera.most

    def comparable_from_here(self, reps: Sequence[MeasuredRep], at: RepOrAzimuth) -> list[MeasuredRep]:
        """Return the comparable reps that were filmed from about the camera's present place, where the set began."""
        return self.comparable_reps(reps, at, self.current_set.reps[0] if self.current_set.reps else at)

    def judging_sets(self, at: RepOrAzimuth) -> Iterator[OwnSet]:
        """Yield the good sets with which a rep can be compared, in order. The first of them judges later sets."""
        over = (own_set for own_set in self.sets.values() if own_set.judges_others)
        return (own_set for own_set in over if self.comparable_reps(own_set.good_reps, at))

    def should_mirror(self, azimuth_deg: float) -> bool | None:
        """Return whether to mirror a rep, as the lifter's latest rep from about the same signed azimuth was mirrored.

        The result is None if no rep was seen from there: then the sign of the azimuth decides.
        """
        return latest_mirroring([*self.kept, *self.all_reps], azimuth_deg)

    @property
    def is_camera_moved(self) -> bool:
        """Whether the set is judged by itself although other reps are known, because the camera was moved."""
        if not self.current_set.reps or not self.current_set.reps[-1].is_first:
            return False
        last = self.current_set.reps[-1]
        is_elsewhere = bool(self._others) and not reps_of_same_view(self._others, last.azimuth_deg)
        return is_elsewhere or None in self.height_mismatches(last)

    def height_mismatches(self, at: MeasuredRep) -> list[str | None]:
        """Return the result of `height_mismatch` for a rep and each known set of its view."""
        return [
            height_mismatch(self._reps_of_set(at), of_set) for of_set in _by_set(reps_of_same_view(self._others, at))
        ]

    def is_from_below(self, at: MeasuredRep) -> bool:
        """Return whether the camera looks up so much more than in a known set that a whole rep may look cut in half."""
        known = _by_set(reps_of_same_view(self._others, at))
        return any(_pitch_change(self._reps_of_set(at), of_set) > 0 for of_set in known)

    def _reps_of_set(self, at: MeasuredRep) -> list[MeasuredRep]:
        """Return a rep and the other reps of its set, if the set is under way."""
        others = self.current_set.reps if self.current_set.name == at.window.set_name else ()
        return [*(rep for rep in others if rep is not at), at]

    @property
    def _others(self) -> list[MeasuredRep]:
        return [*self.kept, *(rep for own_set in self.earlier_sets for rep in own_set.good_reps)]

    def add(self, rep: MeasuredRep) -> None:
        """Add a rep to its set, which becomes the current set. Above MOST_HELD reps, an old rep is forgotten."""
        name = rep.window.set_name
        self.current_set = self.sets.setdefault(name, OwnSet(name, self._distance))
        self.current_set.reps.append(rep)
        self._drop_oldest()

    def withdraw(self, name: str, since_s: float = -math.inf) -> list[MeasuredRep]:
        """Forget and return the reps of a set from `since_s` on. No set is under way afterwards."""
        self.current_set = self.no_set
        of_set = self.sets.get(name, self.no_set)
        withdrawn = [rep for rep in of_set.reps if rep.window.start_s >= since_s]
        for rep in withdrawn:
            of_set.reps.remove(rep)
        if not of_set.reps:
            self.sets.pop(name, None)
        return withdrawn

    def _drop_oldest(self) -> None:
        """Above MOST_HELD reps, forget a rep that nobody corrected, unless it judges others or begins this set."""
        if sum(1 for _ in self.all_reps) <= MOST_HELD:
            return
        for of_set in self.sets.values():
            for rep in of_set.reps[MOST_BEGINNING if of_set is self.current_set else 0 :]:
                if rep.called_good is None and next(self.judging_sets(rep), None) is not of_set:
                    of_set.reps.remove(rep)
                    return


def _by_set(reps: Sequence[MeasuredRep]) -> list[list[MeasuredRep]]:
    return [[*of_set] for _, of_set in groupby(reps, lambda rep: (rep.window.day, rep.window.set_name))]
