"""Where the picture changes its size, or is turned, nothing goes on: no rep is counted across the cut."""

from dataclasses import replace

import pytest
from builders.observations import a_squat
from builders.pipelines import steps_of
from builders.steps import reps_of, warnings_of

from livecoach.core.types import Observation, Rep
from livecoach.perception.body.visibility import TURNED_S

REPS = 3
SEEN = a_squat(reps=REPS, fps=15.0)
TURNED, LARGER = {"turn_deg": 180}, {"width_px": 1280, "height_px": 960}


def cut_at(seen: list[Observation], from_s: float, change: dict[str, int]) -> list[Observation]:
    return [one if one.t_s < from_s else replace(one, **change) for one in seen]


@pytest.fixture(scope="module")
def whole() -> list[Rep]:
    return reps_of(steps_of(SEEN, "squat"))


@pytest.mark.parametrize(("change", "share"), [(TURNED, 0.4), (LARGER, 0.5), (TURNED, 0.8)])
def test_no_rep_is_counted_across_a_cut(change, share, whole):
    assert len(whole) == REPS
    cut_s = whole[1].start_s + share * (whole[1].end_s - whole[1].start_s)
    steps = steps_of(cut_at(SEEN, cut_s, change), "squat")
    reps = reps_of(steps)
    assert not any(rep.start_s < cut_s < rep.end_s for rep in reps)
    assert [round(rep.turn_s, 1) for rep in reps] == [round(whole[n].turn_s, 1) for n in (0, 2)]
    assert {rep.set for rep in reps} == {1}


def test_a_turn_is_reported_at_once_and_for_a_while():
    """Not where the pictures are turned from the beginning: a line has said so."""
    steps = steps_of(cut_at(SEEN, 2.0, TURNED), "squat")
    said = [(event.t_s, event) for event in warnings_of(steps) if event.warning == "turned"]
    (began_s, began), (ended_s, ended) = said
    assert (began.active, began.text, ended.active) == (True, "the picture is upside down: turning it", False)
    assert began_s == pytest.approx(2.0, abs=0.05)
    assert TURNED_S < ended_s - began_s < TURNED_S + 1
    assert not warnings_of(steps_of(cut_at(SEEN, 0.0, TURNED)[:30], "squat"))
