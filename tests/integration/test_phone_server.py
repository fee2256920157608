"""The server of the phone's page, over TLS: a set from the phone's frames, and what it refuses."""

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import aiohttp
import cv2
import pytest
from builders.command import DEMO, DEMO_OBSERVATIONS
from builders.phone_connection import (
    HELLO,
    JPEG,
    SECRET,
    WAIT_S,
    WATCH,
    Served,
    a_run,
    heard,
    listened_to_the_end,
    played,
    sent,
    stamped,
    taken,
    tells_its_clock,
    until,
)
from builders.simulated_live import observations

from livecoach.capture.capture import CaptureResult
from livecoach.capture.timeline import LiveTimeline
from livecoach.core.errors import OutputError
from livecoach.core.types import Observation
from livecoach.decisions import assembly
from livecoach.phone import connections
from livecoach.phone.access import GUESSES, PORTS
from livecoach.phone.link import PhoneLink, PhoneSource
from livecoach.phone.server import PhoneServer, page_files
from livecoach.run.coached import replay

# A set


class Demo:
    """The demo's clip and the observations that were made of it, every second one."""

    def __init__(self) -> None:
        self.observations = observations(DEMO_OBSERVATIONS)[::2]
        self.coach = assembly.load("deadlift")

    def cues(self) -> list[tuple[str, str, int | None]]:
        made = replay(self.coach.make_pipeline(), self.observations)
        return [(step.cue.kind, step.cue.text, step.cue.rep) for step in made if step.cue is not None]


async def film(served: Served, demo: Demo, heard_all: list[dict[str, Any]]) -> None:
    """Stream the clip: each frame once the one before is taken. Then listen until the end."""
    clip = cv2.VideoCapture(str(DEMO))
    async with served.browser() as session, served.connected(session, HELLO) as live:
        await tells_its_clock(live)
        for seen in demo.observations:
            read, picture = clip.read()
            assert read
            clip.grab()
            served.clock.now_s = 1000 + seen.t_s
            small = cv2.resize(picture, (320, 240), interpolation=cv2.INTER_NEAREST)
            await live.send_bytes(stamped(1000 * seen.t_s, cv2.imencode(".jpg", small)[1].tobytes()))
            while (message := await live.receive_json(timeout=WAIT_S))["type"] != "ack":
                heard_all.append(message)
        while (message := await live.receive_json(timeout=WAIT_S))["type"] != "ended":
            heard_all.append(message)
        heard_all.append(message)


def test_a_set_from_the_phone_is_the_set_of_the_clip(served: Served) -> None:
    served.clock.now_s = 1000.0
    demo, heard_all = Demo(), []
    phone = threading.Thread(target=lambda: asyncio.run(film(served, demo, heard_all)))
    phone.start()
    source = PhoneSource(served.link, LiveTimeline(), print, wait_s=WAIT_S)
    run, controls = a_run(served.link, partial(observed, demo), [])
    run.run(islice(all_frames(source), len(demo.observations)), controls.listen)
    served.server.close()
    phone.join(WAIT_S)

    cues = [message for message in heard_all if message["type"] == "cue"]
    states = [message for message in heard_all if message["type"] == "state"]
    assert [(cue["kind"], cue["text"], cue["rep"]) for cue in cues] == demo.cues()
    assert states[-1]["count"] == len(run.coached.reps) == 5
    assert heard_all[-1]["type"] == "ended"
    assert run.metrics.frames == len(demo.observations)


def observed(demo: Demo, frame, dropped: int = 0) -> Observation:
    """The stored observation of a frame, at the time that the phone gave it."""
    assert frame.picture.shape == (240, 320, 3)
    return replace(demo.observations[frame.index], t_s=frame.t_s, dropped=dropped)


def all_frames(source: PhoneSource) -> Iterator[CaptureResult]:
    while True:
        yield CaptureResult(frame=source.read(), dropped=0, lost=False, ended=False)


# What a phone sees


@played
async def test_a_cue_has_a_sound_that_can_be_fetched(served: Served) -> None:
    async with served.browser() as session, served.connected(session, WATCH) as live:
        await until(lambda: len(served.server._room.clients) == 1)
        served.link.send_cue({"text": "1", "kind": "good_rep"}, b"RIFF")
        cue = await heard(live, "cue")
        async with session.get(served.access.origin + cue["sound"]) as answer:
            assert (answer.status, await answer.read()) == (200, b"RIFF")


