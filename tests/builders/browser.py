"""Browsers with a fake camera, the phone in tests: Chromium, driven by the DevTools protocol, Firefox and WebKitGTK."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from builders.sound_server import sound_missing, sound_server
from livecoach.core.errors import OutputError
from livecoach.lab.tools.stand_ins import end_process, virtual_screen

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
_asked = (os.environ.get(ASKED) or None) if chromium() else None
needs_chromium = pytest.mark.skipif(_asked in (None, "set"), reason=f"needs Chromium, and {ASKED}=1 in the environment")
needs_chromium_for_a_set = pytest.mark.skipif(
    _asked is None, reason=f"needs Chromium, and {ASKED}=set in the environment"
)

LOADED = "Page.loadEventFired"
FAINT_JS = """(() => {
    const light = (color) => color.slice(0, 3).map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const parts = (color) => [...color.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
    const behind = (element) => {
        const color = parts(getComputedStyle(element).backgroundColor);
        return color[3] === 1 || !element.parentElement ? color : behind(element.parentElement);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = [];
    while (texts.nextNode()) {
        const text = texts.currentNode.data.trim(), element = texts.currentNode.parentElement;
        if (!text || !element.getClientRects().length) continue;
        const style = getComputedStyle(element);
        const [darker, lighter] = [parts(element.closest("svg") ? style.fill : style.color), behind(element)]
            .map(light).sort((one, other) => one - other);
        if ((lighter + 0.05) / (darker + 0.05) < 4.5) faint.push(text);
    }
    return faint;
})()"""
"""The texts of a page whose contrast with the plain colour behind them is below 4.5 (WCAG 2.1, 1.4.3, level AA)."""
CUT_JS = """[...document.body.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element), hides = !["visible", "auto", "scroll"].includes(style.overflowX);
    return hides && element.clientWidth && element.scrollWidth > element.clientWidth + 1;
}).concat([...document.body.querySelectorAll("svg text")].filter((element) => {
    const text = element.getBoundingClientRect(), plot = element.ownerSVGElement.getBoundingClientRect();
    return text.width && (text.left < plot.left - 1 || text.right > plot.right + 1);
})).map((element) => element.outerHTML.slice(0, 80))"""
"""The elements of a page that cut a part of what they hold, and the words of plots that are cut."""


class Page:
    """One page of Chromium. The other engines differ in what their protocol calls otherwise."""

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
                    raise OutputError(f"the browser: {method}: {answer}")
                result: dict[str, Any] = answer["result"]
                return result
        raise OutputError("The browser ended early.")

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
        """Wait until an expression in the page, or in the page that follows, is true, or raise OutputError."""
        waiting = f"""new Promise((done) => {{
            const look = () => (({condition}) ? done(true) : setTimeout(look, 20));
            setTimeout(() => done(false), {1000 * seconds:.0f});
            look();
        }})"""
        try:
            is_true = await self.js(waiting)
        except OutputError as error:
            if "Inspected target navigated" not in str(error):
                raise
            is_true = await self.js(waiting)
        if not is_true:
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
            end_process(process)


def _port(told: Path, process: "subprocess.Popen[bytes]") -> int:
    """Return the port that a browser writes into a file."""
    while True:
        with contextlib.suppress(OSError):
            if found := re.search(r"\b\d{4,5}\b", told.read_text()):
                return int(found[0])
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise OutputError(f"The browser ended with status {process.wait(0.02)}.")


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


class Firefox(Page):
    """One page of Firefox, by WebDriver BiDi."""

    async def begin(self) -> None:
        """Take the page that is there."""
        await self.call("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        self._context = (await self.call("browsingContext.getTree"))["contexts"][0]["context"]

    async def open(self, url: str) -> None:
        await self.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def reload(self) -> None:
        await self.call("browsingContext.reload", context=self._context, wait="complete")

    async def js(self, expression: str) -> Any:
        answer = await self.call(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((it) => JSON.stringify(it === undefined ? null : it))",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=self.taps,
        )
        if answer["type"] == "exception":
            raise OutputError(f"in the page: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])

    async def shape(self, width: int, height: int, scheme: str = "dark") -> None:
        assert scheme == "dark"
        size = {"width": width, "height": height}
        await self.call("browsingContext.setViewport", context=self._context, viewport=size)


PREFERENCES = {"media.navigator.permission.disabled": True, "media.navigator.streams.fake": True}


@contextlib.asynccontextmanager
async def firefox() -> AsyncIterator[Page]:
    """Run headless Firefox; give its page. Without a sound device it would hold sounds back."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, sound_server() as sound:
        (Path(folder) / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items())
        )
        process = subprocess.Popen(
            ["firefox-esr", "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", folder],
            env=sound.env | {"HOME": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port = await asyncio.to_thread(_port, Path(folder) / "WebDriverBiDiServer.json", process)
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"ws://127.0.0.1:{port}/session", max_msg_size=0) as live,
            ):
                page = Firefox(live)
                await page.begin()
                yield page
        finally:
            end_process(process)


