"""Personal records: what a set that is over did better than every set before it, by its load. Only good reps of good
sets make records, and speeds count where they were measured at the bar."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from livecoach.core.loads import Units, load_words, whole_load
from livecoach.core.types import Cue, Rep, SetLog, SetSummary
from livecoach.core.types.message import Message, counted, joined
from livecoach.decisions.rep.one_rep_max import LoadedSet, by_reps, loaded_set

RecordKind = Literal["heaviest_rep", "most_reps", "one_rep_max", "fastest_rep"]
ORDER: tuple[RecordKind, ...] = ("heaviest_rep", "most_reps", "one_rep_max", "fastest_rep")
"""Of several records the first is shown: what was lifted before what is estimated from it. Our choice."""
AT_LOAD: tuple[RecordKind, ...] = ("most_reps", "fastest_rep")  # kinds with a best at each load
LEAST_FASTER = 1.05  # least ratio to the fastest so far, by the speeds' error (docs/figures.md). Our choice.


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBest:
    kind: RecordKind
    load_kg: float
    value: float  # kg for the heaviest rep and the one-repetition maximum, a number of reps, or m/s
    rep: int | None = None  # of the rep in its set, from 0; None for a best of the whole set


PastBests = Mapping[str, Sequence[SetBest]]  # exercise → bests in earlier sessions; without those of a first session


def set_bests(log: SetLog | None, reps: Sequence[Rep]) -> Iterator[SetBest]:
    """Yield the bests of a good set with a load. reps: those that count."""
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
    """Of a set that was only logged: its reps are taken to be good."""
    if load_kg is not None:
        yield SetBest(kind="heaviest_rep", load_kg=load_kg, value=load_kg)
        yield from _of_reps(LoadedSet(load_kg=load_kg, reps=reps))


def _of_reps(lifted: LoadedSet) -> Iterator[SetBest]:
    yield SetBest(kind="most_reps", load_kg=lifted.load_kg, value=lifted.reps)
    most = by_reps(lifted)
    if most is not None:
        yield SetBest(kind="one_rep_max", load_kg=lifted.load_kg, value=most.load_kg)


def new_record(past: PastBests, summary: SetSummary, reps: Iterable[Rep], logs: Mapping[int, SetLog]) -> SetBest | None:
    """None without one. reps: of the run, with their corrections. logs: by the number of the set."""
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
    """Earlier sessions have such a best: a first time is no record."""
    return any(one.kind == best.kind and (best.kind not in AT_LOAD or one.load_kg == best.load_kg) for one in past)


def _beats(best: SetBest, before: Iterable[SetBest]) -> bool:
    """Nothing before was as good. As many reps, or as much speed, with a heavier bar were better."""
    alike = [one.value for one in before if one.kind == best.kind]
    if best.kind in AT_LOAD:
        alike = [one.value for one in before if one.kind == best.kind and one.load_kg >= best.load_kg]
    most = max(alike)
    if best.kind == "fastest_rep":
        return best.value >= LEAST_FASTER * most
    return round(best.value) > round(most) if best.kind == "one_rep_max" else best.value > most


def record_words(best: SetBest | None, units: Units) -> str:
    """As "personal best: 6 reps at 100 kg"; empty without one."""
    if best is None:
        return ""
    load = load_words(best.load_kg, units)
    if best.kind == "most_reps":
        reps = counted(int(best.value), "1 good rep", "{n} good reps")
        return Message("personal best: {text} at {text2}", text=reps, text2=load)
    if best.kind == "fastest_rep":
        return Message("personal best: {n} m/s at {text}", n=f"{best.value:.2f}", text=load)
    if best.kind == "one_rep_max":
        return Message("personal best: 1RM about {text}", text=whole_load(best.value, units))
    return Message("personal best: {text}", text=load)


def with_record(cue: Cue, record: str) -> Cue:
    if cue.kind != "set_over" or not record:
        return cue
    return replace(cue, say=joined(", ", cue.say or "", "personal best"))
