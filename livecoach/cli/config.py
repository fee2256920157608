"""The commands about settings: config, config profiles and exercises."""

import textwrap
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import click
from rich.console import Console
from rich.table import Table

from livecoach.cli import options
from livecoach.cli.arguments import open_sessions
from livecoach.cli.options import ExerciseParam, OrderedGroup, ProfileParam, option_errors
from livecoach.cli.output import confirm_deletion, echo
from livecoach.core.config import exercise, load_settings, save_settings
from livecoach.core.config.paths import models_dir, quote_shell_word, user_config_file
from livecoach.core.config.settings import all_settings, find_setting, read_height_cm, setting_schemas, yaml_text
from livecoach.core.config.yaml_files import did_you_mean, single_line
from livecoach.core.errors import ConfigError
from livecoach.core.language import translate
from livecoach.core.types.message import Message, in_words, join_texts
from livecoach.decisions.rep.measures import load_faults
from livecoach.pages.history import history_words
from livecoach.pages.history.session_index import list_session_lifters
from livecoach.pages.report import known as known_words
from livecoach.pages.tools.settings_page import change_height, change_setting, describe_allowed_values, shown_value
from livecoach.records.knowledge import LifterReferences, group_by_view_and_set
from livecoach.records.profile import Profile, list_profile_names
from livecoach.records.rejudging import rejudge_profile
from livecoach.records.session.amending import remove_profile, rename_profile
from livecoach.records.session.opening import find_reps, find_session, open_session
from livecoach.records.session.rep_choice import parse_rep_address
from livecoach.run.process import say

WIDTH = 80  # Width of descriptions, in characters
INDENT = "    "
FAULT_ORDER = (
    "In a rep, livecoach corrects the fault that is farthest past its limit; in a set, the fault that comes first in "
    "most reps.",
    "Of faults that are equal in a set, it corrects the fault that stands first here.",
)


@click.group(cls=OrderedGroup)
def config() -> None:
    """Show and change settings and profiles.

    Settings that you change are kept in your own settings.yaml, which a new version leaves alone. An option on the
    command line overrides the file.
    """
    options.use_language()


@config.command("list")
def list_settings() -> None:
    """List every setting: its value, its meaning and its range.

    Example: livecoach config list
    """
    described = setting_schemas()
    for key, stored in all_settings().items():
        own = f"   ({translate('set by you')})" if stored.is_own else ""
        allowed, default = describe_allowed_values(described[key]), yaml_text(stored.default)
        echo(f"{key}: {shown_value(stored)}{own}")
        click.echo(_indented(translate(" ".join(described[key]["description"].split()))))
        click.echo(_indented(translate(Message("Takes {text}; default {name}.", text=allowed, name=default))))
    place = user_config_file()
    new = "" if place.exists() else f" ({translate('not there yet; `livecoach config set` makes it')})"
    echo(f"\n{translate(Message('Your file: {name}', name=str(place)))}{new}")


@config.command("get")
@click.argument("key")
def get_setting(key: str) -> None:
    """Print the value of one setting.

    Example: livecoach config get sound.volume
    """
    echo(shown_value(find_setting(key)))


@config.command("set")
@click.argument("key")
@click.argument("value")
@options.profile_option("Profile that gets the height; by default your own.")
def set_setting(key: str, value: str, profile: str | None) -> None:
    """Change one setting in your settings file.

    The comments and the order of the file are kept. `livecoach config list` shows all keys. height_cm is the height of
    the lifter whom the setting `profile` names, unless --profile names another.

    Example: livecoach config set height_cm 180
    """
    before = find_setting(key)
    if profile is not None and key != "height_cm":
        raise click.UsageError("--profile is for height_cm alone: the other settings hold for all.")
    if profile is not None:
        was_cm, now_cm = change_height(profile, value)
        changed = Message("{name} (was {name2})", name=yaml_text(now_cm), name2=yaml_text(was_cm))
        echo(f"{translate(Message('{name} of profile {name2}', name=key, name2=profile))}: {translate(changed)}")
        return
    change_setting(key, value, say)
    changed = Message("{name} (was {name2})", name=shown_value(find_setting(key)), name2=shown_value(before))
    echo(f"{key}: {translate(changed)}")


@config.command()
def path() -> None:
    """Print where your settings file is.

    Example: livecoach config path
    """
    click.echo(user_config_file())


def _indented(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False)


