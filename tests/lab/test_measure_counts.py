"""Counts of synthetic sets: the same at every frame rate, of one fault alone, and of no rep."""

from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.core.types import Observation
from livecoach.lab.counting import list_counted_reps
from livecoach.lab.measure.counts import VIEWS_DEG, hard_sets_without_reps, make_uniform_set
from livecoach.lab.synth.figure.body_mesh import JUDGING
from livecoach.lab.synth.motion.lifts import FAULTS
from livecoach.lab.synth.motion.tokens import GOOD, REP, Token, TokenFault
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

REPS = 4


@cache
def a_set(exercise: str) -> SyntheticSet:
    """Four reps at 60 pictures a second, seen without errors."""
    wanted = {"fps": 60.0, "view_deg": 50.0, "noise": 0.0, "lost": 0.0, "graded": False}
    return random_set((1, 1), SetRequest(exercise=exercise, bodies="judging", tokens=(GOOD,) * REPS, **wanted))


def thinned(observations: Sequence[Observation], rate: float, phase: float) -> list[Observation]:
    """The first observation of each tick of a clock of this rate, the first of which began a phase, 0 to 1, earlier."""
    kept, last = [], 0 if phase else -1
    for one in observations:
        tick = int((one.t_s - observations[0].t_s) * rate + phase + 1e-6)
        if tick > last:
            kept.append(one)
            last = tick
    return kept


@pytest.mark.parametrize("exercise", ["deadlift", "squat"])
@settings(max_examples=5, deadline=None)
@given(rate=st.floats(15, 60), phase=st.floats(0, 1, exclude_max=True))
def test_a_set_has_the_same_number_of_reps_at_any_frame_rate(exercise, rate, phase):
    assert len(list_counted_reps(thinned(a_set(exercise).observations, rate, phase), exercise)) == REPS


@pytest.mark.parametrize("exercise", [name for name, faults in FAULTS.items() if faults])
def test_every_rep_of_a_faulty_set_has_the_fault_alone(exercise):
    name = FAULTS[exercise][0]
    for number in range(3):
        made = make_uniform_set(exercise, Token(REP, (TokenFault(name, "", 1.0),)), (1, number))
        assert 5 <= len(made.reps) <= 8
        assert all((rep.label, *(fault.knob for fault in rep.faults)) == (name, 1.0) for rep in made.reps)
        assert made.settings.body in JUDGING
        assert VIEWS_DEG[0] <= made.settings.camera.azimuth_deg <= VIEWS_DEG[1]


def test_hard_sets_last_as_long_as_asked_for_and_have_no_rep():
    made = list(hard_sets_without_reps(["squat"], 1.5, seed=3))
    lasting_s = [one.observations[-1].t_s for one in made]
    assert sum(lasting_s) >= 90 > sum(lasting_s[:-1])
    assert not any(one.reps for one in made)
