"""Sessions as a lifter has them: kept by `live`, run again by `replay`."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import av
import pytest
from builders.command import CLIPS, DEMO, SQUAT_OBSERVATIONS, lines, run, run_well
from builders.sessions import a_session
from builders.simulated_live import lifted, observations
from builders.videos import cut

from livecoach.core.documents import StandardsEvent
from livecoach.core.errors import OutputError
from livecoach.core.types import Standards
from livecoach.records.session import layout

SQUATS = CLIPS / "squat_2.mp4"
HIGH_SQUATS = Path(__file__).parents[1] / "recorded_events" / "squat_rendered_009.obs"
ANNA = ("--exercise", "squat", "--profile", "anna")


def sessions(home: Path) -> list[Path]:
    return sorted((home / "data" / "sessions").iterdir())


def about(session: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((session / layout.DOCUMENT).read_text(encoding="utf-8"))
    return told


class Evening:
    """A live run of six squats, and after it a recorded one of the same lifter, with its video. Home and recording have
    names with spaces and umlauts."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "Jörgs Übungen"
        self.home.mkdir()
        assert lifted(self.home, observations(SQUAT_OBSERVATIONS, times=3)[::2], *ANNA).status == 0
        clip = cut(SQUATS, self.home / "Kniebeuge früh.mp4", 0.0, 4.2, every=2)
        run_well("replay", clip, *ANNA, "--record", "--fast", home=self.home)
        self.plain, self.recorded = sorted(sessions(self.home), key=lambda one: (one / layout.VIDEO).exists())


@pytest.fixture(scope="module")
def evening(tmp_path_factory) -> Evening:
    return Evening(tmp_path_factory.mktemp("evening"))


def test_a_session_with_a_video_is_run_again_to_the_byte_wherever_it_lies(evening, tmp_path):
    """A busy machine leaves pictures of the video out, and says how many; the others are at the times of their
    observations."""
    kept = about(evening.recorded)
    end = kept["end"]
    assert kept["source"]["name"] == "Kniebeuge früh.mp4"
    with av.open(str(evening.recorded / layout.VIDEO)) as video:
        times_s = [frame.time for frame in video.decode(video=0)]
    assert len(times_s) == end["video"]["frames"]
    assert len(times_s) + end["video"]["left_out"] == end["frames"]["read"] == 63
    assert times_s[-1] == pytest.approx(end["duration_s"], abs=0.5)
    moved = shutil.copytree(evening.recorded, tmp_path / "Sätze von heute")
    outcome = run("replay", moved, "--fast", home=tmp_path)
    assert re.search(r"identical to the live session, byte for byte: 1 rep, \d+ cue", outcome.stdout)


def test_the_second_session_was_judged_by_the_reps_of_the_first_session(evening):
    kept = about(evening.recorded)["reference"]
    assert kept == sorted(path.name for path in (evening.recorded / layout.REFERENCE).iterdir())
    assert len(kept) >= 3
    assert [rep["rep"]["reference"] for rep in lines(evening.recorded / layout.REPS)] == ["own"]


def test_replay_of_a_session_keeps_nothing(evening):
    profile = evening.home / "data" / "profiles"
    before = sorted(profile.rglob("*")), sessions(evening.home)
    run("replay", "last", "--speed", "16", "--no-window", "--mute", home=evening.home)
    assert (sorted(profile.rglob("*")), sessions(evening.home)) == before


def test_compare_says_what_would_be_judged_otherwise_and_why(evening):
    outcome = run("replay", evening.plain, "--compare", home=evening.home)
    assert re.search(r"identical to the live session, byte for byte: \d+ reps, \d+ cues", outcome.stdout)
    outcome = run("replay", evening.plain, "--compare", "--exercise", "deadlift", home=evening.home)
    assert "(exercise deadlift now)" in outcome.stdout
    assert "set 1, rep 1 at " in outcome.stdout


def test_the_set_goes_on_where_no_session_can_be_kept(tmp_path):
    place = tmp_path / "data"
    place.mkdir(parents=True)
    (place / "sessions").write_text("in the way")
    squats = (SQUAT_OBSERVATIONS, "--exercise", "squat")
    outcome = run_well("replay", *squats, "--record", "--fast", "--no-learn", home=tmp_path)
    assert "no session can be recorded" in outcome.stderr
    assert "2 reps" in outcome.stdout


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("replay", "{}", "--fast", "--events"), layout.OBSERVATIONS),
        (("analyze", "{}", "--annotated"), layout.VIDEO),
        (("history", "--json"), layout.REPS),
    ],
)
def test_nothing_is_written_over_a_session(tmp_path, arguments, name):
    session = a_session(tmp_path, name="session", video=True)
    before = (session / name).read_bytes()
    outcome = run(*(argument.format(session) for argument in arguments), session / name, home=tmp_path)
    assert outcome.returncode == OutputError.exit_code
    assert outcome.stderr.count("\n") == 1
    assert "Choose another place with --" in outcome.stderr
    assert (session / name).read_bytes() == before


def test_standards_chosen_in_a_session_hold_again_unless_other_standards_are_named(tmp_path):
    seen = observations(HIGH_SQUATS)
    unchecked = StandardsEvent(t_s=seen[0].t_s, standards=Standards(depth="none"), frame=seen[0].index)
    session = a_session(tmp_path, observations=seen, events=[unchecked])

    def verdicts(*options: str) -> set[str]:
        outcome = run("replay", session, "--fast", "--events", "-", *options, home=tmp_path)
        reps = [event["rep"] for event in map(json.loads, outcome.stdout.splitlines()) if event["event"] == "rep"]
        assert reps
        return {result["verdict"] for rep in reps for result in rep["standards"]}

    assert verdicts() == set()
    assert verdicts("--depth", "parallel") == {"missed", "close"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("live", "--no-window", "--record", "--no-session"), "exclude each other"),
        (("replay", DEMO, "--compare"), "works with sessions only"),
        (("live", "--camera", "http://127.0.0.1:9/none", "--load", "heavy"), "'heavy' is not a load. Write 100, 102.5"),
    ],
)
def test_wrong_options_are_reported_before_anything_is_opened(evening, arguments, why):
    outcome = run(*arguments, home=evening.home)
    assert outcome.returncode == 2
    assert why in " ".join(outcome.stderr.split())
