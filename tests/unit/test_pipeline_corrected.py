"""What the pipeline does with what somebody says of a rep: counts, summaries, and the same every time."""

from collections.abc import Sequence
from functools import cache

import pytest
from builders.learning import GOOD_SET, a_learning_pipeline
from builders.live_run import a_copy
from builders.observations import a_deadlift
from builders.pipelines import FakeJudge, a_pipeline
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core import documents
from livecoach.core.step import Step
from livecoach.core.types import Correction
from livecoach.decisions.judging.corrections import CorrectionStacks, rep_key
from livecoach.decisions.pipeline import Pipeline

SEEN = a_deadlift(reps=3)
GOOD, BAD, NONE = Correction(label="good"), Correction(label="bad"), Correction(label="no-rep")


def steps_of(
    said: dict[int, Sequence[Correction | None]], *scores: float, begun: tuple[Pipeline, list[Step]] | None = None
) -> list[Step]:
    """All steps. said: number of an observation → what is said after it. begun: what goes on, and its steps."""
    pipeline, steps = begun or (a_pipeline(judge=FakeJudge(*(scores or (0.4,)))), [])
    for number, observation in enumerate(SEEN[len(steps) :], len(steps)):
        steps.append(pipeline.step(observation))
        for correction in said.get(number, ()):
            corrected = pipeline.correct(steps[-1], correction)
            if corrected is not None:
                steps.append(corrected)
    return [*steps, pipeline.finish()]


@cache
def _begun(number: int) -> tuple[Pipeline, list[Step]]:
    pipeline = a_pipeline()
    return pipeline, [pipeline.step(observation) for observation in SEEN[:number]]


def corrected(said: dict[int, Sequence[Correction | None]]) -> list[Step]:
    """All steps; those before the first correction are made once."""
    return steps_of(said, begun=a_copy(_begun(min(said))))


def told_of(steps: Sequence[Step]) -> list[str]:
    """All that there is to tell of them, in writing."""
    told = [[s.rep, s.cue, s.set.summary, s.correction_event] for s in steps]
    plain = [[documents.to_plain(part) for part in parts if part is not None] for parts in told]
    return [str([*parts, step.set.count]) for parts, step in zip(plain, steps, strict=True)]


def completed(steps: Sequence[Step]) -> list[int]:
    return [n for n, step in enumerate(steps) if step.rep is not None]


@cache
def uncorrected() -> tuple[Step, ...]:
    """The steps where nothing is said."""
    return tuple(steps_of({}))


def test_a_rep_that_is_called_no_rep_leaves_the_count_and_the_summary():
    second = completed(uncorrected())[1]
    steps = corrected({second + 3: [NONE]})
    assert [step.set.count for step in steps if step.rep is not None] == [1, 2, 2]
    assert (steps[-1].set.summary.reps, steps[-1].set.summary.good) == (2, 2)
    # The report and a correction mean the same rep.
    assert [step.rep.name for step in steps if step.rep is not None] == ["1/1", "1/2", "1/3"]
    assert [step.correction_event.rep.set_and_number for step in steps if step.correction_event] == [(1, 2)]


def test_the_summary_of_a_set_counts_corrected_verdicts():
    first, _, third = completed(uncorrected())
    steps = steps_of({first + 3: [GOOD], third + 3: [BAD]}, 1.4, 0.4)
    assert (steps[-1].set.summary.good, steps[-1].set.summary.anomalous) == (2, 1)


def test_a_correction_after_the_set_changes_its_summary():
    pipeline, _ = a_copy(_begun(len(SEEN)))
    step = pipeline.correct(pipeline.finish(), BAD)
    assert (step.set.summary.good, step.set.summary.anomalous) == (2, 1)
    said_again = pipeline.correct(step, BAD)
    assert [len(one.events_of(documents.SetEndEvent)) for one in (step, said_again)] == [1, 0]


