"""Annotates a recording in a window: each key or click leads to a new state, and marks are saved regularly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from livecoach.core.errors import OutputError
from livecoach.core.types import Observation, StageName
from livecoach.feedback import skeleton, text
from livecoach.feedback.screen_layout import Box
from livecoach.feedback.shapes import ALARM, DIM, DUSK, GREY, INK, Colour
from livecoach.feedback.shapes import GOOD as GREEN
from livecoach.feedback.window import Window
from livecoach.lab.annotation import BAD, GOOD, Annotation, RepMark

KEYS = (
    "u: up, at the top    d: down, at the bottom    n: neutral, between    f: fill back to the last mark    c: clear",
    "g: good rep    b: bad rep    1…: a fault    x: remove the nearest label    z: undo    q: save and quit",
    ". and ,: next and previous rep    arrows: seek    Tab: next open frame    space: play    click: go there",
)
STAGE_KEYS: dict[str, StageName] = {"u": "up", "d": "down", "n": "neutral"}
MOVES = {"left": -1, "right": 1, "up": -10, "pageup": -10, "down": 10, "pagedown": 10}  # Key → frames to move
CHOICES = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # Keys that label a rep with a fault, in the order of the faults


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnnotationState:
    """The state of the annotation window: the marks, and the frame that is shown."""

    observations: Sequence[Observation]  # Not empty
    marks: Annotation
    faults: tuple[str, ...] = ()  # Names of the faults, in the order of their keys (CHOICES)
    position: int = 0  # Position of the shown frame among the observations
    playing: bool = False
    ended: bool = False  # Whether the user has quit
    counted: Sequence[tuple[int, int]] = ()  # Positions of the first and the last frame of each counted rep
    note: str = ""  # Feedback on the last action
    previous: "AnnotationState | None" = None  # State before the last change of a mark; None without a change

    def press(self, key: str) -> "AnnotationState":
        """Return the state after a key, such as "g" or "escape", is pressed; an unknown key only clears the note."""
        state = replace(self, note="")
        labels = {"g": GOOD, "b": BAD, **dict(zip(CHOICES, self.faults, strict=False))}
        if key in labels:
            shown = self.observations[self.position]
            others = [mark for mark in self.marks.reps if mark.frame != shown.index]
            labelled = RepMark(frame=shown.index, at_s=shown.t_s, label=labels[key])
            reps = sorted([*others, labelled], key=lambda mark: mark.frame)
            return replace(state, marks=replace(self.marks, reps=tuple(reps)), previous=state)
        if key in STAGE_KEYS:
            return state._mark(STAGE_KEYS[key])
        if key in MOVES:
            return state._go(self.position + MOVES[key])
        if key in ".,":
            return state._to_rep(later=key == ".")
        action = ACTIONS.get(key)
        return state if action is None else action(state)

    def click(self, x: int, y: int) -> "AnnotationState":
        """Return the state after a click at a pixel of the canvas.

        A click on a strip, or up to CLICKED pixels above or below a strip, clears the note and shows the frame at the
        clicked place, or the nearest frame of the recording. A click elsewhere changes nothing.
        """
        for box, first, count in self.strips:
            if box.x <= x < box.right and box.y - CLICKED <= y <= box.bottom + CLICKED:
                return replace(self, note="")._go(first + (x - box.x) * count // box.w)
        return self

    @property
    def strips(self) -> tuple[tuple[Box, int, int], ...]:
        """The strips around the shown frame and of all frames, each as box, position of its first frame, frame count.

        The first strip may begin before the recording, and end after it.
        """
        return (NEAR, self.position - NEAR_FRAMES // 2, NEAR_FRAMES), (WHOLE, 0, len(self.observations))

    def tick(self) -> "AnnotationState":
        """Return the state with the next frame during playback, else the state itself. The last frame ends playback."""
        if not self.playing:
            return self
        return replace(self._go(self.position + 1), playing=self.position + 2 < len(self.observations))

    def stage_at(self, position: int) -> StageName | None:
        """Return the marked stage of the frame at a position; None without a mark."""
        return self.marks.stages.get(self.observations[position].index)

    def _go(self, at: int) -> "AnnotationState":
        return replace(self, position=min(max(at, 0), len(self.observations) - 1))

    def _to_rep(self, *, later: bool) -> "AnnotationState":
        """Go to the middle of the next or the previous counted rep. Without such a rep, stay and say so in the note."""
        middles = [(start + end) // 2 for start, end in self.counted]
        found = [at for at in middles if (at > self.position if later else at < self.position)]
        if not found:
            return replace(self, note=f"no counted rep {'after' if later else 'before'} this frame")
        return self._go(min(found) if later else max(found))

    def _mark(self, stage: StageName | None) -> "AnnotationState":
        """Mark the shown frame, or remove its mark (None), and go to the next frame unless playback does."""
        state = self._staged(stage, [self.position])
        return state if state.playing else state._go(state.position + 1)

    def _fill(self) -> "AnnotationState":
        marked = [place for place in range(self.position + 1) if self.stage_at(place) is not None]
        if not marked:
            return replace(self, note="no frame is marked up to here: mark one, then fill back from it")
        first = marked[-2] + 1 if len(marked) > 1 else 0
        return self._staged(self.stage_at(marked[-1]), range(first, marked[-1]))

    def _staged(self, stage: StageName | None, places: Sequence[int]) -> "AnnotationState":
        seen = [self.observations[place].index for place in places if self.observations[place].landmarks is not None]
        kept = {index: marked for index, marked in self.marks.stages.items() if index not in seen}
        stages = kept if stage is None else kept | dict.fromkeys(seen, stage)
        if stages != self.marks.stages:
            return replace(self, marks=replace(self.marks, stages=stages), previous=self)
        return self if seen else replace(self, note="nobody is visible there, so it can't be marked")

    def _unlabel(self) -> "AnnotationState":
        index, reps = self.observations[self.position].index, self.marks.reps
        if not reps:
            return replace(self, note="no rep is labelled")
        nearest = min(reps, key=lambda mark: abs(mark.frame - index))
        kept = tuple(mark for mark in reps if mark is not nearest)
        return replace(self, marks=replace(self.marks, reps=kept), previous=self)

    def _undo(self) -> "AnnotationState":
        return replace(self, note="nothing to undo") if self.previous is None else replace(self.previous, playing=False)

    def _next_open(self) -> "AnnotationState":
        later = range(self.position + 1, len(self.observations))
        is_open = (n for n in later if self.stage_at(n) is None and self.observations[n].landmarks is not None)
        return self._go(next(is_open, len(self.observations)))


ACTIONS: dict[str, Callable[[AnnotationState], AnnotationState]] = {
    "f": AnnotationState._fill,
    "c": lambda state: state._mark(None),
    "x": AnnotationState._unlabel,
    "z": AnnotationState._undo,
    "space": lambda state: replace(state, playing=not state.playing and state.position + 1 < len(state.observations)),
    "home": lambda state: state._go(0),
    "end": lambda state: state._go(len(state.observations)),
    "tab": AnnotationState._next_open,
    "q": lambda state: replace(state, ended=True, playing=False),
    "escape": lambda state: replace(state, ended=True, playing=False),
}

WIDTH, HEIGHT = 1120, 750  # Size of the canvas in pixels, which fits on a screen of 1280×800 with a title bar
PICTURE, NEAR, WHOLE = Box(0, 0, WIDTH, 500), Box(24, 564, WIDTH - 48, 46), Box(24, 632, WIDTH - 48, 40)
CLICKED = 10  # Height above and below a strip where a click counts, in pixels
NEAR_FRAMES = 41  # Number of frames of the near strip
CAP, SMALL_CAP = 14, 11  # Heights of capital letters, in pixels
COLOURS: Mapping[StageName | None, Colour] = {"up": (233, 180, 86), "down": (0, 159, 230), "neutral": GREY, None: DIM}
"""Stage, or None for an unmarked frame → its colour in the strips. Blue and orange are of Okabe and Ito's palette."""
NOBODY: Colour = (36, 33, 30)  # Colour of a frame in which nobody is seen


