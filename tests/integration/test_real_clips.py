"""Real recordings of real lifters: exact counts by hand, where they lie on this machine."""

import csv

import pytest
from builders.command import analysed
from builders.real_recordings import CLIPS, MISSING
from builders.videos import cut

NAMES = ("b_good003", "mo_squat", "mo_deadlift")
"""The last one's lifter was lost for somebody whom the network made of his bar."""
EMPTY = CLIPS / "none1.mp4"

pytestmark = pytest.mark.skipif(not CLIPS.is_dir(), reason=MISSING)


@pytest.mark.parametrize("name", NAMES)
def test_reps_are_counted_as_by_hand(tmp_path, name):
    """Exactly; a deadlift counts at lockout where the film ends there."""
    with (CLIPS / "clips.csv").open(newline="") as file:
        told = next(row for row in csv.DictReader(file) if row["file"] == f"{name}.mp4")
    found = analysed(CLIPS / f"{name}.mp4", "--exercise", told["exercise"], home=tmp_path)
    assert len(found["reps"]) == int(told["reps_at_lockout"])


def test_an_empty_room_has_no_reps_and_no_alarm(tmp_path):
    """Filmed by hand: the room moves, nobody is in it."""
    film = cut(EMPTY, tmp_path / "room.mp4", 0.0, 60.0, every=2)
    assert analysed(film, "--exercise", "deadlift", home=tmp_path)["reps"] == []


@pytest.mark.parametrize(
    ("name", "seconds", "options", "pose", "reps"),
    [
        ("j_nico_unblocked", None, (), "lite", ["deadlift"]),
        ("b_good003", 1.0, (), "full", []),
        ("b_good003", 1.0, ("--pose", "lite"), "lite", []),
    ],
)
def test_only_a_film_without_a_rep_is_seen_again_by_the_larger_network(tmp_path, name, seconds, options, pose, reps):
    """Unless the user chose the network. A film with a rep becomes one session, a film without a rep none."""
    film = CLIPS / f"{name}.mp4"
    if seconds is not None:
        film = cut(film, tmp_path / "start.mp4", 0.0, seconds, every=2)
    found = analysed(film, "--record", *options, home=tmp_path)
    assert (found["model"]["pose"], [rep["exercise"] for rep in found["reps"]]) == (pose, reps)
    saved = [path.parent.name for path in tmp_path.rglob("session.json")]
    assert saved == ([found["session"]] if reps else [])
