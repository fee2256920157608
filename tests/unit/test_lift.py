"""What tells a lift from another movement: trees as plain arrays, read from a file that is checked."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting import evidence
from livecoach.decisions.counting.evidence import EvidenceRules, LiftModel
from livecoach.decisions.counting.movement import CHANNELS, MOMENTS, BodyPlace, Movement, MovementFeatures
from livecoach.decisions.counting.movement import OWN as OWN_NAMES
from livecoach.decisions.counting.tuning import NAMED_LEAST_LOG_RATIO

SPREAD = {"spread_own": [1.0] * len(OWN_NAMES), "spread_course": [[1.0] * CHANNELS] * MOMENTS}
OWN = {
    "features": list(OWN_NAMES),
    "feature": [[OWN_NAMES.index("log_s")]],
    "threshold": [[0.5]],
    "leaf": [[3.0, -1.0]],
}
"""A short movement is a lift."""
ALIKE = {
    "features": list(evidence.DIFFERENCES),
    "feature": [[evidence.DIFFERENCES.index("log_turn"), evidence.DIFFERENCES.index("log_scale"), 0]],
    "threshold": [[1.0, 0.5, 0.0]],
    "leaf": [[2.0, -1.0, -2.0, -2.0]],
}
"""Movements with the same turn, seen as large, are alike."""
EVIDENCE = {"prior": -1.0, "in_set": 1.0, "own_correlation": 0.5, "alike_correlation": 0.5}
A_MODEL = {"evidence": EVIDENCE, "own": OWN, "alike": ALIKE, **SPREAD}


def a_candidate(
    log_s: float,
    course_value: float = 0.0,
    sizes_px: tuple[float, float, float] = (300.0,) * 3,
    feet_px: tuple[float, float, float] = (0.0,) * 3,
) -> Movement:
    """sizes_px, feet_px: size of the body, and the feet's x, as the movement begins, within it, and as it ends."""
    own = np.zeros(len(OWN_NAMES))
    own[OWN_NAMES.index("log_s")] = log_s
    begins, within, ends = (
        BodyPlace(np.array([x, 0.0]), size_px) for x, size_px in zip(feet_px, sizes_px, strict=True)
    )
    return Movement(
        times=MovementTimes(1.0, 2.0, 3.0),
        span=1.0,
        features=MovementFeatures(own=own, trajectory=np.full((MOMENTS, CHANNELS), course_value)),
        places=(begins, within, ends),
        hang=np.zeros(3),
    )


def a_file(folder: Path, **changes: object) -> Path:
    path = folder / "lift.json"
    path.write_text(json.dumps({**A_MODEL, **changes}), encoding="utf-8")
    return path


def test_trees_are_followed_to_their_leaf(tmp_path):
    """What is no more than the threshold goes to the first branch."""
    model = read_model_json(a_file(tmp_path), LiftModel)
    assert model.lift_log_ratio(a_candidate(0.5)) == 3.0
    assert model.lift_log_ratio(a_candidate(0.6)) == -1.0
    assert model.rules == EvidenceRules(**EVIDENCE)


def test_a_named_exercise_needs_less_of_a_movement(tmp_path):
    model = read_model_json(a_file(tmp_path), LiftModel)
    assert model.for_named_exercise(0.5).rules == replace(model.rules, prior=-0.5)
    assert model.for_named_exercise(0.5).lift_log_ratio(a_candidate(0.5)) == model.lift_log_ratio(a_candidate(0.5))


def test_no_movement_rules_out_a_rep_of_a_named_exercise(tmp_path):
    """A lifter whom the forest has not seen the like of still counts, once movements are alike."""
    unlike = {**OWN, "leaf": [[3.0, -9.0]]}
    model = read_model_json(a_file(tmp_path, own=unlike), LiftModel)
    assert model.lift_log_ratio(a_candidate(0.6)) == -9.0
    assert model.for_named_exercise(0.0).lift_log_ratio(a_candidate(0.6)) == NAMED_LEAST_LOG_RATIO
    assert model.for_named_exercise(0.0).lift_log_ratio(a_candidate(0.5)) == 3.0


def test_a_movement_is_held_against_those_before_it(tmp_path):
    model = read_model_json(a_file(tmp_path), LiftModel)
    before = [a_candidate(0.4)] * 3
    assert model.likeness_log_ratio(a_candidate(0.4, 1.0), before) == 2.0
    assert model.likeness_log_ratio(a_candidate(0.4, 5.0), before) == -2.0
    assert model.likeness_log_ratio(a_candidate(0.4, sizes_px=(900.0,) * 3), before) == -1.0


def test_who_walks_on_begins_where_the_last_movement_ended(tmp_path):
    """In lunges towards the camera each step is seen larger, in lunges across the picture farther on."""
    model = read_model_json(a_file(tmp_path), LiftModel)
    before = [a_candidate(0.4, sizes_px=(300.0, 400.0, 600.0))]
    assert model.likeness_log_ratio(a_candidate(0.4, sizes_px=(600.0, 800.0, 1200.0)), before) == 2.0
    assert model.likeness_log_ratio(a_candidate(0.4, sizes_px=(1200.0, 1600.0, 2400.0)), before) == -1.0
    one, other = (a_candidate(0.4, feet_px=feet_px) for feet_px in ((0.0, 200.0, 400.0), (400.0, 600.0, 800.0)))
    spread = MovementFeatures(own=np.ones(len(OWN_NAMES)), trajectory=np.ones((MOMENTS, CHANNELS)))
    differences = evidence.compare_movement(other, [one], spread)
    assert differences[evidence.DIFFERENCES.index("log_feet_shift")] == np.log(evidence.LEAST_SHIFT)


def test_one_odd_movement_before_changes_nothing(tmp_path):
    model = read_model_json(a_file(tmp_path), LiftModel)
    odd = [a_candidate(0.4), a_candidate(0.4, 50.0), a_candidate(0.4)]
    assert model.likeness_log_ratio(a_candidate(0.4), odd) == 2.0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"own": {**OWN, "features": ["log_s"]}}, r"own\.features: expected the 103 features"),
        ({"own": {**OWN, "leaf": [[1.0, 2.0, 3.0]]}}, "own: leaf: expected whole trees"),
        ({"own": {**OWN, "threshold": [[0.0, 0.0]]}}, r"own: threshold: expected shape \(1, 1\)"),
        ({"own": {**OWN, "feature": [[100000]]}}, "own: feature: expected numbers from 0 to 102"),
        (
            {"evidence": {**EVIDENCE, "own_correlation": 1.5}},
            r"evidence\.own_correlation: must be less than or equal to 1",
        ),
        ({"spread_own": [1.0]}, r"spread_own: expected shape \(103,\)"),
        ({"spread_own": [0.0] * len(OWN_NAMES)}, "spread_own: expected numbers above 0"),
        ({"own": {**OWN, "feature": None}}, r"own\.feature: expected integers"),
        ({"own": {**OWN, "threshold": [[10**400]]}}, r"own\.threshold: expected numbers only"),
    ],
)
def test_wrong_content_is_an_error_that_names_the_file(tmp_path, changes, says):
    path = a_file(tmp_path, **changes)
    with pytest.raises(ModelError, match=says) as raised:
        read_model_json(path, LiftModel)
    assert str(path) in str(raised.value)