@click.command()
@click.argument("name", required=False, metavar="[NAME]", type=ExerciseParam())
def exercises(name: str | None) -> None:
    """List the exercises, or the faults of an exercise.

    `livecoach sessions correct` takes a fault by its name in this list.

    Example: livecoach exercises squat
    """
    options.use_language()
    if name is None:
        known = ((known_name, exercise.load(known_name)) for known_name in exercise.names())
        begins = {"down": "at the bottom", "up": "at the top"}
        table = ((each, rules.title, begins[rules.reps.rest], _model_words(rules.model)) for each, rules in known)
        _print_table(("exercise", "title", "a rep begins", "model"), table)
        more = "`livecoach exercises NAME` lists the faults of an exercise. The models are in {name}."
        echo(Message(more, name=str(models_dir())))
        return
    rules, faults = exercise.load(name), load_faults(name).faults
    if not faults:
        echo(Message("{text}: no faults are named. A rep is judged by its score alone.", text=rules.title))
        return
    rows = ((fault, about.words, about.cue) for fault, about in faults.items())
    _print_table(("fault", "what happened", "what livecoach says"), rows)
    for text in FAULT_ORDER:
        echo(Message(text))
    hidden = join_texts(", ", *(about.words for about in faults.values() if about.hidden))
    if hidden:
        echo(Message("No camera position shows these yet: {text}.", text=hidden))


def _model_words(model: str) -> str:
    is_there = (models_dir() / model / "model.json").is_file()
    return Message("{name}" if is_there else "{name} (not trained yet)", name=model)


