"""A phone that is connected and sends no pictures: window, phone and terminal say so, and the first picture begins."""

import asyncio
import threading
import time
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from builders.browser import needs_chromium, opened
from builders.phone_connection import HELLO, Served, heard, played, sent, until
from builders.phone_server import a_message

from livecoach.capture import no_picture_text
from livecoach.core import language
from livecoach.core.config import load_settings
from livecoach.feedback.screen import Action
from livecoach.run.parts import Lifter
from livecoach.run.phone import PhoneConnection
from livecoach.run.wiring import await_picture

LIMIT_S = 120.0
"""Far more than the page takes on a machine that is busy with other tests."""
NO_PICTURE = "no picture yet from the phone. Keep its page in front, and allow the camera."


class Window:
    """What the window shows before the first picture."""

    titles, title = None, "Squat"

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.left = threading.Event()

    def show_texts(self, line: str, *_: str, picture: object = None) -> list[Action]:  # noqa: ARG002
        self.shown.append(line)
        return self.take_requests()

    def take_requests(self) -> list[Action]:
        """Q after the test."""
        return [Action.QUIT] if self.left.is_set() else []


class Waiting:
    def __init__(self, served: Served) -> None:
        self.window: Any = Window()
        self._stack = ExitStack()
        self._session = PhoneConnection(served.server, served.link)
        self._session.make_screen(self.window, self.window, load_settings({}), Lifter())
        opens = partial(self._session.open_feed, self._stack, load_settings({}))
        self.feeding = asyncio.create_task(asyncio.to_thread(await_picture, opens, self.window, self._session))

    async def end(self) -> None:
        """Leave it, however it went."""
        self.window.left.set()
        await asyncio.gather(self.feeding, return_exceptions=True)
        await asyncio.to_thread(self._stack.close)


@played
async def test_a_silent_phone_is_reported_in_the_window_and_on_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    served = Served(time.monotonic)
    waiting = Waiting(served)
    try:
        async with served.browser() as session, served.connected(session, HELLO) as live:
            while (await heard(live, "state"))["message"] != a_message("said", NO_PICTURE):
                pass
            await until(lambda: waiting.window.shown[-2:] == [NO_PICTURE] * 2)  # it was tried again
            await sent(live)
            await waiting.feeding
            assert waiting.feeding.result().info.name == "phone"
    finally:
        await waiting.end()
        await asyncio.to_thread(served.server.close)
    assert capsys.readouterr().err.count(NO_PICTURE) == 1


@needs_chromium
@pytest.mark.parametrize("code", ["en", "de", "es"])
def test_page_whose_camera_shows_nothing_says_so(tools: str, code: str) -> None:
    """As where another app has the camera; whole on a narrow screen."""

    async def scene() -> None:
        served = Served(time.monotonic)
        waiting = Waiting(served)
        try:
            async with opened(tools, served.access.url) as page:
                await page.shape(390, 844)
                await page.js("watchFrames = () => {}")  # no picture ever comes
                await page.tap("#start")
                told = language.translate(no_picture_text("the phone", "Keep its page in front, and allow the camera."))
                await page.until(f"at('message').innerText.includes({told!r})", LIMIT_S)
                assert await page.js("at('words').scrollHeight <= at('words').clientHeight")
        finally:
            await waiting.end()
            await asyncio.to_thread(served.server.close)

    with language.using_language(code):
        asyncio.run(scene())
