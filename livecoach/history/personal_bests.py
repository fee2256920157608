"""Personal bests: the best value of each kind, and when it was first reached."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from livecoach.documents import BestDocument, BestKind
from livecoach.history.records import PastRep, PastSession
from livecoach.history.weeks import monday
from livecoach.types import SpeedUnit

ORDER: tuple[BestKind, ...] = (
    "fastest_rep",
    "most_reps_in_a_set",
    "longest_clean_set",
    "most_good_in_a_row",
    "most_good_reps",
    "most_reps_in_a_week",
)


def personal_bests(sessions: Sequence[PastSession]) -> tuple[BestDocument, ...]:
    """Return the best of each kind, for speed one in each unit. sessions: oldest first."""
    found: dict[tuple[str, str], BestDocument] = {}
    for one in _candidates(sessions):
        key = one.kind, one.unit
        if one.value > 0 and (key not in found or one.value > found[key].value):
            found[key] = one
    return tuple(sorted(found.values(), key=lambda best: (ORDER.index(best.kind), best.unit)))


def longest_run(reps: Sequence[PastRep]) -> int:
    """Return the longest run of good reps. Unsure reps neither count nor break a run."""
    most = run = 0
    for rep in reps:
        run = run + 1 if rep.verdict == "good" else 0 if rep.verdict == "anomalous" else run
        most = max(most, run)
    return most


def _candidates(sessions: Sequence[PastSession]) -> Iterator[BestDocument]:
    of_week: Counter[str] = Counter()
    for session in sessions:
        yield from _of_session(session)
        of_week[monday(session.day).isoformat()] += len(session.reps)
    for week, reps in of_week.items():
        yield BestDocument(kind="most_reps_in_a_week", value=reps, unit="reps", day=week, session=None, rep=None)


def _of_session(session: PastSession) -> Iterator[BestDocument]:
    def best(
        kind: BestKind, value: float, unit: SpeedUnit | Literal["reps"] = "reps", rep: str | None = None
    ) -> BestDocument:
        day = session.day.isoformat()
        return BestDocument(kind=kind, value=value, unit=unit, day=day, session=session.name, rep=rep)

    sets: dict[int, list[PastRep]] = defaultdict(list)
    for rep in session.reps:
        sets[rep.set].append(rep)
        if rep.verdict == "good" and rep.pace is not None:
            yield best("fastest_rep", rep.pace.speed, rep.pace.speed_unit, f"{rep.set}/{rep.number}")
    for reps in sets.values():
        yield best("most_reps_in_a_set", len(reps))
        if all(rep.verdict == "good" for rep in reps):
            yield best("longest_clean_set", len(reps))
    yield best("most_good_in_a_row", longest_run(session.reps))
    yield best("most_good_reps", sum(rep.verdict == "good" for rep in session.reps))
