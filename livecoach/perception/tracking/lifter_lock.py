"""Chooses the lifter among the people in the picture, and keeps following this person.

At first, the most prominent person is followed, and then the first person who lifts. A person alone in the picture is
the lifter. The person is rejected only if a picture of the last seconds showed two people, or for a second after
something tall moved at the picture's side. People are distinguished by their place, their distance from the camera, and
the colours of their clothes. Limits are in metres at the lifter's distance, chosen on rendered clips.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np

from livecoach.perception.tracking.person import (
    MORE,
    Person,
    Track,
    clothes_distance,
    is_much_more_prominent,
    nearest_track,
    normalised_distance,
    offsets,
    prominence,
    vertical_moves_m,
)

NEAR_BYSTANDER = (0.4, 0.6, 0.25)
"""Limits (sideways, up or down, log scale) of the distance from a bystander's last place to the same bystander."""
SAME = (0.4, 0.8, 0.5)  # limits, as above, between two detections of one person, who is lower and smaller in a squat
KEPT_S, STANDING_KEPT_S = 1.0, 6.0
"""Time for which a bystander is remembered after the last detection, and the time if the bystander stands."""
ELSEWHERE = 1.5  # distance from every bystander, in units of the limits, above which a person is no bystander


class _Bystanders:
    """The people in the picture who do not lift, or have not lifted yet."""

    def __init__(self, kept_s: float = KEPT_S) -> None:
        self.tracks: list[Track] = []
        self._kept_s = kept_s

    def update(self, t_s: float, detected: Sequence[Person]) -> None:
        """Update the bystanders with the people other than the lifter. Absent bystanders are kept for a while."""
        kept = [
            track
            for track in self.tracks
            if t_s - track.last_s < (STANDING_KEPT_S if track.keeps_place() else self._kept_s)
        ]
        for other in detected:
            track = nearest_track(other, kept, SAME)
            if track is None:
                track = Track()
                kept.append(track)
            track.add(t_s, other)
        self.tracks = kept

    def distance(self, person: Person) -> float:
        """Return a person's distance from the nearest bystander: 1 at the limit, infinite without bystanders."""
        distances = (normalised_distance(track.last_place, person, NEAR_BYSTANDER) for track in self.tracks)
        return min(distances, default=float("inf"))

    def is_unlikely_bystander(self, person: Person, lifter_clothes_distance: float) -> bool:
        """Return whether a person is far from bystanders, or dressed more like the lifter; False without bystanders."""
        if not self.tracks:
            return False
        nearest_colour = min(clothes_distance(track.last_place, person) for track in self.tracks)
        return self.distance(person) > ELSEWHERE or lifter_clothes_distance < nearest_colour

    def lifting_track(self, person: Person, home: Person) -> Track | None:
        """Return the track of a lifting bystander who is nearer to a person than `home`; None without such a track."""
        track = nearest_track(person, self.tracks, SAME)
        if track is None or not track.is_lifting():
            return None
        nearer_home = normalised_distance(home, person, SAME) < normalised_distance(track.last_place, person, SAME)
        return None if nearer_home else track


