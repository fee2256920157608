"""What can't be done is said in one line that names it, with status 1; nothing is left behind."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import msgpack
import pytest
from builders.command import CLIPS, TIMEOUT_S, run, surroundings
from builders.observations import a_header
from builders.sources import write_video
from builders.systems import has_full_device
from builders.warm_process import WarmProcess

from livecoach.core.documents import codec
from livecoach.core.errors import CameraError, ConfigError, ModelError, OutputError, SourceError

Said = str | list[str]


def everything_in(folder: Path) -> set[Path]:
    """All that lies there, but what the sound system's own library makes in every home that it sees."""
    sound = {folder / "config", folder / "config" / "pulse", *(folder / "config" / "pulse").rglob("*")}
    return set(folder.rglob("*")) - sound


STATUS = {kind.exit_code for kind in (ConfigError, SourceError, CameraError, ModelError, OutputError)}


def assert_one_line(folder: Path, *arguments: object, says: Said) -> None:
    """It fails with the status of an error and one line that holds what is wanted; its home, the folder, stays."""
    before = everything_in(folder)
    outcome = run(*arguments, home=folder)
    lines = outcome.stderr.splitlines()
    assert (outcome.stdout, len(lines)) == ("", 1), outcome
    assert outcome.returncode in STATUS, outcome
    assert lines[0].startswith("livecoach: ")
    for part in [says] if isinstance(says, str) else says:
        assert part in lines[0]
    assert lines[0].endswith((".", "?"))  # the last sentence says what to do
    assert everything_in(folder) == before


def a_video(folder: Path) -> Path:
    return write_video(folder / "set.mp4", times_ms=[0, 33, 66])


def text_file(folder: Path) -> Path:
    path = folder / "notes.mp4"
    path.write_text("three sets of five\n" * 100)
    return path


def of_tomorrow(folder: Path) -> Path:
    header = msgpack.unpackb(codec.encode_header(a_header()))
    path = folder / "tomorrow.obs"
    path.write_bytes(codec.make_record(msgpack.packb({**header, "version": codec.VERSION + 1})))
    return path


RECORDINGS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a folder": (lambda folder: folder, "neither a session nor a folder with recordings"),
    "a text": (text_file, "not a video"),
    "observations written by a newer livecoach": (of_tomorrow, "update livecoach"),
}
"""What is no recording; test_video_file.py has all that is no video."""


@pytest.mark.parametrize("what", RECORDINGS)
def test_the_error_about_a_file_that_is_no_recording_names_it(tmp_path, what):
    make, says = RECORDINGS[what]
    path = make(tmp_path)
    assert_one_line(tmp_path, "analyze", path, "--json", "-", "--annotated", "out.mp4", says=[str(path), says])


@pytest.mark.parametrize(
    "words",
    [
        ["analyze", "{}", "--json", "-"],
        ["replay", "{}", "--fast"],
        ["lab", "annotate", "{}", "--exercise", "squat"],
        ["analyze", "{}", "--out", "results"],
        ["lab", "dataset", "{}", "--exercise", "squat", "--out", "set"],
        ["report", "{}"],
    ],
    ids=" ".join,
)
def test_a_name_longer_than_any_file_system_allows_is_named(tmp_path, words):
    """Asking whether there is such a file raises an error of its own."""
    a_video(tmp_path)
    name = "x" * 300
    assert_one_line(tmp_path, *(word.replace("{}", name) for word in words), says=name)


@pytest.mark.parametrize(
    "words",
    [
        ["analyze", "set.mp4", "--json", "con.json"],
        ["analyze", "set.mp4", "two.mp4", "--annotated", "prn"],
        ["analyze", "set.mp4", "--out", "COM1"],
        ["replay", "set.mp4", "--fast", "--profile", "con"],
        ["config", "set", "profile", "LPT1"],
    ],
    ids=" ".join,
)
def test_the_name_of_a_device_in_windows_is_refused(tmp_path, words):
    """On every system: a file or a profile may be taken there."""
    (tmp_path / "two.mp4").write_bytes(a_video(tmp_path).read_bytes())
    assert_one_line(tmp_path, *words, says="is the name of a device in Windows")


@pytest.mark.parametrize("words", [["analyze", ""], ["analyze", "set.mp4", "--out", ""], ["sessions", "import", ""]])
def test_an_empty_path_is_not_the_current_folder(tmp_path, words):
    """A shell makes one of a variable that is not set."""
    a_video(tmp_path)
    before = everything_in(tmp_path)
    outcome = run(*words, home=tmp_path)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.endswith("the path is empty. Name a file or a folder.\n")
    assert everything_in(tmp_path) == before


