"""The figures of reps, which terminal, window, phone, report, history and tables show. They are computed only here.

The functions take completed reps of a single exercise, with their corrections. For a set they take all of its reps: a
rep that a person calls no rep leaves every figure at once. Each figure has one definition:

- reps: the reps that count, which are the sum of the next six figures.
- good, to check: judged by reps that the lifter confirmed or did in earlier sessions, or by a standard.
- bad: called bad by a person, so not to check any more. A rep that a person called good is good.
- alike, different: compared only with unconfirmed reps of the same session.
- not judged: not visible enough.
- judged: good, to check and bad together. The share of good reps is a share of these.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from livecoach.core.types import Form, Pace, ReferenceName, Rep
from livecoach.core.types.message import Message, join_texts
from livecoach.core.types.reps import LIKE_FIRST
from livecoach.decisions.judging.primary import SHALLOW, missed_depth, rank_shortcomings, shortcomings
from livecoach.decisions.judging.verdict import NOT_JUDGED
from livecoach.decisions.rep.tempo import speed_loss

LEAST_LOSS = 0.05  # Smallest speed loss that is reported: times are off by one or two frames, of about 30 in a rep


def counted_reps(reps: Sequence[Rep]) -> list[Rep]:
    """Return the reps that count, each with the verdict and the faults that count, after corrections and standards."""
    return [rep.as_counted() for rep in reps if rep.counts]


def attempts_as_counted(reps: Sequence[Rep]) -> list[Rep]:
    """Return the attempts: the reps that count, with the verdicts that count, and reps that only missed a standard."""
    return [rep.as_counted() for rep in reps if rep.is_attempt]


REP_LABELS: dict[str, Form] = {
    "good": "good",
    "alike": "alike",
    "to check": "anomalous",
    "bad": "anomalous",
    "different": "different",
    "not judged": "unsure",
}
"""Label of a rep, the id of the words that are shown for it → form of the rep, in the order of lists of numbers."""
FORMS: dict[Form, str] = {form: label for label, form in REP_LABELS.items() if label != "bad"}
"""Form of a rep → label of the rep, if no person has called the rep bad."""


def count_forms(reps: Sequence[Rep]) -> dict[str, int]:
    """Return the number of reps that count, in total ("reps") and of each form, by the field names of documents.

    The number of anomalous reps includes the reps that a person called bad, whose number is "bad".
    """
    forms = Counter(rep.form for rep in reps if rep.counts)
    bad = sum(rep.correction is not None and rep.correction.label == "bad" for rep in reps)
    return {"reps": forms.total(), "bad": bad, **{form: forms[form] for form in FORMS}}


def label_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Convert the result of `count_forms` to the number of reps of each label (REP_LABELS), without numbers of 0.

    Reps that a person called bad count as "bad", and not as "to check".
    """
    to_check = {"to check": counts["anomalous"] - counts["bad"], "bad": counts["bad"]}
    numbers = {label: to_check.get(label, counts[form]) for label, form in REP_LABELS.items()}
    return {label: number for label, number in numbers.items() if number}


def counts_in_words(counts: Mapping[str, int], reference: ReferenceName | None = None) -> list[str]:
    """Return the number of reps of each form in words, such as "7 good" and "1 to check"; empty without reps.

    If all of several reps are alike, the only words are "alike" or, if `reference` is "session", "like your first set".

    Args:
        counts: Numbers of reps, from `count_forms`.
        reference: Reference of the reps of a set, from `main_reference`; None if unknown, or for several sets.
    """
    like = LIKE_FIRST if reference == "session" else "alike"
    if counts["reps"] == counts["alike"] > 1:
        return [like]
    numbers = label_counts(counts).items()
    return [Message("{n} {text}", n=number, text=like if label == "alike" else label) for label, number in numbers]


def count_good_and_judged(reps: Sequence[Rep]) -> tuple[int, int]:
    """Return the number of good reps, and the number of judged reps, among the reps that count."""
    number = count_forms(reps)
    return number["good"], number["good"] + number["anomalous"]


def main_reference(reps: Sequence[Rep]) -> ReferenceName | None:
    """Return the most common reference of the judged reps that count; None if no rep was judged."""
    known = Counter(rep.reference for rep in reps if rep.counts and rep.verdict != "unsure")
    return max(known, key=lambda name: known[name], default=None)


TO_DEPTH, TOO_CLOSE = "{n} of {n2} to depth", "{n} too close to tell"  # ids of the words of a DepthCount


class DepthCount(NamedTuple):
    """The numbers of reps that met or missed the lifter's standard of depth, or came too close to tell."""

    met: int  # reps that met the standard
    decided: int  # reps that met or missed the standard
    close: int  # reps that were too close to the standard to tell

    @property
    def words(self) -> str:
        """The count in words, such as "6 of 7 to depth, 1 too close to tell", or "depth: 8 too close to tell"."""
        close = Message(TOO_CLOSE, n=self.close) if self.close else ""
        if not self.decided:
            return Message("depth: {text}", text=close)
        return join_texts(", ", Message(TO_DEPTH, n=self.met, n2=self.decided), close)


def depth_count(reps: Sequence[Rep]) -> DepthCount | None:
    """Count the reps that meet, miss or come close to the standard of depth; return None without such reps.

    If a person called a rep good that misses the standard, the rep is left out, because all other figures count it as
    good.
    """
    measured = [
        (rep, result.verdict) for rep in attempts_as_counted(reps) for result in rep.standards if result.name == "depth"
    ]
    found = Counter(verdict for rep, verdict in measured if verdict != "missed" or missed_depth(rep))
    return DepthCount(found["met"], found["met"] + found["missed"], found["close"]) if found else None


