"""What a soak shows: series over time, figures with limits, and their picture."""

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from live_trials.soak_report import MemorySample, SoakDocument, SoakTrace, figures, growth_mib, picture, series

from livecoach import documents
from livecoach.tools.machine import Machine

MACHINE = Machine(
    cpu="a processor", cores=2, python="3.11", system="Linux", packages={}, measured_utc="2026-01-01", load=0.0
)


def memory(*rss_mib: float, every_s: float = 60.0) -> tuple[MemorySample, ...]:
    return tuple(MemorySample(t_s=at * every_s, rss_mib=mib, cpu_s=at * 30.0) for at, mib in enumerate(rss_mib))


def a_trace(
    samples: tuple[MemorySample, ...] = memory(*[400.0] * 21),
    frames: tuple[tuple[float, int], ...] = tuple((at / 10, 0) for at in range(12000)),
    latencies: tuple[tuple[float, float], ...] = ((1.0, 20.0), (600.0, 20.0), (1100.0, 30.0)),
    reps: int = 500,
) -> SoakTrace:
    return SoakTrace(
        samples=samples, frames=frames, latencies=latencies, reps=reps, shown=505, session_mib=10.0, status=130
    )


def held(trace: SoakTrace) -> dict[str, bool]:
    return {one.key: one.held for one in figures(trace) if one.held is not None}


def test_a_good_run_holds_every_limit():
    """Twenty minutes without growth, drops or delay."""
    assert held(a_trace()) == {
        "growth_mib": True,
        "dropped_share": True,
        "latency_ms_p95": True,
        "reps_share": True,
    }


def test_memory_counts_once_it_has_settled():
    """What the first minutes load is no growth; what comes after them is."""
    assert growth_mib(memory(100.0, 300.0, *[400.0] * 19)) == 0.0
    assert growth_mib(memory(*[400.0 + 5 * at for at in range(21)])) == pytest.approx(80.0)
    assert growth_mib(memory(400.0)) is None


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        (a_trace(samples=memory(*[400.0 + 5 * at for at in range(21)])), "growth_mib"),
        (a_trace(frames=tuple((at / 10, at % 50 == 0) for at in range(12000))), "dropped_share"),
        (a_trace(latencies=((1.0, 20.0), (2.0, 90.0))), "latency_ms_p95"),
        (a_trace(reps=400), "reps_share"),
        (a_trace(latencies=()), "latency_ms_p95"),
        (a_trace(samples=()), "growth_mib"),
    ],
)
def test_each_limit_can_be_missed(broken, key):
    """It alone; what was not measured does not hold."""
    assert [name for name, one in held(broken).items() if not one] == [key]


def test_frames_left_out_before_the_first_one_are_the_start():
    """They are not counted as dropped."""
    shown = {one.key: one.value for one in figures(a_trace(frames=((0.0, 40), *((at / 10, 0) for at in range(1, 99)))))}
    assert shown["dropped_share"] == 0


def test_a_series_has_equal_intervals_and_loses_no_frame():
    """Also where there are fewer samples than points."""
    points = series(a_trace(frames=tuple((at / 10, at % 2) for at in range(12000))))
    assert len(points) == 10
    assert sum(point.dropped for point in points) == 6000
    assert {round(later.t_s - point.t_s) for point, later in pairwise(points)} == {120}
    assert points[1].latency_ms_p50 is None


def test_the_picture_shows_three_panels():
    """It is well-formed, and lines have gaps where nothing was measured."""
    trace = a_trace()
    told = SoakDocument(
        schema=1, machine=MACHINE, minutes=20, fps=10, status=130, figures=figures(trace), series=series(trace)
    )
    drawn = ET.fromstring(picture(told))
    words = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"memory, MiB", "frames", "captured → decided, ms", "20 min"} <= set(words)
    assert '"growth_mib"' in documents.to_json(told)
