"""Whatever is sent to the pages of `livecoach home`, they answer in a line, and lose nothing of a session."""

import pytest
from builders.home_server import Visitor, at_home
from builders.hostile import HOSTILE, cases
from builders.reports import an_evening
from builders.sessions import contents
from hypothesis import given
from hypothesis import strategies as st

from livecoach.records.session import layout

NAMES = ("label", "fault", "load", "rpe", "note", "profile", "exercise", "week-0", "exercise-0", "sets-0", "reps-0",
         "load-0", "rest-0", "one", "other", "since", "blur")  # fmt: skip
TEXTS = st.sampled_from(
    [*(str(value) for value in HOSTILE if value != "\ud800"), "good", "bad", "undo", "ada", "squat"]
) | st.text(max_size=30)
FORMS = st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=8)
PATHS = st.sampled_from([
    "{}/1/1", "{}/1/9", "{}/1", "{}/{n}", "{}/{n}/1", "{}/reps", "{}/1/reps", "{}/1/reference", "{}/3/lifter",
    "{}/1/exercise", "plan", "plan?profile={n}", "profile/forget", "known", "gone/1", "{}/undelete",
])  # fmt: skip
PAGES = st.sampled_from(["", "history.html", "compare.html", "known.html", "plan.html", "{}.html", "{}/1/1.svg"])
CHANGED = (layout.CORRECTIONS, layout.SETS)


@pytest.mark.parametrize("sends", [True, False], ids=["form", "query"])
def test_a_request_of_any_kind_to_a_page_is_done_or_refused(sessions, sends: bool) -> None:
    """No form here deletes: what was recorded stays."""
    folder = an_evening(sessions)
    recorded = {name: content for name, content in contents(folder).items() if name not in CHANGED}

    @cases(0.05)
    @given(requests=st.lists(st.tuples(PATHS if sends else PAGES, TEXTS, FORMS), min_size=5, max_size=10))
    def hold(requests: list[tuple[str, str, dict[str, str]]]) -> None:
        async def scene(visitor: Visitor) -> None:
            for path, number, fields in requests:
                place = path.format(folder.name, n=number)
                if sends:
                    status, answer = await visitor.post(place, **fields)
                    assert "\n" not in answer
                else:
                    status, _ = await visitor.get(place, fields)
                assert status in {200, 400, 403, 404, 409, 413}, (place, fields)
            assert visitor.said == []

        at_home(scene)

    hold()
    assert recorded.items() <= contents(folder).items()
