"""Draws a moment like the live window: the steps of some seconds, each over its picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from livecoach.errors import OutputError
from livecoach.feedback.display_state import RunStatus
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.start_screen import Button, Row, StartMenu, StartScreen
from livecoach.types import Step
from moments.moments import Moment
from moments.takes import Filmed

BEFORE_S = 4.0
"""Time of the run that is drawn before the moment: longer than anything but a summary stays on screen."""
WIDTHS_PX = {"landscape": 640, "portrait": 480}
MOST_BYTES = 30_000
QUALITIES = range(90, 25, -5)
STATUS = RunStatus(
    fps=None,
    latency_ms=None,
    dropped=0,
    muted=False,
    paused=False,
    note=None,
    profile="anna",
    load="100 kg",
)
MENU = StartMenu(
    (
        Row("exercise", ("Recognise it", "Deadlift", "Squat")),
        Row("profile", ("me", "anna"), 1),
        Row("camera", ("camera 0", "camera 1")),
    ),
    (Button("Start", "start"), Button("Sessions and reports", "sessions")),
    3,
)


@dataclass
class _Scene:
    """A moment that is being drawn."""

    moment: Moment
    overlay: Overlay
    first: int
    last: int
    """Numbers of the first drawn step, and of the one in the picture."""
    canvas: np.ndarray | None = None


def canvases(filmed: Filmed, moments: Sequence[Moment]) -> Iterator[tuple[Moment, np.ndarray]]:
    """Yield the canvas of each moment of one take, in the order of the clip."""
    steps = filmed.steps
    scenes = [_scene(filmed, moment) for moment in moments]
    for number, frame in enumerate(filmed.frames()):
        step, progress, loop = steps[number]
        for scene in scenes:
            if scene.first <= number <= scene.last:
                status = scene.moment.status(replace(STATUS, progress=progress, loop=loop))
                scene.canvas = scene.overlay.draw(frame.picture, scene.moment.change(step), status)
    for scene in scenes:
        if scene.canvas is None:
            raise ValueError(f"{scene.moment.name}: not drawn")
        yield scene.moment, scene.canvas


def _scene(filmed: Filmed, moment: Moment) -> _Scene:
    steps = [step for step, _, _ in filmed.steps]
    at = next((number for number, step in enumerate(steps) if moment.when(step)), None)
    if at is None:
        raise ValueError(f"{moment.name}: the {filmed.shape} clip has no such moment")
    shown_s = steps[at].observation.t_s + moment.after_s
    coach = filmed.coach
    overlay = Overlay(mirror=True, title=coach.title or "", titles=coach.titles, synthetic=True)
    first = _number_at(steps, shown_s - BEFORE_S)
    overlay.jump((moment.change(step), progress) for step, progress, _ in filmed.steps[:first])
    return _Scene(moment, overlay, first, _number_at(steps, shown_s))


def _number_at(steps: Sequence[Step], t_s: float) -> int:
    return min(range(len(steps)), key=lambda number: abs(steps[number].observation.t_s - t_s))


def start_screen(picture: np.ndarray) -> np.ndarray:
    """Return the start screen with a picture as the camera's."""
    return StartScreen(MENU).draw(picture, None)


def save(canvas: np.ndarray, shape: str, path: Path) -> None:
    """Write a canvas as a small JPEG. Raises OutputError."""
    width = WIDTHS_PX[shape]
    height = round(canvas.shape[0] * width / canvas.shape[1])
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    coded = (cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, q])[1].tobytes() for q in QUALITIES)
    content = next((one for one in coded if len(one) <= MOST_BYTES), None)
    if content is None:
        raise OutputError(f"{path}: larger than {MOST_BYTES} bytes at the lowest quality.")
    path.write_bytes(content)
