"""Stage models: what loads, what does not, and what the shipped ones say."""

import json
from dataclasses import replace

import pytest
from builders.stick_figure import a_stick_figure

from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.decisions.counting.body_reader import StageModel
from livecoach.perception.body.body import measure_body

GOOD = {
    "measures": ["hip_height", "trunk_lean_deg"],
    "mean": [0.7, 40],
    "scale": [0.2, 25],
    "weights": [2, -1],
    "bias": 0.5,
}
VIEWS_DEG = (0, 45, 90, -90)


@pytest.fixture
def stored(tmp_path):
    def write(content: object):
        path = tmp_path / "stage.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (GOOD | {"measures": []}, "measures: Tuple should have at least 1 item"),
        (GOOD | {"measures": ["hip_height", "shoe_size"]}, "measures: 'shoe_size' is unknown"),
        (GOOD | {"mean": [0.7]}, "mean: expected shape (2,), got (1,)"),
        (GOOD | {"scale": [0.2, 0]}, "scale: expected numbers above 0"),
    ],
)
def test_the_error_about_a_wrong_stage_model_is_one_line_that_names_the_file(stored, content, said):
    path = stored(content)
    with pytest.raises(ModelError) as caught:
        read_model_json(path, StageModel)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "\n" not in message


def test_log_odds_are_linear_in_the_measures(stored):
    measures = replace(measure_body(a_stick_figure(0.0)), hip_height=0.9, trunk_lean_deg=15.0)
    assert read_model_json(stored(GOOD), StageModel).log_odds(measures) == pytest.approx(2 * 0.2 / 0.2 + 25 / 25 + 0.5)


def shipped(lift: str) -> StageModel:
    return read_model_json(models_dir() / lift / "stage.json", StageModel)


@pytest.mark.parametrize("lift", ["deadlift", "squat"])
@pytest.mark.parametrize("view_deg", VIEWS_DEG)
@pytest.mark.parametrize("scale", [0.8, 1.2])
def test_shipped_model_tells_standing_from_down(lift, view_deg, scale):
    up, down = (
        shipped(lift).log_odds(measure_body(scale * a_stick_figure(bend, lift=lift, view_deg=view_deg)))
        for bend in (0.0, 1.0)
    )
    assert up > 2
    assert down < -2


@pytest.mark.parametrize("lift", ["deadlift", "squat"])
def test_shipped_model_changes_its_mind_once_on_the_way_down(lift):
    odds = [shipped(lift).log_odds(measure_body(a_stick_figure(i / 20, lift=lift))) for i in range(21)]
    signs = [value > 0 for value in odds]
    assert signs == sorted(signs, reverse=True)
