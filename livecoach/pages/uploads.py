"""Receives the fields and files of a form. Each file is streamed to the disk."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

from aiohttp import BodyPartReader, web

from livecoach.core.config.files import write_atomically
from livecoach.core.errors import OutputError, explain_write_errors
from livecoach.core.language import translate
from livecoach.core.types.bounds import is_device_name, to_printable
from livecoach.core.types.message import Message

MOST_TEXT_BYTES = 4096  # Largest field that is no file; the rest of a longer field is dropped
MOST_PARTS = 1000  # Number of fields and files from which a form is refused. Our choice.
RESERVE_BYTES = 256 << 20  # Space on the disk that a form leaves free. Our choice.
CHUNK_BYTES = 1 << 20
LONGEST_NAME = 120  # Bytes that leave room for suffixes. Our choice.


class FormField(NamedTuple):
    """A field of a form, or a file that a form sends."""

    field: str  # Name of the field
    text: str  # Value of the field, or name of the file
    path: Path | None = None  # The file; None if the field is no file, or if the file is too large


async def receive_fields(request: web.Request, folder: Path, most_bytes: int) -> AsyncIterator[FormField]:
    """Yield the fields and files of a form in their order.

    A file that is too large is yielded without a path. A file whose transfer breaks off is removed, and a file field in
    which no file was chosen is left out. The text of a field is cut after MOST_TEXT_BYTES.

    Args:
        folder: Folder in which each file gets a separate folder.
        most_bytes: Size of the largest file to receive.

    Raises:
        OutputError: The disk has too little space, or can't be written.
        HTTPBadRequest: The form is malformed, or has MOST_PARTS fields and files or more.
    """
    free_bytes, needed_bytes = shutil.disk_usage(folder).free, request.content_length or 0
    if needed_bytes + RESERVE_BYTES > free_bytes:
        words = "The disk has no room for {n} MB: {n2} MB are free, and livecoach leaves {n3} MB free. Free some space."
        sizes = {"n": needed_bytes, "n2": free_bytes, "n3": RESERVE_BYTES}
        raise OutputError(Message(words, **{field: round(size_bytes / 1e6) for field, size_bytes in sizes.items()}))
    try:
        parts = await request.multipart()
        for _ in range(MOST_PARTS):
            part = await parts.next()
            if part is None:
                return
            if not isinstance(part, BodyPartReader) or part.name is None:
                break
            if part.filename is None:
                yield FormField(part.name, (await part.read_chunk(MOST_TEXT_BYTES)).decode("utf-8", "replace"))
            elif part.filename:  # otherwise no file was chosen
                path = Path(mkdtemp(dir=folder), safe_name(part.filename))
                yield FormField(part.name, path.name, path if await _store(part, path, most_bytes) else None)
    except (ValueError, AssertionError, LookupError) as err:
        raise web.HTTPBadRequest from err
    raise web.HTTPBadRequest


async def _store(part: BodyPartReader, path: Path, most_bytes: int) -> bool:
    """Write a file, and return whether it is small enough. A larger file is removed."""
    with explain_write_errors(path), write_atomically(path) as unfinished:
        size_bytes = 0
        with unfinished.open("wb") as file:
            while chunk := await part.read_chunk(CHUNK_BYTES):
                size_bytes += len(chunk)
                if size_bytes <= most_bytes:
                    file.write(chunk)
    if size_bytes > most_bytes:
        path.unlink()
    return size_bytes <= most_bytes


def answer_form(request: web.Request, line: str, page: str) -> web.Response:
    """Return a translated line as the answer to a form.

    Raises HTTPSeeOther, which leads to the page with the form, if the browser runs no script and would show the line.
    """
    if request.headers.get("Sec-Fetch-Mode") == "navigate":
        raise web.HTTPSeeOther(page)
    return web.Response(text=translate(line))


def safe_name(text: str) -> str:
    """Return the file name in a path that a browser sent, changed and cut so that every system allows the name."""
    name = re.sub(r'[:*?"<>|\ufffd]', "_", to_printable(re.split(r"[/\\]", text)[-1])).strip(" .-")
    while len(name.encode()) > LONGEST_NAME:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{suffix}" if stem and len(suffix) < 10 else name[:-1]
    return f"_{name}" if is_device_name(name) or not name or name.startswith(".") else name
