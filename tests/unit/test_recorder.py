"""The recorder: what is handed in lies in the files, at the times of then; what fails costs the rest nothing."""

import os
import threading
from contextlib import closing
from pathlib import Path

import av
import numpy as np
import pytest
from builders.observations import a_squat, an_observation
from builders.sessions import a_document
from builders.steps import a_rep
from builders.systems import mode_of

from livecoach.capture.stored_observations import StoredObservations
from livecoach.core.documents import CueEvent, HintEvent, RepEvent, SetLogEvent, codec, to_json
from livecoach.records.session import layout, video
from livecoach.records.session import recorder as recorders
from livecoach.records.session.recorder import (
    MOST_WAITING_PICTURES,
    SYNC_EVERY_S,
    RecordedFiles,
    Recorder,
    has_room_for_picture,
)
from livecoach.records.session.video import MOST_HOLD_S, SessionPictures


def a_recorder(folder: Path, *, video: bool = False) -> Recorder:
    return Recorder(folder, a_document(), video=video)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return a_recorder(tmp_path, video=True)


def grey(value: int, width_px: int = 64, height_px: int = 48) -> np.ndarray:
    return np.full((height_px, width_px, 3), value, np.uint8)


def stored(folder: Path) -> list[bytes]:
    with closing(StoredObservations(folder / layout.OBSERVATIONS)) as source:
        return list(source.payloads)


def times_s(folder: Path) -> list[float]:
    with av.open(str(folder / layout.VIDEO)) as video:
        return [frame.time for frame in video.decode(video=0)]


def test_further_reference_reps_are_linked_all_or_none(tmp_path):
    """Where the disk fills up at the second, the first is not left behind."""
    with closing(a_recorder(tmp_path)) as recorder:
        (tmp_path / "a.rep").write_bytes(b"a")
        assert recorder.add_reference([tmp_path / "a.rep", tmp_path / "gone.rep"]) == ()
        assert [*(tmp_path / layout.REFERENCE).iterdir()] == []
        assert recorder.add_reference([tmp_path / "a.rep"]) == ("000.rep",)


def test_observations_come_back_to_the_byte(tmp_path):
    recorder, seen = a_recorder(tmp_path), [codec.round_observation(o) for o in a_squat()]
    for observation in seen:
        recorder.add_observation(observation, None)
    ending = recorder.close()
    assert stored(tmp_path) == [codec.encode(o) for o in seen]
    assert ending.video is None


def test_the_last_event_reaches_the_disk_though_no_frame_follows(tmp_path, monkeypatch):
    """The camera goes away after a rep: no frame comes any more that would give it to the disk."""
    flushed, done = [], threading.Event()

    def flush(handle: int) -> None:
        flushed.append(os.fstat(handle).st_ino)
        if (tmp_path / layout.REPS).stat().st_ino in flushed:
            done.set()

    monkeypatch.setattr(recorders, "_SYNC", flush)
    recorder = a_recorder(tmp_path)
    assert flushed == [(tmp_path / layout.OBSERVATIONS).stat().st_ino]  # for which the lifter waits
    recorder.add_event(RepEvent(t_s=2.0, latency_ms=31.0, rep=a_rep()))
    reached = done.wait(120.0)
    recorder.close()
    assert reached


@pytest.mark.parametrize("seconds", [(0, 1), (0, 1, 2, 3)], ids=["nothing waits", "pictures wait"])
def test_every_file_reaches_the_disk_at_one_frame_a_second(tmp_path, monkeypatch, seconds):
    """The observations, which are always due, keep no other file from its turn, also where one is flushed at a time."""
    flushed: list[int] = []
    monkeypatch.setattr(recorders, "_SYNC", lambda handle: flushed.append(os.fstat(handle).st_ino))
    recorded = RecordedFiles(tmp_path)
    names = (layout.OBSERVATIONS, layout.REPS, layout.CUES)
    for name in names:
        recorded.create(name)
    for second in seconds:
        recorded.append({layout.OBSERVATIONS: b"frame"})
        recorded.sync_due_files(SYNC_EVERY_S * second, lambda: len(seconds) > 2)
    recorded.close()
    assert flushed == [(tmp_path / name).stat().st_ino for name in names]


