"""A frame done the way of the dissertation that livecoach began with, for comparison: `python -m … CLIP POSE FRAMES`.

Written from its description: one thread reads a picture, estimates pose twice with MediaPipe, and finds the stage twice
with a random forest, whose `predict_proba` gets each time a table of one row with named columns. Here a pyarrow table
stands for the DataFrame. Left out, in the rival's favour: the person's mask, the wait of 11 ms or more after each
frame, the process started for each rep, and the window. The forest is trained on the clip itself, to tell whether the
hands are above or below the middle of their way: only its cost is of interest.
"""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pydantic

from livecoach import landmark
from livecoach.errors import OutputError
from livecoach.pose.bundles import model_path
from livecoach.pose.graph import load_mediapipe
from livecoach.tools.bench_memory import peak_rss_mib
from livecoach.tools.children import answer

FRAMES, WARM_UP = 300, 30
"""Number of frames that are measured, and of those before them that are not."""
GIVE_UP_S = 300.0
TRAINED_ON = 4
"""Every fourth frame of the clip trains the forest."""
COLUMNS = tuple(f"{name}{number}" for number in range(landmark.COUNT) for name in ("x", "y", "z", "v"))
NEEDS = {
    "mediapipe": "MediaPipe is not installed (the extra `mediapipe`)",
    "sklearn": "scikit-learn is not installed (the extra `train`)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RivalTrace:
    """The times of each frame in ms."""

    capture_ms: tuple[float, ...]
    pose_ms: tuple[float, ...]
    """Both estimates together."""
    stage_ms: tuple[float, ...]
    """Both stages together."""
    draw_ms: tuple[float, ...]
    cpu_ms: float
    """CPU time of the process per frame, mean."""
    peak_rss_mib: float | None


def missing() -> str | None:
    """Return why the rival can't run here; None if it can."""
    return next((why for name, why in NEEDS.items() if importlib.util.find_spec(name) is None), None)


def run_rival(clip: Path, pose: str, env: Mapping[str, str]) -> RivalTrace:
    """Run the rival in its own process. pose: lite or full. Raises OutputError if it fails."""
    command = [sys.executable, "-m", __name__, str(clip), pose, str(FRAMES)]
    try:
        done = subprocess.run(
            command, env=dict(env), capture_output=True, text=True, errors="replace", timeout=GIVE_UP_S, check=False
        )
    except subprocess.TimeoutExpired as err:
        raise OutputError(f"the rival took more than {GIVE_UP_S:g} s.") from err
    if done.returncode or not done.stdout:
        raise OutputError((done.stderr.strip().splitlines() or [f"the rival ended with status {done.returncode}"])[-1])
    return pydantic.TypeAdapter(RivalTrace).validate_json(done.stdout.splitlines()[-1])


class Rival:
    """MediaPipe's landmarker, and the forest that was trained on what it saw."""

    def __init__(self, landmarker: Any, pictures: Iterator[np.ndarray]) -> None:
        """landmarker: in video mode. pictures: what the forest is trained on."""
        self._landmarker, self._t_ms = landmarker, 0
        seen = [self.pose(picture) for picture in islice(pictures, 0, None, TRAINED_ON)]
        self._forest = trained(np.stack([landmarks for landmarks in seen if landmarks is not None]))

    def pose(self, picture: np.ndarray) -> np.ndarray | None:
        """Return the landmarks of the person in a BGR picture, (33, 4): x, y, z, visibility; None without a person."""
        import cv2

        mediapipe = load_mediapipe()
        rgb = np.ascontiguousarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        self._t_ms += 1  # MediaPipe wants times that rise
        found = self._landmarker.detect_for_video(mediapipe.Image(mediapipe.ImageFormat.SRGB, rgb), self._t_ms)
        if not found.pose_landmarks:
            return None
        return np.array([(p.x, p.y, p.z, p.visibility) for p in found.pose_landmarks[0]])

    def stage(self, landmarks: np.ndarray) -> int:
        """Return the likeliest stage: 0 down, 1 up."""
        return int(np.argmax(self._forest.predict_proba(as_table(landmarks[None]))[0]))


def as_table(landmarks: np.ndarray) -> Any:
    """Return a table with named columns, as the forest wants it. landmarks: (rows, 33, 4)."""
    import pyarrow as pa

    return pa.table(dict(zip(COLUMNS, landmarks.reshape(len(landmarks), -1).T, strict=True)))


def trained(landmarks: np.ndarray) -> Any:
    """Train the forest with scikit-learn's defaults, 100 trees. landmarks: (rows, 33, 4)."""
    from sklearn.ensemble import RandomForestClassifier

    hands_y = landmarks[:, list(landmark.WRISTS), 1].mean(axis=1)
    up = hands_y < (hands_y.min() + hands_y.max()) / 2  # y points down
    return RandomForestClassifier(random_state=0).fit(as_table(landmarks), up.astype(int))


def draw(picture: np.ndarray, landmarks: np.ndarray, stage: int) -> None:
    """Draw the skeleton and the stage into a picture, with OpenCV's plain lines."""
    import cv2

    height, width = picture.shape[:2]
    points = [(int(x * width), int(y * height)) for x, y in landmarks[:, :2]]
    for a, b in landmark.BONES:
        cv2.line(picture, points[a], points[b], (245, 66, 230), 2)
    for point in points:
        cv2.circle(picture, point, 2, (245, 117, 66), 2)
    cv2.putText(picture, ("down", "up")[stage], (15, 30), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 2)


def _rival(clip: Path, pose: str) -> Rival:
    tasks = load_mediapipe().tasks
    vision = tasks.vision
    base = tasks.BaseOptions(model_asset_buffer=model_path(pose).read_bytes())
    options = vision.PoseLandmarkerOptions(base_options=base, running_mode=vision.RunningMode.VIDEO)
    return Rival(vision.PoseLandmarker.create_from_options(options), _pictures(clip))


def _pictures(clip: Path) -> Iterator[np.ndarray]:
    from livecoach.source.file import VideoFile

    with closing(VideoFile(clip)) as video:
        while (frame := video.read()) is not None:
            if frame.picture is not None:
                yield frame.picture


def measure(clip: Path, pose: str, frames: int) -> RivalTrace:
    """Do this many frames of the clip as fast as it goes. pose: lite or full."""
    rival = _rival(clip, pose)
    times, cpu_s = [], time.process_time()
    pictures = _pictures(clip)
    for number in range(WARM_UP + frames):
        if number == WARM_UP:
            cpu_s = time.process_time()
        began_s = time.perf_counter()
        picture = next(pictures, None)
        if picture is None:
            break
        times.append(_frame(rival, picture, began_s))
    measured = np.array(times[WARM_UP:]) * 1000
    if not len(measured):
        raise OutputError(f"{clip}: too short for the rival: it has {len(times)} frames.")
    capture, poses, stages, drawing = (tuple(column) for column in measured.T.tolist())
    return RivalTrace(
        capture_ms=capture,
        pose_ms=poses,
        stage_ms=stages,
        draw_ms=drawing,
        cpu_ms=1000 * (time.process_time() - cpu_s) / len(measured),
        peak_rss_mib=peak_rss_mib(),
    )


def _frame(rival: Rival, picture: np.ndarray, began_s: float) -> tuple[float, float, float, float]:
    """Do one frame; returns the seconds of reading it (since `began_s`), pose, stage and drawing."""
    clock = time.perf_counter
    read_s = clock()
    found = [rival.pose(picture) for _ in range(2)]
    posed_s = clock()
    seen = [landmarks for landmarks in found if landmarks is not None]
    stages = [rival.stage(landmarks) for landmarks in seen]
    staged_s = clock()
    if seen:
        draw(picture, seen[-1], stages[-1])
    return read_s - began_s, posed_s - read_s, staged_s - posed_s, clock() - staged_s


def main() -> None:
    """Measure the clip that the arguments name, and print the trace as JSON."""
    clip, pose, frames = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    answer(lambda: measure(clip, pose, frames))


if __name__ == "__main__":
    main()
