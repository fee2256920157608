"""Defines the options of a run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.capture.capture import CaptureResult
from livecoach.core.config import Settings
from livecoach.core.documents import Event
from livecoach.core.types import NO_PLAN, SetPlan, ignore
from livecoach.feedback.window import Window
from livecoach.records.session.stored import Session
from livecoach.run.coached import CoachedRun
from livecoach.run.end_screen import EndScreen
from livecoach.run.parts import AS_BEFORE, ChoiceRow, Lifter, PartChoice

if TYPE_CHECKING:
    from livecoach.run.phone import PhoneConnection


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of a run, from the command line or the start screen. Each run of a command has its own object."""

    settings: Settings
    lifter: Lifter = field(default_factory=Lifter)
    session: str = ""  # Identity of the run, which distinguishes its reps from the reps of other runs
    records: bool = False  # Whether to record a session
    video: bool = False  # Whether to record a video in the session
    sessions_in: Path | None = None
    """Folder for the session; None for the folder of the user's sessions. No message mentions a session in another
    folder, and no profile learns from it."""
    synthetic: bool = False  # Whether the pictures are synthetic
    window: Window | None = None  # Window that all runs of a command share; None without a window
    end: EndScreen | None = None  # End screen in that window; None without a window
    phone: "PhoneConnection | None" = None  # Phone that is the camera of the run; None without a phone
    silent: bool = False  # Whether no sound is played
    events: str | None = None  # File of the events, or `-` for standard output; None to write no events
    on_event: Callable[[Event], object] = ignore  # Called with each event, too
    model: Path | None = None  # Folder of the user's own model, which judges its exercise; None without one
    verbose: bool = False  # Whether the summary ends with frame counts and latencies
    plan: SetPlan = NO_PLAN  # Takes precedence over each lifter's own plan
    first_part: PartChoice = AS_BEFORE  # Load and plan of the first set
    follows_run: bool = False  # Whether the run follows another run, and appends to its events
    by_hand: bool = False  # Whether a raised hand answers questions, too
    replays: Session | None = None  # Session that is replayed part by part; None without such a session
    lifter_of: Callable[[str], Lifter] = lambda name: Lifter(name=name)  # Returns the lifter of a profile
    on_choice: Callable[[PartChoice], object] = ignore  # Called with a choice of the lifter, once it applies
    ask: Callable[[Iterator[CaptureResult], ChoiceRow, CoachedRun], PartChoice | None] | None = None
    """Shows the start screen like Controls.ask, with the feed of the run; None without a start screen."""
