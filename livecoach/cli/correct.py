"""The commands that amend a session: correct (verdicts on reps) and sets (load, RPE and note); and export, which writes
training logs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from livecoach.cli import options
from livecoach.cli.arguments import RepAddress, open_rep, rep_argument
from livecoach.cli.options import complete_profile, say
from livecoach.cli.output import atomic_write, check_writable, echo, number_of, to_stdout
from livecoach.config import load_settings
from livecoach.config.wording import did_you_mean
from livecoach.documents import CorrectionEvent, RepEvent, SetLogEvent
from livecoach.errors import ConfigError, LivecoachError, OutputError, SessionError, SourceError
from livecoach.judging.corrections import rep_key
from livecoach.loads import Units, load_words, parse_load, parse_rpe
from livecoach.profile import Profile
from livecoach.rep.measures import load_faults
from livecoach.session import layout
from livecoach.session.lifter_events import EventAppender, correction_stacks
from livecoach.session.listing import all_sessions
from livecoach.session.rep_choice import split_address
from livecoach.session.stored import Session, find_session, load_rep_window, open_session
from livecoach.session.workout_csv import FORMATS, logged_sets, workout_csv
from livecoach.types import Corrected, Correction, Label, ReferenceChange, SetLog
from livecoach.types.message import in_words
from livecoach.types.reps import LONGEST_NOTE, is_note

LABELS: dict[str, Label] = {"good": "good", "bad": "bad", "no-rep": "no-rep"}
UNDO = "undo"
T = TypeVar("T")
NONE = "none"
"""Clears a logged value."""
KINDS = ("strong", "hevy", "csv")


@dataclass(frozen=True, slots=True)
class Corrector:
    """Corrects the reps of one session."""

    session: Session

    def keyed(self, start_s: float, correction: Correction | None) -> Corrected | str:
        """Correct the rep that starts at `start_s`, as `correct` does. If that fails, report the reason and return a
        short note."""
        try:
            reps = self._reread().corrected_reps
            of = next(one for one in reps if rep_key(one.rep.start_s) == rep_key(start_s))
            return self.correct(of, correction)
        except LivecoachError as err:
            say(str(err))
            return "not corrected: see the terminal"

    def correct(self, of: RepEvent, correction: Correction | None) -> Corrected:
        """Store a correction of a rep; None undoes the last one.

        Raises SessionError while the session is being recorded, OutputError if nothing can be written.
        """
        folder = self.session.folder
        if layout.is_recording(folder):
            raise SessionError(
                f"{folder.name}: is being recorded. Press g, b or x in its window, or correct it after the session."
            )
        path = folder / layout.CORRECTIONS
        with _storing(path):
            stands = correction_stacks(self._reread().corrections).of_rep(of.rep.start_s)
            before = stands[-1].correction if stands else None
            now = correction
            if correction is None:
                now = stands[-2].correction if len(stands) > 1 else None
            if correction == before:
                return _corrected(of, before, before)
            with EventAppender(path) as corrections:
                reference = self._update_profile(of, now, stands)
                corrections.add(_event(of, correction, reference))
        return replace(_corrected(of, before, now), taken_back=correction is None, reference=reference)

    def _reread(self) -> Session:
        """Return the session with its files read again, because another process may have corrected it meanwhile."""
        return replace(self.session)

    def _update_profile(
        self, of: RepEvent, now: Correction | None, stands: Sequence[CorrectionEvent]
    ) -> ReferenceChange | None:
        """Change the profile to follow a rep's correction. A failure is reported."""
        about, exercise = self.session.about, self.session.exercise_of(of.rep)
        changes = [event.reference for event in stands if event.reference is not None]
        wanted = now.label == "good" if now is not None else changes[:1] == ["left"]
        if about.profile is None or (now is None and not changes):
            return None
        try:
            profile = Profile(about.profile, say)
            if not wanted:
                rep = load_rep_window(self.session, of)
                gone = 0 if rep is None else profile.remove_rep(exercise, rep, about.session)
                return "left" if gone else None
            rep = load_rep_window(self.session, of) if about.settings.learn and of.rep.score is not None else None
            if rep is None:
                return None
            return "entered" if profile.keep(exercise, [replace(rep, chosen=now is not None)], about.session) else None
        except (OutputError, SourceError) as err:
            say(f"profile {about.profile}: not updated: {err}")
            return None


