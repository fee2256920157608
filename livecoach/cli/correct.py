"""The commands that amend a session, correct (verdicts) and sets (loads, lifter, exercise), and log (training logs)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from livecoach.cli import options
from livecoach.cli.arguments import RepsAddress, open_profile, open_sessions, reps_argument
from livecoach.cli.options import option_errors
from livecoach.cli.output import check_writable, echo, write_stdout, write_text
from livecoach.core.config.yaml_files import single_line
from livecoach.core.errors import ConfigError, SessionError
from livecoach.core.language import translate
from livecoach.core.loads import Units, parse_load, parse_rpe
from livecoach.core.types import Correction, SetLog, ignore
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message, in_words, join_texts
from livecoach.decisions.rep.measures import load_faults
from livecoach.pages.history import history_words
from livecoach.pages.report.report_words import describe_correction
from livecoach.pages.report.set_sections import log_words
from livecoach.records.rejudging import change_exercise, rejudge_lifters
from livecoach.records.session import amending
from livecoach.records.session.opening import find_reps, find_session, find_set, open_session
from livecoach.records.session.rep_choice import RepRange, parse_rep_address, selects_whole_sets
from livecoach.records.session.session_set import SessionSet
from livecoach.records.session.stored import Session
from livecoach.records.session.workout_csv import FORMATS, LogFormat, make_training_log
from livecoach.run.process import say


def _complete_fault(context: click.Context, _argument: click.Parameter, incomplete: str) -> list[str]:
    named: RepsAddress | None = context.params.get("named")
    if named is None or context.params.get("label") != "bad":
        return []
    try:
        exercises = open_session(find_session(named[0]), ignore).exercises
        faults = {name for exercise in exercises for name in load_faults(exercise).faults}
    except (SessionError, ConfigError):  # the command reports it
        return []
    return sorted(name for name in faults if name.startswith(incomplete))


@click.command()
@reps_argument
@click.argument("label", type=click.Choice([*amending.LABEL_WORDS, amending.UNDO_WORD]), metavar="good|bad|no-rep|undo")
@click.argument("fault", required=False, metavar="[FAULT]", shell_complete=_complete_fault)
def correct(named: RepsAddress, label: str, fault: str | None) -> None:
    """Correct verdicts: mark reps as good, as bad, or as no reps.

    last:2/4 is rep 4 of set 2 of the last session, as the report names it. last:2/3-7 are reps 3 to 7, last:2/1-5,3/1
    are reps of two sets, last:2 is the whole set, and last is the whole session. If several people lifted, @ben chooses
    Ben's reps: last:2@ben, last@ben. SESSION is a session's name, the beginning of it, its folder, or "last". If you
    correct a whole set or session, reps that you corrected on their own stay as they are, and "good" leaves out reps
    that differ from the others, unless most do.

    A bad rep may have a FAULT: for a squat, one of the names that `livecoach exercises squat` lists. The session keeps
    livecoach's verdict. Your correction is stored beside it, counts in reports and in the history, and changes your
    reference at once. The same command with "undo" undoes the correction. While you lift, the keys g, b, x and u in the
    window do the same for a rep.

    Example: livecoach sessions correct last:1 good
    """
    if fault is not None and label != "bad":
        raise click.UsageError(f"only a bad rep has a fault. Leave out {fault}.")
    options.use_settings()  # Sets the language
    session = open_session(find_session(named[0]), say)
    reps = find_reps(session, named[1])
    if fault is not None:
        for exercise in dict.fromkeys(of.rep.exercise for of in reps):
            fault = amending.find_fault(exercise, fault)
    correction = None if label == amending.UNDO_WORD else Correction(label=amending.LABEL_WORDS[label], fault=fault)
    others = [0, 0]
    if selects_whole_sets(named[1]):
        reps, *others = amending.select_reps_to_correct(session, reps, correction)
    if not reps:
        raise SessionError(f"{session.name}: none of these reps counts. Name them, as in last:1/1-3.")
    outcomes = amending.correct_reps(session, reps, correction)
    of_set = reps[0].rep.lifter_set_number if len({event.rep.set for event in reps}) == 1 else None
    echo(f"{session.name}: {translate(describe_correction(outcomes, of_set, *others))}")
    for name in rejudge_lifters(session, session.say):
        echo(f"{name}: {translate('judged again by the reps that are confirmed now')}")


@click.command()
@click.argument("named", metavar="[SESSION[:SET]]", default="last")
@click.option("--load", metavar="LOAD", help=f"Load of the set: 100, 102.5kg, 220lb, or {amending.CLEAR_WORD}.")
@click.option("--rpe", metavar="1..10", help=f"How hard the set was, in halves: 8 or 8.5, or {amending.CLEAR_WORD}.")
@click.option("--note", metavar="TEXT", help=f"A note of one line, or {amending.CLEAR_WORD}.")
@options.profile_option("Lifter who did the set; - for nobody.")
@options.exercise_option("Exercise of the set; auto for that of the run.")
def sets(
    named: str, load: str | None, rpe: str | None, note: str | None, profile: str | None, exercise: str | None
) -> None:
    """Show or correct the load, RPE, note, lifter and exercise of sets.

    last:2 is set 2 of the last session, as the report names it. Without an option, the command lists the sets. The load
    counts in the report and in the history, for the volume load, the bests by load, and the one-repetition maximum that
    your speeds suggest. While you lift, digits and Enter give the load of the next set, and R and T give the RPE and a
    note of the last set.

    --profile moves a set that was done under the wrong name. Report, history, bests and log follow, and so does what
    livecoach knows of both lifters. --exercise recounts a set that was taken for another exercise; auto undoes that.

    Example: livecoach sessions sets last:2 --load 102.5 --rpe 8 --note "felt heavy"
    """
    units = options.use_settings().units
    session_name, wanted = _address(named)
    session = open_session(find_session(session_name), say)
    of_set = None if wanted is None else find_set(session, wanted)
    if load is rpe is note is profile is exercise is None:
        _print(session, session.sets if of_set is None else (of_set,))
        return
    if wanted is None or of_set is None:
        raise click.UsageError(f"which set? Write {named}:1 for the first one.")
    which = session.set_address(of_set)
    if exercise is not None:
        change_exercise(session, of_set.number, exercise)
        anew = find_set(replace(session), wanted)
        echo(f"{which}: {translate(_set_words(anew))}")
    if profile is not None:
        to = None if profile == NO_PROFILE else open_profile(profile).name
        echo(f"{which}: {_moved(session, of_set.number, to)}")
    if load is rpe is note is None:
        return
    before, now = amending.change_set_log(session, of_set.number, lambda old: _changed(old, units, load, rpe, note))
    words = _log_words(now)
    echo(f"{which}: {translate(Message('nothing to change ({text})', text=words) if now == before else words)}")


def _moved(session: Session, number: int, profile: str | None) -> str:
    lifters = profile, amending.move_set(session, number, profile)
    now, before = ("nobody's" if lifter is None else Message("{name}'s", name=lifter) for lifter in lifters)
    if now == before:
        return translate(Message("is {text} already", text=now))
    rejudge_lifters(session, session.say)
    return translate(Message("{text} now; it was {text2}", text=now, text2=before))


def _address(named: str) -> tuple[str, RepRange | None]:
    """Return the session and the set in "SESSION" or "SESSION:SET". Raises click.BadParameter for another text."""
    if ":" not in named:
        return named, None
    with option_errors("SESSION:SET"):
        session, wanted = parse_rep_address(named)
    if wanted.last is not None:
        raise click.BadParameter(f"{named!r} names reps. Write {session}:{wanted.set} for the whole set.")
    return session, wanted


def _changed(before: SetLog, units: Units, load: str | None, rpe: str | None, note: str | None) -> SetLog:
    """Return the log with the values of options; None keeps a value. Raises click.BadParameter for an invalid value."""
    options_by_field: dict[tuple[str, str], tuple[str | None, Callable[[str], Any]]] = {
        ("--load", "load_kg"): (load, partial(parse_load, units=units, group=",")),
        ("--rpe", "rpe"): (rpe, parse_rpe),
        ("--note", "note"): (note, amending.parse_note),
    }
    changes: dict[str, Any] = {}
    for (option, field), (text, parse) in options_by_field.items():
        if text is not None:
            with option_errors(option):
                changes[field] = amending.parse_optional(text, parse)
    return replace(before, **changes)


def _log_words(log: SetLog) -> str:
    return log_words(log) or "nothing logged"


def _set_words(of_set: SessionSet) -> str:
    return join_texts(", ", in_words(of_set.exercise), history_words.reps(len(of_set.counted_reps)))


def _print(session: Session, sets: Iterable[SessionSet]) -> None:
    counted = [done for done in sets if done.counted_reps]
    if not counted:
        raise SessionError(f"{session.name}: no set was counted.")
    for done in counted:
        facts = join_texts(", ", _set_words(done), _log_words(done.log))
        echo(single_line(f"{session.set_address(done)}: {translate(facts)}"))


@click.command()
@click.argument("sessions", nargs=-1, metavar="[SESSION...]")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="App that will read the log. Required.")
@click.option("--out", metavar="FILE", help="File to write; - for standard output. Required.")
@options.profile_option("Only sets of this lifter.")
@options.language_option("titles and notes")
def log(
    sessions: tuple[str, ...], kind: LogFormat | None, out: str | None, profile: str | None, language: str | None
) -> None:
    """Write a training log for Strong, Hevy or a spreadsheet.

    The log is a CSV file. Each set has a row with exercise, order, load, reps, RPE and note; load and RPE are empty if
    you did not enter them. Hevy reads Strong's format, too. In that format, a note ends with the number of good reps
    and what to fix first, and the log is for one lifter: if several lifted, name one with --profile. Without SESSION,
    all sessions are written. `livecoach sessions export` writes whole sessions.

    Example: livecoach sessions log --format strong --profile anna --out anna.csv
    """
    if kind is None or out is None:  # click would report only the first missing option
        absent = [
            name for name, value in ((f"--format {'|'.join(FORMATS)}", kind), ("--out FILE", out)) if value is None
        ]
        raise click.UsageError(f"Give {' and '.join(absent)}.")

    options.use_settings(language=language)
    check_writable(out, "--out")
    text, sets, of = make_training_log(open_sessions(sessions), kind, profile)
    if out == "-":
        write_stdout(text.rstrip("\n"))
        return
    write_text(Path(out), "--out", text)
    written = Message("{text} of {text2}", text=history_words.sets(sets), text2=history_words.sessions(of))
    echo(f"{out}: {translate(written)}")
