"""Which corrections of a rep stand."""

from hypothesis import given
from hypothesis import strategies as st

from livecoach.judging.corrections import CorrectionStacks, rep_key

STARTS_S = st.sampled_from([0.0, 3.2, 6.4])


def test_a_start_and_the_same_start_as_a_document_rounds_it_are_one_rep():
    """A correction that was read from a file meets the rep that was judged live."""
    stacks: CorrectionStacks[str] = CorrectionStacks()
    stacks.push(1.23456789, "bad")
    assert stacks.top(1.2346) == "bad"
    assert stacks.top(1.2347) is None


@given(steps=st.lists(st.tuples(STARTS_S, st.none() | st.integers()), max_size=30))
def test_the_rep_corrected_last_is_the_one_whose_correction_came_last_and_stands(steps):
    stacks: CorrectionStacks[int] = CorrectionStacks()
    standing: list[tuple[float, int]] = []
    for start_s, said in steps:
        if said is not None:
            stacks.push(start_s, said)
            standing.append((start_s, said))
            continue
        stacks.pop(start_s)
        of_rep = [n for n, (of_s, _) in enumerate(standing) if of_s == start_s]
        if of_rep:
            del standing[of_rep[-1]]
    assert stacks.last_corrected == (rep_key(standing[-1][0]) if standing else None)
    for start_s in (0.0, 3.2, 6.4):
        assert list(stacks.of_rep(start_s)) == [said for of_s, said in standing if of_s == start_s]
