"""Nobody there, a dark picture, a lifter half outside: said once; nothing is judged, and nothing alarms."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders.command import CLIPS, DEMO, run, run_well
from builders.observations import a_header
from builders.videos import pictures_of, write_pictures

from livecoach.core.documents import codec
from livecoach.core.types import empty_observation


def events_of(video: Path, home: Path) -> list[dict[str, Any]]:
    said = run_well("replay", video, "--fast", "--events", "-", home=home).stdout
    return [json.loads(line) for line in said.splitlines()]


def warnings(events: list[dict[str, Any]]) -> list[str]:
    return [event["warning"] for event in events if event["event"] == "warning" and event["active"]]


def assert_nothing_is_judged(events: list[dict[str, Any]]) -> None:
    """Reps may be counted where they are seen; none has a verdict, and nothing sounds like one."""
    assert {event["rep"]["verdict"] for event in events if event["event"] == "rep"} <= {"unsure"}
    cues = [event for event in events if event["event"] == "cue"]
    assert {cue["kind"] for cue in cues} <= {"warning", "recognised", "unjudged_rep", "set_over"}
    assert all("not judged" in cue["text"] for cue in cues if cue["kind"] == "set_over")


def test_an_empty_room_has_one_warning_one_cue_and_no_rep(tmp_path):
    events = events_of(CLIPS / "nobody.mp4", tmp_path)
    assert warnings(events) == ["no_person"]
    assert_nothing_is_judged(events)
    assert events[-1]["reps"] == 0
    (cue,) = [event for event in events if event["event"] == "cue"]
    assert cue["text"] == "nobody in the picture"


@pytest.fixture(scope="module")
def room(tmp_path_factory) -> Path:
    """Two seconds in which nobody is seen, as stored observations."""
    path = tmp_path_factory.mktemp("nobody") / "room.obs"
    seen = [empty_observation(t_s=i / 30, width_px=640, height_px=480) for i in range(60)]
    path.write_bytes(b"".join(map(codec.make_record, [codec.encode_header(a_header()), *map(codec.encode, seen)])))
    return path


@pytest.mark.parametrize(("command", "exercise"), [(("analyze",), "auto"), (("replay", "--fast"), "deadlift")])
def test_the_end_says_that_nobody_was_seen(command, exercise, room, tmp_path):
    """Not that no exercise was recognised: naming one would not help."""
    outcome = run(*command, room, "--exercise", exercise, home=tmp_path)
    said = outcome.stdout + outcome.stderr
    assert outcome.returncode == 0
    assert said.count("nobody was seen") == 1
    assert ("Check that the whole lifter is in the picture" in said) == (exercise == "auto")
    assert "recognised" not in said


def test_a_dark_picture_asks_for_light_and_not_for_somebody(tmp_path):
    """The lens is covered: more light is asked for, not somebody."""
    black = np.zeros((240, 320, 3), np.uint8)
    events = events_of(write_pictures(tmp_path / "black.mp4", ((n / 30, black) for n in range(45))), tmp_path)
    assert warnings(events) == ["too_dark"]
    assert_nothing_is_judged(events)
    assert events[-1]["reps"] == 0


def test_a_lifter_half_outside_is_told_to_step_back_and_not_judged(tmp_path):
    cropped = ((t_s, picture[:280]) for t_s, picture in islice(pictures_of(DEMO, 2.0, 8.0), 0, None, 3))
    events = events_of(write_pictures(tmp_path / "cropped.mp4", cropped), tmp_path)
    assert "out_of_frame" in warnings(events)
    assert_nothing_is_judged(events)
