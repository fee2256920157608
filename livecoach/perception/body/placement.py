"""Hints to the lifter where to stand before a set: one hint at a time, the most important first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from livecoach.core.types import Hint, HintKind, Observation, View
from livecoach.core.types.message import Message, join_texts
from livecoach.perception.body import visibility
from livecoach.perception.body.body import Body
from livecoach.perception.body.view import is_standing

BEGINS_S = 1.0  # time for which a problem must last before a hint: longer than a pace takes. Our choice.
RIGHT_S = 0.3  # time for which a problem must have gone to count as solved
DONE_S = 1.5  # time for which a solved problem is shown with a tick
LONGEST_S = 8.0  # longest time of a hint. It can appear again after it was solved, or after a set.
READY_S = 1.0  # time for which everything must be right before the cue to begin
AWAY_S = 1.0  # time for which the lifter must have left, sat or bent after a set before that cue. Our choice.
SMALLEST_PX = 150.0  # height of a lifter in the picture below which the pose model guesses the legs
HEIGHT_OF_LIMBS = 1.45  # height of a standing lifter over torso, thigh and shin together: median of rendered clips
TURN_FROM_DEG = 10.0  # distance from the wanted azimuths that asks for a turn: above the view's mean error. Our choice.
TURN_INTO_DEG = 10.0  # distance inside the wanted azimuths at which a turn should end
TURN_STEP_DEG = 10.0  # step of the angles in hints: nobody turns by 17°
UNSURE_DEG = 20.0  # uncertainty of the view up to which a hint asks for a turn

COME_CLOSER = Hint(kind="come_closer", text="come closer", direction="down")
AWAY, TOWARDS = "away from the camera", "to the camera"
Problems = Mapping[HintKind, Hint | None]
"""Kind of problem → hint, or None if there is no such problem, in order of importance. Kinds that can't be checked at
the moment are missing."""


def _check_placement(
    observation: Observation, body: Body | None, view: View | None, wanted_deg: tuple[float, float]
) -> Problems:
    """Return the hint for each kind of problem with the lifter's place; `wanted_deg` are absolute azimuths."""
    if body is None:
        return {}
    out: dict[HintKind, Hint | None] = {
        "step_back": visibility.step_back_hint(observation),
        "move_aside": visibility.move_aside_hint(observation),
    }
    if is_standing(body.measures):
        out["come_closer"] = COME_CLOSER if body.size_px * HEIGHT_OF_LIMBS < SMALLEST_PX else None
        if view is not None and view.uncertainty_deg <= UNSURE_DEG:
            out["turn"] = turn_hint(view, wanted_deg)
    return out


def turn_hint(view: View, wanted_deg: tuple[float, float]) -> Hint | None:
    """Return the hint to turn to or from the camera; None if the azimuth is less than TURN_FROM_DEG off `wanted_deg`.

    The text avoids "left" and "right", which a mirror swaps.

    Args:
        wanted_deg: Lowest and highest wanted azimuth, absolute, 0…180.
    """
    azimuth, (low, high) = abs(view.azimuth_deg), wanted_deg
    short = max(low - azimuth, azimuth - high)
    if short < TURN_FROM_DEG:
        return None
    by = TURN_STEP_DEG * round((short + min(TURN_INTO_DEG, (high - low) / 2)) / TURN_STEP_DEG)
    away = azimuth < low
    text = join_texts(": ", Message("turn {n}°", n=f"{by:.0f}"), AWAY if away else TOWARDS)
    return Hint(kind="turn", text=text, direction="turn-right" if away == (view.azimuth_deg > 0) else "turn-left")


class PlacementCheck(NamedTuple):
    """The hint on the lifter's place after one observation, and whether the lifter has just become ready."""

    hint: Hint | None  # the hint to show; None while no hint is shown
    has_become_ready: bool  # whether all has just become right, for the first time since the lifter came or came back


