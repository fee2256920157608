"""The page of the home server that checks the installation, shows the camera's pictures and plays a sound."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

from aiohttp import web

from livecoach.capture import camera
from livecoach.core.charts import load_template
from livecoach.core.config import Settings, load_settings
from livecoach.core.errors import ConfigError, LivecoachError
from livecoach.core.types.message import Message, join_texts
from livecoach.lab.tools import doctor, trials
from livecoach.lab.tools.doctor import camera_trial, can_run_live, examine_installation
from livecoach.lab.tools.trials import AGAIN, SOUND_FAILS, Finding, Trial, run_trials
from livecoach.pages.served_pages import page_handler
from livecoach.pages.tools import TEMPLATES
from livecoach.run.process import has_screen

ORDER = ("broken", "missing", "warning", "ok")
SHOWN_S = 60.0  # Longest time for which the page shows the camera. Our choice.
CHUNK_BYTES = 1 << 16
ON_PAGE = {
    **dict.fromkeys(
        (doctor.CONNECT, camera.CONNECT),
        "Connect one, or press “With a phone as camera” on Today." if has_screen() else "Connect one.",
    ),
    **dict.fromkeys(("no camera found (no /dev/video*)", "none opened"), "no camera found"),
    "this machine has no camera (no /dev/video*)": "this machine has no camera",
    camera.MORE: "Settings has the number of the camera.",
    SOUND_FAILS: "Log in again, or restart the computer. Without sound, livecoach only shows cues on the screen.",
    "{text}: `--pose {name}` keeps up": "{text}: {name} keeps up",
    **dict.fromkeys(("Set pose to {name}.", doctor.OTHER_MODEL), "Choose another model in Settings."),
    "Set exercise to auto or one of {name}.": "Choose another exercise in Settings.",
    "Run: {name}": "Make it writable, in its properties.",
    "It belongs to another user. Run: {name}": "It belongs to another user. Ask that user to make it writable.",
}
"""Id of a text that names a command, a key or a device → the text that the page shows in its place."""
Found = TypeVar("Found")


class CheckPages:
    """The page that checks the installation, and its forms; only one check runs at a time."""

    is_busy = False

    def __init__(self) -> None:
        self._findings: Sequence[Finding] = ()  # Findings of the last check; empty before the first check
        self._settings = _settings_now()  # Settings at the last check
        self._is_shown = False  # Whether the page shows the camera, the next time that it is opened
        self._camera: asyncio.subprocess.Process | None = None  # Last process that sent the camera's pictures
        self._checking = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the page, its forms and the pictures of the camera."""
        return [
            web.get("/{secret}/check.html", page_handler(self._page)),
            web.post("/{secret}/check", self._check),
            web.post("/{secret}/check/picture", self._look),
            web.get("/{secret}/check/pictures", self._pictures),
            web.post("/{secret}/check/sound", self._listen),
        ]

    def close(self) -> None:
        """Switch the camera off. A check that still runs is not stopped, since it ends by itself."""
        if self._camera is not None and self._camera.returncode is None:
            self._camera.kill()

    def _page(self, _: Mapping[str, str]) -> str:
        is_shown, self._is_shown = self._is_shown, False
        if self._settings != _settings_now():
            self._findings = ()  # the page checks anew
        return load_template(TEMPLATES / "check.html.j2").render(
            findings=sorted(map(_for_page, self._findings), key=lambda finding: ORDER.index(finding.status)),
            works=can_run_live(self._findings),
            is_shown=is_shown,
        )

    async def _check(self, _: web.Request) -> web.Response:
        self._settings, self._findings = _settings_now(), await self._made(examine_installation)
        return web.Response()

    async def _look(self, _: web.Request) -> web.Response:
        await self._tried(camera_trial(str(load_settings({}).camera), needed=True))
        self._is_shown = True
        return web.Response()

    async def _pictures(self, request: web.Request) -> web.StreamResponse:
        """Stream the camera's pictures for SHOWN_S, or until the page is left or another check begins."""
        answer = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace; boundary=frame"})
        async with self._checking:
            self._camera = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", "from livecoach.lab.tools import trials; trials.send_pictures()"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert self._camera.stdout is not None
            try:
                await answer.prepare(request)
                with suppress(TimeoutError):
                    async with asyncio.timeout(SHOWN_S):
                        while chunk := await self._camera.stdout.read(CHUNK_BYTES):
                            await answer.write(chunk)
            finally:
                self.close()
                await self._camera.wait()
        return answer

    async def _listen(self, _: web.Request) -> web.Response:
        return web.Response(
            text=await self._tried(Trial("sound", partial(trials.check_sound, "ready"), advice=SOUND_FAILS))
        )

    async def _tried(self, trial: Trial) -> str:
        """Return the result of a trial. Raises LivecoachError if it fails."""
        (finding,) = map(_for_page, await self._made(lambda: run_trials([trial])))
        if finding.status != "ok":
            between = " " if finding.result.endswith(".") else ". "
            raise LivecoachError(join_texts(between, finding.result, finding.advice or ""))
        return finding.result

    async def _made(self, check: Callable[[], Found]) -> Found:
        self.close()
        async with self._checking:
            return await asyncio.to_thread(check)


def _settings_now() -> Settings | None:
    """Return the settings; None if their file is broken, which is a finding."""
    try:
        return load_settings({})
    except ConfigError:
        return None


def _for_page(finding: Finding) -> Finding:
    """Return a finding that says what to press in place of commands."""
    advice = finding.advice and _without_commands(finding.advice)
    if finding.name in {"packages", "system libraries"} and advice:
        advice = AGAIN
    return replace(finding, result=_without_commands(finding.result), advice=advice)


def _without_commands(text: str) -> str:
    if not isinstance(text, Message):
        return ON_PAGE.get(text, text)
    arguments = {
        field: _without_commands(value) if isinstance(value, str) else value for field, value in text.arguments.items()
    }
    return Message(ON_PAGE.get(text.id, text.id), **arguments)
