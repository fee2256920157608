"""A few lines about each set for the end of a run: its verdicts, its speed, and what to fix first."""

from collections import Counter
from collections.abc import Iterator, Sequence

from livecoach.cli.run_summary import count_summary, in_units, words
from livecoach.history.words import is_estimated, speed_words
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.types import Rep, SpeedUnit

ESTIMATES = (
    f'Speeds with "about" or ~ are estimates for a height of {TYPICAL_HEIGHT_CM:.0f} cm.',
    "Set yours for your next sets: `livecoach config set height_cm 180`.",
)
"""Lines that explain estimated speeds."""
MOST_REPS = 6
"""Largest number of reps that a line names. Our choice."""


def set_lines(reps: Sequence[Rep]) -> Iterator[str]:
    """Yield the lines of each set, in order. The first line of a set begins with its number, the others with spaces."""
    exercises = {rep.exercise for rep in reps}
    sets: dict[int | None, list[Rep]] = {}
    for rep in reps:
        sets.setdefault(rep.set, []).append(rep)
    for number, own in sets.items():
        what = ["reps" if number is None else f"set {number}"]
        names = dict.fromkeys(words(rep.exercise) for rep in own if rep.exercise is not None)
        what += [", ".join(names)] if len(exercises) > 1 and names else []
        yield " · ".join([*what, count_summary(own), *_speed(own)])
        for line in _to_fix([rep.as_counted() for rep in own if rep.counts]):
            yield f"  {line}"


def speed_lines(reps: Sequence[Rep], *, each: bool = False) -> Iterator[str]:
    """Yield what marks estimated speeds, where one is shown. each: each rep shows its speed, not the sets alone."""
    sets: dict[int | None, list[Rep]] = {}
    for rep in reps:
        sets.setdefault(rep.set, []).append(rep)
    units = [None if rep.pace is None else rep.pace.speed_unit for rep in reps] if each else map(_unit, sets.values())
    if any(unit is not None and is_estimated(unit) for unit in units):
        yield from ESTIMATES


def _speed(reps: Sequence[Rep]) -> list[str]:
    """Return the speed of the way up: "fastest 0.79 m/s, last 0.57 m/s"; nothing where it is not known.

    Speeds that were measured in two ways can't be compared: those of the way that most reps were measured in count.
    """
    unit = _unit(reps)
    if unit is None:
        return []
    speeds = [rep.pace.speed for rep in reps if rep.pace is not None and rep.pace.speed_unit == unit]
    last = f", last {speed_words(speeds[-1], unit)}" if len(speeds) > 1 else ""
    return [f"fastest {speed_words(max(speeds), unit)}{last}"]


def _unit(reps: Sequence[Rep]) -> SpeedUnit | None:
    """Return the unit that most reps of a set were measured in; None where no speed is known."""
    units = Counter(rep.pace.speed_unit for rep in reps if rep.pace is not None)
    return max(units, key=lambda one: (units[one], one == "m/s"), default=None)


def _to_fix(reps: Sequence[Rep]) -> Iterator[str]:
    """Yield a line for each main fault, the commonest first, then for reps that stood out or could not be judged."""
    anomalous = [rep for rep in reps if rep.verdict == "anomalous"]
    by_fault: dict[str, list[Rep]] = {}
    for rep in anomalous:
        if rep.fault_names:
            by_fault.setdefault(rep.fault_names[0], []).append(rep)
    for name, shown in sorted(by_fault.items(), key=lambda item: -len(item[1])):
        said = [fault for rep in shown for fault in rep.faults if fault.name == name]
        worst = max(said, key=lambda fault: fault.severity, default=None)
        what = f"{words(name)} in {_reps(shown)}"
        what += "" if worst is None or not worst.text else f" ({in_units(worst.text)})"
        yield _compared(what, shown)
    unnamed = [rep for rep in anomalous if not rep.fault_names]
    marked = [rep for rep in unnamed if rep.correction is not None]
    odd = [rep for rep in unnamed if rep.correction is None]
    if odd:
        yield _compared(f"unlike good reps: {_reps(odd)}", odd)
    if marked:
        yield f"marked bad by you: {_reps(marked)}"
    for reason in dict.fromkeys(rep.unsure for rep in reps if rep.unsure is not None):
        yield f"not judged: {_reps([rep for rep in reps if rep.unsure == reason])} ({reason})"


def _compared(what: str, reps: Sequence[Rep]) -> str:
    """Say with which day reps are compared where the set as a whole is unlike it."""
    return ": ".join([*dict.fromkeys(rep.comparison for rep in reps if rep.comparison), what])


def _reps(reps: Sequence[Rep]) -> str:
    """Return the names of reps: "rep 1/4", "reps 2/1, 2/3 and 5 more"."""
    names = [rep.name for rep in reps[:MOST_REPS]]
    more = len(reps) - len(names)
    return f"rep{'' if len(reps) == 1 else 's'} {', '.join(names)}{f' and {more} more' if more else ''}"
