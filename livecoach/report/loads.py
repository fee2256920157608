"""What the loads of a session tell: volume load, the best at each load, and the estimated maximum."""

from collections.abc import Iterator, Mapping, Sequence

from livecoach import language
from livecoach.loads import load_words, whole_load
from livecoach.rep.one_rep_max import OneRepMax, estimate, of_one_kind, speed_of_max
from livecoach.report.content import SessionRep
from livecoach.report.words import capital, plural
from livecoach.session.speeds import is_estimated, speed_words
from livecoach.types import SetLog

LISTED = 4
"""Most loads with a line each, heaviest first. Our choice."""

LoadedReps = Sequence[tuple[float, Sequence[SessionRep]]]
"""Sets whose load is known: load in kilograms, and reps."""


def log_words(log: SetLog | None) -> str:
    """Describe what is logged of a set: "100 kg · RPE 8 · “felt heavy”"; empty without anything."""
    if log is None:
        return ""
    parts = [] if log.load_kg is None else [_load(log.load_kg)]
    parts += [] if log.rpe is None else [f"RPE {log.rpe:g}"]
    parts += [] if log.note is None else [f"“{log.note}”"]
    return " · ".join(parts)


def load_facts(
    sets: Mapping[int, Sequence[SessionRep]], logs: Mapping[int, SetLog], max_m_s: float | None
) -> tuple[str, ...]:
    """Return a line each; empty where no load is known.

    max_m_s: speed of a one-repetition maximum; None where the exercise has none.
    """
    loads = ((logs[number].load_kg, reps) for number, reps in sets.items() if number in logs)
    loaded = [(load_kg, reps) for load_kg, reps in loads if load_kg is not None]
    if not loaded:
        return ()
    volume = whole_load(sum(load_kg * len(reps) for load_kg, reps in loaded), language.units())
    lines = [f"Volume load: {volume}, load times reps of {plural(len(loaded), 'set')}."]
    lines += list(_bests(loaded))[:LISTED]
    if max_m_s is not None:
        lines.append(_maximum(loaded, max_m_s))
    return tuple(lines)


def _bests(loaded: LoadedReps) -> Iterator[str]:
    """Yield the best at each load, heaviest first."""
    for load_kg in sorted({load_kg for load_kg, _ in loaded}, reverse=True):
        here = [reps for load, reps in loaded if load == load_kg]
        best = plural(max(map(len, here)), "rep")
        good = [one.rep for reps in here for one in reps if one.rep.verdict == "good"]
        paces = [(rep.pace, rep.name) for rep in good if rep.pace is not None]
        # A measured speed comes before an estimate: the two can't be compared.
        fastest = max(paces, key=lambda one: (not is_estimated(one[0].speed_unit), one[0].speed), default=None)
        if fastest is not None:
            pace, name = fastest
            best += f", fastest good one {speed_words(pace.speed, pace.speed_unit)} (rep {name})"
        yield f"Best at {_load(load_kg)}: {best}."


def _maximum(loaded: LoadedReps, max_m_s: float) -> str:
    kind, sets = of_one_kind(
        (load_kg, [one.rep.pace for one in reps if one.rep.pace is not None]) for load_kg, reps in loaded
    )
    found = estimate(sets, speed_of_max(max_m_s, kind[1]))
    if not isinstance(found, OneRepMax):
        return f"No estimate of your 1RM: {found}."
    most, low, high = (whole_load(kg, language.units()) for kg in (found.load_kg, found.low_kg, found.high_kg))
    height = "; taken as 170 cm tall" if kind[1] == "torso/s" else ""
    return capital(
        f"estimated 1RM: about {most}, likely {low} to {high}, from the speeds of {plural(found.sets, 'set')}{height}."
    )


def _load(load_kg: float) -> str:
    return load_words(load_kg, language.units())
