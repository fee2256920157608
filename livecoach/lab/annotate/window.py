"""The window of `livecoach lab annotate`: draws the picture, its marks and the whole recording as a strip; takes
keys."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType

import cv2
import numpy as np

from livecoach.errors import OutputError
from livecoach.feedback import shapes, skeleton, text
from livecoach.feedback.layout import Box
from livecoach.feedback.shapes import ALARM, DIM, DUSK, GOOD, GREY, INK, NIGHT, Colour
from livecoach.feedback.window import Display
from livecoach.lab import annotation
from livecoach.lab.annotate.state import KEYS, AnnotationState
from livecoach.types import Observation, Rep, StageName

WIDTH, HEIGHT = 1120, 750
"""Size of the canvas, which fits on a screen of 1280×800 with a title bar."""
PICTURE = Box(0, 0, WIDTH, 510)
LINE = Box(0, 510, WIDTH, 56)
NEAR = Box(24, 572, WIDTH - 48, 46)
WHOLE = Box(24, 644, WIDTH - 48, 54)
NEAR_FRAMES = 41
"""Number of frames in the strip of neighbouring frames."""
CAP, SMALL_CAP = 16, 12
COLOURS: dict[StageName, Colour] = {"up": (233, 180, 86), "down": (0, 159, 230), "neutral": (175, 175, 175)}
"""Sky blue, orange and grey from the palette of Okabe and Ito."""
EMPTY: Colour = (74, 68, 62)
NOBODY: Colour = (36, 33, 30)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordingView:
    """What the canvas shows of the recording besides its pictures."""

    observations: Sequence[Observation]
    counted: Sequence[tuple[int, int]] = ()
    """First and last frame of each rep that livecoach counts."""
    heights: np.ndarray
    """(n,) height of the shoulders, 0 lowest … 1 highest in this recording; NaN without a pose."""


def frames_of(observations: Sequence[Observation], reps: Iterable[Rep]) -> list[tuple[int, int]]:
    """Return the first and last frame of each rep."""
    t_s = np.array([observation.t_s for observation in observations])
    return [(int(np.abs(t_s - rep.start_s).argmin()), int(np.abs(t_s - rep.end_s).argmin())) for rep in reps]


def heights(observations: Sequence[Observation]) -> np.ndarray:
    """Return the relative height of the shoulders in each frame, (n,); NaN without a pose."""
    y = [np.nan if o.landmarks is None else float(o.landmarks[[11, 12], 1].mean()) for o in observations]
    of = -np.array(y)
    if not np.isfinite(of).any():
        return of
    low, high = np.nanmin(of), np.nanmax(of)
    relative: np.ndarray = (of - low) / max(float(high - low), 1e-6)
    return relative


def draw(picture: np.ndarray, state: AnnotationState, recorded: RecordingView, saved: bool) -> np.ndarray:
    """Draw a new canvas, (HEIGHT, WIDTH, 3) uint8 BGR."""
    canvas = np.full((HEIGHT, WIDTH, 3), DUSK, np.uint8)
    _draw_picture(canvas, picture, recorded.observations[state.at])
    _draw_line(canvas, state, recorded, saved)
    _draw_near(canvas, state)
    _draw_whole(canvas, state, recorded)
    if state.choosing:
        _draw_table(canvas, "What is wrong with this rep?", [*state.choices, ("other key", "nothing: go back")])
    elif state.help:
        _draw_table(canvas, "Keys", list(KEYS))
    return canvas


def _draw_picture(canvas: np.ndarray, picture: np.ndarray, observation: Observation) -> None:
    height, width = picture.shape[:2]
    scale = min(PICTURE.w / width, PICTURE.h / height)
    w, h = round(width * scale), round(height * scale)
    view = canvas[:h, (WIDTH - w) // 2 :][:, :w]
    view[:] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    body = skeleton.project(observation, w, h, mirror=False)
    if body is not None:
        skeleton.draw(view, body, active=True)


def _draw_line(canvas: np.ndarray, state: AnnotationState, recorded: RecordingView, saved: bool) -> None:
    """Draw frame number, time, stage, rep label, note, and whether everything is saved."""
    baseline = LINE.y + (LINE.h + CAP) // 2
    words = f"frame {state.at + 1} of {len(state.has_pose)}   {recorded.observations[state.at].t_s:.2f} s"
    text.write(canvas, words, (24, baseline), CAP, INK, text.SEMIBOLD)
    x = 24 + text.width_px("frame 00000 of 00000   000.00 s", CAP, text.SEMIBOLD) + 12
    for chip, colour in _chips(state):
        w = text.width_px(chip, CAP, text.BOLD) + 2 * CAP
        shapes.plate(canvas, Box(x, LINE.y + 10, w, LINE.h - 20), 1.0, colour, radius=8)
        ink = INK if colour in (EMPTY, ALARM, GOOD) else NIGHT
        text.write(canvas, chip, (x + CAP, baseline), CAP, ink, text.BOLD)
        x += w + 10
    text.write(canvas, state.note, (x + 6, baseline), SMALL_CAP, INK)
    state_of_file = "saved" if saved else "not saved yet"
    right = f"playing x{state.speed:g}" if state.playing else f"{state_of_file}    ? keys"
    text.write(canvas, right, (WIDTH - 24 - text.width_px(right, SMALL_CAP), baseline), SMALL_CAP, GREY)


def _chips(state: AnnotationState) -> list[tuple[str, Colour]]:
    stage = state.stages[state.at]
    if not state.has_pose[state.at]:
        chips = [("nobody seen", EMPTY)]
    else:
        chips = [("not marked", EMPTY)] if stage is None else [(stage.upper(), COLOURS[stage])]
    return chips + [(f"rep: {m.label}", _colour_of(m.label)) for m in state.reps if m.frame == state.at]


def _colour_of(label: str) -> Colour:
    return GOOD if label == annotation.GOOD else ALARM


def _cell(state: AnnotationState, n: int) -> Colour:
    stage = state.stages[n]
    return COLOURS[stage] if stage is not None else EMPTY if state.has_pose[n] else NOBODY


def _draw_near(canvas: np.ndarray, state: AnnotationState) -> None:
    """Draw the neighbouring frames as cells with the first letter of their stage."""
    w = NEAR.w / NEAR_FRAMES
    labels = {mark.frame: mark.label for mark in state.reps}
    for place in range(NEAR_FRAMES):
        n = state.at + place - NEAR_FRAMES // 2
        if not 0 <= n < len(state.has_pose):
            continue
        left, right = NEAR.x + round(place * w), NEAR.x + round((place + 1) * w)
        cv2.rectangle(canvas, (left + 1, NEAR.y), (right - 2, NEAR.bottom), _cell(state, n), -1)
        stage = state.stages[n]
        if stage is not None:
            letter = stage[0].upper()
            x = (left + right - text.width_px(letter, SMALL_CAP, text.BOLD)) // 2
            text.write(canvas, letter, (x, NEAR.y + (NEAR.h + SMALL_CAP) // 2), SMALL_CAP, NIGHT, text.BOLD)
        if n in labels:
            cv2.rectangle(canvas, (left + 1, NEAR.bottom - 6), (right - 2, NEAR.bottom), _colour_of(labels[n]), -1)
        if n == state.at:
            cv2.rectangle(canvas, (left - 1, NEAR.y - 4), (right, NEAR.bottom + 4), INK, 3)


def _draw_whole(canvas: np.ndarray, state: AnnotationState, recorded: RecordingView) -> None:
    """Draw the whole recording: stages, shoulder height, counted reps above, and rep labels below."""
    columns = np.arange(WHOLE.w) * len(state.has_pose) // WHOLE.w
    cells = np.array([_cell(state, n) for n in range(len(state.has_pose))], np.uint8)
    canvas[WHOLE.y : WHOLE.bottom, WHOLE.x : WHOLE.right] = cells[columns]
    _draw_curve(canvas, recorded.heights)
    for start, end in recorded.counted:
        left, right = _x(start, len(state.has_pose)), _x(end, len(state.has_pose))
        cv2.rectangle(canvas, (left, WHOLE.y - 9), (right, WHOLE.y - 4), GREY, -1)
    for mark in state.reps:
        x, y = _x(mark.frame, len(state.has_pose)), WHOLE.bottom + 14
        shapes.plate(canvas, Box(x - 9, y - 9, 18, 18), 1.0, _colour_of(mark.label), radius=9)
        sign = shapes.tick if mark.label == annotation.GOOD else shapes.cross
        sign(canvas, Box(x - 5, y - 5, 10, 10))
    x = _x(state.at, len(state.has_pose))
    cv2.rectangle(canvas, (x - 1, WHOLE.y - 12), (x + 1, WHOLE.bottom + 4), INK, -1)
    _draw_legend(canvas, state)


def _draw_legend(canvas: np.ndarray, state: AnnotationState) -> None:
    x, baseline = 24, HEIGHT - 12
    for stage, colour in COLOURS.items():
        cv2.rectangle(canvas, (x, baseline - SMALL_CAP), (x + SMALL_CAP, baseline), colour, -1)
        words = f"{stage} {sum(s == stage for s in state.stages)}"
        text.write(canvas, words, (x + 18, baseline), SMALL_CAP, GREY)
        x += 18 + text.width_px(words, SMALL_CAP) + 20
    keys = "u d n stage   f fill   g b rep   z undo   arrows seek   space play   q end"
    text.write(canvas, keys, (WIDTH - 24 - text.width_px(keys, SMALL_CAP), baseline), SMALL_CAP, GREY)


def _draw_curve(canvas: np.ndarray, of: np.ndarray) -> None:
    """Draw one line for each stretch with a pose."""
    columns = np.arange(0, WHOLE.w, 2)
    shown = of[columns * len(of) // WHOLE.w]
    known = np.flatnonzero(np.isfinite(shown))
    if not len(known):
        return
    y = np.rint(WHOLE.bottom - 5 - shown[known] * (WHOLE.h - 10))
    points = np.stack([WHOLE.x + columns[known], y], 1).astype(np.int32)
    stretches = np.split(points, np.flatnonzero(np.diff(known) > 1) + 1)
    for colour, thick in ((NIGHT, 4), (INK, 2)):
        cv2.polylines(canvas, stretches, False, colour, thick, cv2.LINE_AA)


def _x(n: int, frames: int) -> int:
    """Return the x coordinate of a frame's centre in the strip of the whole recording."""
    return WHOLE.x + round((n + 0.5) / frames * WHOLE.w)


