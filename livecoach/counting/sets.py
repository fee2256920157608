"""When a set begins and when it is over, told from where the lifter stands and what the hands do.

A set begins with its first rep that is complete: a bend for a plate looks like the beginning of a rep, and only its end
tells them apart. A set is over as soon as the lifter

- walks: the feet have been more than a step from where the last reps were done, for a second;
- stands with free hands: upright, the hands not where they hang, or hold the bar, when this lifter stands in a rep;
- stands, where a lift rests on the floor: upright for longer than a bar is held at lockout;
- is gone from the picture; or has done nothing for 20 s (a bar that stays on the back, or in the hands).

Any of them may also be a breath between two reps, so an end can be taken back: the next rep continues the set, with its
index and its count, where it is done in the same place and

- begins within 20 s of the last one's end, or
- begins within 75 s, and the set so far is of singles (or doubles): no more than two reps since the last pause of 20 s.

So a lifter sees the summary soon after the last rep, sees it grow when singles a minute apart are one set, and a set of
eight with a minute's rest is followed by another set.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach.counting.evidence import FORGOTTEN_S
from livecoach.frame.body import Body
from livecoach.types import Rep, StageName

NOTHING_S = 20.0
"""Nothing for so long ends a set; a pause so long is a breath and no rest. Our choice."""
SINGLES_APART_S = 75.0
"""Singles a minute apart are one set; nobody looks at the clock to the second."""
SINGLES = 2
"""Reps in a row that are still a single."""
AWAY = 0.35
AWAY_S = 1.0
"""Feet that are this far, in lengths of torso and legs, for this long are walking: a step is .3 and more, and plates in
front of the feet put them up to .24 off in real side views."""
SAME_PLACE = 0.5
SAME_SIZE = 0.3
"""How far from the last rep the next one of a set may be done, and how much larger or smaller the lifter may look."""
STANDS_S = 5.0
AT_LOCKOUT = 0.85
"""Bars are held at lockout for up to 2 s by synthetic lifters, and one on the way down is under this progress, however
slowly it is lowered; ours to choose."""
HANDS_MOVED = 0.15
HANDS_S = 2.0
"""Both hands this much higher or lower than where they are when the lifter stands in a rep, in lengths of torso and
legs, for so long are free: at lockout they wander by .03 (livecoach.counting.bar_release), from a bar on the back to
the thighs they go .4."""
USUAL_REPS = 5
"""Reps that tell where the feet stand and, by their median, how the hands hang: one of them may be seen wrongly."""
UNSEEN_S = 4.0
"""Somebody who passes in front hides a lifter for less."""
MOMENT_S = 0.2
"""Place and hands of a rep are medians over this time before and after a moment."""
MEMORY_S = FORGOTTEN_S + 22.0
"""A rep lasts 20 s at most (livecoach.config.exercise), and may be in doubt until others have come."""

Sign = Literal["away", "hands", "stands"]
_WAITS_S: dict[Sign, float] = {"away": AWAY_S, "hands": HANDS_S, "stands": STANDS_S}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetNews:
    """Sets, after one observation."""

    in_set: bool
    """A set is under way."""
    began: bool = False
    """A new set, with the rep that was completed."""
    over: bool = False
    """The set has just ended."""
    continues: bool = False
    """The set that was over goes on, with the rep that was completed: its summary is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moment:
    t_s: float
    feet_px: np.ndarray
    hang_px: np.ndarray
    """(2,) of each hand under its shoulder."""
    size_px: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """Where and how a rep was done."""

    feet_px: np.ndarray
    """(2, 2) at the rep's turn and at its end: bent over near plates the feet may seem elsewhere."""
    hang_px: np.ndarray
    size_px: float
    """Both where the lifter stood in it."""


