"""Words of a report: for single reps and their faults, and the overview of what to fix first, or what was good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from livecoach.core.charts import said
from livecoach.core.language import as_message, clock
from livecoach.core.types import Fault, PartialReason, PartialRep, Rep, Verdict, View
from livecoach.core.types.message import Message, capital, counted, in_words, joined
from livecoach.decisions.coaching.set_summary import standard_notes, tried_notes
from livecoach.decisions.judging.lifter_judge import NOT_JUDGED
from livecoach.decisions.judging.primary import SHALLOW, first_to_fix, shortcomings, size, to_fix
from livecoach.decisions.judging.reference import BY_POSE, BY_VIEW
from livecoach.decisions.judging.wording import correction_words, fault_cue, fault_words
from livecoach.decisions.rep.measures import FaultTable
from livecoach.feedback.key_moment import KeyMoment
from livecoach.pages.history import words as figures
from livecoach.pages.report.content import ReportContent, SessionRep
from livecoach.perception.body.visibility import NO_BAR, NO_MASK, NO_TOES

COUNTS = ("good", "to look at", "not judged")  # Labels of the numbers of good, anomalous and unsure reps
PriorityKind = Literal["fault", "look", "unlike", "good", "unjudged", "none"]
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
REASONS = {
    BY_VIEW: "Not visible from where the camera stood",
    BY_POSE: "The pose model does not show it from anywhere",
    NOT_JUDGED: "not judged",
    "frame_rate": "Too few frames per second",
    "unknown": "Could not be measured, or too few of your reps were known",
    NO_TOES: joined("; ", "The pose model gives no heels and toes", "lite and full do"),
    NO_BAR: "No bar was seen that goes with your hands",
    NO_MASK: joined("; ", "The pose model makes no mask of the person", "lite and full do"),
}
"""Reason why a fault could not be checked → its words. Other reasons are joints."""
FAR = 2.95  # Deviation, in margins, at which the text becomes "at least 3": severity saturates there
NO_FAULT = "No fault was seen"
"""Headline for good reps where dropped frames, or joints that were not visible, may have hidden a fault."""
LISTED = 6  # Most reps with a fault that are listed by name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionFault:
    """A fault and the reps of the session that have it. A missed depth is the fault "shallow"."""

    name: str
    reps: tuple[SessionRep, ...]  # The reps with this fault, in order
    worst: SessionRep  # The worst of the reps whose primary fault it is; if there are none, of all reps with it

    def of(self, entry: SessionRep) -> Fault:
        return next(fault for fault in shortcomings(entry.rep) if fault.name == self.name)

    @property
    def at_worst(self) -> Fault:
        return self.of(self.worst)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Priority:
    """The result of a session, with what to fix first."""

    kind: PriorityKind
    """fault: a named fault or a missed depth; look: a fault that is slight, in one of several reps; unlike: anomalous
    reps without a named fault; good: nothing to fix; unjudged: no rep could be judged; none: no reps."""
    shown: SessionRep | None  # The worst rep, which shows it best; None if there is nothing to fix
    faults: tuple[SessionFault, ...]  # All faults, most important first


def deviation_in_margins(fault: Fault) -> float:
    return 1 + 2 * fault.severity


def rank_faults(reps: Sequence[SessionRep], table: FaultTable) -> tuple[SessionFault, ...]:
    """Collect the faults of some reps, most important first, in the order that set summaries use."""
    having: dict[str, list[tuple[bool, tuple[float, float], SessionRep]]] = {}
    for entry in reps:
        for place, fault in enumerate(shortcomings(entry.rep)):
            having.setdefault(fault.name, []).append((not place, size(fault), entry))
    return tuple(
        SessionFault(
            name=name,
            reps=tuple(entry for *_, entry in having[name]),
            worst=max(having[name], key=lambda one: one[:2])[-1],
        )
        for name in to_fix([shortcomings(entry.rep) for entry in reps], tuple(table.faults))
    )


def find_priority(reps: Sequence[SessionRep], table: FaultTable) -> Priority:
    faults = rank_faults(reps, table)
    judged = [entry for entry in reps if entry.rep.verdict != "unsure"]
    anomalous = [entry for entry in judged if entry.rep.verdict == "anomalous"]
    if faults:
        first = first_to_fix([shortcomings(entry.rep) for entry in reps], tuple(table.faults))
        return Priority(kind="look" if first is None else "fault", shown=faults[0].worst, faults=faults)
    if anomalous:
        return Priority(kind="unlike", shown=max(anomalous, key=lambda entry: entry.rep.score or 0.0), faults=())
    return Priority(kind="good" if judged else "unjudged" if reps else "none", shown=None, faults=())


def rep_name(rep: Rep) -> Message:
    """Return the display name of a rep, such as "rep 2/4" for rep 4 of set 2."""
    return Message("rep {name}", name=rep.name)


def rep_names(reps: Sequence[Rep]) -> Message:
    """List reps by name: "rep 1/8", "reps 1/8 and 1/9", "reps 1/1, 1/2, 1/3, 1/4, 1/5, 1/6 and 3 more"."""
    *names, last = [rep.name for rep in reps[:LISTED]]
    if len(reps) > LISTED:
        more = len(reps) - LISTED
        return Message("reps {name} and {n} more", name=", ".join([*names, last]), n=more)
    if not names:
        return Message("rep {name}", name=last)
    return Message("reps {name} and {name2}", name=", ".join(names), name2=last)


def named(name: str | None) -> str:
    """Return a name that no language changes; empty for None."""
    return "" if name is None else Message("{name}", name=name)


def rep_and_set_counts(reps: int, sets: int) -> str:
    """Return the number of reps and sets: "8 reps · 2 sets"; "no reps" without any."""
    return joined(" · ", figures.reps(reps), figures.sets(sets)) if reps else Message("no reps")


def note_words(note: str, of_set: int) -> str:
    """Return a stored note of a set's summary with full rep names: "rep 2/4" where the summary says "rep 4"."""
    stored = as_message(note)
    if isinstance(stored, Message) and stored.id == "rep {n}, while learning: {text}":
        name, text = f"{of_set}/{stored.arguments['n']}", stored.arguments["text"]
        return Message("rep {name}, while learning: {text}", name=name, text=text)
    return note


