"""The first reps: how well few own good reps judge the others, and the shipped encoder beside none at all.

The first good reps of a set are the reference; each other rep is judged by them alone. Without an encoder, a latent is
the trajectory itself, in which all numbers count alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach.core.types import RepWindow
from livecoach.decisions.judging.reference import RepVerdict, reference_of
from livecoach.decisions.judging.scorer import Encoder, Scorer
from livecoach.decisions.rep.measured import MeasuredRep, near, own_reps, side_of
from livecoach.lab.measure.table import Cell, Rounded, Share, Table, auroc

OWN = (1, 2, 3, 5)


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


def first_reps(title: str, sets: Mapping[str, Iterable[tuple[Scorer, Sequence[SeenRep]]]]) -> Table:
    """sets: group → its sets, each with the scorer of its exercise."""
    rows: list[tuple[Cell, ...]] = []
    for name, some in sets.items():
        of_group = list(some)
        for own in OWN:
            judged = [one for scorer, reps in of_group for one in _beside_first(scorer, reps, own)]
            good, bad = ([one for one in judged if one.seen.bad == wanted] for wanted in (False, True))
            if good and bad:
                rows.append((name, own, *_cells(good, bad)))
    columns = ("own reps", "alarms in good reps", "alarms in bad reps", "of these, fault named right")
    areas = ("AUROC of the distance", "without an encoder")
    return Table(title=title, columns=("sets", *columns, *areas), rows=tuple(rows))


def _beside_first(scorer: Scorer, reps: Sequence[SeenRep], own: int) -> Iterator[_Judged]:
    table = scorer.faults.table
    first = [place for place, one in enumerate(reps) if not one.bad][:own]
    measured = own_reps([reps[place].window for place in first], table)
    if len(measured) < own:
        return
    shipped, plain = (reference_of(one, measured, "set") for one in (scorer, replace(scorer, encoder=_Plain())))
    for place, one in enumerate(reps):
        rep = MeasuredRep(one.window, table, mirrored=side_of(measured, one.window.known_view.azimuth_deg))
        if place not in first and rep.unsure is None and near([rep], measured[0].azimuth_deg):
            verdict = shipped.judge(rep, of_set=shipped)
            yield _Judged(one, verdict, shipped.distance(rep), plain.distance(rep))


def _cells(good: Sequence[_Judged], bad: Sequence[_Judged]) -> Iterator[Cell]:
    flagged = [one for one in bad if one.verdict.is_anomalous]
    yield Share(sum(one.verdict.is_anomalous for one in good), len(good))
    yield Share(len(flagged), len(bad))
    named = sum([fault.name for fault in one.verdict.faults[:1]] == [one.seen.fault] for one in flagged)
    yield Share(named, len(flagged))
    for far in ("far", "plainly_far"):
        yield Rounded(auroc(*(np.array([getattr(one, far) for one in some]) for some in (good, bad))), 3)
