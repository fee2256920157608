"""The sets that ghosts are counted in."""

import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.measure.ghosts import hard_sets


def test_hard_sets_last_as_long_as_asked_for_and_have_no_rep():
    """No set more than is needed for it."""
    made = list(hard_sets(seed=3, minutes=1.5))
    lasting_s = [one.observations[-1].t_s for one in made]
    assert sum(lasting_s) >= 90 > sum(lasting_s[:-1])
    assert not any(one.reps for one in made)
