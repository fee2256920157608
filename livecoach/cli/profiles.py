"""The commands that list, show and delete profiles, and how other commands open one."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from livecoach.cli.help import complete_exercise, complete_profile
from livecoach.cli.options import say, settings
from livecoach.cli.output import echo
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
    """List, show and change the stored good reps of lifters.

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
@click.argument("profile", metavar="P", shell_complete=complete_profile)
def show(profile: str) -> None:
    """Show each rep that a profile holds, newest first.

    `livecoach profiles forget anna:squat/3` removes squat number 3.

    Example: livecoach profiles show anna
    """
    from livecoach.cli.kept_reps import RepOrigins
    from livecoach.loads import load_words

    found, origins, units = existing(profile), RepOrigins(), settings().units
    exercises = found.exercises()
    for exercise in exercises:
        entries = found.entries(exercise)
        rows = [(number, entry.header, origins.of(entry)) for number, entry in enumerate(entries, 1)]
        loaded = any(origin.load_kg is not None for _, _, origin in rows)
        table = _table("#", "rep", *(["load"] if loaded else []), "verdict", "view", "origin", "stored")
        for number, rep, origin in reversed(rows):
            load = "–" if origin.load_kg is None else load_words(origin.load_kg, units)
            view = f"{rep.view.azimuth_deg:.0f}°"
            table.add_row(
                str(number), origin.name, *([load] if loaded else []), origin.verdict, view, rep.origin, rep.day
            )
        echo(exercise)
        _print(table)
    if not exercises:
        echo(f"profile {profile}: no reps")


@profiles.command("forget")
@click.argument("profile", metavar="P[:E[/N]]", shell_complete=complete_profile)
@click.option(
    "--exercise", metavar="E", shell_complete=complete_exercise, help="Delete the reps of this exercise only."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(profile: str, exercise: str | None, yes: bool) -> None:
    """Delete the reps of a profile, for good, or remove one rep.

    anna:squat/3 is rep squat/3 of profile anna, as `livecoach profiles show anna` numbers it; `livecoach profiles undo
    anna` brings a single rep back. Sessions contain copies of the reps that judged them: `livecoach sessions delete`
    deletes those.

    Example: livecoach profiles forget anna:squat/3
    """
    target = _parse_target(profile, exercise)
    found = existing(target.profile)
    if target.exercise is not None and target.exercise not in found.exercises():
        there = ", ".join(found.exercises()) or "none"
        raise ConfigError(f"profile {target.profile}: no reps of {target.exercise!r}. It has: {there}.")
    if target.number is not None and target.exercise is not None:
        _forget_one(found, target.exercise, target.number, yes=yes)
        return
    what = f"profile {target.profile}" + ("" if target.exercise is None else f", {target.exercise}")
    if yes or _agreed(f"Delete {what}?", f"{what}: nothing was deleted"):
        count = found.forget(target.exercise)
        echo(f"{what}: {count} rep{'' if count == 1 else 's'} deleted")


@profiles.command("undo")
@click.argument("profile", metavar="P", shell_complete=complete_profile)
def undo(profile: str) -> None:
    """Take back the last calibration or removal of a profile.

    The reps that it replaced or removed are back. Reps that were learned since then stay. Call it again to take back
    the change before that; the last ten can be taken back.

    Example: livecoach profiles undo anna
    """
    done = existing(profile).undo()
    if done is None:
        raise ConfigError(
            f"profile {profile}: there is nothing to undo. Only `calibrate` and `forget P:E/N` can be undone."
        )
    change = done.change
    what = "calibration" if change.what == "calibrate" else "removal"
    removed = f", {_reps(done.removed)} removed" if done.removed else ""
    when = f"{change.changed_utc.astimezone():%Y-%m-%d %H:%M}"
    echo(f"profile {profile}, {change.exercise}: {what} of {when} undone: {_reps(done.restored)} back{removed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What of a profile is to be forgotten."""

    profile: str
    exercise: str | None
    """None for all of them."""
    number: int | None
    """Number of one rep, from 1; None for all of them."""


def _parse_target(text: str, exercise: str | None) -> _Target:
    """Return what "anna", "anna:squat" or "anna:squat/3" names. Raises ConfigError where it names nothing."""
    found = re.fullmatch(r"([^:]*)(?::([^:/]+)(?:/([0-9]{1,9}))?)?", text, re.ASCII)
    if found is None:
        raise ConfigError(
            f"'{text}': doesn't name a rep. Write anna:squat/3, as `livecoach profiles show anna` lists it."
        )
    if found[2] is not None and exercise not in {None, found[2]}:
        raise ConfigError(f"'{text}' names another exercise than --exercise {exercise}. Leave one out.")
    number = None if found[3] is None else int(found[3])
    return _Target(profile=found[1], exercise=found[2] or exercise, number=number)


def _forget_one(profile: "Profile", exercise: str, number: int, *, yes: bool) -> None:
    from livecoach.cli.kept_reps import RepOrigins

    entries = profile.entries(exercise)
    if not 1 <= number <= len(entries):
        raise ConfigError(
            f"profile {profile.name}: there is no rep {exercise}/{number}; the last is {exercise}/{len(entries)}."
        )
    entry = entries[number - 1]
    what = f"profile {profile.name}, {exercise}/{number} ({RepOrigins().of(entry).name})"
    if yes or _agreed(f"Remove {what}?", f"{what}: nothing was removed"):
        profile.forget_one(exercise, entry)
        echo(f"{what}: removed. `livecoach profiles undo {profile.name}` brings it back.")


def _agreed(question: str, otherwise: str) -> bool:
    """Ask, and report where the answer is no. Raises ConfigError where nobody can answer."""
    if not sys.stdin.isatty():
        raise ConfigError(f"{otherwise}. Not a terminal: pass --yes.")
    agreed = click.confirm(question, err=True)
    if not agreed:
        echo("nothing was deleted")
    return agreed


def _reps(count: int) -> str:
    return f"{count} rep{'' if count == 1 else 's'}"


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
        echo(f"no profiles yet: {NONE_YET}")


def _view_row(entries: "Sequence[KeptRepFile]") -> tuple[str, ...]:
    newest = entries[-1].header
    view = f"{newest.view.name}, {newest.view.azimuth_deg:.0f}°"
    calibrated = sum(entry.header.calibrated for entry in entries)
    return view, str(len(entries)), str(calibrated) if calibrated else "–", newest.day


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    right = {"reps", "calibrated", "#", "load", "view"}
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=name == "rep")
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    Console(highlight=False).print(table)