def partial_words(partial: PartialRep, exercise: str | None) -> tuple[str, str]:
    """Return when an uncompleted rep began, and how it ended. exercise: None if it is not known."""
    found = () if exercise is None else partial.faults
    parts = ((fault_words(fault.name, exercise), measurement_words(fault)) for fault in found)
    described = joined("; ", *(joined(": ", *both) for both in parts))
    return clock(partial.start_s), joined(" – ", PARTIAL[partial.reason], described)


def measurement_words(fault: Fault) -> str:
    """Return the measurement and its reference: "66°, your good reps 44°"; empty if they are unknown."""
    return said(fault.in_parts[1])


def deviation_words(fault: Fault) -> str:
    """Describe the deviation of a fault from the reference, compared with the allowed one; empty for a missed depth."""
    far = deviation_in_margins(fault)
    if not fault.is_measured:
        return Message("named by you")
    if fault.unit == "cm":  # a missed depth: the standard allows no deviation
        return ""
    if fault.unit == "deg":
        margin = Message("±{n}°", n=f"{fault.margin:.0f}")
    elif fault.unit == "s":
        margin = Message("{n} s", n=f"±{fault.margin:.1f}")
    elif far >= FAR:
        return Message("at least {n} times the allowed deviation", n=3)
    else:
        return Message("{n} times the allowed deviation", n=f"{far:.1f}")
    if far >= FAR:
        return Message("at least {n} times the allowed deviation of {text}", n=3, text=margin)
    return Message("{n} times the allowed deviation of {text}", n=f"{far:.1f}", text=margin)


def phase_words(fault: Fault, then: KeyMoment | None) -> str:
    """Name the part of the rep that a fault is in, and the moment that is shown, if any."""
    part = in_words(fault.phase)
    return part if then is None else joined("; ", then.part or part, _shown(then))


def _shown(then: KeyMoment) -> Message:
    return Message("shown {text}", text=then.description)


def verdict_words(rep: Rep) -> str:
    """Return the verdict as livecoach gave it in a few words, followed by the correction, if any."""
    return original_verdict(rep) if rep.correction is None else corrected(original_verdict(rep), rep)


