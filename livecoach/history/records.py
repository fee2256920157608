"""What is counted of a session."""

from dataclasses import dataclass
from datetime import date, datetime

from livecoach.types import SpeedUnit, Verdict


@dataclass(frozen=True, slots=True)
class PastPace:
    """How fast a rep was: see types.Pace."""

    eccentric_s: float
    pause_s: float
    concentric_s: float
    speed: float
    speed_unit: SpeedUnit
    travel: float


@dataclass(frozen=True, slots=True)
class PastRep:
    """A completed rep of a session."""

    number: int
    """In the session, from 1, as it was counted."""
    set: int
    """Number of its set in the session, from 1."""
    verdict: Verdict
    """What it counts as."""
    faults: tuple[str, ...]
    """Their names, each once; the one that the rep is told for first."""
    end_s: float
    view: str | None
    """Name of where the camera stood; None where that is not known."""
    pace: PastPace | None
    judged: Verdict | None = None
    """As it was judged, where somebody said something of it, which then stands in the verdict and the faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSession:
    """A session that counts."""

    name: str
    """Of its folder."""
    started: datetime
    """By the clock on the wall where it was recorded, with its offset from UTC."""
    exercise: str
    profile: str | None
    session: str
    """Tells its reps from all others: of one recording that was kept twice it is the same."""
    live: bool
    """False of a recording that was replayed."""
    ended: bool
    """False where it was cut off, or is being recorded: it counts as far as it is."""
    reps: tuple[PastRep, ...]
    not_counted: tuple[PastRep, ...] = ()
    """Reps of which somebody says that they were none."""
    reference: int = 0
    """The lifter's own good reps that were known when it began."""

    @property
    def day(self) -> date:
        """By the clock on the wall where it was recorded: whoever travels trains on the days that they lived."""
        return self.started.date()


def without_duplicates(sessions: list[PastSession]) -> tuple[list[PastSession], list[PastSession]]:
    """Those that count, and recordings that were replayed and kept although they are there already.

    Of several the live one counts, else the one with the most reps, else the first.
    """
    best: dict[tuple[str, str, str | None], PastSession] = {}
    for one in sessions:
        before = best.get(_what(one))
        if before is None or one.live or (not before.live and len(one.reps) > len(before.reps)):
            best[_what(one)] = one
    again = [one for one in sessions if not one.live and best[_what(one)] is not one]
    left_out = {one.name for one in again}
    return [one for one in sessions if one.name not in left_out], again


def _what(one: PastSession) -> tuple[str, str, str | None]:
    return one.session or one.name, one.exercise, one.profile
