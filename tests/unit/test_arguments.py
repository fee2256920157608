"""What a command line names: files, sessions, and reps of sessions."""

from pathlib import Path

import pytest
from builders.sessions import a_session

from livecoach.cli.analyze import annotated_paths
from livecoach.cli.arguments import select_reps
from livecoach.cli.options import find_model_folder
from livecoach.core.config.files import protected_files
from livecoach.core.errors import ConfigError, ModelError, OutputError, SessionError
from livecoach.records.session.rep_choice import RepRange


@pytest.fixture
def squat(sessions, monkeypatch):
    """The folder of a session of squats, beside which the commands are given."""
    monkeypatch.chdir(sessions.parents[1])
    return a_session(sessions)


def test_reps_are_named_behind_a_colon(squat):
    first, others = RepRange(set=2, first=1, last=1), RepRange(set=3, first=2, last=4)
    assert select_reps([Path("last:2/1"), Path("2026-03-01:3/2-4")]) == {squat: (first, others)}
    assert select_reps([Path("last:2/1"), squat]) == {squat: None}
    assert select_reps([Path(f"{squat}:2")]) == {squat: (RepRange(set=2),)}


@pytest.mark.usefixtures("squat")
def test_an_argument_that_exists_or_can_only_be_a_file_is_taken_for_a_file(tmp_path):
    there = ("set:3", "last", "last:3")
    for name in there:
        (tmp_path / name).touch()
    for name in (*there, "nope.mp4", "some/where", "C:3.mp4"):
        assert select_reps([Path(name)]) == {Path(name): None}


@pytest.mark.usefixtures("squat")
@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ("nope", SessionError, "no such session"),
        ("last:x", ConfigError, "expected reps such as 2/4"),
        ("set1.mp4:1/1-3", ConfigError, "only reps of sessions can be named here"),
    ],
)
def test_an_argument_that_is_neither_file_session_nor_rep_is_refused(tmp_path, given, kind, says):
    (tmp_path / "set1.mp4").touch()
    with pytest.raises(kind, match=says):
        select_reps([Path(given)])


@pytest.mark.parametrize("out", ["out.avi", "out", "out.mp4.part"])
def test_an_annotated_video_is_an_mp4(out):
    with pytest.raises(ConfigError, match=rf"^{out}: not the name of an MP4 file.*--annotated"):
        annotated_paths(Path(out), (Path("set.mp4"),))


def test_two_annotated_videos_of_one_name_are_refused(tmp_path):
    two = (Path("a/set.mp4"), Path("b/set.obs"))
    with pytest.raises(OutputError, match=r"set-annotated\.mp4: two videos would share this file"):
        annotated_paths(tmp_path / "new", two)


def test_an_annotated_video_that_can_not_be_written_is_reported_before_anything_is_analysed(tmp_path):
    """Nothing that lies there is touched, the other videos' either."""
    (tmp_path / "out" / "b-annotated.mp4").mkdir(parents=True)
    kept = tmp_path / "out" / "a-annotated.mp4"
    kept.write_bytes(b"of last time")
    with pytest.raises(OutputError, match=r"b-annotated\.mp4: .*--annotated"):
        annotated_paths(tmp_path / "out", (Path("a.mp4"), Path("b.mp4")))
    with pytest.raises(OutputError, match=r"gone[/\\]set\.mp4: .*--annotated"):
        annotated_paths(tmp_path / "gone" / "set.mp4", (Path("set.mp4"),))
    assert kept.read_bytes() == b"of last time"


def test_the_error_about_an_exercise_that_was_never_trained_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("livecoach.core.config.paths.models_dir", lambda: tmp_path)
    with pytest.raises(ModelError, match="squat is not trained yet"):
        find_model_folder("squat")
    assert find_model_folder("my-squat") == Path("my-squat")


def test_the_content_of_a_folder_that_is_deleted_meanwhile_needs_no_protection(tmp_path, monkeypatch):
    (tmp_path / "film.mp4").touch()
    assert protected_files((tmp_path,)) == (tmp_path, tmp_path / "film.mp4")
    monkeypatch.setattr(Path, "iterdir", lambda path: (path / "gone").read_bytes())
    assert protected_files((tmp_path,)) == (tmp_path,)
