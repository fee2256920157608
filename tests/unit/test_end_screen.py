"""The end screen: what it says of a run, and which keys and clicks end it."""

import itertools
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace as Made

import numpy as np
import pytest
from builders.displays import NoDisplay
from builders.sources import FakeClock
from builders.steps import a_fault, a_rep

from livecoach.cli import command_process
from livecoach.cli.command_process import ErrorWindow, call_command
from livecoach.core.errors import CameraError
from livecoach.core.types import Recognition, Rep
from livecoach.feedback import end_page, shapes
from livecoach.feedback.shapes import CROSS, DASH, TICK
from livecoach.feedback.summary_panel import LEAST_SHARE, SummaryRow
from livecoach.records.session.metrics import RunMetrics
from livecoach.run import end_screen
from livecoach.run.doubts import run_doubt_line
from livecoach.run.end_screen import ELSEWHERE_S, UNATTENDED_S, EndScreen, HomeProcess
from livecoach.run.summary import KEPT, end_rows, end_title

MOST_LOOKS = 2 * UNATTENDED_S
LEANT = a_fault("forward_lean")
OF_RUN = {"records": True, "is_kept": False}


class Display(NoDisplay):
    """A window in which a key is pressed, or a place clicked, in each look, or neither: ""; a look takes a second."""

    is_shown = False

    def __init__(self, *presses: str | tuple[int, int]) -> None:
        self.clock, self.canvases = FakeClock(), list[np.ndarray]()
        self._presses, self.looks = list(presses), 0

    def failure_reason(self) -> str | None:
        return None

    def show(self, canvas: np.ndarray) -> None:
        self.canvases.append(canvas)

    def hide(self) -> None:
        self.canvases.append(np.zeros((1, 1, 3), np.uint8))

    def take_keys(self, _: float = 0.0) -> list[str]:
        self.clock.now_s += 1.0
        self.looks += 1
        assert self.looks < MOST_LOOKS, "nothing ends it"
        self._press = self._presses.pop(0) if self._presses else ""
        self.closed |= self._press == "X"
        return [self._press] if self._press and isinstance(self._press, str) else []

    def take_clicks(self) -> list[tuple[int, int]]:
        return [self._press] if isinstance(self._press, tuple) else []


def an_end(*presses: str | tuple[int, int], report: str | None = "s.html") -> tuple[EndScreen, Display]:
    display = Display(*presses)
    end = EndScreen(display, display.clock)  # type: ignore[arg-type]
    end.title, end.report = KEPT, report
    return end, display


def middle(name: str, labels: Sequence[str]) -> tuple[int, int]:
    box = end_page.button_boxes(dict.fromkeys(labels, ""), portrait=False)[name]
    return box.x + box.w // 2, box.y + box.h // 2


@pytest.mark.parametrize("press", ["enter", "q", "escape", "x", "r", middle("leave", ("report", "leave")), (9, 9)])
def test_any_key_or_click_ends_the_end_screen(press):
    """The first look is deaf: that key was meant for the run. Without a kept session, R is as any other key."""
    pages: list[str] = []
    end, display = an_end("", press, report=None if press == "r" else "s.html")
    assert end.show(pages.append)
    assert pages == []
    assert display.canvases[-1].shape == (1, 1, 3)


@pytest.mark.parametrize("press", ["r", "R", middle("report", ("report", "leave"))])
def test_the_report_is_one_key_or_click_away_and_the_page_stays(press):
    pages: list[str] = []
    end, display = an_end("", press, "", "q")
    assert end.show(pages.append)
    assert pages == ["s.html"]
    assert not np.array_equal(display.canvases[0], display.canvases[1])


@pytest.mark.parametrize(("press", "leaves"), [("enter", False), ("q", True), ("escape", True), ("X", True)])
def test_the_start_screen_follows_unless_the_lifter_leaves(press, leaves):
    end, _ = an_end("", press)
    assert end.show(print, start_screen_follows=True) == leaves


def test_a_key_held_down_since_the_run_ends_nothing(monkeypatch):
    """One that comes too soon after the page has appeared is not for it."""
    end, display = an_end(*["q"] * 3, "", "x")
    monkeypatch.setattr(end_screen, "DEAF_S", 3.0)
    assert end.show(print)
    assert display.looks == 5


def test_the_end_screen_ends_by_itself_once_the_lifter_left_elsewhere_or_after_a_while():
    left = itertools.chain([False, False], itertools.repeat(True))
    end, display = an_end()
    assert end.show(print, start_screen_follows=True, poll_ended=lambda: next(left))
    assert end.show(print)
    assert display.looks > UNATTENDED_S


def test_a_process_that_hangs_is_left_after_a_while_whatever_happens(monkeypatch):
    left: list[int] = []
    monkeypatch.setattr(end_screen.os, "_exit", left.append)
    end, display = an_end()
    end.report_error("the disk does not answer")
    assert end.error == "the disk does not answer"
    end.leave(1)
    assert left == [1]
    assert ELSEWHERE_S < display.looks < 2 * ELSEWHERE_S


