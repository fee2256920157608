"""Defines the parts of a lift of the synthetic lifter: posture, timing, faults, and movements around its reps.

A knob of 0…1 sets the strength of a fault; the effect on the measures of faults is measured
(livecoach.lab.synth.severity). Each lift is made at the end of its own module and listed in
`livecoach.lab.synth.motion.lifts.LIFTS`; no module depends on the name of a lift.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from livecoach.lab.synth.figure.body_mesh import BodyModel
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion.fault_motion import FaultVariants
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.ranges import Draws, Range
from livecoach.lab.synth.motion.rep import Form, FormBuilder, Timing

S = TypeVar("S")
PostureFunction = Callable[[BodyModel, np.ndarray, SyntheticLifter, Form], Posture]
"""Returns the posture of T frames for a body, the progress (T,), a lifter and a form.

Progress is 0 in the starting position and 1 at the turn; with a fault it may be slightly below 0 or above 1. At the
start and at the turn, the postures of both ways are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """A lift that the synthetic lifter can do, with its posture, timing, faults and styles."""

    name: str  # as in `motion` of configs/exercises
    posture: PostureFunction
    turns_low: bool = True  # whether reps turn with the weight down, in the middle of the pause
    turn: str = "deepest point"  # name of the turn in the file of the truth
    on_floor: bool = False
    """Whether the bar lies on the floor between reps, and the lifter lets go of it for other movements. Otherwise the
    bar is on the back, in the hands or at the shoulders; before and after the set it lies in a rack."""
    bent: Callable[[np.ndarray], np.ndarray] = lambda progress: progress
    """Returns the bend of the trunk, 0…1, for a progress (T,). Habits, unevenness and a rounded back grow with it."""
    timing: Callable[[np.random.Generator, SyntheticLifter, float], Timing]
    """Draws the timing of a good rep. The last argument is the position in the set, 0…1, times the lifter's drift."""
    faults: FaultVariants = field(default_factory=dict)  # empty for a lift that is judged without named faults
    before: tuple[str, ...] = ("idle", "walkin", "tie_shoe", "stretch", "shift", "bend")
    between: tuple[str, ...] = ("idle", "shift", "stretch")
    after: tuple[str, ...] = ("idle", "walkout", "bend", "tie_shoe", "stretch", "sit")
    """Movements before, between and after the reps of a set (livecoach.lab.synth.motion.tokens.OTHERS)."""
    loaded: float
    """Share of sets with a barbell; 1 if the lift needs a barbell. Other sets have dumbbells, or nothing."""
    style: type | None = None  # dataclass that is drawn as `SyntheticLifter.style`; None if lifters have no style
    own_draws: Draws = field(default_factory=dict)
    """Draws of all lifters of this lift, in place of the draws for every lift."""
    wide_draws: Draws = field(default_factory=dict)
    """Draws from wide ranges, for unusual forms of the lift, which a model that knows only usual lifters rejects."""
    wide_pace: Range = (1.0, 1.0)  # range of the factor on all durations of lifters from wide ranges
    floor_pull: Callable[[SyntheticLifter], SyntheticLifter | None] = lambda _lifter: None
    """Returns the lifter with the grip and stance in which the bar is first lifted from the floor to a higher starting
    position; None if the lifter does not take the bar from the floor in this way."""
    habits: Callable[[FormBuilder, float], None] = lambda _builder, _fps: None
    """Adds the form that good reps of this lift have, beyond the habits of every lift. The last argument is the frame
    rate."""
    typical: Callable[[SyntheticLifter], bool] = lambda _lifter: True
    """Returns whether a lifter does the lift as its name says, not a similar lift (`SetRequest.typical`)."""
    same_as: tuple[str, ...] = ()
    """Movements of tokens.OTHERS and HARD_OTHERS that look like this lift, and that no set without reps may contain."""
    under_bar: float = 0.12  # progress at which the lifter takes a held bar out of the rack and puts it back
    rack_m: float = 0.45  # distance from the rack to the place of the lift; 0 if the lifter reaches the rack from there
    lies: bool = False  # whether the lifter lies on a bench, and sits down on it first
    partial_draws: Draws = field(default_factory=dict)
    """Draws of the style of lifters who do only a part of the lift, such as a clean without a jerk."""

    @property
    def needs_bar(self) -> bool:
        """Whether the lift is impossible without a barbell."""
        return self.loaded >= 1

    def rising_frames(self, phase: np.ndarray) -> np.ndarray:
        """Return 1 for frames with a rising weight, otherwise 0, (T,), from phases as in `RepProgress`.

        For a lift that turns at the top, the frames of rest and pause are 1, too.
        """
        return (phase < 0 if self.turns_low else phase >= 0).astype(float)


def style_of(lifter: SyntheticLifter, kind: type[S]) -> S:
    """Return the style of a lifter. The style must be an instance of `kind`."""
    assert isinstance(lifter.style, kind)
    return lifter.style


def make_floor_pull(*names: str, when: Callable[[Any], bool]) -> Callable[[SyntheticLifter], SyntheticLifter | None]:
    """Return a function for `Lift.floor_pull` that returns a lifter with fields copied from the lifter's style.

    Args:
        names: Names of the fields, which describe the grip and stance of the pull from the floor.
        when: Returns whether a lifter with a style pulls from the floor; if not, the function returns None.
    """

    def floor_pull(lifter: SyntheticLifter) -> SyntheticLifter | None:
        return replace(lifter, **{name: getattr(lifter.style, name) for name in names}) if when(lifter.style) else None

    return floor_pull
