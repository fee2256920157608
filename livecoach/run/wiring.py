"""Opens everything that a run needs, in order, and closes everything in the reverse order.

So the watchdog and the handler of Ctrl-C end first; then the session, the summary with the place of the session, and
the events; last the camera, the pose model, the window and the sound.
"""

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from livecoach.capture.capture import CaptureResult
from livecoach.capture.file import VideoFile
from livecoach.capture.timeline import now_s
from livecoach.core.config import Settings
from livecoach.core.documents import Event, PartEvent, PlanEvent, SetProfileEvent
from livecoach.core.documents.codec import ObservationsHeader
from livecoach.core.errors import LivecoachError, NoPicture
from livecoach.core.language import translate
from livecoach.core.types import NO_PLAN, ignore
from livecoach.core.types.bounds import check_profile_name
from livecoach.core.types.message import Message
from livecoach.decisions import assembly
from livecoach.decisions.judging.corrections import rep_key
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.screen import Action, Screen
from livecoach.feedback.sound import SoundSink
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.estimators import open_estimator, open_film_estimator
from livecoach.records.session.events import EventStream
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.opening import open_session
from livecoach.records.session.recorder import Recorder
from livecoach.run import session_recording
from livecoach.run.choices import remember_or_report
from livecoach.run.coached import AssignSet, BeginPart, ChooseLoad, CoachedRun, command_time
from livecoach.run.controls import Controls, Ending
from livecoach.run.feed import AWAKE_S, FrameFeed, RestingRate
from livecoach.run.loop import FrameLoop, RunScreen
from livecoach.run.parts import KeptReps, Part, PartChoice, PartMaker, learn_from_session
from livecoach.run.process import defer_signals, obey_deferred_signal, say, until_interrupted, watch_loop
from livecoach.run.rest_replay import RestReplay
from livecoach.run.run_options import RunOptions
from livecoach.run.sounds import load_spoken_voice, make_sound

if TYPE_CHECKING:
    from livecoach.run.phone import PhoneConnection  # Its packages may be missing

LONGEST_PAUSE_S = 3600.0  # Time after a rep from which the next set belongs to another session; our choice
OpenFeed = Callable[[ExitStack], FrameFeed]
"""A function that opens a source, which the stack closes. A run calls this function once pose model, window and sound
are ready, so that no frame waits for them, and again while the source sends no picture."""
SeenAhead = ObservationsHeader | Callable[[], VideoFile] | None
"""Knowledge about a source in advance: the header of stored observations, or a function that opens the film, in which
the pose estimation looks ahead; None if pictures come one by one."""


class RunResult(NamedTuple):
    """The result of a run: the reason for its end, and the session that it recorded."""

    ending: Ending
    session: Path | None  # Folder of the session; None if no session was kept
    profiles: Sequence[str | None]
    """Profiles of the lifters with completed or partial reps, or only of the last lifter if there are no such reps. The
    last lifter comes first. None stands for a lifter without a profile."""


