"""Report and history on the phone during a run: what the server gives and changes, what it refuses, and the page."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from builders.browser import Page, needs_chromium, opened
from builders.home_server import Visitor, at_home, words
from builders.phone_connection import JPEG, Served, played, until
from builders.phone_server import a_state
from builders.sessions import contents

from livecoach.core import language
from livecoach.core.errors import OutputError
from livecoach.core.own_process import WorkerProcess
from livecoach.records.session import layout

SUMMARY = {"lines": ["3 reps, 2 good"]}
AT_REST = {"count": 3, "summary": SUMMARY}
LIMIT_S = 120.0


@asynccontextmanager
async def at_the_phone(*, watching: bool = False) -> AsyncIterator[Visitor]:
    """A phone that has opened the QR code's address, or that for watching."""
    served = Served()
    try:
        async with served.browser(served.access.watch_url if watching else None) as session:
            session._timeout = aiohttp.ClientTimeout(LIMIT_S)  # the first page waits for its process
            visitor = Visitor(session, served.access.origin, [])
            visitor.home = f"{served.access.origin}/sessions/"
            yield visitor
    finally:
        await asyncio.to_thread(served.server.close)


@played
async def test_report_and_history_are_those_of_livecoach_home_for_the_live_page_alone(kept):
    async with at_the_phone() as phone:
        newest, named = await phone.get("last.html"), await phone.get(f"{kept.name}.html")
        assert newest == named
        assert "leant forward" in words(newest)
        assert "Delete" not in words(newest)
        assert kept.name in (await phone.get("history.html"))[1]
        assert (await phone.get(f"{kept.name}/1/3.svg"))[1].startswith("<svg")
        async with phone.browser.get(f"{phone.home}{kept.name}/1/3.mp4?blur=on") as clip:
            assert (clip.content_type, (await clip.read())[4:8]) == ("video/mp4", b"ftyp")
        assert (await phone.get("nothing.html"))[0] == 404
        for path in ("last.html", "history.html", f"{kept.name}/1/3.svg", "nothing.html"):
            async with phone.browser.get(f"{phone.home}{path}") as answer:
                policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
                assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
                assert policy["frame-ancestors"] in {"'self'", "'none'"}
                assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert (await phone.post(f"{kept.name}/delete"))[0] in {404, 405}


def test_the_session_of_the_run_is_left_alone_and_what_is_changed_later_is_undone_on_the_computer(folder):
    before = contents(folder)

    @played
    async def on_the_phone() -> None:
        async with at_the_phone() as phone:
            with layout.lock_session(folder):
                page = await phone.get("last.html")
                assert "This session is still running. Correct its last rep" in words(page)
                assert "<form" not in page[1]
                for path, fields in (("1/1", {"label": "bad"}), ("1", {"load": "100"})):
                    status, said = await phone.post(f"{folder.name}/{path}", **fields)
                    assert (status, "is being recorded" in said, "\n" in said) == (409, True, False)
                assert before.items() <= contents(folder).items()
            assert "<form" in (await phone.get("last.html"))[1]
            assert await phone.post(f"{folder.name}/1/3", label="bad", fault="forward_lean") == (200, "")
            assert "you said: bad (leant forward)" in words(await phone.get("last.html"))
            assert await phone.post(f"{folder.name}/1", load="100", rpe="8", note="") == (200, "")
            status, said = await phone.post(f"{folder.name}/1", load="heavy")
            assert (status, said) == (409, "'heavy' is not a load. Write 100, 102.5, 100kg or 220lb.")

    async def home_scene(visitor: Any) -> None:
        assert "RPE 8" in words(await visitor.get(f"{folder.name}.html"))
        assert (await visitor.post(f"{folder.name}/1/3", label="undo"))[0] == 200

    on_the_phone()
    at_home(home_scene)
    told = [json.loads(line)["label"] for line in (folder / layout.CORRECTIONS).read_text().splitlines()]
    assert told == ["bad", None]


@played
async def test_address_for_watching_shows_and_changes_nothing_of_the_sessions(kept):
    async with at_the_phone(watching=True) as phone:
        pages = "last.html", "history.html", "compare.html", f"{kept.name}.html", f"{kept.name}/report.html"
        for path in (*pages, f"{kept.name}/1/1.svg", f"{kept.name}/1/1.mp4"):
            assert await phone.get(path) == (403, "this address can only watch")
        assert (await phone.post(f"{kept.name}/1/1", label="bad"))[0] == 403
        assert (await phone.post(f"{kept.name}/1", load="100"))[0] == 403


@played
async def test_nothing_is_changed_by_another_page_and_nothing_is_given_or_changed_without_the_cookie(kept):
    async with at_the_phone() as phone:
        for origin in ("https://example.org", "https://127.0.0.1:1", "null", None):
            assert (await phone.post(f"{kept.name}/1/1", origin, label="bad"))[0] == 403, origin
        phone.browser.cookie_jar.clear()
        assert (await phone.get("last.html"))[0] == 403
        assert (await phone.post(f"{kept.name}/1/1", label="bad"))[0] == 403


