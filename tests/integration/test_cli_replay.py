"""`livecoach replay` and `observe`: a recording gives the same events, again and again, from video or observations."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from builders.command import CLIPS, run, run_alone, run_well, schema_of
from builders.videos import cut

SQUAT = ("--exercise", "squat")


@pytest.fixture(scope="module")
def clip(home) -> Path:
    """One squat, 4.2 s, 15 pictures a second."""
    return cut(CLIPS / "squat_2.mp4", home / "squat.mp4", 0.0, 4.2, every=2)


@pytest.fixture(scope="module")
def stored(home, clip) -> Path:
    out = home / "squat.obs"
    outcome = run_well("lab", "observe", clip, "--out", out, home=home)
    assert outcome.stdout == f"{out}: 63 observations, 63 with a person\n"
    return out


def fast(recording: Path, home: Path, run: Callable[..., Any] = run) -> str:
    outcome = run("replay", recording, *SQUAT, "--fast", "--events", "-", home=home)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


@pytest.fixture(scope="module")
def events(home, clip) -> str:
    return fast(clip, home)


def parsed(lines: str) -> list[dict[str, Any]]:
    """Events, each of which has to be what the schema says."""
    schema = schema_of("events")
    validator = jsonschema.validators.validator_for(schema)(schema)
    told = [json.loads(line) for line in lines.splitlines()]
    for event in told:
        validator.validate(event)
    return told


def test_a_replay_writes_events_in_order_from_session_start_to_session_end(events):
    told = parsed(events)
    kinds = [event["event"] for event in told]
    times_s = [event["t_s"] for event in told]
    assert (kinds[0], kinds[-1]) == ("session_start", "session_end")
    assert kinds.count("rep") == told[-1]["reps"] == 1
    assert times_s == sorted(times_s)


def test_the_same_video_gives_the_same_events(home, clip, events):
    """To the byte, with another seed of Python's hashes."""
    assert fast(clip, home, run_alone) == events


def test_stored_observations_give_the_events_of_the_video_and_can_be_annotated(home, stored, events):
    assert fast(stored, home) == events
    out = home / "stored.mp4"
    run_well("analyze", stored, *SQUAT, "--annotated", out, home=home)
    assert out.stat().st_size > 0


def test_paced_replay_ends_by_itself(home, clip):
    outcome = run_well("replay", clip, *SQUAT, "--speed", "8", "--no-window", "--mute", "--events", "-", home=home)
    told = parsed(outcome.stdout)
    frames = told[-1]["frames"]
    assert told[-1]["event"] == "session_end"
    assert frames["read"] + frames["dropped"] == 63
    assert f"{told[-1]['reps'] or 'no'} rep" in outcome.stderr


def test_events_go_to_a_file_and_the_summary_to_standard_output(home, stored, events):
    out = home / "events.jsonl"
    out.write_text("old\n" * 1000)
    outcome = run("replay", stored, *SQUAT, "--fast", "--events", out, "--verbose", home=home)
    assert out.read_text() == events
    assert "squat.mp4 · squat\nset 1 · 1 rep: " in outcome.stdout
    assert "63 frames, 0 dropped, 63 with a person\n" in outcome.stdout
    assert outcome.stderr == ""
