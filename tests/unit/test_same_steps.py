"""The same observations give the same steps, and no observations break a step."""

import json
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from builders.observations import SETS, a_deadlift, a_sighting, hidden
from builders.pipelines import EXERCISES, FakeJudge, steps_of
from builders.steps import reps_of
from builders.stick_figure import a_stick_figure
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core import documents
from livecoach.core.step import Step
from livecoach.records.session.events import to_document_event


def told(steps: Iterable[Step]) -> list[str]:
    """All that is said of reps, partial reps, views and cues, as the documents have it."""
    out = []
    for step in steps:
        said = (step.place.view, step.stage, *(to_document_event(event, step) for event in step.events))
        out += [documents.to_json(value) for value in said if value is not None]
    return out


@pytest.mark.parametrize("name", EXERCISES)
def test_same_observations_give_the_same_steps_to_the_byte(name):
    observations = hidden(SETS[name](reps=3, seed=4), 5.0, 5.9)
    once, again = (told(steps_of(observations, name, FakeJudge(0.1, 1.23456789, name=name))) for _ in range(2))
    assert once == again
    assert len(once) > 300


def test_one_pipelines_past_does_not_reach_into_another():
    """Each source gets a pipeline of its own; exercise and models are shared, and hold no state."""
    steps_of(a_deadlift(reps=2))
    assert [rep.index for rep in reps_of(steps_of(a_deadlift(reps=1)))] == [1]


@pytest.mark.parametrize("name", EXERCISES)
def test_dropped_frames_change_no_count(name):
    """A laptop that keeps one frame in two, and now and then loses a third of a second."""
    kept = [o for o in SETS[name](reps=3, fps=30.0) if o.index % 2 and o.index % 60 > 10]
    assert len(reps_of(steps_of(kept, name))) == 3


def numbers_in(value: object) -> Iterable[float]:
    """All floats in a JSON value."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(part)


@settings(max_examples=20)
@given(
    frames=st.lists(
        st.tuples(
            st.sampled_from([0.0, 1 / 60, 1 / 30, 0.2, 1.5]),
            st.sampled_from(["nobody", "figure", "collapsed", "far out"]),
            st.floats(-0.5, 1.5),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_no_step_contains_nan(frames):
    t_s, observations = 0.0, []
    for dt_s, kind, bend in frames:
        t_s += dt_s
        figure = a_stick_figure(bend) * {"collapsed": 0.0, "far out": 4.0}.get(kind, 1.0)
        seen = a_sighting(
            figure, t_s=t_s, index=len(observations), feet=(3.9, -3.9) if kind == "far out" else (0.5, 0.9)
        )
        observations.append(replace(seen, landmarks=None, world=None, people=0) if kind == "nobody" else seen)
    steps = steps_of(observations)
    assert all(step.progress is None or 0 <= step.progress <= 1 for step in steps)
    for line in told(steps):  # to_json refuses NaN and infinities
        assert np.isfinite(list(numbers_in(json.loads(line)))).all()
