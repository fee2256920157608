"""A set in front of the phone: livecoach itself, and a browser whose camera shows a clip of two squats."""

import asyncio
from pathlib import Path

from builders.browser import browser, needs_chromium_for_a_set, opened
from builders.command import running
from builders.phone_set import REPS, a_camera_clip, a_free_port, live_options, told_address

pytestmark = needs_chromium_for_a_set


def test_reps_before_the_phone_are_counted_judged_and_heard(tmp_path: Path) -> None:
    clip = a_camera_clip(tmp_path)

    async def set_of_squats(tools: str, address: str) -> int:
        async with opened(tools, address) as page:
            await page.tap("#start")
            await page.until("state !== null && camera.sentMs > 0")
            began_ms = await page.js("camera.sentMs")
            await page.until("at('number').classList.contains('shown') && at('verdict').getAttribute('aria-label')")
            await page.until("document.body.dataset.sounded > 0")
            await page.until(f"camera.sentMs - {began_ms} >= {clip.length_ms}")
            count: int = await page.js("state.count")
            await page.js("act('end-session')")
            await page.until("!at('over').hidden")
            return count

    said = tmp_path / "stderr"
    with running(*live_options(a_free_port()), home=tmp_path, stderr=said) as run, browser(clip.path) as tools:
        count = asyncio.run(set_of_squats(tools, told_address(said)))
        status = run.end()

    assert abs(count - REPS) <= 1
    assert status == 0
    assert sum(event["event"] == "rep" for event in run.seen) >= count
    stored = {path.suffix for path in (tmp_path / "share").rglob("*") if path.is_file()}
    assert stored
    assert not stored & {".mp4", ".jpg", ".mjpeg", ".png"}, "no picture of the phone is kept unless it is recorded"
