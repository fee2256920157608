"""Events that a person makes during a run or after it: corrections of verdicts, where sets begin and end, and what is
logged of a set."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from livecoach.documents.event_base import EventBase
from livecoach.loads import MOST_KG
from livecoach.types import Correction, Label, ReferenceChange, SetLog, SetMark
from livecoach.types.bounds import Count, Seconds
from livecoach.types.set_log import LONGEST_NOTE, is_note


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionEvent(EventBase):
    """Somebody corrected the verdict on a rep. Of several corrections of one rep, the last that is not taken back
    counts."""

    event: Literal["correction"] = "correction"
    """Event type."""
    rep: Count
    """Number of the rep, as in its rep event."""
    start_s: Annotated[Seconds, Field(ge=0, description="When the rep began, in seconds. It identifies the rep.")]
    label: Label | None
    """What the rep was; null takes back the last correction of that rep."""
    fault: Annotated[
        str | None,
        Field(
            pattern="^[A-Za-z0-9_]{1,60}$",
            description="Name of the fault of a bad rep; null where none was named.",
        ),
    ] = None
    frame: Count | None = None
    """Number of the frame after which the correction came; null for a correction after the session."""
    reference: ReferenceChange | None = None
    """How the correction changed the lifter's reference; null where it did not change it."""

    def __post_init__(self) -> None:
        if self.fault is not None and self.label != "bad":
            raise ValueError("only a bad rep has a fault")

    @property
    def correction(self) -> Correction | None:
        """The correction; None where one is taken back."""
        return None if self.label is None else Correction(label=self.label, fault=self.fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMarkEvent(EventBase):
    """Somebody said that a set is over, or that the next rep begins another one."""

    event: Literal["set_mark"] = "set_mark"
    """Event type."""
    mark: SetMark
    """End: the set is over, after the rep under way. Start: the next rep begins a set, and does not continue one."""
    frame: Count
    """Number of the frame after which it was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLogEvent(EventBase):
    """Somebody logged a set: its load, how hard it was, or a note. Of several events of one set, the last one counts as
    a whole."""

    event: Literal["set_log"] = "set_log"
    """Event type."""
    set: Annotated[int, Field(ge=1, le=9999, description="Number of the set, as in the reps and the set's summary.")]
    load_kg: Annotated[
        float | None,
        Field(gt=0, le=MOST_KG, allow_inf_nan=False, description="Load in kilograms, bar included; null: not known."),
    ] = None
    rpe: Annotated[float | None, Field(ge=1, le=10, description="Rating of perceived exertion, 1…10; null: none.")] = (
        None
    )
    note: Annotated[
        str | None, Field(max_length=LONGEST_NOTE, description="The lifter's words; null where there are none.")
    ] = None
    frame: Count | None = None
    """Number of the frame after which it was logged; null for what was logged after the session."""

    def __post_init__(self) -> None:
        if self.note is not None and not is_note(self.note):
            raise ValueError("a note is one line of text")

    @property
    def log(self) -> SetLog:
        """What is logged of the set."""
        return SetLog(load_kg=self.load_kg, rpe=self.rpe, note=self.note)
