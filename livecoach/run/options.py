"""What a run was asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.core.config import Settings
from livecoach.core.documents import Event
from livecoach.core.types import Standards, ignore
from livecoach.decisions.coaching.set_progress import NO_PLAN, SetPlan
from livecoach.feedback.window import Window
from livecoach.run.lifter import NOBODY_KNOWN, Lifter
from livecoach.run.workout import Workout

if TYPE_CHECKING:
    from livecoach.run.phone import PhoneSession


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """On the command line, the start screen or the home page. Each run of a command has its own."""

    settings: Settings
    lifter: Lifter = NOBODY_KNOWN
    session: str = ""  # identifies the run's reps among those of all runs
    records: bool = False  # whether a session is recorded
    video: bool = False  # with a video
    sessions_in: Path | None = None
    """Folder for the session; None for among the user's sessions. Only whoever gave it is to know of it."""
    synthetic: bool = False  # nobody was filmed
    window: Window | None = None  # which all runs of a command share; None without one
    phone: "PhoneSession | None" = None
    silent: bool = False
    events: str | None = None  # where events go: path, `-` or None
    on_event: Callable[[Event], object] = ignore  # also called with each event
    verbose: bool = False  # ends with a table of all reps, frame counts and latencies
    plan: SetPlan = NO_PLAN  # the lifter's plan. If it has no rest, the setting applies.
    keeps_reps: bool = True  # the profile, if any, may learn from the run
    workout: Workout = field(default_factory=Workout)  # that the run is part of
    again: bool = False  # follows another run, and appends to its events
    has_start_screen: bool = False  # the lifter can go back to the start screen
    keep_standards: Callable[[Standards], object] = ignore  # called with those that the lifter chooses
