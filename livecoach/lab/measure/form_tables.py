"""The tables of `livecoach measure form`: alarms, the faults by view, and what is named in whose place."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livecoach import assembly
from livecoach.judging.judge import LEAST_EFFECT
from livecoach.lab.measure.rendered_sets import SHOWN_DEG
from livecoach.lab.measure.table import Cell, Detection, Share, Table
from livecoach.lab.measure.verdict import BAD, area_under_roc
from livecoach.synth.motion.faults import FAULT_VARIANTS

OWN_REPS = 5
CENTRES_DEG = (0, 15, 30, 45, 60, 75, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRep:
    """One true rep with its verdict."""

    lifter: int
    own: bool
    """Whether it is judged with reps of the lifter's own from another day."""
    azimuth_deg: float
    true: dict[str, float]
    """Fault → true severity."""
    verdict: str
    """good, anomalous, unsure; missed where it is not counted."""
    named: tuple[str, ...]
    not_visible: tuple[str, ...]
    score: float | None

    @property
    def severity(self) -> float:
        """True severity of the worst fault; 0 for a good rep."""
        return max(self.true.values(), default=0.0)

    @property
    def worst(self) -> str:
        """Name of the worst fault."""
        return max(self.true, key=lambda name: self.true[name])

    @property
    def is_judged(self) -> bool:
        """Whether there is a verdict."""
        return self.verdict in ("good", "anomalous")


def tables(exercise: str, reps: Sequence[FormRep]) -> list[Table]:
    """Return the tables of one exercise."""
    with_own = [rep for rep in reps if rep.own]
    return [
        _alarms(exercise, with_own, f"{OWN_REPS} own reps of another day"),
        _alarms(exercise, [rep for rep in reps if not rep.own], f"{OWN_REPS} own reps of the same set"),
        _by_fault(exercise, with_own),
        _confusion(exercise, with_own),
    ]


def _alarms(exercise: str, reps: Sequence[FormRep], reference: str) -> Table:
    good = [rep for rep in reps if rep.severity == 0]
    bad = [rep for rep in reps if rep.severity >= BAD]
    shown = [rep for rep in bad if _is_shown(exercise, rep)]
    rows: list[tuple[Cell, ...]] = []
    for name, group in (("good reps", good), ("bad reps", bad), ("bad reps, shown", shown)):
        counts = Counter(rep.verdict for rep in group)
        alarms = Share(counts["anomalous"], counts["good"] + counts["anomalous"])
        rows.append((name, len(group), counts["missed"], counts["unsure"], alarms))
    named = [rep for rep in shown if rep.verdict == "anomalous" and rep.named]
    right = sum(rep.named[0] == rep.worst for rep in named)
    areas = [area_under_roc(_scores(good), _scores(group)) for group in (bad, shown)]
    return Table(
        title=f"{exercise}: {reference}",
        columns=("reps", "n", "missed", "unsure", "alarms in what is judged"),
        rows=tuple(rows),
        notes=(
            f"Of the bad reps that are shown and named, the worst fault is named first in {right} of {len(named)}.",
            f"Area under the ROC of the score: {areas[0]:.3f} with all bad reps, {areas[1]:.3f} with those shown.",
            _guarantee(reps),
        ),
    )


def _scores(reps: Sequence[FormRep]) -> list[float]:
    return [rep.score for rep in reps if rep.score is not None]


def _is_shown(exercise: str, rep: FormRep) -> bool:
    low, high = SHOWN_DEG[exercise].get(rep.worst, (0, 0))
    return low <= rep.azimuth_deg <= high


def _guarantee(reps: Sequence[FormRep]) -> str:
    """Say how likely an alarm on a good rep of a new lifter is who is exchangeable with these.

    Of one good rep of each lifter, drawn, k of n raise an alarm; a new lifter's does with probability
    (k + 1) / (n + 1) at most (Vovk, Gammerman and Shafer 2005), whatever the reps of one lifter have to do with each
    other. The limits were set on others.
    """
    rng = np.random.default_rng(0)
    judged: dict[int, list[FormRep]] = defaultdict(list)
    for rep in reps:
        if not any(rep.true.values()) and rep.is_judged:
            judged[rep.lifter].append(rep)
    drawn = [of_lifter[rng.integers(len(of_lifter))] for of_lifter in judged.values()]
    alarms = sum(rep.verdict == "anomalous" for rep in drawn)
    return (
        f"Of one good rep of each of {len(drawn)} lifters {alarms} raise an alarm: that of a new synthetic lifter does "
        f"with a probability of {(alarms + 1) / (len(drawn) + 1):.1%} at most."
    )


def _by_fault(exercise: str, reps: Sequence[FormRep]) -> Table:
    """Recall at severity .5 and more, and precision, by fault and azimuth, in the cells where a fault is looked for."""
    population = assembly.load(exercise).population
    rows: list[tuple[Cell, ...]] = []
    for fault in population.table.faults:
        on = [c for c in CENTRES_DEG if population.effects(c).get(fault, 0.0) >= LEAST_EFFECT]
        cells = [_recall_and_precision([r for r in reps if _centre(r) == c], fault) for c in on]
        by_centre = dict(zip(on, cells, strict=True))
        everywhere = _recall_and_precision([r for r in reps if _centre(r) in on], fault)
        rows.append((fault, *(by_centre.get(c) for c in CENTRES_DEG), everywhere))
    return Table(
        title=f"{exercise}: recall at severity {BAD:g} and more / precision (bad reps / named reps)",
        columns=("fault", *(f"{c}°" for c in CENTRES_DEG), "all views where it is looked for"),
        rows=tuple(rows),
    )


def _centre(rep: FormRep) -> int:
    return min(CENTRES_DEG, key=lambda c: abs(c - rep.azimuth_deg))


def _recall_and_precision(reps: Sequence[FormRep], fault: str) -> Detection:
    judged = [rep for rep in reps if rep.is_judged and fault not in rep.not_visible]
    bad = [rep for rep in judged if rep.true.get(fault, 0.0) >= BAD]
    named = [rep for rep in judged if fault in rep.named]
    right = sum(rep.true.get(fault, 0.0) > 0 for rep in named)
    return Detection(found=sum(fault in rep.named for rep in bad), bad=len(bad), right=right, named=len(named))


def _confusion(exercise: str, reps: Sequence[FormRep]) -> Table:
    """What is named first where one fault alone is bad."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for rep in reps:
        bad = [name for name, severity in rep.true.items() if severity >= BAD]
        true = bad[0] if len(bad) == 1 else None if bad or any(rep.true.values()) else "good"
        if true is not None and rep.verdict not in ("missed", "unsure"):
            unnamed = "score" if rep.verdict == "anomalous" else "nothing"
            counts[true][rep.named[0] if rep.named else unnamed] += 1
    columns = sorted({named for of_true in counts.values() for named in of_true})
    order = [true for true in ("good", *FAULT_VARIANTS[exercise]) if counts[true]]
    rows: list[tuple[Cell, ...]] = [(true, *(counts[true][named] for named in columns)) for true in order]
    title = f"{exercise}: what a rep is named for, by what is true of it"
    return Table(title=title, columns=("true", *columns), rows=tuple(rows))
