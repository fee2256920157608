"""How many faulty reps of rendered sets raise an alarm, and how many good ones do, beside a plain rival.

The verdict is measured, not counting: every movement that the state machine finds is judged. Two good reps come first,
and nothing is known of the lifter before. The rival has no limit of its own: it is given the one that as many good reps
are past as livecoach alarms in, which no user could know.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from livecoach import assembly
from livecoach.lab.counted_windows import rep_steps
from livecoach.lab.main_lifts import MAIN_LIFTS
from livecoach.lab.measure import plain_rival
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.matching import is_same
from livecoach.lab.measure.rendered_sets import SHOWN_DEG, RenderedSet, rendered_sets
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.rep.measures import load_faults
from livecoach.rep.view_normalised import normalised_rep
from livecoach.synth.truth import TrueRep
from livecoach.types import Rep, Step

BAD = 0.5
"""True severity from which a rep is bad."""
FIRST = 2
"""Good reps of a rendered set that are its reference."""
COLUMNS = (
    "exercise",
    "alarms in good reps",
    "alarms in bad reps, shown",
    "of these, fault named right",
    "rival at as many alarms",
    "AUROC",
)


class JudgedRep(NamedTuple):
    """A rendered rep with its verdict."""

    exercise: str
    azimuth_deg: float
    true: TrueRep
    rep: Rep | None
    """None where it was not counted."""
    rival_distance: float
    """Distance that the rival gives it; NaN where it can't."""

    @property
    def worst(self) -> str | None:
        """Name of the worst fault."""
        return max(self.true.severities, key=lambda name: self.true.severities[name], default=None)

    @property
    def is_shown(self) -> bool:
        """Whether its worst fault is bad, and somebody could see it from there."""
        low, high = SHOWN_DEG[self.exercise].get(self.worst or "", (0, 0))
        return max(self.true.severities.values(), default=0.0) >= BAD and low <= self.azimuth_deg <= high

    @property
    def score(self) -> float | None:
        """Its anomaly score; None where it was not judged."""
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
    coaches = {name: assembly.load(name) for name in MAIN_LIFTS}
    rows: list[JudgedRep] = []
    for made in rendered_sets(bodies, seed, sets, cache, progress):
        pipeline = coaches[made.exercise].pipeline((), pose="lite")
        rows += judged_reps(made, rep_steps(pipeline, made.observations))
    groups = {name: [row for row in rows if row.exercise == name] for name in MAIN_LIFTS} | {"both": rows}
    return [
        Table(
            title=f"Verdict: {sets} rendered sets, {bodies} bodies, seed {seed}",
            columns=COLUMNS,
            rows=tuple((name, *_figures(of_group)) for name, of_group in groups.items()),
        ),
        Table(
            title="By the worst fault of a bad rep that is shown",
            columns=("fault", "reps", "alarms", "named"),
            rows=tuple(_by_fault(rows)),
        ),
    ]


def judged_reps(made: RenderedSet, steps: Sequence[Step]) -> Iterator[JudgedRep]:
    """Yield each true rep of a set with its verdict and the rival's distance."""
    travel = load_faults(made.exercise).travel
    mirrored: bool | None = None
    own: list[np.ndarray] = []
    for true in made.reps:
        step = next((step for step in steps if step.rep is not None and is_same(step.rep, true)), None)
        rep = None if step is None or step.window is None else normalised_rep(step.window, mirrored)
        mirrored = rep.mirrored if mirrored is None and rep is not None else mirrored
        path = None if rep is None else plain_rival.trajectory(rep, travel)
        # The rival needs three own reps: with two it judges nothing.
        distance = plain_rival.distances(own, [path])[0] if path is not None and len(own) > FIRST else np.nan
        if path is not None and not true.faults:
            own.append(path)
        yield JudgedRep(made.exercise, abs(made.view_deg), true, None if step is None else step.rep, distance)


def area_under_roc(good: Sequence[float], bad: Sequence[float]) -> float:
    """Return the share of pairs in which the bad score is the higher one; NaN where there is no pair."""
    return float(np.mean([a < b for a in good for b in bad])) if good and bad else float("nan")


def _figures(rows: Sequence[JudgedRep]) -> tuple[Cell, ...]:
    good = [row for row in rows if not row.true.faults and row.score is not None]
    bad = [row for row in rows if row.is_shown and row.score is not None]
    false_alarms, alarms = (sum(row.alarms for row in some) for some in (good, bad))
    far_good, far_bad = (
        np.array([row.rival_distance for row in some if np.isfinite(row.rival_distance)]) for some in (good, bad)
    )
    limit = np.quantile(far_good, 1 - false_alarms / max(len(good), 1)) if len(far_good) else np.nan
    scores = [[row.score for row in some if row.score is not None] for some in (good, bad)]
    return (
        Share(false_alarms, len(good)),
        Share(alarms, len(bad)),
        Share(sum(row.is_named for row in bad), alarms),
        Share(int((far_bad > limit).sum()), len(far_bad)),
        Rounded(area_under_roc(*scores), 3),
    )


def _by_fault(rows: Sequence[JudgedRep]) -> Iterator[tuple[Cell, ...]]:
    for exercise in MAIN_LIFTS:
        for fault in SHOWN_DEG[exercise]:
            mine = [
                row
                for row in rows
                if row.exercise == exercise and row.worst == fault and row.is_shown and row.score is not None
            ]
            if mine:
                alarms, named = sum(row.alarms for row in mine), sum(row.is_named for row in mine)
                yield f"{exercise}: {fault}", len(mine), alarms, named