@played
async def test_process_of_pages_ends_at_once_and_begins_again_where_it_was_ended():
    making = WorkerProcess(os.getpid)
    first = await making(os.getpid)
    assert first != os.getpid()
    with pytest.raises(OutputError, match="was ended"):
        await making(os._exit, 1)
    assert await making(os.getpid) not in {first, os.getpid()}
    endless = asyncio.create_task(making(_forever))
    await asyncio.sleep(0)  # it asks for it
    making.close()
    with pytest.raises((OutputError, asyncio.CancelledError)):
        await endless


def _forever() -> None:
    while True:
        pass


# The page


@asynccontextmanager
async def filming(tools: str) -> AsyncIterator[tuple[Served, Page]]:
    """A phone that films, at rest after a set."""
    served = Served(time.monotonic)
    try:
        async with opened(tools, served.access.url) as page:
            await page.shape(390, 844)
            served.link.send_state(a_state(**AT_REST))
            await page.tap("#start")
            await until(lambda: served.link.camera_state == "connected")
            await page.until("state !== null && !at('after-set').hidden")
            yield served, page
    finally:
        await asyncio.to_thread(served.server.close)


IN_FRAME = "document.querySelector('#sessions iframe')?.contentDocument?.querySelector"


async def opened_report(page: Page, wanted: str = "#correct-3") -> None:
    await page.tap("#after-set")
    await page.until(f"{IN_FRAME}({wanted!r})", LIMIT_S)


async def pictures(served: Served, number: int) -> None:
    """Take so many pictures of the phone's camera."""
    for _ in range(number):
        arrived = await asyncio.to_thread(served.link.take_newest_picture, LIMIT_S)
        assert arrived is not None
        assert arrived.jpeg != JPEG


@needs_chromium
@played
async def test_lifter_corrects_a_rep_in_the_report_while_the_phone_goes_on_filming(tools, folder):
    async with filming(tools) as (served, page):
        await opened_report(page)
        await pictures(served, 3)
        await page.js(f"{IN_FRAME}('.marks [href=\"#rep-3\"]').click()")
        await page.js(f"{IN_FRAME}('#correct-3').setAttribute('open', '')")
        await page.js(f"{IN_FRAME}('#correct-3 [value=bad]').click()")
        await page.until(f"{IN_FRAME}('#rep-3').innerText.includes('you said: bad')", LIMIT_S)
        await page.tap("#sessions [data-page=history]")
        await page.until(f"{IN_FRAME}('a[href^=\"{folder.name}\"]')", LIMIT_S)
        await pictures(served, 3)
        await page.tap("#close-sessions")
        assert not await page.js("document.querySelector('#sessions iframe')")
    assert [json.loads(line)["label"] for line in (folder / layout.CORRECTIONS).read_text().splitlines()] == ["bad"]


@needs_chromium
@pytest.mark.usefixtures("folder")
@played
async def test_report_gives_way_to_a_set_on_the_phone_that_films(tools):
    async with filming(tools) as (served, page):
        await page.js("localStorage.clear()")  # by which a second tab would film on
        async with opened(tools, served.access.url) as other:
            await other.tap("#watch")
            await other.until("state !== null")
            await opened_report(page, "#reps")
            await opened_report(other, "#reps")
            served.link.send_state(a_state(in_set=True, progress=0.1, count=1))
            await page.until("!at('sessions').open")
            assert await page.js("[...document.querySelectorAll('#remote [data-page]')].every((one) => one.disabled)")
            await other.until("state.in_set")
            assert await other.js("at('sessions').open")


@needs_chromium
@pytest.mark.usefixtures("folder")
@played
async def test_lost_connection_stands_over_the_report_and_the_end_says_how_to_go_on(tools):
    async with filming(tools) as (served, page):
        await opened_report(page)
        await page.js("connectLater()")
        await page.until("at('link').parentElement.id === 'sessions' && !at('link').hidden")
        await page.until("at('link').hidden")
        await asyncio.to_thread(served.server.close)
        await page.until("!at('over').hidden && !at('sessions').open")
        assert "run livecoach home on the computer" in await page.js("at('over').innerText")


@needs_chromium
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("code", ["en", "de", "es"])
@played
async def test_report_and_history_fit_a_phone(tools, code):
    wide = "(() => { const d = document.querySelector('#sessions iframe').contentDocument.documentElement; %s })()"
    with language.using_language(code):
        async with filming(tools) as (_, page):
            await opened_report(page)
            assert await page.js(wide % "return d.scrollWidth <= d.clientWidth")
            assert await page.js("document.documentElement.scrollWidth <= innerWidth")
            assert await page.js("at('sessions').scrollHeight <= innerHeight")
            assert await page.js("document.querySelector('#sessions iframe').clientHeight >= innerHeight * 0.8")
            assert await page.js(
                "[...document.querySelectorAll('#sessions button')].every((b) => b.offsetHeight >= 44)"
            )
