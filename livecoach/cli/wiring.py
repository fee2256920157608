"""Builds all parts of a run once, and passes them to the loop."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach import __version__, assembly
from livecoach.cli.options import say, voice_name
from livecoach.cli.output import check_writable
from livecoach.cli.process import status_of, until_interrupted
from livecoach.cli.run_lifter import NOBODY_KNOWN, RunLifter
from livecoach.cli.session_recording import (
    PoseModelId,
    RecordingRequest,
    open_event_lines,
    recorded_session,
    session_document,
)
from livecoach.cli.start import remember_or_say
from livecoach.cli.summary import NOBODY, RunSummary, guessed_line, print_summary, unrecognised_line
from livecoach.coaching.set_progress import NO_PLAN, SetPlan
from livecoach.config import Settings
from livecoach.documents import Event, SessionStart
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.probe import Probe
from livecoach.feedback.screen import LOST, Screen, pictures_folder
from livecoach.feedback.sound import NullSound, Sound, SoundSink
from livecoach.feedback.voice import SoundStyle, load_voice
from livecoach.feedback.window import Limit, OpenCvWindow
from livecoach.pipeline import AutoPipeline, Pipeline
from livecoach.pose import PoseEstimator
from livecoach.pose.opening import open_estimator, open_for_recording
from livecoach.run import live as loop
from livecoach.run.feed import FrameFeed, told_sizes
from livecoach.run.next_run import NextRun
from livecoach.run.watchdog import WindowCalls, watched_window
from livecoach.run.workout import SetLogger, Visit
from livecoach.session.events import EventStream
from livecoach.session.lifter_events import RecordedChoices, RecordedCorrections
from livecoach.session.metrics import RunMetrics
from livecoach.source.capture import CaptureResult
from livecoach.types import Step

if TYPE_CHECKING:
    from livecoach.cli.phone import PhoneSession


@dataclass(frozen=True, kw_only=True)
class DisplayOptions:
    """How the run is shown, and whether it has sound."""

    probe: Probe | None
    """Probe of the window; None where no window is wanted."""
    mirror: bool
    plan: SetPlan = NO_PLAN
    """What the lifter plans. The rest is a setting, where the plan has none."""
    visit: Visit = field(default_factory=Visit)
    """The visit that the run is part of."""
    synthetic: bool = False
    silent: bool = False
    """Without sound."""
    verbose: bool = False
    """Ends with a table of all reps, frame counts and latencies."""
    has_start_screen: bool = False
    """Whether the lifter can go back to the start screen."""
    again: bool = False
    """Follows a run with another exercise, and appends to its events."""
    phone: "PhoneSession | None" = None
    """The phone that is camera, screen, voice and remote; None where none is wanted."""


def _ignore_step(_: Step) -> None:
    """Store nothing of a step."""


def run(
    settings: Settings,
    open_feed: Callable[[ExitStack], FrameFeed],
    events: str | None,
    *,
    lifter: RunLifter | None,
    showing: DisplayOptions,
    pose_of: PoseModelId | Path | None = None,
    recording: RecordingRequest | None = None,
    tell: Callable[[Event], object] = type,
) -> NextRun | None:
    """Run the loop over a feed from its first frame to its last, and print a summary.

    open_feed: called when everything else is ready, so that no frame is dropped meanwhile. events: path, `-` or None.
    lifter: None where nothing is learned. pose_of: the pose model of stored observations, or the video in which pose
    looks ahead; None where pictures come one by one. recording: what to record as a session. tell: called with each
    event too. Returns what to continue with; None where the lifter asked for nothing.
    """
    with ExitStack() as stack:
        watchdog = stack.enter_context(watched_window(say, stack.close))
        calls = WindowCalls(watchdog.limited)
        stack.callback(setattr, calls, "rest", None)  # once the window is closed: it would hold the whole run
        if events is not None and events != "-":
            check_writable(Path(events), "--events")
        loading = stack.enter_context(ThreadPoolExecutor(2, "loading"))
        opening = None if isinstance(pose_of, PoseModelId) else loading.submit(_opened, settings, pose_of)
        sounding = loading.submit(make_sound, settings, showing.silent)
        coach = assembly.load_run(settings.exercise, settings.false_alarms)
        sound: SoundSink = stack.enter_context(closing(sounding.result()))
        if showing.phone is not None:
            sound = showing.phone.sound(sound, settings)
        sound.start()
        _fail_early(opening)
        window = open_screen(stack, coach, settings, showing, calls.guarded)
        estimator = None if opening is None else stack.enter_context(closing(opening.result()))
        pose_model = PoseModelId.of(estimator) if estimator is not None else pose_of
        assert isinstance(pose_model, PoseModelId)
        lifter = lifter or NOBODY_KNOWN
        reference = lifter.reference(coach.coaches, pose_model.name)
        keeper = lifter.keeper() if lifter.keeper and settings.learn else None
        screen = window if showing.phone is None else showing.phone.screen(window, coach, settings)
        feed = open_feed(stack)
        start = session_start(coach, feed.info.name, lifter, pose_model)
        summary = RunSummary(
            source=start.source,
            exercise=coach.title,
            profile=start.profile,
            pose=pose_model.name,
            live=feed.info.live,
            verbose=showing.verbose,
        )
        lines = open_event_lines(stack, events, again=showing.again)
        going: loop.LiveRun | None = None
        where_to_look: list[str] = []
        stack.callback(lambda: list(map(say, where_to_look)))  # after the summary

        def sum_up() -> None:
            if going is not None:  # otherwise something failed before the run
                print_summary(going, summary, keeper.kept if keeper else 0, to_stderr=events == "-")

        stack.callback(sum_up)
        if keeper is not None:
            stack.callback(keeper.close)
        about = partial(
            session_document, settings, feed.info, start, pose_model, recognisable=coach.models(pose_model.name)
        )
        begin = None if recording is None else partial(about, recording)
        session = stack.enter_context(recorded_session(begin, reference, where_to_look.append))
        pipeline = coach.pipeline(
            [rep for _, rep in reference], pose=pose_model.name, learn=settings.learn, height_cm=settings.height_cm
        )
        stream = EventStream(session.tee(lambda event: (lines(event), tell(event))), start)
        sets = SetLogger(stream.log_set, settings.units, lifter.load, lifter.logged)
        going = loop.LiveRun(
            observe=stack.enter_context(closing(assembly.observer(estimator))).observe,
            pipeline=pipeline,
            events=stream,
            sound=sound,
            screen=screen,
            say=say,
            pause=feed.pause,
            keep=_ignore_step if keeper is None else keeper.step,
            record=session,
            profile=lifter.name,
            plan=showing.visit.follow(rested_plan(showing.plan, settings)),
            due=RecordedCorrections(lifter.said),
            choose=pipeline.choose if isinstance(pipeline, AutoPipeline) else None,
            has_start_screen=showing.has_start_screen,
            choices=RecordedChoices(lifter.told),
            sets=sets,
        )
        stack.callback(_say_unrecognised, pipeline, going)
        turns = watchdog.watch(until_interrupted(stack, told_sizes(_with_losses(feed, going.tally), say)))
        stack.callback(turns.close)  # what ends the run may take its time
        calls.rest = partial(status_of, partial(_go_on, stack, going, turns))
        going.go(turns)
        _leave(showing.visit, coach, sets, lifter.name)
    return going.next_run


def _go_on(stack: ExitStack, going: loop.LiveRun, turns: Iterator[CaptureResult]) -> None:
    """Go on with a run whose window is gone, to its end."""
    with stack:
        going.go(turns)


def _leave(visit: Visit, coach: assembly.RunCoach, sets: SetLogger, lifter: str | None) -> None:
    """Keep for the next run of a visit what the lifter should not have to say again."""
    visit.leave()
    carried, given = sets.load_of_next_set, coach.name if coach.titles is None else None
    visit.keep_load(replace(carried, exercise=carried.exercise or given), lifter)


def _opened(settings: Settings, ahead_in: Path | None) -> PoseEstimator:
    if ahead_in is None:
        return open_estimator(settings.pose, settings.pose_threads)
    return open_for_recording(settings.pose, ahead_in, settings.pose_threads)


def _fail_early(opening: "Future[PoseEstimator] | None") -> None:
    """Raise what went wrong with a pose model already, so that no window opens before."""
    if opening is not None and opening.done():
        opening.result()


def _say_unrecognised(pipeline: Pipeline | AutoPipeline, going: loop.LiveRun) -> None:
    """Say that nobody was seen, or that no exercise was sure."""
    if not going.tally.frames or not isinstance(pipeline, AutoPipeline) or pipeline.known:
        return
    if not going.tally.with_pose:
        say(NOBODY)
        return
    guess = pipeline.guess
    if guess is not None and pipeline.counts_guess:
        say(guessed_line(guess, counted=bool(going.reps)))
    else:
        say(unrecognised_line(guess))


def session_start(coach: assembly.RunCoach, source: str, lifter: RunLifter, pose_model: PoseModelId) -> SessionStart:
    """Return the first event. source: name of the source."""
    return SessionStart(
        t_s=0.0,
        source=source,
        exercise=coach.name,
        profile=lifter.name,
        pose=pose_model.name,
        model=coach.model(pose_model.name),
        version=__version__,
    )


def _with_losses(feed: FrameFeed, tally: RunMetrics) -> Iterator[CaptureResult]:
    """Yield what a feed delivers, and count at its end what is missing of it."""
    yield from feed.taken
    tally.lost = feed.lost()


def make_sound(settings: Settings, silent: bool) -> SoundSink:
    """Return what plays cues. silent: plays nothing."""
    if silent:
        return NullSound()
    wanted = settings.sound
    voice = load_voice(voice_name(settings))
    return Sound(voice, SoundStyle(good_rep=wanted.good_rep), volume=wanted.volume, muted=wanted.muted)


def rested_plan(plan: SetPlan, settings: Settings) -> SetPlan:
    """Return a plan with the rest of the settings, where it has none of its own."""
    return plan if plan.rest_s is not None else replace(plan, rest_s=settings.rest_s)


def open_screen(
    stack: ExitStack,
    coach: assembly.RunCoach,
    settings: Settings,
    showing: DisplayOptions,
    limited: Limit,
    lost: str = LOST,
) -> Screen | None:
    """Open a window that announces the exercise, which `stack` closes; None where none is wanted or possible.
    limited: guards each call of the window. lost: what to say where its screen goes away."""
    if showing.probe is None:
        return None
    reason = showing.probe.result()
    if reason is not None:
        say(f"{reason}. The run continues without one.")
        return None
    title = coach.title or ""
    overlay = Overlay(
        mirror=showing.mirror,
        title=title,
        titles=coach.titles,
        synthetic=showing.synthetic,
        learns=settings.learn,
    )
    window = OpenCvWindow("livecoach", full_screen=settings.full_screen, limited=limited)
    screen = Screen(
        overlay,
        window,
        pictures_folder(),
        say,
        lambda full_screen: remember_or_say({"full_screen": full_screen}),
        lost=lost,
    )
    stack.callback(screen.close)
    screen.greet(f"{title}: starting" if title else "starting")
    return screen
