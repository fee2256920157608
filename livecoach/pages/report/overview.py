"""Writes the top of a report: the fault to fix first in the reps of an exercise, or praise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from livecoach.core.step import RepCompleted
from livecoach.core.types import Fault
from livecoach.core.types.message import Message, capitalise, join_texts, quantity_words
from livecoach.decisions.coaching import rep_figures
from livecoach.decisions.coaching.cues import IN_VIEW, good_words
from livecoach.decisions.coaching.rep_figures import fault_counts, was_checked
from livecoach.decisions.coaching.set_summary import depth_note, uncounted_notes
from livecoach.decisions.judging.primary import (
    SHALLOW,
    rank_shortcomings,
    severity_key,
    shortcomings,
    unseen_main_faults,
)
from livecoach.decisions.judging.wording import fault_cue, fault_words
from livecoach.decisions.rep.measures import FaultTable
from livecoach.feedback.key_moment import KeyMoment
from livecoach.pages.report.content import ReportContent
from livecoach.pages.report.report_words import (
    LISTED,
    PARTIAL,
    UNANSWERED,
    describe_difference,
    measurement_words,
    phase_words,
    rep_name,
    rep_names,
)

DIFFERENT = "{text} different, without a named fault"
NO_FAULT = "No fault was seen"
"""Headline for good reps if dropped frames, or joints that were not visible, may have hidden a fault."""
ShownAt = Callable[[RepCompleted, Fault | None], KeyMoment | None]  # Returns the moment of a rep that its pictures show


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SessionFault:
    """A fault, and the reps of the session that have it. A missed depth is the fault "shallow"."""

    name: str
    reps: tuple[RepCompleted, ...]  # The reps with the fault, in order
    worst: RepCompleted  # The worst of the reps with this primary fault, or else of all reps with the fault
    description: str  # The fault and the share of reps in words, such as "heels up in 2 of 5 reps"
    cue: str

    @property
    def worst_measured(self) -> Fault:
        """The fault as measured in the worst rep."""
        return self.measured_in(self.worst)

    def measured_in(self, entry: RepCompleted) -> Fault:
        """Return the fault as measured in a rep that has it."""
        return next(fault for fault in shortcomings(entry.counted) if fault.name == self.name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overview:
    """The summary at the top of a report's part about one exercise: the fault to fix first, or praise."""

    kind: Literal["fault", "unlike", "good", "alike", "unjudged", "none"]
    """The result: a named fault or a missed depth ("fault"), anomalous reps without a named fault ("unlike"), good reps
    ("good"), reps alike without a confirmed reference ("alike"), no judged rep ("unjudged") or no rep ("none")."""
    headline: str  # What to do, in two to four words, or that nothing needs fixing
    line: str  # What happened, and how often
    facts: tuple[str, ...] = ()  # Further sentences, such as a drill
    shown_rep: RepCompleted | None = None  # The worst rep; None if no rep has a fault or is anomalous
    faults: tuple[SessionFault, ...] = ()  # All faults, most important first


def make_overview(content: ReportContent, table: FaultTable, shown_at: ShownAt) -> Overview:
    """Return the summary at the top of a report's part about one exercise.

    Args:
        content: Content of the report, with this exercise only.
        shown_at: Returns the moment that the pictures of a rep show, for a fault or, without a fault, for None.
    """
    faults = rank_faults(content.attempts, table)
    if faults:
        return _to_fix(faults, content, table, shown_at)
    judged = [entry for entry in content.reps if entry.counted.verdict != "unsure"]
    anomalous = [entry for entry in judged if entry.counted.verdict == "anomalous"]
    if anomalous:
        return _describe_anomalous(anomalous, content.reps, shown_at)
    if judged and not any(entry.counted.form == "good" for entry in judged):
        return _describe_alike(judged, content)
    if judged:
        return _good(judged, content, table)
    return _unjudged(content.reps) if content.reps else _none(content)


