"""What livecoach does differently on Windows and macOS, by the name of the system: there is neither of them here."""

import ctypes
import io
import os
import re
import runpy
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pygame
import pytest

import livecoach.core
from livecoach.batch import running
from livecoach.capture import timeline
from livecoach.capture.camera import MOST_CAMERAS, camera_backends
from livecoach.capture.opencv import cv2
from livecoach.cli import command_process
from livecoach.core import language, own_process
from livecoach.core.config import files
from livecoach.core.config.settings import load_settings
from livecoach.feedback import sound, window
from livecoach.lab.synth.picture import canvas
from livecoach.lab.tools import benchmark, doctor, trials
from livecoach.pages import home_server, offered
from livecoach.phone import access
from livecoach.records.session import events
from livecoach.run import feed, process

CTRL_BREAK = 1  # signal.CTRL_BREAK_EVENT


elsewhere, on_windows = pytest.mark.usefixtures("not_linux"), pytest.mark.usefixtures("windows")


class Called(Exception):
    """What must not be called was called."""


def refuse(*_: object, **__: object) -> Any:
    raise Called


@pytest.fixture(params=["win32", "darwin"])
def not_linux(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which needs no DISPLAY."""
    monkeypatch.setattr(sys, "platform", request.param)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what only POSIX has."""
    monkeypatch.setattr(sys, "platform", "win32")
    for module, name in ((os, "statvfs"), (os, "geteuid"), (os, "nice"), (os, "setsid"), (os, "killpg")):
        monkeypatch.delattr(module, name, raising=False)
    for module in (access, own_process, files):  # pathlib goes by that of all
        monkeypatch.setattr(module, "os", SimpleNamespace(**vars(os) | {"name": "nt", "open": refuse}))


@elsewhere
def test_a_screen_needs_no_display_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert process.has_screen()
    monkeypatch.setattr(window, "get_context", refuse)
    with pytest.raises(Called):  # its process would be started
        window.Window()


@on_windows
def test_the_null_device_is_no_terminal_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, encoding="utf-8") as null:
        monkeypatch.setattr(null.buffer.raw, "isatty", lambda: True, raising=False)  # type: ignore[attr-defined]
        console = SimpleNamespace(isatty=lambda: True, buffer=SimpleNamespace(raw=io.RawIOBase()))
        assert [process.is_terminal(stream) for stream in (null, console)] == [False, True]  # type: ignore[arg-type]


@on_windows
def test_a_window_has_the_video_driver_of_its_system_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    handled: list[Any] = []
    monkeypatch.setattr(signal, "signal", lambda *what: handled.append(what))
    monkeypatch.setattr(pygame.display, "init", lambda: (_ for _ in ()).throw(RuntimeError("no screen")))
    sent: list[Any] = []
    window.serve_window(SimpleNamespace(send=sent.append), None, "livecoach")  # type: ignore[arg-type]
    assert sent == [("fails", "no screen")]
    assert "SDL_VIDEODRIVER" not in os.environ
    assert (signal.SIGINT, signal.SIG_IGN) in handled  # Windows sends it to all processes of a terminal


@elsewhere
def test_a_missing_portaudio_is_reported_with_its_name_on_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(sound.PortAudioMissingError, match=re.escape(sound.MISSING["other"])):
        sound.load_portaudio.__wrapped__()


@elsewhere
def test_alsa_is_left_alone_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", refuse)
    sound._hush_alsa()


