"""What can't be read of a damaged video is said: in words, in JSON, in the events, and by the exit status."""

import json
from pathlib import Path

import pytest
from builders.command import run
from builders.sources import write_video

from livecoach.errors import DamagedVideo
from livecoach.source.stored import StoredObservations

SAYS = "set.mp4: damaged: "


@pytest.fixture
def video(tmp_path) -> Path:
    """Two seconds, of which the end is missing."""
    path = tmp_path / "set.mp4"
    write_video(path, times_ms=range(0, 2000, 100), container_options={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * 0.7)])
    return path


def test_analyze_tells_what_it_could_not_read(tmp_path, video) -> None:
    """The rest is analysed and written as usual."""
    outcome = run("analyze", video, "--exercise", "squat", "--json", "-", home=tmp_path)
    frames = json.loads(outcome.stdout)["frames"]
    assert frames["read"] + frames["lost"] == 20
    assert frames["lost"] > 2
    assert f"{SAYS}{frames['lost']} of 20 frames can't be read" in outcome.stderr
    assert outcome.returncode == DamagedVideo.exit_code


def test_replay_tells_what_it_could_not_read(tmp_path, video) -> None:
    """In its last event, and when it ends."""
    outcome = run("replay", video, "--exercise", "squat", "--fast", "--events", "-", home=tmp_path)
    last = json.loads(outcome.stdout.splitlines()[-1])
    assert last["frames"]["read"] + last["frames"]["lost"] == 20
    assert SAYS in outcome.stderr
    assert outcome.returncode == DamagedVideo.exit_code


def test_observe_tells_what_it_could_not_read(tmp_path, video) -> None:
    """What could be read is stored."""
    out = tmp_path / "set.obs"
    outcome = run("observe", video, "--out", out, home=tmp_path)
    assert SAYS in outcome.stderr
    assert outcome.returncode == DamagedVideo.exit_code
    source = StoredObservations(out)
    assert 0 < len(list(source.payloads())) < 20
    source.close()
