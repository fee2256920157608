"""What stands in the picture for a while, so that it can be read: measured in frame time."""

from dataclasses import dataclass
from typing import Literal

from livecoach.types import Rep, Step

STANDS_S = 2.5
"""EXPERIENCE.md: long enough to be read between two looks, and no longer."""

MessageKind = Literal["alarm", "warning", "praise", "unjudged"]


@dataclass(frozen=True, slots=True)
class Message:
    """The one line of large type."""

    kind: MessageKind
    text: str


class Standing:
    """The last rep and the last warning, each for its time."""

    def __init__(self) -> None:
        self._rep: Rep | None = None
        self._rep_message: Message | None = None
        self._rep_s = 0.0
        self._warning: str | None = None
        self._warning_s = 0.0
        self._t_s = 0.0
        self._warned = False

    def update(self, step: Step) -> None:
        """Take in what this frame brought."""
        t_s = self._t_s = step.observation.t_s
        if step.rep is not None:
            self._rep, self._rep_s = step.rep, t_s
            self._rep_message = _message(step, step.rep)
        if step.warning is not None and (step.warning != self._warning or not self._warned):
            self._warning, self._warning_s = step.warning, t_s
        self._warned = step.warning is not None

    @property
    def rep(self) -> Rep | None:
        """The rep whose verdict is shown now."""
        return self._rep if self._stands(self._rep_s) else None

    @property
    def message(self) -> Message | None:
        """The most important message: alarm, then warning, then what is left of the rep's."""
        of_rep = self._rep_message if self.rep is not None else None
        if of_rep is not None and of_rep.kind == "alarm":
            return of_rep
        if self._warning is not None and (self._warned or self._stands(self._warning_s)):
            return Message("warning", self._warning)
        return of_rep

    def _stands(self, since_s: float) -> bool:
        # A time before `since_s` is that of a source that was started again.
        return 0 <= self._t_s - since_s < STANDS_S


def _message(step: Step, rep: Rep) -> Message | None:
    text = step.cue.text if step.cue is not None else None
    if rep.verdict == "unsure":
        return Message("unjudged", f"not judged: {rep.unsure}" if rep.unsure else "not judged")
    if not text or text == str(rep.index):
        return None
    return Message("alarm" if rep.verdict == "anomalous" else "praise", text)