def test_the_verdict_stays_beside_what_was_said_and_what_is_said_again_changes_nothing():
    first = completed(uncorrected())[0]
    steps = corrected({first + 3: [BAD, BAD, GOOD, None, None]})
    said = [step.correction_event for step in steps if step.correction_event is not None]
    assert [one.rep.verdict for one in said] == ["good"] * 5
    assert [one.rep.correction for one in said] == [BAD, BAD, GOOD, BAD, None]
    assert [one.before for one in said] == [None, BAD, BAD, GOOD, BAD]
    assert [one.has_changed for one in said] == [True, False, True, True, True]


def test_without_a_rep_there_is_nothing_to_correct():
    pipeline = a_pipeline()
    assert pipeline.correct(pipeline.step(SEEN[0]), GOOD) is None
    pipeline, steps = a_copy(_begun(len(SEEN)))
    assert pipeline.correct(steps[-1], None) is None
    assert pipeline.correct(steps[-1], GOOD, start_s=999.0) is None


def test_the_step_of_a_correction_repeats_no_cue_and_no_rep():
    first = completed(uncorrected())[0]
    step = next(step for step in corrected({first: [BAD]}) if step.correction_event is not None)
    assert (step.events, step.cue) == ((step.correction_event,), None)
    assert step.observation is SEEN[first]


@given(
    said=st.dictionaries(
        st.integers(0, len(SEEN) - 1),
        st.lists(st.sampled_from([GOOD, BAD, NONE, None]), max_size=3),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=3)
def test_the_same_corrections_after_the_same_observations_give_the_same_steps(said):
    """Whatever is said, and whenever: no clock, and no state outside of it."""
    assert told_of(steps_of(said)) == told_of(steps_of(said))


@pytest.mark.parametrize("correction", [GOOD, BAD, NONE])
def test_a_correction_that_is_taken_back_leaves_no_trace(correction):
    first = completed(uncorrected())[0]
    others = [s for s in corrected({first + 3: [correction, None]}) if s.correction_event is None]
    assert told_of(others) == told_of(uncorrected())


def test_the_reference_follows_a_correction_at_once():
    pipeline = a_learning_pipeline()
    *_, last = map(pipeline.step, GOOD_SET)
    changes = [pipeline.correct(last, one).correction_event.reference for one in (GOOD, BAD, None)]
    assert changes == [None, "left", "entered"]


def test_a_reference_that_a_correction_completes_is_told_of():
    """The third of five reps is called bad, and that is taken back before the sixth."""
    pipeline, cues = a_learning_pipeline(), []
    for observation in GOOD_SET:
        step = pipeline.step(observation)
        cues += [] if step.cue is None else [step.cue.kind]
        if step.rep is not None and step.rep.index == 3:
            pipeline.correct(step, BAD)
        if step.rep is not None and step.rep.index == 5:
            assert "learned" not in cues
            pipeline.correct(step, None)
        if step.rep is not None and step.rep.index == 6:
            assert "learned" in cues


# Which corrections of a rep stand


STARTS_S = st.sampled_from([0.0, 3.2, 6.4])


def test_a_correction_finds_its_rep_by_a_start_that_a_document_rounded():
    """A correction that was read from a file meets the rep that was judged live."""
    stacks: CorrectionStacks[str] = CorrectionStacks()
    stacks.push(1.23456789, "bad")
    assert stacks.newest_correction(1.2346) == "bad"
    assert stacks.newest_correction(1.2347) is None


@given(steps=st.lists(st.tuples(STARTS_S, st.just("undo") | st.integers()), max_size=30))
def test_the_rep_corrected_last_is_the_one_whose_correction_came_last_and_stands(steps):
    stacks: CorrectionStacks[int] = CorrectionStacks()
    standing: list[tuple[float, int]] = []
    for start_s, said in steps:
        of_rep = [n for n, (of_s, _) in enumerate(standing) if of_s == start_s]
        if said == "undo":
            stacks.pop(start_s)
            standing = [item for n, item in enumerate(standing) if n not in of_rep[-1:]]
        else:
            stacks.push(start_s, said)
            standing.append((start_s, said))
    assert stacks.last_corrected_key({0.0, 3.2, 6.4}) == (rep_key(standing[-1][0]) if standing else None)
    for start_s in (0.0, 3.2, 6.4):
        assert list(stacks.corrections_of(start_s)) == [said for of_s, said in standing if of_s == start_s]
