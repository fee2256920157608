"""What every source keeps to. A new one is found by listing, and fails here until it has a builder below."""

import importlib
import inspect
import pkgutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from builders.mjpeg_server import MjpegServer
from builders.observations import a_header, an_observation
from builders.sources import CAPTURE, FakeClock, FakeSource, a_frame, quartered, write_video
from builders.web_camera import WebCamera, body

import livecoach.capture
from livecoach.capture import Source, call_in_thread
from livecoach.capture.camera import Camera
from livecoach.capture.file import PictureFolder, VideoFile
from livecoach.capture.opencv import cv2
from livecoach.capture.paced import PacedSource
from livecoach.capture.picture_sources import open_picture_source
from livecoach.capture.stored_observations import StoredObservations
from livecoach.capture.stream import open_stream
from livecoach.capture.timeline import LiveTimeline
from livecoach.core.config import load_settings
from livecoach.core.config.paths import assets_dir
from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.errors import SourceError, SourceLost
from livecoach.core.types import Frame
from livecoach.phone.link import ArrivedJpeg, PhoneLink, PhoneSource
from livecoach.run.feed import live_feed_opener

FRAMES = 5
MOST = 200
"""Most results of a capture to wait for a picture, each for a twentieth of a second."""


class FakeDevice:
    """Stands in for OpenCV's camera, which no test machine has. It waits for a picture by the clock of the test."""

    def __init__(self, *_: object, is_open: bool = True, sends: bool = True, waits_s: float = 0.0) -> None:
        self.is_open, self.sends, self.waits_s = is_open, sends, waits_s
        self.asked = self.decoded = 0
        self.now_s = 0.0

    def isOpened(self) -> bool:  # noqa: N802
        return self.is_open

    def grab(self) -> bool:
        self.asked += 1
        self.now_s += self.waits_s
        return self.is_open and self.sends

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        self.decoded += 1
        return True, quartered()

    def getBackendName(self) -> str:  # noqa: N802
        return "V4L2"

    def get(self, _: int) -> float:
        return 30.0

    def set(self, *_: float) -> bool:
        return False

    def release(self) -> None:
        self.is_open = False


class DirectShowDevice(FakeDevice):
    """A camera of Windows: it ends with the thread that opened it, and only that thread may set it. It waits for a
    picture where others decode the picture that they have waited for."""

    def __init__(self, *_: object) -> None:
        super().__init__(waits_s=0.5)
        self.thread, self.wrong = threading.current_thread(), []
        self.released = threading.Event()

    def set(self, *_: object) -> bool:
        self.wrong += [] if self.thread is threading.current_thread() else ["set by another thread"]
        return True

    def getBackendName(self) -> str:  # noqa: N802
        return "DSHOW"

    def grab(self) -> bool:
        return True

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        super().grab()
        return (self.thread.is_alive() and not self.released.is_set()), super().retrieve()[1]

    def release(self) -> None:
        super().release()
        self.set()
        self.released.set()