@played
async def test_a_device_that_comes_later_sees_the_state(served: Served) -> None:
    served.link.send_state({"count": 3})
    async with served.browser(served.access.watch_url) as session, served.connected(session, WATCH) as live:
        state = await heard(live, "state")
        assert (state["count"], state["camera"]) == (3, "none")


@played
async def test_a_phone_that_comes_back_at_once_takes_over(served: Served) -> None:
    """Its old connection is dead, but nobody has noticed that yet."""
    async with served.browser() as session, served.connected(session, HELLO) as old:
        await sent(old)
        await taken(served)
        served.server._room.heard_s = float("-inf")  # long ago
        async with served.connected(session, HELLO) as new:
            await sent(new)
            assert await taken(served) == JPEG
            assert (await heard(new, "ack")) == {"type": "ack"}
            assert served.link.camera_state == "connected"


# What is refused


@pytest.mark.parametrize("path", ["/?t=wrong", "/wrongtoken23", "/", "/page.js", "/live", "/sounds/a.wav"])
@played
async def test_without_the_token_every_path_is_refused(served: Served, path: str) -> None:
    connector = aiohttp.TCPConnector(ssl=served.trusting)
    async with (
        aiohttp.ClientSession(connector=connector, headers={"Origin": served.access.origin}) as session,
        session.get(served.access.origin + path) as answer,
    ):
        assert answer.status == 403
    assert served.refusals.total() == 1


@played
async def test_an_old_address_shows_a_page_that_takes_the_new_address(served: Served) -> None:
    """Its page can be read, and takes the end of the new address as it is typed. Guesses are refused soon."""
    origin, token = served.access.url.rsplit("/", 1)
    connector = aiohttp.TCPConnector(ssl=served.trusting)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), connector=connector) as session:
        async with session.get(f"{origin}/wrongtoken") as answer:
            page = await answer.text()
            assert (answer.status, answer.content_type) == (403, "text/html")
            assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
        assert "address is no longer valid" in page
        assert '<form action="/"><input name="t"' in page
        async with session.get(f"{origin}/?t={token.upper()}") as answer:
            assert (answer.status, answer.url.path) == (200, "/")
        for _ in range(GUESSES):
            await session.get(f"{origin}/wrongtoken")
        async with session.get(f"{origin}/{token}") as answer:
            assert "Too many wrong addresses" in await answer.text()


@played
async def test_a_second_phone_takes_over_the_camera_if_its_user_asks_for_it(served: Served) -> None:
    async with served.browser() as session, served.connected(session, HELLO) as first:
        await sent(first)
        assert await taken(served) == JPEG
        async with served.connected(session, HELLO) as second:
            assert (await heard(second, "refused"))["may_take_over"]
        async with served.connected(session, {**HELLO, "role": "take-over"}) as second:
            await asyncio.wait_for(listened_to_the_end(first), WAIT_S)
            await sent(second)
            assert await taken(served) == JPEG


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"Host": "evil.example"}, 403),
        ("/", {"Origin": "https://evil.example"}, 403),
        ("/live", {}, 403),
        ("/live", {"Origin": "null"}, 403),
        ("/../pyproject.toml", {}, 404),
        ("/sounds/unknown.wav", {}, 404),
    ],
)
@played
async def test_a_request_of_another_page_is_refused(served: Served, path: str, headers: dict, status: int) -> None:
    async with served.browser() as session, session.get(served.access.origin + path, headers=headers) as answer:
        assert answer.status == status
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@played
async def test_the_cookie_is_for_this_page_alone(served: Served) -> None:
    """No script reads it, no other site's page sends it, and it never goes unencrypted. A browser keeps only that of
    the remote: who watches can do so for this session alone."""
    connector = aiohttp.TCPConnector(ssl=served.trusting)
    async with aiohttp.ClientSession(connector=connector) as browser:
        for url, is_kept in ((served.access.url, True), (served.access.watch_url, False)):
            async with browser.get(url, allow_redirects=False) as answer:
                (cookie,) = answer.headers.getall("Set-Cookie")
            assert {"HttpOnly", "Secure", "SameSite=Strict"} <= set(cookie.split("; "))
            assert ("Max-Age=" in cookie) == is_kept


MOST_BYTES = 100_000
PAGE = ("page.css", "page.js", "words.js", "manifest.webmanifest", "icon.svg", "icon.png")


def test_the_page_is_small_and_names_no_other_server() -> None:
    assert sum(len(content) for content, _ in page_files().values()) <= MOST_BYTES
    files = [content.decode() for content, kind in page_files().values() if kind != "image/png"]
    assert not [found for text in files for found in re.findall(r"https?://(?!www\.w3\.org/2000/svg)\S+", text)]