class FaultCount(NamedTuple):
    """The number of reps that have a fault, and the number of reps that were checked for the fault."""

    having: int
    checked: int

    def in_words(self, attempts: int) -> Message:
        """Return the count in words, such as "6 of 26 reps". If not all `attempts` were checked, the words say so."""
        if self.checked != attempts:
            return Message("{n} of {n2} reps that could be checked", n=self.having, n2=self.checked)
        if attempts == 1:
            return Message("{n} of 1 rep", n=self.having)
        return Message("{n} of {n2} reps", n=self.having, n2=self.checked)


def shows_fault(rep: Rep, fault: str | None) -> bool:
    """Return whether a rep has the fault that is named `fault`; False for None."""
    return any(shortcoming.name == fault for shortcoming in shortcomings(rep))


def was_checked(rep: Rep, fault: str) -> bool:
    """Return whether an attempt has a fault or was checked for the fault; False for a rep that is not an attempt."""
    return bool(fault_counts([rep], [fault])[fault].checked)


def fault_counts(reps: Sequence[Rep], faults: Sequence[str]) -> dict[str, FaultCount]:
    """Count the attempts (`attempts_as_counted`) with each fault, and the attempts that were checked for each fault."""
    having, checked = Counter[str](), Counter[str]()
    for rep in attempts_as_counted(reps):
        found, hidden = {fault.name for fault in shortcomings(rep)}, {fault.name for fault in rep.not_visible}
        if any((result.name, result.verdict) == ("depth", "close") for result in rep.standards):
            hidden.add(SHALLOW)  # too close to tell
        having.update(found)
        checked.update(found if rep.verdict == "unsure" else found.union(faults) - (hidden - found))
    return {name: FaultCount(having[name], checked[name]) for name in faults}


def faults_to_fix(reps: Sequence[Rep], order: Iterable[str]) -> dict[str, FaultCount]:
    """Count the attempts with each fault that occurs (`fault_counts`), the fault to fix first at the front.

    Args:
        order: Names of the exercise's faults, by risk.
    """
    return fault_counts(reps, rank_shortcomings(list(map(shortcomings, attempts_as_counted(reps))), order))


def unseen_fault_reasons(reps: Sequence[Rep]) -> dict[str, Counter[str]]:
    """Count, for each fault, the reasons for which judged attempts could not show the fault."""
    found: dict[str, Counter[str]] = {}
    for rep in attempts_as_counted(reps):
        for hidden in rep.not_visible:
            if rep.verdict != "unsure" and hidden.reason != NOT_JUDGED and not shows_fault(rep, hidden.name):
                found.setdefault(hidden.name, Counter())[hidden.reason] += 1
    return found


def mostly_unseen_faults(reps: Sequence[Rep]) -> dict[str, str]:
    """Return each fault that at least half of the judged reps could not show, with the most common reason."""
    judged = sum(rep.verdict != "unsure" for rep in attempts_as_counted(reps))
    return {
        name: why.most_common(1)[0][0] for name, why in unseen_fault_reasons(reps).items() if 2 * why.total() >= judged
    }


def best_rep(reps: Sequence[Rep]) -> Rep | None:
    """Return the good rep with the lowest score; None if no good rep has a score."""
    good = [(rep.score, rep) for rep in counted_reps(reps) if rep.score is not None and rep.form == "good"]
    return min(good, key=itemgetter(0))[1] if good else None


def timed_reps(reps: Sequence[Rep]) -> list[tuple[Rep, Pace]]:
    """Return the reps of a set whose speeds can be compared, each with its pace.

    These are the reps that were measured in the most common way; of equally common ways, the latest.
    """
    paced = [(rep, rep.pace) for rep in counted_reps(reps) if rep.pace is not None]
    kinds = Counter(pace.kind for _, pace in reversed(paced))
    return [(rep, pace) for rep, pace in paced if pace.kind == kinds.most_common(1)[0][0]]


def fastest_pace(reps: Sequence[Rep]) -> Pace | None:
    """Return the pace with the highest speed among the comparable reps (`timed_reps`) of a set; None without a pace."""
    return max((pace for _, pace in timed_reps(reps)), key=lambda pace: pace.speed, default=None)


class SpeedLoss(NamedTuple):
    """The share by which a rep was slower than the set's fastest rep so far, measured the same way, and both reps."""

    share: float  # 0…1
    rep: Rep
    fastest: Rep


def speed_losses(reps: Sequence[Rep]) -> list[SpeedLoss]:
    """Return the speed losses of the reps in a set, without reps that do not count or have no pace.

    `Pace.velocity_loss`, which was computed live, may differ: it starts anew after a pause that seemed to end the set,
    and knows no later corrections.
    """
    so_far: dict[tuple[str, str], tuple[float, Rep]] = {}
    losses = []
    for rep in counted_reps(reps):
        if rep.pace is not None:
            now = rep.pace.speed, rep
            best = so_far[rep.pace.kind] = max(so_far.get(rep.pace.kind, now), now, key=itemgetter(0))
            losses.append(SpeedLoss(speed_loss([best[0], now[0]]), rep, best[1]))
    return losses


def largest_loss(reps: Sequence[Rep]) -> SpeedLoss | None:
    """Return the largest speed loss of any rep of a set; None with fewer than two comparable reps."""
    return max(speed_losses([rep for rep, _ in timed_reps(reps)])[1:], key=itemgetter(0), default=None)


def speed_loss_words(share: float, slowest: int, fastest: int) -> Message:
    """Return a speed loss in words, such as "rep 4: 75% slower than rep 1", or "no speed loss" below LEAST_LOSS."""
    if share < LEAST_LOSS:
        return Message("no speed loss")
    lost = Message("{n}%", n=f"{100 * share:.0f}")
    return Message("rep {n}: {text} slower than rep {n2}", text=lost, n=slowest, n2=fastest)
