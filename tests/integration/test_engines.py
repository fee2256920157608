"""The pages of phone and home in each engine of a browser."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest
from builders.browser import CUT_JS, ENGINES, Page, webkit
from builders.home_server import a_home
from builders.phone_connection import Served, played
from builders.phone_server import a_message, a_state
from builders.phone_server import served as stand_in

from livecoach.capture.opencv import cv2
from livecoach.core.config import load_settings
from livecoach.core.errors import OutputError

CUE = {"type": "cue", "text": "3", "kind": "good_rep", "rep": 3, "sound": "/sounds/1.wav", "vibrate_ms": None}
CAPITAL = "0.72 * parseFloat(getComputedStyle(at('text')).fontSize) / innerHeight"
"""Height of the cue's capitals over the screen's."""
Engine = Callable[[], AbstractAsyncContextManager[Page]]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_page_is_entered_films_is_read_sounds_and_is_a_remote(engine: Engine, served: Served) -> None:
    try:
        a_walk(engine, served)
    except (OutputError, TimeoutError):
        if engine is not webkit:  # which fails now and then
            raise
        a_walk(engine, served)


@played
async def a_walk(engine: Engine, served: Served) -> None:
    async with engine() as page, stand_in() as server:
        await page.open(served.access.origin)
        token = served.access.url.rpartition("/")[2]
        await page.js(f"document.querySelector('[name=t]').value = {token!r}")
        await page.tap("button")
        await page.until("document.readyState === 'complete' && document.querySelector('#start')")

        await page.open(server.url)
        await page.tap("#start")
        await server.until(lambda: len(server.frames) > 10)
        assert cv2.imdecode(np.frombuffer(server.frames[-1][1], np.uint8), cv2.IMREAD_COLOR) is not None
        alarm = a_message("alarm", "hips and chest together", "arms bent: elbows 89°, your good reps 140°")
        await server.send(a_state(in_set=True, count=12, verdict="anomalous", message=alarm))
        for width, height in ((390, 844), (844, 390)):
            await page.shape(width, height)
            await page.until(f"(innerWidth > innerHeight) === {str(width > height).lower()} && {CAPITAL} >= 0.08")
        await server.send(CUE)
        await page.until("document.body.dataset.sounded === '1'")
        await page.js("sound.context.suspend()")  # as a call does
        await page.until("!at('unlock').hidden")
        await page.tap("#unlock")
        await page.until("sound.context.state === 'running' && at('unlock').hidden")

        await server.send(a_state(in_set=True, count=2))
        await page.until("!at('end-set').disabled")
        await page.tap("#open-remote")
        await page.tap("#end-set")
        await server.until(lambda: server.actions)
        assert server.actions == [{"type": "action", "name": "end-set"}]


@pytest.mark.parametrize("engine", ENGINES[:2])
@played
async def test_each_engine_shows_every_page_and_saves_a_setting(engine, folder):  # noqa: ARG001 (it isolates the home)
    async with a_home() as visitor, engine() as page:
        await page.open(visitor.home)
        await page.shape(500, 900)
        for address in await page.js("[...document.querySelectorAll('nav.pages a')].map((link) => link.href)"):
            await page.open(address)
            assert await page.js("document.documentElement.scrollWidth <= innerWidth"), address
            assert await page.js(CUT_JS) == [], address
            assert await page.js("document.querySelector('nav.pages').offsetHeight") < 60
        await page.tap("a.menu")
        await page.until("document.querySelector('nav.pages a').offsetHeight > 40")
        await page.open(f"{visitor.home}settings.html")
        await page.js("document.querySelector('#set-rest_s [name=value]').value = '90'")
        await page.tap("#set-rest_s button")
        await page.until("document.querySelector('#set-rest_s output')?.textContent === 'Saved.'")
    assert load_settings({}).rest_s == 90
