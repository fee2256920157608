"""The player's loop: keys → playhead → steps → picture, sound. Runs on the main thread; clock and sleep are
arguments."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np

from livecoach.feedback.overlay import RunStatus
from livecoach.feedback.playback_bar import Playback, PlaybackMark
from livecoach.feedback.screen import Screen
from livecoach.feedback.sound import SoundSink
from livecoach.feedback.window import CORRECTION_OF_ACTION, Action
from livecoach.player.playhead import JUMP_S, Playhead
from livecoach.player.step_cache import StepCache
from livecoach.types import Corrected, Correction, Step

STILL_SHOWN_S = 4.0
"""How far before the target of a jump a message can have begun that is still shown there. The summary of a set is part
of each step."""
AT_ONCE = 500
"""Steps that are computed before the window is served again: a quarter of a second's work."""
MOMENT = "one moment: processing the session up to here"
NO_REP_YET = "no rep to correct before this point"
NOTE_S = 2.5
"""How long the note about a key without effect stays on screen."""
IDLE_S = 0.02
"""How long the player waits for a key while nothing moves."""


class PictureSource(Protocol):
    """Pictures by their times."""

    def at(self, t_s: float) -> np.ndarray | None:
        """Return the picture at a time; None where there is none."""
        ...


Correct = Callable[[float, Correction | None], Corrected | str]
"""Start of a rep and its correction (None: undo) → the outcome, or why it failed."""


class Player:
    """Plays one session. `run` is the loop."""

    def __init__(  # noqa: PLR0913 - everything is handed in
        self,
        steps: StepCache,
        marks: tuple[PlaybackMark, ...],
        pictures: PictureSource | None,
        *,
        screen: Screen,
        sound: SoundSink,
        say: Callable[[str], object],
        speed: float,
        loop: bool,
        correct: Correct,
        profile: str | None = None,
        loads: Mapping[int, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """steps: at least one. marks: the session's reps. pictures: None for the skeleton alone. correct: stores a
        correction. profile: name of the lifter's profile. loads: number of a set → its load, as it is shown."""
        self._steps, self._marks, self._pictures = steps, marks, pictures
        self._screen, self._sound, self._say, self._loop = screen, sound, say, loop
        self._clock, self._sleep = clock, sleep
        self._head = Playhead(steps.times_s, [mark.start_s for mark in marks], speed, clock())
        self._correct, self._profile, self._loads = correct, profile, loads or {}
        self._corrected: Corrected | None = None  # the latest correction, until it is shown
        self._note = "", 0.0  # note, and the time until which it is shown
        self._quit = False
        self._last: tuple[np.ndarray | None, Step, RunStatus] | None = None

    def run(self) -> None:
        """Play until the end, or until somebody quits."""
        self._show()
        while not self._quit:
            if self._listen():
                self._jumped()
            elif not self._play():
                return

    def _play(self) -> bool:
        """Show what is due; return False at the end."""
        now_s = self._clock()
        due = self._head.due(now_s)
        if due > self._head.index:
            for index in range(self._head.index + 1, due + 1):
                cue = self._steps.cue(index)
                if cue is not None:
                    self._sound.play(cue)
            self._head.reach(due)
            self._show()
        elif self._head.at_end and not self._head.paused:
            if not self._loop:
                return False
            self._head.go(0, now_s)
            self._jumped()
        else:
            self._sleep(min(self._head.wait_s(now_s) or IDLE_S, IDLE_S))
        return True

    def _listen(self) -> bool:
        """Act on the keys; return whether the picture must be drawn again."""
        for line in self._sound.status_changes():
            self._say(line)
        before = self._screen.help, self._screen.info
        actions = [action for action in self._screen.actions() if isinstance(action, Action)]
        if self._screen.lost:
            actions = [Action.QUIT]
        for action in actions:
            self._do(action)
        return bool(actions) or (self._screen.help, self._screen.info) != before

    def _do(self, action: Action) -> None:
        head, now_s = self._head, self._clock()
        moves: dict[Action, Callable[[], None]] = {
            Action.PAUSE: lambda: head.pause(not head.paused, now_s),
            Action.BACK: lambda: head.go_to(head.t_s - JUMP_S, now_s),
            Action.FORTH: lambda: head.go_to(head.t_s + JUMP_S, now_s),
            Action.PREVIOUS_REP: lambda: head.rep(-1, now_s),
            Action.NEXT_REP: lambda: head.rep(1, now_s),
            Action.SLOWER: lambda: head.faster(-1, now_s),
            Action.FASTER: lambda: head.faster(1, now_s),
            Action.FIRST: lambda: head.go(0, now_s),
            Action.LAST: lambda: head.go(len(self._steps) - 1, now_s),
        }
        if action is Action.QUIT:
            self._quit = True
        elif action is Action.MUTE:
            self._sound.muted = not self._sound.muted
        elif action is Action.LOOP:
            self._loop = not self._loop
        elif action in CORRECTION_OF_ACTION:
            self._say_of_rep(CORRECTION_OF_ACTION[action])
        elif action in (Action.PREVIOUS_FRAME, Action.NEXT_FRAME):
            head.pause(True, now_s)
            head.go(head.index + (1 if action is Action.NEXT_FRAME else -1), now_s)
        elif action in moves:
            moves[action]()

    def _say_of_rep(self, correction: Correction | None) -> None:
        """Correct the last rep that has ended before the playhead."""
        over = [mark for mark in self._marks if mark.end_s <= self._head.t_s]
        found = self._correct(over[-1].start_s, correction) if over else NO_REP_YET
        if isinstance(found, str):
            self._note = found, self._clock() + NOTE_S
            return
        self._corrected = found
        verdict = found.rep.label if found.rep.counts else None
        self._marks = tuple(replace(m, verdict=verdict) if m.start_s == over[-1].start_s else m for m in self._marks)

    def _jumped(self) -> None:
        """Draw the picture after a jump, with the messages that belong there."""
        if not self._made(self._head.index):
            return
        self._screen.jump(self._steps.before(self._head.index, STILL_SHOWN_S))
        self._show()
        # Computing the steps up to here may have taken long; that time does not count as playing time.
        self._head.go(self._head.index, self._clock())

    def _made(self, index: int) -> bool:
        """Compute the steps up to `index`, which takes a minute for an hour of a session, and show that in the window.
        Returns False where somebody quits."""
        while not self._steps.make(index, AT_ONCE):
            if self._last is not None:
                picture, step, status = self._last
                self._screen.show(picture, step, replace(status, note=MOMENT), None)
            if self._screen.lost or Action.QUIT in self._screen.actions():
                self._quit = True
                return False
        return True

    def _show(self) -> None:
        head = self._head
        step = self._steps[head.index]
        if self._corrected is not None:
            step, self._corrected = replace(step, corrected=self._corrected), None
        note, until_s = self._note
        playing = Playback(
            t_s=head.t_s, duration_s=self._steps.times_s[-1], speed=head.speed, loop=self._loop, marks=self._marks
        )
        progress = self._steps.progress(head.index)
        status = RunStatus(
            fps=None,
            latency_ms=None,
            dropped=0,
            muted=self._sound.muted,
            paused=head.paused,
            note=note if self._clock() < until_s else None,
            help=self._screen.help,
            info=self._screen.info,
            profile=self._profile,
            progress=progress,
            load=self._loads.get(progress.set_number),
            playing=playing,
        )
        picture = None if self._pictures is None else self._pictures.at(head.t_s)
        self._last = picture, step, status
        self._screen.show(picture, step, status, None)
