"""Figures from traces, targets, and the table: no clock, no child process."""

import io

import pytest
from builders.bench_traces import a_cue, a_frame, a_trace
from rich.console import Console

from livecoach.documents import CueEvent
from livecoach.tools import bench_figures as figures
from livecoach.tools.bench_figures import (
    CLIP,
    STREAM,
    BenchFigure,
    MeasuredValue,
    RunRequest,
    Target,
    Trace,
    Truth,
    delay_ms,
    evaluate,
    evaluate_rest,
    percentile,
    request_from,
    to_json,
    trace_from,
)
from livecoach.tools.bench_report import BenchReport, ReportRow, cell, document, notes, table
from livecoach.tools.bench_run import Stopwatch
from livecoach.tools.machine import Machine
from livecoach.types import Cue, Frame

TRUTH = Truth(ends_s=(2.0, 6.0), period_s=10.0)
NOT_HEARD = MeasuredValue(value=None, note="not listened")


def values(trace: Trace, no_window: str | None = None) -> dict[str, MeasuredValue]:
    return evaluate(trace, TRUTH, lambda: NOT_HEARD, no_window)


def a_row(value: float | None, target: Target | None, **changes: object) -> ReportRow:
    figure = BenchFigure(key="k", text="a figure", unit="ms", target=target)
    return ReportRow(
        **{"group": "g", "figure": figure, "pose": "full", "measured": MeasuredValue(value=value), **changes}
    )


def test_every_figure_of_the_tables_has_a_value_or_a_reason():
    """No row is left empty, with reps and without."""
    for trace in (a_trace(), a_trace(cues=(a_cue(2.1),)), a_trace(a_frame(0))):
        found = values(trace)
        for figure in (*CLIP, *STREAM):
            assert found[figure.key].value is not None or found[figure.key].note


def test_the_rate_counts_gaps_not_frames():
    """61 frames in two seconds are 30 a second."""
    assert values(a_trace())["shown_fps"].value == pytest.approx(30.0)


def test_a_frame_whose_drawing_was_skipped_is_not_shown():
    """Every second frame skipped: half the rate, though nothing was dropped."""
    frames = [a_frame(n, **({} if n % 2 else {"drawn_s": None, "draw_ms": None})) for n in range(92)]
    found = values(a_trace(*frames))
    assert found["shown_fps"].value == pytest.approx(15.0)
    assert found["dropped"].value == 0


def test_drops_while_starting_are_told_apart():
    """Those of the first second stand in the note, not in the figure."""
    frames = [a_frame(n, dropped={3: 4, 50: 2}.get(n, 0)) for n in range(91)]
    dropped = values(a_trace(*frames))["dropped"]
    assert dropped.value == 2
    assert dropped.note is not None
    assert dropped.note.startswith("4 more")


def test_at_rest_the_first_seconds_do_not_count():
    """Full rate and half a core for four seconds, then ten pictures a second and a tenth."""
    busy = [a_frame(n) for n in range(120)]
    calm = [a_frame(120 + 3 * n, cpu_s=2.0 + n / 100) for n in range(60)]
    found = evaluate_rest(a_trace(*busy, *calm), None)
    assert found["cpu_percent"].value == pytest.approx(10.0)
    assert found["shown_fps"].value == pytest.approx(10.0)


def test_a_run_that_never_rested_says_so():
    """Three seconds are too short."""
    for figure in evaluate_rest(a_trace(*map(a_frame, range(91))), None).values():
        assert figure.value is None
        assert figure.note is not None
        assert "increase --seconds" in figure.note


def test_cpu_is_a_share_of_one_core():
    """1/60 s of CPU every 1/30 s is half a core."""
    assert values(a_trace())["cpu_percent"].value == pytest.approx(50.0)


def test_captured_to_drawn_spans_the_whole_way():
    """From the frame's capture to its picture."""
    assert values(a_trace())["captured_to_drawn_ms_p50"].value == pytest.approx(20.0)


def test_a_cue_before_the_true_end_is_negative():
    """Frame time before the end, plus latency."""
    assert delay_ms(a_cue(1.9), TRUTH) == pytest.approx(-80.0)


def test_the_clip_goes_round():
    """Times of the third time round are compared with the truth of the first."""
    assert delay_ms(a_cue(26.1), TRUTH) == pytest.approx(120.0)


def test_a_cue_far_from_every_true_end_is_told_and_not_averaged_in():
    """A ghost rep makes no delay."""
    assert delay_ms(a_cue(8.0), TRUTH) is None
    found = values(a_trace(cues=(a_cue(2.1), a_cue(8.0))))["true_end_to_cue_ms_p95"]
    assert found.value == pytest.approx(120.0)
    assert found.note is not None
    assert "far from any true end: 1" in found.note


def test_a_warning_is_no_rep():
    """Cues without a rep count nowhere."""
    warning = a_cue(2.1, cue=Cue(kind="warning", text="step back", rep=None, say=None))
    found = values(a_trace(cues=(warning,)))
    assert found["cue_to_drawn_ms_p95"].value is None
    assert found["true_end_to_cue_ms_p95"].value is None


def test_percentiles():
    """Interpolated; nothing of nothing."""
    assert percentile([1.0, 2.0, 3.0, 4.0, 5.0], 50) == 3.0
    assert percentile([0.0, 10.0], 95) == pytest.approx(9.5)
    assert percentile([], 50) is None


