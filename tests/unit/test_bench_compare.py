"""`bench --compare`: sides, differences and their intervals; no run is made."""

import io
import subprocess
import sys

import pytest
from rich.console import Console

from livecoach.errors import ConfigError, ModelError
from livecoach.tools.bench_compare import MOST_ROUNDS, STUDENT, Comparison, differences, interval
from livecoach.tools.bench_compare_report import document, table
from livecoach.tools.bench_figures import CLIP, MeasuredValue, not_measured
from livecoach.tools.bench_sides import Side, environment, side
from livecoach.tools.machine import Machine


def a_run(**values: float | None) -> dict[str, MeasuredValue]:
    """The values of a run in which nothing else was measured."""
    missing = dict.fromkeys((figure.key for figure in CLIP), not_measured("not here"))
    return missing | {key: MeasuredValue(value=value) for key, value in values.items()}


def a_comparison() -> Comparison:
    first = [a_run(pose_ms_p50=10.0), a_run(pose_ms_p50=20.0), a_run(pose_ms_p50=15.0)]
    second = [a_run(pose_ms_p50=8.0), a_run(pose_ms_p50=18.1), a_run(pose_ms_p50=12.9)]
    return Comparison(
        machine=Machine(cpu="c", cores=2, python="3", system="s", packages={}, measured_utc="2026-01-01", load=None),
        sides=(Side(name="pose=full", pose="full"), Side(name="pose=lite", pose="lite")),
        rounds=3,
        seconds=20.0,
        window="w",
        sound="s",
        differences=differences(first, second),
    )


def test_the_interval_is_students():
    """Mean 2, standard error 1 of three values: 2 ± 4.303."""
    low, high = interval([2 - 3**0.5, 2.0, 2 + 3**0.5])
    assert (low, high) == (pytest.approx(2 - 4.303), pytest.approx(2 + 4.303))


def test_there_is_a_quantile_for_every_number_of_rounds():
    """From two rounds to the most."""
    assert len(STUDENT) == MOST_ROUNDS - 1


def test_a_machine_that_slows_both_alike_hides_no_difference():
    """The rounds differ by ten, the sides by two within each round."""
    (found,) = a_comparison().differences
    assert found.difference == pytest.approx(-2.0)
    assert found.certain


def test_a_difference_within_the_noise_is_not_certain():
    """Two rounds that contradict each other."""
    first, second = [a_run(pose_ms_p50=10.0)] * 2, [a_run(pose_ms_p50=9.0), a_run(pose_ms_p50=12.0)]
    (found,) = differences(first, second)
    assert not found.certain


def test_what_one_run_did_not_measure_is_left_out():
    """A mean over fewer rounds would not be paired."""
    first = [a_run(pose_ms_p50=10.0, dropped=0.0), a_run(pose_ms_p50=11.0)]
    found = differences(first, [a_run(pose_ms_p50=10.0, dropped=0.0)] * 2)
    assert [one.figure.key for one in found] == ["pose_ms_p50"]


def test_the_table_fits_a_terminal_of_eighty_columns():
    """Both means, the difference with its interval, and the mark."""
    console = Console(file=io.StringIO(), width=80)
    console.print(table(a_comparison()))
    line = next(line for line in console.file.getvalue().splitlines() if "pose" in line)
    assert line.split() == ["pose,", "p50", "ms", "15.0", "13.0", "-2.0", "±", "0.2", "≠"]


def test_the_document_holds_the_sides_and_the_differences():
    """By figure, with the interval."""
    told = document(a_comparison())
    assert [one.pose for one in told.sides] == ["full", "lite"]
    assert [(one.figure, one.certain) for one in told.differences] == [("pose_ms_p50", True)]


def test_a_setting_is_a_side():
    """The pose model, or the threads of the pose model that both sides have."""
    assert side("pose=mediapipe-lite", "full") == Side(name="pose=mediapipe-lite", pose="mediapipe-lite")
    assert side("pose_threads=2", "full") == Side(name="pose_threads=2", pose="full", pose_threads=2)


@pytest.mark.parametrize("text", ["pose_threads=0", "pose_threads=two", "speed=fast", "no-such-commit", "--all"])
def test_what_is_no_side_is_told(text):
    """One line that says what to give."""
    with pytest.raises(ConfigError, match=r"--compare .*\. Give|give a number"):
        side(text, "lite")


def test_a_pose_model_that_does_not_exist_is_told():
    """With the choices."""
    with pytest.raises(ModelError, match="choose"):
        side("pose=huge", "lite")


def test_a_child_imports_the_code_of_its_side(tmp_path):
    """Not the code that is installed."""
    (tmp_path / "livecoach").mkdir()
    (tmp_path / "livecoach" / "__init__.py").write_text("print('of this side')", encoding="ascii")
    command = [sys.executable, "-m", "livecoach.none"]
    done = subprocess.run(
        command, env=environment({}, tmp_path), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "of this side\n"
