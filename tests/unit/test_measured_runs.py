"""What a benchmark makes of the runs that it has seen."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from builders.systems import not_on_windows

from livecoach.core.errors import OutputError
from livecoach.lab.tools import benchmark, stand_ins
from livecoach.lab.tools.stand_ins import PictureLoop, encode_jpeg, multipart_part

LOOP = PictureLoop([np.full((2, 2, 3), grey, np.uint8) for grey in range(74)], 26, 10.0)
"""2.6 s, and 4.8 s in a loop."""
OUTPUT = """livecoach: a line
pose (lite): p50 9.1, p95 12.0 ms
frame captured → drawn: p50 19.0, p95 27.5 ms
"""


def a_cue(read_s: float, rep: int | None) -> tuple[float, dict[str, object]]:
    return read_s, {"event": "cue", "rep": rep}


def a_run(length_s: float = 20.0, cpu: float = 0.5) -> benchmark.BenchmarkRun:
    """A run that begins at 100 s, takes this share of a core and counts two reps."""
    end = {"event": "session_end", "t_s": length_s, "reps": 2, "frames": {"read": 570, "dropped": 30}}
    return benchmark.BenchmarkRun(
        began_s=98.0,
        shown_s=99.5,
        events=[(100.0, {"event": "session_start"}), a_cue(102.7, 1), a_cue(104.85, 2), (100.0 + length_s, end)],
        samples=[(100.0 + at / 2, cpu * at / 2, 300.0 + at / 100) for at in range(int(2 * length_s))],
        output=OUTPUT,
        sent_s=tuple(100.0 + at / 10 for at in range(50)),
        session={"cpu_ms_per_frame": 2.5, "video": {"left_out": 1}, "duration_s": 30.0},
        session_bytes=3_000_000,
    )


def test_a_camera_shows_the_first_pictures_once(monkeypatch):
    encoded: list[np.ndarray] = []
    monkeypatch.setattr(stand_ins, "encode_jpeg", lambda picture: encoded.append(picture) or encode_jpeg(picture))
    parts = LOOP.parts(2, 2)
    next(LOOP.parts(2, 2))
    assert len(encoded) == 1
    shown = [next(parts) for _ in range(123)]
    assert all(sent == multipart_part(sent.split(b"\r\n\r\n", 1)[1][:-2]) for sent in shown)
    assert shown[26:74] == shown[74:122]
    assert shown[:26] != shown[26:52]
    assert LOOP.rep_ends(122) == [24, 47, 72, 95, 120]
    assert LOOP.rep_ends(120) == [24, 47, 72, 95]


def test_a_run_gives_the_benchmark_figures_of_its_set():
    figures = benchmark.figures_of_set(a_run(), LOOP)
    assert figures["command → first picture"] == pytest.approx(1.5)
    assert (figures["pictures processed"], figures["pictures dropped"]) == (28.5, 5.0)
    assert figures[benchmark.CPU] == pytest.approx(50.0)
    assert (figures["pose, p50"], figures["frame captured → drawn, p95"]) == (9.1, 27.5)
    assert figures["camera → cue, p50"] == pytest.approx(225.0)  # of 300 and 150
    assert figures["reps shown and not counted"] == 0.0
    assert figures["session with video"] == pytest.approx(6.0)
    assert figures["memory gained after two minutes"] is None


def test_processor_time_counts_once_the_run_has_warmed_up():
    assert benchmark.figures_of_set(a_run(benchmark.WARM_S), LOOP)[benchmark.CPU] is None
    assert benchmark.figures_of_set(a_run(2 * benchmark.WARM_S), LOOP)[benchmark.CPU] == pytest.approx(50.0)


@not_on_windows("Windows has no groups of processes")
def test_a_window_counts_although_it_leaves_the_group_of_its_run():
    window = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"
    run = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {window!r}], start_new_session=True)"
    command, pipe = [sys.executable, "-c", run], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True) as child:
        both = child.pid, int(child.stdout.readline())
        _, used_mib = benchmark.process_group_usage(child.pid)
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in both)
        assert used_mib == pytest.approx(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, abs=1.0)


@pytest.mark.parametrize(
    ("ends_s", "arrivals_s", "ms"),
    [
        ([10.0, 12.0], [10.1, 12.05, 30.0], [100.0, 50.0]),
        ([10.0, 12.0 + 2 * benchmark.NEAREST_S], [10.1], [100.0]),  # what never came is missed, and no delay
        ([10.0], [9.9], [-100.0]),
        ([], [10.0], []),
    ],
)
def test_each_true_end_has_the_nearest_arrival(ends_s: list[float], arrivals_s: list[float], ms: list[float]) -> None:
    assert benchmark.delays_ms(ends_s, arrivals_s) == pytest.approx(ms)


def test_a_cue_about_something_else_than_a_rep_does_not_count():
    run = a_run()
    run.events.insert(1, a_cue(102.45, None))  # nearer to the true end of the first rep
    assert benchmark.figures_of_set(run, LOOP)["camera → cue, p50"] == pytest.approx(225.0)


def test_memory_counts_once_it_has_settled():
    settled = a_run(4 * benchmark.SETTLED_S)
    settled.samples = [(at, cpu_s, 100.0 if at < 180.0 else 400.0) for at, cpu_s, _ in settled.samples]
    assert benchmark.memory_growth_mib(settled) == 0.0
    assert benchmark.memory_growth_mib(a_run(4 * benchmark.SETTLED_S)) == pytest.approx(6.2, abs=0.1)


def test_a_figure_that_was_not_measured_is_none():
    bare = a_run()
    bare.samples, bare.shown_s, bare.sent_s, bare.session, bare.output = [], None, (), None, ""
    rows = benchmark.figure_rows(benchmark.SET, "lite", benchmark.figures_of_set(bare, LOOP))
    known = {figure for _, _, figure, *_, value in rows if value is not None}
    assert known == {"pictures processed", "pictures dropped"}


def test_a_start_finds_compiled_what_it_imports(tmp_path, monkeypatch):
    package = tmp_path / "livecoach"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import sys; sys.exit(f'compiles anew: {sys.dont_write_bytecode}')")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(benchmark, "CHECKOUT", tmp_path)
    with pytest.raises(OutputError, match="compiles anew: False"):
        benchmark.run_live(LOOP, "lite", 1.0, None)
