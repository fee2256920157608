"""Where a message stands: it is read first, and leaves the lifter free."""

import pytest

from livecoach.feedback.display_state import ShownMessage
from livecoach.feedback.layout import Box
from livecoach.feedback.message import place

PORTRAIT = Box(360, 20, 240, 460)
"""The picture of a phone held upright, beside a panel that the summary fills."""


@pytest.mark.parametrize("text", ["rep 1/5:\nbad", "rep 1/5:\ngood again", "rep 1/5:\nnot counted"])
def test_the_answer_to_a_mark_leaves_the_head_free(text):
    """Where there is no room beside the lifter it stands before the legs."""
    lifter = Box(400, 60, 150, 410)
    head = Box(lifter.x, lifter.y, lifter.w, lifter.h // 3)
    assert place(ShownMessage("said", text), PORTRAIT, 480, [lifter], []).box.overlap(head) == 0


def test_the_answer_to_a_mark_takes_three_lines_where_two_cover_the_lifter():
    """In a 4:3 picture with the lifter in the middle."""
    lifter = Box(220, 60, 180, 400)
    assert (
        place(ShownMessage("said", "rep 1/5:\ngood again"), Box(21, 190, 598, 250), 480, [lifter], []).box.overlap(
            lifter
        )
        == 0
    )