def draw_state(picture: np.ndarray, state: AnnotationState, saved: bool) -> np.ndarray:
    """Draw the content of the annotation window in a state, (HEIGHT, WIDTH, 3) uint8 BGR.

    Args:
        picture: Picture of the shown frame, (height, width, 3) uint8 BGR, of any size.
        saved: Whether all marks are saved, which is written below the picture.
    """
    canvas = np.full((HEIGHT, WIDTH, 3), DUSK, np.uint8)
    scale = min(PICTURE.w / picture.shape[1], PICTURE.h / picture.shape[0])
    w, h = (max(1, round(side * scale)) for side in picture.shape[1::-1])
    view, shown = canvas[:h, (WIDTH - w) // 2 :][:, :w], state.observations[state.position]
    view[:] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA)
    body = skeleton.project_body(shown, w, h, mirror=False)
    if body is not None:
        skeleton.draw_skeleton(view, body, active=True)
    words = [f"frame {state.position + 1} of {len(state.observations)}", f"{shown.t_s:.2f} s"]
    words += [state.stage_at(state.position) or ("nobody seen" if shown.landmarks is None else "not marked")]
    words += [f"rep: {mark.label}" for mark in state.marks.reps if mark.frame == shown.index]
    words += [state.note, "playing" if state.playing else "saved" if saved else "not saved yet"]
    text.write(canvas, "    ".join(filter(None, words)), (24, PICTURE.bottom + 36), CAP, INK, text.SEMIBOLD)
    for box, first, count in state.strips:
        _draw_strip(canvas, box, state, first, count)
    for row, keys in enumerate(KEYS):
        text.write(canvas, keys, (24, HEIGHT - 44 + 20 * row), SMALL_CAP, GREY)
    for row, (key, fault) in enumerate(zip(CHOICES, state.faults, strict=False), 1):
        text.write(canvas, f"{key}: {fault}", (16, 22 * row), SMALL_CAP, GREY)
    return canvas


