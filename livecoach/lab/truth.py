"""Holds the ground truth of a set: its reps, the kind of every stretch of frames, and its file."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pydantic

from livecoach.core.config.files import read_regular, write_atomically
from livecoach.core.errors import OutputError, SourceError, explain_os_errors
from livecoach.core.types.bounds import to_printable

T = TypeVar("T")
BAD = 0.5  # True severity from which a rep is bad; a rep with smaller faults is neither good nor bad


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFault:
    """An intended fault of a synthetic rep."""

    name: str  # Name in configs/faults
    way: str  # Variant, as in livecoach.lab.synth.motion.lifts.variant_names
    knob: float  # Requested strength, 0…1
    severity: float | None = None
    """Severity 0…1, measured on noise-free landmarks against the lifter's good reps; None if it was not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRep:
    """A rep of the ground truth. Frames count from 0; times are from the start of the set."""

    index: int  # Number of the rep, from 1
    faults: tuple[TrueFault, ...]  # Intended faults; empty for a good rep
    start_frame: int  # Frame in which the lifter leaves the starting position
    turn_frame: int  # Frame of lockout (deadlift) or of the deepest point (squat)
    end_frame: int  # Frame in which the lifter is back in the starting position
    start_s: float
    turn_s: float
    end_s: float
    severities: dict[str, float] = field(default_factory=dict)
    """Name → severity of every fault that the rep shows, intended or not, as in TrueFault."""

    @property
    def label(self) -> str:
        """Names of the intended faults, joined by +; "good" without a fault."""
        return "+".join(fault.name for fault in self.faults) or "good"

    @property
    def worst_fault(self) -> tuple[str, float]:
        """Name and true severity of the worst fault of the rep; "" and 0 if `severities` is empty."""
        return max(self.severities.items(), key=itemgetter(1), default=("", 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEvent:
    """An event of the ground truth: a stretch of frames with one kind of movement, both ends included."""

    kind: str  # "rep", "ready", "partial", the name of another token, or a movement in between such as "walk"
    start_frame: int
    end_frame: int
    start_s: float
    end_s: float
    share: float | None = None  # Share of the full travel of a partial rep; None for all other kinds


REP_FRAMES, REP_TIMES = (tuple(f"{place}_{unit}" for place in ("start", "turn", "end")) for unit in ("frame", "s"))
"""Names of the fields of a TrueRep that hold frames and times."""


def make_true_rep(
    index: int, faults: tuple[TrueFault, ...], frames: Sequence[int], times_s: Sequence[float]
) -> TrueRep:
    """Build a rep of the ground truth from the frames and times of its start, turn and end."""
    places: dict[str, Any] = dict(zip((*REP_FRAMES, *REP_TIMES), (*frames, *times_s), strict=True))
    return TrueRep(index=index, faults=faults, **places)


def renumber_frames(
    reps: Sequence[TrueRep], events: Sequence[TrueEvent], kept: Sequence[int]
) -> tuple[tuple[TrueRep, ...], tuple[TrueEvent, ...]]:
    """Convert the frame indices of reps and events after a camera lost frames; seconds do not change.

    A lost frame of a rep is replaced by the next kept frame, if any, or else by the last. Events without kept frames
    are dropped.

    Args:
        kept: Indices of the kept frames, from 0, ascending.
    """

    def among(frame: int, *, past: bool = False) -> int:
        return int(np.searchsorted(kept, frame, side="right" if past else "left"))

    moved_reps, moved_events = [], []
    for rep in reps:
        frames = (min(among(frame), len(kept) - 1) for frame in (rep.start_frame, rep.turn_frame, rep.end_frame))
        moved: dict[str, Any] = dict(zip(REP_FRAMES, frames, strict=True))
        moved_reps.append(replace(rep, **moved))
    for event in events:
        start, end = among(event.start_frame), among(event.end_frame, past=True) - 1
        moved_events += [replace(event, start_frame=start, end_frame=end)] if start <= end else []
    return tuple(moved_reps), tuple(moved_events)


def dump_truth(items: Sequence[TrueRep] | Sequence[TrueEvent]) -> list[dict[str, Any]]:
    """Return reps or events as plain values for JSON; a share of None is left out."""
    plain = (asdict(item) for item in items)
    return [{name: value for name, value in item.items() if (name, value) != ("share", None)} for item in plain]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTruth:
    """The ground truth of a set, in the form of its file."""

    exercise: str  # Lift of the synthetic lifter, as in `motion` of configs/exercises
    view_deg: float  # Signed azimuth of the camera
    reps: tuple[TrueRep, ...]
    events: tuple[TrueEvent, ...] = ()  # Missing in rendered sets with faults from before 2026-11-24
    set: str = ""  # Tokens, as lab.synth.motion.tokens.parse_tokens reads them; empty in a cache of rendered sets


def read_json(path: Path, kind: type[T], advice_if_unreadable: str, advice_if_invalid: str) -> T:
    """Read a JSON file as a dataclass.

    Raises SourceError with the first advice if the file can't be read, and with the second advice, which may be empty,
    if its content is invalid.
    """
    try:
        return pydantic.TypeAdapter(kind).validate_json(read_regular(path))
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). {advice_if_unreadable}") from err
    except pydantic.ValidationError as err:
        first = err.errors(include_url=False)[0]
        where = to_printable(".".join(map(str, first["loc"])) or "content")
        raise SourceError(f"{path}: {where}: {to_printable(first['msg'])}. {advice_if_invalid}".rstrip()) from err


def truth_file(recording: Path) -> Path:
    """Return the path of the file with the ground truth of a clip or of observations."""
    return recording.with_suffix(".json")


def read_truth(recording: Path) -> StoredTruth:
    """Read the ground truth beside a clip or observations. Raises SourceError if it is missing or invalid."""
    advice = f"It belongs beside {recording.name}."
    return read_json(truth_file(recording), StoredTruth, advice, "Make the set again.")


def write_truth(file: Path, truth: dict[str, Any]) -> None:
    """Write a ground truth to a file as JSON. Raises OutputError if the file can't be written."""
    what, do = f"{file}: can't be written", "Check free space and permissions."
    with explain_os_errors(OutputError, what, do), write_atomically(file, private=False) as part:
        part.write_text(json.dumps(truth, separators=(",", ":")) + "\n")
