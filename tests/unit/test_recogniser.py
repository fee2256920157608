"""What is being done is recognised from ticks of the joints, whatever the camera and its rate."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.lifts import ToldLifts, evidence
from builders.observations import a_squat, an_observation
from builders.pipelines import a_pipeline
from builders.recognition import NONE, ToldRecogniser, likely, sure_of
from builders.steps import warnings_of

from livecoach.core.types import Observation, Recognition
from livecoach.decisions.recognition.features import FEATURES, SIZE, TICK_S, hand_height
from livecoach.decisions.recognition.naming import SURE_FOR_S, OtherExerciseWarning
from livecoach.decisions.recognition.recogniser import (
    BELIEVED,
    CHANNELS,
    HELD_TICKS,
    Belief,
    BeliefRules,
    Recogniser,
    RecognitionModel,
    TickAverager,
    joint_values,
)
from livecoach.perception.body.body import ANKLE, HIP, KNEE, SHOULDER, WRIST, find_body

RULES = BeliefRules(none_prior=0.6, weight=0.3, enters=0.01, leaves=0.001, sure=(0.9, 0.9, 0.9))
NAMES = ("press", "squat", "row")


def a_model(said: np.ndarray | None = None) -> RecognitionModel:
    """Return a model whose network says squat while the knees bend, or always the same."""

    def network(window: np.ndarray) -> np.ndarray:
        assert window.shape == (1, 8, 1, CHANNELS)
        assert window.dtype == np.float32
        known = window[0, :, 0, -1]  # a tick is there: the latest ones, without a gap
        assert known[-1] == 1.0
        assert (np.diff(known) >= 0).all()
        bent = window[0, -1, 0, 40] < 0.8  # the left knee's angle in half turns
        shares = said if said is not None else np.array([0.05, 0.05, 0.85, 0.05] if bent else [0.7, 0.1, 0.1, 0.1])
        return np.log(shares)[None].astype(np.float32)

    plain = {"centre": np.zeros(FEATURES), "spread": np.ones(FEATURES)}
    return RecognitionModel(exercises=NAMES, network=network, window=8, belief=RULES, **plain)


def said_of(observations: list[Observation], model: RecognitionModel) -> list[Recognition]:
    recogniser = Recogniser(model)
    return [recogniser.step(one, find_body(one)) for one in observations]


def test_no_exercise_is_known_at_first() -> None:
    recogniser = Recogniser(a_model())
    seen = an_observation(nobody=True)
    said = recogniser.step(seen, find_body(seen))
    assert said.name is None
    assert said.probability == 0.6
    assert not said.sure
    assert [one.name for one in said.alternatives] == ["press", "squat"]


def test_a_squat_is_known_at_its_bottom_and_for_a_while_after() -> None:
    said = said_of(a_squat(reps=2), a_model())
    names = [one.name for one in said]
    first = next(i for i, one in enumerate(said) if one.sure)
    assert names[first] == "squat"
    assert set(names[first : first + 8]) == {"squat"}
    assert len(said[first].alternatives) == 2


def test_the_log_odds_of_a_lift_are_unknown_until_the_window_is_full() -> None:
    """A film that begins with a rep shows too little of it at first."""
    recogniser, log_odds = Recogniser(a_model()), []
    for observation in a_squat(reps=2):
        recogniser.step(observation, find_body(observation))
        log_odds.append(recogniser.lift_log_odds)
    first = next(i for i, value in enumerate(log_odds) if value)
    assert 0.7 <= first / 15 <= 0.9
    assert {round(value, 2) for value in log_odds[first:]} == {
        round(math.log(0.95 / 0.05), 2),
        round(math.log(3 / 7), 2),
    }


@pytest.mark.parametrize(("gap_s", "known"), [(0.5, True), (9.0, False)])
def test_the_log_odds_of_a_lift_are_forgotten_when_nobody_is_in_view(gap_s: float, known: bool) -> None:
    """What somebody did before going away says nothing about the first rep after coming back."""
    recogniser = Recogniser(a_model())
    for seen in a_squat(reps=2):
        if seen.t_s <= 2.25:
            later = replace(seen, t_s=seen.t_s + gap_s * (seen.t_s > 2.0))
            recogniser.step(later, find_body(later))
    assert (recogniser.lift_log_odds != 0) == known


def test_reps_of_a_named_exercise_do_not_count_where_recognition_sees_no_exercise() -> None:
    """The lift model would take each of these movements for a rep, but not a movement that is likely none."""
    counts = []
    for lift_log_odds in (0.0, -3.0):
        recogniser = ToldRecogniser({}, lift_log_odds)
        pipeline = a_pipeline("squat", lift=ToldLifts(evidence(), lambda _: 2.0), recogniser=recogniser)  # type: ignore[arg-type]
        counts.append(sum(len(pipeline.step(o).reps) for o in a_squat(reps=3)))
    assert counts == [3, 0]


@pytest.mark.parametrize("fps", [15.0, 60.0])
def test_the_frame_rate_matters_little(fps: float) -> None:
    said = said_of(a_squat(reps=1, fps=fps), a_model())
    known_s = next(i for i, one in enumerate(said) if one.sure) / fps
    usual = said_of(a_squat(reps=1, fps=30.0), a_model())
    assert known_s == pytest.approx(next(i for i, one in enumerate(usual) if one.sure) / 30.0, abs=0.21)


def believing_in_squats(until: float) -> list[tuple[Recogniser, Recognition]]:
    """Return a recogniser with each answer until it believes so much in the squats that its network sees."""
    recogniser, still = Recogniser(a_model(np.array([0.3, 0.1, 0.5, 0.1]))), a_squat(reps=1)[0]
    said = []
    while recogniser.probabilities[2] < until:
        seen = replace(still, t_s=len(said) / 10, index=len(said))
        said.append((recogniser, recogniser.step(seen, find_body(seen))))
    return said


def test_a_belief_without_a_rep_is_sure_once_it_has_held_for_a_second() -> None:
    """Whoever catches a snatch squats for a moment."""
    said = [one for _, one in believing_in_squats(until=0.99)]
    above = next(i for i, one in enumerate(said) if one.name == "squat" and one.probability >= RULES.sure[1])
    assert next(i for i, one in enumerate(said) if one.sure) == above + HELD_TICKS


@pytest.mark.parametrize(("counted", "is_sure"), [("squat", True), ("row", False)])
def test_a_rep_that_its_own_counter_found_makes_a_believed_exercise_sure(counted: str, is_sure: bool) -> None:
    recogniser, said = believing_in_squats(until=BELIEVED)[-1]
    assert not said.sure
    assert recogniser.note_rep(counted).sure is is_sure
    recogniser.reset()
    assert not recogniser.note_rep(counted).sure


def test_a_lifted_plate_leaves_the_exercises_that_lift_it_from_the_floor() -> None:
    recogniser = Recogniser(a_model())
    assert recogniser.note_lift(["row", "another"]).name == "row"
    assert recogniser.probabilities.sum() == pytest.approx(1.0)
    assert recogniser.note_lift(["another"]).name == "row"


def belief_in_a_squat(begin_s: float, rise_s: float, until_s: float, overhead: tuple[str, ...]) -> float:
    """Return the belief in a squat, which is all that the network sees, of somebody who raises the hands."""
    recogniser = Recogniser(a_model(np.array([0.05, 0.05, 0.85, 0.05])), overhead=overhead)
    still = a_squat(reps=1)[0]
    stands = find_body(still)
    assert stands is not None
    hips, shoulders = (stands.world[joint, :, 1].mean() for joint in (HIP, SHOULDER))
    for t_s in np.arange(0.0, until_s, 0.1):
        world = stands.world.copy()
        world[WRIST, :, 1] = np.interp(t_s, [begin_s, begin_s + rise_s], [hips, 1.6 * shoulders - 0.6 * hips])
        recogniser.step(replace(still, t_s=float(t_s)), replace(stands, t_s=float(t_s), world=world))
    return float(recogniser.probabilities[2])


@pytest.mark.parametrize(
    ("begin_s", "rise_s", "until_s", "overhead", "is_squat"),
    [
        (1.0, 0.8, 4.0, ("press",), False),
        (1.0, 0.8, 8.0, ("press",), True),
        (1.0, 6.0, 8.0, ("press",), True),
        (-1.0, 0.8, 2.5, ("press",), True),
        (1.0, 0.8, 4.0, (), True),
    ],
    ids=["caught", "later", "slowly", "there already", "of no exercise"],
)
def test_a_lifter_who_catches_a_bar_overhead_does_no_squat(begin_s, rise_s, until_s, overhead, is_squat):
    assert (belief_in_a_squat(begin_s, rise_s, until_s, overhead) > 0.5) is is_squat


@pytest.mark.parametrize(
    ("ahead_m", "facing", "hanging", "is_row"),
    [
        (0.9, (1.0, 0.0), ("row",), False),
        (0.9, (1.0, 0.0), (), True),
        (0.2, (1.0, 0.0), ("row",), True),
        (0.9, (0.0, -1.0), ("row",), True),
    ],
    ids=["swung ahead", "of no exercise", "over the feet", "towards the camera"],
)
def test_hands_far_ahead_of_the_feet_hold_no_bar(ahead_m, facing, hanging, is_row):
    """facing: right and away from the camera, whose picture does not show how far somebody reaches towards it."""
    recogniser = Recogniser(a_model(np.array([0.05, 0.05, 0.05, 0.85])), hanging=hanging)
    still = a_squat(reps=1)[0]
    stands = find_body(still)
    assert stands is not None
    across = (stands.world[SHOULDER, 0] - stands.world[SHOULDER, 1])[[0, 2]]
    turn = complex(*facing) * 1j / complex(*across)
    level = stands.world[..., 0] + 1j * stands.world[..., 2]
    level = level * turn / abs(turn)
    level[WRIST] = level[ANKLE].mean() + ahead_m * complex(*facing)
    world = np.stack([level.real, stands.world[..., 1], level.imag], -1)
    for t_s in np.arange(0.0, 3.0, 0.1):
        said = recogniser.step(replace(still, t_s=float(t_s)), replace(stands, t_s=float(t_s), world=world))
    assert (said.name == "row") is is_row


def test_a_recogniser_that_was_reset_recognises_as_a_new_one() -> None:
    observations, recogniser = a_squat(reps=1), Recogniser(a_model())
    first = [recogniser.step(one, find_body(one)) for one in observations]
    recogniser.reset()
    again = [recogniser.step(one, find_body(one)) for one in observations]
    assert again == first


def test_frames_without_anybody_change_nothing() -> None:
    recogniser, said = Recogniser(a_model()), None
    for one in a_squat(reps=1):
        said = recogniser.step(one, find_body(one))
    gone = an_observation(t_s=99.0, nobody=True)
    assert recogniser.step(gone, None) == said


def test_alternatives_come_likeliest_first() -> None:
    said = said_of(a_squat(reps=1), a_model(np.array([0.1, 0.2, 0.3, 0.4])))[-1]
    assert (said.name, [one.name for one in said.alternatives]) == ("row", ["squat", "press"])


def test_a_tick_is_the_mean_of_a_tenth_of_a_second() -> None:
    ticks = TickAverager()
    done = [tick for k in range(7) for tick in ticks.step(k / 30, np.full(SIZE, float(k)))]
    assert [tick[0] for tick in done] == [1.0, 4.0]


def test_short_gaps_are_bridged_and_long_ones_begin_anew() -> None:
    ticks = TickAverager()
    found = [ticks.step(t_s, np.full(SIZE, t_s)) for t_s in (0.0, 0.3, 0.4)]
    assert [len(done) for done in found] == [0, 1, 3]
    assert [tick[0] for tick in found[2]] == pytest.approx([0.1, 0.2, 0.3])
    assert not ticks.is_new
    ticks.step(2.0, np.zeros(SIZE))
    assert len(ticks.step(2.0 + TICK_S, np.zeros(SIZE))) == 1
    assert ticks.is_new


def test_hands_are_so_high_as_a_share_of_the_body() -> None:
    """Of torso, thigh and shin, here of half a metre, .4 and .4: they are .65 m over the shoulders."""
    world = np.zeros((6, 2, 3))
    world[:, :, 0] = (0.2, -0.2)
    for joint, up_m in ((SHOULDER, 1.3), (HIP, 0.8), (KNEE, 0.4), (ANKLE, 0.0), (WRIST, 1.95)):
        world[joint, :, 1] = -up_m
    assert hand_height(joint_values(world, np.zeros((6, 2, 2)), 640, 480)) == pytest.approx(0.5)


def test_belief_is_a_distribution_that_one_odd_window_does_not_turn() -> None:
    belief = Belief(RULES, np.full(3, 1 / 3))
    for _ in range(30):
        belief.step(np.log([0.05, 0.85, 0.05, 0.05]))
    assert belief.shares.sum() == pytest.approx(1.0)
    assert belief.shares[1] > 0.95
    belief.step(np.log([0.001, 0.001, 0.997, 0.001]))
    assert belief.shares.argmax() == 1


def test_a_body_without_finite_points_changes_no_belief() -> None:
    squat = a_squat(reps=1)
    world = squat[0].world
    assert world is not None
    broken = replace(squat[0], world=np.full_like(world, np.nan))
    recogniser = Recogniser(a_model())
    assert recogniser.step(broken, find_body(broken)).probability == 0.6


# The warning that the lifter does another exercise than the given one


SAID = "this looks like squat: press e"


SQUAT, DEADLIFT = sure_of("squat"), sure_of("deadlift")


@pytest.mark.parametrize(
    ("told", "counted_s", "ends_s"),
    [
        ({1.0: SQUAT}, None, 10.0),
        # The next rep fits, or looks like the other exercise, too.
        ({1.0: SQUAT, 5.0: DEADLIFT}, 7.0, 7.0),
        ({1.0: SQUAT}, 7.0, 10.0),
        ({1.0: SQUAT, 4.0: likely("squat", 0.99)}, 4.5, 10.0),
        ({1.0: SQUAT, 4.0: likely("squat", 0.7)}, 4.5, 4.5),
        # It comes once: whoever has heard it and goes on wants to go on.
        ({1.0: SQUAT, 4.0: NONE, 5.0: SQUAT}, 4.5, 4.5),
        # A moment is no rep.
        ({1.0: SQUAT, 1.5: NONE, 3.0: SQUAT, 3.5: NONE}, None, 0.0),
        ({1.0: likely("squat", 0.99)}, None, 0.0),
        ({1.0: DEADLIFT}, None, 0.0),
    ],
)
def test_another_exercise_is_said_from_a_whole_rep_of_sureness_until_a_rep_fits(told, counted_s, ends_s):
    """told: time → belief from then on. counted_s: when a rep counts."""
    watch, recogniser, said = OtherExerciseWarning(("deadlift",)), ToldRecogniser(told), []
    for tenth in range(100):
        now = recogniser.step(an_observation(t_s=tenth / 10), None)
        watch.step(tenth / 10, now, counted=tenth / 10 == counted_s)
        if watch.warning == SAID:
            said.append(tenth)
    assert said == list(range(round(10 * (1.0 + SURE_FOR_S)), round(10 * ends_s)))


def test_the_steps_name_the_other_exercise():
    pipeline = a_pipeline("deadlift", recogniser=ToldRecogniser({2.0: SQUAT}))
    steps = [*map(pipeline.step, a_squat(reps=2))]
    news = [(event.warning, event.active, event.text) for event in warnings_of(steps)]
    assert news == [("other_exercise", True, SAID)]
    said = next(step for step in steps if warnings_of([step]))
    assert (said.looks_like, said.place.warning) == ("squat", SAID)
