"""Offers the choices of the start screen, shows it, and remembers the lifter's choices in the settings."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from livecoach.capture.capture import Capture, CaptureResult
from livecoach.capture.picture_sources import open_picture_source
from livecoach.core.config import Settings, local_time, override_values, save_settings
from livecoach.core.documents.session import AUTO
from livecoach.core.errors import ConfigError, LivecoachError, OutputError
from livecoach.core.language import format_duration
from livecoach.core.loads import MOST_KG, Units, format_load, to_kg
from livecoach.core.types import Plans, SetPlan, SetPlans, Standards
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.message import Message, capitalise, join_texts
from livecoach.core.types.reps import COUNTED
from livecoach.decisions.coaching.last_time import LastTime, LastTimes, fault_reminder, without_unchecked_depth
from livecoach.decisions.coaching.set_progress import plan_words
from livecoach.pages import offered
from livecoach.pages.history.last_sessions import find_last_times
from livecoach.records.plan import load_planned_sets
from livecoach.run import start
from livecoach.run.coached import CoachedRun
from livecoach.run.parts import AS_BEFORE, ChoiceRow, PartChoice
from livecoach.run.place_watch import PlaceWatch
from livecoach.run.process import say
from livecoach.run.run_options import RunOptions
from livecoach.run.set_logger import LoadOfNextSet
from livecoach.run.start import NEW_PROFILE, Press, Preview, Row, RunPreview, StartMenu, show_menu

if TYPE_CHECKING:
    from livecoach.run.phone import PhoneConnection  # Its packages may be missing

LAST_TIME = "load and plan"  # Name of the row with load and plan of the last session
COUNTS = {words: count for count, words in COUNTED.items()}  # Values of standards.count, by their words
WAIT_LINES: dict[Press, str] = {
    "start": "starting",
    "phone": "Scan this with the phone.",
    **dict.fromkeys(("sessions", "report"), "opening your sessions"),
}
"""Line in the window while a run or a page is prepared, by the result of the pressed button or key."""

LATER = "type the load later"  # Option without a load, as for a warm-up
LOAD_STEPS: dict[Units, tuple[float, ...]] = {"metric": (0.0, 2.5, 5.0), "imperial": (0.0, 5.0, 10.0)}
"""Steps from the load of the last session, in the units of loads: the smallest common plates. Our choice."""


def load_and_plan_choices(
    last: LastTime | None, settings: Settings, planned: SetPlans = (), load: str | None = None
) -> dict[str, PartChoice]:
    """Return the choices of load and plan for the next set, by their texts on the start screen.

    The first choice changes nothing: the load stands, or the lifter's own plan applies, if any. Each other choice
    repeats the last session with a step of LOAD_STEPS added to the load, up to MOST_KG. A rest in the settings replaces
    that session's rest.

    Args:
        last: The last session with the exercise; None for no other choice. An unknown load gives one other choice.
        planned: Sets of the exercise in the lifter's own plan.
        load: Load of the next set, as displayed; None if no load is known.
    """
    next_load = "" if load is None else Message("next set: {text}", text=load)
    own: str = next_load or LATER
    if words := plan_words(planned, settings.units):
        is_planned = {load} == {plan.load_kg and format_load(plan.load_kg, settings.units) for plan in planned}
        own = join_texts("  ·  ", "" if is_planned else next_load, Message("as planned: {text}", text=words))
    if last is None:
        return {own: AS_BEFORE}
    plan = SetPlan(sets=last.sets, reps=last.reps, rest_s=settings.rest_s or last.rest_s)
    if last.load_kg is None:
        every = [PartChoice(plan=plan)]
    else:
        loads_kg = (last.load_kg + to_kg(step, settings.units) for step in LOAD_STEPS[settings.units])
        loads = [LoadOfNextSet(load_kg, last.exercise) for load_kg in loads_kg if load_kg <= MOST_KG]
        every = [PartChoice(load=load, plan=plan) for load in loads]
    return {own: AS_BEFORE} | {_offer_words(offer, settings.units): offer for offer in every}


def _offer_words(offer: PartChoice, units: Units) -> str:
    """Describe an offer, such as "100 kg · 5 × 5 · rest 3:00"."""
    plan, load_kg = offer.plan, offer.load.load_kg
    sets = "" if plan.reps is None else Message("{n} × {n2}", n=plan.sets or 1, n2=plan.reps)
    rest = "" if plan.rest_s is None else Message("rest {time}", time=format_duration(plan.rest_s))
    return join_texts("  ·  ", "" if load_kg is None else format_load(load_kg, units), sets, rest)


def update_menu(
    menu: StartMenu,
    settings: Settings,
    read_last: Callable[[str], LastTimes],
    read_plans: Callable[[str], Plans] = lambda _: {},
    read_load: Callable[[str, str], str | None] = lambda *_: None,
) -> StartMenu:
    """Return the menu with the loads, plans and title that suit the exercise, profile and depth chosen in the menu.

    The title is a reminder of the last session's fault to fix in the exercise; "livecoach" without such a fault.

    Args:
        read_last: Returns the last session of a profile with each exercise.
        read_plans: Returns the plans of a profile for the current week.
        read_load: Returns the load of a profile's next set in an exercise, as displayed; None if no load is known.
    """
    exercise, profile = menu.row_of("exercise").value, menu.row_of("profile").value
    lasts = read_last(profile)
    last = offered.last_time_of(without_unchecked_depth(menu.row_of("depth").value, lasts), exercise)
    load = read_load(profile, exercise)
    there = load_and_plan_choices(last, settings, read_plans(profile).get(exercise, ()), load)
    rows = (row if row.name != LAST_TIME or row.options == there else Row(LAST_TIME, there) for row in menu.rows)
    title = capitalise(fault_reminder(last, with_title=exercise == AUTO)) or "livecoach"
    return replace(menu, rows=tuple(rows), title=title)


def show_start_screen(
    run: RunOptions,
    row: ChoiceRow | None = None,
    problem: str | None = None,
    serve: "Callable[[], PhoneConnection] | None" = None,
    read_last: Callable[[str], LastTimes] = find_last_times,
    feed: Iterator[CaptureResult] | None = None,
    coached: CoachedRun | None = None,
) -> tuple[Settings, Press, PartChoice]:
    """Show the start screen until the lifter leaves it by a button or key, or ends the session on the phone.

    If a run or a page is then prepared, the window says so. If the lifter quits before a run, the window is hidden.
    Raises OutputError if the window's screen is gone or does not answer.

    Args:
        run: Options of the run so far, with a window. The phone of the run, if any, replaces the camera.
        row: The row that is selected first; None for the Start button.
        problem: The reason for which the last run did not begin; None without a reason.
        serve: Connects a phone for the button "Use a phone"; None to leave the button out. The menu shows a failure.
        read_last: Returns the last session of a profile with each exercise.
        feed: Pictures of a run that continues afterwards, with the same camera; None before a run.
        coached: Coaching of the run that continues afterwards; None before a run.

    Returns:
        The settings with the choices, the result of the button or key, and the choice of load and plan.
    """
    settings, phone, window = run.settings, run.phone, run.window
    assert window is not None  # The start screen needs a window
    today = local_time.now().date()
    lifters = () if coached is None else coached.lifters
    read_plans = cache(partial(load_planned_sets, today, settings=settings, say=say))
    read_load = partial(_load_of_next_set, coached, settings)
    following = partial(update_menu, settings=settings, read_last=read_last, read_plans=read_plans, read_load=read_load)
    camera = {"phone": settings.camera} if phone is not None else offered.camera_choices(settings)
    if feed is not None:
        camera = {text: value for text, value in camera.items() if value == settings.camera}
    menu = following(make_start_menu(settings, camera, row, lifters, offers_phone=serve is not None))
    menu = menu if feed is None else replace(menu, escape="back")
    with ExitStack() as stack:
        opens = partial(open_picture_source, other_hosts=settings.capture.other_hosts)
        opener = opens if phone is None else phone.open_preview
        shows = Preview(lambda name: Capture(partial(opener, name), settings.capture), offers_phone=serve is not None)
        preview = stack.enter_context(closing(shows)) if feed is None else RunPreview(feed)
        watch = stack.enter_context(closing(PlaceWatch(settings, silent=feed is not None)))
        window.full_screen = settings.full_screen
        if phone is not None:
            phone.show_line()
        poll_ended = None if phone is None else phone.poll_ended
        menu, press = show_menu(menu, window, preview, problem, following, poll_ended, watch)
        code = None
        while press == "phone" and serve is not None and code is None:
            try:
                code = serve().qr_code
            except LivecoachError as err:
                menu, press = show_menu(menu, window, preview, err.text, following, watch=watch)
        if press in WAIT_LINES:  # A run or a page needs some seconds before it is shown
            picture = preview.read_picture(str(menu.row_of("camera").value))[0] if code is None else code
            shown = start.draw_menu(
                menu, picture, title=WAIT_LINES[press], mirrored=code is None, portrait=window.is_portrait
            )
            window.show(shown)
        elif window.lost:
            raise OutputError("the window's screen is gone or does not answer. livecoach ends here.")
        elif feed is None:
            window.hide()
    chosen = override_values(settings, {row.setting: row.value for row in menu.rows if row.setting})
    return chosen, press, menu.row_of(LAST_TIME).value


def _load_of_next_set(coached: CoachedRun | None, settings: Settings, profile: str, exercise: str) -> str | None:
    """Return the load of a lifter's next set in an exercise, as displayed; None without a load or a run."""
    lifters = () if coached is None else coached.lifters_in_run
    found = next((lifter for lifter in lifters if (lifter.name or settings.profile) == profile), None)
    return None if found is None else found.set_logger.load_in(exercise)


