"""Runs a recording that is a file, as if live."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.cli.output import check_apart
from livecoach.coaching.set_plan import NO_PLAN, SetPlan
from livecoach.feedback.probe import start_probe

if TYPE_CHECKING:
    from livecoach.config import Settings
    from livecoach.documents import Event
    from livecoach.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReplay:
    """How a recording is run."""

    speed: float | None
    """None for every frame, as fast as possible, without window and sound."""
    events: str | None
    """File for the events, or "-" for standard output; None for none."""
    window: bool
    mirror: bool
    verbose: bool
    """As in wiring.DisplayOptions; `plan` and `again`, too."""
    synthetic: bool = False
    """Whether nobody was filmed, which a file of observations tells by itself."""
    record: bool = False
    """Whether a session with a video is recorded."""
    plan: SetPlan = NO_PLAN
    again: bool = False
    tell: "Callable[[Event], object]" = type
    """Called with each event."""


def replay_file(file: Path, settings: "Settings", profile: "Profile | None", how: FileReplay) -> None:
    """Run a recording, and again from its start where the lifter changes the exercise. Raises LivecoachError."""
    # The probe runs in a process of its own while the imports take their time.
    probe = start_probe() if how.window and how.speed is not None else None
    from livecoach.cli import wiring
    from livecoach.cli.recording import check_loss
    from livecoach.cli.run_lifter import lifter_of_profile
    from livecoach.cli.session_recording import PoseModelId, RecordingRequest
    from livecoach.profile import session_of_recording
    from livecoach.run.batch import open_recording
    from livecoach.run.feed import deferred_feed
    from livecoach.source.stored import StoredObservations

    if how.events is not None and how.events != "-":
        check_apart(Path(how.events), (file,), "--events")
    with ExitStack() as unused:
        # Opened first, so that a wrong path is reported at once.
        source = unused.enter_context(closing(open_recording(file)))
        header = source.header if isinstance(source, StoredObservations) else None
        session = session_of_recording(file, source.info.name)
        synthetic = how.synthetic or (header is not None and header.synthetic)
        other = wiring.run(
            settings,
            deferred_feed(unused, source, settings, how.speed),
            how.events,
            lifter=None if profile is None else lifter_of_profile(profile, session),
            showing=wiring.DisplayOptions(
                probe=probe,
                mirror=how.mirror,
                plan=how.plan,
                synthetic=synthetic,
                silent=how.speed is None,
                again=how.again,
                verbose=how.verbose,
            ),
            stored_pose=None if header is None else PoseModelId(name=header.pose_model, sha256=header.pose_sha256),
            recording=RecordingRequest.now(session, video=True, synthetic=synthetic) if how.record else None,
            tell=how.tell,
        )
    if other is None:
        check_loss(file, source)
    elif other.exercise is not None:
        replay_file(file, replace(settings, exercise=other.exercise), profile, replace(how, again=True))
