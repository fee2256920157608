"""A set in front of a phone whose network is slow, and then gone for a while."""

import asyncio
from pathlib import Path

from builders.browser import Page, browser, needs_chromium_for_a_set, opened
from builders.command import running
from builders.phone_set import REPS, a_camera_clip, a_free_port, live_options, told_address
from builders.slow_network import SlowNetwork

pytestmark = needs_chromium_for_a_set

SLOW_BYTES_S, FAR_S = 125_000, 0.03
"""1 Mbit/s, and 60 ms there and back."""


async def one_clip(page: Page, clip_ms: float) -> int:
    """Let the camera show the clip once; how many more reps are counted then."""
    began_ms, before = await page.js("[camera.newest, state.count]")
    await page.until(f"camera.newest - {began_ms} >= {clip_ms}")
    count: int = await page.js("state.count")
    return count - before


def test_a_set_goes_on_where_the_network_is_slow_and_then_gone(tmp_path: Path) -> None:
    clip, port = a_camera_clip(tmp_path), a_free_port()
    network = SlowNetwork(port)

    async def scene(tools: str, address: str) -> int:
        """Return how many pictures the camera gave."""
        async with network.open(), opened(tools, address) as page:
            await page.tap("#start")
            await page.until("state !== null && camera.sentMs > 0")
            network.bytes_s, network.delay_s = SLOW_BYTES_S, FAR_S
            assert abs(await one_clip(page, clip.length_ms) - REPS) <= 1
            await page.until("document.body.dataset.sounded > 0")

            network.cut = True
            await page.until("!at('link').hidden && at('link').textContent === 'connection lost: trying again'")
            # The page and livecoach notice a cut at different times.
            await asyncio.to_thread(run.event, lambda event: event.get("warning") == "camera_lost")
            network.cut = False
            await page.until("at('link').hidden")
            assert abs(await one_clip(page, clip.length_ms) - REPS) <= 1

            given: int = await page.js("at('preview').getVideoPlaybackQuality().totalVideoFrames")
            await page.js("act('end-session')")
            await page.until("!at('over').hidden")
            return given

    said = tmp_path / "stderr"
    with running(*live_options(port), home=tmp_path, stderr=said) as run, browser(clip.path, network.flag) as tools:
        given = asyncio.run(scene(tools, told_address(said)))
        assert run.end() == 0

    lost = [event["active"] for event in run.seen if event.get("warning") == "camera_lost"]
    assert lost[:2] == [True, False]
    assert run.seen[-1]["frames"]["read"] < given / 2, "dropped, …"
    cues = [event for event in run.seen if event["event"] == "cue" and event.get("rep") is not None]
    late_ms = [event["latency_ms"] for event in cues if event["latency_ms"] is not None]  # none at the end of the run
    assert late_ms
    assert max(late_ms) < clip.length_ms / REPS, "… and not queued: a cue comes before the next rep"
    stored = {path.suffix for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert stored
    assert not stored & {".mp4", ".jpg", ".mjpeg", ".png"}
