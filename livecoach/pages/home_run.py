"""The live run that the home page begins: `livecoach live` in a process of its own, one at a time."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import click

from livecoach.core.config import Settings, load_settings, local_time
from livecoach.core.errors import ConfigError, LivecoachError, OutputError
from livecoach.core.language import clock, translate
from livecoach.core.loads import NAME, Units, load_number, parse_load
from livecoach.core.types import SetPlans
from livecoach.core.types.bounds import new_profile_name
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.last_time import LastTime
from livecoach.decisions.coaching.set_progress import parse_rest, parse_target, plan_words
from livecoach.pages.history.last_time import last_times_of
from livecoach.pages.offered import cameras, exercises, last_of, plan_of, profiles
from livecoach.pages.report.page import Sent, sent_text
from livecoach.records.plan import planned_on
from livecoach.records.session import layout

STARTING_S = 20.0
"""Longest wait of the page for the camera's first picture. The window says what is missing meanwhile. Our choice."""
ENDING_S = 10.0  # longest wait for the end of a run. Our choice.
PHONE = "phone"  # stands for a phone among the cameras
UNDER_WAY = Message("A session is running. End it first: Q in its window, or the button on the home page.")
STARTING = Message("Starting: livecoach's window says what is missing.")
BEGUN = Message("The session has begun. Q in its window ends it.")
ENDED_EARLY = Message("The session ended before its first picture.")


def arguments(sent: Sent, offered_cameras: Mapping[str, int | str]) -> list[str]:
    """Return the arguments of `livecoach live` for what the form sent: nothing but what there is to choose from becomes
    one. offered_cameras: as shown → camera. Raises ConfigError."""
    settings = load_settings({})
    exercise, profile, new = (sent_text(sent, name) for name in ("exercise", "profile", "new-profile"))
    camera, names = offered_cameras.get(sent_text(sent, "camera")), profiles(settings)
    if exercise not in exercises().values() or profile not in names or camera is None:
        raise ConfigError(Message("This choice is gone. Load the page again."))
    chosen = [f"--exercise={exercise}"]
    if camera == PHONE:
        chosen.append("--phone")
    elif camera != settings.camera:  # an address may hold a password, which stays in the settings
        chosen.append(f"--camera={camera}")
    try:
        whose = new_profile_name(new, names) if new.strip() else profile
        return [*chosen, f"--profile={whose}", *_planned(sent, settings.units)]
    except ValueError as err:
        raise ConfigError(*err.args) from err


def _planned(sent: Sent, units: Units) -> Iterator[str]:
    """Yield the arguments for load, sets, reps and rest. Raises ValueError."""
    load, sets, reps, rest = (sent_text(sent, name).strip() for name in ("load", "sets", "reps", "rest"))
    if load:
        yield f"--load={parse_load(load, units):.4f}kg"
    if sets and not reps:
        raise ValueError(Message("How many reps has a set? Leave both empty for no plan."))
    if reps:
        parsed_sets, parsed_reps = parse_target(f"{sets}x{reps}" if sets else reps)
        yield f"--target={parsed_reps if parsed_sets is None else f'{parsed_sets}x{parsed_reps}'}"
    if rest:
        yield f"--rest={parse_rest(rest):g}s"


