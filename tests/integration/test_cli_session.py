"""Sessions as a lifter has them: kept by `live`, run again by `replay`, told of when they were cut off."""

import json
import os
import re
import shutil
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import pytest
from builders.command import CLIPS, DEMO, SQUAT_OBSERVATIONS, Running, run, running
from builders.mjpeg_server import MjpegServer, two_squats
from builders.sessions import a_session

from livecoach.documents import StandardsEvent
from livecoach.errors import OutputError, SourceError
from livecoach.run.every_frame import frames
from livecoach.session import layout
from livecoach.source.stored import StoredObservations
from livecoach.types import Standards

SQUATS = CLIPS / "squat_2.mp4"
HIGH_SQUATS = Path(__file__).parents[1] / "recorded_events" / "squat_rendered_009.obs"
SILENT = ("--no-window", "--mute", "--events", "-")


@pytest.fixture(scope="module")
def camera() -> Iterator[MjpegServer]:
    with two_squats() as server:
        yield server


def live(camera: MjpegServer, *options: str) -> tuple[str, ...]:
    return ("live", "--camera", camera.url, "--exercise", "squat", "--profile", "anna", *SILENT, *options)


def sessions(home: Path) -> list[Path]:
    """Folders of all sessions of a home, the oldest first."""
    place = home / "share" / "livecoach" / "sessions"
    return sorted(place.iterdir()) if place.is_dir() else []


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def about(session: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((session / layout.DOCUMENT).read_text())
    return told


def is_rep(event: dict[str, Any]) -> bool:
    return event["event"] == "rep"


def without_latency(events: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    return [{**event, "latency_ms": None} for event in events if event["event"] in kinds]


def is_learned(event: dict[str, Any]) -> bool:
    """As many good reps are known as a profile keeps."""
    return event["event"] == "learning" and event["have"] >= 3


class Evening:
    """Two runs in front of a camera, the second with the video; what each of them told, and its session."""

    def __init__(self, home: Path, camera: MjpegServer) -> None:
        self.home = home
        self.first, self.first_said = self._lifted(live(camera), home / "first", is_learned)
        self.second, self.second_said = self._lifted(live(camera, "--record"), home / "second", is_rep)
        self.plain, self.recorded = sessions(home)

    def _lifted(
        self, arguments: tuple[str, ...], stderr: Path, enough: Callable[[dict[str, Any]], object]
    ) -> tuple[Running, str]:
        """Three reps, and what else is enough if it was not yet: a busy machine learns from fewer."""
        with running(*arguments, home=self.home, stderr=stderr) as lifting:
            for _ in range(3):
                lifting.event(is_rep)
            if not any(map(enough, lifting.seen)):
                lifting.event(enough)
            assert lifting.end(signal.SIGINT) == 130
        return lifting, stderr.read_text()


@pytest.fixture(scope="module")
def evening(tmp_path_factory, camera) -> Evening:
    return Evening(tmp_path_factory.mktemp("home"), camera)


def test_live_keeps_what_was_seen_and_told_but_no_picture(evening):
    """By default; its folder says so."""
    names = {path.name for path in evening.plain.iterdir()}
    assert names == {layout.DOCUMENT, layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS, layout.LOG}
    kept = about(evening.plain)
    assert (kept["exercise"], kept["profile"], kept["end"]["early"]) == ("squat", "anna", False)
    assert kept["end"]["video"] is None
    assert kept["end"]["frames"] == evening.first.seen[-1]["frames"]


def test_reps_and_cues_are_those_that_were_told(evening):
    """Each in its file, but for how long it took."""
    for running_, session in ((evening.first, evening.plain), (evening.second, evening.recorded)):
        assert lines(session / layout.REPS) == without_latency(running_.seen, "rep")
        assert lines(session / layout.CUES) == without_latency(running_.seen, "cue")


def test_the_end_says_where_the_session_lies(evening):
    """And what shows it."""
    name = evening.recorded.name
    assert f"session: {evening.recorded}" in evening.second_said
    assert f"`livecoach report {name} --open`" in evening.second_said


def test_the_log_has_how_long_it_took(evening):
    """Each rep and cue, by the clock on the wall."""
    told = (evening.recorded / layout.LOG).read_text().splitlines()
    reps = [line for line in told if " rep at " in line]
    assert len(reps) == len(lines(evening.recorded / layout.REPS))
    assert all(re.match(r"\d{4}-\d{2}-\d{2} .* rep at \d+\.\d{2} s, \d+ ms after its frame", line) for line in reps)


@pytest.mark.parametrize("which", ["plain", "recorded"])
def test_run_again_it_gives_the_same_reps_verdicts_and_cues_to_the_byte(evening, which):
    """From the recorded observations alone, with the reference of then, though the profile has gone on since."""
    session = getattr(evening, which)
    outcome = run("replay", session.name, "--fast", "--events", "-", home=evening.home)
    assert outcome.returncode == 0, outcome.stderr
    told = outcome.stdout.splitlines(keepends=True)
    for kind, name in (("rep", layout.REPS), ("cue", layout.CUES)):
        of_kind = "".join(line for line in told if f'"event": "{kind}"' in line)
        assert of_kind.encode() == (session / name).read_bytes()
    assert "identical to the live session, byte for byte: " in outcome.stderr


def test_the_second_session_was_judged_by_the_first_ones_reps(evening):
    """They lie beside it, so that this can be done again."""
    kept = about(evening.recorded)["reference"]
    assert kept == sorted(path.name for path in (evening.recorded / layout.REFERENCE).iterdir())
    assert len(kept) >= 3
    assert "own" in {rep["rep"]["reference"] for rep in lines(evening.recorded / layout.REPS)}


def test_the_video_has_the_frames_at_the_times_of_their_observations(evening):
    """All of them, or as many fewer as it says."""
    end = about(evening.recorded)["end"]
    with av.open(str(evening.recorded / layout.VIDEO)) as video:
        times_s = [frame.time for frame in video.decode(video=0)]
    assert len(times_s) == end["video"]["frames"]
    assert len(times_s) + end["video"]["left_out"] == end["frames"]["read"]
    assert times_s[-1] == pytest.approx(end["duration_s"], abs=0.5)


def test_it_is_readable_by_its_owner_alone(evening):
    """Each folder and each file."""
    place = evening.home / "share" / "livecoach"
    for folder, _, names in os.walk(place / "sessions"):
        assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
        assert {stat.S_IMODE((Path(folder) / name).stat().st_mode) for name in names} <= {0o600}


def test_replay_of_a_session_keeps_nothing(evening):
    """Neither in the profile, nor as a session."""
    profile = evening.home / "share" / "livecoach" / "profiles"
    before = sorted(profile.rglob("*")), sessions(evening.home)
    run("replay", "last", "--fast", home=evening.home)
    run("replay", "last", "--speed", "16", "--no-window", "--mute", home=evening.home)
    assert (sorted(profile.rglob("*")), sessions(evening.home)) == before


def test_compare_says_what_would_be_judged_otherwise(evening, tmp_path):
    """By what is installed now: here as then; and beside a record that says otherwise, each difference."""
    outcome = run("replay", evening.plain, "--compare", home=evening.home)
    assert re.search(r"identical to the live session, byte for byte: \d+ reps, \d+ cues", outcome.stdout)
    changed = tmp_path / evening.plain.name
    shutil.copytree(evening.plain, changed)
    reps = lines(changed / layout.REPS)
    reps[0]["rep"]["verdict"], reps[0]["rep"]["score"] = "anomalous", 1.25
    (changed / layout.REPS).write_text("".join(json.dumps(rep, ensure_ascii=False) + "\n" for rep in reps[:1]))
    outcome = run("replay", changed, "--compare", home=evening.home)
    assert outcome.returncode == 0, outcome.stderr
    assert "rep 1/1 at " in outcome.stdout
    assert "anomalous (1.25) then, " in outcome.stdout
    assert "not counted then, " in outcome.stdout


def test_no_session_keeps_nothing(tmp_path, camera):
    """Not even a folder."""
    with running(*live(camera, "--no-session"), home=tmp_path, stderr=tmp_path / "stderr") as lifting:
        lifting.event(is_rep)
        lifting.end(signal.SIGINT)
    assert sessions(tmp_path) == []
    assert "session:" not in (tmp_path / "stderr").read_text()


def test_record_and_no_session_exclude_each_other(tmp_path):
    """Said before anything is opened."""
    outcome = run("live", "--record", "--no-session", home=tmp_path)
    assert outcome.returncode == 2
    assert "exclude each other" in outcome.stderr


def test_two_at_once_have_a_session_each(tmp_path, camera):
    """Begun in the same second, as may be."""
    with (
        running(*live(camera), home=tmp_path, stderr=tmp_path / "one") as one,
        running(*live(camera), home=tmp_path, stderr=tmp_path / "two") as two,
    ):
        for lifting in (one, two):
            lifting.event(is_rep)
        for lifting in (one, two):
            assert lifting.end(signal.SIGINT) == 130
    kept = sessions(tmp_path)
    assert len(kept) == 2
    assert [about(session)["end"]["early"] for session in kept] == [False, False]


def test_a_killed_session_is_kept_and_told_of_by_the_next_command(tmp_path, camera):
    """Once; it is run again like any other."""
    with running(*live(camera, "--record"), home=tmp_path, stderr=tmp_path / "stderr") as lifting:
        told = [lifting.event(is_rep) for _ in range(2)]
        lifting.process.kill()
        lifting.process.wait()
    (session,) = sessions(tmp_path)
    outcome = run("exercises", home=tmp_path)
    assert f"session {session.name} was cut off after " in outcome.stderr
    assert "It is saved" in outcome.stderr
    assert run("exercises", home=tmp_path).stderr == ""
    kept = lines(session / layout.REPS)
    assert kept[: len(told)] == without_latency(told, "rep")[: len(kept)]
    assert len(kept) >= len(told) - 1
    end = about(session)["end"]
    assert end["early"]
    assert end["duration_s"] >= told[-1]["t_s"] - 1.0
    outcome = run("replay", "last", "--fast", home=tmp_path)
    assert "identical to the live session, byte for byte" in outcome.stdout


def test_the_set_goes_on_where_no_session_can_be_kept(tmp_path):
    """Here a file stands in the folder's place."""
    place = tmp_path / "share" / "livecoach"
    place.mkdir(parents=True)
    (place / "sessions").write_text("in the way")
    squats = (SQUAT_OBSERVATIONS, "--exercise", "squat")
    outcome = run("replay", *squats, "--record", "--fast", "--no-learn", home=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert "no session can be recorded" in outcome.stderr
    assert "2 reps" in outcome.stdout


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("replay", "yesterday"), "yesterday: there is no session yet. `livecoach live` records one."),
        (("replay", "."), ".: not a session, which contains session.json. `livecoach sessions` lists the sessions."),
        (("replay", "set1.mp4"), "set1.mp4: no such file. Check the path."),
    ],
)
def test_what_is_no_session_is_said(tmp_path, given, why):
    """In one line."""
    outcome = run(*given, "--fast", home=tmp_path)
    assert outcome.returncode == SourceError.exit_code
    assert outcome.stderr == f"livecoach: {why}\n"


