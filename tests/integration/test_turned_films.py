"""Films whose pictures lie on their side, or that a phone turned in the middle of a set, as a user gives them."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders.command import CLIPS, run, run_well
from builders.videos import pictures_of, write_pictures

from livecoach.capture.pictures import letterbox
from livecoach.perception.pose.upright import turn_picture

CLIP = CLIPS / "squat_2.mp4"
SQUAT = ("--exercise", "squat")
TURNED_S = 4.0  # within the second rep
ONE_REP = 45  # pictures, to the end of the first rep


def turned_from(from_s: float, turn_deg: int) -> Iterator[tuple[float, np.ndarray]]:
    """Every second picture of the clip, turned clockwise from a time on, within the frame that the film began with."""
    for t_s, picture in islice(pictures_of(CLIP), 0, None, 2):
        after = turn_picture(picture, turn_deg) if t_s >= from_s else picture
        yield t_s, after if from_s == 0 else letterbox(after, picture.shape[1], picture.shape[0])


def analysed(path: Path, home: Path, *options: str) -> tuple[dict[str, Any], str]:
    outcome = run_well("analyze", path, *SQUAT, *options, "--json", "-", home=home)
    return json.loads(outcome.stdout), outcome.stderr


@pytest.mark.parametrize("turn_deg", [90, 180])
def test_a_film_on_its_side_counts_as_the_upright_film(tmp_path, turn_deg) -> None:
    """It is turned from its first picture on, and a line says so."""
    film = write_pictures(tmp_path / "turned.mp4", islice(turned_from(0.0, turn_deg), ONE_REP))
    found, said = analysed(film, tmp_path)
    source, right = found["source"], (360 - turn_deg) % 360
    assert (source["turn_deg"], source["width"], source["height"]) == (right, 480, 360)
    assert [rep["turn_s"] for rep in found["reps"]] == pytest.approx([1.7], abs=0.1)
    assert ("upside down" if turn_deg == 180 else "lies on its side") in said


def test_a_turn_that_is_given_is_not_announced(tmp_path) -> None:
    film = write_pictures(tmp_path / "turned.mp4", islice(turned_from(0.0, 90), ONE_REP))
    given, quiet = analysed(film, tmp_path, "--rotate=270")
    assert (given["source"]["turn_deg"], len(given["reps"])) == (270, 1)
    assert "picture" not in quiet


def test_a_phone_that_turns_in_a_set_is_noticed(tmp_path) -> None:
    film = write_pictures(tmp_path / "turned.mp4", turned_from(TURNED_S, 90))
    outcome = run("replay", film, *SQUAT, "--fast", "--events", "-", home=tmp_path)
    events = [json.loads(line) for line in outcome.stdout.splitlines()]
    noticed = [event["t_s"] for event in events if event.get("warning") == "turned" and event["active"]]
    assert len(noticed) == 1
    assert TURNED_S < noticed[0] < TURNED_S + 2
    reps = [event["rep"] for event in events if event["event"] == "rep"]
    assert len(reps) == 1
    assert reps[0]["end_s"] < TURNED_S
