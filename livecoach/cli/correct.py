"""The command by which somebody says what a rep was: correct."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from livecoach.cli.options import say
from livecoach.errors import ConfigError, SessionError
from livecoach.types import Correction, Label

if TYPE_CHECKING:
    from livecoach.session.rep_numbers import NumberedRep
    from livecoach.session.stored import Session
    from livecoach.types import Corrected

LABELS: dict[str, Label] = {"good": "good", "bad": "bad", "no-rep": "no-rep"}
UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepAddress:
    """Which rep of which session is meant."""

    session: str
    set: int | None
    """None where the rep is counted through the session."""
    rep: int


def parse_rep_address(text: str) -> RepAddress:
    """What "SESSION:SET/REP" or "SESSION:REP" names. Raises ValueError that says what is wrong."""
    session, colon, rest = text.rpartition(":")
    found = re.fullmatch(r"(?:([0-9]{1,9})/)?([0-9]{1,9})", rest, re.ASCII)
    if not colon or not session or found is None:
        raise ValueError(f"{text!r} names no rep. Write it like last:1/3, rep 3 of set 1.")
    of_set, rep = (None if found[1] is None else int(found[1])), int(found[2])
    if rep < 1 or of_set == 0:
        raise ValueError(f"{text!r}: sets and reps are numbered from 1.")
    return RepAddress(session=session, set=of_set, rep=rep)


def _rep_address(_context: click.Context, _argument: click.Parameter, text: str) -> RepAddress:
    try:
        return parse_rep_address(text)
    except ValueError as err:
        raise click.BadParameter(str(err)) from err


@click.command()
@click.argument("rep", callback=_rep_address, metavar="SESSION:SET/REP")
@click.argument("label", type=click.Choice([*LABELS, UNDO]), metavar="good|bad|no-rep|undo")
@click.argument("fault", required=False, metavar="[FAULT]")
def correct(rep: RepAddress, label: str, fault: str | None) -> None:
    """Say what a rep was, where the verdict is wrong: good, bad, or no rep at all.

    SESSION is its name, the beginning of it, its folder, or "last"; SET and REP are the numbers that `livecoach report`
    tells, and SESSION:REP counts the reps through the session. A bad rep may have a FAULT of the exercise. The verdict
    stays in the session, and what you say stands beside it and counts, in reports and in the history. The reps that
    judge you follow at once: a good one enters your profile, another one leaves it. "undo" takes back what was said
    last. While you lift, g, b, x and u in the window do the same.

    Example: livecoach correct last:1/3 bad forward_lean
    """
    from livecoach.cli.session_corrector import Corrector
    from livecoach.session.rep_numbers import number_reps
    from livecoach.session.stored import find_session, open_session

    if fault is not None and label != "bad":
        raise click.UsageError(f"a fault goes with bad alone, not with {label}. Leave out {fault}.")
    session = open_session(find_session(rep.session), say)
    if fault is not None:
        fault = _fault(session.about.exercise, fault)
    of = _rep(session, rep, number_reps(session))
    correction = None if label == UNDO else Correction(label=LABELS[label], fault=fault)
    click.echo(_told(session, Corrector(session).correct(of, correction)))


COMMANDS = (correct,)


def _fault(exercise: str, given: str) -> str:
    """The name of a fault of an exercise. Raises ConfigError where there is none of that name."""
    from livecoach.config.wording import did_you_mean
    from livecoach.rep.measures import load_faults

    faults = load_faults(exercise).faults
    name = given.replace(" ", "_").replace("-", "_")
    if name not in faults:
        raise ConfigError(f"{given!r}: is no fault of the {exercise}. {did_you_mean(name, faults)}")
    return name


def _rep(session: "Session", wanted: RepAddress, reps: "tuple[NumberedRep, ...]") -> "NumberedRep":
    """Raises SessionError where it is not there."""
    if wanted.set is None:
        found = next((one for one in reps if one.event.rep.index == wanted.rep), None)
        last = max((one.event.rep.index for one in reps), default=0)
        where = ""
    else:
        of_set = [one for one in reps if one.set == wanted.set]
        found = next((one for one in of_set if one.number == wanted.rep), None)
        last = max((one.number for one in of_set), default=0)
        where = f" in set {wanted.set}"
        if reps and not of_set:
            sets = sorted({one.set for one in reps})
            raise SessionError(f"{session.name}: there is no set {wanted.set}; its last one is {sets[-1]}.")
    if found is None:
        there = f"the last one{where} is {last}" if last else "it has none"
        raise SessionError(
            f"{session.name}: there is no rep {wanted.rep}{where}, {there}. `livecoach report` tells them."
        )
    return found


def _told(session: "Session", done: "Corrected") -> str:
    """What became of it, in a line."""
    which = f"{session.name} set {done.set}, rep {done.number}"
    now = done.rep.correction
    if not done.changed:
        return f"{which}: {'nothing is said of it' if now is None else f'{_words(now)}, as it stands already'}"
    judged = f"livecoach said {done.rep.verdict}"
    if done.taken_back:
        counts = f"{done.rep.verdict} again, as livecoach said" if now is None else f"{_words(now)} again; {judged}"
        line = f"{which}: {_words(done.before)} is taken back; {counts}"
    else:
        line = f"{which}: {_words(now)}; {judged}"
        line += "" if done.before is None else f"; it replaces {_words(done.before)}"
    follows = {"entered": "is one of its good reps now", "left": "is none of its good reps any more"}
    profile = session.about.profile
    return line if done.reference is None else f"{line}. In profile {profile} it {follows[done.reference]}."


def _words(correction: Correction | None) -> str:
    return "nothing" if correction is None else correction.words
