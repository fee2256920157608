"""The trace of a measured run: the times of every frame and cue, from which `bench_figures` computes figures.

Fields in `_s` without a docstring are readings of time.monotonic(), which all processes of a machine share.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Literal

import pydantic

from livecoach.types import Cue

CameraKind = Literal["clip", "stream", "phone"]
"""The demo clip paced by its own timestamps, a loopback MJPEG stream of it, or a browser whose camera shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The run that a child should make."""

    camera: CameraKind
    place: str
    """Path of the clip, URL of the stream, or file for the address that the phone is to open."""
    pose: str
    seconds: float
    """Duration in the frames' own time."""
    window: bool
    """Whether to open a window; without one, the overlay is drawn but not shown."""
    pose_threads: int | None = None
    """Threads that LiteRT runs pose on; None for the shipped setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTrace:
    """The times of one frame."""

    t_s: float
    """The frame's own time."""
    captured_s: float
    dropped: int
    """Frames before this one that were not processed."""
    pose_ms: float
    step_ms: float
    """From taking the frame to the start of drawing, without pose: decisions, submitting sound, events."""
    rep_ms: float | None
    """Duration of the whole step, with the rep's score, if the frame completed a rep."""
    draw_ms: float | None
    """Overlay, passing it to the window, and the window's painting; None if drawing was skipped."""
    drawn_s: float | None
    cpu_s: float
    """CPU time of the process after the frame, all threads together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CueTrace:
    """The times of one cue."""

    t_s: float
    """The frame's own time."""
    latency_ms: float
    """From the capture of the frame to the event."""
    event_s: float
    """When the event is about to be written."""
    drawn_s: float | None
    cue: Cue

    @property
    def rep(self) -> int | None:
        """Index of the rep that the cue is about; None for other cues."""
        return self.cue.rep


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCost:
    """The cost of recording a session, including video."""

    cpu_ms_per_frame: float
    """CPU time of the recorder's thread."""
    duration_s: float
    video_bytes: int
    video_left_out: int
    """Frames that the video lacks."""
    observations_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The trace of one run."""

    frames: tuple[FrameTrace, ...]
    cues: tuple[CueTrace, ...]
    peak_rss_mib: float | None
    """Peak memory of the process; None if the system does not report it."""
    sound_live: bool
    """Whether a device accepted sound at the end of the run."""
    recorded: RecordingCost | None
    """Cost of the recorded session; None if it could not be completed."""
    capture_ms: float | None = None
    """CPU time of reading and decoding one picture, mean; None if it was not measured."""


def to_json(value: RunRequest | Trace) -> str:
    """Return the value as one line of JSON."""
    return json.dumps(dataclasses.asdict(value))


def request_from(text: str) -> RunRequest:
    """Parse the JSON that `to_json` wrote."""
    return pydantic.TypeAdapter(RunRequest).validate_json(text)


def trace_from(text: str) -> Trace:
    """Parse the JSON that `to_json` wrote."""
    return pydantic.TypeAdapter(Trace).validate_json(text)
