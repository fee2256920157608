"""Who of the people in the picture is the lifter: the most prominent one at first, the one who goes up and down as soon
as somebody does, and then the one who stays.

Who is alone is the lifter, whatever the landmarks do: somebody is refused only where two people were seen in one
picture in the last seconds, or, for a second, where something tall moved at the picture's side before. People are told
apart by where they stand, how far away they are, and the colours of their clothes. Limits are in metres at the lifter's
distance; chosen on rendered clips of training bodies.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livecoach.tracking.bystanders import STANDING_KEPT_S, Others
from livecoach.tracking.person import Person, Track, apart, prominence, recoloured, unlike

MOVE_M, MOVE_UP_M, CLOSER, SMALLER = 0.5, 0.45, 0.3, 0.45
"""How far a lifter gets from where he usually is, sideways, up and down, and in the logarithm of the scale. Lifts move
the middle of the body by up to .25 m, and the scale's 1st to 99th percentile is -.2 to .2; somebody who passes in front
is .2 to .8 closer, who squats towards the camera seems up to .35 smaller."""
WANDER_M_S, WANDER_UP_M_S, NEARING_S = 0.05, 0.05, 0.02
"""What is added for each second in which the lifter was not seen."""
STEP_M, STEP_UP_M, STEP_CLOSER = 0.25, 0.35, 0.15
"""The same within STEP_S: a body that is followed rightly moves sideways at 1.5 m/s at the most, a spotter who takes
the landmarks over is .3 m away and more."""
STEP_S = 0.2
FOUND = 0.8
"""Misfit under which somebody is the lifter again where that was in doubt: less than what is followed unasked."""
SETTLING_S, CLOTHES_S = 1.5, 3.0
"""Time constants of where the lifter usually is, and of the colours of his clothes."""
OTHERS_S = 5.0
"""For how long after the lifter was last seen those who are known to be others do not become the lifter."""
GONE_S = 4.0
LEFT_S = 0.3
"""The lifter is looked for anywhere after this, and after LEFT_S where he left by the picture's edge."""
LOOK_FIRST_S, LOOK_EVERY_S, LOOK_ALONE_S = 0.2, 0.2, 1.0
COMPANY_S = 2.0
"""While somebody else is there, and this long after, people are looked at every LOOK_EVERY_S; every LOOK_FIRST_S while
the one who is followed has not lifted, and every LOOK_ALONE_S where nobody else is known and he has not."""
CALM_S = 3.0
"""Where a look finds nobody else, the next one waits twice as long as the last, until nothing was in doubt for so
long."""
WAIT_S = 8.0
"""And is no longer than this."""
TALL_M = 0.8
"""What moves at the side of the picture and is taller may be somebody who walks in; a plate in a lift is .45 m and
moves by .3 m in the fifth of a second that is looked at."""
PASSES_S, NEARER, RECOLOURED, REFUSED_S, AGAIN_S = 3.0, 0.15, 0.7, 1.0, 5.0
"""Where something tall moved at the side up to so long ago, somebody who is nearer (logarithm of the scale), or is
out of place and has other clothes (CLOTHES), passes, and is refused: for REFUSED_S at the most, and not again before
AGAIN_S."""
LOOK_REFUSED_S, LOOK_DOUBTED_S = 0.3, 0.1
"""In doubt looks come this often; in company the pictures between two looks count as unseen."""
RATHER_HIS = 0.3
"""Misfit of clothes, at the most, of somebody who is rather none of the others: a bar or a bent body hides clothes."""
IN_PLACE = 0.4
"""Misfit of place under which somebody is rather the lifter, where nobody else was found: who bends over a bar in the
lifter's place has its colours, who passes in front or behind has a misfit of .5 and more."""
FAR = 0.45
"""Who is smaller than this share of the lifter is too far away to be taken for him."""
MORE, MORE_ASIDE_M = 1.3, 0.8
"""How much more prominent, and how far aside, somebody must be to be taken instead of one who has not lifted yet."""


