"""What one start of livecoach does between its runs: the start screen's buttons, and what a run begins with."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from livecoach.core.config import Settings, load_settings
from livecoach.core.types import SetPlan
from livecoach.run import choices, live, wiring
from livecoach.run.options import RunOptions
from livecoach.run.parts import AS_BEFORE, PartChoice
from livecoach.run.start import Press
from livecoach.run.workout import LoadOfNextSet

SETTINGS = load_settings({})
HEAVY, LIGHT = LoadOfNextSet(100.0), LoadOfNextSet(60.0)


class Visit:
    """livecoach without a window, a camera or a browser. presses: on the start screen, each with what it offered."""

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        *presses: tuple[Press, PartChoice],
        in_run: Callable[[RunOptions], object] = lambda _: None,
    ) -> None:
        self.opened: list[str] = []
        self.ran: list[RunOptions] = []
        self.remembered: dict[str, object] = {}
        self._presses = [*presses, ("quit", AS_BEFORE)]
        self._in_run = in_run
        patch.setattr(live, "HomeProcess", lambda: self)
        patch.setattr(live, "share_heap", lambda: None)
        patch.setattr(choices, "ask", self._ask)
        patch.setattr(choices, "remember", self.remembered.update)
        patch.setattr(wiring, "run", self._run)

    def open(self, page: str = "") -> None:
        self.opened.append(page)

    def close(self) -> None:
        """Nothing is open."""

    def _ask(self, now: RunOptions, *_: object) -> tuple[Settings, Press, PartChoice]:
        press, offer = self._presses.pop(0)
        return now.settings, press, offer

    def _run(self, options: RunOptions, _: object) -> wiring.Ran:
        self.ran.append(options)
        self._in_run(options)
        return wiring.Ran(ending="over", session=None, profile=None)


@pytest.mark.usefixtures("sessions")
def test_a_page_is_opened_from_the_start_screen_which_stays(monkeypatch):
    """The last report, or all sessions; then the lifter starts."""
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
    live.run_live(RunOptions(settings=SETTINGS, first=PartChoice(load=LIGHT)))
    assert [(run.first.load, run.first.plan) for run in visit.ran] == [(first, plan), (AS_BEFORE.load, AS_BEFORE.plan)]


@pytest.mark.usefixtures("sessions")
def test_what_is_chosen_in_a_run_holds_in_the_next_and_is_remembered(monkeypatch):
    def change(run: RunOptions) -> None:
        run.chosen(PartChoice(exercise="deadlift", profile="ben"))

    visit = Visit(monkeypatch, ("start", AS_BEFORE), ("start", AS_BEFORE), in_run=change)
    live.run_live(RunOptions(settings=replace(SETTINGS, exercise="squat", profile="ada")))
    used = [(run.settings.exercise, run.settings.profile) for run in visit.ran]
    assert used == [("squat", "ada"), ("deadlift", "ben")]
    assert visit.remembered == {"exercise": "deadlift", "profile": "ben"}
