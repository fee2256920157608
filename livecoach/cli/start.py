"""The start screen of the command line: what can be chosen, and the settings that follow."""

import sys
from contextlib import ExitStack, closing
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livecoach.cli.phone import PhoneSession
    from livecoach.config import Settings
    from livecoach.feedback.start_menu import Press, StartMenu
    from livecoach.run.next_run import ChoiceRow

RECOGNISED = "Recognise it"
"""Option that leaves the exercise to livecoach."""
NEXT: "dict[Press, str]" = {"start": "starting", "sessions": "making the page of your sessions"}
"""Press → what the window says while that is made ready."""


def ask(
    settings: "Settings", row: "ChoiceRow | None" = None, phone: "PhoneSession | None" = None
) -> "tuple[Settings, Press]":
    """Show the start screen until something is pressed; return the settings with what was chosen, and the press.

    row: the row that the keys concern first; None for the button that starts. phone: takes the camera's place. Needs a
    display. Unless the lifter quits, the window stays open, for the run or for this screen again, and says what is
    being made ready.
    """
    from livecoach.cli.options import say
    from livecoach.config import override
    from livecoach.errors import OutputError
    from livecoach.feedback.start_screen import StartScreen
    from livecoach.feedback.start_window import StartWindow
    from livecoach.run.start import Preview, choose
    from livecoach.run.watchdog import watched_window
    from livecoach.source.opening import open_picture_source

    options = _options(settings) if phone is None else {**_choices(settings), "camera": {"phone": settings.camera}}
    menu = _menu(settings, options, row)
    names = {shown: str(camera) for shown, camera in options["camera"].items()}
    opens = partial(open_picture_source, other_hosts=settings.capture.other_hosts)
    with ExitStack() as stack:
        preview = stack.enter_context(closing(Preview(opens if phone is None else phone.preview)))
        watchdog = stack.enter_context(watched_window(say, preview.close, "livecoach ends here."))
        window = StartWindow("livecoach", full_screen=settings.full_screen, limited=watchdog.limited)
        menu, press = choose(menu, window if phone is None else phone.start_display(window), preview, names)
        if press in NEXT:  # what is next takes the window over, and some seconds to be ready
            picture, _ = preview.look(names[menu.chosen("camera")])
            window.show(StartScreen(menu).draw(picture, NEXT[press]))
            window.pressed_keys()
            window.hand_over()
        elif window.lost:
            raise OutputError("the window's screen is gone. livecoach ends here.")
        else:
            window.close()
    return override(settings, {name: found[menu.chosen(name)] for name, found in options.items()}), press


def _options(settings: "Settings") -> dict[str, dict[str, int | str]]:
    """Return what can be chosen, as it is shown, and its value in the settings. The present values are among them."""
    from livecoach.source.address import shown_url
    from livecoach.tools.doctor import camera_indices

    numbers = camera_indices(sys.platform)
    cameras: dict[str, int | str] = {f"camera {number}": number for number in numbers}
    camera = settings.camera
    cameras[f"camera {camera}" if isinstance(camera, int) else shown_url(camera)] = camera
    return {**_choices(settings), "camera": cameras}


def _choices(settings: "Settings") -> dict[str, dict[str, int | str]]:
    return {"exercise": dict(exercises()), "profile": {name: name for name in profiles(settings)}}


def exercises() -> dict[str, str]:
    """Return the title of each exercise, and of their recognition, with its name."""
    from livecoach.config import exercise
    from livecoach.documents.session import AUTO

    return {RECOGNISED: AUTO} | {exercise.load(name).title: name for name in exercise.names()}


def profiles(settings: "Settings") -> list[str]:
    """Return the names of all profiles; the one of the settings need not exist yet."""
    from livecoach.profile import profile_names

    return sorted({settings.profile, *profile_names()})


def _menu(settings: "Settings", options: dict[str, dict[str, int | str]], row: "ChoiceRow | None") -> "StartMenu":
    from livecoach.feedback.start_menu import Button, Row, StartMenu

    rows = []
    for name, found in options.items():
        values = list(found.values())
        value = getattr(settings, name)
        rows.append(Row(name, tuple(found), values.index(value) if value in values else 0))
    buttons = (Button("Start", "start"), Button("Sessions and reports", "sessions"))
    at = list(options).index(row) if row is not None else len(rows)
    return StartMenu(tuple(rows), buttons, at)
