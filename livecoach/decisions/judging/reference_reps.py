"""Chooses the reps of a lifter's sessions that form the lifter's reference in an exercise.

The choice follows only from the sessions, in the order in which they began, and from the present corrections of their
reps. It does not depend on when the reps were corrected, on the verdicts at that time, or on how a session ended.

Each view has an anchor of its own: the confirmed reps or, if there are none, the good reps of the first session that
has good reps; reps that missed a standard are the anchor only where no other reps can be. A single confirmed rep that
is unlike these may be a typing error, and counts only once there is a second confirmed rep. Later sessions add a few
reps that are clearly good compared with the anchor, so the reference never moves further than a step from where the
lifter put it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Literal

from livecoach.core.types import Correction, RepWindow
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.own_reps import LEAST_ALIKE
from livecoach.decisions.judging.scorer import Scorer
from livecoach.decisions.rep.measured import SAME_VIEW_DEG, Standing

Evidence = Literal["confirmed", "first", "alike", "kept"]
"""Why a rep belongs to the reference: somebody confirmed it; it is of the first good session; it is clearly good
compared with such reps; or it was kept when its session was deleted, or by version 2.0."""
DECIDING = 2  # Least confirmed reps of a view that are an anchor without others. Our choice.
LEAST_FIRST = 2
"""Least reps of a session that may be an anchor: the session may have been cut off after them. Compared with two good
deadlifts, ten of ten rounded backs are flagged; compared with a single one, none (2026-11-26)."""
MOST_OF_A_VIEW = 20  # Most reps of a view in the reference, about 75 kB each. Our choice.
MOST_TRIED = 20
"""Most reps of a session and view that are measured, from the first on: the last reps of a long session are tired, and
each takes 7 ms. Our choice."""
SESSIONS_TRIED = 6
"""Most sessions, from the newest on, that may add reps to the anchor: two are enough if each adds some. Our choice."""
ANCHORS_TRIED = 12  # Most sessions, from the oldest on, that are tried as the anchor. Our choice.


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepInSession:
    """A rep of a session: its place in the session, and the azimuth from which it was filmed."""

    session: str  # Name of the session; its identity if it is deleted
    day: str | None  # Day of the session, as 2026-11-13; None if unknown
    set: int  # Number of the rep's set in the session, from 1
    number: int  # Number of the rep in its set, from 1
    start_s: float  # When the rep began, in seconds of its session
    azimuth_deg: float  # Signed azimuth of the camera


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastRep(RepInSession):
    """A judged rep of a session. Its observations are read only if the choice of the reference needs them."""

    correction: Correction | None  # The correction that counts; None if there is none
    standing: Standing  # Its standing by the standards that the lifter had chosen
    read: Callable[[], RepWindow | None]  # Reads its observations; returns None if too few are left
    is_forgotten: bool = False  # Whether a person has removed the rep from the reference
    is_certain: bool = True
    """Whether the rep would have counted, in this exercise, even if the recording had been cut off after it."""

    @property
    def is_confirmed(self) -> bool:
        """Whether a person called the rep good, and has not removed it from the reference."""
        return self.correction is not None and self.correction.label == "good" and not self.is_forgotten

    @property
    def may_join_unconfirmed(self) -> bool:
        """Whether the rep may join unconfirmed: it is certain, not disallowed, and nobody corrected or removed it."""
        return self.correction is None and not self.is_forgotten and self.is_certain and self.standing != "disallowed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastSession:
    """The reps of one lifter in one exercise, in a session."""

    reps: Sequence[PastRep]  # In the order in which they were lifted
    assigned: frozenset[int] = frozenset()  # Sets that a person has assigned to the lifter
    is_kept: bool = False  # Whether only these reps are left of the session, each of which was known to be good


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceRep:
    """A rep of the reference, with its observations and the reason why it belongs to the reference."""

    rep: PastRep
    window: RepWindow
    evidence: Evidence


def choose_reference_reps(sessions: Sequence[PastSession], scorer: Scorer) -> tuple[ReferenceRep, ...]:
    """Choose the reps that form a lifter's reference in the scorer's exercise, and return the reps, oldest first.

    Args:
        sessions: Sessions with the exercise, recorded with one pose model, in the order in which they began.
    """
    sessions = [
        replace(session, reps=[rep for rep in session.reps if rep.is_certain or rep.correction]) for session in sessions
    ]
    every = [rep for session in sessions for rep in session.reps]
    place = {id(rep): number for number, rep in enumerate(every)}
    views = _views(every)
    view_of = partial(_view_of, views=views)
    confirmed = {view: [rep for rep in every if rep.is_confirmed and view_of(rep) == view] for view in views}
    anchor, first_of = _anchor(sessions, confirmed, view_of, scorer)
    known = {id(item.rep): item for item in anchor}
    counts = Counter(view_of(item.rep) for item in anchor)
    tried = [session for session in reversed(sessions) if any(rep.may_join_unconfirmed for rep in session.reps)]

    def may_join(rep: PastRep, session: PastSession) -> bool:
        view = view_of(rep)
        return id(rep) not in known and counts[view] < MOST_OF_A_VIEW and first_of.get(view) is not session

    for session in tried[:SESSIONS_TRIED] if known else ():
        if any(rep.may_join_unconfirmed and may_join(rep, session) for rep in session.reps):  # judging takes 7 ms a rep
            for new in reversed(_teachable_reps(session, scorer, anchor, "alike")):
                if may_join(new.rep, session):
                    known[id(new.rep)] = new
                    counts[view_of(new.rep)] += 1
    return tuple(sorted(known.values(), key=lambda item: place[id(item.rep)]))


def is_same_view(azimuth_deg: float, other_deg: float) -> bool:
    """Return whether two azimuths belong to the same view, whichever side the camera is at."""
    return abs(abs(azimuth_deg) - abs(other_deg)) <= SAME_VIEW_DEG


def _anchor(
    sessions: Sequence[PastSession],
    confirmed: Mapping[float, Sequence[PastRep]],
    view_of: Callable[[PastRep], float],
    scorer: Scorer,
) -> tuple[list[ReferenceRep], dict[float, PastSession]]:
    """Return the reps by which later reps are chosen, and, by view, the first session with unconfirmed reps."""
    lone = {view: reps for view, reps in confirmed.items() if len(reps) < DECIDING}
    deciding = [reps[-MOST_OF_A_VIEW:] for view, reps in confirmed.items() if view not in lone]
    known = [item for reps in deciding for item in _read(reps, "confirmed")]
    first_of = dict[float, PastSession]()
    for may_miss in (False, True):  # reps that missed a standard make an anchor only where no other reps do
        open_views = lone.keys() - first_of.keys()
        for session in [session for session in sessions if session.reps][:ANCHORS_TRIED]:
            counts = Counter(view_of(item.rep) for item in known)
            wanted = [
                rep
                for rep in session.reps
                if (view := view_of(rep)) in open_views
                and counts[view] < LEAST_ALIKE
                and (may_miss or rep.standing == "allowed")
            ]
            found = _good_reps(session, wanted, known, scorer) if wanted else []
            if may_miss or len(found) >= LEAST_FIRST:
                first_of = {view_of(item.rep): session for item in found} | first_of
                known += found
    for view, reps in lone.items():  # too few for an anchor: they count if their view has none, or they are like it
        others = [other for other in known if view_of(other.rep) == view]
        known += [item for item in _read(reps, "confirmed") if not others or not _is_unlike(item, others, scorer)]
    return known, first_of


def _good_reps(
    session: PastSession, wanted: Sequence[PastRep], known: Sequence[ReferenceRep], scorer: Scorer
) -> list[ReferenceRep]:
    if session.is_kept:
        return list(_read(wanted[-MOST_OF_A_VIEW:], "kept"))
    return [item for item in _teachable_reps(session, scorer, known, "first") if any(item.rep is rep for rep in wanted)]


def _views(reps: Sequence[PastRep]) -> list[float]:
    views: list[float] = []
    for rep in reversed(reps):
        if not any(is_same_view(rep.azimuth_deg, view) for view in views):
            views.append(rep.azimuth_deg)
    return views


def _view_of(rep: PastRep, views: Sequence[float]) -> float:
    return next(view for view in views if is_same_view(rep.azimuth_deg, view))


def _is_unlike(confirmed: ReferenceRep, others: Sequence[ReferenceRep], scorer: Scorer) -> bool:
    """Return whether a confirmed rep would be flagged in comparison with `others`."""
    judge = LifterJudge(scorer, kept=[other.window for other in others])
    rep, _ = judge.judge_rep(replace(confirmed.window, day=None))
    return rep.verdict == "anomalous"


def _read(reps: Iterable[PastRep], evidence: Evidence) -> Iterator[ReferenceRep]:
    for rep in reps:
        window = rep.read()
        if window is not None:
            yield ReferenceRep(rep=rep, window=_of_day(window, rep, evidence), evidence=evidence)


def _of_day(window: RepWindow, rep: PastRep, evidence: Evidence) -> RepWindow:
    is_chosen = evidence == "confirmed"
    misses = window.misses_standard or (rep.standing != "allowed" and not is_chosen)
    return replace(window, day=rep.day, chosen=is_chosen, misses_standard=misses)


def _teachable_reps(
    session: PastSession, scorer: Scorer, anchor: Sequence[ReferenceRep], evidence: Evidence
) -> list[ReferenceRep]:
    """Return a session's clearly good reps, compared with an anchor or, without an anchor, with each other."""
    day = session.reps[0].day if session.reps else None
    judge = LifterJudge(scorer, kept=[item.window.prepare_for_day(day) for item in anchor])
    tried = {}
    for number, of_set in groupby(_first_of_each_view(session.reps), key=lambda rep: rep.set):
        windows = [(rep, window) for rep in of_set if (window := rep.read()) is not None]
        if not windows or (number not in session.assigned and judge.limbs.is_other_body(windows[0][1])):
            continue
        for rep, window in windows:
            if rep.may_join_unconfirmed:
                tried[window.start_s] = rep
                judge.judge_rep(window, standing=rep.standing)
            judge.limbs.remember(window)
        judge.end_set()
    least = LEAST_FIRST if evidence == "first" else LEAST_ALIKE
    return [
        ReferenceRep(rep=rep, window=_of_day(window, rep, evidence), evidence=evidence)
        for window in judge.own_reps.teachable_reps(least)
        for rep in [tried[window.start_s]]
    ]


def _first_of_each_view(reps: Sequence[PastRep]) -> Iterator[PastRep]:
    counts, views = Counter[float](), _views(reps)
    for rep in reps:
        view = _view_of(rep, views)
        counts[view] += 1
        if counts[view] <= MOST_TRIED:
            yield rep
