"""Detects the beginning and the end of a set, and warns if similar movements make no set.

A set begins with its first complete rep: bending for a plate looks like a rep until its end. The set ends as soon as
the lifter walks, stands with free hands, stands upright for longer than a bar is held at lockout (if the bar rests on
the floor), has left the picture, or has done nothing for INACTIVE_S, or if another person is followed.

Each of these may also be a breath: a rep in the same place continues the set if it begins within INACTIVE_S, or within
SINGLES_APART_S in a set of singles or doubles. The end is final if the lifter marks it by hand, or if another
person is followed.

If nothing counts, dips of the shoulders, down and most of the way up again, show movements of any exercise.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core.config.exercise import RepRules
from livecoach.core.documents import WarningEvent
from livecoach.core.quantiles import median
from livecoach.core.types import MovementTimes, SetMark, StageName
from livecoach.decisions.counting import tuning
from livecoach.perception.body.body import Body, lengths, stack
from livecoach.perception.body.visibility import warning_change

EndSign = Literal["walks", "hands", "stands"]  # sign that a set may be over
_WAITS_S: dict[EndSign, float] = {"walks": tuning.WALKS_S, "hands": tuning.HANDS_FREE_S, "stands": tuning.STANDS_S}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    feet_px: np.ndarray  # (2, 2) feet at the turn and at the end: near plates a bent lifter's feet may be misplaced
    hang_px: np.ndarray  # Hang of the hands when the lifter stood
    size_px: float  # Size when the lifter stood


class SetTracker:
    """Detects when each set of an exercise begins and ends."""

    def __init__(self, rules: RepRules, last_set: int = 0) -> None:
        """Start between two sets. `last_set` is the number of the last set; 0 before the first set."""
        self._bar_on_floor = rules.bar_on_floor
        self._stands: StageName = "up" if rules.bar_on_floor else rules.rest
        self.is_in_set = False  # whether a set is under way
        self._moments: deque[Body] = deque()
        self._last: MovementTimes | None = None
        self._places: deque[_Place] = deque(maxlen=tuning.USUAL_REPS)  # places of the last reps of the set
        self._feet_px = np.empty((0, 2))  # the feet in all of these places
        self._hang_px = np.empty(2)  # median hang of the hands in these places
        self._since_s: dict[EndSign, float] = {}  # when each sign of the set's end began
        self._in_view_s = -math.inf
        self._parted = False  # whether the next rep belongs to another set, as marked by hand
        self.index = last_set  # number of the set under way, or else of the last set, from 1

    def step(
        self, t_s: float, body: Body | None, *, progress: float | None, stage: StageName | None, counts: bool = False
    ) -> bool:
        """Add the next observation, and return whether the set ends with the observation.

        Args:
            progress: Progress through the rep; None between reps.
            counts: Whether a rep counts with the observation: then no set ends, and `add` is called next.
        """
        exchanged = False
        if body is not None:
            self._in_view_s = t_s
            exchanged = self._follow(body)
        if counts or not self.is_in_set or self._last is None:
            return False
        self._parted |= exchanged
        ends = exchanged or (self._parted and progress is None) or self._ended(t_s, body, stage, self._last, progress)
        return ends and self.finish()

    def mark(self, mark: SetMark) -> bool:
        """Request the end of the set under way or, between sets, a new set; return False for any other request."""
        possible = self.is_in_set == (mark == "end")
        self._parted |= possible
        return possible

    def finish(self) -> bool:
        """End the set, and return whether a set was under way."""
        was_in_set, self.is_in_set = self.is_in_set, False
        return was_in_set

    def _follow(self, body: Body) -> bool:
        """Add a body; return whether another person is followed since the last: nobody moves the feet so fast."""
        last = self._moments[-1] if self._moments else None
        if last is not None and last.framing != body.framing:
            self._moments.clear()
            self._places.clear()  # without places in the new picture, time alone decides
            last = None
        self._moments.append(body)
        while body.t_s - self._moments[0].t_s > tuning.MEMORY_S:
            self._moments.popleft()
        if last is None or body.t_s - last.t_s > tuning.PLACE_S:
            return False
        return float(np.hypot(*(body.feet_px - last.feet_px))) > tuning.EXCHANGED * max(body.size_px, last.size_px)

    def add(self, rep: MovementTimes, *, in_a_row: int) -> bool:
        """Add a rep, and return whether the rep begins a new set.

        Args:
            in_a_row: Number of the set's earlier reps that count, since the last pause of more than INACTIVE_S.
        """
        place = self._place_of(rep)
        pause_s = math.inf if self._last is None else rep.start_s - self._last.end_s
        new = not (self.is_in_set or (self._continues_set(pause_s, place, in_a_row) and not self._parted))
        if new:
            self.index += 1
            self._places.clear()
            self._parted = False
        self.is_in_set, self._last = True, rep
        if place is not None:
            self._places.append(place)
            self._feet_px = np.concatenate(stack(self._places, "feet_px"))
            self._hang_px = median(stack(self._places, "hang_px"))
        self._since_s.clear()
        return new

    def _continues_set(self, pause_s: float, place: _Place | None, in_a_row: int) -> bool:
        """Return whether a rep belongs to the set that ended before the rep."""
        if pause_s > (tuning.SINGLES_APART_S if in_a_row <= tuning.SINGLES else tuning.INACTIVE_S):
            return False
        if place is None or not self._places:
            return True  # without a position, time alone decides
        before = self._places[-1]
        size_px = max(before.size_px, place.size_px)
        moved_px = min(self._from_places_px(feet_px) for feet_px in place.feet_px)
        grown_px = abs(place.size_px - before.size_px)
        return moved_px <= tuning.SAME_PLACE * size_px and grown_px <= tuning.SAME_SIZE * size_px

    def _place_of(self, rep: MovementTimes) -> _Place | None:
        turn, end = self._moments_around(rep.turn_s), self._moments_around(rep.end_s)
        stood = turn if self._bar_on_floor else self._moments_around(rep.start_s)
        if not (turn and end and stood):
            return None
        return _Place(
            feet_px=np.stack([median(stack(turn, "feet_px")), median(stack(end, "feet_px"))]),
            hang_px=median(stack(stood, "hang_px")),
            size_px=float(median(stack(stood, "size_px"))),
        )

    def _moments_around(self, t_s: float) -> list[Body]:
        near = list[Body]()
        for moment in reversed(self._moments):
            if t_s - moment.t_s > tuning.PLACE_S:
                break
            if moment.t_s - t_s <= tuning.PLACE_S:
                near.append(moment)
        return near

    def _from_places_px(self, feet_px: np.ndarray) -> float:
        """Return the distance to the nearest position of the feet in the set's last reps."""
        return float(np.sqrt(((self._feet_px - feet_px) ** 2).sum(-1).min()))

    def _ended(
        self, t_s: float, body: Body | None, stage: StageName | None, last: MovementTimes, progress: float | None
    ) -> bool:
        if t_s - last.end_s >= tuning.INACTIVE_S and progress is None:
            return True
        if body is None:
            return t_s - self._in_view_s >= tuning.OUT_OF_VIEW_S
        shown = self._end_signs(stage, progress)
        for sign, wait_s in _WAITS_S.items():
            if sign not in shown:
                self._since_s.pop(sign, None)
            elif t_s - self._since_s.setdefault(sign, t_s) >= wait_s:
                return True
        return False

    def _end_signs(self, stage: StageName | None, progress: float | None) -> set[EndSign]:
        shown: set[EndSign] = set()
        if stage == "up" and self._bar_on_floor and (progress is None or progress >= tuning.STANDS_PROGRESS):
            shown.add("stands")
        if not self._places:
            return shown
        now, size_px = self._moments[-1], self._places[-1].size_px
        if self._from_places_px(now.feet_px) > tuning.WALKS * size_px:
            shown.add("walks")
        hands_moved_px = float(np.abs(now.hang_px - self._hang_px).min())  # one hand alone is easily misplaced
        if stage == self._stands and hands_moved_px > tuning.HANDS_FREE * size_px:
            shown.add("hands")
        return shown


