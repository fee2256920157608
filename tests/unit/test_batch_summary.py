"""A batch is summed up in tables and in lists of what to look at first."""

import csv
import re
import sys

import pytest
from builders import steps
from builders.analyses import an_analysis
from builders.depth import a_depth

from livecoach.batch import batch_summary
from livecoach.batch.batch_summary import MOST, render_summary, summarise_batch, write_tables
from livecoach.batch.running import TaskOutcome
from livecoach.core.documents import FramesDocument


def a_rep(index, verdict="good", *faults, **changes):
    return steps.a_rep(index=index, verdict=verdict, faults=tuple(map(steps.a_fault, faults)), **changes)


def analysed(name, *reps, exercise="squat", with_pose=90, **outcome):
    frames = FramesDocument(read=100, with_pose=with_pose, dropped=0)
    document = an_analysis(reps=reps, exercise=exercise, frames=frames)
    return TaskOutcome(key=name, recording=f"/videos/{name}.mp4", document=document, wall_s=2.0, **outcome)


VERDICTS = ((1, "good"), (2, "anomalous"), (3, "unsure"))
OUTCOMES = [
    analysed("good", a_rep(1), a_rep(2)),
    analysed("bad", a_rep(1, "anomalous", "shallow", "rushed"), a_rep(2, "anomalous", "shallow"), a_rep(3)),
    analysed("worse", a_rep(1, "anomalous")),
    analysed("dark", a_rep(1, "unsure"), a_rep(2)),
    analysed("empty", exercise=None, with_pose=0),
    analysed("other", exercise=None),
    analysed("torn", a_rep(1), kind="failed", message="40 of 100 frames can't be read."),
    TaskOutcome(key="x", recording="/videos/x.mp4", kind="crashed", message="its process ended by signal 6 (SIGABRT)."),
    TaskOutcome(key="y", recording="/videos/y.mp4", kind="hung", message="not done after 120 s."),
]


def test_a_good_rep_that_misses_its_depth_is_counted_to_check_as_in_the_recording_itself():
    summary = summarise_batch([analysed("high", a_rep(1, standards=(a_depth(9.0, "missed"),)), a_rep(2))])
    assert (summary.anomalous, [line.text for line in summary.worst]) == (1, ["1 of 2 reps: not deep enough"])


def test_lists_say_what_to_look_at_first():
    summary = summarise_batch(OUTCOMES)
    assert (summary.recordings, summary.analysed, summary.reps, summary.anomalous) == (9, 7, 9, 3)
    unknown = summarise_batch([analysed("unknown", *(a_rep(n, verdict, reference="none") for n, verdict in VERDICTS))])
    assert (unknown.anomalous, [line.text for line in unknown.worst]) == (
        1,
        ["1 of 3 reps: different, without a named fault"],
    )
    assert [line.name for line in summary.failures] == ["videos/x.mp4", "videos/y.mp4"]
    assert [line.text for line in summary.damaged] == ["40 of 100 frames can't be read."]
    assert [line.text for line in summary.empty] == ["nobody was seen", "the exercise was not recognised"]
    assert [line.text for line in summary.doubtful] == ["1 of 2 reps not judged"]
    assert [line.text for line in summary.worst] == [
        "1 of 1 rep: different, without a named fault",
        "2 of 3 reps: not deep enough",
    ]
    squats = summary.exercises["squat"]
    assert (squats.recordings, squats.faults) == (5, {"shallow": 2, "rushed": 1})


def test_lists_are_bounded_and_say_how_many_there_are():
    many = [analysed(f"v{number:03}", a_rep(1, "anomalous"), *[a_rep(2)] * (number % 7)) for number in range(MOST + 20)]
    summary = summarise_batch(many)
    assert len(summary.worst) == MOST + 20
    of = [int(re.match(r"1 of (\d+) rep", line.text).group(1)) for line in summary.worst]
    assert of == sorted(of)
    assert f"The first {MOST} of {MOST + 20}." in render_summary(summary, 0)


def test_a_page_escapes_names_and_tells_what_is_left():
    summary = summarise_batch([TaskOutcome(key="x", recording="/v/<script>.mp4", kind="failed", message="<b>")])
    html = render_summary(summary, 1234)
    assert "<script>" not in html
    assert "<b>" not in html
    assert "1,234 recordings are not done yet" in html


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps such a name")
def test_tables_go_into_a_folder_whose_name_is_not_utf_8(tmp_path):
    pytest.importorskip("pyarrow", reason="of the extra parquet, is not installed")
    folder = tmp_path / "a\udcff"
    folder.mkdir()
    write_tables(folder, OUTCOMES)
    assert (folder / "reps.parquet").read_bytes().startswith(b"PAR1")


def test_tables_hold_each_recording_rep_fault_and_error(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_summary, "PART", 2)
    write_tables(tmp_path, OUTCOMES)
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow, of the extra parquet, is not installed")
    found = {path.stem: parquet.read_table(path).to_pylist() for path in tmp_path.glob("*.parquet")}
    assert [row["state"] for row in found["recordings"]] == ["done"] * 6 + ["damaged"] + ["failed"] * 2
    assert [row["anomalous"] for row in found["recordings"]] == [0, 2, 1, 0, 0, 0, 0, 0, 0]
    assert len(found["reps"]) == 9
    assert found["reps"][2]["faults"] == ["shallow", "rushed"]
    assert [(row["recording"], row["rep"], row["name"]) for row in found["faults"]] == [
        ("/videos/bad.mp4", 1, "shallow"), ("/videos/bad.mp4", 1, "rushed"), ("/videos/bad.mp4", 2, "shallow"),
    ]  # fmt: skip
    assert [row["kind"] for row in found["errors"]] == ["failed", "crashed", "hung"]
    for name, rows in found.items():
        assert as_csv(tmp_path / f"{name}.csv") == [{key: cell(value) for key, value in row.items()} for row in rows]


def as_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cell(value):
    return "" if value is None else "; ".join(value) if isinstance(value, list) else str(value)


def test_without_pyarrow_the_tables_are_csv_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_summary, "find_spec", lambda _: None)
    write_tables(tmp_path, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "errors.csv", "faults.csv", "recordings.csv", "reps.csv",
    ]  # fmt: skip
    assert as_csv(tmp_path / "reps.csv") == []
    write_tables(tmp_path, [TaskOutcome(key="x", recording="=cmd|x.mp4", kind="failed", message="no video")])
    assert as_csv(tmp_path / "errors.csv") == [{"recording": "'=cmd|x.mp4", "kind": "failed", "message": "no video"}]
