"""Real clips are counted by whole runs, and the table says as what."""

import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.measure.recognise import ClipCounts, run_table


def a_clip(truth: str | None, counted_as: str | None) -> ClipCounts:
    """Return what a run counts of a clip: three reps, of which two are told when they end. It is sure of the same."""
    reps = 0 if counted_as is None else 3
    return ClipCounts(truth=truth, counted_as=counted_as, reps=reps, in_time=min(reps, 2), first_sure=counted_as)


def test_the_table_tells_what_is_counted_as_it_as_another_and_not_at_all() -> None:
    """Of what is none of the exercises, any rep is one too many."""
    found = run_table(
        [
            a_clip("squat", "squat"),
            a_clip("squat", "lunge"),
            a_clip("lunge", None),
            a_clip(None, None),
            a_clip(None, "squat"),
        ]
    )
    shares = {row[0]: [getattr(cell, "count", cell) for cell in row[1:]] for row in found.rows}
    assert shares == {
        "in the classes": [1, 1, 1, 4, 1, 1],
        "lunge": [0, 0, 1, 0, 0, 0],
        "squat": [1, 1, 0, 4, 1, 1],
        "none of these": [0, 1, 1, 2, 1, 1],
    }
