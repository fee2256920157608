"""Annotation as a state machine without window, clock or files: each key leads to a new state."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from livecoach.lab.annotation import BAD, GOOD, Annotation, RepMark
from livecoach.types import Observation, StageName

KEYS = (
    ("u  d  n", "mark this frame as up, down or neutral, and go to the next"),
    ("f", "fill back: copy the last mark to the frames since the mark before"),
    ("c", "clear this frame"),
    ("g", "label the rep at this frame good"),
    ("b", "label it bad, then choose what is wrong"),
    ("x", "remove the nearest rep label"),
    ("z", "undo"),
    ("space", "play or pause;  - and + for slower and faster"),
    ("← →  , .", "one frame"),
    ("↑ ↓  PgUp PgDn", "ten frames"),
    ("Home End", "first and last frame"),
    ("Tab", "next frame without a mark"),
    ("q  Esc", "save and quit"),
    ("?  h", "this help"),
    ("strip", "line: height of the shoulders; bars above it: counted reps"),
)
_STAGE_KEYS: dict[str, StageName] = {"u": "up", "d": "down", "n": "neutral"}
_MOVES = {"left": -1, ",": -1, "right": 1, ".": 1, "up": -10, "pageup": -10, "down": 10, "pagedown": 10}
_CHOICES = "1234567890abcdefghijklmnopqrstuvwxyz"
"""Keys to choose what is wrong with a rep, in order."""
SPEEDS = (0.125, 0.25, 0.5, 1.0, 2.0)
NOBODY = "nobody is visible in this frame, so it can't be marked"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameMark:
    """The label of the rep that is in progress in a frame."""

    frame: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoStep:
    """The state before a change, for undo."""

    at: int
    stages: tuple[tuple[int, StageName | None], ...]
    """Frames with a changed stage, and their previous stage."""
    reps: tuple[FrameMark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationState:
    """All marks, the current position, and the input mode. Frames are numbered by their position in `has_pose`."""

    has_pose: tuple[bool, ...]
    """Whether each frame has a pose; at least one frame."""
    faults: tuple[str, ...] = ()
    """Fault names to choose from."""
    stages: tuple[StageName | None, ...]
    """Stage of each frame; None if not marked."""
    reps: tuple[FrameMark, ...] = ()
    """Rep labels in the order of their frames, at most one per frame."""
    at: int = 0
    """The current frame."""
    playing: bool = False
    speed: float = 0.5
    """Playback speed relative to real time."""
    choosing: bool = False
    """Whether the next key chooses what is wrong with the rep."""
    help: bool = False
    ended: bool = False
    note: str = ""
    """Feedback on the last action."""
    changes: tuple[UndoStep, ...] = ()
    """Undo steps, the latest last."""

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Keys and names to choose what is wrong with a rep."""
        return tuple(zip(_CHOICES, (BAD, *self.faults), strict=False))

    def press(self, key: str) -> "AnnotationState":
        """Return the state after a key, by its name: a letter, "left", "escape"; unknown keys change nothing."""
        now = replace(self, note="")
        if self.choosing:
            return now._choose(key)
        if self.help:
            return replace(now, help=False)
        if key in _STAGE_KEYS:
            return now._mark(_STAGE_KEYS[key])
        if key in _MOVES:
            return now._go(self.at + _MOVES[key])
        action = _ACTIONS.get(key)
        return now if action is None else action(now)

    def tick(self) -> "AnnotationState":
        """Return the state one frame later during playback."""
        if not self.playing:
            return self
        last = len(self.has_pose) - 1
        return replace(self, at=min(self.at + 1, last), playing=self.at + 1 < last)

    def _go(self, at: int) -> "AnnotationState":
        return replace(self, at=min(max(at, 0), len(self.has_pose) - 1))

    def _step(self) -> "AnnotationState":
        """Go to the next frame, unless playback does."""
        return self if self.playing else self._go(self.at + 1)

    def _mark(self, stage: StageName) -> "AnnotationState":
        if not self.has_pose[self.at]:
            return replace(self._step(), note=NOBODY)
        return self._changed({self.at: stage})._step()

    def _clear(self) -> "AnnotationState":
        return self._changed({self.at: None})._step()

    def _fill(self) -> "AnnotationState":
        """Copy the last mark to all frames since the mark before it."""
        last = next((n for n in range(self.at, -1, -1) if self.stages[n] is not None), None)
        if last is None:
            return replace(self, note="no frame is marked up to here: mark one, then fill back from it")
        before = next((n for n in range(last - 1, -1, -1) if self.stages[n] is not None), -1)
        filled = {n: self.stages[last] for n in range(before + 1, last) if self.has_pose[n]}
        return replace(self._changed(filled), note=f"{len(filled)} frames filled: {self.stages[last]}")

    def _changed(self, stages: "dict[int, StageName | None]") -> "AnnotationState":
        before = tuple((n, self.stages[n]) for n, stage in stages.items() if self.stages[n] != stage)
        if not before:
            return self
        new = list(self.stages)
        for n, stage in stages.items():
            new[n] = stage
        return replace(self, stages=tuple(new), changes=(*self.changes, self._change(before)))

    def _change(self, stages: "tuple[tuple[int, StageName | None], ...]" = ()) -> UndoStep:
        return UndoStep(at=self.at, stages=stages, reps=self.reps)

    def _with_reps(self, reps: tuple[FrameMark, ...], note: str) -> "AnnotationState":
        if reps == self.reps:
            return replace(self, note=note)
        return replace(self, reps=reps, note=note, changes=(*self.changes, self._change()))

    def _label(self, label: str) -> "AnnotationState":
        others = [mark for mark in self.reps if mark.frame != self.at]
        place = bisect_left([mark.frame for mark in others], self.at)
        reps = (*others[:place], FrameMark(frame=self.at, label=label), *others[place:])
        return self._with_reps(reps, "")

    def _choose(self, key: str) -> "AnnotationState":
        named = dict(self.choices).get(key)
        now = replace(self, choosing=False)
        return now if named is None else now._label(named)

    def _unlabel(self) -> "AnnotationState":
        if not self.reps:
            return replace(self, note="no rep is labelled")
        nearest = min(self.reps, key=lambda mark: abs(mark.frame - self.at))
        return self._with_reps(tuple(mark for mark in self.reps if mark is not nearest), f"{nearest.label}: removed")

    def _undo(self) -> "AnnotationState":
        if not self.changes:
            return replace(self, note="nothing to undo")
        last, stages = self.changes[-1], list(self.stages)
        for n, stage in last.stages:
            stages[n] = stage
        return replace(
            self,
            stages=tuple(stages),
            reps=last.reps,
            at=last.at,
            changes=self.changes[:-1],
            playing=False,
            note="undone",
        )

    def _next_open(self) -> "AnnotationState":
        unmarked = (n for n in range(self.at + 1, len(self.has_pose)) if self.has_pose[n] and self.stages[n] is None)
        at = next(unmarked, None)
        return replace(self, note="all frames after this one are marked") if at is None else self._go(at)

    def _play(self) -> "AnnotationState":
        return replace(self, playing=not self.playing and self.at < len(self.has_pose) - 1)

    def _faster(self, by: int) -> "AnnotationState":
        place = min(max(SPEEDS.index(self.speed) + by, 0), len(SPEEDS) - 1)
        return replace(self, speed=SPEEDS[place], note=f"speed {SPEEDS[place]:g}")