@pytest.mark.parametrize("name", [layout.REPS, layout.OBSERVATIONS, layout.DOCUMENT, layout.VIDEO])
@pytest.mark.parametrize(
    "arguments",
    [("replay", "{}", "--fast", "--events"), ("sessions", "show", "{}", "--json"), ("history", "--json")],
)
def test_nothing_is_written_over_a_session(tmp_path, arguments, name):
    """Whatever command is told to."""
    session = a_copy(tmp_path / "session")
    before = (session / name).read_bytes()
    outcome = run(*(argument.format(session) for argument in arguments), session / name, home=tmp_path)
    assert outcome.returncode == OutputError.exit_code
    assert outcome.stderr.count("\n") == 1
    assert "Choose another place with --" in outcome.stderr
    assert (session / name).read_bytes() == before


def test_other_options_are_named_as_the_reason(evening):
    """Not the model, which is that of then."""
    outcome = run("replay", evening.plain, "--compare", "--exercise", "deadlift", home=evening.home)
    assert "(exercise deadlift now)" in outcome.stdout


def test_standards_that_were_chosen_in_a_session_hold_again_unless_others_are_given(tmp_path):
    with closing(StoredObservations(HIGH_SQUATS)) as source:
        seen = [frame.observation for frame in frames(source)]
    unchecked = StandardsEvent(t_s=seen[0].t_s, standards=Standards(depth="none"), frame=seen[0].index)
    session = a_session(tmp_path, observations=seen, events=[unchecked])

    def verdicts(*options: str) -> set[str]:
        outcome = run("replay", session, "--fast", "--events", "-", *options, home=tmp_path)
        reps = [event["rep"] for event in map(json.loads, outcome.stdout.splitlines()) if event["event"] == "rep"]
        assert reps
        return {result["verdict"] for rep in reps for result in rep["standards"]}

    assert verdicts() == set()
    assert verdicts("--depth", "parallel") == {"missed", "close"}