def test_events_are_stored_by_their_kind_without_latencies(tmp_path):
    """Each in its file, which most sessions lack for logs and corrections; what was decided does not depend on how
    fast."""
    recorder = a_recorder(tmp_path)
    rep = RepEvent(t_s=2.0, latency_ms=31.0, rep=a_rep())
    cue = CueEvent(t_s=2.0, latency_ms=32.0, kind="good_rep", text="1", why=None, say="1", rep=1)
    hint = HintEvent(t_s=3.0, latency_ms=5.0, hint=None)
    logged = SetLogEvent(t_s=4.0, latency_ms=6.0, set=1, frame=7, load_kg=100.0)
    said = {layout.REPS: rep, layout.CUES: cue, layout.EVENTS: hint, layout.SETS: logged}
    for event in said.values():
        recorder.add_event(event)
    recorder.close()
    assert not (tmp_path / layout.CORRECTIONS).exists()
    for name, event in said.items():
        told = (tmp_path / name).read_text()
        assert told == to_json(event).replace(f'"latency_ms": {event.latency_ms}', '"latency_ms": null') + "\n"


def test_the_video_keeps_the_time_of_every_frame(recorder, tmp_path):
    """To the microsecond, whatever the gaps; its first frame need not be at 0."""
    t_s = [0.2, 0.233333, 0.3, 1.0, 1.000123, 4.5]
    for n, at_s in enumerate(t_s):
        recorder.add_observation(an_observation(t_s=at_s, index=n), grey(40 * n))
    ending = recorder.close()
    assert times_s(tmp_path) == pytest.approx(t_s, abs=1e-9)
    assert (ending.video.frames, ending.video.left_out) == (len(t_s), 0)
    assert ending.video.bytes == (tmp_path / layout.VIDEO).stat().st_size


def test_pictures_of_a_session_can_be_read_in_any_order(recorder, tmp_path):
    for n in range(150):
        recorder.add_observation(an_observation(t_s=n / 30, index=n), grey(n + 50))
        if n % 10 == 9:
            wait_until_written(recorder)
    recorder.close()
    with closing(SessionPictures(tmp_path / layout.VIDEO)) as pictures:
        for n in (0, 1, 140, 3, 77, 78, 149, 2):
            assert abs(float(pictures.picture_at(n / 30).mean()) - (n + 50)) < 4, n
        assert pictures.picture_at(149 / 30 + MOST_HOLD_S * 0.9) is not None
        assert pictures.picture_at(149 / 30 + MOST_HOLD_S * 1.1) is None


def wait_until_written(recorder: Recorder) -> None:
    """Let the recorder's thread take what is waiting: tests hand in faster than any camera."""
    while recorder._pictures:
        threading.Event().wait(0.001)


def test_pictures_that_come_too_fast_for_the_video_are_left_out_and_counted(recorder, tmp_path, monkeypatch):
    gate = threading.Event()
    write = video.FragmentedVideo.write

    def slow(video: video.FragmentedVideo, picture: np.ndarray, t_s: float) -> bool:
        gate.wait()
        return write(video, picture, t_s)

    monkeypatch.setattr(video.FragmentedVideo, "write", slow)
    count = 4 * MOST_WAITING_PICTURES
    for n in range(count):
        recorder.add_observation(an_observation(t_s=n / 30, index=n), grey(99))
    gate.set()
    ending = recorder.close()
    assert len(stored(tmp_path)) == count
    assert ending.video.left_out >= count - MOST_WAITING_PICTURES - 1
    assert ending.video.frames + ending.video.left_out == count
    assert len(times_s(tmp_path)) == ending.video.frames


def test_large_pictures_wait_in_bounded_memory():
    large, huge = (np.broadcast_to(np.uint8(0), shape) for shape in ((2160, 3840, 3), (6000, 8000, 3)))
    assert [has_room_for_picture([(large, 0.0)] * waiting, large) for waiting in range(4)] == [True, True, False, False]
    assert [has_room_for_picture([(huge, 0.0)] * waiting, huge) for waiting in range(2)] == [True, False]


