"""Two checkouts in turn: the figures of both, and the ratio of each pair."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders.bench_traces import a_frame, a_trace

from livecoach.errors import OutputError
from livecoach.tools.bench_figures import REST, MeasuredValue, Trace
from livecoach.tools.bench_pairs import (
    COMPARED,
    ComparedFigure,
    ComparisonDocument,
    _rows,
    _values,
    alternately,
    compare,
    print_comparison,
)
from livecoach.tools.machine import Machine


def busy(share: float) -> Trace:
    """Six seconds in which a run takes this share of a core."""
    return a_trace(*(replace(a_frame(number), cpu_s=share * number / 30) for number in range(180)))


def rows_of(kind, *pairs: tuple[Trace, Trace]) -> dict[str, ComparedFigure]:
    """The compared figures by key."""
    values = [tuple(_values(trace, kind, None) for trace in pair) for pair in pairs]
    return {row.figure: row for row in _rows(kind, "lite", values)}


def test_checkouts_run_alternately_and_either_goes_first():
    """What slows the machine down meets both. A checkout may be compared with itself."""
    ran: list[str] = []

    def measure(folder: Path) -> dict[str, MeasuredValue]:
        ran.append(folder.name)
        return {"cpu_percent": MeasuredValue(value=len(ran) + 100.0 * (folder.name == "after"))}

    told: list[int] = []
    pairs = alternately(measure, Path("after"), Path("before"), told.append)
    assert ran == ["before", "after", "after", "before", "before", "after"]
    assert [[values["cpu_percent"].value for values in pair] for pair in pairs] == [[102, 1], [103, 4], [106, 5]]
    assert told == [1, 2, 3]
    assert len(alternately(measure, Path("after"), Path("after"), told.append)) == 3


def test_each_pair_has_its_ratio():
    """Of this checkout to the other: less than one is faster."""
    cpu = rows_of("stream", (busy(0.3), busy(0.6)), (busy(0.6), busy(0.8)))["cpu_percent"]
    assert cpu.this == pytest.approx((30, 60))
    assert cpu.baseline == pytest.approx((60, 80))
    assert cpu.ratios == pytest.approx((0.5, 0.75))


def test_a_set_and_a_rest_have_figures_of_their_own():
    """A rest has its processor time alone."""
    assert tuple(rows_of("stream", (busy(0.3), busy(0.6)))) == COMPARED
    assert tuple(rows_of("still", (busy(0.3), busy(0.6)))) == (REST["still"][0].key,)


def test_what_was_not_measured_has_no_ratio():
    """A run may be too short to rest."""
    short = a_trace(a_frame(0), a_frame(1))
    cpu = rows_of("empty", (short, busy(0.5)), (busy(0.5), busy(0.5)))["cpu_percent"]
    assert cpu.this[0] is None
    assert cpu.ratios == (None, pytest.approx(1.0))


def test_the_table_has_the_medians_and_each_ratio(capsys: pytest.CaptureFixture[str]):
    """And a dash for what was not measured."""
    rows = rows_of("stream", (busy(0.3), busy(0.6)), (busy(0.5), busy(0.6)), (busy(0.4), a_trace(a_frame(0))))
    machine = Machine(
        cpu="a CPU", cores=2, system="Linux", python="3.11", packages={}, load=None, measured_utc="2026-11-23 12:00"
    )
    print_comparison(
        ComparisonDocument(
            schema=1,
            machine=machine,
            seconds=6.0,
            window="w",
            sound="s",
            baseline="../before",
            rows=tuple(rows.values()),
        )
    )
    shown = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("CPU"))
    assert shown.split()[-5:] == ["40.0", "60.0", "0.50", "0.83", "–"]


def test_a_folder_that_is_no_checkout_is_named(tmp_path: Path):
    """Before anything runs."""
    with pytest.raises(OutputError, match=r"is no checkout of livecoach that can be measured\. Give the folder"):
        compare(tmp_path, ["lite"], 2.0, print)
