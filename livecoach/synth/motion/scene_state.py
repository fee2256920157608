"""The state of the scene during a set: where the bar is, and how far the feet have moved."""

from collections.abc import Sequence

import numpy as np

from livecoach.synth.figure.body import SIDES, BodyModel
from livecoach.synth.figure.posture import AWAY_Z, Posture, stand
from livecoach.synth.motion.form import plain_form
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.lifts import LIFTS
from livecoach.synth.motion.tokens import PARTIAL, PEOPLE, REP, Deviation, Token

RACK_M = 0.45
"""Distance of the rack in front of the place for squats."""
UNDER_BAR = 0.12
"""Depth at which a lifter stands under a racked bar, as a share of the lift."""
WITH_BAR = ("idle", "shift", "hold", PARTIAL, REP)
"""Tokens that are possible with the bar on the back."""
STEP_M = 0.16
"""Distance that the feet move at knob 1."""


class SceneState:
    """The state of the scene of one set."""

    def __init__(self, body: BodyModel, lifter: SyntheticLifter, exercise: str, bar: bool) -> None:
        self.body, self.lifter, self.exercise, self.bar = body, lifter, exercise, bar
        self.ready = False
        """Whether the lifter is in the starting position: hands on the bar, or the bar on the back."""
        self.racked = False
        self._feet = {side: np.zeros(2) for side in SIDES}

    def begin(self, tokens: Sequence[Token]) -> None:
        """Start a set; the bar of a squat starts in the rack if the first token needs free hands."""
        doing = [token.name for token in tokens if token.name not in PEOPLE]
        if self.exercise == "squat":
            self.racked = self.bar and bool(doing) and doing[0] not in WITH_BAR
            self.ready = not self.racked

    def hands_free(self) -> bool:
        """Return whether the hands are free."""
        return not (self.exercise == "squat" and self.bar and self.ready)

    def upright(self, count: int) -> Posture:
        """Return the standing posture between reps: hands hanging, or at the top of a squat."""
        lifter = self.lifter
        if self.exercise == "squat":
            if not self.racked:
                return self.stepped(self._squatting(count, 0.0))
            posture = stand(self.body, count, lifter.squat_half_stance_m, lifter.squat_toe_out_rad)
            rack = self.under_bar(1)
            for name in ("bar_x", "bar_y", "bar_z"):
                posture[name] = np.full(count, rack[name][0])
            return self.stepped(posture)
        posture = stand(self.body, count, lifter.half_stance_m, lifter.toe_out_rad)
        posture["bar_x"] = np.full(count, lifter.bar_x_m)
        posture["bar_z"] = np.full(count, lifter.bar_start_m if self.bar else AWAY_Z)
        return self.stepped(posture)

    def under_bar(self, count: int) -> Posture:
        """Return the posture under the racked bar, knees slightly bent."""
        return shifted_forward(self._squatting(count, UNDER_BAR), RACK_M)

    def _squatting(self, count: int, lift: float) -> Posture:
        form = plain_form(count)
        form["thoracic"] += self.lifter.spine_rad * 0.6
        return LIFTS["squat"](self.body, np.full(count, lift), self.lifter, form)

    def step(self, rng: np.random.Generator, shift: Deviation) -> None:
        """Move the feet between two reps: both to one side, or further apart."""
        by_m = STEP_M * shift.knob * rng.choice([-1.0, 1.0])
        for side, apart in (("L", 1.0), ("R", -1.0)):
            self._feet[side][1] += by_m if shift.way == "step" else abs(by_m) * apart

    def stepped(self, posture: Posture) -> Posture:
        """Return the posture on the moved feet."""
        for side in SIDES:
            for axis, by_m in zip("xy", self._feet[side], strict=True):
                posture[f"foot_{axis}_{side}"] = posture[f"foot_{axis}_{side}"] + by_m
        aside_m = 0.5 * (self._feet["L"][1] + self._feet["R"][1])
        for name in ("hip_y", "hand_y_L", "hand_y_R"):
            posture[name] = posture[name] + aside_m
        return posture


def shifted_forward(posture: Posture, forward_m: float) -> Posture:
    """Move a posture, with the bar, in the direction that the lifter faces."""
    out = dict(posture)
    for name in ("hip_x", "bar_x", *(f"{part}_x_{side}" for side in SIDES for part in ("foot", "hand"))):
        out[name] = posture[name] + forward_m
    return out
