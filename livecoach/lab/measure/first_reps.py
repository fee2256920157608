"""The first reps: how well few own good reps judge others, and the shipped encoder beside none at all.

The first good reps of a set are the reference; the others of the set, or those of other sets, are judged by them alone.
Without an encoder, a latent is the trajectory itself, in which all numbers count alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach.core.types import RepWindow
from livecoach.decisions.judging.reference import ReferenceKind, RepVerdict, reference_of
from livecoach.decisions.judging.scorer import Encoder, Scorer
from livecoach.decisions.rep.measured import MeasuredRep, near, own_reps, side_of
from livecoach.lab.measure.table import Cell, Rounded, Share, Table, auroc

OWN = (1, 2, 3, 5, 10)


class SeenRep(NamedTuple):
    window: RepWindow
    bad: bool  # whether it is bad; otherwise it is good
    fault: str | None = None  # name of its worst fault


class _Judged(NamedTuple):
    seen: SeenRep
    verdict: RepVerdict
    far: float  # distance over its limit
    plainly_far: float  # the same without an encoder


class _Plain(Encoder):
    def __init__(self) -> None:
        """It learned nothing."""

    def encode(self, points: np.ndarray) -> np.ndarray:
        return points.ravel() / np.sqrt(points.size)


class FirstReps(NamedTuple):
    scorer: Scorer  # of their exercise
    first: Sequence[SeenRep]  # of a set, which the own ones are the first good ones of
    judged: Sequence[SeenRep] | None = None  # of other sets; None for the others of the same one


def first_reps(title: str, groups: Mapping[str, Iterable[FirstReps]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, some in groups.items():
        of_group = list(some)
        for own in OWN:
            judged = [one for reps in of_group for one in _beside_first(reps, own)]
            good, bad = ([one for one in judged if one.seen.bad == wanted] for wanted in (False, True))
            if good and bad:
                rows.append((name, own, *_cells(good, bad)))
    columns = ("own reps", "alarms in good reps", "alarms in bad reps", "of these, fault named right")
    areas = ("AUROC of the distance", "without an encoder")
    return Table(title=title, columns=("sets", *columns, *areas), rows=tuple(rows))


def _beside_first(reps: FirstReps, own: int) -> Iterator[_Judged]:
    scorer, table = reps.scorer, reps.scorer.faults.table
    first = [one for one in reps.first if not one.bad][:own]
    measured = own_reps([one.window for one in first], table)
    if len(measured) < own:
        return
    kind: ReferenceKind = "set" if reps.judged is None else "session"
    shipped, plain = (reference_of(one, measured, kind) for one in (scorer, replace(scorer, encoder=_Plain())))
    for one in reps.first if reps.judged is None else reps.judged:
        rep = MeasuredRep(one.window, table, mirrored=side_of(measured, one.window.known_view.azimuth_deg))
        is_own = any(one is mine for mine in first)
        if not is_own and rep.unsure is None and near([rep], measured[0].azimuth_deg):
            verdict = shipped.judge(rep, of_set=shipped if reps.judged is None else None)
            yield _Judged(one, verdict, shipped.distance(rep), plain.distance(rep))


def _cells(good: Sequence[_Judged], bad: Sequence[_Judged]) -> Iterator[Cell]:
    flagged = [one for one in bad if one.verdict.verdict == "anomalous"]
    yield Share(sum(one.verdict.verdict == "anomalous" for one in good), len(good))
    yield Share(len(flagged), len(bad))
    named = sum([fault.name for fault in one.verdict.faults[:1]] == [one.seen.fault] for one in flagged)
    yield Share(named, len(flagged))
    for far in ("far", "plainly_far"):
        yield Rounded(auroc(*(np.array([getattr(one, far) for one in some]) for some in (good, bad))), 3)
