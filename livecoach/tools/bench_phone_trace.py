"""What a page saw of a measured run. Times in `_ms` are readings of the page's performance.now()."""

from dataclasses import dataclass

import pydantic


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPicture:
    """The times of one picture."""

    captured_ms: float
    """When the browser says that the camera captured it."""
    sent_ms: float
    taken_ms: float | None
    """When livecoach's answer came; None before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCue:
    """A cue about a rep."""

    rep: int
    drawn_ms: float | None
    """When the page had painted the rep's number and verdict; None if it never did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTrace:
    """Everything of one page."""

    browser: str
    offset_s: float
    """To be added to the page's time in seconds for time.monotonic()."""
    allowed_ms: float | None
    """When the page got the camera."""
    first_drawn_ms: float | None
    """When it had painted the first state."""
    page_bytes: int
    """HTML, CSS, JavaScript, manifest and icon, uncompressed."""
    shown: int
    """Pictures that the camera gave to the page."""
    pictures: tuple[SentPicture, ...]
    cues: tuple[PageCue, ...]


def page_trace_from(text: str) -> PageTrace:
    """Parse the JSON of a page's trace."""
    return pydantic.TypeAdapter(PageTrace).validate_json(text)
