"""What is told of a recording, on disk: the dissertation's CSV of stages, and the marks of reps beside it."""

import numpy as np
import pytest
from builders.observations import a_recording, an_observation
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.errors import LivecoachError, OutputError, SourceError
from livecoach.lab.annotation import COLUMNS, STAGES, Annotation, RepMark, load, read_labels, read_stages, save

HEADER = ",".join(COLUMNS)
MARKS = (RepMark(frame=1, at_s=0.05, label="good"), RepMark(frame=3, at_s=0.15, label="hips_early"))


def a_line(stage: str = "up", **changed: str) -> str:
    values = dict.fromkeys(COLUMNS, "0.5") | {"class": stage} | changed
    return ",".join(values.values())


@given(
    st.dictionaries(st.integers(0, 11), st.sampled_from(STAGES)),
    st.lists(
        st.builds(RepMark, frame=st.integers(0, 11), at_s=st.floats(0, 99), label=st.sampled_from(["good", "bad", "é"]))
    ),
)
def test_a_saved_annotation_is_read_back(tmp_path_factory, stages, reps):
    path, seen = tmp_path_factory.mktemp("a") / "a.csv", a_recording(12)
    told = Annotation(stages=stages, reps=tuple(reps))
    save(path, told, seen, "set1.mp4")
    assert load(path, seen) == told


def test_the_csv_has_the_columns_of_the_dissertation(tmp_path):
    """133 columns: class, then x, y, z and visibility of each landmark in BlazePose order; a row for a marked frame.
    Then the number and the time of the frame, which the dissertation's files lack, and which need not be there."""
    path, seen = tmp_path / "a.csv", a_recording()
    save(path, Annotation(stages={3: "down", 1: "up"}), seen, "set1.mp4")
    header, first, second = (line.split(",") for line in path.read_text().splitlines())
    assert (len(header), header[:6]) == (135, ["class", "x1", "y1", "z1", "v1", "x2"])
    assert header[132:] == ["v33", "frame", "t_s"]
    assert [first[0], second[0]] == ["up", "down"]
    assert np.array_equal(np.array(first[1:133], np.float32), seen[1].landmarks[:, :4].ravel())
    assert first[133:] == ["1", "0.0500"]
    rows = [line.rsplit(",", 2)[0] for line in path.read_text().splitlines()]
    path.write_text("\n".join(rows))
    assert load(path, seen).stages == {1: "up", 3: "down"}


def test_frames_are_found_by_their_landmarks(tmp_path):
    seen = a_recording()
    seen[3] = an_observation(index=3, t_s=0.15, landmarks=np.array(seen[2].landmarks))
    path = tmp_path / "a.csv"
    save(path, Annotation(stages={2: "up", 3: "down", 0: "neutral"}), seen, "set1.mp4")
    assert load(path, seen).stages == {0: "neutral", 2: "up", 3: "down"}
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *lines[:0:-1]]))
    assert load(path, seen).stages == {0: "neutral", 2: "down", 3: "up"}


def test_the_annotation_of_another_recording_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    save(path, Annotation(stages={0: "up"}), a_recording(), "set1.mp4")
    with pytest.raises(SourceError, match=r"a\.csv: line 2: no frame of the recording has these landmarks"):
        load(path, a_recording(seed=1))
    save(path, Annotation(stages={}, reps=MARKS), a_recording(), "set1.mp4")
    with pytest.raises(SourceError, match=r"a\.json: the recording has no frame 3"):
        load(path, a_recording(2))


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([HEADER, a_line(y7="")], "line 2: could not convert string to float"),
        ([HEADER, a_line(y7="nan")], "line 2: no frame of the recording has these landmarks"),
        ([HEADER, a_line(), a_line("sideways")], "line 2: no frame of the recording"),
        ([HEADER, a_line("sideways")], "line 2: class is 'sideways', expected one of up, down, neutral"),
        ([HEADER, "up,0.5"], "line 2: y1 is missing, expected the columns class, x1, y1, z1, v1, x2, …"),
        ([HEADER.replace("z5,", "")], "line 1: z5 is missing"),
        (["up,0.5"], "line 1: class is missing"),
        ([""], "line 1: class is missing"),
    ],
)
def test_the_error_names_a_wrong_row_of_an_annotation(tmp_path, lines, says):
    path = tmp_path / "set1.annotation.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    with pytest.raises(LivecoachError) as caught:
        read_stages(path, a_recording())
    assert f"{path}: {says}" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{}", "format: Field required"),
        ('{"format": 2, "recording": "a", "reps": []}', "format 2; this livecoach reads format 1"),
        ('{"format": 1, "recording": "a", "reps": [{"frame": 1, "at_s": NaN, "label": "good"}]}', "reps.0.at_s"),
        ('{"format": 1, "recording": "a", "reps": [{"frame": -1, "at_s": 0, "label": ""}]}', "reps.0.frame"),
    ],
)
def test_the_error_names_wrong_marks_of_an_annotation(tmp_path, content, says):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(SourceError) as caught:
        read_labels(path)
    assert str(caught.value).startswith(f"{path}: {says}")


def test_an_annotation_that_cannot_be_saved_is_reported(tmp_path):
    path = tmp_path / "a.csv"
    path.mkdir()
    with pytest.raises(OutputError, match=r"a\.csv: can't be written"):
        save(path, Annotation(stages={0: "down"}), a_recording(), "set1.mp4")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "a.json"]
