"""Joins the movements of a set in sequence, and keeps the state of the lifter and the bar between them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body_mesh import SIDES, SIGN, BodyModel
from livecoach.lab.synth.figure.geometry import minimum_jerk, slow_noise
from livecoach.lab.synth.figure.posture import AWAY_Z, FOOT, PARAMS, Posture, standing_posture
from livecoach.lab.synth.motion.deadlift import deadlift_posture
from livecoach.lab.synth.motion.lift_motion import Lift
from livecoach.lab.synth.motion.lifter import HABIT_KNOTS, SyntheticLifter
from livecoach.lab.synth.motion.lifts import find_lift
from livecoach.lab.synth.motion.moves import SPOT, Mover, place_at
from livecoach.lab.synth.motion.ranges import Range
from livecoach.lab.synth.motion.rep import CHANNELS, Form, FormBuilder, RepProgress, plain_form
from livecoach.lab.synth.motion.tokens import PARTIAL, PEOPLE, REP, Token, TokenFault
from livecoach.lab.truth import TrueEvent, TrueRep

WITH_BAR = ("idle", "shift", "hold", PARTIAL, REP)  # Tokens that are possible with the bar on the back
STEP_M = 0.16  # Movement of the feet at knob 1


Lasting = float | Range  # A duration in seconds, or the range from which it is drawn


class Performer(NamedTuple):
    """A lifter with a body, an exercise and, in most sets, a bar (`SyntheticLifter.loaded`)."""

    body: BodyModel
    exercise: str
    lifter: SyntheticLifter

    @property
    def lift(self) -> Lift:
        """Lift of the exercise. Raises ConfigError if the exercise is unknown."""
        return find_lift(self.exercise)


SMOOTH_S = 0.1  # Standard deviation of the filter that smooths the form of a rep
WANDER_S = 0.5  # Correlation time of slow drift within a rep
WANDERING = {"thoracic": 0.02, "lumbar": 0.015, "neck": 0.05, "forward": 0.006, "early": 0.03, "twist": 0.015}
"""Standard deviation of slow drift within a rep, for an unevenness of 1."""


def _habits(builder: FormBuilder, progress: RepProgress) -> None:
    knots = np.linspace(0, 1, HABIT_KNOTS)
    near = np.exp(-(((builder.lift[None] - knots[:, None]) / (knots[1] - knots[0])) ** 2))
    out = np.arange(len(builder.lift)) <= progress.turn
    upright = 1 - builder.low
    for name, (away, back) in builder.lifter.habits.items():
        own = np.where(out, away @ near, back @ near)
        builder.add(**{name: own * (1 - 0.7 * upright**3)})  # upright postures hardly differ between lifters


def _uneven(builder: FormBuilder, fps: float, tired: float) -> None:
    """Add random variation between reps; the last reps of a set are slightly worse."""
    lifter, bent, middle, rng = builder.lifter, builder.bent, builder.middle, builder.rng

    def by(standard_deviation: float) -> float:
        return standard_deviation * lifter.unevenness * float(rng.normal())

    builder.add(
        lumbar=(lifter.spine_rad + by(0.035) + 0.02 * tired) * bent,
        thoracic=(lifter.spine_rad + by(0.04) + 0.03 * tired) * (0.4 + 0.6 * bent),
        neck=by(0.09) * (0.5 + 0.5 * bent),
        twist=by(0.02) * bent,
        forward=by(0.010) * (0.3 + middle),
        early=np.clip(by(0.10) + 0.05 * tired, -0.2, 0.25) * builder.bump(0.22, 0.2),
        tilt=by(0.010) * middle,
        shift=by(0.008) * bent,
        knee_in_L=by(0.04) * bent,
        knee_in_R=by(0.04) * bent,
        unlock=lifter.lockout_rad * (1 - bent),
        thigh=by(np.radians(2.2)) - np.radians(0.8) * tired,
        shin=by(np.radians(1.0)),
    )
    for name, amount in WANDERING.items():
        sway = slow_noise(rng, len(bent), fps, WANDER_S, amount * lifter.unevenness)
        builder.add(**{name: sway * (0.4 + 0.6 * bent)})


SWAY = (
    ("hip_x", 0.004, 0.5),
    ("hip_y", 0.004, 0.6),
    ("yaw", 0.012, 0.8),
    ("head_yaw", 0.05, 0.8),
    ("neck", 0.025, 0.5),
    ("roll", 0.006, 0.6),
)
"""Parameter, standard deviation (m or radians), and correlation time in seconds: nobody stands perfectly still."""
SETTLES = 3.0
"""At the end of the rest before a rep, the share exp(-SETTLES) is left of the way to the starting position."""
SETTLING_S = (0.1, 0.3)  # Smallest and largest time constant of this settling
STEP_UP_M = 0.05  # Height of the feet during a turn on the spot
TURN_RAD_S = 2.2  # Speed of a turn on the spot
SEAM_S = 0.035  # Standard deviation of the filter that smooths the joins between parts


class MotionSequence(Mover):
    """A sequence of movements for a set. Each movement begins where the previous movement ended."""

    def __init__(self, performer: Performer, rng: np.random.Generator, fps: float, view_deg: float) -> None:
        """Start an empty sequence; the lifter enters from a place that the azimuth of the camera determines."""
        super().__init__(performer.body, rng, float(fps))
        self.lifter, self.lift, self.view_rad = performer.lifter, performer.lift, np.radians(view_deg)
        self.bar = performer.lifter.loaded
        self.ready = False  # Whether the lifter is in the starting position, with the hands on the bar
        self.racked = False  # Whether the bar lies in the rack
        self.on_floor = self.lift.on_floor or (self.bar and self.lift.floor_pull(self.lifter) is not None)
        """Whether the bar, when nobody holds it, lies on the floor; otherwise it lies in a rack."""
        self._feet_y = dict.fromkeys(SIDES, 0.0)
        self.parts: list[Posture] = []
        self.reps: list[TrueRep] = []
        self.events: list[TrueEvent] = []
        self.count = 0  # Number of frames so far
        self.done = 0  # Number of reps so far, including partial and failed reps
        self.left = 0.0  # Share of the travel at which the last rep ended; 0 after another movement

    def begin(self, tokens: Sequence[Token]) -> None:
        """Set the state at the start of a set: a held bar is in the rack unless the first movement is in WITH_BAR."""
        doing = [token.name for token in tokens if token.name not in PEOPLE]
        if not self.on_floor:
            self.racked = self.bar and bool(doing) and doing[0] not in WITH_BAR
            self.ready = not self.racked

    def can_free_hands(self) -> bool:
        """Return whether the hands can be freed without a rack: no bar is held, or the bar can lie on the floor."""
        return self.on_floor or not (self.bar and self.ready)

    def rest_posture(self, count: int) -> Posture:
        """Return the posture between reps: standing if the bar is on the floor or in a rack, or else ready to lift."""
        lifter = self.lifter
        if self.on_floor:
            posture = standing_posture(self.body, count, lifter.half_stance_m, lifter.toe_out_rad)
            posture.put(bar_x=lifter.bar_x_m, bar_z=lifter.bar_start_m if self.bar else AWAY_Z)
        elif self.racked:
            posture = standing_posture(self.body, count, lifter.squat_half_stance_m, lifter.squat_toe_out_rad)
            rack = self.under_bar_posture(1)
            posture.put(**{name: rack[name][0] for name in ("bar_x", "bar_y", "bar_z")})
        else:
            posture = self.held_posture(count, 0.0)
        return self.apply_foot_shifts(posture)

    def under_bar_posture(self, count: int) -> Posture:
        """Return the posture in which the lifter takes a held bar from the rack and puts it back."""
        return self.held_posture(count, self.lift.under_bar).shifted_forward(self.lift.rack_m)

    def seated_posture(self, count: int) -> Posture:
        """Return the posture of a lifter who sits on the bench of the lift, with the hands on the thighs."""
        sitting, lying = self.rest_posture(count), self.under_bar_posture(count)
        for name in ("hip_x", "hip_z", *(f"{part}_{side}" for side in SIDES for part in FOOT)):
            sitting[name] = lying[name]
        sitting.put(pitch=0.15, lumbar=0.15, thoracic=0.15)
        x, y, z = (sitting[f"hip_{axis}"] for axis in "xyz")
        for side in SIDES:
            sitting.put(side, hand_x=x + 0.28, hand_y=y + SIGN[side] * 0.15, hand_z=z + 0.12)
        return sitting

    def over_bar_posture(self, count: int) -> Posture | None:
        """Return the posture to grip a bar on the floor and lift it to a higher start; None if the lifter does not."""
        taking = self.lift.floor_pull(self.lifter) if self.bar else None
        if taking is None:
            return None
        return self.apply_foot_shifts(deadlift_posture(self.body, np.zeros(count), taking, plain_form(count)))

    def held_posture(self, count: int, progress: float) -> Posture:
        """Return the posture of the lift at a progress, 0 start, 1 turn, held for `count` frames."""
        form = plain_form(count)
        form["lumbar"] += self.lifter.spine_rad * float(self.lift.bent(np.zeros(1))[0])
        form["thoracic"] += self.lifter.spine_rad * 0.6
        return self.lift.posture(self.body, np.full(count, progress), self.lifter, form)

    def shift_feet(self, shift: TokenFault) -> None:
        """Shift the feet by `shift.knob` times STEP_M in later postures: to a random side for "step", else apart."""
        by_m = STEP_M * shift.knob * self.rng.choice([-1.0, 1.0])
        for side, apart in (("L", 1.0), ("R", -1.0)):
            self._feet_y[side] += by_m if shift.way == "step" else abs(by_m) * apart

    def apply_foot_shifts(self, posture: Posture) -> Posture:
        """Move the feet of a posture by all shifts so far, in place, and return the posture; hips and hands follow."""
        for side in SIDES:
            posture.add(side, foot_y=self._feet_y[side])
        aside_m = 0.5 * (self._feet_y["L"] + self._feet_y["R"])
        posture.add(hip_y=aside_m, hand_y_L=aside_m, hand_y_R=aside_m)
        return posture

    def count_frames(self, seconds: Lasting) -> int:
        """Return the number of frames, at least 2, in a duration. If `seconds` is a range, the duration is drawn."""
        lasts_s = self.rng.uniform(*seconds) if isinstance(seconds, tuple) else seconds
        return max(2, round(lasts_s * self.fps))

    def starting_posture(self, count: int) -> Posture:
        """Return the posture of the starting position, for `count` frames, with all shifts of the feet so far."""
        return self.apply_foot_shifts(self.held_posture(count, 0.0))

    def add(self, posture: Posture, kind: str, share: float | None = None) -> None:
        """Append a posture unchanged, and record an event of the kind `kind` over its frames.

        Args:
            share: Share of the travel of a partial rep; None for another movement.
        """
        start, end = self.count, self.count + posture.count - 1
        self.parts.append(posture)
        seconds = {"start_s": self.seconds_at(start), "end_s": self.seconds_at(end)}
        self.events.append(TrueEvent(kind=kind, start_frame=start, end_frame=end, share=share, **seconds))
        self.count = end + 1

    def blend_to(self, posture: Posture, seconds: Lasting, kind: str) -> None:
        """Append a posture after a transition that lasts `seconds`; there is no transition at the start of a set."""
        count = self.count_frames(seconds)
        if self.parts:
            last, weight = self.parts[-1], minimum_jerk((np.arange(count) + 1) / (count + 1))
            way = {name: (1 - weight) * last[name][-1] + weight * posture[name][0] for name in PARAMS}
            self.add(Posture(way), kind)
        self.add(posture, kind)

    def add_rep(
        self, progress: RepProgress, faults: Sequence[TokenFault], tired: float, kind: str, share: float | None = None
    ) -> None:
        """Append a rep, or another movement of the lift, which begins smoothly where the previous part ended.

        Args:
            tired: Fatigue: the rep's position in the set, 0…1, times the lifter's drift.
            kind: Kind of the event, such as "rep", "partial" or "failed_pull".
            share: Share of the travel of a partial rep; None for another movement.
        """
        form = self._form(progress, faults, tired)
        posture = self.apply_foot_shifts(self.lift.posture(self.body, progress.lift, self.lifter, form))
        self.done += 1
        if self.parts:
            settled_s = np.clip(progress.rest / self.fps / SETTLES, *SETTLING_S)
            weight = np.exp(-np.arange(posture.count) / (settled_s * self.fps))
            for name in PARAMS:
                posture[name] = posture[name] + weight * (self.parts[-1][name][-1] - posture[name][0])
        self.add(posture, kind, share)

    def _form(self, progress: RepProgress, faults: Sequence[TokenFault], tired: float) -> Form:
        lift, lifter = np.clip(progress.lift, 0, 1), self.lifter
        builder = FormBuilder(
            lifter=lifter,
            form=plain_form(len(lift)),
            lift=lift,
            low=self.lift.bent(lift),
            rising=self.lift.rising_frames(progress.phase),
            rng=self.rng,
            number=self.done,
            side=1.0 if lifter.tilt_rad > 0 else -1.0,
        )
        _habits(builder, progress)
        _uneven(builder, self.fps, tired)
        self.lift.habits(builder, self.fps)
        for fault in faults:
            self.lift.faults[fault.name][fault.way].add_to_form(builder, fault.knob)
        channels = np.stack([builder.form[name] for name in CHANNELS])
        smooth = gaussian_filter1d(channels, SMOOTH_S * self.fps, axis=1, mode="nearest")
        return dict(zip(CHANNELS, smooth, strict=True)) | {"back": progress.is_after_turn * 1.0}

    def hold(self, seconds: float, kind: str) -> None:
        """Append the posture of the last frame, held for a duration. Raises ConfigError if there is no frame yet."""
        if not self.parts:
            raise ConfigError("item 'hold': nothing to hold at the start of a set. Put it after another item")
        count = self.count_frames(seconds)
        self.add(self.parts[-1].at_frames(np.full(count, -1)), kind)

    def seconds_at(self, frame: int) -> float:
        """Return the time of a frame in seconds from the start of the set."""
        return round(frame / self.fps, 4)

    def join_postures(self) -> Posture:
        """Join the postures of all parts smoothly, and return the result with the random sway of a living body."""
        whole = np.stack([np.concatenate([part[name] for part in self.parts]) for name in PARAMS])
        rows = gaussian_filter1d(whole, SEAM_S * self.fps, axis=1, mode="nearest")
        posture = Posture(zip(PARAMS, rows, strict=True))
        for name, amount, seconds in SWAY:
            posture[name] = posture[name] + slow_noise(
                self.rng, self.count, self.fps, seconds, self.lifter.sway * amount
            )
        return posture

    def posture_between_reps(self, seconds: Lasting) -> Posture:
        """Return the posture between reps, as `rest_posture` does, for a duration instead of a number of frames."""
        return self.rest_posture(self.count_frames(seconds))

    def walking_posture_with_still_bar(self, start: np.ndarray, goal: np.ndarray) -> Posture:
        """Return the posture of a walk between two places, (2,) each, in metres, while the bar stays in its place."""
        walking, standing = self.walking_posture(start, goal), self.rest_posture(1)
        walking.put_bar_of(standing)
        return walking

    def turn_on_spot(self, place: np.ndarray, start_rad: float, goal_rad: float, kind: str) -> None:
        """Append a turn of the lifter on the spot.

        Args:
            place: (2,) place of the lifter on the floor, in metres.
            start_rad: Direction that the lifter faces before the turn; 0 is along x.
            goal_rad: Direction that the lifter faces after the turn.
        """
        angle = goal_rad - start_rad
        count = self.count_frames(0.35 + abs(angle) / TURN_RAD_S)
        share = minimum_jerk((np.arange(count) + 1) / count)
        turning = place_at(self.rest_posture(count), place, start_rad + angle * share)
        steps = max(2, round(abs(angle) / 0.6))
        for side in SIDES:
            lifted = np.maximum(SIGN[side] * np.sin(np.pi * steps * share), 0)
            turning.add(side, foot_z=STEP_UP_M * lifted)
        self.blend_to(turning, 0.3, kind)

    @contextmanager
    def facing(self, yaw_rad: float, kind: str = "turn") -> Iterator[None]:
        """Turn the lifter on the spot before the `with` block, and back afterwards; no turns if `yaw_rad` is 0."""
        if yaw_rad:
            self.turn_on_spot(SPOT, 0.0, yaw_rad, kind)
        yield
        if yaw_rad:
            self.turn_on_spot(SPOT, yaw_rad, 0.0, kind)
