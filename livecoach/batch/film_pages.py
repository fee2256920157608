"""The page of the home server that receives films, and shows the queue of their analyses."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from aiohttp import web

from livecoach.batch.film_queue import FilmQueue, QueuedFilm
from livecoach.core.charts import load_template
from livecoach.core.config import load_settings, local_time
from livecoach.core.config.files import lock_folder, make_private_folder
from livecoach.core.config.paths import sessions_dir, user_cache_dir
from livecoach.core.documents import AUTO
from livecoach.core.errors import ConfigError, OutputError, explain_write_errors
from livecoach.core.language import format_duration, translate
from livecoach.core.types import ignore
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.pages import offered
from livecoach.pages.history.reading import read_session
from livecoach.pages.history.session_index import choose_page_lifter
from livecoach.pages.report.report_page import day_and_time
from livecoach.pages.report.report_words import profile_label
from livecoach.pages.report.session_cards import exercise_title
from livecoach.pages.served_pages import CHOSEN, attachment_headers, named_folder, page_handler
from livecoach.pages.tools import TEMPLATES
from livecoach.pages.uploads import answer_form, receive_fields
from livecoach.records.session import layout

MOST_FILM_BYTES = 16 << 30  # Largest film: some hours. Our choice.
LEAST_LEFT_S = 1.0  # Shortest time that is shown: the last second of an estimate often lasts longer. Our choice.
ANNOTATED = "-annotated.mp4"  # End of the names of annotated videos
LOST = Message("was not analysed, because livecoach ended. Add it again.")
TOO_LARGE = Message("The film is larger than {n} GB. Cut it into shorter films.", n=MOST_FILM_BYTES >> 30)


class FilmPages:
    """The home server's page and forms for analysing films. A film is deleted after its analysis."""

    def __init__(self, say: Callable[[str], object] = ignore) -> None:
        """Make the queue, which leaves half of the processors to other programs.

        Films that a killed server has not analysed are listed as failed. `close` calls `say` with a line if films have
        not been analysed.
        """
        self._say = say
        self.queue = FilmQueue(max((os.cpu_count() or 1) // 2, 1))
        self._kept = ExitStack()
        self._folder: Path | None = None  # Folder of the films; None before the first film
        with suppress(OSError):
            self._refuse_lost_films()

    @property
    def is_busy(self) -> bool:
        """Whether any film waits or is being analysed."""
        return self.queue.is_busy

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the pages and forms."""
        session, film = "/{secret}/{name}", "/{secret}/films/{number:[0-9]{1,6}}"
        return [
            web.get("/{secret}/films.html", page_handler(self._page)),
            web.get("/{secret}/films.json", self._progress),
            web.post("/{secret}/films", self._add),
            web.post(f"{film}/remove", self._remove),
            web.post("/{secret}/films/remove", self._remove_all),
            web.post(f"{film}/annotated", self._annotate),
            web.get(f"{film}.mp4", self._annotated),
            web.post(f"{session}/annotated", self._annotate_session),
        ]

    def close(self) -> None:
        """End the analyses, report films that were not analysed, and delete all films and annotated videos."""
        if left := [film.name for _, film in self._films() if not (film.annotated or film.progress.has_ended)]:
            self._say(f"not analysed: {left[0]}. Further such films: {len(left) - 1}. Add them again.")
        self.queue.close()
        self._kept.close()

    def _page(self, query: Mapping[str, str]) -> str:
        settings = load_settings({})
        profiles = self._profiles()
        return load_template(TEMPLATES / "films.html.j2").render(
            films={number: {**_film_values(film), "annotated": film.annotated} for number, film in self._films()},
            line=self._queue_words(),
            left=_left(self.queue.left_s),
            is_busy=self.is_busy,
            today=local_time.now().date(),
            exercises=offered.exercise_choices(),
            profiles=profiles,
            exercise=settings.exercise,
            profile=choose_page_lifter(query, {*profiles, NO_PROFILE}, settings.profile),
        )

    def _profiles(self) -> list[str]:
        """Return the names of all profiles, with the lifters of the films in the queue."""
        lifters = {film.lifter for _, film in self._films()}
        return offered.profile_choices(load_settings({}), lifters - {NO_PROFILE, ""})

    async def _progress(self, _: web.Request) -> web.Response:
        films = [{"number": number, **_film_values(film)} for number, film in self._films()]
        left = translate(_left(self.queue.left_s))
        return web.json_response({"films": films, "line": translate(self._queue_words()), "left": left})

    def _films(self) -> list[tuple[int, QueuedFilm]]:
        return list(self.queue.films.items())

    def _queue_words(self) -> str:
        states = [film.progress.state for _, film in self._films()]
        if not states:
            return ""
        done = Message("{n} of {n2} done", n=states.count("done"), n2=len(states))
        failed = Message("{n} failed", n=states.count("failed")) if "failed" in states else ""
        return join_texts("; ", done, failed, "films wait until the set is over" if self.queue.is_held else "")

    async def _add(self, request: web.Request) -> web.Response:
        sent, count = {"exercise": AUTO, "profile": NO_PROFILE, "new": "", "day": ""}, 0
        known = await asyncio.to_thread(self._profiles)
        async for field, text, path in receive_fields(request, self._kept_folder(), MOST_FILM_BYTES):
            if field != "film":
                sent[field] = text
                continue
            try:
                with suppress(ValueError):  # the analysis refuses what is no day
                    offered.check_past(date.fromisoformat(sent["day"]))
                lifter = request.app[CHOSEN]["chosen"] = offered.chosen_profile(sent, known)
            except ConfigError:
                if path is not None:
                    path.unlink()
                raise
            if path is None:
                self.queue.add_failed(text, TOO_LARGE)
            else:
                with suppress(ValueError, OverflowError, OSError):  # the sender's time, in ms since 1970, may be wrong
                    os.utime(path, (int(sent.get("modified", "")) / 1000,) * 2)
                chosen = {"exercise": sent["exercise"], "profile": lifter, "day": sent["day"]}
                unsaid = {AUTO, NO_PROFILE, ""}
                options = tuple(f"--{name}={value}" for name, value in chosen.items() if value not in unsaid)
                self.queue.add(text, path, options, lifter=lifter)
            count += 1
        if not count:
            raise OutputError(Message("Choose a file first."))
        return answer_form(request, quantity_words(count, "1 film was added.", "{n} films were added."), "films.html")

    def _kept_folder(self) -> Path:
        """Return the private folder of the films, which `close` deletes. Raises OutputError if it can't be made."""
        if self._folder is None:
            above = _films_folder()
            with explain_write_errors(above):
                make_private_folder(above)
                folder = self._kept.enter_context(TemporaryDirectory(dir=above, ignore_cleanup_errors=True))
                self._kept.enter_context(lock_folder(Path(folder)))
            self._folder = Path(folder)
        return self._folder

    def _refuse_lost_films(self) -> None:
        """List the films that a server that was killed has not analysed as failed, and delete them."""
        for left in _films_folder().iterdir():
            with suppress(OSError), lock_folder(left, wait_s=0.0):
                for film in left.glob("*/[!.]*"):
                    if not film.name.endswith(ANNOTATED):
                        self.queue.add_failed(film.name, LOST)
                shutil.rmtree(left, ignore_errors=True)

    def _film(self, request: web.Request) -> tuple[int, QueuedFilm]:
        number = int(request.match_info["number"])
        film = self.queue.films.get(number)
        if film is None:
            raise web.HTTPNotFound
        return number, film

    async def _remove(self, request: web.Request) -> web.Response:
        await asyncio.to_thread(self.queue.remove, self._film(request)[0])
        return web.Response(text=translate("Removed."))

    async def _remove_all(self, _: web.Request) -> web.Response:
        """Cancel all films that have not ended or, if all have ended, empty the list."""
        is_busy = self.is_busy
        for number, film in reversed(self._films()):  # what waits goes first, so that it does not begin
            if not (is_busy and film.progress.has_ended):
                await asyncio.to_thread(self.queue.remove, number)
        return web.Response(text=translate("Removed."))

    async def _annotate(self, request: web.Request) -> web.Response:
        _, film = self._film(request)
        name = film.progress.session
        if name is None or not (folder := sessions_dir() / name).exists():
            raise web.HTTPNotFound
        self._add_annotated(film.name, folder)
        return web.Response(text=translate("The finished video appears in the list."))

    async def _annotate_session(self, request: web.Request) -> web.Response:
        folder = named_folder(request)
        self._add_annotated(folder.name, folder)
        return web.Response()

    def _add_annotated(self, name: str, session: Path) -> None:
        video = Path(mkdtemp(dir=self._kept_folder()), f"{Path(name).stem}{ANNOTATED}")
        self.queue.add(name, session, (), annotated=video)

    async def _annotated(self, request: web.Request) -> web.FileResponse:
        _, film = self._film(request)
        if film.annotated is None or film.progress.state != "done":
            raise web.HTTPNotFound
        return web.FileResponse(film.annotated, headers=attachment_headers(film.annotated.name))


def _films_folder() -> Path:
    return user_cache_dir() / "films"


def _film_values(film: QueuedFilm) -> dict[str, str | float | None]:
    progress = film.progress
    line: str = progress.message
    if progress.state == "waiting" or progress.is_paused:
        line = "waits"
    elif progress.state == "running":
        share = Message("{n} %", n=round(100 * progress.share)) if progress.share else "begins"
        line = join_texts(", ", "looks more closely" if progress.is_again else "", share, _left(progress.left_s))
    elif progress.session is not None:
        title = "No exercise" if progress.exercise is None or not progress.reps else exercise_title(progress.exercise)
        same = Message("the same film as {name}", name=progress.same_as) if progress.same_as else "a session already"
        same = "" if progress.same_as is None else same
        done = join_texts(": ", title, quantity_words(progress.reps, "1 rep", "{n} reps"))
        line = join_texts("; ", done, same, _day(progress.session), line)
    title = film.name if film.annotated is None else Message("{name}, annotated", name=film.name)
    # The session may have been deleted, or its sets moved to other lifters.
    folder = None if progress.session is None else sessions_dir() / progress.session
    lifters = () if folder is None else _lifters(folder, layout.session_stamp(folder))
    lifters = lifters or (None if film.lifter in {"", NO_PROFILE} else film.lifter,)
    title = join_texts(" · ", title, join_texts(", ", *map(profile_label, lifters)))
    values = asdict(progress if folder is not None and folder.exists() else replace(progress, session=None))
    return {**values, "title": translate(title), "line": translate(line)}


@lru_cache(maxsize=100)  # the page asks for the films each second
def _lifters(folder: Path, _: layout.SessionStamp) -> tuple[str | None, ...]:
    session = read_session(folder, ignore)
    return () if session is None else session.profiles


def _day(session: str) -> str:
    """Return the day and time of a session; empty if the session is gone."""
    start_s = layout.read_start_s(sessions_dir() / session)
    return day_and_time(datetime.fromtimestamp(start_s), "%a", "%b") if isfinite(start_s) else ""


def _left(left_s: float | None) -> str:
    if left_s is None or left_s < LEAST_LEFT_S:
        return ""
    return Message("about {time} left", time=format_duration(round(left_s)))
