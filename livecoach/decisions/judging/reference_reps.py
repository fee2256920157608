"""Which reps of a lifter's sessions form the lifter's reference in an exercise. Pure.

What is known follows from the sessions alone, in the order in which they began, and from what people have said of
their reps by now. It does not depend on when they said so, on the verdicts of then, or on how a session ended.

The reference is anchored, for each view by itself. The anchor is the confirmed reps; without any, the good reps of
the first session that has good ones. Later sessions add a few reps that are clearly good beside the anchor, so the
reference never moves further than a step from where the lifter put it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from livecoach.core.types import Correction, RepWindow
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.scorer import Scorer
from livecoach.decisions.rep.measured import SAME_VIEW_DEG, Standing

Evidence = Literal["confirmed", "first", "alike", "kept"]
"""Why a rep belongs to the reference: somebody confirmed it; it is of the first good session; it is clearly good beside
those; or it was kept when its session was deleted, or by an earlier version."""
MOST_OF_A_VIEW = 20
"""Most reps of a view in the reference, about 75 kB each. Our choice."""
MOST_TRIED = 20
"""Most reps of a session and view that are measured, from its first one on: the last ones of a long session are tired,
and each takes 7 ms. Our choice."""
SESSIONS_TRIED = 6
"""Most sessions, from the newest on, that may add reps to the anchor: two are enough where each adds some. Our
choice."""
ANCHORS_TRIED = 12
"""Most sessions, from the oldest on, that are tried as the anchor. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastRep:
    """A judged rep of a session, whose observations are read only if they are needed."""

    session: str
    """Name of the session."""
    day: str | None
    """Day of the session, as 2026-11-13; None if unknown."""
    set: int
    """Number of its set in the session, from 1."""
    number: int | None
    """Number of the rep in its set, from 1; None if unknown."""
    start_s: float
    """When the rep began, in seconds of its session."""
    azimuth_deg: float
    """Signed azimuth of the camera."""
    correction: Correction | None
    """What somebody has said of it."""
    standing: Standing
    """How it stands by the standards that the lifter had chosen."""
    read: Callable[[], RepWindow | None]
    """Reads what was observed of it; None if too little is left of that."""

    @property
    def is_confirmed(self) -> bool:
        return self.correction is not None and self.correction.label == "good" and self.correction.teaches

    @property
    def may_teach(self) -> bool:
        """Whether it may join the reference without a confirmation."""
        return self.correction is None and self.standing != "disallowed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastSession:
    """What one session has of a lifter in an exercise."""

    reps: Sequence[PastRep]
    """In the order in which they were lifted."""
    assigned: frozenset[int] = frozenset()
    """Sets of which somebody has said that they are the lifter's."""
    is_kept: bool = False
    """Whether only these reps are left of it, each of which was known to be good."""

    def of_view(self, azimuth_deg: float) -> "PastSession":
        return replace(self, reps=[rep for rep in self.reps if is_of_view(rep.azimuth_deg, azimuth_deg)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceRep:
    """A rep of the reference."""

    rep: PastRep
    window: RepWindow
    evidence: Evidence


def reference_reps(sessions: Sequence[PastSession], scorer: Scorer) -> tuple[ReferenceRep, ...]:
    """Return the reps that form a lifter's reference in an exercise, oldest first.

    Args:
        sessions: the lifter's sessions with the exercise, by one pose model, in the order in which they began.
        scorer: of the exercise.
    """
    place = {id(rep): number for number, rep in enumerate(rep for session in sessions for rep in session.reps)}
    known = [
        one
        for azimuth_deg in _views([rep for session in sessions for rep in session.reps])
        for one in _reference_of_view([session.of_view(azimuth_deg) for session in sessions], scorer)
    ]
    return tuple(sorted(known, key=lambda one: place[id(one.rep)]))


def _views(reps: Sequence[PastRep]) -> Iterator[float]:
    """Yield an azimuth for each view, from the newest rep on; those of two views may overlap by less than a view."""
    rest = list(reps)
    while rest:
        middle_deg = rest[-1].azimuth_deg
        yield middle_deg
        rest = [rep for rep in rest if not is_of_view(rep.azimuth_deg, middle_deg)]


def is_of_view(azimuth_deg: float, other_deg: float) -> bool:
    """Return whether two azimuths are of one view, from either side."""
    return abs(abs(azimuth_deg) - abs(other_deg)) <= SAME_VIEW_DEG


def _reference_of_view(sessions: Sequence[PastSession], scorer: Scorer) -> list[ReferenceRep]:
    confirmed = [rep for session in sessions for rep in session.reps if rep.is_confirmed][-MOST_OF_A_VIEW:]
    known, anchored = list(_read(confirmed, "confirmed")), None
    if not known:
        known, anchored = _anchor(sessions, scorer)
    anchor = [one.window for one in known]
    later = [session for session in sessions if session is not anchored and any(rep.may_teach for rep in session.reps)]
    for session in later[: -SESSIONS_TRIED - 1 : -1] if anchor else ():
        room = MOST_OF_A_VIEW - len(known)
        if room <= 0:
            break
        known += _taught(session, scorer, anchor, "alike")[-room:]
    return known


def _anchor(sessions: Sequence[PastSession], scorer: Scorer) -> tuple[list[ReferenceRep], PastSession | None]:
    """Return the good reps of the first session that has good ones, and that session."""
    for session in [session for session in sessions if session.reps][:ANCHORS_TRIED]:
        if session.is_kept:
            found = list(_read(session.reps[-MOST_OF_A_VIEW:], "kept"))
        else:
            found = _taught(session, scorer, (), "first")
        if found:
            return found, session
    return [], None


def _read(reps: Iterable[PastRep], evidence: Evidence) -> Iterator[ReferenceRep]:
    for rep in reps:
        window = rep.read()
        if window is not None:
            yield ReferenceRep(rep=rep, window=_of_day(window, rep, evidence), evidence=evidence)


def _of_day(window: RepWindow, rep: PastRep, evidence: Evidence) -> RepWindow:
    return replace(window, day=rep.day, chosen=evidence == "confirmed")


def _taught(
    session: PastSession, scorer: Scorer, anchor: Sequence[RepWindow], evidence: Evidence
) -> list[ReferenceRep]:
    """Return the reps of a session that are clearly good beside an anchor, or among themselves without one."""
    day = session.reps[0].day if session.reps else None
    judge = LifterJudge(scorer, kept=[replace(rep, day=None) if rep.day == day else rep for rep in anchor])
    tried = {}
    for number, of_set in groupby(session.reps[:MOST_TRIED], key=lambda rep: rep.set):
        windows = [(rep, window) for rep in of_set if (window := rep.read()) is not None]
        if not windows or (number not in session.assigned and judge.is_another(windows[0][1])):
            continue
        for rep, window in windows:
            if rep.may_teach:
                tried[window.start_s] = rep
                judge.rep(window, standing=rep.standing)
            else:
                judge.remember_limbs(window)
        judge.set_over()
    return [
        ReferenceRep(rep=rep, window=_of_day(window, rep, evidence), evidence=evidence)
        for window in judge.own.teachable()
        for rep in [tried[window.start_s]]
    ]
