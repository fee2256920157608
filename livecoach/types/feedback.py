"""What the lifter is told, and all that was learned from one observation."""

from dataclasses import dataclass
from typing import Literal

from livecoach.types.observation import Observation, StageReading, View
from livecoach.types.reps import Correction, PartialRep, Rep, RepWindow, SpeedUnit

NoticeKind = Literal["no_person", "two_people", "out_of_frame", "too_dark", "camera_lost", "slow", "other_exercise"]
HintKind = Literal["step_back", "come_closer", "move_aside", "turn"]
ReferenceChange = Literal["entered", "left"]
CueKind = Literal["good_rep", "anomalous_rep", "unjudged_rep", "fixed", "ready", "learned", "set_over", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How far the lifter is known, for this exercise and view."""

    have: int
    """Reps that are known to be good ones so far."""
    wanted: int
    """Reps from which on the reference is settled."""

    @property
    def known(self) -> bool:
        """The reference is settled."""
        return self.have >= self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What to change before the set begins; one thing at a time."""

    kind: HintKind
    """What it is about."""
    text: str
    """For the picture, a few words."""
    done: bool
    """It has just been put right: shown with a tick, for a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSummary:
    """A set that is over."""

    index: int
    """Of the set, from 1."""
    reps: int
    """Completed ones."""
    good: int
    """Of them."""
    anomalous: int
    """Of them: unlike good ones, or with a fault."""
    unsure: int
    """Of them: counted and not judged."""
    fault: str | None
    """Name of the fault that most of the reps are told for; None where there was none."""
    fault_cue: str | None
    """What is said of it."""
    fault_reps: int
    """In how many reps it was found."""
    eccentric_s: float | None
    """Way down, median over the reps, as the next ones; None where it is not known of any."""
    pause_s: float | None
    """At the turn."""
    concentric_s: float | None
    """Way up."""
    speed: float | None
    """Mean speed of the way up, in `speed_unit`."""
    speed_unit: SpeedUnit | None
    """m/s where the lifter's height is known, else lengths of the standing torso a second."""
    velocity_loss: float | None
    """Of the last rep against the fastest, 0…1."""
    best: int | None
    """Number of the rep that is most like the lifter's own good ones, by the score; None where none was judged."""
    slowest: int | None
    """Number of the rep with the lowest speed upwards."""
    notes: tuple[str, ...] = ()
    """What else is worth saying, a line each: a fault in a rep that was learned from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A warning that begins or ends."""

    kind: NoticeKind
    active: bool
    text: str
    """What to do about it, for the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """What the lifter is told: shown and said."""

    kind: CueKind
    text: str
    """Large type in the picture: a number, a correction, a hint."""
    rep: int | None
    """Rep that it is about."""
    say: str | None
    """Key of the phrase to speak (a number for a count); None for a sound alone."""
    why: str | None = None
    """Of a correction: what it was against what it should be, in small type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A rep of which somebody has said what it was, and what that did."""

    rep: Rep
    """With what is said of it now; its correction is None where all was taken back."""
    set: int
    """Number of its set."""
    number: int
    """In its set, as it was counted aloud."""
    before: Correction | None
    """What was said of it before."""
    taken_back: bool = False
    """What was said before is taken back; what was said before that counts again."""
    reference: ReferenceChange | None = None
    """What the rep did with the lifter's reference."""
    widened: bool = False
    """The limits are wider from now on."""

    @property
    def changed(self) -> bool:
        """It was not said already."""
        return self.before != self.rep.correction


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedRep:
    """A rep with its verdict, and what that stands on."""

    rep: Rep
    window: RepWindow | None
    """What was seen of it; None where the view is not known."""
    against: tuple[RepWindow, ...]
    """The lifter's own good reps that it was judged against; none where it was judged against everybody's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """All that was learned from one observation."""

    observation: Observation
    stage: StageReading | None
    """None while nobody is seen."""
    view: View | None
    """None until the lifter has stood still once."""
    progress: float | None
    """0…1 through the range of motion while a rep is under way, else None."""
    count: int
    """Reps completed so far."""
    rep: Rep | None
    """A rep that was completed with this observation."""
    partial: PartialRep | None
    """A rep that was given up with this observation."""
    cue: Cue | None
    notices: tuple[Notice, ...]
    """Warnings that begin or end with this observation."""
    warning: str | None
    """Text of the warning that is on now."""
    looks_like: str | None = None
    """Name of the exercise that the latest reps look like, where it is another one than was asked for."""
    in_set: bool = False
    """A set is under way."""
    hint: Hint | None = None
    """What to change before the set; None while one is under way, and where all is right."""
    learning: Learning | None = None
    """None while that is not known: the view is not, or nothing is to be learned."""
    summary: SetSummary | None = None
    """Of the last set, from its end until the next one begins."""
    window: RepWindow | None = None
    """What was seen of `rep`, or of `partial`; None where neither was completed, or the view is not known."""
    learned: tuple[RepWindow, ...] = ()
    """Reps that were taken into the lifter's reference with this observation."""
    against: tuple[RepWindow, ...] = ()
    """The lifter's own good reps that `rep` was judged against; none where it was judged against everybody's."""
    corrected: Corrected | None = None
    """What somebody said of a rep after this observation."""
    forgotten: tuple[RepWindow, ...] = ()
    """Reps that have left the lifter's reference with that."""
    earlier: tuple[JudgedRep, ...] = ()
    """Reps before `rep` that count only now that it has come, in order."""

    @property
    def judged(self) -> tuple[JudgedRep, ...]:
        """All reps that were told with this observation, in order."""
        if self.rep is None:
            return self.earlier
        return (*self.earlier, JudgedRep(rep=self.rep, window=self.window, against=self.against))
