"""Addresses of reports: a session of several lifters has one for each."""

from hashlib import sha256
from urllib.parse import quote, urlencode

from livecoach.core.types.bounds import profile_name
from livecoach.records.session.stored import NO_PROFILE

HISTORY = "history"  # Name of the page that is no report
OF_LIFTER = "~"  # Before the lifter in the name of a file. No session that livecoach names has it.
LONGEST_FILE = 240  # Bytes that every file system allows, with room for the ending


def served_report(session: str, profile: str | None) -> str:
    """Return the link to a report beside the served page."""
    return f"{quote(session, safe='')}.html?{urlencode({'profile': profile or NO_PROFILE})}"


def report_file(session: str, lifter: str | None = None) -> str:
    """Return the name of a written report. lifter: profile, or NO_PROFILE, of the lifter of the page; None for the only
    one of the session."""
    if lifter is None:
        return f"{session}.html"
    try:
        who = lifter if lifter == NO_PROFILE else profile_name(lifter)
    except ValueError:  # of an imported session: a path, for example
        who = ""
    if not who or len(f"{session}{OF_LIFTER}{who}".encode()) > LONGEST_FILE:
        who = sha256(lifter.encode(errors="replace")).hexdigest()[:8]
    return f"{session}{OF_LIFTER}{who}.html"