def corrected(verdict: str, rep: Rep) -> str:
    """Return the correction of a corrected rep after livecoach's own verdict."""
    return Message("{text} — you said: {text2}", text=verdict, text2=said_words(rep))


def said_words(rep: Rep) -> str:
    """Return the correction of a rep, "bad (leant forward)"; empty if it has none."""
    return "" if rep.correction is None else correction_words(rep.correction, rep.exercise)


def original_verdict(rep: Rep) -> str:
    """Return the verdict as livecoach gave it, in a few words. rep: as it was judged."""
    if rep.verdict == "unsure":
        return joined(": ", "not judged", rep.unsure or "")
    if rep.verdict == "good":
        return "good"
    return joined(": ", rep.comparison, fault_words(rep.faults[0].name, rep.exercise) if rep.faults else unlike(rep))


def unlike(rep: Rep) -> str:
    """Say whose good reps an anomalous rep is unlike."""
    return "unlike usual good reps" if rep.reference == "population" else "unlike your good reps"


def rep_words(rep: Rep) -> tuple[str, str]:
    """Return a rep's verdict with its name, and what was measured or what contributed most to the score."""
    name = capital(rep_name(rep))
    if rep.faults:
        fault = rep.faults[0]
        what, measured = fault.in_parts
        when = joined(", ", Message("{n} s", n=f"{fault.at_s:.1f}"), in_words(fault.phase))
        measurement = Message("{text} ({text2})", text=measured, text2=when) if measured else when
        return joined(": ", name, what or fault_words(fault.name, rep.exercise)), measurement
    if rep.verdict == "good":
        return joined(": ", name, "good"), ""
    return joined(": ", name, unlike(rep)), "" if rep.why is None else Message("mostly: {text}", text=rep.why.text)


def score_reason(rep: Rep) -> str:
    """Say where the score of a rep that stands out comes from; empty if a fault explains it, or if nothing does."""
    return "" if rep.why is None or rep.faults else rep_words(rep)[1]


def hidden_by(reason: str) -> str:
    """Say why faults could not be checked. reason: as of NotVisible; a reason without words of its own is a joint."""
    hidden = Message("{Text} not clearly visible: hidden, out of the picture, or unsteady", Text=in_words(reason))
    return REASONS.get(reason, hidden)


def camera_place(view: View) -> Message:
    """Say where the camera stood: "at 45° (±8°) from your front, on your left"."""
    angles = {"n": f"{abs(view.azimuth_deg):.0f}", "n2": f"{view.uncertainty_deg:.0f}"}
    if abs(view.azimuth_deg) < 10:
        return Message("in front of you, {n}° (±{n2}°)", **angles)
    if view.azimuth_deg > 0:
        return Message("at {n}° (±{n2}°) from your front, on your left", **angles)
    return Message("at {n}° (±{n2}°) from your front, on your right", **angles)


def reference_words(entry: SessionRep) -> str:
    """Say whose good reps the rep was judged against, and which joints were left out."""
    if entry.judged.verdict == "unsure":
        return ""
    left_out = joined(", ", *entry.rep.left_out)
    return joined("; ", _reference(entry), left_out and Message("left out: {text}", text=left_out))


