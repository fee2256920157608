"""The commands that export and import sessions."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.options import say
from livecoach.cli.output import echo
from livecoach.errors import ConfigError, LivecoachError

if TYPE_CHECKING:
    from livecoach.cli.progress import Progress
    from livecoach.session.exporting import ExportOptions
    from livecoach.session.importing import IncomingSession
    from livecoach.session.stored import Session
    from livecoach.session.tables import TableFormat

KINDS: "dict[str, tuple[TableFormat, ...]]" = {
    "csv": ("csv",),
    "parquet": ("parquet",),
    "both": ("csv", "parquet"),
    "none": (),
}


@click.command("export")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write; by default SESSION.zip in this folder.",
)
@click.option("--video/--no-video", default=True, show_default=True, help="Include the videos.")
@click.option("--blur-faces", is_flag=True, help="Blur the lifter's face in the videos; this takes a while.")
@click.option(
    "--tables",
    type=click.Choice(list(KINDS)),
    default="both",
    show_default=True,
    help="Include reps and frames as tables.",
)
def export(sessions: tuple[str, ...], out: Path | None, video: bool, blur_faces: bool, tables: str) -> None:
    """Write sessions into a zip.

    Use the zip as a backup, or to pass sessions on to other people and programs. It contains the sessions as they are,
    for `livecoach sessions import`, and tables of their reps and of the observation of each frame. Only the lifter's
    face is blurred, not those of other people in the picture.

    Example: livecoach sessions export last --out monday.zip --blur-faces
    """
    if blur_faces and not video:
        raise click.UsageError("--no-video and --blur-faces exclude each other: give one of them.")
    from livecoach.cli.output import atomic_create, check_new
    from livecoach.cli.progress import Progress
    from livecoach.cli.sessions_table import format_bytes
    from livecoach.session import exporting
    from livecoach.session.stored import find_session, open_session

    folders = list(dict.fromkeys(find_session(name).resolve() for name in sessions))
    if out is None and len(folders) > 1:
        raise ConfigError(f"{len(folders)} sessions: name the zip with --out.")
    target = Path(f"{folders[0].name}.zip") if out is None else out
    check_new(target, "--out")
    once = _once()  # a session is read again for each table format
    opened = [open_session(folder, once) for folder in folders]
    exporting.check(opened)
    kinds = _writable(KINDS[tables])
    with atomic_create(target, "--out") as (file, part), Progress(folders) as progress:
        exporting.write(opened, file, _wanted(progress, video, blur_faces, kinds), part)
    what = opened[0].name if len(opened) == 1 else f"{len(opened)} sessions"
    echo(f"{target}: {what}, {format_bytes(target.stat().st_size)}")


def _writable(kinds: "tuple[TableFormat, ...]") -> "tuple[TableFormat, ...]":
    """Return the formats whose packages are installed; where others remain, say what a missing one needs."""
    from livecoach.session.tables import check_format

    writable: list[TableFormat] = []
    for kind in kinds:
        try:
            check_format(kind)
            writable.append(kind)
        except ConfigError as err:
            if len(kinds) == 1:
                raise
            say(str(err))
    return tuple(writable)


def _once() -> Callable[[str], None]:
    """Return a function that reports each line only once."""
    said: set[str] = set()

    def tell(line: str) -> None:
        if line not in said:
            said.add(line)
            say(line)

    return tell


def _wanted(progress: "Progress", video: bool, blur_faces: bool, tables: "tuple[TableFormat, ...]") -> "ExportOptions":
    from livecoach.feedback.face_blur import blur_face
    from livecoach.session.exporting import ExportOptions

    def at(session: "Session", t_s: float) -> None:
        progress.advance(session.folder, t_s)

    return ExportOptions(video=video, tables=tables, mask=blur_face if blur_faces else None, at=at)


@click.command("import")
@click.argument("sources", metavar="FILE.zip|FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
def import_sessions(sources: tuple[Path, ...]) -> int:
    """Import sessions from a zip or folder.

    A source is a zip that `export` made, a session's folder, or a folder of sessions. A session whose name exists
    already stays unchanged. The exit status is 1 if something could not be imported.

    Example: livecoach sessions import monday.zip
    """
    from livecoach.session.importing import open_import

    failed = 0
    for source in sources:
        with ExitStack() as stack:
            try:
                found = stack.enter_context(open_import(source))
            except LivecoachError as err:
                say(str(err))
                failed += 1
                continue
            _say_left_out(source, found.left_out)
            for problem in found.problems:
                say(problem)
            failed += len(found.problems) + sum(not _taken(session) for session in found.sessions)
    return 1 if failed else 0


def _taken(session: "IncomingSession") -> bool:
    from livecoach.session.importing import import_session

    try:
        told = "imported" if import_session(session, say) else "exists already; unchanged"
    except LivecoachError as err:
        say(str(err))
        return False
    echo(f"{session.name}: {told}")
    return True


def _say_left_out(source: Path, names: Sequence[str]) -> None:
    if names:
        more = "" if len(names) == 1 else f" and {len(names) - 1} more"
        say(f"{source}: left out, because it is not part of a session: {names[0]!r}{more}")


COMMANDS = (export, import_sessions)
