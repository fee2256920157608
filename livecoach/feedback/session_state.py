"""Describes the state of a session that a display shows next to its steps: lifter, plan, loads, and the device."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from livecoach.core.types import Rep, Standards
from livecoach.core.types.bounds import UNNAMED, profile_words
from livecoach.core.types.message import Message, quantity_words
from livecoach.core.types.reps import DEFAULT_STANDARDS
from livecoach.decisions.coaching.last_time import FaultFollowUp
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.decisions.judging.fault_model import CameraPlaces
from livecoach.feedback.rep_loop import RepLoop


@dataclass(frozen=True, slots=True, eq=False)
class PartTitles:
    """The title of a part's chosen exercise, or else the titles of all exercises that can be recognised."""

    title: str = ""  # Title of the chosen exercise; empty if exercises are recognised
    titles: Mapping[str, str] | None = None  # Titles of these exercises, by name; None if an exercise was chosen


class LiftedSet(NamedTuple):
    """A set of a session, finished or under way, with at least one rep."""

    number: int  # Number in the session, from 1
    own_number: int  # Number among the sets of its lifter, from 1
    load: str = ""  # Load as displayed; empty if unknown
    profile: str | None = None  # Profile of its lifter; None without a profile
    rpe: float | None = None  # RPE that the lifter entered; None without an entry


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSessionNotes:
    """The messages that relate the current session to earlier sessions of the lifter."""

    reminder: str = ""  # Reminder of the fault to fix, shown before the first set
    fault_follow_up: FaultFollowUp | None = None  # Result for that fault in the finished set; None without a fault
    returned_faults: Sequence[str] = ()  # Sentences about old faults that are back in the finished set
    record: str = ""  # Personal record in the finished set; empty if there is none


NO_NOTES = EarlierSessionNotes()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """The state of the computer: its switches, its problems, and its answers to the lifter."""

    muted: bool | None = None  # Whether the sound is off; None if there is no sound to turn off
    paused: bool = False
    recording: bool = False  # Whether pictures of the lifter are being recorded
    note: str | None = None  # Answer to the lifter, or the text that is being typed; None without either
    typing: bool = False  # Whether the lifter is typing a text, to which all keys belong
    help: bool = False  # Whether to show the keys
    can_pause: bool = False  # Whether a key pauses the source
    frozen_s: int | None = None  # Age of the picture while the camera is lost; None otherwise, and if it is unknown
    trouble: str | None = None  # Problem of the machine or the disk, for as long as it lasts; None without a problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState:
    """The state of a session that screens show in addition to the latest step. A field that is None is not shown."""

    profile: str | None = None  # Name of the lifter's profile
    lifters: tuple[str, ...] = ()  # Profiles of the session so far, in the order of their keys F1, F2, …
    part: PartTitles | None = None  # Titles of the current part; None if the session has one part
    camera_places: CameraPlaces | None = None  # Places of the camera for the exercise of the next set
    load: str | None = None  # Load of the current or the next set, as displayed: "100 kg"
    began_s: float = 0.0  # Time of the session's first frame
    progress: SetProgress | None = None  # The lifter's progress in the session
    standards: Standards = DEFAULT_STANDARDS  # Standards that the lifter chose
    earlier: EarlierSessionNotes = NO_NOTES
    loop: RepLoop | None = None  # Reps to look at during the rest
    reps: Sequence[Rep] = ()  # All reps of the session so far
    sets: Sequence[LiftedSet] = ()  # Sets of all lifters so far, in order
    device: DeviceState = DeviceState()

    @property
    def lifter(self) -> str:
        """Displayed name of the current lifter; empty without a profile, and for an unnamed lifter who is alone."""
        return display_name(self.profile, self.lifters)

    def session_s(self, t_s: float) -> float:
        """Return the time in seconds from the session's first frame to `t_s`."""
        return max(0.0, t_s - self.began_s)

    def lifter_name(self, set_number: int) -> str:
        """Return the displayed name of the lifter of a set or, if the set has no reps, of the current lifter."""
        profiles = (lifted.profile for lifted in self.sets if lifted.number == set_number)
        return display_name(next(profiles, self.profile), self.lifters)


def display_name(profile: str | None, lifters: Sequence[str]) -> str:
    """Return the name of a lifter to display; empty without a profile, and for an unnamed lifter who is alone."""
    alone = profile == UNNAMED and not set(lifters) - {UNNAMED}
    return "" if profile is None or alone else profile_words(profile)


def next_set_words(status: SessionState) -> str | None:
    """Describe the next set, such as "next set: 5 × 100 kg", or only its load, "100 kg"; None if both are unknown.

    The reps are left out while a text is typed, and once all planned sets are done.
    """
    progress = status.progress
    reps = None if progress is None or progress.is_done else progress.plan.reps
    if reps is None or status.device.typing:
        return status.load
    lifted = quantity_words(reps, "1 rep", "{n} reps")
    if status.load is not None:
        lifted = Message("{n} × {text}", n=reps, text=status.load)
    return Message("next set: {text}", text=lifted)
