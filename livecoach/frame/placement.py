"""Where the lifter stands before a set: one hint at a time, most important first, and when all is right."""

from collections.abc import Mapping
from dataclasses import dataclass

from livecoach.frame import visibility
from livecoach.frame.body import Body
from livecoach.frame.posture import stands
from livecoach.types import Hint, HintKind, Observation, View

BEGINS_S = 1.0
"""How long something is wrong before it is said: our choice, a step takes less."""
RIGHT_S = 0.3
"""How long it is right before that counts."""
DONE_S = 1.5
"""How long a tick is shown."""
LONGEST_S = 8.0
"""How long a hint is shown to somebody who does not follow it. It is not shown again until it was right once, or a set
is over."""
READY_S = 1.0
"""How long all has to be right before the lifter is told so."""
SMALLEST_PX = 150.0
"""Height of a lifter under which legs are guessed rather than seen (gates.UNSTEADY)."""
HEIGHT_OF_LIMBS = 1.45
"""Height of somebody who stands over torso, thigh and shin together, as seen: median of 108 rendered clips of bodies
for training (10th and 90th percentile 1.37 and 1.54)."""
TURN_FROM_DEG = 10.0
"""How far outside the wanted azimuths it is worth asking for a turn: our choice, above the view's mean error."""
TURN_INTO_DEG = 10.0
"""How far into the wanted azimuths the turn should end, so that it is not at their border."""
TURN_STEP_DEG = 10.0
"""Turns are told in such steps: nobody turns by 17°."""
UNSURE_DEG = 20.0
"""No turn is asked for where the view is less sure than this."""

Found = Mapping[HintKind, str | None]
"""What is right (None) and what is wrong (what to do); what can't be told now is not in it. Most important first."""


def found(observation: Observation, body: Body | None, view: View | None, wanted_deg: tuple[float, float]) -> Found:
    """What one observation shows of where the lifter stands. body: None where nobody is seen."""
    if body is None:
        return {}
    out: dict[HintKind, str | None] = {
        "step_back": visibility.step_back(observation),
        "move_aside": visibility.aside(observation),
    }
    if stands(body.measures):
        out["come_closer"] = "come closer" if body.size_px * HEIGHT_OF_LIMBS < SMALLEST_PX else None
        if view is not None and view.uncertainty_deg <= UNSURE_DEG:
            out["turn"] = turn(view, wanted_deg)
    return out


def turn(view: View, wanted_deg: tuple[float, float]) -> str | None:
    """By how much to turn, and towards or away from the camera: left and right are the other way round in a mirror."""
    azimuth, (low, high) = abs(view.azimuth_deg), wanted_deg
    short = max(low - azimuth, azimuth - high)
    if short < TURN_FROM_DEG:
        return None
    by = TURN_STEP_DEG * round((short + min(TURN_INTO_DEG, (high - low) / 2)) / TURN_STEP_DEG)
    return f"turn {by:.0f}° {'away from' if azimuth < low else 'to'} the camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What is to be told of where the lifter stands."""

    hint: Hint | None
    ready_now: bool
    """All has just become right: true in one step before each set."""


@dataclass(slots=True, kw_only=True)
class _Shown:
    """The hint that is shown."""

    kind: HintKind
    text: str
    since_s: float
    right_since_s: float | None = None
    done_s: float | None = None
    """When it was put right."""

    def step(self, now: float, what: Found) -> None:
        """Take what is found now."""
        if self.done_s is not None or self.kind not in what:
            return
        text = what[self.kind]
        if text is not None:
            self.text, self.right_since_s = text, None
            return
        self.right_since_s = now if self.right_since_s is None else self.right_since_s
        if now - self.right_since_s >= RIGHT_S:
            self.done_s = now

    def over(self, now: float) -> bool:
        """It was shown long enough."""
        return now - self.since_s >= LONGEST_S if self.done_s is None else now - self.done_s >= DONE_S


class Placing:
    """Turns where the lifter stands into hints; quiet while a set is under way."""

    def __init__(self, wanted_deg: tuple[float, float]) -> None:
        """wanted_deg: absolute azimuths, 0…180, from which the exercise's faults are seen well."""
        self._wanted_deg = wanted_deg
        self._forget()

    def step(self, observation: Observation, body: Body | None, view: View | None, in_set: bool) -> Placed:
        """Take the next observation; times do not fall. body: None where nobody is seen."""
        if in_set:
            self._forget()
            return Placed(hint=None, ready_now=False)
        now, what = observation.t_s, found(observation, body, view, self._wanted_deg)
        self._told_enough -= {kind for kind, text in what.items() if text is None}
        self._follow(now, what)
        if self._shown is None:
            self._begin(now, what)
        shown = self._shown
        hint = None if shown is None else Hint(kind=shown.kind, text=shown.text, done=shown.done_s is not None)
        right = body is not None and visibility.state(observation, body) is None and self._right(what)
        return Placed(hint=hint, ready_now=self._ready(now, right))

    def _forget(self) -> None:
        self._shown: _Shown | None = None
        self._next: tuple[HintKind, float] | None = None  # what is wrong, and since when
        self._told_enough: set[HintKind] = set()
        self._right_since_s: float | None = None
        self._told_ready = False

    def _follow(self, now: float, what: Found) -> None:
        """Keep or end the hint that is shown."""
        shown = self._shown
        if shown is None:
            return
        shown.step(now, what)
        if shown.over(now):
            if shown.done_s is None:
                self._told_enough.add(shown.kind)
            self._shown = None

    def _begin(self, now: float, what: Found) -> None:
        """Show what has been wrong for long enough."""
        wrong = next(((k, text) for k, text in what.items() if text is not None and k not in self._told_enough), None)
        if wrong is None:
            self._next = None
        elif self._next is None or self._next[0] != wrong[0]:
            self._next = (wrong[0], now)
        elif now - self._next[1] >= BEGINS_S:
            self._shown, self._next = _Shown(kind=wrong[0], text=wrong[1], since_s=now), None

    def _right(self, what: Found) -> bool:
        """The lifter stands and all is right; a turn may be refused: then some faults are not seen."""
        standing = "come_closer" in what
        return standing and all(text is None or (k == "turn" and k in self._told_enough) for k, text in what.items())

    def _ready(self, now: float, right: bool) -> bool:
        """All has been right for a moment, for the first time since the last set."""
        if not right:
            self._right_since_s = None
            return False
        self._right_since_s = now if self._right_since_s is None else self._right_since_s
        if self._told_ready or now - self._right_since_s < READY_S:
            return False
        self._told_ready = True
        return True
