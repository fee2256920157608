"""Replays a session: in a window as it was live, or every frame of it, compared with the live verdicts."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from livecoach import assembly
from livecoach.cli import options, session_comparison, wiring
from livecoach.cli.arguments import files_in, session_named
from livecoach.cli.event_lines import open_event_lines
from livecoach.cli.options import say
from livecoach.cli.output import check_apart
from livecoach.cli.profiles import open_profile
from livecoach.cli.run_lifter import RunLifter, lifter_of_profile, lifter_of_session
from livecoach.cli.session_corrector import Corrector
from livecoach.cli.session_recording import PoseModelId, RecordingRequest
from livecoach.coaching.set_plan import NO_PLAN, SetPlan
from livecoach.config import Settings
from livecoach.errors import SessionError, SourceError
from livecoach.feedback.playback_bar import PlaybackMark
from livecoach.feedback.probe import start_probe
from livecoach.loads import load_words
from livecoach.player import Player, StepCache
from livecoach.run.feed import deferred_feed
from livecoach.run.watchdog import watched_window
from livecoach.session.events import EventStream
from livecoach.session.lifter_events import RecordedChoices, RecordedCorrections
from livecoach.session.metrics import RunMetrics
from livecoach.session.stored import Session, open_session
from livecoach.session.video import SessionPictures
from livecoach.types import Step

LOST = "the screen is gone: the replay ends here"
OVER = ("exercise", "profile", "learn", "height")
"""Options that affect verdicts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """How to replay a session."""

    speed: float | None
    """None: every frame, as fast as possible."""
    loop: bool
    compare: bool
    events: str | None
    window: bool
    mirror: bool
    record: bool
    verbose: bool
    plan: SetPlan = NO_PLAN


def open_if_session(given: Path) -> Session | None:
    """Open the session that the argument names; None where it names a file. Raises SessionError."""
    if given.is_file():
        return None
    folder = given if given.is_dir() else session_named(given)
    return None if folder is None else open_session(folder, say)


def replay_settings(session: Session, given: dict[str, object]) -> Settings:
    """Return the settings that judged the session, overridden by the given options."""
    about = session.about
    then = options.settings(**{"exercise": about.exercise, **{k: v for k, v in given.items() if v is not None}})
    learn = about.settings.learn if given.get("learn") is None else then.learn
    height_cm = about.settings.height_cm if given.get("height") is None else then.height_cm
    return replace(then, false_alarms=about.settings.false_alarms, height_cm=height_cm, learn=learn)


def replay(session: Session, how: ReplayOptions, given: dict[str, object]) -> None:
    """Replay a session. given: options of the command line that override the session's own settings."""
    settings = replay_settings(session, given)
    if how.events is not None and how.events != "-":
        check_apart(Path(how.events), files_in((session.folder,)), "--events")
    lifter = lifter_of_session(session)
    if given.get("profile") is not None:
        profile = open_profile(settings.profile, named=True)
        of_profile = lifter_of_profile(profile, session.about.session)
        lifter = replace(of_profile, keeper=None, said=lifter.said, told=lifter.told, logged=lifter.logged)
    probe = start_probe() if how.window and how.speed is not None else None
    showing = wiring.DisplayOptions(
        probe=probe,
        mirror=how.mirror,
        plan=how.plan,
        synthetic=session.about.source.synthetic,
        silent=how.speed is None,
        verbose=how.verbose,
    )
    if how.speed is not None and not how.record and _played(session, how, settings, lifter, showing):
        return
    replayed = session_comparison.ReplayedEvents()
    _run(session, how, settings, lifter, replace(showing, probe=probe if how.record else None), replayed)
    if how.speed is None:
        over = [f"{name} {value} now" for name, value in given.items() if name in OVER and value is not None]
        session_comparison.print_comparison(session, replayed, over, whole=how.compare, to_stderr=how.events == "-")


def _run(
    session: Session,
    how: ReplayOptions,
    settings: Settings,
    lifter: RunLifter,
    showing: wiring.DisplayOptions,
    replayed: session_comparison.ReplayedEvents,
) -> None:
    """Run it like live, through the capture, or every frame."""
    about = session.about
    with ExitStack() as unused:
        source = unused.enter_context(closing(session.frames(pictures=how.record)))
        wiring.run(
            settings,
            deferred_feed(unused, source, settings, how.speed),
            how.events,
            lifter=lifter,
            showing=showing,
            stored_pose=_pose_model(session),
            recording=RecordingRequest.now(about.session, video=True, synthetic=about.source.synthetic)
            if how.record
            else None,
            tell=replayed.event,
        )


def _played(
    session: Session, how: ReplayOptions, settings: Settings, lifter: RunLifter, showing: wiring.DisplayOptions
) -> bool:
    """Play it in a window; return False where none can be opened, or none is wanted."""
    with ExitStack() as stack:
        watchdog = stack.enter_context(watched_window(say, stack.close, "The replay ends here."))
        coach = assembly.load_run(settings.exercise, settings.false_alarms)
        screen = wiring.open_screen(stack, coach, settings, showing, watchdog.limited, LOST)
        if screen is None:
            return False
        sound = stack.enter_context(closing(wiring.make_sound(settings, showing.silent)))
        sound.start()
        start = wiring.session_start(coach, session.about.source.name, lifter, _pose_model(session))
        events = EventStream(open_event_lines(stack, how.events), start)
        tally = RunMetrics()

        def on_step(step: Step) -> None:
            tally.add(step.observation)
            events.step(step, None)

        frames = stack.enter_context(closing(session.frames()))
        reference = [rep for _, rep in lifter.reference(coach.coaches, session.about.model.pose)]
        pipeline = coach.pipeline(
            reference, learn=settings.learn, height_cm=settings.height_cm, pose=session.about.model.pose
        )
        steps = StepCache(
            frames.payloads(),
            pipeline,
            on_step,
            RecordedCorrections(lifter.said),
            RecordedChoices(lifter.told),
            wiring.rested_plan(showing.plan, settings),
        )
        if not len(steps):
            raise SessionError(f"{session.folder}: contains no observations, so there is nothing to replay.")
        pictures = _pictures(stack, session)
        counted = [one.rep for one in session.corrected_reps]
        marks = tuple(PlaybackMark(rep.start_s, rep.end_s, rep.label if rep.counts else None) for rep in counted)
        stack.callback(lambda: events.end(tally))
        Player(
            steps,
            marks,
            pictures,
            screen=screen,
            sound=sound,
            say=say,
            speed=how.speed or 1.0,
            loop=how.loop,
            correct=Corrector(session).keyed,
            profile=lifter.name,
            loads={
                number: load_words(log.load_kg, settings.units)
                for number, log in session.set_logs.items()
                if log.load_kg is not None
            },
        ).run()
    return True


def _pictures(stack: ExitStack, session: Session) -> SessionPictures | None:
    """Open the session's video; None where it has none, or it can't be read, which is reported."""
    if session.video is None:
        return None
    if session.video_damage is not None:
        say(session.video_damage)
    try:
        return stack.enter_context(closing(SessionPictures(session.video)))
    except SourceError as err:
        say(f"{err} The session is shown without pictures.")
        return None


def _pose_model(session: Session) -> PoseModelId:
    return PoseModelId(name=session.about.model.pose, sha256=session.about.pose_sha256)
