"""Settings of all tests. Being here, this file puts its folder on the import path, for `from builders.… import …`."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from livecoach.run.process import command_flag

# The search for garbage would take half of the time of collecting the tests.
gc.disable()

# A network that is trained is the same, to the bit, only with the same number of threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Without, each of some hundred processes compiles livecoach anew, and each worker all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

if TYPE_CHECKING:
    from builders.phone_connection import Served

pytest.register_assert_rewrite("builders")
from builders import open_files, systems  # noqa: E402 (what it asserts is rewritten too)

# No test depends on how busy the machine is. A hundred cases of each property would take a minute of processor time.
# The cases are the same in every run, so that a change fails for what it did; LIVECOACH_FUZZ draws others each time.
settings.register_profile("livecoach", deadline=None, max_examples=30, derandomize="LIVECOACH_FUZZ" not in os.environ)
settings.load_profile("livecoach")

# What a script starts in the background has Ctrl-C ignored, what nohup starts the end of the terminal, and so has what
# these start: some tests send both.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

open_files.refuse_to_move_open_files()
if sys.platform == "win32":
    os.symlink = systems.make_no_link

# Tests read on standard error what a command tells its user.
command_flag.set()

# No test is heard, or waits for this machine's sound server: those about sound name a server of their own.
os.environ["PULSE_SERVER"] = "unix:/nonexistent/pulse"

# No test depends on what is in the user's folders, or leaves anything there.
_home = TemporaryDirectory(prefix="livecoach-test-home-", ignore_cleanup_errors=True)
os.environ["LIVECOACH_HOME"] = _home.name


LONG = (
    *("test_new_exercise.py", "test_real_clips.py", "test_recipes.py", "test_start_and_end_window.py"),
    *("test_stray_modules.py", "test_turned_films.py", "test_video_file.py", "test_visit.py", "test_who_lifts.py"),
    *("test_window.py", "test_wrong_exercise.py"),
)
"""Modules that take long and would come last, when other workers have nothing left to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix the modules of integration among the others: they wait for a camera's pictures while the others compute."""
    modules = dict.fromkeys(item.path for item in items)
    of_integration = [path for path in modules if path.parent.name == "integration"]
    others = [path for path in modules if path.parent.name != "integration"]
    for group in (of_integration, others):
        group.sort(key=lambda path: path.name not in LONG)
    place = {path: n / len(group) for group in (of_integration, others) for n, path in enumerate(group)}
    items.sort(key=lambda item: place[item.path])


def pytest_collection_finish() -> None:
    """Search for garbage again, except among the collected tests and the imported modules."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def open_files_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test move or delete what is open: somebody does so while livecoach runs."""
    if sys.platform == "win32":
        pytest.skip("Windows moves and deletes no open file")
    monkeypatch.setattr(open_files, "refuses", False)


@pytest.fixture
def hold() -> Iterator[threading.Event]:
    """Whoever waits for it, a reader or a connection, waits until the end of the test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a data folder of its own, which is not there yet."""
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))


@pytest.fixture
def served() -> Iterator["Served"]:
    """The server of the phone's page."""
    from builders.phone_connection import Served  # which takes long to import

    made = Served()
    yield made
    made.server.close()


@pytest.fixture
def sessions(tmp_path: Path, data_home: None) -> Path:  # noqa: ARG001 (it isolates the folder)
    """The folder of sessions, in a data folder of the test's own."""
    from builders.sessions import sessions_of  # which takes long to import

    return sessions_of(tmp_path)
