"""What is typed during a run, however fast."""

from collections import deque

import pytest
from builders.live_run import Stage, standing
from builders.observations import a_deadlift

from livecoach.feedback.screen import Action, pressed


def typed_at_once(text: str) -> Stage:
    """A run that is pressed all of these keys at the end of a set; the window tells one at a time."""
    stage = Stage()
    names = {"\n": "enter", " ": "space"}
    keys = deque(names.get(character, character) for character in text)
    lifted = a_deadlift(reps=1)
    observations = [*lifted, *standing(12.0, from_s=lifted[-1].t_s + 1 / 30)]

    def actions() -> list[Action | str]:
        if len(stage.screen.shown) < len(observations) - 5:
            return []
        told = [pressed(keys.popleft(), typing=stage.screen.typing)] if keys else []
        return [action for action in told if action is not None]

    stage.screen.actions = actions
    stage.lift(stage.feed(observations))
    return stage


@pytest.mark.parametrize(("keys", "load"), [("102.5\n", "102.5 kg"), ("97,5\n", "97.5 kg"), ("12\n", "12 kg")])
def test_every_key_of_a_load_counts(keys, load):
    """A point is a point, and no frame forward, once a digit has begun a load."""
    assert typed_at_once(keys).screen.shown[-1][1].load == load


def test_a_note_keeps_its_capitals_and_its_letters_mean_nothing_else():
    """B would correct the last rep, and Q would quit."""
    stage = typed_at_once("tBelt, quick\n")
    notes = [status.note for _, status in stage.screen.shown]
    assert "set 1: note Belt, quick_, then Enter" in notes
    assert notes[-1] == "set 1: note saved"
    assert not stage.events("correction")
