"""Chooses what the lifter hears and sees about reps, sets and the reference, one cue at a time.

A rep gets the cue of its primary fault (`livecoach.decisions.judging.primary`), which is the first in its list. The
same fault cue is spoken again only after more than QUIET_REPS reps, or after QUIET_S, whichever comes first: meanwhile,
the lifter sees it, and hears the tone and the rep's number. Another fault cue does not replace the silent cue: a lifter
works on one thing at a time.

If a fault cue was spoken, the first good rep that can be checked for the fault is acknowledged, unless before that
another fault cue is spoken, or a rep is checked for the fault and has only another fault.

A squat that is clearly too high gets the fault cue of "shallow" unless it has another fault. A squat a little too
high gets its number: of 60 real squats to level or deeper, 7 seemed too high, and one of them clearly (2026-11-28). A
rep that a standard disallows gets the tone of a fault cue; the words on the screen say by how much it missed. A
partial rep has no number: it has no cue while its fault cue is quiet, and no acknowledgement.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from livecoach.core.types import Cue, CueKind, Fault, PartialReason, PartialRep, Rep, SetSummary
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.core.types.reps import LIKE_FIRST, UNSEEN_FAULTS
from livecoach.decisions.judging.primary import missed_depth

QUIET_REPS = 2  # Number of reps during which a fault cue is not repeated within QUIET_S
QUIET_S = 10.0  # Time in seconds during which a fault cue is not repeated within QUIET_REPS
READ_S = 2.5  # Time in seconds that a message stays on screen before a cue that can wait replaces it
ALL_GOOD, NONE_GOOD, NOT_JUDGED = "all good", "none good", "not judged"  # Words for the reps of a set
IN_VIEW = "in this view"  # Follows "all good" if the view hides some faults
CAMERA_TOO_LOW = "the camera is too low: not counted"
UNCOUNTED: dict[PartialReason, str] = {
    "short": "half a rep: not counted",
    "shallow": "too shallow: not counted",
    "from_below": CAMERA_TOO_LOW,
}
"""Reason why a finished movement does not count → text of the cue."""

READY = Cue(kind="ready", text="ready", rep=None, say="ready")
LEARNED = Cue(kind="learned", text="reference ready", rep=None, say=None)  # Only a tone
RESTED = Cue(kind="rested", text="rest over", rep=None, say=None)  # Only a tone, after the planned rest
_BY_IMPORTANCE: tuple[CueKind, ...] = ("set_over", "warning", "learned", "ready")


class CuePolicy:
    """Chooses the cue of each rep of a lifter, and remembers the fault cues that were spoken."""

    def __init__(self, fault_cues: Mapping[str, str], anomaly_cue: str, within_set: Collection[str] = ()) -> None:
        """Start without any reps.

        Args:
            fault_cues: Cue of each fault, by the fault's name.
            anomaly_cue: Cue for an anomalous rep without a named fault.
            within_set: Faults that are compared only within a set; the first rep of a set can't show them.
        """
        self._within_set = within_set
        self._fault_cues, self._anomaly_cue = dict(fault_cues), anomaly_cue
        self._reps = 0
        self._spoken: dict[str, tuple[int, float]] = {}
        """Words of a fault cue → number of reps before it was last spoken, over all sets, and the time in seconds."""
        self._corrected: str | None = None  # fault that the lifter is working on

    def cue_for_rep(self, rep: Rep, number: int) -> Cue:
        """Return the cue for a completed rep, and remember which fault cue was spoken.

        Args:
            number: Number of reps of the set that count, with this rep. The cue speaks the number if it has nothing
                more important to say.
        """
        self._reps += 1
        # The rep, perhaps the first of its set, could not be checked for the fault to work on.
        unclear = rep.own_reps == 0 or (number == 1 and self._corrected in self._within_set)
        unclear = unclear or rep.is_unchecked_for(self._corrected)
        if rep.disallowed:
            missed = next(result.words for result in rep.standards if result.verdict == "missed")
            return Cue(kind="anomalous_rep", text=missed, rep=rep.index, say=None, why="not counted")
        if rep.verdict == "unsure":
            words = join_texts(": ", "not judged", str(rep.unsure))
            return Cue(kind="unjudged_rep", text=words, rep=rep.index, say=str(number))
        if rep.verdict == "anomalous":
            fault = next(iter(rep.faults), None)
            if fault is None and not rep.has_firm_basis:  # compared with this session only, and no fault has a name
                why = None if rep.why is None else rep.why.text
                return Cue(kind="counted_rep", text=rep.difference_words, rep=rep.index, say=str(number), why=why)
            if fault is not None:
                why = join_texts(": ", rep.comparison_words, fault.text)
            elif rep.why is not None:
                why = join_texts(": ", rep.comparison_words or rep.difference_words, rep.why.text)
            else:
                why = rep.comparison_words
            return self._fault_cue(rep, number, fault, why, unclear=unclear)
        high = missed_depth(rep) if rep.misses_standard else None
        if high is not None and high.severity > 0:
            return self._fault_cue(rep, number, high, high.text, unclear=False)
        may_be_fixed = rep.own_verdict == "good" and not unclear
        kind: CueKind = "good_rep" if rep.form == "good" else "counted_rep"
        text = say = str(number)
        if self._corrected is not None and may_be_fixed:
            self._corrected, kind, text = None, "fixed", "fixed"
            say = "good" if rep.has_firm_basis else say
        return Cue(kind=kind, text=text, rep=rep.index, say=say)

    def count_late_rep(self) -> None:
        """Count a rep that was reported too late for a cue: the number of reps decides when a fault cue is repeated."""
        self._reps += 1

    def cue_for_partial_rep(self, partial: PartialRep, t_s: float) -> Cue | None:
        """Return the cue for a partial rep; None if no cue is due.

        A movement that is too short or shallow, or filmed from too low, gets a silent cue that names the reason. Any
        other partial rep gets the cue of its first fault, if any, unless this cue was spoken less than QUIET_S and at
        most QUIET_REPS reps before. A spoken cue is remembered.
        """
        if partial.reason in UNCOUNTED:
            return Cue(kind="unjudged_rep", text=UNCOUNTED[partial.reason], rep=None, say=None)
        fault = next(iter(partial.faults), None)
        if fault is None:
            return None
        self._reps += 1
        words, is_spoken = self._correct(fault, t_s, unclear=False)
        return Cue(kind="anomalous_rep", text=words, rep=None, say=words, why=fault.text or None) if is_spoken else None

    def forget_fault(self) -> None:
        """Forget the fault that the lifter works on, after a correction that calls a rep good or no rep."""
        self._corrected = None

    def _fault_cue(self, rep: Rep, number: int, fault: Fault | None, why: str, *, unclear: bool) -> Cue:
        """Return the cue of a rep to check, which speaks the number while the words of its fault are quiet."""
        words, is_spoken = self._correct(fault, rep.end_s, unclear=unclear)
        say = words if is_spoken else str(number)
        return Cue(kind="anomalous_rep", text=words, rep=rep.index, say=say, why=why or None)

    def _correct(self, fault: Fault | None, t_s: float, *, unclear: bool) -> tuple[str, bool]:
        """Return the words of a fault, and whether to speak them; `unclear` if the fault to work on was not checked."""
        words = self._anomaly_cue if fault is None else self._fault_cues.get(fault.name, self._anomaly_cue)
        reps_then, spoken_s = self._spoken.get(words, (-math.inf, -math.inf))
        is_spoken = self._reps - reps_then > QUIET_REPS or t_s - spoken_s >= QUIET_S
        if is_spoken:
            self._spoken[words] = self._reps, t_s
        if fault is not None and (is_spoken or fault.name == self._corrected):
            self._corrected = fault.name
        elif not unclear:
            self._corrected = None
        return words, is_spoken


def recognition_cue(title: str) -> Cue:
    """Return the cue that names the recognised exercise by its title."""
    return Cue(kind="recognised", text=title, rep=None, say=title.lower())


def summary_cue(summary: SetSummary) -> Cue:
    """Return the cue that sums up a set, such as "8 reps, 7 good".

    If any rep is only alike or different, the spoken words leave out reps that are alike, different, bad or to check.
    """
    reps = quantity_words(summary.reps, "1 rep", "{n} reps")
    mixed = summary.alike + summary.different > 0
    spoken = form_words(replace(summary, alike=0, different=0, anomalous=0, bad=0) if mixed else summary)
    words = join_texts(", ", reps, *form_words(summary))
    return Cue(kind="set_over", text=words, rep=None, say=join_texts(", ", reps, *spoken))


def lists_unseen_faults(note: str) -> bool:
    """Return whether a note on a set lists faults that can't be checked from the camera's place."""
    return isinstance(note, Message) and note.id == UNSEEN_FAULTS


def good_words(number: int) -> str:
    """Return the number of good reps in words: "7 good" or "none good"."""
    return Message("{n} good", n=number) if number else NONE_GOOD


def form_words(summary: SetSummary) -> list[str]:
    """Return the words that follow the number of reps in the summary of a set, such as "7 good" and "1 not judged".

    The number of reps to check is left out after a number of good reps or "none good". The result is empty without
    reps, and for a single rep that is alike.
    """
    if not summary.reps:
        return []
    if summary.good == summary.reps and summary.fault is None:
        if any(map(lists_unseen_faults, summary.notes)):
            return [good_words(summary.good), IN_VIEW]
        return ["good" if summary.reps == 1 else ALL_GOOD]
    if summary.unsure == summary.reps:
        return [NOT_JUDGED]
    like_first = summary.reference == "session"
    if summary.alike == summary.reps:
        return [LIKE_FIRST] if like_first else ["alike"] if summary.reps > 1 else []
    words = [good_words(summary.good)] if summary.good or summary.anomalous == summary.reps else []
    numbers = {
        "{n} to check": 0 if words else summary.anomalous - summary.bad,
        "{n} like your first set" if like_first else "{n} alike": summary.alike,
        "{n} different": summary.different,
        "{n} not judged": summary.unsure,
    }
    return [*words, *(Message(id, n=number) for id, number in numbers.items() if number)]


def warning_cue(text: str) -> Cue:
    """Return the silent cue that shows a warning."""
    return Cue(kind="warning", text=text, rep=None, say=None)


def stop_cue(rep_cue: Cue | None) -> Cue:
    """Return the cue that asks the lifter to end the set: the last rep's cue with the spoken word "stop" added.

    If the rep has no cue or no spoken words, the cue is "stop" alone.
    """
    if rep_cue is None or rep_cue.say is None:
        return Cue(kind="stop", text="stop", rep=None, say="stop")
    kind: CueKind = rep_cue.kind if rep_cue.kind == "anomalous_rep" else "stop"
    return replace(rep_cue, kind=kind, say=join_texts(", ", rep_cue.say, "stop"))


class CueQueue:
    """Chooses at most one cue at each observation, and keeps the other cues waiting.

    The cue of a rep and the name of the exercise come at once. Other cues wait until the last cue has been read.
    """

    def __init__(self) -> None:
        self._waiting: dict[CueKind, Cue] = {}
        self._shown_s: float | None = None

    def step(
        self, t_s: float, *, rep_cue: Cue | None = None, news: Iterable[Cue] = (), untrue: Collection[CueKind] = ()
    ) -> Cue | None:
        """Take new cues, and return the cue that is due at an observation; None if no cue is due.

        Args:
            rep_cue: Cue of a rep that was just completed, which goes first; None without such a rep. Its number is
                spoken after the name of an exercise that the rep made known, but a fault cue without the name.
            news: Other new cues. They wait for their turn, and a newer cue replaces a waiting cue of its kind.
            untrue: Kinds of cues that are no longer true; waiting cues of these kinds are dropped.
        """
        for cue in news:
            self._waiting[cue.kind] = cue
        for kind in untrue:
            self._waiting.pop(kind, None)
        name = self._waiting.pop("recognised", None)
        chosen = rep_cue or name or self._next(t_s)
        if rep_cue and rep_cue.say and name and rep_cue.kind != "anomalous_rep":
            chosen = replace(rep_cue, say=join_texts(", ", name.say or "", rep_cue.say))
        if chosen is not None:
            self._shown_s = t_s
        return chosen

    def finish(self, rep_cue: Cue | None = None, news: Iterable[Cue] = ()) -> Cue | None:
        """Return the last cue of the source, chosen as in `step`, but without any wait; None if there is no cue."""
        self._shown_s = None
        return self.step(0.0, rep_cue=rep_cue, news=news)

    def _next(self, t_s: float) -> Cue | None:
        if self._shown_s is not None and t_s - self._shown_s < READ_S:
            return None
        first = next((kind for kind in _BY_IMPORTANCE if kind in self._waiting), None)
        return None if first is None else self._waiting.pop(first)
