"""The commands live and replay, and the start of `livecoach` without a command.

The process of the window starts while this process imports the rest, so slow modules are imported in functions.
"""

from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli import options
from livecoach.cli.command_process import ErrorWindow
from livecoach.cli.options import PATH, FloatParam, LongCommand, SettingOption, plan_options, pop_plan
from livecoach.cli.output import check_writable
from livecoach.core.config import Settings
from livecoach.core.config.files import protected_files
from livecoach.core.documents import AUTO
from livecoach.core.errors import CameraError, OutputError
from livecoach.core.loads import parse_load
from livecoach.feedback.window import Window
from livecoach.run.process import NO_SCREEN, has_screen, suspend_garbage_collection

if TYPE_CHECKING:
    from livecoach.run.end_screen import EndScreen

BEGIN = """
Begin here:
  livecoach demo       a lifter on the screen, no camera needed
  livecoach doctor     what works on this machine
  livecoach live       your first set
"""
COMMON = ("camera", "phone", "exercise", "profile", "mute", "record", "no_session", "load", "target", "rest")
CHOICES = ("camera", "exercise", "profile")  # Settings that the start screen asks for
OVERRIDING = ("exercise", "profile", "learn", "height", "depth", "count")  # Options that affect verdicts


@click.command(cls=LongCommand, common=COMMON)
@click.option("--camera", cls=SettingOption, metavar="N|URL|list", help="Number or URL; list shows all cameras.")
@click.option(
    "--phone",
    is_flag=False,
    flag_value="auto",
    metavar="[ADDRESS]",
    help="Film with a phone; ADDRESS[:PORT] of this computer.",
)
@options.live_exercise
@options.live_profile
@options.own_model
@options.live_options
@click.option("--mirror/--no-mirror", cls=SettingOption, default=None, help="Show the picture as a mirror does.")
@options.live_rotate
@plan_options
@click.option("--record", is_flag=True, help="Record a video too; the window shows REC meanwhile.")
@click.option("--no-session", is_flag=True, help="Keep no session, and learn nothing from it.")
@click.option("--load", metavar="LOAD", help="Load of the first set: 100, 102.5kg or 220lb.")
def live(
    camera: str | None,
    phone: str | None,
    no_window: bool,
    events: str | None,
    record: bool,
    no_session: bool,
    load: str | None,
    verbose: bool,
    **overrides: Any,
) -> None:
    """Watch your sets through a camera.

    The first time, you choose exercise, profile and camera; later, it begins at once. livecoach learns from your first
    reps, and compares later reps with them. It keeps the positions of your joints, and video only with --record.
    Options apply to this run. In the window, Q ends the run; ? shows all keys.

    Example: livecoach live --camera 0 --profile anna
    """
    if record and no_session:
        raise click.UsageError("--record and --no-session exclude each other: give one of them.")
    if phone is not None and camera is not None:
        raise click.UsageError("--phone and --camera exclude each other: give one of them.")
    plan, model = pop_plan(overrides), overrides.pop("model")
    overrides["exercise"] = options.resolve_exercise(overrides["exercise"], model)
    if camera == "list":
        from livecoach.lab.tools.doctor import camera_lines

        click.echo("\n".join(camera_lines()))
        return
    number = (camera or "").removeprefix("/dev/video")
    source = int(number) if number.isascii() and number.isdigit() else camera
    settings = options.use_settings(camera=source, **overrides)
    if phone is None and isinstance(settings.camera, str) and "://" not in settings.camera:
        raise CameraError(
            f"{settings.camera}: neither a camera number nor the URL of a stream. "
            "`--camera list` shows the cameras; `livecoach replay FILE` runs a recording."
        )
    with options.option_errors("--load"):
        load_kg = None if load is None else parse_load(load, settings.units, ",")
    check_writable(events, "--events")
    window = None if no_window else Window()
    end = _end_screen(window, settings)
    with suspend_garbage_collection():
        from livecoach.core.config import has_settings
        from livecoach.run.live import run_live, serve_phone
        from livecoach.run.parts import PartChoice
        from livecoach.run.run_options import RunOptions
        from livecoach.run.set_logger import LoadOfNextSet

    how = RunOptions(
        settings=settings,
        window=window,
        end=end,
        events=events,
        records=not no_session,
        video=record,
        first_part=PartChoice(load=LoadOfNextSet(load_kg)),
        plan=plan,
        model=model,
        verbose=verbose,
    )
    named = {options.setting_key(name) for name, value in {**overrides, "camera": camera}.items() if value is not None}
    with ExitStack() as stack:
        if phone is not None:
            how = replace(how, phone=stack.enter_context(closing(serve_phone(phone, to_stderr=events == "-"))))
        is_new = camera is overrides["exercise"] is overrides["profile"] is phone is None and not has_settings(*CHOICES)
        begins = is_new and window is not None and window.failure_reason() is None
        run_live(how, begin_on_screen=begins, named=named)


