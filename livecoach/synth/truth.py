"""What is true of a clip: its reps, and what every stretch of frames is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRep:
    """One repetition. Frames count from 0, seconds are frame / fps."""

    index: int
    """From 1."""
    fault: str
    """Token of the rep; "good" for none."""
    severity: float
    """0..1, of the model; 0 for a good rep."""
    start_frame: int
    """The lifter leaves the starting position."""
    top_frame: int
    """Lockout reached (deadlift) or deepest point (squat)."""
    end_frame: int
    """Back at the starting position."""
    start_s: float
    top_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A stretch of frames, both ends included: ready, setup, rep, stand_up, walk, turn, idle, bend, fiddle, hold."""

    kind: str
    start_frame: int
    end_frame: int
    start_s: float
    end_s: float


def phase(reps: Sequence[TrueRep], frames: int) -> np.ndarray:
    """(frames,) 0..1 through the rep that a frame belongs to, -1 outside reps."""
    out = np.full(frames, -1.0)
    for rep in reps:
        count = rep.end_frame - rep.start_frame + 1
        out[rep.start_frame : rep.end_frame + 1] = np.linspace(0, 1, count)
    return out


def with_frames_dropped(
    reps: Sequence[TrueRep], events: Sequence[Event], kept: Sequence[int]
) -> tuple[tuple[TrueRep, ...], tuple[Event, ...]]:
    """Frame numbers counted among the `kept` frames (ascending): each moves on to the next kept one. Seconds stay."""
    last = len(kept) - 1

    def among(frame: int) -> int:
        return min(int(np.searchsorted(kept, frame)), last)

    moved_reps = (
        replace(
            rep,
            start_frame=among(rep.start_frame),
            top_frame=among(rep.top_frame),
            end_frame=among(rep.end_frame),
        )
        for rep in reps
    )
    moved_events = (
        replace(event, start_frame=among(event.start_frame), end_frame=among(event.end_frame)) for event in events
    )
    return tuple(moved_reps), tuple(moved_events)


def as_json(items: Sequence[TrueRep] | Sequence[Event]) -> list[dict[str, Any]]:
    """Plain dicts in the fields' order."""
    return [asdict(item) for item in items]
