"""Whatever a recogniser believes: an exercise lasts through its set, and no rep is counted twice or lost."""

from collections import defaultdict
from itertools import pairwise

from builders.recognition import NONE, a_recognising_pipeline, a_workout, sure_of, torn
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.run.every_frame import steps
from livecoach.types import Step

SEEN, BEGINS_S = a_workout(("squat", 2), ("deadlift", 2), ("squat", 1), rest_s=5.0, fps=10.0)
NAMES, REPS = ("squat", "deadlift", "squat"), (2, 2, 1)
BELIEFS = (NONE, torn("squat", "deadlift"), torn("deadlift", "squat"), sure_of("squat"), sure_of("deadlift"))


@settings(max_examples=10, deadline=None)
@given(
    told=st.dictionaries(st.integers(0, round(2 * SEEN[-1].t_s)), st.sampled_from(BELIEFS), max_size=12),
    chosen=st.dictionaries(st.integers(0, len(SEEN)), st.sampled_from(("squat", "deadlift")), max_size=2),
)
def test_a_set_is_of_one_exercise_and_no_rep_is_counted_twice(told, chosen):
    """However often the recogniser changes its mind, and whatever the lifter chooses."""
    pipeline = a_recognising_pipeline({half / 2: belief for half, belief in told.items()})
    done: list[Step] = []
    for observation in SEEN:
        done.append(pipeline.step(observation))
        step = pipeline.choose(chosen[observation.index]) if observation.index in chosen else None
        done += [] if step is None else [step]
    done.append(pipeline.finish(SEEN[-1]))

    for before, after in pairwise(done):
        assert after.exercise == before.exercise or not (before.in_set and after.in_set)
    reps = [one for step in done for one in step.judged]
    assert [one.rep.index for one in reps] == list(range(1, len(reps) + 1))
    assert all(before.rep.end_s <= after.rep.start_s for before, after in pairwise(reps))
    exercises = defaultdict(set)
    for step in done:
        assert all(one.rep.exercise == step.exercise for one in step.judged)
        for one in step.judged:
            exercises[one.window.set_name].add(one.rep.exercise)
    assert all(len(names) == 1 for names in exercises.values())
    assert [*map(int, exercises)] == sorted(map(int, exercises))


@settings(max_examples=6, deadline=None)
@given(late_s=st.tuples(*(st.floats(1.5, 3.2 * reps + 4.0) for reps in REPS)))
def test_no_rep_is_lost_where_each_set_is_recognised_before_the_next_one(late_s):
    """In its first rep, after its last one, or in between."""
    told = {begin + late: sure_of(name) for begin, late, name in zip(BEGINS_S, late_s, NAMES, strict=True)}
    reps = [one.rep for step in steps(a_recognising_pipeline(told), SEEN) for one in step.judged]
    assert [rep.exercise for rep in reps] == [name for name, n in zip(NAMES, REPS, strict=True) for _ in range(n)]
