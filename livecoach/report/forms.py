"""What the forms of a served page show before anything is typed, and what they sent."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from livecoach import language
from livecoach.errors import ConfigError
from livecoach.loads import NAME, in_unit, parse_load, parse_rpe
from livecoach.rep.measures import load_faults
from livecoach.session.amending import LABELS, UNDO, fault_of, parse_note, typed
from livecoach.session.stored import Session
from livecoach.types import Correction, SetLog
from livecoach.types.message import Message

SCRIPT = Path(__file__).with_name("forms.js")
"""The script of pages with forms."""
Place = Literal["home", "phone"]
"""Where a page is served: by `livecoach home`, or to the phone during a run, where nothing is deleted."""
RUNNING = Message(
    "This session is still running: correct its last rep and log its last set in the window or on the remote, and all "
    "else with livecoach home once it is over."
)
"""Stands in the report of a session that a run records, in place of its forms."""
Sent = Mapping[str, object]
"""The fields that a form sent. A browser of ours sends texts alone."""


def report_forms(session: Session) -> dict[str, Any]:
    """Return what the forms of a report show: of reps by their index, and of sets by their number; the names of faults
    by exercise, and the unit of a load that is typed without one.

    Raises ConfigError if an exercise has no fault table.
    """
    numbers = {event.rep.place[0] for event in session.reps}
    reps = (event.rep for event in session.corrected_reps)
    return {
        "reps": {rep.index: {"name": rep.name, "correction": rep.correction} for rep in reps},
        "sets": {number: _set_form(session.set_logs.get(number, SetLog())) for number in numbers},
        "faults": {name: tuple(load_faults(name).faults) for name in session.exercises},
        "unit": NAME[language.units()],
    }


def _set_form(log: SetLog) -> dict[str, str]:
    """Return the log of a set as it would be typed; empty texts where nothing is logged."""
    load_kg = None if log.load_kg is None else in_unit(log.load_kg, language.units())
    return {"load": _number(load_kg), "rpe": _number(log.rpe), "note": log.note or ""}


def _number(value: float | None) -> str:
    """Return a number to a tenth, with the decimal mark of the language."""
    return "" if value is None else language.translate(Message("{n}", n=f"{value:.1f}".removesuffix(".0")))


def sent_correction(sent: Sent, exercise: str) -> Correction | None:
    """Return the correction that a rep's form sent; None takes the last one back. Raises ConfigError."""
    label, fault = sent_text(sent, "label"), sent_text(sent, "fault")
    if label == UNDO:
        return None
    if label not in LABELS:
        raise ConfigError(f"{label!r}: not one of {', '.join(LABELS)}.")
    return Correction(label=LABELS[label], fault=fault_of(exercise, fault) if fault and label == "bad" else None)


def sent_log(sent: Sent, before: SetLog) -> SetLog:
    """Return the log that a set's form sent.

    A load that still reads as `before` stays as it is: it may be known more exactly than to a tenth. Raises
    ConfigError, which says what is wrong.
    """
    load = sent_text(sent, "load")
    try:
        return SetLog(
            load_kg=before.load_kg
            if load == _set_form(before)["load"]
            else typed(load, lambda text: parse_load(text, language.units())),
            rpe=typed(sent_text(sent, "rpe"), parse_rpe),
            note=typed(sent_text(sent, "note"), parse_note),
        )
    except ValueError as err:
        raise ConfigError(*err.args) from err


def sent_text(sent: Sent, name: str) -> str:
    """Return a field that a form sent; empty without it."""
    value = sent.get(name)
    return value if isinstance(value, str) else ""
