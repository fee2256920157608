"""Imports files for `livecoach sessions` and for the page of files, and makes that page."""

from collections.abc import Callable, Sequence
from pathlib import Path

from livecoach.core.charts import load_template
from livecoach.core.config import load_settings
from livecoach.core.config.settings import adopt_settings
from livecoach.core.errors import ConfigError, LivecoachError
from livecoach.core.language import translate
from livecoach.core.loads import NAME, load_words, to_kg
from livecoach.core.types.message import count_noun, in_words
from livecoach.pages import offered
from livecoach.pages.history.session_index import usual_lifter
from livecoach.pages.tools import TEMPLATES
from livecoach.records.earlier import EarlierSet, read_log, store_earlier_sets
from livecoach.records.profile import Profile
from livecoach.records.session import layout
from livecoach.records.session.importing import import_profiles, import_session, open_import
from livecoach.records.session.workout_csv import FORMATS

UNITS = {name: units for units, name in NAME.items()}
MOST_NAMED = 8  # Most exercises or lines that are named as left out; our choice
Line = Callable[[str], object]


def import_file(source: Path, profile: str, unit: str | None, say: Line, done: Line, ask: Callable[[str], str]) -> int:
    """Import the sessions in a zip, or the log of another app, and return the number of failures.

    The profiles in a zip are imported too, and its settings if there are no sessions here yet. Errors are reported, not
    raised. A log without a set is a failure.

    Args:
        profile: Profile that a log belongs to.
        unit: Unit of the loads if a log states no unit; None to ask.
        say: Called with a line about each problem.
        done: Called with a line about each session, log, profile or setting that was imported.
        ask: Called with a question if a log states no unit and `unit` is None. Returns "kg" or "lb", or raises
            ConfigError to import nothing.
    """
    try:
        if source.suffix.lower() == ".csv":
            return int(not _import_log(source, profile, unit, say, done, ask))
        is_new_here = not layout.list_folders()
        with open_import(source) as contents:
            if names := contents.foreign_files:
                more = "" if len(names) == 1 else f" and {len(names) - 1} more"
                say(f"{source}: left out, because it is not part of a session: {names[0]!r}{more}")
            failed = 0
            for session in contents.sessions:
                try:
                    outcome = "imported" if import_session(session, say) else "exists already; unchanged"
                    done(f"{session.name}: {outcome}")
                except LivecoachError as err:
                    say(str(err))
                    failed += 1
            if contents.profile_files:
                new = import_profiles(contents)
                done(f"{source}: {count_noun(len(contents.profile_files), 'file')} of profiles, {new} new")
            if is_new_here and (adopted := adopt_settings(contents.settings)):
                done(f"{source}: settings: {', '.join(adopted)}")
            return failed
    except LivecoachError as err:
        say(str(err))
        return 1


def _import_log(source: Path, profile: str, unit: str | None, say: Line, done: Line, ask: Callable[[str], str]) -> bool:
    """Import a log, and return whether the log has sets. `import_file` explains the arguments."""
    owner = Profile(profile, say)
    owner.check_new()
    log = read_log(source, "metric")
    if log.sets_without_unit:
        unit = unit or ask(_question(source, log.sets_without_unit))
        log = read_log(source, UNITS[unit])
    new = store_earlier_sets(owner.name, log.sets)
    known = ", ".join(dict.fromkeys(in_words(logged.exercise) for logged in log.sets))
    line = f"{source}: {count_noun(len(log.sets), 'set')} of profile {owner.name}, {new} new"
    line += f": {known}" if known else ""
    done(f"{line}; loads without a unit are in {unit}" if log.sets_without_unit else line)
    if log.unknown_exercises:
        names = _some([name for name, _ in log.unknown_exercises.most_common()])
        say(f"{source}: left out, because livecoach does not know the exercises: {names}")
    if log.unreadable_lines:
        lines = _some(list(map(str, log.unreadable_lines)))
        say(f"{source}: left out, because day, reps or load can't be read: line {lines}")
    return bool(log.sets)


def _question(source: Path, sets: Sequence[EarlierSet]) -> str:
    """Return the line that asks for the unit of loads for which a log states none.

    Args:
        sets: The sets with these loads, as if in kilograms.
    """
    heaviest = max(sets, key=lambda logged: logged.load_kg or 0.0)
    load = f"{heaviest.load_kg:g}"
    in_kg = load_words(to_kg(float(load), "imperial"), "metric")
    line = f"{source}: states no unit of its loads. Its heaviest, {load} in {in_words(heaviest.exercise)}, "
    line += f"is {load} kg, or {load} lb, which is {translate(in_kg)}."
    if sum((logged.load_kg or 0.0) % 10 == 5 for logged in sets) > len(sets) / 2:
        line += " Most end in 5, as with a bar of 45 lb."
    return line


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def received_file(path: Path, profile: str, unit: str) -> tuple[bool, str]:
    """Import a file that the page sent.

    Args:
        path: The file, a zip or a log.
        profile: Profile that a log belongs to.
        unit: Unit of the loads; any text but "kg" and "lb" to take the unit from the file.

    Returns:
        Whether the whole file was imported, and lines about what was imported and what was not.
    """
    lines = list[str]()

    def refuse(question: str) -> str:
        raise ConfigError(f"{question} Nothing was taken. Choose kg or lb.")

    failed = import_file(path, profile, unit if unit in UNITS else None, lines.append, lines.append, refuse)
    return not failed, ". ".join(line.replace(str(path), path.name).rstrip(".") for line in lines) + "."


def files_page() -> str:
    """Return the page for importing and exporting."""
    settings = load_settings({})
    return load_template(TEMPLATES / "files.html.j2").render(
        profiles=offered.profiles(settings), profile=usual_lifter(settings.profile), units=UNITS, formats=FORMATS
    )
