"""Measures how long after the true end of a rep a lifter sees and hears it.

    laptop  camera (here) ──▶ livecoach live ──▶ picture of a private screen, monitor of a private sound device
    phone   pictures over TLS (here) ──▶ livecoach live --phone ──▶ state and cue with its sound, back here

The camera shows two rendered reps again and again, and notes when it sent the picture with which each ends. What a real
camera, a screen, a loudspeaker and a phone's browser need comes on top.
"""

import asyncio
import json
import re
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np

import livecoach
from livecoach.core.errors import OutputError
from livecoach.feedback.shapes import ALARM, GOOD
from livecoach.lab.measure.table import Cell, Rounded, Share, Table
from livecoach.lab.processes import Progress
from livecoach.lab.tools import stand_ins
from livecoach.lab.tools.bench import FPS, SIZE_PX, LiveRun, delays_ms, started
from livecoach.lab.tools.machine import this_machine
from livecoach.pages.plot import Plot, numbers

LAPTOP, PHONE = "laptop", "phone"
WHAT = "told", "seen", "heard"
LOOK_S = 0.002  # between two looks at the screen
CLOCK_S, MOST_UNDER_WAY = 1.0, 4
"""Time between two readings of the phone's clock, and most pictures without an answer, as of the page."""
STANDS_S = 4.0  # time before the first rep: a run that still loads would miss it
AFTER_S = 2.0  # time after the last rep in which its cue may come
SHARES = 5, 50, 95, 99  # percentiles
PLOT_PX, WORDS_PX, WORD_PX = (640, 220), 290, 44  # size of a plot; where its three words begin, and how far apart
STYLE = (
    "svg{font:12px sans-serif;background:#fff}.frame,.grid{fill:none;stroke:#999}"
    ".grid{stroke-dasharray:2 4}.end{text-anchor:end}.middle{text-anchor:middle}.told{stroke:#777}.seen{stroke:#0072b2}"
    ".heard{stroke:#d55e00}path{fill:none;stroke-width:2}.word{stroke-width:.6}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long after the true ends of reps something came, on one way."""

    path: str  # laptop or phone
    what: str  # told (its event), seen or heard
    reps: int  # that were shown
    ms: tuple[float, ...]  # of each rep for which it came, sorted


def measure(pose: str, reps: int, svg: Path | None, progress: Progress) -> list[Table]:
    """Show so many reps on each way. svg: where the distributions are drawn. Raises LivecoachError."""
    if not sys.platform.startswith("linux"):
        raise OutputError("--latency needs Linux, with Xvfb and PulseAudio. Elsewhere run bench without it.")
    machine, loop, rows = this_machine(), stand_ins.demo_loop(FPS, STANDS_S), list[Delays]()
    for done, (path, watch) in enumerate(((LAPTOP, _laptop), (PHONE, _phone))):
        progress(f"{path}: {reps} reps", done / 2)
        rows += watch(loop, pose, reps)
    if svg is not None:
        svg.write_text(draw(rows), encoding="utf-8")
    columns = ("path", "what", "came", *(f"p{share}, ms" for share in SHARES), "most, ms")
    cells = [(row.path, row.what, Share(len(row.ms), row.reps), *_percentiles(row.ms)) for row in rows]
    title = f"From the true end of a rep until it is told, seen and heard, pose {pose}"
    return [Table(title=title, columns=columns, rows=tuple(cells), notes=tuple(machine.lines()))]


def _percentiles(ms: Sequence[float]) -> list[Cell]:
    return [Rounded(float(np.percentile(ms, share)), 0) if ms else None for share in (*SHARES, 100)]


def delays(path: str, what: str, ends_s: Sequence[float], came_s: Sequence[float]) -> Delays:
    """Give each true end the nearest of what came. All times are readings of one clock."""
    near_ms = sorted(round(delay_ms, 1) for delay_ms in delays_ms(ends_s, came_s))
    return Delays(path=path, what=what, reps=len(ends_s), ms=tuple(near_ms))


def _laptop(loop: stand_ins.PictureLoop, pose: str, reps: int) -> list[Delays]:
    seen_s, shown = list[float](), b""
    with (
        stand_ins.virtual_screen() as screen,
        stand_ins.sound_server() as server,
        server.recording() as recording,
        stand_ins.MjpegCamera(lambda: loop.parts(*SIZE_PX), FPS) as camera,
        _live(pose, ["--camera", camera.url], {"DISPLAY": screen.display, **server.address}) as run,
    ):
        while run.child.poll() is None and not _is_over(loop, camera.sent_s, reps):
            # Frame and plate of a verdict stay as they are until the number of the next rep.
            before, shown = shown, screen.places_of(GOOD, ALARM)
            if shown != before:
                seen_s.append(time.monotonic())
            recording.align()
            time.sleep(LOOK_S)
        ends_s, heard_s = _ends_s(loop, camera.sent_s, reps), recording.onsets_s()
    return _rows(LAPTOP, ends_s, run, seen_s, heard_s)


def _phone(loop: stand_ins.PictureLoop, pose: str, reps: int) -> list[Delays]:
    with _live(pose, ["--no-window", "--phone", "127.0.0.1"], {}) as run:
        phone = _Phone(loop, reps)
        asyncio.run(phone.film(_address(run)))
    return _rows(PHONE, _ends_s(loop, phone.sent_s, reps), run, phone.seen_s, phone.heard_s)


class _Phone:
    """What a phone's page does: it sends pictures, shows states, and fetches the sounds of cues."""

    def __init__(self, loop: stand_ins.PictureLoop, reps: int) -> None:
        self._loop, self._reps = loop, reps
        self._under_way = 0
        self.sent_s: list[float] = []  # when each picture was due, sent or not
        self.seen_s: list[float] = []
        self.heard_s: list[float] = []

    async def film(self, url: str) -> None:
        origin = "/".join(url.split("/")[:3])
        jar = aiohttp.CookieJar(unsafe=True)  # the address is a number
        connector = aiohttp.TCPConnector(ssl=False)  # the run has made its own certificate
        async with aiohttp.ClientSession(origin, cookie_jar=jar, connector=connector) as session:
            await (await session.get(url)).read()
            async with session.ws_connect("/live", origin=origin) as live:
                await live.send_json({"type": "hello", "role": "camera"})
                filming = asyncio.create_task(self._send(live))
                await self._listen(session, live)
                await filming

    async def _send(self, live: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        due_s = clock_s = time.monotonic()
        for sent in self._loop.parts(*SIZE_PX):
            due_s += 1 / FPS
            await asyncio.sleep(max(due_s - time.monotonic(), 0.0))
            now_s = time.monotonic()
            if now_s >= clock_s:
                clock_s += CLOCK_S
                await live.send_json({"type": "clock", "sent_ms": 1000 * now_s})
            self.sent_s.append(now_s)
            if self._under_way < MOST_UNDER_WAY:
                self._under_way += 1
                await live.send_bytes(struct.pack("<d", 1000 * now_s) + sent.partition(b"\r\n\r\n")[2])
            if _is_over(self._loop, self.sent_s, self._reps):
                break
        await live.close()

    async def _listen(self, session: aiohttp.ClientSession, live: "aiohttp.ClientWebSocketResponse[bool]") -> None:
        count = 0
        async for message in live:
            fields = json.loads(message.data)
            if fields["type"] == "ack":
                self._under_way -= 1
            elif fields["type"] == "state":
                before, count = count, fields["count"]
                if count > before:
                    self.seen_s.append(time.monotonic())
            elif fields["type"] == "cue" and fields["sound"] is not None:
                await (await session.get(fields["sound"])).read()
                self.heard_s.append(time.monotonic())


def _live(pose: str, words: Sequence[str], env: Mapping[str, str]) -> AbstractContextManager[LiveRun]:
    return started(Path(livecoach.__file__).parents[1], ["--pose", pose, *words], env)


def _address(run: LiveRun) -> str:
    """Wait for the phone's address."""
    while run.child.poll() is None:
        if found := re.search(r"^https://\S+", run.said.read_text(encoding="utf-8"), re.MULTILINE):
            return found.group()
        time.sleep(LOOK_S)
    raise OutputError("livecoach live --phone ended before it said its address.")


def _ends_s(loop: stand_ins.PictureLoop, sent_s: Sequence[float], reps: int) -> list[float]:
    return [sent_s[end] for end in loop.rep_ends(len(sent_s))[:reps]]


def _is_over(loop: stand_ins.PictureLoop, sent_s: Sequence[float], reps: int) -> bool:
    """Return whether the last rep has been shown, and some time since then."""
    ends_s = _ends_s(loop, sent_s, reps)
    return len(ends_s) == reps and sent_s[-1] - ends_s[-1] > AFTER_S


def _rows(
    path: str, ends_s: Sequence[float], run: LiveRun, seen_s: Sequence[float], heard_s: Sequence[float]
) -> list[Delays]:
    told_s = [read_s for read_s, event in run.trace.events if event["event"] == "rep"]
    came_s = told_s, seen_s, heard_s
    return [delays(path, what, ends_s, times_s) for what, times_s in zip(WHAT, came_s, strict=True)]


def draw(rows: Sequence[Delays]) -> str:
    """Return an SVG: of each way, the share of reps that was told, seen and heard by each time."""
    low = min((row.ms[0] for row in rows if row.ms), default=0.0)
    high = max((row.ms[-1] for row in rows if row.ms), default=1.0)
    plots = []
    for number, path in enumerate((LAPTOP, PHONE)):
        plot = Plot((low, high), (0, 1), size=PLOT_PX, margins=(44, 24, 12, 36))
        plot.frame()
        plot.ticks([(share, f"{share:.0%}") for share in (0, 0.5, 0.95)], numbers(low, high, 8), grid=True)
        plot.text("", plot.left, 14, f"{path}: ms from the true end of a rep until it is")
        for word, what in enumerate(WHAT):
            plot.text(f"{what} word", plot.left + WORDS_PX + word * WORD_PX, 14, what)
        for row in rows:
            if row.path == path and row.ms:
                shares = np.arange(1, len(row.ms) + 1) / row.reps
                plot.line(row.what, zip(row.ms, shares.tolist(), strict=True))
        place = f'<svg y="{number * PLOT_PX[1]}" width="{PLOT_PX[0]}" height="{PLOT_PX[1]}"'
        plots.append(str(plot.svg(path)).replace("<svg", place, 1))
    width, height = PLOT_PX[0], 2 * PLOT_PX[1]
    sized = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    return f"{sized}<style>{STYLE}</style>{''.join(plots)}</svg>\n"
