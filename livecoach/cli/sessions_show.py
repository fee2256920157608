"""One session, as `livecoach sessions show` prints it."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livecoach.cli.output import echo
from livecoach.cli.run_summary import count_summary, rep_lines, reps_table
from livecoach.cli.sessions_table import exercise_names, format_bytes, format_duration
from livecoach.cli.set_lines import speed_lines
from livecoach.config.wording import one_line
from livecoach.documents import AUTO, ShownSession
from livecoach.report.sets import log_words
from livecoach.report.words import note_words
from livecoach.session import layout
from livecoach.session.metrics import too_slow_words
from livecoach.types import Rep


def print_session(found: ShownSession) -> None:
    """Print the session's description, its sets, cues and files."""
    console = Console(highlight=False)
    echo(found.name)
    console.print(_rows(list(_about(found))))
    _print_sets(console, found)
    if found.cues:
        echo("\ncues")
        console.print(_rows([(f"{cue.t_s:.1f} s", _cue(cue.text, cue.why)) for cue in found.cues], right=True))
    echo(f"\n{found.folder}")
    console.print(_rows(list(_files(found)), right=True))
    for line in found.damage:
        console.print(Text(one_line(f"damage: {line}")), soft_wrap=True)


def _about(found: ShownSession) -> Iterator[tuple[str, str]]:
    about, source = found.about, found.about.source
    fps = "" if source.fps is None else f", {source.fps:.0f} frames/s"
    kind = ", synthetic" if source.synthetic else ""
    recognised = " (recognised)" if about.exercise == AUTO and found.exercises else ""
    yield "exercise" if len(found.exercises) < 2 else "exercises", f"{exercise_names(found.exercises)}{recognised}"
    yield "profile", about.profile or "–"
    yield "started", f"{datetime.fromisoformat(about.started):%Y-%m-%d %H:%M:%S}"
    yield "length", _length(found)
    yield "source", f"{source.name}, {source.width}×{source.height}{fps}{kind}"
    yield "frames", f"{found.frames.read}, {found.frames.with_pose} with a person, {found.frames.dropped} dropped"
    too_slow = too_slow_words(found.slow, found.frames.read, found.frames.dropped)
    if too_slow is not None:
        yield "warning", too_slow
    yield "video", _video(found)
    began_with = f"{found.reference} own reps" if found.reference else "no own reps"
    yield "reference", f"{began_with} at the start"
    yield "model", f"{about.model.name} {about.model.version}, pose {about.model.pose}"
    yield "recorded by", f"livecoach {about.livecoach}"


def _length(found: ShownSession) -> str:
    end = found.about.end
    told = format_duration(found.duration_s)
    if found.recording:
        return f"{told}, recording now"
    if end is None or end.early:
        return f"{told}, then cut off"
    return told if end.stopped is None else f"{told}; {end.stopped}"


def _video(found: ShownSession) -> str:
    size_bytes = next((file.size_bytes for file in found.files if file.name == layout.VIDEO), 0)
    kept = None if found.about.end is None else found.about.end.video
    if not size_bytes:
        return "none" if kept is None else "deleted"
    less = f", {kept.left_out} frames left out" if kept is not None and kept.left_out else ""
    return f"{format_bytes(size_bytes)}{less}"


def _print_sets(console: Console, found: ShownSession) -> None:
    sets: dict[int, list[Rep]] = {}
    for event in found.reps:
        sets.setdefault(event.rep.place[0], []).append(event.rep)
    logs = {one.set: log_words(one.log) for one in found.logs}
    for number, reps in sets.items():
        what = [f"set {number}"]
        if len(found.exercises) > 1:
            what.append(exercise_names(tuple(dict.fromkeys(rep.exercise for rep in reps if rep.exercise is not None))))
        echo("\n" + one_line(" · ".join([*what, count_summary(reps), *filter(None, [logs.get(number)])])))
        console.print(reps_table(reps))
        for line in rep_lines(reps, ()):
            console.print(one_line(line), soft_wrap=True, markup=False)
    for line in speed_lines([event.rep for event in found.reps], each=True):
        console.print(line, soft_wrap=True)
    if not sets:
        echo("\nno reps")
    for summary in found.sets:
        for note in summary.notes:
            line = f"set {summary.index}: {note_words(note, summary.index)}"
            console.print(one_line(line), soft_wrap=True, markup=False)


def _files(found: ShownSession) -> Iterator[tuple[str, str]]:
    """Yield the size of each file, and of the reference files together."""
    kept = [file for file in found.files if file.name.startswith(layout.REFERENCE)]
    for file in found.files:
        if file not in kept:
            yield format_bytes(file.size_bytes), file.name
    if kept:
        yield format_bytes(sum(file.size_bytes for file in kept)), f"{layout.REFERENCE}: {len(kept)} files"


def _cue(text: str, why: str | None) -> str:
    return text if why is None else f"{text}: {why}"


def _rows(rows: list[tuple[str, str]], *, right: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right" if right else "left", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name), Text(one_line(value)))  # an imported session may contain control characters
    return table