@pytest.mark.parametrize("option", ["--fast", "--compare", "--no-window", "--record"])
def test_what_has_no_window_is_not_looped(tmp_path, option):
    """Said, not passed over."""
    outcome = run("replay", OLD, "--loop", option, home=tmp_path)
    assert outcome.returncode == 2
    assert "--loop needs the window" in outcome.stderr


def test_loop_and_compare_are_for_sessions(tmp_path):
    """A file keeps no verdicts."""
    for option in ("--loop", "--compare"):
        outcome = run("replay", DEMO, option, home=tmp_path)
        assert outcome.returncode == 2
        assert "work with sessions only" in outcome.stderr


OLD = Path(__file__).parents[1] / "old_sessions" / "2026-11-20_23-50-00-squat"


def a_copy(folder: Path) -> Path:
    """A session that may be damaged."""
    shutil.copytree(OLD, folder)
    return folder


def test_names_with_spaces_and_umlauts_are_as_good_as_others(tmp_path):
    """Of the home, the recording and the session's folder."""
    home = tmp_path / "Jörgs Übungen"
    home.mkdir()
    clip = shutil.copy(SQUATS, home / "Kniebeugen früh.mp4")
    outcome = run("replay", clip, "--exercise", "squat", "--record", "--fast", "--no-learn", home=home)
    assert outcome.returncode == 0, outcome.stderr
    (session,) = sessions(home)
    assert about(session)["source"]["name"] == "Kniebeugen früh.mp4"
    video = about(session)["end"]["video"]
    assert video["frames"] + video["left_out"] == 208  # a busy machine leaves some out, and says so
    moved = shutil.move(session, home / "Sätze von heute")
    outcome = run("replay", moved, "--fast", home=home)
    assert re.search(r"identical to the live session, byte for byte: 2 reps, \d+ cues", outcome.stdout)


