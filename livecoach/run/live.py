"""Runs `livecoach live`: run after run, with choices on the start screen before and between runs, and between sets."""

import gc
import math
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

import click

from livecoach.capture.capture import CaptureResult
from livecoach.core.config import Settings, local_time
from livecoach.core.config.paths import pip_command
from livecoach.core.config.settings import read_height_cm
from livecoach.core.errors import LivecoachError, OutputError
from livecoach.core.language import translate
from livecoach.core.types.message import Message, join_texts
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.pages.history.last_sessions import find_last_times, load_bests_to_beat
from livecoach.records.knowledge import LifterReferences
from livecoach.records.plan import load_planned_sets
from livecoach.records.profile import Profile, identify_live_run
from livecoach.run import choices
from livecoach.run.coached import CoachedRun
from livecoach.run.end_screen import ELSEWHERE_S, UNATTENDED_S, HomeProcess
from livecoach.run.parts import AS_BEFORE, ChoiceRow, Lifter, PartChoice, lifter_of_profile
from livecoach.run.process import report_slow_disk, say, share_heap
from livecoach.run.run_options import RunOptions
from livecoach.run.start import error_text

if TYPE_CHECKING:
    from livecoach.run.controls import Ending
    from livecoach.run.feed import FrameFeed
    from livecoach.run.phone import PhoneConnection

PHONE_PACKAGES = "aiohttp segno trustme"
"""Packages for the phone's server, QR code and certificate. An update by `git pull` alone does not install them."""


def run_live(
    options: RunOptions, *, begin_on_screen: bool = True, opens_home: bool = False, named: Container[str] = ()
) -> None:
    """Run `livecoach live` until the lifter leaves or, without a start screen, until a run ends.

    A run that a long pause has ended is followed by another run at once.

    Args:
        begin_on_screen: Whether to show the start screen first, and again after a run.
        named: Dotted keys of settings that the command line names. Such a setting is remembered only if the lifter
            changes the setting on the screen.

    Raises:
        LivecoachError: A run can't begin or can't continue, and no start screen can show the reason.
        click.exceptions.Exit: The lifter leaves before the first picture.
    """
    share_heap()
    asks = begin_on_screen
    with closing(HomeProcess()) as home, ExitStack() as stack:
        runs = _LiveRuns(options, named, home, stack)
        if opens_home:
            home.open()
        while not asks or runs.show_start():
            ending = runs.run(after_start_screen=asks, start_screen_follows=begin_on_screen)
            gc.collect()  # Otherwise, the next run would freeze this run's objects, such as its networks, for good
            asks = ending != "pause"
            if asks and runs.show_end(ending, start_screen_follows=begin_on_screen and ending != "left"):
                return


