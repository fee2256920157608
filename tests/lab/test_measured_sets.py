"""The sets that counting is measured on."""

import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.measure.fault_counts import VIEWS_DEG, faulty_set
from livecoach.lab.measure.ghosts import hard_sets
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.motion.lifts import FAULTS
from livecoach.synth.motion.tokens import Deviation, faulty


@pytest.mark.parametrize("exercise", [name for name, faults in FAULTS.items() if faults])
def test_every_rep_of_a_faulty_set_has_the_fault_alone(exercise):
    """At full knob, of a judging body, seen from where it can be counted."""
    name = FAULTS[exercise][0]
    for number in range(3):
        made = faulty_set(exercise, faulty(Deviation(name, "", 1.0)), (1, number))
        assert 5 <= len(made.reps) <= 8
        assert all((rep.fault, rep.knob) == (name, 1.0) for rep in made.reps)
        assert made.settings.body in JUDGING
        assert VIEWS_DEG[0] <= made.settings.view_deg <= VIEWS_DEG[1]


def test_hard_sets_last_as_long_as_asked_for_and_have_no_rep():
    """No set more than is needed for it."""
    made = list(hard_sets(seed=3, minutes=1.5))
    lasting_s = [one.observations[-1].t_s for one in made]
    assert sum(lasting_s) >= 90 > sum(lasting_s[:-1])
    assert not any(one.reps for one in made)
