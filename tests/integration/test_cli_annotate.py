"""`livecoach lab annotate`, as a user runs it."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import virtual_screen
from builders.command import Begun, begun, run
from builders.observations import a_deadlift, a_header
from builders.sources import write_video
from builders.systems import has_no_screen
from builders.virtual_screen import Screen, give_keyboard, needs_x
from builders.waiting import wait_until
from click.testing import CliRunner

from livecoach.cli import lab_annotate
from livecoach.core.documents import codec
from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.errors import ConfigError, OutputError, SourceError
from livecoach.lab.annotation import Annotation, load, save, stages_file

SEEN = [codec.round_observation(seen) for seen in a_deadlift(reps=1)[:40]]


def a_video(folder: Path) -> Path:
    """A video, and what was seen in it beside it, so that no pose is needed."""
    video = write_video(folder / "set1.mp4", times_ms=range(0, 33 * len(SEEN), 33))
    with ObservationWriter(folder / "set1.obs", a_header(name=video.name)) as writer:
        for seen in SEEN:
            writer.write(seen)
    return video


@contextmanager
def marking(video: Path, screen: Screen) -> Iterator[Begun]:
    """Open the window and give it the keyboard; what is left of it is ended."""
    arguments = ("lab", "annotate", "--exercise", "deadlift", video)
    with begun(*arguments, home=video.parent, display=screen["DISPLAY"]) as child:
        give_keyboard(screen, child.process)
        yield child


def press(screen: Screen, key: str, done: Callable[[], bool]) -> None:
    """Press a key and wait for what it does: keys that come at once are one key for the toolkit."""
    virtual_screen.press(screen, key)
    wait_until(done, f"{key} has done something")


def stages(video: Path) -> dict[int, str]:
    return dict(load(stages_file(video), SEEN).stages)


@pytest.mark.parametrize(("marked", "at"), [(None, 0), (0, 1), (20, 21), (len(SEEN) - 1, len(SEEN) - 1)])
def test_annotate_opens_at_the_first_frame_after_the_marked_frames(tmp_path, monkeypatch, marked, at):
    video = a_video(tmp_path)
    if marked is not None:
        save(stages_file(video), Annotation(stages={SEEN[marked].index: "up"}, reps=()), SEEN, video.name)
    opened = []
    monkeypatch.setattr(lab_annotate.Window, "failure_reason", lambda _: None)
    monkeypatch.setattr(
        "livecoach.lab.annotate.run_annotation", lambda _, state, *__: opened.append(state.position) or state
    )
    outcome = CliRunner().invoke(lab_annotate.annotate, [str(video), "--exercise", "deadlift"])
    assert (outcome.exit_code, opened) == (0, [at]), outcome.output


@needs_x
def test_marks_are_stored_and_a_later_run_adds_to_them(tmp_path, screen):
    video = a_video(tmp_path)
    with marking(video, screen) as child:
        press(screen, "u", lambda: stages(video) == {0: "up"})
        press(screen, "d", lambda: stages(video) == {0: "up", 1: "down"})
        press(screen, "q", lambda: child.process.poll() is not None)
        done = child.end()
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    assert "2 frames, 0 reps" in done.stdout
    with marking(video, screen) as child:
        press(screen, "g", lambda: len(load(stages_file(video), SEEN).reps) == 1)
        press(screen, "q", lambda: child.process.poll() is not None)
    assert stages(video) == {0: "up", 1: "down"}
    assert load(stages_file(video), SEEN).reps[0].frame == 2


@needs_x
def test_ctrl_c_keeps_the_marks(tmp_path, screen):
    video = a_video(tmp_path)
    with marking(video, screen) as child:
        press(screen, "n", lambda: stages(video) == {0: "neutral"})
        done = child.end(signal.SIGINT)
    assert done.returncode == 130
    assert "interrupted; the marks are in" in done.stderr
    assert "Traceback" not in done.stderr
    assert stages(video) == {0: "neutral"}


@has_no_screen
def test_without_a_screen_annotate_says_that_it_needs_one(tmp_path):
    outcome = run("lab", "annotate", "--exercise", "deadlift", a_video(tmp_path), home=tmp_path)
    assert outcome.returncode == OutputError.exit_code
    assert outcome.stderr == "livecoach: no window: DISPLAY is not set. annotate needs a screen.\n"
    assert not stages_file(tmp_path / "set1.mp4").exists()


@needs_x
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("set1.annotation.csv", "class,x1\nup,0.5\n", "y1 is missing"),
        ("set1.annotation.json", json.dumps({"format": 1}), "recording: Field required"),
        ("set1.obs", "nonsense", "damaged record"),
    ],
)
def test_a_file_of_marks_that_annotate_did_not_write_is_left_alone(tmp_path, screen, name, content, says):
    video = a_video(tmp_path)
    (tmp_path / name).write_text(content)
    with begun("lab", "annotate", "--exercise", "deadlift", video, home=tmp_path, display=screen["DISPLAY"]) as child:
        outcome = child.end()
    assert outcome.returncode in {ConfigError.exit_code, SourceError.exit_code}
    assert f"{tmp_path / name}: " in outcome.stderr.splitlines()[-1]
    assert says in outcome.stderr.splitlines()[-1]
    assert (tmp_path / name).read_text() == content
