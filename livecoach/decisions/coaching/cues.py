"""Cues on reps, sets and learning: one at a time, each once, and silence for good form.

A rep is corrected for its first fault, the primary one (`livecoach.decisions.judging.primary`). The same correction is
not spoken again for QUIET_REPS, or until QUIET_S have gone by: in between, the lifter sees it, and hears the tone and
the rep's number. Another correction does not replace the silent one: a lifter works on one thing at a time.

A fault whose correction was spoken is acknowledged once, on a good rep that was checked for it; if another fault has
taken its place, that one is corrected and the first forgotten.

A rep that a standard disallows gets the tone of a correction, and its words are by how much it missed. An uncompleted
rep is corrected like others, but has no number: no cue while its correction is quiet, and no acknowledgement.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from livecoach.core.types import Cue, CueKind, Fault, PartialReason, PartialRep, Rep, SetSummary
from livecoach.core.types.message import Message, counted, joined
from livecoach.core.types.reps import LIKE_FIRST, NOT_SEEN

QUIET_REPS = 2
QUIET_S = 10.0
READ_S = 2.5  # a message stays on screen; a cue that can wait does not replace it earlier
ALL_GOOD, NONE_GOOD, NOT_JUDGED = "all good", "none good", "not judged"  # of the reps of a set
IN_VIEW = "in this view"  # after what is good: faults that it hides may be there
UNCOUNTED: dict[PartialReason, str] = {
    "short": "half a rep: not counted",
    "shallow": "too shallow: not counted",
    "from_below": "the camera looks up: not counted",
}
"""Reason why a finished movement does not count → text of the cue."""

READY = Cue(kind="ready", text="ready", rep=None, say="ready")
LEARNED = Cue(kind="learned", text="reference ready", rep=None, say=None)  # a tone alone
RESTED = Cue(kind="rested", text="rest over", rep=None, say=None)  # a tone alone, after the planned rest
_BY_IMPORTANCE: tuple[CueKind, ...] = ("set_over", "warning", "learned", "ready")


class CuePolicy:
    def __init__(self, fault_cues: Mapping[str, str], anomaly_cue: str, within_set: Collection[str] = ()) -> None:
        """fault_cues: fault → its cue. anomaly_cue: for an anomalous rep without a named fault. within_set: faults that
        a set's first rep can't show, because they are compared within a set only."""
        self._within_set = within_set
        self._fault_cues, self._anomaly_cue = dict(fault_cues), anomaly_cue
        self._reps = 0
        self._said: dict[
            str, tuple[int, float]
        ] = {}  # words of a correction → reps until then, over all sets, and when
        self._corrected: str | None = None  # fault that the lifter is working on

    def rep(self, rep: Rep, number: int) -> Cue:
        """number: of the rep in its set; the count is spoken."""
        self._reps += 1
        if rep.disallowed:
            missed = next(result.words for result in rep.standards if result.verdict == "missed")
            return Cue(kind="anomalous_rep", text=missed, rep=rep.index, say=None, why="not counted")
        if rep.verdict == "unsure":
            return Cue(
                kind="unjudged_rep", text=joined(": ", "not judged", str(rep.unsure)), rep=rep.index, say=str(number)
            )
        if rep.verdict == "anomalous":
            fault = next(iter(rep.faults), None)
            if fault is None and not rep.has_reference:  # by nothing but this session, and no fault has a name
                why = None if rep.why is None else rep.why.text
                return Cue(kind="counted_rep", text=rep.difference, rep=rep.index, say=str(number), why=why)
            words, said = self._correct(fault, rep.end_s, unclear=self._is_unclear(rep, first=number == 1))
            say = words if said else str(number)
            what = fault.text if fault is not None else "" if rep.why is None else rep.why.text
            why = joined(": ", rep.comparison, what) or None
            return Cue(kind="anomalous_rep", text=words, rep=rep.index, say=say, why=why)
        is_gone = rep.own_verdict == "good" and not self._is_unclear(rep, first=number == 1)
        if self._corrected is not None and is_gone:
            self._corrected = None
            return Cue(kind="fixed", text="fixed", rep=rep.index, say="good" if rep.has_reference else str(number))
        kind: CueKind = "good_rep" if rep.has_reference else "counted_rep"
        return Cue(kind=kind, text=str(number), rep=rep.index, say=str(number))

    def late(self) -> None:
        self._reps += 1

    def partial(self, partial: PartialRep, t_s: float) -> Cue | None:
        if partial.reason in UNCOUNTED:
            return Cue(kind="unjudged_rep", text=UNCOUNTED[partial.reason], rep=None, say=None)
        fault = next(iter(partial.faults), None)
        if fault is None:
            return None
        self._reps += 1
        words, said = self._correct(fault, t_s, unclear=False)
        return Cue(kind="anomalous_rep", text=words, rep=None, say=words, why=fault.text or None) if said else None

    def forget_fault(self) -> None:
        """The last rep was called good or no rep: the fault that was cued in it is not acknowledged later."""
        self._corrected = None

    def _correct(self, fault: Fault | None, t_s: float, *, unclear: bool) -> tuple[str, bool]:
        """Return the cue for a fault (None: an anomaly without a name), and whether it is spoken. unclear: the rep
        could not be checked for the fault that the lifter is working on."""
        words = self._anomaly_cue if fault is None else self._fault_cues[fault.name]
        said = self._may_say(words, t_s)
        if fault is not None and (said or fault.name == self._corrected):
            self._corrected = fault.name
        elif not unclear:
            self._corrected = None
        return words, said

    def _may_say(self, words: str, t_s: float) -> bool:
        """If a cue may be spoken, it counts as spoken now."""
        after, said_s = self._said.get(words, (-math.inf, -math.inf))
        if self._reps - after <= QUIET_REPS and t_s - said_s < QUIET_S:
            return False
        self._said[words] = self._reps, t_s
        return True

    def _is_unclear(self, rep: Rep, *, first: bool) -> bool:
        """The rep could not be checked for the fault that the lifter is working on. first: of its set."""
        if rep.own_reps == 0 or (first and self._corrected in self._within_set):
            return True
        return rep.hides(self._corrected)


def recognised(title: str) -> Cue:
    """title: of the exercise, which is known now."""
    return Cue(kind="recognised", text=title, rep=None, say=title.lower())


def set_over(summary: SetSummary) -> Cue:
    """The words that are shown are spoken, "8 reps, 7 good", but of reps without a reference their number alone."""
    reps = counted(summary.reps, "1 rep", "{n} reps")
    mixed = summary.alike + summary.different > 0
    spoken = form_words(replace(summary, alike=0, different=0, anomalous=0 if mixed else summary.anomalous))
    words = joined(", ", reps, *form_words(summary))
    return Cue(kind="set_over", text=words, rep=None, say=joined(", ", reps, *spoken))


def says_unseen(note: str) -> bool:
    return isinstance(note, Message) and note.id == NOT_SEEN


def good_words(number: int) -> str:
    return Message("{n} good", n=number) if number else NONE_GOOD


def form_words(summary: SetSummary) -> list[str]:
    """Return what the reps of a set count as, behind their number: "7 good"; "1 to check", "3 different"."""
    if summary.good == summary.reps and summary.fault is None:
        if any(map(says_unseen, summary.notes)):
            return [good_words(summary.good), IN_VIEW]
        return ["good" if summary.reps == 1 else ALL_GOOD]
    if summary.unsure == summary.reps:
        return [NOT_JUDGED]
    like_first = summary.reference == "session"
    if summary.alike == summary.reps:
        return [LIKE_FIRST] if like_first else ["alike"] if summary.reps > 1 else []
    words = [good_words(summary.good)] if summary.good or summary.anomalous == summary.reps else []
    numbers = {
        "{n} to check": 0 if words else summary.anomalous,
        "{n} like your first set" if like_first else "{n} alike": summary.alike,
        "{n} different": summary.different,
        "{n} not judged": summary.unsure,
    }
    return [*words, *(Message(id, n=number) for id, number in numbers.items() if number)]


def warning(text: str) -> Cue:
    return Cue(kind="warning", text=text, rep=None, say=None)


def stop(rep: Cue | None) -> Cue:
    """End the set, with the words for its last rep: a correction, which still counts, or its number. rep: its cue."""
    if rep is None or rep.say is None:
        return Cue(kind="stop", text="stop", rep=None, say="stop")
    kind: CueKind = rep.kind if rep.kind == "anomalous_rep" else "stop"
    return replace(rep, kind=kind, say=joined(", ", rep.say, "stop"))


class CueQueue:
    """Chooses each observation's cue: a rep's and the exercise's name come at once, others once one is read."""

    def __init__(self) -> None:
        self._waiting: dict[CueKind, Cue] = {}
        self._given_s: float | None = None

    def step(
        self, t_s: float, *, rep: Cue | None = None, news: Iterable[Cue] = (), untrue: Collection[CueKind] = ()
    ) -> Cue | None:
        """rep: of a completed rep. news: other new cues; the newest of a kind waits. untrue: kinds that are dropped."""
        self._waiting |= {cue.kind: cue for cue in news}
        for kind in untrue:
            self._waiting.pop(kind, None)
        name = self._waiting.pop("recognised", None)
        chosen = _named(rep, name) if rep is not None else name or self._next(t_s)
        if chosen is not None:
            self._given_s = t_s
        return chosen

    def finish(self, rep: Cue | None = None, news: Iterable[Cue] = ()) -> Cue | None:
        """Nothing can wait, so the most important cue is given."""
        self._waiting |= {cue.kind: cue for cue in news}
        self._given_s = None
        name = self._waiting.pop("recognised", None)
        return _named(rep, name) if rep is not None else name or self._next(0.0)

    def _next(self, t_s: float) -> Cue | None:
        if self._given_s is not None and t_s - self._given_s < READ_S:
            return None
        first = next((kind for kind in _BY_IMPORTANCE if kind in self._waiting), None)
        return None if first is None else self._waiting.pop(first)


def _named(rep: Cue, name: Cue | None) -> Cue:
    """The rep made its exercise known: the name is spoken before a number, but does not delay a correction."""
    if name is None or rep.kind == "anomalous_rep" or rep.say is None:
        return rep
    return replace(rep, say=joined(", ", name.say or "", rep.say))
