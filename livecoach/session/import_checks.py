"""What an imported session must keep to: sizes, before anything is copied, and content, before it is taken."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from livecoach.documents.session import MOST_REFERENCE
from livecoach.errors import SessionError, SourceError
from livecoach.session import layout
from livecoach.session.stored import Session

MOST_REP_BYTES = 8 << 20
"""Largest file of an own rep; most have 75 kB. Our choice."""
MOST_BYTES = {
    layout.DOCUMENT: layout.MOST_DOCUMENT_BYTES,
    **dict.fromkeys(
        (layout.REPS, layout.CUES, layout.EVENTS, layout.CORRECTIONS, layout.SETS), layout.MOST_LINES_BYTES
    ),
}
"""Largest files, by name. Observations, videos and logs may have any size: they are read as a stream."""


def check_bounds(origin: Path, session: str, sizes_bytes: Mapping[str, int]) -> None:
    """Raise SessionError where reading a session would take too long. sizes_bytes: of its files, by name."""
    kept = 0
    for name, size_bytes in sizes_bytes.items():
        kept += name.startswith(f"{layout.REFERENCE}/")
        most_bytes = MOST_BYTES.get(name, MOST_REP_BYTES if name.endswith(layout.KEPT_REP) else None)
        if most_bytes is not None and size_bytes > most_bytes:
            raise SessionError(
                f"{origin}: {session}/{name} is larger than {most_bytes >> 20} MB, so the session is not imported."
            )
    if kept > MOST_REFERENCE:
        raise SessionError(
            f"{origin}: {session} has {kept} reps in {layout.REFERENCE}/; no session has more than "
            f"{MOST_REFERENCE}, so it is not imported."
        )


def read_all(session: Session) -> None:
    """Read whatever a session holds but its pictures; it reports what is damaged."""
    _ = session.corrected_reps, session.cues, session.events, session.set_logs
    for _ in session.reference_files():
        pass
    try:
        with closing(session.frames()) as frames:
            for _ in frames.payloads():
                pass
    except SourceError as err:
        session.say(str(err))
