"""A clip's movement, token by token: pose parameters a frame, with the truth of each rep."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.errors import ConfigError
from livecoach.synth.curves import wander
from livecoach.synth.figure.body import SIDES, Body
from livecoach.synth.figure.posture import AWAY_Z, BAR, PARAMS, Posture, blend, freeze, join, length, stand
from livecoach.synth.motion import moves
from livecoach.synth.motion.lifter import Lifter
from livecoach.synth.motion.lifts import LIFTS, plain_form
from livecoach.synth.motion.rep import rep_curve, rep_form
from livecoach.synth.motion.tokens import EXERCISES, REPS, Token, severity
from livecoach.synth.truth import Event, TrueRep

SWAY = (
    ("hip_x", 0.004, 0.5),
    ("hip_y", 0.004, 0.6),
    ("yaw", 0.012, 0.8),
    ("head_yaw", 0.05, 0.8),
    ("neck", 0.025, 0.5),
    ("roll", 0.006, 0.6),
)
"""Parameter, standard deviation (m or radians), seconds over which it is correlated: nobody stands quite still."""
SPOT = np.array([-0.02, 0.0])
"""Where the lifter stands, m."""
OFF_FLOOR = 0.03
"""Share of the lift at which a rep has started."""


class Movement(NamedTuple):
    """What a programme made."""

    posture: Posture
    reps: tuple[TrueRep, ...]
    events: tuple[Event, ...]


class Programme:
    """Plays tokens one after the other; each begins where the last one ended."""

    def __init__(
        self,
        body: Body,
        exercise: str,
        fps: float,
        rng: np.random.Generator,
        lifter: Lifter,
        view_deg: float,
        bar: bool = True,
    ) -> None:
        """view_deg: the camera's azimuth, which says where the lifter comes from."""
        if exercise not in EXERCISES:
            raise ConfigError(
                f"exercise {exercise!r}: unknown to the synthetic lifter. It does: {', '.join(EXERCISES)}"
            )
        self.body, self.exercise, self.fps, self.rng = body, exercise, float(fps), rng
        self.lifter, self.view_rad, self.bar = lifter, np.radians(view_deg), bar
        self.bar_on_back = exercise == "squat" and bar
        self.parts: list[Posture] = []
        self.reps: list[TrueRep] = []
        self.events: list[Event] = []
        self.count = 0
        self.gripped = False

    def run(self, tokens: Iterable[Token]) -> Movement:
        """Play the tokens."""
        for token in tokens:
            self._play(token)
        return Movement(self._finished(), tuple(self.reps), tuple(self.events))

    def _play(self, token: Token) -> None:
        if token.name in REPS:
            self._rep(token)
        elif token.name == "hold":
            self._hold(1.0 if token.value is None else token.value)
        else:
            self._release()
            self._other(token)

    def _other(self, token: Token) -> None:
        """Everything that is no rep. With the bar on the back the lifter can only idle."""
        if token.name == "idle":
            self._idle(2.0 if token.value is None else token.value)
        elif self.bar_on_back or (self.exercise == "squat" and token.name == "fiddle"):
            self._idle(1.5)
        else:
            play = {"walkin": self._walk_in, "walkout": self._walk_out, "bend": self._bend, "fiddle": self._fiddle}
            play[token.name]()

    def _frames(self, seconds: float) -> int:
        return max(2, round(seconds * self.fps))

    def _upright(self, count: int) -> Posture:
        """Standing between reps: hands hanging, or as a squat stands."""
        if self.exercise == "squat":
            return self._still(count)
        posture = stand(self.body, count, self.lifter.half_stance_m, self.lifter.toe_out_rad)
        posture["bar_x"] = np.full(count, self.lifter.bar_x_m)
        if not self.bar:
            posture["bar_z"] = np.full(count, AWAY_Z)
        return posture

    def _still(self, count: int) -> Posture:
        """The lift's own starting position."""
        form = plain_form(count)
        form["lumbar"] += self.lifter.spine_rad if self.exercise == "deadlift" else 0.0
        form["thoracic"] += self.lifter.spine_rad * 0.6
        return LIFTS[self.exercise](self.body, np.zeros(count), self.lifter, form)

    def _add(self, posture: Posture, kind: str) -> None:
        start, end = self.count, self.count + length(posture) - 1
        self.parts.append(posture)
        self.events.append(
            Event(
                kind=kind,
                start_frame=start,
                end_frame=end,
                start_s=self._seconds(start),
                end_s=self._seconds(end),
            )
        )
        self.count = end + 1

    def _seconds(self, frame: int) -> float:
        return round(frame / self.fps, 4)

    def _go(self, posture: Posture, seconds: float, kind: str) -> None:
        """Blend to the first frame of `posture`, then play it."""
        if self.parts:
            self._add(blend(self.parts[-1], posture, self._frames(seconds)), kind)
        self._add(posture, kind)

    def _hold(self, seconds: float) -> None:
        if not self.parts:
            raise ConfigError("token 'hold': nothing to hold at the start of a set. Put it after another token")
        self._add(freeze(self.parts[-1], self._frames(seconds)), "hold")

    def _release(self) -> None:
        if self.gripped:
            self.gripped = False
            self._go(self._upright(self._frames(0.2)), self.rng.uniform(0.8, 1.3), "stand_up")

    def _grip(self) -> None:
        if self.gripped:
            return
        ready = self._still(self._frames(self.rng.uniform(0.25, 0.8)))
        if self.parts:
            self._go(ready, self.rng.uniform(0.9, 1.6), "setup")
        else:
            self._add(ready, "ready")
        self.gripped = True

    def _rep(self, token: Token) -> None:
        if self.exercise == "deadlift":
            self._grip()
        elif not self.parts:
            self._add(self._upright(self._frames(self.rng.uniform(0.4, 1.0))), "ready")
        q = severity(token)
        curve = rep_curve(self.rng, self.fps, self.lifter, self.exercise, token.name, q)
        form = rep_form(self.rng, self.fps, self.lifter, self.exercise, curve, token.name, q)
        posture = LIFTS[self.exercise](self.body, curve.lift, self.lifter, form)
        if self.parts:
            self._ease_in(posture)
        self._note(token.name, q, curve.lift, curve.turn)
        self._add(posture, "rep")

    def _ease_in(self, posture: Posture) -> None:
        """Begin where the last part ended."""
        last = self.parts[-1]
        weight = np.exp(-np.arange(length(posture)) / (0.25 * self.fps))
        for name in PARAMS:
            posture[name] = posture[name] + weight * (last[name][-1] - posture[name][0])

    def _note(self, fault: str, q: float, lift: np.ndarray, turn: int) -> None:
        moving = np.flatnonzero(lift > OFF_FLOOR * lift.max())
        start, top = int(self.count + moving[0]), int(self.count + turn)
        end = int(self.count + min(moving[-1] + 1, len(lift) - 1))
        self.reps.append(
            TrueRep(
                index=len(self.reps) + 1,
                fault=fault,
                severity=round(q, 3),
                start_frame=start,
                top_frame=top,
                end_frame=end,
                start_s=self._seconds(start),
                top_s=self._seconds(top),
                end_s=self._seconds(end),
            )
        )

    def _idle(self, seconds: float) -> None:
        posture = self._upright(self._frames(seconds))
        moves.fidget(posture, self.body, self.rng, self.fps, hands_free=not self.bar_on_back)
        self._go(posture, 0.4, "idle")

    def _bend(self) -> None:
        self._go(self._upright(2), 0.4, "idle")
        side = SIDES[self.rng.integers(2)]
        posture = self._upright(self._frames(self.rng.uniform(0.3, 0.9)))
        moves.reach_down(posture, self.rng, side)
        self._go(posture, self.rng.uniform(0.7, 1.2), "bend")
        self._go(self._upright(self._frames(0.4)), self.rng.uniform(0.7, 1.2), "bend")

    def _fiddle(self) -> None:
        self._go(self._still(self._frames(self.rng.uniform(0.4, 1.2))), self.rng.uniform(0.9, 1.4), "fiddle")
        self._go(self._upright(self._frames(0.3)), self.rng.uniform(0.8, 1.2), "fiddle")

    def _door(self) -> np.ndarray:
        """(2,) m: a place out of the picture that can be walked to without crossing the bar."""
        away = np.array([np.cos(self.view_rad), np.sin(self.view_rad)])
        across = np.array([-np.sin(self.view_rad), np.cos(self.view_rad)])
        by_camera = not self.bar and self.rng.random() < 0.6
        across = across * self.rng.choice([-1, 1])
        if by_camera:
            return 2.2 * away + 1.1 * across
        return 2.6 * (-across if across[0] > 0 else across) + np.array([-0.5, 0])

    def _walk_in(self) -> None:
        walking = self._walk(self._door(), SPOT)
        self._go(walking, 0.6, "walk")
        self._go(self._upright(self._frames(0.3)), 0.3 + 0.45 * abs(walking["yaw"][-1]), "turn")

    def _walk_out(self) -> None:
        walking = self._walk(SPOT, self._door())
        self._go(walking, 0.3 + 0.45 * abs(walking["yaw"][0]), "walk")

    def _walk(self, start: np.ndarray, goal: np.ndarray) -> Posture:
        walking, upright = moves.walk(self.body, self.rng, self.fps, start, goal), self._upright(1)
        for name in BAR:
            walking[name] = np.full(length(walking), upright[name][0])
        return walking

    def _finished(self) -> Posture:
        """All parts, low-passed where they meet, with the sway of a living body."""
        posture = join(self.parts)
        for name in PARAMS:
            if name != "bar_y":
                posture[name] = gaussian_filter1d(posture[name], 0.035 * self.fps, mode="nearest")
        for name, amount, seconds in SWAY:
            posture[name] = posture[name] + wander(self.rng, self.count, self.fps, seconds, self.lifter.sway * amount)
        return posture
