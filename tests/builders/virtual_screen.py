"""A virtual X server with a window manager: what is on it can be looked at, and keys can be pressed on it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from builders.command import Running
from builders.waiting import TIMEOUT_S, wait_until
from builders.warm_process import WarmProcess
from livecoach.lab.tools.stand_ins import HEIGHT_PX, WIDTH_PX, virtual_screen

Screen = dict[str, str]
"""An environment whose DISPLAY is the screen."""
MISSING = [tool for tool in ("Xvfb", "openbox", "xdotool", "import") if shutil.which(tool) is None]
needs_x = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@contextmanager
def a_screen(folder: Path) -> Iterator[Screen]:
    """Start a screen whose window manager is at work. folder: takes what tells that it is."""
    ready = folder / "ready"
    os.mkfifo(ready)
    with virtual_screen() as server:
        environment = {**os.environ, "DISPLAY": server.display}
        manager = subprocess.Popen(
            ["openbox", "--startup", f"sh -c 'echo > {ready}'"],
            env=environment,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        environment["MANAGER"] = str(manager.pid)
        ready.read_text()  # a window that comes before the manager loses the keyboard to it
        try:
            yield environment
        finally:
            manager.terminate()
            manager.wait(TIMEOUT_S)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a server or a window manager until the block ends: it takes connections and answers nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def give_keyboard(screen: Screen, child: "subprocess.Popen[str] | WarmProcess") -> None:
    """Give the window that a child of the process shows the keyboard, as soon as it is there.

    Asked again until it has it: the window manager does not keep a request that it has not taken up. Keys are lost
    while a late request is met, so all that were asked are met before this returns. The process is named as the window
    of the one before may not be gone yet.
    """

    def given() -> bool:
        assert child.poll() is None, "the process has ended"
        search = ["search", "--onlyvisible", "--all", "--class", "--pid"]
        owners = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
        window = next(
            filter(None, (_xdotool(screen, *search, owner, "livecoach").split("\n")[0] for owner in owners)), ""
        )
        has_it = bool(window) and _xdotool(screen, "getwindowfocus") == window
        if window and not has_it:
            _xdotool(screen, "windowactivate", window)
        return has_it

    def met() -> bool:
        """The window manager takes requests in their order: once the last one is met, so are those before it."""
        number = "3" if _xdotool(screen, "get_num_desktops") == "2" else "2"
        _xdotool(screen, "set_num_desktops", number)
        wait_until(lambda: _xdotool(screen, "get_num_desktops") == number, "the window manager meets a request")
        return True

    wait_until(lambda: given() and met() and given(), "the window has the keyboard")


def press(screen: Screen, *keys: str) -> None:
    """Press and release keys, one after the other; they go to the window that has the keyboard."""
    subprocess.run(["xdotool", "key", *keys], env=screen, check=True, timeout=TIMEOUT_S)


def quit_by_key(screen: Screen, run: Running) -> None:
    """Press Q until a run has ended well: nobody hears a key while one screen of a run gives way to the next."""
    give_keyboard(screen, run.process)
    wait_until(lambda: press(screen, "q") or run.process.poll() is not None, "q ends it")
    assert run.end() == 0


def share_of(screen: Screen, colour: tuple[int, int, int]) -> float:
    """How much of the screen has this colour (R, G, B), from 0 to 1."""
    return float(where(screen, colour).mean())


def width_to_height(screen: Screen, colour: tuple[int, int, int]) -> float:
    """Width over height of what has this colour (R, G, B); 0 where nothing has it."""
    rows, columns = np.nonzero(where(screen, colour))
    return float((np.ptp(columns) + 1) / (np.ptp(rows) + 1)) if len(rows) else 0.0


def where(screen: Screen, colour: tuple[int, int, int]) -> np.ndarray:
    """Where the screen has this colour (R, G, B): (height, width) bool."""
    shot = subprocess.run(
        ["import", "-window", "root", "-depth", "8", "rgb:-"], env=screen, capture_output=True, check=True
    ).stdout
    pixels = np.frombuffer(shot, np.uint8).reshape(HEIGHT_PX, WIDTH_PX, 3)
    return np.asarray((np.abs(pixels.astype(int) - colour) < 8).all(axis=2))


def _xdotool(screen: Screen, *words: str) -> str:
    """What it prints; nothing where the window is not there, or has just gone."""
    outcome = subprocess.run(
        ["xdotool", *words], env=screen, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
    )
    return outcome.stdout.strip() if outcome.returncode == 0 else ""
