"""What there is to choose from before a set: on the start screen, on the home page, and on a phone."""

import sys
from collections.abc import Iterable
from contextlib import suppress

from livecoach.capture.address import shown_url
from livecoach.capture.camera import camera_indices
from livecoach.core.config import Settings, exercise
from livecoach.core.documents.session import AUTO
from livecoach.core.errors import SessionError
from livecoach.core.types import SetPlan
from livecoach.core.types.message import Message
from livecoach.core.types.reps import DepthStandard, depth_words
from livecoach.decisions.coaching.last_time import LastTime, LastTimes
from livecoach.records.profile import profile_names
from livecoach.records.session import layout
from livecoach.records.session.opening import read_document

RECOGNISED = "Recognise it"  # option that leaves the exercise to livecoach
BOXES_CM = (25.0, 30.0, 35.0, 40.0, 45.0, 50.0)
"""Heights of boxes that are offered, besides the one in the settings. Our choice: those of usual boxes."""
MOST_READ = 200  # newest sessions whose lifters are offered; reading what they are takes .1 s. Our choice.


def cameras(settings: Settings) -> dict[str, int | str]:
    """Text → camera for those that answer, and for the one in the settings."""
    numbers = camera_indices(sys.platform)
    found: dict[str, int | str] = {Message("camera {n}", n=number): number for number in numbers}
    camera = settings.camera
    found[Message("camera {n}", n=camera) if isinstance(camera, int) else shown_url(camera)] = camera
    return found


def exercises() -> dict[str, str]:
    """Title → name of each exercise, and of the option to recognise it."""
    return {RECOGNISED: AUTO} | {exercise.load(name).title: name for name in exercise.names()}


def has_depth(name: str) -> bool:
    """Whether a run can hold reps to a standard of depth. name: of the exercise, or AUTO."""
    return name == AUTO or "depth" in exercise.load(name).standards


def depths(settings: Settings) -> dict[str, DepthStandard]:
    """Text → standard of depth for those that are offered, and for the one in the settings."""
    now = settings.standards.depth
    boxes = sorted({*BOXES_CM, now} if isinstance(now, float) else BOXES_CM)
    offered: list[DepthStandard] = ["parallel", "below", *boxes, "none"]
    return {depth_words(depth): depth for depth in offered}


def profiles(settings: Settings, lifters: Iterable[str] = ()) -> list[str]:
    """The names of all profiles, of the lifters of the newest sessions, of whom perhaps nothing was learned, of the one
    in the settings, who need not have any yet, and of further lifters."""
    names: set[str | None] = {settings.profile, *lifters}
    for folder in layout.newest(MOST_READ):
        with suppress(SessionError):
            about = read_document(folder / layout.DOCUMENT)
            names |= {about.profile, *(() if about.end is None else about.end.profiles)}
    return sorted(profile_names(filter(None, names)))


def last_of(lasts: LastTimes, exercise: str) -> LastTime | None:
    """The last session with an exercise; the newest of all where the exercise is to be recognised."""
    return next(iter(lasts.values()), None) if exercise == AUTO else lasts.get(exercise)


def plan_of(last: LastTime, settings: Settings) -> SetPlan:
    """The plan that is offered of last time: its sets and reps, and the rest of the settings or else its own."""
    return SetPlan(sets=last.sets, reps=last.reps, rest_s=settings.rest_s or last.rest_s)
