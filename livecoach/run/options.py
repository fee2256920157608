"""What a run was asked for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.capture.capture import CaptureResult
from livecoach.core.config import Settings
from livecoach.core.documents import Event
from livecoach.core.types import NO_PLAN, SetPlan, ignore
from livecoach.feedback.window import Window
from livecoach.records.session.stored import Session
from livecoach.run.end_screen import EndScreen
from livecoach.run.parts import AS_BEFORE, NOBODY_KNOWN, ChoiceRow, Lifter, PartChoice

if TYPE_CHECKING:
    from livecoach.run.phone import PhoneSession


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """On the command line or the start screen. Each run of a command has its own."""

    settings: Settings
    lifter: Lifter = NOBODY_KNOWN
    session: str = ""  # identifies the run's reps among those of all runs
    records: bool = False  # whether a session is recorded
    video: bool = False  # with a video
    sessions_in: Path | None = None
    """Folder for the session; None for among the user's sessions. Only whoever gave it is to know of it."""
    synthetic: bool = False  # nobody was filmed
    window: Window | None = None  # which all runs of a command share; None without one
    end: EndScreen | None = None  # in that window; None for a run that nobody looks at when it is over
    phone: "PhoneSession | None" = None
    silent: bool = False
    events: str | None = None  # where events go: path, `-` or None
    on_event: Callable[[Event], object] = ignore  # also called with each event
    model: Path | None = None  # folder of a model of the user's, which judges its exercise
    verbose: bool = False  # ends with frame counts and latencies
    plan: SetPlan = NO_PLAN  # comes before each lifter's own
    first: PartChoice = AS_BEFORE  # load and plan of the first set
    again: bool = False  # follows another run, and appends to its events
    by_hand: bool = False  # questions are answered by a raised hand, too
    replays: Session | None = None  # the session whose parts begin again
    lifter_of: Callable[[str], Lifter] = lambda name: Lifter(name=name)  # profile → the lifter of a part that begins
    chosen: Callable[[PartChoice], object] = ignore  # called with what the lifter has chosen, once it holds
    ask: Callable[[Iterator[CaptureResult], ChoiceRow, Sequence[str]], PartChoice | None] | None = None
    """As Controls.ask, with the feed of the run, which goes on meanwhile, and the profiles of its lifters."""