@dataclass(slots=True, kw_only=True)
class _ShownHint:
    hint: Hint
    since_s: float
    right_since_s: float | None = None
    done_s: float | None = None

    def step(self, t_s: float, problems: Problems) -> None:
        """Update the hint, and note whether its problem is solved."""
        if self.done_s is not None or self.hint.kind not in problems:
            return
        hint = problems[self.hint.kind]
        if hint is not None:
            self.hint, self.right_since_s = hint, None
            return
        self.right_since_s = t_s if self.right_since_s is None else self.right_since_s
        if t_s - self.right_since_s >= RIGHT_S:
            self.done_s = t_s

    def is_over(self, t_s: float) -> bool:
        """Return whether the hint has been shown for long enough, solved or not."""
        return t_s - self.since_s >= LONGEST_S if self.done_s is None else t_s - self.done_s >= DONE_S


class PlacementChecker:
    """Checks, while no set is under way, where the lifter stands: gives hints, and reports a ready lifter."""

    def __init__(self, *, follows_set: bool = False) -> None:
        """Start before the first set or, if `follows_set`, after a set, whose place the lifter must leave first."""
        self._shown: _ShownHint | None = None
        self._next: tuple[HintKind, float] | None = None  # a problem, and the time since which it has existed
        self._ignored: set[HintKind] = set()
        self._right_since_s: float | None = None
        self._wrong_since_s: float | None = None
        self._awaits_ready = not follows_set  # False while the lifter stands where the set was
        self._was_ready = False

    def step(
        self, observation: Observation, body: Body | None, view: View | None, wanted_deg: tuple[float, float]
    ) -> PlacementCheck:
        """Check the lifter's place in the next observation. Times must never decrease.

        Args:
            wanted_deg: Absolute azimuths, 0…180, between which the exercise's faults are clearly visible.
        """
        t_s, problems = observation.t_s, _check_placement(observation, body, view, wanted_deg)
        self._ignored -= {kind for kind, hint in problems.items() if hint is None}
        self._follow(t_s, problems)
        if self._shown is None:
            self._begin(t_s, problems)
        shown = self._shown
        hint = None if shown is None else replace(shown.hint, done=shown.done_s is not None)
        is_right = self._is_right(problems) and visibility.visibility_problem(observation, body) is None
        return PlacementCheck(hint=hint, has_become_ready=self._become_ready(t_s, is_right))

    def _follow(self, t_s: float, problems: Problems) -> None:
        shown = self._shown
        if shown is None:
            return
        shown.step(t_s, problems)
        if shown.is_over(t_s):
            if shown.done_s is None:
                self._ignored.add(shown.hint.kind)
            self._shown = None

    def _begin(self, t_s: float, problems: Problems) -> None:
        """Show a hint for a problem that has lasted long enough."""
        wrong = next((hint for hint in problems.values() if hint is not None and hint.kind not in self._ignored), None)
        if wrong is None:
            self._next = None
        elif self._next is None or self._next[0] != wrong.kind:
            self._next = (wrong.kind, t_s)
        elif t_s - self._next[1] >= BEGINS_S:
            self._shown, self._next = _ShownHint(hint=wrong, since_s=t_s), None

    def _is_right(self, problems: Problems) -> bool:
        """Return whether the lifter stands without a problem. A lifter may ignore the hint to turn."""
        standing = "come_closer" in problems
        return standing and all(hint is None or (k == "turn" and k in self._ignored) for k, hint in problems.items())

    def _become_ready(self, t_s: float, right: bool) -> bool:
        """Note whether all is right; return True once all was right for READY_S since the lifter came or came back."""
        if not right:
            self._right_since_s = None
            self._wrong_since_s = t_s if self._wrong_since_s is None else self._wrong_since_s
            self._awaits_ready |= t_s - self._wrong_since_s >= AWAY_S and not self._was_ready
            return False
        self._wrong_since_s = None
        self._right_since_s = t_s if self._right_since_s is None else self._right_since_s
        if not self._awaits_ready or t_s - self._right_since_s < READY_S:
            return False
        self._awaits_ready, self._was_ready = False, True
        return True
