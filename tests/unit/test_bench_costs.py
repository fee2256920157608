"""What a frame costs by stage, the rival's column, and the picture: no clock, no model."""

import io
from xml.etree import ElementTree

import numpy as np
import pytest
from rich.console import Console

from livecoach.tools.bench_costs import lanes, rival_lane, rival_values
from livecoach.tools.bench_figures import BenchFigure, MeasuredValue, Target
from livecoach.tools.bench_picture import picture
from livecoach.tools.bench_report import ReportRow, table
from livecoach.tools.bench_rival import RivalTrace, as_table
from livecoach.tools.bench_stopwatch import Stopwatch, TimedSource
from livecoach.tools.bench_trace import FrameTrace, RecordingCost, Trace
from livecoach.tools.machine import Machine
from livecoach.types import Frame

MACHINE = Machine(cpu="<c>", cores=2, python="3", system="s", packages={}, measured_utc="2026-01-01", load=None)
RIVAL = RivalTrace(
    capture_ms=(1.0, 1.0),
    pose_ms=(20.0, 22.0),
    stage_ms=(12.0, 14.0),
    draw_ms=(1.0, 1.0),
    cpu_ms=36.0,
    peak_rss_mib=300.0,
)


def a_trace() -> Trace:
    """Two seconds at 30 frames a second; the first second is slow."""
    frames = [
        FrameTrace(
            t_s=number / 30,
            captured_s=number / 30,
            dropped=0,
            pose_ms=50.0 if number < 30 else 8.0,
            step_ms=0.5,
            rep_ms=None,
            draw_ms=4.0 if number % 2 else None,
            drawn_s=None,
            cpu_s=number / 60,
        )
        for number in range(61)
    ]
    recorded = RecordingCost(
        cpu_ms_per_frame=2.0, duration_s=2.0, video_bytes=1, video_left_out=0, observations_bytes=1
    )
    return Trace(frames=tuple(frames), cues=(), peak_rss_mib=None, sound_live=True, recorded=recorded, capture_ms=1.5)


def costs(lane) -> dict[str, float]:
    return {cost.stage: cost.ms for cost in lane.costs}


def test_the_main_thread_and_what_runs_beside_it_are_two_lanes():
    """Their times overlap, so they have no common sum."""
    main, beside = lanes(a_trace(), "lite")
    assert costs(main) == {"pose": 8.0, "decisions": 0.5, "drawing": 4.0}
    assert costs(beside) == {"capture": 1.5, "recording": 2.0}
    assert main.total_ms == pytest.approx(12.5)


def test_the_rival_does_all_in_one_lane():
    """Both estimates, both stages."""
    assert costs(rival_lane(RIVAL, "rival")) == {"capture": 1.0, "pose": 21.0, "decisions": 13.0, "drawing": 1.0}


def test_the_rivals_frame_is_the_sum_of_its_parts():
    """Without reading the picture, as livecoach's is; the note says what else is missing."""
    frame = rival_values(RIVAL)["frame_ms_p50"]
    assert frame.value == pytest.approx(35.0)
    assert "without mask" in (frame.note or "")


def test_no_target_applies_to_the_rival():
    """It counts neither as met nor as missed."""
    figure = BenchFigure(key="k", text="a figure", unit="ms", target=Target(most=1))
    row = ReportRow(group="g", figure=figure, pose="rival lite", measured=MeasuredValue(value=9.0), rival=True)
    assert row.met is None


def test_a_figure_that_the_rival_lacks_leaves_its_cell_empty():
    """The other columns keep their places."""
    dropped, pose = (BenchFigure(key=key, text=key, unit="ms") for key in ("dropped", "pose"))
    rows = [
        ReportRow(group="g", figure=dropped, pose="lite", measured=MeasuredValue(value=1.0)),
        ReportRow(group="g", figure=pose, pose="lite", measured=MeasuredValue(value=2.0)),
        ReportRow(group="g", figure=pose, pose="rival lite", measured=MeasuredValue(value=3.0), rival=True),
    ]
    console = Console(file=io.StringIO(), width=80)
    console.print(table(rows))
    lines = [line.split() for line in console.file.getvalue().splitlines()[-2:]]
    assert lines == [["dropped", "ms", "1.0"], ["pose", "ms", "2.0", "3.0"]]


def test_the_rivals_table_has_named_columns():
    """A row for each frame, a column for each coordinate."""
    shown = as_table(np.arange(2 * 33 * 4, dtype=float).reshape(2, 33, 4))
    assert shown.column_names[:5] == ["x0", "y0", "z0", "v0", "x1"]
    assert shown.column("x1").to_pylist() == [4.0, 4.0 + 33 * 4]


def test_the_picture_has_a_bar_for_each_lane_as_wide_as_its_cost():
    """Pose takes sixteen times as long as the decisions; names are escaped."""
    root = ElementTree.fromstring(picture(lanes(a_trace(), "lite"), MACHINE))
    boxes = root.iterfind(".//{*}title/..")
    widths = {box.find("{*}title").text.split(":")[0]: float(box.get("width")) for box in boxes}
    assert widths["pose"] == pytest.approx(16 * widths["decisions"], rel=0.02)
    assert set(widths) == {"pose", "decisions", "drawing", "capture", "recording"}


def test_reading_a_picture_is_timed_and_the_end_is_not():
    """The mean of two pictures."""

    class TwoPictures:
        info = None
        left = 2

        def read(self) -> Frame | None:
            self.left -= 1
            return None if self.left < 0 else Frame(index=0, t_s=0.0, picture=np.zeros((2, 2, 3), np.uint8))

        def close(self) -> None:
            """Hold nothing."""

    watch, readings = Stopwatch(), iter((0.0, 0.001, 0.010, 0.013, 1.0))
    source = TimedSource(TwoPictures(), watch, cpu=lambda: next(readings))
    while source.read() is not None:
        pass
    assert watch.capture_ms == pytest.approx(2.0)