@contextmanager
def _storing(path: Path) -> Iterator[None]:
    """Keep other processes from changing corrections and logs during the block. Raises OutputError for `path`."""
    try:
        with layout.changing():
            yield
    except OSError as err:
        raise OutputError(
            f"{path}: can't be written ({err.strerror}). Free some space and make the folder writable."
        ) from err


def _event(of: RepEvent, correction: Correction | None, reference: ReferenceChange | None) -> CorrectionEvent:
    rep = of.rep
    return CorrectionEvent(
        t_s=rep.end_s,
        rep=rep.index,
        start_s=rep.start_s,
        label=None if correction is None else correction.label,
        fault=None if correction is None else correction.fault,
        reference=reference,
    )


def _corrected(of: RepEvent, before: Correction | None, now: Correction | None) -> Corrected:
    of_set, number = of.rep.place
    return Corrected(rep=replace(of.rep, correction=now), set=of_set, number=number, before=before)


@click.command()
@rep_argument
@click.argument("label", type=click.Choice([*LABELS, UNDO]), metavar="good|bad|no-rep|undo")
@click.argument("fault", required=False, metavar="[FAULT]")
def correct(rep: RepAddress, label: str, fault: str | None) -> None:
    """Correct a verdict: say that a rep was good, bad, or not a rep.

    last:2/4 is rep 4 of set 2 of the last session, as the report names it. SESSION is a session's name, the beginning
    of it, its folder, or "last". A bad rep may have a FAULT: one of the names that `livecoach exercises squat` lists,
    for a squat. The session keeps the verdict; your correction is stored beside it and counts in reports and in the
    history. The reference changes at once: a good rep is added to your profile, any other is removed. "undo" takes back
    the last correction. While you lift, the keys g, b, x and u in the window do the same.

    Example: livecoach correct last:1/3 bad forward_lean
    """
    if fault is not None and label != "bad":
        raise click.UsageError(f"only a bad rep has a fault. Leave out {fault}.")
    session, of = open_rep(rep)
    if fault is not None:
        fault = _fault(session.exercise_of(of.rep), fault)
    correction = None if label == UNDO else Correction(label=LABELS[label], fault=fault)
    echo(_outcome_line(session, Corrector(session).correct(of, correction)))


def _fault(exercise: str, given: str) -> str:
    """Return the name of a fault of an exercise. Raises ConfigError if it has no fault of that name."""
    faults, title = load_faults(exercise).faults, in_words(exercise)
    if not faults:
        raise ConfigError(f"{given!r}: the {title} has no faults with a name. Leave it out.")
    name = given.replace(" ", "_").replace("-", "_")
    if name not in faults:
        raise ConfigError(
            f"{given!r}: not a fault of the {title}. {did_you_mean(name, faults)} "
            f"`livecoach exercises {exercise}` says what each means."
        )
    return name


def _outcome_line(session: Session, done: Corrected) -> str:
    """Return one line about the outcome."""
    which = f"{session.name}:{done.rep.name}"
    now = done.rep.correction
    if not done.changed:
        return f"{which}: {'no correction to undo' if now is None else f'already corrected to {_words(now)}'}"
    judged = f"livecoach judged {done.rep.verdict}"
    if done.taken_back:
        counts = f"{done.rep.verdict} again, as livecoach judged" if now is None else f"{_words(now)} again; {judged}"
        line = f"{which}: {_words(done.before)} undone; {counts}"
    else:
        line = f"{which}: {_words(now)}; {judged}"
        line += "" if done.before is None else f"; you had said {_words(done.before)}"
    follows = {"entered": "was added to the good reps", "left": "was removed from the good reps"}
    profile = session.about.profile
    return line if done.reference is None else f"{line}. It {follows[done.reference]} of profile {profile}."