def rank_faults(reps: Sequence[RepCompleted], table: FaultTable) -> tuple[SessionFault, ...]:
    """Return the faults of attempts in an exercise, most important first, as in the summary of a set."""
    having: dict[str, list[tuple[bool, tuple[float, float], RepCompleted]]] = {}
    for entry in reps:
        for place, fault in enumerate(shortcomings(entry.counted)):
            having.setdefault(fault.name, []).append((not place, severity_key(fault), entry))
    names = rank_shortcomings([shortcomings(entry.counted) for entry in reps], tuple(table.faults))
    counts = fault_counts([entry.counted for entry in reps], names)
    return tuple(
        SessionFault(
            name=name,
            reps=tuple(entry for *_, entry in having[name]),
            worst=max(having[name], key=lambda ranked: ranked[:2])[-1],
            description=Message(
                "{text} in {text2}", text=fault_words(name, table.exercise), text2=counts[name].in_words(len(reps))
            ),
            cue=fault_cue(name, table.exercise),
        )
        for name in names
    )


def _to_fix(faults: tuple[SessionFault, ...], content: ReportContent, table: FaultTable, shown_at: ShownAt) -> Overview:
    attempts, first = content.attempts, faults[0]
    reps = [entry.counted for entry in attempts]
    fault, worst = first.worst_measured, first.worst
    where = phase_words(fault, shown_at(worst, fault))
    at_worst = Message("worst in {text} ({text2})", text=rep_name(worst.counted), text2=where)
    drill = table.faults[first.name].drill if first.name in table.faults else None
    depth = depth_note(reps) if first.name == SHALLOW else ()
    checked = [entry for entry in attempts if was_checked(entry.counted, first.name)]
    return Overview(
        kind="fault",
        headline=capitalise(first.cue),
        line=join_texts(" ", _affected_reps(first, checked, attempts), *map(_sentence, depth)),
        facts=(
            *([_sentence(join_texts(": ", at_worst, measurement_words(fault)))] if fault.is_measured else []),
            *([Message("Drill: {text}", text=drill)] if drill else []),
        ),
        shown_rep=worst,
        faults=faults,
    )


def _affected_reps(fault: SessionFault, checked: Sequence[RepCompleted], attempts: Sequence[RepCompleted]) -> str:
    """Name the reps with a fault, or only the first if all later reps have it; `checked`: reps that could show it."""
    from_first = [entry for entry in attempts if entry.counted.start_s >= fault.reps[0].counted.start_s]
    first, last = (rep_name(entry.counted) for entry in (fault.reps[0], fault.reps[-1]))
    if 1 < len(fault.reps) == len(checked):
        return _sentence(fault.description)
    if 1 < len(fault.reps) == len(from_first):
        return Message("{Text}, in every rep since {text}.", Text=fault.description, text=first)
    if len(fault.reps) <= LISTED:
        return _sentence(join_texts(": ", fault.description, rep_names([entry.counted for entry in fault.reps])))
    return Message("{Text}, first in {text}, last in {text2}.", Text=fault.description, text=first, text2=last)


def _describe_anomalous(anomalous: Sequence[RepCompleted], reps: Sequence[RepCompleted], shown_at: ShownAt) -> Overview:
    """Describe anomalous reps without a measured fault, by livecoach's verdict or the lifter's correction."""
    marked = sum(entry.counted.correction is not None for entry in anomalous)
    what = "{text} unlike good reps, without a named fault"
    if marked:
        what = "{text} unlike good reps, or marked bad by you"
    if all(entry.counted.form == "different" for entry in anomalous):
        what = DIFFERENT
    what = "{text} marked bad by you" if marked == len(anomalous) else what
    share = Message(what, text=rep_figures.FaultCount(len(anomalous), len(reps)).in_words(len(reps)))
    shown = max(anomalous, key=lambda entry: entry.counted.score or 0.0)
    most, moment = describe_difference(shown.counted), shown_at(shown, None)
    if most and moment is not None:
        most = join_texts(", ", most, moment.where)
    return Overview(
        kind="unlike",
        headline=Message("Look at {text}", text=rep_name(shown.counted)),
        line=_sentence(join_texts(": ", share, rep_names([entry.counted for entry in anomalous]))),
        facts=(_sentence(most),) if most else (),
        shown_rep=shown,
    )


