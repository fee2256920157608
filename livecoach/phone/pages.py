"""The files of the page, as they are sent: read once, with the headers that keep everything else out."""

from collections.abc import Mapping
from dataclasses import dataclass

from livecoach.config.paths import assets_dir

TYPES = {
    "page.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "manifest.webmanifest": "application/manifest+json",
    "icon.svg": "image/svg+xml",
}
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page."""

    content: bytes
    content_type: str


def page_files() -> Mapping[str, PageFile]:
    """Return the files of the page, by name. One that is missing is left out."""
    place = assets_dir() / "phone"
    return {
        name: PageFile((place / name).read_bytes(), kind) for name, kind in TYPES.items() if (place / name).is_file()
    }