@pytest.mark.parametrize("how", ["lost", "closed"])
def test_a_window_that_is_closed_shows_nothing_and_one_that_is_lost_is_reported_by_the_start_screen(how):
    end, display = an_end()
    setattr(display, how, True)
    assert end.show(print, start_screen_follows=how == "lost") == (how == "closed")
    assert display.looks == 1


def a_run(*each: tuple[str | None, list[Rep]], problem: str | None = None, refused: int = 0) -> Made:
    """What is left of a run: the reps of each lifter."""
    sets = Made(sets=[(number, number, f"{80 + number} kg") for number in range(1, 30)])
    metrics = RunMetrics()
    metrics.frames = metrics.with_pose = 100
    coached = Made(
        reps_by_profile=lambda: [(name, reps, []) for name, reps in each],
        lifter_of_set=lambda _: Made(set_logger=sets),
        pipeline=Made(refused_count=refused, is_exercise_known=True, guess=None),
        reps=[rep for _, reps in each for rep in reps],
    )
    return Made(coached=coached, display=Made(problem=problem), metrics=metrics)


def reps_of(*sets: tuple[str, int, int]) -> list[Rep]:
    """Sets of an exercise, with so many reps, of which so many lean forward."""
    made = []
    for number, (exercise, reps, bad) in enumerate(sets, 1):
        for at in range(1, reps + 1):
            found = {"verdict": "anomalous", "faults": (LEANT,)} if at <= bad else {"verdict": "good", "faults": ()}
            made.append(a_rep(index=10 * number + at, set=number, number=at, exercise=exercise, **found))
    return made


def lines_of(run: Made, title: str | None = None, *, live: bool = True) -> list[str]:
    signs = {TICK: "✓ ", CROSS: "✗ ", DASH: "– ", None: ""}
    rows = end_rows(run, title, "lite", live=live)  # type: ignore[arg-type]
    return [signs[row.sign] + " ".join(row.parts) for row in rows]


def test_the_sum_comes_first_then_what_to_fix_then_the_sets():
    assert lines_of(a_run(("anna", reps_of(("squat", 5, 1), ("squat", 4, 0))))) == [
        "Squat, 2 sets, 9 reps, 8 good, 1 to check",
        "✗ Leant forward: 1 of 9 reps",
        "Set 1 · 81 kg · 5 reps: 4 good, 1 to check",
        "Set 2 · 82 kg · 4 reps: 4 good",
    ]


def test_lifters_and_exercises_are_named_where_there_are_several():
    anna, bo = reps_of(("squat", 3, 0), ("deadlift", 2, 0)), reps_of(("squat", 1, 1))
    assert lines_of(a_run(("anna", anna), ("bo", bo))) == [
        "anna",
        "✓ Squat, 1 set, 3 reps, 3 good",
        "✓ Deadlift, 1 set, 2 reps, 2 good",
        "bo",
        "Squat, 1 set, 1 rep, 1 to check",
        "✗ Leant forward: 1 of 1 rep",
    ]


def test_after_somebodys_reps_nothing_is_doubted_of_who_has_none():
    """Somebody's turn came, and no set: neither its own rows nor the terminal say that nothing was recognised."""
    run, none = a_run(("anna", reps_of(("squat", 3, 0))), ("bo", [])), a_run(("bo", []))
    run.coached.pipeline.is_exercise_known = none.coached.pipeline.is_exercise_known = False
    assert lines_of(run, None)[-2:] == ["bo", "– No reps"]
    assert run_doubt_line(run) is None
    none.metrics.frames = 0
    assert run_doubt_line(none) is None


LIKE_SQUAT = Recognition(name="squat", probability=0.5)
GUESSED = "most like squat (50 %), but no rep of it was found. If it is another, name it with --exercise."


@pytest.mark.parametrize(
    ("known", "guess", "guessed", "line"),
    [
        (True, None, False, "None"),
        (True, LIKE_SQUAT, False, GUESSED),
        (False, LIKE_SQUAT, True, GUESSED),
        (False, None, True, "no exercise was recognised. Name it with --exercise."),
        (False, LIKE_SQUAT, False, "no exercise was recognised: most like squat (50 %). Name it with --exercise."),
    ],
)
def test_an_exercise_that_was_not_announced_or_has_no_rep_is_doubted(known, guess, guessed, line):
    run = a_run(("bo", []))
    vars(run.coached.pipeline).update(is_exercise_known=known, guess=guess, is_exercise_guessed=guessed)
    assert str(run_doubt_line(run)).replace("\N{NO-BREAK SPACE}", " ") == line


