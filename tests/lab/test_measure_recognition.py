"""What is recognised of clips, and how their reps are counted by whole runs."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.lab.measure.real_clips import RealClip, split_by_origin
from livecoach.lab.measure.recognise import ClipResult, clips_table, group_clips, run_table
from livecoach.lab.measure.table import Share


def test_the_tables_count_right_wrong_and_missing_exercises() -> None:
    truths = (("squat", "squat"), ("squat", "lunge"), ("lunge", None), (None, None), (None, "squat"))
    # A run that is sure of an exercise counts three reps of it, two of them in time.
    counts = ({"reps": 0 if found is None else 3, "in_time": 0 if found is None else 2} for _, found in truths)
    clips = [ClipResult(*pair, counted_as=pair[1], **count) for pair, count in zip(truths, counts, strict=True)]
    found = run_table("Clips", "what", group_clips(clips))
    runs = {row[0]: [cell.count for cell in row[1:]] for row in found.rows}
    assert runs == {
        "in the classes": [1, 1, 1, 4, 1, 1],
        "lunge": [0, 0, 1, 0, 0, 0],
        "squat": [1, 1, 0, 4, 1, 1],
        "none of these": [0, 1, 1, 2, 1, 1],
    }


def test_the_table_of_sets_compares_exercise_and_count() -> None:
    """What was said counts only for the sets that are not right in both."""
    counted = (("squat", 3, ()), ("squat", 2, ("step back",)), ("lunge", 3, ("step back",)))
    sets = [
        (a_recorded_clip(reps=3), ClipResult("squat", None, counted_as=name, reps=reps, messages=messages))
        for name, reps, messages in counted
    ]
    name, both, exercise, others, messages = clips_table(sets).rows[1]
    assert (name, both, exercise) == ("squat", Share(1, 3), Share(2, 3))
    assert (others, messages) == ("lunge 1", "step back (2)")


@given(st.lists(st.sampled_from("abcdefgh")))
def test_parts_have_no_origin_in_common(origins: list[str]) -> None:
    clips = [a_recorded_clip(origin=origin) for origin in origins]
    parts = split_by_origin(clips, 3)
    assert sorted(clip.origin for part in parts for clip in part) == sorted(origins)
    assert sum(len({clip.origin for clip in part}) for part in parts) == len(set(origins))
    largest = max((origins.count(origin) for origin in origins), default=0)
    assert max(map(len, parts)) - min(map(len, parts)) <= largest


def a_recorded_clip(**changes: Any) -> RealClip:
    return RealClip(path=Path("clip.mp4"), labelled="squat", **changes)