def test_three_frames_are_a_video(tmp_path):
    outcome = run("analyze", a_video(tmp_path), "--exercise", "deadlift", "--json", "-", home=tmp_path)
    document = json.loads(outcome.stdout)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert (document["source"]["frames"], document["reps"], document["view"]) == (3, [], None)


def a_port_where_nobody_listens() -> int:
    with socket.socket() as once:
        once.bind(("127.0.0.1", 0))
        port: int = once.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("camera", "says"),
    [
        ("63", "camera 63"),
        ("9" * 30, "camera 999"),
        ("set1.mp4", "`livecoach replay FILE`"),
        ("http://me:secret@127.0.0.1:{port}/video", "http://127.0.0.1:{port}/video did not open"),
    ],
)
def test_a_camera_that_does_not_open_is_named(tmp_path, camera, says):
    port = a_port_where_nobody_listens()
    arguments = ("live", "--camera", camera.format(port=port), "--no-window", "--events", "events.jsonl")
    assert_one_line(tmp_path, *arguments, says=says.format(port=port))


@pytest.mark.parametrize(("content", "says"), [(None, "can't be read"), (b"no model", "is no pose model")])
def test_the_error_about_a_file_that_is_no_pose_model_names_it(tmp_path, content, says):
    path = tmp_path / "mine.task"
    if content is not None:
        path.write_bytes(content)
    assert_one_line(tmp_path, "analyze", a_video(tmp_path), "--pose", path, says=[str(path), says])


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "out"
    assert_one_line(tmp_path, "analyze", a_video(tmp_path), CLIPS / "nobody.mp4", "--annotated", place, says=str(place))


def test_a_recording_whose_exercise_is_unknown_is_closed(tmp_path, monkeypatch):
    """Its exercise is unknown: not a word of Python's about a file left open."""
    monkeypatch.setenv("PYTHONWARNINGS", "default::ResourceWarning")
    recording = tmp_path / "set.obs"
    recording.write_bytes(codec.make_record(codec.encode_header(a_header())))
    assert_one_line(tmp_path, "replay", recording, "--fast", "--exercise", "curl", says="'curl'")


def test_a_batch_of_an_unknown_exercise_is_refused_at_once(tmp_path):
    batch = ("analyze", a_video(tmp_path), "--out", tmp_path / "out", "--exercise", "sqat")
    assert_one_line(tmp_path, *batch, says="Did you mean 'squat'?")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["analyze", "replay", "report"])
def test_an_unknown_exercise_is_reported_without_a_word_about_a_new_profile(tmp_path, command):
    named = ("--profile", "anna", "--exercise", "sqat")
    assert_one_line(tmp_path, command, a_video(tmp_path), *named, says="Did you mean 'squat'?")


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "set.mp4", "--json", "set.mp4"],
        ["analyze", "set.mp4", "--annotated", "set.mp4"],
        ["replay", "set.mp4", "--fast", "--events", "set.mp4"],
        ["lab", "observe", "set.mp4", "--out", "./set.mp4"],
    ],
    ids=lambda arguments: arguments[-2],
)
def test_a_recording_is_never_written_over(tmp_path, arguments):
    before = a_video(tmp_path).read_bytes()
    assert_one_line(tmp_path, *arguments, says="is the recording itself")
    assert (tmp_path / "set.mp4").read_bytes() == before


@has_full_device
@pytest.mark.parametrize(
    "arguments", [["exercises"], ["analyze", "set.mp4", "--exercise", "deadlift", "--json", "-"]], ids=" ".join
)
def test_a_full_disk_behind_standard_output_is_reported(tmp_path, arguments):
    a_video(tmp_path)
    with Path("/dev/full").open("w") as full, (tmp_path / "said").open("w+") as said:
        around = {"env": surroundings(tmp_path), "cwd": tmp_path}
        process = WarmProcess(arguments, stdout=full.fileno(), stderr=said.fileno(), **around)
        assert process.wait(TIMEOUT_S) == OutputError.exit_code
        said.seek(0)
        (line,) = said.read().splitlines()
    assert line.startswith("livecoach: standard output: can't be written")


@has_full_device
def test_a_full_device_is_reported_by_its_name(tmp_path):
    assert_one_line(tmp_path, "sessions", "list", "--json", "/dev/full", says="/dev/full: can't be written")


def test_debug_shows_the_traceback_of_an_error(tmp_path):
    outcome = run("--debug", "analyze", "nope.mp4", home=tmp_path)
    assert outcome.returncode == SourceError.exit_code
    assert outcome.stderr.startswith("Traceback")
    assert outcome.stderr.splitlines()[-1].startswith("livecoach: nope.mp4: no such file")
