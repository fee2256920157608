"""Whatever a recogniser believes: no rep is counted twice or lost, and the reps of a set are of one exercise."""

from collections import defaultdict
from itertools import pairwise

from builders.recognition import NONE, a_recognising_pipeline, a_workout, lifts_of, sure_of, torn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livecoach.core.step import RepCompleted, Step
from livecoach.run.coached import replay

SETS = (("squat", 2), ("deadlift", 2), ("squat", 1))
SEEN, BEGINS_S = a_workout(*SETS, rest_s=5.0, fps=10.0)
BELIEFS = (NONE, torn("squat", "deadlift"), torn("deadlift", "squat"), sure_of("squat"), sure_of("deadlift"))


def standing(done: list[Step]) -> list[RepCompleted]:
    """Return the reps that were not withdrawn; only the last ones ever are."""
    reps: list[RepCompleted] = []
    for step in done:
        kept = len(reps) - len(step.withdrawn_reps)
        assert tuple(one.rep.start_s for one in reps[kept:]) == tuple(rep.start_s for rep in step.withdrawn_reps)
        reps = [*reps[:kept], *step.events_of(RepCompleted)]
    return reps


@settings(max_examples=10)
@given(
    told=st.dictionaries(st.integers(0, round(2 * SEEN[-1].t_s)), st.sampled_from(BELIEFS), max_size=12),
    chosen=st.dictionaries(st.integers(0, len(SEEN)), st.sampled_from(("squat", "deadlift")), max_size=2),
)
# Found so: squats are believed in for a moment, and deadlifts chosen before any counted, or after the last squat.
@example(told={21: sure_of("squat")}, chosen={103: "deadlift"})
@example(told={41: sure_of("squat")}, chosen={103: "deadlift"})
def test_a_set_is_of_one_exercise_and_no_rep_is_counted_twice(told, chosen):
    """told: half second → what is believed from then on; chosen: number of an observation → what is chosen there."""
    pipeline = a_recognising_pipeline({half / 2: belief for half, belief in told.items()})
    done: list[Step] = []
    for observation in SEEN:
        done.append(pipeline.step(observation))
        step = pipeline.choose_exercise(chosen[observation.index]) if observation.index in chosen else None
        done += [] if step is None else [step]
    done.append(pipeline.finish())

    for before, after in pairwise(done):
        assert (
            after.set.exercise == before.set.exercise
            or after.withdrawn_reps
            or not (before.set.is_under_way and after.set.is_under_way)
        )
        assert not (after.set.is_under_way and after.questions.exercises)
    reps = standing(done)
    assert [one.rep.index for one in reps] == list(range(1, len(reps) + 1))
    assert all(before.rep.end_s <= after.rep.start_s for before, after in pairwise(reps))
    exercises = defaultdict(set)
    for one in reps:
        exercises[one.rep.set].add(one.rep.exercise)
    assert all(len(names) == 1 for names in exercises.values())
    assert [*exercises] == sorted(exercises)


@settings(max_examples=4, deadline=None)
@given(late_s=st.tuples(*(st.floats(1.5, 3.2 * reps) for _, reps in SETS)))
def test_no_rep_is_lost_where_each_set_is_recognised_in_it(late_s):
    told = {begin + late: sure_of(name) for begin, late, (name, _) in zip(BEGINS_S, late_s, SETS, strict=True)}
    done = list(replay(a_recognising_pipeline(told, lifts=lifts_of(BEGINS_S, *SETS)), SEEN))
    assert [one.rep.exercise for one in standing(done)] == [name for name, reps in SETS for _ in range(reps)]
