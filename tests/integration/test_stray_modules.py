"""livecoach started in a folder with files of the lifter's that are named as modules are."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from builders.command import SQUAT_OBSERVATIONS, TIMEOUT_S, surroundings
from builders.home_server import Visitor
from builders.virtual_screen import needs_x, share_of
from builders.waiting import wait_until

from livecoach.core.config.paths import PACKAGE

STRAYS = ("click", "cv2", "numpy", "random", "selectors", "socket")
"""Modules of packages and of Python's own library that a process imports at its start."""
DUSK, SOME = (48, 53, 58), 0.05  # R, G, B of the start screen, and a share that nothing else has of it
SCRIPT = "import sys\nfrom livecoach.__main__ import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
"""What pip installs as the command `livecoach`."""


@pytest.fixture
def folder(tmp_path) -> Path:
    """The lifter's home, which is the current folder, too; no module of it can be imported."""
    for name in STRAYS:
        (tmp_path / f"{name}.py").write_text(f'raise RuntimeError("a stray {name}")\n')
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "livecoach").write_text(SCRIPT)
    return tmp_path


@contextmanager
def a_process(folder: Path, *arguments: object, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """Start livecoach in the folder, as a shell does. variables: of its environment."""
    command = [sys.executable, str(folder / "bin" / "livecoach"), *map(str, arguments)]
    pipe = subprocess.PIPE
    with (
        (folder / "stderr").open("w") as said,
        subprocess.Popen(
            command, cwd=folder, env=surroundings(folder) | variables, stdout=pipe, stderr=said, text=True
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def test_processes_that_analyse_recordings_import_no_stray_module(folder):
    pytest.importorskip("pyarrow")
    (folder / "one.obs").write_bytes(SQUAT_OBSERVATIONS.read_bytes())
    with a_process(folder, "analyze", "one.obs", "--out", "results", "--exercise", "squat") as process:
        out, _ = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, out.splitlines()[0]) == (0, "1 of 1 recordings analysed: 2 reps, 0 to check.")


@needs_x
def test_the_probe_of_a_window_imports_no_stray_module(folder, screen):
    with a_process(folder, "demo", "--mute", "--events", "-", DISPLAY=screen["DISPLAY"]) as process:
        assert process.stdout is not None
        assert "session_start" in process.stdout.readline()  # the window is open by then, or was given up
        process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT_S)
    assert "no window" not in (folder / "stderr").read_text()


@needs_x
def test_a_start_screen_that_the_home_page_opens_imports_no_stray_module(folder, screen):
    async def start(entry: str) -> list[tuple[int, str]]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            visitor = Visitor(browser, entry, [])
            assert await visitor.enter() == 200
            assert "form-start" in (await visitor.get(""))[1]
            return [await visitor.post("start"), await visitor.post("start")]

    with a_process(folder, "home", "--no-open", DISPLAY=screen["DISPLAY"]) as process:
        assert process.stdout is not None
        answers = asyncio.run(start(process.stdout.readline().strip()))
        wait_until(lambda: share_of(screen, DUSK) > SOME, "the start screen is shown")
        process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT_S)
        wait_until(lambda: share_of(screen, DUSK) < SOME, "it is gone")
    assert [status for status, _ in answers] == [200, 409]
    assert "stray" not in (folder / "stderr").read_text()


def test_checkout_that_is_not_installed_starts_itself(folder):
    """`python -m livecoach` in it: what it starts is not the livecoach that is installed."""
    (folder / "one.obs").write_bytes(SQUAT_OBSERVATIONS.read_bytes())
    package = folder / "checkout" / "livecoach"
    package.mkdir(parents=True)
    for part in PACKAGE.iterdir():
        (package / part.name).symlink_to(part)
    (package / "__init__.py").unlink()
    imported = folder / "imported"
    told_of = f'open({str(imported)!r}, "a").write("1")'
    (package / "__init__.py").write_text(f"{(PACKAGE / '__init__.py').read_text()}{told_of}\n")
    command = [sys.executable, "-m", "livecoach", "analyze", folder / "one.obs", "--out", folder / "results"]
    command += ["--exercise", "squat"]
    environment = {name: value for name, value in surroundings(folder).items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=package.parent, env=environment, check=True)
    assert imported.read_text() == "11"
