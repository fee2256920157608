"""Sets of one fault that counting is measured on."""

import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.measure.motion_counts import VIEWS_DEG, faulty_set
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
