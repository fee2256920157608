"""The reference: made from the lifter's good reps of earlier sessions, of this session, and of the set under way."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from livecoach.frame.quantiles import median
from livecoach.judging.judgement import Judgement, Reference
from livecoach.judging.population import PlainUsual, Population
from livecoach.judging.posterior import Levels, OwnReps, Posterior, posterior
from livecoach.judging.reference_rep import ReferenceRep, StoredRep
from livecoach.rep.measures import Front
from livecoach.rep.view_normalised import can_be_normalised
from livecoach.types import RepWindow

PROVISIONAL = 1
"""Number of good reps from which on the reference judges: one already tells most of the body and of the camera."""
LEAST_OF_A_VIEW = 3
"""Number of good reps of a view that are worth keeping, and that reveal an odd one among them."""
MOST_KEPT = 10
"""Number of newest reps of a set that count: more of them would hardly narrow the spread within the set."""
RUN = ""
"""Name of the session under way."""
MOST_HELD = 32
"""Number of newest reps of a set, of one view and with one leg in front, that are held at all, some 100 kB each: those
that count, and those that take their place where a person's word takes some away. Our choice."""
MOST_SETS = 20
"""Number of newest sets of the run, and of an earlier session, of one view and with one leg in front, that count. Our
choice."""
MOST_SESSIONS = 3
"""Number of newest earlier sessions that count: each costs a linear system a rep, and the lifter changes."""
SAME_VIEW_DEG = 15.0
"""Views that differ by more are different views."""
FIRST_ODD = 1.0
"""Score above which one of the first reps is left out."""


def reference_reps(windows: Sequence[RepWindow], population: Population) -> list[ReferenceRep]:
    """Return the reps that a profile keeps, measured when they are first compared; those that were not seen well enough
    are left out."""
    found: list[StoredRep] = []
    for rep in windows:
        if can_be_normalised(rep):
            previous = found[-1] if found and found[-1].window.set_name == rep.set_name else None
            found.append(StoredRep(rep, population, side_of(found, rep.known_view.azimuth_deg), previous))
    return list(found)


def reference_of(
    population: Population,
    azimuth_deg: float,
    earlier: Sequence[ReferenceRep],
    now: Sequence[ReferenceRep],
    of_set: Sequence[ReferenceRep] = (),
    front: Front | None = None,
) -> Reference | None:
    """Make the reference of a view from good reps of earlier sets and of this one; None where no band knows the view.

    of_set: reps of this one by which the whole set is judged. front: leg that is in front in the reps that count; None:
    either.
    """
    band = population.band(azimuth_deg)
    if band is None:
        return None
    sessions = _by_session(near(earlier, azimuth_deg, front))
    own = near(now, azimuth_deg, front)[-MOST_KEPT:]
    everybody = counting(earlier, now, azimuth_deg, front)
    usual = {name: population.plain_usual(name, azimuth_deg) for name in population.plain}
    levels, known_reps = population.levels(band), _own_reps(sessions, own, lambda k: k.vector.vector)
    set_reps = _vectors(near(of_set, azimuth_deg, front)[-MOST_KEPT:], len(band.usual))
    return Reference(
        band=band,
        posterior=posterior(levels, known_reps),
        before=mean_posterior(levels, known_reps, len(set_reps) + 1) if RUN in sessions else None,
        set_vectors=set_reps,
        plain={name: _plain(population, name, one, (sessions, own)) for name, one in usual.items() if one is not None},
        effects=population.effects(azimuth_deg),
        usual=_usual(everybody),
        own=len(everybody) >= PROVISIONAL,
    )


def mean_posterior(levels: Levels, own: OwnReps, count: int) -> Posterior:
    """Return the posterior of the mean of `count` reps of the set under way, given what was known before it."""
    before = posterior(levels, OwnReps(sessions=own.sessions, sets=own.sets))
    return replace(before, predictive=before.covariance + before.scatter * levels.within / count)


def _vectors(reps: Sequence[ReferenceRep], length: int) -> np.ndarray:
    return np.array([k.vector.vector for k in reps]).reshape(-1, length)


def oddness(judgement: Judgement | None) -> float:
    """Return how far a rep is beyond a good one: above 1 it has a fault, or its score is above 1."""
    if judgement is None:
        return 0.0
    return max(judgement.score, 1 + max((fault.severity for fault in judgement.faults), default=-1.0))


def side_of(reps: Sequence[ReferenceRep], azimuth_deg: float) -> bool | None:
    """Return whether the latest rep of about this view was mirrored; None without one."""
    for k in reversed(reps):
        if abs((-azimuth_deg if k.mirrored else azimuth_deg) - k.azimuth_deg) <= SAME_VIEW_DEG:
            return k.mirrored
    return None


