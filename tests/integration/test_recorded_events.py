"""The same observations give the same events as when the events were recorded.

Each pair in `tests/recorded_events/` is a file of stored observations (synthetic clips, seen by BlazePose lite) and the
events that `livecoach replay --fast` gave for it. A change of code that should not change behaviour keeps them as they
are; a change of behaviour renews them with `tests/recorded_events/renew`, and its commit says what has changed.

Numbers are compared to one part in a million: on one machine the events are equal to the byte, but NumPy sums in
another order where the processor has wider registers.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from builders.command import STORED, run_well

OF_THE_BUILD = ("version", "model")
"""Fields of the first event that name the build, not what was decided."""


def events(path: Path) -> list[dict[str, Any]]:
    first, *others = (json.loads(line) for line in path.read_text().splitlines())
    return [{name: value for name, value in first.items() if name not in OF_THE_BUILD}, *others]


def assert_alike(now: Any, recorded: Any, where: str) -> None:
    if isinstance(recorded, dict):
        assert isinstance(now, dict), where
        assert now.keys() == recorded.keys(), where
        for name, value in recorded.items():
            assert_alike(now[name], value, f"{where}.{name}")
    elif isinstance(recorded, list):
        assert isinstance(now, list), where
        assert len(now) == len(recorded), where
        for number, value in enumerate(recorded):
            assert_alike(now[number], value, f"{where}[{number}]")
    elif isinstance(recorded, float):
        assert now == pytest.approx(recorded, rel=1e-6, abs=1e-9), where
    else:
        assert now == recorded, where


@pytest.mark.parametrize("name", sorted(path.stem for path in STORED.glob("*.obs")))
def test_stored_observations_give_the_events_that_were_recorded(name, tmp_path):
    exercise = name.split("_")[0]
    observations, file = STORED / f"{name}.obs", tmp_path / "now"
    given = ("--fast", "--exercise", exercise, "--profile", "me")
    run_well("replay", observations, *given, "--events", file, home=tmp_path)
    now, recorded = events(file), events(STORED / f"{name}.jsonl")
    assert [event["event"] for event in now] == [event["event"] for event in recorded]
    for number, (one, other) in enumerate(zip(now, recorded, strict=True)):
        assert_alike(one, other, f"event {number} ({other['event']})")
