"""The state of a run besides its steps, which the picture shows."""

from dataclasses import dataclass

from livecoach.coaching.set_progress import SetProgress
from livecoach.feedback.playback_bar import Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """The state of the run, for the picture. None: not known, and not shown."""

    fps: float | None
    """Frames drawn a second."""
    latency_ms: float | None
    """Time from a frame's arrival to its drawing."""
    dropped: int
    """Frames since the start that were not processed."""
    muted: bool | None
    """None where there is no sound."""
    paused: bool
    note: str | None
    """Information that needs no action: "too slow: frames are left out"."""
    help: bool = False
    """Whether to show the keys."""
    recording: bool = False
    """Whether pictures of the lifter are being recorded."""
    playing: Playback | None = None
    """Position in the session; None where no session is replayed."""
    profile: str | None = None
    """Name of the lifter's profile."""
    load: str | None = None
    """Load of the set that is under way or comes next, as it is shown: "100 kg"."""
    progress: SetProgress | None = None
    """Where the lifter stands in the session."""
    info: bool = False
    """Whether to show figures of the run: frame rate, latency, camera angle."""
