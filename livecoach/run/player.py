"""Plays a recorded session: keys → playhead → steps → picture and sound."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from livecoach.core.documents import codec
from livecoach.core.language import translate
from livecoach.core.types import Corrected, Correction, Observation, Step, ignore, nobody
from livecoach.feedback.display_state import Playback, PlaybackMark, RunStatus
from livecoach.feedback.screen import CORRECTION_OF_ACTION, Action, Screen
from livecoach.feedback.sound import SoundSink
from livecoach.run.coached import CoachedRun, CoachedStep

JUMP_S = 2.0  # of the arrow keys, about a rep. Our choice.
SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
REP_LEAD_S = 0.5  # a rep is shown from this long before its start; going back skips one that started later than that
_NOTHING = nobody()
STILL_SHOWN_S = 4.0  # after a jump, messages that began up to this long before its target are still shown
AT_ONCE = 500  # steps computed between two updates of the window: a quarter of a second's work
MOMENT = "one moment: processing the session up to here"
NO_REP_YET = "no rep to correct before this point"
NOTE_S = 2.5  # how long the note about a key without effect stays
IDLE_S = 0.02  # how long the player waits for a key while nothing moves
Correct = Callable[[float, Correction | None], Corrected | str]
"""Start of a rep and its correction (None: undo) → the outcome, or why it failed."""


class Playhead:
    """The current frame of several: at first the first one, playing. Readings of the clock are arguments."""

    def __init__(self, times_s: Sequence[float], reps_s: Sequence[float], speed: float, now_s: float) -> None:
        """times_s: of the frames, at least one, never falling. reps_s: starts of reps. speed: 1 for the original
        one."""
        self._times_s, self._reps_s = times_s, sorted(reps_s)
        self.index = 0
        self.paused = False
        self.speed = speed
        self._set_off(now_s)

    @property
    def t_s(self) -> float:
        return self._times_s[self.index]

    @property
    def at_end(self) -> bool:
        return self.index == len(self._times_s) - 1

    def due(self, now_s: float) -> int:
        """The last frame whose time is not in the future."""
        if self.paused:
            return self.index
        played_s = self._from_t_s + (now_s - self._from_s) * self.speed
        # Half a microsecond of tolerance: the two times are sums of different floating-point numbers.
        return max(self.index, bisect_right(self._times_s, played_s + 5e-7) - 1)

    def wait_s(self, now_s: float) -> float | None:
        """Until the next frame is due; None while paused and at the end."""
        if self.paused or self.at_end:
            return None
        ahead_s = self._times_s[self.index + 1] - self._from_t_s
        return max(0.0, self._from_s + ahead_s / self.speed - now_s)

    def go(self, index: int, now_s: float) -> None:
        """Clipped to the first and last frame; playing continues from there."""
        self.index = min(max(index, 0), len(self._times_s) - 1)
        self._set_off(now_s)

    def go_to(self, t_s: float, now_s: float) -> None:
        """Move to the first frame at or after a time."""
        self.go(bisect_left(self._times_s, t_s), now_s)

    def pause(self, paused: bool, now_s: float) -> None:
        self.paused = paused
        self._set_off(now_s)

    def faster(self, steps: int, now_s: float) -> None:
        """Move `steps` speeds up, or down if negative, as far as there are any."""
        near = min(range(len(SPEEDS)), key=lambda n: abs(SPEEDS[n] - self.speed))
        self.speed = SPEEDS[min(max(near + steps, 0), len(SPEEDS) - 1)]
        self._set_off(now_s)

    def rep(self, step: int, now_s: float) -> None:
        """To just before the next rep (1) or the previous one (-1); without one, to the end or the start."""
        begins = [rep_s - REP_LEAD_S for rep_s in self._reps_s]
        if step > 0:
            later = [begin for begin in begins if begin > self.t_s + 1e-6]
            self.go_to(later[0] if later else self._times_s[-1], now_s)
        else:
            earlier = [begin for begin in begins if begin < self.t_s - REP_LEAD_S]
            self.go_to(earlier[-1] if earlier else self._times_s[0], now_s)

    def _set_off(self, now_s: float) -> None:
        self._from_s, self._from_t_s = now_s, self.t_s


class PlayedFrames:
    """The frames of a session, each with its step and what followed from that. Each is computed once, when it is first
    needed, and kept in compact form. The last one includes the end of the session."""

    def __init__(self, payloads: Iterable[bytes], run: CoachedRun, on_step: Callable[[Step], object] = ignore) -> None:
        """payloads: observations, as encoded by `codec`. on_step: called with each step once, in order."""
        self._run, self._on_step = run, on_step
        # An hour of observations takes 60 MB as bytes, and 400 MB as arrays.
        self._payloads = list(payloads)
        self._frames: list[CoachedStep] = []
        self.times_s = [codec.peek(payload).t_s for payload in self._payloads]

    def __len__(self) -> int:
        return len(self._payloads)

    def __getitem__(self, index: int) -> CoachedStep:
        """Computes those before it, too."""
        self.make(index, index + 1)
        told = self._frames[index]
        return told._replace(step=replace(told.step, observation=self._observation(index)))

    def make(self, index: int, most: int) -> bool:
        """Compute missing frames up to `index`, at most `most` of them; return whether that one exists now."""
        for number in range(len(self._frames), min(len(self._frames) + most, index + 1)):
            self._frames.append(self._made(number))
        return len(self._frames) > index

    def seen(self, first_s: float, last_s: float) -> Iterator[Observation]:
        times = bisect_left(self.times_s, first_s), bisect_right(self.times_s, last_s)
        return (self._observation(index) for index in range(*times))

    def before(self, index: int, seconds: float) -> Iterator[tuple[Step, RunStatus]]:
        """The steps of the last `seconds` before a frame, oldest first."""
        first = bisect_left(self.times_s, self.times_s[index] - seconds, hi=index)
        return ((told.step, told.status) for told in map(self.__getitem__, range(first, index)))

    def _observation(self, index: int) -> Observation:
        return codec.decode(self._payloads[index])

    def _made(self, index: int) -> CoachedStep:
        told = [*self._run.follow([self._observation(index)])]
        if index == len(self) - 1:
            told += self._run.finish()
        for one in told:
            self._on_step(one.step)
        return reduce(_joined, map(_compact, told))


def _compact(told: CoachedStep) -> CoachedStep:
    """Return a step without its observation, which can be decoded again."""
    judged = tuple(replace(one, window=None, against=()) for one in told.step.judged)
    return told._replace(step=replace(told.step, observation=_NOTHING, judged=judged))


def _joined(told: CoachedStep, last: CoachedStep) -> CoachedStep:
    """What a frame told, with what followed: a choice, a correction, or the end of the session."""
    step = replace(
        last.step,
        stage=told.step.stage or last.step.stage,
        judged=last.step.judged or told.step.judged,
        cue=last.step.cue or told.step.cue,
        partial=last.step.partial or told.step.partial,
        notices=told.step.notices,
        corrected=last.step.corrected or told.step.corrected,
    )
    return CoachedStep(step, last.cue or told.cue, last.status)


@dataclass(kw_only=True, eq=False)
class Player:
    frames: PlayedFrames  # at least one
    marks: tuple[PlaybackMark, ...]  # the session's reps
    pictures: Callable[[float], np.ndarray | None] | None  # returns that of a time; None for the skeleton alone
    screen: Screen
    sound: SoundSink
    say: Callable[[str], object]
    speed: float  # 1 for the original one
    loop: bool
    correct: Correct  # stores a correction
    loads: Mapping[int, str] = field(default_factory=dict)  # number of a set → its displayed load
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep

    def __post_init__(self) -> None:
        self._head = Playhead(self.frames.times_s, [mark.start_s for mark in self.marks], self.speed, self.clock())
        self._corrected: Corrected | None = None  # the latest correction, until it is shown
        self._note = "", 0.0  # note, and the time until which it is shown
        self._quit = False
        self._last: tuple[np.ndarray | None, Step, RunStatus] | None = None

    def run(self) -> None:
        self._show()
        while not self._quit:
            if self._listen():
                self._jumped()
            elif not self._play():
                return

    def _play(self) -> bool:
        """Return False at the end."""
        now_s = self.clock()
        due = self._head.due(now_s)
        if due > self._head.index:
            for index in range(self._head.index + 1, due + 1):
                cue = self.frames[index].cue
                if cue is not None:
                    self.sound.play(cue)
            self._head.index = due
            self._show()
        elif self._head.at_end and not self._head.paused:
            if not self.loop:
                return False
            self._head.go(0, now_s)
            self._jumped()
        else:
            self.sleep(min(self._head.wait_s(now_s) or IDLE_S, IDLE_S))
        return True

    def _listen(self) -> bool:
        """Act on the keys; return whether the picture must be drawn again."""
        for line in self.sound.status_changes():
            self.say(translate(line))
        actions = [action for action in self.screen.actions() if isinstance(action, Action)]
        if self.screen.lost:
            actions = [Action.QUIT]
        for action in actions:
            self._do(action)
        return bool(actions)

    def _do(self, action: Action) -> None:
        head, now_s = self._head, self.clock()
        moves: dict[Action, Callable[[], None]] = {
            Action.PAUSE: lambda: head.pause(not head.paused, now_s),
            Action.BACK: lambda: head.go_to(head.t_s - JUMP_S, now_s),
            Action.FORTH: lambda: head.go_to(head.t_s + JUMP_S, now_s),
            Action.PREVIOUS_REP: lambda: head.rep(-1, now_s),
            Action.NEXT_REP: lambda: head.rep(1, now_s),
            Action.SLOWER: lambda: head.faster(-1, now_s),
            Action.FASTER: lambda: head.faster(1, now_s),
            Action.FIRST: lambda: head.go(0, now_s),
            Action.LAST: lambda: head.go(len(self.frames) - 1, now_s),
        }
        if action is Action.QUIT:
            self._quit = True
        elif action is Action.MUTE:
            self.sound.muted = not self.sound.muted
        elif action is Action.LOOP:
            self.loop = not self.loop
        elif action in CORRECTION_OF_ACTION:
            self._say_of_rep(CORRECTION_OF_ACTION[action])
        elif action in (Action.PREVIOUS_FRAME, Action.NEXT_FRAME):
            head.pause(True, now_s)
            head.go(head.index + (1 if action is Action.NEXT_FRAME else -1), now_s)
        elif action in moves:
            moves[action]()

    def _say_of_rep(self, correction: Correction | None) -> None:
        over = [mark for mark in self.marks if mark.end_s <= self._head.t_s]
        outcome = self.correct(over[-1].start_s, correction) if over else NO_REP_YET
        if isinstance(outcome, str):
            self._note = outcome, self.clock() + NOTE_S
            return
        self._corrected = outcome
        form = outcome.rep.form if outcome.rep.counts else None
        self.marks = tuple(replace(m, form=form) if m.start_s == over[-1].start_s else m for m in self.marks)

    def _jumped(self) -> None:
        """With the messages that belong there."""
        if not self._made(self._head.index):
            return
        self.screen.jump(self.frames.before(self._head.index, STILL_SHOWN_S))
        self._show()
        # Computing the steps up to here may have taken long; that time does not count as playing time.
        self._head.go(self._head.index, self.clock())

    def _made(self, index: int) -> bool:
        """Compute the steps up to `index`, a minute's work for an hour of a session, with progress in the window;
        return False if the user quits."""
        while not self.frames.make(index, AT_ONCE):
            if self._last is not None:
                picture, step, status = self._last
                self.screen.show(picture, step, replace(status, note=MOMENT), None)
            if self.screen.lost or Action.QUIT in self.screen.actions():
                self._quit = True
                return False
        return True

    def _show(self) -> None:
        head = self._head
        step, _, status = self.frames[head.index]
        of_set = (status.reps[-1].set if status.reps else 0) + (not step.in_set)
        if self._corrected is not None:
            step, self._corrected = replace(step, corrected=self._corrected), None
        note, until_s = self._note
        playing = Playback(
            t_s=head.t_s, duration_s=self.frames.times_s[-1], speed=head.speed, loop=self.loop, marks=self.marks
        )
        status = replace(
            status,
            muted=self.sound.muted,
            paused=head.paused,
            note=note if self.clock() < until_s else None,
            load=self.loads.get(of_set),
            playing=playing,
        )
        picture = None if self.pictures is None else self.pictures(head.t_s)
        self._last = picture, step, status
        self.screen.show(picture, step, status, None)
