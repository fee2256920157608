"""The pages of phone and home in each engine of a browser."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest
from builders.browser import CUT_JS, ENGINES, FAINT_JS, Page, needs_chromium, needs_chromium_for_a_set, opened, webkit
from builders.home_server import a_home
from builders.phone_connection import Served, played
from builders.phone_server import a_message, a_state
from builders.phone_server import served as stand_in
from builders.reports import a_squat_fault, a_squat_session, squatted, wrong
from builders.sessions import at
from builders.steps import a_pace

from livecoach.capture.opencv import cv2
from livecoach.core import language
from livecoach.core.config import load_settings
from livecoach.core.documents import SetLogEvent
from livecoach.core.errors import OutputError

CUE = {"type": "cue", "text": "3", "kind": "good_rep", "rep": 3, "sound": "/sounds/1.wav", "vibrate_ms": None}
CAPITAL = "0.72 * parseFloat(getComputedStyle(at('text')).fontSize) / innerHeight"
"""Height of the cue's capitals over the screen's."""
Engine = Callable[[], AbstractAsyncContextManager[Page]]


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_enters_the_phones_page_which_films_sounds_and_is_a_remote(engine: Engine, served: Served) -> None:
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


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("en", marks=needs_chromium),
        pytest.param("de", marks=needs_chromium_for_a_set),  # the longest words
        pytest.param("es", marks=needs_chromium),
    ],
)
@played
async def test_each_page_fits_is_readable_and_has_the_same_links_on_top(tools, sessions, code):
    for day, a_kind_of in ((1, wrong), (2, squatted)):
        log = SetLogEvent(t_s=0.0, set=1, load_kg=100.0)
        reps = [a_kind_of(number, pace=a_pace()) for number in (1, 2, 3)]
        reps += [wrong(4, *map(a_squat_fault, ("knee_cave", "heel_lift", "good_morning")))]  # each has a colour
        folder = a_squat_session(sessions, reps, events=[log], started=at(2026, 3, day), profile="anna")
    with language.using_language(code):
        async with a_home() as visitor, opened(tools, visitor.home) as page:
            links = await page.js("[...document.querySelectorAll('nav.pages a')].map((link) => link.href)")
            assert len(links) == len(set(links)) >= 6
            for address in [*links, f"{visitor.home}{folder.name}.html", f"{visitor.home}compare.html"]:
                await page.open(address)
                assert await page.js("document.querySelectorAll('nav.pages [aria-current]').length") == 1
                await page.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
                smallest = "Math.min(...[...document.querySelectorAll('.rep form button')].map((b) => b.offsetHeight))"
                for width, scheme in ((320, "dark"), (320, "light"), (2560, "light")):
                    await page.shape(width, 900, scheme)
                    await page.until(f"innerWidth === {width}")
                    assert await page.js("document.documentElement.scrollWidth <= innerWidth"), (address, width)
                    assert await page.js(f"{smallest} >= 44"), "large enough for a finger"
                    assert await page.js(CUT_JS) == [], (address, width)
                    assert await page.js(FAINT_JS) == [], (address, scheme)