def test_pictures_that_can_not_be_encoded_end_the_video_alone(recorder, tmp_path):
    for n in range(3):
        recorder.add_observation(an_observation(t_s=n / 30, index=n), np.zeros((1, 1, 3), np.uint8))
        wait_until_written(recorder)
    recorder.add_observation(an_observation(t_s=1.0, index=3), None)
    ending = recorder.close()
    assert len(stored(tmp_path)) == 4
    assert "video recording stopped" in ending.stopped


def test_a_picture_of_another_size_keeps_its_shape_in_the_video(recorder, tmp_path):
    """As after a camera came back otherwise; odd sizes lose their last row and column. Of two of one time, the second
    is left out: times never decrease, but they may stand still."""
    pictures = ((0.0, grey(1, 65, 49)), (1.0, grey(2, 128, 96)), (1.0, grey(9)), (2.0, grey(3, 65, 49)))
    for n, (t_s, picture) in enumerate(pictures):
        recorder.add_observation(an_observation(t_s=t_s, index=n), picture)
    ending = recorder.close()
    assert times_s(tmp_path) == [0.0, 1.0, 2.0]
    assert ending.video.left_out == 1


@pytest.mark.parametrize("error", [av.error.ExternalError(1, "the encoder is gone"), ValueError("odd")])
def test_an_error_of_the_encoder_costs_the_video_alone(recorder, tmp_path, monkeypatch, error):
    def failing(*_: object) -> bool:
        raise error

    monkeypatch.setattr(video.FragmentedVideo, "write", failing)
    for n in range(10):
        recorder.add_observation(an_observation(t_s=n / 30, index=n), grey(n))
    ending = recorder.close()
    assert ending.stopped.startswith("video recording stopped: ")
    assert len(stored(tmp_path)) == 10
    assert not recorder.is_recording_video


def test_a_bug_in_writing_is_reported_and_costs_no_set(tmp_path, monkeypatch):
    """It must not end the thread unheard, while what waits for it grows."""
    monkeypatch.setattr(recorders.codec, "encode", lambda _: 1 / 0)
    recorder = a_recorder(tmp_path)
    recorder.add_observation(an_observation(), None)
    assert recorder.close().stopped == "recording stopped: ZeroDivisionError: division by zero"


def test_the_files_of_a_recording_are_private_and_replace_no_other_session(recorder, tmp_path):
    """Recordings show people; a folder that has files already is another session's. The log takes any text."""
    recorder.add_observation(an_observation(), grey(1))
    recorder.add_log_line("12:00 Jörg lifts \udcff")
    recorder.close()
    assert {mode_of(path) for path in tmp_path.iterdir()} == {0o600}
    assert (tmp_path / layout.LOG).read_text(encoding="utf-8") == "12:00 Jörg lifts ?\n"
    with pytest.raises(FileExistsError):
        a_recorder(tmp_path)


@pytest.mark.parametrize("share", [0.3, 0.55, 0.8])
def test_a_video_that_is_cut_off_anywhere_plays_up_to_there(recorder, tmp_path, share):
    noise = np.random.default_rng(0)
    for n in range(120):
        picture = noise.integers(100, 140, (48, 64, 3), dtype=np.uint8)
        recorder.add_observation(an_observation(t_s=n / 30, index=n), picture)
        wait_until_written(recorder)
    recorder.close()
    path = tmp_path / layout.VIDEO
    content = path.read_bytes()
    with closing(SessionPictures(path)) as pictures:
        whole = [pictures.picture_at(n / 30) for n in range(120)]
    path.write_bytes(content[: int(share * len(content))])
    with closing(SessionPictures(path)) as pictures:
        found = [pictures.picture_at(n / 30) for n in range(120)]
    there = [n for n, picture in enumerate(found) if picture is not None]
    assert 0 < len(there) < 120
    shown = there[-1] - round(MOST_HOLD_S * 30)  # from there on the last picture is held
    assert shown > 0
    assert all(np.array_equal(found[n], whole[n]) for n in range(shown))
