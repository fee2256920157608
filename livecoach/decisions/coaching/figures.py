"""The figures of some reps, each computed here alone: terminal, window, phone, report, history and tables show these.

Reps are completed ones with their corrections, of one exercise. Those of a set are all of its reps, so that what a
person calls no rep leaves every figure at once. Each figure has one definition:

- reps: those that count. They are the sum of the next five.
- good, to check: judged by reps that the lifter confirmed or did in earlier sessions, by a standard, or by a person.
- alike, different: compared with nothing but reps of the same session that nobody confirmed.
- not judged: not visible enough.
- judged: good and to check together. The share of good reps is one of these.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from livecoach.core.types import Form, Pace, ReferenceName, Rep
from livecoach.core.types.message import Message, joined
from livecoach.core.types.reps import LIKE_FIRST
from livecoach.decisions.judging.lifter_judge import NOT_JUDGED
from livecoach.decisions.judging.primary import missed_depth, shortcomings, to_fix
from livecoach.decisions.rep.tempo import velocity_loss

LEAST_LOSS = 0.05  # smallest share of lost speed that is reported: times are known to one or two frames, of some 30


def counted(reps: Sequence[Rep]) -> list[Rep]:
    """The reps that count, as they count."""
    return [rep.as_counted() for rep in reps if rep.counts]


def attempts(reps: Sequence[Rep]) -> list[Rep]:
    """The attempts, as they count."""
    return [rep.as_counted() for rep in reps if rep.is_attempt]


FORMS: dict[Form, str] = {
    "good": "good",
    "alike": "alike",
    "anomalous": "to check",
    "different": "different",
    "unsure": "not judged",
}
"""What a rep counts as → id of its words, in the order in which numbers of them are listed."""


def counts(reps: Sequence[Rep]) -> dict[str, int]:
    """Number of the reps that count, in all and by what they count as, as documents name them."""
    forms = Counter(rep.form for rep in reps if rep.counts)
    return {
        "reps": forms.total(),
        **{form: forms[form] for form in ("good", "anomalous", "unsure", "alike", "different")},
    }


def count_words(number: Mapping[str, int], rests_on: ReferenceName | None = None) -> list[str]:
    """Return how many reps count as what, in words: "7 good", "1 to check"; no number where all are alike.

    Args:
        number: As `counts` returns them.
        rests_on: As `reference` returns it, of the reps of a set.
    """
    like = LIKE_FIRST if rests_on == "session" else "alike"
    if number["reps"] == number["alike"] > 1:
        return [like]
    labels = {**FORMS, "alike": like}
    return [Message("{n} {text}", n=number[form], text=label) for form, label in labels.items() if number[form]]


class GoodCount(NamedTuple):
    """How many of the judged reps are good."""

    good: int
    judged: int


def good_count(reps: Sequence[Rep]) -> GoodCount:
    number = counts(reps)
    return GoodCount(number["good"], number["good"] + number["anomalous"])


def reference(reps: Sequence[Rep]) -> ReferenceName | None:
    """What the verdicts of most reps of a set rest on; None where no rep was judged."""
    known = Counter(rep.reference for rep in reps if rep.counts and rep.verdict != "unsure")
    return max(known, key=lambda name: known[name], default=None)


TO_DEPTH, TOO_CLOSE = "{n} of {n2} to depth", "{n} too close to tell"


class DepthCount(NamedTuple):
    """How many reps met the lifter's standard of depth, of those that met or missed it, and how many came too close to
    it to tell."""

    met: int
    decided: int
    close: int

    @property
    def words(self) -> str:
        """As "6 of 7 to depth, 1 too close to tell", or "depth: 8 too close to tell"."""
        close = Message(TOO_CLOSE, n=self.close) if self.close else ""
        if not self.decided:
            return Message("depth: {text}", text=close)
        return joined(", ", Message(TO_DEPTH, n=self.met, n2=self.decided), close)


def depth_count(reps: Sequence[Rep]) -> DepthCount | None:
    """Count the reps that meet the standard of depth. A rep that misses it and that a person called good is left out,
    because it is good in every other figure. Return None where no depth was measured."""
    measured = [(rep, one.verdict) for rep in attempts(reps) for one in rep.standards if one.name == "depth"]
    found = Counter(verdict for rep, verdict in measured if verdict != "missed" or missed_depth(rep))
    return DepthCount(found["met"], found["met"] + found["missed"], found["close"]) if found else None


class FaultCount(NamedTuple):
    """How many reps have a fault, of those that were checked for it."""

    having: int
    checked: int

    def in_words(self, reps: int) -> Message:
        """Say in how many reps the fault is, of how many: "6 of 26 reps". reps: number of all, checked or not."""
        if self.checked != reps:
            return Message("{n} of {n2} reps that could be checked", n=self.having, n2=self.checked)
        if reps == 1:
            return Message("{n} of 1 rep", n=self.having)
        return Message("{n} of {n2} reps", n=self.having, n2=self.checked)


def has(rep: Rep, fault: str | None) -> bool:
    return any(one.name == fault for one in shortcomings(rep))


def was_checked(rep: Rep, fault: str) -> bool:
    """Whether a rep has a fault, or would have shown it. rep: one of the attempts."""
    return bool(fault_counts([rep], [fault])[fault].checked)


def fault_counts(reps: Sequence[Rep], faults: Sequence[str]) -> dict[str, FaultCount]:
    names = list(faults)
    having, checked = Counter[str](), Counter[str]()
    for rep in attempts(reps):
        found, hidden = {one.name for one in shortcomings(rep)}, {one.name for one in rep.not_visible}
        having.update(found)
        checked.update(found if rep.verdict == "unsure" else found.union(names) - (hidden - found))
    return {name: FaultCount(having[name], checked[name]) for name in names}


def faults_to_fix(reps: Sequence[Rep], order: Iterable[str]) -> dict[str, FaultCount]:
    """Each fault of the reps, the one to fix first first. order: as in `to_fix`."""
    return fault_counts(reps, to_fix(list(map(shortcomings, attempts(reps))), order))


def unseen(reps: Sequence[Rep]) -> dict[str, Counter[str]]:
    """Fault → why how many of the judged reps could not show it."""
    found: dict[str, Counter[str]] = {}
    for rep in attempts(reps):
        for one in rep.not_visible:
            if rep.verdict != "unsure" and one.reason != NOT_JUDGED and not has(rep, one.name):
                found.setdefault(one.name, Counter())[one.reason] += 1
    return found


def mostly_unseen(reps: Sequence[Rep]) -> dict[str, str]:
    """Fault → why most of them could not show it, where half of the judged reps or more did not: a set without it is
    not known to be free of it."""
    judged = sum(rep.verdict != "unsure" for rep in attempts(reps))
    return {name: why.most_common(1)[0][0] for name, why in unseen(reps).items() if 2 * why.total() >= judged}


def best(reps: Sequence[Rep]) -> Rep | None:
    """The good rep with the lowest score."""
    good = [rep for rep in counted(reps) if rep.score is not None and rep.form == "good"]
    return min(good, key=lambda rep: rep.score or 0.0, default=None)


def timed(reps: Sequence[Rep]) -> list[tuple[Rep, Pace]]:
    """The reps of a set whose speeds can be compared: those that were measured as most were, of equals as the last."""
    paced = [(rep, rep.pace) for rep in counted(reps) if rep.pace is not None]
    kinds = Counter(pace.kind for _, pace in reversed(paced))
    return [(rep, pace) for rep, pace in paced if pace.kind == kinds.most_common(1)[0][0]]


def fastest(reps: Sequence[Rep]) -> Pace | None:
    """Of the way up, in a set."""
    return max((pace for _, pace in timed(reps)), key=lambda pace: pace.speed, default=None)


class SpeedLoss(NamedTuple):
    """How much slower a rep was than the fastest rep before it."""

    share: float  # 0…1
    rep: Rep
    fastest: Rep


def speed_losses(reps: Sequence[Rep]) -> list[SpeedLoss]:
    """Return the speed loss of each rep of a set, against those before it that were measured alike. What was known live
    starts over where the set seemed to have ended but went on, and knows no later correction."""
    so_far: dict[tuple[str, str], tuple[float, Rep]] = {}
    found = []
    for rep in counted(reps):
        if rep.pace is not None:
            now = rep.pace.speed, rep
            best = so_far[rep.pace.kind] = max(so_far.get(rep.pace.kind, now), now, key=itemgetter(0))
            found.append(SpeedLoss(velocity_loss([best[0], now[0]]), rep, best[1]))
    return found


def speed_loss(reps: Sequence[Rep]) -> SpeedLoss | None:
    """Return the speed loss of a set: the largest of its reps. None where there are not two to compare."""
    return max(speed_losses([rep for rep, _ in timed(reps)])[1:], key=itemgetter(0), default=None)


def loss_words(share: float, slowest: int, fastest: int) -> Message:
    """Say which rep of a set lost how much speed: "rep 4: 75 % slower than rep 1", or that none did."""
    if share < LEAST_LOSS:
        return Message("no speed loss")
    lost = Message("{n}%", n=f"{100 * share:.0f}")
    return Message("rep {n}: {text} slower than rep {n2}", text=lost, n=slowest, n2=fastest)
