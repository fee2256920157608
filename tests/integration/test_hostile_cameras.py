"""Whatever a camera answers, opening it ends in a source or in one line, and no answer ends a set.

LIVECOACH_FUZZ_CAMERAS sets the number of answers that are tried of each kind.
"""

import contextlib
import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from builders.sources import write_video
from builders.web_camera import WebCamera, a_jpeg, a_part, body
from hypothesis import given
from hypothesis import strategies as st

from livecoach.capture import Source
from livecoach.capture.file import VideoFile
from livecoach.capture.opening import open_picture_source
from livecoach.capture.stream import open_stream
from livecoach.core.errors import CameraError, SourceError

ANSWERS = int(os.environ.get("LIVECOACH_FUZZ_CAMERAS", "150"))
QUICK_S = 1.0
READS = 3
PLACES = (
    "http://[::1", "http://[", "//[", "http://a:b/", "http://a:99999/", "http://\x00/", "http://" + "a" * 70 + ".test/",
    "http://\udcff/", "http://é‥/", "http://⒈/", "/é", "", "?", "#", "rtsp://[", "rtsp://a:b/", "file:///etc/passwd",
    "http:///", "//", "/\x7f", "http://127.0.0.1:1/", "HTTP://127.0.0.1:0/", "http://127.0.0.1/\r\n b", "javascript:1",
)  # fmt: skip
TYPES = (
    "multipart/x-mixed-replace; boundary=frame", "multipart/x-mixed-replace; boundary=", "multipart/x-mixed-replace",
    "multipart/x-mixed-replace; boundary*=nix'x'%ff", "multipart/x-mixed-replace; boundary*0*=a; boundary*9999999=b",
    'multipart/x-mixed-replace; boundary="', "multipart/x-mixed-replace; boundary=\x80\xff", ";", "/", "image/jpeg",
    "text/html", "video/mp2t", "application/vnd.apple.mpegurl", "video/x-motion-jpeg", "",
)  # fmt: skip
CHALLENGES = (
    "Basic", "Basic realm=", "Digest", "Digest realm=", "Digest realm=,nonce=", 'Digest realm="a",nonce="b",qop=',
    'Digest realm="a",nonce="b",algorithm=', 'Digest realm="a",nonce="b",algorithm=SHA-512,qop="auth-int"',
    'Digest =,"', "Digest nonce", "\xff", "Negotiate", 'Digest realm="a",nonce="b",qop="auth",opaque="c"',
)  # fmt: skip
BODIES = (
    b"", b"\x00" * 3000, a_part(a_jpeg()), a_part(a_jpeg())[:-400], b"--frame\r\nContent-Length: -1\r\n\r\nabc",
    b"--frame\r\nContent-Length: 99999999999999999999\r\n\r\n", b"--frame\r\nX-Timestamp: 1e999\r\n\r\n" + a_jpeg(),
    b"#EXTM3U\n#EXTINF:1,\nhttp://[\n", b"#EXTM3U\n#EXTINF:1,\n\xff\xfe\n", b"5\r\nabcde\r\nzz\r\n", b"-1\r\n",
    b"\xff" * 9, b"f" * 70_000, b"G" + bytes(187) + b"G" + bytes(187),
)  # fmt: skip


def http_answer(chance: random.Random) -> bytes:
    """An answer with some of what cameras get wrong."""
    version = chance.choice(["HTTP/1.0", "HTTP/1.1", "HTTP/9", "", "RTSP/1.0"])
    code = chance.choice(["200", "301", "302", "307", "401", "404", "500", "99", "1000", "-1", "²", ""])
    lines = [f"{version} {code} {chance.choice(['OK', '', 'x' * 300, chr(27) + '[2J'])}"]
    for name, values in (("Location", PLACES), ("Content-Type", TYPES), ("WWW-Authenticate", CHALLENGES)):
        lines += [f"{name}: {chance.choice(values)}"] * chance.choice([0, 1, 1, 2])
    lines += chance.choice([[], ["Transfer-Encoding: chunked"], ["Content-Length: 10"], ["Content-Length: -5"], ["a"]])
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    return damaged(head + b"".join(chance.choices(BODIES, k=chance.randrange(3))), chance)


