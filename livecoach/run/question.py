"""The question which of two exercises it is. While the picture asks it, its keys choose; otherwise they are digits."""

from livecoach.feedback.display_state import ASKED_AFTER_S
from livecoach.feedback.window import Action
from livecoach.types import Step

PLACE_OF_ACTION = {Action.CHOOSE_FIRST: 0, Action.CHOOSE_SECOND: 1}
"""Key → place of its exercise in Recognition.choices."""


class StandingQuestion:
    """Follows whether the lifter is being asked."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._since_s: float | None = None

    def step(self, step: Step) -> None:
        """Take a step."""
        t_s = step.observation.t_s
        doubtful = step.exercise is None and step.recognition is not None
        names = step.recognition.choices if doubtful and step.recognition is not None else ()
        if not names:
            self._since_s = None
        elif self._since_s is None or t_s < self._since_s:
            self._since_s = t_s
        asked = self._since_s is not None and t_s - self._since_s >= ASKED_AFTER_S
        self._names = names if asked else ()

    def answer(self, place: int) -> str | None:
        """Return the exercise at a place among those that are asked for; None where none is asked for."""
        return dict(enumerate(self._names)).get(place)
