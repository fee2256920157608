"""A lift of the synthetic lifter, as data: its posture, timing, faults, and the movements around its reps.

A knob of 0..1 sets the strength; the effect on the measures of faults is measured (livecoach.lab.synth.severity). Each
lift is made at the end of its own module and listed in `livecoach.lab.synth.motion.lifts.LIFTS`; no module asks for its
name.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from livecoach.lab.synth.figure.body import BodyModel
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion.faults import FaultVariants
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.ranges import Draws, Range
from livecoach.lab.synth.motion.rep import Form, FormBuilder, Timing

S = TypeVar("S")
PostureFunction = Callable[[BodyModel, np.ndarray, SyntheticLifter, Form], Posture]
"""Maps body, progress (T,), lifter and form to a posture of T frames, the same on both ways at the start and at the
turn. Progress is 0 in the starting position and 1 at the turn; a fault may take it slightly below 0 or past 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    name: str  # as in `motion` of configs/exercises
    posture: PostureFunction
    turns_low: bool = True  # with the weight down; the truth's turn is the middle of the pause there
    turn: str = "deepest point"  # words of the truth file for the moment at which a rep turns
    on_floor: bool = False
    """Between reps the bar lies there, and the lifter lets go of it to do something else. Otherwise it is held on the
    back, in the hands or at the shoulders, and before and after lies in a rack or over a bench."""
    bent: Callable[[np.ndarray], np.ndarray] = lambda lift: lift
    """Maps progress (T,) to how far the trunk is bent, 0..1, with which habits, unevenness and a rounded back grow."""
    timing: Callable[[np.random.Generator, SyntheticLifter, float], Timing]
    """Of a good rep. The last argument is the position in the set, 0..1, times the lifter's drift."""
    faults: FaultVariants = field(default_factory=dict)  # empty for a lift that is judged without named faults
    before: tuple[str, ...] = ("idle", "walkin", "tie_shoe", "stretch", "shift", "bend")
    between: tuple[str, ...] = ("idle", "shift", "stretch")
    after: tuple[str, ...] = ("idle", "walkout", "bend", "tie_shoe", "stretch", "sit")
    """Movements before, between and after the reps of a set (livecoach.lab.synth.motion.tokens.OTHERS)."""
    loaded: float
    """Share of sets with a barbell; 1: none is possible without. Other sets have dumbbells, or nothing."""
    style: type | None = None  # a dataclass that is drawn for each lifter, as `SyntheticLifter.style`
    own: Draws = field(default_factory=dict)  # what the lifters of this lift have otherwise than all
    wide: Draws = field(default_factory=dict)
    """What else wide lifters have: a model that learned from usual lifters alone rejects such lifts."""
    wide_pace: Range = (1.0, 1.0)  # of wide lifters, times their durations
    taking: Callable[[SyntheticLifter], SyntheticLifter | None] = lambda _lifter: None
    """The lifter as they deadlift a bar from the floor to a starting position above it; None: nobody has to."""
    habits: Callable[[FormBuilder, float], None] = lambda _builder, _fps: None
    """What good reps of this lift have, beyond the habits of every lift. The last argument is the frame rate."""
    typical: Callable[[SyntheticLifter], bool] = lambda _lifter: True
    """Whether a lifter does what the lift's name says, and no neighbour of it (`SetRequest.typical`)."""
    same_as: tuple[str, ...] = ()
    """Movements of tokens.OTHERS and HARD_OTHERS that look like this lift: no set without reps has them."""
    under_bar: float = 0.12  # progress at which the lifter takes a held bar out of the rack and puts it back
    rack_m: float = 0.45  # from the rack to the place for a held lift; 0: the lifter reaches it without a step
    lies: bool = False  # on a bench, on which the lifter sits down first
    part: Draws = field(default_factory=dict)
    """The style of lifters who do that part of the lift which goes by its name too, such as a clean without a jerk."""

    @property
    def needs_bar(self) -> bool:
        return self.loaded >= 1

    def rising(self, part: np.ndarray) -> np.ndarray:
        """1 while the weight goes up, 0 otherwise, (T,). part: as in RepTrajectory."""
        return (part < 0 if self.turns_low else part >= 0).astype(float)


def style_of(lifter: SyntheticLifter, kind: type[S]) -> S:
    assert isinstance(lifter.style, kind)
    return lifter.style


def taking_with(*names: str, when: Callable[[Any], bool]) -> Callable[[SyntheticLifter], SyntheticLifter | None]:
    """`Lift.taking` of lifters whose style is so, with these fields of their style."""

    def taking(lifter: SyntheticLifter) -> SyntheticLifter | None:
        return replace(lifter, **{name: getattr(lifter.style, name) for name in names}) if when(lifter.style) else None

    return taking