MOVE_M, MOVE_UP_M, CLOSER, SMALLER = 0.5, 0.45, 0.3, 0.45
"""Largest offset of a lifter from the usual place: sideways, vertically, and in log scale, to the camera and away from
it. A lift moves the body's middle by up to .25 m, and the log scale by ±.2, or by up to -.35 if the lifter bends to the
camera."""
WANDER_M_S, WANDER_UP_M_S, NEARING_S = 0.05, 0.05, 0.02  # growth of these limits in each second without the lifter
STEP_S = 0.2  # time within which a jump to another person is noticed
STEP_M, STEP_UP_M, STEP_CLOSER = 0.25, 0.35, 0.15  # largest offsets within STEP_S. A spotter is at least .3 m away.
REACQUIRED = 0.8  # distance below which a doubtful person is the lifter again
SETTLING_S, CLOTHES_S = 1.5, 3.0  # time constants of the usual place and of the clothes' colours
OTHERS_SLOWER = 5.0  # factor of these constants for a person out of place in other clothes, perhaps a passer-by
OTHERS_S = 5.0  # time after the lifter's last detection in which no bystander can become the lifter
GONE_S, LEFT_S = 4.0, 0.3  # absence after which the lifter is sought everywhere; LEFT_S at the picture's edge
NEWCOMERS_KEPT_S = 2.5
"""Time for which other people are remembered until somebody has lifted, which bridges two looks without detections."""
LOOK_EVERY_S, LOOK_ALONE_S, COMPANY_S = 0.2, 1.0, 2.0
"""Time between two detections of all people: LOOK_EVERY_S while there are bystanders and for COMPANY_S afterwards, and
LOOK_ALONE_S if no bystander is known and the followed person has not lifted."""
CALM_S, WAIT_S = 3.0, 8.0
"""Time without doubt after which the wait between detections is reset, and longest wait. Without bystanders the wait
doubles each time."""
TALL_M = 0.8  # height of a movement at the side from which a person may walk in. A plate in a lift is .45 m tall.
PASSES_S, NEARER, RECOLOURED, REFUSED_S, AGAIN_S = 3.0, 0.15, 0.7, 1.0, 5.0
"""Time after a movement of TALL_M in which a person can be a passer-by; excess of the log scale, and difference of the
clothes of a person out of place, from which a person is a passer-by; longest time for which a passer-by is rejected;
least time from the beginning of a rejection to the next."""
LOOK_REFUSED_S, LOOK_DOUBTED_S = 0.3, 0.1
"""Time in doubt between two detections of all people: while a passer-by is rejected, and near bystanders. In the second
case, the lifter counts as absent from the pictures in between."""
LIKELY_OWN = 0.3  # largest difference of clothes of a person who is probably the lifter: a bar or a bend hides clothes
AT_HOME = 0.4  # distance from the usual place below which the only person is likely the lifter: passers-by have .5
FAR = 0.45  # size, as a share of the lifter's, below which a person is too far away to be confused with the lifter
MORE_ASIDE_M = 0.8  # distance aside from which a much more prominent person replaces somebody who has not lifted yet
RETURN_WAYS = 3
"""Number of the shoulders' ways within person.KEPT_S, up or down, from which the person who was followed first, and is
much more prominent, replaces the person who lifted first: bending over once and standing up are two. Our choice."""


