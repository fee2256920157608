"""A recording, open, with what looks at its frames: what analyze and calibrate begin with."""

from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from livecoach import codec
from livecoach.analysis import open_recording
from livecoach.pose import PoseEstimator
from livecoach.pose.blazepose import BlazePose
from livecoach.profile import session_of_recording
from livecoach.source import Source
from livecoach.source.stored import StoredObservations
from livecoach.types import SourceInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A video, or stored observations."""

    source: Source
    estimator: PoseEstimator | None
    """None for stored observations."""
    pose: str
    """Name of the pose model; of stored observations the one that made them."""
    session: str
    """Tells its reps from those of other recordings."""


def opened_recording(stack: ExitStack, path: Path, pose: str) -> Recording:
    """A recording that `stack` closes. pose: model for videos. Raises SourceError or ModelError."""
    source = stack.enter_context(closing(open_recording(path)))
    session = session_of_recording(path, source.info.name)
    if isinstance(source, StoredObservations):
        return Recording(source=source, estimator=None, pose=source.header.pose_model, session=session)
    estimator = stack.enter_context(closing(BlazePose(pose)))
    return Recording(source=source, estimator=estimator, pose=estimator.name, session=session)


def header_of(info: SourceInfo, estimator: PoseEstimator) -> codec.Header:
    """Of the file that keeps what an estimator sees in a video."""
    return codec.Header(
        name=info.name,
        width_px=info.width_px,
        height_px=info.height_px,
        fps=info.fps,
        pose_model=estimator.name,
        pose_sha256=estimator.sha256,
        synthetic=False,
    )
