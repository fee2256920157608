"""The commands that list, show and change profiles; and the origin of a profile's reps."""

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.options import ExerciseParam, complete_profile, say, settings
from livecoach.cli.output import echo, number_of
from livecoach.config.exercise import called
from livecoach.config.local_time import local
from livecoach.config.wording import did_you_mean
from livecoach.errors import ConfigError
from livecoach.loads import load_words
from livecoach.profile import KeptRepFile, Profile, by_view, profile_names
from livecoach.profile.rep_file import RepHeader
from livecoach.session.listing import all_sessions
from livecoach.session.stored import Session, open_session
from livecoach.types import SetLog
from livecoach.types.callbacks import ignore

if TYPE_CHECKING:
    from rich.table import Table

NONE_YET = "`livecoach live` and `livecoach lab calibrate` make one."


def open_profile(name: str) -> Profile:
    """Return the profile of that name, which need not exist. Reports a new one."""
    profile = Profile(name, say)
    if profile.is_new:
        say(f"profile {name}: new")
    return profile


def whose_line(profile: Profile, *, learns: bool) -> str:
    """Return the line that says whose reps those of a live run are. learns: whether the profile stores any."""
    about = [*(["new"] if profile.is_new else []), *([] if learns else ["it learns nothing from this run"])]
    return f"profile {profile.name}{': ' if about else ''}{', '.join(about)}"


def existing(name: str) -> Profile:
    """Return the profile of that name. Raises ConfigError if it does not exist."""
    profile = Profile(name, say)
    if profile.is_new:
        names = profile_names()
        raise ConfigError(f"profile {name}: does not exist. {did_you_mean(name, names) if names else NONE_YET}")
    return profile


@click.group(invoke_without_command=True)
@click.pass_context
def profiles(context: click.Context) -> None:
    """List, show and change the stored good reps of lifters.

    Profiles are in the user's data folder, as landmarks without pictures, and only their owner can read them.
    """
    if context.invoked_subcommand is None:
        _list()


@profiles.command("list")
def list_profiles() -> None:
    """List the profiles, with a line for each exercise and view.

    Example: livecoach config profiles list
    """
    _list()


