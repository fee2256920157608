"""A recording that is open, and what `livecoach analyze` writes of one."""

from collections.abc import Iterable
from contextlib import ExitStack

import numpy as np

from builders.sources import FakeSource
from livecoach.core.documents import Analysis, FramesDocument, ModelDocument, SourceDocument, TimingDocument, to_json
from livecoach.core.types import Frame, Observation, SourceInfo
from livecoach.run.feed import every_frame_feed
from livecoach.run.opened_recording import Recording


def a_recording(seen: Iterable[Observation], picture: np.ndarray | None = None, estimator: object = None) -> Recording:
    """Return a recording of observations; with a picture, of that picture at their times."""
    frames = [
        Frame(index=o.index, t_s=o.t_s, picture=picture, observation=o if picture is None else None) for o in seen
    ]
    source = FakeSource(frames)
    source.info = SourceInfo(name="set1.mp4", width_px=640, height_px=480, fps=30.0, live=False)
    feed = every_frame_feed(ExitStack(), source)
    fields = {"pose": "lite", "pose_sha256": "", "identity": "", "synthetic": True}
    return Recording(feed=feed, estimator=estimator, **fields)  # type: ignore[arg-type]


def an_analysis(**changes: object) -> str:
    """Return the JSON document of a recording without reps."""
    fields: dict[str, object] = {
        "source": SourceDocument(name="a.mp4", frames=100, fps=10.0, width=64, height=48, duration_s=10.0),
        "exercise": "squat",
        "profile": None,
        "view": None,
        "reps": (),
        "partial_reps": (),
        "frames": FramesDocument(read=100, with_pose=90, dropped=0),
        "timing": TimingDocument(pose_ms_p50=None, step_ms_p50=None, step_ms_p95=None, wall_s=1.0),
        "model": ModelDocument(name="squat", version="1", sha256="2" * 64, synthetic=True, pose="lite"),
    }
    return to_json(Analysis(**{**fields, **changes}))  # type: ignore[arg-type]
