"""The commands that run live or as if live: live and replay; and what `livecoach` alone does.

The process of the window starts while this one imports the rest. So what takes long is imported in functions.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.options import Decimal, LongCommand, SettingOption, planned, take_plan
from livecoach.cli.output import check_writable, has_screen
from livecoach.cli.process import without_collection
from livecoach.core.config import Settings
from livecoach.core.documents import AUTO, Event
from livecoach.core.errors import CameraError, LivecoachError
from livecoach.core.language import translate
from livecoach.core.loads import parse_load
from livecoach.core.types import ignore
from livecoach.decisions.coaching.set_progress import NO_PLAN, SetPlan
from livecoach.feedback.window import Window

if TYPE_CHECKING:
    from livecoach.records.profile import Profile

BEGIN = """
Begin here:
  livecoach demo       a lifter on the screen, no camera needed
  livecoach doctor     what works on this machine
  livecoach live       your first set
"""
COMMON = ("camera", "phone", "exercise", "profile", "mute", "record", "no_session", "load", "target", "rest")
CHOICES = ("camera", "exercise", "profile")  # settings that the start screen asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReplay:
    """How to run a recording."""

    speed: float | None  # None for every frame, as fast as possible, without window and sound
    events: str | None  # file for the events, or "-" for standard output; None for none
    window: bool
    mirror: bool
    verbose: bool  # as in wiring.DisplayOptions; `plan` and `again`, too
    synthetic: bool = False  # whether nobody was filmed, which a file of observations tells by itself
    record: bool = False  # whether a session with a video is recorded
    session_above: Path | None = None
    """Folder in which a session without a video is recorded instead, beside the user's; None for none."""
    stays_s: float = 0.0  # how long the last picture stays in the window, seconds. Without a window nobody looks at it.
    plan: SetPlan = NO_PLAN
    again: bool = False
    on_event: Callable[[Event], object] = ignore  # called with each event


def replay_file(file: Path, settings: Settings, profile: "Profile | None", how: FileReplay) -> None:
    """Run a recording, and again from its start where the lifter changes the exercise. Raises LivecoachError."""
    window = Window() if how.window and how.speed is not None else None
    with without_collection():
        from livecoach.capture.stored import StoredObservations
        from livecoach.cli import wiring
        from livecoach.cli.recording import check_loss
        from livecoach.cli.session_recording import PoseModelId, RecordingRequest
        from livecoach.records.profile import session_of_recording
        from livecoach.run.every_frame import open_recording
        from livecoach.run.feed import deferred_feed

    check_writable(how.events, "--events", apart_from=(file,))

    def stays_s() -> float:
        return how.stays_s if window is not None and window.why_not() is None else 0.0

    with ExitStack() as unused:
        # Opened first, so that a wrong path is reported at once.
        source = unused.enter_context(closing(open_recording(file)))
        header = source.header if isinstance(source, StoredObservations) else None
        session = session_of_recording(file, source.info.name)
        synthetic = how.synthetic or (header is not None and header.synthetic)
        ahead_in = file if how.speed is None else None
        wanted = RecordingRequest(session=session, video=how.record, synthetic=synthetic, above=how.session_above)
        other = wiring.LiveSession(
            settings=settings,
            open_feed=deferred_feed(unused, source, settings, how.speed, stays_s),
            events=how.events,
            lifter=wiring.NOBODY_KNOWN if profile is None else wiring.lifter_of_profile(profile, session),
            showing=wiring.DisplayOptions(
                window=window,
                mirror=how.mirror,
                plan=how.plan,
                synthetic=synthetic,
                silent=how.speed is None,
                again=how.again,
                verbose=how.verbose,
            ),
            pose_of=ahead_in if header is None else PoseModelId(name=header.pose_model, sha256=header.pose_sha256),
            recording=wanted if how.record or how.session_above is not None else None,
            on_event=how.on_event,
        ).run()
    if other is None:
        check_loss(file, source)
    elif other.exercise is not None:
        replay_file(file, replace(settings, exercise=other.exercise), profile, replace(how, again=True))


