"""`bench --growth`: repeated observations, cost by length, and the tables; no pose, no process."""

import io
from itertools import count, islice, pairwise

import pytest
from rich.console import Console

from livecoach.tools.bench_growth import Growth, LengthCost, RepsCost, by_length, repeated
from livecoach.tools.bench_growth_report import length_table, reps_table
from livecoach.types import Observation


def a_turn(frames: int = 20) -> tuple[Observation, ...]:
    """Ten frames a second without a person, from 3 s on."""
    return tuple(
        Observation(
            index=number,
            t_s=3 + number / 10,
            landmarks=None,
            world=None,
            people=0,
            brightness=0.5,
            width_px=640,
            height_px=480,
            dropped=0,
        )
        for number in range(frames)
    )


def test_repeated_observations_keep_their_distance():
    """Over the seam too."""
    seen = list(islice(repeated(a_turn()), 50))
    assert [one.index for one in seen] == list(range(50))
    gaps = [after.t_s - before.t_s for before, after in pairwise(seen)]
    assert gaps == pytest.approx([0.1] * 49)


def test_the_cost_at_a_length_is_that_of_the_last_seconds():
    """A pipeline that gets slower by 1 ms a frame."""
    passed = [0.0]
    frames = count(1)

    def step(_: Observation) -> None:
        passed[0] += next(frames) / 1000

    memory = iter((100.0, 120.0))
    costs = list(
        by_length(step, repeated(a_turn()), (20.0, 60.0), clock=lambda: passed[0], memory=lambda: next(memory))
    )
    assert [one.rss_mib for one in costs] == [100.0, 120.0]
    # At 20 s, frame 171 has run; the last ten seconds are about frames 72 to 171.
    assert costs[0].frame_ms == pytest.approx(121.5, abs=1)
    assert costs[1].frame_ms == pytest.approx(521.5, abs=1)


def test_the_tables_have_a_line_for_each_length_and_number():
    """What is not known is a dash."""
    growth = Growth(
        by_length=(LengthCost(length_s=3600.0, frame_ms=0.9, frame_ms_p95=1.5, rss_mib=250.0),),
        by_reps=(RepsCost(reps=500, start_ms=2500.0, frame_ms=0.8, rep_ms=None, rss_mib=None),),
    )
    console = Console(file=io.StringIO(), width=80)
    console.print(length_table(growth), reps_table(growth))
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert ["60", "min", "0.90", "1.50", "250"] in lines
    assert ["500", "2500", "0.80", "–", "–"] in lines