def run(options: RunOptions, open_feed: OpenFeed, seen: SeenAhead = None) -> RunResult:
    """Carry out a run until its source ends, or the lifter or a signal ends it, and print a summary.

    A live run also ends LONGEST_PAUSE_S after its last rep, unless a set is under way. Profiles learn
    from a session that is recorded among the user's sessions.

    Raises:
        LivecoachError: The run can't begin, or can't continue.
        click.exceptions.Exit: The lifter leaves before the first picture.
    """
    loop: FrameLoop | None = None  # None until all parts are open
    last_lines: list[str] = []  # Line about the place of the session
    end = options.end
    if end is not None:
        end.clear()

    def learn_and_sum_up() -> None:
        """Let profiles learn from the session, print the summary of the run, and set the content of the end screen."""
        if loop is not None:
            from livecoach.run.summary import end_rows, end_title, print_summary

            kept = _kept_folder(recorder)
            lines = _learn(loop.coached, kept, teaches=options.sessions_in is None)
            print_summary(loop, options, start, ready.coach.title, lines, live=feed.info.live)
            if end is not None:
                end.report = None if kept is None else f"{kept.name}.html"
                is_kept, problem = kept is not None, loop.display.problem
                end.title = end_title("".join(last_lines), records=options.records, is_kept=is_kept, problem=problem)
                end.rows = [*end_rows(loop, ready.coach.title, start.pose, live=feed.info.live)]

    def say_last() -> None:
        for line in last_lines:
            say(translate(line))

    def send(event: Event) -> None:
        for receive in receivers:
            receive(event)

    # Whatever ends the run, its parts are closed in the reverse order of these lines.
    with ExitStack() as stack:
        stack.callback(obey_deferred_signal)
        ready = PreparedRun(stack, options, seen)
        feed = await_picture(lambda: open_feed(stack), ready.window, options.phone)
        about = session_recording.make_session_document(options, feed.info, ready.coach, ready.pose, ready.pose_sha256)
        lines = session_recording.open_event_lines(
            stack, options.events, again=options.follows_run, live=feed.info.live
        )
        stack.callback(say_last)
        stack.callback(learn_and_sum_up)
        reference = [path for path, _ in ready.coached.part.reference]
        recorder = stack.enter_context(session_recording.record_session(options, about, reference, last_lines.append))
        receivers = (recorder.add_event if recorder else ignore, lines, options.on_event)
        start = session_recording.make_session_start(about)
        events = EventStream(send, start)
        loop = _loop(options, ready, feed, events, recorder)
        stack.callback(_say_doubt, loop)
        results = until_interrupted(stack, _with_losses(feed, loop.metrics))
        report, leave = (say, os._exit) if end is None else (end.report_error, end.leave)
        watching = watch_loop(results, report, stack.close, leave=leave)
        stack.callback(watching.close)  # The end of a run may take longer than an item of the loop
        stack.callback(defer_signals)
        ask = options.ask
        controls = Controls(
            loop=loop,
            pause=feed.pause,
            begin_part=partial(_begin_part, options, ready, loop),
            give_set=partial(_give_set, options, ready, loop),
            ask=None if ask is None else lambda row: ask(watching, row, loop.coached),
            ends_after_s=LONGEST_PAUSE_S if feed.info.live else math.inf,
            on_choice=options.on_choice,
            parse_new_profile=check_profile_name if options.phone is None else options.phone.parse_new_profile,
        )
        loop.run(watching, controls.listen)
    lifters = [name for name, *_ in loop.coached.reps_by_profile()]
    lifters.sort(key=lambda name: name != loop.coached.lifter.name)
    return RunResult(controls.ending, _kept_folder(recorder), lifters)


def _learn(run: CoachedRun, session: Path | None, *, teaches: bool) -> Mapping[str, Sequence[str]]:
    """Let profiles learn from the session, if any, as `learn_from_session` does, and return its lines.

    A lifter who only got a set learns, too; nobody learns unless the session `teaches`. The log takes the stored reps,
    because learning may judge them anew. A session that can't be read changes no rep.
    """
    log = run.pipeline.log
    lifters = dict.fromkeys((*run.lifters, *log.lifters.values())) if teaches else ()
    lines = learn_from_session((name for name in lifters if name is not None), session)
    with suppress(LivecoachError):
        reps = () if session is None else open_session(session, ignore).corrected_reps
        stored = {event.rep.start_s: event.rep for event in reps}
        log.reps = tuple(stored.get(rep_key(rep.start_s), rep) for rep in log.reps)
    return lines


def _kept_folder(recorder: Recorder | None) -> Path | None:
    return recorder.folder if recorder is not None and os.path.isdir(recorder.folder) else None