_ACTIONS: dict[str, Callable[[AnnotationState], AnnotationState]] = {
    "f": AnnotationState._fill,
    "c": AnnotationState._clear,
    "delete": AnnotationState._clear,
    "g": lambda state: state._label(GOOD),
    "b": lambda state: replace(state, choosing=True, playing=False),
    "x": AnnotationState._unlabel,
    "z": AnnotationState._undo,
    "backspace": AnnotationState._undo,
    "space": AnnotationState._play,
    "-": lambda state: state._faster(-1),
    "+": lambda state: state._faster(1),
    "=": lambda state: state._faster(1),  # + without shift on many keyboards
    "home": lambda state: state._go(0),
    "end": lambda state: state._go(len(state.has_pose) - 1),
    "tab": AnnotationState._next_open,
    "q": lambda state: replace(state, ended=True, playing=False),
    "escape": lambda state: replace(state, ended=True, playing=False),
    "h": lambda state: replace(state, help=True, playing=False),
    "?": lambda state: replace(state, help=True, playing=False),
}
"""Key → its action on the state."""


def initial_state(
    observations: Sequence[Observation], annotation: Annotation, faults: tuple[str, ...]
) -> AnnotationState:
    """Return the initial state, positioned after the last marked frame."""
    stages = tuple(annotation.stages.get(observation.index) for observation in observations)
    place = {observation.index: n for n, observation in enumerate(observations)}
    reps = tuple(FrameMark(frame=place[m.frame], label=m.label) for m in annotation.reps)
    last = max((n for n, stage in enumerate(stages) if stage is not None), default=-1)
    return AnnotationState(
        has_pose=tuple(observation.landmarks is not None for observation in observations),
        faults=faults,
        stages=stages,
        reps=tuple(sorted(reps, key=lambda mark: mark.frame)),
        at=min(last + 1, len(stages) - 1),
        note="? shows the keys" if last < 0 else f"continuing from frame {last + 1}",
    )


def to_annotation(state: AnnotationState, observations: Sequence[Observation]) -> Annotation:
    """Convert the state to an annotation."""
    return Annotation(
        stages={
            observation.index: stage
            for observation, stage in zip(observations, state.stages, strict=True)
            if stage is not None
        },
        reps=tuple(
            RepMark(frame=observations[m.frame].index, at_s=observations[m.frame].t_s, label=m.label)
            for m in state.reps
        ),
    )
