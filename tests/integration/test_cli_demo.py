"""The demo from its start to its report, as a new user runs it."""

import signal
from pathlib import Path

import pytest
from builders.command import DEMO, SQUAT_OBSERVATIONS, running, truth
from builders.systems import sends_ctrl_c
from builders.virtual_screen import give_keyboard, needs_x, press

from livecoach.cli.command_process import INTERRUPTED
from livecoach.core.config import load_settings
from livecoach.pages.report.report_page import MARKER
from livecoach.run import summary
from livecoach.run.replay import replay_file
from livecoach.run.run_options import RunOptions

CLIP_S = truth(DEMO)["frames"] / truth(DEMO)["fps"]


def kept(home: Path) -> set[str]:
    """The files that there are, but for what sound servers leave."""
    return {one.relative_to(home).as_posix() for one in home.rglob("*") if one.is_file() and "pulse" not in one.parts}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("is_demo", [False, True])
def test_no_command_is_advised_that_would_correct_another_session(tmp_path, capsys, monkeypatch, is_demo):
    """The demo's session is not among the lifter's, so that no command finds it, even if nothing was learned."""
    monkeypatch.setattr(summary, "nothing_learned_lines", lambda _: ["`livecoach sessions correct last:1 good`"])
    settings = load_settings({"exercise": "squat"})
    options = RunOptions(settings=settings, records=True, sessions_in=tmp_path if is_demo else None)
    replay_file(SQUAT_OBSERVATIONS, options, None, speed=None)
    assert ("livecoach sessions correct" in capsys.readouterr().out) is not is_demo


@sends_ctrl_c
def test_a_demo_that_is_interrupted_leaves_nothing(home, temporary):
    told = home.parent / "told"
    with running("demo", "--no-window", "--mute", "--events", "-", home=home, stderr=told) as demo:
        demo.event(lambda event: event["event"] == "rep")
        assert demo.end(signal.SIGINT) == INTERRUPTED
    assert "report" not in told.read_text()
    assert kept(home) == set()
    assert list(temporary.iterdir()) == []


@needs_x
def test_in_the_window_the_rest_follows_and_the_report_opens(screen, home, temporary, monkeypatch):
    asked = home.parent / "asked"
    monkeypatch.setenv("BROWSER", f"sh -c 'echo %s >> {asked}'")
    told = home.parent / "told"
    with running("demo", "--mute", "--events", "-", home=home, stderr=told, display=screen["DISPLAY"]) as demo:
        give_keyboard(screen, demo.process)
        over = demo.event(lambda event: event["event"] == "set_end")
        assert over["t_s"] > CLIP_S
        press(screen, "q")
        assert demo.end() == 0
    page = home / "cache" / "demo.html"
    lines = told.read_text().splitlines()
    holds = (
        "What the clip holds: 5 reps; rep 4 is bad (bar dipped on the way up, pulled unevenly); all others are good."
    )
    assert holds in lines
    # Where the machine is too busy for every picture, the run may not have seen it, or could judge no rep.
    reps = [event["rep"] for event in demo.seen if event["event"] == "rep"]
    faults = [fault["name"] for rep in reps for fault in rep["faults"]]
    assert any("bar dipped on the way up in rep" in line for line in lines) == ("hitch" in faults)
    hidden = any(line.endswith("from any side: bounced off the floor, heels came up") for line in lines)
    assert hidden == any(rep["verdict"] != "unsure" for rep in reps)
    assert f"Its report: {page} (not among your sessions; the next demo replaces it)" in lines
    assert asked.read_text() == f"{page.as_uri()}\n"
    text = page.read_text(encoding="utf-8")
    assert MARKER in text
    assert "livecoach sessions correct" not in text
    assert kept(home) == {"cache/demo.html"}
    assert list(temporary.iterdir()) == []
