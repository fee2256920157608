"""The commands that manage recorded sessions: list, show, export, import, delete and prune."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import click
from rich.filesize import decimal

from livecoach.cli import options
from livecoach.cli.options import PATH, LazyCommand, OrderedGroup
from livecoach.cli.output import atomic_write, check_writable, confirm_deletion, echo, write_json
from livecoach.cli.progress import Progress
from livecoach.core import documents
from livecoach.core.config import local_time
from livecoach.core.config.yaml_files import single_line
from livecoach.core.documents import ListedSession, SessionsDocument, ShownSession
from livecoach.core.errors import ConfigError, LivecoachError
from livecoach.core.language import format_duration, translate
from livecoach.core.types import ignore
from livecoach.core.types.message import Message, in_words, join_texts, quantity_words
from livecoach.feedback.face_blur import blur_face
from livecoach.pages.history import history_words as words_of
from livecoach.pages.report.report_words import lifter_name
from livecoach.pages.report.set_sections import log_words
from livecoach.pages.tools.files_page import UNITS, import_file
from livecoach.records.knowledge import count_contributed_reps, prepare_deletion
from livecoach.records.rejudging import rejudge_profile
from livecoach.records.session import exporting, listing, upkeep
from livecoach.records.session.listing import describe_session, read_whole_session
from livecoach.records.session.metrics import slowness_message, total_duration_s
from livecoach.records.session.opening import find_session, open_session
from livecoach.run.process import is_terminal, say
from livecoach.run.summary import estimate_notes, summarise_sets

JSON = click.option("--json", "json_file", metavar="FILE", help="Write JSON; - for standard output.")
KEPT = "Keep their good reps, with which later reps are compared."
YES = click.option("--yes", is_flag=True, help="Do not ask.")
SIZES = ("{n} bytes", "{n} kB", "{n} MB", "{n} GB")  # Ids of the messages of _size_words that have a translation

AMENDING = (
    LazyCommand("correct", "correct", "Correct verdicts: mark reps as good, as bad, or as no reps."),
    LazyCommand("sets", "correct", "Show or correct the load, RPE, note, lifter and exercise of sets."),
    LazyCommand("clip", "pages", "Write a video of a rep beside your typical rep."),
    LazyCommand("log", "correct", "Write a training log for Strong, Hevy or a spreadsheet."),
)


@click.group(cls=OrderedGroup, later=AMENDING, invoke_without_command=True)
@click.pass_context
def sessions(context: click.Context) -> None:
    """List, correct, export, import and delete recorded sessions.

    Sessions are in the user's data folder, and only their owner can read them. SESSION is a session's name, the
    beginning of its name, its folder, or "last".
    """
    options.use_language()
    if context.invoked_subcommand is None:
        context.invoke(list_sessions)


@sessions.command("list")
@options.exercise_option("Only sessions of this exercise.")
@options.profile_option("Only sessions of this lifter.")
@JSON
def list_sessions(exercise: str | None, profile: str | None, json_file: str | None) -> None:
    """List the sessions, newest last.

    Example: livecoach sessions list --exercise squat
    """
    everything = list(listing.list_sessions())
    # An unreadable session is listed only without a filter.
    selected = [
        listed
        for listed in everything
        if (exercise is None or exercise in listed.exercises) and profile in {None, *listed.profiles}
    ]
    if json_file is not None:
        write_json(documents.to_json(sessions_document(selected)), json_file)
    elif selected:
        more = Message("{text}. `livecoach home` shows them.", text=_total_words(selected))
        _print([*map(session_line, selected), translate(more)])
    else:
        echo(_nothing_listed(everything, exercise, profile))


@sessions.command("show")
@click.argument("session", metavar="SESSION")
@JSON
def show(session: str, json_file: str | None) -> None:
    """Show one session: its sets, what to fix, and any damage.

    The JSON has every detail, such as reps, cues and files.

    Example: livecoach sessions show last
    """
    overview = read_whole_session(find_session(session))
    if json_file is None:
        _print(session_detail_lines(overview))
    else:
        write_json(documents.to_json(overview), json_file)


def _print(lines: Iterable[str]) -> None:
    for line in lines:  # An imported session may contain control characters
        echo(f"{'  ' if line.startswith('  ') else ''}{single_line(line)}")


def _nothing_listed(everything: Sequence[ListedSession], exercise: str | None, profile: str | None) -> str:
    if not everything:
        return translate("no sessions yet: `livecoach live` records one.")
    wanted = [Message("{name}", name=exercise)] if exercise else []
    wanted += [Message("profile {name}", name=profile)] if profile else []
    exercises = {name for listed in everything for name in listed.exercises}
    lifters = {name for listed in everything for name in listed.profiles if name}
    known = "; ".join(", ".join(sorted(names)) for names in (exercises, lifters) if names)
    line = "no session of {text}. There are sessions of: {name}."
    return translate(Message(line, text=join_texts(", ", *wanted), name=known))


@sessions.command("export")
@click.argument("sessions", metavar="[SESSION...]", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All sessions and profiles, as for another computer.")
@click.option("--out", type=PATH, metavar="FILE", help="File to write; by default SESSION.zip in this folder.")
@click.option("--video/--no-video", default=True, show_default=True, help="Include the videos.")
@click.option("--blur-faces", is_flag=True, help="Blur the lifter's face in the videos; this takes a while.")
@click.option("--tables/--no-tables", default=True, show_default=True, help="Include reps and frames as CSV tables.")
def export(
    sessions: tuple[str, ...], everything: bool, out: Path | None, video: bool, blur_faces: bool, tables: bool
) -> None:
    """Write sessions into a zip.

    Use the zip as a backup, or to pass sessions on to other people and programs. Unless you choose otherwise, it
    contains all files of the sessions, for `livecoach sessions import`, and tables of their reps and of the observation
    of each frame. With --all it also contains the profiles (plans, imported logs, heights, and reps that are kept
    without their session), and your settings, except settings of this computer, such as the camera.

    --blur-faces blurs the lifter's face only. The faces of other people in the picture stay visible.

    Example: livecoach sessions export last --out monday.zip --blur-faces
    """
    if blur_faces and not video:
        raise click.UsageError("--no-video and --blur-faces exclude each other: give one of them.")
    if everything == bool(sessions):
        raise click.UsageError("Name sessions, or give --all.")
    folders = list(dict.fromkeys(find_session(name).resolve() for name in sessions))
    opened = exporting.list_exportable_sessions(say) if everything else [open_session(path, say) for path in folders]
    folders = [session.folder for session in opened]
    if out is None and (everything or len(folders) > 1):
        raise ConfigError(f"{len(folders)} sessions: name the zip with --out.")
    target = Path(f"{folders[0].name}.zip") if out is None else out
    check_writable(target, "--out", new=True)
    exporting.check_exportable(opened)
    with atomic_write(target, "--out", new=True) as part, part.open("wb") as file, Progress(folders) as progress:
        exporting.write_zip(
            opened,
            file,
            part.with_suffix(".video"),
            video=video,
            tables=tables,
            profiles=everything,
            mask=blur_face if blur_faces else None,
            on_progress=lambda session, t_s: progress.advance(session.folder, t_s),
        )
    what = Message("{name}", name=opened[0].name) if len(opened) == 1 else words_of.sessions(len(opened))
    echo(f"{target}: {translate(join_texts(', ', what, _size_words(target.stat().st_size)))}")


@sessions.command("import")
@click.argument("sources", metavar="FILE.zip|LOG.csv...", nargs=-1, required=True, type=PATH)
@options.profile_option("Profile that a LOG.csv belongs to; by default your own.")
@click.option("--unit", type=click.Choice(list(UNITS)), help="Unit of the loads, if a LOG.csv states none.")
def import_sessions(sources: tuple[Path, ...], profile: str | None, unit: str | None) -> int:
    """Import sessions from a zip, or the log of another app.

    `livecoach sessions export` makes the zip, which also contains profiles. Sessions and files of profiles that exist
    here stay unchanged. If there is no session here yet, livecoach also takes the settings in the zip, except settings
    that you have changed yourself. The exit status is 1 if something could not be imported.

    The CSV that Strong, Hevy or FitNotes exports contains loads, sets and reps of earlier days. livecoach offers the
    newest of these loads, compares records with all of them, and shows them in the history. If you import the same log
    again, livecoach adds what is new in it, and corrects the unit of its loads.

    Example: livecoach sessions import strong.csv --profile anna
    """
    owner = profile or options.use_settings().profile
    return int(sum(import_file(source, owner, unit, say, echo, _asked_unit) for source in sources) > 0)


def _asked_unit(question: str) -> str:
    """Ask for the unit of loads. Raises ConfigError if nobody can answer."""
    if not is_terminal(sys.stdin):
        raise ConfigError(f"{question} Nothing was taken. Give --unit kg or --unit lb.")
    say(translate(question))
    return str(click.prompt(translate("Are the loads in kg or lb?"), type=click.Choice(list(UNITS)), err=True))


@sessions.command("delete")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@click.option("--keep-reps/--no-keep-reps", default=None, help=f"{KEPT} [default: livecoach asks; no with --yes]")
@YES
def delete(sessions: tuple[str, ...], keep_reps: bool | None, yes: bool) -> int:
    """Delete sessions for good.

    Later reps are then no longer compared with the good reps of these sessions, unless you pass --keep-reps. Without
    --yes, livecoach asks before it deletes, and whether to keep the good reps if no option decides that.

    Example: livecoach sessions delete 2026-03-01_18-30-00-squat
    """
    folders = list(dict.fromkeys(find_session(name).absolute() for name in sessions))
    for folder in folders:
        upkeep.check_deletable(folder)
    going = [session_line(describe_session(folder)) for folder in folders]
    if not confirm_deletion(going, yes):
        return 0
    return _each(folders, _deleting(folders, keep_reps, yes), "deleted")


def _deleting(folders: Sequence[Path], keep_reps: bool | None, yes: bool) -> Callable[[Path], None]:
    """Ask whether to keep the reps, unless an option answers that, and return a function that deletes a session."""
    if keep_reps is None and not yes:
        taught = Counter[str]()
        for folder in folders:
            taught.update(count_contributed_reps(folder, ignore))
        counts = (
            Message("{text} of {name}", text=quantity_words(count, "1 good rep", "{n} good reps"), name=name)
            for name, count in taught.items()
        )
        question = Message("Keep what later reps are compared with ({text})?", text=join_texts(", ", *counts))
        keep_reps = bool(taught) and click.confirm(translate(question), err=True)

    say_once = cache(say)

    def delete_session(folder: Path) -> None:
        """Delete a session, keep its good reps if wanted, and judge the outdated reps of its lifters anew."""
        prepare_deletion(folder, say_once, keeps=bool(keep_reps))
        lifters = open_session(folder, ignore).valid_profiles
        upkeep.delete_session(folder)
        for name in lifters:
            rejudge_profile(name, say_once)

    return delete_session


@sessions.command("prune")
@click.option("--older-than", metavar="AGE", help="Delete sessions older than this: 90d, 12w, 6m or 1y.")
@click.option("--keep", metavar="SIZE", help="Delete the oldest until at most this much is left: 5GB, 500MB.")
@click.option("--videos", is_flag=True, help="Delete only their videos; reps and landmarks stay.")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and delete nothing.")
@click.option("--keep-reps/--no-keep-reps", default=True, show_default=True, help=KEPT)
@YES
def prune(older_than: str | None, keep: str | None, videos: bool, dry_run: bool, keep_reps: bool, yes: bool) -> int:
    """Delete the oldest sessions, or their videos.

    Choose by age, by total size, or both. A session that is being recorded, or whose age is unknown, is never deleted.

    Example: livecoach sessions prune --older-than 90d --videos --dry-run
    """
    if older_than is None and keep is None:
        raise click.UsageError("choose what to delete with --older-than, --keep, or both.")
    before = None if older_than is None else _before(older_than, local_time.now())
    keep_bytes = None if keep is None else upkeep.parse_size(keep)
    stored = list(listing.list_sessions())
    planned = upkeep.select_sessions_to_delete(stored, before=before, keep_bytes=keep_bytes, videos=videos)
    if not planned:
        echo(Message("nothing to delete: {text} in all", text=_total_words(stored)))
        return 0
    freed = sum((listed.video_bytes or 0) if videos else listed.size_bytes for listed in planned)
    videos_of = (
        f"{listed.name}: {translate(join_texts(', ', 'video', _size_words(listed.video_bytes or 0)))}"
        for listed in planned
    )
    going = list(videos_of if videos else map(session_line, planned))
    what = Message("{text} in all", text=_size_words(freed))
    if dry_run:
        echo("\n".join([*going, translate(Message("{text} would be deleted", text=what))]))
        return 0
    if not confirm_deletion([*going, translate(what)], yes):
        return 0
    folders = [Path(listed.folder) for listed in planned]
    away = upkeep.delete_video if videos else _deleting(folders, keep_reps, yes)
    return _each(folders, away, "video deleted" if videos else "deleted")


def _before(older_than: str, now: datetime) -> datetime:
    """Return the time before which sessions are older than an age. Raises ConfigError if the age is out of range."""
    try:
        return now - upkeep.parse_age(older_than)
    except OverflowError:  # The time would be before the year 1
        raise ConfigError(f"--older-than {older_than}: out of range. Choose a shorter time.") from None


def _each(folders: Sequence[Path], away: Callable[[Path], None], done: str) -> int:
    failed = 0
    for folder in folders:
        try:
            away(folder)
        except LivecoachError as err:
            say(str(err))
            failed += 1
        else:
            echo(f"{folder.name}: {translate(done)}")
    return 1 if failed else 0


def sessions_document(sessions: Sequence[ListedSession]) -> SessionsDocument:
    return SessionsDocument(sessions=tuple(sessions), size_bytes=sum(session.size_bytes for session in sessions))


def session_line(session: ListedSession) -> str:
    """Describe a session in a line, such as "2026-03-01_18-30-00-squat: anna, 5 reps: 3 good, 2 to check, 12.4 MB"."""
    facts: list[str] = [] if session.problem is None else [session.problem]
    if session.exercise is not None and session.exercises != (session.exercise,):  # The session's name says less
        facts.append(join_exercises(session.exercises))
    facts += [Message("{name}", name=profile) for profile in session.profiles if profile]
    if session.reps is not None:
        facts.append(join_texts(": ", words_of.reps(session.reps.reps), words_of.form_count_words(session.reps)))
    if session.duration_s is not None:
        facts.append(_duration_words(session.duration_s))
    facts.append(_size_words(session.size_bytes))
    slow_words = "too few pictures at times"
    if session.slow:
        slow_words = Message("too few pictures for {n} s", n=f"{total_duration_s(session.slow):.0f}")
    notes = {
        "recording now": session.recording,
        "cut off": session.cut_off,
        slow_words: session.too_slow,
        session.stopped or "": session.stopped,
        "video": session.video_bytes,
    }
    return f"{session.name}: {translate(join_texts(', ', *facts, *(name for name, is_so in notes.items() if is_so)))}"


def _total_words(sessions: Sequence[ListedSession]) -> str:
    return join_texts(", ", words_of.sessions(len(sessions)), _size_words(sum(s.size_bytes for s in sessions)))


def _size_words(size_bytes: int) -> Message:
    number, unit = decimal(size_bytes).split()
    return Message(f"{{n}} {unit}", n=number)


def join_exercises(names: Sequence[str]) -> str:
    """Return the names of exercises as a text, such as "squat, romanian deadlift"; "no exercise" without names."""
    return join_texts(", ", *map(in_words, names)) or "no exercise"


def _duration_words(seconds: float) -> str:
    """Return "22.8 s" below a minute, otherwise a clock time such as "12:05" or "1:02:05"."""
    return Message("{n} s", n=f"{seconds:.1f}") if seconds < 60 else format_duration(round(seconds))


def session_detail_lines(shown: ShownSession) -> Iterator[str]:
    """Yield lines that describe a session: its facts, its sets with the faults to fix, speeds, damage and size."""
    started = translate(f"{datetime.fromisoformat(shown.about.started):%Y-%m-%d %H:%M}")
    lifters = [known.profile for known in shown.lifters] or [shown.about.profile]
    who, exercises = ", ".join(filter(None, lifters)), translate(join_exercises(shown.exercises))
    facts = [exercises, who, started, translate(_length(shown)), shown.about.source.name]
    yield shown.name
    yield " · ".join(filter(None, facts))
    reps = [event.rep for event in shown.reps]
    slow = slowness_message(shown.slow, shown.duration_s, reps)
    if slow is not None:
        yield translate(slow)
    several = shown.lifters if len(shown.lifters) > 1 else ()
    names = {number: lifter_name(known.profile) for known in several for number in known.sets}
    yield from summarise_sets(reps, names) if reps else [translate("no reps")]
    named = {rep.set: rep.lifter_set_number for rep in reps}
    for entry in shown.logs:
        of_set = join_texts(" · ", Message("set {n}", n=named.get(entry.set, entry.set)), names.get(entry.set, ""))
        yield translate(join_texts(": ", of_set, log_words(entry.log)))
    yield from estimate_notes(reps)  # without the command for a height, which may be known by now
    for line in shown.damage:
        yield translate(Message("damage: {text}", text=line))
    yield f"{shown.folder}: {translate(_size_words(sum(file.size_bytes for file in shown.files)))}"
    yield translate(Message("`livecoach report {name} --open` shows more.", name=shown.name))


def _length(shown: ShownSession) -> str:
    end = shown.about.end
    is_early = not shown.recording and (end is None or end.early)
    note = "recording now" if shown.recording else "then cut off" if is_early else ""
    return join_texts(", ", _duration_words(shown.duration_s), note)
