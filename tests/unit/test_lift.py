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


def test_a_named_exercise_needs_less_of_a_movement_and_no_movement_rules_out_a_rep_of_it(tmp_path):
    """A lifter whom the forest has not seen the like of still counts, once movements are alike."""
    model = read_model_json(a_file(tmp_path, own={**OWN, "leaf": [[3.0, -9.0]]}), LiftModel)
    named = model.for_named_exercise(0.5)
    assert named.rules == replace(model.rules, prior=-0.5)
    assert [model.lift_log_ratio(a_candidate(log_s)) for log_s in (0.5, 0.6)] == [3.0, -9.0]
    assert [named.lift_log_ratio(a_candidate(log_s)) for log_s in (0.5, 0.6)] == [3.0, NAMED_LEAST_LOG_RATIO]


def test_a_movement_is_held_against_those_before_it(tmp_path):
    model = read_model_json(a_file(tmp_path), LiftModel)
    before = [a_candidate(0.4)] * 3
    assert model.likeness_log_ratio(a_candidate(0.4, 1.0), before) == 2.0
    assert model.likeness_log_ratio(a_candidate(0.4, 5.0), before) == -2.0
    assert model.likeness_log_ratio(a_candidate(0.4, sizes_px=(900.0,) * 3), before) == -1.0


def test_each_difference_is_what_its_definition_says():
    """Of random movements. They are compared with medians of those before, so that an odd one changes nothing, and with
    the place where the latest was or, as in walking lunges, where it ended."""
    rng = np.random.default_rng(1)
    own, trajectory = rng.uniform(-6, 6, (4, len(OWN_NAMES))), rng.uniform(-6, 6, (4, MOMENTS, CHANNELS))
    spread = MovementFeatures(
        own=rng.uniform(0.5, 2, len(OWN_NAMES)), trajectory=rng.uniform(0.5, 2, trajectory[0].shape)
    )
    sizes_px, feet_px = [(300.0, 310.0, 320.0)] * 3 + [(360.0, 330.0, 400.0)], [(0.0, 9.0, 70.0)] * 3 + [(90.0,) * 3]
    *before, this = (
        replace(a_candidate(0.0, 0.0, *places), features=MovementFeatures(own=own[k], trajectory=trajectory[k]))
        for k, places in enumerate(zip(sizes_px, feet_px, strict=True))
    )
    values = evidence.compare_movement(replace(this, times=MovementTimes(3.5, 4.0, 5.0)), before, spread)
    off = np.minimum(abs(trajectory[3] - np.median(trajectory[:3], 0)) / spread.trajectory, 8)
    change = np.minimum(abs(own[3] - np.median(own[:3], 0)) / spread.own, 8)
    means = {"out": off[:5].mean(0), "turn": off[5:8].mean(0), "back": off[8:].mean(0)}
    logs = {f"log_{part}": np.log(mean.mean() + 0.1) for part, mean in means.items()}
    logs |= {"log_worst": np.log(np.percentile(off.mean(0), 90) + 0.1), "log_change": np.log(change.mean() + 0.1)}
    places = {"log_feet_shift": np.log(20 / 360 + 0.02), "log_scale": np.log(330 / 310), "log_rest_s": np.log(0.7)}
    expected = {f"{part}_{channel}": value for part, mean in means.items() for channel, value in enumerate(mean)}
    expected |= logs | {f"change_{name}": value for name, value in zip(OWN_NAMES, change, strict=True)} | places
    assert dict(zip(evidence.DIFFERENCES, values, strict=True)) == pytest.approx(expected | {"before": 3})


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
