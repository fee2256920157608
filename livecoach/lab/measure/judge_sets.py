"""Measures alarms in good and in bad reps, and faults named right, on rendered and real sets.

A rendered rep is bad from a true severity of BAD if its worst fault is visible from the camera (cache.is_visible_from),
and good without a fault; other reps are left out. Only the verdict is measured: every movement that the state machine
proposes is judged as a rep.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach.core.step import RepCompleted
from livecoach.core.types import Observation, Rep, RepWindow
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.judging.reference import EARLIER_SET, THIS_SET, prepare_reference
from livecoach.decisions.judging.reference_reps import PastRep, PastSession, reference_reps
from livecoach.decisions.judging.scorer import Encoder, Scorer
from livecoach.decisions.judging.verdict import RepVerdict, judge, relative_distance
from livecoach.decisions.rep.measured import MeasuredRep, latest_mirroring, measure_own_reps, reps_of_same_view
from livecoach.lab.counting import judged_reps, matching_rep, without_lift_models
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache, is_visible_from, rendered_set
from livecoach.lab.measure.real_clips import LIFTERS, clip_path, read_real_clips
from livecoach.lab.measure.table import Cell, Rounded, Share, Table, auroc
from livecoach.lab.processes import ReportProgress
from livecoach.lab.truth import BAD, REP_TIMES, TrueRep

BETWEEN_S = 60.0  # Time between two sets of a session, in seconds. Our choice.
OF_ANOTHER_SET = ("own", "session")  # Kinds of reference whose reps are from a profile or an earlier set
LEAST_REPS = 4  # Least number of reps of a good set that is judged without a reference
LATER = ("a set of the same session", "a profile, the next day")


class KnownRep(NamedTuple):
    """A rep that is known to be good or bad, with its verdict."""

    judged: RepCompleted | None  # None if it was not counted
    bad: bool  # Whether it is bad; otherwise it is good
    fault: str | None = None  # Name of its worst fault; None or empty without a known fault

    @property
    def rep(self) -> Rep | None:
        """The rep with its verdict; None if it was not counted."""
        return None if self.judged is None else self.judged.rep

    @property
    def window(self) -> RepWindow | None:
        """Observations of the rep; None if it was not counted, or not filmed from a known view."""
        return None if self.judged is None else self.judged.window

    @property
    def score(self) -> float | None:
        """Score of the rep; None if it was not counted or not judged."""
        return None if self.rep is None else self.rep.score

    @property
    def has_alarm(self) -> bool:
        """Whether the verdict on the rep is anomalous."""
        return self.rep is not None and self.rep.verdict == "anomalous"

    @property
    def named_fault(self) -> str | None:
        """Name of the first fault of an anomalous rep; None if the verdict names no fault."""
        return self.rep.faults[0].name if self.rep is not None and self.has_alarm and self.rep.faults else None


NAMES = ("of these, named", "of the named, right")


def _name_cells(names: Sequence[tuple[str | None, str | None]]) -> tuple[Cell, Cell]:
    """Return the share of faulty reps with a name, and the share of right names, of pairs of name and true fault."""
    named = [name == true for name, true in names if name is not None]
    return Share(len(named), len(names)), Share(sum(named), len(named))


def verdict_table(title: str, first: str, groups: Mapping[str, Iterable[KnownRep]]) -> Table:
    """Return a table of the shares of reps that are called anomalous, and of faults that are named right, by group.

    Reps without a score are left out.

    Args:
        first: Title of the column with the names of the groups.
        groups: Name of each group, and its reps.
    """
    rows: list[tuple[Cell, ...]] = []
    for name, reps in groups.items():
        judged = [rep for rep in reps if rep.score is not None]
        good, bad = ([rep for rep in judged if rep.bad == wanted] for wanted in (False, True))
        scores = [np.array([rep.score for rep in some]) for some in (good, bad)]
        alarms = sum(rep.has_alarm for rep in bad)
        rows.append(
            (
                name,
                Share(sum(rep.has_alarm for rep in good), len(good)),
                Share(alarms, len(bad)),
                *_name_cells([(rep.named_fault, rep.fault) for rep in bad if rep.has_alarm]),
                Rounded(auroc(*scores) if good and bad else math.nan, 3),
            )
        )
    columns = ("alarms in good reps", "alarms in bad reps", *NAMES, "AUROC")
    return Table(title=title, columns=(first, *columns), rows=tuple(rows))


def fault_table(title: str, reps: Iterable[KnownRep]) -> Table:
    """Return a table of the verdicts on bad reps by their worst fault."""
    groups: dict[str, list[KnownRep]] = {}
    for rep in reps:
        if rep.bad and rep.fault is not None:
            groups.setdefault(rep.fault, []).append(rep)
    return verdict_table(title, "fault", groups)


def known_reps(
    exercise: str, view_deg: float, true: Iterable[TrueRep], judged: Sequence[RepCompleted]
) -> Iterator[KnownRep]:
    """Yield the true reps of a set that are good or bad, with their verdicts.

    A rep with faults is left out if the worst fault is less severe than BAD, or hidden from the camera.

    Args:
        view_deg: Azimuth of the camera; its sign is the side.
        true: True reps of the set.
        judged: Counted reps of the set, with their verdicts.
    """
    for true_rep in true:
        worst, severity = true_rep.worst
        if severity >= BAD and is_visible_from(exercise, worst, view_deg):
            yield KnownRep(matching_rep(true_rep, judged), True, worst)
        elif not true_rep.faults:
            yield KnownRep(matching_rep(true_rep, judged), False)


Seen = Sequence[Observation]


class Judge(NamedTuple):
    """A coach that judges sets, each as a separate stream."""

    coach: CoachingModels
    pose: str = "lite"  # Name of the pose model

    def judge(self, seen: Seen, known: Sequence[RepWindow] = ()) -> list[RepCompleted]:
        """Judge a set, and return its reps with their windows.

        Args:
            known: Known reps of a profile; empty to judge without a profile.
        """
        return judged_reps(self.coach.make_pipeline(known, pose=self.pose), seen)

    @property
    def scorer(self) -> Scorer:
        """Scorer of the coach's single exercise."""
        (exercise,) = self.coach.exercises.values()
        return exercise.scorer

    def known_reps(self, seen: Seen) -> list[RepWindow]:
        """Return the reps that a profile takes as its reference from a set of an earlier day."""
        judged = [rep for rep in self.judge(seen) if rep.rep.score is not None and rep.window is not None]
        day = PastSession(reps=[_past_rep(rep) for rep in judged])
        return [rep.window for rep in reference_reps([day], self.scorer)]


