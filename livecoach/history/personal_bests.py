"""Personal bests: the best of each kind at each load, and when it was first reached. Sets without a load have none."""

from collections.abc import Iterator, Sequence

from livecoach.documents import BestDocument, BestKind
from livecoach.history.records import PastSession

ORDER: tuple[BestKind, ...] = ("heaviest_rep", "most_volume", "most_reps", "fastest_rep")
OF_ALL_LOADS = ORDER[:2]
"""Kinds of which there is one best, whatever the load."""


def personal_bests(sessions: Sequence[PastSession]) -> tuple[BestDocument, ...]:
    """Return the best of each kind: of reps in a set and of speed one at each load, for speed one in each unit.

    sessions: oldest first. What is of all loads comes first, then the heaviest load.
    """
    found: dict[tuple[str, str, float | None], BestDocument] = {}
    for one in (best for session in sessions for best in _of_session(session)):
        key = one.kind, one.unit, None if one.kind in OF_ALL_LOADS else one.load_kg
        if one.value > 0 and (key not in found or one.value > found[key].value):
            found[key] = one
    return tuple(sorted(found.values(), key=_place))


def _place(best: BestDocument) -> tuple[bool, float, int, str]:
    at_load = best.kind not in OF_ALL_LOADS
    return at_load, -(best.load_kg or 0.0) if at_load else 0.0, ORDER.index(best.kind), best.unit


def _of_session(session: PastSession) -> Iterator[BestDocument]:
    when = {"day": session.day.isoformat(), "session": session.name}
    volume_kg = 0.0
    for load_kg, reps in session.loaded_sets:
        volume_kg += load_kg * len(reps)
        yield BestDocument(kind="most_reps", load_kg=load_kg, value=len(reps), unit="reps", rep=None, **when)
        for rep in reps:
            if rep.verdict == "good":
                name = f"{rep.set}/{rep.number}"
                yield BestDocument(kind="heaviest_rep", load_kg=load_kg, value=load_kg, unit="kg", rep=name, **when)
                if rep.pace is not None:
                    speed, unit = rep.pace.speed, rep.pace.speed_unit
                    yield BestDocument(kind="fastest_rep", load_kg=load_kg, value=speed, unit=unit, rep=name, **when)
    yield BestDocument(kind="most_volume", load_kg=None, value=volume_kg, unit="kg", rep=None, **when)
