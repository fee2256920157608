"""The commands that manage recorded sessions: list, show, and those of two other modules."""

from typing import TYPE_CHECKING

import click

from livecoach.cli import options, sessions_delete, sessions_transfer
from livecoach.cli.help import complete_exercise, complete_profile
from livecoach.cli.output import echo, json_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livecoach.session.listing import SessionEntry

JSON = click.option("--json", "json_file", metavar="FILE", help="Write JSON; - for standard output.")


@click.group(invoke_without_command=True)
@click.pass_context
def sessions(context: click.Context) -> None:
    """List, show, export, import and delete recorded sessions.

    Sessions lie in the user's data folder, and only their owner can read them. Name a session by its name, the
    beginning of it, its folder, or "last".
    """
    if context.invoked_subcommand is None:
        _list(None, None, None)


@sessions.command("list")
@click.option("--exercise", metavar="E", shell_complete=complete_exercise, help="Only sessions of this exercise.")
@click.option("--profile", metavar="P", shell_complete=complete_profile, help="Only sessions of this lifter.")
@JSON
def list_sessions(exercise: str | None, profile: str | None, json_file: str | None) -> None:
    """List the sessions, newest last.

    Example: livecoach sessions list --exercise squat
    """
    _list(exercise, profile, json_file)


@sessions.command("show")
@click.argument("session", metavar="SESSION")
@JSON
def show(session: str, json_file: str | None) -> None:
    """Show one session completely.

    Shows its reps and sets, cues, files, and any damage.

    Example: livecoach sessions show last
    """
    from livecoach import documents
    from livecoach.cli.sessions_show import print_session
    from livecoach.session.listing import read_overview
    from livecoach.session.stored import find_session

    found = read_overview(find_session(session))
    if json_file is None:
        options.settings()  # whose units are shown
        print_session(found)
    else:
        json_output(documents.to_json(found), json_file)


for command in (*sessions_transfer.COMMANDS, *sessions_delete.COMMANDS):
    sessions.add_command(command)


def _list(exercise: str | None, profile: str | None, json_file: str | None) -> None:
    from livecoach import documents
    from livecoach.cli import sessions_table
    from livecoach.session.listing import all_sessions

    everything = list(all_sessions())
    found = [one for one in everything if _is_of(one, exercise, profile)]
    if json_file is not None:
        json_output(documents.to_json(sessions_table.sessions_document(found)), json_file)
    elif found:
        sessions_table.print_list(found)
    else:
        echo(_none(everything, exercise, profile))


def _is_of(one: "SessionEntry", exercise: str | None, profile: str | None) -> bool:
    """Return whether a session passes the filter. One that can't be read passes only without a filter."""
    about = one.about
    if about is None:
        return exercise is None and profile is None
    return (exercise is None or exercise in one.exercises) and profile in {None, about.profile}


def _none(everything: "Sequence[SessionEntry]", exercise: str | None, profile: str | None) -> str:
    if not everything:
        return "no sessions yet: `livecoach live` records one."
    wanted = [text for text in (exercise, profile and f"profile {profile}") if text]
    known = {what for one in everything if one.about for what in (*one.exercises, one.about.profile) if what}
    return f"no session of {', '.join(wanted)}. There are sessions of: {', '.join(sorted(known))}."