class LifterLock:
    """Follows the lifter from picture to picture, and decides when all people must be detected to be sure who lifts."""

    def __init__(self) -> None:
        self.home: Person | None = None  # the lifter's usual place; None without a lifter
        self._track = Track()
        self._watched: Person | None = None  # the person who was followed until the present lifter lifted
        self._bystanders = _Bystanders()
        self._newcomers = _Bystanders(NEWCOMERS_KEPT_S)  # people near the followed person, until somebody has lifted
        self._lifter_s = self._looked_s = self._company_s = -np.inf
        self._doubted_s = self._moved_s = self._refused_s = -np.inf
        self._wait_s = LOOK_EVERY_S
        self.has_lifted = False  # whether the followed person has gone up and down
        self.earlier_lifters = 0  # number of lifters before the present lifter
        self.people_count = 0  # number of people known to be in the latest picture
        self.bystander_indices: list[int] = []  # indices of bystanders in the latest `detected` of `choose_lifter`
        self.is_passer_by = False  # whether the followed person passes by, and must be ignored
        self.in_doubt = False  # whether the followed person may be somebody else, wholly or in some landmarks

    @property
    def scale(self) -> float:
        """The number of picture heights per metre at the lifter's distance; 0 if the lifter is not known."""
        return 0.0 if self.home is None else self.home.scale

    def expect_lifter(self, t_s: float, lifter: Person) -> None:
        """Expect, from the first picture at `t_s` on, a lifter who was found in advance among other people."""
        self.home, self.has_lifted, self._track = lifter, True, Track()
        self._lifter_s = self._company_s = t_s

    def accept_followed(self, t_s: float, person: Person | None, moving: float = 0.0, *, is_same: bool = False) -> bool:
        """Accept the person who was followed into the next picture, or return False if `choose_lifter` is needed.

        Args:
            person: The followed person; None if the person was lost, which causes doubt only near bystanders.
            moving: Height of the movement at the picture's sides, as a share of the picture's height.
            is_same: Whether the picture looks like the last picture in which all people were detected.

        Returns:
            False if all people must be detected now, for `choose_lifter`. True if the person counts as the lifter,
            also in doubt (`in_doubt`) until the next detection is due; if the person must be ignored (`is_passer_by`);
            or if the person was lost and no bystander is near.
        """
        alone, self.in_doubt = self.is_alone(t_s), False
        self.is_passer_by = person is not None and alone and self._notice_passer_by(t_s, person, moving)
        if person is None:
            self.people_count = 0 if alone else self.people_count
            return alone
        if self.home is None or self._decide_look(t_s, person, moving, is_same=is_same):
            return False
        self.people_count = max(self.people_count, 1)
        if not self.is_passer_by:
            self._keep(t_s, person)
        return True

    def _notice_passer_by(self, t_s: float, person: Person, moving: float) -> bool:
        """Note a movement at the side; return whether the landmarks have jumped to a person who walked in."""
        if moving > TALL_M * person.scale:
            self._moved_s = t_s
        if self.home is None or not self.has_lifted or t_s - self._moved_s > PASSES_S:
            return False  # before the first lift, a person who walks in may be the lifter
        if t_s - self._track.places[0][0] < SETTLING_S:
            return False  # a lifter who walks has no usual place
        other_clothes = clothes_distance(self.home, person)
        nearer = person.scale > self.home.scale * np.exp(NEARER)
        distance = self._distance_from_home(t_s, person)
        if np.hypot(distance, other_clothes) < 1 or not (nearer or (distance > 1 and other_clothes > RECOLOURED)):
            return False
        if t_s - self._refused_s > AGAIN_S:
            self._refused_s = t_s
        return t_s - self._refused_s < REFUSED_S

    def _decide_look(self, t_s: float, person: Person, moving: float, *, is_same: bool) -> bool:
        """Update the doubt; return whether all people must be detected to be certain of the followed person."""
        self.in_doubt = self._distance_from_home(t_s, person) > 1 or self._jumped(t_s, person)
        since_s = t_s - self._looked_s
        if not self.is_alone(t_s):
            self.in_doubt = self.in_doubt or self._distance_from_track(t_s, person) > 1
            self.is_passer_by = self.in_doubt and since_s < LOOK_DOUBTED_S
            return not self.is_passer_by and (self.in_doubt or since_s >= LOOK_EVERY_S)
        if self._is_elsewhere(t_s, person):
            self.is_passer_by = since_s < LOOK_DOUBTED_S
            return not self.is_passer_by
        if self.in_doubt or moving > TALL_M * person.scale:
            if t_s - self._doubted_s > CALM_S:
                self._wait_s = LOOK_EVERY_S
            self._doubted_s = t_s
            return since_s >= (LOOK_REFUSED_S if self.is_passer_by else self._wait_s)
        if since_s >= LOOK_EVERY_S and any(track.last_s == self._looked_s for track in self._bystanders.tracks):
            return True
        if since_s >= LOOK_EVERY_S and not self.has_lifted and self._track.is_still():
            moved = (track for track in self._newcomers.tracks if not track.is_still())
            return (since_s >= LOOK_ALONE_S and not is_same) or any(track.last_s == self._looked_s for track in moved)
        return not self.has_lifted and since_s >= LOOK_ALONE_S and not is_same

    def reacquire(self, t_s: float, person: Person) -> bool:
        """Return whether a person near the lifter's usual or latest place is the lifter; if so, follow the person."""
        if self.home is None or self._distance_from_track(t_s, person) >= REACQUIRED or self._is_other(t_s, person):
            return False
        self._keep(t_s, person)
        return True

    def choose_lifter(self, t_s: float, detected: Sequence[Person]) -> int | None:
        """Choose and follow the lifter among the people in a picture. Return the index; None if nobody is the lifter.

        Args:
            detected: The people, certain people first. An uncertain detection becomes the lifter only by lifting while
                the followed person has not lifted and is still.
        """
        people = [person for person in detected if person.sure]
        self._looked_s, self.people_count = t_s, len(people)
        self._wait_s = min(2 * self._wait_s, WAIT_S)
        at_edge = self._track.places and self._track.last_place.margin < MOVE_M * self._track.last_place.scale
        if self.home is not None and t_s - self._lifter_s > (LEFT_S if at_edge else GONE_S):
            self._forget()
        chosen = self._rival(t_s, detected)
        chosen = self._returning(people) if chosen is None else chosen
        if chosen is not None:
            people = list(detected[: max(len(people), chosen + 1)])
        elif self.home is None:
            able = [i for i, p in enumerate(people) if self.is_alone(t_s) or not self._is_other(t_s, p)]
            chosen = max(able, key=lambda i: prominence(people[i]), default=None)
            others = [person for person in detected if chosen is None or person is not people[chosen]]
            self._newcomers.update(t_s, others)
        else:
            chosen = self._continuing(t_s, people)
        if chosen is None:
            self.bystander_indices = [i for i, p in enumerate(people) if self._distance_from_home(t_s, p) > 1]
            self._bystanders.update(t_s, [people[i] for i in self.bystander_indices])
            if any(self._is_elsewhere(t_s, people[i]) for i in self.bystander_indices):
                self._company_s = t_s  # search for the lifter, who may be hidden or bent over
            return None
        lifter = people[chosen]
        self.bystander_indices = [
            i for i, p in enumerate(people) if p.sure and not p.is_same_as(lifter) and p.scale > FAR * lifter.scale
        ]
        self.people_count = 1 + len(self.bystander_indices)
        self._bystanders.update(t_s, [people[i] for i in self.bystander_indices])
        if any(self._is_real(t_s, track) for track in self._bystanders.tracks):
            self._company_s, self._wait_s = t_s, LOOK_EVERY_S
        has_moved = not self.is_alone(t_s) and self._distance_from_home(t_s, lifter) > 1
        if self.home is not None and has_moved and clothes_distance(self.home, lifter) < LIKELY_OWN:
            self.home = replace(lifter, clothes=self.home.clothes)
        self._keep(t_s, lifter)
        return chosen

    def is_alone(self, t_s: float) -> bool:
        """Return whether no bystander was seen for COMPANY_S, or for STANDING_KEPT_S if a bystander stood in place."""
        return t_s - self._company_s >= (
            STANDING_KEPT_S if any(track.keeps_place() for track in self._bystanders.tracks) else COMPANY_S
        )

    def _is_real(self, t_s: float, track: Track) -> bool:
        """Return whether a track is a person in this picture, and not a single false detection on a bar or a shadow."""
        walked_in = (
            t_s - self._moved_s < PASSES_S and self.home is not None and track.last_place.scale > self.home.scale
        )
        return track.last_s == t_s and (len(track.places) > 1 or walked_in)

    def _forget(self) -> None:
        self.home, self.has_lifted, self._track = None, False, Track()
        self.earlier_lifters += 1

    def _continuing(self, t_s: float, people: Sequence[Person]) -> int | None:
        """Return the index of the lifter or, before a lift, of somebody much more prominent; None if nobody fits."""
        if len(people) == 1 and self.is_alone(t_s):
            return None if self.is_passer_by or self._is_elsewhere(t_s, people[0]) else 0
        distances = [
            np.inf if self._is_other(t_s, p) or self._is_elsewhere(t_s, p) else self._distance_from_track(t_s, p)
            for p in people
        ]
        best = min(range(len(people)), key=distances.__getitem__, default=None)
        if best is None or distances[best] > REACQUIRED:
            # Of a lifter alone and a false detection, such as a rack, take the one nearer to the usual place.
            places = [self._distance_from_home(t_s, p) for p in people]
            return int(np.argmin(places)) if people and self.is_alone(t_s) and not self.is_passer_by else None
        first = max(range(len(people)), key=lambda i: prominence(people[i]))
        more = prominence(people[first]) > MORE * prominence(people[best])
        aside = offsets(people[best], people[first])[0] > MORE_ASIDE_M
        if more and aside and not self.has_lifted:
            self._forget()
            return first
        return best

    def _rival(self, t_s: float, detected: Sequence[Person]) -> int | None:
        home = self.home
        if self.has_lifted or home is None:
            return None
        others = [number for number, person in enumerate(detected) if not person.is_same_as(self._track.last_place)]
        self._newcomers.update(t_s, [detected[number] for number in others])
        for number in others if self._track.is_still() else ():
            track = self._newcomers.lifting_track(detected[number], home)
            if track is not None:
                self._watched = home
                self._exchange(track, nearest_track(track.last_place, self._bystanders.tracks, SAME))
                return number
        return None

    def _returning(self, people: Sequence[Person]) -> int | None:
        """Return the index of a person followed before a less prominent lifter, who now lifts too; None without one."""
        watched, home = self._watched, self.home
        if watched is None or home is None or not is_much_more_prominent(watched, home):
            return None
        track = nearest_track(watched, self._bystanders.tracks, SAME)
        if track is None or len(vertical_moves_m([person for _, person in track.places])) < RETURN_WAYS:
            return None
        near = [number for number, person in enumerate(people) if nearest_track(person, [track], SAME) is track]
        if not near:
            return None
        self._watched = None
        self._exchange(track, track)
        return min(near, key=lambda number: normalised_distance(track.last_place, people[number], SAME))

    def _exchange(self, track: Track, own: Track | None) -> None:
        """Follow the person of a track, who lifts, and end the person's `own` track among the bystanders."""
        before = self._track
        self._forget()
        self._track, self.has_lifted = track, True
        self._newcomers = _Bystanders(NEWCOMERS_KEPT_S)
        self._bystanders.tracks = [before, *(other for other in self._bystanders.tracks if other is not own)]

    def _distance_from_track(self, t_s: float, person: Person) -> float:
        """Return a person's distance from the lifter's usual place, or from the latest place, because lifters walk.

        Nobody walks upwards, so a person much higher than usual is compared with the usual place only.
        """
        home, distance = self.home, self._distance_from_home(t_s, person)
        if home is None:
            return distance
        followed = self._track.places and t_s - self._lifter_s <= STEP_S
        if followed and home.y - person.y < MOVE_UP_M * home.scale:
            distance = min(
                distance, normalised_distance(self._track.last_place, person, (STEP_M, STEP_UP_M, STEP_CLOSER))
            )
        colour = clothes_distance(home, person)
        nobody_else = not self._bystanders.tracks and self._distance_from_home(t_s, person) < AT_HOME
        if nobody_else or self._bystanders.is_unlikely_bystander(person, colour):
            colour = min(colour, LIKELY_OWN)
        return float(np.hypot(distance, colour))

    def _is_elsewhere(self, t_s: float, person: Person) -> bool:
        """Return whether a person is too far aside, and in too different clothes, to be the lifter."""
        if self.home is None or not self._track.places or clothes_distance(self.home, person) < LIKELY_OWN:
            return False
        return self.has_lifted and offsets(self.home, person)[0] > MOVE_M + WANDER_M_S * (t_s - self._lifter_s)

    def _distance_from_home(self, t_s: float, person: Person) -> float:
        """Return a person's distance from the lifter's usual place, 1 at the limit; 0 if the place is unknown."""
        if self.home is None:
            return 0.0
        absent_s = t_s - self._lifter_s
        limits = (
            MOVE_M + WANDER_M_S * absent_s,
            MOVE_UP_M + WANDER_UP_M_S * absent_s,
            (CLOSER if person.scale > self.home.scale else SMALLER) + NEARING_S * absent_s,
        )
        return normalised_distance(self.home, person, limits)

    def _is_other(self, t_s: float, person: Person) -> bool:
        if t_s - self._lifter_s > OTHERS_S:
            return False
        distance = self._bystanders.distance(person)
        return distance < 1 and (self.home is None or distance < self._distance_from_track(t_s, person))

    def _jumped(self, t_s: float, person: Person) -> bool:
        limits = (STEP_M, STEP_UP_M, STEP_CLOSER)
        near = [p for _, p in takewhile(lambda at: t_s - at[0] <= STEP_S, reversed(self._track.places))]
        return bool(near) and normalised_distance(near[-1], person, limits) > 1

    def _keep(self, t_s: float, person: Person) -> None:
        home = person if self.home is None else self.home
        since_s = max(0.0, t_s - self._lifter_s)
        if clothes_distance(home, person) > LIKELY_OWN and offsets(home, person)[0] > STEP_M:
            since_s /= OTHERS_SLOWER
        part, of_clothes = min(1.0, since_s / SETTLING_S), min(1.0, since_s / CLOTHES_S)
        x, y, scale, margin = (
            float((1 - part) * getattr(home, name) + part * getattr(person, name))
            for name in ("x", "y", "scale", "margin")
        )
        clothes = home.clothes
        if person.clothes:
            clothes = tuple(
                float(old + of_clothes * (new - old))
                for old, new in zip(home.clothes or person.clothes, person.clothes, strict=True)
            )
        self.home = replace(person, x=x, y=y, scale=scale, margin=margin, clothes=clothes)
        self._lifter_s = t_s
        self._track.add(t_s, person)
        self.has_lifted = self.has_lifted or self._track.is_lifting()
