"""Alarms in faulty and in good reps of real sets, and faults named right.

Each lifter is filmed by one camera. Each good set is the reference in turn; every other set is judged after it in the
same session, and on the next day by the profile that learned from it. Only the verdict is measured: every movement that
the state machine proposes is judged as a rep.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.config import exercise as exercises
from livecoach.lab.counting import counting_every_movement, rep_steps
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import clips_folder, labelled_clips
from livecoach.lab.measure.rendered_sets import MAIN_LIFTS
from livecoach.lab.measure.table import Cell, Progress, SeveralNumbers, Share, Table
from livecoach.lab.measure.verdict import judged_reps, learned_reps, reps_after
from livecoach.types import Observation, Rep

LEAST_REPS = 4
"""Least number of reps of a good set that is judged without a reference."""
DAYS = 3
"""Number of days on which a learning profile gets the same faulty set."""
Context = Literal["session", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifter:
    """Sets of one lifter before one camera."""

    exercise: str
    good: tuple[str, ...]
    """Clips of good sets."""
    faulty: dict[str, str]
    """Clip of a faulty set → its fault."""


LIFTERS = (
    Lifter(
        exercise="squat",
        good=("po_squat003", "po_squat004"),
        faulty={"po_squat000": "forward_lean", "po_squat001": "knees_forward", "po_squat002": "forward_lean"},
    ),
    Lifter(
        exercise="squat",
        good=("po_squat010", "po_squat006"),
        faulty={"po_squat005": "forward_lean", "po_squat007": "forward_lean", "po_squat009": "knees_forward"},
    ),
    Lifter(
        exercise="deadlift",
        good=("tb_deadlift_c", "tb_deadlift_a"),
        faulty={
            "tb_deadlift_h": "hips_early",
            "tb_deadlift_k": "knee_dominant",
            "tb_deadlift_r": "rounded_back",
        },
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSet:
    """One set, judged with another set as the reference."""

    reference: str
    clip: str
    fault: str | None
    """None: a good set."""
    reps: tuple[Rep, ...]
    """The judged reps."""
    in_view: bool
    """Whether both sets were filmed from about the same azimuth; otherwise the reference is not used."""

    @property
    def alarms(self) -> int:
        """Number of anomalous reps."""
        return sum(rep.verdict == "anomalous" for rep in self.reps)

    @property
    def named(self) -> int:
        """Number of anomalous reps whose fault is named first."""
        return sum(bool(rep.faults) and rep.faults[0].name == self.fault for rep in self.reps if _flagged(rep))


def measure(cache: Cache, pose: str, own: int | None, progress: Progress) -> list[Table]:
    """Measure the sets. own: number of reps of the reference that are used; None for all."""
    coaches = {name: counting_every_movement(assembly.load(name)) for name in MAIN_LIFTS}
    tables, rows = [], []
    contexts: tuple[Context, ...] = ("session", "day")
    for context in contexts:
        sets = list(_judged_sets(coaches, cache, pose, context, own, progress))
        tables.append(_table_of_sets(sets, context, own))
        rows.append(
            (f"reference of the same {context}" if context == "session" else "a profile, the next day", *_totals(sets))
        )
    if own is None:
        rows.append((f"the same faulty set on {DAYS} days, the last one", *_days(coaches, cache, pose, progress)))
        tables.append(_good_sets(coaches, cache, pose, progress))
    columns = (
        "judged by",
        "faulty reps flagged",
        "named right",
        "sets with each rep flagged",
        "good reps flagged",
        "faulty reps beyond 98 % of the good ones",
    )
    return [Table(title="Real sets, each good one in turn as reference", columns=columns, rows=tuple(rows)), *tables]


def _judged_sets(
    coaches: dict[str, Coach], cache: Cache, pose: str, context: Context, own: int | None, progress: Progress
) -> Iterator[JudgedSet]:
    for lifter in LIFTERS:
        coach = coaches[lifter.exercise]
        observed = {clip: _observed(clip, cache, pose) for clip in (*lifter.good, *lifter.faulty)}
        for reference in lifter.good:
            for number, clip in enumerate(observed):
                progress(f"{clip} after {reference}", number / len(observed))
                if clip == reference:
                    continue
                first = _beginning(coach, observed[reference], pose, own)
                if context == "session":
                    reps = reps_after(coach, first, observed[clip], pose)
                else:
                    reps = judged_reps(coach, learned_reps(coach, first, pose), observed[clip], pose)
                judged = tuple(rep for rep in reps if rep.score is not None)
                yield JudgedSet(
                    reference=reference,
                    clip=clip,
                    fault=lifter.faulty.get(clip),
                    reps=judged,
                    in_view=any(rep.reference == "own" for rep in judged),
                )


def _table_of_sets(sets: Sequence[JudgedSet], context: Context, own: int | None) -> Table:
    beside = "all reps" if own is None else f"{own} reps"
    rows: list[tuple[Cell, ...]] = []
    for one in sets:
        faults = Counter(rep.faults[0].name if rep.faults else "no name" for rep in one.reps if _flagged(rep))
        scores = (
            SeveralNumbers(tuple(np.quantile([rep.score for rep in one.reps], (0, 0.5, 1))), 2) if one.reps else None
        )
        names = ", ".join(f"{name} {count}" for name, count in faults.most_common())
        what = one.fault or "good"
        rows.append(
            (
                one.reference,
                one.clip,
                what if one.in_view else f"{what}; another view",
                len(one.reps),
                one.alarms,
                names,
                scores,
            )
        )
    where = "the same session" if context == "session" else "the next day"
    return Table(
        title=f"Set by set: {where}, {beside} of the reference",
        columns=("reference", "set", "fault", "judged", "alarms", "named", "score: least, median, largest"),
        rows=tuple(rows),
    )


def _totals(sets: Sequence[JudgedSet]) -> tuple[Cell, ...]:
    faulty = [one for one in sets if one.fault is not None and one.in_view]
    good = [one for one in sets if one.fault is None and one.in_view]
    flagged = sum(one.alarms for one in faulty)
    scores, good_scores = ([rep.score or 0.0 for one in some for rep in one.reps] for some in (faulty, good))
    beyond = None
    if good_scores:
        beyond = Share(int((np.array(scores) > np.quantile(good_scores, 0.98)).sum()), len(scores))
    return (
        Share(flagged, sum(len(one.reps) for one in faulty)),
        Share(sum(one.named for one in faulty), flagged),
        Share(sum(one.alarms == len(one.reps) for one in faulty), len(faulty)),
        Share(sum(one.alarms for one in good), sum(len(one.reps) for one in good)),
        beyond,
    )


def _days(coaches: dict[str, Coach], cache: Cache, pose: str, progress: Progress) -> tuple[Cell, ...]:
    """Judge the same faulty set on DAYS days, by a profile of a good set that learns each day; return the last day."""
    last: list[JudgedSet] = []
    for lifter in LIFTERS:
        coach = coaches[lifter.exercise]
        for reference in lifter.good:
            kept = learned_reps(coach, _observed(reference, cache, pose), pose)
            for number, (clip, fault) in enumerate(lifter.faulty.items()):
                progress(f"{clip} on {DAYS} days", number / len(lifter.faulty))
                observations, known = _observed(clip, cache, pose), kept
                days: list[tuple[Rep, ...]] = []
                for day in range(DAYS):
                    days.append(
                        tuple(rep for rep in judged_reps(coach, known, observations, pose) if rep.score is not None)
                    )
                    known = [*known, *learned_reps(coach, observations, pose, known, f"day {day}")]
                in_view = any(rep.reference == "own" for rep in days[0])
                last.append(JudgedSet(reference=reference, clip=clip, fault=fault, reps=days[-1], in_view=in_view))
    return _totals(last)


def _good_sets(coaches: dict[str, Coach], cache: Cache, pose: str, progress: Progress) -> Table:
    rows: list[tuple[Cell, ...]] = []
    good_reps = alarms = 0
    for exercise in MAIN_LIFTS:
        clips = list(labelled_clips(exercises.load(exercise)))
        for number, clip in enumerate(clips):
            progress(f"judging {clip.name}", number / len(clips))
            reps = judged_reps(coaches[exercise], (), _observed(clip.name.removesuffix(".mp4"), cache, pose), pose)
            good = [rep for rep in reps if clip.label(rep) == "good" and rep.score is not None]
            if len(good) < LEAST_REPS or any(clip.label(rep) == "bad" for rep in reps):
                continue
            of_set = sum(_flagged(rep) for rep in good)
            rows.append((f"{exercise}: {clip.name.removesuffix('.mp4')}", Share(of_set, len(good))))
            good_reps, alarms = good_reps + len(good), alarms + of_set
    rows.append(("all", Share(alarms, good_reps)))
    return Table(title="Good sets, each by itself", columns=("set", "good reps flagged"), rows=tuple(rows))


def _observed(clip: str, cache: Cache, pose: str) -> list[Observation]:
    return cache.observed(clips_folder() / f"{clip}.mp4", pose)


def _beginning(coach: Coach, observations: Sequence[Observation], pose: str, own: int | None) -> list[Observation]:
    """Return the observations up to the end of rep `own`; None for all."""
    if own is None:
        return list(observations)
    steps = [step for step in rep_steps(coach.pipeline((), pose=pose), observations) if step.rep is not None]
    last_s = steps[min(own, len(steps)) - 1].observation.t_s
    return [o for o in observations if o.t_s <= last_s]


def _flagged(rep: Rep) -> bool:
    return rep.verdict == "anomalous"
