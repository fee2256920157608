"""What a benchmark makes of the runs that it has seen, and of two checkouts in turn."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from livecoach.core.errors import OutputError
from livecoach.lab.measure.table import text_of
from livecoach.lab.tools import bench, stand_ins
from livecoach.lab.tools.bench import CPU, SETTLED_S, WARM_S, Trace, cue_delays_ms, figures_of, gained_mib, rows_of
from livecoach.lab.tools.machine import rss_mib, used_by_group
from livecoach.lab.tools.stand_ins import PictureLoop, jpeg, part

LOOP = PictureLoop([np.full((2, 2, 3), grey, np.uint8) for grey in range(74)], 26, 10.0)
"""2.6 s, and 4.8 s in a loop."""
SAID = """livecoach: a line
pose (lite): p50 9.1, p95 12.0 ms
frame captured → drawn: p50 19.0, p95 27.5 ms
"""


def a_cue(read_s: float, rep: int | None) -> tuple[float, dict[str, object]]:
    return read_s, {"event": "cue", "rep": rep}


def a_trace(length_s: float = 20.0, cpu: float = 0.5) -> Trace:
    """A run that begins at 100 s, takes this share of a core and counts two reps."""
    end = {"event": "session_end", "t_s": length_s, "reps": 2, "frames": {"read": 570, "dropped": 30}}
    return Trace(
        began_s=98.0,
        shown_s=99.5,
        events=[(100.0, {"event": "session_start"}), a_cue(102.7, 1), a_cue(104.85, 2), (100.0 + length_s, end)],
        samples=[(100.0 + at / 2, cpu * at / 2, 300.0 + at / 100) for at in range(int(2 * length_s))],
        said=SAID,
        sent_s=tuple(100.0 + at / 10 for at in range(50)),
        session={"cpu_ms_per_frame": 2.5, "video": {"left_out": 1}, "duration_s": 30.0},
        session_bytes=3_000_000,
    )


def test_a_camera_shows_the_first_pictures_once(monkeypatch):
    """Then the others, again and again; their reps end with them. A run does not wait until all are encoded."""
    encoded: list[np.ndarray] = []
    monkeypatch.setattr(stand_ins, "jpeg", lambda picture: encoded.append(picture) or jpeg(picture))
    parts = LOOP.parts(2, 2)
    next(LOOP.parts(2, 2))
    assert len(encoded) == 1
    shown = [next(parts) for _ in range(123)]
    assert all(sent == part(sent.split(b"\r\n\r\n", 1)[1][:-2]) for sent in shown)
    assert shown[26:74] == shown[74:122]
    assert shown[:26] != shown[26:52]
    assert LOOP.rep_ends(122) == [24, 47, 72, 95, 120]
    assert LOOP.rep_ends(120) == [24, 47, 72, 95]


def test_the_figures_of_a_set():
    """From its events, its processor time, its own figures, the camera, the screen and the session."""
    figures = figures_of(a_trace(), LOOP)
    assert figures["command → first picture"] == pytest.approx(1.5)
    assert (figures["pictures processed"], figures["pictures dropped"]) == (28.5, 5.0)
    assert figures[CPU] == pytest.approx(50.0)
    assert (figures["pose, p50"], figures["frame captured → drawn, p95"]) == (9.1, 27.5)
    assert figures["camera → cue, p50"] == pytest.approx(225.0)  # of 300 and 150
    assert figures["reps shown and not counted"] == 0.0
    assert figures["session with video"] == pytest.approx(6.0)
    assert figures["memory gained after two minutes"] is None


def test_processor_time_counts_once_the_run_has_warmed_up():
    """A run that ends before has none."""
    assert figures_of(a_trace(WARM_S), LOOP)[CPU] is None
    assert figures_of(a_trace(2 * WARM_S), LOOP)[CPU] == pytest.approx(50.0)


def test_a_window_counts_although_it_leaves_the_group_of_its_run():
    window = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"
    run = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {window!r}], start_new_session=True)"
    command, pipe = [sys.executable, "-c", run], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True) as child:
        both = child.pid, int(child.stdout.readline())
        assert used_by_group(child.pid)[1] == pytest.approx(sum(map(rss_mib, both)), abs=1.0)


def test_a_cue_belongs_to_the_nearest_end_of_a_rep():
    """One far from any is none of a rep, nor is one that is about something else."""
    trace = Trace(began_s=0.0, events=[a_cue(12.2, 1), a_cue(15.9, 2), a_cue(18.0, 3), a_cue(12.1, None)])
    assert cue_delays_ms(trace, [12.0, 16.0]) == pytest.approx([200.0, -100.0])
    assert cue_delays_ms(trace, []) == []


def test_memory_counts_once_it_has_settled():
    """What the first minutes load is no growth; what comes after them is."""
    settled = a_trace(4 * SETTLED_S)
    settled.samples = [(at, cpu_s, 100.0 if at < 180.0 else 400.0) for at, cpu_s, _ in settled.samples]
    assert gained_mib(settled) == 0.0
    assert gained_mib(a_trace(4 * SETTLED_S)) == pytest.approx(6.2, abs=0.1)


def test_what_was_not_measured_is_none():
    bare = a_trace()
    bare.samples, bare.shown_s, bare.sent_s, bare.session, bare.said = [], None, (), None, ""
    rows = rows_of(bench.SET, "lite", [figures_of(bare, LOOP)], [])
    known = {figure for _, _, figure, *_, value in rows if value is not None}
    assert known == {"pictures processed", "pictures dropped"}


def test_checkouts_run_in_turn_and_the_table_has_medians_and_each_ratio(tmp_path, monkeypatch):
    """What slows the machine down meets both; either goes first."""
    (tmp_path / "livecoach").mkdir()
    (tmp_path / "livecoach" / "__main__.py").touch()
    ran: list[bool] = []

    def run_live(checkout: Path, *_: object) -> Trace:
        ran.append(checkout == tmp_path)
        return a_trace(cpu=0.5 if checkout == tmp_path else 0.4)

    monkeypatch.setattr(bench, "run_live", run_live)
    monkeypatch.setattr(bench.stand_ins, "demo_loop", lambda _: LOOP)
    monkeypatch.setenv("DISPLAY", ":9")
    (table,) = bench.measure(["lite"], 20.0, tmp_path, lambda *_: None)
    assert ran[:6] == [True, False, False, True, True, False]
    *_, last = table.rows
    assert [text_of(cell) for cell in last] == [
        *("nobody there", "lite", CPU, "%", "10", "40.0", "50.0", "0.80 0.80 0.80"),
    ]


def test_what_is_not_known_has_no_ratio():
    (row,) = rows_of("at rest", "lite", [{CPU: 20.0}, {CPU: None}], [{CPU: 0.0}, {CPU: 10.0}])
    assert [text_of(cell) for cell in row[-3:]] == ["20.0", "5.0", "–"]


def test_a_start_finds_compiled_what_it_imports(tmp_path, monkeypatch):
    package = tmp_path / "livecoach"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import sys; sys.exit(f'compiles anew: {sys.dont_write_bytecode}')")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with pytest.raises(OutputError, match="compiles anew: False"), bench.started(tmp_path, [], {}) as run:
        run.child.wait()


def test_a_folder_that_is_no_checkout_is_named(tmp_path: Path):
    with pytest.raises(OutputError, match=r"is no checkout of livecoach\. Give the folder"):
        bench.measure(["lite"], 2.0, tmp_path, lambda *_: None)
