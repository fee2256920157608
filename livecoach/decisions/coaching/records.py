"""Finds personal records: the ways in which a finished set was better than every set before it.

Only good reps of good sets with a load make records, and speeds count only if they were measured at the bar.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from livecoach.core.loads import Units, format_load, format_rounded_load
from livecoach.core.types import Rep, SetLog, SetSummary
from livecoach.core.types.message import Message, quantity_words
from livecoach.decisions.rep.one_rep_max import LoadedSet, estimate_max_by_reps, loaded_set

RecordKind = Literal["heaviest_rep", "most_reps", "one_rep_max", "fastest_rep"]
ORDER: tuple[RecordKind, ...] = ("heaviest_rep", "most_reps", "one_rep_max", "fastest_rep")
"""Order of importance: of several records only the first is shown, a lift before an estimate. Our choice."""
AT_LOAD: tuple[RecordKind, ...] = ("most_reps", "fastest_rep")  # Kinds that have a best at each load
LEAST_FASTER = 1.05  # Least ratio of a new record to the fastest rep, because of errors (docs/figures.md). Our choice.


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCandidate:
    """A value of a set that may be a personal record, such as the load of a good rep."""

    kind: RecordKind
    load_kg: float
    value: float  # In kg for the heaviest rep and the one-repetition maximum, a number of reps, or in m/s
    rep: int | None = None
    """Index of the rep among the reps of the set that count, from 0; None for a best value of the whole set."""


PastBests = Mapping[str, Sequence[RecordCandidate]]  # exercise → bests in earlier sessions


def record_candidates(log: SetLog | None, reps: Sequence[Rep]) -> Iterator[RecordCandidate]:
    """Yield the values of a set that may be records: of the whole set, and the load and bar speed of each good rep.

    Nothing is yielded without a load, or if at most half of the reps are good.

    Args:
        reps: The reps of the set that count, with their corrections.
    """
    lifted = None if log is None else loaded_set(log, reps)
    if lifted is None:
        return
    load_kg = lifted.load_kg
    yield from _of_reps(lifted)
    for place, rep in enumerate(reps):
        if rep.form == "good":
            yield RecordCandidate(kind="heaviest_rep", load_kg=load_kg, value=load_kg, rep=place)
            if rep.pace is not None and rep.pace.is_measured:
                yield RecordCandidate(kind="fastest_rep", load_kg=load_kg, value=rep.pace.speed, rep=place)


def logged_candidates(load_kg: float | None, reps: int) -> Iterator[RecordCandidate]:
    """Yield the values of an unfilmed set that may be records, as if all reps were good; nothing without a load."""
    if load_kg is not None:
        yield RecordCandidate(kind="heaviest_rep", load_kg=load_kg, value=load_kg)
        yield from _of_reps(LoadedSet(load_kg=load_kg, reps=reps))


def _of_reps(lifted: LoadedSet) -> Iterator[RecordCandidate]:
    yield RecordCandidate(kind="most_reps", load_kg=lifted.load_kg, value=lifted.reps)
    most = estimate_max_by_reps(lifted)
    if most is not None:
        yield RecordCandidate(kind="one_rep_max", load_kg=lifted.load_kg, value=most.load_kg)


def new_record(
    past: PastBests, summary: SetSummary, reps: Iterable[Rep], logs: Mapping[int, SetLog]
) -> RecordCandidate | None:
    """Return the most important personal record of a set; None if the set has no record.

    A record beats the lifter's earlier sessions, and the lifter's earlier sets of the run. Earlier sessions must have a
    value of the record's kind and, for a number of reps or a speed, at the same load.

    Args:
        reps: All reps of the lifter in the run, with their corrections.
        logs: Logs of the lifter's sets in the run, by the number of the set.
    """
    of_past = past.get(summary.exercise or "", ())
    sets: dict[int, list[Rep]] = {}
    for rep in reps:
        if rep.counts and rep.exercise == summary.exercise:
            sets.setdefault(rep.set, []).append(rep)
    before = [number for number in sets if number < summary.index]
    earlier = [candidate for number in before for candidate in record_candidates(logs.get(number), sets[number])]
    found = [
        candidate
        for candidate in record_candidates(logs.get(summary.index), sets.get(summary.index, []))
        if _is_known(candidate, of_past) and _beats(candidate, [*of_past, *earlier])
    ]
    return min(found, key=lambda candidate: (ORDER.index(candidate.kind), -candidate.value), default=None)


def _is_known(candidate: RecordCandidate, past: Iterable[RecordCandidate]) -> bool:
    """Return whether earlier sessions have this kind of best, at the same load if that matters."""
    return any(
        earlier.kind == candidate.kind and (candidate.kind not in AT_LOAD or earlier.load_kg == candidate.load_kg)
        for earlier in past
    )


def _beats(candidate: RecordCandidate, before: Iterable[RecordCandidate]) -> bool:
    """Return whether a value beats all earlier bests. Reps and speeds must also beat bests at a heavier load.

    A fastest rep must be LEAST_FASTER times as fast. Estimated maximums are compared in whole kilograms.
    """
    most = max(
        earlier.value
        for earlier in before
        if earlier.kind == candidate.kind and (candidate.kind not in AT_LOAD or earlier.load_kg >= candidate.load_kg)
    )
    if candidate.kind == "fastest_rep":
        return candidate.value >= LEAST_FASTER * most
    return round(candidate.value) > round(most) if candidate.kind == "one_rep_max" else candidate.value > most


def record_words(record: RecordCandidate | None, units: Units) -> str:
    """Return the words for a record, such as "personal best: 6 good reps at 100 kg"; empty without a record."""
    if record is None:
        return ""
    load = format_load(record.load_kg, units)
    if record.kind == "most_reps":
        reps = quantity_words(int(record.value), "1 good rep", "{n} good reps")
        return Message("personal best: {text} at {text2}", text=reps, text2=load)
    if record.kind == "fastest_rep":
        return Message("personal best: {n} m/s at {text}", n=f"{record.value:.2f}", text=load)
    if record.kind == "one_rep_max":
        return Message("personal best: 1RM about {text}", text=format_rounded_load(record.value, units))
    return Message("personal best: {text}", text=load)