@click.command(cls=LongCommand, common=COMMON)
@click.option("--camera", cls=SettingOption, metavar="N|URL|list", help="Number or URL; list shows the cameras.")
@click.option(
    "--phone",
    is_flag=False,
    flag_value="auto",
    metavar="[ADDRESS]",
    help="A phone as camera; ADDRESS[:PORT] of this computer.",
)
@options.live_exercise
@options.live_profile
@options.monitor
@click.option("--mirror/--no-mirror", cls=SettingOption, default=None, help="Show the picture as a mirror does.")
@planned
@options.record
@click.option("--no-session", is_flag=True, help="Keep no session, and no rep unless --learn is given.")
@click.option("--load", metavar="LOAD", help="Load of the first set: 100, 102.5kg or 220lb.")
@click.option(
    "--told-on-a-page", is_flag=True, hidden=True, help="For the home page: an error is in the lifter's language."
)
def live(
    camera: str | None,
    phone: str | None,
    no_window: bool,
    events: str | None,
    record: bool,
    no_session: bool,
    load: str | None,
    verbose: bool,
    **given: object,
) -> None:
    """Watch a set through a camera.

    livecoach recognises the exercise, learns from your first good reps, and judges by them from then on. It keeps the
    session as landmarks, without pictures unless --record is given. An option is for this run alone. In the window, Q
    quits, and ? shows all keys.

    Example: livecoach live --camera 0 --profile anna
    """
    if record and no_session:
        raise click.UsageError("--record and --no-session exclude each other: give one of them.")
    if phone is not None and camera is not None:
        raise click.UsageError("--phone and --camera exclude each other: give one of them.")
    plan, on_a_page = take_plan(given), bool(given.pop("told_on_a_page"))
    if camera == "list":
        from livecoach.lab.tools.doctor import camera_lines

        click.echo("\n".join(camera_lines()))
        return
    settings = options.settings(camera=_camera(camera), **given)
    if phone is None and isinstance(settings.camera, str) and "://" not in settings.camera:
        raise CameraError(
            f"{settings.camera}: neither a camera number nor the URL of a stream. "
            "`--camera list` shows the cameras; `livecoach replay FILE` runs a recording."
        )
    with options.taken_by("--load"):
        load_kg = None if load is None else parse_load(load, settings.units)
    named = {options.KEYS[name] for name, value in {**given, "camera": camera}.items() if value is not None}
    window = None if no_window else Window()
    with without_collection():
        from livecoach.cli.live_runs import LiveOptions, run_live, serve_phone
        from livecoach.core.config import remembers

    how = LiveOptions(
        window=window,
        events=events,
        record=record,
        session=not no_session,
        load_kg=load_kg,
        plan=plan,
        verbose=verbose,
        keeps_reps=not no_session or given["learn"] is True,
        named=frozenset(named),
        chosen={key: getattr(settings, key) for key in named & set(CHOICES)} if on_a_page else {},
    )
    if phone is not None:
        with _told(on_a_page), closing(serve_phone(phone, to_stderr=events == "-")) as served:
            run_live(settings, replace(how, phone=served), begin_on_screen=False)
        return
    is_new = camera is given["exercise"] is given["profile"] is None and not remembers(*CHOICES)
    with _told(on_a_page):
        run_live(settings, how, begin_on_screen=is_new and window is not None and window.why_not() is None)


@click.command(
    cls=LongCommand, common=("speed", "fast", "loop", "compare", "exercise", "profile", "mute", "no_window", "record")
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE|SESSION")
@click.option("--speed", type=Decimal(0.1, 16), default=1.0, metavar="X", help="Speed; 1 is the original.")
@click.option("--fast", is_flag=True, help="Process every frame, as fast as possible; no window, no sound.")
@click.option("--loop", is_flag=True, help="Sessions only: start again at the end.")
@click.option("--compare", is_flag=True, help="Sessions only: list what the installed version judges differently.")
@options.recorded_exercise
@options.recorded_profile
@options.monitor
@click.option("--mirror/--no-mirror", default=False, help="Show the picture as a mirror does.")
@planned
@options.record
def replay(
    file: Path,
    speed: float,
    fast: bool,
    no_window: bool,
    events: str | None,
    mirror: bool,
    record: bool,
    verbose: bool,
    **given: object,
) -> None:
    """Run a recording as if live.

    A recording is a session, a video, or a file written by `livecoach lab observe`.

    A session (its name, the beginning of its name, or "last") is shown as it was. Space pauses, the arrow keys jump
    back and forward, G, B, X and U correct the rep before the playhead, and ? shows all keys. A file is paced by its
    own timestamps, like a camera, and may drop frames as live does. Its exercise is recognised, and no profile judges
    or learns, unless --exercise and --profile name them. With --fast every frame is processed, and the same file and
    profile give the same events, byte for byte; a session gives those of the live run. What was learned from a
    recording does not judge it.

    Example: livecoach replay last --speed 0.5
    """
    from livecoach.cli import session_replay
    from livecoach.cli.arguments import open_profile

    loop, compare, plan = bool(given.pop("loop")), bool(given.pop("compare")), take_plan(given)
    session = session_replay.open_if_session(file)
    if loop and (fast or compare or no_window or record):
        raise click.UsageError("--loop needs the window: leave out --fast, --compare, --no-window and --record.")
    how = FileReplay(
        speed=None if fast or compare else speed,
        events=events,
        window=not no_window,
        mirror=mirror,
        verbose=verbose,
        record=record,
        plan=plan,
    )
    if session is not None:
        session_replay.replay(session, how, given, loop=loop, compare=compare)
        return
    if loop or compare:
        raise click.UsageError("--loop and --compare work with sessions only: a file has no verdicts to compare with.")
    settings = options.settings(**{**given, "exercise": given["exercise"] or AUTO})
    profile = None if given["profile"] is None else open_profile(settings.profile)
    replay_file(file, settings, profile, how)


def begin(context: click.Context) -> None:
    """Open the start screen, and the home page if there are sessions. Without a screen, print how to begin."""
    window = Window()
    from livecoach.records.session import layout

    try:
        is_first = next(layout.folders(), None) is None
    except OSError:
        is_first = False  # reading them says why they can't be read
    if not has_screen() or window.why_not() is not None:
        click.echo(context.get_help())
        click.echo(BEGIN if is_first else "\n`livecoach home --out FOLDER` writes pages of your sessions.")
        return
    with without_collection():
        from livecoach.cli.live_runs import LiveOptions, run_live

    run_live(options.settings(), LiveOptions(window=window, opens_home=not is_first), begin_on_screen=True)


@contextmanager
def _told(on_a_page: bool) -> Iterator[None]:
    """Say an error in the lifter's language if a page shows it; the terminal's is English."""
    try:
        yield
    except LivecoachError as err:
        if not on_a_page:
            raise
        raise type(err)(translate(err.text)) from err


def _camera(given: str | None) -> int | str | None:
    return int(given) if given is not None and given.isascii() and given.isdigit() else given
