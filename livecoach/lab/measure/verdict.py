"""Alarms in faulty and in good reps of rendered sets.

Only the verdict is measured: every movement that the state machine proposes is judged as a rep. Two good reps come
first, and the lifter has no profile.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.lab.counting import counting_every_movement, rep_steps
from livecoach.lab.intervals import auroc
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.rendered_sets import MAIN_LIFTS, SHOWN_DEG, RenderedSet, rendered_sets, rep_of
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.synth.truth import TrueRep
from livecoach.types import Observation, Rep, RepWindow

BAD = 0.5
"""True severity from which a rep is bad."""
BETWEEN_S = 60.0
"""Time between two sets of one session."""
COLUMNS = ("exercise", "alarms in good reps", "alarms in bad reps, shown", "of these, fault named right", "AUROC")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueVerdict:
    """A synthetic or rendered rep with its verdict."""

    exercise: str
    azimuth_deg: float
    true: TrueRep
    rep: Rep | None
    """None if it was not counted."""

    @property
    def worst(self) -> str | None:
        """Name of the worst fault."""
        return max(self.true.severities, key=lambda name: self.true.severities[name], default=None)

    @property
    def is_good(self) -> bool:
        """Whether it was generated without a fault, and was judged."""
        return not self.true.faults and self.score is not None

    @property
    def is_shown(self) -> bool:
        """Whether its worst fault is bad and visible from the camera, and it was judged."""
        low, high = SHOWN_DEG[self.exercise].get(self.worst or "", (0, 0))
        is_bad = max(self.true.severities.values(), default=0.0) >= BAD
        return is_bad and low <= self.azimuth_deg <= high and self.score is not None

    @property
    def score(self) -> float | None:
        """Its score; None if it was not judged."""
        return None if self.rep is None else self.rep.score

    @property
    def alarms(self) -> bool:
        """Whether it is called anomalous."""
        return self.rep is not None and self.rep.verdict == "anomalous"

    @property
    def is_named(self) -> bool:
        """Whether its worst fault is named first."""
        return self.rep is not None and bool(self.rep.faults) and self.rep.faults[0].name == self.worst


def measure(bodies: str, seed: int, sets: int, cache: Cache, progress: Progress) -> list[Table]:
    """Measure rendered sets of training or judging bodies."""
    coaches = {name: counting_every_movement(assembly.load(name)) for name in MAIN_LIFTS}
    rows: list[TrueVerdict] = []
    for made in rendered_sets(bodies, seed, sets, cache, progress):
        rows += true_verdicts(made, judged_reps(coaches[made.exercise], (), made.observations))
    groups = {name: [row for row in rows if row.exercise == name] for name in MAIN_LIFTS} | {"both": rows}
    return [
        Table(
            title=f"Verdict: {sets} rendered sets, {bodies} bodies, seed {seed}",
            columns=COLUMNS,
            rows=tuple((name, *figures(of_group)) for name, of_group in groups.items()),
        ),
        Table(
            title="By the worst fault of a bad rep that is shown",
            columns=("fault", "reps", "alarms", "named"),
            rows=tuple(by_fault(rows)),
        ),
    ]


def judged_reps(
    coach: Coach, known: Sequence[RepWindow], observations: Sequence[Observation], pose: str = "lite"
) -> list[Rep]:
    """Return the reps of a source. known: the lifter's own good reps, from a profile."""
    steps = rep_steps(coach.pipeline(known, pose=pose), observations)
    return [judged.rep for step in steps for judged in step.judged]


def reps_after(
    coach: Coach, first: Sequence[Observation], second: Sequence[Observation], pose: str = "lite"
) -> list[Rep]:
    """Return the reps of a set after another one of the same session, in the second set's own time."""
    by_s, count = first[-1].t_s + BETWEEN_S - second[0].t_s, first[-1].index + 1
    moved = [replace(o, t_s=o.t_s + by_s, index=count + i) for i, o in enumerate(second)]
    reps = [rep for rep in judged_reps(coach, (), [*first, *moved], pose) if rep.start_s >= moved[0].t_s]
    return [replace(rep, start_s=rep.start_s - by_s, turn_s=rep.turn_s - by_s, end_s=rep.end_s - by_s) for rep in reps]


def learned_reps(
    coach: Coach,
    observations: Sequence[Observation],
    pose: str = "lite",
    known: Sequence[RepWindow] = (),
    day: str = "before",
) -> list[RepWindow]:
    """Return the reps that a profile learns from a set, named as on another day."""
    steps = rep_steps(coach.pipeline(known, pose=pose), observations)
    return [replace(window, set_name=f"{day} {window.set_name}") for step in steps for window in step.learned]


def true_verdicts(made: RenderedSet, reps: Sequence[Rep]) -> Iterator[TrueVerdict]:
    """Yield each true rep of a set with its verdict."""
    for true in made.reps:
        yield TrueVerdict(exercise=made.exercise, azimuth_deg=abs(made.view_deg), true=true, rep=rep_of(true, reps))


def figures(rows: Sequence[TrueVerdict]) -> tuple[Cell, ...]:
    """Return the cells of a row, without the first of COLUMNS."""
    good, bad = [row for row in rows if row.is_good], [row for row in rows if row.is_shown]
    scores = [np.array([row.score for row in some if row.score is not None]) for some in (good, bad)]
    alarms = sum(row.alarms for row in bad)
    return (
        Share(sum(row.alarms for row in good), len(good)),
        Share(alarms, len(bad)),
        Share(sum(row.is_named for row in bad), alarms),
        Rounded(auroc(*scores) if all(map(len, scores)) else math.nan, 3),
    )


def by_fault(rows: Sequence[TrueVerdict]) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each fault that a bad rep shows: reps, alarms, named."""
    for exercise, faults in SHOWN_DEG.items():
        for fault in faults:
            mine = [row for row in rows if row.exercise == exercise and row.worst == fault and row.is_shown]
            if mine:
                alarms, named = sum(row.alarms for row in mine), sum(row.is_named for row in mine)
                yield f"{exercise}: {fault}", len(mine), alarms, named
