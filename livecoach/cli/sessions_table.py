"""Sessions as `livecoach sessions` prints them: a table, JSON, or all of one session."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from livecoach.cli.output import echo, number_of
from livecoach.cli.summary import count_summary, rep_lines, reps_table, speed_lines
from livecoach.config.wording import one_line
from livecoach.documents import AUTO, ListedSession, SessionsDocument, ShownSession, VerdictsDocument
from livecoach.language import english
from livecoach.report.sets import log_words
from livecoach.report.words import note_words
from livecoach.session import layout
from livecoach.session.listing import SessionEntry
from livecoach.session.metrics import too_slow_words
from livecoach.types import Rep
from livecoach.types.message import in_words

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
    if not any(_is_recognised(session) for session in sessions):  # then each name includes the exercise
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
    """Return whether livecoach recognised the exercises, so that the session's name does not include them."""
    return session.about is not None and session.about.exercise == AUTO


def _aligned(text: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def total(sessions: Sequence[SessionEntry]) -> str:
    """Return the number and size of sessions: "3 sessions, 12.4 MB"."""
    return f"{number_of(len(sessions), 'session')}, {format_bytes(sum(s.size_bytes for s in sessions))}"


def exercise_names(names: Sequence[str]) -> str:
    """Return the exercises of a session: "squat, romanian deadlift"; "–" if none is known."""
    return ", ".join(in_words(name) for name in names) or "–"


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
    """Return a line about a session, or its video, to be deleted: "2026-03-01_18-30-00-squat: 8 reps, 12.4 MB"."""
    if video:
        return one_line(f"{session.name}: video, {format_bytes(session.video_bytes or 0)}")
    counts = session.verdicts
    reps = [] if counts is None else [number_of(counts.reps, "rep")]
    kept = ["with its video"] if session.video_bytes else []
    return one_line(f"{session.name}: {', '.join([*reps, format_bytes(session.size_bytes), *kept])}")


def print_session(shown: ShownSession) -> None:
    """Print the session's description, its sets, cues and files."""
    console = Console(highlight=False)
    echo(shown.name)
    console.print(_facts(list(_about(shown))))
    _print_sets(console, shown)
    if shown.cues:
        echo("\ncues")
        console.print(_facts([(f"{cue.t_s:.1f} s", _cue(cue.text, cue.why)) for cue in shown.cues], right=True))
    echo(f"\n{shown.folder}")
    console.print(_facts(list(_files(shown)), right=True))
    for line in shown.damage:
        console.print(Text(one_line(f"damage: {line}")), soft_wrap=True)


def _about(shown: ShownSession) -> Iterator[tuple[str, str]]:
    about, source = shown.about, shown.about.source
    fps = "" if source.fps is None else f", {source.fps:.0f} frames/s"
    kind = ", synthetic" if source.synthetic else ""
    recognised = " (recognised)" if about.exercise == AUTO and shown.exercises else ""
    yield "exercise" if len(shown.exercises) < 2 else "exercises", f"{exercise_names(shown.exercises)}{recognised}"
    yield "profile", about.profile or "–"
    yield "started", f"{datetime.fromisoformat(about.started):%Y-%m-%d %H:%M:%S}"
    yield "length", _shown_length(shown)
    yield "source", f"{source.name}, {source.width}×{source.height}{fps}{kind}"
    yield "frames", f"{shown.frames.read}, {shown.frames.with_pose} with a person, {shown.frames.dropped} dropped"
    too_slow = too_slow_words(shown.slow, shown.frames.read, shown.frames.dropped)
    if too_slow is not None:
        yield "warning", too_slow
    yield "video", _shown_video(shown)
    began_with = f"{shown.reference} own reps" if shown.reference else "no own reps"
    yield "reference", f"{began_with} at the start"
    yield "model", f"{about.model.name} {about.model.version}, pose {about.model.pose}"
    yield "recorded by", f"livecoach {about.livecoach}"


def _shown_length(shown: ShownSession) -> str:
    end = shown.about.end
    duration = format_duration(shown.duration_s)
    if shown.recording:
        return f"{duration}, recording now"
    if end is None or end.early:
        return f"{duration}, then cut off"
    return duration if end.stopped is None else f"{duration}; {end.stopped}"


def _shown_video(shown: ShownSession) -> str:
    size_bytes = next((file.size_bytes for file in shown.files if file.name == layout.VIDEO), 0)
    kept = None if shown.about.end is None else shown.about.end.video
    if not size_bytes:
        return "none" if kept is None else "deleted"
    less = f", {kept.left_out} frames left out" if kept is not None and kept.left_out else ""
    return f"{format_bytes(size_bytes)}{less}"


def _print_sets(console: Console, shown: ShownSession) -> None:
    sets: dict[int, list[Rep]] = {}
    for event in shown.reps:
        sets.setdefault(event.rep.place[0], []).append(event.rep)
    logs = {one.set: log_words(one.log) for one in shown.logs}
    for number, reps in sets.items():
        what = [f"set {number}"]
        if len(shown.exercises) > 1:
            what.append(exercise_names(tuple(dict.fromkeys(rep.exercise for rep in reps if rep.exercise is not None))))
        echo("\n" + one_line(" · ".join([*what, count_summary(reps), *filter(None, [logs.get(number)])])))
        console.print(reps_table(reps))
        for line in rep_lines(reps, ()):
            console.print(one_line(line), soft_wrap=True, markup=False)
    for line in speed_lines([event.rep for event in shown.reps], each=True):
        console.print(line, soft_wrap=True)
    if not sets:
        echo("\nno reps")
    for summary in shown.sets:
        for note in summary.notes:
            line = f"set {summary.index}: {english(note_words(note, summary.index))}"
            console.print(one_line(line), soft_wrap=True, markup=False)


def _files(shown: ShownSession) -> Iterator[tuple[str, str]]:
    """Yield the size of each file, and of the reference files together."""
    kept = [file for file in shown.files if file.name.startswith(layout.REFERENCE)]
    for file in shown.files:
        if file not in kept:
            yield format_bytes(file.size_bytes), file.name
    if kept:
        yield format_bytes(sum(file.size_bytes for file in kept)), f"{layout.REFERENCE}: {len(kept)} files"


def _cue(text: str, why: str | None) -> str:
    return text if why is None else f"{text}: {why}"


def _facts(rows: list[tuple[str, str]], *, right: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right" if right else "left", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(one_line(value)))  # an imported session may contain control characters
    return table
