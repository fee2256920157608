"""Finds personal records: the ways in which a finished set was better than every set before it.

Only good reps of good sets with a load make records, and speeds count only if they were measured at the bar.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from livecoach.core.loads import Units, load_words, rounded_load_words
from livecoach.core.types import Cue, Rep, SetLog, SetSummary
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.decisions.rep.one_rep_max import LoadedSet, estimate_by_reps, loaded_set

RecordKind = Literal["heaviest_rep", "most_reps", "one_rep_max", "fastest_rep"]
ORDER: tuple[RecordKind, ...] = ("heaviest_rep", "most_reps", "one_rep_max", "fastest_rep")
"""Order of importance: of several records only the first is shown, a lift before an estimate. Our choice."""
AT_LOAD: tuple[RecordKind, ...] = ("most_reps", "fastest_rep")  # Kinds that have a best at each load
LEAST_FASTER = 1.05  # Least ratio to the fastest rep so far, because of errors (docs/figures.md). Our choice.


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBest:
    """A value of a set that may be a personal record, such as the load of a good rep."""

    kind: RecordKind
    load_kg: float
    value: float  # In kg for the heaviest rep and the one-repetition maximum, a number of reps, or in m/s
    rep: int | None = None
    """Index of the rep among the reps of the set that count, from 0; None for a best value of the whole set."""


PastBests = Mapping[str, Sequence[SetBest]]  # exercise → bests in earlier sessions


def set_bests(log: SetLog | None, reps: Sequence[Rep]) -> Iterator[SetBest]:
    """Yield the values of a set that may be records: values of the whole set, and load and speed of each good rep.

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
            yield SetBest(kind="heaviest_rep", load_kg=load_kg, value=load_kg, rep=place)
            if rep.pace is not None and rep.pace.is_measured:
                yield SetBest(kind="fastest_rep", load_kg=load_kg, value=rep.pace.speed, rep=place)


def logged_bests(load_kg: float | None, reps: int) -> Iterator[SetBest]:
    """Yield the best values of a set that was logged without filming, with all reps taken for good.

    Without a load (None), nothing is yielded.
    """
    if load_kg is not None:
        yield SetBest(kind="heaviest_rep", load_kg=load_kg, value=load_kg)
        yield from _of_reps(LoadedSet(load_kg=load_kg, reps=reps))


def _of_reps(lifted: LoadedSet) -> Iterator[SetBest]:
    yield SetBest(kind="most_reps", load_kg=lifted.load_kg, value=lifted.reps)
    most = estimate_by_reps(lifted)
    if most is not None:
        yield SetBest(kind="one_rep_max", load_kg=lifted.load_kg, value=most.load_kg)


def new_record(past: PastBests, summary: SetSummary, reps: Iterable[Rep], logs: Mapping[int, SetLog]) -> SetBest | None:
    """Return the most important personal record of a set; None if the set has no record.

    A best value is a record only if earlier sessions have a value to compare with: of its kind and, for the number of
    reps and their speed, at the same load.

    Args:
        reps: All reps of the run, with their corrections.
        logs: Logs of the run's sets, by the number of the set.
    """
    of_past = past.get(summary.exercise or "", ())
    sets: dict[int, list[Rep]] = {}
    for rep in reps:
        if rep.counts and rep.set is not None and rep.exercise == summary.exercise:
            sets.setdefault(rep.set, []).append(rep)
    before = [number for number in sets if number < summary.index]
    earlier = [best for number in before for best in set_bests(logs.get(number), sets[number])]
    found = [
        best
        for best in set_bests(logs.get(summary.index), sets.get(summary.index, []))
        if _is_known(best, of_past) and _beats(best, [*of_past, *earlier])
    ]
    return min(found, key=lambda best: (ORDER.index(best.kind), -best.value), default=None)


def _is_known(best: SetBest, past: Iterable[SetBest]) -> bool:
    """Return whether earlier sessions have this kind of best, at the same load if that matters."""
    return any(
        earlier.kind == best.kind and (best.kind not in AT_LOAD or earlier.load_kg == best.load_kg) for earlier in past
    )


def _beats(best: SetBest, before: Iterable[SetBest]) -> bool:
    """Return whether no earlier best was as good: as many reps or as much speed with a heavier load were better.

    A fastest rep must be LEAST_FASTER times as fast. Estimated maximums are compared in whole kilograms.
    """
    most = max(
        earlier.value
        for earlier in before
        if earlier.kind == best.kind and (best.kind not in AT_LOAD or earlier.load_kg >= best.load_kg)
    )
    if best.kind == "fastest_rep":
        return best.value >= LEAST_FASTER * most
    return round(best.value) > round(most) if best.kind == "one_rep_max" else best.value > most


def record_words(best: SetBest | None, units: Units) -> str:
    """Return the words for a record, such as "personal best: 6 good reps at 100 kg"; empty without a record."""
    if best is None:
        return ""
    load = load_words(best.load_kg, units)
    if best.kind == "most_reps":
        reps = quantity_words(int(best.value), "1 good rep", "{n} good reps")
        return Message("personal best: {text} at {text2}", text=reps, text2=load)
    if best.kind == "fastest_rep":
        return Message("personal best: {n} m/s at {text}", n=f"{best.value:.2f}", text=load)
    if best.kind == "one_rep_max":
        return Message("personal best: 1RM about {text}", text=rounded_load_words(best.value, units))
    return Message("personal best: {text}", text=load)


def with_record(cue: Cue, record: str) -> Cue:
    """Add "personal best" to the spoken words of the cue that sums up a set, if the words of a record are not empty.

    Any other cue is returned unchanged.
    """
    if cue.kind != "set_over" or not record:
        return cue
    return replace(cue, say=join_texts(", ", cue.say or "", "personal best"))
