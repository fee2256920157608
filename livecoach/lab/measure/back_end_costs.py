"""What BlazePose costs by LiteRT, on one thread and on two, and by MediaPipe: time a frame, and memory."""

import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np

from livecoach.config.paths import assets_dir
from livecoach.lab.measure.table import Cell, Progress, Rounded, Table
from livecoach.lab.processes import in_order
from livecoach.pose.bundles import MEDIAPIPE
from livecoach.pose.observer import Observer
from livecoach.pose.opening import open_estimator
from livecoach.source.file import VideoFile
from livecoach.tools.machine import peak_rss_mib
from livecoach.types import Frame

CLIP = "demo.mp4"
FRAMES, FIRST = 150, 30
"""Number of frames, and of those before them that are not counted."""


class Setup(NamedTuple):
    """A pose model, and the threads that it runs on."""

    model: str
    threads: int


def measure(models: Sequence[str], progress: Progress) -> Table:
    """Measure these models (`lite`, `full`) on the shipped clip, each in a process of its own, one after the other."""
    setups = [
        setup for model in models for setup in (Setup(model, 1), Setup(model, 2), Setup(f"{MEDIAPIPE}{model}", 1))
    ]
    rows = []
    for number, setup in enumerate(setups):
        progress(f"cost of {setup.model}", number / len(setups))
        # A new pool for each: memory counts from the start of a process.
        (cells,) = in_order(partial(_cost, setups), [number], 1, fresh=True)
        rows.append((setup.model, setup.threads, *cells))
    return Table(
        title=f"Cost of a frame of {CLIP}, with the back's edge",
        columns=("model", "threads", "processor, ms", "processor, ms, p95", "wall, ms", "wall, ms, p95", "memory, MiB"),
        rows=tuple(rows),
    )


def _cost(setups: Sequence[Setup], number: int) -> tuple[Cell, ...]:
    setup = setups[number]
    with closing(VideoFile(assets_dir() / CLIP)) as video:
        frames: list[Frame] = list(islice(iter(video.read, None), FIRST + FRAMES))
    before = peak_rss_mib() or np.nan
    processor, wall = [], []
    with closing(open_estimator(setup.model, setup.threads)) as estimator:
        observer = Observer(estimator)
        for frame in frames:
            began = time.process_time(), time.perf_counter()
            observer.observe(frame)
            processor.append(1e3 * (time.process_time() - began[0]))
            wall.append(1e3 * (time.perf_counter() - began[1]))
    memory = (peak_rss_mib() or np.nan) - before
    figures = [Rounded(float(np.percentile(one[FIRST:], at)), 1) for one in (processor, wall) for at in (50, 95)]
    return (*figures, Rounded(memory, 0))
