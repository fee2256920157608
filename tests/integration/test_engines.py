"""The phone's page in each engine of a browser."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest
from builders.browser import ENGINES, Page, webkit
from builders.phone_connection import Served, played
from builders.phone_server import a_message, a_state
from builders.phone_server import served as stand_in

from livecoach.capture.opencv import cv2
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