@pytest.mark.parametrize(
    ("title", "refused", "seen", "why"),
    [
        ("Squat", 3, 90, "Movements that did not count as squat: 3. If it was another exercise, choose it on"),
        ("Squat", 0, 90, "No movement looked like a rep."),
        (None, 0, 90, "No exercise was recognised. Choose it on the start screen."),
        (None, 0, 0, "Nobody was seen."),
    ],
)
def test_an_end_screen_without_reps_says_why_without_the_names_of_options(title, refused, seen, why):
    run = a_run(("anna", []), refused=refused)
    run.metrics.with_pose = seen
    (line,) = lines_of(run, title)
    assert line.startswith(f"– {why}")
    assert "--" not in line


def test_a_full_disk_comes_first():
    run = a_run(("anna", reps_of(("squat", 3, 0))), problem="recording stopped: the disk is full")
    assert lines_of(run)[0] == "✗ Recording stopped: the disk is full"


def test_the_end_screen_says_whether_the_session_is_kept():
    line = "session: not saved, because no rep counted"
    assert end_title(line, **OF_RUN) == "The session is over: not saved, because no rep counted."
    assert end_title("", **OF_RUN) == "The session is over. It could not be recorded."
    assert end_title("", records=False, is_kept=False) == "The session is over"
    assert end_title("session: /somewhere", records=True, is_kept=True) == KEPT
    assert end_title("", records=True, is_kept=True, problem="recording stopped") == "The session is over"


LONG = "http://192.168.1.20:8080/video broke the connection (refused). Start the stream in the camera's app. " * 2


@pytest.mark.parametrize("portrait", [False, True])
@pytest.mark.parametrize("error", ["", LONG])
def test_twenty_sets_leave_out_what_would_make_the_rest_too_small(monkeypatch, portrait, error):
    """The sum and the worst fault are still read from three metres, and the sets wait in the report."""
    drawn: list[tuple[int, int]] = []
    place = end_page.summary_panel.place_summary

    def watched(rows: Sequence[SummaryRow], *given: object) -> object:
        panel = place(rows, *given)  # type: ignore[arg-type]
        drawn.append((len(rows), panel.cap_px))
        return panel

    monkeypatch.setattr(end_page.summary_panel, "place_summary", watched)
    rows = [*end_rows(a_run(("anna", reps_of(*[("squat", 5, 1)] * 20))), None, "lite", live=True)]  # type: ignore[arg-type]
    labels = {"report": "R: report", "leave": "Q: end"}
    canvas = end_page.draw_end_page(KEPT, rows, labels, error, portrait=portrait)
    buttons = [shapes.crop(canvas, box) for box in end_page.button_boxes(labels, portrait=portrait).values()]
    assert [(button == shapes.INK).all(2).any() for button in buttons] == [False, True]
    assert canvas.shape == ((1280, 720, 3) if portrait else (720, 1280, 3))
    assert drawn[-1][0] < len(rows) == 22
    assert rows[1].spare == 0, "what to fix is kept"
    assert drawn[-1][1] >= LEAST_SHARE * 720


@pytest.mark.parametrize(
    ("wanted", "terminal", "own", "is_shown", "shown"),
    [
        (True, False, False, False, True),
        (True, True, False, True, True),
        (True, True, False, False, False),
        (True, True, True, False, True),
        (False, False, False, True, False),
    ],
)
def test_an_error_is_shown_in_an_open_window_or_where_nobody_has_a_terminal(
    monkeypatch, capsys, wanted, terminal, own, is_shown, shown
):
    """Before a window has opened, whoever has a terminal that stays open reads it there."""
    monkeypatch.setattr(command_process, "has_own_console", lambda: own)
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal, raising=False)
    window, errors = ErrorWindow(), list[str]()
    window.wanted = wanted
    window.end = Made(can_be_shown=True, is_window_shown=is_shown, show=lambda _: errors.append(window.end.error))  # type: ignore[assignment]

    def fails() -> None:
        raise CameraError("camera 7 did not open. Connect it.")

    assert call_command(fails, show=window.show) == CameraError.exit_code
    assert errors == (["camera 7 did not open. Connect it."] if shown else [])
    assert capsys.readouterr().err == "livecoach: camera 7 did not open. Connect it.\n"


def test_a_defect_is_named_in_the_window_with_its_place(capsys):
    """Its traceback and the same line are on standard error."""
    shown: list[str] = []

    def fails() -> None:
        raise AssertionError

    assert call_command(fails, show=shown.append) == 1
    (line,) = shown
    assert line.startswith("livecoach has a defect and had to stop (AssertionError, test_end_screen.py:")
    told = capsys.readouterr().err
    assert told.startswith("Traceback")
    assert told.endswith(f"\nlivecoach: {line}\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_home_that_ends_as_a_page_is_asked_for_ends_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf, home = tmp_path / "deaf", tmp_path / "home"
    os.mkfifo(deaf)
    home.write_text(f"#!/bin/sh\nexec <&-\necho >{deaf}\nread wait <{deaf}\n", encoding="utf-8")
    home.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(home))
    with closing(HomeProcess()) as process:
        process.open()
        assert deaf.read_text(encoding="utf-8") == "\n"
        process.open("films")
    deaf.write_text("end\n", encoding="utf-8")
