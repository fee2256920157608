"""A full disk: what is recorded waits for room, and nothing on the disk is half written."""

import errno
import os
import threading
from collections import namedtuple
from contextlib import closing
from pathlib import Path
from queue import Queue

import numpy as np
import pytest
from builders.command import SQUAT_OBSERVATIONS
from builders.observations import an_observation
from builders.sessions import a_document, at
from builders.sources import FakeClock
from builders.waiting import wait_until
from click.testing import CliRunner

from livecoach.capture.stored_observations import StoredObservations
from livecoach.cli import cli
from livecoach.core.config import files
from livecoach.core.documents import HintEvent
from livecoach.core.errors import OutputError
from livecoach.records.session import layout, recorder
from livecoach.records.session.listing import list_sessions
from livecoach.records.session.opening import open_session
from livecoach.records.session.recorder import FULL_TEXT, LOW_SPACE_TEXT, Recorder
from livecoach.run import process

Usage = namedtuple("Usage", "total used free")


class Disk:
    """A disk that may be full, or fail by another error: files take half of what is written then. full_for: the only
    file for which it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, self.free_bytes, self.full_for, self.errno = False, 10**12, None, errno.ENOSPC
        create = files.open_new_private
        monkeypatch.setattr(
            recorder.files, "open_new_private", lambda path, **how: _File(create(path, **how), self, path.name)
        )
        monkeypatch.setattr(recorder.shutil, "disk_usage", lambda _: Usage(10**13, 0, self.free_bytes))


class _File:
    def __init__(self, file, disk: Disk, name: str) -> None:
        self._file, self._disk, self._own = file, disk, name

    def write(self, content: bytes) -> int:
        if not self._disk.full or self._disk.full_for not in (None, self._own):
            return self._file.write(content)
        self._file.write(content[: len(content) // 2])
        raise OSError(self._disk.errno, os.strerror(self._disk.errno))

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str):
        return getattr(self._file, name)


@pytest.fixture
def disk(monkeypatch) -> Disk:
    """The disk of the sessions."""
    return Disk(monkeypatch)


def hand_in(recorded: Recorder, first: int, count: int) -> None:
    """Hand in frames with a picture and an event each, and wait until the recorder has taken them."""
    for number in range(first, first + count):
        recorded.add_observation(an_observation(t_s=number / 30, index=number), np.full((48, 64, 3), number, np.uint8))
        recorded.add_event(HintEvent(t_s=number / 30, hint=None))
        wait_until(lambda: not (recorded._small or recorded._pictures))
    recorded.add_log_line("waiting")  # written or held once the recorder waits for more
    wait_until(lambda: not recorded._small)


def indices(folder: Path) -> list[int]:
    with closing(StoredObservations(folder / layout.OBSERVATIONS)) as source:
        return [frame.index for frame in iter(source.read, None)]


@pytest.mark.parametrize(
    ("error", "told"),
    [(errno.ENOSPC, FULL_TEXT), (errno.EDQUOT, FULL_TEXT), (errno.EIO, "recording stopped: Input/output error")],
)
def test_recording_goes_on_when_the_disk_takes_something_again(tmp_path, disk, error, told):
    """Nothing that was seen meanwhile is lost, and no line is cut in half."""
    clock = FakeClock()
    recorded = Recorder(tmp_path, a_document(), video=False, clock=clock)
    hand_in(recorded, 0, 5)
    disk.full, disk.errno = True, error
    hand_in(recorded, 5, 5)
    wait_until(lambda: recorded.problem == told)
    clock.now_s += recorder.CHECK_EVERY_S
    hand_in(recorded, 10, 5)  # still not
    assert recorded.problem == told
    disk.full = False
    clock.now_s += recorder.CHECK_EVERY_S
    hand_in(recorded, 15, 5)
    wait_until(lambda: recorded.problem is None)
    ending = recorded.close()
    assert indices(tmp_path) == list(range(20))
    assert (tmp_path / layout.EVENTS).read_text().count("\n") == 20
    assert ending.stopped is None


def test_an_error_that_passes_does_not_end_the_video(tmp_path, monkeypatch):
    """It lacks the pictures of a few seconds, and the end says how many."""
    clock, errors = FakeClock(), [OSError(errno.EIO, os.strerror(errno.EIO))]
    recorded = Recorder(tmp_path, a_document(), video=True, clock=clock)
    hand_in(recorded, 0, 5)
    monkeypatch.setattr(recorder, "_SYNC", lambda _: errors and raises(errors.pop()))
    clock.now_s += recorder.SYNC_EVERY_S
    hand_in(recorded, 5, 5)
    wait_until(lambda: recorded.problem is not None)
    clock.now_s += recorder.CHECK_EVERY_S
    hand_in(recorded, 10, 5)
    ending = recorded.close()
    assert ending.stopped is None
    assert ending.video.frames + ending.video.left_out == 15
    assert 10 <= ending.video.frames < 15
    assert indices(tmp_path) == list(range(15))


def raises(error: Exception) -> None:
    raise error


@pytest.mark.usefixtures("open_files_move")
@pytest.mark.parametrize("after_s", [0.0, recorder.CHECK_EVERY_S])
@pytest.mark.parametrize("by", ["a folder", "nothing"])
def test_a_file_that_is_moved_away_is_reported(tmp_path, by, after_s):
    """Within seconds, and at the end: what is written to it from then on is lost."""
    clock = FakeClock()
    recorded = Recorder(tmp_path, a_document(), video=False, clock=clock)
    hand_in(recorded, 0, 5)
    (tmp_path / layout.REPS).rename(tmp_path / "moved")
    if by == "a folder":
        (tmp_path / layout.REPS).mkdir()
    clock.now_s += after_s
    hand_in(recorded, 5, 5)
    told = f"recording stopped: {layout.REPS} was moved or replaced"
    assert recorded.problem == (told if after_s else None)
    assert recorded.close().stopped == told


def test_an_error_of_the_video_ends_the_video_alone(tmp_path, disk):
    clock = FakeClock()
    recorded = Recorder(tmp_path, a_document(), video=True, clock=clock)
    hand_in(recorded, 0, 5)
    disk.full, disk.errno, disk.full_for = True, errno.EIO, layout.VIDEO
    hand_in(recorded, 5, 30)
    clock.now_s += recorder.CHECK_EVERY_S
    hand_in(recorded, 35, 5)
    assert recorded.close().stopped == "video recording stopped: Input/output error"
    assert indices(tmp_path) == list(range(40))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (layout.OBSERVATIONS, FULL_TEXT),
        (layout.VIDEO, "video recording stopped: the disk was full"),
        (layout.EVENTS, FULL_TEXT),
    ],
)
def test_a_full_disk_ends_the_recording_and_nothing_else(tmp_path, disk, name, told):
    """It is reported, the files are readable up to there, and recording calls go on without an error."""
    recorded = Recorder(tmp_path, a_document(), video=True)
    hand_in(recorded, 0, 5)
    disk.full, disk.full_for = True, name
    hand_in(recorded, 5, 30)
    assert recorded.close().stopped == recorded.problem == told
    assert not recorded.is_recording_video
    kept = indices(tmp_path)
    assert kept == list(range(len(kept)))
    assert len(kept) == (35 if name == layout.VIDEO else 5)


def test_records_that_do_not_fit_into_memory_either_are_reported(tmp_path, disk, monkeypatch):
    """The oldest observations make way, no event does."""
    monkeypatch.setattr(recorder, "MOST_HELD_ITEMS", 10)
    clock = FakeClock()
    recorded = Recorder(tmp_path, a_document(), video=False, clock=clock)
    disk.full = True
    hand_in(recorded, 0, 8)
    wait_until(lambda: recorded.problem == FULL_TEXT)
    disk.full = False
    ending = recorded.close()
    lost = 8 - len(indices(tmp_path))
    assert 0 < lost < 8
    assert indices(tmp_path) == list(range(lost, 8))
    assert (tmp_path / layout.EVENTS).read_text().count("\n") == 8
    assert ending.stopped == f"recording stopped for {lost} frames: the disk took no more"


def test_a_disk_that_is_nearly_full_is_reported_before_it_is_full(tmp_path, disk):
    clock = FakeClock()
    recorded = Recorder(tmp_path, a_document(), video=False, clock=clock)
    hand_in(recorded, 0, 1)
    assert recorded.problem is None
    for free_bytes, told in ((recorder.LOW_SPACE_BYTES - 1, LOW_SPACE_TEXT), (recorder.LOW_SPACE_BYTES, None)):
        disk.free_bytes = free_bytes
        clock.now_s += recorder.CHECK_EVERY_S
        hand_in(recorded, 1, 1)
        assert recorded.problem == told
    assert recorded.close().stopped is None


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_disk_that_is_full_at_the_start_leaves_no_session(sessions, monkeypatch, after):
    """Whatever was written by then: half a session can't be opened."""
    create, made = files.open_new_private, []

    def failing(path: Path, **how: int):
        made.append(path)
        if len(made) > after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return create(path, **how)

    monkeypatch.setattr(recorder.files, "open_new_private", failing)
    with pytest.raises(OutputError, match="no session can be recorded"):
        recorder.start_recording(a_document(), at(2026, 3, 1), [], video=False)
    assert list(sessions.iterdir()) == []
    assert list(list_sessions()) == []


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize(("name", "status"), [(None, 0), (layout.REPS, 7)])
def test_an_analysis_whose_session_lacks_something_says_why_once_and_by_its_status(disk, name, status):
    disk.full, disk.full_for = name is not None, name
    result = CliRunner().invoke(cli, ["analyze", str(SQUAT_OBSERVATIONS), "--record"])
    assert (result.exit_code, result.output.count(FULL_TEXT)) == (status, status // 7), result.output


@pytest.mark.usefixtures("sessions")
def test_a_film_whose_end_could_not_be_written_is_closed_by_the_next_command(monkeypatch):
    """Only an analysis that was cut off is deleted. An uploaded film is nowhere but in its session."""
    write = layout.write_document
    with monkeypatch.context() as full:
        error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        full.setattr(layout, "write_document", lambda *of: raises(error) if of[1].end else write(*of))
        result = CliRunner().invoke(cli, ["analyze", str(SQUAT_OBSERVATIONS), "--record"])
    assert (result.exit_code, "its end could not be written" in result.output) == (7, True), result.output
    listed = CliRunner().invoke(cli, ["sessions", "list"])
    assert "It is saved: `livecoach report" in listed.output


def test_a_session_whose_disk_was_full_at_its_end_is_read(sessions, disk):
    recorded = recorder.start_recording(a_document(), at(2026, 3, 1), [], video=False)
    hand_in(recorded, 0, 5)
    disk.full = True
    hand_in(recorded, 5, 5)
    ending = recorded.end()
    said: list[str] = []
    assert ending is None or ending.stopped == FULL_TEXT
    assert indices(recorded.folder) == list(range(5))
    open_session(recorded.folder, said.append)
    stopped = [] if ending is None else [FULL_TEXT]
    assert said == [f"{recorded.folder / layout.DOCUMENT}: {line}" for line in stopped]
    assert [(entry.problem, entry.stopped) for entry in list_sessions()] == [(None, *(stopped or [None]))]
    assert sessions.is_dir()


def offer(recorded: Recorder, first: int, count: int) -> None:
    """Hand in frames with an event each."""
    for number in range(first, first + count):
        recorded.add_observation(an_observation(t_s=number / 30, index=number), None)
        recorded.add_event(HintEvent(t_s=number / 30, hint=None))


class HungDisk:
    """A disk that keeps each flush waiting while it hangs."""

    def __init__(self, monkeypatch):
        self.asked, self.answers = threading.Event(), threading.Event()
        monkeypatch.setattr(recorder, "_SYNC", self._flush)

    def _flush(self, _):
        self.asked.set()
        self.answers.wait()


@pytest.fixture
def hung(request, tmp_path, monkeypatch):
    """A recorder whose disk has not answered for longer than it may, and the disk. Parameter: whether with a video."""
    clock = FakeClock()
    recorded = Recorder(tmp_path, a_document(), video=getattr(request, "param", False), clock=clock)
    hand_in(recorded, 0, 3)
    disk = HungDisk(monkeypatch)
    offer(recorded, 3, 1)
    wait_until(disk.asked.is_set)
    assert recorded.problem is None
    clock.now_s += recorder.HANGING_S + 1.0
    yield recorded, disk
    disk.answers.set()


def test_a_disk_that_hangs_is_reported_and_costs_nothing(hung, tmp_path):
    """All waits in memory until it answers again."""
    recorded, disk = hung
    assert recorded.problem == "the disk does not answer: the recording waits in memory"
    offer(recorded, 4, 16)
    disk.answers.set()
    wait_until(lambda: recorded.problem is None)
    ending = recorded.close()
    assert indices(tmp_path) == list(range(20))
    assert ending.stopped is None


@pytest.mark.parametrize("hung", [True], indirect=True)
def test_frames_that_a_hanging_disk_costs_are_reported(hung):
    """Pictures do not wait: they would fill the memory."""
    assert hung[0].problem == "the disk does not answer: the video loses pictures"


def test_a_disk_that_hangs_for_long_costs_frames_and_no_event(hung, tmp_path, monkeypatch):
    """What waits in memory has bounds, and what is left out is counted."""
    recorded, disk = hung
    monkeypatch.setattr(recorder, "MOST_WAITING_ITEMS", 10)
    offer(recorded, 4, 16)
    disk.answers.set()
    ending = recorded.close()
    kept = len(indices(tmp_path))
    assert kept in (9, 10)  # the event of the frame before may wait, too, or be with the disk
    assert (tmp_path / layout.EVENTS).read_text().count("\n") == 20
    assert ending.stopped == f"recording stopped for {20 - kept} frames: the disk took no more"


def test_a_command_that_waits_for_its_disk_says_so(sessions, monkeypatch):
    monkeypatch.setattr(process, "SILENT_S", 0.01)
    said: Queue[str] = Queue()
    monkeypatch.setattr(process, "say", said.put)
    with process.report_slow_disk():
        line = said.get(timeout=120)
    assert line == f"{sessions.parent}: its disk does not answer. livecoach goes on when it does."
    assert said.empty()


def test_the_end_waits_for_a_disk_that_hangs_and_says_so(hung, tmp_path, monkeypatch):
    """Until Ctrl-C at the latest; here it answers."""
    recorded, disk = hung
    monkeypatch.setattr(recorder, "HANGING_S", 0.0)
    ending = recorded.close(disk.answers.set)
    assert indices(tmp_path) == list(range(4))
    assert ending.stopped is None
