"""The command `correct`: corrects the verdict on a rep."""

from typing import TYPE_CHECKING

import click

from livecoach.cli.output import echo
from livecoach.cli.rep_address import RepAddress, open_rep, rep_argument
from livecoach.errors import ConfigError
from livecoach.types import Correction, Label

if TYPE_CHECKING:
    from livecoach.session.stored import Session
    from livecoach.types import Corrected

LABELS: dict[str, Label] = {"good": "good", "bad": "bad", "no-rep": "no-rep"}
UNDO = "undo"


@click.command()
@rep_argument
@click.argument("label", type=click.Choice([*LABELS, UNDO]), metavar="good|bad|no-rep|undo")
@click.argument("fault", required=False, metavar="[FAULT]")
def correct(rep: RepAddress, label: str, fault: str | None) -> None:
    """Correct a verdict: say that a rep was good, bad, or not a rep.

    last:2/4 is rep 4 of set 2 of the last session, as the report names it. SESSION is a session's name, the beginning
    of it, its folder, or "last". A bad rep may have a FAULT, by a name that `livecoach exercises squat` lists for a
    squat. The session keeps the verdict; your correction is stored beside it and counts in reports and in the history.
    The reference changes at once: a good rep enters your profile, any other leaves it. "undo" takes back the last
    correction. While you lift, the keys g, b, x and u in the window do the same.

    Example: livecoach correct last:1/3 bad forward_lean
    """
    from livecoach.cli.session_corrector import Corrector

    if fault is not None and label != "bad":
        raise click.UsageError(f"only a bad rep has a fault. Leave out {fault}.")
    session, of = open_rep(rep)
    if fault is not None:
        fault = _fault(session.exercise_of(of.rep), fault)
    correction = None if label == UNDO else Correction(label=LABELS[label], fault=fault)
    echo(_outcome_line(session, Corrector(session).correct(of, correction)))


def _fault(exercise: str, given: str) -> str:
    """Return the name of a fault of an exercise. Raises ConfigError where it has none of that name."""
    from livecoach.config.wording import did_you_mean
    from livecoach.rep.measures import load_faults

    faults, title = load_faults(exercise).faults, exercise.replace("_", " ")
    if not faults:
        raise ConfigError(f"{given!r}: the {title} has no faults with a name. Leave it out.")
    name = given.replace(" ", "_").replace("-", "_")
    if name not in faults:
        raise ConfigError(
            f"{given!r}: not a fault of the {title}. {did_you_mean(name, faults)} "
            f"`livecoach exercises {exercise}` says what each means."
        )
    return name


def _outcome_line(session: "Session", done: "Corrected") -> str:
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