def _past_rep(judged: RepCompleted) -> PastRep:
    rep, window = judged.rep, judged.window
    assert window is not None, "its view is known"
    named = replace(window, set_name=f"before {window.set_name}")
    return PastRep(
        session="before",
        day=None,
        set=rep.set,
        number=rep.number,
        start_s=rep.start_s,
        azimuth_deg=named.known_view.azimuth_deg,
        correction=None,
        standing="allowed",
        read=lambda: named,
    )


def judge_later_set(judge: Judge, first: Seen, second: Seen) -> list[RepCompleted]:
    """Judge two sets as a session, and return the reps of the second set.

    The times of the reps are those of the second set; the times of their windows are those of the session.
    """
    by_s, count = first[-1].t_s + BETWEEN_S - second[0].t_s, first[-1].index + 1
    moved = [replace(o, t_s=o.t_s + by_s, index=count + i) for i, o in enumerate(second)]
    later = [event for event in judge.judge([*first, *moved]) if event.rep.start_s >= moved[0].t_s]
    times_s = [{name: getattr(event.rep, name) - by_s for name in REP_TIMES} for event in later]
    return [replace(event, rep=replace(event.rep, **of_rep)) for event, of_rep in zip(later, times_s, strict=True)]


FIRST = (1, 2, 3, 5, 10)  # Numbers of reference reps, which are the first good reps of a set


class _JudgedRep(NamedTuple):
    known: KnownRep
    verdict: RepVerdict
    relative_distance: float  # Distance as a multiple of its limit
    plain_distance: float  # Relative distance without an encoder


class _Plain(Encoder):
    def __init__(self) -> None:
        """Make an encoder without a network."""

    def encode(self, points: np.ndarray) -> np.ndarray:
        return points.ravel() / np.sqrt(points.size)


class FirstReps(NamedTuple):
    """The reps of a set, of which the first good reps are the reference, and the reps that the reference judges."""

    scorer: Scorer  # Scorer of the exercise
    first: Sequence[KnownRep]  # Reps of the set whose first good reps are the reference
    judged: Sequence[KnownRep] | None = None  # Reps of other sets to judge; None for the other reps of the same set