def test_a_newer_session_is_refused_in_one_line(tmp_path):
    """And left as it is."""
    session = a_copy(tmp_path / "newer")
    content = json.dumps({**about(session), "version": 9})
    (session / layout.DOCUMENT).write_text(content)
    outcome = run("replay", session, "--fast", home=tmp_path)
    assert outcome.returncode == SourceError.exit_code
    assert outcome.stderr.count("\n") == 1
    assert "written by a newer livecoach (version 9 of the format)" in outcome.stderr
    assert (session / layout.DOCUMENT).read_text() == content


@pytest.mark.parametrize("name", [layout.DOCUMENT, layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS])
@pytest.mark.parametrize("how", ["cut", "flipped", "gone"])
def test_a_damaged_file_is_told_and_the_rest_is_run_again(tmp_path, name, how):
    """Cut in the middle, a bit flipped, or not there: no traceback, and nothing is written over."""
    session = a_copy(tmp_path / "damaged")
    path = session / name
    content = bytearray(path.read_bytes())
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "gone":
        path.unlink()
    else:
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
    before = {file: file.read_bytes() for file in session.rglob("*") if file.is_file()}
    outcome = run("replay", session, "--fast", home=tmp_path)
    assert "Traceback" not in outcome.stderr
    told = [line for line in outcome.stderr.splitlines() if str(session) in line]
    assert outcome.returncode == 0 or (len(told) == 1 and outcome.returncode == SourceError.exit_code)
    assert "2 reps" in outcome.stdout or name == layout.OBSERVATIONS
    assert {file: file.read_bytes() for file in session.rglob("*") if file.is_file()} == before


def test_a_session_is_found_by_its_name_though_that_has_a_point(tmp_path):
    """The second one of a second has."""
    place = tmp_path / "share" / "livecoach" / "sessions"
    place.mkdir(parents=True)
    a_copy(place / f"{OLD.name}.2")
    a_copy(place / "2026-11-01 Früh.mit Anna")
    for name in (f"{OLD.name}.2", "2026-11-20", "2026-11-01 Früh.mit Anna", "last"):
        outcome = run("replay", name, "--fast", home=tmp_path)
        assert "2 reps" in outcome.stdout, outcome.stderr