class Surroundings:
    """What a builder may use: a folder, patches of OpenCV, servers that live as long as the test."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.stack = stack


def a_video_file(around: Surroundings) -> Source:
    return VideoFile(write_video(around.folder / "a.mp4", times_ms=range(0, FRAMES * 100, 100)))


def a_picture_folder(around: Surroundings) -> Source:
    """Its pictures are in the order of their numbers, and nothing else in it is a picture."""
    (around.folder / "notes.txt").touch()
    for number in range(FRAMES):
        cv2.imwrite(str(around.folder / f"{number + 8}.png"), np.full((48, 64, 3), 40 * number, np.uint8))
    return PictureFolder(around.folder)


def a_camera(around: Surroundings) -> Source:
    around.monkeypatch.setattr(cv2, "VideoCapture", FakeDevice)
    return Camera(0)


def an_mjpeg_stream(around: Surroundings) -> Source:
    return open_stream(around.stack.enter_context(MjpegServer()).url)


def a_packet_stream(around: Surroundings) -> Source:
    content = write_video(around.folder / "a.ts", picture=quartered(160, 120)).read_bytes()
    camera = around.stack.enter_context(WebCamera({"/live": body(content, "video/mp2t")}))
    return open_stream(f"http://{camera.host}/live")


def a_paced_source(_: Surroundings) -> Source:
    clock = FakeClock()
    return PacedSource(FakeSource([a_frame(n) for n in range(FRAMES)], live=False), 1.0, clock, clock.sleep)


def stored_observations(around: Surroundings) -> Source:
    path = around.folder / "a.obs"
    with ObservationWriter(path, a_header()) as writer:
        for number in range(FRAMES):
            writer.write(an_observation(index=number, t_s=number / 10))
    return StoredObservations(path)


class FilmingPhone(PhoneLink):
    """A phone that has sent its next picture whenever one is taken."""

    def take_newest_picture(self, timeout_s: float) -> ArrivedJpeg | None:
        jpeg = cv2.imencode(".jpg", quartered())[1].tobytes()
        self.put_picture(ArrivedJpeg(jpeg, self.clock(), lambda: None))
        return super().take_newest_picture(timeout_s)


def a_phone(_: Surroundings) -> Source:
    phone = FilmingPhone()
    phone.set_connected(True)
    return PhoneSource(phone, LiveTimeline(), print)


BUILDERS: dict[str, Callable[[Surroundings], Source]] = {
    "VideoFile": a_video_file,
    "PictureFolder": a_picture_folder,
    "Camera": a_camera,
    "NetworkStream": an_mjpeg_stream,
    "NetworkStream of a video": a_packet_stream,
    "PacedSource": a_paced_source,
    "StoredObservations": stored_observations,
    "PhoneSource": a_phone,
}


def source_classes() -> list[str]:
    """The phone's, and every public class in `livecoach.capture` with `info`, `read` and `close` that can be made."""
    names = {PhoneSource.__name__}
    for module in pkgutil.walk_packages(livecoach.capture.__path__, "livecoach.capture."):
        for name, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            own = found.__module__.startswith("livecoach.capture") and not name.startswith("_")
            able = all(hasattr(found, method) for method in ("info", "read", "close"))
            if own and able and not getattr(found, "_is_protocol", False) and not inspect.isabstract(found):
                names.add(name)
    return sorted(names)


@pytest.fixture(params=sorted({*BUILDERS, *source_classes()}))
def source(request, tmp_path, monkeypatch) -> Iterator[Source]:
    with ExitStack() as stack:
        assert request.param in BUILDERS, f"give {request.param} a builder in {__file__}"
        opened = BUILDERS[request.param](Surroundings(tmp_path, monkeypatch, stack))
        yield opened
        opened.close()


def some_frames(source: Source) -> list:
    return [frame for frame in (source.read() for _ in range(FRAMES)) if frame is not None]


def test_an_open_source_knows_its_name_size_and_rate(source: Source) -> None:
    info = source.info
    assert info.name
    assert info.width_px > 0
    assert info.height_px > 0
    assert info.fps is None or info.fps > 0


def test_frame_numbers_rise_and_frame_times_do_not_fall(source: Source) -> None:
    """From 0 on, both. Numbers that are missing were left out by a live source, which tells."""
    frames = some_frames(source)
    times_s = [frame.t_s for frame in frames]
    assert [frame.index for frame in frames] == [n + sum(f.skipped for f in frames[: n + 1]) for n in range(FRAMES)]
    assert source.info.live or not any(frame.skipped for frame in frames)
    assert times_s[0] == 0
    assert times_s == sorted(times_s)


def test_a_frame_has_a_picture_or_an_observation(source: Source) -> None:
    for frame in some_frames(source):
        assert (frame.picture is None) == (frame.observation is not None)
        if frame.picture is not None:
            assert frame.picture.dtype == np.uint8
            assert frame.picture.shape == (source.info.height_px, source.info.width_px, 3)
            assert frame.picture.flags.c_contiguous


def test_only_frames_that_come_by_themselves_have_a_time_of_capture(source: Source) -> None:
    comes_by_itself = source.info.live or isinstance(source, PacedSource)
    assert {frame.captured_s is not None for frame in some_frames(source)} == {comes_by_itself}


def test_a_recording_that_has_ended_gives_no_more_frames(source: Source) -> None:
    some_frames(source)
    if not source.info.live:
        assert [source.read(), source.read()] == [None, None]


def test_a_source_may_be_closed_twice(source: Source) -> None:
    source.close()
    source.close()


def test_reading_on_leaves_an_earlier_picture_as_it_was(source: Source) -> None:
    """Frames are kept while later ones are read: no source may write into a picture that it gave away."""
    first = source.read()
    if first.picture is not None:
        kept = first.picture.copy()
        some_frames(source)
        assert np.array_equal(first.picture, kept)


