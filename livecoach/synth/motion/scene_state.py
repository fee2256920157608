"""The state of the scene during a set: where the bar is, and how far the feet have moved."""

from collections.abc import Sequence

import numpy as np

from livecoach.synth.figure.body import SIDES, SIGN, BodyModel
from livecoach.synth.figure.posture import AWAY_Z, Posture, add, put, stand
from livecoach.synth.motion.deadlift import deadlift
from livecoach.synth.motion.lift import Lift
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.rep import plain_form
from livecoach.synth.motion.tokens import PARTIAL, PEOPLE, REP, Deviation, Token

WITH_BAR = ("idle", "shift", "hold", PARTIAL, REP)
"""Tokens that are possible with the bar on the back."""
ON_BENCH = ("foot_x", "foot_y", "foot_z", "foot_yaw", "foot_pitch", "knee_in", "knee_up")
"""Of each leg: they stay the same from sitting on a bench to lying on it."""
STEP_M = 0.16
"""That the feet move at knob 1."""


class SceneState:
    def __init__(self, body: BodyModel, lifter: SyntheticLifter, lift: Lift, bar: bool) -> None:
        self.body, self.lifter, self.lift, self.bar = body, lifter, lift, bar
        self.ready = False  # in the starting position: hands on the bar, or the bar held
        self.racked = False
        self.on_floor = lift.on_floor or (bar and lift.taking(body, lifter) is not None)
        """Whether the bar lies on the floor between reps."""
        self._feet_y = dict.fromkeys(SIDES, 0.0)

    def begin(self, tokens: Sequence[Token]) -> None:
        """A held bar starts in the rack if the first token needs free hands."""
        doing = [token.name for token in tokens if token.name not in PEOPLE]
        if not self.on_floor:
            self.racked = self.bar and bool(doing) and doing[0] not in WITH_BAR
            self.ready = not self.racked

    def hands_free(self) -> bool:
        return self.on_floor or not (self.bar and self.ready)

    def upright(self, count: int) -> Posture:
        """Between reps: hands hanging, or the starting position with a held bar."""
        lifter = self.lifter
        if not self.on_floor:
            if not self.racked:
                return self.stepped(self.held(count, 0.0))
            posture = stand(self.body, count, lifter.squat_half_stance_m, lifter.squat_toe_out_rad)
            rack = self.under_bar(1)
            put(posture, **{name: rack[name][0] for name in ("bar_x", "bar_y", "bar_z")})
            return self.stepped(posture)
        posture = stand(self.body, count, lifter.half_stance_m, lifter.toe_out_rad)
        put(posture, bar_x=lifter.bar_x_m, bar_z=lifter.bar_start_m if self.bar else AWAY_Z)
        return self.stepped(posture)

    def under_bar(self, count: int) -> Posture:
        """In which the lifter takes a held bar from the rack and puts it back."""
        return shifted_forward(self.held(count, self.lift.under_bar), self.lift.rack_m)

    def seated(self, count: int) -> Posture:
        """Where the lifter lies in the lift, hands on the thighs."""
        sitting, lying = self.upright(count), self.under_bar(count)
        for name in ("hip_x", "hip_z", *(f"{part}_{side}" for side in SIDES for part in ON_BENCH)):
            sitting[name] = lying[name]
        put(sitting, pitch=0.15, lumbar=0.15, thoracic=0.15)
        x, y, z = (sitting[f"hip_{axis}"] for axis in "xyz")
        for side in SIDES:
            put(sitting, side, hand_x=x + 0.28, hand_y=y + SIGN[side] * 0.15, hand_z=z + 0.12)
        return sitting

    def taken(self, count: int) -> Posture | None:
        """In which the lifter takes a bar from the floor that the starting position has above it."""
        taking = self.lift.taking(self.body, self.lifter) if self.bar else None
        if taking is None:
            return None
        return self.stepped(deadlift(self.body, np.zeros(count), taking, plain_form(count)))

    def held(self, count: int, lift: float) -> Posture:
        """The lift's posture at one progress, 0..1."""
        form = plain_form(count)
        form["lumbar"] += self.lifter.spine_rad * float(self.lift.bent(np.zeros(1))[0])
        form["thoracic"] += self.lifter.spine_rad * 0.6
        return self.lift.posture(self.body, np.full(count, lift), self.lifter, form, np.zeros(count, bool))

    def step(self, rng: np.random.Generator, shift: Deviation) -> None:
        """Between two reps: both feet to one side, or further apart."""
        by_m = STEP_M * shift.knob * rng.choice([-1.0, 1.0])
        for side, apart in (("L", 1.0), ("R", -1.0)):
            self._feet_y[side] += by_m if shift.way == "step" else abs(by_m) * apart

    def stepped(self, posture: Posture) -> Posture:
        for side in SIDES:
            add(posture, side, foot_y=self._feet_y[side])
        aside_m = 0.5 * (self._feet_y["L"] + self._feet_y["R"])
        add(posture, hip_y=aside_m, hand_y_L=aside_m, hand_y_R=aside_m)
        return posture


def shifted_forward(posture: Posture, forward_m: float) -> Posture:
    out = dict(posture)
    add(out, hip_x=forward_m, bar_x=forward_m)
    for side in SIDES:
        add(out, side, foot_x=forward_m, hand_x=forward_m)
    return out
