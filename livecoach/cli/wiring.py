"""Builds all parts of a run once, and passes them to the loop."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach import __version__
from livecoach.capture.capture import CaptureResult
from livecoach.cli.options import say, voice_name
from livecoach.cli.output import check_writable
from livecoach.cli.process import ending_in_order, until_interrupted
from livecoach.cli.session_recording import (
    PoseModelId,
    RecordingRequest,
    open_event_lines,
    recorded_session,
    session_document,
)
from livecoach.cli.start import remember_or_say
from livecoach.cli.summary import NOBODY, guessed_line, print_summary, unrecognised_line
from livecoach.core.config import Settings
from livecoach.core.documents import CorrectionEvent, Event, SessionStart, SetLogEvent
from livecoach.core.errors import ConfigError, NoPicture, SourceError
from livecoach.core.types import RepWindow, Standards, ignore
from livecoach.core.types.message import Message
from livecoach.decisions import assembly
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.records import PastBests
from livecoach.decisions.coaching.set_progress import NO_PLAN, SetPlan
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.screen import LOST, Action, Screen, pictures_folder
from livecoach.feedback.sound import Sound, SoundSink
from livecoach.feedback.voice import Voice, load_voice
from livecoach.feedback.window import Window
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.opening import open_estimator, open_for_recording
from livecoach.records.profile import Profile, ProfileWriter
from livecoach.records.session.events import EventStream
from livecoach.records.session.lifter_events import RecordedChoices, RecordedCorrections
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.stored import Session
from livecoach.run.controls import Controls, NextRun
from livecoach.run.feed import FrameFeed, RestingRate, report_sizes
from livecoach.run.loop import FrameLoop, RunScreen, watched
from livecoach.run.rest_replay import RestReplay
from livecoach.run.workout import NO_LOAD, LoadOfNextSet, SetLogger, Workout

if TYPE_CHECKING:
    from livecoach.cli.phone import PhoneSession

ENGLISH = "en"
KeptReps = Sequence[tuple[Path, RepWindow]]
"""The lifter's own good reps with their files, oldest first within each exercise."""


@dataclass(frozen=True, kw_only=True)
class RunLifter:
    name: str | None  # name of the profile; None without one
    reference_of: Callable[[str, str], KeptReps]  # exercise and pose model → the lifter's own good reps
    keeper: Callable[[], ProfileWriter] | None  # makes the writer that stores learned reps; None if none are stored
    corrections: Sequence[CorrectionEvent] = ()  # corrections from the recording of a session, which are replayed
    events: Sequence[Event] = ()  # events from that recording: the choices of the exercise among them are replayed
    load: LoadOfNextSet = NO_LOAD  # load of the first set
    last_times: LastTimes = field(default_factory=dict)  # the last session with each exercise
    read_bests: Callable[[], PastBests] = dict  # reads the bests of earlier sessions
    logged: Sequence[SetLogEvent] = ()  # logs of sets during that recording, which are replayed

    def reference(self, exercises: Iterable[str], pose: str) -> KeptReps:
        """The lifter's own good reps of these exercises. pose: name of the pose model."""
        return [rep for name in exercises for rep in self.reference_of(name, pose)]


NOBODY_KNOWN = RunLifter(name=None, reference_of=lambda *_: (), keeper=None)
"""A lifter of whom nothing is known and from whom nothing is learned."""


def lifter_of_profile(profile: Profile, session: str) -> RunLifter:
    """The lifter of a profile. session: identifies this run's reps among those of all runs."""

    def reference_of(exercise: str, pose: str) -> KeptReps:
        try:
            return profile.reference(exercise, pose=pose, excluding_session=session)
        except SourceError as err:  # an unreadable folder is no reason not to lift
            say(f"{err} The run begins without your stored reps.")
            return ()

    return RunLifter(name=profile.name, reference_of=reference_of, keeper=lambda: ProfileWriter(profile, session, say))


def lifter_of_session(session: Session) -> RunLifter:
    """The lifter as known when a session began. A replay stores nothing: the live run did."""
    return RunLifter(
        name=session.about.profile,
        reference_of=lambda exercise, _: session.reference_of(exercise),
        keeper=None,
        corrections=session.corrections,
        events=session.events,
        logged=session.set_log_events,
    )


@dataclass(frozen=True, kw_only=True)
class DisplayOptions:
    """How the run is shown, and whether it has sound."""

    window: Window | None
    mirror: bool
    plan: SetPlan = NO_PLAN  # the lifter's plan. If it has no rest, the setting applies.
    workout: Workout = field(default_factory=Workout)  # the workout that the run is part of
    synthetic: bool = False
    silent: bool = False
    verbose: bool = False  # ends with a table of all reps, frame counts and latencies
    has_start_screen: bool = False  # whether the lifter can go back to the start screen
    again: bool = False  # follows a run with another exercise, and appends to its events
    phone: "PhoneSession | None" = None