def test_targets_include_their_limit():
    """At most 25 is kept by 25; at least 29.5 by 29.5."""
    assert Target(most=25).met(25)
    assert not Target(most=25).met(25.01)
    assert Target(least=29.5).met(29.5)
    assert not Target(least=29.5).met(29.4)
    assert (str(Target(most=25)), str(Target(least=29.5))) == ("≤ 25", "≥ 29.5")


def test_a_target_for_one_pose_model_judges_no_other():
    """CPU is promised for lite; full is reported."""
    target = Target(most=70, pose="lite")
    assert a_row(90, target).met is None
    assert a_row(90, target, pose="lite").met is False


def test_what_was_not_measured_is_neither_met_nor_missed():
    """No value, no verdict; the cell is a dash."""
    row = a_row(None, Target(most=1))
    assert row.met is None
    assert cell(row).strip() == "–"


def test_something_that_failed_misses_the_target_whatever_the_value():
    """Four cues heard in time do not make up for a fifth that was not heard."""
    assert a_row(10, Target(most=80), measured=MeasuredValue(value=10, flawed=True)).met is False
    assert figures.spread_of_reps([10.0], "not heard: 5").flawed
    assert figures.spread_of_reps([], "not heard: 5").value is None


def test_the_table_has_a_line_a_figure_and_a_column_a_pose_model():
    """With values, targets and marks."""
    rows = [a_row(12.34, Target(most=20), pose="lite"), a_row(23.45, Target(most=20))]
    console = Console(file=io.StringIO(), width=100)
    console.print(table(rows))
    printed = console.file.getvalue()
    line = next(line for line in printed.splitlines() if "a figure" in line)
    assert line.split() == ["a", "figure", "ms", "≤", "20", "12.3", "✓", "23.4", "✗"]
    assert "lite" in printed


def test_a_note_for_several_figures_is_told_once():
    """With all their names."""
    rows = [a_row(None, None, measured=NOT_HEARD), a_row(None, None, pose="lite", measured=NOT_HEARD)]
    assert notes(rows) == ["k full, k lite: not listened"]


def test_the_document_holds_every_row():
    """Value, target, verdict and reason."""
    machine = Machine(cpu="c", cores=2, python="3", system="s", packages={}, measured_utc="2026-01-01 00:00", load=None)
    rows = (a_row(1.0, Target(most=2)), a_row(None, None, measured=NOT_HEARD))
    told = document(BenchReport(machine=machine, seconds=2.0, window="w", sound="s", rows=rows)).rows
    assert [(row.value, row.target, row.met, row.note) for row in told] == [
        (1.0, "≤ 2", True, None),
        (None, None, None, "not listened"),
    ]


def test_the_stopwatch_takes_pose_out_of_the_step_and_counts_drawing_to_the_paint():
    """RepVector at 0, pose 8 s, event at 9 s, decided at 10 s, painted at 15 s."""
    now = iter([0.0, 9.0, 10.0, 15.0])
    watch = Stopwatch(clock=lambda: next(now), cpu=lambda: 7.0)
    watch.frame_taken(Frame(index=0, t_s=3.0, picture=None, captured_s=-1.0), 2)
    watch.pose_measured(8.0)
    watch.event(CueEvent(t_s=3.0, latency_ms=5.0, kind="good_rep", text="1", why=None, say="1", rep=1))
    watch.decided()
    watch.drawn(True)
    watch.painted()
    (frame,), (cue,) = watch.frames, watch.cues
    assert (frame.step_ms, frame.draw_ms, frame.drawn_s, frame.cpu_s) == (2000.0, 5000.0, 15.0, 7.0)
    assert (cue.event_s, cue.drawn_s, cue.rep) == (9.0, 15.0, 1)


def test_the_stopwatch_ignores_what_belongs_to_no_frame():
    """The end of a run is told and shown after its last frame."""
    watch = Stopwatch(clock=lambda: 0.0, cpu=lambda: 0.0)
    watch.event(CueEvent(t_s=3.0, latency_ms=5.0, kind="set_over", text="1 rep", why=None, say=None, rep=None))
    watch.decided()
    watch.drawn(True)
    watch.painted()
    assert (watch.frames, watch.cues) == ([], [])


def test_requests_and_traces_survive_the_way_between_processes():
    """To JSON and back."""
    request = RunRequest(camera="stream", place="http://127.0.0.1:1/", pose="lite", seconds=2.0, window=False)
    trace = a_trace(a_frame(0), a_frame(1, rep_ms=3.0, drawn_s=None), cues=(a_cue(2.0),))
    assert request_from(to_json(request)) == request
    assert trace_from(to_json(trace)) == trace


def test_the_targets_are_those_of_the_design():
    """What the bench holds its figures against."""
    targets = {figure.key: str(figure.target) for figure in (*CLIP, figures.START) if figure.target is not None}
    assert targets == {
        "shown_fps": "≥ 29.5",
        "dropped": "≤ 0",
        "cpu_percent": "≤ 70 (lite)",
        "step_ms_p50": "≤ 1",
        "rep_ms_p50": "≤ 10",
        "rep_ms_p95": "≤ 10",
        "captured_to_drawn_ms_p50": "≤ 25",
        "captured_to_drawn_ms_p95": "≤ 50",
        "true_end_to_cue_ms_p95": "≤ 250",
        "recording_ms": "≤ 4",
        "left_out": "≤ 0",
        "video_mb_per_min": "≤ 15",
        "observations_mb_per_min": "≤ 1.5",
        "cue_to_drawn_ms_p95": "≤ 40",
        "cue_to_heard_ms_p95": "≤ 80",
        "first_picture_s": "≤ 3",
    }
