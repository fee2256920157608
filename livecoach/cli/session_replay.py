"""Replay of a session: as it was live in a window, or every frame of it, beside what was decided then."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from livecoach.cli import comparing, options, wiring
from livecoach.cli.keeping import Keeping, Seer
from livecoach.cli.options import say
from livecoach.cli.profiles import opened
from livecoach.config import Settings
from livecoach.errors import SessionError, SourceError
from livecoach.feedback.probe import start_probe
from livecoach.session.stored import Session, find, is_session, open_session


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a session is to be replayed."""

    speed: float | None
    """None: every frame, as fast as it goes."""
    loop: bool
    compare: bool
    events: str | None
    window: bool
    mirror: bool
    record: bool


def wanted(given: Path) -> Session | None:
    """The session that was named; None where that is a file. Raises SessionError."""
    if given.is_file():
        return None
    if not is_session(given) and (given.suffix or len(given.parts) > 1) and not given.is_dir():
        return None  # the path of a file that is not there: said by who would read it
    try:
        return open_session(find(str(given)), say)
    except SessionError as err:
        if given.exists():
            raise
        raise SourceError(f"{given}: no such file, and no such session. `livecoach sessions` lists them.") from err


def settings_of(session: Session, given: dict[str, object]) -> Settings:
    """The settings that a session was judged with, what was given now over them."""
    about = session.about
    then = options.settings(**{"exercise": about.exercise, **{k: v for k, v in given.items() if v is not None}})
    learn = about.settings.learn if given.get("learn") is None else then.learn
    return replace(then, false_alarms=about.settings.false_alarms, height_cm=about.settings.height_cm, learn=learn)


def replay(session: Session, how: How, given: dict[str, object]) -> None:
    """Replay a session. given: options of the command line that stand over the session's own settings."""
    settings = settings_of(session, given)
    named = given.get("profile") is not None
    with ExitStack() as unused:
        source = unused.enter_context(closing(session.frames(pictures=how.speed is not None or how.record)))
        about = session.about
        lifter = wiring.of_session(session)
        if named:
            lifter = replace(wiring.of_profile(opened(settings.profile, named=True), about.session), keeper=None)

        def open_feed(stack: ExitStack) -> wiring.Feed:
            feed = wiring.recorded_feed(stack, source, settings, how.speed)
            unused.pop_all()  # the feed closes it, on the thread that reads it
            return feed

        probe = start_probe() if how.window and how.speed is not None else None
        keeping = Keeping.now(about.session, video=True, synthetic=about.source.synthetic) if how.record else None
        told = comparing.Told()
        wiring.run(
            settings,
            open_feed,
            how.events,
            lifter=lifter,
            showing=wiring.Showing(
                probe=probe, mirror=how.mirror, synthetic=about.source.synthetic, silent=how.speed is None
            ),
            stored_pose=Seer(name=about.model.pose, sha256=about.pose_sha256),
            keeping=keeping,
            tell=told.event,
        )
    if how.speed is None:
        comparing.print_outcome(session, told, whole=how.compare, to_stderr=how.events == "-")