@click.command(
    cls=LongCommand, common=("speed", "fast", "compare", "exercise", "profile", "mute", "no_window", "record")
)
@click.argument("file", type=PATH, metavar="FILE|SESSION")
@click.option("--speed", type=FloatParam(0.1, 16), default=1.0, metavar="X", help="Speed; 1 is the original.")
@click.option("--fast", is_flag=True, help="Process every frame, as fast as possible; no window, no sound.")
@click.option("--compare", is_flag=True, help="Sessions only: list what the installed version judges differently.")
@options.recorded_exercise
@options.recorded_profile
@options.own_model
@options.live_options
@options.film_options
@click.option("--mirror/--no-mirror", default=False, help="Show the picture as a mirror does.")
@plan_options
@click.option("--record", is_flag=True, help="Keep the replay as a session, with a video.")
def replay(
    file: Path,
    speed: float,
    fast: bool,
    no_window: bool,
    events: str | None,
    mirror: bool,
    record: bool,
    verbose: bool,
    **overrides: Any,
) -> None:
    """Run a recording as if live.

    A recording is a session, a video, or a file written by `livecoach lab observe`.

    The recording plays at its own pace, like a camera, and frames may be dropped as in a live run. Space pauses, and ?
    shows all keys. A session (its name, the beginning of its name, or "last") is judged as it was, with the lifter's
    corrections and choices; the keys change only the replay. In a file, livecoach recognises the exercise, and no
    profile judges or learns, unless --exercise and --profile name them. With --fast every frame is processed, and the
    same file and profile give the same events, byte for byte; a session gives the events of the live run. Reps that
    livecoach learned from a recording do not judge it.

    Example: livecoach replay last --speed 0.5
    """
    compare, plan = bool(overrides.pop("compare")), pop_plan(overrides)
    rotate, filmed_at = overrides.pop("rotate"), overrides.pop("filmed_at")
    model = overrides.pop("model")
    with suspend_garbage_collection():
        from livecoach.cli.arguments import open_if_session, open_profile
        from livecoach.run import replay as replays
        from livecoach.run.opened_recording import session_settings
        from livecoach.run.run_options import RunOptions

    session = open_if_session(file)
    exercise = options.resolve_exercise(overrides["exercise"], model)
    if session is None or exercise != session.about.exercise:
        overrides["exercise"] = exercise
    if session is not None and filmed_at is not None:
        raise click.UsageError("--filmed-at is for films: a session has its times already.")
    if session is None and compare:
        raise click.UsageError("--compare works with sessions only: a file has no verdicts to compare with.")
    chosen = {name: value for name, value in overrides.items() if value is not None}
    settings = options.use_settings_for_recording(
        rotate, **{"exercise": AUTO if session is None else session.about.exercise, **chosen}
    )
    if session is not None:
        settings = session_settings(session.about, settings, chosen)
    check_writable(events, "--events", apart_from=protected_files((file if session is None else session.folder,)))
    pace = None if fast or compare else speed
    window = None if no_window or pace is None else Window()
    how = RunOptions(
        settings=replace(settings, mirror=mirror),
        window=window,
        end=_end_screen(window, settings),
        events=events,
        records=record,
        video=record,
        plan=plan,
        model=model,
        verbose=verbose,
    )
    profile = open_profile(settings.profile) if "profile" in chosen else None
    if session is None:
        replays.replay_file(file, how, profile, speed=pace, filmed_at_fps=filmed_at)
    else:
        over = {name: value for name, value in chosen.items() if name in OVERRIDING}
        over |= {"model": model} if model else {}
        replays.replay_session(session, how, profile, over, speed=pace, compare=compare)


def open_start_screen(context: click.Context, profile: str | None) -> None:
    """Open the start screen, and run the sessions that begin there; without a screen for a window, print help.

    Args:
        profile: Profile that the home page chose, "" for the profile in the settings. None if the home page did not
            start this command: then the home page opens in the browser, too, if there are sessions.

    Raises:
        OutputError: The home page started this command, and no window can be opened.
    """
    window = Window()
    from livecoach.records.session import layout

    try:
        is_first = next(layout.scan_folders(), None) is None
    except OSError:
        is_first = False  # It is reported when the sessions are read
    if not has_screen() or window.failure_reason() is not None:
        if profile is not None:
            raise OutputError(NO_SCREEN)
        click.echo(context.get_help())
        click.echo(BEGIN if is_first else "\n`livecoach report` writes a page of your last session.")
        return
    with suspend_garbage_collection():
        from livecoach.run.live import run_live
        from livecoach.run.run_options import RunOptions

    settings = options.use_settings(profile=profile or None)
    how = RunOptions(settings=settings, window=window, end=_end_screen(window, settings), records=True)
    run_live(how, opens_home=not is_first and profile is None)


def _end_screen(window: Window | None, settings: Settings) -> "EndScreen | None":
    if window is not None:
        window.full_screen = settings.full_screen
        window.open()
    from livecoach.run.end_screen import EndScreen

    end = None if window is None else EndScreen(window)
    click.get_current_context().ensure_object(ErrorWindow).end = end
    return end