def mjpeg_answer(chance: random.Random) -> bytes:
    """A stream of pictures, some parts of which are none."""

    def part() -> bytes:
        whole = a_jpeg()
        body = chance.choice([whole, whole[:-200], b"", b"GIF89a", damaged(whole, chance), b"--frame\r\n\r\n"])
        lengths = [len(body), len(body), 0, 1, len(body) - 1, len(body) + 9, 10**9, -1]
        said = chance.choice(
            [f"Content-Length: {chance.choice(lengths)}\r\n", "", f"X-Timestamp: {chance.random()}\r\n"]
        )
        end = chance.choice(["\r\n", "\n"])
        mark = chance.choice(["--frame", "--frame", "----frame", "--frame--", "frame", ""])
        return f"{mark}\r\n{said}\r\n".replace("\r\n", end).encode() + body + end.encode()

    kind = "multipart/x-mixed-replace; boundary=" + chance.choice(["frame", "frame", "--frame", '"frame"', "", "-"])
    flood = chance.choice([b"", b"", b"", b"--frame\r\n\r\n" * 20_000])
    parts = b"".join(part() for _ in range(chance.randrange(8)))
    return f"HTTP/1.0 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode() + flood + parts


def rtsp_answer(chance: random.Random) -> bytes:
    code = chance.choice(["200", "301", "302", "401", "404", "500", "²", "1" * 5000, ""])
    lines = [f"RTSP/1.0 {code} {chance.choice(['OK', ''])}", f"CSeq: {chance.choice(['1', '-1', 'x'])}"]
    lines += [f"{chance.choice(['Location', 'location', 'Content-Base'])}: {chance.choice(PLACES)}"] * chance.randrange(
        2
    )
    told = chance.choice(
        ["", "v=0\r\nm=video 0 RTP/AVP 26\r\n", "v=0\r\nm=video 99999 RTP/AVP 96\r\na=rtpmap:96 H264/0\r\n"]
    )
    lines += ["Content-Type: application/sdp", f"Content-Length: {chance.choice([len(told), 0, -1, 10**12])}"]
    return damaged("\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + told.encode(), chance)


def any_bytes(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(4000))


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Some of them with a byte changed, or cut."""
    changed = bytearray(data)
    if chance.random() < 0.2:
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.randrange(len(changed))] if chance.random() < 0.1 else changed)


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


def opened_and_read(open_source: Callable[[], Source]) -> None:
    """Open a source and read some of it: nothing but a SourceError may come of it."""
    with contextlib.suppress(SourceError), contextlib.closing(open_source()) as source:
        for _ in range(READS):
            source.read()


@pytest.mark.parametrize(
    ("scheme", "made"),
    [
        ("http", http_answer),
        ("http", mjpeg_answer),
        ("http", any_bytes),
        ("rtsp", rtsp_answer),
        ("rtsp", any_bytes),
        ("rtmp", any_bytes),
    ],
)
def test_any_answer_of_a_camera_is_a_source_or_one_line(
    answering: Answering, scheme: str, made: Callable[[random.Random], bytes]
) -> None:
    """For each way to reach it, with user and password, so that it may ask for them."""
    chance = random.Random(7)
    url = f"{scheme}://me:secret@127.0.0.1:{answering.port}/video"
    for _ in range(ANSWERS if made is not any_bytes else ANSWERS // 5):
        answering.answer = made(chance)
        other_hosts = chance.random() < 0.2
        opened_and_read(lambda other_hosts=other_hosts: open_stream(url, timeout_s=QUICK_S, other_hosts=other_hosts))


@given(st.text(max_size=30) | st.sampled_from(PLACES) | st.text(max_size=20).map(lambda text: f"http://{text}"))
def test_any_name_of_a_source_is_one_or_one_line(spec: str) -> None:
    if spec.isdigit() or "127.0.0.1" in spec:
        return  # a camera of this computer, and a port on which something may listen
    opened_and_read(lambda: open_picture_source(spec, timeout_s=0.2))


def test_any_damage_to_a_video_is_a_source_or_one_line(tmp_path: Path) -> None:
    chance = random.Random(7)
    picture = np.zeros((64, 64, 3), np.uint8)
    whole = [write_video(tmp_path / f"a.{kind}", picture=picture).read_bytes() for kind in ("mp4", "ts", "avi", "mkv")]
    for number in range(ANSWERS):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.choice([0, 0x7F, 0xFF, chance.randrange(256)])
        file = tmp_path / f"{number}.bin"
        file.write_bytes(data[: chance.randrange(1, len(data) + 1)] if chance.random() < 0.3 else data)
        opened_and_read(lambda file=file: VideoFile(file))


def read_all(stream: Source) -> None:
    while stream.read() is not None:
        pass


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


@pytest.mark.parametrize("data", [bytes(1 << 20), b"x: y\r\n" * 1000, b"--frame\r\n\r\n" * 1000, b"--"])
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
    """However fast or slowly it sends. Nothing reaches stderr."""
    with WebCamera({"/": for_ever(begin, data)}) as camera, pytest.raises(CameraError):
        read_all(open_stream(f"http://{camera.host}/", timeout_s=QUICK_S))
    assert capfd.readouterr().err == ""
