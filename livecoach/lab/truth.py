"""Ground truth of a set: its reps, the kind of every stretch of frames, and its file."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pydantic

from livecoach.core.config.files import read_regular, written_whole
from livecoach.core.errors import OutputError, SourceError, explained
from livecoach.core.types.bounds import printable

T = TypeVar("T")
BAD = 0.5  # true severity from which a rep is bad; one whose worst fault is smaller is neither good nor bad


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFault:
    name: str  # as in configs/faults
    way: str  # one of livecoach.lab.synth.motion.lifts.variant_names
    knob: float  # requested strength, 0..1
    severity: float | None = None
    """0..1, measured on noise-free landmarks against the lifter's own good reps; None: not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRep:
    """Frames count from 0; seconds are frame / fps."""

    index: int  # from 1
    faults: tuple[TrueFault, ...]  # empty for a good rep
    start_frame: int  # the lifter leaves the starting position
    turn_frame: int  # lockout (deadlift) or deepest point (squat)
    end_frame: int  # back at the starting position
    start_s: float
    turn_s: float
    end_s: float
    severities: dict[str, float] = field(default_factory=dict)
    """Of every fault that the rep shows, intended or not, as TrueFault.severity."""

    @property
    def fault(self) -> str:
        return "+".join(fault.name for fault in self.faults) or "good"

    @property
    def worst(self) -> tuple[str, float]:
        """Name of the fault that it shows most, and the severity; "" and 0 without any."""
        return max(self.severities.items(), key=itemgetter(1), default=("", 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEvent:
    """A stretch of frames, both ends included. `kind`: rep, ready, setup, partial, or the name of another token."""

    kind: str
    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    share: float | None = None  # of the full travel of a partial rep; None for all other kinds


def with_frames_dropped(
    reps: Sequence[TrueRep], events: Sequence[TrueEvent], kept: Sequence[int]
) -> tuple[tuple[TrueRep, ...], tuple[TrueEvent, ...]]:
    """Renumber frames after frames were lost. kept: numbers of the kept frames, ascending. A rep's lost frame is
    replaced by the next kept one; events without kept frames are dropped. Seconds do not change."""
    last = len(kept) - 1

    def among(frame: int) -> int:
        return min(int(np.searchsorted(kept, frame)), last)

    moved_reps = (
        replace(
            rep, start_frame=among(rep.start_frame), turn_frame=among(rep.turn_frame), end_frame=among(rep.end_frame)
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


def as_json(items: Sequence[TrueRep] | Sequence[TrueEvent]) -> list[dict[str, Any]]:
    """In field order; a share of None is left out."""
    plain = (asdict(item) for item in items)
    return [{name: value for name, value in item.items() if (name, value) != ("share", None)} for item in plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTruth:
    exercise: str
    view_deg: float  # signed azimuth of the camera
    reps: tuple[TrueRep, ...]
    events: tuple[TrueEvent, ...] = ()  # livecoach left them out of rendered sets with faults before 2026-11-24
    set: str = ""  # as livecoach.lab.synth.motion.tokens.parse takes them; empty in a cache of rendered sets


def read_json(path: Path, kind: type[T], lost: str, wrong: str) -> T:
    """Read a JSON file as a dataclass. Raises SourceError with what to do where it is lost, or its content wrong."""
    try:
        return pydantic.TypeAdapter(kind).validate_json(read_regular(path))
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). {lost}") from err
    except pydantic.ValidationError as err:
        first = err.errors(include_url=False)[0]
        where = printable(".".join(map(str, first["loc"])) or "content")
        raise SourceError(f"{path}: {where}: {printable(first['msg'])}. {wrong}".rstrip()) from err


def file_of(recording: Path) -> Path:
    """Return the path of the truth of a clip or of observations."""
    return recording.with_suffix(".json")


def read_truth(path: Path) -> StoredTruth:
    """path: the clip or the observations. Raises SourceError."""
    return read_json(file_of(path), StoredTruth, f"It belongs beside {path.name}.", "Make the set again.")


def write_truth(path: Path, truth: dict[str, Any]) -> None:
    what, do = f"{path}: can't be written", "Check free space and permissions."
    with explained(OutputError, what, do), written_whole(path, private=False) as part:
        part.write_text(json.dumps(truth, separators=(",", ":")) + "\n")
