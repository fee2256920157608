"""Words of a report: for single reps and their faults, and the overview of what to fix first, or what was good."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from livecoach.feedback.rep_picture import words as rep_words
from livecoach.judging.primary import to_fix
from livecoach.language.units import with_space
from livecoach.rep.measures import FaultTable
from livecoach.report.content import ReportContent, SessionRep
from livecoach.report.key_moment import KeyMoment
from livecoach.types import Fault, PartialReason, PartialRep, Rep, Verdict

PriorityKind = Literal["fault", "unlike", "good", "unjudged", "none"]
MARK: dict[Verdict, str] = {"good": "good", "anomalous": "wrong", "unsure": "unsure"}
"""Verdict → its symbol: a tick, a cross or a dash."""
PARTIAL: dict[PartialReason, str] = {
    "no_lowering": "not lowered in view",
    "no_return": "not finished: you did not come back",
    "short": "too short: you turned too early",
    "shallow": "too shallow to count",
    "begun": "not seen from its beginning",
    "cut": "cut off by the end of the recording",
    "lost": "lost from sight on the way",
}
_NOTED_REP = re.compile(r"^rep (?=\d+,)")
FAR = 2.95
"""Deviation, in margins, from which on the text says "at least 3": severity saturates there."""
NOTHING_SEEN = "No fault was seen"
"""Headline of good reps in a run that was too slow: what was left out may have held one."""
LISTED = 6
"""Most reps with a fault that are listed by name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionFault:
    """A fault and the reps of the session that have it."""

    name: str
    reps: tuple[SessionRep, ...]
    """The reps with this fault, in order."""
    worst: SessionRep
    """The worst of the reps whose primary fault it is; if there are none, of all reps with it."""

    def of(self, entry: SessionRep) -> Fault:
        """Return this fault as it was measured in one of its reps."""
        return next(fault for fault in entry.rep.faults if fault.name == self.name)

    @property
    def at_worst(self) -> Fault:
        """The fault as it was measured in the worst rep."""
        return self.of(self.worst)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priority:
    """The result of a session, with what to fix first."""

    kind: PriorityKind
    """fault: a named fault; unlike: anomalous reps without a named fault; good: nothing to fix; unjudged: no rep could
    be judged; none: no reps."""
    shown: SessionRep | None
    """The worst rep, which shows it best; None if there is nothing to fix."""
    faults: tuple[SessionFault, ...]
    """All faults, most important first."""


def deviation_in_margins(fault: Fault) -> float:
    """Return the deviation of a fault in multiples of its margin: 1 at the limit, 3 where severity saturates."""
    return 1 + 2 * fault.severity


def rank_faults(reps: Sequence[SessionRep], table: FaultTable) -> tuple[SessionFault, ...]:
    """Collect the faults of some reps, most important first, in the order that set summaries use."""
    having: dict[str, list[tuple[bool, float, SessionRep]]] = {}
    for entry in reps:
        for fault in entry.rep.faults:
            having.setdefault(fault.name, []).append((fault is entry.rep.faults[0], fault.severity, entry))
    return tuple(
        SessionFault(
            name=name,
            reps=tuple(entry for *_, entry in having[name]),
            worst=max(having[name], key=lambda one: one[:2])[-1],
        )
        for name in to_fix((entry.rep.faults for entry in reps), tuple(table.faults))
    )


def find_priority(reps: Sequence[SessionRep], table: FaultTable) -> Priority:
    """Find what to fix first in some reps."""
    faults = rank_faults(reps, table)
    judged = [entry for entry in reps if entry.rep.verdict != "unsure"]
    odd = [entry for entry in judged if entry.rep.verdict == "anomalous"]
    if faults:
        return Priority(kind="fault", shown=faults[0].worst, faults=faults)
    if odd:
        return Priority(kind="unlike", shown=max(odd, key=lambda entry: entry.rep.score or 0.0), faults=())
    return Priority(kind="good" if judged else "unjudged" if reps else "none", shown=None, faults=())


