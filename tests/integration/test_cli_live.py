"""`livecoach live` on a camera that goes away and comes back, ended by a signal, and started again."""

import errno
import json
import os
import shutil
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from builders.command import lines, run, run_well
from builders.live_run import GONE
from builders.observations import a_squat
from builders.simulated_live import Lifted, later, lifted
from builders.systems import mode_of

from livecoach.core.config.paths import models_dir
from livecoach.records.session import layout

SQUAT = ("--exercise", "squat", "--profile", "anna")
SEEN = a_squat(reps=6, fps=15.0)
BEFORE_S, GAP_S = 10.0, 4.0
"""How long the camera shows the set before it is gone, and for how long it is."""
INTERRUPT = partial(signal.raise_signal, signal.SIGINT)


@pytest.fixture(scope="module")
def evening(home) -> Lifted:
    """The one run that most tests look at: the camera goes away in the set, and Ctrl-C ends it."""
    before = [one for one in SEEN if one.t_s < BEFORE_S]
    return lifted(home, [*before, GONE, *later(SEEN[len(before) :], GAP_S), INTERRUPT], *SQUAT)


def session_of(home: Path) -> Path:
    (folder,) = (home / "data" / "sessions").iterdir()
    return folder


def learned(home: Path) -> int:
    known = run("config", "profiles", home=home).stdout.partition(": squat, ")[2]
    return int(known.partition(" rep")[0] or 0)


def without_latency(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**event, "latency_ms": None} for event in events]


def test_both_ends_of_a_gap_are_events_and_reps_go_on_after_it(evening):
    kinds = [(event["warning"], event["active"]) for event in evening.of("warning")]
    assert kinds.count(("camera_lost", True)) == kinds.count(("camera_lost", False)) == 1
    times_s = [event["t_s"] for event in evening.events]
    assert times_s == sorted(times_s)
    reps = [event["rep"] for event in evening.of("rep")]
    assert [rep["index"] for rep in reps] == list(range(1, len(reps) + 1))
    assert any(rep["end_s"] <= BEFORE_S for rep in reps)
    assert any(rep["start_s"] >= BEFORE_S + GAP_S for rep in reps)
    assert all(event["latency_ms"] > 0 for event in evening.of("rep"))


def test_ctrl_c_ends_a_run_with_a_summary(evening):
    assert evening.status == 130
    end = evening.events[-1]
    assert (end["event"], end["reps"]) == ("session_end", len(evening.of("rep")))
    assert end["frames"] == {"read": len(SEEN), "with_pose": len(SEEN), "dropped": 0, "lost": 0}
    assert f"{end['reps']} reps:" in evening.stdout
    assert " · squat · anna\n" in evening.stdout
    assert evening.said.splitlines()[0] == "livecoach: profile anna: new"


def test_live_keeps_observations_and_events_but_no_picture(evening, home):
    session = session_of(home)
    names = {path.name for path in session.iterdir()}
    assert names == {layout.DOCUMENT, layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS, layout.LOG}
    kept = json.loads((session / layout.DOCUMENT).read_text())
    assert (kept["exercise"], kept["profile"], kept["end"]["early"]) == ("squat", "anna", False)
    assert (kept["end"]["video"], kept["recognisable"], len(kept["pose_sha256"])) == (None, [], 64)
    assert kept["model"]["pose"] == "lite"
    assert kept["end"]["frames"] == evening.events[-1]["frames"]
    assert lines(session / layout.REPS) == without_latency(evening.of("rep"))
    assert lines(session / layout.CUES) == without_latency(evening.of("cue"))
    assert f"session: {session}" in evening.said
    assert f"`livecoach report {session.name} --open`" in evening.said


@pytest.mark.usefixtures("evening")
def test_a_session_is_readable_by_its_owner_alone(home):
    kept = list((home / "data").glob("sessions/**/*"))
    assert {(path.is_dir(), mode_of(path)) for path in kept} == {(True, 0o700), (False, 0o600)}


@pytest.mark.usefixtures("evening")
def test_a_session_run_again_gives_the_same_reps_verdicts_and_cues_to_the_byte(home):
    """From the recorded observations alone, with the reference of then, though the profile has learned since."""
    session = session_of(home)
    outcome = run_well("replay", "last", "--fast", "--events", "-", home=home)
    told = outcome.stdout.splitlines(keepends=True)
    for kind, name in (("rep", layout.REPS), ("cue", layout.CUES)):
        of_kind = "".join(line for line in told if f'"event": "{kind}"' in line)
        assert of_kind.encode() == (session / name).read_bytes()
    assert "identical to the live session, byte for byte: " in outcome.stderr


def test_a_signal_ends_a_set_with_all_that_was_counted_and_learned(tmp_path):
    middle = len(SEEN) * 11 // 12
    lifting = lifted(tmp_path, [*SEEN[:middle], partial(signal.raise_signal, signal.SIGTERM), *SEEN[middle:]], *SQUAT)
    assert lifting.status == 128 + signal.SIGTERM
    assert "Traceback" not in lifting.said
    assert lifting.events[-1]["event"] == "session_end"
    assert len(lifting.of("rep")) >= 5
    assert lines(session_of(tmp_path) / layout.REPS) == without_latency(lifting.of("rep"))
    assert learned(tmp_path) >= 3


def test_a_network_folder_that_goes_away_costs_no_summary(tmp_path, monkeypatch):
    """Nothing that asks for the session's folder gets an answer any more."""
    ask = os.stat

    def stale(place, **how):
        if "sessions" in str(place):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(place))
        return ask(place, **how)

    lifting = lifted(tmp_path, [*SEEN[:30], partial(monkeypatch.setattr, os, "stat", stale)], *SQUAT)
    assert lifting.status == 0
    assert "can't be found any more" in lifting.said


def test_options_change_one_run_and_no_settings(tmp_path):
    """The next run has the settings: it recognises the exercise, and its lifter is the one who always lifts here."""
    lifted(tmp_path, SEEN[:30], *SQUAT)
    again = lifted(tmp_path, SEEN[:30])
    assert (again.events[0]["exercise"], again.events[0]["profile"]) == ("auto", "me")
    assert again.said.splitlines()[0] == "livecoach: profile me: new"
    assert not (tmp_path / "config").exists()


def test_a_run_without_a_session_teaches_nothing(tmp_path):
    lifting = lifted(tmp_path, SEEN, "--exercise", "squat", "--no-session", "--learn")
    assert len(lifting.of("rep")) == 6
    assert not list((tmp_path / "data").glob("*"))
    assert "profile me: new, it learns nothing from this run" in lifting.said


def test_a_camera_has_its_number_by_the_name_of_its_device_too(tmp_path):
    outcome = run("live", "--camera", "/dev/video4711", "--no-window", home=tmp_path)
    assert "camera 4711" in outcome.stderr


def test_a_folder_without_a_whole_model_is_refused_before_a_camera_is_opened(tmp_path: Path) -> None:
    (shutil.copytree(models_dir() / "squat", tmp_path / "model") / "stage.json").write_text("{}")
    done = run("live", "--camera", "99", "--no-window", "--model", tmp_path / "model", home=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (6, "", 1)
    assert "stage.json: differs from the digest" in done.stderr
