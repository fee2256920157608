"""A fault of the bar is looked for only where a bar was seen: its plate goes up and down with the hands."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep
from builders.scorers import a_scorer

from livecoach.core import landmark
from livecoach.core.types import RepWindow
from livecoach.decisions.judging.lifter_judge import BEYOND_PICTURE, LifterJudge
from livecoach.decisions.rep.measures import load_faults

SCORER = a_scorer()
NO_BAR = "no_bar"


def a_pull(*, plate: str = "", share: float = 1.0, at_s: float = 0.0) -> RepWindow:
    """A deadlift. plate: in the hands, in the rack, or none; share: of the frames that show it."""
    rep, shown = a_kept_rep(), []
    for number, o in enumerate(rep.observations):
        x, y = o.landmarks[list(landmark.WRISTS), :2].mean(0)
        places = {"hands": (x, y), "rack": (0.9, 0.5)}
        visible = plate and number % 20 < 20 * share
        bar = np.array([*places[plate], 0.2, 0.9], np.float32) if visible else None
        shown.append(replace(o, t_s=o.t_s + at_s, bar=bar))
    times = {"start_s": rep.start_s + at_s, "turn_s": rep.turn_s + at_s, "end_s": rep.end_s + at_s}
    return replace(rep, observations=tuple(shown), **times)


def unseen(judge: LifterJudge, window: RepWindow) -> set[str]:
    """The faults that are not looked for in a rep, because no bar was seen."""
    said, _ = judge.judge_rep(window)
    assert said.verdict == "good"
    return {one.name for one in said.not_visible if one.reason == NO_BAR}


@pytest.mark.parametrize("plate", ["", "rack"])
def test_an_uneven_bar_is_not_checked_without_a_bar_in_the_hands(plate):
    """Nor where a plate stands in a rack: hands alone may be at different heights."""
    assert unseen(LifterJudge(SCORER), a_pull(plate=plate)) == {"uneven_bar"}


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_an_uneven_bar_is_checked_where_the_bar_is_seen(share):
    """Where a third of the frames show it, too: from many places it is found in some frames only."""
    assert unseen(LifterJudge(SCORER), a_pull(plate="hands", share=share)) == set()


def test_a_bar_that_one_rep_of_a_set_shows_counts_for_its_later_reps():
    """Until the set is over: the next one may be without."""
    judge = LifterJudge(SCORER)
    assert unseen(judge, a_pull(plate="hands")) == set()
    assert unseen(judge, a_pull(at_s=10.0)) == set()
    judge.end_set()
    assert unseen(judge, a_pull(at_s=60.0)) == {"uneven_bar"}


def test_only_an_uneven_bar_is_a_fault_that_needs_a_bar():
    """A ball that drifts from the feet does so without plates; a lack of a bar keeps no rep out of the reference."""
    tables = [load_faults(name) for name in ("deadlift", "sumo_deadlift", "squat", "overhead_press")]
    assert all({name for name, one in table.faults.items() if one.needs_bar} == {"uneven_bar"} for table in tables)
    assert NO_BAR in BEYOND_PICTURE