class WebKit(Page):
    """One page of WebKitGTK, by WebDriver."""

    def __init__(self, session: aiohttp.ClientSession, driver: str) -> None:
        self._session, self._driver = session, driver

    async def begin(self, browser: Path) -> None:
        """Start the browser, which mocks a camera."""
        words = ["--automation", "--enable-media-stream=true", "--enable-mock-capture-devices=true"]
        wanted = {"acceptInsecureCerts": True, "webkitgtk:browserOptions": {"binary": str(browser), "args": words}}
        answer = await self.call("session", capabilities={"alwaysMatch": wanted})
        self._driver += f"/session/{answer['sessionId']}"

    async def end(self) -> None:
        """End the browser."""
        async with self._session.delete(self._driver):
            pass

    async def call(self, method: str, **parameters: Any) -> Any:
        async with self._session.post(f"{self._driver}/{method}", json=parameters) as answer:
            value = (await answer.json(content_type=None))["value"]
        if isinstance(value, dict) and "error" in value:
            raise OutputError(f"the browser: {method}: {value}")
        return value

    async def open(self, url: str) -> None:
        await self.call("url", url=url)

    async def reload(self) -> None:
        await self.call("refresh")

    async def js(self, expression: str) -> Any:
        script = f"""const done = arguments[0];
            Promise.resolve().then(() => ({expression})).then((it) => done([it]), (err) => done(String(err)))"""
        answer = await self.call("execute/async", script=script, args=[])
        if isinstance(answer, str):
            raise OutputError(f"in the page: {answer}")
        return answer[0]

    async def until(self, condition: str, seconds: float = 30.0) -> None:
        """Wait as elsewhere. A page that changes ends what waits in it here; the next page is then asked."""
        try:
            await super().until(condition, seconds)
        except OutputError as err:
            if "before the unload event" not in str(err):
                raise
            await super().until(condition, seconds)

    async def tap(self, selector: str) -> None:
        """Click it as its user does: an expression is no act of theirs here."""
        element = await self.call("element", using="css selector", value=selector)
        await self.call(f"element/{next(iter(element.values()))}/click")

    async def shape(self, width: int, height: int, scheme: str = "dark") -> None:
        """Give the window this size, of which its bars take some; it is at least 450 px wide."""
        assert scheme == "dark"
        await self.call("window/rect", width=width, height=height)


def mini_browser() -> Path | None:
    """Return the path of WebKitGTK's browser; None if it is not installed."""
    return next(Path("/usr/lib").glob("*/webkit2gtk-*/MiniBrowser"), None)


@contextlib.asynccontextmanager
async def webkit() -> AsyncIterator[Page]:
    """Run WebKitGTK on a screen of its own; give its page."""
    browser = mini_browser()
    assert browser is not None
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with virtual_screen() as screen, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"],
            env=os.environ | {"HOME": folder, "DISPLAY": screen.display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            async with aiohttp.ClientSession() as session:
                page = WebKit(session, f"http://127.0.0.1:{port}")
                while process.poll() is None:
                    with contextlib.suppress(aiohttp.ClientConnectionError):
                        await page.begin(browser)
                        break
                    await asyncio.sleep(0.05)
                try:
                    yield page
                finally:
                    await page.end()
        finally:
            end_process(process)


@contextlib.asynccontextmanager
async def _chromium() -> AsyncIterator[Page]:
    with browser() as tools:
        async with opened(tools, "about:blank") as page:
            yield page


def _engine(run: Callable[[], contextlib.AbstractAsyncContextManager[Page]], name: str, is_there: object) -> Any:
    missing = pytest.mark.skipif(
        not (is_there and ASKED in os.environ), reason=f"needs {name}, and {ASKED} in the environment"
    )
    return pytest.param(run, id=name, marks=missing)


ENGINES = (
    pytest.param(_chromium, id="Chromium", marks=needs_chromium),
    _engine(firefox, "Firefox", shutil.which("firefox-esr") and not sound_missing()),
    _engine(webkit, "WebKitGTK", mini_browser() and shutil.which("WebKitWebDriver") and shutil.which("Xvfb")),
)
"""What runs each engine and gives its page, as parameters of a test."""