def near(reps: Sequence[ReferenceRep], azimuth_deg: float, front: Front | None = None) -> list[ReferenceRep]:
    """Return the reps that were seen in this view, and have that leg in front; None: either."""
    seen = [k for k in reps if abs(k.azimuth_deg - azimuth_deg) <= SAME_VIEW_DEG]
    return [k for k in seen if front is None or k.front == front]


def counting(
    earlier: Sequence[ReferenceRep], now: Sequence[ReferenceRep], azimuth_deg: float, front: Front | None
) -> list[ReferenceRep]:
    """Return the reps of this view and leg that a reference is made of, in their order."""
    sessions = _by_session(near(earlier, azimuth_deg, front))
    of_set = near(now, azimuth_deg, front)[-MOST_KEPT:]
    return [*(k for sets in sessions.values() for reps in sets for k in reps), *of_set]


def newest(reps: Sequence[ReferenceRep], of_set: int = MOST_HELD) -> list[ReferenceRep]:
    """Return the newest reps in their order: of each view and leg the newest `of_set` of a set, and the newest sets of
    the run. Fewer than that are returned as they are."""
    if len(reps) <= of_set:
        return list(reps)
    held: list[ReferenceRep] = []
    for rep in reversed(reps):
        like = near(held, rep.azimuth_deg, rep.front)
        sets = {k.window.set_name for k in like if session_of(k) == RUN}
        is_old = session_of(rep) == RUN and rep.window.set_name not in sets and len(sets) >= MOST_SETS
        if not is_old and sum(k.window.set_name == rep.window.set_name for k in like) < of_set:
            held.append(rep)
    return held[::-1]


def session_of(rep: ReferenceRep) -> str:
    """Return the session of a rep: a profile names a set by session and number, a run by the number alone."""
    return rep.window.set_name.rpartition(" ")[0]


def _by_session(reps: Sequence[ReferenceRep]) -> dict[str, list[list[ReferenceRep]]]:
    """Group the newest reps by session and set: those of the newest sessions, and of the run itself."""
    sessions: dict[str, dict[str, list[ReferenceRep]]] = {}
    for k in reps:
        sessions.setdefault(session_of(k), {}).setdefault(k.window.set_name, []).append(k)
    before = [name for name in sessions if name][-MOST_SESSIONS:]
    sets = {name: list(sessions[name].values())[-MOST_SETS:] for name in before}
    if RUN in sessions:  # `newest` bounds its sets
        sets[RUN] = list(sessions[RUN].values())
    return {name: [of_set[-MOST_KEPT:] for of_set in of_session] for name, of_session in sets.items()}


def _own_reps(
    sessions: dict[str, list[list[ReferenceRep]]],
    now: Sequence[ReferenceRep],
    value: Callable[[ReferenceRep], Sequence[float] | np.ndarray],
) -> OwnReps:
    """value: (D,) of a rep; a rep with an unknown number is left out."""

    def arrays(sets: Sequence[Sequence[ReferenceRep]]) -> list[np.ndarray]:
        found = [np.array([value(k) for k in reps]) for reps in sets if reps]
        known = [reps if np.isfinite(reps).all() else reps[np.isfinite(reps).all(1)] for reps in found]
        return [reps for reps in known if len(reps)]

    of_sessions = {name: arrays(sets) for name, sets in sessions.items()}
    under_way = arrays([now])
    return OwnReps(
        sessions=[sets for name, sets in of_sessions.items() if name and sets],
        sets=of_sessions.get(RUN, []),
        now=under_way[0] if under_way else np.empty((0, 0)),
    )


def _plain(
    population: Population,
    name: str,
    usual: PlainUsual,
    reps: tuple[dict[str, list[list[ReferenceRep]]], Sequence[ReferenceRep]],
) -> Posterior:
    """Return the posterior of a plain measure. reps: by session, and those of the set under way."""
    sign = population.sign(name)
    sessions, now = reps
    own = _own_reps(sessions, now, lambda k: (sign.scaled(k.vector.values[name]),))
    return posterior(population.plain_levels(usual), own)


def _usual(reps: Sequence[ReferenceRep]) -> dict[str, float]:
    """Return measure → median over the lifter's own reps."""
    if not reps:
        return {}
    names = list(reps[0].vector.values)
    values = np.array([[k.vector.values[name] for name in names] for k in reps])
    known = np.isfinite(values)
    usual = median(values).tolist()  # NaN where one is unknown
    for place in np.flatnonzero(~known.all(0) & known.any(0)).tolist():
        usual[place] = float(median(values[known[:, place], place]))
    return {name: usual[place] for place, name in enumerate(names) if known[:, place].any()}
