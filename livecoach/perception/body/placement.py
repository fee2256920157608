"""Advise the lifter where to stand before a set: one hint at a time, the most important first, and "ready" at last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from livecoach.core.types import Hint, HintKind, Observation, View
from livecoach.core.types.message import Message, joined
from livecoach.perception.body import visibility
from livecoach.perception.body.body import Body
from livecoach.perception.body.view import is_standing

BEGINS_S = 1.0  # a problem's time before a hint. Our choice: a step takes less.
RIGHT_S = 0.3  # a problem is solved once it is gone for this long
DONE_S = 1.5  # how long the tick of a solved problem is shown
LONGEST_S = 8.0  # of a hint that is not followed; it appears again once it was solved, or a set is over
READY_S = 1.0  # how long all must be right before the cue to begin
AWAY_S = 1.0  # how long the lifter must have gone, sat or bent after a set before that cue. Our choice.
SMALLEST_PX = 150.0  # height of a lifter below which the pose model guesses the legs
HEIGHT_OF_LIMBS = 1.45  # height of who stands over torso, thigh and shin in the picture: median of rendered clips
TURN_FROM_DEG = 10.0  # from the wanted azimuths, for a hint; above the view's mean error. Our choice.
TURN_INTO_DEG = 10.0  # how far inside the wanted azimuths a turn should end
TURN_STEP_DEG = 10.0  # nobody turns by 17°
UNSURE_DEG = 20.0  # of the view, up to which a hint asks for a turn

COME_CLOSER = Hint(kind="come_closer", text="come closer", direction="down")
AWAY, TOWARDS = "away from the camera", "to the camera"
Problems = Mapping[HintKind, Hint | None]  # what to do, None without it, by importance; unjudged ones are missing


def check_placement(
    observation: Observation, body: Body | None, view: View | None, wanted_deg: tuple[float, float]
) -> Problems:
    """body: None where nobody is in view."""
    if body is None:
        return {}
    out: dict[HintKind, Hint | None] = {
        "step_back": visibility.step_back(observation),
        "move_aside": visibility.move_aside(observation),
    }
    if is_standing(body.measures):
        out["come_closer"] = COME_CLOSER if body.size_px * HEIGHT_OF_LIMBS < SMALLEST_PX else None
        if view is not None and view.uncertainty_deg <= UNSURE_DEG:
            out["turn"] = turn_hint(view, wanted_deg)
    return out


def turn_hint(view: View, wanted_deg: tuple[float, float]) -> Hint | None:
    """How far to turn to or away from the camera. The text avoids left and right, which a mirror exchanges."""
    azimuth, (low, high) = abs(view.azimuth_deg), wanted_deg
    short = max(low - azimuth, azimuth - high)
    if short < TURN_FROM_DEG:
        return None
    by = TURN_STEP_DEG * round((short + min(TURN_INTO_DEG, (high - low) / 2)) / TURN_STEP_DEG)
    away = azimuth < low
    text = joined(": ", Message("turn {n}°", n=f"{by:.0f}"), AWAY if away else TOWARDS)
    return Hint(kind="turn", text=text, direction="turn-right" if away == (view.azimuth_deg > 0) else "turn-left")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementAdvice:
    hint: Hint | None
    ready_now: bool  # everything has just become right, before the first set or after the lifter came back


@dataclass(slots=True, kw_only=True)
class _ShownHint:
    hint: Hint
    since_s: float
    right_since_s: float | None = None
    done_s: float | None = None

    def step(self, now: float, what: Problems) -> None:
        if self.done_s is not None or self.hint.kind not in what:
            return
        hint = what[self.hint.kind]
        if hint is not None:
            self.hint, self.right_since_s = hint, None
            return
        self.right_since_s = now if self.right_since_s is None else self.right_since_s
        if now - self.right_since_s >= RIGHT_S:
            self.done_s = now

    def over(self, now: float) -> bool:
        return now - self.since_s >= LONGEST_S if self.done_s is None else now - self.done_s >= DONE_S


class PlacementAdvisor:
    """Turns the lifter's position into hints; silent during a set."""

    def __init__(self, wanted_deg: tuple[float, float]) -> None:
        self.wanted_deg = wanted_deg  # absolute, 0…180, from which the exercise's faults are clearly visible
        self._forget()
        self._awaits_ready = True

    def step(self, observation: Observation, body: Body | None, view: View | None, in_set: bool) -> PlacementAdvice:
        """Timestamps must never decrease. body: None where nobody is in view."""
        if in_set:
            self._forget()
            return PlacementAdvice(hint=None, ready_now=False)
        now, what = observation.t_s, check_placement(observation, body, view, self.wanted_deg)
        self._ignored -= {kind for kind, hint in what.items() if hint is None}
        self._follow(now, what)
        if self._shown is None:
            self._begin(now, what)
        shown = self._shown
        hint = None if shown is None else replace(shown.hint, done=shown.done_s is not None)
        right = body is not None and visibility.visibility_problem(observation, body) is None and self._right(what)
        return PlacementAdvice(hint=hint, ready_now=self._ready(now, right))

    def _forget(self) -> None:
        self._shown: _ShownHint | None = None
        self._next: tuple[HintKind, float] | None = None  # a problem, and since when it exists
        self._ignored: set[HintKind] = set()
        self._right_since_s: float | None = None
        self._wrong_since_s: float | None = None
        self._awaits_ready = False  # the lifter stands where the set was
        self._said_ready = False

    def _follow(self, now: float, what: Problems) -> None:
        shown = self._shown
        if shown is None:
            return
        shown.step(now, what)
        if shown.over(now):
            if shown.done_s is None:
                self._ignored.add(shown.hint.kind)
            self._shown = None

    def _begin(self, now: float, what: Problems) -> None:
        """Show a hint for a problem that has lasted long enough."""
        wrong = next((hint for hint in what.values() if hint is not None and hint.kind not in self._ignored), None)
        if wrong is None:
            self._next = None
        elif self._next is None or self._next[0] != wrong.kind:
            self._next = (wrong.kind, now)
        elif now - self._next[1] >= BEGINS_S:
            self._shown, self._next = _ShownHint(hint=wrong, since_s=now), None

    def _right(self, what: Problems) -> bool:
        """A lifter may refuse to turn; some faults can't be checked then."""
        standing = "come_closer" in what
        return standing and all(hint is None or (k == "turn" and k in self._ignored) for k, hint in what.items())

    def _ready(self, now: float, right: bool) -> bool:
        """Whether everything has now been right for READY_S, for the first time since the lifter came, or came back."""
        if not right:
            self._right_since_s = None
            self._wrong_since_s = now if self._wrong_since_s is None else self._wrong_since_s
            self._awaits_ready |= now - self._wrong_since_s >= AWAY_S and not self._said_ready
            return False
        self._wrong_since_s = None
        self._right_since_s = now if self._right_since_s is None else self._right_since_s
        if not self._awaits_ready or now - self._right_since_s < READY_S:
            return False
        self._awaits_ready, self._said_ready = False, True
        return True
