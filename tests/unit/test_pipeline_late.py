"""Reps that are in doubt until others like them have come, and reps that look like those of another exercise."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from builders.observations import a_deadlift, a_squat
from builders.pipelines import EXERCISES, STAGES, FakeJudge, a_pipeline

from livecoach.counting.counter import Counter
from livecoach.counting.evidence import EvidenceRules
from livecoach.counting.outcome import Candidate
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


class Sure(FromTheThirdOn):
    """Takes each movement for a lift."""

    rules = EvidenceRules(prior=0.0, in_set=0.0, own_correlation=1.0, alike_correlation=1.0)

    def __init__(self, own: float) -> None:
        self._own = own

    def own(self, candidate: Candidate) -> float:
        del candidate
        return self._own


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
    """Late ones too."""
    summary = steps[-1].summary
    assert summary is not None
    assert (summary.reps, summary.good, summary.anomalous) == (5, 4, 1)


def test_doubtful_movements_that_stay_too_few_are_no_reps():
    """Two of them and the source ends."""
    pipeline = a_pipeline("deadlift", lift=FromTheThirdOn())
    seen = a_deadlift(reps=2)
    assert not told([*map(pipeline.step, seen), pipeline.finish(seen[-1])])


# Another exercise


def squats_as_deadlifts(own: float, other: float) -> list[Step]:
    """Four squats in front of a pipeline for deadlifts that is so sure of them, beside squats' own counting."""
    counting = Counter(EXERCISES["squat"], STAGES["squat"], Sure(other))
    pipeline = a_pipeline("deadlift", lift=Sure(own), others={"squat": counting})
    seen = a_squat(reps=4)
    return [*map(pipeline.step, seen), pipeline.finish(seen[-1])]


def test_another_exercise_is_said_after_two_reps():
    """In large type, with what to do; the steps name it."""
    steps = squats_as_deadlifts(own=-5.0, other=5.0)
    news = [(notice.kind, notice.active, notice.text) for step in steps for notice in step.notices]
    assert news == [("other_exercise", True, "this looks like squat: press e")]
    said = next(step for step in steps if step.notices)
    assert said.looks_like == "squat"
    assert said.warning == "this looks like squat: press e"
    assert 5.5 < said.observation.t_s < 7.5
    assert not told(steps)


def test_an_exercise_that_is_done_as_asked_is_believed():
    """The other exercise's counting is as sure, and no surer."""
    steps = squats_as_deadlifts(own=5.0, other=5.0)
    assert not any(step.notices or step.looks_like for step in steps)
    assert {one.rep.unsure for step in steps for one in step.judged} == {None}
