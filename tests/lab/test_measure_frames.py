"""Single frames of tables without videos: stretches by fault and place, and what is told of them."""

from pathlib import Path

import numpy as np
import pytest

from livecoach import landmark
from livecoach.lab.measure.frames import knee_width, separated, stretches, videos
from livecoach.lab.measure.table import text_of


def _frame(feet_x: float = 0.5, knees: float = 0.1) -> np.ndarray:
    """(33, 2) somebody in front of the camera, ankles .1 apart, knees `knees` apart."""
    points = np.full((landmark.COUNT, 2), 0.5)
    sides = {landmark.SHOULDERS: (0.15, 0.2), landmark.HIPS: (0.1, 0.5), landmark.KNEES: (knees / 2, 0.7)}
    for (left, right), (half, y) in (sides | {landmark.ANKLES: (0.05, 0.9)}).items():
        points[left], points[right] = (feet_x + half, y), (feet_x - half, y)
    return points


def _table(folder: Path, rows: list[tuple[str, np.ndarray]]) -> Path:
    path = folder / "squat_frames_faults.csv"
    lines = ["class" + ",x,y,z,v" * landmark.COUNT]
    lines += [",".join([label, *(f"{x},{y},0,1" for x, y in points)]) for label, points in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Good squats in two places, then bad ones, then good ones where the first ones were."""
    return _table(
        tmp_path,
        [
            ("s_correct_up", _frame()),
            ("s_correct_down", _frame(knees=0.15)),
            ("s_correct_down", _frame(feet_x=0.7)),
            ("s_caved_in_knees_down", _frame(feet_x=0.7, knees=0.05)),
            ("s_correct_down", _frame(feet_x=0.501)),
        ],
    )


def test_a_stretch_ends_where_the_fault_or_the_place_changes(table: Path) -> None:
    """Rows of one fault with the feet in one place are one stretch, at either end of the lift."""
    found = list(stretches(table))
    assert [(one.fault, one.low.tolist()) for one in found] == [
        ("correct", [False, True]),
        ("correct", [True]),
        ("caved_in_knees", [True]),
        ("correct", [True]),
    ]


def test_stretches_in_the_very_same_place_are_one_video(table: Path) -> None:
    """Frames at one end come by video, of the fault and camera that are asked for."""
    found = list(stretches(table))
    assert [len(one) for one in videos(found, "correct", True, low=True)] == [2, 1]
    assert videos(found, "correct", False, low=True) == []


def test_knees_that_come_in_are_narrower_than_the_ankles() -> None:
    """Knee width is 1 over the ankles and less where the knees come in."""
    assert knee_width(np.stack([_frame(), _frame(knees=0.05)])) == pytest.approx([1.0, 0.5])


def test_an_interval_is_told_where_there_are_two_videos_of_either() -> None:
    """One video tells nothing of how others would differ."""
    low, high = np.array([0.0, 1.0]), np.array([2.0, 3.0])
    assert text_of(separated([low], [high, high], 1)) == "1.00"
    assert text_of(separated([low, low], [high, high], 1)) == "1.00 (1.00–1.00)"
