"""The profile of a run, and the commands that list and delete profiles."""

import re

import click

from livecoach.cli.options import ExerciseParam, complete_profile, say
from livecoach.cli.output import agreed_to_delete, echo, number_of
from livecoach.config.exercise import called
from livecoach.config.yaml_files import did_you_mean
from livecoach.errors import ConfigError
from livecoach.profile import Profile, profile_names

NONE_YET = "`livecoach live` makes one."


def open_profile(name: str) -> Profile:
    """The profile of that name, which need not exist. Reports a new one."""
    profile = Profile(name, say)
    if profile.is_new:
        say(f"profile {name}: new")
    return profile


def whose_line(profile: Profile, *, learns: bool) -> str:
    """The line that says whose reps those of a live run are. learns: whether the profile stores any."""
    about = [*(["new"] if profile.is_new else []), *([] if learns else ["it learns nothing from this run"])]
    return f"profile {profile.name}{': ' if about else ''}{', '.join(about)}"


def existing(name: str) -> Profile:
    """The profile of that name. Raises ConfigError if it does not exist."""
    profile = Profile(name, say)
    if profile.is_new:
        names = profile_names()
        raise ConfigError(f"profile {name}: does not exist. {did_you_mean(name, names) if names else NONE_YET}")
    return profile


@click.group(invoke_without_command=True)
@click.pass_context
def profiles(context: click.Context) -> None:
    """List and delete the stored good reps of lifters.

    Profiles are in the user's data folder, as landmarks without pictures, and only their owner can read them. A set
    adds its good reps by itself; `livecoach sessions correct` adds a rep or removes it.
    """
    if context.invoked_subcommand is None:
        _list()


@profiles.command("list")
def list_profiles() -> None:
    """List the profiles, with a line for each exercise.

    Example: livecoach config profiles list
    """
    _list()


def _list() -> None:
    lines = []
    for name in profile_names():
        profile = Profile(name, say)
        for exercise in profile.exercises():
            reps = profile.entries(exercise)
            lines.append(f"{name}: {exercise}, {number_of(len(reps), 'rep')}, the last on {reps[-1].header.day}")
    echo("\n".join(lines) or f"no profiles yet: {NONE_YET}")


@profiles.command("forget")
@click.argument("profile", metavar="P[:E]", shell_complete=complete_profile)
@click.option("--exercise", metavar="E", type=ExerciseParam(), help="Delete the reps of this exercise only.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(profile: str, exercise: str | None, yes: bool) -> None:
    """Delete the reps of a profile, for good.

    Sessions contain copies of the reps that judged them: `livecoach sessions delete` deletes those.

    Example: livecoach config profiles forget anna:squat
    """
    name, exercise = _target(profile, exercise)
    stored = existing(name)
    if exercise is not None and exercise not in stored.exercises():
        there = ", ".join(stored.exercises()) or "none"
        raise ConfigError(f"profile {name}: no reps of {exercise!r}. It has: {there}.")
    what = f"profile {name}" + ("" if exercise is None else f", {exercise}")
    if agreed_to_delete([what], yes):
        echo(f"{what}: {number_of(stored.forget(exercise), 'rep')} deleted")


def _target(text: str, exercise: str | None) -> tuple[str, str | None]:
    """The profile and the exercise that "anna" or "anna:squat" names. Raises ConfigError."""
    parts = re.fullmatch(r"([^:]*)(?::([^:/]+))?", text)
    if parts is None:
        raise ConfigError(
            f"'{text}': names no exercise of a profile. Write anna:squat, or anna for all. "
            "`livecoach sessions correct` removes a single rep."
        )
    named = parts[2] and called(parts[2])
    if named is not None and exercise not in {None, named}:
        raise ConfigError(f"'{text}' names another exercise than --exercise {exercise}. Leave one out.")
    return parts[1], named or exercise
