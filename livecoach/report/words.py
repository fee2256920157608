"""Words for single reps and their faults in a report, and what to fix first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from livecoach.feedback.rep_picture import words as rep_words
from livecoach.judging.primary import to_fix
from livecoach.language.percent import with_space
from livecoach.rep.measures import FaultTable
from livecoach.report.content import SessionRep
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