def test_pictures_in_a_folder_come_in_the_order_of_their_numbers(tmp_path, monkeypatch) -> None:
    with ExitStack() as stack:
        a_picture_folder(Surroundings(tmp_path, monkeypatch, stack)).close()
    source = PictureFolder(tmp_path, 10.0)
    greys = [(frame.t_s, int(frame.picture.mean())) for frame in some_frames(source)]
    assert greys == [(number / 10, 40 * number) for number in range(FRAMES)]


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", b"\x89PNG\r\n\x1a\n", (assets_dir() / "demo.mp4").read_bytes()],
    ids=["empty", "text", "cut off", "a film"],  # whose first frame would otherwise pass for a picture of the folder
)
def test_a_damaged_picture_in_a_folder_is_named(tmp_path, content) -> None:
    (tmp_path / "1.jpg").write_bytes(content)
    with pytest.raises(SourceError, match=r"1\.jpg: "):
        PictureFolder(tmp_path)


@pytest.mark.parametrize(
    ("device", "said", "do"),
    [
        (partial(FakeDevice, is_open=False), "camera 3", "`livecoach live --camera "),
        (partial(FakeDevice, sends=False), "no picture yet from camera 3", "Close other programs"),
    ],
)
def test_a_camera_that_is_not_there_or_busy_says_so(monkeypatch, device, said, do) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", device)
    with pytest.raises(SourceError) as raised:
        open_picture_source("3")
    assert str(raised.value).startswith(said)
    assert do in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_camera_that_is_put_back_under_another_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    there = [0, 1, 7]

    class Plugged(FakeDevice):
        def __init__(self, number: int, *_: object) -> None:
            super().__init__(is_open=number in there)
            self.number = number

        def grab(self) -> bool:
            return self.number in there

    monkeypatch.setattr(cv2, "VideoCapture", Plugged)
    monkeypatch.setattr("livecoach.capture.camera.list_cameras", lambda *_: tuple(there))
    capture = replace(CAPTURE, reconnect_first_s=0.01, reconnect_longest_s=0.01)
    with ExitStack() as unused, ExitStack() as stack:
        open_feed = live_feed_opener(unused, replace(load_settings({}), camera=0, capture=capture), ahead=False)
        taken = open_feed(stack).results
        for plugged in ([1, 2, 7], [0, 1, 7]):
            there[:] = [7]
            assert any(one.lost for one in taken)
            there[:] = plugged
            assert any(one.frame is not None and not one.lost for one in islice(taken, MOST))


def test_a_camera_that_waits_in_vain_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that fails at once, while it adjusts its exposure, is."""
    for waits_s, asked in ((0.1, 3), (2.0, 1)):
        device = FakeDevice(sends=False, waits_s=waits_s)
        monkeypatch.setattr(cv2, "VideoCapture", lambda *_, device=device: device)
        with pytest.raises(SourceError, match="no picture yet from camera 0"):
            Camera(0, timeline=LiveTimeline(clock=lambda device=device: device.now_s))
        assert device.asked == asked


def test_a_camera_is_opened_set_and_released_by_one_thread_that_lives_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever thread asks for it and reads it; else DirectShow gives no picture."""
    devices: list[DirectShowDevice] = []
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: devices.append(DirectShowDevice()) or devices[-1])
    camera = call_in_thread(lambda: Camera(0)).result(5.0)
    assert camera.read() is not None
    camera.close()
    assert devices[0].released.is_set()
    assert devices[0].wrong == []


@pytest.mark.parametrize(("spec", "name"), [("0", "camera 0"), (0, "camera 0"), ("7.mp4", "7.mp4")])
def test_a_number_is_a_camera_and_a_path_a_file(tmp_path, monkeypatch, spec, name) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeDevice)
    monkeypatch.chdir(write_video(tmp_path / "7.mp4").parent)
    assert open_picture_source(spec).info.name == name


def a_camera_at_rest(device: FakeDevice, monkeypatch: pytest.MonkeyPatch) -> tuple[Camera, Frame]:
    """Return a camera that leaves out pictures until 2 s, and its first frame after that."""
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: device)
    timeline = LiveTimeline(clock=lambda: device.now_s)
    camera = Camera(0, timeline=timeline)
    camera.read()
    timeline.skip_until_s = 2.0
    frame = camera.read()
    assert frame is not None
    return camera, frame


def test_a_camera_that_waits_while_it_decodes_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """At rest too, when pictures are left out: none is counted twice. Its pictures have the time at which they came."""
    device = DirectShowDevice()
    camera, frame = a_camera_at_rest(device, monkeypatch)
    assert (frame.t_s, frame.index) == (2.0, 4)
    device.released.set()
    with pytest.raises(SourceLost, match="stopped"):
        camera.read()


def test_a_camera_decodes_no_picture_that_nobody_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice(waits_s=0.5)
    _, frame = a_camera_at_rest(device, monkeypatch)
    assert (frame.t_s, frame.index, device.decoded) == (2.0, 4, 2)