def _words(correction: Correction | None) -> str:
    return "nothing" if correction is None else correction.words


@click.command()
@click.argument("named", metavar="[SESSION[:SET]]", default="last")
@click.option("--load", metavar="LOAD", help=f"Load of the set: 100, 102.5kg, 220lb, or {NONE}.")
@click.option("--rpe", metavar="1..10", help=f"How hard the set was, in halves: 8 or 8.5, or {NONE}.")
@click.option("--note", metavar="TEXT", help=f"A note of one line, or {NONE}.")
def sets(named: str, load: str | None, rpe: str | None, note: str | None) -> None:
    """Show the load, RPE and note of each set, or correct them.

    last:2 is set 2 of the last session, as the report names it. Without an option, the sets are listed. The load counts
    in the report and in the history: volume load, bests by load, and the one-repetition maximum that your speeds point
    to. While you lift, digits and Enter give the load of the next set, R and T the RPE and a note of the last one.

    Example: livecoach sets last:2 --load 102.5 --rpe 8 --note "felt heavy"
    """
    units = load_settings({}).units
    session_name, number = _address(named)
    session = open_session(find_session(session_name), say)
    if load is rpe is note is None:
        _print(session, number, units)
        return
    if number is None:
        raise click.UsageError(f"which set? Write {named}:1 for the first one.")
    done = {event.rep.place[0] for event in session.reps}
    if number not in done:
        there = f"the last set is {max(done)}" if done else "it has no sets"
        raise SessionError(f"{session.name}: there is no set {number}; {there}.")
    before, now = store_log(session, number, lambda before: _changed(before, units, load, rpe, note))
    unchanged = now == before
    words = _log_words(now, units)
    echo(f"{session.name}:{number}: {f'nothing to change ({words})' if unchanged else words}")


def _address(named: str) -> tuple[str, int | None]:
    """Return the session and the set that "SESSION" or "SESSION:SET" names. Raises click.BadParameter."""
    if ":" not in named:
        return named, None
    try:
        session, wanted = split_address(named)
    except ValueError as err:
        raise click.BadParameter(str(err)) from err
    if wanted.last is not None:
        raise click.BadParameter(f"{named!r} names reps. Write {session}:{wanted.set} for the whole set.")
    return session, wanted.set


def _changed(before: SetLog, units: Units, load: str | None, rpe: str | None, note: str | None) -> SetLog:
    """Return the log with the given values. Raises click.BadParameter."""
    now = before
    if load is not None:
        now = replace(now, load_kg=_value("--load", load, lambda text: parse_load(text, units)))
    if rpe is not None:
        now = replace(now, rpe=_value("--rpe", rpe, parse_rpe))
    if note is not None:
        now = replace(now, note=_value("--note", note, _note))
    return now


def _value(option: str, text: str, parse: Callable[[str], T]) -> T | None:
    """Return a value; None if the option clears it."""
    if text.strip().lower() in {"", NONE}:
        return None
    try:
        return parse(text)
    except ValueError as err:
        raise click.BadParameter(str(err), param_hint=option) from err


def _note(text: str) -> str:
    if not is_note(text):
        raise ValueError(f"a note is one line of up to {LONGEST_NOTE} characters.")
    return text.strip()


def store_log(session: Session, number: int, change: Callable[[SetLog], SetLog]) -> tuple[SetLog, SetLog]:
    """Change the log of a set. Return the old and the new log.

    Raises SessionError while the session is being recorded, OutputError if nothing can be written.
    """
    if layout.is_recording(session.folder):
        raise SessionError(f"{session.name}: is being recorded. Type the load in its window, or wait for the end.")
    end_s = max(event.rep.end_s for event in session.reps if event.rep.place[0] == number)
    path = session.folder / layout.SETS
    with _storing(path):
        before = replace(session).set_logs.get(number, SetLog())  # read again: another process may have changed it
        now = change(before)
        if now != before:
            event = SetLogEvent(t_s=end_s, set=number, load_kg=now.load_kg, rpe=now.rpe, note=now.note)
            with EventAppender(path) as logs:
                logs.add(event)
    return before, now


