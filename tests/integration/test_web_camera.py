"""What a camera's web server may answer: pictures of any kind, refusals, and other places."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count, islice
from typing import Any

import numpy as np
import pytest
from builders.sources import FakeClock, write_video
from builders.web_camera import (
    Answer,
    Flowing,
    Halting,
    SilentServer,
    WebCamera,
    a_jpeg,
    a_part,
    body,
    for_user,
    pictures,
    read_all,
    status,
)

from livecoach.capture import Source
from livecoach.capture.stream import LARGEST_BYTES, open_stream
from livecoach.capture.timeline import LiveTimeline
from livecoach.core.errors import CameraError, SourceLost
from livecoach.core.language import translate, using_language

SECRET = "s3cret"
QUICK = {"timeout_s": 0.3}


def error_of(url: str, **options: object) -> str:
    with pytest.raises(CameraError) as raised:
        open_stream(url, **options)
    message = str(raised.value)
    assert "\n" not in message
    assert SECRET not in message
    return message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (status(401, ("WWW-Authenticate", 'Basic realm="a"')), "asks for a user and a password (401)"),
        (status(403), "asks for a user and a password (403)"),
        (status(404), "has nothing at this path (404)"),
        (status(503), "an error of its own (503)"),
        (body(b"<html>", "text/html"), "it is a page, not a video"),
        (body(a_jpeg(), "image/jpeg"), "delivers one picture, not a stream"),
        (body(b"rubbish" * 1000, "video/x-flv"), "the answer is not a video"),
        (pictures(a_part(b"no jpeg")), "can't be decoded"),
        (pictures(a_part(a_jpeg(1, 1))), "its pictures have 1 × 1 pixels"),
        (pictures(b"--frame\r\nContent-Length: 99999999999\r\n\r\n"), "can't be decoded"),
        (pictures(a_part(bytes(LARGEST_BYTES + 1))), "32 MiB without a picture"),
    ],
)
def test_each_answer_that_is_no_video_is_reported_in_its_own_words(answer, says) -> None:
    with WebCamera({"/video": answer}) as camera:
        assert says in error_of(f"http://{camera.host}/video")


def test_a_picture_too_large_to_be_decoded_is_reported(hold) -> None:
    """Its header says 65,535 × 65,535: 12 gigabytes."""
    huge = bytearray(a_jpeg())
    size = huge.index(b"\xff\xc0") + 5
    huge[size : size + 4] = b"\xff\xff\xff\xff"
    with WebCamera({"/video": pictures(a_part(bytes(huge)), then=hold)}) as camera:
        assert "can't be decoded" in error_of(f"http://{camera.host}/video")


def test_large_pictures_are_scaled_when_they_arrive(hold) -> None:
    """They are drawn, recorded and wait in queues."""
    with streamed(pictures(a_part(a_jpeg(4000, 3000)), then=hold)) as stream:
        assert stream.read().picture.shape == (1440, 1920, 3)


@contextmanager
def streamed(answer: Answer, **options: Any) -> Iterator[Source]:
    with (
        WebCamera({"/video": answer}) as camera,
        closing(open_stream(f"http://{camera.host}/video", **options)) as stream,
    ):
        yield stream


@contextmanager
def halting(first: bytes, *rest: bytes, **options: Any) -> Iterator[tuple[Source, Halting]]:
    """A stream whose camera sends the rest when it is told to."""
    answer = Halting(first, *rest)
    with streamed(answer, **options) as stream:
        yield stream, answer
        answer.end()


def test_a_camera_whose_pictures_become_impossibly_small_is_lost() -> None:
    with halting(a_part(a_jpeg()), *[a_part(a_jpeg(1, 1))] * 2) as (stream, camera):
        stream.read()
        camera.go_on()
        with pytest.raises(SourceLost, match="1 × 1 pixels"):
            stream.read()


def test_pictures_of_another_size_keep_their_shape() -> None:
    with halting(a_part(a_jpeg(480, 360)), a_part(a_jpeg(960, 540))) as (stream, camera):
        assert stream.read().picture.shape == (360, 480, 3)
        camera.go_on()
        assert stream.read().picture.shape == (540, 960, 3)


def test_only_the_newest_of_the_waiting_pictures_is_used() -> None:
    """The others are counted, so that a machine that is too slow is told."""
    ten = [a_part(a_jpeg(grey=20 * n)) for n in range(1, 11)]
    with halting(a_part(a_jpeg(grey=10)), *ten) as (stream, camera):
        stream.read()
        camera.go_on()
        frames = [stream.read()]
        while frames[-1].picture.mean() < 195:  # loopback may deliver them in two pieces
            frames.append(stream.read())
        assert len(frames) + sum(frame.skipped for frame in frames) == 10
        assert frames[-1].index == 10


def test_a_reader_that_is_slower_than_its_camera_stays_close_to_it() -> None:
    """For as long as it likes: of 200 pictures, ten come while it looks at one."""
    flow = Flowing(a_part(a_jpeg(grey=0)))
    with streamed(flow) as stream:
        behind = []
        for newest in range(0, 201, 10):
            behind.append(newest - stream.read().index)
            for number in range(newest + 1, newest + 11):
                flow.send(a_part(a_jpeg(grey=number)))
        flow.end()
    assert max(behind) <= 1


def bare(jpeg: bytes) -> bytes:
    """A picture without a part around it, as `ffmpeg -listen 1 -f mjpeg` sends it."""
    return jpeg


@pytest.mark.parametrize(("form", "ahead"), [(bare, 2), (a_part, 1)])
def test_every_picture_is_taken_of_a_stream_that_says_neither_parts_nor_times(
    form: Callable[[bytes], bytes], ahead: int
) -> None:
    """As `ffmpeg -listen 1` sends them; FFmpeg makes times up, for 25 a second. These are twelve. A picture without a
    part ends with the next."""
    pieces = (form(a_jpeg(grey=8 * number)) for number in count())
    clock = FakeClock()
    flow = Flowing(*islice(pieces, ahead), content_type="application/octet-stream")
    with streamed(flow, timeline=LiveTimeline(clock)) as stream:
        frames = []
        for _ in range(20):
            frames.append(stream.read())
            flow.send(next(pieces))
            clock.now_s += 1 / 12
        flow.end()
    assert [frame.index for frame in frames] == list(range(20))
    assert frames[-1].t_s == pytest.approx(19 / 12)
    assert frames[-1].captured_s == pytest.approx(clock.now_s - 1 / 12)


@pytest.mark.parametrize(
    "part",
    [
        b"--frame\r\nContent-Type: image/jpg\r\n\r\n",
        b"--frame\n\n",
        b"preamble\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n",
    ],
)
def test_pictures_in_parts_that_ffmpeg_refuses_are_read(part: bytes) -> None:
    with streamed(pictures(*[part + a_jpeg(grey=50) + b"\r\n"] * 3)) as stream:
        assert stream.read().picture.mean() == pytest.approx(50, abs=2)


def test_a_part_that_comes_a_byte_at_a_time_is_read() -> None:
    """FFmpeg reads the head of a first part twice, and finds its beginning only where it came at once."""
    flow = Flowing(*(bytes([byte]) for byte in a_part(a_jpeg())))
    with WebCamera({"/video": flow}) as camera:
        open_stream(f"http://{camera.host}/video").close()
        flow.end()


@pytest.mark.parametrize("asked", ['Basic realm="camera"', 'Digest realm="camera", nonce="abc", qop="auth"'])
def test_user_and_password_are_given_where_the_camera_asks(hold, asked) -> None:
    routes = {"/video": for_user("me", SECRET, pictures(a_part(a_jpeg()), then=hold), asked)}
    with WebCamera(routes) as camera:
        stream = open_stream(f"http://me:{SECRET}@{camera.host}/video")
        stream.close()
    assert camera.requests[0][1] is None
    assert camera.requests[1][1].startswith(asked.split()[0])


def test_a_wrong_password_is_reported() -> None:
    with WebCamera({"/video": for_user("me", SECRET, status(200))}) as camera:
        assert "refuses this user and password (401)" in error_of(f"http://me:wrong@{camera.host}/video")


def test_a_redirect_within_the_camera_is_followed(hold) -> None:
    with WebCamera({"/video": pictures(a_part(a_jpeg()), then=hold)}) as other:
        routes = {
            "/": status(302, ("Location", "/there")),
            "/there": status(301, ("Location", f"http://{other.host}/video")),
        }
        with WebCamera(routes) as camera:
            open_stream(f"http://{camera.host}/").close()


def test_a_redirect_to_another_host_is_refused_unless_asked(hold) -> None:
    elsewhere = for_user("me", SECRET, pictures(a_part(a_jpeg()), then=hold))
    with WebCamera({"/video": elsewhere}, host="127.0.0.2") as other:
        routes = {"/video": status(302, ("Location", f"http://{other.host}/video"))}
        with WebCamera(routes) as camera:
            url = f"http://me:{SECRET}@{camera.host}/video"
            message = error_of(url)
            assert f"redirects to another place, http://{other.host}/video" in message
            assert "capture.other_hosts" in message
            assert other.requests == []
            error_of(url, other_hosts=True)
    assert other.requests == [("/video", None)]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("/a", "redirects again and again"),
        ("file:///etc/passwd", "not a stream"),
        ("http://[::1", "not an address"),
        ("//[", "not an address"),
        ("http://a:b/", "not an address"),
        ("rtmp://127.0.0.1/", "Give that address"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_reported(place: str, says: str) -> None:
    with WebCamera({"/a": status(302, ("Location", place))}) as camera:
        assert says in error_of(f"http://{camera.host}/a")


@pytest.mark.parametrize("other_hosts", [False, True])
def test_a_playlist_leads_to_its_own_host_alone_unless_asked(tmp_path, other_hosts, capfd) -> None:
    segment = write_video(tmp_path / "a.ts", picture=np.zeros((120, 160, 3), np.uint8)).read_bytes()
    with WebCamera({"/a.ts": body(segment, "video/mp2t")}, host="127.0.0.2") as other:
        parts = f"#EXTINF:1.0,\nhttp://{other.host}/a.ts\n" * 2
        playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{parts}#EXT-X-ENDLIST\n".encode()
        with WebCamera({"/a.m3u8": body(playlist, "application/vnd.apple.mpegurl")}) as camera:
            url = f"http://{camera.host}/a.m3u8"
            if other_hosts:
                open_stream(url, other_hosts=True).close()
            else:
                assert f"redirects to another place, http://{other.host}/a.ts" in error_of(url)
        assert bool(other.requests) == other_hosts
    assert capfd.readouterr().err == ""


def test_a_playlist_of_several_parts_is_read(tmp_path) -> None:
    """FFmpeg used to abort the process at the second."""
    segment = body(write_video(tmp_path / "a.ts", picture=np.zeros((120, 160, 3), np.uint8)).read_bytes(), "video/mp2t")
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXTINF:1,\nb.ts\n#EXT-X-ENDLIST\n"
    routes = {"/a.m3u8": body(playlist, "application/vnd.apple.mpegurl"), "/a.ts": segment, "/b.ts": segment}
    with WebCamera(routes) as camera, closing(open_stream(f"http://{camera.host}/a.m3u8")) as stream:
        with pytest.raises(SourceLost):
            read_all(stream)
        assert [path for path, _ in camera.requests] == ["/a.m3u8", "/a.ts", "/b.ts"]


def test_pictures_that_come_late_are_left_out_and_reported(tmp_path) -> None:
    """Ten a second; after a second's halt all come at once, and the first one looked at is 0.4 s old."""
    content = write_video(tmp_path / "a.ts", picture=np.zeros((120, 160, 3), np.uint8)).read_bytes()
    clock = FakeClock()
    with streamed(body(content, "video/mp2t"), timeline=LiveTimeline(clock=clock)) as stream:
        assert stream.read().skipped == 0
        clock.now_s += 1.0
        late = stream.read()
    assert (late.skipped, late.index) == (5, 6)
    assert late.t_s == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n", "has nothing at this path (404)"),
        (b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n", "asks for a user and a password (401)"),
        (
            b"RTSP/1.0 302 Moved\r\nLocation: rtsp://127.0.0.2/cam\r\n\r\n",
            "redirects to another place, rtsp://127.0.0.2/cam",
        ),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the answer is not a video"),
        (b"", "no answer within 0.3 s"),
    ],
)
def test_the_answer_of_an_rtsp_camera_is_reported(answer, says) -> None:
    with SilentServer(answer) as camera:
        assert says in error_of(f"rtsp://127.0.0.1:{camera.port}/cam", **{} if answer else QUICK)


