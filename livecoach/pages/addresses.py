"""Returns the addresses and file names of reports. A session with several lifters has a report for each lifter."""

from hashlib import sha256
from urllib.parse import quote, urlencode

from livecoach.core.types.bounds import NO_PROFILE, check_profile_name

HISTORY = "history"  # Name of the history page among the names of reports
LIFTER_MARK = "~"  # Separates session and lifter in a file name. No name from livecoach contains it.
LONGEST_FILE = 240  # Bytes that every file system allows, with room for the ending


def report_link(session: str, profile: str | None) -> str:
    """Return the link from a served page to the report of a lifter (None for no profile) in a session."""
    return f"{quote(session, safe='')}.html?{urlencode({'profile': profile or NO_PROFILE})}"


def report_file_name(session: str, lifter: str | None = None) -> str:
    """Return the file name of a report, with a digest in place of a lifter's name that a file name can't contain.

    `lifter` is a profile or NO_PROFILE, and None for the session's only lifter.
    """
    if lifter is None:
        return f"{session}.html"
    try:
        who = lifter if lifter == NO_PROFILE else check_profile_name(lifter)
    except ValueError:  # an imported session may contain any name, such as a path
        who = ""
    if not who or len(f"{session}{LIFTER_MARK}{who}".encode()) > LONGEST_FILE:
        who = sha256(lifter.encode(errors="replace")).hexdigest()[:8]
    return f"{session}{LIFTER_MARK}{who}.html"
