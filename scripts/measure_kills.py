"""How much a kill loses of a session: `livecoach live --record` on a loopback camera, SIGKILL at random moments.

python scripts/measure_kills.py --kills 20 --seed 1

Lost is what was captured and is not in the session: from the last observation, and the last frame of the video, to the
kill. The time of the kill on the session's own clock is told by the run's events (`--events`), which come with frames:
the first frame's arrival is the camera's first picture after the first event.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from livecoach.config.paths import assets_dir
from livecoach.session.stored import open_session
from livecoach.source.opencv import av
from livecoach.tools.mjpeg_camera import mjpeg_camera

LONGEST_S = 12.0
"""Into the session, of a kill; the earliest is half a second."""


def recorded_until(folder: Path) -> tuple[float, float]:
    """Time of the last observation and of the last frame of the video, seconds of the session."""
    session = open_session(folder, lambda line: sys.exit(f"damaged: {line}"))
    last = 0.0
    with closing(session.frames()) as frames:
        while (frame := frames.read()) is not None:
            last = frame.t_s
    if session.video is None:
        return last, 0.0
    with av.open(str(session.video)) as video:
        times = [frame.time for frame in video.decode(video=0)]
    return last, times[-1] if times else 0.0


def killed(url: str, data: Path, after_s: float) -> tuple[float, float, float]:
    """Run it for so long after its first event; time of the kill, last observation, last frame of the video."""
    environment = {"XDG_DATA_HOME": str(data), "XDG_CONFIG_HOME": str(data / "config"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "livecoach", "live", "--camera", url, "--no-window", "--mute", "--record"]
    with subprocess.Popen(
        [*command, "--events", "-"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # session_start
        # The second event comes with a frame: its time on the session's clock, and how old that was.
        event = json.loads(process.stdout.readline())
        began_s = time.monotonic() - event["t_s"] - (event["latency_ms"] or 0) / 1000
        time.sleep(max(0.0, began_s + after_s - time.monotonic()))
        process.send_signal(signal.SIGKILL)
        at_s = time.monotonic() - began_s
    (folder,) = (data / "livecoach" / "sessions").iterdir()
    return at_s, *recorded_until(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    worst_seen_s = worst_video_s = 0.0
    with mjpeg_camera(assets_dir() / "demo.mp4") as url:
        for number in range(given.kills):
            with tempfile.TemporaryDirectory() as data:
                at_s, seen_s, shown_s = killed(url, Path(data), draw.uniform(0.5, LONGEST_S))
            lost_s, lost_video_s = max(0.0, at_s - seen_s), max(0.0, at_s - shown_s)
            worst_seen_s, worst_video_s = max(worst_seen_s, lost_s), max(worst_video_s, lost_video_s)
            print(
                f"{number + 1:2d}: at {at_s:5.2f} s, lost {lost_s:.2f} s seen, {lost_video_s:.2f} s video", flush=True
            )
    print(f"{given.kills} kills, each readable; lost at most {worst_seen_s:.2f} s seen, {worst_video_s:.2f} s of video")


if __name__ == "__main__":
    main()
