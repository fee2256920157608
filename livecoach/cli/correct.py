"""The command `correct`: corrects the verdict on a rep."""

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
    """A rep of a session, as named on the command line."""

    session: str
    set: int | None
    """None where the reps are counted through the session."""
    rep: int


def parse_rep_address(text: str) -> RepAddress:
    """Return the rep that "SESSION:SET/REP" or "SESSION:REP" names. Raises ValueError that says what is wrong."""
    session, colon, rest = text.rpartition(":")
    found = re.fullmatch(r"(?:([0-9]{1,9})/)?([0-9]{1,9})", rest, re.ASCII)
    if not colon or not session or found is None:
        raise ValueError(f"{text!r} does not name a rep. Write last:1/3 for rep 3 of set 1.")
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
    """Correct a verdict: say that a rep was good, bad, or not a rep.

    SESSION is a session's name, the beginning of it, its folder, or "last". SET and REP are the numbers in `livecoach
    report`; SESSION:REP counts the reps through the session. A bad rep may have a FAULT of the exercise. The session
    keeps the verdict; your correction is stored beside it and counts in reports and in the history. The reference
    changes at once: a good rep enters your profile, any other leaves it. "undo" takes back the last correction. While
    you lift, the keys g, b, x and u in the window do the same.

    Example: livecoach correct last:1/3 bad forward_lean
    """
    from livecoach.cli.session_corrector import Corrector
    from livecoach.session.rep_numbers import number_reps
    from livecoach.session.stored import find_session, open_session

    if fault is not None and label != "bad":
        raise click.UsageError(f"only a bad rep has a fault. Leave out {fault}.")
    session = open_session(find_session(rep.session), say)
    of = _rep(session, rep, number_reps(session))
    if fault is not None:
        fault = _fault(session.exercise_of(of.event.rep), fault)
    correction = None if label == UNDO else Correction(label=LABELS[label], fault=fault)
    click.echo(_outcome_line(session, Corrector(session).correct(of, correction)))


COMMANDS = (correct,)


def _fault(exercise: str, given: str) -> str:
    """Return the name of a fault of an exercise. Raises ConfigError where it has none of that name."""
    from livecoach.config.wording import did_you_mean
    from livecoach.rep.measures import load_faults

    faults = load_faults(exercise).faults
    name = given.replace(" ", "_").replace("-", "_")
    if name not in faults:
        raise ConfigError(f"{given!r}: not a fault of the {exercise}. {did_you_mean(name, faults)}")
    return name


def _rep(session: "Session", wanted: RepAddress, reps: "tuple[NumberedRep, ...]") -> "NumberedRep":
    """Return the named rep. Raises SessionError where it does not exist."""
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
            raise SessionError(f"{session.name}: there is no set {wanted.set}; the last set is {sets[-1]}.")
    if found is None:
        there = f"the last rep is {last}" if last else "there are no reps"
        raise SessionError(
            f"{session.name}: there is no rep {wanted.rep}{where}; {there}. `livecoach report` shows the reps."
        )
    return found


def _outcome_line(session: "Session", done: "Corrected") -> str:
    """Return one line about the outcome."""
    which = f"{session.name} set {done.set}, rep {done.number}"
    now = done.rep.correction
    if not done.changed:
        return f"{which}: {'no correction to undo' if now is None else f'already corrected to {_words(now)}'}"
    judged = f"livecoach judged {done.rep.verdict}"
    if done.taken_back:
        counts = f"{done.rep.verdict} again, as livecoach judged" if now is None else f"{_words(now)} again; {judged}"
        line = f"{which}: {_words(done.before)} undone; {counts}"
    else:
        line = f"{which}: {_words(now)}; {judged}"
        line += "" if done.before is None else f"; it replaces {_words(done.before)}"
    follows = {"entered": "was added to the good reps", "left": "was removed from the good reps"}
    profile = session.about.profile
    return line if done.reference is None else f"{line}. It {follows[done.reference]} of profile {profile}."


def _words(correction: Correction | None) -> str:
    return "nothing" if correction is None else correction.words
