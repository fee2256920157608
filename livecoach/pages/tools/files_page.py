"""Imports files for `livecoach sessions` and for the page of files, and makes the page of files."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from livecoach.core.charts import load_template
from livecoach.core.config import load_settings
from livecoach.core.config.settings import adopt_settings, all_settings, read_height_cm
from livecoach.core.errors import ConfigError, LivecoachError
from livecoach.core.loads import UNIT, format_load, to_kg
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.message import Message, in_words, join_texts, quantity_words
from livecoach.pages import offered
from livecoach.pages.history.session_index import choose_page_lifter
from livecoach.pages.tools import TEMPLATES
from livecoach.pages.tools.settings_page import HEIGHT, change_height
from livecoach.records.earlier import EarlierSet, read_log, store_earlier_sets
from livecoach.records.profile import Profile
from livecoach.records.rejudging import rejudge_profile
from livecoach.records.session import layout
from livecoach.records.session.importing import import_profiles, import_session, open_import

UNITS = {name: units for units, name in UNIT.items()}
NO_UNIT = Message("states no unit of its loads. Choose kg or lb. Nothing was taken.")
UNREAD = "left out, because day, reps or load can't be read: line {text}"
LEFT_OUT = "left out, because livecoach did not export it: {name}. Further such files: {n}."
MOST_NAMED = 8  # Most exercises or lines that are named as left out; our choice
Line = Callable[[str], object]


def import_file(source: Path, profile: str, unit: str | None, say: Line, done: Line, ask: Callable[[str], str]) -> int:
    """Import the sessions in a zip, or the log of another app, and return the number of failures.

    The profiles in a zip are imported, too. Its settings are imported if there are no sessions here yet; otherwise only
    the height, unless a height is stored here. After an import of sessions, outdated reps of all lifters are judged
    again. Errors are reported, not raised. A log without a set is a failure.

    Args:
        source: The file: a log if its name ends in .csv, otherwise a zip.
        profile: Profile that gets the sets of a log.
        unit: Unit of the loads if a log states no unit; None to ask.
        say: Called with a line about each problem.
        done: Called with a line about the imported sessions, log, profiles and settings.
        ask: Called with a question if a log states no unit and `unit` is None. Returns "kg" or "lb", or raises
            ConfigError to import nothing.
    """
    try:
        if source.suffix.lower() == ".csv":
            return int(not _import_log(source, profile, unit, say, done, ask))
        is_new_here = not layout.list_folders()
        with open_import(source) as contents:
            if names := contents.foreign_files:
                say(_about(source, Message(LEFT_OUT, name=names[0], n=len(names) - 1)))
            failed, found = 0, Counter[bool]()
            for session in contents.sessions:
                try:
                    found[import_session(session, say)] += 1
                except LivecoachError as err:
                    say(str(err))
                    failed += 1
            if found[True]:
                done(quantity_words(found[True], "1 session was imported.", "{n} sessions were imported."))
            if found[False]:
                done(quantity_words(found[False], "1 session is here already.", "{n} sessions are here already."))
            if contents.profile_files:
                new = import_profiles(contents)
                words = "Lifters, plans, heights and logs: {n} in the zip, {n2} new here."
                done(Message(words, n=len(contents.profile_files), n2=new))
                if not is_new_here:
                    done(Message("What is here already stays as it is, and so do the settings."))
            for name in offered.profile_choices(load_settings({})) if found[True] else ():
                rejudge_profile(name, say)
            adopted = adopt_settings(contents.settings) if is_new_here else _adopt_height(contents.settings)
            if adopted:
                done(quantity_words(len(adopted), "1 setting was imported.", "{n} settings were imported."))
            return failed
    except LivecoachError as err:
        say(str(err))
        return 1


def _adopt_height(settings: Mapping[str, object]) -> list[str]:
    """Import the height in another computer's settings unless a height is stored here; return the imported keys."""
    lifter = str(settings.get("profile", all_settings()["profile"].default))
    if settings.get(HEIGHT) is None or read_height_cm(lifter) is not None:
        return []
    change_height(lifter, str(settings[HEIGHT]))
    return [HEIGHT]