def test_a_server_that_answers_a_byte_at_a_time_is_given_up() -> None:
    with SilentServer(b"HTTP/1.0 200 OK\r\nX: ") as camera:
        assert "no answer within" in error_of(f"http://127.0.0.1:{camera.port}/", **QUICK)


def test_a_port_at_which_nothing_listens_is_reported() -> None:
    with SilentServer() as camera:
        port = camera.port
    assert "nothing listens at this port" in error_of(f"HTTP://me:{SECRET}@127.0.0.1:{port}/video")
    assert "nothing listens at this port" in error_of(f"RTSP://127.0.0.1:{port}/video")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (status(404), "Die Kamera antwortet, hat aber nichts unter diesem Pfad (404)."),
        (body(b"<html>", "text/html"), "Das ist eine Seite, kein Video."),
        (pictures(a_part(b"no picture")), "sendet Bilder, die sich nicht dekodieren lassen."),
        (None, "ließ sich nicht öffnen: an diesem Port antwortet nichts."),
    ],
)
def test_an_error_is_reported_in_the_lifters_language(answer: Answer | None, says: str) -> None:
    with WebCamera({"/video": answer or status(404)}) as camera, pytest.raises(CameraError) as error:
        open_stream(f"http://{camera.host}/video" if answer else "rtsp://127.0.0.1:9/cam")
    with using_language("de"):
        assert says in translate(error.value.text)
