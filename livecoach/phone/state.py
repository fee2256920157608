"""What the page shows: a step and the state of the run, as fields of a message, in the lifter's language."""

from collections.abc import Mapping

import numpy as np

from livecoach.feedback.display_state import DisplayState, Message, title_of
from livecoach.feedback.overlay import chosen_message
from livecoach.feedback.run_status import RunStatus
from livecoach.feedback.summary_panel import rows
from livecoach.language import told
from livecoach.types import Observation, SetSummary, Step


class StateBuilder:
    """Makes states of steps. It remembers only what is shown for a while, as the window does."""

    def __init__(
        self, *, title: str = "", titles: Mapping[str, str] | None = None, synthetic: bool = False, learns: bool = True
    ) -> None:
        """title, titles, synthetic, learns: as the overlay's."""
        self._title, self._titles, self._synthetic, self._learns = title, titles, synthetic, learns
        self._standing = DisplayState(titles)

    def update(self, step: Step) -> None:
        """Take in a step, whether it is sent or not."""
        self._standing.update(step)

    def fields(self, step: Step, status: RunStatus) -> dict[str, object]:
        """Return the fields of the state after the last step."""
        t_s, progress = step.observation.t_s, status.progress
        plan = None if progress is None else progress.plan
        message = chosen_message(self._standing, status)
        rest_s = None if progress is None else progress.rest_s(t_s)
        learning = self._standing.learning if self._learns else None
        return {
            "exercise": told(title) if (title := title_of(step, self._title, self._titles)) else None,
            "profile": status.profile,
            "load": None if status.load is None else told(status.load),
            "set": 1 if progress is None else progress.set_number,
            "target": None if plan is None or plan.reps is None else {"reps": plan.reps, "sets": plan.sets},
            "count": step.count,
            "in_set": step.in_set,
            "verdict": self._standing.verdict,
            "message": _message(message, status.note),
            "note": None if status.note is None else told(status.note),
            "progress": None if step.progress is None else round(step.progress, 3),
            "rest_s": None if rest_s is None else int(rest_s),
            "rest_target_s": None if plan is None else plan.rest_s,
            "session_s": 0 if progress is None else int(progress.session_s(t_s)),
            "summary": _summary(self._standing.summary),
            "muted": bool(status.muted),
            "choices": self._choices(step, message),
            "learning": None if learning is None else {"have": learning.have, "wanted": learning.wanted},
            "synthetic": self._synthetic,
            "recording": status.recording,
            "picture": [step.observation.width_px, step.observation.height_px],
            "body": _body(step.observation),
        }

    def _choices(self, step: Step, message: Message | None) -> list[str]:
        """Return the titles to choose between, while the lifter is asked."""
        if message is None or message.kind != "choice" or self._titles is None or step.recognition is None:
            return []
        return [told(self._titles[name]) for name in step.recognition.choices]


def between_runs(text: str) -> dict[str, object]:
    """Return the fields of a state while there is no run: a line of text and nothing else."""
    unknown = ("exercise", "profile", "load", "target", "verdict", "progress", "rest_s", "rest_target_s")
    nothing = dict.fromkeys((*unknown, "summary", "note", "learning", "picture", "body"))
    none_yet: dict[str, object] = {"set": 0, "count": 0, "session_s": 0, "choices": []}
    flags = dict.fromkeys(("in_set", "muted", "synthetic", "recording"), False)
    return {**nothing, **none_yet, **flags, "message": _message(Message("news", text), None)}


def _message(message: Message | None, note: str | None) -> dict[str, object] | None:
    if message is None:
        return None if note is None else _message(Message("news", note), None)
    return {
        "kind": message.kind,
        "text": told(message.text),
        "detail": None if message.detail is None else told(message.detail),
        "tick": message.tick,
        "shape": message.shape,
    }


def _summary(summary: SetSummary | None) -> dict[str, object] | None:
    return None if summary is None else {"lines": [" ".join(row.parts) for row in rows(summary)]}


def _body(seen: Observation) -> list[list[float]] | None:
    if seen.landmarks is None:
        return None
    places = np.nan_to_num(seen.landmarks[:, (0, 1, 3)].astype(np.float64))
    body: list[list[float]] = places.clip(-1, 2).round(3).tolist()
    return body
