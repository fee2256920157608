"""Collects the counts and durations of a run, and the times when the run was too slow to be trusted.

A run that left out many frames may have missed reps or faults. Counts and verdicts can be trusted at 15 frames a
second, and can't at 12: eight stored clips were judged again with frames left out, evenly and in gaps. The share of
frames that were left out is not a measure: leaving out half of 30 frames a second did no harm, a third of 15 did.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from livecoach.core.documents import FramesDocument
from livecoach.core.types import Observation, Rep
from livecoach.core.types.message import Message, join_texts

SLOWEST_FPS = 13
"""Lowest frame rate at which counts and verdicts are trusted: between 12, which failed, and 15, which did not."""
WINDOW_S = 1.0  # Time over which frames are counted, in seconds
JOIN_GAP_S = 2.0  # Longest gap between two slow stretches that are reported as one, in seconds. Our choice.
SUSTAINED_S = 2.5
"""Time from which a slow stretch is sustained. A single pause of up to 1.5 s, such as the first run of another network,
makes a stretch of up to 2.5 s."""
MOST_NAMED_STRETCHES = 3  # Most stretches whose times a message states. Our choice.
MOST_DURATIONS = 8192
"""Most durations of each kind that are kept: four and a half minutes at 30 frames a second, 0.3 MB. Our choice."""


@dataclass(slots=True)
class SlowStretches:
    """Collects the stretches of a run in which the computer could not keep up with the source.

    Neither a low frame rate of the source itself nor a second in which nobody was in the picture counts.
    """

    spans: list[tuple[float, float]] = field(default_factory=list)  # Start and end of each stretch so far, in seconds
    _frames: deque[tuple[float, int, bool]] = field(default_factory=deque)

    def add_frame(self, t_s: float, dropped: int, *, with_pose: bool) -> None:
        """Add the next frame of the run, and begin or extend a slow stretch if too few came in the last second."""
        self._frames.append((t_s, dropped, with_pose))
        # The frame at the edge of the window stays, so that the window spans a second even after a long gap.
        while len(self._frames) > 2 and t_s - self._frames[1][0] >= WINDOW_S:
            self._frames.popleft()
        from_s = self._frames[0][0]
        if t_s - from_s < WINDOW_S or len(self._frames) - 1 >= SLOWEST_FPS * (t_s - from_s):
            return
        (*_, has_person), *later = self._frames
        if not any(lost for _, lost, _ in later) or not (has_person or any(seen for *_, seen in later)):
            return
        if self.spans and from_s - self.spans[-1][1] <= JOIN_GAP_S:
            self.spans[-1] = self.spans[-1][0], t_s
        else:
            self.spans.append((from_s, t_s))

    def is_sustained_at(self, t_s: float) -> bool:
        """Return whether a slow stretch of more than SUSTAINED_S ended at most JOIN_GAP_S before a time."""
        begin_s, end_s = self.spans[-1] if self.spans else (0.0, -math.inf)
        return end_s - begin_s > SUSTAINED_S and t_s - end_s <= JOIN_GAP_S


def slowness_message(stretches: Sequence[tuple[float, float]], length_s: float, reps: Sequence[Rep]) -> str | None:
    """Describe when a run saw too few pictures, and what may have been missed; None without slow stretches.

    Args:
        stretches: Start and end of each slow stretch, in seconds.
        length_s: Duration of the run.
        reps: Reps of the run, from which the numbers of the sets in the stretches are found.
    """
    if not stretches:
        return None
    named = [_stretch(begin_s, end_s, reps) for begin_s, end_s in stretches[:MOST_NAMED_STRETCHES]]
    more, when = len(stretches) - len(named), join_texts(", ", *named)
    return Message(
        "too few pictures at {text}, {n} s of {time}: reps or faults may have been missed there",
        text=Message("{text} and {n} more", text=when, n=more) if more else when,
        n=f"{total_duration_s(stretches):.0f}",
        time=_clock(length_s),
    )


def total_duration_s(stretches: Sequence[tuple[float, float]]) -> float:
    """Return the total duration, in seconds, of stretches with a start and an end in seconds."""
    return sum(end_s - begin_s for begin_s, end_s in stretches)


def _stretch(begin_s: float, end_s: float, reps: Sequence[Rep]) -> str:
    """Return the time of a stretch and the sets in it, such as "0:04–0:07 (set 2)"."""
    when = Message("{name}", name=f"{_clock(begin_s)}–{_clock(end_s)}")
    sets = [(number, list(own)) for number, own in groupby(reps, lambda rep: rep.lifter_set_number)]
    within = [str(number) for number, own in sets if own[0].start_s < end_s and own[-1].end_s > begin_s]
    return Message("{text} (set {name})", text=when, name=", ".join(within)) if within else when


def _clock(t_s: float) -> str:
    minutes, seconds = divmod(round(t_s), 60)
    return f"{minutes}:{seconds:02}"


@dataclass(slots=True)
class Durations:
    """Collects the durations of one kind of work. Of more than MOST_DURATIONS, an evenly spaced sample is kept."""

    values_ms: list[float] = field(default_factory=list)
    _every: int = 1
    _added: int = 0

    def add(self, seconds: float) -> None:
        """Add a duration, in seconds. Whenever MOST_DURATIONS are exceeded, every second duration is dropped.

        From then on, the sample takes only half as many of the added durations as before.
        """
        if self._added % self._every == 0:
            self.values_ms.append(seconds * 1000)
        self._added += 1
        if len(self.values_ms) > MOST_DURATIONS:
            del self.values_ms[1::2]
            self._every *= 2

    def percentile(self, percent: float) -> float | None:
        """Return a percentile of the durations in milliseconds, rounded to 0.01; None without durations."""
        return round(float(np.percentile(self.values_ms, percent)), 2) if self.values_ms else None


@dataclass(slots=True)
class RunMetrics:
    """The counts, the durations and the slow stretches of a run."""

    frames: int = 0  # Number of frames that were processed
    with_pose: int = 0  # Number of frames with a person
    dropped: int = 0  # Number of frames that were left out between the processed frames
    lost: int = 0  # Number of frames of a damaged video that can't be read
    pose: Durations = field(default_factory=Durations)  # Times from a frame to its observation
    step: Durations = field(default_factory=Durations)  # Times from an observation to its step
    draw: Durations = field(default_factory=Durations)  # Times from a step to its display in the window
    captured_to_drawn: Durations = field(default_factory=Durations)
    """Times from the capture of a frame to its display in the window."""
    captured_to_cue: Durations = field(default_factory=Durations)
    """Times from the capture of a rep's last frame to the rep's event, which is sent after the sound of any cue."""
    slow: SlowStretches = field(default_factory=SlowStretches)
    """Stretches in which too many frames were dropped for the run to be trusted."""
    camera_gaps: list[tuple[float, float]] = field(default_factory=list)
    """For each loss of the camera, the times in seconds of the last frame before and the first frame after the loss.
    The second time is infinite while the camera is lost."""
    t_s: float = 0.0  # Time of the last frame, in seconds

    def add_observation(self, observation: Observation) -> None:
        """Add the frame of an observation (see `add_frame`)."""
        self.add_frame(observation.t_s, observation.dropped, with_pose=observation.landmarks is not None)

    def add_frame(self, t_s: float, dropped: int, *, with_pose: bool) -> None:
        """Add the next frame of the run, before which `dropped` frames were left out."""
        self.frames += 1
        self.with_pose += with_pose
        self.dropped += dropped
        self.t_s = t_s
        self.slow.add_frame(t_s, dropped, with_pose=with_pose)

    @property
    def is_camera_lost(self) -> bool:
        """Whether the camera is lost at present."""
        return bool(self.camera_gaps) and self.camera_gaps[-1][1] == math.inf

    @property
    def was_slow(self) -> bool:
        """Whether there was a slow stretch in which the camera was not lost at any time."""
        return not all(
            any(begin_s <= back_s and lost_s <= end_s for lost_s, back_s in self.camera_gaps)
            for begin_s, end_s in self.slow.spans
        )

    @property
    def frames_document(self) -> FramesDocument:
        """The counts of the frames, in the form that documents contain."""
        return FramesDocument(read=self.frames, with_pose=self.with_pose, dropped=self.dropped, lost=self.lost)