def _draw_strip(canvas: np.ndarray, box: Box, state: AnnotationState, first: int, count: int) -> None:
    """Draw a strip of `AnnotationState.strips`: the frames' stages, with counted reps above and labels below."""
    inside = range(max(first, 0), min(first + count, len(state.observations)))
    x = {place: box.x + round((place - first) * box.w / count) for place in range(inside[0], inside[-1] + 2)}
    labels = {mark.frame: mark.label for mark in state.marks.reps}
    for place in inside:
        seen, around = state.observations[place], (x[place], x[place + 1])
        colour = NOBODY if seen.landmarks is None else COLOURS[state.stage_at(place)]
        cv2.rectangle(canvas, (around[0], box.y), (around[1] - 1, box.bottom), colour, -1)
        if any(start <= place <= end for start, end in state.counted):
            cv2.rectangle(canvas, (around[0], box.y - 10), (around[1], box.y - 5), GREY, -1)
        if seen.index in labels:
            colour = GREEN if labels[seen.index] == GOOD else ALARM
            cv2.circle(canvas, (sum(around) // 2, box.bottom + 10), 7, colour, -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (x[state.position], box.y - 4), (x[state.position + 1], box.bottom + 4), INK, 2)


LONGEST_PX, QUALITY = 960, 85  # Longer side of a compressed picture, and its JPEG quality in percent


def compress_picture(picture: np.ndarray) -> np.ndarray:
    """Compress a picture, (height, width, 3) uint8 BGR, to the bytes of a JPEG file, (n,) uint8.

    A picture with a longer side above LONGEST_PX is shrunk until that side has LONGEST_PX.
    """
    scale = min(1.0, LONGEST_PX / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]


SAVE_EVERY_S = 3.0  # Time between two saves in seconds, which is all that a power cut can destroy
IDLE_S = 0.02  # Time to wait for a key before the window is updated again, in seconds
SPEED = 0.5  # Speed of playback, as a multiple of real time


def run_annotation(
    window: Window,
    state: AnnotationState,
    pictures: Sequence[np.ndarray],
    save: Callable[[Annotation], object],
    clock: Callable[[], float],
) -> AnnotationState:
    """Let the user mark frames and reps until they quit, and return the last state, with saved marks.

    If the marks can't be saved, the window shows the error. The first failed save also cancels a request to quit. If
    any other error ends the annotation, the marks are saved, too.

    Args:
        pictures: JPEG picture of each observation, from `compress_picture`.
        save: Saves the marks, or raises OutputError.

    Raises:
        OutputError: The marks can't be saved when the user quits, and an earlier save has failed, too.
    """
    kept, shown, refused = state.marks, None, False
    tried_s = due_s = clock()
    try:
        while not state.ended:
            if shown is not state:
                shown, picture = state, cv2.imdecode(pictures[state.position], cv2.IMREAD_COLOR)
                window.show(draw_state(np.asarray(picture), shown, kept is shown.marks))
            for key in window.take_keys(IDLE_S):
                state = state.press(key)
            for x, y in window.take_clicks():
                state = state.click(x, y)
            now_s = clock()
            if not state.playing:
                due_s = now_s + _frame_s(state)
            elif now_s >= due_s:
                state, due_s = state.tick(), due_s + _frame_s(state)
            if kept is not state.marks and (state.ended or now_s - tried_s >= SAVE_EVERY_S):
                tried_s = now_s
                try:
                    save(state.marks)
                except OutputError as err:
                    state = replace(state, ended=state.ended and refused, note=f"NOT SAVED: {err}")
                    refused = True
                else:
                    kept, state = state.marks, replace(state)  # a new object is drawn anew, as saved
        return state
    finally:
        if kept is not state.marks:
            save(state.marks)


def _frame_s(state: AnnotationState) -> float:
    near = state.observations[state.position : state.position + 2]
    return (near[-1].t_s - near[0].t_s) / SPEED
