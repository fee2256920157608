"""Sessions as `livecoach sessions` prints them: a line each, JSON, or a few lines on one session."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from livecoach.cli.output import number_of
from livecoach.cli.summary import set_lines, speed_lines
from livecoach.documents import AUTO, ListedSession, SessionsDocument, ShownSession
from livecoach.report.sets import log_words
from livecoach.session.metrics import too_slow_words
from livecoach.types.message import in_words


def sessions_document(sessions: Sequence[ListedSession]) -> SessionsDocument:
    return SessionsDocument(sessions=tuple(sessions), size_bytes=sum(session.size_bytes for session in sessions))


def session_line(session: ListedSession) -> str:
    """A line about a session: "2026-03-01_18-30-00-squat: anna, 3 of 5 reps good, 22.8 s, 12.4 MB, video"."""
    facts = [] if session.problem is None else [session.problem]
    if session.exercise == AUTO:  # the session's name does not tell it then
        facts.append(exercise_names(session.exercises))
    facts += filter(None, [session.profile])
    if session.reps is not None:
        facts.append(f"{session.reps.good} of {number_of(session.reps.reps, 'rep')} good")
    if session.duration_s is not None:
        facts.append(format_duration(session.duration_s))
    facts.append(format_bytes(session.size_bytes))
    notes = {
        "recording now": session.recording,
        "cut off": session.cut_off,
        "too slow to be trusted": session.too_slow,
        "video": session.video_bytes,
    }
    return f"{session.name}: {', '.join([*facts, *(name for name, is_so in notes.items() if is_so)])}"


def total(sessions: Sequence[ListedSession]) -> str:
    """The number and size of sessions: "3 sessions, 12.4 MB"."""
    return f"{number_of(len(sessions), 'session')}, {format_bytes(sum(s.size_bytes for s in sessions))}"


def exercise_names(names: Sequence[str]) -> str:
    """The exercises of a session: "squat, romanian deadlift"."""
    return ", ".join(map(in_words, names)) or "no exercise"


def format_bytes(count: int) -> str:
    """A size as "12.4 MB", with a factor of 1000 between units, as `prune` takes it."""
    if count < 1000:
        return f"{count} B"
    size = float(count)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5:
            return f"{size:.1f} {unit}" if size < 99.95 else f"{size:.0f} {unit}"
    return f"{size / 1000:.1f} TB"


def format_duration(seconds: float) -> str:
    """A duration as "22.8 s", "12:05" or "1:02:05"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def shown_lines(shown: ShownSession) -> Iterator[str]:
    """Yield lines about one session: what it is of, its sets with what to fix, and any damage."""
    started = f"{datetime.fromisoformat(shown.about.started):%Y-%m-%d %H:%M}"
    facts = [exercise_names(shown.exercises), shown.about.profile, started, _length(shown), shown.about.source.name]
    yield shown.name
    yield " · ".join(filter(None, facts))
    slow = too_slow_words(shown.slow, shown.frames.read, shown.frames.dropped)
    if slow is not None:
        yield slow
    reps = [event.rep for event in shown.reps]
    yield from set_lines(reps) if reps else ["no reps"]
    for one in shown.logs:
        yield f"set {one.set}: {log_words(one.log)}"
    yield from speed_lines(reps)
    for line in shown.damage:
        yield f"damage: {line}"
    yield f"{shown.folder}: {format_bytes(sum(file.size_bytes for file in shown.files))}"
    yield f"`livecoach report {shown.name} --open` shows more."


def _length(shown: ShownSession) -> str:
    end = shown.about.end
    duration = format_duration(shown.duration_s)
    if shown.recording:
        return f"{duration}, recording now"
    return f"{duration}, then cut off" if end is None or end.early else duration
