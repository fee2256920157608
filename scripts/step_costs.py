"""Measure the processor time of each step of a frame.

    python scripts/step_costs.py --pose full

The script runs the first frames of the demo clip. The times are milliseconds of processor time a frame, means over
frames. The window is measured if there is a screen (`DISPLAY`). To compare two versions, run `livecoach lab bench` in
both by turns.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

WARM_UP = 20  # Number of frames that are not counted: networks and windows begin slowly


class StepTimes:
    """The processor times of the steps of a frame."""

    def __init__(self) -> None:
        self._taken_ms: dict[str, list[float]] = {}

    def measure(self, name: str, step: Callable[[], Any], clock: Callable[[], float] = time.thread_time) -> Any:
        """Run and time a step of a frame, and return its result. `clock` counts all threads that the step uses."""
        began_s = clock()
        result = step()
        self._taken_ms.setdefault(name, []).append(1000 * (clock() - began_s))
        return result

    def means_ms(self) -> dict[str, float]:
        """Return the mean time of each step after the first WARM_UP frames, in the order of the first measurements."""
        return {name: statistics.fmean(taken[WARM_UP:]) for name, taken in self._taken_ms.items()}


def measure(pose: str, frames: int) -> dict[str, float]:
    """Run the steps of live frames one after the other, on one thread, and return each step's mean time in ms."""
    from livecoach.capture.file import VideoFile
    from livecoach.core.config.paths import assets_dir
    from livecoach.core.documents import codec
    from livecoach.decisions import assembly
    from livecoach.feedback.overlay import Overlay
    from livecoach.feedback.session_state import DeviceState, SessionState
    from livecoach.feedback.window import Window
    from livecoach.perception.bar.detector import PlateDetector
    from livecoach.perception.bar.follower import PlateFollower
    from livecoach.perception.pose.estimators import open_estimator
    from livecoach.perception.pose.observer import Observer
    from livecoach.records.session.video import FragmentedVideo

    times = StepTimes()
    estimator, follower, pipeline = (
        open_estimator(pose, 1),
        PlateFollower(PlateDetector()),
        assembly.load("deadlift").make_pipeline(),
    )
    alone = _network_alone(pose)
    overlay = Overlay(mirror=True, title="Deadlift")
    window = Window() if os.environ.get("DISPLAY") else None
    status = SessionState(device=DeviceState(muted=False, recording=True))
    clip = VideoFile(assets_dir() / "demo.mp4")
    with tempfile.TemporaryDirectory() as folder, Path(folder, "video.mp4").open("wb", buffering=0) as file:
        video = FragmentedVideo(file, clip.info.width_px, clip.info.height_px, 30.0)
        for _ in range(frames):
            frame = times.measure("decoding the file", clip.read, time.process_time)
            if frame is None:  # The clip is shorter
                break
            pose_now = times.measure("pose", lambda: estimator.estimate(frame.picture, frame.t_s))  # noqa: B023
            times.measure("pose: its landmark network alone, without the mask", alone)
            kept = Observer(_KnownPose(pose_now)).observe
            observation = times.measure("the observation, with the mask's window", lambda: kept(frame))  # noqa: B023
            times.measure("the bar", partial(_follow, follower, frame, observation.landmarks))
            step = times.measure("decisions", lambda: pipeline.step(observation))  # noqa: B023
            canvas = times.measure("overlay", lambda: overlay.draw(frame.picture, step, status))  # noqa: B023
            times.measure("overlay: one copy of the picture", frame.picture.copy)
            if window is not None:
                times.measure("window", partial(_shown, window, canvas))
            times.measure("recording: video", lambda: video.write(frame.picture, frame.t_s))  # noqa: B023
            times.measure("recording: observation", lambda: codec.make_record(codec.encode(observation)))  # noqa: B023
        video.finish()
    if window is not None:
        window.close()
    return times.means_ms()


def _follow(follower: Any, frame: Any, landmarks: Any) -> None:
    follower.advance(frame.picture, frame.t_s)
    follower.locate(frame.picture, landmarks)


def _shown(window: Any, canvas: Any) -> None:
    window.show(canvas)
    while not (window.is_up_to_date or window.lost):
        window.take_keys(0.001)


class _KnownPose:
    """An estimator that returns a known pose, so that only the rest of an observation is measured."""

    name, sha256, people_count = "known", "0" * 64, 1

    def __init__(self, pose: Any) -> None:
        from livecoach.perception.pose.upright import TurnFinder

        self._pose, self.turn_finder = pose, TurnFinder(lambda _: ())

    def estimate(self, *_: object) -> Any:
        """Return the pose."""
        return self._pose

    def reset(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def _network_alone(pose: str) -> Callable[[], object]:
    """Return a function that runs only the landmark network, without the mask."""
    import zipfile

    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    from livecoach.core.config.pose_models import model_file
    from livecoach.perception.pose.litert import LANDMARKS

    with zipfile.ZipFile(model_file(pose)) as bundle:
        interpreter = Interpreter(model_content=bundle.read(LANDMARKS), num_threads=1)
    interpreter.allocate_tensors()
    place = interpreter.get_input_details()[0]
    interpreter.set_tensor(place["index"], np.full(place["shape"], 0.5, np.float32))
    run: Callable[[], object] = interpreter.invoke
    return run


def table(times_ms: dict[str, float]) -> Table:
    """Return the times as a table."""
    shown = Table(box=None, title="processor time of a frame, ms", title_justify="left")
    shown.add_column("step")
    shown.add_column("ms", justify="right")
    for name, taken_ms in times_ms.items():
        shown.add_row(name, f"{taken_ms:.2f}")
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pose", choices=("lite", "full"), default="lite", help="the pose model")
    parser.add_argument("--frames", type=int, default=200, help="frames of the demo clip")
    arguments = parser.parse_args()
    if arguments.frames <= WARM_UP:
        parser.error(f"--frames: at least {WARM_UP + 1}, because the first {WARM_UP} frames are not counted")
    Console(highlight=False).print(table(measure(arguments.pose, arguments.frames)))


if __name__ == "__main__":
    main()