def _draw_table(canvas: np.ndarray, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """Draw a table of keys and their actions over the picture, scaled down if it is long."""
    high = round(2.1 * CAP)
    box = Box(110, 20, WIDTH - 220, high * (len(rows) + 2))
    scale = min(1.0, (HEIGHT - 40) / box.h)
    cap, high = max(8, int(CAP * scale)), int(high * scale)
    shapes.plate(canvas, Box(box.x, box.y, box.w, high * (len(rows) + 2)), 0.94, radius=cap)
    text.write(canvas, title, (box.x + 2 * cap, box.y + high), cap, INK, text.BOLD)
    keys_w = max(text.width_px(key, cap, text.SEMIBOLD) for key, _ in rows) + 2 * cap
    for number, (key, what) in enumerate(rows):
        top = box.y + round((number + 1.5) * high)
        shapes.plate(canvas, Box(box.x + 2 * cap, top + 3, keys_w, high - 6), 1.0, DIM, radius=6)
        x = box.x + 2 * cap + (keys_w - text.width_px(key, cap, text.SEMIBOLD)) // 2
        text.write(canvas, key, (x, top + (high + cap) // 2), cap, INK, text.SEMIBOLD)
        text.write(canvas, what, (box.x + keys_w + 4 * cap, top + (high + cap) // 2), cap, INK)


LONGEST_PX = 960
"""Larger pictures are scaled down to this size, as the window shows no more."""
QUALITY = 88
"""JPEG quality; our choice: one minute at 640×480 takes about 100 MB."""


class PictureCache:
    """A sequence of pictures in a temporary file. Use it as a context manager, which removes the file."""

    def __init__(self) -> None:
        """Create the temporary file. Raises OutputError if that fails."""
        try:
            self._file = tempfile.TemporaryFile(prefix="livecoach-")  # noqa: SIM115 (closed by __exit__)
        except OSError as err:
            raise OutputError(f"can't create a temporary file ({err.strerror}). Free some disk space.") from err
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, picture: np.ndarray) -> None:
        """Append a (height, width, 3) uint8 BGR picture. Raises OutputError if the disk is full."""
        scale = LONGEST_PX / max(picture.shape[:2])
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
        try:
            self._file.seek(self._ends[-1])
            self._file.write(content)
        except OSError as err:
            raise OutputError(
                f"{tempfile.gettempdir()}: can't store pictures ({err.strerror}). Free some disk space."
            ) from err
        self._ends.append(self._ends[-1] + len(content))

    def __getitem__(self, number: int) -> np.ndarray:
        """Return a picture by its number, from 0."""
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return np.asarray(cv2.imdecode(np.frombuffer(self._file.read(end - begin), np.uint8), cv2.IMREAD_COLOR))

    def __enter__(self) -> "PictureCache":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()


SAVE_EVERY_S = 3.0
"""Interval of saving, our choice: a power cut loses only the last seconds."""
MOST_LATE_S = 0.2
"""Largest delay that playback catches up with; our choice."""
IDLE_S = 0.02
"""How long to wait for a key before the window is updated again."""


class AnnotationSession:
    """An annotation session: keys change the state, playback advances it, and marks are saved regularly."""

    def __init__(
        self,
        window: Display,
        state: AnnotationState,
        recorded: RecordingView,
        pictures: Sequence[np.ndarray] | PictureCache,
        save: Callable[[AnnotationState], object],
        clock: Callable[[], float],
    ) -> None:
        """save: saves the marks, or raises OutputError. clock: returns seconds."""
        self._window, self._recorded, self._pictures = window, recorded, pictures
        self._save, self._clock = save, clock
        self._times_s = [observation.t_s for observation in recorded.observations]
        self.state = self._kept = state
        self._shown: tuple[AnnotationState, bool] | None = None
        self._tried_s = self._due_s = clock()
        self._refused = False

    def run(self) -> AnnotationState:
        """Run until the user quits; returns the saved state. Raises OutputError if it can't be saved."""
        try:
            while not self.state.ended:
                self._show()
                for key in self._window.keys(self._wait_s()):
                    self._take(key.lower())
                self._play()
                self._keep()
            return self.state
        finally:
            if not self._saved:
                self._save(self.state)

    @property
    def _saved(self) -> bool:
        return (self.state.stages, self.state.reps) == (self._kept.stages, self._kept.reps)

    def _show(self) -> None:
        now = self.state, self._saved
        if self._shown != now:
            self._window.show(draw(self._pictures[self.state.at], self.state, self._recorded, saved=self._saved))
            self._shown = now

    def _wait_s(self) -> float:
        return max(0.0, min(IDLE_S, self._due_s - self._clock())) if self.state.playing else IDLE_S

    def _take(self, key: str) -> None:
        before, self.state = self.state, self.state.press(key)
        if self.state.playing and not before.playing:
            self._due_s = self._clock() + self._frame_s()

    def _play(self) -> None:
        """Advance playback if the next frame is due, catching up with a limited delay."""
        if self.state.playing and self._clock() >= self._due_s:
            self.state = self.state.tick()
            self._due_s = max(self._due_s, self._clock() - MOST_LATE_S) + self._frame_s()

    def _frame_s(self) -> float:
        """Return how long to show the current frame, seconds."""
        at = self.state.at
        if at + 1 >= len(self._times_s):
            return 0.0
        return (self._times_s[at + 1] - self._times_s[at]) / self.state.speed

    def _keep(self) -> None:
        """Save if it is time. On failure, show the error and ignore the first request to quit."""
        if self._saved or not (self.state.ended or self._clock() - self._tried_s >= SAVE_EVERY_S):
            return
        self._tried_s = self._clock()
        try:
            self._save(self.state)
        except OutputError as err:
            self.state = replace(self.state, ended=self.state.ended and self._refused, note=f"NOT SAVED: {err}")
            self._refused = True
        else:
            self._kept, self._refused = self.state, False
