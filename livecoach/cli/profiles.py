"""The commands that list, show and delete profiles, and how other commands open one."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from livecoach.cli.options import say
from livecoach.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from livecoach.profile import KeptRepFile, Profile


def open_profile(name: str, *, named: bool) -> "Profile":
    """Return the profile of that name, which need not exist. Reports a new profile where the user named it."""
    from livecoach.profile import Profile

    profile = Profile(name, say)
    if named and profile.is_new:
        say(f"profile {name}: new")
    return profile


def existing(name: str) -> "Profile":
    """Return the profile of that name. Raises ConfigError where there is none."""
    from livecoach.config.wording import did_you_mean
    from livecoach.profile import Profile, profile_names

    profile = Profile(name, say)
    if profile.is_new:
        names = profile_names()
        raise ConfigError(f"profile {name}: does not exist. {did_you_mean(name, names) if names else NONE_YET}")
    return profile


NONE_YET = "`livecoach live` and `livecoach calibrate` make one."


@click.group(invoke_without_command=True)
@click.pass_context
def profiles(context: click.Context) -> None:
    """List, show and delete the stored good reps of each lifter.

    Profiles lie in the user's data folder, as landmarks without pictures, and only their owner can read them.
    """
    if context.invoked_subcommand is None:
        _list()


@profiles.command("list")
def list_profiles() -> None:
    """List the profiles, with a line for each exercise and view.

    Example: livecoach profiles list
    """
    _list()


@profiles.command("show")
@click.argument("profile", metavar="P")
def show(profile: str) -> None:
    """Show each rep that a profile holds, newest first.

    Example: livecoach profiles show anna
    """
    found = existing(profile)
    for exercise in found.exercises():
        table = _table("view", "set", "at s", "pose", "origin", "stored")
        for entry in reversed(found.entries(exercise)):
            rep = entry.header
            view = f"{rep.view.name}, {rep.view.azimuth_deg:.0f}°"
            origin = "calibrated" if rep.calibrated else "learned"
            table.add_row(view, rep.set_name, f"{rep.start_s:.1f}", rep.pose, origin, f"{rep.kept_utc:%Y-%m-%d}")
        click.echo(exercise)
        _print(table)


@profiles.command("forget")
@click.argument("profile", metavar="P")
@click.option("--exercise", metavar="E", help="Delete the reps of this exercise only.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(profile: str, exercise: str | None, yes: bool) -> None:
    """Delete the reps of a profile, for good.

    Sessions contain copies of the reps that judged them: `livecoach sessions delete` deletes those.

    Example: livecoach profiles forget anna --exercise squat
    """
    found = existing(profile)
    if exercise is not None and exercise not in found.exercises():
        raise ConfigError(f"profile {profile}: no reps of {exercise!r}. It has: {', '.join(found.exercises())}.")
    what = f"profile {profile}" if exercise is None else f"profile {profile}, {exercise}"
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError(f"{what}: nothing was deleted. Not a terminal: pass --yes.")
        if not click.confirm(f"Delete {what}?", err=True):
            click.echo("nothing was deleted")
            return
    count = found.forget(exercise)
    click.echo(f"{what}: {count} rep{'' if count == 1 else 's'} deleted")


COMMANDS = (profiles,)


def _list() -> None:
    from livecoach.profile import Profile, by_view, profile_names

    table = _table("profile", "exercise", "view", "reps", "calibrated", "last stored")
    for name in profile_names():
        profile = Profile(name, say)
        for exercise in profile.exercises():
            for entries in by_view(profile.entries(exercise)):
                table.add_row(name, exercise, *_view_row(entries))
    if table.row_count:
        _print(table)
    else:
        click.echo(f"no profiles yet: {NONE_YET}")


def _view_row(entries: "Sequence[KeptRepFile]") -> tuple[str, ...]:
    newest = entries[-1].header
    view = f"{newest.view.name}, {newest.view.azimuth_deg:.0f}°"
    calibrated = sum(entry.header.calibrated for entry in entries)
    return view, str(len(entries)), str(calibrated) if calibrated else "–", f"{newest.kept_utc:%Y-%m-%d}"


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name in {"reps", "calibrated", "at s"} else "left", overflow="fold")
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    Console(highlight=False).print(table)
