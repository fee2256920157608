"""Encoders on movements of real people, made up here, and what a camera that was moved costs."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
from builders.markers import a_squat, write_markers

from livecoach.errors import ModelError, SourceError
from livecoach.lab.dataset import Dataset
from livecoach.lab.measure.motion import ENCODERS, MOVES, Filming, measure
from livecoach.lab.measure.table import Table
from livecoach.lab.scorer.real_motion import recorded_people
from livecoach.lab.synthetic import synthetic_dataset
from livecoach.rep.measures import load_faults


def nothing_said(*_) -> None:
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two people who squat seven times deeply and twice not."""
    depths = [*(("c", 0.4 + 0.01 * n) for n in range(7)), ("i", 0.18), ("i", 0.2)]
    recorded = {
        f"m01_s{person:02}_e{n:02}_{kind}": a_squat(deep_m, height=1.1 - 0.1 * person)
        for person in (1, 2)
        for n, (kind, deep_m) in enumerate(depths, 1)
    }
    return write_markers(tmp_path_factory.mktemp("motion"), recorded)


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Few synthetic lifters."""
    return synthetic_dataset("squat", 4, 1, workers=1, progress=nothing_said)


@pytest.fixture(scope="module")
def measured(folder, data) -> list[Table]:
    return measure("squat", data, folder, nothing_said)


def test_each_encoder_and_each_move_has_its_figures(measured):
    """Of people that it did not learn from."""
    encoders, moves = measured
    assert encoders.columns[2:] == ENCODERS
    assert [row[1] for row in encoders.rows] == ["as recorded", "by virtual cameras"]
    assert [row[0] for row in moves.rows] == [*MOVES]
    assert all(row[1].of > 0 and row[2].of > 0 for row in moves.rows)  # type: ignore[union-attr]


def test_shallow_squats_are_told_from_deep_ones(measured):
    """Without errors of the pose estimator by every encoder."""
    as_recorded, _ = measured[0].rows
    assert all(cell.value > 0.9 for cell in as_recorded[2:])  # type: ignore[union-attr]


def test_a_camera_that_was_not_moved_sees_the_same(folder):
    """Without errors of the pose estimator on any day; one that was moved sees a person from elsewhere."""
    person, table = recorded_people(folder, "squat")[0], load_faults("squat")
    filming = Filming(person=person, camera=0, errors=0.0)
    azimuths = [
        np.median([rep.azimuth_deg for rep in filming.reps(table, MOVES[name], day)[0]])
        for name, day in (("not moved", 0), ("not moved", 1), ("15° to a side", 1))
    ]
    assert azimuths[1] == pytest.approx(azimuths[0])
    assert azimuths[2] == pytest.approx(azimuths[0] + 15)


def test_what_can_not_be_measured_is_told(tmp_path, folder, data):
    """Nobody was recorded, or nobody does this exercise."""
    with pytest.raises(SourceError, match="holds no recorded movements"):
        measure("squat", data, tmp_path, nothing_said)
    with pytest.raises(ModelError, match="no real person does it"):
        measure("deadlift", data, folder, nothing_said)