def first_reps_table(title: str, groups: Mapping[str, Iterable[FirstReps]]) -> Table:
    """Return a table of verdicts whose reference is the first good reps of a set.

    There is a row for each group and each number of reference reps in FIRST, except if no good or no bad rep is judged.
    Verdicts use the shipped encoder. The last column uses the trajectory itself as the latent.

    Args:
        groups: Name of each group of sets, and its reps.
    """
    rows: list[tuple[Cell, ...]] = []
    for name, some in groups.items():
        of_group = list(some)
        for own in FIRST:
            judged = [rep for reps in of_group for rep in _judged_by_first(reps, own)]
            good, bad = ([rep for rep in judged if rep.known.bad == wanted] for wanted in (False, True))
            if good and bad:
                rows.append((name, own, *_first_cells(good, bad)))
    columns = ("own reps", "alarms in good reps", "alarms in bad reps", *NAMES)
    areas = ("AUROC of the distance", "without an encoder")
    return Table(title=title, columns=("sets", *columns, *areas), rows=tuple(rows))


def _judged_by_first(reps: FirstReps, own: int) -> Iterator[_JudgedRep]:
    scorer, table = reps.scorer, reps.scorer.faults.table
    first = [rep for rep in reps.first if not rep.bad and rep.window is not None][:own]
    measured = measure_own_reps([rep.window for rep in first if rep.window is not None], table)
    if len(measured) < own:
        return
    source = THIS_SET if reps.judged is None else EARLIER_SET
    shipped, plain = (prepare_reference(each, measured, source) for each in (scorer, replace(scorer, encoder=_Plain())))
    for known in reps.first if reps.judged is None else reps.judged:
        if known.window is None or any(known is rep for rep in first):
            continue
        mirrored = latest_mirroring(measured, known.window.known_view.azimuth_deg)
        rep = MeasuredRep(known.window, table, mirrored=mirrored)
        if rep.unsure_reason is None and reps_of_same_view([rep], measured[0].azimuth_deg):
            verdict = judge(rep, shipped, of_set=shipped if reps.judged is None else None)
            yield _JudgedRep(known, verdict, relative_distance(rep, shipped), relative_distance(rep, plain))


def _first_cells(good: Sequence[_JudgedRep], bad: Sequence[_JudgedRep]) -> Iterator[Cell]:
    flagged = [rep for rep in bad if rep.verdict.verdict == "anomalous"]
    yield Share(sum(rep.verdict.verdict == "anomalous" for rep in good), len(good))
    yield Share(len(flagged), len(bad))
    yield from _name_cells(
        [(next((found.name for found in rep.verdict.faults), None), rep.known.fault) for rep in flagged]
    )
    for name in ("relative_distance", "plain_distance"):
        yield Rounded(auroc(*(np.array([getattr(rep, name) for rep in reps]) for reps in (good, bad))), 3)


