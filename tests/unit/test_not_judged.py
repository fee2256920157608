"""What the window says of a rep that was not judged."""

import pytest
from builders.observations import an_observation
from builders.steps import a_rep, a_step

from livecoach.feedback.display_state import ADVICE, DisplayState
from livecoach.judging.lifter_judge import FROM_BEHIND, TOO_FEW_FRAMES, VIEW_UNKNOWN
from livecoach.judging.reference import NEEDED

REASONS = [FROM_BEHIND, VIEW_UNKNOWN, TOO_FEW_FRAMES, *(f"{joint} not clear" for joint in NEEDED)]


@pytest.mark.parametrize("reason", [*REASONS, *ADVICE])
def test_a_lifter_learns_what_to_do_about_it(reason):
    """Under the reason, in a few words."""
    standing = DisplayState()
    step = a_step(observation=an_observation(), count=1, rep=a_rep(verdict="unsure", unsure=reason))
    standing.update(step)
    assert standing.message is not None
    assert standing.message.text == f"not judged: {reason}"
    assert standing.message.detail is not None
    assert len(standing.message.detail.split()) <= 6
