"""The runs of `livecoach live`: one after the other, with choices on the start screen before and between them."""

import gc
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from livecoach.cli import start
from livecoach.cli.options import say
from livecoach.cli.profiles import open_profile
from livecoach.coaching.set_progress import NO_PLAN, SetPlan
from livecoach.errors import LivecoachError, OutputError
from livecoach.feedback.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from livecoach.cli.phone import PhoneSession
    from livecoach.config import Settings
    from livecoach.run.controls import ChoiceRow, NextRun
    from livecoach.run.feed import FrameFeed
    from livecoach.run.workout import Workout
    from livecoach.types import Standards


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """Options of `livecoach live` besides settings."""

    probe: Probe | None = None
    """Probe of the window; None without a window."""
    events: str | None = None
    """Where events go: path, `-` or None."""
    record: bool = False
    """Whether to record a video."""
    session: bool = True
    """Whether to record the session."""
    load_kg: float | None = None
    """Load of the first set."""
    plan: SetPlan = NO_PLAN
    """The lifter's plan."""
    verbose: bool = False
    profile_named: bool = False
    """Whether the lifter named the profile; a new one is then reported."""
    phone: "PhoneSession | None" = None
    """The phone that is camera, screen, voice and remote."""
    volume: bool = False
    """Whether the volume was given, so that it must be remembered."""


def run_live(settings: "Settings", options: LiveOptions, *, begin_on_screen: bool) -> None:
    """Run set after set until the lifter leaves.

    begin_on_screen: begin on the start screen, and return to it after a run. Otherwise, return when a run ends, unless
    the lifter asked for the start screen.
    """
    from livecoach.run.workout import Workout

    workout = Workout()
    row: ChoiceRow | None = None
    problem: str | None = None
    asks, stays, again = begin_on_screen, begin_on_screen, False

    def keep_standards(standards: "Standards") -> None:
        nonlocal settings
        settings = replace(settings, standards=standards)
        start.remember_or_say(start.standard_values(standards))

    while True:
        if asks:
            settings, press = start.ask(settings, row, options.phone, problem)
            problem = None
            if press == "quit":
                return
            if press == "sessions":
                _open_home()
                continue
        try:
            following = _run(settings, options, workout, keep_standards, again=again)
        except LivecoachError as err:
            if not stays:
                raise
            say(str(err))
            following, problem = None, err.text
        gc.collect()  # the next run would freeze what is left of this one, its networks among it, for good
        again = True
        if following is None and not stays:
            return
        row = None if following is None else following.row
        asks = following is None or row is not None
        stays = stays or asks
        if following is not None:
            settings = following.applied(settings)


def _run(
    settings: "Settings",
    options: LiveOptions,
    workout: "Workout",
    keep_standards: "Callable[[Standards], object]",
    *,
    again: bool,
) -> "NextRun | None":
    """Run until the camera ends or the lifter quits; return what to continue with."""
    from livecoach.cli import wiring
    from livecoach.cli.run_lifter import lifter_of_profile
    from livecoach.cli.session_recording import RecordingRequest
    from livecoach.documents import AUTO
    from livecoach.profile import session_of_start
    from livecoach.run.feed import live_feed
    from livecoach.run.workout import LoadOfNextSet

    profile = open_profile(settings.profile, named=options.profile_named and not again)
    chosen = None if settings.exercise == AUTO else settings.exercise
    load = workout.load(chosen, profile.name) if again else LoadOfNextSet(options.load_kg)

    def open_feed(stack: ExitStack) -> "FrameFeed":
        feed = live_feed(stack, settings) if options.phone is None else options.phone.feed(stack, settings)
        _remember(settings, volume=options.volume)
        return feed

    session = session_of_start(datetime.now(UTC))
    return wiring.LiveSession(
        settings=settings,
        open_feed=open_feed,
        events=options.events,
        lifter=replace(lifter_of_profile(profile, session), load=load),
        showing=wiring.DisplayOptions(
            probe=options.probe,
            mirror=settings.mirror,
            plan=options.plan,
            workout=workout,
            has_start_screen=options.probe is not None,
            again=again,
            phone=options.phone,
            verbose=options.verbose,
        ),
        recording=RecordingRequest.now(session, video=options.record) if options.session else None,
        keep_standards=keep_standards,
    ).run()


def _open_home() -> None:
    """Bring the home page up to date and open it; if that fails, the start screen returns."""
    from livecoach.cli.pages import open_home

    try:
        open_home()
    except OutputError as err:
        say(str(err))


def _remember(settings: "Settings", *, volume: bool) -> None:
    """Remember the chosen settings for the next time."""
    values = {"exercise": settings.exercise, "profile": settings.profile, **start.standard_values(settings.standards)}
    camera = start.stored_camera(settings.camera)
    if camera is not None:
        values["camera"] = camera
    if volume:
        values["sound.volume"] = settings.sound.volume
    start.remember_or_say(values)
