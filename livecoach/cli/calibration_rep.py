"""A rep that may enter a reference, and what is asked before some of them do."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from livecoach.errors import ConfigError
from livecoach.profile import Profile
from livecoach.types import Rep, RepWindow


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationRep:
    """A rep counted in a source."""

    source: str
    session: str
    rep: Rep
    """As its source names it and as it counts: in a session with the verdict that was given then, or its correction."""
    seen: RepWindow | None
    """None where the view is not known."""
    unfit: str | None
    """Why it can't be used; None where it can."""


def confirmed(profile: Profile, exercise: str, good: Sequence[CalibrationRep]) -> bool:
    """Return whether the user agrees to use anomalous reps and to replace reps; True where there is nothing to ask.

    Raises ConfigError where nobody can answer.
    """
    asked = [*_about_flagged(good), *_about_replaced(profile, exercise, good)]
    for line in asked:
        click.echo(line, err=True)
    if not asked:
        return True
    if not sys.stdin.isatty():
        raise ConfigError("nothing changed. Not a terminal: pass --yes to store these reps.")
    return click.confirm("Store these reps?", err=True)


def _about_flagged(good: Sequence[CalibrationRep]) -> list[str]:
    """Return a line about the reps that livecoach called anomalous, if there are any."""
    flagged = [candidate for candidate in good if candidate.rep.label == "anomalous"]
    if not flagged:
        return []
    named = ", ".join(f"{one.source}:{one.rep.name}{_faults(one.rep)}" for one in flagged)
    of = f"{len(flagged)} of {len(good)} reps {'is' if len(flagged) == 1 else 'are'} anomalous"
    return [f"{of}: {named}. A faulty rep in your reference hides that fault."]


def _faults(rep: Rep) -> str:
    names = ", ".join(name.replace("_", " ") for name in rep.fault_names)
    return f" ({names})" if names else ""


def _about_replaced(profile: Profile, exercise: str, good: Sequence[CalibrationRep]) -> list[str]:
    """Return a line about the stored reps that would be replaced, if there are any."""
    old = profile.replaced_by(exercise, [one.seen for one in good if one.seen is not None])
    if not old:
        return []
    reps = "1 rep" if len(old) == 1 else f"{len(old)} reps"
    newest = max(entry.header.kept_utc for entry in old)
    return [
        f"profile {profile.name}, {exercise}: this replaces {reps} of the same view, stored until {newest:%Y-%m-%d}."
    ]
