"""Reps that are in doubt until others like them have come."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from builders.observations import a_deadlift
from builders.pipelines import FakeJudge, a_pipeline

from livecoach.counting.evidence import Candidate, EvidenceRules
from livecoach.types import Step


class FromTheThirdOn:
    """Is in doubt of each movement until three of them are alike."""

    rules = EvidenceRules(prior=-1.5, in_set=5.0, own_correlation=1.0, alike_correlation=0.0)

    def own(self, candidate: Candidate) -> float:
        del candidate
        return 0.0

    def alike(self, candidate: Candidate, before: Sequence[Candidate]) -> float:
        del candidate, before
        return 1.0

    def named(self, log_odds: float) -> "FromTheThirdOn":
        del log_odds
        return self


@pytest.fixture
def steps() -> list[Step]:
    """Five deadlifts of which the first two are in doubt for a while; the second is a bad one."""
    pipeline = a_pipeline("deadlift", FakeJudge(0.4, 1.4, 0.4), lift=FromTheThirdOn())
    seen = a_deadlift(reps=5)
    return [*map(pipeline.step, seen), pipeline.finish(seen[-1])]


def told(steps: Sequence[Step]) -> list[list[tuple[int, str, bool]]]:
    """Number, verdict and lateness of the reps of each step that has any."""
    return [[(one.rep.index, one.rep.verdict, one.rep.late) for one in step.judged] for step in steps if step.judged]


def test_earlier_reps_are_told_with_the_one_that_settles_them(steps):
    """Each with its own verdict, in order, said to be late; the next ones as usual."""
    assert told(steps) == [
        [(1, "good", True), (2, "anomalous", True), (3, "good", False)],
        [(4, "good", False)],
        [(5, "good", False)],
    ]


def test_times_of_late_reps_are_their_own(steps):
    """They are as far apart as they were lifted, and were seen whole."""
    reps = [one.rep for step in steps for one in step.judged]
    assert all(3.0 < later.start_s - before.start_s < 3.4 for before, later in pairwise(reps))
    assert all(rep.confidence == 1.0 for rep in reps)


def test_only_the_newest_rep_is_said(steps):
    """The number that is shown and said is the one that the lifter has reached; the set begins with it."""
    first = next(step for step in steps if step.judged)
    assert first.cue is not None
    assert (first.cue.text, first.cue.say, first.count) == ("3", "3", 3)
    assert first.in_set
    assert [step.cue.text for step in steps if step.cue is not None and step.cue.rep is not None] == ["3", "4", "5"]


def test_the_summary_counts_all_of_them(steps):
    summary = steps[-1].summary
    assert summary is not None
    assert (summary.reps, summary.good, summary.anomalous) == (5, 4, 1)


def test_doubtful_movements_that_stay_too_few_are_no_reps():
    pipeline = a_pipeline("deadlift", lift=FromTheThirdOn())
    seen = a_deadlift(reps=2)
    assert not told([*map(pipeline.step, seen), pipeline.finish(seen[-1])])
