"""Sessions as `livecoach sessions` prints them: a table, or JSON."""

from collections.abc import Sequence

from rich.cells import cell_len

from livecoach.cli.output import echo
from livecoach.config.wording import one_line
from livecoach.documents import AUTO, ListedSession, SessionsDocument, VerdictsDocument
from livecoach.session.listing import SessionEntry

NUMBERS = (2, 3, 4)
"""Right-aligned columns."""
EXERCISES = 5
"""Column of the exercises."""


def sessions_document(sessions: Sequence[SessionEntry]) -> SessionsDocument:
    """Return the sessions as a document."""
    return SessionsDocument(
        sessions=tuple(_line(session) for session in sessions), size_bytes=sum(s.size_bytes for s in sessions)
    )


def _line(session: SessionEntry) -> ListedSession:
    about = session.about
    return ListedSession(
        name=session.name,
        folder=str(session.folder),
        started=None if session.started is None else session.started.isoformat(),
        exercise=None if about is None else about.exercise,
        exercises=session.exercises,
        profile=None if about is None else about.profile,
        reps=session.verdicts,
        duration_s=session.duration_s,
        size_bytes=session.size_bytes,
        video_bytes=session.video_bytes,
        recording=session.recording,
        cut_off=session.cut_off,
        too_slow=session.too_slow,
        problem=session.problem,
    )


def print_list(sessions: Sequence[SessionEntry]) -> None:
    """Print a line for each session, the problem of those that can't be read, and the total."""
    rows = [("session", "profile", "reps", "length", "size", "exercises", "notes"), *map(_row, sessions)]
    if not any(_is_recognised(session) for session in sessions):  # then each name tells the exercise
        rows = [(*row[:EXERCISES], *row[EXERCISES + 1 :]) for row in rows]
    # Rich takes half a second for a thousand rows.
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            _aligned(text, width, number in NUMBERS)
            for number, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        echo("  ".join(cells).rstrip())
    for session in sessions:
        if session.problem is not None:
            echo(one_line(f"{session.name}: {session.problem}"))
    echo(f"{total(sessions)}; reps: all, then good/anomalous/unsure")


def _row(session: SessionEntry) -> tuple[str, ...]:
    profile = "–" if session.about is None else session.about.profile or "–"
    length = "–" if session.duration_s is None else format_duration(session.duration_s)
    counts, size = _verdicts(session.verdicts), format_bytes(session.size_bytes)
    exercises = exercise_names(session.exercises)
    row = session.name, profile, counts, length, size, exercises, _kept(session)
    return tuple(map(one_line, row))  # an imported session may contain control characters


def _is_recognised(session: SessionEntry) -> bool:
    """Return whether livecoach recognised the exercises, so that the session's name does not tell them."""
    return session.about is not None and session.about.exercise == AUTO


def _aligned(text: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def total(sessions: Sequence[SessionEntry]) -> str:
    """Return the number and size of sessions: "3 sessions, 12.4 MB"."""
    count = len(sessions)
    return f"{count} session{'' if count == 1 else 's'}, {format_bytes(sum(s.size_bytes for s in sessions))}"


def exercise_names(names: Sequence[str]) -> str:
    """Return the exercises of a session: "squat, romanian deadlift"; "–" where none is known."""
    return ", ".join(name.replace("_", " ") for name in names) or "–"


def _verdicts(counts: VerdictsDocument | None) -> str:
    if counts is None:
        return "–"
    return f"{counts.reps}: {counts.good}/{counts.anomalous}/{counts.unsure}" if counts.reps else "0"


def _kept(session: SessionEntry) -> str:
    """Return notes about a session, most important first."""
    said = [] if session.problem is None else ["can't be read"]
    said += ["recording now"] if session.recording else []
    said += ["cut off"] if session.cut_off else []
    said += ["too slow to be trusted"] if session.too_slow else []
    said += ["video"] if session.video_bytes else []
    return ", ".join(said)


def format_bytes(count: int) -> str:
    """Return a size as "12.4 MB", with a factor of 1000 between units, as `prune` takes it."""
    if count < 1000:
        return f"{count} B"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.1f} {unit}" if size < 99.95 else f"{size:.0f} {unit}"
    return f"{size / 1000:.1f} TB"


def format_duration(seconds: float) -> str:
    """Return a duration as "22.8 s", "12:05" or "1:02:05"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def session_line(session: SessionEntry, *, video: bool = False) -> str:
    """Return what would be deleted with a session, or with its video alone: "2026-03-01_18-30-00-squat: 8 reps, 12.4
    MB"."""
    if video:
        return one_line(f"{session.name}: video, {format_bytes(session.video_bytes or 0)}")
    counts = session.verdicts
    reps = [] if counts is None else [f"{counts.reps} rep{'' if counts.reps == 1 else 's'}"]
    kept = ["with its video"] if session.video_bytes else []
    return one_line(f"{session.name}: {', '.join([*reps, format_bytes(session.size_bytes), *kept])}")
