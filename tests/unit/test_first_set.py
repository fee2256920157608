"""What stands out in the first set of a lifter without own reps: one thing to look at, and no verdict."""

import json
from dataclasses import replace

import pytest
from builders.observations import a_squat
from builders.steps import a_pace, a_rep

from livecoach import assembly
from livecoach.coaching.first_set import (
    UsualDescent,
    descent_note,
    load_descents,
    load_shipped_descents,
    unusual_descent,
)
from livecoach.config import exercise as exercises
from livecoach.errors import ModelError
from livecoach.types import Correction, Rep

OTHERS = UsualDescent(usual_s=(0.8, 1.9), limits_s=(0.6, 2.5), people=10)
FAST = "worth a look, rep 2: 0.4 s down; most of 10 people recorded without a bar: at least 0.8 s"


def a_set(*down_s: float, **changes: object) -> list[Rep]:
    """Reps that take so long on their way down."""
    return [a_rep(number=n, pace=a_pace(eccentric_s=one), **changes) for n, one in enumerate(down_s, 1)]


def said(reps: list[Rep], others: UsualDescent | None = OTHERS) -> tuple[str, ...]:
    look = unusual_descent(reps, others)
    return () if look is None else (descent_note(look),)


def test_what_is_beyond_the_limit_is_one_sentence_on_the_typical_rep():
    """With what is usual, and of whom."""
    assert said(a_set(0.3, 0.4, 0.5)) == (FAST,)
    assert said(a_set(1.0, 3.0, 4.0, 3.5)) == (
        "worth a look, rep 2: 3.0 s down; most of 10 people recorded without a bar: at most 1.9 s",
    )


def test_synthetic_lifters_are_never_called_people():
    """They are what is known where nobody was recorded."""
    assert said(a_set(0.3, 0.4, 0.5), replace(OTHERS, people=None)) == (
        "worth a look, rep 2: 0.4 s down; most synthetic lifters: at least 0.8 s",
    )


def test_nothing_is_said_of_a_lift_of_which_nothing_is_known():
    """As of a snatch, whose bar is dropped."""
    assert said(a_set(0.3, 0.4, 0.5), None) == ()


@pytest.mark.parametrize("down_s", [(1.0, 1.0, 1.0), (0.7, 0.7, 0.7), (2.4, 2.4, 2.4), (0.4, 1.0, 1.0), (0.4, 0.4)])
def test_nothing_is_said_of_what_does_not_stand_out(down_s):
    """Nor of a single rep, nor of fewer than three."""
    assert said(a_set(*down_s)) == ()


def test_of_two_typical_reps_the_more_usual_one_counts():
    """So half of a set is not enough."""
    assert said(a_set(0.4, 0.4, 1.0, 1.0)) == ()
    assert said(a_set(1.0, 1.0, 3.0, 3.0)) == ()


def test_a_rep_whose_pace_is_unknown_counts_for_nothing():
    """It has no duration to compare."""
    reps = a_set(0.4, 0.4, 0.4)
    assert said([replace(reps[0], pace=None), *reps[1:]]) == ()


def test_own_reps_know_better_than_others():
    """A set that they judge is compared with nobody else's, and neither is one of which somebody chose a good rep."""
    assert said(a_set(0.4, 0.4, 0.4, reference="own")) == ()
    chosen = replace(a_set(0.4)[0], correction=Correction(label="good"))
    assert said([chosen, *a_set(0.4, 0.4, 0.4)[1:]]) == ()
    bad = replace(chosen, correction=Correction(label="bad"))
    assert len(said([bad, *a_set(0.4, 0.4, 0.4)[1:]])) == 1


def test_the_shipped_file_tells_people_from_synthetic_lifters():
    """Squats were recorded; of a lunge, recorded too, and of lifts that end in a drop it says nothing."""
    known = load_shipped_descents().exercises
    assert set(exercises.names()) - set(known) == {"lunge", "snatch", "clean_and_jerk"}
    assert {name: one.people for name, one in known.items() if one.people is not None} == {"squat": 10}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"limits_s": [0.9, 2.5]}, "limits_s: expected them around usual_s"),
        ({"usual_s": [1.9, 0.8]}, "limits_s: expected them around usual_s"),
        ({"usual_s": [-1.0, 0.8]}, "usual_s"),
        ({"usual_s": None}, "usual_s"),
        ({"people": 0}, "people"),
    ],
)
def test_wrong_ranges_are_refused_in_one_line(tmp_path, changes, reason):
    """With the file and the field."""
    right = {"usual_s": [0.8, 1.9], "limits_s": [0.6, 2.5], "people": 10}
    path = tmp_path / "ranges.json"
    path.write_text(json.dumps({"format": 1, "exercises": {"squat": right | changes}, "training": {}}))
    with pytest.raises(ModelError) as refused:
        load_descents(path)
    assert str(path) in str(refused.value)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


# In a run


def summaries(*said: Correction | None) -> list[tuple[str, ...]]:
    """The notes of a first set of squats whose way down is unusual, at its end and after each correction of its last
    rep."""
    coach = replace(assembly.load("squat"), others_descent=replace(OTHERS, usual_s=(6.0, 8.0), limits_s=(5.0, 9.0)))
    pipeline = coach.pipeline()
    seen = a_squat(reps=4, view_deg=60.0)
    for observation in seen:
        pipeline.step(observation)
    made = [pipeline.finish(seen[-1]), *(pipeline.correct(one) for one in said)]
    looks = [step.summary.descent for step in made]
    told = [() if look is None else (descent_note(look),) for look in looks]
    assert all(set(one) <= set(step.summary.notes) for one, step in zip(told, made, strict=True))
    return told


def test_the_summary_of_a_first_set_has_the_sentence_until_somebody_chooses_a_good_rep():
    """Taking the choice back brings it again."""
    (sentence,), *after = summaries(Correction(label="good"), None)
    assert "down; most of 10 people recorded without a bar: at least 6.0 s" in sentence
    assert after == [(), (sentence,)]