def measure_rendered(bodies: str, seed: int, sets: int, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Measure the verdicts on rendered sets that begin with good reps, of lifters without a profile.

    Args:
        bodies: Group of bodies, "training" or "judging".
    """
    judges = _judges("lite")
    groups: dict[str, list[KnownRep]] = {name: [] for name in (*MAIN_LIFTS, "both")}
    seen: list[FirstReps] = []
    for number in range(sets):
        progress("rendered sets", number / sets)
        observations, truth = rendered_set(bodies, seed, number, cache)
        judge = judges[truth.exercise]
        of_set = list(known_reps(truth.exercise, truth.view_deg, truth.reps, judge.judge(observations)))
        seen.append(FirstReps(judge.scorer, of_set))
        groups[truth.exercise] += of_set
        groups["both"] += of_set
    title = f"Verdict: {sets} rendered sets, {bodies} bodies, seed {seed}"
    return [
        verdict_table(title, "exercise", groups),
        fault_table("By the worst fault of a bad rep that is shown", groups["both"]),
        first_reps_table("Beside the first good reps of a set alone", {"all": seen}),
    ]


class _JudgedSet(NamedTuple):
    """A real set, judged with another set as the reference."""

    by: str
    reference: str
    clip: str
    fault: str | None  # None for a good set
    in_view: bool
    """Whether both sets were filmed from about the same azimuth. Otherwise the reference is not used."""
    reps: list[KnownRep]  # Judged reps


def _labelled(judged: Iterable[RepCompleted], fault: str | None) -> list[KnownRep]:
    """Return the reps of a set with the fault of the set; None for good reps."""
    return [KnownRep(event, fault is not None, fault) for event in judged]


def measure_real(cache: Cache, progress: ReportProgress) -> list[Table]:
    """Measure the sets of LIFTERS: each good set is the reference in turn, and judges the others in each way of LATER.

    Every good set is also judged by itself, and its first reps judge the faulty sets.
    """
    judges = _judges(cache.pose)
    sets: list[_JudgedSet] = []
    for lifter in LIFTERS:
        judge = judges[lifter.exercise]
        seen = {clip: cache.observations_of(clip_path(clip)) for clip in (*lifter.good, *lifter.faulty)}
        for reference in lifter.good:
            progress(f"sets beside {reference}", 0.0)
            first = seen[reference]
            learned = judge.known_reps(first)
            for clip, second in seen.items():
                if clip == reference:
                    continue
                for by, later in zip(
                    LATER, (judge_later_set(judge, first, second), judge.judge(second, learned)), strict=True
                ):
                    judged = [event for event in later if event.rep.score is not None]
                    in_view = any(event.rep.reference in OF_ANOTHER_SET for event in judged)
                    fault = lifter.faulty.get(clip)
                    sets.append(_JudgedSet(by, reference, clip, fault, in_view, _labelled(judged, fault)))
    groups = {by: [rep for item in sets if item.by == by and item.in_view for rep in item.reps] for by in LATER}
    tables = [verdict_table("Real sets, each good one in turn as reference", "judged by", groups), _set_by_set(sets)]
    return [*tables, *_first_reps(judges, cache), _good_sets(judges, cache, progress)]


def _first_reps(judges: Mapping[str, Judge], cache: Cache) -> Iterator[Table]:
    """Yield the tables of the first reps of each good set as the reference.

    They judge first the rest of that good set and all faulty sets, then the lifter's other good set and all faulty
    sets.
    """
    same: dict[str, list[FirstReps]] = {}
    other: dict[str, list[FirstReps]] = {}
    for lifter in LIFTERS:
        judge = judges[lifter.exercise]
        name = ", ".join(lifter.good)
        seen = {
            clip: _labelled(judge.judge(cache.observations_of(clip_path(clip))), lifter.faulty.get(clip))
            for clip in (*lifter.good, *lifter.faulty)
        }
        faulty = [rep for clip in lifter.faulty for rep in seen[clip]]
        for first in lifter.good:
            others = [rep for clip in lifter.good if clip != first for rep in seen[clip]]
            same.setdefault(name, []).append(FirstReps(judge.scorer, [*seen[first], *faulty]))
            other.setdefault(name, []).append(FirstReps(judge.scorer, seen[first], [*others, *faulty]))
    yield first_reps_table("Real lifters, beside the first good reps of a set alone", same)
    yield first_reps_table("Real lifters, the other sets of the session beside the first reps of one", other)


def _judges(pose: str) -> dict[str, Judge]:
    return {name: Judge(without_lift_models(assembly.load(name)), pose) for name in MAIN_LIFTS}


def _set_by_set(sets: Sequence[_JudgedSet]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for item in sets:
        flagged = [rep for rep in item.reps if rep.has_alarm]
        named = Counter(rep.named_fault or "no name" for rep in flagged)
        names = ", ".join(f"{name} {count}" for name, count in named.most_common())
        what = (item.fault or "good") + ("" if item.in_view else "; another view")
        rows.append((item.reference, item.clip, what, item.by, len(item.reps), len(flagged), names))
    columns = ("reference", "set", "fault", "judged by", "judged", "alarms", "named")
    return Table(title="Set by set", columns=columns, rows=tuple(rows))


def _good_sets(judges: Mapping[str, Judge], cache: Cache, progress: ReportProgress) -> Table:
    rows: list[tuple[str, int, int]] = []
    for clip in read_real_clips():
        if clip.labelled not in judges or not clip.label:
            continue
        progress(f"judging {clip.path.name}", 0.0)
        reps = [event.rep for event in judges[clip.labelled].judge(cache.observations_of(clip.path))]
        good = [rep for rep in reps if clip.label_of(rep) == "good" and rep.score is not None]
        if len(good) >= LEAST_REPS and not any(clip.label_of(rep) == "bad" for rep in reps):
            rows.append((clip.path.stem, sum(rep.verdict == "anomalous" for rep in good), len(good)))
    rows.append(("all", sum(alarms for _, alarms, _ in rows), sum(reps for *_, reps in rows)))
    return Table(
        title="Good sets, each by itself",
        columns=("set", "good reps flagged"),
        rows=tuple((name, Share(alarms, reps)) for name, alarms, reps in rows),
    )
