"""A set in front of a phone whose network is slow, and then gone for a while; and one that others watch.

LIVECOACH_WATCHED_S sets how long they watch.
"""

import asyncio
import os
import re
from functools import partial
from pathlib import Path

from builders.browser import Page, browser, needs_chromium, opened
from builders.command import running
from builders.phone_set import REPS, a_camera_clip, a_free_port, live_options, told_address
from builders.slow_network import SlowNetwork

from livecoach.lab.tools.machine import rss_mib

pytestmark = needs_chromium

SLOW_BYTES_S, FAR_S = 125_000, 0.03
"""1 Mbit/s, and 60 ms there and back."""
LATE_MS = 1000
"""Older pictures are worth nothing."""


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

            network.cut = True
            await page.until("!at('link').hidden")
            assert await page.js("at('link').textContent") == "connection lost: trying again"
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
    assert max(late_ms) < LATE_MS, "… and not queued"


WATCHED_S = float(os.environ.get("LIVECOACH_WATCHED_S", "10"))
CREEPING_BYTES_S = 1000
"""Less than the states of a set."""
MOST_GAINED_MIB = 100
COUNT = """
    window.counted = {sent: 0, told: 0, began_ms: performance.now()};
    link.socket.addEventListener("message", () => { counted.told += 1; });
    link.socket.send = (message) => {
      counted.sent += typeof message === "string" ? 0 : 1;
      WebSocket.prototype.send.call(link.socket, message);
    };
    0
"""


def test_who_watches_over_a_slow_network_harms_neither_the_camera_nor_the_other(tmp_path: Path) -> None:
    """A second browser and a tablet watch; the tablet's network is slower than what it is sent."""
    clip, port = a_camera_clip(tmp_path), a_free_port()
    network = SlowNetwork(port)

    async def scene(tools: tuple[str, str, str], address: str, watching: str) -> tuple[float, float, float]:
        """Return the pictures a second that the camera sent, the messages a second that the other browser was told, and
        the memory that livecoach gained, MiB."""
        async with (
            network.open(),
            opened(tools[0], address) as camera,
            opened(tools[1], watching) as other,
            opened(tools[2], watching) as tablet,
        ):
            await camera.tap("#start")
            for page in (other, tablet):
                await page.tap("#watch")
            for page in (camera, other, tablet):
                await page.until("state !== null")
            network.bytes_s = CREEPING_BYTES_S
            for page in (camera, other):
                await page.js(COUNT)
            before_mib = memory_mib()
            await camera.until(f"performance.now() - counted.began_ms >= {1000 * WATCHED_S}", 2 * WATCHED_S)
            gained_mib = memory_mib() - before_mib
            sent_hz: float = await camera.js("1000 * counted.sent / (performance.now() - counted.began_ms)")
            told_hz: float = await other.js("1000 * counted.told / (performance.now() - counted.began_ms)")
            await camera.js("act('end-session')")
            return sent_hz, told_hz, gained_mib

    said = tmp_path / "stderr"
    with (
        running(*live_options(port), home=tmp_path, stderr=said) as run,
        browser(clip.path) as of_camera,
        browser() as of_other,
        browser(None, network.flag) as of_tablet,
    ):
        address = told_address(said)
        watching = re.search(r"watch on another device: (\S+)", said.read_text(encoding="utf-8"))
        assert watching is not None
        memory_mib = partial(rss_mib, run.process.pid)
        sent_hz, told_hz, gained_mib = asyncio.run(scene((of_camera, of_other, of_tablet), address, watching[1]))
        assert run.end() == 0, said.read_text(encoding="utf-8")
    frames = run.seen[-1]["frames"]
    print(f"{sent_hz:.1f} pictures a second, {told_hz:.1f} messages, {gained_mib:.1f} MiB gained, {frames}")
    assert gained_mib < MOST_GAINED_MIB
    assert told_hz > 1, "the other browser is told of the set all the while"
    arrived = frames["read"] + frames["dropped"]  # a busy machine drops some
    assert arrived > 0.9 * sent_hz * WATCHED_S, "what the camera sends arrives"