class PreparedRun:
    """Everything that a run opens before its source. Pose model and sounds load in parallel, because they are slow."""

    def __init__(self, stack: ExitStack, options: RunOptions, seen: SeenAhead) -> None:
        settings, phone, lifter = options.settings, options.phone, options.lifter
        loading = stack.enter_context(ThreadPoolExecutor(2, "loading"))
        opening = None if isinstance(seen, ObservationsHeader) else loading.submit(_open_estimator, settings, seen)
        sounding = loading.submit(make_sound, settings, options.silent)
        self._bests = cache(partial(loading.submit, lifter.read_bests))
        self.parts = PartMaker(
            settings, "", options.plan, replays=options.replays, by_hand=options.by_hand, model=options.model
        )
        self.coach = coach = self.parts.load_coach(settings.exercise)
        sound: SoundSink = stack.enter_context(closing(sounding.result()))
        self.sounds: Sequence[SoundSink] = (sound,)
        if opening is not None and opening.done():
            opening.result()  # Raises the error of a pose model that has failed already, before a window opens
        self.window = _open_screen(stack, coach, options)
        self.screens: Sequence[RunScreen] = () if self.window is None else (self.window,)
        if phone is not None:
            self.sounds = sound, phone.make_sound(load_spoken_voice(settings), muted=sound.muted)
            self.screens = phone.make_screen(self.window, coach, settings, lifter), *self.screens
        estimator = None if opening is None else opening.result()
        self.observer = stack.enter_context(closing(assembly.make_observer(estimator)))
        about = seen if isinstance(seen, ObservationsHeader) else None
        self.pose = about.pose_model if about else "" if estimator is None else estimator.name
        self.pose_sha256 = about.pose_sha256 if about else "" if estimator is None else estimator.sha256
        self.parts.pose = self.pose
        lifter = replace(lifter, read_bests=lambda: self._bests().result())
        # The reference is read from the disk while no frame waits.
        first = self.parts.begin(settings.exercise, lifter, settings.standards)
        if options.first_part.load.load_kg is not None:
            first.lifter.set_logger.use_chosen_load(options.first_part.load)
        if options.first_part.plan != NO_PLAN:
            first.lifter.plan.replace_plans(self.parts.planned_sets((options.first_part.plan,)), first.exercise)
        rests = RestReplay() if self.screens else None
        replayed = None if options.replays is None else self.parts
        self.coached = CoachedRun(first, rests, standards=settings.standards, parts=replayed)

    def begin(self) -> None:
        """Start the sound sinks and the loading of the lifter's bests, after the first picture, which needs neither."""
        for sound in self.sounds:
            sound.start()
        self._bests()


def _open_estimator(settings: Settings, open_film: Callable[[], VideoFile] | None) -> PoseEstimator:
    if open_film is None:
        return open_estimator(settings.pose, settings.pose_threads, settings.turn_deg)
    return open_film_estimator(settings.pose, open_film, settings.pose_threads, settings.turn_deg)


def await_picture(
    open_feed: Callable[[], FrameFeed], window: Screen | None, phone: "PhoneConnection | None"
) -> FrameFeed:
    """Open a feed. While the camera sends no picture, show that in the window and on the phone, and try again.

    Args:
        window: Window that shows the error, and in which Q ends the command; None without a window.
        phone: Phone that shows the error; None without a phone.

    Raises:
        NoPicture: The camera sends no picture, and neither a window nor a phone can show that.
        click.exceptions.Exit: The lifter leaves.
        LivecoachError: The source can't be opened.
    """
    is_reported = False
    while True:
        try:
            return open_feed()
        except NoPicture as err:
            if phone is not None:
                phone.show_line(err.text)
            elif window is None or window.report_loss():
                raise
            if not is_reported:
                say(str(err))
            is_reported = True
            if window is not None and Action.QUIT in window.show_texts(err.text):
                raise click.exceptions.Exit(0) from err


def _loop(
    options: RunOptions, ready: PreparedRun, feed: FrameFeed, events: EventStream, recorder: Recorder | None
) -> FrameLoop:
    loop = FrameLoop(
        observe=ready.observer.observe,
        coached=ready.coached,
        events=events,
        sounds=ready.sounds,
        recorder=recorder,
        print_line=say,
        screens=ready.screens,
        resting=RestingRate(
            fps=options.settings.capture.rest_fps,
            awake_until_s=AWAKE_S if feed.info.live else math.inf,
            skip_until=feed.skip_until,
        ),
        begin=ready.begin,
        clock=now_s if feed.info.live else time.monotonic,  # A paced recording stops while the computer sleeps
        turn_deg=options.settings.turn_deg or 0,
    )
    loop.display.can_pause = not feed.info.live
    return loop


