"""Where the reps of a profile come from: their sessions, if these are still stored, and the steps of the reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from livecoach.cli.options import say
from livecoach.cli.run_summary import rep_count
from livecoach.profile import KeptRepFile, Profile, profile_names
from livecoach.profile.rep_file import RepHeader
from livecoach.session.listing import all_sessions
from livecoach.session.stored import Session, open_session
from livecoach.types import SetLog


@dataclass(frozen=True, slots=True, kw_only=True)
class RepOrigin:
    """Where a stored rep comes from, in words."""

    name: str
    """SESSION:SET/REP, or as much of it as is known."""
    verdict: str
    """What the rep counts as in its session; "–" where the session is gone."""
    load_kg: float | None = None
    """Load of its set; None where that is not known."""


class RepOrigins:
    """Finds the sessions that reps come from. Each session is read once."""

    def __init__(self) -> None:
        self._open: dict[Path, Session] = {}

    @cached_property
    def _folders(self) -> dict[str, Path]:
        """Identifier of a session → its folder."""
        return {one.about.session: one.folder for one in all_sessions() if one.about is not None}

    def of(self, entry: KeptRepFile) -> RepOrigin:
        """Return where a rep comes from."""
        folder = self._folders.get(entry.header.session)
        if folder is None:
            return RepOrigin(name=_without_session(entry), verdict="–")
        if folder not in self._open:
            self._open[folder] = open_session(folder, str)
        session = self._open[folder]
        start_s, end_s = entry.header.start_s, entry.header.end_s
        rep = next((one.rep for one in session.corrected_reps if start_s <= one.rep.turn_s <= end_s), None)
        if rep is None:
            return RepOrigin(name=_without_session(entry), verdict="–")
        verdict = rep.label if rep.correction is None else f"{rep.verdict}, you said {rep.correction.words}"
        log = session.set_logs.get(rep.place[0], SetLog())
        return RepOrigin(name=f"{folder.name}:{rep.name}", verdict=verdict, load_kg=log.load_kg)


def reference_steps(profile: str | None, exercise: str) -> Iterator[str]:
    """Yield how a reference came about, a line for each step: "2026-11-13, squat.mp4: 5 reps learned"."""
    found = Profile(profile, say) if profile in profile_names() else None
    entries = found.entries(exercise) if found is not None and exercise in found.exercises() else ()
    of_step = groupby((entry.header for entry in entries), lambda one: (one.day, _session_name(one), one.origin))
    for (day, session, origin), reps in of_step:
        yield f"{day}, {session}: {rep_count(len(list(reps)))} {origin}"


def _session_name(header: RepHeader) -> str:
    """Return the name of a session: of a file, without its digest."""
    return header.session if header.session.endswith("Z") else header.session.rpartition(":")[0] or header.session


def _without_session(entry: KeptRepFile) -> str:
    """Return the name of a rep whose session is gone, or that comes from a file."""
    header = entry.header
    of_set = header.set_name.removeprefix(f"{header.session} ")
    name = _session_name(header)
    return f"{name}:{of_set}/{header.number}" if header.number is not None else f"{name}, set {of_set}"
