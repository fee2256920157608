"""What one start of livecoach does between its runs: the start screen's buttons, and what a run begins with."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from builders.displays import NoDisplay

from livecoach.core.config import Settings, load_settings
from livecoach.core.errors import CameraError, NoPicture
from livecoach.core.types import SetPlan
from livecoach.run import choices, live, wiring
from livecoach.run.controls import Ending
from livecoach.run.end_screen import ELSEWHERE_S, UNATTENDED_S, EndScreen
from livecoach.run.parts import AS_BEFORE, PartChoice
from livecoach.run.run_options import RunOptions
from livecoach.run.set_logger import LoadOfNextSet
from livecoach.run.start import Press

SETTINGS = load_settings({})
HEAVY, LIGHT = LoadOfNextSet(100.0), LoadOfNextSet(60.0)


class Visit:
    """livecoach without a window, a camera or a browser. presses: on the start screen, each with what it offered."""

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        *presses: tuple[Press, PartChoice],
        in_run: Callable[[RunOptions], object] = lambda _: None,
        ending: Ending = "over",
    ) -> None:
        self.ending = ending
        self.opened: list[str] = []
        self.ran: list[RunOptions] = []
        self.remembered: dict[str, object] = {}
        self._presses = [*presses, ("quit", AS_BEFORE)]
        self._in_run = in_run
        patch.setattr(live, "HomeProcess", lambda: self)
        patch.setattr(live, "share_heap", lambda: None)
        patch.setattr(choices, "show_start_screen", self._ask)
        patch.setattr(choices, "save_settings", self.remembered.update)
        patch.setattr(wiring, "run", self._run)

    def open(self, page: str = "") -> None:
        self.opened.append(page)

    def close(self) -> None:
        """Nothing is open."""

    def _ask(self, now: RunOptions, *_: object) -> tuple[Settings, Press, PartChoice]:
        press, offer = self._presses.pop(0)
        return now.settings, press, offer

    def _run(self, options: RunOptions, _: object) -> wiring.RunResult:
        self.ran.append(options)
        self._in_run(options)
        return wiring.RunResult(ending=self.ending, session=Path("s1"), profiles=[None])


@pytest.mark.usefixtures("sessions")
def test_a_page_is_opened_from_the_start_screen_which_stays(monkeypatch):
    visit = Visit(monkeypatch, ("report", AS_BEFORE), ("sessions", AS_BEFORE), ("start", AS_BEFORE))
    live.run_live(RunOptions(settings=SETTINGS))
    assert visit.opened == ["last.html", ""]
    assert len(visit.ran) == 1


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize(("offered", "first"), [(AS_BEFORE, LIGHT), (PartChoice(load=HEAVY), HEAVY)])
def test_a_run_begins_with_the_load_of_the_screen_or_else_of_the_command(monkeypatch, offered, first):
    """And the next one with neither: it was of that set."""
    plan = SetPlan(reps=5)
    visit = Visit(monkeypatch, ("start", replace(offered, plan=plan)), ("start", AS_BEFORE))
    live.run_live(RunOptions(settings=SETTINGS, first_part=PartChoice(load=LIGHT)))
    assert [(run.first_part.load, run.first_part.plan) for run in visit.ran] == [
        (first, plan),
        (AS_BEFORE.load, AS_BEFORE.plan),
    ]


@pytest.mark.usefixtures("sessions")
def test_a_choice_in_a_run_holds_in_the_next_run_and_is_remembered(monkeypatch):
    def change(run: RunOptions) -> None:
        run.on_choice(PartChoice(exercise="deadlift", profile="ben"))

    visit = Visit(monkeypatch, ("start", AS_BEFORE), ("start", AS_BEFORE), in_run=change)
    live.run_live(RunOptions(settings=replace(SETTINGS, exercise="squat", profile="ada", height_cm=180.0)))
    used = [(run.settings.exercise, run.settings.profile, run.settings.height_cm) for run in visit.ran]
    assert used == [("squat", "ada", 180.0), ("deadlift", "ben", None)]
    assert visit.remembered == {"exercise": "deadlift", "profile": "ben"}


@pytest.mark.usefixtures("sessions")
def test_after_a_long_pause_the_last_session_is_that_before_the_pause(monkeypatch):
    def end_second(_: RunOptions) -> None:
        visit.ending = "pause" if len(visit.ran) == 1 else "over"

    visit = Visit(monkeypatch, ("start", AS_BEFORE), in_run=end_second)
    monkeypatch.setattr(live, "find_last_times", lambda _: {"squat": len(visit.ran)})
    live.run_live(RunOptions(settings=SETTINGS))
    assert [run.lifter.last_times["squat"] for run in visit.ran] == [0, 1]


class End(EndScreen):
    """An end screen that remembers how it was shown, among what else happened."""

    can_be_shown = True

    def __init__(self, log: list[object], *, leaves: bool = True) -> None:
        super().__init__(NoDisplay())  # type: ignore[arg-type]
        self._log, self._leaves = log, leaves

    def show(self, _: object, **how: object) -> bool:  # type: ignore[override]
        self._log.append((self.error, how["start_screen_follows"], how["most_s"]))
        return self._leaves


class Phone:
    """A phone that remembers what it was told."""

    def __init__(self, log: list[object]) -> None:
        self._log = log

    def show_line(self) -> None:
        self._log.append("choose there")

    def close(self) -> None:
        self._log.append("goodbye")

    def poll_ended(self) -> bool:
        return False

    def set_reported_session(self, session: Path, _: object) -> None:
        self._log.append(session.name)


def lifted(run: RunOptions) -> None:
    assert run.end is not None
    run.end.title = "The session is over and kept."


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize(
    ("ending", "begins", "log"),
    [
        ("quit", False, ["goodbye", ("", False, float("inf"))]),
        ("over", False, ["goodbye", ("", False, UNATTENDED_S)]),
        ("left", True, ["goodbye", ("", False, ELSEWHERE_S)]),
        ("quit", True, ["choose there", ("", True, float("inf"))]),
    ],
)
def test_the_window_waits_at_the_end_and_the_phone_has_said_goodbye_by_then(monkeypatch, ending, begins, log):
    """Whoever ends the session on the phone may not be at the window. A phone stays where the start screen follows."""
    done: list[object] = []
    Visit(monkeypatch, ("start", AS_BEFORE), in_run=lifted, ending=ending)
    options = RunOptions(settings=SETTINGS, end=End(done), phone=Phone(done))  # type: ignore[arg-type]
    live.run_live(options, begin_on_screen=begins)
    assert done == ["s1", *log]


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize("begun", [True, False])
def test_an_error_in_a_run_is_shown_in_the_window_and_an_earlier_error_on_the_start_screen(monkeypatch, begun):
    done: list[object] = []

    def fails(run: RunOptions) -> None:
        if begun:
            lifted(run)
        raise CameraError("the camera is gone. Connect it.")

    Visit(monkeypatch, ("start", AS_BEFORE), in_run=fails)
    live.run_live(RunOptions(settings=SETTINGS, end=End(done, leaves=False)))
    assert done == ([("the camera is gone. Connect it.", True, float("inf"))] if begun else [])


@pytest.mark.parametrize("feed", [None, iter(())])
def test_the_window_is_hidden_if_the_lifter_leaves_on_the_phone_before_a_run(monkeypatch, feed):
    """In a run, the end screen follows."""
    hidden: list[bool] = []
    monkeypatch.setattr(NoDisplay, "hide", lambda _: hidden.append(True))
    phone = SimpleNamespace(show_line=bool, poll_ended=lambda: True, open_preview=pytest.fail)
    run = RunOptions(settings=SETTINGS, window=NoDisplay(), phone=phone)  # type: ignore[arg-type]
    assert choices.show_start_screen(run, feed=feed)[1] == "quit"
    assert bool(hidden) == (feed is None)


def test_the_window_says_that_a_run_is_prepared(monkeypatch):
    canvases: list[np.ndarray] = []
    monkeypatch.setattr(NoDisplay, "show", lambda _, canvas: canvases.append(canvas))
    monkeypatch.setattr(NoDisplay, "take_keys", lambda *_: ["enter"])
    run = RunOptions(settings=SETTINGS, window=NoDisplay())  # type: ignore[arg-type]
    assert choices.show_start_screen(run, feed=iter(()))[1] == "start"
    assert not np.array_equal(*canvases)


def test_a_camera_without_a_picture_ends_a_run_unless_a_window_can_say_so_meanwhile():
    tries, shown = iter(range(4)), list[str]()

    def opened() -> str:
        if next(tries) < 3:
            raise NoPicture("dark")
        return "feed"

    for window in (None, SimpleNamespace(report_loss=lambda: True)):
        with pytest.raises(NoPicture, match="dark"):
            wiring.await_picture(opened, window, None)  # type: ignore[arg-type]
    window = SimpleNamespace(report_loss=bool, show_texts=lambda text: shown.append(text) or [])
    assert wiring.await_picture(opened, window, None) == "feed"  # type: ignore[arg-type]
    assert shown == ["dark"]
