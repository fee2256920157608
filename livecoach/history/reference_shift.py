"""Measures how far a lifter's reference moved: good reps of the newest sessions against those of the first ones.

Only good reps count, as in the reference itself. Views are compared separately, because measures of a rep depend on
the camera position.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import median

from livecoach.documents import MovedDocument, ShiftDocument, ShiftKind
from livecoach.documents.history import ShiftUnit
from livecoach.history.records import PastPace, PastSession

MOST = 5
"""Most sessions that represent the beginning, and the present; our choice."""
LEAST = 3
"""Fewest good reps at either end."""
SPREAD_OF_MAD = 1.4826
"""Standard deviation over median absolute deviation of a normal distribution."""

_Of = Callable[[PastPace], float]
_TIMES: tuple[tuple[ShiftKind, _Of], ...] = (
    ("way_down", lambda pace: pace.eccentric_s),
    ("pause", lambda pace: pace.pause_s),
    ("way_up", lambda pace: pace.concentric_s),
)


def reference_shifts(sessions: Sequence[PastSession]) -> tuple[MovedDocument, ...]:
    """Return the shift in each view, that with the most reps first.

    sessions: of one exercise and profile, oldest first.
    """
    by_view: dict[str, list[tuple[PastSession, list[PastPace]]]] = defaultdict(list)
    for session in sessions:
        paces: dict[str, list[PastPace]] = defaultdict(list)
        for rep in session.reps:
            if rep.verdict == "good" and rep.pace is not None and rep.view is not None:
                paces[rep.view].append(rep.pace)
        for view, found in paces.items():
            by_view[view].append((session, found))
    documents = [_of_view(view, found) for view, found in by_view.items()]
    return tuple(
        sorted((one for one in documents if one is not None), key=lambda one: -one.reps_before - one.reps_after)
    )


def _of_view(view: str, found: Sequence[tuple[PastSession, list[PastPace]]]) -> MovedDocument | None:
    each = min(MOST, len(found) // 2)
    first, last = found[:each], found[len(found) - each :]
    before, after = ([paces for _, paces in part] for part in (first, last))
    if min(sum(map(len, before)), sum(map(len, after))) < LEAST:
        return None
    shifts = [_shift(kind, "s", before, after, of) for kind, of in _TIMES]
    # Metres and torso lengths can't be compared: only values in the same unit at both ends are.
    for unit, length in (("m/s", "m"), ("torso/s", "torso")):
        then, now = ([[p for p in paces if p.speed_unit == unit] for paces in part] for part in (before, after))
        if min(sum(map(len, then)), sum(map(len, now))) >= LEAST:
            shifts.append(_shift("travel", length, then, now, lambda pace: pace.travel))  # type: ignore[arg-type]
            shifts.append(_shift("speed", unit, then, now, lambda pace: pace.speed))  # type: ignore[arg-type]
    return MovedDocument(
        view=view,
        first_day=first[0][0].day.isoformat(),
        first_until=first[-1][0].day.isoformat(),
        last_from=last[0][0].day.isoformat(),
        last_day=last[-1][0].day.isoformat(),
        reps_before=sum(map(len, before)),
        reps_after=sum(map(len, after)),
        shifts=tuple(shifts),
    )


def _shift(
    kind: ShiftKind, unit: ShiftUnit, before: Sequence[list[PastPace]], after: Sequence[list[PastPace]], of: _Of
) -> ShiftDocument:
    then, now = ([[of(pace) for pace in paces] for paces in part if paces] for part in (before, after))
    apart = [abs(value - median(values)) for values in (*then, *now) for value in values if len(values) > 1]
    return ShiftDocument(
        kind=kind,
        unit=unit,
        before=median(value for values in then for value in values),
        after=median(value for values in now for value in values),
        spread=SPREAD_OF_MAD * median(apart) if apart else 0.0,
    )