class SetTracker:
    """Follows the sets of one source. Deterministic: the same steps give the same sets."""

    def __init__(self, rest: Literal["down", "up"]) -> None:
        """rest: stage in which a rep of the exercise starts and ends."""
        self._rest = rest
        self._in_set = False
        self._moments: deque[_Moment] = deque()
        self._last: Rep | None = None
        self._places: deque[_Place] = deque(maxlen=USUAL_REPS)  # of the last reps of the set
        self._feet_px = np.empty((0, 2))  # all of theirs
        self._hang_px = np.empty(2)  # their median
        self._since_s: dict[Sign, float] = {}  # since when a sign of the set's end has been there
        self._seen_s = -math.inf
        self._in_a_row = 0
        self.index = 0
        """Of the set that is under way, or was the last one, from 1."""
        self.count = 0
        """Reps completed in it."""

    def step(
        self, t_s: float, body: Body | None, *, progress: float | None, stage: StageName | None, counts: bool = False
    ) -> SetNews:
        """Take the next observation; arguments as in `Step`, body None while nobody is seen.

        counts: a rep counts with it, which `counted` is told of next: no set ends with such an observation.
        """
        if body is not None:
            self._seen_s = t_s
            self._remember(body)
        if counts or not self._in_set or self._last is None:
            return SetNews(in_set=self._in_set)
        if self._ended(t_s, body, stage, self._last, progress):
            return self.finish()
        return SetNews(in_set=True)

    def recount(self, more: int) -> None:
        """Somebody says that so many reps more, or fewer, of the set were none."""
        self.count += more
        self._in_a_row += more

    def finish(self) -> SetNews:
        """The source has ended, and with it the set."""
        was, self._in_set = self._in_set, False
        return SetNews(in_set=False, over=was)

    def _remember(self, body: Body) -> None:
        hang_px = (body.wrists_px - body.shoulders_px)[:, 1]
        self._moments.append(_Moment(t_s=body.t_s, feet_px=body.feet_px, hang_px=hang_px, size_px=body.size_px))
        while body.t_s - self._moments[0].t_s > MEMORY_S:
            self._moments.popleft()

    def counted(self, rep: Rep) -> SetNews:
        """A rep counts: the first of a set, or one more."""
        place = self._place_of(rep)
        pause_s = math.inf if self._last is None else rep.start_s - self._last.end_s
        new = not (self._in_set or self._goes_on(pause_s, place))
        continues = not (new or self._in_set)
        self._in_a_row = 1 if pause_s > NOTHING_S else self._in_a_row + 1
        if new:
            self.index, self.count, self._in_a_row = self.index + 1, 0, 1
            self._places.clear()
        self.count += 1
        self._in_set, self._last = True, rep
        if place is not None:
            self._places.append(place)
            self._feet_px = np.concatenate([known.feet_px for known in self._places])
            self._hang_px = np.median([known.hang_px for known in self._places], axis=0)
        self._since_s.clear()
        return SetNews(in_set=True, began=new, continues=continues)

    def _goes_on(self, pause_s: float, place: _Place | None) -> bool:
        """Does a rep after such a pause belong to the set that was over?"""
        if pause_s > (SINGLES_APART_S if self._in_a_row <= SINGLES else NOTHING_S):
            return False
        if place is None or not self._places:
            return True  # not seen: time alone tells
        before = self._places[-1]
        size_px = max(before.size_px, place.size_px)
        moved_px = min(self._from_places_px(feet_px) for feet_px in place.feet_px)
        return moved_px <= SAME_PLACE * size_px and abs(place.size_px - before.size_px) <= SAME_SIZE * size_px

    def _place_of(self, rep: Rep) -> _Place | None:
        """None where it was not seen."""
        turn, end = self._around(rep.turn_s), self._around(rep.end_s)
        stood = turn if self._rest == "down" else self._around(rep.start_s)
        if not (turn and end and stood):
            return None
        return _Place(
            feet_px=np.stack([np.median([m.feet_px for m in moments], axis=0) for moments in (turn, end)]),
            hang_px=np.median([m.hang_px for m in stood], axis=0),
            size_px=float(np.median([m.size_px for m in stood])),
        )

    def _around(self, t_s: float) -> list[_Moment]:
        return [m for m in self._moments if abs(m.t_s - t_s) <= MOMENT_S]

    def _from_places_px(self, feet_px: np.ndarray) -> float:
        """Way to the nearest place of the feet in the set's last reps."""
        return float(np.sqrt(((self._feet_px - feet_px) ** 2).sum(-1).min()))

    def _hands_moved_px(self, now: _Moment) -> float:
        """Way of the hand that has moved less: one alone is easily seen wrongly."""
        return float(np.abs(now.hang_px - self._hang_px).min())

    def _ended(self, t_s: float, body: Body | None, stage: StageName | None, last: Rep, progress: float | None) -> bool:
        if t_s - last.end_s >= NOTHING_S and progress is None:
            return True
        if body is None:
            return t_s - self._seen_s >= UNSEEN_S
        shown = self._shown(stage, progress)
        for sign, wait_s in _WAITS_S.items():
            if sign not in shown:
                self._since_s.pop(sign, None)
            elif t_s - self._since_s.setdefault(sign, t_s) >= wait_s:
                return True
        return False

    def _shown(self, stage: StageName | None, progress: float | None) -> set[Sign]:
        """Signs that the set is over in the latest moment."""
        shown: set[Sign] = set()
        if stage == "up" and self._rest == "down" and (progress is None or progress >= AT_LOCKOUT):
            shown.add("stands")
        if not self._places:
            return shown
        now, size_px = self._moments[-1], self._places[-1].size_px
        if self._from_places_px(now.feet_px) > AWAY * size_px:
            shown.add("away")
        if stage == "up" and self._hands_moved_px(now) > HANDS_MOVED * size_px:
            shown.add("hands")
        return shown
