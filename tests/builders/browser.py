"""Headless Chromium with a fake camera, driven by the DevTools protocol: the phone in tests."""

import contextlib
import itertools
import os
import shutil
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from livecoach.core.errors import OutputError
from livecoach.lab.tools.stand_ins import end

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--lang=en",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--ignore-certificate-errors",
    "--remote-debugging-port=0",
)


def chromium() -> str | None:
    """Return the path of Chromium; None if it is not installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


ASKED = "LIVECOACH_BROWSER"
"""Environment variable that asks for the tests in a browser: "set" for a short one, anything else for all. They take
two minutes of processor time."""
_asked = os.environ.get(ASKED) if chromium() else None
needs_chromium = pytest.mark.skipif(_asked in (None, "set"), reason=f"needs Chromium, and {ASKED}=1 in the environment")
needs_chromium_for_a_set = pytest.mark.skipif(
    _asked is None, reason=f"needs Chromium, and {ASKED}=set in the environment"
)

LOADED = "Page.loadEventFired"


class Page:
    """One page of the browser."""

    def __init__(self, socket: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.taps = True  # whether an expression runs as a tap would run it, which allows sound

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol and return its result."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        async for message in self._socket:
            answer = message.json()
            if answer.get("id") == number:
                if "error" in answer:
                    raise OutputError(f"Chromium: {method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
        raise OutputError("Chromium ended early.")

    async def open(self, url: str) -> None:
        """Go to an address, and wait until the page is there."""
        await self._load("Page.navigate", url=url)

    async def reload(self) -> None:
        """As its user does, and wait until the page is there again."""
        await self._load("Page.reload")

    async def crash(self) -> None:
        """End the process that draws it, as a phone does that needs the memory, and open the page anew."""
        await self.call("Inspector.enable")
        await self._until_told("Inspector.targetCrashed", "Page.crash")
        await self._until_told(LOADED, "Page.reload")

    async def _load(self, method: str, **parameters: Any) -> None:
        await self.call("Page.enable")
        await self._until_told(LOADED, method, **parameters)

    async def _until_told(self, event: str, method: str, **parameters: Any) -> None:
        await self._socket.send_json({"id": next(self._numbers), "method": method, "params": parameters})
        async for message in self._socket:
            if message.json().get("method") == event:
                return

    async def js(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=self.taps
        )
        if "exceptionDetails" in answer:
            raise OutputError(f"in the page: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def until(self, condition: str, seconds: float = 30.0) -> None:
        """Wait until an expression in the page is true. Raises OutputError where it is not in time."""
        waiting = f"""new Promise((done) => {{
            const look = () => (({condition}) ? done(true) : setTimeout(look, 20));
            setTimeout(() => done(false), {1000 * seconds:.0f});
            look();
        }})"""
        if not await self.js(waiting):
            raise OutputError(f"never true in the page: {condition}")

    async def tap(self, selector: str) -> None:
        """Click what is seen there."""
        await self.js(f"document.querySelector({selector!r}).click()")

    async def shape(self, width: int, height: int, scheme: str = "dark") -> None:
        """Give the page this size and colour scheme."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def screenshot(self, path: Path) -> None:
        """Write a picture of the page."""
        path.write_bytes(b64decode((await self.call("Page.captureScreenshot", format="png"))["data"]))


@contextlib.contextmanager
def browser(clip: Path | None = None, *flags: str) -> Iterator[str]:
    """Run Chromium; give the address of its DevTools. clip: an .mjpeg file that its camera shows again and again.

    Raises OutputError where Chromium is not installed or does not start.
    """
    program = chromium()
    if program is None:
        raise OutputError("Chromium is not installed. On Debian: apt-get install chromium.")
    shown = () if clip is None else (f"--use-file-for-fake-video-capture={clip}",)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [program, *FLAGS, *shown, *flags, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://127.0.0.1:{_port(Path(folder) / 'DevToolsActivePort', process)}"
        finally:
            end(process)


def _port(told: Path, process: "subprocess.Popen[bytes]") -> int:
    """Return the port of the DevTools, which Chromium writes into a file."""
    while True:
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(told.read_text().split()[0])
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise OutputError(f"Chromium ended with status {process.wait(0.02)}.")


@contextlib.asynccontextmanager
async def opened(tools: str, url: str) -> AsyncIterator[Page]:
    """Open a page in the browser with these DevTools."""
    async with aiohttp.ClientSession() as session:
        async with session.put(f"{tools}/json/new?about:blank") as answer:
            target = await answer.json()
        async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Page(socket)
            await page.open(url)
            yield page
        async with session.get(f"{tools}/json/close/{target['id']}"):
            pass
