"""Measure the processor time of each step of a frame, and compare checkouts in pairs.

    python scripts/step_costs.py                                   # this checkout
    python scripts/step_costs.py ../before . --rounds 5            # two, in turn; with the ratio of each pair

Each round runs every checkout once, one after the other, on the first frames of the demo clip. So what else the machine
does meets all of them, and the ratios of pairs hold where the times do not. The times are milliseconds of processor
time a frame, medians over frames. The window is measured where there is a screen (`DISPLAY`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parents[1]
WARM_UP = 20
"""Number of frames that are not counted: networks and windows begin slowly."""


class StepTimes:
    """Processor times of the steps."""

    def __init__(self) -> None:
        self._taken_ms: dict[str, list[float]] = {}

    def measured(self, name: str, step: Callable[[], Any], clock: Callable[[], float] = time.thread_time) -> Any:
        """Run a step of a frame, and return its result. clock: that of all threads where the step has some."""
        began_s = clock()
        result = step()
        self._taken_ms.setdefault(name, []).append(1000 * (clock() - began_s))
        return result

    def medians_ms(self) -> dict[str, float]:
        """Return the median of each step, in the order in which they were first measured."""
        return {name: statistics.median(taken[WARM_UP:]) for name, taken in self._taken_ms.items()}


def measure(pose: str, frames: int) -> dict[str, float]:
    """Run the steps of a live frame one after the other, on one thread; return the time of each in ms."""
    from livecoach import assembly
    from livecoach.bar.detector import Detector
    from livecoach.bar.follower import Follower
    from livecoach.config.paths import assets_dir
    from livecoach.documents import codec
    from livecoach.feedback.display_state import RunStatus
    from livecoach.feedback.overlay import Overlay
    from livecoach.feedback.window import OpenCvWindow
    from livecoach.pose.observer import Observer
    from livecoach.pose.opening import open_estimator
    from livecoach.session.video import FragmentedVideo
    from livecoach.source.file import VideoFile

    times = StepTimes()
    estimator, follower, pipeline = open_estimator(pose, 1), Follower(Detector()), assembly.load("deadlift").pipeline()
    alone = _networks_alone(pose)
    overlay = Overlay(mirror=True, title="Deadlift")
    window = OpenCvWindow("livecoach") if os.environ.get("DISPLAY") else None
    status = RunStatus(
        fps=30.0, latency_ms=None, dropped=0, muted=False, paused=False, note=None, profile=None, recording=True
    )
    clip = VideoFile(assets_dir() / "demo.mp4")
    with tempfile.TemporaryFile(buffering=0) as file:
        video = FragmentedVideo(file, clip.info.width_px, clip.info.height_px, 30.0)
        for _ in range(frames):
            frame = times.measured("decoding the file", clip.read, time.process_time)
            pose_now = times.measured("pose", lambda: estimator.estimate(frame.picture, frame.t_s))  # noqa: B023
            times.measured("pose: its network alone", alone)
            kept = Observer(_Given(pose_now)).observe
            observation = times.measured("the observation", lambda: kept(frame))  # noqa: B023
            times.measured("the bar", lambda: follower.follow(frame.picture, observation.landmarks))  # noqa: B023
            step = times.measured("decisions", lambda: pipeline.step(observation))  # noqa: B023
            canvas = times.measured("overlay", lambda: overlay.draw(frame.picture, step, status))  # noqa: B023
            times.measured("overlay: one copy of the picture", frame.picture.copy)
            if window is not None:
                times.measured("window", partial(_shown, window, canvas))
            times.measured("recording: video", lambda: video.write(frame.picture, frame.t_s))  # noqa: B023
            times.measured("recording: observation", lambda: codec.record(codec.encode(observation)))  # noqa: B023
        video.finish()
    if window is not None:
        window.close()
    return times.medians_ms()


def _shown(window: Any, canvas: Any) -> None:
    window.show(canvas)
    window.poll()


class _Given:
    """An estimator that knows the pose, so that only what is made of it is measured."""

    name, sha256, people = "given", "0" * 64, 1

    def __init__(self, pose: Any) -> None:
        self._pose = pose

    def estimate(self, *_: object) -> Any:
        """Return the pose."""
        return self._pose

    def close(self) -> None:
        """Do nothing."""


def _networks_alone(pose: str) -> Callable[[], object]:
    """Return a function that runs the landmark network, and nothing else."""
    import zipfile

    import numpy as np
    from ai_edge_litert.interpreter import Interpreter

    from livecoach.pose.bundles import model_path
    from livecoach.pose.litert import LANDMARKS

    with zipfile.ZipFile(model_path(pose)) as bundle:
        interpreter = Interpreter(model_content=bundle.read(LANDMARKS), num_threads=1)
    interpreter.allocate_tensors()
    place = interpreter.get_input_details()[0]
    interpreter.set_tensor(place["index"], np.full(place["shape"], 0.5, np.float32))
    run: Callable[[], object] = interpreter.invoke
    return run


def rounds_of(checkouts: list[Path], rounds: int, pose: str, frames: int) -> Iterator[list[dict[str, float]]]:
    """Yield each round: the times of each checkout, measured one after the other."""
    for _ in range(rounds):
        yield [_child(checkout, pose, frames) for checkout in checkouts]


def _child(checkout: Path, pose: str, frames: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", "--pose", pose, "--frames", str(frames)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(checkout)}, stdout=subprocess.PIPE, text=True, check=True
    )
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return times


def table(checkouts: list[Path], rounds: list[list[dict[str, float]]]) -> Table:
    """Return the medians over rounds of each step; for several checkouts, also the ratios of the last to the first."""
    shown = Table(box=None, title="processor time of a frame, ms", title_justify="left")
    shown.add_column("step")
    for checkout in checkouts:
        shown.add_column(checkout.resolve().name, justify="right")
    if len(checkouts) > 1:
        shown.add_column("ratio of each pair")
    for name in rounds[0][0]:
        cells = [f"{statistics.median(one[at][name] for one in rounds):.2f}" for at in range(len(checkouts))]
        if len(checkouts) > 1:
            cells.append(" ".join(f"{one[-1][name] / one[0][name]:.2f}" for one in rounds))
        shown.add_row(name, *cells)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="*", type=Path, default=[HERE], help="folders of livecoach to measure")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--pose", choices=("lite", "full"), default="lite", help="the pose model")
    parser.add_argument("--frames", type=int, default=200, help="frames of the demo clip")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.pose, given.frames)))
        return
    checkouts = [checkout.resolve() for checkout in given.checkouts]
    Console(highlight=False).print(table(checkouts, list(rounds_of(checkouts, given.rounds, given.pose, given.frames))))


if __name__ == "__main__":
    main()