@dataclass(kw_only=True, eq=False)
class LiveSession:
    """Builds all parts of a run once, and runs it from the first frame of its feed to the last."""

    settings: Settings
    open_feed: Callable[[ExitStack], FrameFeed]
    """Called when everything else is ready, so that no frame is dropped meanwhile."""
    showing: DisplayOptions
    events: str | None = None  # where events go: path, `-` or None
    lifter: RunLifter = NOBODY_KNOWN
    pose_of: PoseModelId | Path | None = None
    """The pose model of stored observations, or the video in which pose estimation looks ahead; None if pictures come
    one by one."""
    recording: RecordingRequest | None = None  # what to record as a session; None for nothing
    on_event: Callable[[Event], object] = ignore  # also called with each event
    keep_standards: Callable[[Standards], object] = ignore
    """Called with the standards that the lifter chooses during the run."""

    def run(self) -> NextRun | None:
        """Run, and print a summary. Return what to continue with; None if the lifter asked for nothing."""
        with ExitStack() as stack:
            ends = ending_in_order(stack)
            parts = self._loaded(stack)
            feed = self._opened_feed(stack, parts.screen)
            loop, controls = self._built(stack, parts, feed)
            results = watched(
                until_interrupted(stack, report_sizes(_with_losses(feed, loop.tally), say)), say, stack.close
            )
            stack.callback(results.close)  # ending a run may take long
            stack.callback(ends)
            loop.run(results, controls)
            self._carry_over(parts.exercise, loop.sets)
        return controls.next_run

    def _opened_feed(self, stack: ExitStack, screen: RunScreen | None) -> FrameFeed:
        """Open the feed. A window says that the camera sends nothing, and the camera is tried again; Q ends that."""
        said = False
        while True:
            try:
                return self.open_feed(stack)
            except NoPicture as err:
                if not isinstance(screen, Screen) or screen.lost:
                    raise
                if not said:
                    say(str(err))
                said = True
                if Action.QUIT in screen.greet(err.text):
                    raise click.exceptions.Exit(0) from err

    def _loaded(self, stack: ExitStack) -> "_Parts":
        """Load the slow parts, pose model and sounds in parallel, and open the window."""
        settings, showing = self.settings, self.showing
        check_writable(self.events, "--events")
        loading = stack.enter_context(ThreadPoolExecutor(2, "loading"))
        opening = None if isinstance(self.pose_of, PoseModelId) else loading.submit(_opened, settings, self.pose_of)
        sounding = loading.submit(make_sound, settings, showing.silent)
        recalling = cache(partial(loading.submit, self.lifter.read_bests))

        def begin() -> None:
            sound.start()
            recalling()

        exercise = assembly.load_run(settings.exercise, settings.false_alarms)
        sound: SoundSink = stack.enter_context(closing(sounding.result()))
        if showing.phone is not None:
            sound = showing.phone.sound(sound, spoken_voice(settings))
        if opening is not None and opening.done():
            opening.result()  # the error of a pose model that has failed already, before a window opens
        window = open_screen(stack, exercise, settings, showing)
        estimator = None if opening is None else stack.enter_context(closing(opening.result()))
        model = PoseModelId.of(estimator) if estimator is not None else self.pose_of
        assert isinstance(model, PoseModelId)
        return _Parts(
            exercise=exercise,
            sound=sound,
            estimator=estimator,
            pose_model=model,
            reference=self.lifter.reference(exercise.coaches, model.name),
            bests=lambda: recalling().result(),
            begin=begin,
            keeper=self.lifter.keeper() if self.lifter.keeper and settings.learn else None,
            screen=window
            if showing.phone is None
            else showing.phone.screen(window, exercise, settings, self.lifter.last_times),
        )

    def _built(self, stack: ExitStack, parts: "_Parts", feed: FrameFeed) -> tuple[FrameLoop, Controls]:
        """Build the loop and its controls; `stack` closes what ends with the run."""
        settings, lifter, exercise, keeper = self.settings, self.lifter, parts.exercise, parts.keeper
        model = parts.pose_model
        start = session_start(exercise, feed.info.name, lifter, model)
        lines = open_event_lines(stack, self.events, again=self.showing.again, live=feed.info.live)
        built: list[FrameLoop] = []
        last_lines: list[str] = []
        stack.callback(lambda: list(map(say, last_lines)))  # after the summary

        def sum_up() -> None:
            for loop in built:  # empty if something failed before the run
                print_summary(
                    loop,
                    start,
                    exercise.title,
                    keeper.kept if keeper else 0,
                    live=feed.info.live,
                    verbose=self.showing.verbose,
                    to_stderr=self.events == "-",
                )

        stack.callback(sum_up)
        if keeper is not None:
            stack.callback(keeper.close)
        about = partial(session_document, settings, feed.info, start, model, exercise.models(model.name))
        is_listed = self.recording is None or self.recording.above is None
        ended = last_lines.append if is_listed else ignore
        session = stack.enter_context(recorded_session(self.recording, about, parts.reference, ended))
        pipeline = exercise.pipeline(
            [rep for _, rep in parts.reference],
            pose=model.name,
            learn=settings.learn,
            height_cm=settings.height_cm,
            standards=settings.standards,
        )
        stream = EventStream(session.tee(lambda event: (lines(event), self.on_event(event))), start)
        loop = FrameLoop(
            observe=stack.enter_context(closing(assembly.observer(parts.estimator))).observe,
            pipeline=pipeline,
            events=stream,
            sound=parts.sound,
            recorder=session,
            say=say,
            screen=parts.screen,
            store=ignore if keeper is None else keeper.step,
            sets=SetLogger(stream.log_set, settings.units, lifter.load, lifter.logged),
            plan=self.showing.workout.follow(rested_plan(self.showing.plan, settings)),
            replay=RestReplay(exercise.coaches),
            profile=lifter.name,
            resting=RestingRate(fps=settings.capture.rest_fps) if feed.info.live else None,
            skip_until=feed.skip_until,
            standards=settings.standards,
            last_times=lifter.last_times,
            bests=parts.bests,
            begin=parts.begin,
        )
        built.append(loop)
        stack.callback(_say_unrecognised, pipeline, loop)
        return loop, Controls(
            loop=loop,
            pause=feed.pause,
            has_start_screen=self.showing.has_start_screen,
            corrections=RecordedCorrections(lifter.corrections),
            choices=RecordedChoices(lifter.events),
            keep_standards=self.keep_standards,
        )

    def _carry_over(self, exercise: assembly.RunCoach, sets: SetLogger) -> None:
        """Keep the lifter's input for the next run of the workout."""
        workout = self.showing.workout
        workout.leave()
        carried, given = sets.load_of_next_set, exercise.name if exercise.titles is None else None
        workout.keep_load(replace(carried, exercise=carried.exercise or given), self.lifter.name)


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """The parts of a run that are ready before its feed opens."""

    exercise: assembly.RunCoach
    sound: SoundSink
    estimator: PoseEstimator | None  # None for stored observations
    pose_model: PoseModelId
    reference: Sequence[tuple[Path, RepWindow]]
    bests: Callable[[], PastBests]
    begin: Callable[[], object]  # starts what the first picture does not need
    keeper: ProfileWriter | None  # stores good reps in the profile; None if nothing is learned
    screen: RunScreen | None