def standard_values(standards: Standards) -> dict[str, object]:
    """Return the values of standards by their dotted keys in the settings."""
    return {"standards.depth": standards.depth, "standards.count": standards.count}


def make_start_menu(
    settings: Settings,
    camera: Mapping[str, object],
    row: ChoiceRow | None,
    lifters: Sequence[str],
    *,
    offers_phone: bool,
) -> StartMenu:
    """Make the menu of the start screen. Each row has the value in the settings or, if not offered, its first value.

    Args:
        camera: Values of the setting `camera` to choose from, by their texts in the menu.
        row: The row that is selected first; None for the Start button.
        lifters: Profiles of the lifters of the run; empty before a run.
        offers_phone: Whether to add the button "Use a phone".
    """
    deep = tuple(title for title, name in offered.exercise_choices().items() if offered.has_depth(name))
    standards = settings.standards
    rows = (
        _row("exercise", offered.exercise_choices(), settings.exercise),
        _row("depth", offered.depth_choices(settings), standards.depth, setting="standards.depth", shown_with=deep),
        _row("what counts", COUNTS, standards.count, setting="standards.count", shown_with=deep),
        _row("profile", {profile_words(of): of for of in offered.profile_choices(settings, lifters)}, settings.profile),
        _row("camera", camera, settings.camera),
        Row(LAST_TIME, load_and_plan_choices(None, settings)),
    )
    phone: dict[str, Press] = {"Use a phone": "phone"} if offers_phone else {}
    buttons = {"Start": "start", **phone, "New profile": NEW_PROFILE, "Sessions and reports": "sessions"}
    menu = StartMenu(rows, buttons, 0)
    names = [shown.name for shown in menu.shown_rows]
    return replace(menu, focus=len(names) if row is None else names.index(row))


def _row(name: str, options: Mapping[str, object], chosen: object, **also: Any) -> Row:
    values = list(options.values())
    return Row(name, options, values.index(chosen) if chosen in values else 0, **{"setting": name, **also})


def values_to_remember(before: Settings, after: Settings, named: Container[str]) -> dict[str, object]:
    """Return the choices of the start screen that are to be remembered, as values by dotted key of the settings.

    A setting that the command line names, by its key in `named`, is left out unless the lifter changed it.
    """

    def rows(settings: Settings) -> dict[str, object]:
        own = {name: getattr(settings, name) for name in ("camera", "exercise", "profile")}
        return own | standard_values(settings.standards)

    shown = rows(before)
    return {key: value for key, value in rows(after).items() if value != shown[key] or key not in named}


def remember_or_report(values: Mapping[str, object]) -> None:
    """Write values into the user's settings by dotted key. A failure is reported, not raised: the run continues."""
    try:
        save_settings(values)
    except (ConfigError, OutputError) as err:
        say(str(err))
