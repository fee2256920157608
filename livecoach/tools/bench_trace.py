"""What a measured run leaves behind: times of every frame and every cue, for `bench_figures` to make figures of.

All `_s` without further word are readings of time.monotonic(), which every process of a machine shares.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Literal

import pydantic

from livecoach.types import Cue

Camera = Literal["clip", "stream"]
"""The demo clip paced by its own timestamps, or a loopback MJPEG stream of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a child is to run."""

    camera: Camera
    place: str
    """Path of the clip, or URL of the stream."""
    pose: str
    seconds: float
    """Of the frames' own time."""
    window: bool
    """Open one; else the overlay is drawn and not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTrace:
    """One frame on its way."""

    t_s: float
    """The frame's own time."""
    captured_s: float
    dropped: int
    """Frames before this one that were not looked at."""
    pose_ms: float
    step_ms: float
    """From taking the frame to the begin of its drawing, without pose: decisions, sound handed over, events."""
    rep_ms: float | None
    """The whole decision, rep tensor and score in it, where the frame completed a rep."""
    draw_ms: float | None
    """Overlay, handing to the window, the window's own painting; None where drawing was skipped."""
    drawn_s: float | None
    cpu_s: float
    """CPU time of the process once the frame was done, all threads together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueTrace:
    """One cue on its way."""

    t_s: float
    """The frame's own time."""
    latency_ms: float
    """Capture of the frame to the event."""
    event_s: float
    """The event is about to be written."""
    drawn_s: float | None
    cue: Cue

    @property
    def rep(self) -> int | None:
        """That the cue is about."""
        return self.cue.rep


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What keeping a session took, video and all."""

    cpu_ms_per_frame: float
    """CPU time of the recorder's thread."""
    duration_s: float
    video_bytes: int
    video_left_out: int
    """Frames."""
    observations_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One run."""

    frames: tuple[FrameTrace, ...]
    cues: tuple[CueTrace, ...]
    peak_rss_mib: float | None
    """Of the process; None where the system does not tell."""
    sound_live: bool
    """There was a device that took sound at the end of the run."""
    recorded: Recorded | None
    """Of the session; None where it could not be ended."""


def to_json(value: Request | Trace) -> str:
    """One line."""
    return json.dumps(dataclasses.asdict(value))


def request_from(text: str) -> Request:
    """What `to_json` wrote."""
    return pydantic.TypeAdapter(Request).validate_json(text)


def trace_from(text: str) -> Trace:
    """What `to_json` wrote."""
    return pydantic.TypeAdapter(Trace).validate_json(text)