class Lock:
    """Follows the lifter from picture to picture, and says when it takes a look at all who are there to be sure."""

    def __init__(self) -> None:
        self._home: Person | None = None
        self._track = Track()
        self._others = Others()
        self._seen_s = self._looked_s = self._company_s = -np.inf
        self._doubted_s = self._moved_s = self._refused_s = -np.inf
        self._wait_s = LOOK_EVERY_S
        self._lifted = False
        self.lifters = 0
        """How many lifters there were before this one."""
        self.people = 0
        """How many people were there when last looked at, or followed."""
        self.others: list[int] = []
        """Numbers of those who are known not to be the lifter among who was there when last looked at."""
        self.refused = False
        """Whether who is followed is somebody who passes in front."""
        self.doubted = False
        """Whether who is followed may be somebody else, or landmarks that are partly somebody else's."""

    @property
    def scale(self) -> float:
        """Heights of the picture that a metre takes at the lifter's place; 0 where he is not known."""
        return 0.0 if self._home is None else self._home.scale

    @property
    def home(self) -> Person | None:
        """Where the lifter usually is; None where that is not known."""
        return self._home

    @property
    def lifted(self) -> bool:
        """Whether the one who is followed has gone up and down."""
        return self._lifted

    def sure(self, t_s: float, seen: Person | None, moving: float = 0.0) -> bool:
        """Take who is followed in the next picture; whether that is the lifter without a doubt.

        seen: None: nobody is found. That is no doubt where nobody else is known to be there. moving: height of what
        moves at the sides of the picture, share of the picture's.
        """
        alone, self.doubted = self.alone(t_s), False
        self.refused = seen is not None and alone and self._passes(t_s, seen, moving)
        if seen is None:
            self.people = 0 if alone else self.people
            return alone
        if self._home is None or self._asks(t_s, seen, moving):
            return False
        self.people = max(self.people, 1)
        if not self.refused:
            self._keep(t_s, seen)
        return True

    def _passes(self, t_s: float, seen: Person, moving: float) -> bool:
        """Whether somebody who walked in has taken the landmarks over."""
        if moving > TALL_M * seen.scale:
            self._moved_s = t_s
        if self._home is None or not self._lifted or t_s - self._moved_s > PASSES_S:
            return False  # before somebody has lifted, who walks in may be the lifter
        if t_s - self._track.seen[0][0] < SETTLING_S:
            return False  # a lifter who walks is nowhere usually
        other_clothes = recoloured(self._home, seen)
        nearer = seen.scale > self._home.scale * np.exp(NEARER)
        misfit = self._misfit(t_s, seen)
        if np.hypot(misfit, other_clothes) < 1 or not (nearer or (misfit > 1 and other_clothes > RECOLOURED)):
            return False
        if t_s - self._refused_s > AGAIN_S:
            self._refused_s = t_s
        return t_s - self._refused_s < REFUSED_S

    def _asks(self, t_s: float, seen: Person, moving: float) -> bool:
        """Whether it takes a look to be sure of who is followed."""
        self.doubted = self._misfit(t_s, seen) > 1 or self._jumped(t_s, seen)
        since_s = t_s - self._looked_s
        if not self.alone(t_s):
            self.doubted = self.doubted or self._continued(t_s, seen) > 1
            self.refused = self.doubted and since_s < LOOK_DOUBTED_S
            return not self.refused and (self.doubted or since_s >= (LOOK_EVERY_S if self._lifted else LOOK_FIRST_S))
        if self.doubted or moving > TALL_M * seen.scale:
            if t_s - self._doubted_s > CALM_S:
                self._wait_s = LOOK_EVERY_S
            self._doubted_s = t_s
            return since_s >= (LOOK_REFUSED_S if self.refused else self._wait_s)
        if since_s >= LOOK_FIRST_S and any(track.last_s == self._looked_s for track in self._others.tracks):
            return True
        return not self._lifted and since_s >= LOOK_ALONE_S

    def found(self, t_s: float, seen: Person) -> bool:
        """Take somebody who was found in the lifter's surroundings; whether that is the lifter."""
        found = self._home is not None and self._continued(t_s, seen) < FOUND and not self._is_other(t_s, seen)
        if found:
            self._keep(t_s, seen)
        return found

    def choose(self, t_s: float, people: Sequence[Person]) -> int | None:
        """Number of the lifter among all who are there; None where he is not among them."""
        self._looked_s, self.people = t_s, len(people)
        self._wait_s = min(2 * self._wait_s, WAIT_S)
        if self._home is not None and t_s - self._seen_s > self._patience_s():
            self._forget()
        chosen = self._first(t_s, people) if self._home is None else self._same(t_s, people)
        if chosen is None:
            self.others = [i for i, p in enumerate(people) if self._misfit(t_s, p) > 1]
            self._others.know(t_s, [people[i] for i in self.others])
            return None
        lifter = people[chosen]
        self.others = [i for i, p in enumerate(people) if not p.same_as(lifter) and p.scale > FAR * lifter.scale]
        self.people = 1 + len(self.others)
        self._others.know(t_s, [people[i] for i in self.others])
        if any(self._there(t_s, track) for track in self._others.tracks):
            self._company_s, self._wait_s = t_s, LOOK_EVERY_S
        if self._home is not None and not self.alone(t_s) and self._misfit(t_s, people[chosen]) > 1:
            self._home = replace(people[chosen], clothes=self._home.clothes)
        self._keep(t_s, people[chosen])
        return chosen

    def alone(self, t_s: float) -> bool:
        """Whether nobody else is known to be there."""
        return t_s - self._company_s >= (STANDING_KEPT_S if self._others.stand() else COMPANY_S)

    def _there(self, t_s: float, track: Track) -> bool:
        """Whether this is somebody, seen now, and not a bar or a shadow that was once taken for one."""
        walked_in = t_s - self._moved_s < PASSES_S and self._home is not None and track.last.scale > self._home.scale
        return track.last_s == t_s and (len(track.seen) > 1 or walked_in)

    def _patience_s(self) -> float:
        last = self._track.last
        return LEFT_S if last.inside < MOVE_M * last.scale else GONE_S

    def _forget(self) -> None:
        self._home, self._lifted, self._track = None, False, Track()
        self.lifters += 1

    def _first(self, t_s: float, people: Sequence[Person]) -> int | None:
        """The most prominent one of those who may be the lifter."""
        able = [i for i, p in enumerate(people) if self.alone(t_s) or not self._is_other(t_s, p)]
        return max(able, key=lambda i: prominence(people[i]), default=None)

    def _same(self, t_s: float, people: Sequence[Person]) -> int | None:
        """The one who continues the lifter; of those who have not lifted, somebody much more prominent instead."""
        if len(people) == 1 and self.alone(t_s):
            return None if self.refused else 0
        rival = None if self._lifted else self._rival(people)
        if rival is not None:
            return rival
        misfits = [np.inf if self._is_other(t_s, p) else self._continued(t_s, p) for p in people]
        best = min(range(len(people)), key=misfits.__getitem__, default=None)
        if best is None or misfits[best] > FOUND:
            # Of a lifter who is alone and somebody who is found once, such as a rack: who is more like the lifter.
            places = [self._misfit(t_s, p) for p in people]
            return int(np.argmin(places)) if people and self.alone(t_s) and not self.refused else None
        first = max(range(len(people)), key=lambda i: prominence(people[i]))
        more = prominence(people[first]) > MORE * prominence(people[best])
        aside = apart(people[best], people[first])[0] > MORE_ASIDE_M
        if more and aside and not self._lifted:
            self._forget()
            return first
        return best

    def _rival(self, people: Sequence[Person]) -> int | None:
        """Somebody else who lifts, while the one who is followed has not."""
        for number, seen in enumerate(people):
            track = None if self._home is None else self._others.lifting(seen, self._home)
            if track is not None:
                self._forget()
                self._track, self._lifted = track, True
                self._others.tracks.remove(track)
                return number
        return None

    def _continued(self, t_s: float, seen: Person) -> float:
        """Misfit to where the lifter usually is, or was a moment ago: he may walk."""
        misfit = self._misfit(t_s, seen)
        if self._track.seen and t_s - self._seen_s <= STEP_S and self._on_the_floor(seen):
            misfit = min(misfit, unlike(self._track.last, seen, (STEP_M, STEP_UP_M, STEP_CLOSER)))
        colour = recoloured(self._home, seen)
        nobody_else = not self._others.tracks and self._misfit(t_s, seen) < IN_PLACE
        if nobody_else or self._others.unlikely(seen, colour):
            colour = min(colour, RATHER_HIS)
        return float(np.hypot(misfit, colour))

    def _on_the_floor(self, seen: Person) -> bool:
        """Whether somebody is not far above where the lifter usually is: nobody walks upwards."""
        return self._home is not None and self._home.y - seen.y < MOVE_UP_M * self._home.scale

    def _misfit(self, t_s: float, seen: Person) -> float:
        """To where the lifter usually is."""
        if self._home is None:
            return 0.0
        unseen_s = t_s - self._seen_s
        limits = (
            MOVE_M + WANDER_M_S * unseen_s,
            MOVE_UP_M + WANDER_UP_M_S * unseen_s,
            (CLOSER if seen.scale > self._home.scale else SMALLER) + NEARING_S * unseen_s,
        )
        return unlike(self._home, seen, limits)

    def _is_other(self, t_s: float, seen: Person) -> bool:
        """Whether that is somebody who is known not to be the lifter."""
        if t_s - self._seen_s > OTHERS_S:
            return False
        beside = self._others.misfit(seen)
        return beside < 1 and (self._home is None or beside < self._continued(t_s, seen))

    def _jumped(self, t_s: float, seen: Person) -> bool:
        limits = (STEP_M, STEP_UP_M, STEP_CLOSER)
        near = [p for at_s, p in self._track.seen if t_s - at_s <= STEP_S]
        return bool(near) and unlike(near[0], seen, limits) > 1

    def _keep(self, t_s: float, seen: Person) -> None:
        home = seen if self._home is None else self._home
        since_s = max(0.0, t_s - self._seen_s)
        part, of_clothes = min(1.0, since_s / SETTLING_S), min(1.0, since_s / CLOTHES_S)
        x, y, scale, inside = (
            float((1 - part) * old + part * new) for old, new in zip(_numbers(home), _numbers(seen), strict=True)
        )
        clothes = home.clothes
        if seen.clothes:
            clothes = tuple(
                float(old + of_clothes * (new - old))
                for old, new in zip(home.clothes or seen.clothes, seen.clothes, strict=True)
            )
        self._home = replace(seen, x=x, y=y, scale=scale, inside=inside, clothes=clothes)
        self._seen_s = t_s
        self._track.add(t_s, seen)
        self._lifted = self._lifted or self._track.lifts()


def _numbers(of: Person) -> tuple[float, float, float, float]:
    return of.x, of.y, of.scale, of.inside