def clock(t_s: float) -> str:
    """Format a time of the session, seconds: "1:05", or "1:01:05" from one hour on."""
    minutes, seconds = divmod(int(max(t_s, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def plural(count: int, noun: str) -> str:
    """Format a count: "1 rep", "2 reps"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def rep_name(entry: SessionRep) -> str:
    """Return the display name of a rep, such as "rep 2/4" for rep 4 of set 2."""
    return f"rep {entry.rep.name}"


def capital(text: str) -> str:
    """Return the text with its first letter capitalised."""
    return text[:1].upper() + text[1:]


def rep_and_set_counts(reps: int, sets: int) -> str:
    """Format the number of reps and sets: "8 reps · 2 sets"; "no reps" without any."""
    return f"{plural(reps, 'rep')} · {plural(sets, 'set')}" if reps else "no reps"


def note_words(note: str, of_set: int) -> str:
    """Return a note of a set's summary as a page says it: with the name of the rep, "rep 2/4", where the summary, which
    is of one set, has its number."""
    return with_space(_NOTED_REP.sub(rf"\g<0>{of_set}/", note))


def partial_words(partial: PartialRep, table: FaultTable | None) -> tuple[str, str]:
    """Return when a rep that was not completed began, and how it ended. table: None if its exercise is not known."""
    faults = [] if table is None else [(fault_words(one, table), measurement_words(one)) for one in partial.faults]
    described = "; ".join(": ".join(filter(None, parts)) for parts in faults)
    return clock(partial.start_s), f"{PARTIAL[partial.reason]}{' – ' + described if described else ''}"


def fault_words(fault: Fault, table: FaultTable) -> str:
    """Return the description of a fault: "hips rose first"."""
    known = table.faults.get(fault.name)
    return known.words if known is not None else fault.name.replace("_", " ")


def correction(fault: Fault, table: FaultTable) -> str:
    """Return the cue for a fault: "chest up"."""
    known = table.faults.get(fault.name)
    return known.cue if known is not None else fault.name.replace("_", " ")


def measurement_words(fault: Fault) -> str:
    """Return the measurement and its reference: "66°, your good reps 44°"; empty if they are unknown."""
    return fault.text.partition(": ")[2]


def deviation_words(fault: Fault) -> str:
    """Describe the deviation of a fault from the reference, compared with the allowed one."""
    far = deviation_in_margins(fault)
    times = "at least 3 times" if far >= FAR else f"{far:.1f} times"
    sign = {"deg": "°", "s": " s"}.get(fault.unit)
    if sign is None:
        return f"{times} the allowed deviation"
    digits = 0 if fault.unit == "deg" else 1
    return f"{times} the allowed deviation of ±{fault.margin:.{digits}f}{sign}"


def phase_words(fault: Fault, then: KeyMoment | None) -> str:
    """Name the part of the rep that a fault is in, and the moment that is shown, if any."""
    part = fault.phase.replace("_", " ")
    return part if then is None else f"{then.part or part}; shown {then.description}"


def verdict_words(entry: SessionRep, table: FaultTable) -> str:
    """Return the verdict in a few words, followed by the correction, if any."""
    if entry.judged is None or entry.judged.correction is None:
        return _judged(entry.rep, entry, table)
    return f"{_judged(entry.judged, entry, table)} — you said: {entry.judged.correction.words}"


def _judged(rep: Rep, entry: SessionRep, table: FaultTable) -> str:
    if rep.verdict == "unsure":
        return f"not judged: {rep.unsure}" if rep.unsure else "not judged"
    if rep.verdict == "good":
        return "good"
    unlike = "unlike your good reps" if entry.against else "unlike usual good reps"
    return ": ".join(filter(None, (rep.comparison, fault_words(rep.faults[0], table) if rep.faults else unlike)))


def score_reason(entry: SessionRep) -> str:
    """Say where the score comes from; empty if a fault explains it, or if nothing does."""
    rep = entry.rep
    if rep.why is None or rep.faults:
        return ""
    return rep_words(rep, own=bool(entry.against))[1]


def reference_words(entry: SessionRep) -> str:
    """Say whose good reps the rep was judged against, and which joints were left out."""
    if (entry.judged or entry.rep).verdict == "unsure":
        return ""
    left_out = f"; left out: {', '.join(entry.rep.left_out)}" if entry.rep.left_out else ""
    return f"judged against {_reference(entry)}{left_out}"


def _reference(entry: SessionRep) -> str:
    if entry.rep.reference == "population":
        return "typical lifters (synthetic), for what is gross alone: none of your own good reps was known"
    if not entry.against:
        return "good reps of your own, which are no longer stored"
    return f"{plural(len(entry.against), 'good rep')} of your own{'' if entry.rep.reference == 'own' else ', so far'}"


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
    """Return whether a main fault could not be checked in a rep: then "nothing to fix" would be a guess."""
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
