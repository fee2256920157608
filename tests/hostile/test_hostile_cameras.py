"""Whatever a camera answers, opening it ends in a source or in one line, and no answer ends a set."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from builders.hostile import PLACES, broken, cases, held, http_answers, picture_streams, rtsp_answers
from builders.web_camera import WebCamera, a_jpeg, a_part, body, read_all
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture.picture_sources import open_picture_source
from livecoach.capture.stream import open_stream
from livecoach.core.errors import CameraError, SourceError

QUICK_S = 1.0
READS = 3


class Answering:
    """Sends its answer to whoever asks, and hangs up."""

    def __init__(self) -> None:
        self.answer = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(QUICK_S)
                    connection.recv(4096)
                    connection.sendall(self.answer)
                    connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()


@pytest.fixture
def answering() -> Iterator[Answering]:
    made = Answering()
    yield made
    made.close()


ANSWERS = {
    "http": broken(http_answers()),
    "http of pictures": picture_streams(),
    "http of any bytes": st.binary(max_size=4000),
    "rtsp": broken(rtsp_answers()),
    "rtsp of any bytes": st.binary(max_size=4000),
    "rtmp of any bytes": st.binary(max_size=4000),
}
"""Scheme of the address, and what is answered there → answers."""


@pytest.mark.parametrize("kind", ANSWERS)
def test_any_answer_of_a_camera_opens_a_stream_or_is_an_error_of_one_line(answering: Answering, kind: str) -> None:
    """For each way to reach it, with user and password, so that it may ask for them."""

    @cases(0.15 if "any bytes" in kind else 0.6)
    @given(answer=ANSWERS[kind], other_hosts=st.sampled_from([False, False, False, True]))
    def hold(answer: bytes, other_hosts: bool) -> None:
        answering.answer = answer
        url = f"{kind.split(maxsplit=1)[0]}://me:secret@127.0.0.1:{answering.port}/video"
        with held(), contextlib.closing(open_stream(url, timeout_s=QUICK_S, other_hosts=other_hosts)) as stream:
            for _ in range(READS):
                stream.read()

    hold()


@given(st.text(max_size=30) | st.sampled_from(PLACES) | st.text(max_size=20).map(lambda text: f"http://{text}"))
def test_any_name_of_a_source_opens_a_source_or_is_a_source_error(spec: str) -> None:
    if spec.isdigit() or "127.0.0.1" in spec:
        return  # a camera of this computer, and a port on which something may listen
    with contextlib.suppress(SourceError):  # it holds the name, which only prints after `say` has made it harmless
        open_picture_source(spec, timeout_s=0.2).close()


def test_a_camera_that_answers_in_broken_chunks_is_lost() -> None:
    """HTTP/1.0 has none; a camera may send them all the same."""

    def chunked(request) -> None:
        body = a_part(a_jpeg())
        request.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + f"{len(body):x}\r\n".encode() + body + b"\r\nzz\r\n"
        )

    with WebCamera({"/": chunked}) as camera, pytest.raises(CameraError, match="broke the connection"):
        read_all(open_stream(f"http://{camera.host}/", timeout_s=QUICK_S))


def for_ever(begin: bytes, data: bytes) -> Callable[[object], None]:
    def answer(request) -> None:
        body(begin, "multipart/x-mixed-replace; boundary=frame")(request)
        while True:  # until the other side hangs up
            request.wfile.write(data)

    return answer


@pytest.mark.parametrize("data", [bytes(1 << 20), b"x: y\r\n" * 1000, b"--frame\r\n\r\n" * 1000, b"--" * 50])
@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"--frame\r\n",
        b"--frame\r\nContent-Type: image/jpeg\r\n\r\n",
        b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 2000000000\r\n\r\n",
        a_part(a_jpeg()),
    ],
    ids=["nothing", "head", "part", "length", "picture"],
)
def test_a_camera_that_sends_for_ever_without_a_picture_is_lost(begin: bytes, data: bytes, capfd) -> None:
    with WebCamera({"/": for_ever(begin, data)}) as camera, pytest.raises(CameraError):
        read_all(open_stream(f"http://{camera.host}/", timeout_s=0.1))
    assert capfd.readouterr().err == ""