@played
async def test_the_server_serves_its_page_and_six_files_alone(served: Served) -> None:
    async with served.browser() as browser:
        for name in ("", *PAGE, "page.html", "sounds", "sounds/", "phone/page.js", "..%2fpage.js"):
            async with browser.get(f"{served.access.origin}/{name}") as answer:
                assert (answer.status == 200) == (name in {"", *PAGE}), name
                policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
                assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
                sources = {source for listed in policy.values() for source in listed.split()}
                assert sources <= {"'none'", "'self'", "data:", "blob:"}
                assert not [name for name in answer.headers if name.startswith("Access-Control")]


@played
async def test_an_app_on_the_home_screen_begins_with_the_token(served: Served) -> None:
    """It has no cookie of the browser's; its icon is asked for without one. Who only watches is not told the token."""
    for url, begins_at in ((served.access.url, served.access.url), (served.access.watch_url, "/")):
        async with (
            served.browser(url) as browser,
            browser.get(f"{served.access.origin}/manifest.webmanifest") as answer,
        ):
            assert (await answer.json(content_type=None))["start_url"] == begins_at
    async with served.browser() as browser:
        browser.cookie_jar.clear()
        async with browser.get(f"{served.access.origin}/icon.png") as answer:
            assert (answer.status, answer.content_type, answer.charset) == (200, "image/png", None)


def test_the_server_listens_at_its_own_address_alone_and_until_it_is_closed(served: Served) -> None:
    """A server for all addresses would answer at the second one of loopback, too."""
    socket.create_connection(("127.0.0.1", served.server.port), WAIT_S).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", served.server.port), WAIT_S)
    served.server.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served.server.port), WAIT_S)


@played
async def test_a_second_camera_is_refused_and_may_watch(served: Served) -> None:
    async with served.browser() as session, served.connected(session, HELLO) as first:
        await sent(first)
        await until(lambda: served.link.camera_state == "connected")
        async with served.connected(session, HELLO) as second:
            assert "another phone" in (await heard(second, "refused"))["why"]
            served.link.send_state({"count": 1})
            assert (await heard(second, "state"))["count"] == 1
            await sent(second)
            await until(lambda: served.server.refusals["a message: a picture of one that watches"] == 1)


@played
async def test_who_watches_is_neither_camera_nor_remote(served: Served) -> None:
    async with served.browser(served.access.watch_url) as session, served.connected(session, HELLO) as live:
        await heard(live, "refused")
        await live.send_json({"type": "action", "name": "end-session"})
        await heard(live, "refused")
        assert served.link.take_requests() == []
        assert served.link.camera_state == "none"


@played
async def test_a_huge_frame_ends_its_connection_only(served: Served) -> None:
    async with served.browser() as session:
        async with served.connected(session, HELLO) as live:
            await live.send_bytes(bytes(3_000_000))
            await asyncio.wait_for(listened_to_the_end(live), WAIT_S)
        await until(lambda: served.link.camera_state == "lost")
        async with served.connected(session, HELLO) as live:
            await sent(live)
            assert await taken(served) == JPEG


@played
async def test_a_device_that_never_reads_is_dropped(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SEND_S", 0.3)
    async with served.browser() as session, served.connected(session, WATCH) as deaf:
        await until(lambda: len(served.server._room.clients) == 1)
        deaf._conn.transport.pause_reading()  # type: ignore[union-attr]
        for _ in range(2):
            served.link.send_cue({"text": 8_000_000 * "x"}, None)
        await until(lambda: not served.server._room.clients)
        deaf._conn.transport.abort()  # type: ignore[union-attr]
        async with served.connected(session, HELLO) as live:
            await sent(live)
            assert await taken(served) == JPEG


def test_an_address_of_another_computer_cannot_be_used() -> None:
    with pytest.raises(OutputError, match="--phone"):
        PhoneServer("192.0.2.77", 0, ssl.create_default_context(), SECRET, PhoneLink())


def test_another_port_serves_where_a_program_has_the_usual_port() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of a run before may be closing
        with suppress(OSError):  # some program has it already
            other.bind(("127.0.0.1", PORTS[0]))
            other.listen()
        server = PhoneServer("127.0.0.1", None, ssl.create_default_context(), SECRET, PhoneLink())
        server.close()
    assert server.port in PORTS[1:]
