"""The end of a session on the phone: the program ends, and the report is there."""

import asyncio
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

from builders.browser import browser, needs_chromium, opened
from builders.command import running, write_settings
from builders.phone_connection import WAIT_S, WATCH, Served, heard, listened_to_the_end, played, until
from builders.phone_set import a_camera_clip
from builders.sessions import contents
from builders.virtual_screen import give_keyboard, needs_x, press
from builders.waiting import wait_until

from livecoach.phone import server

LAST_REPORT = "/sessions/at-end/report.html"
WANTED_S = 3.0
"""From the tap to the end of process, camera and port, on a computer that has nothing else to do."""
IN_FRAME = "document.querySelector('#over iframe')?.contentDocument?.querySelector"


@played
async def test_reports_of_all_lifters_are_served_until_the_page_has_them(kept, monkeypatch):
    """The page hangs up then. Without the cookie of the remote nobody gets it, and nothing is written for it."""
    monkeypatch.setattr(server, "REPORT_S", WAIT_S)  # its process begins only now
    served = Served(time.monotonic)
    async with (
        served.browser() as session,
        served.browser(served.access.watch_url) as watching,
        served.connected(session, WATCH) as live,
        served.connected(watching, WATCH) as other,
    ):
        await until(lambda: len(served.server._room.clients) == 2)
        ending = asyncio.create_task(asyncio.to_thread(served.server.close, (kept, [None, "Bo"])))
        first, second = (await heard(live, "ended"))["reports"]
        assert (first, second["lifter"]) == ({"lifter": None, "url": LAST_REPORT + "?lifter=0"}, "Bo")
        reading = asyncio.create_task(listened_to_the_end(live))
        assert (await heard(other, "ended"))["reports"] == []
        async with watching.get(served.access.origin + LAST_REPORT) as answer:
            assert answer.status == 403
        async with session.get(served.access.origin + LAST_REPORT + "?lifter=2") as answer:
            assert answer.status == 404
        async with session.get(served.access.origin + first["url"]) as answer:
            page = await answer.text()
        assert not ending.done()
        reading.cancel()
        await live.close()
        await ending
    assert "leant forward" in page
    assert "<form" not in page
    assert 'src="forms.js"' not in page


@played
async def test_without_a_session_there_is_no_report_and_nobody_is_waited_for(tmp_path):
    served = Served(time.monotonic)
    async with served.browser() as session, served.connected(session, WATCH) as live:
        await until(lambda: len(served.server._room.clients) == 1)
        ending = asyncio.create_task(asyncio.to_thread(served.server.close, (tmp_path / "gone", [None])))
        assert (await heard(live, "ended"))["reports"] == []
        await asyncio.wait_for(ending, WANTED_S)


@needs_x
@needs_chromium
def test_end_session_ends_the_program_that_began_on_the_start_screen(screen, tmp_path: Path):
    """Camera and port are free at once, the window shows the summary until a key, and the phone shows the report of the
    lifter at hand, who has come back by one tap."""
    clip = a_camera_clip(tmp_path)
    write_settings(tmp_path, "exercise: squat\nprofile: anna\n")
    said = tmp_path / "stderr"

    def is_closed() -> bool:
        try:
            socket.create_connection((urlsplit(address).hostname, urlsplit(address).port), 5).close()
        except ConnectionRefusedError:
            return True
        return False

    def ended_by_key() -> bool:
        press(screen, "x")
        return run.process.poll() is not None

    async def evening(tools: str, address: str) -> None:
        async with opened(tools, address) as page:
            await page.shape(390, 844)
            await page.tap("#start")
            await page.until("state && state.in_set && state.count >= 2", 120)
            await page.js("act('end-set')")
            await page.until("state && state.summary", 60)
            await page.js("act('new-profile', 'Bo')")
            await page.until("document.querySelector('#lifters [aria-pressed=true]')?.textContent === 'Bo'", 60)
            await page.until("!at('lifters').inert")
            await page.js("at('lifters').firstElementChild.click()")
            await page.until("state.profile === 'anna'", 60)
            before = contents(tmp_path)
            await page.js("openRemote()")
            await page.tap("#quit")
            await page.tap("#quit")
            await page.until("!at('over').hidden && camera.stream === null")
            await page.until(f"{IN_FRAME}('meta[name=generator]')")
            await asyncio.to_thread(wait_until, is_closed, "camera and port are free")
            assert run.process.poll() is None  # the window shows the summary
            await asyncio.to_thread(wait_until, ended_by_key, "a key ends the program")
            assert await page.js(f"{IN_FRAME}('h1').innerText") == "Squat"
            assert not [name for name in {*contents(tmp_path)} - {*before} if name.endswith(".html")]

    with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run, browser(clip.path) as tools:
        give_keyboard(screen, run.process)
        press(screen, "Down", "Return")
        address = next(line for line in iter(run._lines.get, None) if line.startswith("https://")).strip()
        asyncio.run(evening(tools, address))
        assert run.process.wait(0) == 0