@profiles.command("show")
@click.argument("profile", metavar="P", shell_complete=complete_profile)
def show(profile: str) -> None:
    """Show each rep that a profile holds, newest first.

    `livecoach config profiles forget anna:squat/3` removes squat number 3.

    Example: livecoach config profiles show anna
    """
    stored, origins, units = existing(profile), RepOrigins(), settings().units
    exercises = stored.exercises()
    for exercise in exercises:
        entries = stored.entries(exercise)
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
@click.option("--exercise", metavar="E", type=ExerciseParam(), help="Delete the reps of this exercise only.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(profile: str, exercise: str | None, yes: bool) -> None:
    """Delete the reps of a profile, for good, or remove one rep.

    anna:squat/3 is rep squat/3 of profile anna, as `livecoach config profiles show anna` numbers it; `livecoach config
    profiles undo anna` brings a single rep back. Sessions contain copies of the reps that judged them: `livecoach
    sessions delete` deletes those.

    Example: livecoach config profiles forget anna:squat/3
    """
    target = _parse_target(profile, exercise)
    stored = existing(target.profile)
    if target.exercise is not None and target.exercise not in stored.exercises():
        there = ", ".join(stored.exercises()) or "none"
        raise ConfigError(f"profile {target.profile}: no reps of {target.exercise!r}. It has: {there}.")
    if target.number is not None and target.exercise is not None:
        _forget_one(stored, target.exercise, target.number, yes=yes)
        return
    what = f"profile {target.profile}" + ("" if target.exercise is None else f", {target.exercise}")
    if yes or _agreed(f"Delete {what}?", f"{what}: nothing was deleted"):
        count = stored.forget(target.exercise)
        echo(f"{what}: {number_of(count, 'rep')} deleted")


@profiles.command("undo")
@click.argument("profile", metavar="P", shell_complete=complete_profile)
def undo(profile: str) -> None:
    """Take back the last calibration or removal of a profile.

    The reps that it replaced or removed come back. Reps that were learned since then stay. Call it again to take back
    the change before that; the last ten can be taken back.

    Example: livecoach config profiles undo anna
    """
    done = existing(profile).undo()
    if done is None:
        raise ConfigError(
            f"profile {profile}: there is nothing to undo. Only `calibrate` and `forget P:E/N` can be undone."
        )
    change = done.change
    what = "calibration" if change.what == "calibrate" else "removal"
    removed = f", {number_of(done.removed, 'rep')} removed" if done.removed else ""
    when = f"{local(change.changed_utc):%Y-%m-%d %H:%M}"
    restored = number_of(done.restored, "rep")
    echo(f"profile {profile}, {change.exercise}: {what} of {when} undone: {restored} back{removed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """The part of a profile to forget."""

    profile: str
    exercise: str | None
    """None for all of them."""
    number: int | None
    """Number of one rep, from 1; None for all of them."""


def _parse_target(text: str, exercise: str | None) -> _Target:
    """Parse "anna", "anna:squat" or "anna:squat/3". Raises ConfigError for anything else."""
    parts = re.fullmatch(r"([^:]*)(?::([^:/]+)(?:/([0-9]{1,9}))?)?", text, re.ASCII)
    if parts is None:
        raise ConfigError(
            f"'{text}': doesn't name a rep. Write anna:squat/3, as `livecoach config profiles show anna` lists it."
        )
    named = parts[2] and called(parts[2])
    if named is not None and exercise not in {None, named}:
        raise ConfigError(f"'{text}' names another exercise than --exercise {exercise}. Leave one out.")
    number = None if parts[3] is None else int(parts[3])
    return _Target(profile=parts[1], exercise=named or exercise, number=number)


def _forget_one(profile: Profile, exercise: str, number: int, *, yes: bool) -> None:
    entries = profile.entries(exercise)
    if not 1 <= number <= len(entries):
        raise ConfigError(
            f"profile {profile.name}: there is no rep {exercise}/{number}; the last is {exercise}/{len(entries)}."
        )
    entry = entries[number - 1]
    what = f"profile {profile.name}, {exercise}/{number} ({RepOrigins().of(entry).name})"
    if yes or _agreed(f"Remove {what}?", f"{what}: nothing was removed"):
        profile.forget_one(exercise, entry)
        echo(f"{what}: removed. `livecoach config profiles undo {shlex.quote(profile.name)}` brings it back.")


def _agreed(question: str, otherwise: str) -> bool:
    """Ask, and report a no. Raises ConfigError if nobody can answer."""
    if not sys.stdin.isatty():
        raise ConfigError(f"{otherwise}. Not a terminal: pass --yes.")
    agreed = click.confirm(question, err=True)
    if not agreed:
        echo("nothing was deleted")
    return agreed


def _list() -> None:
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


def _view_row(entries: Sequence[KeptRepFile]) -> tuple[str, ...]:
    newest = entries[-1].header
    view = f"{newest.view.name}, {newest.view.azimuth_deg:.0f}°"
    calibrated = sum(entry.header.calibrated for entry in entries)
    return view, str(len(entries)), str(calibrated) if calibrated else "–", newest.day


def _table(*columns: str) -> "Table":
    from rich.table import Table  # a live run needs none

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    right = {"reps", "calibrated", "#", "load", "view"}
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=name == "rep")
    return table


def _print(table: "Table") -> None:
    from rich.console import Console

    Console(highlight=False).print(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepOrigin:
    """The origin of a stored rep, in words."""

    name: str
    """SESSION:SET/REP, or as much of it as is known."""
    verdict: str
    """What it counts as in its session; "–" if the session is gone."""
    load_kg: float | None = None
    """Load of its set; None if unknown."""


class RepOrigins:
    """Looks up the origins of reps. Each session is read once."""

    def __init__(self) -> None:
        self._open: dict[Path, Session] = {}

    @cached_property
    def _folders(self) -> dict[str, Path]:
        """Identifier of a session → its folder."""
        return {one.about.session: one.folder for one in all_sessions() if one.about is not None}

    def of(self, entry: KeptRepFile) -> RepOrigin:
        """Return the origin of a rep."""
        folder = self._folders.get(entry.header.session)
        if folder is None:
            return RepOrigin(name=_without_session(entry), verdict="–")
        if folder not in self._open:
            self._open[folder] = open_session(folder, ignore)
        session = self._open[folder]
        start_s, end_s = entry.header.start_s, entry.header.end_s
        rep = next((one.rep for one in session.corrected_reps if start_s <= one.rep.turn_s <= end_s), None)
        if rep is None:
            return RepOrigin(name=_without_session(entry), verdict="–")
        verdict = rep.standing_verdict if rep.correction is None else f"{rep.verdict}, you said {rep.correction.words}"
        log = session.set_logs.get(rep.place[0], SetLog())
        return RepOrigin(name=f"{folder.name}:{rep.name}", verdict=verdict, load_kg=log.load_kg)


def reference_steps(profile: str | None, exercise: str) -> Iterator[str]:
    """Yield the history of a reference, a line for each step: "2026-11-13, squat.mp4: 5 reps learned"."""
    stored = Profile(profile, say) if profile in profile_names() else None
    entries = stored.entries(exercise) if stored is not None and exercise in stored.exercises() else ()
    of_step = groupby((entry.header for entry in entries), lambda one: (one.day, _session_name(one), one.origin))
    for (day, session, origin), reps in of_step:
        yield f"{day}, {session}: {number_of(len(list(reps)), 'rep')} {origin}"


def _session_name(header: RepHeader) -> str:
    """Return the name of a session; for a file, without its digest."""
    return header.session if header.session.endswith("Z") else header.session.rpartition(":")[0] or header.session


def _without_session(entry: KeptRepFile) -> str:
    """Return the name of a rep whose session is gone, or that comes from a file."""
    header = entry.header
    of_set = header.set_name.removeprefix(f"{header.session} ")
    name = _session_name(header)
    return f"{name}:{of_set}/{header.number}" if header.number is not None else f"{name}, set {of_set}"