def _reference(entry: SessionRep) -> Message:
    if entry.rep.reference == "population":
        return Message(
            "judged against typical lifters (synthetic), for what is gross alone: none of your own good reps was known"
        )
    if not entry.against:
        return Message("judged against good reps of your own, which are no longer stored")
    if entry.rep.reference == "own":
        return counted(
            len(entry.against), "judged against 1 good rep of your own", "judged against {n} good reps of your own"
        )
    return counted(
        len(entry.against),
        "judged against 1 good rep of your own, so far",
        "judged against {n} good reps of your own, so far",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    kind: PriorityKind  # As `Priority.kind`
    headline: str  # What to do, in two to four words, or that nothing needs fixing
    line: str  # What happened, and how often
    facts: tuple[str, ...]


def write_overview(
    first: Priority,
    content: ReportContent,
    table: FaultTable,
    shown_at: Callable[[SessionRep, Fault | None], KeyMoment | None],
) -> Overview:
    """Write the overview. shown_at: the moment of a rep that its pictures show."""
    reps = content.reps
    if first.kind in ("fault", "look"):
        return _fault_overview(first, content, table, shown_at)
    judged = [entry for entry in reps if entry.rep.verdict != "unsure"]
    if first.kind == "unlike" and first.shown is not None:
        anomalous = [entry for entry in judged if entry.rep.verdict == "anomalous"]
        most, then = score_reason(first.shown.rep), shown_at(first.shown, None)
        if most and then is not None:
            most = joined("; ", most, _shown(then))
        share = Message(_unlike_id(anomalous), text=_share(len(anomalous), len(judged)))
        counts = joined(": ", share, rep_names([entry.rep for entry in anomalous]))
        headline = Message("Look at {text}", text=rep_name(first.shown.rep))
        return Overview(
            kind="unlike",
            headline=headline,
            line=_sentence(counts),
            facts=_facts(most and _sentence(most), judged, content, table),
        )
    if first.kind == "good":
        good = _good_overview(content, judged, table)
        if content.too_shallow:
            return good
        return replace(good, headline=NO_FAULT) if content.slow or _is_main_hidden(judged, table) else good
    if first.kind == "unjudged":
        reasons = joined(", ", *dict.fromkeys(entry.rep.unsure or "reason unknown" for entry in reps))
        count = counted(len(reps), "1 rep counted", "{n} reps counted")
        none = Message("none was visible enough to judge: {text}", text=reasons)
        fact = Message("See below how to place the camera so that your reps can be judged next time.")
        return Overview(
            kind="unjudged",
            headline=Message("No rep could be judged"),
            line=_sentence(joined("; ", count, none)),
            facts=(fact,),
        )
    begun = [Message("one was started but {text}", text=PARTIAL[partial.reason]) for partial in content.partials]
    line = _sentence(joined("; ", *begun)) if begun else Message("No movement in this session counts as a rep.")
    return Overview(kind="none", headline=Message("No reps"), line=line, facts=())


def _sentence(text: str) -> Message:
    return Message("{Text}.", Text=text)


def _fault_overview(
    priority: Priority,
    content: ReportContent,
    table: FaultTable,
    shown_at: Callable[[SessionRep, Fault | None], KeyMoment | None],
) -> Overview:
    faults, attempts = priority.faults, content.attempts
    judged = [entry for entry in attempts if entry.rep.verdict != "unsure" or shortcomings(entry.rep)]
    first = faults[0]
    fault, worst = first.at_worst, first.worst
    then, share = shown_at(worst, fault), _share(len(first.reps), len(judged))
    drill = table.faults[first.name].drill if first.name in table.faults else None
    at_worst = Message(
        "Worst in {text} ({text2}): {text3}.",
        text=rep_name(worst.rep),
        text2=phase_words(fault, then),
        text3=joined("; ", measurement_words(fault), deviation_words(fault)),
    )
    after = [
        Message(
            "{text}, {text2}: “{text3}”",
            text=fault_words(one.name, table.exercise),
            text2=_share(len(one.reps), len(judged)),
            text3=fault_cue(one.name, table.exercise),
        )
        for one in faults[1:]
    ]
    what = Message("{text} in {text2}", text=fault_words(fault.name, table.exercise), text2=share)
    look = Message("Look at {text}", text=rep_name(worst.rep))
    depth = standard_notes([entry.rep for entry in attempts]) if first.name == SHALLOW else ()
    return Overview(
        kind=priority.kind,
        headline=capital(fault_cue(fault.name, table.exercise)) if priority.kind == "fault" else look,
        line=joined(" ", _affected_reps(first, what, judged), *map(_sentence, depth)),
        facts=_facts(
            at_worst if fault.is_measured else "",
            judged,
            content,
            table,
            *([Message("Drill: {text}", text=drill)] if drill else []),
            *([Message("After that: {text}.", text=joined("; ", *after))] if after else []),
        ),
    )


def _unlike_id(anomalous: Sequence[SessionRep]) -> str:
    """Return the message id for anomalous reps without a measured fault: judged so, corrected to that, or both."""
    said = [entry for entry in anomalous if entry.rep.correction is not None]
    if not said:
        return "{text} unlike good reps, without a named fault"
    return (
        "{text} marked bad by you" if len(said) == len(anomalous) else "{text} unlike good reps, or marked bad by you"
    )


def _affected_reps(fault: SessionFault, what: str, judged: Sequence[SessionRep]) -> str:
    """Name the reps with a fault, or the rep since which all have it. what: the fault, and in how many reps."""
    from_first = [entry for entry in judged if entry.rep.index >= fault.reps[0].rep.index]
    first, last = (rep_name(entry.rep) for entry in (fault.reps[0], fault.reps[-1]))
    if len(fault.reps) > 1 and len(fault.reps) == len(from_first):
        if len(from_first) == len(judged):
            return Message("{Text}, all of them.", Text=what)
        return Message("{Text}, in every rep since {text}.", Text=what, text=first)
    if len(fault.reps) <= LISTED:
        return _sentence(joined(": ", what, rep_names([entry.rep for entry in fault.reps])))
    return Message("{Text}, first in {text}, last in {text2}.", Text=what, text=first, text2=last)


def _good_overview(content: ReportContent, judged: Sequence[SessionRep], table: FaultTable) -> Overview:
    left = len(content.reps) - len(judged)
    all_good = counted(len(judged), "One rep judged, and it was good", "{n} reps judged, all good")
    unjudged = counted(left, "1 rep not judged", "{n} reps not judged") if left else ""
    tried = tried_notes({"shallow": content.too_shallow})
    line = joined("; ", all_good, unjudged, *tried)
    scored = [entry for entry in judged if entry.rep.score is not None]
    best = min(scored, key=lambda entry: entry.rep.score or 0.0, default=None)
    fact = ""
    if best is not None and len(scored) > 1:
        most = Message("{text} was most like your good reps", text=rep_name(best.rep))
        fact = _sentence(joined("; ", most, _tempo_range(judged)))
    facts = _facts(fact, judged, content, table)
    if tried and SHALLOW in table.faults:
        return Overview(kind="fault", headline=capital(table.faults[SHALLOW].cue), line=_sentence(line), facts=facts)
    return Overview(kind="good", headline=Message("Nothing to fix"), line=_sentence(line), facts=facts)


def _tempo_range(judged: Sequence[SessionRep]) -> str:
    """Describe how even the tempo of the way up was; empty with fewer than three reps."""
    times = [entry.rep.pace.concentric_s for entry in judged if entry.rep.pace is not None]
    if len(times) < 3:
        return ""
    numbers = {"n": f"{min(times):.1f}", "n2": f"{max(times):.1f}", "n3": f"{median(times):.1f}"}
    return Message("the way up took {n} to {n2} s, usually {n3} s", **numbers)


def _facts(
    first: str, judged: Sequence[SessionRep], content: ReportContent, table: FaultTable, *more: str
) -> tuple[str, ...]:
    hidden = {missing.name for entry in judged for missing in entry.rep.not_visible}
    detected = {name for entry in (*judged, *content.attempts) for name in _detected_in(entry)}
    detected |= {SHALLOW} if content.too_shallow else set()
    clean = [fault.words for name, fault in table.faults.items() if name not in hidden | detected]
    never = Message("Checked in every rep and never detected: {text}.", text=joined(", ", *clean))
    return tuple(fact for fact in (first, *more, never if clean and judged else "") if fact)


def _is_main_hidden(judged: Sequence[SessionRep], table: FaultTable) -> bool:
    """Return whether a main fault could not be checked in a rep: then "nothing to fix" would be a guess."""
    hidden = {missing.name for entry in judged for missing in entry.rep.not_visible}
    return any(fault.main and name in hidden for name, fault in table.faults.items())


def _detected_in(entry: SessionRep) -> set[str]:
    """Return the faults that were detected in a rep, or that a correction gave it."""
    return {fault.name for fault in (*entry.judged.faults, *shortcomings(entry.rep))}


def _share(count: int, of: int) -> Message:
    return Message("{n} of 1 rep", n=count) if of == 1 else Message("{n} of {n2} reps", n=count, n2=of)
