"""The power is cut during a replay that records a session: strace watches it, and a model of a disk
(builders.power_cut) loses what was not given to it.

LIVECOACH_FUZZ_CUTS sets the number of moments that are tried; each is tried in all the ways in which a disk may lose.
"""

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from builders.command import CLIPS, TIMEOUT_S, command, surroundings
from builders.power_cut import LEFT, TRACE, Disk, even_cuts, needs_strace, traced_calls
from builders.videos import cut

from livecoach.records.session import layout
from livecoach.records.session.opening import is_session_folder, open_session
from livecoach.records.session.recorder import SYNC_EVERY_S
from livecoach.records.session.upkeep import close_cut_off_sessions

SESSIONS = Path("data/sessions")
MOST_S = 3 * SYNC_EVERY_S
"""Age of what a power cut may lose: the second that is promised, and time that a busy machine takes from the thread."""
CUTS = int(os.environ.get("LIVECOACH_FUZZ_CUTS", "6"))

pytestmark = needs_strace


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """The home of a replay of a squat that recorded a session and learned, and what it asked of the disk there."""
    home = tmp_path_factory.mktemp("home")
    trace = home.parent / f"{home.name}.trace"
    clip = cut(CLIPS / "squat_2.mp4", home.parent / "squat.mp4", 0.0, 4.2, every=2)
    options = ("--exercise", "squat", "--profile", "me", "--record", "--no-window", "--mute")
    replay = subprocess.run(
        [*TRACE, "-o", trace, *command("replay", clip, *options)],
        env={**surroundings(home), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    if not any((home / SESSIONS).glob(f"*/{layout.DOCUMENT}")):
        assert "Too few pictures" in replay.stdout
        pytest.skip("a busy machine: most pictures were left out, so no rep counted, and no session was kept")
    return home, [call for call in traced_calls(trace, home) if not call.paths[-1].startswith(f"{home}/cache/")]


def assert_readable(folder: Path) -> None:
    """Read all that a session has: what can't be read raises an error."""
    session = open_session(folder, str)
    with closing(session.open_frames(pictures=True)) as frames:
        for _ in iter(frames.read, None):
            pass
    assert session.ending.reps == len(session.rep_events)
    assert isinstance(session.events + session.cues, tuple)


@pytest.mark.parametrize("how", LEFT)
def test_a_power_cut_costs_the_last_second_at_most_and_nothing_else(watched, tmp_path, monkeypatch, how):
    home, calls = watched
    disk, applied, read = Disk(home), 0, 0
    said: list[str] = []
    for number in even_cuts(calls, CUTS):
        for call in calls[applied:number]:
            disk.apply(call)
        applied = number
        left = tmp_path / str(number)
        left.mkdir()
        disk.leave(how, left)
        assert all(disk.waiting_s(calls[number - 1].at_s, name) < MOST_S for name in layout.RECORDED_FILES), number
        monkeypatch.setenv("LIVECOACH_HOME", str(left))
        close_cut_off_sessions(said.append)
        for folder in filter(is_session_folder, layout.scan_folders()):
            assert_readable(folder)
            read += 1
    assert read > CUTS / 2
    assert not [line for line in said if "can't be" in line]


def test_after_the_end_a_power_cut_costs_nothing_even_of_the_first_session(watched, tmp_path):
    home, calls = watched
    disk = Disk(home)
    for call in calls:
        disk.apply(call)
    disk.leave("strict", tmp_path)
    stored, kept = (
        {path.relative_to(place): path.stat().st_size for path in (place / SESSIONS).glob("*/*")}
        for place in (home, tmp_path)
    )
    assert stored
    assert stored.items() <= kept.items()