def _import_log(source: Path, profile: str, unit: str | None, say: Line, done: Line, ask: Callable[[str], str]) -> bool:
    """Import a log, and return whether the log has sets. `import_file` explains the arguments."""
    owner = Profile(profile, say)
    owner.check_new()
    log = read_log(source, "metric")
    if log.sets_without_unit:
        unit = unit or ask(_question(source, log.sets_without_unit))
        log = read_log(source, UNITS[unit])
    new = store_earlier_sets(owner.name, log.sets)
    known = join_texts(", ", *dict.fromkeys(in_words(logged.exercise) for logged in log.sets))
    sets = quantity_words(len(log.sets), "1 set", "{n} sets")
    line = Message("{text} of profile {text2}, {n2} new", text=sets, text2=profile_words(owner.name), n2=new)
    in_unit = Message("loads without a unit are in {name}", name=unit or "") if log.sets_without_unit else ""
    done(_about(source, join_texts("; ", join_texts(": ", line, known), in_unit)))
    if count := log.own_set_count:
        own = quantity_words(
            count, "left out, because its session is here: 1 set", "left out, because they are here: {n} sets"
        )
        done(_about(source, own))
    if log.unknown_exercises:
        names = _some([name for name, _ in log.unknown_exercises.most_common()])
        say(_about(source, Message("left out, because livecoach does not know the exercises: {text}", text=names)))
    if log.unreadable_lines:
        lines = _some(list(map(str, log.unreadable_lines)))
        say(_about(source, Message(UNREAD, text=lines)))
    return bool(log.sets or log.own_set_count)


def _about(source: Path, text: str) -> Message:
    return Message("{name}: {text}", name=str(source), text=text)


def _question(source: Path, sets: Sequence[EarlierSet]) -> str:
    """Return the question for the unit of a log's loads. In `sets`, the loads were read as kilograms."""
    heaviest = max(sets, key=lambda logged: logged.load_kg or 0.0)
    load = f"{heaviest.load_kg:g}"
    in_kg = format_load(to_kg(float(load), "imperial"), "metric")
    id = "{name}: states no unit of its loads. Its heaviest, {n} in {text}, is {n2} kg, or {n3} lb, which is {text2}."
    line = Message(id, name=str(source), n=load, n2=load, n3=load, text=in_words(heaviest.exercise), text2=in_kg)
    fives = sum((logged.load_kg or 0.0) % 10 == 5 for logged in sets) > len(sets) / 2
    return join_texts(" ", line, "Most end in 5, as with a bar of 45 lb." if fives else "")


def _some(names: Sequence[str]) -> str:
    named = Message("{name}", name=", ".join(names[:MOST_NAMED]))
    more = len(names) - MOST_NAMED
    return Message("{text} and {n} more", text=named, n=more) if more > 0 else named


def import_received_file(path: Path, profile: str, unit: str) -> tuple[bool, Sequence[str]]:
    """Import a file that a browser sent from the page of files.

    Args:
        path: The file, a zip or a log.
        profile: Profile that a log belongs to.
        unit: Unit of the loads if a log states no unit; such a log is refused if `unit` is neither "kg" nor "lb".

    Returns:
        Whether there was no failure, and lines about the imported and the refused content.
    """
    lines = list[str]()

    def refuse(_: str) -> str:
        raise ConfigError(f"{path}: {NO_UNIT}")

    failed = import_file(path, profile, unit if unit in UNITS else None, lines.append, lines.append, refuse)
    return not failed, [_name_file(path, line) for line in lines]


def _name_file(path: Path, line: str) -> str:
    """Return a line about a file with the file's name in place of its path, as a sentence."""
    if isinstance(line, Message):
        of_file = line.arguments.get("name") == str(path)
        return Message("{name}: {text}.", name=path.name, text=line.arguments["text"]) if of_file else line
    about = line.removeprefix(f"{path}: ").replace(str(path), path.name)
    return about if about == line else Message("{name}: {text}", name=path.name, text=f"{about.rstrip('.')}.")


def files_page(query: Mapping[str, str]) -> str:
    """Return the page for importing and exporting. In `query`, "chosen" is the last chosen lifter."""
    settings = load_settings({})
    profiles = offered.profile_choices(settings)
    lifter = choose_page_lifter(query, profiles, settings.profile)
    return load_template(TEMPLATES / "files.html.j2").render(profiles=profiles, profile=lifter, units=UNITS)
