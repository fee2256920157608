"""The runs of `livecoach live`: one after the other, with choices on the start screen before and between them."""

import gc
import subprocess
import sys
from collections.abc import Callable, Container, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

import click

from livecoach.core.config.paths import pip
from livecoach.core.errors import LivecoachError, OutputError
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.set_progress import SetPlan
from livecoach.pages.history.last_time import last_times
from livecoach.run import choices
from livecoach.run.process import disk_awaited, say, share_heap, without_collection
from livecoach.run.start import reason

if TYPE_CHECKING:
    from livecoach.core.types import Standards
    from livecoach.run.controls import ChoiceRow, NextRun
    from livecoach.run.feed import FrameFeed
    from livecoach.run.options import RunOptions
    from livecoach.run.phone import PhoneSession
    from livecoach.run.start import Press

PHONE_PACKAGES = "aiohttp segno trustme"
"""What the phone's server, its QR code and its certificate need. An update by `git pull` alone does not bring them."""


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


def run_live(
    options: "RunOptions",
    *,
    begin_on_screen: bool = True,
    opens_home: bool = False,
    named: Container[str] = (),
    chosen: Mapping[str, object] | None = None,
) -> None:
    """Run set after set until the lifter leaves.

    options: of each run. begin_on_screen: begin on the start screen, and return to it after a run. Otherwise, return
    when a run ends, unless the lifter asked for the start screen. opens_home: open the home page, too. named: settings
    that options of the command line name: for these runs alone. chosen: what the lifter has chosen on the home page, by
    setting.
    """
    share_heap()
    row: ChoiceRow | None = None
    asks = stays = begin_on_screen
    with closing(HomeProcess()) as home, ExitStack() as stack:
        visit = _Visit(options, named, chosen or {}, stack)
        if opens_home:
            home.open()
        while True:
            if asks:
                press = visit.ask(row)
                if press == "quit":
                    return
                if press == "sessions":
                    home.open()
                    continue
            following = visit.run(returns=stays)
            gc.collect()  # the next run would freeze what is left of this one, its networks among it, for good
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

    def __init__(
        self, options: "RunOptions", named: Container[str], chosen: Mapping[str, object], phones: ExitStack
    ) -> None:
        """phones: closes the phone that the lifter takes on the start screen."""
        self._given = self._options = options
        self._named, self._phones = named, phones
        self._problem: str | None = None
        self._asked = False
        self._chosen = dict(chosen)
        """What the lifter has chosen on a screen, by setting: remembered when a run begins."""
        self._read_last: Callable[[str], LastTimes] = last_times
        """Returns a profile's last sessions; the start screen's, for the run after it."""

    def ask(self, row: "ChoiceRow | None") -> "Press":
        """Show the start screen; return what was pressed. row: the row that is selected first."""
        now = self._options
        serve = self._serve if now.phone is None else None
        self._read_last = cache(last_times)
        settings, press, offer = choices.ask(now, row, self._problem, serve, self._read_last)
        self._chosen |= choices.chosen_values(now.settings, settings, self._named)
        self._problem, self._asked = None, True
        self._options = replace(self._options, settings=settings, plan=with_offer(self._given.plan, offer.plan))
        if offer.load.load_kg is not None:
            now.workout.keep_load(offer.load, settings.profile)
        return press

    def run(self, *, returns: bool) -> "NextRun | None":
        """Run until the camera ends or the lifter quits; return what to continue with. returns: the start screen
        follows, and tells why a run did not begin."""
        try:
            following = self._run()
        except LivecoachError as err:
            if not returns:
                raise
            say(str(err))
            self._problem = reason(err, offers_phone=self._options.phone is None)
            return None
        except click.exceptions.Exit:  # no phone came, or no picture
            if not (returns and self._given.phone is None):
                raise
            self._phones.close()
            self._options = replace(self._options, phone=None)
            return None
        finally:
            self._options = replace(self._options, again=True)
        if following is not None:
            self._options = replace(self._options, settings=following.applied(self._options.settings))
            self._chosen |= following.chosen
        return following

    def _run(self) -> "NextRun | None":
        with without_collection():
            from livecoach.core.config import local_time
            from livecoach.pages.history.last_time import past_bests
            from livecoach.records.profile import Profile
            from livecoach.run import wiring
            from livecoach.run.feed import live_feed
            from livecoach.run.lifter import lifter_of_profile

        options, settings = self._options, self._options.settings
        with disk_awaited():
            profile = Profile(settings.profile, say)
            about = ["new"] if profile.is_new else []
            about += [] if options.keeps_reps and settings.learn else ["it learns nothing from this run"]
            whose = f"profile {profile.name}{': ' if about else ''}{', '.join(about)}"
            lasts = self._read_last(profile.name)
        self._read_last = last_times  # this run's session counts for the next one
        if not self._asked:  # the start screen has said it
            choices.say_last_time(lasts, settings)
        self._asked = False

        def open_feed(stack: ExitStack) -> "FrameFeed":
            feed = live_feed(stack, settings) if options.phone is None else options.phone.feed(stack, settings)
            say(whose)
            if self._chosen:
                choices.remember_or_say(self._chosen)
            return feed

        session = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        lifter = replace(
            lifter_of_profile(profile, session),
            last_times=lasts,
            read_bests=partial(past_bests, profile.name, local_time.now().date()),
        )
        options = replace(
            options,
            lifter=lifter,
            session=session,
            has_start_screen=options.window is not None,
            keep_standards=self._keep,
        )
        return wiring.run(options, open_feed)

    def _keep(self, standards: "Standards") -> None:
        before = choices.standard_values(self._options.settings.standards)
        self._options = replace(self._options, settings=replace(self._options.settings, standards=standards))
        now = choices.standard_values(standards)
        choices.remember_or_say({key: value for key, value in now.items() if value != before[key]})

    def _serve(self) -> "PhoneSession":
        phone = self._phones.enter_context(closing(serve_phone("auto", to_stderr=self._options.events == "-")))
        self._options = replace(self._options, phone=phone)
        return phone


def serve_phone(address: str, *, to_stderr: bool) -> "PhoneSession":
    """Serve a phone, as `livecoach.run.phone.open_phone`. Raises OutputError if a package for it is missing."""
    try:
        from livecoach.run.phone import open_phone
    except ModuleNotFoundError as err:
        command = f"{pip()} install {PHONE_PACKAGES}"
        raise OutputError(Message("a phone needs {name}: run `{name2}`.", name=err.name or "", name2=command)) from err
    return open_phone(address, to_stderr=to_stderr)
