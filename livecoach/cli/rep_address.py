"""The argument SESSION:SET/REP, which names one rep of a session."""

from typing import TYPE_CHECKING, NamedTuple

import click

from livecoach.cli.options import say
from livecoach.session.rep_choice import RepRange, one_rep, split_address

if TYPE_CHECKING:
    from livecoach.documents import RepEvent
    from livecoach.session.stored import Session


class RepAddress(NamedTuple):
    """A rep as it was named."""

    session: str
    rep: RepRange


def _parsed(_context: click.Context, _argument: click.Parameter, text: str) -> RepAddress:
    try:
        return RepAddress(*split_address(text))
    except ValueError as err:
        raise click.BadParameter(str(err)) from err


rep_argument = click.argument("rep", callback=_parsed, metavar="SESSION:SET/REP")


def open_rep(named: RepAddress) -> "tuple[Session, RepEvent]":
    """Open the session and return its rep with its correction. Raises SessionError where there is none."""
    from livecoach.session.stored import find_session, open_session

    session = open_session(find_session(named.session), say)
    found = one_rep(named.rep, [event.rep for event in session.corrected_reps], session.name)
    return session, next(event for event in session.corrected_reps if event.rep is found)
