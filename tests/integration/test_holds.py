"""Whoever holds a rep has lifted it all the same: at its turn, for up to eight seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from builders.command import DEMO_OBSERVATIONS, SQUAT_OBSERVATIONS
from builders.real_recordings import DATA, MISSING
from builders.recognition import FPS
from builders.simulated_live import observations

from livecoach.core.config import exercise as exercises
from livecoach.core.types import Observation
from livecoach.lab.counting import list_counted_reps
from livecoach.lab.synth.motion.tokens import GOOD
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

HOLD_S = 8.0
SINGLES = [("squat", 1, 3), ("clean_and_jerk", 1, 5), ("sumo_deadlift", 1, 5)]
"""Exercise, reps and seed: what is held counts alone, too."""
REAL = DATA / "cases" / "pause_squat_3s_synth.obs"


def with_holds(seen: Sequence[Observation], at_s: Sequence[float]) -> Iterator[Observation]:
    """Yield the observations with those around each of these times to and fro, as of a lifter who waits there."""
    step_s = median(after.t_s - before.t_s for before, after in pairwise(seen))
    late_s, waits = 0.0, sorted(at_s)
    for place, each in enumerate(seen):
        yield replace(each, t_s=each.t_s + late_s)
        if waits and each.t_s >= waits[0]:
            waits.pop(0)
            for number in range(round(HOLD_S / step_s)):
                late_s += step_s
                yield replace(seen[place + (0, 1, 0, -1)[number % 4]], t_s=each.t_s + late_s)


@pytest.mark.parametrize(("path", "exercise"), [(SQUAT_OBSERVATIONS, "squat"), (DEMO_OBSERVATIONS, "deadlift")])
def test_a_rep_that_is_held_at_its_turn_counts_once(path: Path, exercise: str) -> None:
    seen = observations(path)[::2]
    reps = list_counted_reps(seen, exercise)
    held = list(with_holds(seen, [rep.turn_s for rep in reps]))
    assert len(list_counted_reps(held, exercise)) == len(reps) > 0


@pytest.mark.parametrize(("exercise", "reps", "seed"), [*((name, 2, 3) for name in exercises.names()), *SINGLES])
def test_each_lift_may_be_held_at_its_turn_and_on_the_way(exercise: str, reps: int, seed: int) -> None:
    wanted = SetRequest(
        exercise=exercises.load(exercise).motion,
        tokens=(GOOD,) * reps,
        view_deg=45.0,
        fps=FPS,
        lost=0.0,
        graded=False,
        typical=True,
    )
    made = random_set(seed, wanted)
    for at_s in ([rep.turn_s for rep in made.reps], [(rep.start_s + rep.turn_s) / 2 for rep in made.reps]):
        assert len(list_counted_reps(list(with_holds(made.observations, at_s)), exercise)) == reps


@pytest.mark.skipif(not REAL.exists(), reason=MISSING)
def test_squats_that_are_held_for_three_seconds_count() -> None:
    assert len(list_counted_reps(observations(REAL), "squat")) == 5