def _begin_part(options: RunOptions, ready: PreparedRun, loop: FrameLoop, choice: PartChoice) -> None:
    """Begin the chosen part, if any, and use the chosen load and plan. If LivecoachError is raised, the part stays."""
    coached, parts, step = loop.coached, ready.parts, loop.coached.last
    assert step is not None, "a choice comes after a step"
    before = coached.part.exercise, coached.lifter.name or options.settings.profile
    exercise, profile = choice.exercise or before[0], choice.profile or before[1]
    has_held = bool(coached.pipeline.log.unassigned_sets)  # The choice then names the lifter of these sets
    if has_held or (exercise, profile) != before:
        lifter = parts.find_lifter(profile) or options.lifter_of(profile)
        part = parts.begin(exercise, lifter, coached.standards, coached.pipeline.log)
        loop.process(BeginPart(part, _part_event(loop, part, ready)))
        options.on_choice(choice)
        if options.phone is not None:
            options.phone.offer(replace(options.settings, exercise=exercise, profile=profile), lifter, coached.lifters)
    if choice.load.load_kg is not None:
        loop.process(ChooseLoad(coached.lifter, choice.load, is_typed=False))
    if choice.plan != NO_PLAN:
        plans = tuple(parts.planned_sets((choice.plan,)))
        planned = coached.lifter.plan.planned_exercise
        loop.process(PlanEvent(**command_time(step), exercise=planned, plans=plans))
    loop.display.redraw()


def _give_set(options: RunOptions, ready: PreparedRun, loop: FrameLoop, number: int, profile: str) -> None:
    """Assign a set to the lifter of a profile. If that raises LivecoachError, the set keeps its lifter."""
    step, parts, log = loop.coached.last, ready.parts, loop.coached.pipeline.log
    assert step is not None, "a set was lifted"
    lifter = parts.find_lifter(profile) or options.lifter_of(profile)
    lifter, kept = parts.register_lifter(lifter, log.exercises_of(number))
    event = SetProfileEvent(
        **command_time(step),
        set=number,
        profile=profile,
        height_cm=parts.settle_height_cm(lifter) or 0.0,
        reference=_link_own_reps(loop, kept),
    )
    loop.process(AssignSet(lifter, event))


def _link_own_reps(loop: FrameLoop, reference: KeptReps) -> tuple[str, ...]:
    """Add own reps to the session's folder, and return their names there."""
    return () if loop.recorder is None else loop.recorder.add_reference([path for path, _ in reference])


def _part_event(loop: FrameLoop, part: Part, ready: PreparedRun) -> PartEvent:
    """Return the event that records the beginning of a part after the newest step."""
    step, coach = loop.coached.last, ready.parts.load_coach(part.exercise)
    assert step is not None
    return PartEvent(
        **command_time(step),
        exercise=part.exercise,
        profile=part.lifter.name,
        height_cm=ready.parts.settle_height_cm(part.lifter) or 0.0,
        model=coach.model_document(ready.pose),
        exercises=session_recording.countable_exercises(coach, ready.pose),
        reference=_link_own_reps(loop, part.reference),
    )


def _say_doubt(loop: FrameLoop) -> None:
    from livecoach.run.doubts import run_doubt_line

    line = run_doubt_line(loop)
    if line is not None:
        say(line)


def _with_losses(feed: FrameFeed, metrics: RunMetrics) -> Iterator[CaptureResult]:
    """Yield the results of a feed, and count its lost frames at the end."""
    yield from feed.results
    loss = feed.loss()
    metrics.lost = 0 if loss is None else loss.frames


def _open_screen(stack: ExitStack, coach: assembly.CoachingModels, options: RunOptions) -> Screen | None:
    """Open the window, which `stack` closes; None if no window is wanted or possible."""
    window, settings = options.window, options.settings
    if window is None:
        return None
    reason = window.failure_reason()
    if reason is not None:
        say(f"{reason}. The run continues without one.")
        return None
    title = coach.title or ""
    overlay = Overlay(
        mirror=settings.mirror, title=title, titles=coach.titles, synthetic=options.synthetic, learns=settings.learn
    )
    window.full_screen = settings.full_screen
    screen = Screen(overlay, window, say, lambda full: remember_or_report({"full_screen": full}))
    stack.callback(screen.show_texts, "one moment")  # The end may take seconds
    screen.show_texts(Message("{text}: starting", text=title) if title else "starting")
    return screen
