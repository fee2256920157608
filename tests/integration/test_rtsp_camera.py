"""An RTSP camera shows its pictures, and can't send livecoach to another host, whenever it tries."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from builders.rtsp_camera import Turn, rtsp_camera
from builders.sources import TIMEOUT_S
from builders.web_camera import WebCamera, body

from livecoach.capture import Source
from livecoach.capture.opencv import av
from livecoach.capture.stream import open_stream
from livecoach.core.errors import CameraError


def opened(url: str, *, other_hosts: bool = False) -> Source:
    return open_stream(url, timeout_s=TIMEOUT_S, other_hosts=other_hosts)


@pytest.mark.parametrize("tls", [False, True])
def test_an_rtsp_camera_plays_with_and_without_tls(tls: bool) -> None:
    """They come through the relay. With TLS a camera speaks first, of the connection itself."""
    with rtsp_camera(tls=tls) as camera:
        stream = opened(camera.url)
        assert (stream.info.width_px, stream.info.height_px) == (160, 120)
        stream.close()
    assert camera.methods[:4] == ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]


def test_a_camera_that_answers_without_an_end_is_refused() -> None:
    """By what it says, 64 KiB at once: livecoach does not think about it, which nothing would interrupt."""
    with rtsp_camera(lambda _: "RTSP/" * 14000) as camera, pytest.raises(CameraError, match="did not open"):
        opened(camera.url)


@pytest.fixture
def elsewhere() -> Iterator[socket.socket]:
    """Another host, which nobody may connect to."""
    with socket.create_server(("127.0.0.2", 0)) as server:
        server.settimeout(0.0)
        yield server


def redirecting(server: socket.socket, when: str, status: str) -> Turn:
    host, port = server.getsockname()
    told = f"RTSP/1.0 {status} Moved\r\nCSeq\r\nLocation: rtsp://{host}:{port}/cam\r\n\r\n"
    return lambda method: told if method == when else None


@pytest.mark.parametrize("status", ["301", "302", "+0302", "3\r07", "\v302"])
@pytest.mark.parametrize("when", ["OPTIONS", "DESCRIBE", "SETUP"])
def test_a_redirect_elsewhere_is_refused_whenever_it_comes(elsewhere: socket.socket, when: str, status: str) -> None:
    """However FFmpeg would still read it, no connection is made."""
    with rtsp_camera(redirecting(elsewhere, when, status)) as camera, pytest.raises(CameraError) as error:
        opened(camera.url)
    assert "redirects to another place" in str(error.value)
    assert "capture.other_hosts" in str(error.value)
    with pytest.raises(BlockingIOError):
        elsewhere.accept()


def test_a_redirect_is_followed_where_the_user_allows_it(elsewhere: socket.socket) -> None:
    elsewhere.settimeout(TIMEOUT_S)
    with rtsp_camera(redirecting(elsewhere, "DESCRIBE", "302")) as camera, ThreadPoolExecutor(1) as waiting:
        came = waiting.submit(elsewhere.accept)
        came.add_done_callback(lambda accepted: accepted.result()[0].close())
        with pytest.raises(CameraError, match="did not open"):
            opened(camera.url, other_hosts=True)
        assert came.result()


def test_a_redirect_to_the_same_host_is_followed() -> None:
    with rtsp_camera() as there:
        told = f"RTSP/1.0 302 Moved\r\nCSeq\r\nLocation: {there.url}\r\n\r\n"
        with rtsp_camera(lambda _: told) as camera:
            opened(camera.url).close()
    assert there.methods[:2] == ["OPTIONS", "DESCRIBE"]


def test_addresses_in_the_description_of_a_stream_are_not_connected_to(elsewhere: socket.socket) -> None:
    """Content-Base and the control of a track are names for FFmpeg, which keeps to its connection."""
    host, port = elsewhere.getsockname()
    place = f"rtsp://{host}:{port}/cam"
    sdp = (
        f"v=0\r\no=- 0 0 IN IP4 {host}\r\ns=camera\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=video 0 RTP/AVP 33\r\na=control:{place}/track\r\n"
    )
    described = f"RTSP/1.0 200 OK\r\nCSeq\r\nContent-Base: {place}/\r\nContent-Type: application/sdp\r\n"
    described += f"Content-Length: {len(sdp)}\r\n\r\n{sdp}"
    with rtsp_camera(lambda method: described if method == "DESCRIBE" else None) as camera:
        opened(camera.url).close()
    with pytest.raises(BlockingIOError):
        elsewhere.accept()


def test_a_description_over_http_is_no_stream(elsewhere: socket.socket) -> None:
    """It would have FFmpeg listen to another host."""
    described = "v=0\r\no=- 0 0 IN IP4 127.0.0.2\r\ns=camera\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
    described += f"m=video {elsewhere.getsockname()[1]} RTP/AVP 33\r\n"
    with (
        WebCamera({"/cam": body(described.encode(), "application/sdp")}) as camera,
        pytest.raises(CameraError) as error,
    ):
        opened(f"http://{camera.host}/cam")
    assert isinstance(error.value.__cause__, av.error.ArgumentError)  # the format is none of those that are opened
