"""What loads tell: the volume load of a session, its sets, and the one-repetition maximum of a course."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from livecoach.config import exercise
from livecoach.documents import OneRepMaxDocument, PastSetDocument
from livecoach.history.records import PastRep, PastSession
from livecoach.rep.one_rep_max import OneRepMax, estimate, of_one_kind, speed_of_max
from livecoach.types import SetLog

LATELY = timedelta(weeks=6)
"""Sets that are older than the newest by more than this do not count: strength changes. Our choice."""


def volume_load_kg(one: PastSession) -> float | None:
    """Return the sum of load times reps over the sets whose load is known; None where none is."""
    sets = one.loaded_sets
    return sum(load_kg * len(reps) for load_kg, reps in sets) if sets else None


def past_sets(one: PastSession) -> tuple[PastSetDocument, ...]:
    """Return the sets of a session of which something was logged."""
    return tuple(_past_set(number, one.logs[number], reps) for number, reps in one.sets.items() if number in one.logs)


def _past_set(number: int, log: SetLog, reps: Sequence[PastRep]) -> PastSetDocument:
    paces = [rep.pace for rep in reps if rep.pace is not None]
    units = Counter(pace.speed_unit for pace in paces)
    unit = units.most_common(1)[0][0] if units else None
    return PastSetDocument(
        set=number,
        reps=len(reps),
        load_kg=log.load_kg,
        rpe=log.rpe,
        note=log.note,
        speed=max((pace.speed for pace in paces if pace.speed_unit == unit), default=None),
        speed_unit=unit,
    )


def one_rep_max(sessions: Sequence[PastSession]) -> OneRepMaxDocument | None:
    """Return the maximum that the latest sets point to, or why there is none.

    sessions: of one exercise and profile, oldest first. None where no load was logged, and for an exercise whose
    maximum has no known speed.
    """
    loaded = [one for one in sessions if one.loaded_sets]
    m_s = _speed_of_max_m_s(sessions[-1].exercise) if loaded else None
    if m_s is None:
        return None
    lately = [one for one in loaded if loaded[-1].started - one.started <= LATELY]
    kind, chosen = of_one_kind(
        (load_kg, [rep.pace for rep in reps if rep.pace is not None])
        for one in lately
        for load_kg, reps in one.loaded_sets
    )
    found = estimate(chosen, speed_of_max(m_s, kind[1]))
    known = found if isinstance(found, OneRepMax) else None
    return OneRepMaxDocument(
        load_kg=None if known is None else known.load_kg,
        low_kg=None if known is None else known.low_kg,
        high_kg=None if known is None else known.high_kg,
        sets=len(chosen),
        since=lately[0].day.isoformat(),
        typical_height=kind[1] == "torso/s",
        why=found if isinstance(found, str) else None,
    )


def _speed_of_max_m_s(name: str) -> float | None:
    return exercise.load(name).speed_of_max_m_s if name in exercise.names() else None
