"""A live run looks at few pictures while nothing happens, and at each as soon as something does."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from builders.live_run import Stage, standing
from builders.observations import a_deadlift, an_observation
from builders.pipelines import a_pipeline
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.config.settings import load_settings
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Frame, Observation
from livecoach.core.types.observation import LONGEST_GAP_S
from livecoach.perception.tracking.lifter_lock import STEP_S
from livecoach.run.feed import AWAKE_S, NOBODY, SAME_NOBODY_S, SETTLED_S, RestingRate

FPS = 30.0


def steps_of(
    observations: list[Observation], rate: RestingRate, picture_of: Callable[[int], np.ndarray | None] = lambda _: None
) -> list[Step]:
    """What a run makes of what it looks at. picture_of: the picture of an observation, by its place."""
    pipeline, steps = a_pipeline(), []
    for place, one in enumerate(observations):
        frame = Frame(index=one.index, t_s=one.t_s, picture=picture_of(place), observation=one)
        if rate.is_due(one.t_s) and rate.accept_frame(frame):
            steps.append(pipeline.step(one))
            rate.step(steps[-1])
    return [*steps, pipeline.finish()]


def looked_at(observations: list[Observation], rate: RestingRate) -> list[Observation]:
    """What a run looks at."""
    return [step.observation for step in steps_of(observations, rate)[:-1]]


def in_rest(fps: float = 10.0) -> RestingRate:
    """The rate of a run that has rested for long."""
    return RestingRate(fps=fps, awake_until_s=-1e6)


def raised(observation: Observation, share: float) -> Observation:
    """The same, with both wrists higher by this share of the torso."""
    points = observation.landmarks.copy()
    torso = abs(points[[23, 24], 1].mean() - points[[11, 12], 1].mean())
    points[[15, 16], 1] -= share * torso
    return replace(observation, landmarks=points)


def test_a_run_begins_awake():
    seen = looked_at(standing(AWAKE_S), RestingRate(fps=10.0))
    assert len(seen) == pytest.approx(AWAKE_S * FPS, abs=1)


def test_somebody_who_moves_a_little_is_looked_at_ten_times_a_second():
    """By less than a lift begins with: a third of the pictures do. Who does not move, or is too small to show it, is
    looked at less often: whatever begins is seen in the next picture all the same. An empty room is looked at seldom:
    whoever steps in has to stand before a rep begins."""
    swaying = [raised(one, 0.15 * (i // 3 % 2)) for i, one in enumerate(standing(6.0))]
    assert len(looked_at(swaying, in_rest())) == pytest.approx(60, abs=2)
    far = [replace(one, landmarks=np.c_[0.1 * one.landmarks[:, :2], one.landmarks[:, 2:]]) for one in swaying]
    for motionless in (standing(6.0), far):
        assert len(looked_at(motionless, in_rest())) == pytest.approx(45, abs=1)
    room = [an_observation(t_s=i / FPS, index=i, nobody=True) for i in range(180)]
    assert len(looked_at(room, in_rest())) == pytest.approx(22, abs=2)


@pytest.mark.parametrize("camera_fps", [15, 25, 60])
def test_the_lock_sees_each_jump_of_the_landmarks(camera_fps):
    """It compares with pictures of the last STEP_S, so at rest there must be one, as the shipped settings are."""
    pictures = [an_observation(t_s=i / camera_fps, index=i) for i in range(6 * camera_fps)]
    looked_s = [one.t_s for one in looked_at(pictures, in_rest(load_settings({}).capture.rest_fps))]
    assert np.diff(looked_s).max() < STEP_S + 1e-6


@pytest.mark.parametrize("fps", [load_settings({}).capture.rest_fps, 10.0])
def test_a_movement_wakes_the_run_within_a_fifth_of_a_second(fps):
    still, begins = standing(3.0), 90
    moves = [raised(an_observation(t_s=(begins + i) / FPS, index=begins + i), min(i / 10, 1) * 0.5) for i in range(60)]
    seen = {one.index for one in looked_at(still + moves, in_rest(fps))}
    first = next(i for i in range(begins, begins + 60) if {i, i + 1, i + 2, i + 3} <= seen)
    crossed = begins + 5  # the wrists have risen by a quarter of a torso
    assert (first - crossed) / FPS <= 0.2


@pytest.mark.parametrize("held_from_s", [2.0, 3.5], ids=["in its first rep", "between two reps"])
def test_a_set_is_seen_whole_even_while_nothing_moves(held_from_s):
    seen = [one for one in a_deadlift(reps=2, fps=FPS) if one.t_s <= held_from_s]
    seen += [replace(seen[-1], t_s=held_from_s + i / FPS, index=len(seen) + i) for i in range(round(2 * AWAKE_S * FPS))]
    assert looked_at(seen, RestingRate(fps=10.0)) == seen


def test_a_set_out_of_a_rest_has_the_same_reps():
    observations = a_deadlift(reps=3)
    every, rested = (steps_of(observations, rate) for rate in (in_rest(fps=1000.0), in_rest()))
    verdicts = [
        [one.rep.verdict for step in steps for one in step.events_of(RepCompleted)] for steps in (every, rested)
    ]
    assert verdicts[0] == verdicts[1]
    assert len(verdicts[0]) == 3
    assert len(every) == len(observations) + 1


RANDOM = np.random.default_rng(0)
ROOM = RANDOM.integers(20, 200, (120, 160, 3))
NOISY = [(ROOM + RANDOM.normal(0, 4, ROOM.shape)).astype(np.uint8) for _ in range(7)]


def noisy(place: int) -> np.ndarray:
    """The room as a webcam sees it."""
    return NOISY[place % len(NOISY)].copy()


@pytest.mark.parametrize("nobody", [True, False])
def test_a_picture_that_stays_the_same_is_seldom_processed(nobody):
    """After some seconds. With somebody in view no gap seems to be one in the recording."""
    scene = [an_observation(t_s=i / FPS, index=i, nobody=nobody) for i in range(360)]
    rate = in_rest(load_settings({}).capture.rest_fps)
    looked_s = np.array([step.observation.t_s for step in steps_of(scene, rate, noisy)[:-1]])
    settled = np.diff(looked_s[looked_s > SETTLED_S])
    assert settled.min() > (0.9 * SAME_NOBODY_S if nobody else 0.3)
    assert settled.max() < (1.2 * SAME_NOBODY_S if nobody else LONGEST_GAP_S)
    assert np.diff(looked_s[looked_s < SETTLED_S]).max() < (0.4 if nobody else STEP_S)


def test_after_the_picture_changes_it_is_looked_at_as_often_as_before():
    def picture(place: int) -> np.ndarray:
        seen = noisy(place)
        seen[50:, : max(0, place - 240)] = 90
        return seen

    scene = [an_observation(t_s=i / FPS, index=i, nobody=True) for i in range(360)]
    seen_s = [step.observation.t_s for step in steps_of(scene, in_rest(8.0), picture)[:-1]]
    assert min(t_s for t_s in seen_s if t_s > 240 / FPS + 0.1) < 240 / FPS + 0.1 + 1 / (NOBODY * 8.0) + 2 / FPS
    assert np.diff([t_s for t_s in seen_s if t_s > 9.0]).max() < 1 / (NOBODY * 8.0) + 2 / FPS


def test_the_first_rep_after_a_motionless_rest_is_judged_as_before():
    rest, lift = standing(8.0), a_deadlift(reps=3)
    scene = [*rest, *(replace(one, t_s=8.0 + one.t_s, index=240 + one.index) for one in lift)]

    def picture(place: int) -> np.ndarray:
        points = scene[place].landmarks[:, :2] * (160, 120)
        seen = noisy(place)
        for x, y in points.astype(int):
            seen[max(y - 4, 0) : y + 4, max(x - 4, 0) : x + 4] = 255
        return seen

    runs = [steps_of(scene, in_rest(8.0), *pictures) for pictures in ((), (picture,))]
    reps = [[one.rep for step in steps for one in step.events_of(RepCompleted)] for steps in runs]
    facts = [[(rep.verdict, rep.score, rep.turn_s, rep.end_s) for rep in of_run] for of_run in reps]
    assert facts[0] == facts[1]
    assert abs(reps[0][0].start_s - reps[1][0].start_s) < 0.2  # The lifter stands still before
    assert len(reps[0]) == 3
    before, now = (sum(step.observation.t_s < rest[-1].t_s for step in steps) for steps in runs)
    assert now < 0.8 * before


def test_the_clock_of_a_rest_goes_on_while_the_picture_stays_the_same():
    stage, lift = Stage(), a_deadlift(reps=1)
    stage.loop.resting = in_rest(8.0)
    rest = [replace(one, index=len(lift) + one.index) for one in standing(40.0, from_s=lift[-1].t_s + 1 / FPS)]
    taken = list(stage.feed([*lift, *rest]))
    stage.lift(replace(one, frame=replace(one.frame, picture=NOISY[0])) for one in taken)
    shown_s, processed = np.array(stage.screen.times_s), stage.events("session_end")[0]["frames"]["read"]
    assert np.diff(shown_s[shown_s > rest[-1].t_s - 10.0]).max() < STEP_S + 1e-6
    assert processed < len(shown_s) - 30


@given(gaps=st.lists(st.floats(0.001, 0.5), min_size=1, max_size=80))
def test_no_gap_is_longer_than_the_slowest_rate(gaps):
    rate, pipeline, looked_s = in_rest(), a_pipeline(), list[float]()
    for t_s in np.cumsum(gaps).tolist():
        if rate.is_due(t_s):
            looked_s.append(t_s)
            rate.step(pipeline.step(an_observation(t_s=t_s, nobody=True)))
    assert (np.diff(looked_s) <= 1 / (NOBODY * 10) + max(gaps)).all()


def test_pictures_that_nobody_looked_at_are_not_dropped():
    stage = Stage()
    stage.loop.resting = in_rest()
    stage.lift(stage.feed(standing(3.0), dropped=2))
    frames = stage.events("session_end")[0]["frames"]
    assert frames["read"] == pytest.approx(23, abs=1)
    assert frames["dropped"] == 0


def test_the_source_learns_what_nobody_looks_at():
    stage, told = Stage(), list[float]()
    stage.loop.resting = replace(in_rest(), skip_until=told.append)
    stage.lift(stage.feed(standing(1.0)))
    assert told[0] == pytest.approx(1 / 7.5 - 0.01)
    assert (np.diff(told) > 0.12).all()

    awake, told_awake = Stage(), list[float]()
    awake.loop.resting = RestingRate(fps=10.0, skip_until=told_awake.append)
    awake.lift(awake.feed(standing(1.0)))
    assert set(told_awake) == {0.0}


@pytest.mark.parametrize(
    ("rate", "gap_s", "missed"), [(in_rest(), 0.3, 0), (in_rest(), 2.5, 30), (RestingRate(fps=10.0), 0.3, 30)]
)
def test_at_rest_only_a_gap_misses_pictures(rate, gap_s, missed):
    """Others are left out on purpose. A process that was stopped in a set seems to have rested: its lifter did not."""
    (*_, last, _) = steps_of(standing(1.0), rate)
    assert rate.count_missed(last.observation.t_s + gap_s, 30) == missed