@elsewhere
def test_cameras_are_guessed_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that does not answer is no finding; none that does is."""
    cameras = offered.camera_choices(load_settings({}))
    assert len(cameras) == MOST_CAMERAS
    assert trials.check_camera("77") == []
    monkeypatch.setattr(doctor, "run_trials", lambda _: [])
    monkeypatch.setattr(doctor, "Window", lambda: SimpleNamespace(failure_reason=lambda: None, close=lambda: None))
    assert {one.name: one.result for one in doctor.examine_installation()}["cameras"] == "none opened"


def test_each_system_has_its_ways_to_a_camera() -> None:
    assert camera_backends("linux") == (cv2.CAP_V4L2,)
    assert camera_backends("darwin") == (cv2.CAP_AVFOUNDATION,)
    assert camera_backends("win32") == (cv2.CAP_MSMF, cv2.CAP_DSHOW)


def test_a_mac_opens_its_camera_on_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "call_in_thread", refuse)
    monkeypatch.setattr(sys, "platform", "darwin")
    feed.live_feed_opener(ExitStack(), load_settings({}), ahead=True)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(Called):
        feed.live_feed_opener(ExitStack(), load_settings({}), ahead=True)


@elsewhere
def test_the_clock_elsewhere_is_the_monotonic_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 7.0)
    assert timeline.now_s() == 7.0


def test_no_system_libraries_are_looked_for_elsewhere() -> None:
    assert list(doctor.check_system_libraries("darwin", refuse)) == []


@on_windows
def test_a_folder_that_can_not_be_written_on_windows_is_mended_in_its_properties(tmp_path: Path) -> None:
    found = doctor.check_data_folder(tmp_path, lambda _, mode: mode != os.W_OK)
    assert found.result.endswith("is not writable: nothing is saved there")
    assert found.advice == "Give your user full control of it, in its properties."


@on_windows
def test_windows_can_not_know_whether_a_pipe_takes_anything() -> None:
    assert events._can_write(io.StringIO(), 0.0)


@on_windows
def test_a_secret_has_no_mode_on_windows(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"42")
    secret.chmod(0o644)
    assert access._read_secret(secret) == b"42"


@on_windows
def test_no_folder_is_opened_to_flush_names_on_windows(tmp_path: Path) -> None:
    files.flush_names(tmp_path)


@on_windows
def test_a_process_of_windows_is_ended_by_ctrl_break(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal there is none: the error is that of Python 3.11 there."""

    def no_terminal(_: int) -> None:
        raise SystemError("returned a result with an exception set")

    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", CTRL_BREAK, raising=False)
    done: list[object] = []
    child = SimpleNamespace(
        send_signal=done.append, poll=lambda: None, kill=lambda: done.append("killed"), wait=lambda *_: 0
    )
    analysts = running.AnalystPool()
    analysts.waiting[False].append(child)  # type: ignore[arg-type]
    analysts.close()
    assert done == [CTRL_BREAK, "killed"]
    alone = SimpleNamespace(send_signal=no_terminal, terminate=lambda: done.append("ended"))
    own_process.interrupt(alone)  # type: ignore[arg-type]
    assert done.pop() == "ended"
    assert benchmark.process_group_usage(os.getpid()) is None


@on_windows
def test_home_ends_the_start_screen_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be sent Ctrl-C."""
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", CTRL_BREAK, raising=False)
    sent: list[int] = []
    pages = home_server.HomePages(80, refuse, None, starts=True, tools=())  # type: ignore[arg-type]
    pages._start_screen = SimpleNamespace(send_signal=sent.append)  # type: ignore[assignment]
    pages.end_start_screen()
    assert sent == [CTRL_BREAK]


@on_windows
def test_a_process_begins_its_work_where_a_system_has_no_niceness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process, "end_with_parent", lambda: None)
    begun: list[int] = []
    own_process._begin(begun.append, (1,))
    assert begun == [1]


def test_a_machine_without_affinity_and_load_has_all_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(os, "getloadavg", raising=False)
    first, *_, last = benchmark.machine_lines()
    assert f" {os.cpu_count()} cores" in first
    assert "load" not in last


def test_livecoach_ends_on_the_signals_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "SIGHUP", raising=False)
    monkeypatch.setattr(signal, "SIGBREAK", 21, raising=False)
    assert runpy.run_path(livecoach.core.__file__)["SIGNALS"] == (signal.SIGINT, signal.SIGTERM, 21)


@on_windows
def test_litert_finds_its_runtime_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[str] = []
    monkeypatch.setattr(os, "add_dll_directory", added.append, raising=False)
    runpy.run_path(livecoach.core.__file__)
    assert added == [sys.prefix]


@on_windows
@pytest.mark.parametrize(
    ("number", "code"), [(0x0C07, "de"), (0x080A, "es"), (0x0409, "en"), (0x0411, "en"), (0, "en")]
)
def test_the_language_of_windows_is_that_of_its_texts(monkeypatch: pytest.MonkeyPatch, number: int, code: str) -> None:
    """It sets no variable, unless the user does. Austrian, Mexican, American, Japanese, unknown."""
    for name in language.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: number)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    assert language.resolve_language("auto") == code
    monkeypatch.setenv("LANG", "es")
    assert language.resolve_language("auto") == "es"


@on_windows
@pytest.mark.parametrize("environment", [False, True], ids=["", "in a virtual environment"])
@pytest.mark.parametrize(
    ("words", "own"), [(["livecoach.exe", "live"], 1), (["python.exe", r"C:\Scripts\livecoach.exe", "live"], 2)]
)
@pytest.mark.parametrize("processes", [0, 1, 2, 3, 4])
def test_an_icon_of_windows_has_a_terminal_of_its_own(monkeypatch, processes, words, own, environment):
    """In it are the processes that it shows: the setup's program is one, pip's starts Python as another, and that of a
    virtual environment starts the Python from which it was made."""
    kernel = SimpleNamespace(GetConsoleProcessList=lambda _, room: min(processes, room))
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "orig_argv", words)
    monkeypatch.setattr(sys, "base_prefix", "C:\\Python" if environment else sys.prefix)
    assert command_process.has_own_console() == (processes == own + environment)


@elsewhere
def test_a_lifter_is_drawn_without_egl(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setattr("moderngl.create_context", lambda **how: asked.append(how) or SimpleNamespace(release=int))
    canvas.check_drawing()
    assert asked == [{"standalone": True}]
