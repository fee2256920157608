"""Returns the options that a lifter can choose from before a set: on the start screen, the home page and the phone."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime

from livecoach.capture.address import redact_url
from livecoach.capture.camera import camera_numbers
from livecoach.core.config import Settings, exercise, local_time
from livecoach.core.documents.session import AUTO
from livecoach.core.errors import ConfigError, SessionError
from livecoach.core.language import translate
from livecoach.core.types import ignore
from livecoach.core.types.bounds import check_profile_name, find_similar_name, profile_words
from livecoach.core.types.message import Message
from livecoach.core.types.reps import DepthStandard, depth_words
from livecoach.decisions.coaching.last_time import LastTime, LastTimes
from livecoach.records.profile import list_profile_names
from livecoach.records.session import layout
from livecoach.records.session.opening import read_document
from livecoach.records.session.stored import Session

RECOGNISED = "Recognise it"  # Option that lets livecoach recognise the exercise
CHOICE_GONE = Message("This choice is gone. Load the page again.")  # A form chose what no longer exists, or has changed
BOXES_CM = (25.0, 30.0, 35.0, 40.0, 45.0, 50.0)
"""Heights of the boxes that are offered in addition to the box in the settings: usual heights. Our choice."""
MOST_READ = 200  # Number of newest sessions from which lifters are offered; reading them takes .1 s. Our choice.


def camera_choices(settings: Settings) -> dict[str, int | str]:
    """Return the cameras to choose from, as text → number or address, including the camera in the settings.

    On a system that does not list its cameras, some may not exist; the camera in the settings may be unplugged.
    """
    numbers = camera_numbers(sys.platform)
    found: dict[str, int | str] = {Message("camera {n}", n=number): number for number in numbers}
    camera = settings.camera
    found[Message("camera {n}", n=camera) if isinstance(camera, int) else redact_url(camera)] = camera
    return found


def exercise_choices() -> dict[str, str]:
    """Return the exercises to choose from, as title → name. The first, AUTO, lets livecoach recognise the exercise."""
    return {RECOGNISED: AUTO} | {exercise.load(name).title: name for name in exercise.names()}


def has_depth(name: str) -> bool:
    """Return whether an exercise has a standard of depth; True for AUTO, which may recognise such an exercise."""
    return name == AUTO or "depth" in exercise.load(name).standards


def depth_choices(settings: Settings) -> dict[str, DepthStandard]:
    """Return the depth standards to choose from, as text → standard, including the standard in the settings."""
    now = settings.standards.depth
    boxes = sorted({*BOXES_CM, now} if isinstance(now, float) else BOXES_CM)
    offered: list[DepthStandard] = ["parallel", "below", *boxes, "none"]
    return {depth_words(depth): depth for depth in offered}


def profile_choices(settings: Settings, lifters: Iterable[str] = ()) -> list[str]:
    """Return the names of the lifters to choose from, sorted by name. Some of these lifters may not have a profile yet.

    The lifters are all lifters with a profile, the lifters of the newest MOST_READ sessions, and the lifter in the
    settings. Raises SourceError if the folder of profiles can't be read.

    Args:
        lifters: Names of further lifters, such as the lifters of the current run.
    """
    names: set[str | None] = {settings.profile, *lifters}
    for folder in layout.list_newest_folders(MOST_READ):
        with suppress(SessionError):
            about = read_document(folder / layout.DOCUMENT)
            lifted = () if about.end is None else Session(folder=folder, about=about, say=ignore).ending.profiles
            names.update(lifted or (about.profile,))
    return sorted(list_profile_names(filter(None, names)), key=str.casefold)


def find_known_profile(typed: str, known: Iterable[str]) -> str | None:
    """Find the known profile whose stored or shown name was typed, regardless of case and spaces; None if none fits."""
    shown = {translate(profile_words(name)): name for name in known}
    same = find_similar_name(typed, [*shown.values(), *shown])
    return shown.get(same or "", same)


def chosen_profile(sent: Mapping[str, str], known: Iterable[str]) -> str:
    """Return the profile that a form states: the typed name, or the selected profile if no name was typed.

    A typed name is spelled as the known profile that differs from it only by case or spaces. Raises ConfigError if no
    profile can have the typed name. The typed name is the form's field "new", the selected profile "profile".
    """
    typed = sent["new"].strip()
    try:
        return find_known_profile(typed, known) or (check_profile_name(typed) if typed else sent["profile"])
    except ValueError as err:
        raise ConfigError(err.args[0]) from err


def check_past(start: date) -> None:
    """Raise ConfigError if the day of a session, or the time if `start` is a datetime, is still to come."""
    now = local_time.now()
    if start > (now if isinstance(start, datetime) else now.date()):
        raise ConfigError(Message("This day is still to come. Choose an earlier day or time."))


def last_time_of(last_times: LastTimes, exercise: str) -> LastTime | None:
    """Return the last session with an exercise, or with any exercise for AUTO; None without such a session."""
    return next(iter(last_times.values()), None) if exercise == AUTO else last_times.get(exercise)
