"""How well few own good reps judge the others of their set."""

from dataclasses import replace

from builders.kept_reps import STIFF, a_kept_rep
from builders.scorers import a_scorer
from builders.steps import a_rep, a_view

from livecoach.core.step import RepCompleted
from livecoach.core.types import RepWindow
from livecoach.lab.measure.judge_sets import FirstReps, KnownRep, first_reps_table

SCORER = a_scorer()


def known(window: RepWindow, fault: str | None = None) -> KnownRep:
    return KnownRep(RepCompleted(rep=a_rep(), window=window), fault is not None, fault)


GOOD = [known(a_kept_rep(seed=seed)) for seed in range(4)]
STIFF_LEGGED = a_kept_rep(seed=20, deepest_deg=STIFF)


def test_each_rep_is_judged_by_the_first_good_ones_alone():
    found = first_reps_table("first reps", {"all": [FirstReps(SCORER, [known(STIFF_LEGGED, "stiff_legged"), *GOOD])]})
    assert [row[:2] for row in found.rows] == [("all", own) for own in (1, 2, 3)]
    for _, own, alarms, hits, named, right, area, plain_area in found.rows:
        assert (alarms.count, alarms.of) == (0, 4 - own)
        assert (hits.count, hits.of, named.of, right.of) == (1, 1, 1, named.count)
        assert area.value == plain_area.value == 1.0


def test_a_rep_from_another_side_is_left_out():
    elsewhere = known(replace(STIFF_LEGGED, view=a_view(80.0)), "stiff_legged")
    assert first_reps_table("first reps", {"all": [FirstReps(SCORER, [*GOOD, elsewhere])]}).rows == ()


def test_other_sets_are_judged_by_the_first_reps_of_one():
    other = [*(known(a_kept_rep(seed=seed)) for seed in range(30, 33)), known(STIFF_LEGGED, "stiff_legged")]
    found = first_reps_table("first reps", {"all": [FirstReps(SCORER, GOOD, other)]})
    assert [(own, alarms.of, hits.of) for _, own, alarms, hits, *_ in found.rows] == [(1, 3, 1), (2, 3, 1), (3, 3, 1)]
