"""The page of the home server that checks the installation, shows the camera's picture and plays a sound."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from aiohttp import web

from livecoach.core.charts import load_template
from livecoach.core.config import load_settings
from livecoach.core.errors import LivecoachError
from livecoach.core.types.message import join_texts
from livecoach.lab.tools import trials
from livecoach.lab.tools.doctor import CAMERA_FAILS, can_run_live, examine
from livecoach.lab.tools.trials import SOUND_FAILS, Finding, Trial, camera_name, make_trials
from livecoach.pages.served_pages import page_handler
from livecoach.pages.tools import TEMPLATES

ORDER = ("broken", "missing", "warning", "ok")
Found = TypeVar("Found")


class CheckPages:
    """The page that checks the installation, and its forms; only one check runs at a time."""

    is_busy = False

    def __init__(self) -> None:
        self._findings: Sequence[Finding] = ()  # Of the last check; empty before the first
        self._picture = ""  # Picture to show once, as JPEG in base64
        self._checking = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the page and its forms."""
        return [
            web.get("/{secret}/check.html", page_handler(self._page)),
            web.post("/{secret}/check", self._check),
            web.post("/{secret}/check/picture", self._look),
            web.post("/{secret}/check/sound", self._listen),
        ]

    def close(self) -> None:
        """Do nothing: each check ends by itself."""

    def _page(self, _: Mapping[str, str]) -> str:
        picture, self._picture = self._picture, ""
        return load_template(TEMPLATES / "check.html.j2").render(
            findings=sorted(self._findings, key=lambda finding: ORDER.index(finding.status)),
            works=can_run_live(self._findings),
            picture=picture,
        )

    async def _check(self, _: web.Request) -> web.Response:
        self._findings = await self._made(examine)
        return web.Response()

    async def _look(self, _: web.Request) -> web.Response:
        place = str(load_settings({}).camera)
        self._picture = await self._tried(Trial(trials.picture, (place,), camera_name(place), advice=CAMERA_FAILS))
        return web.Response()

    async def _listen(self, _: web.Request) -> web.Response:
        return web.Response(text=await self._tried(Trial(trials.sound, ("ready",), advice=SOUND_FAILS)))

    async def _tried(self, trial: Trial) -> str:
        """Return the result of a trial. Raises LivecoachError if it fails."""
        (finding,) = await self._made(lambda: make_trials([trial]))
        if finding.status != "ok":
            raise LivecoachError(join_texts(". ", finding.result.rstrip("."), finding.advice or ""))
        return finding.result

    async def _made(self, check: Callable[[], Found]) -> Found:
        async with self._checking:
            return await asyncio.to_thread(check)