class HomeRun:
    """The run that the page has begun, if any. `begin` and `end` wait: call them from threads of their own."""

    def __init__(self, say: Callable[[str], object], *, offers_phone: bool = False) -> None:
        """say: called with each line of the run for the terminal. offers_phone: a screen can show its code."""
        self._say, self._offers_phone = say, offers_phone
        self._beginning = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._reading: threading.Thread | None = None
        self._first = threading.Event()  # set by the first event of the run, and by its end
        self._has_begun = False
        self._problem = ""

    def form(self) -> dict[str, Any]:
        """Return what the page shows. Raises ConfigError."""
        settings = load_settings({})
        names, there = profiles(settings), self._cameras(settings)
        today = local_time.now().date()
        lasts = last_times_of(names, today)
        offers = {
            name: {
                one: _as_planned(plans[one], settings) if one in plans else _offer(last_of(lasts[name], one), settings)
                for one in exercises().values()
            }
            for name in names
            for plans in [planned_on(today, name, settings, self._say)]
        }
        return {
            "under_way": self._under_way() or _is_recording(),  # then none can begin
            "ours": self._under_way(),  # the page began it, and can end it
            "problem": self._problem,
            "exercises": exercises(),
            "exercise": settings.exercise,
            "profiles": names,
            "profile": settings.profile,
            "cameras": there,
            "camera": str(next(shown for shown, one in there.items() if one == settings.camera)),
            "offers": offers,
            "offered": offers.get(settings.profile, {}).get(settings.exercise, {}),
            "unit": NAME[settings.units],
        }

    def begin(self, sent: Sent) -> str:
        """Begin a run; return what to say. Raises LivecoachError if one is under way, or it ends without a picture."""
        with self._beginning:
            if self._under_way() or _is_recording():
                raise OutputError(UNDER_WAY)
            child = self._begun(arguments(sent, self._cameras(load_settings({}))))
        self._first.wait(STARTING_S)
        if self._has_begun:
            return BEGUN
        if child.poll() is not None:
            raise LivecoachError(self._problem or ENDED_EARLY)
        return STARTING

    def end(self) -> None:
        """End the run as Ctrl-C does, and wait for its end."""
        child, reading = self._child, self._reading
        if child is not None and reading is not None and child.poll() is None:
            child.send_signal(signal.SIGINT)
            reading.join(ENDING_S)

    def _cameras(self, settings: Settings) -> Mapping[str, int | str]:
        return cameras(settings) | ({"Use a phone": PHONE} if self._offers_phone else {})

    def _under_way(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _begun(self, arguments: Sequence[str]) -> "subprocess.Popen[str]":
        self._problem, self._has_begun = "", False
        self._first.clear()
        self._child = child = subprocess.Popen(
            [sys.executable, "-m", "livecoach", "live", "--told-on-a-page", "--events=-", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches it through us
        )
        self._reading = threading.Thread(target=self._read, args=(child,), name="run", daemon=True)
        self._reading.start()
        return child

    def _read(self, child: "subprocess.Popen[str]") -> None:
        """Read what the run writes, to its end. The first event comes with the first picture."""
        assert child.stdout is not None
        last = ""
        for line in child.stdout:
            if line.startswith("{"):
                self._has_begun = True
                self._first.set()
            else:
                last = line.strip() or last
                self._say(line.rstrip("\n"))
        status = child.wait()
        self._problem = last.removeprefix("livecoach: ") if status > 0 and status not in _ASKED else ""
        self._first.set()


_ASKED = {128 + signal.SIGINT, 128 + signal.SIGTERM}  # exit statuses of a run that was asked to end


def echo_line(line: str) -> None:
    """Print a line of a run as it is."""
    with suppress(OSError):
        click.echo(line, err=True)


def _as_planned(plans: SetPlans, settings: Settings) -> dict[str, str]:
    """Return what the lifter's own plan says, which holds where nothing is typed."""
    return {"planned": translate(Message("as planned: {text}", text=plan_words(plans, settings.units)))}


def _offer(last: LastTime | None, settings: Settings) -> dict[str, str]:
    """Return load, sets, reps and rest of last time as they are typed."""
    if last is None:
        return {}
    plan = plan_of(last, settings)
    return {
        "load": "" if last.load_kg is None else translate(Message("{n}", n=load_number(last.load_kg, settings.units))),
        "sets": str(plan.sets),
        "reps": str(plan.reps),
        "rest": "" if plan.rest_s is None else clock(plan.rest_s),
    }


def _is_recording() -> bool:
    return any(map(layout.is_recording, layout.newest()))