def _print_table(columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table in the language in use. The first column has names for commands, which are not translated."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(translate(column))
    for name, *about in rows:
        table.add_row(name, *map(translate, about))
    Console(highlight=False).print(table)


@config.group(invoke_without_command=True)
@click.pass_context
def profiles(context: click.Context) -> None:
    """List, show, rename, forget and remove the profiles of lifters.

    A profile holds a lifter's good reps, as landmarks without pictures. Profiles are in the user's data folder, and
    only their owner can read them. A set adds its good reps by itself; `livecoach sessions correct` adds a rep or
    removes it.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_profiles)


@profiles.command("list")
def list_profiles() -> None:
    """List the profiles with their good reps, a line for each exercise.

    Example: livecoach config profiles list
    """
    lines = list[str]()
    for name in _list_lifters():
        known = LifterReferences(Profile(name, say), say).find_latest_references()
        about = "{text}, {text2}, the last on {name}"
        own: list[str] = [
            Message(about, text=in_words(done), text2=history_words.reps(len(reps)), name=str(reps[-1].day))
            for done, reps in known
        ]
        lines += [f"{name}: {translate(line)}" for line in own or ["no good reps yet"]]
    echo("\n".join(lines) or translate("no profiles yet: `livecoach live` makes one."))


@profiles.command("show")
@click.argument("profile", type=ProfileParam())
def show_profile(profile: str) -> None:
    """Show the reps with which a lifter's later reps are compared.

    The list is by exercise and side, with the set and the day of each rep, and the reason for its choice.

    Example: livecoach config profiles show anna
    """
    stored = Profile(profile, say)
    knowledge = LifterReferences(stored, say)
    lines = []
    for done, known in knowledge.find_latest_references():
        for side_deg, sets in group_by_view_and_set(known):
            lines.append(translate(known_words.side_heading(exercise.load(done).title, side_deg, sets)))
            lines += [
                f"  {single_line(of_set.session)}:{translate(known_words.known_set_words(of_set, stored.name))}"
                for of_set in sets
            ]
    if not lines:
        _check_lifter(stored.name)
    echo("\n".join(lines) or translate(known_words.NOTHING))
    if (height_cm := read_height_cm(stored.name)) is not None:
        echo(Message("height: {text}", text=Message("{n} cm", n=f"{height_cm:g}")))
    if lines:
        how = "`livecoach config profiles forget {name} SESSION:SET` forgets a set."
        echo(Message(how, name=quote_shell_word(stored.name)))


@profiles.command("rename")
@click.argument("old", type=ProfileParam())
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Give a profile another name.

    Its good reps, its sets in all sessions, and your settings follow. A session without a set keeps the old name.

    Example: livecoach config profiles rename me anna
    """
    profile = Profile(old, say)
    _check_lifter(profile.name)
    sets, of = rename_profile(profile, new, list(open_sessions()))
    if (settings := load_settings({})).profile == profile.name:
        own = {} if settings.height_cm is None else {"height_cm": settings.height_cm}
        save_settings({"profile": Profile(new, say).name, **own})
    counts = {"text": history_words.sets(sets), "text2": history_words.sessions(of)}
    how = "profile {name}: is {name2} now, with {text} in {text2}"
    echo(Message(how, name=profile.name, name2=new, **counts))


@profiles.command("remove")
@click.argument("name", metavar="P", type=ProfileParam())
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Remove the profile of a lifter who has no sessions.

    The plan, the imported log, the height and the good reps of deleted sessions are deleted for good. No session is
    deleted. To remove a lifter who has sets in sessions, first delete the sessions or move the sets to another lifter.

    Example: livecoach config profiles remove anna
    """
    profile = Profile(name, say)
    _check_lifter(profile.name)
    what = Message("profile {name}, with its plan, imported log, height and kept reps", name=profile.name)
    if confirm_deletion([translate(what)], yes):
        remove_profile(profile, list_session_lifters())
        echo(Message("profile {name}: removed", name=profile.name))


@profiles.command("forget")
@click.argument("name", metavar="P", type=ProfileParam())
@click.argument("reps", metavar="[SESSION:SET/REP]", required=False)
@options.exercise_option("Forget the reps of this exercise only.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(name: str, reps: str | None, exercise: str | None, yes: bool) -> None:
    """Forget the good reps of a lifter, of an exercise or of a set.

    After that, no earlier session judges the lifter's later reps (with --exercise, later reps of that exercise). With
    SESSION:SET or SESSION:SET/REP, livecoach forgets only these reps. Forgotten reps are known again once somebody
    calls them good. The sessions themselves stay; `livecoach sessions delete` deletes them. If you name no exercise and
    no reps, the plan, the imported log and the height are deleted, too, for good.

    Example: livecoach config profiles forget anna --exercise squat
    """
    if reps is not None:
        _forget_reps(name, exercise, reps)
        return
    say_once = cache(say)
    stored = Profile(name, say_once)
    _check_lifter(stored.name)
    knowledge = LifterReferences(stored, say_once)
    known = {done: len(reps) for done, reps in knowledge.find_latest_references()}
    if exercise is not None and exercise not in known:
        raise ConfigError(f"profile {name}: no reps of {exercise!r}. It has: {', '.join(known) or 'none'}.")
    what = join_texts(", ", Message("profile {name}", name=name), in_words(exercise or ""))
    everything = Message("{text}, with its plan, imported log and height", text=what)
    if confirm_deletion([translate(everything if exercise is None else what)], yes):
        knowledge.forget_exercise(exercise)
        rejudge_profile(name, say_once)
        count = history_words.reps(sum(known.values()) if exercise is None else known[exercise])
        echo(join_texts(": ", what, Message("{text} forgotten", text=count)))


def _forget_reps(name: str, exercise: str | None, reps: str) -> None:
    with option_errors("SESSION:SET/REP"):
        session_name, wanted = parse_rep_address(reps)
    session = open_session(find_session(session_name), say)
    if session.is_shared and wanted.lifter is None:
        wanted = replace(wanted, lifter=name)
    numbers = {(event.rep.set_and_number, event.rep.exercise) for event in find_reps(session, (wanted,))}
    knowledge = LifterReferences(Profile(name, session.say), session.say)
    going = [
        rep
        for done, known in knowledge.find_latest_references()
        for rep in known
        if rep.session == session.name and ((rep.set, rep.number), done) in numbers and exercise in {None, done}
    ]
    if not going:
        shows = f"`livecoach config profiles show {quote_shell_word(name)}`"
        raise ConfigError(f"profile {name}: knows none of {reps}. {shows} lists them.")
    knowledge.forget_reps(going)
    rejudge_profile(name, session.say)
    forgotten = Message("{text} of {name} forgotten", text=history_words.reps(len(going)), name=reps)
    echo(join_texts(": ", Message("profile {name}", name=name), forgotten))


def _list_lifters() -> tuple[str, ...]:
    """Return the names of all profiles, and of the lifters of sessions, who have no profile after an import."""
    return list_profile_names(list_session_lifters())


def _check_lifter(name: str) -> None:
    """Raise ConfigError if nobody of this name has a profile or a session."""
    if name not in (names := _list_lifters()):
        known = did_you_mean(name, names) if names else "`livecoach live` makes one."
        raise ConfigError(f"profile {name}: does not exist. {known}")
