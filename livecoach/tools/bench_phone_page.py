"""The phone of a measured run: `python -m livecoach.tools.bench_phone_page CLIP ADDRESS-FILE SECONDS`.

Chromium shows the clip to its camera and opens the address that appears in the file. The page is the shipped one, with
a stopwatch around four of its functions. At the end of the session its trace is printed.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from livecoach.errors import OutputError
from livecoach.tools.bench_phone_trace import PageTrace, page_trace_from
from livecoach.tools.children import answer
from livecoach.tools.chromium import Page, browser, opened
from livecoach.tools.mjpeg_camera import encode_clip

LOOK_S = 0.05
START_S = 60.0
"""Longest wait for the address."""
PHONE_PX = 844, 390
"""Screen of a phone in landscape."""
CLOCK_READINGS = 20
STOPWATCH = """(() => {
  const seen = window.seen = { allowed_ms: null, first_drawn_ms: null, shown: 0, pictures: [], cues: [] };
  const painted = (then) => requestAnimationFrame(() => {
    const channel = new MessageChannel(); // its message is handled after the frame's painting
    channel.port1.onmessage = () => then(performance.now());
    channel.port2.postMessage(null);
  });
  const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (...wanted) => {
    const stream = await ask(...wanted);
    seen.allowed_ms = performance.now();
    return stream;
  };
  const video = HTMLVideoElement.prototype, next = video.requestVideoFrameCallback;
  video.requestVideoFrameCallback = function (note) {
    return next.call(this, (...given) => { seen.shown += 1; note(...given); });
  };
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (data instanceof ArrayBuffer) {
      const captured_ms = new DataView(data).getFloat64(0, true);
      seen.pictures.push({ captured_ms, sent_ms: performance.now(), taken_ms: null });
    }
    return send.call(this, data);
  };
  const takePlain = take, cuePlain = giveCue, statePlain = showState;
  take = (message) => {
    if (message.type === "ack" && seen.pictures.length) seen.pictures.at(-1).taken_ms = performance.now();
    takePlain(message);
  };
  let waiting = null;
  giveCue = (cue) => {
    if (cue.rep !== null) {
      waiting = { rep: cue.rep, drawn_ms: null, before: state ? state.count : 0 };
      seen.cues.push(waiting);
    }
    cuePlain(cue);
  };
  showState = (now) => {
    statePlain(now);
    if (seen.first_drawn_ms === null) painted((ms) => (seen.first_drawn_ms = ms));
    if (waiting === null || now.count <= waiting.before) return;
    const cue = waiting;
    waiting = null;
    painted((ms) => (cue.drawn_ms = ms));
  };
})()"""
PAGE_BYTES = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter((entry) => !entry.name.includes("/sounds/")).reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
OTHER_FILES = """Promise.all(["/icon.svg", "/manifest.webmanifest"].map((name) =>
    performance.getEntriesByName(location.origin + name).length ? null : fetch(name).then((file) => file.text())))
    .then(() => true)"""
"""Fetches the files of the page that a browser without a screen leaves out."""


def address_from(file: Path) -> str:
    """Wait for the address in a file. Raises OutputError where it does not come."""
    give_up_s = time.monotonic() + START_S
    while time.monotonic() < give_up_s:
        if file.exists() and (address := file.read_text(encoding="ascii").strip()):
            return address
        time.sleep(LOOK_S)
    raise OutputError("the measured run gave no address for the phone.")


async def clock_offset_s(page: Page) -> float:
    """Return what is to be added to the page's time: of several readings, the one with the shortest round trip."""
    readings = []
    for _ in range(CLOCK_READINGS):
        asked_s = time.monotonic()
        page_s = await page.js("performance.now()") / 1000
        answered_s = time.monotonic()
        readings.append((answered_s - asked_s, (asked_s + answered_s) / 2 - page_s))
    return min(readings)[1]


async def watch(tools: str, address: str, seconds: float) -> PageTrace:
    """Be the phone until the session ends, and return what was seen."""
    async with opened(tools, address) as page:
        version: dict[str, Any] = await page.call("Browser.getVersion")
        await page.shape(*PHONE_PX)
        await page.js(STOPWATCH)
        offset_s = await clock_offset_s(page)
        await page.tap("#start")
        await page.js(OTHER_FILES)
        page_bytes = await page.js(PAGE_BYTES)
        await page.until("over", seconds)
        seen = await page.js("JSON.stringify(seen)")
        about = f'"browser": "{version["product"]}", "offset_s": {offset_s!r}, "page_bytes": {page_bytes}'
        return page_trace_from(f"{{{about}, {seen[1:]}")


def shown_to(address_file: Path, clip: Path, seconds: float) -> PageTrace:
    """Show the clip to the address that appears in a file, and return what the phone saw."""
    with tempfile.TemporaryDirectory(prefix="livecoach-bench-") as folder:
        shown = Path(folder) / "camera.mjpeg"
        shown.write_bytes(b"".join(encode_clip(clip)[0]))
        with browser(shown) as tools:
            return asyncio.run(watch(tools, address_from(address_file), seconds))


def main() -> None:
    """Show the clip to the address that appears in the file, and print the trace as JSON."""
    clip, file, seconds = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    answer(lambda: shown_to(file, clip, seconds))


if __name__ == "__main__":
    main()