def _log_words(log: SetLog, units: Units) -> str:
    """Return a log in words: "102.5 kg, RPE 8, “felt heavy”"."""
    parts: list[str] = [] if log.load_kg is None else [load_words(log.load_kg, units)]
    parts += [] if log.rpe is None else [f"RPE {log.rpe:g}"]
    parts += [] if log.note is None else [f"“{log.note}”"]
    return ", ".join(parts) or "nothing logged"


def _print(session: Session, number: int | None, units: Units) -> None:
    """List the sets, or one of them."""
    sets = [one for one in logged_sets(session) if number in {None, one.set}]
    if not sets:
        raise SessionError(
            f"{session.name}: {'no set was counted' if number is None else f'there is no set {number}'}."
        )
    table = Table(box=None, pad_edge=False)
    for name in ("set", "exercise", "reps", "load", "RPE", "note"):
        table.add_column(name, justify="right" if name in {"set", "reps", "load", "RPE"} else "left", overflow="fold")
    for one in sets:
        load = "–" if one.log.load_kg is None else load_words(one.log.load_kg, units)
        rpe = "–" if one.log.rpe is None else f"{one.log.rpe:g}"
        note = (one.log.note or "").replace("[", r"\[")
        table.add_row(str(one.set), in_words(one.exercise), str(len(one.reps)), load, rpe, note)
    Console(highlight=False).print(table)


@click.command()
@click.argument("sessions", nargs=-1, metavar="[SESSION...]")
@click.option("--format", "kind", type=click.Choice(KINDS), help="App that will read the log. Required.")
@click.option("--out", metavar="FILE", help="File to write; - for standard output. Required.")
@click.option("--profile", metavar="P", shell_complete=complete_profile, help="Only sessions of this lifter.")
@options.language_of("titles and notes")
def export(
    sessions: tuple[str, ...], kind: str | None, out: str | None, profile: str | None, language: str | None
) -> None:
    """Write a training log for Strong, Hevy or a spreadsheet.

    The log is CSV. Each set is a row, with its exercise, order, load, reps, RPE and note; load and RPE stay empty where
    you logged none. For Strong and Hevy the note ends with how many reps were good, and what to fix first. Without
    SESSION, all sessions are written. `livecoach sessions export` writes whole
    sessions.

    Example: livecoach export --format strong --profile anna --out anna.csv
    """
    if kind is None or out is None:  # click would report only the first
        absent = [name for name, value in ((f"--format {'|'.join(KINDS)}", kind), ("--out FILE", out)) if value is None]
        raise click.UsageError(f"Give {' and '.join(absent)}.")

    options.settings(language=language)
    if out != "-":
        check_writable(Path(out), "--out")
    written = [one for one in _sessions_named(sessions) if profile is None or one.about.profile == profile]
    sets = [done for one in written for done in logged_sets(one)]
    if not sets:
        of = "" if profile is None else f" of {profile}"
        raise SessionError(f"no set{of} to write. `livecoach sessions` lists the sessions.")
    text = workout_csv(sets, FORMATS[KINDS.index(kind)])
    if out == "-":
        to_stdout(text.rstrip("\n"))
        return
    with atomic_write(Path(out), "--out") as part:
        part.write_text(text, encoding="utf-8")
    echo(f"{out}: {number_of(len(sets), 'set')} of {number_of(len(written), 'session')}")


def _sessions_named(names: tuple[str, ...]) -> Iterator[Session]:
    """Yield the named sessions, or all of them, oldest first. An unreadable one is reported and left out, unless it was
    named."""
    if names:
        for folder in dict.fromkeys(find_session(name) for name in names):
            yield open_session(folder, say)
        return
    for one in all_sessions():
        try:
            yield open_session(one.folder, say)
        except SessionError as err:
            say(f"{err} It is left out.")
