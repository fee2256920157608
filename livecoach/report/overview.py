"""The overview at the top of a report: what to fix first, or what was good."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from livecoach.rep.measures import FaultTable
from livecoach.report.content import ReportContent, SessionRep
from livecoach.report.key_moment import KeyMoment
from livecoach.report.words import (
    PARTIAL,
    Priority,
    PriorityKind,
    SessionFault,
    capital,
    correction,
    deviation_words,
    fault_words,
    measurement_words,
    phase_words,
    plural,
    score_reason,
)
from livecoach.types import Fault

NOTHING_SEEN = "No fault was seen"
"""Headline of good reps in a run that was too slow: what was left out may have held one."""
LISTED = 6
"""Most reps with a fault that are listed by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The text at the top of the report."""

    kind: PriorityKind
    headline: str
    """What to do, in two to four words, or that nothing needs fixing."""
    line: str
    """What happened, and how often."""
    facts: tuple[str, ...]


def write_overview(
    first: Priority,
    gathered: ReportContent,
    table: FaultTable,
    called: Mapping[int, str],
    shown_at: Callable[[SessionRep, Fault | None], KeyMoment | None],
) -> Overview:
    """Write the overview.

    called: index of a rep → its display name. shown_at: the moment of a rep that its pictures show.
    """
    reps = gathered.reps
    judged = [entry for entry in reps if entry.rep.verdict != "unsure"]
    if first.kind == "fault":
        return _fault(first.faults, judged, table, called, shown_at)
    if first.kind == "unlike" and first.shown is not None:
        odd = [entry for entry in judged if entry.rep.verdict == "anomalous"]
        most, then = score_reason(first.shown), shown_at(first.shown, None)
        if most and then is not None:
            most += f"; shown {then.description}"
        line = f"{_share(len(odd), len(judged))} {_unlike(odd)}: {_names(odd, called)}."
        headline = f"Look at {called[first.shown.rep.index]}"
        return Overview(
            kind="unlike", headline=headline, line=line, facts=_facts(most and f"{capital(most)}.", judged, table)
        )
    if first.kind == "good":
        good = _good(reps, judged, table, called)
        return replace(good, headline=NOTHING_SEEN) if gathered.slow or _is_main_hidden(judged, table) else good
    if first.kind == "unjudged":
        reasons = dict.fromkeys(entry.rep.unsure or "reason unknown" for entry in reps)
        line = f"{plural(len(reps), 'rep')} counted; none was visible enough to judge: {', '.join(reasons)}."
        fact = "See below how to place the camera so that your reps can be judged next time."
        return Overview(kind="unjudged", headline="No rep could be judged", line=line, facts=(fact,))
    begun = [f"one was started but {PARTIAL[partial.reason]}" for partial in gathered.partials]
    line = f"{capital('; '.join(begun))}." if begun else "No movement in this session counts as a rep."
    return Overview(kind="none", headline="No reps", line=line, facts=())


def _fault(
    faults: Sequence[SessionFault],
    judged: Sequence[SessionRep],
    table: FaultTable,
    called: Mapping[int, str],
    shown_at: Callable[[SessionRep, Fault | None], KeyMoment | None],
) -> Overview:
    found = faults[0]
    fault, worst = found.at_worst, found.worst
    what = measurement_words(fault)
    then = shown_at(worst, fault)
    at_worst = (
        f"Worst in {called[worst.rep.index]} ({phase_words(fault, then)}): "
        f"{what + '; ' if what else ''}{deviation_words(fault)}."
    )
    after = [
        f"{fault_words(one.at_worst, table)}, {_share(len(one.reps), len(judged))}: “{correction(one.at_worst, table)}”"
        for one in faults[1:]
    ]
    return Overview(
        kind="fault",
        headline=capital(correction(fault, table)),
        line=(
            f"{capital(fault_words(fault, table))} in {_share(len(found.reps), len(judged))}"
            f"{_since(found, judged, called)}"
        ),
        facts=_facts(
            capital(at_worst),
            judged,
            table,
            *([f"After that: {'; '.join(after)}."] if after else []),
        ),
    )


def _unlike(odd: Sequence[SessionRep]) -> str:
    """Describe anomalous reps without a measured fault: as they were judged, or as they were corrected."""
    said = [entry for entry in odd if entry.judged is not None]
    if not said:
        return "unlike good reps, without a named fault"
    return "marked bad by you" if len(said) == len(odd) else "unlike good reps, or marked bad by you"


def _since(found: SessionFault, judged: Sequence[SessionRep], called: Mapping[int, str]) -> str:
    """Name the reps with a fault, or the rep from which on it occurred."""
    from_first = [entry for entry in judged if entry.rep.index >= found.reps[0].rep.index]
    if len(found.reps) > 1 and len(found.reps) == len(from_first):
        return (
            ", all of them."
            if len(from_first) == len(judged)
            else f", in every rep since {_name(found.reps[0], called)}."
        )
    if len(found.reps) <= LISTED:
        return f": {_names(found.reps, called)}."
    return f", first in {_name(found.reps[0], called)}, last in {_name(found.reps[-1], called)}."


def _good(
    reps: Sequence[SessionRep], judged: Sequence[SessionRep], table: FaultTable, called: Mapping[int, str]
) -> Overview:
    left = len(reps) - len(judged)
    line = f"{plural(len(judged), 'rep')} judged, all good" if len(judged) > 1 else "One rep judged, and it was good"
    line += f"; {plural(left, 'rep')} not judged." if left else "."
    scored = [entry for entry in judged if entry.rep.score is not None]
    best = min(scored, key=lambda entry: entry.rep.score or 0.0, default=None)
    fact = ""
    if best is not None and len(scored) > 1:
        fact = f"{capital(called[best.rep.index])} was most like your good reps{_steady(judged)}."
    return Overview(kind="good", headline="Nothing to fix", line=line, facts=_facts(fact, judged, table))


def _steady(judged: Sequence[SessionRep]) -> str:
    """Describe how even the tempo of the way up was; empty with fewer than three reps."""
    times = [entry.rep.pace.concentric_s for entry in judged if entry.rep.pace is not None]
    if len(times) < 3:
        return ""
    return f"; the way up took {min(times):.1f} to {max(times):.1f} s, usually {median(times):.1f} s"


def _facts(first: str, judged: Sequence[SessionRep], table: FaultTable, *more: str) -> tuple[str, ...]:
    hidden = {missing.name for entry in judged for missing in entry.rep.not_visible}
    detected = {name for entry in judged for name in _detected_in(entry)}
    clean = [fault.words for name, fault in table.faults.items() if name not in hidden | detected]
    never = f"Checked in every rep and never detected: {', '.join(clean)}." if clean and judged else ""
    return tuple(fact for fact in (first, *more, never) if fact)


def _is_main_hidden(judged: Sequence[SessionRep], table: FaultTable) -> bool:
    """Return whether a main fault could not be looked for in a rep: then nobody knows whether there is nothing to
    fix."""
    hidden = {missing.name for entry in judged for missing in entry.rep.not_visible}
    return any(fault.main and name in hidden for name, fault in table.faults.items())


def _detected_in(entry: SessionRep) -> set[str]:
    """Return the faults that were detected in a rep, or that a correction gave it."""
    return {fault.name for fault in (entry.judged or entry.rep).faults} | set(entry.rep.fault_names)


def _share(count: int, of: int) -> str:
    return f"{count} of {plural(of, 'rep')}"


def _name(entry: SessionRep, called: Mapping[int, str]) -> str:
    return called[entry.rep.index]


def _names(reps: Sequence[SessionRep], called: Mapping[int, str]) -> str:
    """List reps by name: "reps 1/8 and 1/9"."""
    names = [_name(entry, called) for entry in reps[:LISTED]]
    more = [f"{len(reps) - LISTED} more"] if len(reps) > LISTED else []
    if len(names) > 1 and all(name.startswith("rep ") for name in names):
        names = ["reps " + names[0].removeprefix("rep "), *(name.removeprefix("rep ") for name in names[1:])]
    parts = [*names, *more]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
