"""What is true of a clip: its reps, and what every stretch of frames is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFault:
    """A fault that was put into a rep."""

    name: str
    """As in configs/faults."""
    way: str
    """How it was done, one of livecoach.synth.motion.faults.ways_of."""
    knob: float
    """0..1, what the generator was asked for."""
    severity: float | None = None
    """0..1, measured on the landmarks without noise against the lifter's own good reps; None: not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRep:
    """One repetition. Frames count from 0, seconds are frame / fps."""

    index: int
    """From 1."""
    faults: tuple[TrueFault, ...]
    """None: a good rep."""
    start_frame: int
    """The lifter leaves the starting position."""
    turn_frame: int
    """Lockout reached (deadlift) or deepest point (squat)."""
    end_frame: int
    """Back at the starting position."""
    start_s: float
    turn_s: float
    end_s: float
    severities: dict[str, float] = field(default_factory=dict)
    """Of every fault of the exercise that the rep shows, meant or not: 0..1, as TrueFault.severity."""

    @property
    def fault(self) -> str:
        """Names of the faults, joined by +; "good" for none."""
        return "+".join(fault.name for fault in self.faults) or "good"

    @property
    def knob(self) -> float:
        """Of the strongest fault; 0 for a good rep."""
        return max((fault.knob for fault in self.faults), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A stretch of frames, both ends included; `kind`: rep, ready, setup, partial, or what is no rep."""

    kind: str
    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    share: float | None = None
    """Of the usual way that a partial rep goes; None for everything else."""


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
    """Frame numbers counted among the `kept` frames (ascending): a rep's moves on to the next kept one; an
    event of which nothing was kept is left out. Seconds stay."""
    last = len(kept) - 1

    def among(frame: int) -> int:
        return min(int(np.searchsorted(kept, frame)), last)

    moved_reps = (
        replace(
            rep,
            start_frame=among(rep.start_frame),
            turn_frame=among(rep.turn_frame),
            end_frame=among(rep.end_frame),
        )
        for rep in reps
    )
    moved_events = [
        replace(
            event,
            start_frame=int(np.searchsorted(kept, event.start_frame)),
            end_frame=int(np.searchsorted(kept, event.end_frame, side="right")) - 1,
        )
        for event in events
    ]
    return tuple(moved_reps), tuple(event for event in moved_events if event.start_frame <= event.end_frame)


def as_json(items: Sequence[TrueRep] | Sequence[Event]) -> list[dict[str, Any]]:
    """Plain dicts in the fields' order; without the share where there is none."""
    plain = (asdict(item) for item in items)
    return [{name: value for name, value in item.items() if (name, value) != ("share", None)} for item in plain]
