"""`livecoach home` within a test: its server, and a browser's requests to it."""

import asyncio
import contextlib
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any

import aiohttp

from builders.reports import Read
from livecoach.batch.film_pages import FilmPages
from livecoach.lab.tools.check_pages import CheckPages
from livecoach.pages.home_server import serve_home


class Visitor:
    """Somebody who opens pages and sends forms."""

    def __init__(self, browser: aiohttp.ClientSession, entry: str, said: list[str]) -> None:
        self.browser, self.entry, self.said = browser, entry, said
        self.host = entry.partition("/?")[0]
        self.home = ""
        """Address of the home page, which holds the secret."""

    @property
    def cookies(self) -> list[str]:
        """Names of the cookies that the server has set."""
        return [cookie.key for cookie in self.browser.cookie_jar]

    async def enter(self) -> int:
        """Open the entry; return the status."""
        async with self.browser.get(self.entry) as answer:
            self.home = "/".join([*str(answer.url).split("/")[:4], ""])
            return answer.status

    async def get(self, path: str, query: Mapping[str, str] | None = None, **headers: str) -> tuple[int, str]:
        """Open a page below the home page, or at an address."""
        address = path if "://" in path else self.home + path
        async with self.browser.get(address, params=query, headers=headers) as answer:
            return answer.status, await answer.text()

    @contextlib.asynccontextmanager
    async def reading(self, path: str) -> AsyncIterator[aiohttp.StreamReader]:
        """Open a page below the home page that has no end; give its body."""
        async with self.browser.get(self.home + path) as answer:
            assert answer.status == 200
            yield answer.content

    async def save(self, path: str) -> tuple[str, bytes]:
        """Ask for a file; return the name that the browser gives it, and what is in it."""
        async with self.browser.get(self.home + path) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_disposition is not None
            assert answer.content_disposition.type == "attachment"
            return answer.content_disposition.filename or "", await answer.read()

    async def post(self, path: str, origin: str | None = "", **fields: str) -> tuple[int, str]:
        """Send a form. origin: of the page that sends it, by default ours; None for none."""
        sender = {} if origin is None else {"Origin": origin or self.host}
        async with self.browser.post(self.home + path, data=fields, headers=sender) as answer:
            return answer.status, await answer.text()

    async def upload(
        self,
        path: str,
        *files: tuple[str, bytes | AsyncIterator[bytes]],
        headers: Mapping[str, str] | None = None,
        **fields: str,
    ) -> tuple[int, str]:
        """Send a form with files, each a name and its content. Where the content breaks off, ClientError is raised."""
        form = aiohttp.FormData(fields, quote_fields=False)
        for name, content in files:
            form.add_field("film" if path == "films" else "file", content, filename=name, content_type="video/mp4")
        sender = {"Origin": self.host, **(headers or {})}
        async with self.browser.post(self.home + path, data=form, headers=sender) as answer:
            return answer.status, await answer.text()


def words(answer: tuple[int, str]) -> str:
    """All that is to be read on a page that was given."""
    status, page = answer
    assert status == 200, page
    return Read(page).words


@contextlib.asynccontextmanager
async def a_home(page: str = "", *, starts: bool = False) -> AsyncIterator[Visitor]:
    """A running server, and somebody who has entered.

    page: where the entry leads. starts: whether it has the button of the start screen.
    """
    shown: asyncio.Queue[str] = asyncio.Queue()
    said: list[str] = []
    tools = FilmPages(said.append), CheckPages()
    server = asyncio.create_task(serve_home(shown.put_nowait, said.append, page, tools=tools, starts=starts))
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            visitor = Visitor(browser, await shown.get(), said)
            assert await visitor.enter() == 200
            yield visitor
    finally:
        server.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await server


def at_home(scene: Callable[[Visitor], Coroutine[Any, Any, None]], page: str = "", *, starts: bool = False) -> None:
    """Play a scene with somebody who has opened the home page."""

    async def played() -> None:
        async with a_home(page, starts=starts) as visitor:
            await scene(visitor)

    asyncio.run(played())


def at_home_page(scene: Callable[..., Coroutine[Any, Any, None]], *, starts: bool = False) -> Callable[..., None]:
    """Make a scene a test: its `visitor` is somebody who has opened the home page, its other arguments are fixtures."""
    given = inspect.signature(scene)

    @functools.wraps(scene)
    def played(**fixtures: object) -> None:
        at_home(lambda visitor: scene(visitor=visitor, **fixtures), starts=starts)

    others = [one for name, one in given.parameters.items() if name != "visitor"]
    played.__signature__ = given.replace(parameters=others)  # type: ignore[attr-defined]
    return played