class Dip(NamedTuple):
    """A movement of the shoulders down and up, and the number of such movements in a row that are alike."""

    times: MovementTimes
    depth: float  # Way down, in lengths of torso and legs
    turn: Body  # Body with the lowest shoulders
    alike: int  # Number of movements like this, in one place, of which this is the last


class DipDetector:
    """Detects dips, and how many in a row are alike. Bodies come in the order of time."""

    _start: Body | None = None  # highest body since the last dip
    _turn: Body | None = None  # lowest body of the dip under way
    last: Dip | None = None

    def step(self, body: Body) -> Dip | None:
        """Add the next body, and return the dip that ends with it, if any."""
        start, turn, last, height = self._start, self._turn, self.last, body.measures.shoulder_height
        if start is None or (turn is None and height >= start.measures.shoulder_height):
            self._start = body
            return None
        depth = start.measures.shoulder_height - (turn or body).measures.shoulder_height
        if turn is None or height < turn.measures.shoulder_height:
            self._turn = body if depth >= tuning.DIP else None
            return None
        if height < turn.measures.shoulder_height + tuning.DIP_ENDS * depth:
            return None
        is_alike = (
            last is not None
            and turn.t_s - last.turn.t_s <= tuning.SOON_S
            and max(depth, last.depth) <= tuning.DIPS_ALIKE * min(depth, last.depth)
            and lengths(turn.feet_px - last.turn.feet_px) <= tuning.DIPS_APART * turn.size_px
        )
        times = MovementTimes(start.t_s, turn.t_s, body.t_s)
        self.last = Dip(times, depth, turn, alike=last.alike + 1 if last is not None and is_alike else 1)
        self._start, self._turn = body, None
        return self.last


class NothingCountedWarning:
    """Warns that similar dips do not count, until a dip differs, a set or partial rep comes, or INACTIVE_S pass."""

    def __init__(self, why: Callable[[Dip], str | None]) -> None:
        """Start before the first frame.

        Args:
            why: Returns why a dip and similar dips before it do not count; None if too few, or if they may still count.
        """
        self._why, self._dips = why, DipDetector()
        self.text: str | None = None  # Text of the active warning; None without a warning

    def step(self, t_s: float, body: Body | None, *, counts: bool) -> tuple[WarningEvent, ...]:
        """Update the warning for a frame, and return its event, as a tuple; empty if the warning stays the same.

        Args:
            counts: Whether a set is under way, or a partial rep ends with the frame. Either ends the warning.
        """
        before, last = self.text, self._dips.last
        dip = None if body is None or counts else self._dips.step(body)
        if counts or (dip is None and last is not None and t_s - last.times.end_s > tuning.INACTIVE_S):
            self._dips, self.text = DipDetector(), None
        elif dip is not None and (dip.alike == 1 or before is None):
            self.text = self._why(dip)
        return warning_change(t_s, "nothing_counted", before, self.text)
