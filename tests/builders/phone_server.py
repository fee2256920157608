"""A stand-in for the server of `livecoach live --phone`: the same page and messages, and any state a test wants."""

import asyncio
import contextlib
import io
import struct
import wave
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import WSMsgType, web

from livecoach.phone.server import PAGE_HEADERS, page_files


def a_state(**changed: Any) -> dict[str, Any]:
    """The state of a deadlifter before the first set."""
    state: dict[str, Any] = {
        "type": "state", "exercise": "Deadlift", "profile": "anna", "lifter": "anna", "load": "100 kg",
        "set": "set 1 of 3", "planned": 5, "count": 0, "in_set": False, "verdict": None, "likeness": "",
        "message": None, "progress": None, "rest_s": None, "rest_target_s": None, "session_s": 0, "summary": None,
        "muted": False, "depth": "parallel", "counted": "all", "reps": [], "sets": [], "last_set": None,
        "choices": [], "costs": [], "floor": None, "learning": None, "by_hand": "", "held": None,
        "note": None, "trouble": None, "camera": "connected", "synthetic": False, "recording": False,
        "picture": [640, 480], "body": None, "loop": None, "figures": None, "backs": None, "phase": None,
    }  # fmt: skip
    assert set(changed) <= {*state, "load_in_force"}
    return state | {"load_in_force": changed.get("load", state["load"])} | changed


def a_message(kind: str, text: str, detail: str | None = None, shape: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "text": text, "detail": detail, "shape": "cross" if kind == "alarm" else shape}


class PhoneServer:
    """Takes frames and actions, and sends what it is told to."""

    def __init__(self) -> None:
        self.url = ""
        self.hellos: list[dict[str, Any]] = []
        self.actions: list[dict[str, Any]] = []
        self.frames: list[tuple[float, bytes]] = []
        """Capture time in ms, and the JPEG."""
        self.unanswered = 0
        """The most frames that the page has had under way at a time."""
        self.acks = self.connects = True
        self.refusal: str | None = None
        self.may_take_over = False
        self.first: list[dict[str, Any]] = [a_state()]
        self.heard = asyncio.Condition()
        self._socket: web.WebSocketResponse | None = None
        self._under_way = 0
        self._files = page_files()  # once: its words name the run

    async def send(self, message: dict[str, Any]) -> None:
        """Send to the page that is connected."""
        assert self._socket is not None
        await self._socket.send_json(message)

    async def answer(self) -> None:
        """Answer the oldest picture that has no answer."""
        self._under_way -= 1
        await self.send({"type": "ack"})

    async def cut(self) -> None:
        """Close the connection."""
        assert self._socket is not None
        await self._socket.close()

    async def until(self, condition: Any) -> None:
        """Wait until the page has sent what makes a condition true."""
        async with self.heard:
            await asyncio.wait_for(self.heard.wait_for(condition), 30)

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        """The WebSocket."""
        if not self.connects:
            raise web.HTTPNotFound
        socket = self._socket = web.WebSocketResponse(max_msg_size=2**20)
        await socket.prepare(request)
        self._under_way = 0
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                await self._take_frame(socket, message.data)
            else:
                await self._take(socket, message.json())
            async with self.heard:
                self.heard.notify_all()
        return socket

    async def _take_frame(self, socket: web.WebSocketResponse, data: bytes) -> None:
        self._under_way += 1
        self.unanswered = max(self.unanswered, self._under_way)
        self.frames.append((struct.unpack("<d", data[:8])[0], data[8:]))
        if self.acks:
            self._under_way -= 1
            await socket.send_json({"type": "ack"})

    async def _take(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if message["type"] == "hello":
            self.hellos.append(message)
            if self.refusal is not None and message["role"] == "camera":
                await socket.send_json({"type": "refused", "why": self.refusal, "may_take_over": self.may_take_over})
                return
            for first in self.first:
                await socket.send_json(first)
        elif message["type"] == "action":
            self.actions.append(message)
        elif message["type"] == "clock":
            await socket.send_json({**message, "server_ms": 0})

    async def asset(self, request: web.Request) -> web.Response:
        """A file of the page, under its strict policy."""
        content, kind = self._files[request.path.lstrip("/") or "page.html"]
        policy = {"Content-Security-Policy": PAGE_HEADERS["Content-Security-Policy"]}
        return web.Response(body=content, content_type=kind, headers=policy)


async def _report(request: web.Request) -> web.Response:
    made = f"<meta name=generator><h1>{request.match_info['name']}</h1>"
    return web.Response(text=made, content_type="text/html")


async def _tone(_: web.Request) -> web.Response:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(bytes(1600))
    return web.Response(body=file.getvalue(), content_type="audio/wav")


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[PhoneServer]:
    """Serve on loopback, without TLS: browsers trust it as they trust https."""
    server = PhoneServer()
    app = web.Application()
    app.add_routes([web.get(f"/{name}", server.asset) for name in ("", *page_files())])
    app.add_routes([web.get("/live", server.live), web.get("/sounds/1.wav", _tone), web.get("/report/{name}", _report)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield server
    finally:
        await runner.cleanup()