def _opened(settings: Settings, ahead_in: Path | None) -> PoseEstimator:
    if ahead_in is None:
        return open_estimator(settings.pose, settings.pose_threads)
    return open_for_recording(settings.pose, ahead_in, settings.pose_threads)


def _say_unrecognised(pipeline: Pipeline, loop: FrameLoop) -> None:
    if not loop.tally.frames or pipeline.known:
        return
    if not loop.tally.with_pose:
        say(NOBODY)
        return
    guess = pipeline.guess
    if guess is not None and pipeline.counts_guess:
        say(guessed_line(guess, counted=bool(loop.reps)))
    else:
        say(unrecognised_line(guess))


def session_start(coach: assembly.RunCoach, source: str, lifter: RunLifter, pose_model: PoseModelId) -> SessionStart:
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
    """Yield the results of a feed, and count its lost frames at the end."""
    yield from feed.taken
    tally.lost = feed.lost()


def make_sound(settings: Settings, silent: bool) -> SoundSink:
    """Return the sink that plays cues. silent: it plays nothing."""
    if silent:
        return SoundSink()
    wanted = settings.sound
    return Sound(spoken_voice(settings), volume=wanted.volume, muted=wanted.muted)


def spoken_voice(settings: Settings) -> Voice:
    """The voice of a run. Raises ConfigError if not even the English one can be read."""
    return replace(_voice(voice_name(settings)), good_rep=settings.sound.good_rep)


@cache
def _voice(name: str) -> Voice:
    """The voice; where it can't be read, that is reported, and it is the English one. Cached, so that screen and phone
    cause one report."""
    try:
        return load_voice(name)
    except ConfigError as err:
        if name == ENGLISH:
            raise
        say(f"{err} The voice is English until then.")
        return load_voice(ENGLISH)


def rested_plan(plan: SetPlan, settings: Settings) -> SetPlan:
    """Return a plan with the rest from the settings if it has none of its own."""
    return plan if plan.rest_s is not None else replace(plan, rest_s=settings.rest_s)


def open_screen(
    stack: ExitStack, coach: assembly.RunCoach, settings: Settings, showing: DisplayOptions, lost: str = LOST
) -> Screen | None:
    """Open a window, which `stack` closes; None if none is wanted or possible. lost: said when its screen is gone."""
    window = showing.window
    if window is None:
        return None
    reason = window.why_not()
    if reason is not None:
        say(f"{reason}. The run continues without one.")
        return None
    title = coach.title or ""
    overlay = Overlay(
        mirror=showing.mirror, title=title, titles=coach.titles, synthetic=showing.synthetic, learns=settings.learn
    )
    window.full_screen = settings.full_screen
    screen = Screen(
        overlay,
        window,
        pictures_folder(),
        say,
        lambda full_screen: remember_or_say({"full_screen": full_screen}),
        lost=lost,
    )
    stack.callback(screen.close)
    screen.greet(Message("{text}: starting", text=title) if title else "starting")
    return screen
