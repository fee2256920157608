"""The commands that delete sessions: delete, prune."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import click

from livecoach.cli.options import say
from livecoach.cli.output import echo
from livecoach.errors import ConfigError, LivecoachError

YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command("delete")
@click.argument("sessions", metavar="SESSION...", nargs=-1, required=True)
@YES
def delete(sessions: tuple[str, ...], yes: bool) -> int:
    """Delete sessions, for good. What a profile has learned from them stays.

    Example: livecoach sessions delete 2026-03-01_18-30-00-squat
    """
    from livecoach.cli.sessions_table import session_line
    from livecoach.session import deleting
    from livecoach.session.listing import session_entry
    from livecoach.session.stored import find_session

    folders = list(dict.fromkeys(find_session(name).absolute() for name in sessions))
    for folder in folders:
        deleting.check_deletable(folder)
    going = [session_line(session_entry(folder)) for folder in folders]
    if not _agreed("Delete", going, yes):
        return 0
    return _each(folders, deleting.delete_session, "deleted")


@click.command("prune")
@click.option("--older-than", metavar="AGE", help="Delete sessions older than this: 90d, 12w, 6m or 1y.")
@click.option("--keep", metavar="SIZE", help="Delete the oldest until at most this much is left: 5GB, 500MB.")
@click.option("--videos", is_flag=True, help="Delete only their videos; reps and landmarks stay.")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted, and delete nothing.")
@YES
def prune(older_than: str | None, keep: str | None, videos: bool, dry_run: bool, yes: bool) -> int:
    """Delete the oldest sessions, or their videos.

    Choose by age, by total size, or both. A session that is being recorded, or whose age is unknown, is never deleted.

    Example: livecoach sessions prune --older-than 90d --videos --dry-run
    """
    from livecoach.cli.sessions_table import format_bytes, session_line, total
    from livecoach.session import deleting
    from livecoach.session.listing import all_sessions

    if older_than is None and keep is None:
        raise click.UsageError("choose what to delete with --older-than, --keep, or both.")
    before = None if older_than is None else _before(older_than, datetime.now().astimezone())
    keep_bytes = None if keep is None else deleting.parse_size(keep)
    found = list(all_sessions())
    planned = deleting.plan_pruning(found, before=before, keep_bytes=keep_bytes, videos=videos)
    if not planned:
        echo(f"nothing to delete: {total(found)} in all")
        return 0
    freed = sum((one.video_bytes or 0) if videos else one.size_bytes for one in planned)
    going = [session_line(one, video=videos) for one in planned]
    what = f"{format_bytes(freed)} in all"
    if dry_run:
        echo("\n".join([*going, f"{what} would be deleted"]))
        return 0
    if not _agreed("Delete", [*going, what], yes):
        return 0
    away = deleting.delete_video if videos else deleting.delete_session
    return _each([one.folder for one in planned], away, "video deleted" if videos else "deleted")


def _before(older_than: str, now: datetime) -> datetime:
    """Return the time before which sessions began that are older than an age. Raises ConfigError."""
    from livecoach.session.deleting import parse_age

    try:
        return now - parse_age(older_than)
    except OverflowError:  # before the first year
        raise ConfigError(f"--older-than {older_than}: out of range. Choose a shorter time.") from None


def _agreed(verb: str, going: Sequence[str], yes: bool) -> bool:
    """Show what would be deleted, and return whether the user agrees. Raises ConfigError where nobody can be asked."""
    if yes:
        return True
    for line in going:
        echo(line, err=True)
    if not sys.stdin.isatty():
        raise ConfigError("nothing was deleted. Not a terminal: pass --yes.")
    if click.confirm(f"{verb} {'it' if len(going) == 1 else 'them'} for good?", err=True):
        return True
    echo("nothing was deleted")
    return False


def _each(folders: Sequence[Path], away: Callable[[Path], None], done: str) -> int:
    """Delete each folder. A failure is reported and does not stop the rest."""
    failed = 0
    for folder in folders:
        try:
            away(folder)
        except LivecoachError as err:
            say(str(err))
            failed += 1
        else:
            echo(f"{folder.name}: {done}")
    return 1 if failed else 0


COMMANDS = (delete, prune)
