"""A set in front of the phone: livecoach itself, and a browser whose camera shows a clip of two squats."""

import asyncio
import re
import socket
import time
from pathlib import Path
from threading import Event

from builders.browser import browser, needs_chromium, opened
from builders.command import CLIPS, TIMEOUT_S, running

from livecoach.tools.mjpeg_camera import encode_clip

pytestmark = needs_chromium

CLIP, REPS = CLIPS / "squat_2.mp4", 2
LATER = Event()
"""Never set."""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


def _address(said: Path) -> str:
    """Return the phone's address, once livecoach has said it."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline_s:
        found = re.search(r"https://\S+/\?t=\S+", said.read_text(encoding="utf-8"))
        if found:
            return found.group()
        LATER.wait(0.02)
    raise AssertionError(said.read_text(encoding="utf-8"))


def test_reps_before_the_phone_are_counted_judged_and_heard(tmp_path: Path) -> None:
    pictures, fps = encode_clip(CLIP)
    shown = tmp_path / "camera.mjpeg"
    shown.write_bytes(b"".join(pictures))
    clip_ms = 1000 * len(pictures) / fps

    async def set_of_squats(tools: str, address: str) -> int:
        async with opened(tools, address) as page:
            await page.tap("#start")
            await page.until("state !== null && camera.sentMs > 0")
            began_ms = await page.js("camera.sentMs")
            await page.until("at('number').classList.contains('shown') && at('verdict').getAttribute('aria-label')")
            await page.until("document.body.dataset.sounded > 0")
            await page.until(f"camera.sentMs - {began_ms} >= {clip_ms}")
            count: int = await page.js("state.count")
            await page.js("act('quit')")
            await page.until("!at('over').hidden")
            return count

    options = ("--no-window", "--exercise", "squat", "--events", "-", "--phone", f"127.0.0.1:{_free_port()}")
    said = tmp_path / "stderr"
    with running("live", *options, home=tmp_path, stderr=said) as run, browser(shown) as tools:
        count = asyncio.run(set_of_squats(tools, _address(said)))
        status = run.end()

    assert abs(count - REPS) <= 1
    assert status == 0
    assert sum(event["event"] == "rep" for event in run.seen) >= count
