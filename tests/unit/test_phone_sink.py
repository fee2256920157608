"""What the phone's page shows of a step: the same as the window."""

from builders.steps import a_rep, a_step

from livecoach.feedback.display_state import RunStatus
from livecoach.phone.sink import StateBuilder
from livecoach.types import Learning, Step

STATUS = RunStatus(fps=30.0, latency_ms=16.0, dropped=0, muted=False, paused=False, note=None)
LEARNING = Learning(have=2, wanted=4)


def learning_after(*steps: Step, learns: bool = True) -> object:
    builder = StateBuilder(title="Squat", learns=learns)
    for step in steps:
        builder.update(step)
    return builder.fields(steps[-1], STATUS)["learning"]


def test_what_is_learned_is_shown_after_a_rep_and_not_at_rest():
    """A lifter who walks turns any side to the camera, so another reference would be shown."""
    lifted = a_step(rep=a_rep(), in_set=True, learning=LEARNING)
    resting = a_step(learning=LEARNING)
    assert learning_after(lifted) == {"have": 2, "wanted": 4}
    assert learning_after(lifted, resting) is None
    assert learning_after(resting) is None


def test_nothing_is_said_of_learning_where_it_is_off():
    """With --no-learn."""
    assert learning_after(a_step(rep=a_rep(), in_set=True, learning=LEARNING), learns=False) is None
