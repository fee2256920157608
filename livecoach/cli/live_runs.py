"""The runs of `livecoach live`: one after the other, with choices on the start screen before and between them."""

import gc
import subprocess
import sys
from collections.abc import Callable, Container, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

import click

from livecoach.cli import start
from livecoach.cli.options import disk_awaited, say
from livecoach.cli.process import share_heap, without_collection
from livecoach.core.config.paths import pip
from livecoach.core.errors import LivecoachError, OutputError
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.set_progress import NO_PLAN, SetPlan
from livecoach.feedback.window import Window
from livecoach.pages.history.last_time import last_times
from livecoach.run.start import reason

if TYPE_CHECKING:
    from livecoach.cli.phone import PhoneSession
    from livecoach.cli.wiring import LiveSession
    from livecoach.core.config import Settings
    from livecoach.core.types import Standards
    from livecoach.run.controls import ChoiceRow, NextRun
    from livecoach.run.feed import FrameFeed
    from livecoach.run.start import Press
    from livecoach.run.workout import Workout

PHONE_PACKAGES = "aiohttp segno trustme"
"""What the phone's server, its QR code and its certificate need. An update by `git pull` alone does not bring them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """Options of `livecoach live` besides settings."""

    window: Window | None = None  # the window that all runs share; None without one
    events: str | None = None  # where events go: path, `-` or None
    record: bool = False
    session: bool = True
    load_kg: float | None = None
    plan: SetPlan = NO_PLAN
    verbose: bool = False
    keeps_reps: bool = True  # whether the profile may learn from the runs
    named: Container[str] = ()  # settings that options of the command line name: for these runs alone
    chosen: Mapping[str, object] = field(default_factory=dict)
    """What the lifter has chosen on the home page, by setting."""
    phone: "PhoneSession | None" = None
    opens_home: bool = False


class HomeProcess:
    """`livecoach home` in a process of its own, so that making a page takes nothing from a run.

    It goes on after us while a page is open in the browser.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        if self._child is None or self._child.poll() is not None:
            # Standard output may hold events.
            self._child = subprocess.Popen(
                [sys.executable, "-m", "livecoach", "home", "--asked-by-stdin"],
                stdin=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C ends the run
                stdout=sys.stderr,
                stderr=sys.stderr,
            )
            return
        assert self._child.stdin is not None
        with suppress(OSError):  # it has just ended
            self._child.stdin.write(b"\n")
            self._child.stdin.flush()

    def close(self) -> None:
        """Let the server end when no page is open any more."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()


def run_live(settings: "Settings", options: LiveOptions, *, begin_on_screen: bool) -> None:
    """Run set after set until the lifter leaves.

    begin_on_screen: begin on the start screen, and return to it after a run. Otherwise, return when a run ends, unless
    the lifter asked for the start screen.
    """
    from livecoach.run.workout import Workout

    share_heap()
    row: ChoiceRow | None = None
    asks, stays, again = begin_on_screen, begin_on_screen, False
    with closing(HomeProcess()) as home, ExitStack() as stack:
        visit = _Visit(settings, options, Workout(), stack)
        if options.opens_home:
            home.open()
        while True:
            if asks:
                press = visit.ask(row)
                if press == "quit":
                    return
                if press == "sessions":
                    home.open()
                    continue
            following = visit.run(again=again, returns=stays)
            gc.collect()  # the next run would freeze what is left of this one, its networks among it, for good
            again = True
            if following is None and not stays:
                return
            row = None if following is None else following.row
            asks = following is None or row is not None
            stays = stays or asks


def with_offer(plan: SetPlan, offered: SetPlan) -> SetPlan:
    """Return a plan with what was offered where it says nothing itself."""
    if plan.reps is None:
        plan = replace(plan, sets=offered.sets, reps=offered.reps)
    return plan if plan.rest_s is not None else replace(plan, rest_s=offered.rest_s)


class _Visit:
    """What the runs from one start of livecoach share."""

    def __init__(self, settings: "Settings", options: LiveOptions, workout: "Workout", phones: ExitStack) -> None:
        """phones: closes the phone that the lifter takes on the start screen."""
        self._settings, self._options, self._workout, self._phones = settings, options, workout, phones
        self._offers_phone = options.phone is None
        self._problem: str | None = None
        self._plan, self._asked = options.plan, False
        self._chosen = dict(options.chosen)
        """What the lifter has chosen on a screen, by setting: remembered when a run begins."""
        self._read_last: Callable[[str], LastTimes] = last_times
        """Returns a profile's last sessions; the start screen's, for the run after it."""

    def ask(self, row: "ChoiceRow | None") -> "Press":
        """Show the start screen; return what was pressed. row: the row that is selected first."""
        phone, problem = self._options.phone, self._problem
        serve = self._serve if phone is None else None
        self._read_last = cache(last_times)
        before = self._settings
        window = self._options.window or Window()
        self._settings, press, offer = start.ask(window, before, row, phone, problem, serve, self._read_last)
        self._chosen |= start.chosen_values(before, self._settings, self._options.named)
        self._problem, self._asked = None, True
        self._plan = with_offer(self._options.plan, offer.plan)
        if offer.load.load_kg is not None:
            self._workout.keep_load(offer.load, self._settings.profile)
        return press

    def run(self, *, again: bool, returns: bool) -> "NextRun | None":
        """Run until the camera ends or the lifter quits; return what to continue with.

        again: it follows another run. returns: the start screen follows, and tells why a run did not begin.
        """
        try:
            following = self._session(again=again).run()
        except LivecoachError as err:
            if not returns:
                raise
            say(str(err))
            self._problem = reason(err, offers_phone=self._options.phone is None)
            return None
        except click.exceptions.Exit:  # no phone came, or no picture
            if not (returns and self._offers_phone):
                raise
            self._phones.close()
            self._options = replace(self._options, phone=None)
            return None
        if following is not None:
            self._settings = following.applied(self._settings)
            self._chosen |= following.chosen
        return following

    def _session(self, *, again: bool) -> "LiveSession":
        with without_collection():
            from livecoach.cli import wiring
            from livecoach.cli.session_recording import RecordingRequest
            from livecoach.core.config import local_time
            from livecoach.core.documents import AUTO
            from livecoach.pages.history.last_time import past_bests
            from livecoach.records.profile import Profile
            from livecoach.run.feed import live_feed
            from livecoach.run.workout import LoadOfNextSet

        settings, options, workout = self._settings, self._options, self._workout
        with disk_awaited():
            profile = Profile(settings.profile, say)
            about = ["new"] if profile.is_new else []
            about += [] if options.keeps_reps and settings.learn else ["it learns nothing from this run"]
            whose = f"profile {profile.name}{': ' if about else ''}{', '.join(about)}"
            lasts = self._read_last(profile.name)
        self._read_last = last_times  # this run's session counts for the next one
        chosen = None if settings.exercise == AUTO else settings.exercise
        load = workout.load(chosen, profile.name)
        if not again and options.load_kg is not None:
            load = LoadOfNextSet(options.load_kg)
        asked, self._asked = self._asked, False
        if not asked:  # the start screen has said it
            start.say_last_time(lasts, settings)

        def open_feed(stack: ExitStack) -> "FrameFeed":
            feed = live_feed(stack, settings) if options.phone is None else options.phone.feed(stack, settings)
            say(whose)
            if self._chosen:
                start.remember_or_say(self._chosen)
            return feed

        session = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        lifter = wiring.lifter_of_profile(profile, session)
        return wiring.LiveSession(
            settings=settings,
            open_feed=open_feed,
            events=options.events,
            lifter=replace(
                lifter,
                keeper=lifter.keeper if options.keeps_reps else None,
                load=load,
                last_times=lasts,
                read_bests=partial(past_bests, profile.name, local_time.now().date()),
            ),
            showing=wiring.DisplayOptions(
                window=options.window,
                mirror=settings.mirror,
                plan=self._plan,
                workout=workout,
                has_start_screen=options.window is not None,
                again=again,
                phone=options.phone,
                verbose=options.verbose,
            ),
            recording=RecordingRequest(session=session, video=options.record) if options.session else None,
            keep_standards=self._keep_standards,
        )

    def _keep_standards(self, standards: "Standards") -> None:
        before = start.standard_values(self._settings.standards)
        self._settings = replace(self._settings, standards=standards)
        now = start.standard_values(standards)
        start.remember_or_say({key: value for key, value in now.items() if value != before[key]})

    def _serve(self) -> "PhoneSession":
        phone = self._phones.enter_context(closing(serve_phone("auto", to_stderr=self._options.events == "-")))
        self._options = replace(self._options, phone=phone)
        return phone


def serve_phone(address: str, *, to_stderr: bool) -> "PhoneSession":
    """Serve a phone, as `livecoach.cli.phone.open_phone`. Raises OutputError if a package for it is missing."""
    try:
        from livecoach.cli.phone import open_phone
    except ModuleNotFoundError as err:
        command = f"{pip()} install {PHONE_PACKAGES}"
        raise OutputError(Message("a phone needs {name}: run `{name2}`.", name=err.name or "", name2=command)) from err
    return open_phone(address, to_stderr=to_stderr)
