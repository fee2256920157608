"""A simulated network camera: serves a clip as MJPEG over HTTP on loopback, in its own process.

Parent: `with mjpeg_camera(clip) as url: …`. Child: `python -m livecoach.tools.mjpeg_camera CLIP` prints its URL and
serves one client after the other until stdin ends. It encodes all pictures before serving, so that it uses little CPU
during a measurement.
"""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from livecoach.errors import OutputError
from livecoach.tools.children import end

START_S = 60.0
"""Longest wait until the clip is encoded; 800 pictures took 3 s."""
JPEG_QUALITY = 85
BOUNDARY = "frame"


def encode_clip(clip: Path) -> tuple[list[bytes], float]:
    """Return the clip's pictures as JPEG and its frame rate. Raises SourceError if it can't be read."""
    from livecoach.source.file import VideoFile
    from livecoach.source.opencv import cv2

    pictures = []
    with closing(VideoFile(clip)) as video:
        fps = video.info.fps or 30.0
        while (frame := video.read()) is not None:
            if frame.picture is not None:
                quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
                pictures.append(cv2.imencode(".jpg", frame.picture, quality)[1].tobytes())
    return pictures, fps


def serve(listener: socket.socket, pictures: list[bytes], fps: float) -> None:
    """Serve clients one after the other, forever."""
    while True:
        client, _ = listener.accept()
        with client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                _send(client, pictures, fps)
            except OSError:
                continue  # the client has left


def _send(client: socket.socket, pictures: list[bytes], fps: float) -> None:
    client.recv(65536)  # the request does not matter
    client.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary={BOUNDARY}\r\n\r\n".encode())
    began_s, number = time.monotonic(), 0
    while True:
        picture = pictures[number % len(pictures)]
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
        time.sleep(max(began_s + number / fps - time.monotonic(), 0))
        client.sendall(head.encode() + picture + b"\r\n")
        number += 1


@contextmanager
def mjpeg_camera(clip: Path) -> Iterator[str]:
    """Run a child that serves the clip in a loop; yields its URL. Raises OutputError if it does not start."""
    command = [sys.executable, "-m", "livecoach.tools.mjpeg_camera", str(clip)]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        watchdog = threading.Timer(START_S, child.kill)
        watchdog.start()
        url = child.stdout.readline().strip() if child.stdout is not None else ""
        watchdog.cancel()
        if not url:
            raise OutputError(f"the simulated camera did not start. Check that {clip} can be replayed.")
        yield url
    finally:
        end(child)


def main() -> None:
    """Serve the clip given as the only argument until stdin ends."""
    pictures, fps = encode_clip(Path(sys.argv[1]))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/video", flush=True)
        threading.Thread(target=serve, args=(listener, pictures, fps), daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