class _LiveRuns:
    """The runs between the start and the end of `livecoach live`, with the state that they share."""

    def __init__(self, options: RunOptions, named: Container[str], home: HomeProcess, phones: ExitStack) -> None:
        self._first = self._options = options
        self._named, self._home = named, home  # Settings that the command line names, and the home page's process
        self._phones = phones  # Closes the phone that the lifter chooses on the start screen
        self._problem: str | None = None
        self._chosen: dict[str, object] = {}
        """The lifter's choices on the start screen, by setting, to be remembered when a run begins."""
        self._read_last: Callable[[str], LastTimes] = find_last_times
        """Returns the last sessions of a profile. The run uses the cache of the start screen."""

    def show_start(self) -> bool:
        """Show the start screen, keep the lifter's choices for the next run, and return whether to begin that run."""
        now = self._options
        self._read_last = cache(find_last_times)
        asked = self._show_start_screen(now, None, self._serve if now.phone is None else None)
        self._problem = None
        if asked is None:
            return False
        settings, offer = asked
        load = now.first_part.load if offer.load.load_kg is None else offer.load
        self._options = replace(self._options, settings=settings, first_part=replace(offer, load=load))
        return True

    def _ask_in_run(self, feed: Iterator[CaptureResult], row: ChoiceRow, coached: CoachedRun) -> PartChoice | None:
        """Show the start screen between two sets, and return the choice; None to end the run."""
        asked = self._show_start_screen(self._options, row, feed=feed, coached=coached)
        if asked is None:
            return None
        now, offer = asked
        return replace(offer, exercise=now.exercise, profile=now.profile, standards=now.standards)

    def _show_start_screen(
        self,
        now: RunOptions,
        row: ChoiceRow | None,
        serve: "Callable[[], PhoneConnection] | None" = None,
        feed: Iterator[CaptureResult] | None = None,
        coached: CoachedRun | None = None,
    ) -> tuple[Settings, PartChoice] | None:
        """Show the start screen, and return the chosen settings and offer; None if the lifter quits."""
        while True:
            settings, press, offer = choices.show_start_screen(
                now, row, self._problem, serve, self._read_last, feed, coached
            )
            if press == "back":
                return self._options.settings, AS_BEFORE
            self._chosen |= choices.values_to_remember(now.settings, settings, self._named)
            now = replace(now, settings=settings)
            if press in ("start", "phone"):
                return settings, offer
            if press == "quit":
                return None
            self._home.open("last.html" if press == "report" else "")

    def show_end(self, ending: "Ending", *, start_screen_follows: bool) -> bool:
        """Show the end screen of a run, and return whether livecoach ends.

        Nothing is shown if the end screen has no title, or if no start screen follows and the window is closed. A phone
        is disconnected or, if the start screen follows, shows that choices are made on the computer.
        """
        end, phone = self._options.end, self._options.phone
        if phone is not None:
            phone.show_line() if start_screen_follows else phone.close()
        if end is not None and end.title and (start_screen_follows or end.can_be_shown):
            polled = phone.poll_ended if phone is not None and start_screen_follows else None
            most_s = UNATTENDED_S if ending == "over" and not start_screen_follows else math.inf
            if phone is not None and ending == "left":
                most_s = ELSEWHERE_S
            return (
                end.show(self._home.open, start_screen_follows=start_screen_follows, poll_ended=polled, most_s=most_s)
                or not start_screen_follows
            )
        return not start_screen_follows

    def run(self, *, after_start_screen: bool, start_screen_follows: bool) -> "Ending":
        """Carry out a run, and return the reason for its end.

        If the start screen follows, a LivecoachError is not raised, but printed, and shown on the end screen or start
        screen; the result is then "over". The result is also "over" if the lifter presses Q before the first picture of
        a phone that was chosen on the start screen; that phone is then disconnected. After a start screen, which used
        the camera, the camera can't be opened early.
        """
        try:
            return self._run(after_start_screen=after_start_screen)
        except LivecoachError as err:
            if not start_screen_follows:
                raise
            say(str(err))
            why, end = error_text(err, offers_phone=self._options.phone is None), self._options.end
            if end is not None and end.title:
                end.error = why
            else:
                self._problem = why
        except click.exceptions.Exit:  # No phone was connected, or no picture came
            phone = self._options.phone
            if phone is None or phone.poll_ended() or not (start_screen_follows and self._first.phone is None):
                raise
            self._phones.close()
            self._options = replace(self._options, phone=None)
        finally:
            self._options = replace(self._options, follows_run=True, first_part=AS_BEFORE)
            self._read_last = cache(find_last_times)  # After a long pause, no start screen comes before the next run
        return "over"

    def _run(self, *, after_start_screen: bool) -> "Ending":
        from livecoach.run import wiring
        from livecoach.run.feed import live_feed_opener

        options, settings = self._options, self._options.settings
        session = identify_live_run()

        def lifter_of(name: str) -> Lifter:
            lifter, line = self._read_lifter(session, name)
            say(line)
            return lifter

        lifter, line = self._read_lifter(session, settings.profile)
        settings = replace(settings, height_cm=lifter.height_cm)
        options = replace(options, settings=settings)

        def open_feed(stack: ExitStack) -> "FrameFeed":
            """Open the feed, report the profile, and remember the choices."""
            feed = opens(stack) if options.phone is None else options.phone.open_feed(stack, settings)
            say(line)
            if self._chosen:
                choices.remember_or_report(self._chosen)
            return feed

        run = replace(options, lifter=lifter, lifter_of=lifter_of, session=session, on_choice=self._choose)
        run = replace(run, by_hand=settings.answer_by_hand)
        with ExitStack() as unused:
            # After the start screen, the camera can't be opened ahead, since it was in use until now.
            opens = live_feed_opener(unused, settings, ahead=options.phone is None and not after_start_screen)
            ran = wiring.run(replace(run, ask=None if options.window is None else self._ask_in_run), open_feed)
        if ran.session is not None and options.phone is not None:
            options.phone.set_reported_session(ran.session, ran.profiles)
        return ran.ending

    def _read_lifter(self, session: str, name: str) -> tuple[Lifter, str]:
        """Read a profile with its history, and return the lifter for a session, and a line about the profile."""
        settings = self._options.settings
        with report_slow_disk():
            profile = Profile(name, say)
            about = ["new"] if profile.check_new() else []
            about += [] if self._options.records and settings.learn else ["it learns nothing from this run"]
            lasts, today = self._read_last(profile.name), local_time.now().date()
        first = self._first.settings  # --height applies only to the profile of the command line
        lifter = replace(
            lifter_of_profile(LifterReferences(profile, say, recording=session)),
            height_cm=first.height_cm if name == first.profile else read_height_cm(name),
            last_times=lasts,
            plans=load_planned_sets(today, profile.name, settings, say),
            read_bests=partial(load_bests_to_beat, profile.name, today),
        )
        about_profile = join_texts(": ", Message("profile {name}", name=profile.name), join_texts(", ", *about))
        return lifter, translate(about_profile)

    def _choose(self, choice: PartChoice) -> None:
        """Remember a choice of the lifter in a run, with which the next run begins."""
        before = self._options.settings
        now = choice.apply_to(before)
        self._options = replace(self._options, settings=now)
        held, chosen = choices.standard_values(before.standards), choices.standard_values(now.standards)
        choices.remember_or_report(
            choice.settings_to_remember | {key: value for key, value in chosen.items() if value != held[key]}
        )

    def _serve(self) -> "PhoneConnection":
        phone = self._phones.enter_context(closing(serve_phone("auto", to_stderr=self._options.events == "-")))
        self._options = replace(self._options, phone=phone)
        return phone


def serve_phone(address: str, *, to_stderr: bool) -> "PhoneConnection":
    """Serve the page for a phone, and print the QR code of its address.

    `address` is a network address of this computer, with or without ":PORT"; "auto" finds the address.

    Raises:
        OutputError: A package for the phone is missing, the address can't be used, or the certificate can't be stored.
        ConfigError: The address or its port is invalid, or this computer has no network.
    """
    try:
        from livecoach.run.phone import open_phone
    except ModuleNotFoundError as err:
        command = f"{pip_command()} install {PHONE_PACKAGES}"
        raise OutputError(Message("a phone needs {name}: run `{name2}`.", name=err.name or "", name2=command)) from err
    return open_phone(address, to_stderr=to_stderr)