def _describe_alike(reps: Sequence[RepCompleted], content: ReportContent) -> Overview:
    """Describe reps that were compared with each other, without a confirmed reference, and are alike."""
    alike = quantity_words(len(reps), "1 rep, compared with no other", "{n} reps, alike")
    tried = uncounted_notes({"shallow": content.shallow_count})
    return Overview(
        kind="alike",
        headline=Message("Are these your good reps?"),
        line=_sentence(join_texts("; ", alike, _left(content, reps), *tried)),
        facts=(UNANSWERED,),
    )


def _left(content: ReportContent, judged: Sequence[RepCompleted]) -> str:
    left = len(content.reps) - len(judged)
    return quantity_words(left, "1 rep not judged", "{n} reps not judged") if left else ""


def _good(judged: Sequence[RepCompleted], content: ReportContent, table: FaultTable) -> Overview:
    unseen = any(unseen_main_faults(entry.counted) for entry in judged)
    number = sum(entry.counted.form == "good" for entry in judged)
    sure = quantity_words(number, "One rep judged, and it was good", "{n} reps judged, all good")
    good = join_texts(", ", good_words(number), IN_VIEW) if unseen else sure
    alike = Message("{n} alike", n=len(judged) - number) if number < len(judged) else ""
    tried = uncounted_notes({"shallow": content.shallow_count})
    line = _sentence(join_texts("; ", good, alike, _left(content, judged), *tried))
    best = rep_figures.best_rep([entry.counted for entry in judged])
    facts: tuple[str, ...] = ()
    if best is not None and len(judged) > 1:
        facts = (_sentence(Message("{text} was most like your good reps", text=rep_name(best))),)
    if tried and SHALLOW in table.faults:
        return Overview(kind="fault", headline=capitalise(table.faults[SHALLOW].cue), line=line, facts=facts)
    headline = NO_FAULT if unseen or content.metrics.slow.spans else Message("Nothing to fix")
    return Overview(kind="good", headline=headline, line=line, facts=facts)


def _unjudged(reps: Sequence[RepCompleted]) -> Overview:
    reasons = join_texts(", ", *dict.fromkeys(entry.counted.unsure or "reason unknown" for entry in reps))
    none = Message("none was visible enough to judge: {text}", text=reasons)
    return Overview(
        kind="unjudged",
        headline=Message("No rep could be judged"),
        line=_sentence(join_texts("; ", quantity_words(len(reps), "1 rep counted", "{n} reps counted"), none)),
        facts=(Message("See below how to place the camera so that your reps can be judged next time."),),
    )


def _none(content: ReportContent) -> Overview:
    started = "one rep was started, but {text}"
    unfinished = [Message(started, text=PARTIAL[partial.reason]) for partial in content.partials]
    nothing = Message("No movement in this session counts as a rep.")
    line = _sentence(join_texts("; ", *unfinished)) if unfinished else nothing
    return Overview(kind="none", headline=Message("No reps"), line=line)


def undetected_faults_words(content: ReportContent, table: FaultTable) -> str:
    """Return a sentence that lists the faults that were checked in every judged rep and never found.

    A fault that a correction names counts as found. The text is empty if there is no such fault or no judged rep.
    """
    judged = [entry for entry in content.attempts if entry.counted.verdict != "unsure"]
    detected = {fault.name for entry in content.attempts for fault in (*entry.rep.faults, *shortcomings(entry.counted))}
    if content.shallow_count or any(entry.counted.misses_standard for entry in judged):
        detected.add(SHALLOW)
    clean = [
        fault.words
        for name, fault in table.faults.items()
        if name not in detected and all(was_checked(entry.counted, name) for entry in judged)
    ]
    never = Message("Checked in every rep and never detected: {text}.", text=join_texts(", ", *clean))
    return never if clean and judged else ""


def _sentence(text: str) -> Message:
    return Message("{Text}.", Text=text)
