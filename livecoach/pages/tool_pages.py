"""The pages of the home server about files, settings and livecoach itself. Their forms do what the commands do."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from aiohttp import web

from livecoach.core.config import load_settings, local_time
from livecoach.core.config.files import make_private_folder
from livecoach.core.config.paths import user_cache_dir
from livecoach.core.errors import ConfigError, LivecoachError, OutputError, SessionError, explain_write_errors
from livecoach.core.language import set_language, translate
from livecoach.core.types import ignore
from livecoach.core.types.bounds import NO_PROFILE, check_new_profile_name
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.set_progress import parse_rest
from livecoach.pages import offered
from livecoach.pages.history.session_index import list_session_lifters
from livecoach.pages.served_pages import CHOSEN, attachment_headers, page_handler, read_form_fields
from livecoach.pages.tools.about_page import about_page
from livecoach.pages.tools.files_page import files_page, import_received_file
from livecoach.pages.tools.settings_page import HEIGHT, change_height, change_setting, refusal_in_words, settings_page
from livecoach.pages.uploads import answer_form, receive_fields
from livecoach.records.profile import Profile, list_profile_names
from livecoach.records.session import exporting
from livecoach.records.session.amending import remove_profile
from livecoach.records.session.listing import open_readable_sessions
from livecoach.records.session.workout_csv import FORMATS, LogFormat, list_counted_sets, make_training_log

MOST_IMPORT_BYTES = 16 << 30  # Largest file to import: a zip may hold videos. Our choice.


def routes() -> list[web.RouteDef]:
    """Return the routes of the pages, forms and downloads about files, settings and livecoach itself."""
    return [
        web.get("/{secret}/about.html", page_handler(lambda _: about_page())),
        web.get("/{secret}/settings.html", page_handler(lambda _: settings_page())),
        web.post("/{secret}/settings", _change),
        web.post("/{secret}/lifters", _add_lifter),
        web.post("/{secret}/lifters/delete", _delete_lifter),
        web.get("/{secret}/files.html", page_handler(files_page)),
        web.post("/{secret}/files", _import),
        web.get("/{secret}/sessions.zip", _export),
        web.get("/{secret}/log.csv", _log),
    ]


async def _change(request: web.Request) -> web.Response:
    sent, lines = await read_form_fields(request), list[str]()
    key, typed = sent.get("key", ""), sent.get("number") or sent.get("value", "")
    value = _as_number(typed)
    if key == "rest_s":
        with suppress(ValueError):  # the setting refuses it
            value = f"{parse_rest(value):g}"
    try:
        if key == HEIGHT and "profile" in sent:
            if sent["profile"] not in await asyncio.to_thread(offered.profile_choices, load_settings({})):
                raise web.HTTPNotFound
            await asyncio.to_thread(change_height, sent["profile"], value)
        else:
            await asyncio.to_thread(change_setting, key, value, lines.append)
    except ConfigError as err:
        raise ConfigError(refusal_in_words(key, typed, err)) from err
    _use_language()
    return web.Response(text=" ".join(lines))


def _as_number(typed: str) -> str:
    """Return a typed value with a decimal point in place of a decimal comma; "null" for an empty field."""
    return re.sub(r"^(\d+),(\d+)$", r"\1.\2", typed.strip()) or "null"


async def _add_lifter(request: web.Request) -> web.Response:
    """Make a profile before its first set. Raises ConfigError if the name is in use, or if a value is not valid."""
    sent = await read_form_fields(request)
    try:
        name = check_new_profile_name(sent.get("profile", ""), offered.profile_choices(load_settings({})))
    except ValueError as err:
        raise ConfigError(err.args[0]) from err
    height = sent.get("value", "")
    try:
        await asyncio.to_thread(change_height, name, _as_number(height))
    except ConfigError as err:
        raise ConfigError(refusal_in_words(HEIGHT, height, err)) from err
    await asyncio.to_thread(Profile(name, ignore).create_folder)
    request.app[CHOSEN]["chosen"] = name
    return web.Response()


async def _delete_lifter(request: web.Request) -> web.Response:
    """Delete a lifter without sessions. Raises HTTPNotFound for an unknown name, and SessionError if sessions exist."""
    name = (await read_form_fields(request)).get("profile", "")
    if name not in await asyncio.to_thread(list_profile_names):
        raise web.HTTPNotFound
    await asyncio.to_thread(lambda: remove_profile(Profile(name, ignore), list_session_lifters()))
    request.app[CHOSEN].pop("chosen", None)
    return web.Response()


def _use_language() -> None:
    settings = load_settings({})
    set_language(settings.language, settings.units)


async def _import(request: web.Request) -> web.Response:
    sent, outcomes = {"profile": "", "unit": "", "new": ""}, list[tuple[bool, Sequence[str]]]()
    known = await asyncio.to_thread(offered.profile_choices, load_settings({}))
    with _writing(user_cache_dir()) as above, TemporaryDirectory(dir=above, ignore_cleanup_errors=True) as folder:
        async for field, text, path in receive_fields(request, Path(folder), MOST_IMPORT_BYTES):
            if field != "file":
                sent[field] = text
            elif path is None:
                outcomes.append((False, [Message("{name} is too large.", name=text)]))
            else:
                profile = offered.chosen_profile(sent, known)
                outcomes.append(await asyncio.to_thread(import_received_file, path, profile, sent["unit"]))
    _use_language()  # the zip may have brought settings
    text = " ".join(translate(line) for _, lines in outcomes for line in lines)
    if not outcomes:
        raise OutputError(Message("Choose a file first."))
    if not all(is_whole for is_whole, _ in outcomes):
        raise LivecoachError(text)
    return answer_form(request, text, "files.html")


async def _export(request: web.Request) -> web.Response:
    zipped = await asyncio.to_thread(_zip, "video" in request.query)
    return web.Response(body=zipped, headers=attachment_headers(f"livecoach-{local_time.now():%Y-%m-%d}.zip"))


def _zip(video: bool) -> IO[bytes]:
    """Return a zip of all sessions, as a file that disappears when it is closed."""
    sessions = exporting.list_exportable_sessions(ignore)
    exporting.check_exportable(sessions)
    with _writing(user_cache_dir()) as above:
        # On Windows, a TemporaryFile is none of the kinds of files that aiohttp sends.
        file = SpooledTemporaryFile(1, dir=str(above))  # noqa: SIM115 (the answer closes it)
        exporting.write_zip(sessions, file, above / "unused", video=video, tables=True, profiles=True)
    file.seek(0)
    return file


async def _log(request: web.Request) -> web.Response:
    kind = next((known for known in FORMATS if known == request.query.get("format")), None)
    if kind is None:
        raise ConfigError(offered.CHOICE_GONE)
    name, content = await asyncio.to_thread(_lifter_logs, kind, request.query.get("profile") or None)
    content_type = "application/zip" if name.endswith(".zip") else "text/csv"
    return web.Response(body=content, content_type=content_type, headers=attachment_headers(name))


def _lifter_logs(kind: LogFormat, profile: str | None) -> tuple[str, bytes]:
    """Return the name and the content of a log file: for all lifters in Strong's format, a zip with a log of each."""
    sessions, lifters = list(open_readable_sessions(ignore)), [profile]
    if profile is None and kind != "csv":
        done = (lifted for session in sessions for _, lifted in list_counted_sets(session))
        lifters = [*sorted({lifted.profile or NO_PROFILE for lifted in done})] or lifters
    named = {lifter: "" if lifter in {None, NO_PROFILE} else f"-{lifter}" for lifter in lifters}
    try:
        logs = {f"livecoach-{kind}{end}.csv": make_training_log(sessions, kind, name)[0] for name, end in named.items()}
    except SessionError as err:
        raise SessionError(Message("No sessions.")) from err
    if len(logs) == 1:
        return next((name, text.encode()) for name, text in logs.items())
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, text in logs.items():
            archive.writestr(name, text)
    return f"livecoach-{kind}.zip", file.getvalue()


@contextmanager
def _writing(above: Path) -> Iterator[Path]:
    """Make a private folder, into which the block writes. Raises OutputError if the folder can't be written."""
    with explain_write_errors(above):
        make_private_folder(above)
        yield above
